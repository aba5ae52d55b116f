"""Watching run directories: each is read by byte offset, and what an ended run says is read only
once.
"""

import gc
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from engine.errors import LabError
from engine.host.home import Home
from engine.language import _, ngettext
from engine.runs import queue
from engine.runs.changes import short_changes
from engine.runs.events import EventReader, Failed, Logged, Resumed, Started
from engine.runs.progress import Progress, fold, fold_tail
from engine.runs.results import BriefResult, Figures, ForecastMetrics, Provenance, Result
from engine.runs.run import FAILED, LOG, UNFINISHED, Run, State, all_runs, newest_first
from engine.runs.timesheet import Timesheet, read_timesheet
from engine.trials.trial import ForecastTrial, TextTrial
from presets import Preset, get


@dataclass(frozen=True)
class Snapshot:
    """A run as it stood when it was looked at."""

    run: Run
    trial: ForecastTrial | TextTrial
    state: State
    progress: Progress
    found: Result | BriefResult | None
    """The result; at a brief look, what lists tell of it."""
    problem: str = ""
    """Why the result can't be read; empty where it can, or where there is none yet."""
    skipped: int = 0
    """Lines of the log that were no events, or not in their order."""
    note: str = ""
    """What somebody wrote about the run, one line; empty if nobody did."""

    @classmethod
    def of(cls, run: Run, *, brief: type[BriefResult] | type[Result] | None = None) -> "Snapshot":
        """Read a run directory; ``brief``: as :class:`RunWatcher`. Raises :class:`LabError` where
        it can't be read.
        """
        watcher = RunWatcher(run, brief=brief)
        watcher.poll()
        return watcher.snapshot()

    @property
    def result(self) -> Result | None:
        """All that was measured; None at a brief look."""
        return self.found if isinstance(self.found, Result) else None

    @property
    def figures(self) -> Figures | None:
        """The result's metrics, or what a list shows of them."""
        return self.found.metrics if self.found else None

    @property
    def provenance(self) -> Provenance | None:
        return self.found.provenance if isinstance(self.found, Result) else None

    @property
    def prepared_sha256(self) -> str | None:
        """The digest of the data as trained on; None until the run has a result."""
        return self.found.provenance.data.prepared_sha256 if self.found else None

    @property
    def worker(self) -> Started | None:
        """What the last worker said of itself; looked up in the log where a brief look has not seen
        it.
        """
        return self.progress.worker or self._timesheet.worker

    @property
    def log_damage(self) -> str:
        """How much of the log could not be read, as a sentence; empty where all of it could."""
        return damage_words(self.skipped) if self.skipped else ""

    @property
    def preset(self) -> Preset | None:
        return get(self.trial.preset)

    @property
    def seconds(self) -> float | None:
        """How long it took from submission to end; None while it goes on. Not negative, where a
        clock was set back.
        """
        ended = self.progress.ended_at
        return None if ended is None else max(0.0, ended - self._submitted)

    @property
    def seconds_working(self) -> float | None:
        """How long workers worked on it, all that took it up together; None while it goes on."""
        return None if self.progress.ended_at is None else self._timesheet.worked(self._submitted)

    @property
    def seconds_waiting(self) -> float | None:
        """How long it waited in the queue for its workers; None while it goes on."""
        return None if self.progress.ended_at is None else self._timesheet.waited(self._submitted)

    @cached_property
    def _timesheet(self) -> Timesheet:
        return self.progress.timesheet or read_timesheet(self.run.log)

    @property
    def _submitted(self) -> float:
        return self.run.submission.submitted.timestamp()

    @property
    def error(self) -> LabError | None:
        """What went wrong, and what to do about it; None where nothing did."""
        end = self.progress.end
        if isinstance(end, Failed):
            return LabError(end.what, end.remedy)
        if self.progress.is_newer:
            return LabError(
                _("A newer version of rnnlab-tui was at run {id}.").format(id=self.run.id),
                _(
                    "What this one does not know is left out, and it changes nothing: update the "
                    "program."
                ),
            )
        if self.state == "interrupted":
            return LabError(
                _("The worker of run {id} is gone and left no word.").format(id=self.run.id),
                _(
                    "What it printed is in {path}; `rnnlab-tui resume {id}` takes it up again."
                ).format(path=self.run.worker_log, id=self.run.id),
            )
        return LabError(self.problem) if self.problem else None


_Stamp = tuple[int, int, int]
_TICK_NS = 1_000_000_000
"""Longer than a tick of any clock that stamps files."""


def _stamp(path: str) -> _Stamp | None:
    """Return what tells that a file has been written to: its inode, size and time of change; None
    if it is absent.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 (asked of thousands of runs, twice a second)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def damage_words(skipped: int) -> str:
    """Say that so many lines of a log could not be read."""
    return ngettext(
        "{n} line of the log could not be read.", "{n} lines of the log could not be read.", skipped
    ).format(n=skipped)


class RunWatcher:
    """Follows one run. Reads files only: call :meth:`poll` off the event loop where the home may be
    slow.

    ``brief``: of a run that is over, read no more than a list of many needs: of the result what
    this form has (all of it, with :class:`Result`), and the last lines of the log where those tell
    the rest (see :func:`engine.runs.progress.fold_tail`).
    """

    def __init__(self, run: Run, *, brief: type[BriefResult] | type[Result] | None = None) -> None:
        self.run = run
        self.trial = run.submission.trial
        self.progress = Progress()
        self.state: State = "starting"
        self._found: Result | BriefResult | None = None
        self.problem = ""
        """Why the result can't be shown; empty where it can."""
        self.place: int | None = None
        """Its place among the queued runs, from 1; None if it is not queued, or nobody has looked
        at the queue.
        """
        self.note = ""
        """What somebody wrote about the run, one line; empty if nobody did."""
        self._reader = EventReader(run.log)
        self._brief = brief
        self._directory = str(run.directory)
        self._log_stamp: _Stamp | None = None
        self._directory_changed: int | None = None

    @property
    def result(self) -> Result | None:
        """All that was measured; None at a brief look."""
        return self._found if isinstance(self._found, Result) else None

    @property
    def figures(self) -> Figures | None:
        """The result's metrics, or what a list shows of them."""
        return self._found.metrics if self._found else None

    @cached_property
    def short_changes(self) -> tuple[str, ...]:
        """What the trial asks for beyond its preset, in few characters: see
        :func:`engine.runs.changes.short_changes`.
        """
        return tuple(short_changes(self.trial, get(self.trial.preset)))

    @property
    def has_ended(self) -> bool:
        return self.state not in UNFINISHED

    @property
    def has_failed(self) -> bool:
        """Whether there is something to say about why the run has no result: see
        :attr:`Snapshot.error`.
        """
        return (
            self.state in FAILED
            or bool(self.problem)
            or (self.has_ended and self.progress.is_newer)
        )

    @property
    def is_settled(self) -> bool:
        """Whether the log says how the run ended, and nobody has written to it since: a poll would
        find nothing new.

        Anybody may have an ended run go on: this session, another one, the command.
        """
        if self.progress.end is None:
            return False
        stamp = _stamp(f"{self._directory}/{LOG}")
        return stamp is None or stamp == self._log_stamp

    @property
    def skipped(self) -> int:
        """Lines of the log that were no events."""
        return self._reader.skipped

    @property
    def losses(self) -> Sequence[float]:
        """The losses to draw: those so far; once several seeds are done, the representative's."""
        metrics = self.result.metrics if self.result else None
        return metrics.losses if isinstance(metrics, ForecastMetrics) else self.progress.losses

    def poll(self) -> list[Logged]:
        """Read what is new, fold it in, and return it. Raises :class:`LabError` if the run was
        deleted.
        """
        # Taken before the log is read: what is written meanwhile makes it another.
        stamp = _stamp(f"{self._directory}/{LOG}")
        if self.progress.end is not None and stamp != self._log_stamp:
            self._found, self.problem = None, ""
        self._log_stamp = stamp
        self.read_note()
        if self._brief and (progress := fold_tail(self.run.log)):
            self.progress, events = progress, list[Logged]()
        else:
            if not self.run.directory.is_dir():
                raise LabError(_("Run {id} was deleted.").format(id=self.run.id))
            self._brief = None
            events = self._read()
        self.state = self.run.state(self.progress)
        if self.state == "interrupted":
            # The worker may have ended between the two: what it wrote before it left is all in the
            # log by now.
            events += self._read()
            self.state = self.run.state(self.progress)
        if self.state == "done" and self._found is None and not self.problem:
            try:
                self._found = (
                    self.run.result_summary(self._brief) if self._brief else self.run.result()
                )
            except LabError as error:
                self.problem = str(error)
            else:
                if self._found is None:
                    self.problem = _("Run {id} is done, but its result is missing.").format(
                        id=self.run.id
                    )
            if self.problem and self._brief:
                # Then the log is all there is.
                self._brief = None
                events += self._read()
        return events

    def _read(self) -> list[Logged]:
        if self._reader.at_start:
            self.progress = Progress()
        events = self._reader.read()
        if any(isinstance(logged.event, Resumed) for logged in events):
            # Some of what was read before did not happen.
            whole = EventReader(self.run.log).read()
            self.progress = fold(logged for logged in whole if logged.n <= events[-1].n)
        else:
            for logged in events:
                self.progress.apply(logged)
        return events

    def read_note(self) -> bool:
        """Read the note if it may have changed; return whether it has. A note that comes or goes
        changes the folder.

        Raises :class:`engine.host.files.UnreadableFile`.
        """
        try:
            changed = os.stat(self._directory).st_mtime_ns  # noqa: PTH116 (as above)
        except OSError:
            return False
        if changed == self._directory_changed:
            return False
        before, self.note = self.note, self.run.note
        # Of two changes within a tick of the system's clock the second one can't be told.
        is_fresh = time.time_ns() - changed < _TICK_NS
        self._directory_changed = None if is_fresh else changed
        return self.note != before

    def snapshot(self) -> Snapshot:
        """Return the run as it stands, for reports."""
        return Snapshot(
            self.run,
            self.trial,
            self.state,
            self.progress,
            self._found,
            self.problem,
            self.skipped,
            self.note,
        )


@contextmanager
def gc_paused() -> Iterator[None]:
    """Have Python's collector of cycles rest while thousands of runs are read.

    They make none, and it looks through all that was read so far again and again, in a third of the
    whole time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass
class HomeWatcher:
    """Follows all the runs of a home; ended ones are not read again."""

    home: Home
    unreadable: dict[str, LabError] = field(default_factory=dict)
    """Why the runs that are left out can't be read, by their ids."""
    _known: dict[str, RunWatcher] = field(default_factory=dict)
    _refused: dict[str, LabError] = field(default_factory=dict)

    @gc_paused()
    def poll(self) -> list[RunWatcher]:
        """Return the runs, newest first, as they stand now."""
        seen: dict[str, RunWatcher] = {}
        refused: dict[str, LabError] = {}
        for run in all_runs(self.home):
            try:
                watcher = self._known.get(run.id)
                if watcher is not None and watcher.is_settled:
                    watcher.read_note()
                else:
                    if watcher is None or watcher.progress.end is not None:
                        # New, or it had ended and goes on: all of it is read afresh.
                        watcher = RunWatcher(run, brief=BriefResult)
                    watcher.poll()
            except LabError as error:
                # One run that can't be read must not hide the others.
                refused[run.id] = error
                continue
            except OSError as error:
                refused[run.id] = LabError(
                    _("Run {id} can't be read: {reason}.").format(id=run.id, reason=error.strerror)
                )
                continue
            seen[run.id] = watcher
        # A folder that is just being made or deleted can't be read either: it is so no more at the
        # next look.
        self.unreadable = {name: why for name, why in refused.items() if name in self._refused}
        self._known, self._refused = seen, refused
        self._number_queue()
        return sorted(seen.values(), key=lambda watcher: newest_first(watcher.run))

    def _number_queue(self) -> None:
        """Give each queued run its place in the queue, which held runs don't have."""
        order = [self._known.get(entry.run_id) for entry in queue.entries(self.home)]
        queued = [watcher for watcher in order if watcher and watcher.state == "queued"]
        places = {id(watcher): place for place, watcher in enumerate(queued, 1)}
        for watcher in self._known.values():
            watcher.place = places.get(id(watcher))

    def snapshots(self) -> list[Snapshot]:
        """Return the runs as they stood at the last poll, newest first."""
        return [
            watcher.snapshot()
            for watcher in sorted(
                self._known.values(), key=lambda watcher: newest_first(watcher.run)
            )
        ]
