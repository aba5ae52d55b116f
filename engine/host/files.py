"""Files that are whole or absent, private to their owner, and opened only if they are what they
should be.

What lies in a home may have come with somebody's folder: a link to a key, a pipe that nobody writes
to, a device without an end. So whatever is opened there, to read or to write, is opened here: it
has to be a regular file of the person's own (or of root, or of the owner of the home that is looked
at), and of a size that such a file may have.
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
from engine.host.folders import check_unexposed, user_name
from engine.language import _

SMALL = 1 << 20
"""Bytes that a file has at most which holds a few values: a trial, an entry of data."""
LARGE = 1 << 30
"""Bytes that a file of arrays has at most."""
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{16}")


class UntrustedFile(OSError):
    """A file that is not opened; ``strerror`` says why, as what follows the file's name in a
    sentence.
    """


class UnreadableFile(LabError):
    """A file of a home that can't be read."""

    def __init__(self, path: Path, error: OSError) -> None:
        remedy = (
            _("Move it away.")
            if isinstance(error, UntrustedFile)
            else _("See that you can read it.")
        )
        super().__init__(
            _("Can't read {path}: {reason}.").format(path=path, reason=error.strerror or error),
            remedy,
        )


def expand_path(path: str | os.PathLike[str]) -> Path:
    """Return ``path`` as an absolute one, a leading ``~`` or ``~name`` replaced by the home folder.

    Raises :class:`UsageError` for a person that does not exist or a path that no file system takes.
    """
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise UsageError(
            _("{path} can't be a path: {reason}.").format(path=path, reason=reason)
        ) from None


def is_file(path: str | os.PathLike[str]) -> bool:
    """Tell whether ``path`` is a file that can be looked at; one that can't even be asked about is
    none.
    """
    try:
        return expand_path(path).is_file()
    except (OSError, ValueError, UsageError):
        return False


def open_to_read(path: str, depth: int = 0) -> int:
    """Return a descriptor of a regular file that belongs to this person, to root, or to the owner
    of its home.

    ``depth``: how many folders the home is above it; 0 if it lies in no home. Raises
    :class:`UntrustedFile` for anything else (nothing is waited for, no link is followed),
    :class:`OSError` if it can't be opened.
    """
    return _open(path, os.O_RDONLY, depth)


def _open(path: str, flags: int, depth: int = 0) -> int:
    try:
        # Non-blocking: a pipe would be waited for until somebody writes into it.
        descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError as error:
        if kind := _kind_of_special_file(path):
            raise UntrustedFile(error.errno, _("is {kind}").format(kind=kind), path) from error
        raise
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UntrustedFile(
                errno.EINVAL, _("is {kind}").format(kind=kind_of(found.st_mode)), path
            )
        if not is_trusted_owner(found.st_uid, path, depth):
            owner = user_name(found.st_uid)
            raise UntrustedFile(errno.EPERM, _("belongs to {owner}").format(owner=owner), path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _kind_of_special_file(path: str) -> str:
    """Return what lies at a path if that is no regular file; empty otherwise, or if it can't be
    looked at.
    """
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return ""
    return "" if stat.S_ISREG(mode) else kind_of(mode)


def kind_of(mode: int) -> str:
    """Name, in a sentence, what has this mode (as ``st_mode``)."""
    names = {
        stat.S_IFLNK: _("a symbolic link"),
        stat.S_IFIFO: _("a named pipe"),
        stat.S_IFSOCK: _("a socket"),
        stat.S_IFDIR: _("a folder"),
        stat.S_IFREG: _("a file"),
    }
    return names.get(stat.S_IFMT(mode), _("a device"))


def is_trusted_owner(owner: int, path: str, depth: int) -> bool:
    """Tell whether what ``owner`` has written may be read: as of :func:`open_to_read`. Raises
    :class:`OSError`.
    """
    if owner in (os.geteuid(), 0):
        return True
    if not depth:
        return False
    # Asked for last: of thousands of runs hardly one is another's.
    home = path
    for _level in range(depth):
        home = os.path.dirname(home)  # noqa: PTH120 (as above)
    return owner == os.stat(home).st_uid  # noqa: PTH116


def read_content(path: str, most: int, depth: int = 0, *, last: int | None = None) -> bytes:
    """Return what a file holds, or its ``last`` bytes. ``depth``: as of :func:`open_to_read`, which
    it raises as.

    Raises :class:`UntrustedFile` too for one of more than ``most`` bytes. Made for lists of
    thousands of runs: it takes a third of the time that :class:`Path` takes, which asks for more
    than is needed.
    """
    descriptor = open_to_read(path, depth)
    try:
        size = os.fstat(descriptor).st_size
        begin = 0 if last is None else max(0, size - last)
        if size - begin > most:
            reason = _("has more than {limit:,} bytes").format(limit=most)
            raise UntrustedFile(errno.EFBIG, reason, path)
        content = os.pread(descriptor, size - begin, begin)
        # The system may give less than it was asked for.
        while len(content) < size - begin and (
            more := os.pread(descriptor, size, begin + len(content))
        ):
            content += more
        return content
    finally:
        os.close(descriptor)


def path_to_text(path: Path) -> str:
    """Return a path as text that JSON takes: bytes of its name that are not UTF-8 are spelled as
    escapes.
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def private_directory(path: Path, otherwise: str = "") -> Path:
    """Create ``path`` (0700) and its parents where they are missing, and return it.

    Raises :class:`UsageError` where it can't be made, or somebody else could put another in its
    place. ``otherwise``: what helps if its folders can't be changed, as of
    :func:`engine.host.folders.find_exposures`.
    """
    check_unexposed(path, otherwise)
    try:
        for folder in reversed([path, *path.parents]):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            _("Can't make the folder {path}: {reason}.").format(path=folder, reason=error.strerror),
            _("Choose another home with --home DIR or RNNLAB_HOME."),
        ) from error
    # Somebody may have been faster, in a folder of everybody's.
    check_unexposed(path, otherwise)
    return path


def write_atomic(path: Path, content: bytes) -> None:
    """Write ``path`` (0600) so that a reader, or a crash at any moment, finds all of it or the
    former one.

    Raises :class:`OSError` where the disk refuses it; nothing is left behind then.
    """
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write into, which is in the place of ``path`` once the block ends: as
    :func:`write_atomic`.
    """
    with _replacing(path, _temporary(path), private_opener) as file:
        yield file
    sync_directory(path.parent)


def _temporary(path: Path) -> Path:
    """Return a name beside ``path`` that nobody can know before, and lay a file of theirs under."""
    return path.with_name(f".{path.name[:100]}.{os.urandom(8).hex()}")


def remove_temporaries(folder: Path) -> None:
    """Remove what writers that were killed have left of :func:`write_atomic`. Only for a folder's
    one writer.

    Raises :class:`OSError`.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) and not entry.is_dir(follow_symlinks=False):
                (folder / entry.name).unlink(missing_ok=True)


def write_user_file(path: Path, text: str) -> None:
    """Write a person's own file, so that it has all of ``text`` or what it had before; a pipe or
    device gets it as is.

    A new file gets the permissions that the umask leaves, an earlier one keeps its own. Raises
    :class:`OSError`.
    """
    content = text.encode("utf-8")
    target = path.resolve()
    if path.exists() and not (path.is_file() and os.access(target.parent, os.W_OK)):
        # No file, or one whose folder takes no other beside it.
        path.write_bytes(content)
        return
    # Not into what somebody has put in its place: a folder may be everybody's, as /tmp is.
    with _replacing(target, _temporary(target)) as file:
        if target.exists():
            os.fchmod(file.fileno(), target.stat().st_mode & 0o777)
        file.write(content)


@contextmanager
def _replacing(
    path: Path, temporary: Path, opener: Callable[[str, int], int] | None = None
) -> Iterator[IO[bytes]]:
    """Make ``temporary``, and put it on the disk and in the place of ``path`` once it is written,
    or remove it.
    """
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
    """Raise :class:`UsageError` where :func:`write_user_file` could not write ``path``: before
    hours of work for it.
    """
    reason, remedy = _why_not_writable(path)
    if reason:
        raise UsageError(
            _("Can't write {path}: {reason}.").format(path=path, reason=reason), remedy
        )


def write_refused(path: Path, error: OSError) -> UsageError:
    """Return what to say where :func:`write_user_file` could not write ``path``, and what to do
    about it.
    """
    reason, remedy = _why_not_writable(path)
    if not reason:
        reason, remedy = error.strerror or str(error), _("Give another place.")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        reason, remedy = os.strerror(error.errno), _("Make room there, or give another place.")
    return UsageError(_("Can't write {path}: {reason}.").format(path=path, reason=reason), remedy)


def _why_not_writable(path: Path) -> tuple[str, str]:
    """Say why a document can't be written, and what to do about it; both are empty where it can, as
    far as one sees.
    """
    elsewhere = _("Give another place.")
    try:
        if path.is_dir():
            return _("it is a folder"), _("Give the name of a file in it.")
        if path.exists():
            return (
                ("", "") if os.access(path, os.W_OK) else (_("it is not yours to write"), elsewhere)
            )
        # Of a link to nothing, where that would be.
        folder = path.resolve().parent
        if not folder.exists():
            command = f"mkdir -p {shlex.quote(str(folder))}"
            remedy = _("Make it (`{command}`), or give another place.").format(command=command)
            return _("there is no folder {folder}").format(folder=folder), remedy
        if not folder.is_dir():
            return _("{folder} is no folder").format(folder=folder), elsewhere
        if not os.access(folder, os.W_OK):
            return _("{folder} is not yours to write").format(folder=folder), elsewhere
    except OSError as error:
        return error.strerror or str(error), elsewhere
    except RuntimeError:
        # So Python says it up to 3.12.
        return os.strerror(errno.ELOOP), elsewhere
    return "", ""


def private_opener(path: str, flags: int) -> int:
    """Open a file as 0600 where it is new: for ``open(…, opener=private_opener)``.

    What is in its place is not written to unless it is a regular file of one's own: see
    :func:`open_to_read`.
    """
    return _open(path, flags)


def private_subdirectory(path: Path) -> Path:
    """Create ``path`` (0700) in its parent, which must be there, and return it. Raises
    :class:`OSError`.

    The parent may have been deleted a moment ago, and must not come back as an empty folder. A link
    is refused.
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
