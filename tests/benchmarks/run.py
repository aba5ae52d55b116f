"""Plain Keras and ours side by side: ``python tests/benchmarks/run.py [SUBJECT…]``, run by hand,
prints a table.

Every measurement is made in a fresh process, and the sides take turns (plain, ours, plain, ours,
…), so that a machine that gets slower does so for both. A figure is the median of its rounds, a
ratio the median of the rounds' ratios.

    python tests/benchmarks/run.py                          all but the long ones, three rounds
    python tests/benchmarks/run.py characters-10 --rounds 5
    python tests/benchmarks/run.py texts --iterations 2   the ten character trials through the queue
    python tests/benchmarks/run.py --corpus alice.txt     the text; else the home's
    python tests/benchmarks/run.py --quick                does everything work? Times mean nothing

How to read the table. *plain* is what a tutorial writes (``plain.py``), *ours* the product's own
training, queue or command. *times* is how many times ours is faster or smaller, beside what it was
to reach. *limit* is the share of the machine's GEMM limit (``gemm.py``) that ours reaches. *known*:
plain's seconds here, in proportion to what plain Keras took where the targets were set (for
characters, in proportion to the machines' matrix products); well above 1 the plain side is slow and
flatters ours. *others*: the most of the cores' time that went to somebody else in any of the
measurements: above a few per cent, absolute figures are worth little, and ratios less than usual.
On a machine that others use too, ``--patience`` continues until there are enough rounds in which
others had less than 5 %; of all rounds, the quietest count.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import gemm
from measuring import Figures, adopt_orphans, gemm_limit, load, machine
from subjects import KNOWN_RATE, MB, Row, Subject, subjects

from engine.data.catalog import ALICE, PYTHON_DOCS
from engine.data.library import TextLibrary
from engine.data.texts import Corpus
from engine.errors import LabError
from engine.host.home import Home, find_home

_CORES = 2
_SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
_QUIET = 0.05
_QUICK_CHARACTERS = 3000


def main() -> None:
    """Measure what was asked for and print the table."""
    names = list(subjects("", 1, 1, quick=True))
    parser = argparse.ArgumentParser(description="Plain Keras and ours side by side.")
    parser.add_argument(
        "subjects",
        nargs="*",
        metavar="SUBJECT",
        help=f"of {', '.join(names)}; all but the long ones",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often the sides take turns (3)")
    parser.add_argument(
        "--patience",
        type=float,
        default=0.0,
        help="minutes a subject may wait for quiet rounds (0)",
    )
    parser.add_argument("--epochs", type=int, default=3, help="of characters, in each process (3)")
    parser.add_argument("--iterations", type=int, default=2, help="of each of the queued texts (2)")
    parser.add_argument(
        "--corpus", help="a text file; else the home's Alice, the tests' data, or python-docs"
    )
    parser.add_argument(
        "--quick", action="store_true", help="the smallest of everything, to see that it works"
    )
    asked = parser.parse_args()
    if unknown := set(asked.subjects) - set(names):
        parser.error(f"no subject {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])

    adopt_orphans()
    text = find_text(asked.corpus)
    print(
        *machine(),
        f"{text.name}: {len(text.text):,} characters, {text.distinct} distinct",
        load(),
        sep="\n",
    )
    with tempfile.TemporaryDirectory(prefix="rnnlab-benchmark-") as folder:
        corpus = Path(folder) / "text.txt"
        corpus.write_text(text.text[:_QUICK_CHARACTERS] if asked.quick else text.text)
        rounds, epochs, iterations = (
            (1, 1, 1) if asked.quick else (asked.rounds, asked.epochs, asked.iterations)
        )
        table = []
        for name, subject in subjects(str(corpus), epochs, iterations, asked.quick).items():
            if name in asked.subjects or not (asked.subjects or subject.long):
                table += measured(name, subject, rounds, 60 * asked.patience, corpus.read_text())
    print(f"\n{load()}\n")
    print_table([("", "plain", "ours", "times", "to reach", "limit", "known", "others"), *table])


def find_text(given: str | None) -> Corpus:
    """Return the text to learn: a file's, the home's Alice, that of the tests' data, or Python's
    reference.
    """
    if given:
        return _read(given)
    try:
        return TextLibrary(find_home()).resolve(ALICE)
    except LabError:
        data = Path(os.environ.get("RNNLAB_TEST_DATA") or _SHARED) / "alice_in_wonderland.txt"
        return _read(str(data) if data.is_file() else PYTHON_DOCS)


def _read(name: str) -> Corpus:
    # Looked at, not kept: a benchmark leaves nothing in anybody's home.
    return TextLibrary(Home(Path(os.devnull))).peek(name)


@dataclass(frozen=True)
class Round:
    """Each side's figures, one after the other, and the GEMM limit of an epoch (seconds; 0: there
    are no epochs).
    """

    sides: dict[str, Figures]
    limit: float

    @property
    def others(self) -> float:
        """The most of the cores' time that went to others."""
        return max(figures.get("others", 0.0) for figures in self.sides.values())


def measured(
    name: str, subject: Subject, rounds: int, patience: float, text: str
) -> list[tuple[str, ...]]:
    """Let a subject's sides take turns, and return its rows of the table, made of the quietest
    ``rounds``.
    """
    made: list[Round] = []
    began = time.monotonic()
    while len(made) < rounds or (
        time.monotonic() - began < patience and sum(one.others <= _QUIET for one in made) < rounds
    ):
        figures = {}
        for side, measure in subject.sides.items():
            print(f"{name}, round {len(made) + 1}: {side}", end=" ", file=sys.stderr, flush=True)
            figures[side] = measure()
            print({key: round(value, 4) for key, value in figures[side].items()}, file=sys.stderr)
        seqlen = max((row.seqlen for row in subject.rows), default=0)
        limit = gemm_limit(len(text) - seqlen, seqlen, len(set(text))) if seqlen else 0.0
        made.append(Round(figures, limit))
    # Chosen by who else was at work, never by what came out.
    quietest = sorted(made, key=lambda one: one.others)[:rounds]
    return [_row(row, subject, quietest, text) for row in subject.rows]


def _row(row: Row, subject: Subject, rounds: Sequence[Round], text: str) -> tuple[str, ...]:
    (plain_side, plain_figure), (our_side, our_figure) = row.plain.split("."), row.ours.split(".")
    plain = [one.sides[plain_side][plain_figure] for one in rounds]
    ours = [one.sides[our_side][our_figure] for one in rounds]
    times = median(before / after for before, after in zip(plain, ours, strict=True))
    in_bytes = our_figure == "peak"
    limit = known = ""
    if row.seqlen:
        limit = f"{median(one.limit / took for one, took in zip(rounds, ours, strict=True)):.0%}"
    if row.known:
        slower = median(plain) / row.known
        if row.seqlen:
            # What the products took there, against what they take here: how much faster this
            # machine is.
            there = sum(gemm.flops(len(text) - row.seqlen, row.seqlen, len(set(text)))) / (
                _CORES * KNOWN_RATE
            )
            slower *= there / median(one.limit for one in rounds)
        known = f"{slower:.2f}"
    others = max(
        one.sides[side].get("others", 0.0) for one in rounds for side in (plain_side, our_side)
    )
    target = f"{row.target:g}" if row.target else ""
    if most := subject.most.get(row.ours):
        target = f"< {most / MB:.0f} MB"
    return (
        row.title,
        _spelt(median(plain), in_bytes),
        _spelt(median(ours), in_bytes),
        f"{times:,.0f}" if times >= 100 else f"{times:.2f}",
        target,
        limit,
        known,
        f"{others:.0%}",
    )


def _spelt(value: float, in_bytes: bool) -> str:
    if in_bytes:
        return f"{value / MB:,.0f} MB"
    return f"{value * 1000:.2f} ms" if value < 0.1 else f"{value:.2f} s"


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in Markdown, the first one as the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print(f"| {' | '.join(cells)} |")
        if not number:
            print(
                "|"
                + "|".join(
                    "-" * (width + 1) + (":" if i else "-") for i, width in enumerate(widths)
                )
                + "|"
            )


if __name__ == "__main__":
    main()
