"""A run directory is deleted under everybody: the worker leaves, who watches is told, and nothing comes back."""

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.support_faults import (
    Laboratory,
    events_of,
    kill,
    laboratory,
    processes,
    queued_ids,
    wait_until,
    worker_of,
)

from engine.events import Checkpointed, EpochEnded
from engine.home import Home

EPOCHS = 100_000
CHECKPOINT_S = 2.2
"""A worker writes a checkpoint every two seconds."""


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


def test_deleted_while_it_trains_and_is_watched(lab: Laboratory) -> None:
    (run,) = lab.queue("sunspots/5", "--set", f"epochs={EPOCHS}")
    wait_until(lambda: any(isinstance(event, EpochEnded) for event in events_of(run)))
    with lab.watching(run) as watching, lab.terminal() as terminal:
        terminal.wait_for("running")
        terminal.press("enter")
        terminal.wait_for("best")
        wait_until(lambda: any(isinstance(event, Checkpointed) for event in events_of(run)))
        worker = worker_of(run)
        # The next checkpoint is due by the time that the worker goes on: it is what would make the folder anew.
        kill(worker, signal.SIGSTOP)
        stopped = time.monotonic()
        wait_until(lambda: time.monotonic() - stopped > CHECKPOINT_S, every=0.1)
        shutil.rmtree(run.directory)
        kill(worker, signal.SIGCONT)
        wait_until(lambda: not Path(f"/proc/{worker}").exists(), 20)
        terminal.wait_for(f"Run {run.id} was deleted.", seconds=20)
        said, complained = watching.communicate(timeout=20)
        assert (watching.returncode, complained) == (1, f"rnnlab-tui: Run {run.id} was deleted.\n")
        assert "Traceback" not in said
        wait_until(lambda: queued_ids(lab.home) == [], 20)
        terminal.press("x", "r")
        terminal.wait_for("was deleted")
        terminal.press("escape")
        terminal.wait_for("No runs yet")
    assert list(lab.home.runs.iterdir()) == []
    wait_until(lambda: not processes(str(lab.home.root)), 20)
    assert list(lab.home.runs.iterdir()) == []
