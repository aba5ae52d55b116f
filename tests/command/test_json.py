"""What scripts read: every preset, and a run in any state, the same object wherever it is
printed.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import RUN_KEYS, call, nothing_starts, printed_json
from helpers.factory import alice_trial, lock_held, sunspots_trial, write_log, write_run

from engine.host.home import Home
from engine.operations.control import hold
from engine.runs import queue
from engine.runs.events import Cancelled, Failed

FORECAST = {
    "epochs": int, "batch_size": int, "time_steps": int, "activation": list, "hidden_units": int,
    "dense_units": int,
}  # fmt: skip
TEXT = {
    "iterations": int, "epochs_per_iteration": int, "predictions": int, "seqlen": int,
    "hidden_units": int,
    "batch_size": int,
}  # fmt: skip
FIGURES = {"losses", "train_rmse", "test_rmse"}
WRITTEN = {"iteration": int, "loss": float, "losses": list, "seed_text": str, "generated": str}
SPREAD = {
    "representative_seed", "replicates", "train_rmse_mean", "train_rmse_sd", "test_rmse_mean",
    "test_rmse_sd",
}  # fmt: skip


def types(value: dict[str, Any]) -> dict[str, type]:
    return {key: type(item) for key, item in value.items()}


def read_lines(home: Home, *arguments: str) -> list[Any]:
    """Return what a command prints of several runs: an object a line."""
    done = call(home, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line, parse_constant=pytest.fail) for line in done.stdout.splitlines()]


# Presets.


def test_every_preset_has_the_keys_and_types_of_its_kind(home: Home) -> None:
    presets = printed_json(home, "presets", "--json")
    assert len(presets) == 21
    keys = {
        "id": str,
        "kind": str,
        "title": str,
        "parameters": dict,
        "assumed": list,
        "published": dict,
    }
    for preset in presets:
        name = preset["id"]
        assert types(preset) == keys, name
        assert all(isinstance(text, str) for text in preset["assumed"]), name
        published = preset["published"]
        assert all(isinstance(text, str) for text in published["remarks"]), name
        if preset["kind"] == "forecast":
            assert types(preset["parameters"]) == FORECAST, name
            assert len(preset["parameters"]["activation"]) == 2, name
            assert types(published) == {"train_rmse": float, "test_rmse": float, "remarks": list}, (
                name
            )
        else:
            assert types(preset["parameters"]) == TEXT, name
            assert types(published) == {"iterations": list, "remarks": list}, name
            rows = {"iteration": int, "loss": float, "seed_text": str, "generated": str}
            assert [types(row) for row in published["iterations"]] == [rows] * len(
                published["iterations"]
            ), name
            assert published["iterations"], name


# A run.


@pytest.mark.parametrize("state", ["queued", "held", "starting"])
def test_a_run_that_has_nothing_to_tell_has_all_keys(home: Home, state: str) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=0, run_id="bcdf-sunspots-5")
    write_log(run, [])
    with nothing_starts(home):
        queue.add(home, [run.id])
        if state == "held":
            hold(run)
        if state == "starting":
            with lock_held(run.directory):
                shown = printed_json(home, "show", "bcdf", "--json")
        else:
            shown = printed_json(home, "show", "bcdf", "--json")
        if state == "queued":
            assert printed_json(home, "runs", "--json") == shown
    assert list(shown) == RUN_KEYS
    assert shown["state"] == state
    assert [shown[key] for key in ("seconds", "worker", "metrics", "error", "provenance")] == [
        None
    ] * 5
    assert types(shown["parameters"]) == FORECAST
    assert Path(shown["directory"]) == run.directory


@pytest.mark.parametrize(
    ("end", "state", "complete"),
    [
        ("finished", "done", 3),
        (Failed(what="It broke.", remedy="Fix it."), "failed", 2),
        (Failed(what="x", diverged=True), "diverged", 1),
        (Cancelled(), "cancelled", 2),
        (None, "interrupted", 1),
    ],
)
def test_a_text_has_its_complete_iterations_however_it_ended(
    home: Home, end: Any, state: str, complete: int
) -> None:
    made = {} if end == "finished" else {"end": end, "iterations": complete, "characters": 20}
    write_run(home, alice_trial(2, iterations=3), run_id="bcdf-alice-2", **made)
    shown = printed_json(home, "show", "bcdf", "--json")
    assert (list(shown), shown["state"]) == (RUN_KEYS, state)
    assert types(shown["parameters"]) == TEXT
    assert set(shown["metrics"]) == {"iterations"}
    rows = shown["metrics"]["iterations"]
    assert [types(row) for row in rows] == [WRITTEN] * complete
    for number, row in enumerate(rows, 1):
        assert row["iteration"] == number
        assert (len(row["losses"]), row["losses"][-1]) == (
            shown["parameters"]["epochs_per_iteration"],
            row["loss"],
        )
        assert len(row["seed_text"]) == shown["parameters"]["seqlen"]
        assert len(row["generated"]) == shown["parameters"]["predictions"]
    assert types(shown["worker"]) == {"pid": int, "host": str, "started": float}
    assert (shown["error"] is None) == (state in ("done", "cancelled"))


def test_one_seed_has_no_spread_and_a_diverged_one_no_number_that_json_lacks(home: Home) -> None:
    write_run(home, sunspots_trial(5, epochs=2), run_id="bcdf-sunspots-5")
    metrics = printed_json(home, "show", "bcdf", "--json")["metrics"]
    assert set(metrics) >= FIGURES
    assert not set(metrics) & SPREAD
    run = write_run(
        home,
        sunspots_trial(5),
        end=Failed(what="x", diverged=True),
        epochs=2,
        run_id="bcgh-sunspots-5",
    )
    log = run.log.read_text()
    assert '"loss":0.6' in log
    run.log.write_text(log.replace('"loss":0.6', '"loss":NaN'))
    shown = printed_json(home, "show", "bcgh", "--json")
    assert shown["metrics"] == {"losses": [1.1, None], "train_rmse": None, "test_rmse": None}


ENDS: dict[str, dict[str, Any]] = {
    "done": {},
    "failed": {"end": Failed(what="It broke.", remedy="Fix it."), "epochs": 2},
    "diverged": {"end": Failed(what="x", diverged=True), "epochs": 2},
    "cancelled": {"end": Cancelled(), "epochs": 2},
    "interrupted": {"end": None, "epochs": 2},
}


def test_a_run_is_the_same_object_wherever_it_is_printed(home: Home) -> None:
    runs = [
        write_run(home, sunspots_trial(number, epochs=3), run_id=f"bcdf-{state}", **made)
        for number, (state, made) in enumerate(ENDS.items(), 1)
    ]
    runs.append(write_run(home, alice_trial(2, iterations=3), run_id="bcgh-done"))
    runs.append(
        write_run(
            home,
            alice_trial(3),
            end=Cancelled(),
            iterations=2,
            characters=9,
            run_id="bcgh-cancelled",
        )
    )
    runs[0].note_file.write_text("the best so far")
    listed = {run["id"]: run for run in read_lines(home, "runs", "--json")}
    exported = {run["id"]: run for run in read_lines(home, "export", *listed, "--format", "json")}
    assert len(listed) == len(exported) == len(runs)
    for run in runs:
        shown = printed_json(home, "show", run.id, "--json")
        assert list(shown) == RUN_KEYS
        assert shown["metrics"]
        # Text by text: the order of keys is the same too.
        assert json.dumps(listed[run.id]) == json.dumps(exported[run.id]) == json.dumps(shown)
    assert listed["bcdf-done"]["note"] == "the best so far"
    assert (listed["bcdf-done"]["metrics"]["test_points"], listed["bcdf-failed"]["note"]) == (
        46,
        None,
    )


def test_a_list_has_the_figures_of_every_seed(home: Home) -> None:
    run = write_run(
        home, sunspots_trial(5, epochs=2).model_copy(update={"replicates": 2}), run_id="bcdf-seeds"
    )
    path = run.directory / "result.json"
    result = json.loads(path.read_bytes())
    errors = {"train_rmse": 0.1, "test_rmse": 0.1, "state": "done"}
    spread = {"representative_seed": 1, "replicates": [{"seed": seed, **errors} for seed in (1, 2)]}
    result["metrics"] |= spread | dict.fromkeys(SPREAD - set(spread), 0.1)
    path.write_text(json.dumps(result))
    listed = printed_json(home, "runs", "--json")
    assert listed == printed_json(home, "show", "bcdf", "--json")
    assert set(listed["metrics"]) >= FIGURES | SPREAD
