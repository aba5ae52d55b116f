"""A limit of processes that is reached: how to know it in what somebody said, and what a person can
do about it.

Threads count as processes for the kernel, and TensorFlow starts some dozens of them. A worker that
gets none ends in one of several ways: an exception of Python's, a failed check of TensorFlow's, or
OpenBLAS interrupts it (SIGINT).
"""

import errno
import os
import resource
from contextlib import suppress
from pathlib import Path

from engine.host import out_of_memory
from engine.host.machine import group_limits
from engine.language import _

SENTENCE = _("No more processes or threads are allowed here.")
REASON = _("no more processes or threads are allowed here")

# Python's words, OpenBLAS', those of the C++ library and of TensorFlow, the shell's.
_THREAD_WORDS = (
    "can't start new thread",
    "pthread_create failed",
    "creation via pthread_create() failed",
)
_PROCESS_WORDS = (
    "fork: retry",
    "Cannot fork",
    "unable to fork",
    "[Errno 11] Resource temporarily unavailable",
)
_WHAT_OF_SYSTEM_ERROR = "what():  Resource temporarily unavailable"
_EXEMPT = 1 << 21 | 1 << 24
"""CAP_SYS_ADMIN and CAP_SYS_RESOURCE (capabilities(7)): whom RLIMIT_NPROC does not bind, as it does
not bind root.
"""
_MANY = 200
"""More than a worker starts: with room for so many, a thread was refused for another reason."""


def mentions_limit(words: str) -> bool:
    """Tell whether words that a worker has printed, or an exception's with its type, say that the
    limit is reached.

    A thread is refused in the same words where its stack finds no memory below a limit of that
    (``ulimit -v``).
    """
    if any(known in words for known in _PROCESS_WORDS):
        return True
    if not any(known in words for known in (*_THREAD_WORDS, _WHAT_OF_SYSTEM_ERROR)):
        return False
    if out_of_memory.address_space() is None:
        return True
    left = room()
    return left is not None and left < _MANY


def is_limit(error: OSError) -> bool:
    """Tell whether an error at the start of a process is about the limit."""
    return error.errno == errno.EAGAIN


def remedy() -> str:
    """Say what helps, and who sets the limit."""
    words = _("End other processes, or have the limit raised.")
    named = {
        "ulimit -u": _("A user may have {limit:,} processes and threads here: `ulimit -u`."),
        "pids.max": _("The control group may have {limit:,} processes and threads here: pids.max."),
    }
    found = limits()
    if not found:
        return words
    name = min(found, key=lambda name: found[name])
    return f"{words} {named[name].format(limit=found[name])}"


def limits() -> dict[str, int]:
    """Return the limits that bind this process: ``ulimit -u`` of the user, ``pids.max`` of the
    control group.
    """
    found = {}
    soft = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if soft != resource.RLIM_INFINITY and not _is_exempt():
        found["ulimit -u"] = soft
    if groups := group_limits("pids", "pids.max"):
        found["pids.max"] = min(groups)
    return found


def room() -> int | None:
    """Return how many more processes and threads the user's limit allows at this moment; None
    without one.
    """
    soft = limits().get("ulimit -u")
    return None if soft is None else max(0, soft - _threads_of(os.getuid()))


def _is_exempt() -> bool:
    if os.getuid() == 0:
        return True
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text("ascii", errors="replace").splitlines():
            if line.startswith("CapEff:"):
                return bool(int(line.split()[1], 16) & _EXEMPT)
    return False


def _threads_of(user: int) -> int:
    """Return how many threads a user's processes have, of those that can be seen."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == user:
                count += sum(1 for _thread in (process / "task").iterdir())
    return count
