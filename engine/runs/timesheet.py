"""When workers worked on a run and when it waited for one, from its log.

The time that a run "took" is the time of work.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.host.files import UnreadableFile, UntrustedFile, read_content
from engine.host.log_lines import DEPTH
from engine.runs.events import (
    Cancelled,
    Died,
    EventReader,
    Failed,
    Finished,
    Logged,
    Resumed,
    Started,
    parse,
)

_MARKS = (b'"kind":"started"', b'"kind":"resumed"', b'"kind":"died"')
_LARGEST_LOG = 64 << 20
"""Largest log, in bytes, that is searched in one piece."""
_Span = tuple[float, float]


@dataclass
class Timesheet:
    """Spans of work and of waiting, in Unix seconds; :meth:`apply` adds events, void ones too.

    A worker's span lasts from its first event to its last. A run waits from its submission, from
    the last event of a worker that died, or from a person's resuming it, until the next worker
    starts. Between an end and a resumption it does neither.
    """

    working: list[_Span] = field(default_factory=list)
    waiting: list[_Span] = field(default_factory=list)
    worker: Started | None = None
    """The last worker's own description."""
    _working_since: float | None = None
    _waiting_since: float | None = -math.inf
    """Minus infinity until the first worker starts: the log does not contain the submission."""
    _last: float = 0.0
    """Time of the worker's latest event."""

    @classmethod
    def of(cls, events: Iterable[Logged]) -> "Timesheet":
        """Return the spans of a whole log."""
        sheet = cls()
        for logged in events:
            sheet.apply(logged)
        return sheet

    def copy(self) -> "Timesheet":
        """Return a copy that later events don't change."""
        return replace(self, working=[*self.working], waiting=[*self.waiting])

    def apply(self, logged: Logged) -> None:
        """Add the log's next event."""
        match logged.event:
            case Started() as worker:
                self.worker = worker
                self._stop_working()
                self._stop_waiting(logged.t)
                self._working_since = self._last = logged.t
            case Died():
                # The supervisor logs this when it notices, which may be much later.
                self._stop_working()
            case Resumed():
                self._stop_working()
                if self._waiting_since is None:
                    self._waiting_since = logged.t
            case Finished() | Failed() | Cancelled() as end:
                if not (isinstance(end, Cancelled) and end.without_worker):
                    self._last = logged.t
                self._stop_working()
                self._stop_waiting(logged.t)
            case _:
                self._last = logged.t

    def _stop_working(self) -> None:
        if self._working_since is not None:
            self.working.append((self._working_since, self._last))
            self._working_since, self._waiting_since = None, self._last

    def _stop_waiting(self, time: float) -> None:
        if self._waiting_since is not None:
            self.waiting.append((self._waiting_since, time))
            self._waiting_since = None

    def worked(self, submitted: float) -> float:
        """Return the seconds of work since submission; a run that continues another has its log."""
        return _total(self.working, submitted)

    def waited(self, submitted: float) -> float:
        """Return the seconds of waiting for a worker since submission."""
        return _total(self.waiting, submitted)


def _total(spans: Iterable[_Span], since: float) -> float:
    # Not negative if a clock was set back.
    return sum(max(0.0, end - max(begin, since)) for begin, end in spans)


def read_timesheet(log: Path) -> Timesheet:
    """Return the times of work and waiting, from the few lines of a log that matter for them.

    Empty if the log can't be read. Searches bytes, and so parses nothing else of many seeds'
    hundreds of kilobytes. Quotes within a text would be preceded by a backslash.
    """
    try:
        content = read_content(str(log), _LARGEST_LOG, DEPTH)
    except UntrustedFile:
        return _read_line_by_line(log)
    except OSError:
        return Timesheet()
    # An unfinished last line does not count.
    end = content.rfind(b"\n") + 1
    begins = set(_last_event(content, end))
    for mark in _MARKS:
        position = content.find(mark, 0, end)
        while position >= 0:
            begin = content.rfind(b"\n", 0, position) + 1
            begins.add(begin)
            # The previous worker's last event, or an end.
            begins.update(_last_event(content, begin))
            position = content.find(mark, position + 1, end)
    lines = (content[begin : content.find(b"\n", begin)] for begin in sorted(begins))
    sheet, last = Timesheet(), 0
    for logged in filter(None, map(parse, lines)):
        # Like every reader of a log, skip repeated lines: their numbers don't rise.
        if logged.n > last:
            last = logged.n
            sheet.apply(logged)
    return sheet


def _read_line_by_line(log: Path) -> Timesheet:
    try:
        return Timesheet.of(EventReader(log).read())
    except UnreadableFile:
        return Timesheet()


def _last_event(content: bytes, end: int) -> Iterable[int]:
    """Yield the start of the last line before ``end``, and of lines before it up to an event."""
    while end > 0:
        begin = content.rfind(b"\n", 0, end - 1) + 1
        yield begin
        if parse(content[begin : end - 1]):
            return
        end = begin
