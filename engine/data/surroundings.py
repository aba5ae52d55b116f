"""Lines around a table's rows: titles, sources, and the rules and counts that databases print.

They have words where rows have numbers or dates, and a different number of cells.
"""

import re
from collections.abc import Sequence

from engine.data.dates import is_date, month_number, quarter_number
from engine.data.missing import is_missing, is_missing_word
from engine.data.numbers import counts_up, is_integer, is_number, is_quantity
from engine.data.rows import SPACE, Row, excerpt
from engine.language import ngettext

_MOST_LINES = 40
_RULE = re.compile(r"[-+=_|: ]*[-+=_]{4}[-+=_|: ]*")
_COUNT_OF_ROWS = re.compile(r"\(?[0-9,]+ rows?\b.*", re.IGNORECASE)
_LIKE_NUMBER = re.compile("[+.,-]*[0-9]")

Lines = list[tuple[int, Row]]


def without_surroundings(
    rows: Lines, width: int, separator: str | None, origin: str
) -> tuple[Lines, tuple[str, ...]]:
    """Return a table's rows and notes of the lines left out; most rows have ``width`` cells."""
    if width < 2:
        return rows, ()
    first = next(
        (
            index
            for index, (_line, cells) in enumerate(rows[:_MOST_LINES])
            if _has_values(cells, width)
        ),
        0,
    )
    labels = [cells[0] for _line, cells in rows[first:] if len(cells) == width]
    above = _lines_above(rows[:first], rows[first], separator, labels)
    if first and is_integer(labels[0]) and rows[0][1] == [labels[0], labels[-1]]:
        # Tables of NOAA's laboratory begin with a line of their first and last year.
        above.add(0)
    stop = len(rows)
    while stop > max(first, len(rows) - _MOST_LINES) and (
        _is_outside(rows[stop - 1][1], rows[first][1], labels) or _is_marker(rows, stop - 1, width)
    ):
        stop -= 1
    table_rows = [row for index, row in enumerate(rows[:first]) if index not in above] + rows[
        first:stop
    ]
    top, bottom = [rows[index] for index in sorted(above)], rows[stop:]
    return table_rows, (*_note(top, origin, is_above=True), *_note(bottom, origin, is_above=False))


def may_lack_heading(separator: str | None, labels: Sequence[str]) -> bool:
    """Return whether the column of ``labels`` may lack a heading: it counts, or spaces separate."""
    return separator in (SPACE, "\t") or (len(labels) > 1 and counts_up(labels))


def _has_values(cells: Row, width: int) -> bool:
    return len(cells) == width and any(is_number(cell) or is_date(cell) for cell in cells)


def _lines_above(
    lines: Lines, row: tuple[int, Row], separator: str | None, labels: Sequence[str]
) -> set[int]:
    """Return which lines above the first ``row`` with values are not headings."""
    above: set[int] = set()
    width = len(row[1])
    for index, (line, cells) in enumerate(lines):
        # Another table: a line of names, and one of values.
        continues = (
            index - 1 in above
            and line == lines[index - 1][0] + 1
            and 2 < len(cells) == len(lines[index - 1][1]) != width
        )
        if continues or _is_outside(cells, row[1], labels):
            above.add(index)
    if may_lack_heading(separator, labels) and not any(
        len(cells) == width for _line, cells in lines
    ):
        # Programs leave out the heading of the row names.
        heading = (
            index
            for index in above
            if len(lines[index][1]) == width - 1 and not any(map(is_quantity, lines[index][1]))
        )
        above.discard(
            next((index for index in sorted(heading) if not _is_rule(lines[index][1])), -1)
        )
    if separator == "," and lines and _may_be_headings(lines[-1], width, row[0]):
        # 2024-01,58,5 under date,v has a decimal comma.
        above.discard(len(lines) - 1)
    # Units and rules stand under the headings; anything else shows that these are not headings.
    titles = [index for index in above if index < len(lines) - 1 and not _is_rule(lines[index][1])]
    return above | {*range(max(titles, default=-1))}


def _may_be_headings(last: tuple[int, Row], width: int, next_line: int) -> bool:
    line, cells = last
    return line == next_line - 1 and 1 < sum(map(bool, cells)) < width


def _is_outside(cells: Row, row: Row, labels: Sequence[str]) -> bool:
    """Return whether a line is outside the table with this first ``row`` and these row labels.

    It has another number of cells, and begins with words, a rule or a count.
    """
    width = len(row)
    if _COUNT_OF_ROWS.fullmatch(" ".join(cells)):
        return True
    if len(cells) > width:
        cells = cells[: max((end for end, cell in enumerate(cells, 1) if cell), default=0)]
    if len(cells) == width or not any(cells):
        return False
    first = next(filter(None, cells))
    if _is_rule(cells):
        return True
    if any(is_date(cell) and is_date(other) for cell, other in zip(cells, row, strict=False)):
        return False
    is_value = (
        is_date(first) or month_number(first) or quarter_number(first) or _LIKE_NUMBER.match(first)
    )
    return not (is_value or first in labels or (is_missing(first) and not is_missing_word(first)))


def _is_marker(rows: Lines, index: int, width: int) -> bool:
    """Return whether a line below a table, not the last, holds only a missing-value marker."""
    cells = rows[index][1]
    return (
        index < len(rows) - 1
        and len(cells) == 1 < width - 1
        and is_number(cells[0])
        and not is_integer(cells[0])
    )


def _is_rule(cells: Row) -> bool:
    return all(_RULE.fullmatch(cell) for cell in cells if cell)


def _note(lines: Lines, origin: str, *, is_above: bool) -> tuple[str, ...]:
    if not lines:
        return ()
    message = (
        ngettext(
            "{origin}: line {lines}, above the table, is left out ({cells}).",
            "{origin}: lines {lines}, above the table, are left out ({cells}).",
            len(lines),
        )
        if is_above
        else ngettext(
            "{origin}: line {lines}, below the table, is left out ({cells}).",
            "{origin}: lines {lines}, below the table, are left out ({cells}).",
            len(lines),
        )
    )
    return (
        message.format(
            origin=origin,
            lines=", ".join(str(line) for line, _cells in lines),
            cells=excerpt(cell for _line, cells in lines for cell in cells),
        ),
    )
