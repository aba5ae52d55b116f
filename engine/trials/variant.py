"""The variant in which a run is trained: how many threads, and whole or split batches.

It affects the last bits of the result: both variants do the same mathematics but sum in different
orders. A run therefore keeps the variant in which it started, through every interruption, and its
result records it.
"""

import os
from enum import StrEnum


class Variant(StrEnum):
    """What a run is trained on, by the name in records."""

    ONE_THREAD = "one-thread"
    """One thread, whole batches: the most work per core, for runs side by side."""
    TWO_THREADS = "two-threads"
    """Two threads, each batch of characters split in half: the fastest for a single run."""

    @classmethod
    def for_threads(cls, threads: int) -> "Variant":
        """Return the variant for a run that may use ``threads``; more than two are not used.

        Raises :class:`ValueError` below 1. The machine's number of cores is ignored: the result's
        bits must not depend on it.
        """
        if threads < 1:
            raise ValueError(f"threads = {threads}: must be 1 or more")
        return cls.ONE_THREAD if threads == 1 else cls.TWO_THREADS

    @property
    def threads(self) -> int:
        """How many threads compute."""
        return 1 if self is Variant.ONE_THREAD else 2

    @property
    def parts(self) -> int:
        """Into how many parts a batch is split: one for each thread."""
        return self.threads

    @property
    def environment(self) -> dict[str, str]:
        """The variables that TensorFlow reads, once, when it is imported."""
        threads = str(self.threads)
        variables = {"TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads}
        if self is Variant.ONE_THREAD:
            # Without XLA's fusions of matrix products: on one thread, unfused ones are a tenth
            # faster.
            variables["XLA_FLAGS"] = "--xla_cpu_experimental_ynn_fusion_type="
        return variables

    def enter(self) -> None:
        """Set up this process for the variant; to be called before TensorFlow is imported."""
        os.environ.update(self.environment)
