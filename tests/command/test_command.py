"""The installed command as a script or a person at a shell meets it: what it prints, refuses, and leaves behind.

Everything here is started in a folder that has an ``engine/`` and a ``tui/`` of its own, as a student's may. What
does not depend on how the program starts and ends is asked of its ``main`` in this process (``ask``).
"""

import csv
import io
import json
import os
import select
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import PATIENCE_S, PROGRAM, RUN_KEYS, refused, run_id, wait_for
from support import CORPUS, SUBMITTED, alice_trial, sunspots_trial, write_run

from engine.data.corpus import prepare
from engine.events import Characters, EventReader
from engine.home import Home
from engine.metrics import rmse
from engine.runs import Run, all_runs
from tui import cli

# Long enough that no test waits for its end: it is cancelled, or killed.
ENDLESS = ("sunspots/5", "--set", "epochs=100000")


@dataclass(frozen=True)
class Laboratory:
    """A home, and the folder in which the command is started."""

    home: Home
    folder: Path

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Start the command with pipes for its output, no input, and the most careless umask."""
        return subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=self.folder,
            env=os.environ | {"RNNLAB_HOME": str(self.home.root)} | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
            umask=0,
        )

    def call(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run the command to its end."""
        with self.start(*arguments, **variables) as process:
            out, err = process.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    @contextmanager
    def training(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Start ``run`` on a trial that takes for ever; whatever happens, neither it nor its worker stays."""
        process = self.start("run", *ENDLESS, *arguments)
        try:
            yield process
        finally:
            for run in all_runs(self.home):
                run.request_cancel()
            if process.poll() is None:
                process.kill()
                process.communicate()

    def read(self, *arguments: str) -> Any:
        """Run a command that must succeed quietly and return the JSON that it prints."""
        done = self.call(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with modules that have our packages' names."""
    path = tmp_path_factory.mktemp("homework")
    for package in ("engine", "tui", "presets"):
        (path / package).mkdir()
        (path / package / "__init__.py").write_text(f"raise SystemExit('the {package} of the current folder')\n")
    (path / "small.txt").write_text(CORPUS)
    return path


@pytest.fixture
def lab(home: Home, folder: Path) -> Laboratory:
    """A laboratory in which nothing has happened."""
    return Laboratory(home, folder)


Ask = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ask(lab: Laboratory, capfd: pytest.CaptureFixture[str]) -> Ask:
    """What runs the command in this process: the same words in a tenth of the time. It may start no worker."""

    def nothing_starts(_home: Home) -> None:
        raise AssertionError("a worker was to be started")

    def call(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        status: object
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(lab.folder)
            patch.setattr(sys, "argv", ["rnnlab-tui", *arguments])
            patch.setattr("engine.launch.start_supervisor", nothing_starts)
            for name, value in {"RNNLAB_HOME": str(lab.home.root), **variables}.items():
                patch.setenv(name, value)
            capfd.readouterr()
            try:
                status = cli.main()
            except SystemExit as end:
                status = end.code
            out, err = capfd.readouterr()
        assert isinstance(status, int)
        return subprocess.CompletedProcess(arguments, status, out, err)

    return call


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
    lab, other = (Laboratory(Home(tmp_path_factory.mktemp("trained") / "home"), folder) for _home in range(2))
    # Side by side: most of it is waiting for one processor.
    gpu = other.start("run", "sunspots/5", "--set", "epochs=2", "--device", "gpu", "--json")
    started = [
        lab.start("run", "sunspots/5", "sunspots/5", "--set", "epochs=2", "--json"),
        lab.start(
            *("run", "alice/1", "--set", "iterations=1", "--set", "seqlen=5", "--set", "predictions=20"),
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


# Looking.


def test_presets_are_the_report_s_21(lab: Laboratory) -> None:
    presets = lab.read("presets", "--json")
    assert [preset["id"] for preset in presets] == [f"sunspots/{n}" for n in range(1, 12)] + [
        f"alice/{n}" for n in range(1, 11)
    ]
    assert all(set(preset) == {"id", "kind", "title", "parameters", "assumed", "published"} for preset in presets)
    assert presets[4]["parameters"] == {
        "epochs": 35,
        "batch_size": 1,
        "time_steps": 10,
        "activation": ["linear", "linear"],
        "hidden_units": 3,
        "dense_units": 1,
    }
    assert set(presets[4]["published"]) == {"train_rmse", "test_rmse", "remarks"}
    assert set(presets[11]["published"]) == {"iterations", "remarks"}


def test_presets_are_a_line_each_for_people(lab: Laboratory) -> None:
    done = lab.call("presets")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 21
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["run", "--help"], ["data", "add", "--help"], ["--version"]])
def test_help_is_printed(lab: Laboratory, arguments: list[str]) -> None:
    done = lab.call(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rnnlab-tui" in done.stdout


def test_looking_at_an_empty_home_makes_nothing(lab: Laboratory, ask: Ask) -> None:
    for arguments in (["runs"], ["runs", "--json"], ["data", "list"], ["data"], ["presets"]):
        done = ask(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
    assert not lab.home.root.exists()


# Refusals.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "sunspots/12"], "There is no preset 'sunspots/12'. `rnnlab-tui presets` lists them"),
        (["run", "sunspots/5", "weather"], "There is no preset 'weather'"),
        (["run", "sunspots/5", "--set", "epochs=0"], "epochs = 0: must be a whole number, 1 to 100000."),
        (["run", "sunspots/5", "--set", "epochs=1e3"], "epochs = 1e3: must be a whole number, 1 to 100000."),
        (["run", "sunspots/5", "--set", "epochs="], "epochs = nothing: must be a whole number, 1 to 100000."),
        (["run", "sunspots/5", "--set", "epochs"], "--set epochs: no value. Write --set KEY=VALUE."),
        (["run", "sunspots/5", "--set", "seqlen=5"], "sunspots/5 has no parameter 'seqlen'. Its parameters are epochs"),
        (["run", "sunspots/5", "--set", "activation=swish"], "must be one or two of tanh, linear, relu, sigmoid."),
        (["run", "sunspots/5", "--set", "time_steps=600"], "time_steps = 600: must be 1 to 563 for a series of 2820"),
        (["run", "sunspots/5", "--seed", "-1"], "seed = -1: must be a whole number, 0 to 4294967295."),
        (["run", "sunspots/5", "--seed", "4294967296"], "must be a whole number, 0 to 4294967295."),
        (["run", "sunspots/5", "--seed", "one"], "seed = one: must be a whole number, 0 to 4294967295."),
        (["run", "sunspots", "--set", "epochs=0"], "epochs = 0: must be a whole number, 1 to 100000."),
        (["run", "sunspots", "alice", "--set", "epochs=1"], "alice/1 has no parameter 'epochs'."),
        (["run", "sunspots/5", "--corpus", "small.txt"], "it takes no --corpus."),
        (["run", "alice/1"], "The text of Alice in Wonderland is not here yet."),
        (["run", "alice/1", "--corpus", "nowhere.txt"], "There is no corpus and no file 'nowhere.txt'."),
        (["run", "alice/1", "--corpus", "engine"], "There is no corpus and no file 'engine'."),
        (["run", "alice/1", "--corpus", "small.txt", "--set", "seqlen=90"], "seqlen = 90: must be 1 to 85 for a text"),
        (["run", "alice/1", "--corpus", "/dev/null"], "There is no corpus and no file '/dev/null'."),
        (["show", "bcdf"], "There is no run bcdf in "),
        (["show", "../x"], "'../x' is no run id: those have small letters, digits and hyphens."),
        (["export", "bcdf"], "There is no run bcdf in "),
        (["data", "add", "Alice", "small.txt"], "'Alice' can't be the name of a corpus."),
        (["data", "add", "alice", "nowhere.txt"], "Can't read nowhere.txt: No such file or directory."),
        (["data", "add", "alice", "engine"], "Can't read engine: Is a directory."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_refusal_is_one_line_and_leaves_nothing(lab: Laboratory, ask: Ask, arguments: list[str], words: str) -> None:
    assert words in refused(ask(*arguments))
    assert not lab.home.runs.exists()


@pytest.mark.parametrize(
    "arguments", [["run", "sunspots/12"], ["run", "sunspots/5", "--device", "tpu"], ["watch"], ["show", "ñ\x1b[2J"]]
)
def test_the_program_refuses_in_the_same_words(lab: Laboratory, ask: Ask, arguments: list[str]) -> None:
    in_process, done = ask(*arguments), lab.call(*arguments)
    assert refused(done) == refused(in_process)
    assert done.returncode == in_process.returncode


def test_the_application_without_a_terminal_is_refused(lab: Laboratory) -> None:
    assert "The application needs a terminal." in refused(lab.call())
    assert not lab.home.root.exists()


def test_a_text_that_is_not_utf_8_is_refused_with_its_line(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"one\ntwo\ncaf\xe9\n")
    for arguments in (["run", "alice/1", "--corpus"], ["data", "add", "alice"]):
        assert "latin.txt is not UTF-8 text: line 3." in refused(ask(*arguments, str(tmp_path / "latin.txt")))


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "alice/1", "--corpus", "~no-such-person/alice.txt"],
        ["run", "alice/1", "--corpus", "a" * 300],
        ["data", "add", "alice", "~no-such-person/alice.txt"],
        ["runs", "--home", "~no-such-person/lab"],
        ["runs", "--home", "a" * 300],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_path_that_can_t_be_is_refused(ask: Ask, arguments: list[str]) -> None:
    refused(ask(*arguments), *([1, 2] if arguments[-1] == "a" * 300 else [2]))


@pytest.mark.parametrize(
    "arguments",
    [["run", "sunspots/5"], ["data", "add", "alice", "small.txt"], ["run", "alice/1", "--corpus", "small.txt"]],
)
def test_a_home_that_can_t_be_written_is_said_in_one_line(ask: Ask, arguments: list[str]) -> None:
    words = "Choose another home with --home DIR or RNNLAB_HOME."
    assert words in refused(ask(*arguments, "--home", "/dev/null/lab"))
    nowhere = {"RNNLAB_HOME": "", "XDG_DATA_HOME": "", "HOME": "/dev/null"}
    assert words in refused(ask(*arguments, **nowhere))


def test_the_home_is_taken_before_or_after_the_command(ask: Ask, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    write_run(Home(tmp_path / "other"), sunspots_trial(5, epochs=1), run_id="bcdf-sunspots-5")
    for arguments in (["--home", other, "runs"], ["runs", "--home", other], ["--home", "/", "runs", "--home", other]):
        assert ask(*arguments).stdout.startswith("bcdf-sunspots-5 ")
    assert ask("runs", RNNLAB_HOME=other).stdout.startswith("bcdf-sunspots-5 ")
    assert ask("runs").stdout == ""


# Data.


def test_data_is_added_and_listed(lab: Laboratory, ask: Ask) -> None:
    before = ask("data", "list")
    assert before.returncode == 0
    assert "not here: `rnnlab-tui data add alice FILE`" in before.stdout
    added = lab.call("data", "add", "alice", "small.txt")
    characters, distinct = len(CORPUS.strip()), len(set(CORPUS.strip()))
    assert added.stdout == f"alice: {characters} characters, {distinct} distinct.\n"
    assert "It is not the report's text" in added.stderr
    listed = ask("data", "list").stdout
    assert "2,820 months" in listed
    assert "1749-01 to 1983-12" in listed
    assert "not here" not in listed
    assert f"{characters} characters  {lab.folder / 'small.txt'}" in listed


def test_the_report_s_text_is_known(ask: Ask, alice_text: Path) -> None:
    added = ask("data", "add", "alice", str(alice_text))
    assert (added.stdout, added.stderr) == ("alice: 158,270 characters, 55 distinct.\n", "")


def test_data_alone_lists_and_takes_a_home(lab: Laboratory, ask: Ask, tmp_path: Path) -> None:
    ask("data", "add", "alice", "small.txt")
    listed = ask("data", "list")
    assert "small.txt" in listed.stdout
    for arguments in (["data"], ["data", "--home", str(lab.home.root)], ["data", "--home", str(lab.home.root), "list"]):
        done = ask(*arguments, **({} if len(arguments) == 1 else {"RNNLAB_HOME": str(tmp_path / "other")}))
        assert (done.returncode, done.stdout, done.stderr) == (0, listed.stdout, "")


# A real run of each kind.


def test_a_forecast_is_trained_and_measured(trained: Trained) -> None:
    run = trained.forecast
    assert set(run) == set(RUN_KEYS)
    assert (run["kind"], run["preset"], run["state"], run["seed"]) == ("sunspots", "sunspots/5", "done", 1)
    assert run["parameters"]["epochs"] == 2
    assert (run["error"], run["replicates"]) == (None, 1)
    metrics = run["metrics"]
    assert {"losses", "train_rmse", "test_rmse"} <= set(metrics)
    assert len(metrics["losses"]) == 2
    assert 0.0 < metrics["test_rmse"] < 10.0
    assert 0.0 < run["seconds"] < PATIENCE_S
    assert set(run["worker"]) == {"pid", "host", "started"}


def test_the_predictions_on_disk_are_those_that_were_measured(trained: Trained) -> None:
    with np.load(Path(trained.forecast["directory"]) / "predictions.npz", allow_pickle=False) as arrays:
        n_train, real, predicted = int(arrays["n_train"]), arrays["real"], arrays["predicted"]
    assert (n_train, len(real) - n_train) == (225, 56)
    metrics = trained.forecast["metrics"]
    assert rmse(real[:n_train], predicted[:n_train]) == pytest.approx(metrics["train_rmse"])
    assert rmse(real[n_train:], predicted[n_train:]) == pytest.approx(metrics["test_rmse"])


def test_a_text_is_learnt_and_written(trained: Trained) -> None:
    run = trained.writing
    assert set(run) == set(RUN_KEYS)
    assert (run["kind"], run["state"]) == ("alice", "done")
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
    assert all(set(run) == set(RUN_KEYS) - {"metrics"} for run in listed)
    for run in (trained.forecast, trained.writing):
        assert trained.lab.read("show", run["id"][:4], "--json") == run
        shown = trained.lab.call("show", run["id"])
        assert (shown.returncode, shown.stderr) == (0, "")
        assert shown.stdout.startswith(f"{run['id']}  done  {run['directory']}\n")


def test_tables_are_exported_in_every_format(trained: Trained, tmp_path: Path) -> None:
    lab, ids = trained.lab, (trained.forecast["id"], trained.writing["id"])
    markdown = lab.call("export", *ids).stdout
    assert "| Trial | Epochs | Batch size | Time steps | Activation |" in markdown
    assert "| Iteration | Loss | Seed | Generated text | Published loss |" in markdown
    assert trained.forecast["provenance"]["command"] in markdown
    rows = list(csv.DictReader(io.StringIO(lab.call("export", ids[0], "--format", "csv").stdout, newline="")))
    assert [row["Test RMSE"] for row in rows] == [f"{trained.forecast['metrics']['test_rmse']:.3f}"]
    lines = lab.call("export", *ids, "--format", "json").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [trained.forecast, trained.writing]
    assert lab.call("export", *ids, "--format", "latex").stdout.count(r"\begin{table}") == 3
    path = tmp_path / "tables.md"
    done = lab.call("export", *ids, "-o", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"Wrote {path}.\n")
    assert path.read_text("utf-8") == markdown
    assert "Can't write" in refused(lab.call("export", *ids, "-o", str(tmp_path / "none" / "x.md")))


def test_the_same_trial_gives_the_same_bits_in_a_run_of_its_own(trained: Trained) -> None:
    assert trained.again["id"] != trained.forecast["id"]
    assert trained.again["metrics"] == trained.forecast["metrics"]
    assert trained.again["provenance"]["data"] == trained.forecast["provenance"]["data"]


@pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="this host has the GPU that the run must miss")
def test_a_run_that_fails_says_why_and_ends_with_1(trained: Trained) -> None:
    done = trained.on_gpu
    assert done.returncode == 1
    run = json.loads(done.stdout)
    assert run["state"] == "failed"
    assert run["error"] == {
        "what": "TensorFlow finds no GPU on this host.",
        "try": "Run the trial with --device cpu.",
    }
    assert done.stderr.endswith("TensorFlow finds no GPU on this host. Run the trial with --device cpu.\n")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="this host has the GPU that the run must miss")
def test_a_run_that_fails_says_why_once(trained: Trained) -> None:
    assert trained.on_gpu.stderr.count("TensorFlow finds no GPU") == 1


# Signals.


def test_ctrl_c_cancels_in_training(lab: Laboratory) -> None:
    with lab.training("--json") as process:
        said = wait_for(process, "epoch 1/")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert err.count("Cancelling") == 1
    assert "Traceback" not in err
    run = json.loads(out)
    assert (run["id"], run["state"], run["error"]) == (run_id(said), "cancelled", None)
    assert len(run["metrics"]["losses"]) >= 1
    assert lab.read("show", run["id"], "--json") == run


def test_ctrl_c_before_the_worker_starts_is_ctrl_c_too(lab: Laboratory) -> None:
    pipe = lab.home.data / "corpora" / "alice.json"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    # Should the command never read it, this does, so that the test does not wait for ever.
    watchdog = threading.Timer(PATIENCE_S, lambda: os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)))
    watchdog.start()
    # The pipe opens once the command is about to read it, before there is a run.
    with lab.start("run", "alice/1") as process, pipe.open("wb"):
        watchdog.cancel()
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in err
    assert process.returncode == 130


def test_a_second_ctrl_c_leaves_at_once_and_the_request_stands(lab: Laboratory) -> None:
    with lab.training("--json") as process:
        name = run_id(wait_for(process, "importing"))
        process.send_signal(signal.SIGINT)
        wait_for(process, "Cancelling")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, out) == (130, "")
        assert "Traceback" not in err
        run = lab.read("show", name, "--json")
        # It need not import TensorFlow to its end.
        with suppress(ProcessLookupError):
            os.kill(run["worker"]["pid"], signal.SIGKILL)
    assert run["state"] in ("cancelling", "cancelled")


def test_sigterm_cancels_while_tensorflow_is_imported(lab: Laboratory) -> None:
    with lab.training("--json") as process:
        wait_for(process, "importing")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143
    assert "Traceback" not in err
    run = json.loads(out)
    assert (run["state"], run["metrics"]) == ("cancelled", None)


def test_a_closed_terminal_leaves_the_run_going(lab: Laboratory) -> None:
    with lab.training() as process:
        name = run_id(wait_for(process, "epoch 1/"))
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == -signal.SIGHUP
        run = lab.read("show", name, "--json")
        assert run["state"] == "running"
        worker = os.pidfd_open(run["worker"]["pid"])
        Run(Path(run["directory"])).request_cancel()
        # Readable once the process has ended.
        ended, _writable, _failed = select.select([worker], [], [], PATIENCE_S)
        os.close(worker)
    assert ended
    assert lab.read("show", name, "--json")["state"] == "cancelled"


def test_a_killed_worker_is_said_and_another_takes_the_run_up(lab: Laboratory) -> None:
    with lab.training("--json") as process:
        name = run_id(wait_for(process, "epoch 1/"))
        before = lab.read("show", name, "--json")["worker"]["pid"]
        os.kill(before, signal.SIGKILL)
        said = wait_for(process, "The worker was killed (SIGKILL).") + wait_for(process, "epoch ")
        assert lab.read("show", name, "--json")["worker"]["pid"] != before
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert json.loads(out)["state"] == "cancelled"
    assert "Traceback" not in said + err


# What others left in the home, and terminals of other kinds.


@pytest.mark.parametrize(
    "damage",
    [
        "trial.json torn",
        "log gone",
        "log garbage",
        "result.json torn",
        "log unreadable",
        "log nested",
    ],
)
def test_one_damaged_run_does_not_hide_the_others(lab: Laboratory, ask: Ask, damage: str) -> None:
    for letters in ("bcdf", "bghj", "bkmn"):
        write_run(lab.home, sunspots_trial(5, epochs=1), run_id=f"{letters}-sunspots-5")
    run = Run(lab.home.runs / "bghj-sunspots-5")
    match damage:
        case "trial.json torn":
            (run.directory / "trial.json").write_bytes(b'{"schema')
        case "log gone":
            run.log.unlink()
        case "log garbage":
            run.log.write_bytes(bytes(range(256)) * 20)
        case "result.json torn":
            (run.directory / "result.json").write_bytes(b'{"schema')
        case "log unreadable":
            run.log.unlink()
            run.log.mkdir()
        case "log nested":
            run.log.write_bytes(b"[" * 100_000 + b"\n")
    done = ask("runs")
    assert {"bcdf-sunspots-5", "bkmn-sunspots-5"} <= {line.split()[0] for line in done.stdout.splitlines()}
    assert done.returncode == 0


def test_a_hostile_folder_name_does_not_command_the_terminal(lab: Laboratory, ask: Ask) -> None:
    write_run(lab.home, sunspots_trial(5, epochs=1), run_id="bcdf\x1b]0;owned\x07")
    done = ask("runs")
    assert "\x1b" not in done.stdout + done.stderr


def test_a_hostile_file_name_does_not_command_the_terminal(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07.txt"
    path.write_text(CORPUS)
    ask("data", "add", "alice", str(path))
    listed = ask("data", "list").stdout
    assert "a]0;owned.txt" in listed
    assert "\x1b" not in listed


@pytest.mark.parametrize("arguments", [["runs"], ["show", "bcdf"], ["export", "bcdf"], ["data", "list"]], ids=" ".join)
def test_a_terminal_that_is_not_utf_8_gets_what_it_can_show(lab: Laboratory, arguments: list[str]) -> None:
    write_run(lab.home, sunspots_trial(5, epochs=1), run_id="bcdf-sunspots-5")
    done = lab.call(*arguments, PYTHONIOENCODING="iso8859-15")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


def test_runs_are_listed_newest_first(lab: Laboratory, ask: Ask) -> None:
    later = SUBMITTED.replace(hour=18)
    write_run(lab.home, sunspots_trial(5, epochs=1), run_id="bcdf-sunspots-5", submitted=SUBMITTED)
    write_run(lab.home, alice_trial(1, iterations=2), run_id="bghj-alice-1", submitted=later)
    assert [line.split()[0] for line in ask("runs").stdout.splitlines()] == ["bghj-alice-1", "bcdf-sunspots-5"]
