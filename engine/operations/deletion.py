"""Deleting runs, and cleaning up after processes killed while they accepted or deleted some."""

import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from engine.errors import LabError
from engine.host import locks
from engine.host.files import SMALL, read_content
from engine.host.home import Home
from engine.host.identity import HostIdentity, this_host
from engine.language import _
from engine.runs import queue
from engine.runs.run import DEPTH, Run

_NEW, _DELETED = ".new-", ".deleted-"
_LEFTOVER = re.compile(rf"({re.escape(_NEW)}|{re.escape(_DELETED)})[a-z0-9-]+")
_LONGEST_ACCEPTANCE_S = 86_400.0


def unfinished_directory(run: Run) -> Path:
    """Return where a run's directory is written, under a name that can't be a run's."""
    return run.directory.with_name(f"{_NEW}{run.id}")


def delete(run: Run) -> None:
    """Delete a run with all its files, or the link in its place.

    Raises :class:`LabError` if a part can't be removed; the rest gets the run's name back, so that
    it is listed and can be deleted again.
    """
    # From now on the half-deleted folder can't be taken for a run.
    doomed = run.directory.with_name(f"{_DELETED}{run.id}-{os.urandom(4).hex()}")
    try:
        run.directory.rename(doomed)
    except OSError as error:
        raise _deletion_error(run, run.directory, error) from error
    try:
        queue.remove(run.home, run.id)
        locks.remove_lock_file(run.directory)
        _remove(doomed)
    except OSError as error:
        with suppress(OSError):
            doomed.rename(run.directory)
        path = Path(str(error.filename or doomed).replace(doomed.name, run.id))
        raise _deletion_error(run, path, error) from error


def _deletion_error(run: Run, path: Path, error: OSError) -> LabError:
    return LabError(
        _("Can't delete {path}: {reason}.").format(path=path, reason=error.strerror),
        _("Once it can be removed, `rnnlab-tui delete {id}` does it.").format(id=run.id),
    )


def _remove(path: Path) -> None:
    """Remove a folder, as far as possible, or a link. Raises :class:`OSError` if any is left."""
    if path.is_symlink():
        path.unlink(missing_ok=True)
        return
    if not _removal_errors(path):
        return
    # Retry after making our own folders accessible to us.
    _make_accessible(path)
    for folder, names, _files in os.walk(path):
        for name in names:
            _make_accessible(Path(folder, name))
    if errors := _removal_errors(path):
        raise errors[0]


def _make_accessible(folder: Path) -> None:
    if not folder.is_symlink():
        with suppress(OSError):
            folder.chmod(0o700)


def _removal_errors(folder: Path) -> list[OSError]:
    errors: list[OSError] = []

    def collect(_function: object, path: str, info: tuple[type, BaseException, object]) -> None:
        # Another process may be removing it too.
        if isinstance(info[1], OSError) and not isinstance(info[1], FileNotFoundError):
            # The error may have just the name.
            info[1].filename = path
            errors.append(info[1])

    shutil.rmtree(folder, onerror=collect)
    return errors


def remove_leftovers(home: Home) -> None:
    """Remove what killed processes left of runs; call under :func:`engine.runs.queue.locked`.

    What can't be removed stays. Raises :class:`OSError` if the folder of runs can't be read.
    """
    try:
        with os.scandir(home.runs) as entries:
            names = [entry.name for entry in entries if _LEFTOVER.fullmatch(entry.name)]
    except FileNotFoundError:
        return
    for folder in (home.runs / name for name in names):
        if folder.name.startswith(_DELETED) or _is_abandoned(folder, home):
            with suppress(OSError):
                _remove(folder)


def _is_abandoned(folder: Path, home: Home) -> bool:
    """Tell whether nobody is writing a run's directory.

    A writer holds the lock of the queue, but on its own host.
    """
    if locks.lock_is_in_home(home.queue):
        return True
    with suppress(OSError, ValidationError):
        host = HostIdentity.model_validate_json(read_content(f"{folder}/host.json", SMALL, DEPTH))
        if host.is_same_as(this_host()):
            return True
    try:
        return time.time() - folder.lstat().st_mtime > _LONGEST_ACCEPTANCE_S
    except OSError:
        return False
