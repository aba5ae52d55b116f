"""Whether somebody else could replace our files, through a folder above them that they can change.

Whoever can write to a folder can rename its entries and put others there, whoever owns those,
unless the folder is sticky (as /tmp is) and somebody else's. So each folder above a home must
belong to this person or to root, and must be sticky if everybody can write to it. A group may have
write access on purpose, in a shared project: ``rnnlab-tui doctor`` reports that, and it is refused
only for files that are executed.
"""

import errno
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import UsageError
from engine.language import _

_MOST_LINKS = 40
"""The kernel's own limit for one path."""


@dataclass(frozen=True)
class Exposure:
    """A folder through which others could replace what is below it.

    ``by_group``: only members of its group could.
    """

    what: str
    remedy: str
    by_group: bool = False


def find_exposures(folder: Path, otherwise: str = "") -> list[Exposure]:
    """Return the folders, ``folder`` and those above it, through which others could replace it.

    Links are followed: every folder on the way counts. ``otherwise``: what to do if they can't be
    changed, as the end of a sentence; by default, to choose another home. Raises :class:`OSError`
    if a folder can't be examined.
    """
    otherwise = otherwise or _another_home()
    exposures = [_exposure(path, state, folder, otherwise) for path, state in _path_entries(folder)]
    return [exposure for exposure in exposures if exposure]


def check_unexposed(folder: Path, otherwise: str = "") -> None:
    """Raise :class:`UsageError` if anybody but the members of a group could replace ``folder``.

    ``otherwise``: as in :func:`find_exposures`.
    """
    try:
        exposures = find_exposures(folder, otherwise)
    except OSError as error:
        raise UsageError(
            _("Can't look at the folder {path}: {reason}.").format(
                path=error.filename or folder, reason=error.strerror
            ),
            way_out(otherwise),
        ) from error
    for exposure in exposures:
        if not exposure.by_group:
            raise UsageError(exposure.what, exposure.remedy)


def _another_home() -> str:
    return _("choose another home with --home DIR or RNNLAB_HOME")


def way_out(otherwise: str = "") -> str:
    """Return ``otherwise``, as in :func:`find_exposures`, as a sentence of its own."""
    otherwise = otherwise or _another_home()
    return f"{otherwise[:1].upper()}{otherwise[1:]}."


def _exposure(path: str, state: os.stat_result, below: Path, otherwise: str) -> Exposure | None:
    mode = state.st_mode
    is_ours = state.st_uid == os.geteuid()
    if stat.S_ISLNK(mode):
        # Only its owner can change it, or whoever can write to its folder, which is checked too.
        if is_ours or _is_root(state.st_uid):
            return None
        return _exposure_by_owner(path, state.st_uid, below, otherwise)
    if not stat.S_ISDIR(mode):
        return None
    if not is_ours and not _is_root(state.st_uid):
        # Sticky or not: the sticky bit does not restrict the folder's owner.
        return _exposure_by_owner(path, state.st_uid, below, otherwise)
    if mode & stat.S_ISVTX:
        return None
    if mode & stat.S_IWOTH:
        remedy = (
            _("Do: chmod o-w {path}")
            if is_ours
            else _("Have it made sticky (chmod +t {path}), or {otherwise}.")
        )
        return Exposure(
            _("Everybody can write to the folder {path}, and so replace your files.").format(
                path=path
            ),
            remedy.format(path=path, otherwise=otherwise),
        )
    if mode & stat.S_IWGRP and not _is_private_group(state.st_gid):
        remedy = (
            _("Do: chmod g-w {path}")
            if is_ours
            else _("Have it made sticky (chmod +t {path}), or {otherwise}.")
        )
        return Exposure(
            _(
                "The group {group} can write to the folder {path}, and so replace your files."
            ).format(group=_group_name(state.st_gid), path=path),
            remedy.format(path=path, otherwise=otherwise),
            by_group=True,
        )
    return None


def _exposure_by_owner(path: str, owner: int, below: Path, otherwise: str) -> Exposure:
    return Exposure(
        _("{path} belongs to {owner}, who could replace your files in {folder}.").format(
            path=path, owner=user_name(owner), folder=below
        ),
        way_out(otherwise),
    )


def _path_entries(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every existing folder and link that leads to ``folder``, starting at the root.

    Raises :class:`OSError`.
    """
    waiting = list(reversed(folder.absolute().parts[1:]))
    current, links = "/", 0
    yield current, os.lstat(current)
    while waiting:
        name = waiting.pop()
        if name == "..":
            current = os.path.dirname(current)  # noqa: PTH120 (it has no links any more)
            continue
        path = os.path.join(current, name)  # noqa: PTH118
        try:
            state = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return
        yield path, state
        if not stat.S_ISLNK(state.st_mode):
            current = path
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = os.readlink(path)  # noqa: PTH115
        current = "/" if target.startswith("/") else current
        waiting += [part for part in reversed(target.split("/")) if part not in ("", ".")]


def user_name(number: int) -> str:
    """Return a user's name, or ``#number`` if no user has that number."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return f"#{number}"


def _is_root(user: int) -> bool:
    return user == 0 or user == _unknown_user()


@cache
def _unknown_user() -> int | None:
    """Return the user that a container shows for those it does not map, such as the host's root.

    None outside a container.
    """
    try:
        if Path("/proc/self/uid_map").read_text("ascii").split() == ["0", "0", "4294967295"]:
            return None
        return int(Path("/proc/sys/kernel/overflowuid").read_text("ascii"))
    except (OSError, ValueError):
        return None


def _is_private_group(group: int) -> bool:
    """Tell whether a group is root's or this person's private one, as many distributions create."""
    if group == 0:
        return True
    try:
        user, group_entry = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return (
        user.pw_gid == group
        and group_entry.gr_name == user.pw_name
        and set(group_entry.gr_mem) <= {user.pw_name}
    )
