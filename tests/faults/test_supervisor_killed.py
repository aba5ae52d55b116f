"""The supervisor, or the process that forks workers, killed at work: nothing is lost, and nothing
done twice.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.faults import (
    Laboratory,
    events_of,
    is_whole,
    kill,
    laboratory,
    outcome,
    processes,
    queued_ids,
    wait_until,
    worker_of,
)

from engine.host.home import Home
from engine.runs.events import Died, EpochEnded, Resumed, Started
from engine.runs.run import Run

# Two at once, one thread each, some seconds; the third waits its turn meanwhile.
TRIALS = ("sunspots/5", "sunspots/5", "sunspots/5", "--set=epochs=1500")


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


def trains(run: Run) -> bool:
    return any(isinstance(event, EpochEnded) for event in events_of(run))


def nursery_of(supervisor: int) -> int:
    """Return the process that forks a supervisor's workers: its child, where those are that
    process' children.
    """

    def found() -> int:
        for pid in processes("engine.training.forkserver"):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == str(
                supervisor
            ):
                return pid
        return 0

    return wait_until(found)


def are_done_once_each_and_equal(lab: Laboratory, runs: list[Run]) -> None:
    assert [lab.ends(run) for run in runs] == ["done"] * len(runs)
    for run in runs:
        assert is_whole(run.log)
        kinds = [type(event) for event in events_of(run)]
        assert kinds.count(Started) == 1
        assert not {Died, Resumed} & set(kinds)
        assert outcome(run) == outcome(runs[-1])
    wait_until(lambda: queued_ids(lab.home) == [])


@contextmanager
def stopped(lab: Laboratory) -> Iterator[list[Run]]:
    """Give three runs, two of which train and are stopped for as long as the block lasts, however
    long that is.
    """
    runs = lab.queue(*TRIALS)
    wait_until(lambda: trains(runs[0]) and trains(runs[1]))
    workers = [worker_of(run) for run in runs[:2]]
    for worker in workers:
        kill(worker, signal.SIGSTOP)
    yield runs
    for worker in workers:
        kill(worker, signal.SIGCONT)


def test_the_next_command_takes_over_from_a_supervisor_that_was_killed(lab: Laboratory) -> None:
    with stopped(lab) as runs:
        workers = [worker_of(run) for run in runs[:2]]
        supervisor = lab.supervisor()
        kill(supervisor)
        wait_until(lambda: not lab.is_supervised())
        lab.call("runs")
        assert lab.supervisor() != supervisor
        assert [worker_of(run) for run in runs[:2]] == workers
    are_done_once_each_and_equal(lab, runs)


def test_workers_do_not_mind_that_the_process_that_forked_them_was_killed(lab: Laboratory) -> None:
    with stopped(lab) as runs:
        nursery = nursery_of(lab.supervisor())
        assert nursery not in [worker_of(run) for run in runs[:2]]
        kill(nursery)
    are_done_once_each_and_equal(lab, runs)
