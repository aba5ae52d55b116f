"""What is compared: for each subject the processes that take turns, and the rows that the table
makes of them.

The targets are for two cores. ``known`` is what plain Keras took on the machine on which they were
set, whose cores did 122 GFLOP/s each in the products of :mod:`gemm` (Xeon with AVX-512, TensorFlow
2.21): a plain side that is slower than that, in proportion to the cores, would flatter ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from measuring import Figures, command, epochs_side_by_side, fresh, worker

SERIES = Path(__file__).resolve().parents[2] / "engine" / "data" / "sunspots.csv"
KNOWN_RATE = 122e9
"""FLOP a second and core where the targets were set."""
MB = 1e6


@dataclass(frozen=True)
class Row:
    """A line of the table: a figure of one side against a figure of another, as ``side.figure``."""

    title: str
    plain: str
    ours: str
    target: float | None = None
    """How many times ours is to be faster, or smaller."""
    known: float | None = None
    """Seconds of the plain side where the targets were set."""
    seqlen: int = 0
    """Of an epoch of characters, whose GEMM limit is known."""


@dataclass(frozen=True)
class Subject:
    """Processes that take turns, and what is made of them."""

    sides: Mapping[str, Callable[[], Figures]]
    rows: tuple[Row, ...]
    most: Mapping[str, float] = field(default_factory=dict)
    """What a figure may be at most, whatever the plain side's."""
    long: bool = False
    """Takes many minutes: only if named."""


def subjects(corpus: str, epochs: int, iterations: int, quick: bool) -> dict[str, Subject]:
    """Return the subjects by name; ``corpus`` is the path of a prepared text.

    ``epochs``: of characters, measured in each process. ``iterations``: to which the queue of texts
    is cut. ``quick``: see that everything works; the figures mean nothing.
    """
    few = 2 if quick else None
    return {
        "sunspots-1": _forecast("sunspots/1", few, known_epoch=0.303, known_fit=7.0),
        "sunspots-7": _forecast("sunspots/7", few),
        "sunspots-table": Subject(
            {
                "plain": partial(fresh, "plain.py", "table", str(SERIES), few),
                "ours": partial(
                    command,
                    "run",
                    "sunspots",
                    *(("--seeds", "2", "--set", "epochs=2") if quick else ("--seeds", "64")),
                ),
            },
            (
                Row(
                    "sunspots, the table: 11 trials once; ours from 64 seeds each",
                    "plain.wall",
                    "ours.wall",
                    3.0,
                ),
            ),
        ),
        "characters-10": _characters(10, corpus, epochs, known=4.0),
        "characters-30": _characters(30, corpus, epochs, known=11.5),
        "texts": Subject(
            {
                "plain": partial(fresh, "plain.py", "texts", corpus, iterations),
                "ours": partial(
                    command, "run", "alice", "--set", f"iterations={iterations}", "--corpus", corpus
                ),
            },
            (
                Row(
                    f"alice, the ten trials, {iterations} iterations each, queued",
                    "plain.wall",
                    "ours.wall",
                    5.5,
                ),
            ),
            long=True,
        ),
        "writing": Subject(
            {
                "plain": partial(fresh, "plain.py", "writing", 10, corpus, 100),
                "ours": partial(fresh, "ours.py", "writing", 10, corpus, 100),
            },
            (
                Row(
                    "100 characters written, SEQLEN 10",
                    "plain.written",
                    "ours.written",
                    1000.0,
                    known=4.78,
                ),
            ),
        ),
        "first": Subject(
            {
                "plain": partial(fresh, "plain.py", "forecast", "sunspots/5", str(SERIES), few),
                "ours": partial(
                    command, "run", "sunspots/5", *(("--set", "epochs=2") if quick else ())
                ),
            },
            (Row("first result after a cold start, sunspots/5", "plain.wall", "ours.wall"),),
        ),
    }


def _forecast(
    preset_id: str,
    epochs: int | None,
    known_epoch: float | None = None,
    known_fit: float | None = None,
) -> Subject:
    return Subject(
        {
            "plain": partial(fresh, "plain.py", "forecast", preset_id, str(SERIES), epochs),
            "ours": partial(fresh, "ours.py", "forecast", preset_id, epochs),
        },
        (
            Row(f"{preset_id}: an epoch", "plain.epoch", "ours.epoch", known=known_epoch),
            Row(
                f"{preset_id}: the whole fit, compiling included",
                "plain.fit",
                "ours.fit",
                known=known_fit,
            ),
            Row(f"{preset_id}: peak memory", "plain.peak", "ours.peak"),
        ),
    )


def _characters(seqlen: int, corpus: str, epochs: int, known: float) -> Subject:
    title = f"characters, SEQLEN {seqlen}"
    # alice/5 has the longest windows and the most epochs: its worker's memory is the one to look
    # at.
    preset_id = "alice/5" if seqlen == 30 else "alice/1"
    return Subject(
        {
            "plain": partial(fresh, "plain.py", "characters", seqlen, corpus, epochs),
            "alone": partial(fresh, "ours.py", "characters", seqlen, corpus, epochs, 2),
            "two": partial(epochs_side_by_side, seqlen, corpus, epochs),
            "worker": partial(worker, corpus, preset_id, "iterations=1", "epochs_per_iteration=2"),
        },
        (
            Row(f"{title}: an epoch", "plain.epoch", "alone.epoch", 3.5, known, seqlen),
            Row(
                f"{title}: an epoch, two runs at a time",
                "plain.epoch",
                "two.epoch",
                5.5,
                known,
                seqlen,
            ),
            Row(f"{title}: peak memory, worker of {preset_id}", "plain.peak", "worker.peak"),
        ),
        most={"worker.peak": 1000 * MB},
    )
