"""Missing values of a series: which numbers stand for one, and what becomes of those between others."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.data_options import SeriesReading, format_option
from engine.errors import UsageError
from engine.language import _


class Settled(NamedTuple):
    """A column whose missing values, NaN, are before its first value or after its last alone."""

    values: list[float]
    filled: tuple[int, ...]
    """The rows, from 0, whose value is a straight line's between its neighbours."""
    notes: tuple[str, ...]


def settle_gaps(values: Sequence[float], lines: Sequence[int | str], origin: str, reading: SeriesReading) -> Settled:
    """Take the numbers that stand for a missing value for missing, and fill the gaps if that was asked for.

    ``lines`` are the values' lines in the file ``origin``. Raises :class:`UsageError`, which names the first line,
    for values that are missing between others and are not to be filled.
    """
    unused = [value for value in reading.missing if value not in values]
    numbers = [math.nan if value in reading.missing else value for value in values]
    present = [row for row, value in enumerate(numbers) if not math.isnan(value)]
    between = range(present[0], present[-1]) if present else range(0)
    gaps = tuple(row for row in between if math.isnan(numbers[row]))
    if gaps and reading.gaps == "refuse":
        raise _refused(gaps, lines, origin)
    if gaps:
        line = np.interp(gaps, present, [numbers[row] for row in present])
        for row, value in zip(gaps, line, strict=True):
            numbers[row] = float(value)
    return Settled(numbers, gaps, tuple(_unused_note(origin, value) for value in unused))


def _refused(gaps: Sequence[int], lines: Sequence[int | str], origin: str) -> UsageError:
    one = _("{origin}, line {line}: the value is missing.")
    several = _("{origin}, line {line}: the value is missing, and {n:,} more between others.")
    message = several if len(gaps) > 1 else one
    return UsageError(
        message.format(origin=origin, line=lines[gaps[0]], n=len(gaps) - 1),
        _("Fill the gap in the file, or take --gaps linear: a straight line across it."),
    )


def _unused_note(origin: str, value: float) -> str:
    return _("{origin}: no value is {value}, which was said to stand for a missing one.").format(
        origin=origin, value=format_option(value)
    )
