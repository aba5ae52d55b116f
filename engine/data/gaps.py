"""Missing values of a series: numbers that stand for one, and the gaps between other values."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.data.missing import MissingWord, is_missing, is_missing_word
from engine.errors import UsageError
from engine.language import _, ngettext
from engine.trials.data_options import SeriesReading, format_option


class FilledSeries(NamedTuple):
    """A column in which NaN occurs only before the first value or after the last."""

    values: list[float]
    filled: tuple[int, ...]
    """The rows, from 0, whose value is interpolated between its neighbours."""
    notes: tuple[str, ...]


def fill_gaps(
    values: Sequence[float],
    cells: Sequence[str],
    lines: Sequence[int | str],
    origin: str,
    reading: SeriesReading,
) -> FilledSeries:
    """Turn the numbers that stand for a missing value into NaN, and fill the gaps on request.

    ``cells`` are what the values were read from, ``lines`` their lines in the file ``origin``.
    Raises :class:`UsageError`, which names the first line, if there are gaps and they are not to be
    filled.
    """
    marked = {cell.casefold() for cell in cells if isinstance(cell, MissingWord)}
    unused: list[float | str] = [
        number for number in reading.missing_numbers if number not in values
    ]
    unused += [word for word in reading.missing_words if word.casefold() not in marked]
    numbers = [math.nan if value in reading.missing_numbers else value for value in values]
    present = [row for row, value in enumerate(numbers) if not math.isnan(value)]
    between = range(present[0], present[-1]) if present else range(0)
    gaps = tuple(row for row in between if math.isnan(numbers[row]))
    if gaps and reading.gaps == "refuse":
        first = cells[gaps[0]]
        is_declared = values[gaps[0]] in reading.missing_numbers or isinstance(first, MissingWord)
        is_plain = is_missing(first) and not is_missing_word(first)
        raise _gap_error(gaps, lines, origin, "" if is_declared or is_plain else first)
    if gaps:
        interpolated = np.interp(gaps, present, [numbers[row] for row in present])
        for row, value in zip(gaps, interpolated, strict=True):
            numbers[row] = float(value)
    notes = (*_word_notes(cells, origin), *(_unused_note(origin, value) for value in unused))
    return FilledSeries(numbers, gaps, notes)


def _gap_error(
    gaps: Sequence[int], lines: Sequence[int | str], origin: str, cell: str
) -> UsageError:
    """Return the error about gaps.

    ``cell`` is what stands in the first one, if the person may not know that it means a missing
    value.
    """
    single = _("{origin}, line {line}: the value is missing.")
    several = _("{origin}, line {line}: the value is missing, and {n:,} more between others.")
    single_cell = _("{origin}, line {line}: {cell!r} is read as a missing value.")
    several_cells = _(
        "{origin}, line {line}: {cell!r} is read as a missing value; there are {n:,} more between "
        "others."
    )
    messages = (single_cell, several_cells) if cell else (single, several)
    return UsageError(
        messages[len(gaps) > 1].format(
            origin=origin, line=lines[gaps[0]], n=len(gaps) - 1, cell=cell
        ),
        _("Fill the gap in the file, or take --gaps linear: a straight line across it."),
    )


def _word_notes(cells: Sequence[str], origin: str) -> list[str]:
    """Return notes of the words that were read as missing values, and how often."""
    notes = []
    for word, n in Counter(cell for cell in cells if is_missing_word(cell)).most_common():
        message = ngettext(
            "{origin}: {word!r} is read as a missing value, once.",
            "{origin}: {word!r} is read as a missing value, {n:,} times.",
            n,
        )
        notes.append(message.format(origin=origin, word=str(word), n=n))
    return notes


def _unused_note(origin: str, value: float | str) -> str:
    return _("{origin}: no value is {value}, which was given as a missing value.").format(
        origin=origin, value=format_option(value)
    )
