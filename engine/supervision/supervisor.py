"""The supervisor: starts the queue's runs, and starts again those whose worker was killed.

``python -P -m engine.supervision.supervisor HOME``: one per home and host, in a session of its own,
started on demand; it leaves when there is nothing to do. It keeps nothing in its head that its
successor would miss: what is to be done stands in the queue, what was done in the runs' logs, and
who is at work is told by locks.
"""

import argparse
import logging
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.errors import LabError
from engine.host import disk, locks, out_of_memory, process_limits
from engine.host.files import UnreadableFile, read_content
from engine.host.home import Home
from engine.host.machine import available_memory, cores, oom_kills
from engine.language import _
from engine.operations.control import cancel_if_idle
from engine.operations.deletion import remove_leftovers
from engine.runs import queue
from engine.runs.events import AnyEvent, Died, EventReader, EventWriter, Failed, Started
from engine.runs.progress import END
from engine.runs.run import DEPTH, DamagedRun, NewerRun, Run
from engine.sanitise import printable
from engine.supervision.forkserver import ForkServer
from engine.supervision.launch import (
    can_run_here,
    launch,
    live_supervisor,
    sign_in,
    sign_out,
    supervisor_lock,
)

_log = logging.getLogger("rnnlab.supervisor")

_TICK_S = 0.1
MOST_DEATHS = 5
"""After so many deaths of its own doing, without a checkpoint between them, a run has failed."""
_WORKER_BYTES = 1_000_000_000
"""What a worker takes at most for the report's trials: no second one is started where less is
free.
"""
_LONGEST_WAIT_S = 60.0
_EXIT_GRACE_S = 1.0
_LONGEST_DELETION_S = 3.0
"""How long a home that has no folder of locks any more is taken for one that is being deleted."""
_YOUNG_S = 3_600.0
"""How long locks are left untouched: what cleans up temporary folders waits for days."""
WARM_SECONDS = 180.0
"""How long TensorFlow is kept at hand for the next run, unless ``RNNLAB_WARM_SECONDS`` says
otherwise.
"""


class Child(Protocol):
    """A worker's process: what :class:`subprocess.Popen` has of it."""

    def poll(self) -> int | None: ...


_NOT_STARTED = 75
"""The status of a worker that could not be started: EX_TEMPFAIL of sysexits.h, with which no worker
ends.
"""


class _Unstarted:
    """A worker that the system would not start."""

    def poll(self) -> int:
        return _NOT_STARTED


@dataclass
class _Job:
    """A run that a worker is at: this supervisor's child, or one that outlived the supervisor
    before.
    """

    run: Run
    threads: int
    child: Child | None
    oom_kills: int = 0
    """How many processes the kernel had killed for want of memory before it was started."""
    printed_before: int = 0
    """Bytes of its log that workers before it have printed."""
    lock_seen: float = field(default_factory=time.monotonic)
    """When its lock was last seen held: the kernel lets it go a moment before the exit status is
    known.
    """


@dataclass
class _Backoff:
    """How long a run whose worker died waits until it is started again."""

    deaths: int = 0
    until: float = 0.0


@dataclass
class Supervisor:
    """Works a home's queue off. ``launch`` starts a worker: run, descriptor of its lock, number of
    threads.
    """

    home: Home
    warm_seconds: float = 0.0
    """How long to stay when there is nothing to do, with TensorFlow imported; 0: not at all, and
    nothing imported.
    """
    launch: Callable[[Run, int, int], Child] | None = None
    _jobs: dict[str, _Job] = field(default_factory=dict)
    _patience: dict[str, _Backoff] = field(default_factory=dict)
    _foreign: dict[str, tuple[float, bool]] = field(default_factory=dict)
    """Whether a run is not to be seen to here, and when the file was written that says whose it
    is.
    """
    _set_aside: dict[str, float] = field(default_factory=dict)
    """Until when runs are left alone whose files the system refuses to read."""
    _nursery: ForkServer | None = None
    _without_locks_since: float | None = None

    def work(self) -> None:
        """Serve until there is nothing to do, or until the home is gone; at once where another
        supervisor does.
        """
        while True:
            lock = locks.acquire(supervisor_lock(self.home), patience=0)
            if lock is None:
                return
            if other := live_supervisor(self.home):
                # Its lock's file was removed. It goes on with the runs that it has, and with all
                # that are queued.
                _log.warning("process %s supervises this home, without a lock", other.pid)
                os.close(lock)
                return
            try:
                sign_in(self.home)
                self._remove_leftovers()
                busy = young = time.monotonic()
                while self._is_there():
                    if time.monotonic() - young >= _YOUNG_S or not locks.is_current(
                        lock, supervisor_lock(self.home)
                    ):
                        lock, young = self._renew(lock), time.monotonic()
                    if not self._has_locks() or self._tick_with_locks():
                        busy = time.monotonic()
                    elif time.monotonic() - busy >= self.warm_seconds:
                        break
                    time.sleep(_TICK_S)
            finally:
                sign_out(self.home)
                if self._nursery:
                    self._nursery.close()
                    self._nursery = None
                os.close(lock)
            # Whoever queued a run while this supervisor was making up its mind to leave relied on
            # it.
            if not self._is_there() or not self._waiting(self._local_runs()):
                return

    def _remove_leftovers(self) -> None:
        try:
            with queue.locked(self.home, new=False):
                remove_leftovers(self.home)
        except (OSError, LabError) as error:
            _log.warning("what was left of runs can't be removed: %s", error)

    def _is_there(self) -> bool:
        """Tell whether the home is still there."""
        return self.home.queue.is_dir()

    def _has_locks(self) -> bool:
        """Tell whether the home's folder of locks is there; it is made again if it alone was
        removed.

        A home that is being deleted may lose it first, and nothing of such a one is to come back.
        """
        if locks.lock_folder(supervisor_lock(self.home)).is_dir():
            self._without_locks_since = None
            return True
        since = self._without_locks_since = self._without_locks_since or time.monotonic()
        if time.monotonic() - since >= _LONGEST_DELETION_S and self._is_there():
            _log.warning("the folder of locks was removed")
            locks.make_folder(supervisor_lock(self.home))
        return False

    def _renew(self, lock: int) -> int:
        """Keep this supervisor's lock and its workers' ones from looking abandoned; return the lock
        to hold.

        If its file was removed, the next file's lock is taken. Another process that has it for a
        moment finds this one signed in, and leaves.
        """
        for job in self._jobs.values():
            with suppress(OSError, LabError):
                os.utime(locks.lock_file(job.run.directory))
        if locks.is_current(lock, supervisor_lock(self.home)):
            locks.touch(lock)
            return lock
        try:
            following = locks.acquire(supervisor_lock(self.home), patience=0, new=False)
        except LabError:
            # Their folder is gone too: see _has_locks.
            return lock
        if following is None:
            return lock
        os.close(lock)
        return following

    def _tick_with_locks(self) -> bool:
        """As :meth:`_tick`; should the folder of locks go away meanwhile, there is more to do.
        Raises as that.
        """
        try:
            return self._tick()
        except LabError:
            if self._has_locks():
                raise
            return True

    def _tick(self) -> bool:
        """Look once at all there is to do; return whether there is more."""
        if self.warm_seconds and (self._nursery is None or self._nursery.died_after_start):
            try:
                self._nursery = ForkServer(self.home)
            except OSError as error:
                _log.warning("no process that forks workers can be started: %s", error)
                # Workers are started by themselves, as far as they can be.
                self.warm_seconds, self._nursery = 0.0, None
        for job in list(self._jobs.values()):
            try:
                self._reap(job)
            except (OSError, LabError) as error:
                _log.warning("run %s: %s", job.run.id, error)
        here = self._local_runs()
        for run in self._waiting(here):
            try:
                if not self._start_or_settle(run, len(here)):
                    break
            except DamagedRun as error:
                self._give_up(run, error)
            except (UnreadableFile, NewerRun) as error:
                # The others are seen to, and it is not waited for: whoever looks at the home when
                # it can be read again has it started.
                _log.warning("run %s: %s", run.id, error)
                self._set_aside[run.id] = time.monotonic() + _LONGEST_WAIT_S
            except (OSError, LabError) as error:
                # A full disk, say: the run stays in the queue, and the others are seen to.
                _log.warning("run %s: %s", run.id, error)
                self._back_off(run)
        if self._jobs or self._waiting(here):
            return True
        queue.reset_concurrency(self.home)
        return False

    # The queue.

    def _local_runs(self) -> list[Run]:
        """Return the queue's runs that belong to this host; entries of runs that were deleted are
        dropped.
        """
        with queue.locked(self.home, new=False):
            found = []
            for entry in queue.entries(self.home):
                run = Run(self.home.runs / entry.run_id)
                if not run.directory.is_dir():
                    if queue.is_orphaned(entry):
                        entry.path.unlink(missing_ok=True)
                elif not self._is_foreign(run, entry):
                    found.append(run)
            return found

    def _give_up(self, run: Run, why: DamagedRun) -> None:
        """Take a run out of the queue that can never be started as it is; lists of the runs say why
        too.
        """
        _log.warning("run %s is given up: %s", run.id, why)
        queue.remove(self.home, run.id)

    def _is_foreign(self, run: Run, entry: queue.Entry) -> bool:
        # A host may adopt a run at any time.
        written = _modified(run.host_file)
        if run.id not in self._foreign or self._foreign[run.id][0] != written:
            try:
                foreign = not can_run_here(run)
            except DamagedRun as error:
                foreign = True
                if queue.is_orphaned(entry):
                    self._give_up(run, error)
            except (LabError, OSError) as error:
                # Not this program's to run: of a newer one, say.
                _log.warning("run %s: %s", run.id, error)
                foreign = True
            self._foreign[run.id] = written, foreign
        return self._foreign[run.id][1]

    def _waiting(self, here: list[Run]) -> list[Run]:
        """Return the runs that may be started, or have to be ended, in their order."""
        now = time.monotonic()
        return [
            run
            for run in here
            if run.id not in self._jobs
            and not run.is_on_hold
            and self._set_aside.get(run.id, 0.0) <= now
        ]

    def _start_or_settle(self, run: Run, unfinished: int) -> bool:
        """Start a waiting run, or settle one that was cancelled, is over, or has a worker. False:
        there is no room.
        """
        if run.submission and run.cancel_request.exists() and cancel_if_idle(run):
            return True
        progress = run.progress()
        if run.has_worker(progress):
            self._jobs[run.id] = _Job(run, progress.worker.threads if progress.worker else 1, None)
            return True
        if time.monotonic() < self._patience.get(run.id, _Backoff()).until:
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
                # Adopted by another host since it was looked at.
                return True
            # One that was begun keeps its threads: they decide about bits.
            threads = progress.worker.threads if progress.worker else self._threads(unfinished)
            if not self._has_room(threads):
                return False
            before = oom_kills(), _size(run.worker_log)
            try:
                child: Child = self._launch(run, lock, threads)
            except OSError as error:
                if not process_limits.is_limit(error):
                    raise
                child = _Unstarted()
            self._jobs[run.id] = _Job(run, threads, child, *before)
            return True
        finally:
            os.close(lock)

    def _launch(self, run: Run, lock: int, threads: int) -> Child:
        if self.launch:
            return self.launch(run, lock, threads)
        # A graphics driver does not survive a fork. And where forked workers die, one of its own
        # may say why.
        forked = run.submission.trial.device == "cpu" and run.id not in self._patience
        if forked and self._nursery and self._nursery.is_alive:
            return self._nursery.launch(run, lock, threads)
        return launch(run, lock, threads)

    @property
    def _concurrency(self) -> int:
        return queue.concurrency(self.home) or cores()

    def _threads(self, unfinished: int) -> int:
        """Choose a new run's threads: alone it is fastest on two cores; of several, on one each,
        more get done.
        """
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
        """Settle a run whose worker has ended."""
        status = job.child.poll() if job.child else None
        if status is None:
            if _is_at_work(job):
                job.lock_seen = time.monotonic()
            if time.monotonic() - job.lock_seen < _EXIT_GRACE_S:
                return
        del self._jobs[job.run.id]
        if status is None:
            self._back_off(job.run)
        if status is None or job.run.was_deleted:
            # Nobody waited for it, and nothing is known but that it is gone. The queue says if
            # there is more to do.
            return
        lock = locks.acquire(job.run.directory)
        if lock is None:
            # Somebody is at it again: a worker started by hand.
            return
        try:
            progress = job.run.progress()
            if isinstance(progress.end, END):
                queue.remove(self.home, job.run.id)
                self._patience.pop(job.run.id, None)
                return
            if job.run.has_writer(progress):
                # The run's lock was removed, and another worker had the log when this one came.
                return
            if _logged_an_end(job.run):
                # Somebody had it go on before this was noticed: it is in the queue, and nothing has
                # died.
                return
            died = _diagnose(job, status)
            _log.warning("run %s: %s", job.run.id, died.why)
            events: list[AnyEvent] = [died]
            if progress.deaths + died.by_itself >= MOST_DEATHS:
                what = _("The run's worker died {limit} times without getting further. {why}")
                events.append(
                    Failed(
                        what=what.format(limit=MOST_DEATHS, why=died.why),
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
        patience = self._patience.setdefault(run.id, _Backoff())
        # Three times at once: one kill is an accident. Then ever later: something on this host
        # kills them.
        wait = 0.0 if patience.deaths < 3 else min(_LONGEST_WAIT_S, 2.0 ** (patience.deaths - 3))
        patience.deaths += 1
        patience.until = time.monotonic() + wait


def _is_at_work(job: _Job) -> bool:
    if job.child is None:
        # What is said of a log that can't be read any more is said once its lock is free.
        with suppress(UnreadableFile, DamagedRun):
            return job.run.has_worker(job.run.progress())
    return locks.is_held(job.run.directory)


def _logged_an_end(run: Run) -> bool:
    """Tell whether the last worker has said how it ended, whether or not that was taken back
    since.
    """
    said = [logged.event for logged in EventReader(run.log).read()]
    began = max(
        (number for number, event in enumerate(said) if isinstance(event, Started)), default=0
    )
    return any(isinstance(event, END) for event in said[began:])


def _diagnose(job: _Job, status: int) -> Died:
    """Say what a worker that ended with ``status`` (negative: a signal's number) died of."""
    if status == _NOT_STARTED:
        return Died(
            why=_("No worker could be started.") + f" {process_limits.SENTENCE}", by_itself=True
        )
    if status == -signal.SIGKILL and oom_kills() > job.oom_kills:
        return Died(why=_("The host ran out of memory and killed the worker."), by_itself=True)
    if status < 0:
        name = signal.Signals(-status).name
        words = _last_words(job)
        if -status in _OWN_FAULTS or process_limits.SENTENCE in words:
            return Died(
                why=_("The worker crashed ({signal}).").format(signal=name) + words, by_itself=True
            )
        return Died(why=_("The worker was killed ({signal}).").format(signal=name), by_itself=False)
    words = _("The worker ended with status {status}.").format(status=status)
    return Died(why=words + _last_words(job), by_itself=True)


_OWN_FAULTS = (
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGSYS,
)
_OUT_OF_MEMORY = _("It was out of memory.")
_LAST_WORDS_BYTES = 65_536


def _last_words(job: _Job) -> str:
    """Return what matters of what a worker printed, as the end of a sentence; empty where it
    printed nothing.
    """
    try:
        last = min(_LAST_WORDS_BYTES, max(0, _size(job.run.worker_log) - job.printed_before))
        content = read_content(str(job.run.worker_log), _LAST_WORDS_BYTES, DEPTH, last=last)
        text = content.decode("utf-8", errors="replace")
    except OSError:
        return ""
    lines = [line for line in text.strip().splitlines() if not _is_noise(line)]
    for line in reversed(lines):
        # TensorFlow says of a full disk too that a resource is exhausted.
        if disk.refusal(line):
            return " " + _("It said: {line}").format(line=printable(line)[-200:])
        if process_limits.mentions_limit(line):
            return f" {process_limits.SENTENCE}"
        if out_of_memory.mentions_oom(line):
            return f" {_OUT_OF_MEMORY}"
    return " " + _("It said: {line}").format(line=printable(lines[-1])[:200]) if lines else ""


def _is_noise(line: str) -> bool:
    """Tell whether a line says nothing to a person: of the stack with which a crash of TensorFlow's
    ends, and XLA's complaint, in vain, of every program that was kept: it does not know its own
    names of this processor.
    """
    return line.lstrip().startswith(("@ ", "***")) or "cpu_aot_loader" in line


def _modified(path: Path) -> float:
    """Return when a file was last written; 0 if there is none."""
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
    words = _(
        "What its worker printed is in {path}; `rnnlab-tui resume {id}` takes it up again."
    ).format(path=run.worker_log, id=run.id)
    if disk.refusal(died.why):
        return f"{_('Make room on that disk.')} {words}"
    if process_limits.SENTENCE in died.why:
        return f"{process_limits.remedy()} {words}"
    # Under a limit of memory TensorFlow may crash without a word.
    short = "out of memory" in died.why or out_of_memory.address_space() is not None
    return f"{out_of_memory.remedy()} {words}" if short else words


def warm_seconds() -> float:
    """Return how long to stay when there is nothing to do: ``RNNLAB_WARM_SECONDS``, where that is a
    time.
    """
    try:
        seconds = float(os.environ.get("RNNLAB_WARM_SECONDS") or WARM_SECONDS)
    except ValueError:
        return WARM_SECONDS
    return seconds if math.isfinite(seconds) and seconds >= 0 else WARM_SECONDS


def main() -> int:
    """Work the queue of the home given off."""
    parser = argparse.ArgumentParser(prog="python -P -m engine.supervision.supervisor")
    parser.add_argument("home", type=Path)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    home = Home(parser.parse_args().home.absolute())
    try:
        Supervisor(home, warm_seconds()).work()
    except LabError as error:
        # The home was closed, say. What is in the queue waits for the next supervisor.
        _log.warning("the supervisor ends: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
