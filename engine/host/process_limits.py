"""Recognizes in a message that a limit on processes was reached, and what a person can do about it.

The kernel counts threads as processes, and TensorFlow starts dozens of them. A worker that can't
start one ends in one of several ways: with a Python exception, with a failed check in TensorFlow,
or interrupted by OpenBLAS (SIGINT).
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

# The messages of Python, OpenBLAS, the C++ library, TensorFlow and the shell.
_THREAD_MESSAGES = (
    "can't start new thread",
    "pthread_create failed",
    "creation via pthread_create() failed",
)
_PROCESS_MESSAGES = (
    "fork: retry",
    "Cannot fork",
    "unable to fork",
    "[Errno 11] Resource temporarily unavailable",
)
_SYSTEM_ERROR_MESSAGE = "what():  Resource temporarily unavailable"
_EXEMPTING_CAPABILITIES = 1 << 21 | 1 << 24
"""CAP_SYS_ADMIN and CAP_SYS_RESOURCE (capabilities(7)), to which RLIMIT_NPROC does not apply."""
_AMPLE = 200
"""More than a worker starts: with room for this many, a thread was refused for another reason."""


def mentions_limit(text: str) -> bool:
    """Tell whether a worker's output, or an exception with its type, says the limit is reached.

    The message is the same if a thread's stack does not fit below a limit on memory
    (``ulimit -v``).
    """
    if any(message in text for message in _PROCESS_MESSAGES):
        return True
    if not any(message in text for message in (*_THREAD_MESSAGES, _SYSTEM_ERROR_MESSAGE)):
        return False
    if out_of_memory.address_space() is None:
        return True
    remaining = room()
    return remaining is not None and remaining < _AMPLE


def is_limit(error: OSError) -> bool:
    """Tell whether an error when a process was started is about the limit."""
    return error.errno == errno.EAGAIN


def remedy() -> str:
    """Return advice, naming the limit."""
    advice = _("End other processes, or have the limit raised.")
    sentences = {
        "ulimit -u": _("A user may have {limit:,} processes and threads here: `ulimit -u`."),
        "pids.max": _("The control group may have {limit:,} processes and threads here: pids.max."),
    }
    values = limits()
    if not values:
        return advice
    name = min(values, key=lambda name: values[name])
    return f"{advice} {sentences[name].format(limit=values[name])}"


def limits() -> dict[str, int]:
    """Return this process' limits: ``ulimit -u`` of the user, ``pids.max`` of the control group."""
    values = {}
    soft = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if soft != resource.RLIM_INFINITY and not _is_exempt():
        values["ulimit -u"] = soft
    if groups := group_limits("pids", "pids.max"):
        values["pids.max"] = min(groups)
    return values


def room() -> int | None:
    """Return how many more processes and threads the user's limit allows now; None if unlimited."""
    soft = limits().get("ulimit -u")
    return None if soft is None else max(0, soft - _threads_of(os.getuid()))


def _is_exempt() -> bool:
    if os.getuid() == 0:
        return True
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text("ascii", errors="replace").splitlines():
            if line.startswith("CapEff:"):
                return bool(int(line.split()[1], 16) & _EXEMPTING_CAPABILITIES)
    return False


def _threads_of(user: int) -> int:
    """Return how many threads a user's visible processes have."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == user:
                count += sum(1 for _thread in (process / "task").iterdir())
    return count
