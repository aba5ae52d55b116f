"""Exclusive locks, one per folder, each held by a live process: a run's worker, for example.

The locks are ``flock``\\ s. The kernel releases them when the last process that holds them dies,
however it dies, so a leftover file means nothing and no process id is needed. The locks of a home
on a local disk are in the home itself, where every session, container and user who can work on it
sees them, and nothing cleans them up. On a network file system locks can't be trusted, so those of
such a home are in a folder of this host that belongs to the home's owner alone. That says nothing
about other hosts (see :mod:`engine.host.identity`).
"""

import errno
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from engine.errors import LabError
from engine.host import settings
from engine.host.files import private_subdirectory
from engine.host.folders import check_unexposed
from engine.host.machine import filesystem_of
from engine.language import _

_PATIENCE_S = 2.0
FOLDER = ".locks"
"""Name of the folder of locks, which is beside the folders that are locked."""


def lock_folder(directory: Path) -> Path:
    """Return the folder of a directory's lock. Raises :class:`LabError` if there can be none."""
    parent = directory.resolve().parent
    return parent / FOLDER if _is_on_local_disk(parent) else host_folder(parent)


def lock_is_in_home(directory: Path) -> bool:
    """Tell whether a directory's lock is beside it, where all processes of this machine see it."""
    return lock_folder(directory).name == FOLDER


@lru_cache(maxsize=64)
def _is_on_local_disk(folder: Path) -> bool:
    try:
        return filesystem_of(folder).is_local
    except OSError:
        return False


def host_folder(owned: Path, *, new: bool = True) -> Path:
    """Return this host's folder of locks for a home on a network, which contains ``owned``.

    Created if ``new``. Not below TMPDIR, which differs between one person's sessions, nor
    XDG_RUNTIME_DIR, which is removed at logout. ``RNNLAB_LOCKS`` names another folder for the whole
    host. Raises :class:`LabError` if it is not a private folder of the home's owner: somebody could
    have planted it.
    """
    owner = _owner(owned)
    path = settings.LOCKS.read() or Path(f"/tmp/rnnlab-{owner}")
    if new and owner == os.geteuid():
        check_unexposed(path.parent, _("set RNNLAB_LOCKS to a folder of your own"))
    try:
        if new and owner == os.geteuid():
            path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise LabError(
            _("Can't make the folder for locks, {path}: {reason}.").format(
                path=path, reason=error.strerror
            ),
            _("Set RNNLAB_LOCKS to a folder of your own on a local disk."),
        ) from error
    with suppress(FileNotFoundError):
        _check_private(path, owner)
    return path


def _check_private(path: Path, owner: int) -> None:
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
        raise LabError(
            _("{path} is not a private folder of yours.").format(path=path),
            _("Have it removed, or set RNNLAB_LOCKS to a folder of your own."),
        )


def _owner(folder: Path) -> int:
    try:
        return folder.stat().st_uid
    except OSError:
        return os.geteuid()


def lock_file(directory: Path) -> Path:
    """Return the file that is locked for a directory.

    Raises :class:`LabError` if there can be no folder for it.
    """
    folder = lock_folder(directory)
    if lock_is_in_home(directory):
        return folder / f"{directory.name}.lock"
    return folder / _hashed_name(directory)


def _hashed_name(directory: Path) -> str:
    return f"{hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:32]}.lock"


def acquire(directory: Path, patience: float = _PATIENCE_S, *, new: bool = True) -> int | None:
    """Lock a directory and return the descriptor; None if another process keeps it locked.

    Waits for up to ``patience`` seconds. The lock lasts while any process has the descriptor open,
    so it can be handed to a child without a gap. If not ``new``, only an existing folder of locks
    is used, so that nothing of a home that is being deleted comes back. Raises :class:`LabError`
    if there can be no lock, or the folder around ``directory`` is somebody else's.
    """
    deadline = time.monotonic() + patience
    while True:
        descriptor = _open_to_write(directory, new=new)
        if not lock_open_file(descriptor, max(0.0, deadline - time.monotonic())):
            os.close(descriptor)
            return None
        if is_current(descriptor, directory):
            if not _is_held_by_older_version(directory):
                return descriptor
            os.close(descriptor)
            return None
        # The file was removed between opening and locking it: another process may have locked the
        # next one.
        os.close(descriptor)


def lock_open_file(descriptor: int, patience: float = _PATIENCE_S) -> bool:
    """Lock a file while it is open; False if another process keeps it for ``patience`` seconds.

    Counts as locked on a file system without locks.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A process that only checks the lock holds it for microseconds: try again.
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL):
                raise
            return True
        else:
            return True


def make_folder(directory: Path) -> None:
    """Create the folder of a directory's lock. Raises :class:`OSError` or :class:`LabError`."""
    folder = lock_folder(directory)
    if folder.name == FOLDER:
        private_subdirectory(folder)


def remove_lock_file(directory: Path) -> None:
    """Remove the lock file of a directory that is gone for good.

    Raises :class:`LabError` or :class:`OSError`.
    """
    lock_file(directory).unlink(missing_ok=True)


def is_current(descriptor: int, directory: Path) -> bool:
    """Tell whether a held lock is still valid: its file was neither removed nor replaced."""
    try:
        status = lock_file(directory).lstat()
    except (OSError, LabError):
        return False
    held_status = os.fstat(descriptor)
    return (held_status.st_dev, held_status.st_ino) == (status.st_dev, status.st_ino)


def touch(descriptor: int) -> None:
    """Update the time of a held lock's file, so that cleaners of /tmp leave it alone."""
    with suppress(OSError):
        os.utime(descriptor)


def _open_to_write(directory: Path, *, new: bool) -> int:
    owner = _owner(directory.resolve().parent)
    if owner != os.geteuid():
        raise LabError(
            _("{path} belongs to another user: only its owner can work there.").format(
                path=directory.parent
            ),
            _("Choose a home of your own with --home DIR."),
        )
    path = lock_file(directory)
    try:
        if new:
            make_folder(directory)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LabError(
            _("Can't make the lock {path}: {reason}.").format(path=path, reason=error.strerror),
            _("Make room there, or choose another home with --home DIR."),
        ) from error


def is_held(directory: Path) -> bool:
    """Tell whether a live process has locked a directory. Writes nothing.

    Raises :class:`LabError`.
    """
    return is_locked(lock_file(directory)) or _is_held_by_older_version(directory)


def _is_held_by_older_version(directory: Path) -> bool:
    """Tell whether a process holds the lock where version 0.1.0 put it.

    Supervisors of that version may outlive an update.
    """
    if not lock_is_in_home(directory):
        return False
    try:
        folder = host_folder(directory.resolve().parent, new=False)
    except LabError:
        # Version 0.1.0 created no folder that this version would refuse.
        return False
    return is_locked(folder / _hashed_name(directory))


def is_locked(path: Path) -> bool:
    """Tell whether a live process has locked a file. Writes nothing.

    Raises :class:`LabError` if it can't be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        if error.errno == errno.EACCES and _owner(path.parent) != os.geteuid():
            # In somebody else's home: a person who can only look starts nothing there.
            return False
        raise LabError(
            _("Can't look at the lock {path}: {reason}.").format(path=path, reason=error.strerror),
            _("Have it removed if nothing runs here."),
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def held(directory: Path, patience: float, *, new: bool = True) -> Iterator[None]:
    """Hold a directory's lock during the block.

    Raises :class:`LabError` if another process keeps it for ``patience`` seconds.
    """
    descriptor = acquire(directory, patience, new=new)
    if descriptor is None:
        raise LabError(
            _("{path} is in use by another process.").format(path=directory), _("Try again.")
        )
    try:
        yield
    finally:
        os.close(descriptor)
