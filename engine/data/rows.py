"""Splitting a table's lines into cells: at commas and the like, as in CSV, or at spaces.

A quoted cell may span several lines. A stray quotation mark would swallow lines: that is refused,
with the line in which it opens.
"""

import csv
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from engine.data.dates import is_date
from engine.data.missing import mark_missing_words
from engine.data.numbers import is_number
from engine.errors import UsageError
from engine.language import _
from engine.sanitise import shorten

SPACE = " "
_LONGEST_EXCERPT = 40
_SPACED_FIELD = re.compile(r'(?:"[^"]*"|[^ \t])+')

Row = list[str]


def split_sample(
    lines: Sequence[str], separator: str | None, missing: Sequence[str] = ()
) -> list[Row]:
    """Return the rows of a table's first lines.

    Each line is one row if quotation marks would swallow lines that are rows. ``missing`` are words
    that stand for a missing value.
    """
    rows = _split_each(lines, separator)
    if separator not in (None, SPACE) and any(line.count('"') % 2 for line in lines):
        try:
            joined = list(_split(lines, separator))
        except csv.Error:
            joined = []
        rows = joined if _count_usual(joined) >= _count_usual(rows) else rows
    words = {word.casefold() for word in missing}
    return [mark_missing_words(row, words) for row in rows] if words else rows


def _split_each(lines: Sequence[str], separator: str | None) -> list[Row]:
    if separator in (None, SPACE) or not any('"' in line for line in lines):
        return list(_split(lines, separator))
    # A mark that does not close in its line is left out.
    return [
        row
        for line in lines
        for row in _split([line.replace('"', "") if line.count('"') % 2 else line], separator)
    ]


def _count_usual(rows: Sequence[Row]) -> int:
    """Return how many rows have the commonest length."""
    return Counter(map(len, rows)).most_common(1)[0][1] if rows else 0


def usual_width(rows: Sequence[Row]) -> int:
    """Return the commonest number of cells in a row; the larger one of two equally common."""
    return max(Counter(map(len, rows)).items(), key=lambda item: item[::-1])[0] if rows else 0


def excerpt(cells: Iterable[str]) -> str:
    """Return distinct cells as one short text, by which a person recognizes omitted lines."""
    text = " ".join(dict.fromkeys(filter(None, cells)))
    return shorten(text, _LONGEST_EXCERPT)


def _split(lines: Iterable[str], separator: str | None) -> Iterator[Row]:
    """Split lines at the separator, and strip the cells.

    Raises :class:`csv.Error` if a cell never ends.
    """
    if separator is None:
        yield from ([line.strip().strip('"')] for line in lines)
    elif separator == SPACE:
        yield from (
            [cell.strip('"').strip() for cell in _SPACED_FIELD.findall(line.strip())]
            for line in lines
        )
    else:
        rows = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        yield from ([cell.strip() for cell in row] for row in rows)


def split_lines(
    lines: Sequence[str],
    separator: str | None,
    width: int,
    origin: str,
    missing: Sequence[str] = (),
) -> Iterator[tuple[int, Row]]:
    """Yield each row that is not empty with the line, from 1, in which it begins.

    ``width`` is the usual number of cells in a row; ``missing`` are words that stand for a missing
    value. Raises :class:`UsageError` if a quotation mark opens a cell that never ends, or that has
    rows in it.
    """
    if separator in (None, SPACE) or not any('"' in line for line in lines):
        rows: Iterable[tuple[int, Row]] = enumerate(_split(lines, separator), 1)
    else:
        rows = _quoted_rows(lines, separator, width, origin)
    words = {word.casefold() for word in missing}
    yield from (
        (line, mark_missing_words(cells, words) if words else cells)
        for line, cells in rows
        if any(cells)
    )


def _quoted_rows(
    lines: Sequence[str], separator: str, width: int, origin: str
) -> Iterator[tuple[int, Row]]:
    source = _LineCounter(lines)
    rows = _split(source, separator)
    while True:
        begin = source.consumed
        try:
            cells = next(rows, None)
        except csv.Error:
            # With this line a cell is longer than the csv module accepts.
            raise _quote_error(
                lines[begin : source.consumed - 1], begin, separator, width, origin
            ) from None
        if cells is None:
            return
        span = lines[begin : source.consumed]
        is_last = source.consumed == len(lines)
        has_rows = len(span) > 1 and len(_find_rows(span, separator, width)) > 1
        if has_rows or (is_last and not _is_closed(span, separator)):
            raise _quote_error(span, begin, separator, width, origin)
        yield begin + 1, cells


class _LineCounter(Iterator[str]):
    """Lines with their ends, counted as they are consumed: a quoted cell may span several."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.consumed = 0

    def __next__(self) -> str:
        if self.consumed >= len(self._lines):
            raise StopIteration
        self.consumed += 1
        return self._lines[self.consumed - 1] + "\n"


def _find_rows(span: Sequence[str], separator: str, width: int) -> list[int]:
    """Return which lines look like rows, with a number or a date, if quotes are ignored."""
    rows = []
    for number, line in enumerate(span):
        cells = [cell.strip(' "') for cell in line.split(separator)]
        if len(cells) >= max(2, width) and any(is_number(cell) or is_date(cell) for cell in cells):
            rows.append(number)
    return rows


def _cells(span: Sequence[str], separator: str) -> Row:
    """Return the cells of the first row of some lines."""
    return next(
        csv.reader([line + "\n" for line in span], delimiter=separator, skipinitialspace=True), []
    )


def _is_closed(span: Sequence[str], separator: str) -> bool:
    """Return whether a row ends with its lines, so that what comes after them is another row."""
    text = [*(line + "\n" for line in span), "x"]
    return len(list(csv.reader(text, delimiter=separator, skipinitialspace=True))) > 1


def _quote_error(
    span: Sequence[str], begin: int, separator: str, width: int, origin: str
) -> UsageError:
    """Return the error about a quotation mark opening a cell in ``span``, after ``begin`` lines."""
    rows = _find_rows(span, separator, width)
    swallowed = next((number for number in rows if number), None) if len(rows) > 1 else None
    until = len(span) if swallowed is None else swallowed
    cells = len(_cells(span[:until], separator))
    # The number of cells grows with the lines: find the line in which the last cell began.
    opening = bisect_left(range(until), cells, key=lambda n: len(_cells(span[: n + 1], separator)))
    remedy = _("Remove that mark, or close it in its line.")
    if swallowed is None:
        return UsageError(
            _("{origin}, line {line}: a quotation mark opens a cell that does not end.").format(
                origin=origin, line=begin + opening + 1
            ),
            remedy,
        )
    return UsageError(
        _(
            "{origin}, line {line}: a quotation mark opens a cell that continues over line {row}, "
            "a row of its own."
        ).format(origin=origin, line=begin + opening + 1, row=begin + swallowed + 1),
        remedy,
    )
