"""Which runs have a live worker, and who else is alone at something: a lock a folder, named by the folder's path.

The locks are ``flock``\\ s: the kernel releases them when the last process that holds them dies, however it dies, so
a stale file means nothing and a process id is never trusted. They lie in a folder of this host that belongs to the
person alone, outside the home, which may be on NFS.
"""

import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import LabError
from engine.language import _

_PATIENCE_S = 2.0


def lock_directory() -> Path:
    """Return this person's lock folder on this host, made 0700 where it is missing.

    Not below TMPDIR or XDG_RUNTIME_DIR: sessions of one person differ in the first, and the second goes away at
    logout. ``RNNLAB_LOCKS`` names another folder for the whole host. Raises :class:`LabError` where it is not a
    folder of this person's alone: it could have been planted.
    """
    path = Path(os.environ.get("RNNLAB_LOCKS") or f"/tmp/rnnlab-{os.getuid()}")
    if not path.is_absolute():
        # It would be another folder wherever a command is started.
        raise LabError(_("RNNLAB_LOCKS = {path}: must be an absolute path.").format(path=path))
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise LabError(
            _("Can't make the folder for locks, {path}: {reason}.").format(path=path, reason=error.strerror),
            _("Set RNNLAB_LOCKS to a folder of your own on a local disk."),
        ) from error
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise LabError(
            _("{path} is not a private folder of yours.").format(path=path),
            _("Have it removed, or set RNNLAB_LOCKS to a folder of your own."),
        )
    return path


def lock_file(directory: Path) -> Path:
    """Return the file whose lock is a directory's. Raises :class:`LabError` where there is no folder for it."""
    return lock_directory() / f"{hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:32]}.lock"


def _open(directory: Path) -> int:
    path = lock_file(directory)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LabError(
            _("Can't make the lock {path}: {reason}.").format(path=path, reason=error.strerror),
            _("Make room there, or set RNNLAB_LOCKS to a folder of your own on a local disk."),
        ) from error


def take(directory: Path, patience: float = _PATIENCE_S) -> int | None:
    """Take the lock of a directory and return its descriptor; None where another process holds it for ``patience`` s.

    The lock lasts while any process has the descriptor open, so it can be handed to a child without a gap. Raises
    :class:`LabError` where there can be no lock.
    """
    descriptor = _open(directory)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Somebody who only asks whether the run is alive holds it for microseconds: ask again.
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(0.01)
        else:
            return descriptor


def is_held(directory: Path) -> bool:
    """Tell whether a live process of this host holds the lock of a directory. Raises :class:`LabError`."""
    descriptor = _open(directory)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def held(directory: Path, patience: float) -> Iterator[None]:
    """Hold a directory's lock for a moment. Raises :class:`LabError` where another has it for ``patience`` seconds."""
    descriptor = take(directory, patience)
    if descriptor is None:
        raise LabError(_("{path} is in use by another process.").format(path=directory), _("Try again."))
    try:
        yield
    finally:
        os.close(descriptor)
