"""What happened in a run: small typed records, one JSON object a line, appended by one writer.

A line is ``{"n": 3, "t": 1774.5, "kind": "epoch", …}``: ``n`` counts from 1, ``t`` is Unix time in
seconds. A torn last line has not happened yet: readers leave it, the writer cuts it off before it
appends. Readers skip lines that are garbage, of a kind they don't know (a newer program's), or
whose number is not above those before (a line that is there twice), and count them.
"""

import itertools
import json
import math
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from engine.errors import LabError
from engine.host import locks
from engine.host.files import UnreadableFile, open_to_read, private_opener, read_content
from engine.host.identity import ProcessIdentity
from engine.host.log_lines import DEPTH, LineScanner
from engine.language import _

SCHEMA = 1
"""Number of the log's form: what an older program would misread takes the next one."""
Phase = Literal[
    "importing", "preparing", "compiling", "training", "sampling", "predicting", "writing"
]


class Event(BaseModel):
    # A newer program's extra fields are ignored, so that an older one still shows the run.
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants")


class Started(Event):
    """A worker took the run: process ``pid`` of ``host``, with ``started`` the process' start in
    Unix time.

    ``threads``: how many processors it may use; a run that is taken up again keeps them, for they
    decide about bits. ``process``: what tells whether that very process is still alive; none if the
    system does not say. ``schema_version``: the form of what it logs and of its checkpoints.
    """

    kind: Literal["started"] = "started"
    pid: int
    host: str
    started: float
    threads: int = 2
    process: ProcessIdentity | None = None
    schema_version: int = SCHEMA


class PhaseEntered(Event):
    kind: Literal["phase"] = "phase"
    phase: Phase


class EpochProgress(Event):
    """``done`` of ``total`` training steps of the current epoch are behind us. Only said of long
    epochs.
    """

    kind: Literal["advanced"] = "advanced"
    done: int
    total: int


class EpochEnded(Event):
    """An epoch's mean training loss, as ``fit`` reports it. ``epoch`` counts from 1 over the whole
    run.
    """

    kind: Literal["epoch"] = "epoch"
    epoch: int
    loss: float


class ReplicateStarted(Event):
    """The training starts anew from random seed ``seed``; epochs count from 1 again. Only said of
    several seeds.
    """

    kind: Literal["replicate"] = "replicate"
    seed: int


class ReplicateEnded(Event):
    """A random seed's training is complete. RMSE in scaled units; none where it diverged."""

    kind: Literal["replicate_end"] = "replicate_end"
    seed: int
    train_rmse: float | None = None
    test_rmse: float | None = None


class SamplingStarted(Event):
    """The network starts to write after ``iteration``, from ``seed_text``."""

    kind: Literal["sampling"] = "sampling"
    iteration: int
    seed_text: str


class Characters(Event):
    """The next characters of the text being written, in order."""

    kind: Literal["characters"] = "characters"
    iteration: int
    text: str


class IterationEnded(Event):
    """An iteration's epochs and its text are complete; ``loss`` is its last epoch's."""

    kind: Literal["iteration"] = "iteration"
    iteration: int
    loss: float


class Checkpointed(Event):
    """A checkpoint is on the disk; it contains every event up to number ``after``."""

    kind: Literal["checkpoint"] = "checkpoint"
    after: int


class Resumed(Event):
    """A worker takes the run up again after event ``after``: what was logged between that and this
    did not happen.
    """

    kind: Literal["resumed"] = "resumed"
    after: int


class Died(Event):
    """The run's worker is gone without a word; the supervisor says so.

    ``why`` is a sentence. ``by_itself``: nobody killed it from outside, so that it may well happen
    again.
    """

    kind: Literal["died"] = "died"
    why: str
    by_itself: bool


class Warned(Event):
    kind: Literal["warning"] = "warning"
    text: str


class Ended(Event):
    """The last word. ``schema_version``: as of :class:`Started`, so that the end alone tells of a
    newer program.
    """

    schema_version: int = SCHEMA


class Finished(Ended):
    """Everything asked was done, and the result is on disk."""

    kind: Literal["finished"] = "finished"


class Cancelled(Ended):
    """Somebody wanted the run to end. ``without_worker``: said by whoever asked, since no worker
    was at it.
    """

    kind: Literal["cancelled"] = "cancelled"
    without_worker: bool = False


class Failed(Ended):
    """The run can't go on. ``diverged``: the loss of ``epoch`` is not a finite number."""

    kind: Literal["failed"] = "failed"
    what: str
    remedy: str = ""
    diverged: bool = False
    epoch: int | None = None


AnyEvent = (
    Started | PhaseEntered | EpochProgress | EpochEnded | ReplicateStarted | ReplicateEnded
    | SamplingStarted | Characters
    | IterationEnded | Warned | Checkpointed | Resumed | Died | Finished | Cancelled | Failed
)  # fmt: skip
LARGEST_NUMBER = 10**15
"""No log has so many events."""
_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="kind")])
# Without the adapter's detour: a list of thousands of runs has hundreds of thousands of lines.
_validated = _EVENT.validator.validate_python


class Logged(NamedTuple):
    """An event with its number in the log and its time (Unix, seconds)."""

    n: int
    t: float
    event: AnyEvent


def parse(line: bytes) -> Logged | None:
    """Read one whole line of a log; None where it is no event that this program knows."""
    try:
        record = _decoded(line)
        number, at = _number(record), float(record["t"])
        return Logged(number, at, _validated(record)) if number and math.isfinite(at) else None
    except (ValueError, TypeError, KeyError, ValidationError, OverflowError, RecursionError):
        return None


def _decoded(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        # Four times slower, and takes half of a surrogate pair for a character, as JSON does.
        return json.loads(line)


def _number(record: Any) -> int:
    """Return the number of a line's record, whatever kind of event it is; 0 where it has none."""
    number = record.get("n") if isinstance(record, dict) else None
    # Garbage must not bring the numbers beyond what a checkpoint's name holds.
    return number if type(number) is int and 0 < number < LARGEST_NUMBER else 0


def _number_of_line(line: bytes) -> int:
    try:
        return _number(_decoded(line))
    except (ValueError, RecursionError):
        return 0


def tail_lines(path: Path, size: int) -> list[bytes]:
    """Return the whole lines among a log's last ``size`` bytes; none where its end is torn, or it
    can't be read.
    """
    try:
        ending = read_content(str(path), size, DEPTH, last=size)
    except OSError:
        return []
    if not ending.endswith(b"\n"):
        return []
    lines = ending.splitlines()
    return lines if len(ending) < size else lines[1:]


def parse_consecutive(lines: Iterable[bytes]) -> list[Logged]:
    """Read lines of which each is an event, numbered above the one before; none of them where one
    is not.
    """
    found = [parse(line) for line in lines]
    events = [logged for logged in found if logged]
    rises = all(before.n < after.n for before, after in itertools.pairwise(events))
    return events if rises and len(events) == len(found) else []


class LogInUse(LabError):
    """Another process is the log's writer."""


class EventWriter:
    """The log's one writer. Cuts a torn last line off, goes on with the next number, flushes every
    event.

    It holds a lock on the log itself. The run's own lock lies in a file beside it, which may be
    removed; this one can't be had a second time as long as the log is there.
    """

    def __init__(self, path: Path) -> None:
        """Raises :class:`LogInUse` if another process writes the log, :class:`OSError` if it can't
        be opened.
        """
        self._file = open(path, "ab+", buffering=0, opener=private_opener)  # noqa: SIM115 (open as long as the run)
        if not locks.lock_open_file(self._file.fileno()):
            self._file.close()
            raise LogInUse(_("Another process writes {path}.").format(path=path))
        lines = LineScanner()
        numbers = (
            _number_of_line(line) for line in lines.scan(self._file.fileno()) if line is not None
        )
        self._next = max(numbers, default=0) + 1
        self._size = lines.offset
        self._file.truncate(self._size)

    @property
    def last(self) -> int:
        """The number of the last event; 0 where there is none."""
        return self._next - 1

    def append(self, event: AnyEvent) -> None:
        """Write one event as one line, or nothing of it. Raises :class:`OSError` where the disk
        refuses it.
        """
        record = {"n": self._next, "t": round(time.time(), 3), **event.model_dump()}
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "backslashreplace"
        )
        # An unbuffered write may take a part only (a disk that fills up): the rest must follow or
        # fail.
        rest = memoryview(line + b"\n")
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError:
            # The next event must not be joined to a torn line: it may be the one that says what
            # happened.
            self._file.truncate(self._size)
            raise
        self._size += len(line) + 1
        self._next += 1

    def sync(self) -> None:
        """Wait until every event so far is on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class EventReader:
    """Follows a log by byte offset: each :meth:`read` gives the whole lines that have come since
    the last.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = LineScanner()
        self._last = 0
        self.skipped = 0
        """Whole lines so far that were no event."""

    @property
    def at_start(self) -> bool:
        """Whether nothing has been read yet."""
        return self._lines.offset == 0

    def read(self) -> list[Logged]:
        """Return the new events, none where the log does not exist yet. Raises
        :class:`UnreadableFile`.
        """
        try:
            descriptor = open_to_read(str(self._path), DEPTH)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UnreadableFile(self._path, error) from error
        found: list[Logged] = []
        try:
            for line in self._lines.scan(descriptor):
                logged = None if line is None else parse(line)
                if logged is None or logged.n <= self._last:
                    self.skipped += 1
                else:
                    self._last = logged.n
                    found.append(logged)
        except OSError as error:
            raise UnreadableFile(self._path, error) from error
        finally:
            os.close(descriptor)
        return found
