"""The installed command in processes of its own, and what a test does to them: watch the log, kill,
count.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from engine.host import locks
from engine.host.home import Home
from engine.runs import queue
from engine.runs.events import AnyEvent, Died, EpochEnded, EventReader, Failed, Started
from engine.runs.run import Run, State, all_runs, find_run
from engine.supervision.launch import supervisor_lock
from helpers.terminal import Terminal

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
        self.variables: dict[str, str] = {}
        """What every command finds in its environment, and so every process that it starts."""
        self.limits: tuple[str, ...] = ()
        """What each of these processes may use, as options of prlimit(1): ``--as=BYTES``."""

    def terminal(
        self, *, columns: int = 80, lines: int = 24, cwd: Path | None = None, **variables: str
    ) -> Terminal:
        """Open a terminal in which the application runs, with more ``variables`` in its
        environment.
        """
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
        """What the command finds in its environment: little, so that it does not matter who starts
        the tests.
        """
        names = ("PATH", "RNNLAB_LOCKS", "RNNLAB_MIRROR", "RNNLAB_WARM_SECONDS")
        return {name: os.environ[name] for name in names} | {
            "HOME": str(self.folder),
            "RNNLAB_HOME": str(self.home.root),
        }

    def call(self, *arguments: str, status: int = 0) -> str:
        """Run the command to its end, which must be with ``status``; return what it printed."""
        limited = ["prlimit", *self.limits] if self.limits else []
        done = subprocess.run(
            [*limited, COMMAND, "--home", str(self.home.root), *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            env=os.environ | self.variables,
        )
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def queue(self, *arguments: str) -> list[Run]:
        """Queue what ``run`` would run, and return the runs."""
        return [
            find_run(self.home, name) for name in self.call("run", *arguments, "--detach").split()
        ]

    def show(self, run: Run) -> Any:
        return json.loads(self.call("show", run.id, "--json"))

    def ends(self, run: Run, seconds: float = PATIENCE_S) -> State:
        """Wait until a run is over; return its state."""

        # Each look reads the whole log, on the cores that the run needs.
        wait_until(
            lambda: state_of(run) not in ("queued", "starting", "running", "cancelling"),
            seconds,
            every=0.1,
        )
        return state_of(run)

    def is_supervised(self) -> bool:
        return locks.is_held(supervisor_lock(self.home))

    def supervisor(self) -> int:
        """Return the process that supervises the home."""
        return wait_until(
            lambda: next(iter(processes("engine.supervision.supervisor", str(self.home.root))), 0)
        )

    def leave(self) -> None:
        """Kill what processes this home has: the supervisor first, whose nursery leaves with it,
        then the workers.
        """
        for pid in processes("engine.supervision.supervisor", str(self.home.root)):
            kill(pid)
        wait_until(self._are_workers_gone)

    def _are_workers_gone(self) -> bool:
        """Kill who is at a run, by the log's word; tell whether nobody was."""
        held = [run for run in all_runs(self.home) if run.has_worker(run.progress())]
        for run in held:
            if worker := run.progress().worker:
                kill(worker.pid)
        return not held


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


class Following:
    """What a run's latest worker has said, read as it comes: all of a long log at every look would
    take too long.
    """

    def __init__(self, run: Run) -> None:
        self._reader = EventReader(run.log)
        self._words: list[AnyEvent] = []
        self._begun = 0

    def has_begun(self, number: int) -> bool:
        """Tell whether the ``number``-th worker has said its first word."""
        self._read()
        return self._begun == number

    def says(self, words: Callable[[AnyEvent], bool]) -> bool:
        """Tell whether the latest worker has said something that ``words`` is true of."""
        self._read()
        return any(words(event) for event in self._words)

    def _read(self) -> None:
        for logged in self._reader.read():
            if isinstance(logged.event, Started):
                self._words.clear()
                self._begun += 1
            self._words.append(logged.event)


def deaths_of(run: Run) -> list[Died]:
    return [event for event in events_of(run) if isinstance(event, Died)]


def end_of(run: Run) -> str:
    """Return the sentences with which a failed run's log ends."""
    end = run.progress().end
    assert isinstance(end, Failed), end
    return f"{end.what} {end.remedy}"


def outcome(run: Run) -> dict[str, Any]:
    """Return all that is said to be the same after any number of kills."""
    result = json.loads((run.directory / "result.json").read_bytes())
    arrays = {path.name: path.read_bytes() for path in run.directory.glob("*.npz")}
    progress = run.progress()
    told = (
        progress.losses,
        [(text.seed_text, text.text, text.loss) for text in progress.iterations],
    )
    return {
        "metrics": result["metrics"],
        "parameters": result["parameter_count"],
        "told": told,
        **arrays,
    }


def copy_of(run: Run, name: str) -> Run:
    """Return a copy of a run under another id, in the same home."""
    copy = Run(run.directory.with_name(name))
    shutil.copytree(run.directory, copy.directory)
    return copy


def with_two_checkpoints(lab: Laboratory, *trial: str) -> tuple[Run, Run]:
    """Have a trial done; and the same trial, in the same variant, cancelled twice in mid-training:
    it has two.
    """
    undisturbed, run = lab.queue(trial[0], *trial)
    log = Following(run)
    for number in (1, 2):
        wait_until(partial(_trains, log, number), every=0.002)
        kill(worker_of(run), signal.SIGTERM)
        assert lab.ends(run) == "cancelled"
        if number == 1:
            lab.call("resume", run.id)
    assert lab.ends(undisturbed) == "done"
    assert len(list(run.checkpoints.iterdir())) == 2
    return undisturbed, run


def _trains(log: Following, worker: int) -> bool:
    return log.has_begun(worker) and log.says(lambda event: isinstance(event, EpochEnded))


def is_whole(log: Path) -> bool:
    """Tell whether every line of a log is an event, numbered from 1 without a gap."""
    reader = EventReader(log)
    numbers = [logged.n for logged in reader.read()]
    return (
        reader.skipped == 0
        and numbers == list(range(1, len(numbers) + 1))
        and log.read_bytes().endswith(b"\n")
    )


def put_in_place_of(package: str, code: str, folder: Path) -> dict[str, str]:
    """Write a package of that name that does ``code``; return the environment in which it is
    imported instead.
    """
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text(code)
    return {"PYTHONPATH": str(folder)}


def queued_ids(home: Home) -> list[str]:
    return [entry.run_id for entry in queue.entries(home)]


def host() -> str:
    return socket.gethostname()
