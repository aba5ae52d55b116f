"""The supervisor: starts the queue's runs, and restarts those whose worker was killed.

``python -P -m engine.supervision.supervisor HOME``: one per home and host, in a session of its own,
started on demand; it exits when there is nothing to do. It holds no state that a successor would
need: the queue says what is to be done, the runs' logs what was done, and locks who is working.
"""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.errors import InvalidValue, LabError
from engine.host import disk, locks, out_of_memory, process_limits, settings
from engine.host.files import UnreadableFile, read_content
from engine.host.home import Home
from engine.host.machine import available_memory, cores, oom_kills
from engine.language import _
from engine.operations.control import cancel_if_idle
from engine.operations.deletion import remove_leftovers
from engine.runs import queue
from engine.runs.events import AnyEvent, Cause, Died, EventReader, EventWriter, Failed, Started
from engine.runs.progress import END
from engine.runs.run import DEPTH, DamagedRun, NewerRun, Run
from engine.sanitise import printable
from engine.supervision.forkserver import ForkServer
from engine.supervision.launch import (
    can_run_here,
    launch,
    live_supervisor,
    register,
    supervisor_lock,
    unregister,
)

_log = logging.getLogger("rnnlab.supervisor")

_TICK_S = 0.1
MAX_DEATHS = 5
"""A run fails after this many deaths in a row, with no checkpoint between them."""
_WORKER_BYTES = 1_000_000_000
"""The most that a worker needs for the report's trials; with less free, no second one starts."""
_LONGEST_WAIT_S = 60.0
_EXIT_GRACE_S = 1.0
_LONGEST_DELETION_S = 3.0
"""After this time, a home without its folder of locks is no longer taken for being deleted."""
_TOUCH_INTERVAL_S = 3_600.0
"""How long locks are left untouched: cleaners of temporary folders wait for days."""


class Child(Protocol):
    """A worker's process: the part of :class:`subprocess.Popen` that is used."""

    def poll(self) -> int | None: ...


_NOT_STARTED = 75
"""Status of a worker that could not be started: EX_TEMPFAIL of sysexits.h, which no worker uses."""


class _Unstarted:
    """A worker that the system refused to start."""

    def poll(self) -> int:
        return _NOT_STARTED


@dataclass
class _Job:
    """A run with a live worker: this supervisor's child, or one that outlived a predecessor."""

    run: Run
    threads: int
    child: Child | None
    oom_kills: int = 0
    """How many processes the kernel had killed for lack of memory before it was started."""
    printed_before: int = 0
    """How many bytes previous workers have printed to its log."""
    lock_seen: float = field(default_factory=time.monotonic)
    """When its lock was last seen held.

    The kernel releases it a moment before the exit status is known.
    """


@dataclass
class _Backoff:
    """How long a run whose worker died waits before it is restarted."""

    deaths: int = 0
    until: float = 0.0


@dataclass
class Supervisor:
    """Runs everything in a home's queue.

    ``launch`` starts a worker, given the run, the descriptor of its lock, and the number of
    threads.
    """

    home: Home
    warm_seconds: float = 0.0
    """How long to stay idle with TensorFlow imported; with 0, exit at once and import nothing."""
    launch: Callable[[Run, int, int], Child] | None = None
    _jobs: dict[str, _Job] = field(default_factory=dict)
    _backoffs: dict[str, _Backoff] = field(default_factory=dict)
    _foreign: dict[str, tuple[float, bool]] = field(default_factory=dict)
    """Whether a run is not for this host, and the time of the file that names its host."""
    _postponed: dict[str, float] = field(default_factory=dict)
    """Until when to leave alone the runs whose files the system refuses to read."""
    _fork_server: ForkServer | None = None
    _without_locks_since: float | None = None

    def work(self) -> None:
        """Serve until the home is gone or nothing is left to do; exit if another serves."""
        while True:
            lock = locks.acquire(supervisor_lock(self.home), patience=0)
            if lock is None:
                return
            if other := live_supervisor(self.home):
                # Its lock's file was removed. It continues with its runs and all that are queued.
                _log.warning("process %s supervises this home, without a lock", other.pid)
                os.close(lock)
                return
            try:
                register(self.home)
                self._remove_leftovers()
                last_busy = last_touch = time.monotonic()
                while self._home_exists():
                    if time.monotonic() - last_touch >= _TOUCH_INTERVAL_S or not locks.is_current(
                        lock, supervisor_lock(self.home)
                    ):
                        lock, last_touch = self._renew(lock), time.monotonic()
                    if not self._has_locks() or self._tick_with_locks():
                        last_busy = time.monotonic()
                    elif time.monotonic() - last_busy >= self.warm_seconds:
                        break
                    time.sleep(_TICK_S)
            finally:
                unregister(self.home)
                if self._fork_server:
                    self._fork_server.close()
                    self._fork_server = None
                os.close(lock)
            # A run may have been queued while this supervisor was about to exit.
            if not self._home_exists() or not self._startable(self._local_runs()):
                return

    def _remove_leftovers(self) -> None:
        try:
            with queue.locked(self.home, new=False):
                remove_leftovers(self.home)
        except (OSError, LabError) as error:
            _log.warning("what was left of runs can't be removed: %s", error)

    def _home_exists(self) -> bool:
        """Tell whether the home still exists."""
        return self.home.queue.is_dir()

    def _has_locks(self) -> bool:
        """Tell whether the home's folder of locks exists; recreate it if it alone was removed.

        A home that is being deleted may lose it first, and nothing of that may come back.
        """
        if locks.lock_folder(supervisor_lock(self.home)).is_dir():
            self._without_locks_since = None
            return True
        since = self._without_locks_since = self._without_locks_since or time.monotonic()
        if time.monotonic() - since >= _LONGEST_DELETION_S and self._home_exists():
            _log.warning("the folder of locks was removed")
            locks.make_folder(supervisor_lock(self.home))
        return False

    def _renew(self, lock: int) -> int:
        """Keep this supervisor's lock and its workers' from looking abandoned; return the lock.

        If the lock's file was removed, the new file is locked. If another process holds that for a
        moment, it finds this supervisor registered and exits.
        """
        for job in self._jobs.values():
            with suppress(OSError, LabError):
                os.utime(locks.lock_file(job.run.directory))
        if locks.is_current(lock, supervisor_lock(self.home)):
            locks.touch(lock)
            return lock
        try:
            new_lock = locks.acquire(supervisor_lock(self.home), patience=0, new=False)
        except LabError:
            # Their folder is gone too: see _has_locks.
            return lock
        if new_lock is None:
            return lock
        os.close(lock)
        return new_lock

    def _tick_with_locks(self) -> bool:
        """Like :meth:`_tick`, but return True if it fails because the folder of locks is gone.

        Raises like :meth:`_tick` otherwise.
        """
        try:
            return self._tick()
        except LabError:
            if self._has_locks():
                raise
            return True

    def _tick(self) -> bool:
        """Do once whatever can be done; return whether there is more."""
        if self.warm_seconds and (self._fork_server is None or self._fork_server.died_after_start):
            try:
                self._fork_server = ForkServer(self.home)
            except OSError as error:
                _log.warning("no process that forks workers can be started: %s", error)
                # Start workers individually instead, as far as possible.
                self.warm_seconds, self._fork_server = 0.0, None
        for job in list(self._jobs.values()):
            try:
                self._reap(job)
            except (OSError, LabError) as error:
                _log.warning("run %s: %s", job.run.id, error)
        local_runs = self._local_runs()
        for run in self._startable(local_runs):
            try:
                if not self._start_or_settle(run, len(local_runs)):
                    break
            except DamagedRun as error:
                self._give_up(run, error)
            except (UnreadableFile, NewerRun) as error:
                # Go on to the others. This run is started when somebody looks at the home once it
                # can be read again.
                _log.warning("run %s: %s", run.id, error)
                self._postponed[run.id] = time.monotonic() + _LONGEST_WAIT_S
            except (OSError, LabError) as error:
                # Say a full disk: the run stays in the queue, and the others get their turn.
                _log.warning("run %s: %s", run.id, error)
                self._back_off(run)
        if self._jobs or self._startable(local_runs):
            return True
        queue.reset_concurrency(self.home)
        return False

    # The queue.

    def _local_runs(self) -> list[Run]:
        """Return the queue's runs that belong to this host; drop entries of deleted runs."""
        with queue.locked(self.home, new=False):
            runs = []
            for entry in queue.entries(self.home):
                run = Run(self.home.runs / entry.run_id)
                if not run.directory.is_dir():
                    if queue.is_orphaned(entry):
                        entry.path.unlink(missing_ok=True)
                elif not self._is_foreign(run, entry):
                    runs.append(run)
            return runs

    def _give_up(self, run: Run, error: DamagedRun) -> None:
        """Remove a run from the queue that can never start as it is; lists of runs say why too."""
        _log.warning("run %s is given up: %s", run.id, error)
        queue.remove(self.home, run.id)

    def _is_foreign(self, run: Run, entry: queue.Entry) -> bool:
        # A host may adopt a run at any time.
        modified = _modified(run.host_file)
        if run.id not in self._foreign or self._foreign[run.id][0] != modified:
            try:
                foreign = not can_run_here(run)
            except DamagedRun as error:
                foreign = True
                if queue.is_orphaned(entry):
                    self._give_up(run, error)
            except (LabError, OSError) as error:
                # This program can't run it, say because a newer version wrote it.
                _log.warning("run %s: %s", run.id, error)
                foreign = True
            self._foreign[run.id] = modified, foreign
        return self._foreign[run.id][1]

    def _startable(self, local_runs: list[Run]) -> list[Run]:
        """Return the runs that may be started, or must be ended, in order."""
        now = time.monotonic()
        return [
            run
            for run in local_runs
            if run.id not in self._jobs
            and not run.is_on_hold
            and self._postponed.get(run.id, 0.0) <= now
        ]

    def _start_or_settle(self, run: Run, unfinished: int) -> bool:
        """Start a waiting run, or settle one that was cancelled, has ended, or has a worker.

        Returns False if there is no room for it.
        """
        if run.submission and run.cancel_request.exists() and cancel_if_idle(run):
            return True
        progress = run.progress()
        if run.has_worker(progress):
            self._jobs[run.id] = _Job(run, progress.worker.threads if progress.worker else 1, None)
            return True
        if time.monotonic() < self._backoffs.get(run.id, _Backoff()).until:
            return True
        if len(self._jobs) >= self._concurrency:
            return False
        lock = locks.acquire(run.directory, patience=0)
        if lock is None:
            return True
        try:
            progress = run.progress()
            if isinstance(progress.end, END):
                queue.remove(self.home, run.id)
                return True
            if not run.is_local:
                # Adopted by another host in the meantime.
                return True
            # A run that was started before keeps its threads: they affect the last bits.
            threads = progress.worker.threads if progress.worker else self._threads(unfinished)
            if not self._has_room(threads):
                return False
            counts = oom_kills(), _size(run.worker_log)
            try:
                child: Child = self._launch(run, lock, threads)
            except OSError as error:
                if not process_limits.is_limit(error):
                    raise
                child = _Unstarted()
            self._jobs[run.id] = _Job(run, threads, child, *counts)
            return True
        finally:
            os.close(lock)

    def _launch(self, run: Run, lock: int, threads: int) -> Child:
        if self.launch:
            return self.launch(run, lock, threads)
        # A graphics driver does not survive a fork. And if forked workers die, a separate one may
        # print the reason.
        forked = run.submission.trial.device == "cpu" and run.id not in self._backoffs
        if forked and self._fork_server and self._fork_server.is_alive:
            return self._fork_server.launch(run, lock, threads)
        return launch(run, lock, threads)

    @property
    def _concurrency(self) -> int:
        return queue.concurrency(self.home) or cores()

    def _threads(self, unfinished: int) -> int:
        """Choose a new run's threads: alone 2, which is fastest, else 1 for throughput."""
        return 2 if (unfinished == 1 or self._concurrency == 1) and cores() >= 2 else 1

    def _has_room(self, threads: int) -> bool:
        if not self._jobs:
            return True
        used = sum(job.threads for job in self._jobs.values())
        return (
            used + threads <= max(cores(), self._concurrency) and available_memory() > _WORKER_BYTES
        )

    # Workers.

    def _reap(self, job: _Job) -> None:
        """Handle the end of a run's worker."""
        status = job.child.poll() if job.child else None
        if status is None:
            if _is_running(job):
                job.lock_seen = time.monotonic()
            if time.monotonic() - job.lock_seen < _EXIT_GRACE_S:
                return
        del self._jobs[job.run.id]
        if status is None:
            self._back_off(job.run)
        if status is None or job.run.was_deleted:
            # Not a child: all that is known is that it is gone. The queue tells if there is more to
            # do.
            return
        lock = locks.acquire(job.run.directory)
        if lock is None:
            # It is being worked on again, by a worker that somebody started by hand.
            return
        try:
            progress = job.run.progress()
            if isinstance(progress.end, END):
                queue.remove(self.home, job.run.id)
                self._backoffs.pop(job.run.id, None)
                return
            if job.run.has_writer(progress):
                # The run's lock was removed, and another worker had the log when this one came.
                return
            if _logged_an_end(job.run):
                # It was resumed before this was noticed: it is in the queue, and nothing has died.
                return
            died = _diagnose(job, status)
            _log.warning("run %s: %s", job.run.id, died.why)
            events: list[AnyEvent] = [died]
            if progress.deaths + died.by_itself >= MAX_DEATHS:
                what = _("The run's worker died {limit} times without getting further. {why}")
                events.append(
                    Failed(
                        what=what.format(limit=MAX_DEATHS, why=died.why),
                        remedy=_remedy(job.run, died),
                    )
                )
            self._back_off(job.run)
            writer = EventWriter(job.run.log)
            for event in events:
                writer.append(event)
            writer.sync()
            writer.close()
            if isinstance(events[-1], Failed):
                queue.remove(self.home, job.run.id)
        finally:
            os.close(lock)

    def _back_off(self, run: Run) -> None:
        backoff = self._backoffs.setdefault(run.id, _Backoff())
        # Restart at once three times: a kill may be an accident. Then wait ever longer: something
        # on this host kills them.
        wait = 0.0 if backoff.deaths < 3 else min(_LONGEST_WAIT_S, 2.0 ** (backoff.deaths - 3))
        backoff.deaths += 1
        backoff.until = time.monotonic() + wait


def _is_running(job: _Job) -> bool:
    if job.child is None:
        # If the log can't be read, that is reported once its lock is free.
        with suppress(UnreadableFile, DamagedRun):
            return job.run.has_worker(job.run.progress())
    return locks.is_held(job.run.directory)


def _logged_an_end(run: Run) -> bool:
    """Tell whether the last worker logged an end, even if that was undone since."""
    events = [logged.event for logged in EventReader(run.log).read()]
    last_start = max(
        (number for number, event in enumerate(events) if isinstance(event, Started)), default=0
    )
    return any(isinstance(event, END) for event in events[last_start:])


def _diagnose(job: _Job, status: int) -> Died:
    """Say what a worker died of that ended with ``status`` (negative: a signal's number)."""
    if status == _NOT_STARTED:
        message = _("No worker could be started.") + f" {process_limits.SENTENCE}"
        return _died("processes", message)
    if status == -signal.SIGKILL and oom_kills() > job.oom_kills:
        return _died("memory", _("The host ran out of memory and killed the worker."))
    cause, output = _last_output(job)
    if status >= 0:
        message = _("The worker ended with status {status}.").format(status=status)
        return _died(cause or "exit", message + output)
    name = signal.Signals(-status).name
    if -status in _CRASH_SIGNALS or cause == "processes":
        message = _("The worker crashed ({signal}).").format(signal=name)
        return _died(cause or "crash", message + output)
    return _died("killed", _("The worker was killed ({signal}).").format(signal=name))


def _died(cause: Cause, why: str) -> Died:
    return Died(why=why, by_itself=cause != "killed", cause=cause)


_CRASH_SIGNALS = (
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGSYS,
)
_LAST_OUTPUT_BYTES = 65_536


def _last_output(job: _Job) -> tuple[Cause | None, str]:
    """Return what a worker's output says that it died of, and the end of a sentence about it.

    None if it says nothing that is known; an empty text if it says nothing at all.
    """
    try:
        last = min(_LAST_OUTPUT_BYTES, max(0, _size(job.run.worker_log) - job.printed_before))
        content = read_content(str(job.run.worker_log), _LAST_OUTPUT_BYTES, DEPTH, last=last)
        text = content.decode("utf-8", errors="replace")
    except OSError:
        return None, ""
    lines = [line for line in text.strip().splitlines() if not _is_noise(line)]
    for line in reversed(lines):
        # TensorFlow also calls a full disk an exhausted resource, so check for that first.
        if disk.refusal(line):
            return "disk", " " + _("It said: {line}").format(line=printable(line)[-200:])
        if process_limits.mentions_limit(line):
            return "processes", f" {process_limits.SENTENCE}"
        if out_of_memory.mentions_oom(line):
            return "memory", " " + _("It ran out of memory.")
    return None, " " + _("It said: {line}").format(line=printable(lines[-1])[:200]) if lines else ""


def _is_noise(line: str) -> bool:
    """Tell whether a line means nothing to a person.

    Such are the stack that TensorFlow prints at a crash, and XLA's warning about each program it
    loads, because it does not recognize its own names for this processor's features.
    """
    return line.lstrip().startswith(("@ ", "***")) or "cpu_aot_loader" in line


def _modified(path: Path) -> float:
    """Return when a file was last written; 0 if it does not exist."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _remedy(run: Run, died: Died) -> str:
    advice = _(
        "What its worker printed is in {path}; `rnnlab-tui resume {id}` continues it."
    ).format(path=run.worker_log, id=run.id)
    if died.cause == "disk":
        return f"{_('Make room on that disk.')} {advice}"
    if died.cause == "processes":
        return f"{process_limits.remedy()} {advice}"
    # Under a memory limit, TensorFlow may crash without a message.
    short = died.cause == "memory" or out_of_memory.address_space() is not None
    return f"{out_of_memory.remedy()} {advice}" if short else advice


def warm_seconds() -> float:
    """Return how long to keep TensorFlow imported for the next run, in seconds."""
    try:
        seconds = settings.WARM.read()
    except InvalidValue as error:
        # Runs that were accepted are run nevertheless.
        _log.warning("%s", error)
        seconds = None
    return settings.WARM_SECONDS if seconds is None else seconds


def main() -> int:
    """Run everything in the given home's queue."""
    parser = argparse.ArgumentParser(prog="python -P -m engine.supervision.supervisor")
    parser.add_argument("home", type=Path)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    home = Home(parser.parse_args().home.absolute())
    try:
        Supervisor(home, warm_seconds()).work()
    except LabError as error:
        # Say the home can't be accessed. What is in the queue waits for the next supervisor.
        _log.warning("the supervisor ends: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
