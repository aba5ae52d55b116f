"""Watching run directories: logs are read incrementally, and what an ended run says only once."""

import gc
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.errors import LabError
from engine.host.home import Home
from engine.language import _, ngettext
from engine.runs import queue
from engine.runs.changes import short_changes
from engine.runs.events import EventReader, Failed, Logged, Resumed, Started
from engine.runs.progress import Progress, fold, fold_tail
from engine.runs.results import AnyMetrics, BriefResult, Provenance, Result
from engine.runs.run import FAILED, LOG, UNFINISHED, Run, State, all_runs, newest_first
from engine.runs.timesheet import Timesheet, read_timesheet
from engine.trials.trial import Trial
from presets import Preset, get


@dataclass(frozen=True)
class Snapshot:
    """A run at the moment it was read."""

    run: Run
    trial: Trial
    state: State
    progress: Progress
    result_or_summary: Result | BriefResult | None
    """The result; in a brief snapshot, only the part of it that lists show."""
    problem: str = ""
    """Why the result can't be read; empty if it can, or if there is none yet."""
    skipped: int = 0
    """Number of lines of the log that were not events or out of order."""
    note: str = ""
    """A person's note about the run, one line; empty if there is none."""
    place: int | None = None
    """Its place among the queued runs, from 1; None if not queued or not looked up."""

    @classmethod
    def of(cls, run: Run, *, brief: type[BriefResult] | type[Result] | None = None) -> "Snapshot":
        """Read a run directory; ``brief`` as in :class:`RunWatcher`.

        Raises :class:`LabError` if it can't be read.
        """
        watcher = RunWatcher(run, brief=brief)
        watcher.poll()
        return watcher.latest

    @property
    def has_ended(self) -> bool:
        return self.state not in UNFINISHED

    @property
    def has_failed(self) -> bool:
        """Whether there is an error to show instead of a result: see :attr:`error`."""
        return (
            self.state in FAILED
            or bool(self.problem)
            or (self.has_ended and self.progress.is_newer)
        )

    @property
    def losses(self) -> Sequence[float]:
        """The losses to plot: those so far; once several seeds are done, the representative's."""
        metrics = self.result.metrics if self.result else None
        return (metrics.curve if metrics else None) or self.progress.losses

    @cached_property
    def short_changes(self) -> tuple[str, ...]:
        """How the trial differs from its preset, in few characters.

        See :func:`engine.runs.changes.short_changes`.
        """
        return tuple(short_changes(self.trial, self.preset))

    @property
    def result(self) -> Result | None:
        """All that was measured; None in a brief snapshot."""
        return self.result_or_summary if isinstance(self.result_or_summary, Result) else None

    @property
    def metrics(self) -> AnyMetrics | None:
        """The result's metrics, or the part of them that lists show."""
        return self.result_or_summary.metrics if self.result_or_summary else None

    @property
    def provenance(self) -> Provenance | None:
        return (
            self.result_or_summary.provenance
            if isinstance(self.result_or_summary, Result)
            else None
        )

    @property
    def prepared_sha256(self) -> str | None:
        """The digest of the data as it was trained on; None until the run has a result."""
        return (
            self.result_or_summary.provenance.data.prepared_sha256
            if self.result_or_summary
            else None
        )

    @property
    def worker(self) -> Started | None:
        """The last worker's own description, read from the log if a brief snapshot lacks it."""
        return self.progress.worker or self._timesheet.worker

    @property
    def log_damage(self) -> str:
        """A sentence on how much of the log could not be read; empty if all of it could."""
        return describe_damage(self.skipped) if self.skipped else ""

    @property
    def preset(self) -> Preset | None:
        return get(self.trial.preset)

    @property
    def seconds(self) -> float | None:
        """Seconds from submission to end; None until it has ended.

        Never negative, even if the clock was set back.
        """
        ended = self.progress.ended_at
        return None if ended is None else max(0.0, ended - self._submitted)

    @property
    def seconds_working(self) -> float | None:
        """Seconds that all its workers together worked on it; None until it has ended."""
        return None if self.progress.ended_at is None else self._timesheet.worked(self._submitted)

    @property
    def seconds_waiting(self) -> float | None:
        """Seconds it waited in the queue for its workers; None until it has ended."""
        return None if self.progress.ended_at is None else self._timesheet.waited(self._submitted)

    @cached_property
    def _timesheet(self) -> Timesheet:
        return self.progress.timesheet or read_timesheet(self.run.log)

    @property
    def _submitted(self) -> float:
        return self.run.submission.submitted.timestamp()

    @property
    def error(self) -> LabError | None:
        """What went wrong, and what to do about it; None if nothing did."""
        end = self.progress.end
        if isinstance(end, Failed):
            return LabError(end.what, end.remedy)
        if self.progress.is_newer:
            return LabError(
                _("A newer version of rnnlab-tui has worked on run {id}.").format(id=self.run.id),
                _(
                    "What this one does not know is left out, and it changes nothing: update the "
                    "program."
                ),
            )
        if self.state == "interrupted":
            return LabError(
                _("The worker of run {id} disappeared without a word.").format(id=self.run.id),
                _("What it printed is in {path}; `rnnlab-tui resume {id}` continues it.").format(
                    path=self.run.worker_log, id=self.run.id
                ),
            )
        return LabError(self.problem) if self.problem else None


_Stamp = tuple[int, int, int]
_TICK_NS = 1_000_000_000
"""Longer than a tick of any clock that timestamps files."""


def _stamp(path: str) -> _Stamp | None:
    """Return what changes if a file is written to (inode, size, time); None if it is absent."""
    try:
        status = os.stat(path)  # noqa: PTH116 (asked of thousands of runs, twice a second)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def describe_damage(skipped: int) -> str:
    """Return a sentence on how many lines of a log could not be read."""
    return ngettext(
        "{n} line of the log could not be read.", "{n} lines of the log could not be read.", skipped
    ).format(n=skipped)


class RunWatcher:
    """Follows one run. Reads files: call :meth:`poll` off the event loop if the home may be slow.

    ``brief``: of a run that has ended, read no more than a list needs: the part of the result that
    this form has (all of it, with :class:`Result`), and only the last lines of the log if they
    suffice (see :func:`engine.runs.progress.fold_tail`).
    """

    def __init__(self, run: Run, *, brief: type[BriefResult] | type[Result] | None = None) -> None:
        self.latest = Snapshot(run, run.submission.trial, "starting", Progress(), None)
        """The run as of the last poll. Nothing changes a snapshot, so any thread may read it."""
        self._run = run
        self._progress = Progress()
        self._reader = EventReader(run.log)
        self._brief = brief
        self._directory = str(run.directory)
        self._log_stamp: _Stamp | None = None
        self._directory_changed: int | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the log has its end and has not changed since: a poll would find nothing new.

        An ended run may be resumed by this session, by another one, or by the command.
        """
        if self._progress.end is None:
            return False
        stamp = _stamp(f"{self._directory}/{LOG}")
        return stamp is None or stamp == self._log_stamp

    def poll(self) -> list[Logged]:
        """Read what is new, for :attr:`latest`, and return the new events.

        Raises :class:`LabError` if the run was deleted.
        """
        # Taken before the log is read, so that a write in the meantime is noticed by the next poll.
        stamp = _stamp(f"{self._directory}/{LOG}")
        result, problem = self.latest.result_or_summary, self.latest.problem
        if self._progress.end is not None and stamp != self._log_stamp:
            result, problem = None, ""
        self._log_stamp = stamp
        self.read_note()
        previous = self._progress
        if self._brief and (ending := fold_tail(self._run.log)):
            self._progress, events = ending, list[Logged]()
        else:
            if not self._run.directory.is_dir():
                raise LabError(_("Run {id} was deleted.").format(id=self._run.id))
            self._brief = None
            events = self._read()
        state = self._run.state(self._progress)
        if state == "interrupted":
            # The worker may have ended in between; by now all that it wrote is in the log.
            events += self._read()
            state = self._run.state(self._progress)
        if state == "done" and result is None and not problem:
            result, problem = self._read_result()
            if problem and self._brief:
                # Then the log is all there is to show.
                self._brief = None
                events += self._read()
        if self._brief:
            # What the log's last lines say is not added to.
            progress = self._progress
        elif events or self._progress is not previous:
            progress = self._progress.copy()
        else:
            progress = self.latest.progress
        self.latest = Snapshot(
            self._run,
            self.latest.trial,
            state,
            progress,
            result,
            problem,
            self._reader.skipped,
            self.latest.note,
        )
        return events

    def _read_result(self) -> tuple[Result | BriefResult | None, str]:
        """Return a done run's result, or the part of it that is wanted, and why there is none."""
        try:
            result = self._run.result_summary(self._brief) if self._brief else self._run.result()
        except LabError as error:
            return None, str(error)
        if result is None:
            return None, _("Run {id} is done, but its result is missing.").format(id=self._run.id)
        return result, ""

    def _read(self) -> list[Logged]:
        if self._reader.at_start:
            self._progress = Progress()
        events = self._reader.read()
        if any(isinstance(logged.event, Resumed) for logged in events):
            # Some of what was read before is void.
            all_events = EventReader(self._run.log).read()
            self._progress = fold(logged for logged in all_events if logged.n <= events[-1].n)
        else:
            for logged in events:
                self._progress.apply(logged)
        return events

    def read_note(self) -> bool:
        """Read the note if it may have changed; return whether it has.

        A note that appears or disappears changes the folder's time. Raises
        :class:`engine.host.files.UnreadableFile`.
        """
        try:
            modified = os.stat(self._directory).st_mtime_ns  # noqa: PTH116 (as above)
        except OSError:
            return False
        if modified == self._directory_changed:
            return False
        note = self._run.note
        # A second change within one tick of the system's clock does not show in the time.
        is_fresh = time.time_ns() - modified < _TICK_NS
        self._directory_changed = None if is_fresh else modified
        if note == self.latest.note:
            return False
        self.latest = replace(self.latest, note=note)
        return True


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause Python's cyclic garbage collector while thousands of runs are read.

    There is nothing to collect, but it would scan all that was read so far again and again, which
    takes a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True)
class HomeSnapshot:
    """The runs of a home at the moment they were read."""

    runs: Sequence[Snapshot] = ()
    """Newest first."""
    unreadable: Mapping[str, LabError] = field(default_factory=dict)
    """Why the runs that are left out can't be read, by run id."""


class HomeWatcher:
    """Follows all runs of a home; ended ones are not read again."""

    def __init__(self, home: Home) -> None:
        self.latest = HomeSnapshot()
        """The runs as of the last poll. Nothing changes a snapshot, so any thread may read it."""
        self._home = home
        self._known: dict[str, RunWatcher] = {}
        self._refused: dict[str, LabError] = {}

    @gc_paused()
    def poll(self) -> HomeSnapshot:
        """Return the runs in their present state."""
        watchers: dict[str, RunWatcher] = {}
        refused: dict[str, LabError] = {}
        for run in all_runs(self._home):
            try:
                watcher = self._known.get(run.id)
                if watcher is not None and watcher.is_settled:
                    watcher.read_note()
                else:
                    if watcher is None or watcher.latest.progress.end is not None:
                        # New, or resumed after it had ended: all of it is read again.
                        watcher = RunWatcher(run, brief=BriefResult)
                    watcher.poll()
            except LabError as error:
                # One unreadable run must not hide the others.
                refused[run.id] = error
                continue
            except OSError as error:
                refused[run.id] = LabError(
                    _("Run {id} can't be read: {reason}.").format(id=run.id, reason=error.strerror)
                )
                continue
            watchers[run.id] = watcher
        # A folder that is just being created or deleted can't be read either; so a run only counts
        # as unreadable at its second failure.
        unreadable = {name: why for name, why in refused.items() if name in self._refused}
        self._known, self._refused = watchers, refused
        runs = self._number_queue([watcher.latest for watcher in watchers.values()])
        self.latest = HomeSnapshot(
            sorted(runs, key=lambda snapshot: newest_first(snapshot.run)), unreadable
        )
        return self.latest

    def _number_queue(self, runs: Sequence[Snapshot]) -> list[Snapshot]:
        """Give each queued run its place in the queue; held runs have none."""
        queued = {snapshot.run.id for snapshot in runs if snapshot.state == "queued"}
        if not queued:
            return list(runs)
        order = [entry.run_id for entry in queue.entries(self._home) if entry.run_id in queued]
        places = {run_id: place for place, run_id in enumerate(order, 1)}
        return [
            replace(snapshot, place=places[snapshot.run.id])
            if snapshot.run.id in places
            else snapshot
            for snapshot in runs
        ]
