"""The installed command in processes of its own, and what a test does to them: watch the log, kill, count."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from terminal_driver import Terminal

from engine import locks, queue
from engine.events import AnyEvent, Died, EventReader, Logged, Started
from engine.home import Home
from engine.launch import supervisor_lock
from engine.runs import Run, State, all_runs, find_run

COMMAND = Path(sys.executable).with_name("rnnlab-tui")
PATIENCE_S = 120.0
_T = TypeVar("_T")


def wait_until(what: Callable[[], _T], seconds: float = PATIENCE_S, every: float = 0.01) -> _T:
    """Return what ``what`` gives as soon as that is something; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        if found := what():
            return found
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)


class Laboratory:
    """A home, and the command on it."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def terminal(self, *, columns: int = 80, lines: int = 24, cwd: Path | None = None, **variables: str) -> Terminal:
        """Open a terminal in which the application runs, with more ``variables`` in its environment."""
        folder = cwd or self.folder
        environment = self.environment | {"HOME": str(folder)} | variables
        return Terminal([], columns=columns, lines=lines, env=environment, cwd=folder)

    @contextmanager
    def watching(self, run: Run) -> Iterator["subprocess.Popen[str]"]:
        """Have the command watch a run."""
        process = subprocess.Popen(
            [COMMAND, "watch", run.id],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    @property
    def folder(self) -> Path:
        """The folder in which the command is started."""
        return self.home.root.parent

    @property
    def environment(self) -> dict[str, str]:
        """What the command finds in its environment: little, so that it does not matter who starts the tests."""
        names = ("PATH", "RNNLAB_LOCKS", "RNNLAB_MIRROR", "RNNLAB_WARM_SECONDS")
        return {name: os.environ[name] for name in names} | {
            "HOME": str(self.folder),
            "RNNLAB_HOME": str(self.home.root),
        }

    def call(self, *arguments: str, status: int = 0) -> str:
        """Run the command to its end, which must be with ``status``; return what it printed."""
        done = subprocess.run(
            [COMMAND, "--home", str(self.home.root), *arguments], capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def queue(self, *arguments: str) -> list[Run]:
        """Queue what ``run`` would run, and return the runs."""
        return [find_run(self.home, name) for name in self.call("run", *arguments, "--detach").split()]

    def show(self, run: Run) -> Any:
        return json.loads(self.call("show", run.id, "--json"))

    def ends(self, run: Run, seconds: float = PATIENCE_S) -> State:
        """Wait until a run is over; return its state."""

        wait_until(lambda: state_of(run) not in ("queued", "starting", "running", "cancelling"), seconds)
        return state_of(run)

    def is_supervised(self) -> bool:
        return locks.is_held(supervisor_lock(self.home))

    def supervisor(self) -> int:
        """Return the process that supervises the home."""
        return wait_until(lambda: next(iter(processes("engine.supervisor", str(self.home.root))), 0))

    def leave(self) -> None:
        """Kill what processes this home has: the supervisor first, whose nursery leaves with it, then the workers."""
        for pid in processes("engine.supervisor", str(self.home.root)):
            kill(pid)
        for run in all_runs(self.home):
            if locks.is_held(run.directory):
                kill(worker_of(run))
        wait_until(lambda: not any(locks.is_held(run.directory) for run in all_runs(self.home)))


@contextmanager
def laboratory(home: Home) -> Iterator[Laboratory]:
    """Give a laboratory, of which no process is left in the end."""
    lab = Laboratory(home)
    try:
        yield lab
    finally:
        lab.leave()


def processes(*words: str) -> list[int]:
    """Return the live processes whose command line has all the words."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                stat = (path / "stat").read_text()
            except OSError:
                continue
            if all(word in line for word in words) and stat.rpartition(")")[2].split()[0] != "Z":
                found.append(int(path.name))
    return found


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a process that may have gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def state_of(run: Run) -> State:
    return run.state(run.progress())


def events_of(run: Run) -> list[AnyEvent]:
    """Return every event of the log, those too that were superseded."""
    return [logged.event for logged in EventReader(run.log).read()]


def worker_of(run: Run) -> int:
    """Return the process of the live worker."""

    def found() -> int:
        started = [event for event in events_of(run) if isinstance(event, Started)]
        return started[-1].pid if started and locks.is_held(run.directory) else 0

    return wait_until(found)


def since_last_start(run: Run) -> list[Logged]:
    """Return what the latest worker has said."""
    log = EventReader(run.log).read()
    starts = [i for i, logged in enumerate(log) if isinstance(logged.event, Started)]
    return log[starts[-1] :] if starts else []


def deaths_of(run: Run) -> list[Died]:
    return [event for event in events_of(run) if isinstance(event, Died)]


def queued_ids(home: Home) -> list[str]:
    return [entry.run_id for entry in queue.entries(home)]


def host() -> str:
    return socket.gethostname()
