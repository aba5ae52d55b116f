"""Run directories: finding them, and telling from their files and locks what state they are in."""

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
"""Ended without a result, and not because a person wanted it."""

SCHEMA: Literal[2] = 2
"""Of ``trial.json``: 2 calls the kinds of trial forecast and text."""
_R = TypeVar("_R", Result, BriefResult)
_ID = re.compile(r"[a-z0-9-]+")
_REQUEST = "trial.json"
LOG = "events.jsonl"
DEPTH = 2 + 1
"""How many folders the home is above a file of a run."""
_FILES = frozenset({_REQUEST, LOG, "result.json", "note.txt", "host.json", "worker.log"})
_FOLDERS = frozenset({"checkpoint", "control"})
_LARGEST_RESULT = 256 << 20
_LARGEST_NOTE = 64 << 10


class DamagedRun(LabError):
    """A run that nothing can be done with but deleting it: its files are not what they should
    be.
    """


class NewerRun(LabError):
    """A run that only a newer program may change."""


class DamagedTrial(DamagedRun, UsageError):
    """A run whose ``trial.json`` does not say what was asked."""


class Submission(BaseModel):
    """``trial.json``: what was asked, when and on which host. Written once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1, 2] = SCHEMA
    id: str
    submitted: datetime
    host: str
    trial: Trial = Field()
    parent: str | None = None
    """The run from whose last checkpoint this one goes on, where there is one."""


@dataclass(frozen=True)
class Run:
    """A run directory. Reads what is there; whoever holds its lock writes the log, the worker alone
    the result.
    """

    directory: Path

    @property
    def home(self) -> Home:
        """The home in which the run is."""
        return Home(self.directory.parent.parent)

    @property
    def id(self) -> str:
        return self.directory.name

    @cached_property
    def submission(self) -> Submission:
        """What was asked.

        Raises :class:`DamagedRun` if ``trial.json`` is missing or damaged, or if something else
        lies in the place of one of the run's files, a link say: whatever that names is not the
        run's. :class:`NewerRun` if the run is a newer program's, :class:`UnreadableFile` if the
        system refuses to read it.
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
        """Raise :class:`UntrustedFile` if the run's folder, or something in it, is not what it
        should be.
        """
        directory = str(self.directory)
        found = os.lstat(directory)
        if not stat.S_ISDIR(found.st_mode):
            raise UntrustedFile(
                errno.ENOTDIR, _("is {kind}").format(kind=kind_of(found.st_mode)), directory
            )
        if not is_trusted_owner(found.st_uid, directory, DEPTH - 1):
            reason = _("belongs to {owner}").format(owner=user_name(found.st_uid))
            raise UntrustedFile(errno.EPERM, reason, directory)
        # One question for all of them: a list of thousands of runs asks it of each.
        with os.scandir(directory) as entries:
            for entry in entries:
                is_right = (
                    entry.is_file(follow_symlinks=False)
                    if entry.name in _FILES
                    else entry.name not in _FOLDERS or entry.is_dir(follow_symlinks=False)
                )
                if not is_right:
                    kind = kind_of(entry.stat(follow_symlinks=False).st_mode)
                    raise UntrustedFile(errno.EINVAL, _("is {kind}").format(kind=kind), entry.path)

    @property
    def was_deleted(self) -> bool:
        """Whether the run is not there any more, asked of a file that nothing makes again: its
        folder may come back.

        XLA makes the folder that it was given for what it compiles, with all the folders above it.
        """
        return not (self.directory / _REQUEST).exists()

    def check_modifiable(self, progress: Progress) -> None:
        """Raise :class:`LabError` where the run was deleted, or where only a newer program may
        change it.
        """
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
        """Whether nothing is to be done about the run until it is released: it is held, and not to
        be cancelled.
        """
        return self.hold_request.exists() and not self.cancel_request.exists()

    @property
    def is_local(self) -> bool:
        """Whether the run belongs to this host: of another host's runs the locks can't be seen."""
        return self.host.is_same_as(this_host())

    @property
    def host_file(self) -> Path:
        return self.directory / "host.json"

    @property
    def host(self) -> HostIdentity:
        """The host that the run belongs to: the one that it was submitted on, or that has adopted
        it since.
        """
        try:
            return HostIdentity.model_validate_json(
                read_content(f"{self.directory}/host.json", SMALL, DEPTH)
            )
        except (OSError, ValidationError):
            # Of a version that kept the host's name alone.
            return HostIdentity(name=self.submission.host)

    def has_worker(self, progress: Progress) -> bool:
        """Tell whether a process of this host is at work on the run, whose log says ``progress``.

        The lock says so; if its file was removed, the log does: see :meth:`has_writer`.
        """
        return locks.is_held(self.directory) or self.has_writer(progress)

    def has_writer(self, progress: Progress) -> bool:
        """Tell whether a process of this host writes the log, which says ``progress``, whatever
        became of its lock.

        The lock on the log says so, and where locks can't be trusted, whether the process is alive
        that the log names as the last worker.
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
        """What somebody wrote about the run, as one line safe to print; empty where nobody did.

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
        """Fold the whole log. Raises :class:`UnreadableFile`, or as :attr:`submission` if that is
        why.
        """
        try:
            return fold(EventReader(self.log).read())
        except UnreadableFile:
            # If the run is damaged, that says more.
            _readable = self.submission
            raise

    def result(self) -> Result | None:
        """Return what the run measured; None while there is no result. Raises :class:`LabError` if
        it is damaged.
        """
        return self._read_result(Result)

    def result_summary(self, form: type[BriefResult] | type[Result]) -> BriefResult | Result | None:
        """Return only what ``form`` has of the result, as :meth:`result` in all else."""
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
        """Tell the state of this run, whose log says ``progress``, from that, its lock and its
        requests.
        """
        match progress.end:
            case Finished():
                return "done"
            case Cancelled():
                return "cancelled"
            case Failed(diverged=diverged):
                return "diverged" if diverged else "failed"
        if self.is_local and not self.has_worker(progress):
            # Nobody is at it. What is in the queue is started, or started again, when its turn
            # comes.
            if not queue.contains(self.home, self.id):
                return "interrupted"
            return "held" if self.hold_request.exists() else "queued"
        if self.cancel_request.exists():
            return "cancelling"
        if progress.worker is None and not self.is_local:
            return "held" if self.hold_request.exists() else "queued"
        return "running" if progress.losses or progress.phase == "training" else "starting"

    def request_cancel(self) -> None:
        """Ask the worker to stop: see :func:`engine.operations.control.cancel`. Raises as
        :meth:`write_request`.
        """
        self.write_request(self.cancel_request)

    def write_request(self, path: Path) -> None:
        """Put a request among the run's. Raises :class:`LabError` where that can't be: the run was
        deleted, say.
        """
        self.home.check_ours()
        try:
            private_subdirectory(path.parent)
            os.close(private_opener(str(path), os.O_CREAT | os.O_WRONLY))
        except OSError as error:
            raise LabError(
                _("Can't ask run {id} to {request}: {reason}.").format(
                    id=self.id, request=_request_words(path.name), reason=error.strerror
                )
            ) from error


def is_newer(content: bytes, known: int) -> bool:
    """Tell whether a file's JSON says that it has a later schema than the ``known`` one."""
    try:
        record = json.loads(content)
        return int(record["schema_version"]) > known
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return False


def _newer(run: Run) -> NewerRun:
    return NewerRun(
        _("Run {id} is of a newer version of rnnlab-tui: this one leaves it as it is.").format(
            id=run.id
        ),
        _("Update the program."),
    )


def _request_words(name: str) -> str:
    return {"cancel": _("stop"), "hold": _("wait")}.get(name, name)


def all_runs(home: Home) -> list[Run]:
    """Return every run directory of a home, readable or not, in no order. None where nothing ran
    yet.

    Folders whose names can't be a run's id are somebody else's. Raises :class:`LabError` where the
    home is closed.
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
    """Order runs by the time of submission, the latest first."""
    return -run.submission.submitted.timestamp(), run.id


def list_runs(
    home: Home, unreadable: Callable[[Run, LabError], None] = lambda _run, _why: None
) -> list[Run]:
    """Return the runs of a home, newest first; ``unreadable`` is told of those that can't be read,
    and why.
    """
    found: list[Run] = []
    for run in all_runs(home):
        try:
            _readable = run.submission
        except LabError as error:
            unreadable(run, error)
            continue
        found.append(run)
    return sorted(found, key=newest_first)


def find_runs(home: Home, names: Iterable[str]) -> list[Run]:
    """Return the runs of these names as :func:`find_run` does, each once: two names may be short
    for the same.
    """
    return list({run.id: run for run in (find_run(home, name) for name in names)}.values())


def find_run(home: Home, name: str) -> Run:
    """Return the run whose id is ``name`` or begins with it. Raises :class:`UsageError` where none
    or several do.
    """
    if not _ID.fullmatch(name):
        raise UsageError(
            _("{name!r} is no run id: those have small letters, digits and hyphens.").format(
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
