"""Run directories: finding them, and determining their state from their files and locks."""

import errno
import json
import os
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import LabError, UsageError
from engine.host import locks
from engine.host.files import (
    SMALL,
    UnreadableFile,
    UntrustedFile,
    is_trusted_owner,
    kind_of,
    private_opener,
    private_subdirectory,
    read_content,
)
from engine.host.folders import user_name
from engine.host.home import Home
from engine.host.identity import HostIdentity, this_host
from engine.language import _, ngettext
from engine.runs import queue
from engine.runs.events import Cancelled, EventReader, Failed, Finished
from engine.runs.progress import END, Progress, fold
from engine.runs.results import SCHEMA as RESULT_SCHEMA
from engine.runs.results import BriefResult, Result
from engine.sanitise import printable
from engine.trials.trial import Trial

State = Literal[
    "queued",
    "held",
    "starting",
    "running",
    "cancelling",
    "done",
    "diverged",
    "failed",
    "cancelled",
    "interrupted",
]
UNFINISHED: frozenset[State] = frozenset({"queued", "held", "starting", "running", "cancelling"})
FAILED: frozenset[State] = frozenset({"diverged", "failed", "interrupted"})
"""Ended without a result, though nobody asked for that."""

SCHEMA: Literal[2] = 2
"""Version of ``trial.json``: since 2 the kinds of trials are called forecast and text."""
_R = TypeVar("_R", Result, BriefResult)
_ID = re.compile(r"[a-z0-9-]+")
_REQUEST = "trial.json"
LOG = "events.jsonl"
DEPTH = 2 + 1
"""Levels from a file of a run up to its home."""
_FILES = frozenset({_REQUEST, LOG, "result.json", "note.txt", "host.json", "worker.log"})
_FOLDERS = frozenset({"checkpoint", "control"})
_LARGEST_RESULT = 256 << 20
_LARGEST_NOTE = 64 << 10


class DamagedRun(LabError):
    """A run whose files are not what they should be: all that can be done is to delete it."""


class NewerRun(LabError):
    """A run that only a newer program may change."""


class DamagedTrial(DamagedRun, UsageError):
    """A run whose ``trial.json`` is missing or damaged."""


class Submission(BaseModel):
    """``trial.json``: what was requested, when and on which host. Written once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1, 2] = SCHEMA
    id: str
    submitted: datetime
    host: str
    trial: Trial = Field()
    parent: str | None = None
    """The run from whose last checkpoint this one continues, if any."""


@dataclass(frozen=True)
class Run:
    """A run directory, as it is on disk.

    The holder of its lock writes the log, and only the worker writes the result.
    """

    directory: Path

    @property
    def home(self) -> Home:
        """The home that contains the run."""
        return Home(self.directory.parent.parent)

    @property
    def id(self) -> str:
        return self.directory.name

    @cached_property
    def submission(self) -> Submission:
        """The content of ``trial.json``.

        Raises :class:`DamagedRun` if it is missing or damaged, or if something else, such as a
        link, is in place of one of the run's files: what it points to does not belong to the run.
        Raises :class:`NewerRun` if a newer program wrote it, :class:`UnreadableFile` if the system
        refuses to read it.
        """
        content = b""
        try:
            self._check_kinds()
            content = read_content(f"{self.directory}/{_REQUEST}", SMALL, DEPTH)
            return Submission.model_validate_json(content)
        except UntrustedFile as error:
            raise DamagedRun(
                _("Run {id} can't be used: {path} {reason}.").format(
                    id=self.id, path=error.filename, reason=error.strerror
                ),
                self._remedies,
            ) from error
        except (FileNotFoundError, ValidationError) as error:
            if is_newer(content, SCHEMA):
                raise _newer(self) from error
            raise DamagedTrial(
                _(
                    "Run {id} can't be read: {path} is missing, damaged or from a newer version."
                ).format(id=self.id, path=self.directory / _REQUEST),
                self._remedies,
            ) from error
        except OSError as error:
            raise UnreadableFile(Path(error.filename or self.directory), error) from error

    @property
    def _remedies(self) -> str:
        return _("Repair it, or delete the run: rnnlab-tui delete {id}.").format(id=self.id)

    def _check_kinds(self) -> None:
        """Raise :class:`UntrustedFile` if the folder or a file in it is not of the right kind."""
        directory = str(self.directory)
        status = os.lstat(directory)
        if not stat.S_ISDIR(status.st_mode):
            raise UntrustedFile(
                errno.ENOTDIR, _("is {kind}").format(kind=kind_of(status.st_mode)), directory
            )
        if not is_trusted_owner(status.st_uid, directory, DEPTH - 1):
            reason = _("belongs to {owner}").format(owner=user_name(status.st_uid))
            raise UntrustedFile(errno.EPERM, reason, directory)
        # One system call for all of them: lists of thousands of runs do this for each.
        with os.scandir(directory) as entries:
            for entry in entries:
                is_expected_kind = (
                    entry.is_file(follow_symlinks=False)
                    if entry.name in _FILES
                    else entry.name not in _FOLDERS or entry.is_dir(follow_symlinks=False)
                )
                if not is_expected_kind:
                    kind = kind_of(entry.stat(follow_symlinks=False).st_mode)
                    raise UntrustedFile(errno.EINVAL, _("is {kind}").format(kind=kind), entry.path)

    @property
    def was_deleted(self) -> bool:
        """Whether the run is gone, judged by a file that nothing creates again.

        Its folder may come back: XLA creates the folder given for compiled programs, with parents.
        """
        return not (self.directory / _REQUEST).exists()

    def check_modifiable(self, progress: Progress) -> None:
        """Raise :class:`LabError` if the run was deleted or only a newer program may change it."""
        if not self.directory.is_dir():
            raise LabError(_("Run {id} was deleted.").format(id=self.id))
        if self.submission and progress.is_newer:
            raise _newer(self)

    @cached_property
    def log(self) -> Path:
        return self.directory / LOG

    @property
    def cancel_request(self) -> Path:
        """Its existence asks the worker to stop."""
        return self.directory / "control" / "cancel"

    @property
    def hold_request(self) -> Path:
        """Its existence asks the supervisor not to start the run yet."""
        return self.directory / "control" / "hold"

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints: see :mod:`engine.runs.checkpoints`."""
        return self.directory / "checkpoint"

    @property
    def is_on_hold(self) -> bool:
        """Whether the run must wait until it is released: it is held and not being cancelled."""
        return self.hold_request.exists() and not self.cancel_request.exists()

    @property
    def is_local(self) -> bool:
        """Whether the run belongs to this host; the locks of other hosts' runs can't be seen."""
        return self.host.is_same_as(this_host())

    @property
    def host_file(self) -> Path:
        return self.directory / "host.json"

    @property
    def host(self) -> HostIdentity:
        """The host that the run belongs to: where it was submitted or, since then, adopted."""
        try:
            return HostIdentity.model_validate_json(
                read_content(f"{self.directory}/host.json", SMALL, DEPTH)
            )
        except (OSError, ValidationError):
            # Written by a version that recorded only the host's name.
            return HostIdentity(name=self.submission.host)

    def has_worker(self, progress: Progress) -> bool:
        """Tell whether a process of this host works on the run, whose log says ``progress``.

        The lock tells; if its file was removed, the log does: see :meth:`has_writer`.
        """
        return locks.is_held(self.directory) or self.has_writer(progress)

    def has_writer(self, progress: Progress) -> bool:
        """Tell whether a process of this host writes the log, even if the run's lock is gone.

        The lock on the log tells; where locks can't be trusted, it is whether the last worker named
        in the log (``progress``) is alive.
        """
        if locks.is_locked(self.log):
            return True
        if (
            isinstance(progress.end, END)
            or progress.worker is None
            or progress.worker.process is None
        ):
            return False
        return progress.worker.process.is_alive()

    @property
    def note_file(self) -> Path:
        return self.directory / "note.txt"

    @property
    def note(self) -> str:
        """A person's note about the run, as one printable line; empty if there is none.

        Raises :class:`UnreadableFile`.
        """
        try:
            content = read_content(f"{self.directory}/note.txt", _LARGEST_NOTE, DEPTH)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise UnreadableFile(self.note_file, error) from error
        return printable(content.decode("utf-8", errors="replace"))

    @property
    def worker_log(self) -> Path:
        return self.directory / "worker.log"

    def progress(self) -> Progress:
        """Fold the whole log.

        Raises :class:`UnreadableFile`, or the errors of :attr:`submission` if they are the cause.
        """
        try:
            return fold(EventReader(self.log).read())
        except UnreadableFile:
            # Damage to the run is the more useful error.
            _readable = self.submission
            raise

    def result(self) -> Result | None:
        """Return what the run measured; None if there is no result yet.

        Raises :class:`LabError` if it is damaged.
        """
        return self._read_result(Result)

    def result_summary(self, form: type[BriefResult] | type[Result]) -> BriefResult | Result | None:
        """Return the part of the result that ``form`` has; otherwise like :meth:`result`."""
        return self.result() if form is Result else self._read_result(BriefResult)

    def _read_result(self, form: type[_R]) -> _R | None:
        content = b""
        try:
            content = read_content(f"{self.directory}/result.json", _LARGEST_RESULT, DEPTH)
            return form.model_validate_json(content)
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            if is_newer(content, RESULT_SCHEMA):
                raise _newer(self) from error
            if isinstance(error, OSError):
                raise UnreadableFile(self.directory / "result.json", error) from error
            raise LabError(_("The result of run {id} can't be read.").format(id=self.id)) from error

    def state(self, progress: Progress) -> State:
        """Return the run's state, from its log (``progress``), its lock and its requests."""
        match progress.end:
            case Finished():
                return "done"
            case Cancelled():
                return "cancelled"
            case Failed(diverged=diverged):
                return "diverged" if diverged else "failed"
        if self.is_local and not self.has_worker(progress):
            # No worker. A run in the queue is started, or started again, when its turn comes.
            if not queue.contains(self.home, self.id):
                return "interrupted"
            return "held" if self.hold_request.exists() else "queued"
        if self.cancel_request.exists():
            return "cancelling"
        if progress.worker is None and not self.is_local:
            return "held" if self.hold_request.exists() else "queued"
        return "running" if progress.losses or progress.phase == "training" else "starting"

    def request_cancel(self) -> None:
        """Ask the worker to stop: see :func:`engine.operations.control.cancel`.

        Raises like :meth:`write_request`.
        """
        self.write_request(self.cancel_request)

    def write_request(self, path: Path) -> None:
        """Create a request file. Raises :class:`LabError` if it can't, say of a deleted run."""
        self.home.check_ours()
        try:
            private_subdirectory(path.parent)
            os.close(private_opener(str(path), os.O_CREAT | os.O_WRONLY))
        except OSError as error:
            raise LabError(
                _("Can't ask run {id} to {request}: {reason}.").format(
                    id=self.id, request=_request_verb(path.name), reason=error.strerror
                )
            ) from error


def is_newer(content: bytes, known_version: int) -> bool:
    """Tell whether a file's JSON has a schema version above ``known``."""
    try:
        record = json.loads(content)
        return int(record["schema_version"]) > known_version
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return False


def _newer(run: Run) -> NewerRun:
    return NewerRun(
        _(
            "Run {id} was written by a newer version of rnnlab-tui: this one does not change it."
        ).format(id=run.id),
        _("Update the program."),
    )


def _request_verb(name: str) -> str:
    return {"cancel": _("stop"), "hold": _("wait")}.get(name, name)


def all_runs(home: Home) -> list[Run]:
    """Return every run directory of a home, readable or not, in no order; [] if there are none.

    Folders whose names can't be a run's id are ignored. Raises :class:`LabError` if the home can't
    be read.
    """
    try:
        folder = home.runs
        with os.scandir(folder) as entries:
            return [
                Run(folder / entry.name)
                for entry in entries
                if _ID.fullmatch(entry.name) and entry.is_dir()
            ]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise LabError(
            _("Can't read {path}: {reason}.").format(path=home.runs, reason=error.strerror)
        ) from error


def newest_first(run: Run) -> tuple[float, str]:
    """Sort key for runs: latest submission first."""
    return -run.submission.submitted.timestamp(), run.id


def list_runs(
    home: Home, unreadable: Callable[[Run, LabError], None] = lambda _run, _why: None
) -> list[Run]:
    """Return the runs of a home, newest first; calls ``unreadable`` for each that can't be read."""
    runs: list[Run] = []
    for run in all_runs(home):
        try:
            _readable = run.submission
        except LabError as error:
            unreadable(run, error)
            continue
        runs.append(run)
    return sorted(runs, key=newest_first)


def find_runs(home: Home, names: Iterable[str]) -> list[Run]:
    """Return the runs of these names, like :func:`find_run`, each run once.

    Two names may be short for the same run.
    """
    return list({run.id: run for run in (find_run(home, name) for name in names)}.values())


def find_run(home: Home, name: str) -> Run:
    """Return the run whose id is ``name`` or starts with it.

    Raises :class:`UsageError` if none or several do.
    """
    if not _ID.fullmatch(name):
        raise UsageError(
            _("{name!r} is not a run id: ids have lowercase letters, digits and hyphens.").format(
                name=name
            ),
            _("`rnnlab-tui runs` lists them."),
        )
    matches = sorted(run.id for run in all_runs(home) if run.id.startswith(name))
    if name in matches:
        return Run(home.runs / name)
    if len(matches) == 1:
        return Run(home.runs / matches[0])
    if matches:
        raise UsageError(
            ngettext(
                "{name} is short for {n} run.", "{name} is short for {n} runs.", len(matches)
            ).format(name=name, n=len(matches)),
            _("Give more of it: {ids}.").format(ids=", ".join(matches[:5])),
        )
    raise UsageError(
        _("There is no run {name} in {path}.").format(name=name, path=home.root),
        _("`rnnlab-tui runs` lists them."),
    )
