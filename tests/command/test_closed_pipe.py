"""Whoever reads the command's output goes away (``| head``): it ends quietly, as any other command
of the shell's.
"""

import signal
import subprocess

import pytest
from helpers.command_line import PATIENCE_S, PROGRAM, call, closed_pipe, started
from helpers.factory import alice_trial, lock_held, sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.events import EpochEnded, EventWriter


@pytest.fixture
def full(home: Home) -> Home:
    """A home with two runs that are done."""
    write_run(home, sunspots_trial(5, epochs=1), run_id="bcdf-sunspots-5")
    write_run(home, alice_trial(1, iterations=1), run_id="bghj-alice-1")
    return home


@pytest.mark.parametrize(
    "arguments",
    [
        ["presets"],
        ["presets", "--json"],
        ["runs", "--json"],
        ["show", "bcdf", "--json"],
        ["watch", "bghj"],
        ["watch", "bghj", "--replay", "1000000"],
        ["export", "bcdf", "bghj"],
        ["export", "bcdf", "bghj", "--format", "json"],
        ["export", "bcdf", "bghj", "-o", "-"],
        ["data", "list"],
        ["doctor"],
        ["completion", "bash"],
    ],
    ids=" ".join,
)
def test_nobody_reads_the_results(full: Home, arguments: list[str]) -> None:
    with closed_pipe() as nobody, started(full, *arguments, stdout=nobody) as process:
        _out, err = process.communicate(timeout=PATIENCE_S)
    # 141 to a shell.
    assert (process.returncode, err) == (-signal.SIGPIPE, "")


@pytest.mark.parametrize("arguments", [["show", "zzzz"], ["delete", "bcdf"]])
def test_nobody_reads_the_messages(full: Home, arguments: list[str]) -> None:
    with closed_pipe() as nobody, started(full, *arguments, stderr=nobody) as process:
        out, _err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (-signal.SIGPIPE, "")
    assert call(full, "runs").stdout.count("\n") == 2


def test_what_is_followed_is_not_read_any_further(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=9), end=None, epochs=2)
    with lock_held(run.directory), started(home, "watch", run.id) as watching:
        assert watching.stdout is not None
        assert any("epoch 2/9" in line for line in iter(watching.stdout.readline, ""))
        # It waits for more, and learns that nobody does when there is some.
        watching.stdout.close()
        writer = EventWriter(run.log)
        writer.append(EpochEnded(epoch=3, loss=0.1))
        writer.close()
        assert watching.wait(PATIENCE_S) == -signal.SIGPIPE
        assert watching.stderr is not None
        assert watching.stderr.read() == ""
    assert not run.cancel_request.exists()


def test_the_first_line_of_a_list_is_had_with_head(full: Home) -> None:
    done = subprocess.run(
        f"'{PROGRAM}' runs --home '{full.root}' | head -1",
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
