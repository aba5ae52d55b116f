"""What happened in a run: small typed records, one JSON object a line, appended by one writer.

A line is ``{"n": 3, "t": 1774.5, "kind": "epoch", …}``: ``n`` counts from 1, ``t`` is Unix time in
seconds. An unfinished last line does not count yet: readers leave it, and the writer removes it
before it appends. Readers skip and count lines that are garbage, are of an unknown kind (from a
newer program), or don't have a higher number than all lines before (a repeated line).
"""

import itertools
import json
import math
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic_core import from_json

from engine.errors import LabError
from engine.host import locks
from engine.host.files import UnreadableFile, open_to_read, private_opener, read_content
from engine.host.identity import ProcessIdentity
from engine.host.log_lines import DEPTH, LineScanner
from engine.language import _

SCHEMA = 1
"""Version of the log's format: raised by a change that an older program would misread."""
Phase = Literal[
    "importing", "preparing", "compiling", "training", "sampling", "predicting", "writing"
]

Cause = Literal["memory", "processes", "disk", "crash", "exit", "killed"]
"""What a worker died of: memory, the number of processes or a disk ran out; it crashed, or ended by
itself without saying why; or somebody killed it."""


class Event(BaseModel):
    # Extra fields of a newer program are ignored, so that an older one can still show the run.
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants")


class Started(Event):
    """A worker took the run: process ``pid`` of ``host``, started at Unix time ``started``.

    ``threads``: how many processors it may use; a resumed run keeps them, since they affect the
    last bits of the result. ``process``: identifies the process, to tell whether it is still alive;
    None if the system provides nothing. ``schema_version``: of its log and checkpoints.
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
    """``done`` of ``total`` training steps of the current epoch; only logged for long epochs."""

    kind: Literal["advanced"] = "advanced"
    done: int
    total: int


class EpochEnded(Event):
    """An epoch's mean training loss, as ``fit`` reports it.

    ``epoch`` counts from 1 over the whole run.
    """

    kind: Literal["epoch"] = "epoch"
    epoch: int
    loss: float


class ReplicateStarted(Event):
    """Training starts from scratch with this random ``seed``; epochs count from 1 again.

    Only logged for several seeds.
    """

    kind: Literal["replicate"] = "replicate"
    seed: int


class ReplicateEnded(Event):
    """A random seed's training is complete. RMSE in scaled units; None if it diverged."""

    kind: Literal["replicate_end"] = "replicate_end"
    seed: int
    train_rmse: float | None = None
    test_rmse: float | None = None


class SamplingStarted(Event):
    """The network starts to generate text after ``iteration``, from ``seed_text``."""

    kind: Literal["sampling"] = "sampling"
    iteration: int
    seed_text: str


class Characters(Event):
    """The next characters of the generated text, in order."""

    kind: Literal["characters"] = "characters"
    iteration: int
    text: str


class IterationEnded(Event):
    """An iteration's epochs and its text are complete; ``loss`` is its last epoch's."""

    kind: Literal["iteration"] = "iteration"
    iteration: int
    loss: float


class Checkpointed(Event):
    """A checkpoint is on disk; it contains every event up to number ``after``."""

    kind: Literal["checkpoint"] = "checkpoint"
    after: int


class Resumed(Event):
    """A worker resumes after event ``after``: what was logged between that and this is void."""

    kind: Literal["resumed"] = "resumed"
    after: int


class Died(Event):
    """The run's worker disappeared without logging an end; logged by the supervisor.

    ``why`` is a sentence. ``by_itself``: it was not killed from outside, so it may well happen
    again. ``cause``: None in logs of older versions, and a newer version's if this one does not
    know it.
    """

    kind: Literal["died"] = "died"
    why: str
    by_itself: bool
    cause: Cause | None = None

    @field_validator("cause", mode="before")
    @classmethod
    def _known_cause(cls, value: object) -> object:
        # A line that can't be read would be reported as damage, and its death not be counted.
        return value if value in get_args(Cause) else None


class Warned(Event):
    kind: Literal["warning"] = "warning"
    text: str


class Ended(Event):
    """The last event.

    ``schema_version`` as in :class:`Started`: even the end alone reveals a newer program.
    """

    schema_version: int = SCHEMA


class Finished(Ended):
    """Everything requested was done, and the result is on disk."""

    kind: Literal["finished"] = "finished"


class Cancelled(Ended):
    """A person cancelled the run. ``without_worker``: logged by the canceller, without a worker."""

    kind: Literal["cancelled"] = "cancelled"
    without_worker: bool = False


class Failed(Ended):
    """The run can't continue. ``diverged``: the loss of ``epoch`` is not a finite number."""

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
"""More than any log has."""
_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="kind")])
# Bypasses the adapter's wrapper: a list of thousands of runs has hundreds of thousands of lines.
_validated = _EVENT.validator.validate_python


class Logged(NamedTuple):
    """An event with its number in the log and its time (Unix, seconds)."""

    n: int
    t: float
    event: AnyEvent


def parse(line: bytes) -> Logged | None:
    """Parse one whole line of a log; None if it is not an event that this program knows."""
    try:
        record = _decoded(line)
        n, t = _number(record), float(record["t"])
        return Logged(n, t, _validated(record)) if n and math.isfinite(t) else None
    except (ValueError, TypeError, KeyError, ValidationError, OverflowError, RecursionError):
        return None


def _decoded(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        # Four times slower, but accepts half of a surrogate pair as a character, as JSON does.
        return json.loads(line)


def _number(record: Any) -> int:
    """Return the number in a line's record, whatever kind of event it is; 0 if it has none."""
    number = record.get("n") if isinstance(record, dict) else None
    # Garbage must not raise numbers above what a checkpoint's name can hold.
    return number if type(number) is int and 0 < number < LARGEST_NUMBER else 0


def _number_of_line(line: bytes) -> int:
    try:
        return _number(_decoded(line))
    except (ValueError, RecursionError):
        return 0


def tail_lines(path: Path, size: int) -> list[bytes]:
    """Return the whole lines in a log's last ``size`` bytes; [] if it is torn or unreadable."""
    try:
        ending = read_content(str(path), size, DEPTH, last=size)
    except OSError:
        return []
    if not ending.endswith(b"\n"):
        return []
    lines = ending.splitlines()
    return lines if len(ending) < size else lines[1:]


def parse_consecutive(lines: Iterable[bytes]) -> list[Logged]:
    """Parse lines that must all be events with rising numbers; return none if any is not."""
    parsed = [parse(line) for line in lines]
    events = [logged for logged in parsed if logged]
    rises = all(previous.n < logged.n for previous, logged in itertools.pairwise(events))
    return events if rises and len(events) == len(parsed) else []


class LogInUse(LabError):
    """Another process is the log's writer."""


class EventWriter:
    """The log's only writer: removes an unfinished last line, continues the numbers, flushes.

    It locks the log itself. The run's own lock is a file beside it, which may be removed; this one
    can't be taken twice as long as the log exists.
    """

    def __init__(self, path: Path) -> None:
        """Raise :class:`LogInUse` if another process writes the log, or :class:`OSError`."""
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
        """The number of the last event; 0 if there is none."""
        return self._next - 1

    def append(self, event: AnyEvent) -> None:
        """Write one event as one line, or nothing of it.

        Raises :class:`OSError` if the disk refuses.
        """
        record = {"n": self._next, "t": round(time.time(), 3), **event.model_dump()}
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "backslashreplace"
        )
        # An unbuffered write may be partial (on a disk that fills up): the rest must follow or
        # fail.
        rest = memoryview(line + b"\n")
        try:
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError:
            # The next event, perhaps the one that says what happened, must not be joined to a torn
            # line.
            self._file.truncate(self._size)
            raise
        self._size += len(line) + 1
        self._next += 1

    def sync(self) -> None:
        """Wait until all events so far are on disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class EventReader:
    """Follows a log by byte offset: each :meth:`read` returns the whole lines added since."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = LineScanner()
        self._last = 0
        self.skipped = 0
        """Number of whole lines so far that were not events."""

    @property
    def at_start(self) -> bool:
        """Whether nothing has been read yet."""
        return self._lines.offset == 0

    def read(self) -> list[Logged]:
        """Return the new events; none if the log does not exist yet.

        Raises :class:`UnreadableFile`.
        """
        try:
            descriptor = open_to_read(str(self._path), DEPTH)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise UnreadableFile(self._path, error) from error
        events: list[Logged] = []
        try:
            for line in self._lines.scan(descriptor):
                logged = None if line is None else parse(line)
                if logged is None or logged.n <= self._last:
                    self.skipped += 1
                else:
                    self._last = logged.n
                    events.append(logged)
        except OSError as error:
            raise UnreadableFile(self._path, error) from error
        finally:
            os.close(descriptor)
        return events
