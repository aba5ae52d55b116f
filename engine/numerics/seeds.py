"""Random draws that depend on (seed, purpose, epoch) alone, never on what was drawn before.

A run that stops and goes on has no generator's state to carry along, and a new kind of draw changes
none of the others. Purposes in use: ``"weights/<layer>/<weight>"``, ``"order"`` (of the samples in
an epoch), ``"seed window"`` and ``"sampling"`` (of an iteration, which takes the epoch's place).
"""

import hashlib

import numpy as np


def generator(seed: int, purpose: str, epoch: int = 0) -> np.random.Generator:
    """Return a fresh generator for one purpose in one epoch (from 1; 0 where there is none).

    ``seed`` and ``epoch`` are not negative. The bits are NumPy's to keep: its ``SeedSequence`` and
    ``PCG64`` are stable across versions, the ``Generator`` methods are only almost so, which is why
    runs record the version.
    """
    return np.random.Generator(np.random.PCG64(_sequence(seed, purpose, epoch)))


def integer(seed: int, purpose: str, epoch: int = 0) -> int:
    """Return an integer from 0 to 2**31 - 1 for a library that wants a seed of its own (Keras'
    initialisers).
    """
    return int(_sequence(seed, purpose, epoch).generate_state(1)[0]) >> 1


def _sequence(seed: int, purpose: str, epoch: int) -> np.random.SeedSequence:
    # hash() differs from process to process; a digest does not.
    digest = hashlib.sha256(purpose.encode("utf-8")).digest()
    words = [int.from_bytes(digest[start : start + 4], "little") for start in range(0, 16, 4)]
    return np.random.SeedSequence(seed, spawn_key=(*words, epoch))
