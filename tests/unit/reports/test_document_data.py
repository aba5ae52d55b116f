"""Which runs stand in one table: by the report's order, and by what they read, which the heading
says.
"""

import io
import random
import re
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from helpers.factory import SUBMITTED, alice_trial, preset, sunspots_trial, write_run
from helpers.store import LENGTH, TABLE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.library import SeriesLibrary
from engine.data.texts import REPORT_DIGEST
from engine.host.home import Home
from engine.reports.document import in_report_order, provenance_table, tables_of
from engine.reports.formats import FORMATS, Format, render_document
from engine.reports.iterations import Iterations
from engine.reports.json_records import describe_run
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.trials.data_options import SeriesReading
from engine.trials.trial import DataReference, ForecastTrial, trial_for
from presets import load

OTHER_TEXT = DataReference(name="mine.txt", sha256="0" * 64, file="/data/mine.txt")


def snapshots(*runs: Run) -> list[Snapshot]:
    return [Snapshot.of(run) for run in runs]


def on_series(home: Home, text: str, number: int = 5, **settings: object) -> ForecastTrial:
    """Return a trial on the series that a person means by ``text``."""
    reference = SeriesLibrary(home).resolve(text).reference
    trial = trial_for(
        preset(f"sunspots/{number}"), reference, settings={"time_steps": 3, **settings}
    )
    assert isinstance(trial, ForecastTrial)
    return trial


# The order.


def test_runs_come_by_kind_number_and_seed(home: Home) -> None:
    runs = snapshots(
        write_run(home, alice_trial(10, iterations=1)),
        write_run(home, sunspots_trial(10)),
        write_run(home, alice_trial(2, iterations=1)),
        write_run(home, sunspots_trial(2, seed=10)),
        write_run(home, sunspots_trial(2, seed=9)),
        write_run(home, sunspots_trial(1)),
    )
    ordered = in_report_order(runs)
    assert [(run.trial.preset, run.trial.seed) for run in ordered] == [
        ("sunspots/1", 1),
        ("sunspots/2", 9),
        ("sunspots/2", 10),
        ("sunspots/10", 1),
        ("alice/2", 1),
        ("alice/10", 1),
    ]
    table, *texts = tables_of(runs)
    assert [row[0] for row in table.rows] == [
        "sunspots/1, seed 1", "sunspots/2, seed 9", "sunspots/2, seed 10", "sunspots/10, seed 1",
    ]  # fmt: skip
    assert [text.title.split(" ")[0] for text in texts] == ["alice/2", "alice/10"]
    assert [row[0] for row in provenance_table(ordered).rows] == [run.run.id for run in ordered]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15
)
@given(
    st.lists(
        st.tuples(st.sampled_from([each.id for each in load()]), st.integers(0, 12)),
        min_size=1,
        max_size=8,
        unique=True,
    ),
    st.randoms(use_true_random=False),
)
def test_a_document_does_not_depend_on_the_order_in_which_runs_were_made_or_given(
    home: Home, asked: list[tuple[str, int]], chance: random.Random
) -> None:
    made = []
    for number, (name, seed) in enumerate(asked):
        kind, _slash, which = name.partition("/")
        trial = (
            sunspots_trial(int(which), seed=seed)
            if kind == "sunspots"
            else alice_trial(int(which), seed=seed)
        )
        submitted = SUBMITTED + timedelta(minutes=chance.randrange(100))
        made.append(
            write_run(
                home,
                trial,
                end=None,
                epochs=1,
                iterations=0,
                run_id=f"r-{number}",
                submitted=submitted,
            )
        )
    runs = snapshots(*made)
    ids = [each.id for each in load()]
    expected = sorted(asked, key=lambda one: (ids.index(one[0]), one[1]))
    chance.shuffle(runs)
    frame = pd.read_csv(io.StringIO(render_document(runs, FORMATS["csv"])))
    assert list(zip(frame["preset"], frame["seed"], strict=True)) == expected


# What was read.


@pytest.fixture
def rain(tmp_path: Path) -> Path:
    path = tmp_path / "rain.csv"
    path.write_text(TABLE)
    return path


def test_forecasts_of_another_series_are_a_table_of_their_own_without_published_figures(
    home: Home, rain: Path
) -> None:
    runs = snapshots(
        write_run(home, on_series(home, f"{rain}:Rain")),
        write_run(home, sunspots_trial(5)),
        write_run(home, on_series(home, f"{rain}:Sun", 7)),
        write_run(home, on_series(home, f"{rain}:2", 6)),
    )
    report, first, second = tables_of(runs)
    assert (report.title, len(report.rows)) == ("Sunspots", 1)
    assert report.columns[-2:] == ("Published train", "Published test")
    assert (first.title, second.title) == (
        "Rain (rain.csv:2), forecasts",
        "Sun (rain.csv:3), forecasts",
    )
    assert [row[0] for row in first.rows] == [
        "sunspots/5 (time_steps 10 → 3)",
        "sunspots/6 (time_steps 10 → 3)",
    ]
    for table in (first, second):
        assert table.columns[-1] == "Test RMSE"
        assert {len(row) for row in table.rows} == {len(table.columns)}
        assert max(table.numeric) < len(table.columns)
    # No figure that was published of the preset stands anywhere in it.
    alone = render_document([runs[0]])
    assert "ublished" not in alone
    assert not re.search(r"0\.060|0\.079", alone.replace(f"{LENGTH}", ""))


def test_the_same_values_by_another_name_are_the_same_series(home: Home, rain: Path) -> None:
    SeriesLibrary(home).add("weather", rain, "Rain")
    (table,) = tables_of(
        snapshots(
            write_run(home, on_series(home, f"{rain}:Rain")),
            write_run(home, on_series(home, "weather", 6)),
        )
    )
    assert (table.title, len(table.rows)) == ("Rain (rain.csv:2), forecasts", 2)


def test_a_series_that_is_read_otherwise_is_another(home: Home, rain: Path) -> None:
    usual = on_series(home, f"{rain}:Rain")
    reading = SeriesReading(missing=(-9999.0, 0.5), steps="count")
    otherwise = usual.model_copy(
        update={"data": usual.data.model_copy(update={"reading": reading})}
    )
    runs = snapshots(write_run(home, usual), write_run(home, otherwise, end=None, epochs=0))
    assert [table.title for table in tables_of(runs)] == [
        "Rain (rain.csv:2), forecasts",
        "rain.csv:2, missing -9999 0.5, steps count, forecasts",
    ]
    asked = [describe_run(run)["data"]["reading"] for run in runs]
    assert asked[0] == {
        "missing": [],
        "steps": "dates",
        "decimal": "auto",
        "thousands": "auto",
        "gaps": "refuse",
    }
    assert asked[1] == asked[0] | {"missing": [-9999.0, 0.5], "steps": "count"}
    frame = pd.read_csv(io.StringIO(render_document(runs, FORMATS["csv"])))
    assert list(frame["data_name"]) == ["rain.csv"] * 2
    assert list(frame["data_column"]) == [2, 2]
    assert list(frame["data_reading_steps"]) == ["dates", "count"]
    assert list(frame["data_reading_missing"].fillna("")) == ["", "-9999 0.5"]


def test_a_series_that_is_cut_is_another(home: Home) -> None:
    titles = [
        table.title
        for table in tables_of(
            snapshots(
                write_run(home, on_series(home, "sunspots")),
                write_run(home, on_series(home, "sunspots@1950")),
                write_run(home, on_series(home, "sunspots@1900-06")),
            )
        )
    ]
    assert titles == ["Sunspots", "sunspots@1950, forecasts", "sunspots@1900-06, forecasts"]


def test_a_queued_forecast_stands_with_those_of_its_series(home: Home, rain: Path) -> None:
    queued = write_run(home, on_series(home, f"{rain}:Rain", 4), end=None, epochs=0)
    (alone,) = tables_of(snapshots(queued))
    assert (alone.title, alone.rows[0][-1]) == ("rain.csv:2, forecasts", "INTERRUPTED")
    (table,) = tables_of(snapshots(queued, write_run(home, on_series(home, f"{rain}:Rain"))))
    assert (table.title, len(table.rows)) == ("Rain (rain.csv:2), forecasts", 2)


def test_a_text_s_table_is_headed_by_what_was_read(home: Home) -> None:
    own, other = (
        write_run(home, alice_trial(1, iterations=2), run_id="own"),
        write_run(home, alice_trial(1, iterations=2, data=OTHER_TEXT), run_id="other"),
    )
    replaced = write_run(home, alice_trial(1, iterations=2), run_id="replaced")
    path = replaced.directory / "result.json"
    path.write_text(path.read_text().replace(REPORT_DIGEST, "1" * 64))
    tables = {table.title: table for table in tables_of(snapshots(own, other, replaced))}
    assert list(tables) == [
        "mine.txt, letters ascii: alice/1 (iterations 25 → 2), seed 1",
        "alice/1 (iterations 25 → 2), seed 1",
        "alice (not the report's text): alice/1 (iterations 25 → 2), seed 1",
    ]
    assert ["Published loss" in table.columns for table in tables.values()] == [False, True, False]
    for verdicts in (False, True):
        for table in tables_of(snapshots(own, other, replaced), verdicts=verdicts):
            assert {len(row) for row in table.rows} == {len(table.columns)}
            assert ("Verdict" in table.columns) == (verdicts and table.title.startswith("alice/1"))


@pytest.mark.parametrize("output", FORMATS.values(), ids=list(FORMATS))
def test_data_of_any_name_are_in_every_format(home: Home, rain: Path, output: Format) -> None:
    runs = snapshots(
        write_run(home, on_series(home, f"{rain}:Rain")),
        write_run(home, alice_trial(1, iterations=1, data=OTHER_TEXT)),
    )
    text = render_document(runs, output, iterations=Iterations.parse("published"))
    assert "rain.csv" in text
    assert "mine.txt" in text


# One digest.


def test_the_digest_in_a_table_is_the_file_s(home: Home, rain: Path) -> None:
    trial = on_series(home, f"{rain}:Rain")
    waiting = write_run(home, on_series(home, f"{rain}:Sun"), end=None, epochs=0)
    rows = provenance_table(snapshots(write_run(home, trial), waiting)).rows
    assert [row[3] for row in rows] == [f"rain.csv:{n} {trial.data.sha256[:12]}" for n in (2, 3)]
