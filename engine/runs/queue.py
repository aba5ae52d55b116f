"""The queue: the accepted runs that have not ended, in the order in which they are started.

A run has a file ``queue/<order>-<id>``, containing the name of the host that put it there, from
before it is visible until its log says how it ended. This is the only record: a supervisor that
starts finds here what its predecessor, or a power cut, has left.
"""

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.errors import LabError
from engine.host import locks
from engine.host.files import (
    SMALL,
    UntrustedFile,
    private_directory,
    private_opener,
    read_content,
    sync_directory,
    write_atomic,
)
from engine.host.home import Home
from engine.host.identity import host_name
from engine.language import _

_NAME = re.compile(r"([0-9]{12})-([a-z0-9-]+)")
_FIRST = 10**11
"""Order of the first entry in an empty queue, with room before it for runs moved to the front."""
_PATIENCE_S = 30.0
_JOBS = "jobs"
_DEPTH = 2
"""Levels from a file in the queue up to its home."""
_LONGEST_ACCEPTANCE_S = 86_400.0


@dataclass(frozen=True)
class Entry:
    """A run's place in the queue."""

    path: Path
    order: int
    run_id: str


@contextmanager
def locked(home: Home, *, new: bool = True) -> Iterator[None]:
    """Lock the queue against this host's other processes.

    ``new``: as in :func:`engine.host.locks.acquire`.
    """
    with locks.held(home.queue, _PATIENCE_S, new=new):
        yield


def entries(home: Home) -> list[Entry]:
    """Return the queue in its order. Raises :class:`LabError` if the home can't be read."""
    try:
        with os.scandir(home.queue) as files:
            # A folder with such a name is not a run's entry and could not be removed.
            names = [file.name for file in files if not file.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise LabError(
            _("Can't read {path}: {reason}.").format(path=home.queue, reason=error.strerror)
        ) from error
    matches = [match for name in sorted(names) if (match := _NAME.fullmatch(name))]
    return [Entry(home.queue / match[0], int(match[1]), match[2]) for match in matches]


def contains(home: Home, run_id: str) -> bool:
    """Tell whether a run is in the queue."""
    return any(entry.run_id == run_id for entry in entries(home))


def add(home: Home, run_ids: Iterable[str]) -> None:
    """Append runs to the queue; call under :func:`locked`.

    Raises :class:`OSError`; then none has been added.
    """
    private_directory(home.queue)
    order = max((entry.order for entry in entries(home)), default=_FIRST - 1) + 1
    created: list[Path] = []
    try:
        for number, run_id in enumerate(run_ids, order):
            path = home.queue / f"{number:012}-{run_id}"
            descriptor = private_opener(str(path), os.O_CREAT | os.O_WRONLY)
            created.append(path)
            try:
                os.write(descriptor, _this_host())
            finally:
                os.close(descriptor)
        sync_directory(home.queue)
    except OSError:
        for path in created:
            path.unlink(missing_ok=True)
        raise


def is_orphaned(entry: Entry) -> bool:
    """Tell whether an entry's run, which has no folder, was deleted; call under :func:`locked`.

    A run that another host is just accepting has no folder yet, and that host's lock can't be seen
    from here; that host removes its own entries. If the host is gone for good, nobody does: the
    entry is orphaned after a day, since accepting a run never takes that long.
    """
    try:
        if read_content(str(entry.path), SMALL, _DEPTH) == _this_host():
            return True
        return time.time() - entry.path.stat().st_mtime > _LONGEST_ACCEPTANCE_S
    except UntrustedFile:
        # Not written by this program.
        return True
    except OSError:
        return False


def _this_host() -> bytes:
    return host_name().encode()


def remove(home: Home, run_id: str) -> None:
    """Remove a run from the queue."""
    for entry in entries(home):
        if entry.run_id == run_id:
            entry.path.unlink(missing_ok=True)


def set_concurrency(home: Home, jobs: int) -> None:
    """Limit concurrency to ``jobs`` until the queue is empty. Raises :class:`OSError`."""
    write_atomic(home.queue / _JOBS, str(jobs).encode())


def concurrency(home: Home) -> int | None:
    """Return the requested number of concurrent runs; None if nobody set one."""
    try:
        return int(read_content(f"{home.queue}/{_JOBS}", SMALL, _DEPTH))
    except (OSError, ValueError):
        return None


def reset_concurrency(home: Home) -> None:
    """Restore the default concurrency: one run per core."""
    path = home.queue / _JOBS
    if not path.is_dir():
        path.unlink(missing_ok=True)


def move_to_front(home: Home, run_id: str) -> None:
    """Move a run to the front; call under :func:`locked`."""
    queued = entries(home)
    for entry in queued:
        if entry.run_id == run_id and entry != queued[0]:
            entry.path.rename(home.queue / f"{queued[0].order - 1:012}-{run_id}")
