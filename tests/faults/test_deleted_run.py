"""A run directory is deleted under everybody: the worker leaves, who watches is told, and nothing
comes back.
"""

import shutil
import signal
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from helpers.factory import sunspots_trial
from helpers.faults import (
    Laboratory,
    events_of,
    kill,
    laboratory,
    processes,
    queued_ids,
    wait_until,
    worker_of,
)

from engine.host.home import Home
from engine.operations.submission import accept
from engine.runs.events import AnyEvent, Checkpointed, EpochEnded, EpochProgress, PhaseEntered
from engine.runs.run import all_runs
from engine.training.worker import Worker
from engine.trials.variant import Variant

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
        # The next checkpoint is due by the time that the worker continues: it is what would make
        # the folder again.
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
    assert all_runs(lab.home) == []
    wait_until(lambda: not processes(str(lab.home.root)), 20)
    assert all_runs(lab.home) == []


def test_deleted_while_it_compiles(lab: Laboratory) -> None:
    """XLA makes the folder again that it was given for what it compiles: the run must not continue
    in it.
    """
    # No other test has this program, so that it is not in the cache.
    (run,) = lab.queue("sunspots/5", "--set", f"epochs={EPOCHS}", "--set", "time_steps=11")
    wait_until(lambda: PhaseEntered(phase="compiling") in events_of(run), every=0.002)
    worker = worker_of(run)
    shutil.rmtree(run.directory)
    wait_until(lambda: not Path(f"/proc/{worker}").exists(), 20)
    assert not run.directory.exists()
    wait_until(lambda: queued_ids(lab.home) == [], 20)


@pytest.mark.parametrize("what", ["run", "home"])
def test_what_a_library_makes_anew_of_a_deleted_run_is_removed(
    home: Home, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    (run,) = accept(home, [sunspots_trial(5)])
    steps = 0

    def train() -> Generator[AnyEvent, None, None]:
        nonlocal steps
        shutil.rmtree(run.directory if what == "run" else home.root)
        (run.directory / "compiled").mkdir(parents=True)
        while steps < 2:
            steps += 1
            yield EpochProgress(done=steps, total=9)

    monkeypatch.setattr(Worker, "_run_trial", lambda worker, _trial: worker._follow(train()))
    assert Worker(run, Variant.TWO_THREADS).work() == 0
    assert steps == 1
    assert not run.directory.exists()
    assert home.root.exists() == (what == "run")


def test_a_worker_whose_run_lost_one_file_removes_no_other(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = accept(home, [sunspots_trial(5)])

    def train() -> Generator[AnyEvent, None, None]:
        (run.directory / "trial.json").unlink()
        yield EpochProgress(done=1, total=9)

    monkeypatch.setattr(Worker, "_run_trial", lambda worker, _trial: worker._follow(train()))
    assert Worker(run, Variant.TWO_THREADS).work() == 0
    assert sorted(path.name for path in run.directory.iterdir()) == ["events.jsonl", "host.json"]
