"""Recognizes in a worker's last output that memory ran out, and what a person can do about it."""

import resource

from engine.language import _

# The messages of Python, NumPy, TensorFlow, XLA, C++, the loader and the C library.
_MESSAGES = (
    "MemoryError", "Unable to allocate", "ResourceExhausted", "RESOURCE_EXHAUSTED", "Out of memory",
    "OOM when",
    "bad_alloc", "failed to map segment", "Cannot allocate memory", "cannot allocate memory",
)  # fmt: skip


def mentions_oom(text: str) -> bool:
    """Tell whether a worker's output, or an exception with its type, says that memory ran out."""
    return any(message in text for message in _MESSAGES)


def remedy() -> str:
    """Return advice, naming the limit on this session's processes if there is one.

    Which parameter matters most depends on the trial: each step of a window may take as much as the
    recurrent weights.
    """
    advice = _(
        "Try a smaller batch_size, fewer hidden_units or a shorter window (seqlen, time_steps)."
    )
    limit = address_space()
    if limit is None:
        return advice
    return f"{advice} " + _("A process may have {n:.1f} GiB here: `ulimit -v`.").format(
        n=limit / 2**30
    )


def address_space() -> int | None:
    """Return how many bytes a process of this session may map (RLIMIT_AS); None if unlimited."""
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if soft == resource.RLIM_INFINITY else soft
