"""The terminal goes away, or the application is killed: it is gone at once, and the runs do not
notice.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from helpers.factory import sunspots_trial, write_run
from helpers.faults import (
    COMMAND,
    Laboratory,
    events_of,
    kill,
    laboratory,
    processes,
    wait_until,
    worker_of,
)
from helpers.terminal import Terminal

from engine.host.home import Home
from engine.runs.events import EpochEnded, EventReader, Started
from engine.runs.run import Run, all_runs

EPOCHS = 400
LEAVES_S = 15
"""One that does not leave spins for ever; on a quiet machine it is gone within one second."""
HUNG_UP = 128 + signal.SIGHUP
LEFT_IN_ORDER = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l")
"""The alternate screen left, the cursor back, no more mouse reports."""


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


def submitted_in(terminal: Terminal, home: Home) -> Run:
    """Start sunspots/5, of more epochs than it has, in the application, and return the run."""
    terminal.wait_for("No runs yet")
    terminal.press("n")
    terminal.wait_for("225 training windows")
    terminal.press("enter")
    terminal.wait_for("device")
    terminal.press(str(EPOCHS))
    terminal.wait_for("was 35")
    terminal.press("f5")
    terminal.wait_for("starting")
    (run,) = all_runs(home)
    return run


def epochs_of(run: Run) -> list[int]:
    return [event.epoch for event in events_of(run) if isinstance(event, EpochEnded)]


def test_a_run_outlives_every_application_that_looked_at_it(lab: Laboratory) -> None:
    with lab.terminal() as terminal:
        run = submitted_in(terminal, lab.home)
        terminal.hang_up()
        assert terminal.wait_for_end(seconds=LEAVES_S) == HUNG_UP
    wait_until(lambda: epochs_of(run), every=0.001)
    worker, supervisor = worker_of(run), lab.supervisor()
    # So that there is something left to do, however long an application takes to start and to end.
    kill(worker, signal.SIGSTOP)
    for number, status in ((signal.SIGHUP, HUNG_UP), (signal.SIGKILL, -signal.SIGKILL)):
        before = len(epochs_of(run))
        with lab.terminal() as terminal:
            terminal.wait_for("running")
            terminal.press("enter")
            terminal.wait_for("best")
            kill(worker, signal.SIGCONT)
            wait_until(partial(has_more_epochs, run, before), every=0.001)
            kill(terminal.pid, number)
            kill(worker, signal.SIGSTOP)
            assert terminal.wait_for_end(seconds=LEAVES_S) == status
    kill(worker, signal.SIGCONT)
    assert lab.supervisor() == supervisor
    with lab.terminal() as terminal:
        terminal.wait_for("✓ done")
        terminal.press("enter")
        terminal.wait_for(f" {EPOCHS} ")
        terminal.press("5", "end")
        terminal.wait_for("finished")
    log = EventReader(run.log).read()
    assert [logged.n for logged in log] == list(range(1, len(log) + 1))
    assert [logged.event.pid for logged in log if isinstance(logged.event, Started)] == [worker]
    assert epochs_of(run) == list(range(1, EPOCHS + 1))
    # Nobody is left to spin: the supervisor leaves when there is nothing to do.
    wait_until(lambda: not processes(str(lab.home.root)))


def has_more_epochs(run: Run, before: int) -> bool:
    return len(epochs_of(run)) > before


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_leaves_the_terminal_in_order(lab: Laboratory, number: signal.Signals) -> None:
    with lab.terminal() as terminal:
        terminal.wait_for("No runs yet")
        kill(terminal.pid, number)
        assert terminal.wait_for_end(seconds=LEAVES_S) == 128 + number
        terminal.read(0.1)
        for sequence in LEFT_IN_ORDER:
            assert terminal.received.rindex(sequence) > len(terminal.received) // 2


def test_a_signal_is_obeyed_though_the_terminal_takes_no_more(lab: Laboratory) -> None:
    for number in range(1, 12):
        write_run(lab.home, sunspots_trial(number), epochs=1)
    with lab.terminal(columns=200, lines=60) as terminal:
        terminal.wait_for("sunspots/11")
        # The link stalls: nobody reads what the application writes, until the way holds no more of
        # it.
        unread = [terminal.unread()]
        while len(unread) < 20 or unread[-1] > unread[-20]:
            # Every other size is painted again.
            terminal.resize(200 - len(unread) % 2, 60)
            time.sleep(0.05)
            unread.append(terminal.unread())
        kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait_for_end(seconds=3, reading=False) == 128 + signal.SIGTERM


def test_a_terminal_that_closes_without_a_signal_ends_it(lab: Laboratory) -> None:
    """A shell that ignores the hang-up keeps it from the application, which reads the end of its
    input for ever.
    """
    words = f"trap '' HUP; {COMMAND}; exit $?"
    with Terminal(
        ["-c", words], env=lab.environment, cwd=lab.folder, program="/bin/sh"
    ) as terminal:
        terminal.wait_for("No runs yet")
        (application,) = (
            Path(f"/proc/{terminal.pid}/task/{terminal.pid}/children").read_text().split()
        )
        terminal.hang_up()
        try:
            wait_until(lambda: not Path("/proc", application).exists(), seconds=LEAVES_S)
        finally:
            kill(int(application))


def test_ctrl_d_leaves(lab: Laboratory) -> None:
    with lab.terminal() as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("ctrl+d")
        assert terminal.wait_for_end(seconds=LEAVES_S) == 0


@pytest.mark.parametrize("missing", ["stdin", "stdout", "stderr alone"])
def test_without_a_terminal_it_says_so(lab: Laboratory, missing: str) -> None:
    """The end of the input at once (``</dev/null``), with a terminal elsewhere or not; nowhere to
    draw (``2>file``).
    """
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [COMMAND],
        env=lab.environment,
        stdin=subprocess.DEVNULL if missing == "stdin" else theirs,
        stdout=subprocess.DEVNULL if missing == "stdout" else theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    try:
        _nothing, said = process.communicate(timeout=20)
    finally:
        process.kill()
    os.close(ours)
    assert process.returncode == 2
    assert b"The application needs a terminal." in said
    assert said.count(b"\n") == 1
    assert b"\x1b" not in said
