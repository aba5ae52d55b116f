"""The JSON objects that scripts rely on, key by key as the command's contract has them."""

import dataclasses
import json
import math
from datetime import datetime
from typing import Any

import pytest
from helpers.factory import (
    SUBMITTED,
    alice_trial,
    lock_held,
    made_up_loss,
    made_up_text,
    sunspots_trial,
    write_run,
)
from hypothesis import example, given
from hypothesis import strategies as st

from engine.host.home import Home
from engine.reports.json_records import describe_preset, describe_run, format_metrics, run_as_line
from engine.runs.events import Cancelled, Failed, Finished
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from presets import load

RUN_KEYS = [
    "id", "kind", "preset", "state", "seed", "replicates", "parameters", "directory", "submitted",
    "seconds",
    "seconds_working", "seconds_waiting", "worker", "metrics", "error", "provenance", "data",
    "note", "device",
]  # fmt: skip
SUNSPOTS_PARAMETERS = [
    "epochs",
    "batch_size",
    "time_steps",
    "activation",
    "hidden_units",
    "dense_units",
]
ALICE_PARAMETERS = [
    "iterations",
    "epochs_per_iteration",
    "predictions",
    "seqlen",
    "hidden_units",
    "batch_size",
]
SO_FAR = {"losses": [made_up_loss(1), made_up_loss(2)], "train_rmse": None, "test_rmse": None}
"""Metrics of a forecast that has not ended, after two epochs."""


def described(run: Run) -> dict[str, Any]:
    """Return what a script reads: strict JSON, there and back; alone or as one line of several, it
    is the same.
    """
    snapshot = Snapshot.of(run)
    text = json.dumps(describe_run(snapshot), allow_nan=False)
    read: dict[str, Any] = json.loads(text)
    assert json.loads(run_as_line(snapshot), parse_constant=pytest.fail) == read
    return read


class TestPresets:
    def test_there_are_the_report_s_21(self) -> None:
        ids = [describe_preset(preset)["id"] for preset in load()]
        assert ids == [f"sunspots/{n}" for n in range(1, 12)] + [f"alice/{n}" for n in range(1, 11)]

    @pytest.mark.parametrize("preset", load(), ids=lambda preset: preset.id)
    def test_the_keys_are_the_contract_s(self, preset: Any) -> None:
        found = json.loads(json.dumps(describe_preset(preset), allow_nan=False))
        assert set(found) == {"id", "kind", "title", "parameters", "assumed", "published"}
        assert found["kind"] == ("text" if found["id"].startswith("alice/") else "forecast")
        assert isinstance(found["assumed"], list)
        assert set(found["assumed"]) <= {"hidden_units", "dense_units", "batch_size", "optimizer"}
        published = found["published"]
        assert isinstance(published["remarks"], list)
        if found["kind"] == "forecast":
            assert list(found["parameters"]) == SUNSPOTS_PARAMETERS
            assert set(published) == {"train_rmse", "test_rmse", "remarks"}
            assert len(found["parameters"]["activation"]) == 2
        else:
            assert list(found["parameters"]) == ALICE_PARAMETERS
            assert set(published) == {"iterations", "remarks"}
            for row in published["iterations"]:
                assert list(row) == ["iteration", "loss", "seed_text", "generated"]

    def test_a_seed_that_can_t_be_restored_is_told_in_the_remarks(self) -> None:
        for preset in load():
            marked = [
                row.iteration
                for row in getattr(preset.published, "iterations", ())
                if row.seed_as_printed
            ]
            told = "\n".join(describe_preset(preset)["published"]["remarks"])
            assert told.count("is as printed; ") == len(marked), preset.id
            assert all(
                f"the seed of iteration {iteration} is as printed; " in told for iteration in marked
            )


class TestForecast:
    def test_a_finished_run(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(8, epochs=3, seed=7))
        found = described(run)
        assert set(found) == set(RUN_KEYS)
        assert found["id"] == run.id
        assert found["kind"] == "forecast"
        assert found["preset"] == "sunspots/8"
        assert found["state"] == "done"
        assert found["seed"] == 7
        assert found["replicates"] == 1
        assert found["parameters"] == {
            "epochs": 3,
            "batch_size": 16,
            "time_steps": 20,
            "activation": ["tanh", "relu"],
            "hidden_units": 3,
            "dense_units": 1,
        }
        assert found["directory"] == str(run.directory)
        assert datetime.fromisoformat(found["submitted"]) == SUBMITTED
        assert found["seconds"] == 11.0
        assert found["worker"] == {
            "pid": 4711,
            "host": run.submission.host,
            "started": SUBMITTED.timestamp() + 1.0,
        }
        assert found["error"] is None

    def test_the_keys_come_in_the_contract_s_order(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5, epochs=1))
        assert list(described(run)) == RUN_KEYS

    def test_what_it_is_judged_by_is_there(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(8, epochs=3))
        metrics, result = described(run)["metrics"], run.result()
        assert result is not None
        assert (metrics["train_points"], metrics["test_points"]) == (112, 28)
        for name in ("persistence", "linear_autoregression"):
            assert metrics[name] == result.metrics.model_dump()[name]
            assert set(metrics[name]) == {"train_rmse", "test_rmse"}

    def test_the_data_are_those_that_were_asked_for_whatever_became_of_the_run(
        self, home: Home
    ) -> None:
        trial = sunspots_trial(5)
        data = {
            "name": "sunspots",
            "sha256": trial.data.sha256,
            "file": None,
            "url": None,
            "column": None,
        }
        for end in (Finished(), Cancelled(), None):
            found = described(write_run(home, trial, end=end))["data"]
            assert found == {**found, **data}

    def test_a_note_is_there_and_null_where_nobody_wrote_one(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5, epochs=1))
        assert described(run)["note"] is None
        run.note_file.write_text("worth\nrepeating")
        assert described(run)["note"] == run.note == "worth repeating"

    def test_metrics_are_unrounded(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5, epochs=3))
        metrics, result = described(run)["metrics"], run.result()
        assert result is not None
        assert {"losses", "train_rmse", "test_rmse"} <= set(metrics)
        assert metrics["losses"] == [made_up_loss(epoch) for epoch in (1, 2, 3)]
        assert metrics["train_rmse"] == result.metrics.model_dump()["train_rmse"]
        assert len(repr(metrics["test_rmse"])) > 12

    def test_provenance_has_what_it_takes_to_make_it_again(self, home: Home) -> None:
        made = described(write_run(home, sunspots_trial(5, epochs=3)))["provenance"]
        assert made["command"] == "rnnlab-tui run sunspots/5 --seed 1 --set epochs=3"
        for key in ("versions", "cpu_features", "data", "host", "durations"):
            assert made[key]
        assert len(made["data"]["prepared_sha256"]) == 64

    def test_a_run_that_goes_on_has_the_losses_so_far_and_no_seconds(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=2)
        with lock_held(run.directory):
            found = described(run)
        assert found["state"] == "running"
        assert found["metrics"] == SO_FAR
        assert found["seconds"] is None
        assert found["provenance"] is None

    def test_before_there_is_anything_there_is_null(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=0)
        run.log.unlink()
        with lock_held(run.directory):
            found = described(run)
        assert found["state"] == "starting"
        assert set(found) == set(RUN_KEYS)
        for key in ("metrics", "worker", "seconds", "error", "provenance"):
            assert found[key] is None

    @pytest.mark.parametrize(("diverged", "state"), [(True, "diverged"), (False, "failed")])
    def test_what_went_wrong_and_what_to_try(self, home: Home, diverged: bool, state: str) -> None:
        end = Failed(
            what="It broke.", remedy="Fix it.", diverged=diverged, epoch=3 if diverged else None
        )
        found = described(write_run(home, sunspots_trial(5), end=end, epochs=2))
        assert found["state"] == state
        assert found["error"] == {"what": "It broke.", "try": "Fix it."}
        assert found["seconds"] > 0

    def test_a_cancelled_run_is_no_error(self, home: Home) -> None:
        found = described(write_run(home, sunspots_trial(5), end=Cancelled(), epochs=2))
        assert (found["state"], found["error"]) == ("cancelled", None)
        assert found["metrics"] == SO_FAR

    def test_an_interrupted_run_says_what_happened(self, home: Home) -> None:
        found = described(write_run(home, sunspots_trial(5), end=None, epochs=2))
        assert found["state"] == "interrupted"
        assert set(found["error"]) == {"what", "try"}
        assert (
            found["error"]["what"] == f"The worker of run {found['id']} disappeared without a word."
        )
        assert f"{found['directory']}/worker.log" in found["error"]["try"]


class TestText:
    def test_a_finished_run(self, home: Home) -> None:
        trial = alice_trial(3, iterations=2, predictions=30)
        found = described(write_run(home, trial))
        assert list(found["parameters"]) == ALICE_PARAMETERS
        assert set(found["metrics"]) == {"iterations"}
        assert found["metrics"]["iterations"] == [
            {
                "iteration": iteration,
                "loss": made_up_loss(2 * iteration),
                "losses": [made_up_loss(2 * iteration - 1), made_up_loss(2 * iteration)],
                "seed_text": made_up_text(trial, iteration).seed_text,
                "generated": made_up_text(trial, iteration).generated,
            }
            for iteration in (1, 2)
        ]
        assert found["seconds"] > 0

    def test_a_run_that_goes_on_has_its_complete_iterations(self, home: Home) -> None:
        trial = alice_trial(3, iterations=3, predictions=30)
        whole = described(write_run(home, trial))["metrics"]["iterations"]
        run = write_run(home, trial, end=None, iterations=2, characters=12)
        with lock_held(run.directory):
            found = described(run)
        assert found["state"] == "running"
        assert found["metrics"] == {"iterations": whole[:2]}

    def test_there_are_no_metrics_before_the_first_text_is_complete(self, home: Home) -> None:
        run = write_run(home, alice_trial(1), end=None, iterations=0, characters=12)
        assert described(run)["metrics"] is None


@pytest.fixture(scope="module")
def one_of_many(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A run that was cancelled after an epoch."""
    home = Home(tmp_path_factory.mktemp("home"))
    return Snapshot.of(write_run(home, sunspots_trial(5), end=Cancelled(), epochs=1))


any_text = st.text(st.characters() | st.sampled_from("\udc80\udcff\ud83d"), min_size=1)
"""What a file name that is not UTF-8 is read as has halves of surrogate pairs."""


@example(note="\udcff", folder="a", losses=[0.5])
@example(note="\U0001f980", folder="\udcff", losses=[math.nan, -math.inf])
@given(
    note=any_text,
    folder=any_text.filter(lambda name: not {"/", "\0"} & {*name}),
    losses=st.lists(st.floats(), min_size=1),
)
def test_a_line_of_several_runs_has_what_a_run_alone_has(
    one_of_many: Snapshot, note: str, folder: str, losses: list[float]
) -> None:
    progress = dataclasses.replace(one_of_many.progress, losses=losses)
    run = Run(one_of_many.run.directory.parent / folder)
    run.__dict__["submission"] = one_of_many.run.submission
    snapshot = dataclasses.replace(one_of_many, run=run, note=note, progress=progress)
    line = run_as_line(snapshot)
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line, parse_constant=pytest.fail) == describe_run(snapshot)


def test_the_figures_of_a_list_are_short(home: Home) -> None:
    assert (
        format_metrics(Snapshot.of(write_run(home, sunspots_trial(5))).metrics) == "0.063 / 0.080"
    )
    assert (
        format_metrics(Snapshot.of(write_run(home, alice_trial(1, iterations=4))).metrics)
        == "0.3500"
    )
    assert format_metrics(None) == ""


def test_a_result_without_iterations_has_no_figures(home: Home) -> None:
    run = write_run(home, alice_trial(1, iterations=1))
    path = run.directory / "result.json"
    content = json.loads(path.read_bytes())
    content["metrics"]["iterations"] = []
    path.write_text(json.dumps(content))
    assert format_metrics(Snapshot.of(run).metrics) == ""


def test_a_result_counts_once_the_log_says_that_the_run_is_done(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, result=True)
    with lock_held(run.directory):
        found = described(run)
    assert (found["state"], found["provenance"], found["seconds"]) == ("running", None, None)
    assert (list(found["metrics"]), found["metrics"]["test_rmse"]) == (list(SO_FAR), None)
    done = described(write_run(home, sunspots_trial(5)))
    assert (done["state"], done["error"]) == ("done", None)
    assert "test_rmse" in done["metrics"]


def test_a_damaged_result_is_said_and_the_log_s_figures_are_left(home: Home) -> None:
    run = write_run(home, sunspots_trial(5))
    (run.directory / "result.json").write_bytes(b'{"schema')
    found = described(run)
    assert found["state"] == "done"
    assert found["error"] == {"what": f"The result of run {run.id} can't be read.", "try": ""}
    assert (list(found["metrics"]), found["metrics"]["test_rmse"], found["provenance"]) == (
        list(SO_FAR),
        None,
        None,
    )


def test_what_is_no_number_is_null(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2))
    log = run.log.read_bytes()
    run.log.write_bytes(log.replace(f'"loss":{made_up_loss(2)}'.encode(), b'"loss":NaN'))
    path = run.directory / "result.json"
    content = json.loads(path.read_bytes())
    content["metrics"] |= {"losses": [1.0, math.inf], "test_rmse": math.nan}
    path.write_text(json.dumps(content))
    metrics = described(run)["metrics"]
    assert (metrics["losses"], metrics["test_rmse"]) == ([1.0, None], None)
    assert metrics["train_rmse"] > 0
    path.unlink()
    assert described(run)["metrics"] == {
        "losses": [made_up_loss(1), None],
        "train_rmse": None,
        "test_rmse": None,
    }
