"""Which of a table's first rows are headings, and the column names that they give."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from engine.data.dates import is_date, month_number, quarter_number, semester_number
from engine.data.numbers import is_integer, is_missing, is_number, is_quantity, mostly
from engine.errors import UsageError
from engine.language import _

FEWEST_DATES_ACROSS = 3
"""This many years in a row are certainly headings."""

_MOST_HEADING_ROWS = 12
_DIGITS = re.compile("[0-9]+")
_YEAR = re.compile("[12][0-9]{3}")
_WIDTH = re.compile("[0-9]+[sdn]")
"""A column's width and type, as in tables of the USGS: 14n."""
_BASE = re.compile(r"(?:[12][0-9]{3}|[0-9./]+) ?= ?100")
"""The base of an index, as its unit."""


def count_heading_rows(rows: Sequence[Sequence[str]], line: int, origin: str) -> int:
    """Return how many of the first rows are headings or units; 0 if the first is an ordinary row.

    Raises :class:`UsageError` if that is uncertain for the first, which is ``line`` of the file:
    ``Month,1958,1959`` over columns of numbers.
    """
    if len(rows) < 2 or not _has_headings(rows[0], rows[1:], line, origin):
        return 0
    n = 1
    while n < min(len(rows) - 1, _MOST_HEADING_ROWS) and _is_further_heading(
        rows[n], rows[n + 1 :]
    ):
        n += 1
    return n


def _is_value(cell: str) -> bool:
    return is_quantity(cell) or is_date(cell)


def _has_headings(
    first: Sequence[str], body: Sequence[Sequence[str]], line: int, origin: str
) -> bool:
    """Return whether the first row has words over numbers or dates."""

    def column_is(index: int, test: Callable[[str], bool]) -> bool:
        return mostly([row[index] for row in body], test)

    word_columns = [
        index
        for index, cell in enumerate(first)
        if not (
            is_missing(cell)
            or is_number(cell)
            or is_date(cell)
            or _is_like(cell, [row[index] for row in body])
        )
    ]
    if any(is_date(cell) and column_is(index, is_date) for index, cell in enumerate(first)):
        return False
    if _have_parts_of_year(first) and not _have_parts_of_year(body[0]):
        return True
    if not word_columns:
        empty = [index for index, cell in enumerate(first) if not cell]
        return _are_years(first, empty) and any(
            _are_parts_of_years([row[index] for row in body]) for index in empty
        )
    if any(column_is(index, _is_value) for index in word_columns) or not any(map(is_number, first)):
        return True
    if all(_YEAR.fullmatch(cell) for cell in first if is_number(cell)):
        are_months = all(_are_months([row[index] for row in body]) for index in word_columns)
        if _are_years(first, word_columns) and (
            are_months or len(first) - len(word_columns) >= FEWEST_DATES_ACROSS
        ):
            return True
        raise UsageError(
            _("{origin}, line {line}: these may be headings or the first numbers.").format(
                origin=origin, line=line
            ),
            _("Give the columns headings that are not numbers."),
        )
    return False


def _is_like(cell: str, below: Sequence[str]) -> bool:
    """Return whether a cell is of the same kind as those below it: M01 over M02, Jan over Feb."""
    if is_quantity(cell):
        return mostly(below, is_quantity)
    if any(map(str.isdigit, cell)):
        shape = _DIGITS.sub("0", cell)
        return mostly(below, lambda other: _DIGITS.sub("0", other) == shape)
    return bool(month_number(cell)) and mostly(below, lambda other: bool(month_number(other)))


def _have_parts_of_year(cells: Sequence[str]) -> bool:
    """Return whether adjacent cells count from 1 to 12, or are quarters or halves: 1Q, 2Q, …"""
    numbers = [int(cell) if is_integer(cell) else 0 for cell in cells]
    quarters, halves = [*map(quarter_number, cells)], [*map(semester_number, cells)]
    return any(
        parts[start : start + n] == [*range(1, n + 1)]
        for parts, n in ((numbers, 12), (quarters, 4), (halves, 2))
        for start in range(len(cells) - n + 1)
    )


def _are_months(cells: Sequence[str]) -> bool:
    """Return whether cells are the twelve months of a year, by name or number."""
    return [*map(month_number, cells)] == [*range(1, 13)]


def _are_parts_of_years(cells: Sequence[str]) -> bool:
    """Return whether cells are the months of a year, or months, quarters or halves by name."""
    return _are_months(cells) or not any(
        cell.isdigit() or not (month_number(cell) or quarter_number(cell) or semester_number(cell))
        for cell in cells
    )


def _are_years(cells: Sequence[str], word_columns: Sequence[int]) -> bool:
    """Return whether the cells are consecutive years, but for ``word_columns`` and empty ones."""
    years = [cell for index, cell in enumerate(cells) if index not in word_columns and cell]
    return all(map(_YEAR.fullmatch, years)) and [int(year) - int(years[0]) for year in years] == [
        *range(len(years))
    ]


def _is_further_heading(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether a row under the headings holds more headings or units, and no values."""
    filled = [index for index, cell in enumerate(row) if not is_missing(cell)]
    if all(map(_WIDTH.fullmatch, row)):
        return True
    is_over_dates = any(
        _is_over_dates(row[index], [other[index] for other in below]) for index in filled
    )
    if is_over_dates and not any(is_quantity(row[index]) for index in filled):
        return True
    if not filled or any(
        _is_value(row[index]) or (row[index][0].isdigit() and not _BASE.fullmatch(row[index]))
        for index in filled
    ):
        return False
    over_values = [
        index for index in filled if mostly([other[index] for other in below], _is_value)
    ]
    return bool(over_values) and not any(
        row[index] in {other[index] for other in below}
        for index in filled
        if index not in over_values
    )


def _is_over_dates(cell: str, below: Sequence[str]) -> bool:
    """Return whether a cell has words over dates, such as a second date column's Release date."""
    if any(map(str.isdigit, cell)) or month_number(cell) or not any(map(str.isalpha, cell)):
        return False
    return mostly(below, is_date)


def column_names(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return a name per column: its first heading, or all its headings if that is not unique."""
    if not rows:
        return [""] * width
    frequency = Counter(rows[0])
    return [
        cells[0]
        if cells[0] and frequency[cells[0]] == 1
        else " ".join(dict.fromkeys(filter(None, cells)))
        for cells in zip(*rows, strict=True)
    ]
