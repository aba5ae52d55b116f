"""Tables with dates or parts of dates as headings, rearranged to one row per value."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from engine.data.date_columns import date_columns
from engine.data.date_parts import is_named_as_date
from engine.data.dates import YEAR, is_date, month_number, quarter_number, semester_number
from engine.data.headings import FEWEST_DATES_ACROSS
from engine.data.numbers import is_missing, is_number, is_quantity, mostly
from engine.data.periods_across import (
    Periods,
    months_across,
    no_single_series_error,
    periods_across,
)
from engine.data.table import Table
from engine.errors import UsageError
from engine.language import _, ngettext
from engine.sanitise import printable

_FEWEST_YEARS = 3
_MOST_LISTED = 12


def unroll(table: Table) -> Table | None:
    """Return a table of dates and, in the last column, values; None if no headings are dates.

    The rows have the years, and the headings the months, quarters or halves of a year, or the other
    way round; or the rows have days and the headings times, or months and days; or there is one row
    and the headings have the dates. Other columns, such as yearly means, are left out, with a note.
    Raises :class:`UsageError` for several rows under dates, each a series, and for periods without
    a certain order.
    """
    table = _with_months_for_headings(table)
    for of_heading, of_cell in ((_part_of_year, _year), (_year, _part_of_year)):
        across = {index: part for index, part in enumerate(map(of_heading, table.headings)) if part}
        if of_cell is _year and not across:
            across = {
                index: f"{month:02}" for index, month in months_across(table.headings).items()
            }
        if len(across) < 2:
            continue
        for index, cells in enumerate(table.columns):
            down = {
                row: part
                for row, part in enumerate(map(of_cell, cells))
                if part or _may_be_date(cells[row])
            }
            years, parts = (down, across) if of_cell is _year else (across, down)
            if (
                index not in across
                and _are_whole_years([*parts.values()])
                and _are_consecutive([*years.values()])
            ):
                return _unroll_years(table, index, down, across)
    dates = _dates_across(table.headings)
    if not dates:
        if (periods := periods_across(table)) is None:
            return None
        long = _with_parts(table, periods) if periods.kind in ("hour", "day") else None
        if long is None:
            raise no_single_series_error(table, periods)
        return long
    if len(table.lines) > 1:
        raise UsageError(
            _("{origin}: each column is a date, and each line a series.").format(
                origin=table.origin
            ),
            _("Keep the headings and one line: (head -n {n} FILE; grep NAME FILE) > NEW").format(
                n=int(str(table.lines[0]).partition(",")[0]) - 1
            ),
        )
    return _with_rows(table, [(0, index) for index in dates], [*dates.values()], [])


def _with_parts(table: Table, periods: Periods) -> Table | None:
    """Return a row per value, with the columns beside ``periods`` and the heading of the value.

    None if these columns hold no dates.
    """
    beside = [index for index in range(len(table.columns)) if index not in periods.columns]
    places = [
        (row, column)
        for row in range(len(table.lines))
        for column in periods.columns
        # There is no 30 February.
        if not (
            periods.kind == "day"
            and column - periods.columns[0] >= 28
            and is_missing(table.columns[column][row])
        )
    ]
    omitted = [
        table.headings[index] or str(index + 1)
        for index in beside
        if mostly(table.columns[index], is_quantity) and not is_named_as_date(table.headings[index])
    ]
    message = (
        ngettext(
            "{origin}: each line is a day, its times in order: {n} day.",
            "{origin}: each line is a day, its times in order: {n} days.",
            len(table.lines),
        )
        if periods.kind == "hour"
        else ngettext(
            "{origin}: each line is a month, its days in order: {n} month.",
            "{origin}: each line is a month, its days in order: {n} months.",
            len(table.lines),
        )
    )
    long = replace(
        table,
        lines=tuple(f"{table.lines[row]}, {table.headings[column]}" for row, column in places),
        columns=(
            *(tuple(table.columns[index][row] for row, _column in places) for index in beside),
            tuple(table.headings[column] for _row, column in places),
            tuple(table.columns[column][row] for row, column in places),
        ),
        headings=(*(table.headings[index] for index in beside), periods.kind, ""),
        notes=(
            *table.notes,
            message.format(origin=table.origin, n=len(table.lines)),
            *_notes(table.origin, [], omitted),
        ),
    )
    dates = date_columns(long, len(long.columns) - 1)
    return None if dates is None or len(beside) not in dates.columns else long


def _with_months_for_headings(table: Table) -> Table:
    """Return a table of a year and 12 numbers per row with month headings if it has none."""
    if (
        any(table.headings)
        or len(table.columns) != 13
        or not all(mostly(c, is_number) for c in table.columns[1:])
    ):
        return table
    years = [_year(cell) for cell in table.columns[0]]
    if len(years) < _FEWEST_YEARS or not all(years) or not _are_consecutive(years):
        return table
    return replace(table, headings=("", *map(str, range(1, 13))))


def _dates_across(headings: Sequence[str]) -> dict[int, str]:
    """Return the headings, by index, that are consecutive years or other dates; {} if few are."""
    years = {index: year for index, year in enumerate(map(_year, headings)) if year}
    dates = {index: heading for index, heading in enumerate(headings) if is_date(heading)}
    if len(years) >= FEWEST_DATES_ACROSS and _are_consecutive([*years.values()]):
        return years
    return dates if len(dates) >= FEWEST_DATES_ACROSS else {}


def _may_be_date(cell: str) -> bool:
    """Return whether a row's label may be a mistyped date, and not that of a mean or a sum."""
    return is_missing(cell) or any(map(str.isdigit, cell))


_OF_YEARS = frozenset({
    "m13", "q05", "s03", "annual", "yearly", "total", "average", "mean", "promedio", "insgesamt",
    "gesamt",
    "mittel", "moyenne", "totale", "media", "média",
})  # fmt: skip
"""What statistics offices write for a whole year among its months, quarters or halves."""


def without_whole_years(table: Table) -> Table:
    """Return the table without rows for whole years, whose month is ``M13`` or ``Total``."""
    for cells in table.columns:
        names = {cell for cell in {*cells} if cell.casefold() in _OF_YEARS}
        if names and any(mostly(cells, partial(_is_any, number)) for number in _PARTS_OF_YEARS):
            years = {row for row, cell in enumerate(cells) if cell in names}
            return _without_years(table, years, cells[min(years)])
    return table


_PARTS_OF_YEARS = (month_number, quarter_number, semester_number)


def _is_any(number: Callable[[str], int], cell: str) -> bool:
    return number(cell) > 0


def _without_years(table: Table, years: set[int], name: str) -> Table:
    rows = [row for row in range(len(table.lines)) if row not in years]
    message = ngettext(
        "{origin}: the value of a whole year ({name}) in {n} line is left out.",
        "{origin}: the values of whole years ({name}) in {n} lines are left out.",
        len(years),
    )
    return replace(
        table,
        lines=tuple(table.lines[row] for row in rows),
        columns=tuple(tuple(cells[row] for row in rows) for cells in table.columns),
        notes=(
            *table.notes,
            message.format(origin=table.origin, name=printable(name), n=len(years)),
        ),
    )


def _year(cell: str) -> str:
    """Return the year a cell means; "" if it is not a year."""
    return cell if YEAR.fullmatch(cell) else ""


def _part_of_year(cell: str) -> str:
    """Return the month, quarter or half a cell means, as in dates; "" if it is none of these."""
    if quarter := quarter_number(cell):
        return f"Q{quarter}"
    if half := semester_number(cell):
        return f"H{half}"
    return f"{month:02}" if (month := month_number(cell)) else ""


def _are_whole_years(parts: Sequence[str]) -> bool:
    """Return whether these are all months, quarters or halves of a year, in order."""
    return list(parts) in (
        [f"{month:02}" for month in range(1, 13)],
        [f"Q{quarter}" for quarter in range(1, 5)],
        ["H1", "H2"],
    )


def _are_consecutive(years: Sequence[str]) -> bool:
    """Return whether nine in ten years are consecutive, forwards or backwards."""
    distances = [
        int(following) - int(previous)
        for previous, following in pairwise(years)
        if previous and following
    ]
    return any(years) and max(distances.count(1), distances.count(-1)) >= 0.9 * (len(years) - 1) - 1


def _unroll_years(table: Table, labels: int, down: dict[int, str], across: dict[int, str]) -> Table:
    """Return a row for each value; ``down`` and ``across`` are the parts of its date."""
    by_rows = any(len(part) == 4 for part in down.values())
    years = [*down.values()] if by_rows else [*across.values()]
    is_backwards = len(years) > 1 and all(
        previous > following for previous, following in pairwise(years)
    )
    if by_rows:
        places = [
            (row, column) for row in (reversed(down) if is_backwards else down) for column in across
        ]
    else:
        places = [
            (row, column)
            for column in (reversed(across) if is_backwards else across)
            for row in down
        ]
    dates = []
    for row, column in places:
        year, part = (down[row], across[column]) if by_rows else (across[column], down[row])
        dates.append(f"{year}-{part}" if year and part else table.columns[labels][row])
    message = (
        ngettext(
            "{origin}: each line is a year, its columns in order: {n} year.",
            "{origin}: each line is a year, its columns in order: {n} years.",
            len(years),
        )
        if by_rows
        else ngettext(
            "{origin}: each column is a year, its lines in order: {n} year.",
            "{origin}: each column is a year, its lines in order: {n} years.",
            len(years),
        )
    )
    notes = [message.format(origin=table.origin, n=len(years))]
    if is_backwards:
        notes.append(
            _("{origin}: the latest values come first; they are reversed.").format(
                origin=table.origin
            )
        )
    return _with_rows(table, places, dates, notes, labels)


def _with_rows(
    table: Table,
    places: Sequence[tuple[int, int]],
    dates: Sequence[str],
    notes: Sequence[str],
    labels: int | None = None,
) -> Table:
    """Return a table of ``dates`` and of the values at ``places``, which are rows and columns.

    ``labels`` is the column that labels the rows. Everything else in the table is left out, with a
    note.
    """
    rows, columns = {row for row, _column in places}, {column for _row, column in places}
    cells = table.columns[labels] if labels is not None else ("",) * len(table.lines)
    left_rows = [
        f"{line} ({cells[row]})" for row, line in enumerate(table.lines) if row not in rows
    ]
    left_columns = [
        table.headings[index] or str(index + 1)
        for index, cells in enumerate(table.columns)
        if index != labels and index not in columns and not all(map(is_missing, cells))
    ]
    return replace(
        table,
        lines=tuple(f"{table.lines[row]}, {table.headings[column]}" for row, column in places),
        columns=(tuple(dates), tuple(table.columns[column][row] for row, column in places)),
        headings=("", ""),
        notes=(*table.notes, *notes, *_notes(table.origin, left_rows, left_columns)),
    )


def _notes(origin: str, rows: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    """Yield notes on the rows and columns that are left out."""
    if rows:
        message = ngettext(
            "{origin}: line {lines} is left out.",
            "{origin}: lines {lines} are left out.",
            len(rows),
        )
        yield message.format(origin=origin, lines=_listed(rows))
    if columns:
        message = ngettext(
            "{origin}: column {columns} is left out.",
            "{origin}: columns {columns} are left out.",
            len(columns),
        )
        yield message.format(origin=origin, columns=_listed(columns))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:_MOST_LISTED]) + (
        ", …" if len(names) > _MOST_LISTED else ""
    )
