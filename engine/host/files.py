"""Safe file access: atomic writes, owner-only permissions, and checks before anything is opened.

A home may have come with somebody else's folder and contain a link to a key, a pipe that nobody
writes to, or an endless device. So everything in a home, read or written, is opened here: it must
be a regular file, owned by this person, by root or by the owner of the home that is being looked
at, and no larger than such a file may be.
"""

import errno
import os
import re
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from engine.errors import LabError, UsageError
from engine.host.folders import check_unexposed, user_name, way_out
from engine.language import _

SMALL = 1 << 20
"""Maximum size in bytes of a file of a few values: a trial, an entry of data."""
LARGE = 1 << 30
"""Maximum size in bytes of a file of arrays."""
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{16}")


class UntrustedFile(OSError):
    """A file that is not opened. ``strerror`` says why, phrased to follow the file's name."""


class UnreadableFile(LabError):
    """A file of a home that can't be read."""

    def __init__(self, path: Path, error: OSError) -> None:
        remedy = (
            _("Move it away.")
            if isinstance(error, UntrustedFile)
            else _("Check that you can read it.")
        )
        super().__init__(
            _("Can't read {path}: {reason}.").format(path=path, reason=error.strerror or error),
            remedy,
        )


def expand_path(path: str | os.PathLike[str]) -> Path:
    """Return ``path`` as an absolute path, with a leading ``~`` or ``~name`` expanded.

    Raises :class:`UsageError` if there is no such user or no file system takes the path.
    """
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise UsageError(
            _("{path} can't be a path: {reason}.").format(path=path, reason=reason)
        ) from None


def is_file(path: str | os.PathLike[str]) -> bool:
    """Tell whether ``path`` is a file; False if the path can't be examined."""
    try:
        return expand_path(path).is_file()
    except (OSError, ValueError, UsageError):
        return False


def open_to_read(path: str, depth: int = 0) -> int:
    """Return a descriptor of a regular file owned by this person, root or the owner of its home.

    ``depth``: how many levels the home is above the file; 0 if it is not in a home. Never waits and
    follows no link. Raises :class:`UntrustedFile` if the file is anything else, :class:`OSError` if
    it can't be opened.
    """
    return _open(path, os.O_RDONLY, depth)


def _open(path: str, flags: int, depth: int = 0) -> int:
    try:
        # Non-blocking: opening a pipe would wait until somebody writes into it.
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError as error:
        if kind := _kind_of_special_file(path):
            raise UntrustedFile(error.errno, _("is {kind}").format(kind=kind), path) from error
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UntrustedFile(
                errno.EINVAL, _("is {kind}").format(kind=kind_of(status.st_mode)), path
            )
        if not is_trusted_owner(status.st_uid, path, depth):
            owner = user_name(status.st_uid)
            raise UntrustedFile(errno.EPERM, _("belongs to {owner}").format(owner=owner), path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _kind_of_special_file(path: str) -> str:
    """Return what kind of special file is at a path; empty for a regular or unreadable one."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return ""
    return "" if stat.S_ISREG(mode) else kind_of(mode)


def kind_of(mode: int) -> str:
    """Return the kind of file that has this mode (``st_mode``), for use in a sentence."""
    names = {
        stat.S_IFLNK: _("a symbolic link"),
        stat.S_IFIFO: _("a named pipe"),
        stat.S_IFSOCK: _("a socket"),
        stat.S_IFDIR: _("a folder"),
        stat.S_IFREG: _("a file"),
    }
    return names.get(stat.S_IFMT(mode), _("a device"))


def is_trusted_owner(owner: int, path: str, depth: int) -> bool:
    """Tell whether a file of ``owner`` may be read; ``depth`` as in :func:`open_to_read`.

    Raises :class:`OSError`.
    """
    if owner in (os.geteuid(), 0):
        return True
    if not depth:
        return False
    # The expensive check comes last: hardly one run in thousands belongs to somebody else.
    home = path
    for _level in range(depth):
        home = os.path.dirname(home)  # noqa: PTH120 (as above)
    return owner == os.stat(home).st_uid  # noqa: PTH116


def read_content(path: str, max_bytes: int, depth: int = 0, *, last: int | None = None) -> bytes:
    """Return the content of a file, or its ``last`` bytes.

    ``depth`` and errors are those of :func:`open_to_read`; also raises :class:`UntrustedFile` if
    that is more than ``max_bytes``. Made for lists of thousands of runs: it takes a third of the
    time that :class:`Path` takes, which makes more system calls.
    """
    descriptor = open_to_read(path, depth)
    try:
        size = os.fstat(descriptor).st_size
        start = 0 if last is None else max(0, size - last)
        if size - start > max_bytes:
            reason = _("has more than {limit:,} bytes").format(limit=max_bytes)
            raise UntrustedFile(errno.EFBIG, reason, path)
        content = os.pread(descriptor, size - start, start)
        # One read may return less than requested.
        while len(content) < size - start and (
            more := os.pread(descriptor, size, start + len(content))
        ):
            content += more
        return content
    finally:
        os.close(descriptor)


def path_to_text(path: Path) -> str:
    """Return a path as text for JSON, with escapes for bytes that are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def private_directory(path: Path, otherwise: str = "") -> Path:
    """Create ``path`` (0700) and its missing parents, and return it.

    Raises :class:`UsageError` if it can't be created, or if somebody else could replace it.
    ``otherwise``: as in :func:`engine.host.folders.find_exposures`.
    """
    check_unexposed(path, otherwise)
    try:
        for folder in reversed([path, *path.parents]):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            _("Can't make the folder {path}: {reason}.").format(path=folder, reason=error.strerror),
            way_out(otherwise),
        ) from error
    # Somebody may have created it first, in a folder that everybody can write to.
    check_unexposed(path, otherwise)
    return path


def write_atomic(path: Path, content: bytes) -> None:
    """Write ``path`` (0600) so that a reader, or a crash at any time, sees the new or the old file.

    Raises :class:`OSError` if the disk refuses the write; nothing is left behind then.
    """
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file that replaces ``path`` after the block; see :func:`write_atomic`."""
    with _replacing(path, _temporary(path), private_opener) as file:
        yield file
    sync_directory(path.parent)


def _temporary(path: Path) -> Path:
    """Return a name beside ``path`` that nobody can predict, and so put a file there first."""
    return path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}")


def remove_temporaries(folder: Path) -> None:
    """Remove what interrupted calls of :func:`write_atomic` have left in a folder.

    To be called only by the folder's one writer. Raises :class:`OSError`.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) and not entry.is_dir(follow_symlinks=False):
                (folder / entry.name).unlink(missing_ok=True)


def write_user_file(path: Path, text: str) -> None:
    """Write a person's own file, leaving either all of ``text`` or its previous content.

    A pipe or device is written to directly. A new file gets the permissions that the umask leaves,
    an existing one keeps its own. Raises :class:`OSError`.
    """
    content = text.encode("utf-8")
    target = path.resolve()
    if path.exists() and not (path.is_file() and os.access(target.parent, os.W_OK)):
        # Not a regular file, or one in a folder where no temporary file can be created.
        path.write_bytes(content)
        return
    # In a folder that everybody can write to, as /tmp is, write to no file that is already there.
    with _replacing(target, _temporary(target)) as file:
        if target.exists():
            os.fchmod(file.fileno(), target.stat().st_mode & 0o777)
        file.write(content)


@contextmanager
def _replacing(
    path: Path, temporary: Path, opener: Callable[[str, int], int] | None = None
) -> Iterator[IO[bytes]]:
    """Create ``temporary``, yield it, then move it to ``path``; remove it if anything fails."""
    file = open(temporary, "xb", opener=opener)  # noqa: SIM115 (what is there already is not ours to remove)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def check_writable(path: Path) -> None:
    """Raise :class:`UsageError` if :func:`write_user_file` could not write ``path``.

    Called before hours of work whose result goes there.
    """
    reason, remedy = _why_not_writable(path)
    if reason:
        raise UsageError(
            _("Can't write {path}: {reason}.").format(path=path, reason=reason), remedy
        )


def write_error(path: Path, error: OSError) -> UsageError:
    """Return the error to raise when :func:`write_user_file` could not write ``path``."""
    reason, remedy = _why_not_writable(path)
    if not reason:
        reason, remedy = error.strerror or str(error), _("Give another place.")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        reason, remedy = os.strerror(error.errno), _("Make room there, or give another place.")
    return UsageError(_("Can't write {path}: {reason}.").format(path=path, reason=reason), remedy)


def _why_not_writable(path: Path) -> tuple[str, str]:
    """Return why a document can't be written, and a remedy; both empty if it seems writable."""
    elsewhere = _("Give another place.")
    try:
        if path.is_dir():
            return _("it is a folder"), _("Give the name of a file in it.")
        if path.exists():
            return (
                ("", "") if os.access(path, os.W_OK) else (_("it is not yours to write"), elsewhere)
            )
        # For a broken link: the folder of its target.
        folder = path.resolve().parent
        if not folder.exists():
            command = f"mkdir -p {shlex.quote(str(folder))}"
            remedy = _("Make it (`{command}`), or give another place.").format(command=command)
            return _("there is no folder {folder}").format(folder=folder), remedy
        if not folder.is_dir():
            return _("{folder} is not a folder").format(folder=folder), elsewhere
        if not os.access(folder, os.W_OK):
            return _("{folder} is not yours to write").format(folder=folder), elsewhere
    except OSError as error:
        return error.strerror or str(error), elsewhere
    except RuntimeError:
        # Python up to 3.12 reports a loop of links this way.
        return os.strerror(errno.ELOOP), elsewhere
    return "", ""


def private_opener(path: str, flags: int) -> int:
    """Open a file, created with mode 0600: for ``open(…, opener=private_opener)``.

    Refuses an existing file that is not a regular file of one's own: see :func:`open_to_read`.
    """
    return _open(path, flags)


def private_subdirectory(path: Path) -> Path:
    """Create ``path`` (0700) in its parent, which must exist, and return it.

    The parent may just have been deleted and must not come back as an empty folder. Raises
    :class:`OSError`, also for a link.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return path


def sync_directory(path: Path) -> None:
    """Wait until a folder's new, renamed and removed names are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
