"""The lines of the command's contract that no other test here holds it to; all without training
anything.

What trains is in ``test_real_runs.py``, ``test_signals.py``, ``test_run_commands.py`` and
``test_data_command.py``.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from helpers.command_line import HEAVY, PROGRAM, RUN_KEYS, call, printed_json
from helpers.factory import CORPUS, alice_trial, lock_held, sunspots_trial, write_run

from engine.data.library import TextLibrary
from engine.host.home import Home
from engine.runs import queue
from engine.runs.events import Cancelled, Failed
from engine.runs.run import Run
from engine.trials.trial import ForecastTrial, Trial
from tui.commands import cli


@pytest.fixture
def full(home: Home, tmp_path: Path) -> Home:
    """A home with a run of each kind and a text."""
    write_run(home, sunspots_trial(5, epochs=3), run_id="bcdf-sunspots-5")
    write_run(home, alice_trial(1, iterations=2), run_id="bcgh-alice-1")
    (tmp_path / "small.txt").write_text(CORPUS)
    TextLibrary(home).add("shells", tmp_path / "small.txt")
    return home


LOOKING = [
    ["presets"],
    ["presets", "--json"],
    ["runs"],
    ["runs", "--json"],
    ["show", "bcdf"],
    ["show", "bcdf", "--json"],
    ["watch", "bcdf"],
    ["watch", "bcgh", "--replay", "1000000"],
    ["export", "bcdf", "bcgh"],
    ["export", "bcdf", "bcgh", "--format", "csv"],
    ["export", "bcdf", "--format", "json"],
    ["export", "bcgh", "--format", "latex"],
    ["cancel", "bcdf"],
    ["note", "bcdf", "words"],
    ["data"],
    ["data", "list"],
    ["delete", "bcdf", "--yes"],
]


def in_process(
    arguments: list[str], home: Home, capfd: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Run the command in this process; return its exit status, its stdout and its stderr."""
    capfd.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["rnnlab-tui", *arguments])
        patch.setenv("RNNLAB_HOME", str(home.root))
        try:
            status: object = cli.main()
        except SystemExit as end:
            status = end.code
    out, err = capfd.readouterr()
    assert isinstance(status, int)
    return status, out, err


# Results go to stdout, without colour, bars, or anything else for a terminal. Every command takes
# --home.


def test_without_a_terminal_there_are_plain_lines_on_stdout_alone(
    full: Home, tmp_path: Path
) -> None:
    for arguments in LOOKING:
        # Whatever the environment says of colours.
        done = call(
            full,
            *arguments,
            TERM="xterm-256color",
            COLORTERM="truecolor",
            FORCE_COLOR="1",
            COLUMNS="20",
        )
        assert (done.returncode, done.stderr) == (0, ""), arguments
        assert bool(done.stdout) == (arguments[0] != "note"), arguments
        assert not set(done.stdout) & set("\x1b\r\b▓░"), arguments
        assert not done.stdout.startswith("\n"), arguments


def test_every_command_takes_a_home(
    full: Home, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    elsewhere = Home(tmp_path / "elsewhere")
    for arguments in LOOKING:
        if arguments[0] != "delete":
            asked_there = in_process([*arguments, "--home", str(full.root)], elsewhere, capfd)
            assert asked_there == in_process(arguments, full, capfd), arguments
    assert (
        in_process(["delete", "bcdf", "--yes", "--home", str(full.root)], elsewhere, capfd)[1]
        == "bcdf-sunspots-5\n"
    )
    for name in cli.command.commands:
        if name not in ("completion", "data", "keys"):
            assert "--home DIR" in in_process([name, "--help"], elsewhere, capfd)[1], name
    assert not elsewhere.root.exists()


# What only looks, or refuses, brings nothing heavy.

REFUSED = [
    ["run", "sunspots/12"],
    ["run", "weather"],
    ["run", "sunspots/5", "--set", "epoch=3"],
    ["run", "sunspots/5", "--set", "epochs=0"],
    ["run", "sunspots/5", "--set", "activation=swish"],
    ["run", "sunspots/5", "--seed", "-1"],
    ["run", "sunspots/5", "--seeds", "0"],
    ["run", "sunspots/5", "--seed", "4294967295", "--seeds", "2"],
    ["run", "sunspots/5", "--device", "tpu"],
    ["run", "sunspots/5", "--set", "time_steps=564"],
    ["run", "sunspots/5", "--series", "sunspots@1750-12", "--set", "time_steps=5"],
    ["run", "sunspots/5", "--series", "nothing"],
    ["run", "sunspots/5", "--corpus", "shells"],
    ["run", "alice/1", "--corpus", "shells", "--series", "sunspots"],
    ["run", "alice/1", "--corpus", "shells", "--set", "seqlen=86"],
    ["run", "alice/1", "--corpus", "nothing"],
    ["run", "alice/1"],
    ["run"],
    ["run", "sunspots/5", "--nonsense"],
    ["nonsense"],
    ["show", "zzzz"],
    ["show", "bc"],
    ["show", "BCDF"],
    ["export", "bcdf", "--format", "pdf"],
    ["watch", "bcdf", "--replay", "0"],
    ["data", "add", "Shells", "nowhere.txt"],
]
_REFUSE_ALL = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from tui.commands import cli
said = []
for arguments in json.load(sys.stdin):
    sys.argv = ["rnnlab-tui", *arguments]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            status = cli.main()
        except SystemExit as end:
            status = end.code
    said.append([status, out.getvalue(), err.getvalue()])
print(json.dumps([said, sorted(name for name in sys.modules if "." not in name)]))
"""


def test_every_refusal_is_a_sentence_before_anything_heavy_is_imported(full: Home) -> None:
    asked = subprocess.run(
        [sys.executable, "-P", "-c", _REFUSE_ALL],
        input=json.dumps(REFUSED), env=os.environ | {"RNNLAB_HOME": str(full.root)},
        capture_output=True, encoding="utf-8", timeout=90, check=True,
    )  # fmt: skip
    said, modules = json.loads(asked.stdout)
    for arguments, (status, out, err) in zip(REFUSED, said, strict=True):
        assert (status, out) == (2, ""), arguments
        assert err.startswith("rnnlab-tui: "), arguments
        assert err.count("\n") == 1, arguments
        assert err.endswith(".\n"), arguments
    # A series is read with pandas, which comes without TensorFlow.
    assert not set(modules) & (HEAVY - {"pandas"})
    assert "bcdf-sunspots-5, bcgh-alice-1" in said[REFUSED.index(["show", "bc"])][2]
    assert len(list(full.runs.iterdir())) == 2


# What is asked of `run`.


def asked_for(arguments: list[str], home: Home, capfd: pytest.CaptureFixture[str]) -> list[Trial]:
    """Return the trials that ``run`` would run."""
    trials: list[Trial] = []

    def take(_home: Home, asked: list[Trial], **_options: object) -> int:
        trials.extend(asked)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.commands.foreground.run_all", take)
        assert in_process(["run", *arguments], home, capfd) == (0, "", "")
    return trials


def test_words_are_whole_tables_in_the_order_given(
    full: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    TextLibrary(full).add("alice", full.root.parent / "small.txt")
    trials = asked_for(["alice", "sunspots/5", "sunspots"], full, capfd)
    ids = (
        [f"alice/{n}" for n in range(1, 11)]
        + ["sunspots/5"]
        + [f"sunspots/{n}" for n in range(1, 12)]
    )
    assert [trial.preset for trial in trials] == ids
    assert {(trial.seed, trial.replicates, trial.device) for trial in trials} == {(1, 1, "cpu")}


def test_seeds_are_replicates_of_a_forecast_and_runs_of_a_text(
    full: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ["--seed", "7", "--seeds", "3", "--device", "gpu", "--corpus", "shells"]
    (forecast,) = asked_for(["sunspots/5", *options[:-2]], full, capfd)
    assert (list(forecast.seeds), forecast.device) == ([7, 8, 9], "gpu")
    texts = asked_for(["alice/1", *options], full, capfd)
    assert [(text.seed, text.replicates, text.device) for text in texts] == [
        (n, 1, "gpu") for n in (7, 8, 9)
    ]


# JSON.


@pytest.mark.parametrize(
    ("state", "end", "has_error"),
    [
        ("done", None, False),
        ("failed", Failed(what="It broke.", remedy="Fix it."), True),
        ("diverged", Failed(what="It diverged.", remedy="", diverged=True, epoch=2), True),
        ("cancelled", Cancelled(), False),
        ("interrupted", None, True),
        ("running", None, False),
        ("cancelling", None, False),
    ],
)
def test_a_run_is_the_same_object_in_any_state(
    home: Home, state: str, end: Any, has_error: bool
) -> None:
    made = {} if state == "done" else {"end": end, "epochs": 2}
    run = write_run(home, sunspots_trial(5, epochs=3), run_id="bcdf-sunspots-5", **made)
    if state in ("running", "cancelling"):
        if state == "cancelling":
            run.request_cancel()
        with lock_held(run.directory):
            shown = printed_json(home, "show", "bcdf", "--json")
    else:
        shown = printed_json(home, "show", "bcdf", "--json")
    assert list(shown) == RUN_KEYS
    assert shown["state"] == state
    assert (shown["error"] is not None) == has_error
    assert set(shown["error"] or {"what": 1, "try": 1}) == {"what", "try"}
    assert len(shown["metrics"]["losses"]) == (3 if state == "done" else 2)
    assert (shown["provenance"] is not None) == (state == "done")
    assert (shown["seconds"] is None) == (state in ("running", "cancelling", "interrupted"))


def test_a_run_has_no_metrics_before_there_are_any(home: Home) -> None:
    write_run(
        home,
        alice_trial(1, iterations=3),
        run_id="bcdf-alice-1",
        end=None,
        iterations=0,
        host="elsewhere",
    )
    shown = printed_json(home, "show", "bcdf", "--json")
    assert (shown["state"], shown["metrics"], shown["error"]) == ("starting", None, None)
    assert set(shown["worker"]) == {"pid", "host", "started"}


# Ends.


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (Failed(what="It broke."), "failed"),
        (Failed(what="x", diverged=True), "diverged"),
        (Cancelled(), "cancelled"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_run_and_watch_end_with_1_where_a_run_is_not_done_and_all_is_printed(
    home: Home,
    capfd: pytest.CaptureFixture[str],
    end: Failed | Cancelled,
    state: str,
    options: list[str],
) -> None:
    made: Iterator[tuple[str, dict[str, Any]]] = iter(
        [("bcdf-sunspots-5", {"end": end, "epochs": 2}), ("bcgh-sunspots-6", {})]
    )

    def accept(_home: Home, trials: Sequence[ForecastTrial], _jobs: int | None) -> list[Run]:
        return [
            write_run(home, trial, run_id=name, **more)
            for trial, (name, more) in zip(trials, made, strict=True)
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.commands.foreground.accept", accept)
        status, out, err = in_process(["run", "sunspots/5", "sunspots/6", *options], home, capfd)
    assert status == 1
    assert "bcdf-sunspots-5" in err
    if options:
        assert [json.loads(line)["state"] for line in out.splitlines()] == [state, "done"]
    else:
        assert f"| {state.upper()} | {state.upper()} |" in out
        assert "| sunspots/6 |" in out
    assert in_process(["watch", "bcdf"], home, capfd)[0] == 1
    assert in_process(["watch", "bcgh"], home, capfd)[0] == 0


@pytest.mark.parametrize("detached", [True, False])
def test_where_no_supervisor_can_be_started_the_ids_are_printed_all_the_same(
    home: Home,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    detached: bool,
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    status, out, err = in_process(
        ["run", "sunspots/5", "sunspots/6", *["--detach"] * detached], home, capfd
    )
    ids = [entry.run_id for entry in queue.entries(home)]
    assert len(ids) == 2
    if detached:
        # They are queued, as was asked: whoever asked again would have them twice.
        assert (status, out.split()) == (0, ids)
        assert err.startswith("rnnlab-tui: Can't start the supervisor")
    else:
        assert (status, out) == (1, "")
        *named, complained = err.splitlines()
        assert [line.split()[-1] for line in named] == ids
        assert complained.startswith("rnnlab-tui: Can't start the supervisor")
    assert in_process(["cancel", *ids], home, capfd)[0] == 0
    status, out, err = in_process(["resume", *ids], home, capfd)
    assert (status, out.split()) == (0, ids)
    assert err.startswith("rnnlab-tui: Can't start the supervisor")


def test_ctrl_c_on_watch_leaves_the_run_going(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=9), end=None, epochs=2)
    with (
        lock_held(run.directory),
        subprocess.Popen(
            [PROGRAM, "watch", run.id, "--home", str(home.root)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        ) as watching,
    ):  # fmt: skip
        assert watching.stdout is not None
        assert any("loss" in line for line in iter(watching.stdout.readline, ""))
        watching.send_signal(signal.SIGINT)
        _out, err = watching.communicate(timeout=30)
    assert (watching.returncode, err.strip()) == (130, "")
    assert not run.cancel_request.exists()
