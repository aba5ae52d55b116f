"""CSV for a program: one rectangular table that pandas reads back, with all in which two runs can
differ.
"""

import csv
import io
import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from helpers.factory import Written, alice_trial, sunspots_trial, write_run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.texts import REPORT_DIGEST
from engine.host.home import Home
from engine.reports.formats import FORMATS, render_document
from engine.reports.json_records import describe_run
from engine.runs.events import Cancelled, Failed, Finished
from engine.runs.results import ReplicateMetrics
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.trials.data_options import SeriesReading, TextPreparation
from engine.trials.trial import (
    ACTIVATIONS,
    DataReference,
    ForecastParameters,
    TextParameters,
    Trial,
    format_value,
)

RUN = ["id", "kind", "preset", "state", "seed", "replicates"]


def read_back(*runs: Run | Snapshot, verdicts: bool = False) -> pd.DataFrame:
    """Return what pandas makes of the CSV of some runs, texts kept as they are."""
    snapshots = [run if isinstance(run, Snapshot) else Snapshot.of(run) for run in runs]
    written = render_document(snapshots, FORMATS["csv"], verdicts=verdicts)
    assert len({len(row) for row in csv.reader(io.StringIO(written, newline=""), strict=True)}) == 1
    frame = pd.read_csv(io.StringIO(written))
    assert frame.index.equals(pd.RangeIndex(len(frame)))
    return frame


def test_forecasts_are_a_row_each_with_the_names_and_the_numbers_of_json(home: Home) -> None:
    runs = [
        write_run(home, sunspots_trial(5, epochs=3, seed=7)),
        write_run(home, sunspots_trial(6), end=Failed(what="It broke."), epochs=2),
        write_run(home, sunspots_trial(7, epochs=3)),
    ]
    runs[2].note_file.write_text("the best")
    frame = read_back(*runs)
    assert list(frame.columns[: len(RUN)]) == RUN
    assert list(frame["id"]) == [run.id for run in runs]
    assert list(frame["state"]) == ["done", "failed", "done"]
    for row, run in zip(frame.to_dict("records"), runs, strict=True):
        described = describe_run(Snapshot.of(run))
        for name in ("seed", "replicates", "preset", "kind", "seconds"):
            assert row[name] == described[name]
        for name, value in described["parameters"].items():
            assert row[name] == (format_value(value) if name == "activation" else value)
        if row["state"] == "done":
            metrics = described["metrics"]
            for name in ("train_rmse", "test_rmse", "test_points"):
                assert row[name] == metrics[name]
            assert row["test_rmse_mean"] == metrics["test_rmse"]
            assert row["persistence_test_rmse"] == metrics["persistence"]["test_rmse"]
    assert pd.isna(frame["test_rmse"][1])
    assert list(frame["error_what"].fillna("")) == ["", "It broke.", ""]
    assert list(frame["note"].fillna("")) == ["", "", "the best"]
    assert list(frame["published_test_rmse"]) == [0.079, 0.081, 0.090]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20
)
@given(st.data())
def test_any_two_different_trials_are_different_rows(home: Home, data: st.DataObject) -> None:
    changes = st.fixed_dictionaries(
        {},
        optional={
            "epochs": st.integers(1, 4),
            "batch_size": st.integers(1, 99),
            "time_steps": st.integers(1, 30),
            "hidden_units": st.integers(1, 99),
            "activation": st.tuples(st.sampled_from(ACTIVATIONS), st.sampled_from(ACTIVATIONS)),
        },
    )
    seeds = st.integers(0, 2)
    numbers = st.integers(1, 11)
    trials = [
        sunspots_trial(
            data.draw(numbers), seed=data.draw(seeds), **{"epochs": 2, **data.draw(changes)}
        )
        for _number in range(2)
    ]
    frame = read_back(
        *(
            write_run(home, trial, run_id=f"r-{n}", epochs=1, end=None)
            for n, trial in enumerate(trials)
        )
    )
    asked = frame[["preset", "seed", *ForecastParameters.model_fields]]
    assert asked.duplicated().any() == (trials[0] == trials[1])


def test_texts_are_a_row_an_iteration_each_with_what_its_run_has(home: Home) -> None:
    first = write_run(home, alice_trial(1, iterations=3, seed=4))
    second = write_run(
        home, alice_trial(2, iterations=2, predictions=30), end=Cancelled(), iterations=1
    )
    frame = read_back(first, second)
    assert list(frame["id"]) == [*[first.id] * 3, second.id]
    assert list(frame["seed"]) == [4, 4, 4, 1]
    assert list(frame["iteration"]) == [1, 2, 3, 1]
    assert list(frame["predictions"]) == [100, 100, 100, 30]
    assert set(TextParameters.model_fields) <= set(frame.columns)
    metrics = describe_run(Snapshot.of(first))["metrics"]["iterations"]
    assert list(frame["loss"][:3]) == [done["loss"] for done in metrics]
    assert list(frame["generated"][:3]) == [done["generated"] for done in metrics]
    assert frame["published_loss"].notna().tolist() == [True, False, False, True]


def test_runs_of_both_kinds_are_one_table(home: Home) -> None:
    forecast = write_run(home, sunspots_trial(5))
    text = write_run(home, alice_trial(1, iterations=2))
    begun = write_run(home, alice_trial(3), end=None, iterations=0)
    frame = read_back(text, forecast, begun)
    assert list(frame["id"]) == [forecast.id, text.id, text.id, begun.id]
    assert list(frame["kind"]) == ["forecast", "text", "text", "text"]
    assert set(read_back(forecast).columns) | set(read_back(text).columns) == set(frame.columns)
    assert frame["test_rmse"].notna().tolist() == [True, False, False, False]
    assert frame["iteration"].notna().tolist() == [False, True, True, False]


def test_the_columns_depend_on_the_kinds_but_for_those_that_only_some_runs_have(home: Home) -> None:
    other = DataReference(name="mine.txt", sha256="0" * 64)
    for queued, done in (
        (alice_trial(4, data=other), alice_trial(1, iterations=2)),
        (sunspots_trial(4), sunspots_trial(1, epochs=2)),
    ):
        usual = list(read_back(write_run(home, queued, end=None, iterations=0, epochs=0)).columns)
        every = list(read_back(write_run(home, done)).columns)
        assert every[: len(usual)] == usual
        assert all(
            name.startswith(("provenance_versions_", "provenance_durations_"))
            for name in every[len(usual) :]
        )


# Words with all that CSV, a spreadsheet or a terminal would take for something else.
WORDS = (
    st.text(st.sampled_from("ab ,;\"'=+-@#\né"), min_size=1, max_size=9).map(str.strip).filter(bool)
)
READINGS = st.builds(
    SeriesReading,
    missing=st.lists(st.sampled_from([-9999.0, -99.99, 1e300]), unique=True).map(tuple),
    gaps=st.sampled_from(["refuse", "linear"]),
    decimal=st.sampled_from(["auto", ",", "."]),
    thousands=st.sampled_from(["auto", " ", "'"]),
)
PREPARATIONS = st.builds(
    TextPreparation,
    letters=st.sampled_from(["ascii", "all"]),
    case=st.sampled_from(["lower", "keep"]),
    lines=st.sampled_from(["join", "keep"]),
    licence=st.sampled_from(["keep", "drop"]),
)


def json_columns(value: object, keys: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Yield the columns of a JSON object as the README names them, and what it has there."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from json_columns(inner, (*keys, key))
    elif not isinstance(value, list) or (
        keys[0] != "metrics" and not any(isinstance(one, list) for one in value)
    ):
        yield "_".join(key for key in keys if key not in ("parameters", "metrics")), value


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.data())
def test_every_scalar_of_the_json_object_is_in_its_column(home: Home, data: st.DataObject) -> None:
    trials: list[Trial] = [
        sunspots_trial(5, epochs=2, activation="tanh & relu"),
        alice_trial(1, iterations=2),
    ]
    trial = data.draw(st.sampled_from(trials))
    is_forecast = trial.kind == "forecast"
    options = (
        {"reading": data.draw(READINGS)}
        if is_forecast
        else {"preparation": data.draw(PREPARATIONS)}
    )
    trial = trial.model_copy(update={"device": data.draw(st.sampled_from(["cpu", "gpu"]))})
    end = data.draw(
        st.sampled_from([None, Finished(), Cancelled()])
        | st.builds(Failed, what=WORDS, remedy=WORDS | st.just(""))
    )
    run = write_run(home, trial, end=end, run_id="bcdf-drawn")
    run.note_file.write_text(
        data.draw(st.just("") | WORDS.map(lambda text: text.replace("\n", " ")))
    )
    snapshot = Snapshot.of(run)
    reference = trial.data.model_copy(update=options)
    snapshot = replace(snapshot, trial=trial.model_copy(update={"data": reference}))
    described = describe_run(snapshot)
    rows = list(
        csv.DictReader(
            io.StringIO(render_document([snapshot], FORMATS["csv"]), newline=""), strict=True
        )
    )
    expected = dict(json_columns(described))
    assert rows
    for row in rows:
        for name, value in expected.items():
            if value is None:
                assert not row.get(name)
            elif isinstance(value, str):
                assert row[name].lstrip("'") == value.lstrip("'"), name
            elif isinstance(value, list):
                parts = row[name].replace(" & ", " ").split()
                assert (
                    list(map(float, parts) if name == "data_reading_missing" else parts) == value
                ), name
            else:
                assert isinstance(value, int | float)
                assert type(value)(row[name]) == value, name
    for row, done in zip(rows, (described["metrics"] or {}).get("iterations", []), strict=False):
        assert float(row["loss"]) == done["loss"]
        assert row["generated"].lstrip("'") == done["generated"].lstrip("'")


def test_no_two_keys_of_the_json_object_have_one_column(home: Home) -> None:
    for trial in (sunspots_trial(5, epochs=2), alice_trial(1, iterations=2)):
        for end in (Finished(), Failed(what="It broke.", remedy="Fix it.")):
            columns = [
                name
                for name, _value in json_columns(
                    describe_run(Snapshot.of(write_run(home, trial, end=end)))
                )
            ]
            assert len(set(columns)) == len(columns)


def spread(run: Run) -> Snapshot:
    """Return a finished forecast as if 20 seeds had been trained, one of which diverged."""
    snapshot = Snapshot.of(run)
    assert snapshot.result is not None
    seeds = [
        ReplicateMetrics(seed=seed, train_rmse=0.06, test_rmse=0.079, state="done")
        for seed in range(1, 20)
    ] + [ReplicateMetrics(seed=20, train_rmse=None, test_rmse=None, state="diverged")]
    means = {
        "train_rmse_mean": 0.06,
        "train_rmse_sd": 0.01,
        "test_rmse_mean": 0.079,
        "test_rmse_sd": math.nan,
    }
    update = {"representative_seed": 3, "replicates": tuple(seeds), **means}
    metrics = snapshot.result.metrics.model_copy(update=update)
    trial = snapshot.trial.model_copy(update={"replicates": 20})
    return replace(
        snapshot,
        trial=trial,
        result_or_summary=snapshot.result.model_copy(update={"metrics": metrics}),
    )


def test_many_seeds_have_their_mean_and_spread_and_verdicts_where_asked(home: Home) -> None:
    one = write_run(home, sunspots_trial(6))
    many = spread(write_run(home, sunspots_trial(5)))
    assert "reproduced" not in read_back(many, one)
    frame = read_back(many, one, verdicts=True)
    (row, single) = frame.to_dict("records")
    assert (row["replicates"], row["representative_seed"], row["test_rmse_mean"],
    row["train_rmse_sd"]) == (
        20, 3, 0.079, 0.01,
    )  # fmt: skip
    assert (row["reproduced"], pd.isna(row["test_rmse_sd"])) == (True, True)
    assert (pd.isna(single["reproduced"]), pd.isna(single["train_rmse_sd"])) == (True, True)


def test_published_figures_stand_beside_the_report_s_data_alone(home: Home, tmp_path: Path) -> None:
    own = write_run(home, alice_trial(1, iterations=1))
    other = write_run(
        home, alice_trial(1, iterations=1, data=DataReference(name="mine.txt", sha256="0" * 64))
    )
    path = (
        write_run(home, alice_trial(1, iterations=1), run_id="replaced").directory / "result.json"
    )
    # Another text that was added under the report's name.
    path.write_text(path.read_text().replace(REPORT_DIGEST, "1" * 64))
    frame = read_back(own, other, Run(path.parent)).set_index("id")
    assert frame["published_loss"].notna().to_dict() == {
        own.id: True,
        other.id: False,
        "replaced": False,
    }
    assert frame["data_name"].to_dict() == {
        own.id: "alice",
        other.id: "mine.txt",
        "replaced": "alice",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    texts=st.lists(
        st.text(st.sampled_from("ab,;\"'\t =+-@#\n\\é"), min_size=1, max_size=12),
        min_size=3,
        max_size=3,
    )
)
def test_whatever_a_network_writes_is_in_its_cell(home: Home, texts: list[str]) -> None:
    trial = alice_trial(1, iterations=3)
    run = write_run(
        home, trial, texts=[Written(text, text[::-1]) for text in texts], run_id="bcdf-alice-1"
    )
    written = render_document([Snapshot.of(run)], FORMATS["csv"])
    frame = pd.read_csv(io.StringIO(written), keep_default_na=False)
    assert len(frame) == 3
    # An apostrophe stands before what a spreadsheet would calculate; controls, as line ends, are
    # spaces.
    for column, expected in (("seed_text", texts), ("generated", [text[::-1] for text in texts])):
        for cell, text in zip(frame[column], expected, strict=True):
            assert str(cell).lstrip("'") == text.replace("\t", " ").lstrip("'")


@pytest.mark.parametrize("pair", list(itertools.permutations(range(3), 2)))
def test_the_order_in_which_runs_are_given_changes_nothing(
    home: Home, pair: tuple[int, int]
) -> None:
    runs = [write_run(home, sunspots_trial(number, epochs=2)) for number in (10, 2, 1)]
    first, second = (runs[index] for index in pair)
    snapshots = [Snapshot.of(first), Snapshot.of(second)]
    assert render_document(snapshots, FORMATS["csv"]) == render_document(
        snapshots[::-1], FORMATS["csv"]
    )
