"""A real run of each kind, trained by the installed command: what it prints, leaves behind, lists
and exports.
"""

import csv
import io
import json
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.command import Laboratory
from helpers.command_line import PATIENCE_S, RUN_KEYS, refused
from helpers.factory import CORPUS

from engine.data.text_preparation import prepare
from engine.host.home import Home
from engine.numerics.metrics import rmse
from engine.runs.events import Characters, EventReader
from engine.runs.run import Run


@dataclass(frozen=True)
class Trained:
    """A laboratory with real runs of each kind, and what the command printed."""

    lab: Laboratory
    forecast: dict[str, Any]
    again: dict[str, Any]
    """The very same trial, run after it by the same command."""
    writing: dict[str, Any]
    said: str
    """Both commands' stderr."""
    on_gpu: "subprocess.CompletedProcess[str]"
    """A command that asks for a GPU, in a laboratory of its own."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Trained:
    lab, other = (
        Laboratory(Home(tmp_path_factory.mktemp("trained") / "home"), folder) for _home in range(2)
    )
    # Side by side: most of it is waiting for one processor.
    gpu = other.start("run", "sunspots/5", "--set", "epochs=2", "--device", "gpu", "--json")
    started = [
        lab.start("run", "sunspots/5", "sunspots/5", "--set", "epochs=2", "--json"),
        lab.start(
            *(
                "run",
                "alice/1",
                "--set",
                "iterations=1",
                "--set",
                "seqlen=5",
                "--set",
                "predictions=20",
            ),
            *("--corpus", "small.txt", "--json"),
        ),
    ]
    ended = [process.communicate(timeout=PATIENCE_S) for process in started]
    said = "".join(err for _out, err in ended)
    assert [process.returncode for process in started] == [0, 0], said
    # One object for one run, one object a line for several.
    forecast, again = (json.loads(line) for line in ended[0][0].splitlines())
    out, err = gpu.communicate(timeout=PATIENCE_S)
    on_gpu = subprocess.CompletedProcess(gpu.args, gpu.returncode, out, err)
    return Trained(lab, forecast, again, json.loads(ended[1][0]), said, on_gpu)


def test_a_forecast_is_trained_and_measured(trained: Trained) -> None:
    run = trained.forecast
    assert set(run) == set(RUN_KEYS)
    assert (run["kind"], run["preset"], run["state"], run["seed"]) == (
        "forecast",
        "sunspots/5",
        "done",
        1,
    )
    assert run["parameters"]["epochs"] == 2
    assert (run["error"], run["replicates"]) == (None, 1)
    metrics = run["metrics"]
    assert {"losses", "train_rmse", "test_rmse"} <= set(metrics)
    assert len(metrics["losses"]) == 2
    assert 0.0 < metrics["test_rmse"] < 10.0
    assert 0.0 < run["seconds"] < PATIENCE_S
    assert set(run["worker"]) == {"pid", "host", "started"}


def test_the_predictions_on_disk_are_those_that_were_measured(trained: Trained) -> None:
    with np.load(
        Path(trained.forecast["directory"]) / "predictions.npz", allow_pickle=False
    ) as arrays:
        n_train, real, predicted = int(arrays["n_train"]), arrays["real"], arrays["predicted"]
    assert (n_train, len(real) - n_train) == (225, 56)
    metrics = trained.forecast["metrics"]
    assert rmse(real[:n_train], predicted[:n_train]) == pytest.approx(metrics["train_rmse"])
    assert rmse(real[n_train:], predicted[n_train:]) == pytest.approx(metrics["test_rmse"])


def test_a_text_is_learnt_and_written(trained: Trained) -> None:
    run = trained.writing
    assert set(run) == set(RUN_KEYS)
    assert (run["kind"], run["state"]) == ("text", "done")
    assert set(run["metrics"]) == {"iterations"}
    (iteration,) = run["metrics"]["iterations"]
    assert set(iteration) == {"iteration", "loss", "losses", "seed_text", "generated"}
    assert (iteration["iteration"], iteration["losses"]) == (1, [iteration["loss"]])
    assert len(iteration["seed_text"]) == 5
    assert iteration["seed_text"] in prepare(CORPUS)
    assert len(iteration["generated"]) == 20
    assert not iteration["generated"].startswith(iteration["seed_text"])
    assert set(iteration["generated"]) <= set(prepare(CORPUS))


def test_the_log_holds_every_character_that_was_written(trained: Trained) -> None:
    logged = EventReader(Run(Path(trained.writing["directory"])).log).read()
    written = "".join(entry.event.text for entry in logged if isinstance(entry.event, Characters))
    assert written == trained.writing["metrics"]["iterations"][0]["generated"]
    assert [entry.n for entry in logged] == list(range(1, len(logged) + 1))


def test_another_text_than_the_report_s_is_said(trained: Trained) -> None:
    assert "small.txt is not the text of the report" in trained.said


def test_progress_is_plain_lines_without_tensorflow_s(trained: Trained) -> None:
    assert "epoch 2/2  loss " in trained.said
    assert "iteration 1  loss " in trained.said
    assert "tensorflow" not in trained.said.lower()
    assert "\x1b" not in trained.said
    assert "\r" not in trained.said


def test_a_run_leaves_private_files_whatever_the_umask(trained: Trained) -> None:
    root = trained.lab.home.root
    for path in [root, *root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_was_trained_is_listed_and_shown(trained: Trained) -> None:
    ids = {trained.forecast["id"], trained.again["id"], trained.writing["id"]}
    lines = trained.lab.call("runs").stdout.splitlines()
    assert {line.split()[0] for line in lines} == ids
    assert all(line.split()[1] == "done" for line in lines)
    listed = [json.loads(line) for line in trained.lab.call("runs", "--json").stdout.splitlines()]
    assert {run["id"] for run in listed} == ids
    for run in (trained.forecast, trained.writing):
        # One shape everywhere: what `run` printed is what all the others print.
        assert trained.lab.read("show", run["id"][:4], "--json") == run
        assert trained.lab.read("export", run["id"], "--format", "json") == run
        assert [other for other in listed if other["id"] == run["id"]] == [run]
        shown = trained.lab.call("show", run["id"])
        assert (shown.returncode, shown.stderr) == (0, "")
        assert shown.stdout.startswith(f"{run['id']}  done  {run['directory']}\n")


def test_tables_are_exported_in_every_format(trained: Trained, tmp_path: Path) -> None:
    lab, ids = trained.lab, (trained.forecast["id"], trained.writing["id"])
    markdown = lab.call("export", *ids).stdout
    assert "| Trial | Epochs | Batch size | Time steps | Activation |" in markdown
    # Of another text than the report's: what was published does not stand beside it.
    assert "## small.txt: alice/1 " in markdown
    assert "| Iteration | Loss | Seed | Generated text |\n" in markdown
    assert trained.forecast["provenance"]["command"] in markdown
    rows = list(
        csv.DictReader(
            io.StringIO(lab.call("export", ids[0], "--format", "csv").stdout, newline="")
        )
    )
    assert [row["test_rmse"] for row in rows] == [repr(trained.forecast["metrics"]["test_rmse"])]
    lines = lab.call("export", *ids, "--format", "json").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [trained.forecast, trained.writing]
    assert lab.call("export", *ids, "--format", "latex").stdout.count(r"\begin{table}") == 3
    path = tmp_path / "tables.md"
    done = lab.call("export", *ids, "-o", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"Wrote {path} as Markdown.\n")
    assert path.read_text("utf-8") == markdown
    assert "Can't write" in refused(lab.call("export", *ids, "-o", str(tmp_path / "none" / "x.md")))


def test_the_same_trial_gives_the_same_bits_in_a_run_of_its_own(trained: Trained) -> None:
    assert trained.again["id"] != trained.forecast["id"]
    assert trained.again["metrics"] == trained.forecast["metrics"]
    assert trained.again["provenance"]["data"] == trained.forecast["provenance"]["data"]


@pytest.mark.skipif(
    Path("/dev/nvidia0").exists(), reason="this host has the GPU that the run must miss"
)
def test_a_run_that_fails_says_why_and_ends_with_1(trained: Trained) -> None:
    done = trained.on_gpu
    assert done.returncode == 1
    run = json.loads(done.stdout)
    assert run["state"] == "failed"
    assert run["error"] == {
        "what": "TensorFlow finds no GPU on this host.",
        "try": "Run the trial with --device cpu; in its form, device = cpu.",
    }
    assert done.stderr.endswith("{what} {try}\n".format(**run["error"]))
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(
    Path("/dev/nvidia0").exists(), reason="this host has the GPU that the run must miss"
)
def test_a_run_that_fails_says_why_once(trained: Trained) -> None:
    assert trained.on_gpu.stderr.count("TensorFlow finds no GPU") == 1
