"""Random draws that depend only on (seed, purpose, epoch), never on earlier draws.

A run that stops and continues has no generator state to restore, and a new kind of draw changes
none of the others. Purposes in use: ``"weights/<layer>/<weight>"``, ``"order"`` (of the samples in
an epoch) and ``"seed window"`` (of an iteration, which takes the epoch's place).
"""

import hashlib

import numpy as np


def generator(seed: int, purpose: str, epoch: int = 0) -> np.random.Generator:
    """Return a fresh generator for one purpose in one epoch (from 1; 0 if there is none).

    ``seed`` and ``epoch`` are not negative. The bits depend on NumPy: its ``SeedSequence`` and
    ``PCG64`` are stable across versions, the ``Generator`` methods only almost, which is why runs
    record the version.
    """
    return np.random.Generator(np.random.PCG64(_sequence(seed, purpose, epoch)))


def integer(seed: int, purpose: str, epoch: int = 0) -> int:
    """Return an integer from 0 to 2**31 - 1 as a seed for a library (Keras' initializers)."""
    return int(_sequence(seed, purpose, epoch).generate_state(1)[0]) >> 1


def _sequence(seed: int, purpose: str, epoch: int) -> np.random.SeedSequence:
    # hash() differs from process to process; a digest does not.
    digest = hashlib.sha256(purpose.encode("utf-8")).digest()
    spawn_key = [int.from_bytes(digest[start : start + 4], "little") for start in range(0, 16, 4)]
    return np.random.SeedSequence(seed, spawn_key=(*spawn_key, epoch))
