"""Want of memory: how to know it in what a worker said before it went, and what a person can do about it."""

import resource

from engine.errors import UsageError
from engine.language import _, ngettext
from engine.machine import total_memory
from engine.trial import AliceParameters

LONGEST_UNROLLED = 64
"""The longest window of characters that a network reads as rows of its weights; longer ones are made one-hot."""
_BYTES = 4

# Python's words, NumPy's, TensorFlow's, XLA's, those of C++ and those of the loader and of the C library.
_WORDS = (
    "MemoryError", "Unable to allocate", "ResourceExhausted", "RESOURCE_EXHAUSTED", "Out of memory", "OOM when",
    "bad_alloc", "failed to map segment", "Cannot allocate memory", "cannot allocate memory",
)  # fmt: skip


def tells_of_want(words: str) -> bool:
    """Tell whether words that a worker has printed, or an exception's with its type, are about want of memory."""
    return any(known in words for known in _WORDS)


def remedy() -> str:
    """Say what helps a trial that takes more memory than there is, and who sets a limit where somebody does."""
    words = _("Try a smaller batch_size or fewer hidden_units.")
    limit = address_space()
    if limit is None:
        return words
    return f"{words} " + _("A process may have {n:.1f} GiB here: `ulimit -v`.").format(n=limit / 2**30)


def check_vocabulary_fits(parameters: AliceParameters, length: int, distinct: int) -> None:
    """Raise :class:`UsageError` if a network for so many ``distinct`` characters can't fit into this host's memory.

    ``length`` is the text's, in characters. What is counted is less than a worker takes: the weights with their
    gradients and RMSprop's averages, the scores of a batch with their gradients, and the one-hot windows of a batch if
    they are longer than what is unrolled.
    """
    units, batch = parameters.hidden_units, min(parameters.batch_size, length)
    floats = 3 * (units * (units + 2 * distinct + 1) + distinct) + 2 * batch * distinct
    if parameters.seqlen > LONGEST_UNROLLED:
        floats += batch * parameters.seqlen * distinct
    needed, there = _BYTES * floats, total_memory()
    if needed > there:
        raise UsageError(
            ngettext(
                "A network for {n:,} distinct character takes over {needed:.1f} GiB, and here are {there:.1f}.",
                "A network for {n:,} distinct characters takes over {needed:.1f} GiB, and here are {there:.1f}.",
                distinct,
            ).format(n=distinct, needed=needed / 2**30, there=there / 2**30),
            _("Try a smaller batch_size or seqlen, fewer hidden_units, or a text of fewer kinds of characters."),
        )


def address_space() -> int | None:
    """Return how many bytes of memory a process of this session may map (RLIMIT_AS); None where there is no limit."""
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if soft == resource.RLIM_INFINITY else soft
