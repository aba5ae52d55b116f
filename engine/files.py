"""Files that are whole or absent, private to their owner."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from engine.errors import UsageError
from engine.language import _


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return ``path`` as an absolute one, a leading ``~`` or ``~name`` replaced by the home folder.

    Raises :class:`UsageError` for a person that does not exist or a path that no file system takes.
    """
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise UsageError(_("{path} can't be a path: {reason}.").format(path=path, reason=reason)) from None


def is_file(path: str | os.PathLike[str]) -> bool:
    """Tell whether ``path`` is a file that can be looked at; one that can't even be asked about is none."""
    try:
        return expanded(path).is_file()
    except (OSError, ValueError, UsageError):
        return False


def read_content(path: str, last: int | None = None) -> bytes:
    """Return what a file holds, or its ``last`` bytes. Raises :class:`OSError`.

    For lists of thousands of runs: a third of the time that :class:`Path` takes, which asks for more than is needed.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        begin = 0 if last is None else max(0, size - last)
        content = os.pread(descriptor, size - begin, begin)
        # The system may give less than it was asked for, and a directory is refused here.
        while len(content) < size - begin and (more := os.pread(descriptor, size, begin + len(content))):
            content += more
        return content
    finally:
        os.close(descriptor)


def storable(path: Path) -> str:
    """Return a path as text that JSON takes: bytes of its name that are not UTF-8 are spelled as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def private_directory(path: Path) -> Path:
    """Create ``path`` (0700) and its parents where they are missing, and return it.

    Raises :class:`UsageError` where it can't be made.
    """
    try:
        for folder in reversed([path, *path.parents]):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            _("Can't make the folder {path}: {reason}.").format(path=folder, reason=error.strerror),
            _("Choose another home with --home DIR or RNNLAB_HOME."),
        ) from error
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Write ``path`` (0600) so that a reader, or a crash at any moment, finds all of it or the former one.

    Raises :class:`OSError` where the disk refuses it; nothing is left behind then.
    """
    with _in_place_of(path, path.with_name(f".{path.name}.{os.getpid()}"), "wb", private_opener) as file:
        file.write(content)
    sync_directory(path.parent)


def write_document(path: Path, text: str) -> None:
    """Write a person's own file, so that it has all of ``text`` or what it had before; a pipe or device gets it as is.

    A new file gets the permissions that the umask leaves, an earlier one keeps its own. Raises :class:`OSError`.
    """
    content = text.encode("utf-8")
    target = path.resolve()
    if path.exists() and not (path.is_file() and os.access(target.parent, os.W_OK)):
        # No file, or one whose folder takes no other beside it.
        path.write_bytes(content)
        return
    # Not into what somebody has put in its place: a folder may be everybody's, as /tmp is.
    with _in_place_of(target, target.with_name(f".rnnlab-{os.getpid()}"), "xb") as file:
        if target.exists():
            os.fchmod(file.fileno(), target.stat().st_mode & 0o777)
        file.write(content)


@contextmanager
def _in_place_of(
    path: Path, temporary: Path, mode: str, opener: Callable[[str, int], int] | None = None
) -> Iterator[IO[bytes]]:
    """Open ``temporary``, and put it on the disk and in the place of ``path`` once it is written, or remove it."""
    try:
        with open(temporary, mode, opener=opener) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def check_writable(path: Path) -> None:
    """Raise :class:`UsageError` where :func:`write_document` could not write ``path``: before hours of work for it."""
    if reason := _why_not_writable(path):
        raise UsageError(_("Can't write {path}: {reason}.").format(path=path, reason=reason))


def _why_not_writable(path: Path) -> str:
    try:
        if path.is_dir():
            return _("it is a folder")
        if path.exists():
            return "" if os.access(path, os.W_OK) else _("it is not yours to write")
        # Of a link to nothing, where that would be.
        folder = path.resolve().parent
        if not folder.is_dir():
            return _("{folder} is no folder").format(folder=folder)
        return "" if os.access(folder, os.W_OK) else _("{folder} is not yours to write").format(folder=folder)
    except OSError as error:
        return error.strerror or str(error)
    except RuntimeError:
        # So Python says it up to 3.12.
        return os.strerror(errno.ELOOP)


def private_opener(path: str, flags: int) -> int:
    """Open a file as 0600 where it is new: for ``open(…, opener=private_opener)``.

    A link in its place, which may have come with somebody's folder, is refused: what it names is not ours to write.
    """
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def private_subdirectory(path: Path) -> Path:
    """Create ``path`` (0700) in its parent, which must be there, and return it. Raises :class:`OSError`.

    The parent may have been deleted a moment ago, and must not come back as an empty folder. A link is refused.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return path


def sync_directory(path: Path) -> None:
    """Wait until a folder's new, renamed and removed names are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
