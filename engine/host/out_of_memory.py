"""Want of memory: how to know it in what a worker said before it went, and what a person can do
about it.
"""

import resource

from engine.language import _

LONGEST_UNROLLED = 64
"""The longest window of characters that a network reads as rows of its weights; longer ones are
made one-hot.
"""

# Python's words, NumPy's, TensorFlow's, XLA's, those of C++ and those of the loader and of the C
# library.
_WORDS = (
    "MemoryError", "Unable to allocate", "ResourceExhausted", "RESOURCE_EXHAUSTED", "Out of memory",
    "OOM when",
    "bad_alloc", "failed to map segment", "Cannot allocate memory", "cannot allocate memory",
)  # fmt: skip


def mentions_oom(words: str) -> bool:
    """Tell whether words that a worker has printed, or an exception's with its type, are about want
    of memory.
    """
    return any(known in words for known in _WORDS)


def remedy() -> str:
    """Say what helps a trial that takes more memory than there is, and who sets a limit where
    somebody does.
    """
    words = _("Try a smaller batch_size or fewer hidden_units.")
    limit = address_space()
    if limit is None:
        return words
    return f"{words} " + _("A process may have {n:.1f} GiB here: `ulimit -v`.").format(
        n=limit / 2**30
    )


def address_space() -> int | None:
    """Return how many bytes of memory a process of this session may map (RLIMIT_AS); None where
    there is no limit.
    """
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if soft == resource.RLIM_INFINITY else soft
