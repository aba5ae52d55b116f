"""The report's figures stand beside a run only if it reads what the report read."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.factory import CORPUS, alice_trial, preset, sunspots_trial, write_run

from engine.data.forecast_data import FORECAST_DATA
from engine.data.series import built_in
from engine.data.texts import REPORT_DIGEST
from engine.host.home import Home
from engine.reports.published import published_for, reads_the_reports_data
from engine.runs.results import BriefResult, Result
from engine.runs.watch import Snapshot
from engine.trials.data_options import SeriesReading, TextPreparation
from engine.trials.trial import DataReference, Trial

OTHER = "0" * 64


def on(trial: Trial, **data: object) -> Trial:
    """Return the trial on other data."""
    reference = trial.data.model_copy(update=data)
    return trial.model_copy(update={"data": DataReference.model_validate(reference.model_dump())})


def test_the_digest_is_that_of_the_series_that_comes_with_the_program() -> None:
    assert (
        hashlib.sha256(built_in().values.astype("<f8").tobytes()).hexdigest()
        == FORECAST_DATA.report_digest
    )


@pytest.mark.parametrize("trial", [sunspots_trial(5), sunspots_trial(5, epochs=3), alice_trial(1)])
def test_a_trial_on_the_reports_data_has_its_figures(trial: Trial) -> None:
    assert published_for(trial) == preset(trial.preset).published


@pytest.mark.parametrize(
    "trial",
    [
        on(sunspots_trial(5), name="weather.csv", file="/data/weather.csv", sha256=OTHER),
        on(sunspots_trial(5), name="sunspots", file="/data/sunspots", sha256=OTHER),
        on(sunspots_trial(5), name="sunspots-silso", sha256=OTHER),
        on(sunspots_trial(5), until="1900-01"),
        on(sunspots_trial(5), reading=SeriesReading(missing=(0.0,))),
        on(alice_trial(1), preparation=TextPreparation(case="keep")),
        on(alice_trial(1), name="python-docs", sha256=OTHER),
        on(alice_trial(1), name="alice", url="https://lab.example.org/alice", sha256=OTHER),
    ],
)
def test_one_on_other_data_has_none(trial: Trial) -> None:
    assert published_for(trial) is None


@pytest.mark.parametrize("form", [None, BriefResult, Result])
def test_a_result_knows_better_than_a_name(
    tmp_path: Path, form: type[BriefResult] | type[Result] | None
) -> None:
    home = Home(tmp_path / "home")
    mine = write_run(home, on(alice_trial(1), name="mine.txt", file="/data/mine.txt"))
    snapshot = Snapshot.of(mine, brief=form)
    assert snapshot.prepared_sha256 == hashlib.sha256(CORPUS.strip().encode()).hexdigest()
    assert published_for(snapshot) is None

    # The report's text, given as a file; and another text that was added under the report's name.
    path = mine.directory / "result.json"
    path.write_text(path.read_text().replace(snapshot.prepared_sha256, REPORT_DIGEST))
    assert published_for(Snapshot.of(mine, brief=form)) == preset("alice/1").published
    own = write_run(home, alice_trial(1))
    path = own.directory / "result.json"
    path.write_text(path.read_text().replace(REPORT_DIGEST, OTHER))
    assert published_for(Snapshot.of(own, brief=form)) is None


def test_the_same_values_in_another_file_are_the_reports() -> None:
    assert reads_the_reports_data("forecast", "monthly.csv", FORECAST_DATA.report_digest)
    assert not reads_the_reports_data("forecast", "monthly.csv")
    assert not reads_the_reports_data("text", "monthly.csv", FORECAST_DATA.report_digest)
    assert not reads_the_reports_data("forecast", "sunspots", OTHER)


def test_a_preset_that_is_unknown_has_none(tmp_path: Path) -> None:
    unknown = sunspots_trial(5).model_copy(update={"preset": "sunspots/99"})
    assert published_for(unknown) is None
    run = write_run(Home(tmp_path / "home"), sunspots_trial(5))
    assert published_for(replace(Snapshot.of(run), trial=unknown)) is None
