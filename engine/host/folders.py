"""Whether somebody else could put other files in the place of ours: by a folder above them that is
theirs to change.

Whoever can write to a folder can rename what lies in it, and put something else there, whoever owns
that; unless the folder is sticky, as /tmp is, and not theirs. So the folders above a home have to
belong to this person or to root, and must not be everybody's to write without being sticky. A group
is another matter: people share the folders of a project with it on purpose. That is said by
``rnnlab-tui doctor``, and refused only for what is executed.
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
"""As many as the kernel follows in a path."""


@dataclass(frozen=True)
class Exposure:
    """A folder through which others could replace what lies below it; ``by_group``: only the
    members of its group.
    """

    what: str
    remedy: str
    by_group: bool = False


def find_exposures(folder: Path, otherwise: str = "") -> list[Exposure]:
    """Return through which folders, of ``folder`` and all above it as far as they exist, others
    could replace it.

    Links are followed: what counts is every folder on the way. ``otherwise``: what can be done if
    they can't be changed, as the end of a sentence; to choose another home, unless given. Raises
    :class:`OSError` if a folder can't be looked at.
    """
    otherwise = otherwise or _("choose another home with --home DIR or RNNLAB_HOME")
    found = [_exposure(path, state, folder, otherwise) for path, state in _on_the_way(folder)]
    return [exposure for exposure in found if exposure]


def check_unexposed(folder: Path, otherwise: str = "") -> None:
    """Raise :class:`UsageError` if others than the members of a group could replace ``folder``.

    ``otherwise``: as of :func:`find_exposures`.
    """
    try:
        exposures = find_exposures(folder, otherwise)
    except OSError as error:
        raise UsageError(
            _("Can't look at the folder {path}: {reason}.").format(
                path=error.filename or folder, reason=error.strerror
            ),
            _("Choose another home with --home DIR or RNNLAB_HOME."),
        ) from error
    for exposure in exposures:
        if not exposure.by_group:
            raise UsageError(exposure.what, exposure.remedy)


def _exposure(path: str, state: os.stat_result, below: Path, otherwise: str) -> Exposure | None:
    mode = state.st_mode
    is_ours = state.st_uid == os.geteuid()
    if stat.S_ISLNK(mode):
        # Only its owner can change it, or whoever can write to the folder that it is in, which is
        # looked at too.
        if is_ours or _is_root(state.st_uid):
            return None
        return _of_another(path, state.st_uid, below, otherwise)
    if not stat.S_ISDIR(mode):
        return None
    if not is_ours and not _is_root(state.st_uid):
        # Sticky or not: that does not bind a folder's owner.
        return _of_another(path, state.st_uid, below, otherwise)
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


def _of_another(path: str, owner: int, below: Path, otherwise: str) -> Exposure:
    return Exposure(
        _("{path} belongs to {owner}, who could replace your files in {folder}.").format(
            path=path, owner=user_name(owner), folder=below
        ),
        f"{otherwise[:1].upper()}{otherwise[1:]}.",
    )


def _on_the_way(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every folder and link that leads to ``folder``, from the root on, as far as there are
    any.

    Raises :class:`OSError`.
    """
    waiting = list(reversed(folder.absolute().parts[1:]))
    here, links = "/", 0
    yield here, os.lstat(here)
    while waiting:
        name = waiting.pop()
        if name == "..":
            here = os.path.dirname(here)  # noqa: PTH120 (it has no links any more)
            continue
        path = os.path.join(here, name)  # noqa: PTH118
        try:
            state = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return
        yield path, state
        if not stat.S_ISLNK(state.st_mode):
            here = path
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = os.readlink(path)  # noqa: PTH115
        here = "/" if target.startswith("/") else here
        waiting += [part for part in reversed(target.split("/")) if part not in ("", ".")]


def user_name(number: int) -> str:
    """Return what a user is called, or ``#number`` if nobody has that number."""
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
    """Return as whom a container shows the users that it does not know, the host's root among them;
    None outside.
    """
    try:
        if Path("/proc/self/uid_map").read_text("ascii").split() == ["0", "0", "4294967295"]:
            return None
        return int(Path("/proc/sys/kernel/overflowuid").read_text("ascii"))
    except (OSError, ValueError):
        return None


def _is_private_group(group: int) -> bool:
    """Tell whether a group is that of this person alone, as many distributions give everybody one;
    or root's.
    """
    if group == 0:
        return True
    try:
        user, found = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return (
        user.pw_gid == group
        and found.gr_name == user.pw_name
        and set(found.gr_mem) <= {user.pw_name}
    )
