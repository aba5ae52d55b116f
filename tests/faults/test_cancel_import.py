"""Cancelling while TensorFlow is imported, which takes seconds and here never ends: the run and its
processes are gone.

A package in TensorFlow's place leaves a mark and blocks, so that there is time to cancel however
fast the machine.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.faults import (
    Laboratory,
    events_of,
    kill,
    laboratory,
    processes,
    state_of,
    wait_until,
    worker_of,
)

from engine.host.home import Home
from engine.runs.events import Cancelled, Died
from engine.runs.run import Run

WITHIN_S = 10.0
_BLOCKS = """
import os, signal
open(os.path.join({folder!r}, str(os.getpid())), "w").close()
while True:
    try:
        signal.pause()
    except Exception:  # as imports of what may be missing do
        pass
"""


@pytest.fixture
def importing(tmp_path: Path) -> Path:
    """The folder in which each process that imports TensorFlow leaves a file with its number for a
    name.
    """
    folder = tmp_path / "importing"
    folder.mkdir()
    return folder


@pytest.fixture
def lab(home: Home, tmp_path: Path, importing: Path) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        package = tmp_path / "packages" / "tensorflow"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(_BLOCKS.format(folder=str(importing)))
        lab.variables = {"PYTHONPATH": str(package.parent)}
        yield lab


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def importers(folder: Path, at_least: int = 1) -> list[int]:
    """Wait until enough processes have begun to import, and return them."""
    wait_until(lambda: len(list(folder.iterdir())) >= at_least)
    return [int(path.name) for path in folder.iterdir()]


def is_cancelled_in_time(lab: Laboratory, run: Run) -> None:
    began = time.monotonic()
    assert lab.call("cancel", run.id) == f"{run.id} cancelled\n"
    assert time.monotonic() - began < WITHIN_S
    assert state_of(run) == "cancelled"
    assert isinstance(events_of(run)[-1], Cancelled)


def all_leave(lab: Laboratory, pids: list[int]) -> None:
    """Wait until all these processes are gone, their groups with them, and the supervisor too."""
    wait_until(lambda: not any(is_alive(pid) for pid in pids), WITHIN_S)
    wait_until(lambda: not set(groups()) & set(pids), WITHIN_S)
    wait_until(lambda: not lab.is_supervised() and not processes(str(lab.home.root)), WITHIN_S)


def groups() -> Iterator[int]:
    """Yield the process groups of all live processes."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, group, *_more = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if state != "Z":
            yield int(group)


def test_a_worker_of_its_own(lab: Laboratory, importing: Path) -> None:
    # One that wants a GPU is not forked.
    (run,) = lab.queue("sunspots/5", "--device", "gpu")
    worker = worker_of(run)
    wait_until(lambda: worker in importers(importing))
    assert os.getpgid(worker) == worker
    is_cancelled_in_time(lab, run)
    assert not (run.directory / "reserve").exists()
    all_leave(lab, importers(importing))


def test_sigterm_to_it(lab: Laboratory, importing: Path) -> None:
    (run,) = lab.queue("sunspots/5", "--device", "gpu")
    worker = worker_of(run)
    wait_until(lambda: worker in importers(importing))
    kill(worker, signal.SIGTERM)
    assert lab.ends(run, WITHIN_S) == "cancelled"
    all_leave(lab, importers(importing))


def test_one_that_waits_for_the_process_that_forks(lab: Laboratory, importing: Path) -> None:
    (run,) = lab.queue("sunspots/5")
    (nursery,) = importers(importing)
    wait_until(lambda: state_of(run) == "starting")
    is_cancelled_in_time(lab, run)
    all_leave(lab, [nursery])


def test_one_that_took_over_after_that_process_died(lab: Laboratory, importing: Path) -> None:
    (run,) = lab.queue("sunspots/5")
    (nursery,) = importers(importing)
    wait_until(lambda: state_of(run) == "starting")
    kill(nursery)
    worker = worker_of(run)
    wait_until(lambda: worker in importers(importing, 2))
    is_cancelled_in_time(lab, run)
    assert not any(isinstance(event, Died) for event in events_of(run))
    all_leave(lab, importers(importing))
