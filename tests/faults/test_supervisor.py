"""The supervisor, with workers that train nothing: order, room, requests, deaths, and who else is
there.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from helpers.factory import python, sunspots_trial, write_run
from helpers.faults import deaths_of, events_of, kill, queued_ids, state_of, wait_until

from engine.errors import UsageError
from engine.host import locks
from engine.host.home import Home
from engine.host.settings import WARM_SECONDS
from engine.operations import control
from engine.operations.submission import accept, resume
from engine.runs import queue
from engine.runs.events import Cancelled, EventWriter, Failed, Finished, Started
from engine.runs.run import Run
from engine.supervision.launch import supervisor_lock
from engine.supervision.supervisor import MAX_DEATHS, Supervisor, warm_seconds

_WORKER = """
import os, sys
from pathlib import Path
from engine.runs.events import EventWriter, Finished, Started
from engine.runs.run import Run
run, threads, how = Run(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
log = EventWriter(run.log)
log.append(Started(pid=os.getpid(), host="here", started=0.0, threads=threads))
if how == "stays":
    while not (run.directory / "go").exists() and run.directory.exists():
        import time; time.sleep(0.01)
elif how == "crashes":
    os.abort()
elif how == "complains":
    sys.exit("ModuleNotFoundError: No module named 'tensorflow'")
log.append(Finished())
"""


@dataclass
class Workers:
    """Made-up workers that a supervisor starts. How each behaves: ends at once, stays, crashes,
    complains.
    """

    how: str = "ends"
    started: list[tuple[str, int]] = field(default_factory=list)
    """Runs with the number of their threads, in the order in which they were started."""

    def __call__(self, run: Run, lock: int, threads: int) -> "subprocess.Popen[bytes]":
        self.started.append((run.id, threads))
        with run.worker_log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-c", _WORKER, str(run.directory), str(threads), self.how],
                stdout=log,
                stderr=log,
                pass_fds=[lock],
            )


@contextmanager
def supervised(home: Home, workers: Workers) -> Iterator[threading.Thread]:
    """Have a supervisor at work in a thread; in the end it has left by itself, because its home is
    gone.
    """
    thread = threading.Thread(target=Supervisor(home, launch=workers).work)
    thread.start()
    try:
        yield thread
    finally:
        # At once, whatever it is writing there.
        home.root.rename(Path(tempfile.mkdtemp(prefix="gone-", dir=home.root.parent)) / "home")
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.supervision.supervisor.cores", lambda: 2)


def queued(home: Home, *numbers: int) -> list[Run]:
    return accept(home, [sunspots_trial(number) for number in numbers])


def go(run: Run) -> None:
    """Let a worker that stays end."""
    (run.directory / "go").touch()


def test_a_lone_run_has_two_threads_and_the_supervisor_leaves(home: Home) -> None:
    workers = Workers()
    (run,) = queued(home, 5)
    with supervised(home, workers) as thread:
        thread.join(20)
        assert not thread.is_alive()
        assert workers.started == [(run.id, 2)]
        assert state_of(run) == "done"
        assert queued_ids(home) == []


def test_several_are_begun_in_order_two_at_a_time_with_one_thread_each(home: Home) -> None:
    workers = Workers("stays")
    runs = queued(home, 1, 2, 3)
    with supervised(home, workers):
        wait_until(lambda: len(workers.started) == 2)
        wait_until(lambda: all(run.progress().worker for run in runs[:2]))
        assert [state_of(run) for run in runs] == ["starting", "starting", "queued"]
        go(runs[1])
        wait_until(lambda: len(workers.started) == 3)
        assert workers.started == [(run.id, 1) for run in runs]
        assert queued_ids(home) == [runs[0].id, runs[2].id]


def test_as_many_at_once_as_was_asked(home: Home) -> None:
    workers = Workers("stays")
    runs = accept(home, [sunspots_trial(number) for number in (1, 2, 3)], jobs=1)
    with supervised(home, workers) as thread:
        wait_until(lambda: runs[0].progress().worker)
        go(runs[0])
        wait_until(lambda: runs[1].progress().worker)
        # One at a time, so each has both cores.
        assert workers.started == [(run.id, 2) for run in runs[:2]]
        go(runs[1])
        wait_until(lambda: runs[2].progress().worker)
        go(runs[2])
        thread.join(20)
        assert queue.concurrency(home) is None


def test_held_ones_wait_and_the_first_goes_first(home: Home) -> None:
    workers = Workers()
    runs = queued(home, 1, 2, 3)
    control.hold(runs[0])
    control.move_to_front(runs[2])
    assert [state_of(run) for run in runs] == ["held", "queued", "queued"]
    with supervised(home, workers) as thread:
        # What is held is nothing to stay for.
        thread.join(20)
        assert not thread.is_alive()
        assert [name for name, _threads in workers.started] == [runs[2].id, runs[1].id]
        assert state_of(runs[0]) == "held"
        control.release(runs[0])
        assert state_of(runs[0]) == "queued"
        Supervisor(home, launch=workers).work()
        assert state_of(runs[0]) == "done"
        with pytest.raises(UsageError, match="is done"):
            control.hold(runs[0])


def test_a_waiting_run_is_cancelled_at_once_and_resumed(home: Home) -> None:
    workers = Workers()
    (run,) = queued(home, 1)
    control.cancel(run)
    assert (state_of(run), queued_ids(home)) == ("cancelled", [])
    with supervised(home, workers) as thread:
        thread.join(20)
        assert workers.started == []
        resume(run)
        assert (state_of(run), queued_ids(home)) == ("queued", [run.id])
        Supervisor(home, launch=workers).work()
        assert state_of(run) == "done"
        with pytest.raises(UsageError, match="is done"):
            resume(run)


@pytest.mark.parametrize(
    ("how", "said"),
    [("crashes", r"crashed \(SIGABRT\)"), ("complains", "No module named 'tensorflow'")],
)
def test_a_worker_that_dies_of_itself_again_and_again_has_failed(
    home: Home, how: str, said: str
) -> None:
    workers = Workers(how)
    (run,) = queued(home, 1)
    with supervised(home, workers) as thread:
        thread.join(60)
        assert len(workers.started) == MAX_DEATHS
        assert len(deaths_of(run)) == MAX_DEATHS
        assert state_of(run) == "failed"
        end = run.progress().end
        assert isinstance(end, Failed)
        assert f"died {MAX_DEATHS} times" in end.what
        assert re.search(said, end.what)
        assert queued_ids(home) == []


def _began_and_died(run: Run, begun: int, died: int) -> bool:
    events = events_of(run)
    return (
        sum(isinstance(event, Started) for event in events) >= begun and len(deaths_of(run)) == died
    )


def test_a_killed_worker_is_replaced(home: Home) -> None:
    workers = Workers("stays")
    (run,) = queued(home, 1)
    with supervised(home, workers):
        for number in range(1, 4):
            wait_until(partial(_began_and_died, run, number, number - 1))
            worker = run.progress().worker
            assert worker is not None
            kill(worker.pid)
            wait_until(partial(_began_and_died, run, number, number))
        go(run)
        wait_until(lambda: state_of(run) == "done")
        assert not any(death.by_itself for death in deaths_of(run))


def test_a_run_that_goes_on_before_its_end_was_noticed_has_not_died(home: Home) -> None:
    (run,) = queued(home, 1)
    noticed = threading.Event()
    ends = Workers()

    class Ended:
        def poll(self) -> int | None:
            return 0 if noticed.is_set() else None

    def launch(run: Run, lock: int, threads: int) -> "Ended | subprocess.Popen[bytes]":
        if noticed.is_set():
            return ends(run, lock, threads)
        log = EventWriter(run.log)
        log.append(Started(pid=1, host="here", started=0.0, threads=threads))
        log.append(Cancelled())
        return Ended()

    thread = threading.Thread(target=Supervisor(home, launch=launch).work)
    thread.start()
    wait_until(lambda: state_of(run) == "cancelled")
    resume(run)
    noticed.set()
    thread.join(20)
    assert (state_of(run), deaths_of(run), len(ends.started)) == ("done", [], 1)


def test_a_worker_that_outlived_its_supervisor_is_not_doubled(home: Home) -> None:
    workers = Workers("stays")
    (run,) = queued(home, 1)
    lock = locks.acquire(run.directory)
    assert lock is not None
    with supervised(home, workers):
        # As a supervisor finds it whose predecessor was killed: in the queue, and at work.
        worker = workers(run, lock, 1)
        wait_until(lambda: run.progress().worker)
        (other,) = queued(home, 2)
        wait_until(lambda: other.progress().worker)
        os.close(lock)
        go(run)
        assert worker.wait() == 0
        wait_until(lambda: queued_ids(home) == [other.id])
        assert [name for name, _threads in workers.started] == [run.id, other.id]
        assert [type(event) for event in events_of(run)] == [Started, Finished]


def test_another_host_s_run_is_left_alone(home: Home) -> None:
    workers = Workers()
    run = write_run(home, sunspots_trial(5), end=None, epochs=2, host="elsewhere")
    before = run.log.read_bytes()
    queue.add(home, [run.id])
    with supervised(home, workers) as thread:
        thread.join(20)
        assert workers.started == []
        assert queued_ids(home) == [run.id]
        assert run.log.read_bytes() == before


def test_a_deleted_run_leaves_the_queue(home: Home) -> None:
    workers = Workers()
    (run,) = queued(home, 1)
    shutil.rmtree(run.directory)
    with supervised(home, workers) as thread:
        thread.join(20)
        assert (workers.started, queued_ids(home)) == ([], [])


def test_a_run_that_another_host_is_accepting_is_not_lost(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("socket.gethostname", lambda: "elsewhere")
        (run,) = queued(home, 1)
    # As that host has it for a moment: in the queue, and not in its place.
    being_accepted = run.directory.rename(home.root / "not yet")
    Supervisor(home, launch=Workers()).work()
    assert queued_ids(home) == [run.id]
    shutil.rmtree(being_accepted)
    (entry,) = queue.entries(home)
    long_ago = entry.path.stat().st_mtime - 2 * 86_400
    os.utime(entry.path, (long_ago, long_ago))
    Supervisor(home, launch=Workers()).work()
    assert queued_ids(home) == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("nan", WARM_SECONDS),
        ("inf", WARM_SECONDS),
        ("-1", WARM_SECONDS),
        ("long", WARM_SECONDS),
        ("0", 0),
        ("2.5", 2.5),
    ],
)
def test_how_long_it_stays_is_a_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, said: str, meant: float
) -> None:
    monkeypatch.setenv("RNNLAB_WARM_SECONDS", said)
    assert warm_seconds() == meant
    refusal = f"RNNLAB_WARM_SECONDS = {said}: must be a number of seconds, 0 or more."
    assert (refusal in caplog.text) == (meant == WARM_SECONDS)


_RACER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from faults.test_supervisor import Workers
from engine.host.home import Home
from engine.supervision.supervisor import Supervisor
for _line in sys.stdin:
    workers = Workers()
    Supervisor(Home(Path(sys.argv[1])), launch=workers).work()
    print(" ".join(name for name, _threads in workers.started), flush=True)
"""


@pytest.mark.parametrize("races", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_two_supervisors_race_and_each_run_is_run_once(home: Home, races: int) -> None:
    tests = str(Path(__file__).parents[1])
    racers = [python(_RACER, str(home.root), tests) for _racer in range(2)]
    for _race in range(races):
        (run,) = queued(home, 1)
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        started = []
        for racer in racers:
            assert racer.stdout is not None
            started += racer.stdout.readline().split()
        assert started == [run.id]
        assert [type(event) for event in events_of(run)] == [Started, Finished]
        assert queued_ids(home) == []
        assert not locks.is_held(supervisor_lock(home))
    assert [racer.communicate(timeout=60) for racer in racers] == [("", "")] * 2
