"""Which of a table's first rows are headings, and what they call the columns."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from engine.data.dates import is_date, month_number, quarter_number, semester_number
from engine.data.numbers import is_integer, is_missing, is_number, is_quantity, mostly
from engine.errors import UsageError
from engine.language import _

FEWEST_DATES_ACROSS = 3
"""So many years in a row are headings for certain."""

_MOST_HEADING_ROWS = 12
_DIGITS = re.compile("[0-9]+")
_YEAR = re.compile("[12][0-9]{3}")
_WIDTH = re.compile("[0-9]+[sdn]")
"""How wide a column is and of which kind, as in the tables of the USGS: 14n."""
_BASE = re.compile(r"(?:[12][0-9]{3}|[0-9./]+) ?= ?100")
"""The base of an index, as its unit."""


def count_heading_rows(rows: Sequence[Sequence[str]], line: int, origin: str) -> int:
    """Return how many of the first rows are headings or units; 0 if the first is a row like others.

    Raises :class:`UsageError` if that is not sure of the first, which is in ``line`` of the file:
    ``Month,1958,1959`` over columns of numbers.
    """
    if len(rows) < 2 or not _has_headings(rows[0], rows[1:], line, origin):
        return 0
    n = 1
    while n < min(len(rows) - 1, _MOST_HEADING_ROWS) and _is_further(rows[n], rows[n + 1 :]):
        n += 1
    return n


def _is_value(cell: str) -> bool:
    return is_quantity(cell) or is_date(cell)


def _has_headings(
    first: Sequence[str], body: Sequence[Sequence[str]], line: int, origin: str
) -> bool:
    """Return whether the first row has words over numbers or dates."""

    def column_is(at: int, test: Callable[[str], bool]) -> bool:
        return mostly([row[at] for row in body], test)

    words = [
        at
        for at, cell in enumerate(first)
        if not (
            is_missing(cell)
            or is_number(cell)
            or is_date(cell)
            or _is_like(cell, [row[at] for row in body])
        )
    ]
    if any(is_date(cell) and column_is(at, is_date) for at, cell in enumerate(first)):
        return False
    if _have_parts_of_year(first) and not _have_parts_of_year(body[0]):
        return True
    if not words:
        empty = [at for at, cell in enumerate(first) if not cell]
        return _are_years(first, empty) and any(
            _are_parts_of_years([row[at] for row in body]) for at in empty
        )
    if any(column_is(at, _is_value) for at in words) or not any(map(is_number, first)):
        return True
    if all(_YEAR.fullmatch(cell) for cell in first if is_number(cell)):
        are_months = all(_are_months([row[at] for row in body]) for at in words)
        if _are_years(first, words) and (
            are_months or len(first) - len(words) >= FEWEST_DATES_ACROSS
        ):
            return True
        raise UsageError(
            _("{origin}, line {line}: these may be headings or the first figures.").format(
                origin=origin, line=line
            ),
            _("Give the columns headings that are no numbers."),
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
    """Return whether cells in a row count from 1 to 12, or are the quarters or halves of a year:
    1Q, 2Q, …
    """
    numbers = [int(cell) if is_integer(cell) else 0 for cell in cells]
    quarters, halves = [*map(quarter_number, cells)], [*map(semester_number, cells)]
    return any(
        found[at : at + n] == [*range(1, n + 1)]
        for found, n in ((numbers, 12), (quarters, 4), (halves, 2))
        for at in range(len(cells) - n + 1)
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


def _are_years(cells: Sequence[str], words: Sequence[int]) -> bool:
    """Return whether all cells but those at ``words`` and empty ones are years, one after the
    other.
    """
    years = [cell for at, cell in enumerate(cells) if at not in words and cell]
    return all(map(_YEAR.fullmatch, years)) and [int(year) - int(years[0]) for year in years] == [
        *range(len(years))
    ]


def _is_further(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether a row under the headings has words over numbers or dates, as of units, and
    nothing of a value.
    """
    words = [at for at, cell in enumerate(row) if not is_missing(cell)]
    if all(map(_WIDTH.fullmatch, row)):
        return True
    is_over_dates = any(_is_over_dates(row[at], [other[at] for other in below]) for at in words)
    if is_over_dates and not any(is_quantity(row[at]) for at in words):
        return True
    if not words or any(
        _is_value(row[at]) or (row[at][0].isdigit() and not _BASE.fullmatch(row[at]))
        for at in words
    ):
        return False
    over_values = [at for at in words if mostly([other[at] for other in below], _is_value)]
    return bool(over_values) and not any(
        row[at] in {other[at] for other in below} for at in words if at not in over_values
    )


def _is_over_dates(cell: str, below: Sequence[str]) -> bool:
    """Return whether a cell has words over dates: Release date, which another date may stand
    beside.
    """
    if any(map(str.isdigit, cell)) or month_number(cell) or not any(map(str.isalpha, cell)):
        return False
    return mostly(below, is_date)


def names_of(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return what the heading rows call each column: the first of them, the others too where that
    is not one name.
    """
    if not rows:
        return [""] * width
    times = Counter(rows[0])
    return [
        cells[0]
        if cells[0] and times[cells[0]] == 1
        else " ".join(dict.fromkeys(filter(None, cells)))
        for cells in zip(*rows, strict=True)
    ]
