"""Tables with a row a year and a column a month, or the other way round, as tables with a row for each value."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from engine.data.dates import YEAR, month_number, quarter_number
from engine.data.figures import is_missing, mostly
from engine.data.table import Table
from engine.language import _, ngettext


def unrolled(table: Table) -> Table | None:
    """Return a table of two columns, dates and values; None if no part of the dates is in the headings.

    The rows have the years, and the headings the months or quarters of a year, or the rows have these and the headings
    the years. Columns beside them, as of yearly means, are left out, which the table's notes say.
    """
    for of_heading, of_cell in ((_part_of_year, _year), (_year, _part_of_year)):
        across = {at: part for at, part in enumerate(map(of_heading, table.headings)) if part}
        if len(across) < 2:
            continue
        for at, cells in enumerate(table.columns):
            down = [of_cell(cell) for cell in cells]
            years, parts = (down, [*across.values()]) if of_cell is _year else ([*across.values()], down)
            if at not in across and _are_whole_years(parts) and _go_on(years):
                return _unrolled(table, at, down, across)
    return None


def without_yearly_means(table: Table) -> Table:
    """Return the table without the rows of statistics offices whose month is ``M13``: the mean of a year."""
    means = {
        row
        for cells in table.columns
        if mostly(cells, lambda cell: cell.startswith("M") and month_number(cell) > 0)
        for row, cell in enumerate(cells)
        if cell == "M13"
    }
    if not means:
        return table
    rows = [row for row in range(len(table.lines)) if row not in means]
    message = ngettext(
        "{origin}: the yearly mean (M13) in {n} line is left out.",
        "{origin}: the yearly means (M13) in {n} lines are left out.",
        len(means),
    )
    return replace(
        table,
        lines=tuple(table.lines[row] for row in rows),
        columns=tuple(tuple(cells[row] for row in rows) for cells in table.columns),
        notes=(*table.notes, message.format(origin=table.origin, n=len(means))),
    )


def _year(cell: str) -> str:
    """Return the year a cell means; "" if it means none."""
    return cell if YEAR.fullmatch(cell) else ""


def _part_of_year(cell: str) -> str:
    """Return the month or quarter a cell means, as dates are written; "" if it means none."""
    if quarter := quarter_number(cell):
        return f"Q{quarter}"
    return f"{month:02}" if (month := month_number(cell)) else ""


def _are_whole_years(parts: Sequence[str]) -> bool:
    """Return whether these are the months, or the quarters, of a year in their order."""
    return list(parts) in ([f"{month:02}" for month in range(1, 13)], [f"Q{quarter}" for quarter in range(1, 5)])


def _go_on(years: Sequence[str]) -> bool:
    """Return whether years follow each other, forwards or backwards, all but one in ten."""
    distances = [int(after) - int(before) for before, after in pairwise(years) if before and after]
    return any(years) and max(distances.count(1), distances.count(-1)) >= 0.9 * (len(years) - 1) - 1


def _unrolled(table: Table, labels: int, down: Sequence[str], across: dict[int, str]) -> Table:
    """Return a row for each value of a table whose rows are called as ``down``, its columns as ``across`` says."""
    by_rows = any(len(part) == 4 for part in down)
    years: Sequence[str] = down if by_rows else [*across.values()]
    is_backwards = len(years) > 1 and all(before > after for before, after in pairwise(years))
    rows, columns = range(len(down)), [*across]
    if by_rows:
        places = [(row, column) for row in (reversed(rows) if is_backwards else rows) for column in columns]
    else:
        places = [(row, column) for column in (reversed(columns) if is_backwards else columns) for row in rows]
    dates = []
    for row, column in places:
        year, part = (down[row], across[column]) if by_rows else (across[column], down[row])
        dates.append(f"{year}-{part}" if year and part else table.columns[labels][row])
    return replace(
        table,
        lines=tuple(f"{table.lines[row]}, {table.headings[column]}" for row, column in places),
        columns=(tuple(dates), tuple(table.columns[column][row] for row, column in places)),
        headings=("", ""),
        notes=(*table.notes, *_notes(table, {labels, *across}, len(years), by_rows, is_backwards)),
    )


def _notes(table: Table, used: set[int], n: int, by_rows: bool, is_backwards: bool) -> list[str]:
    """Say how the table was read, and which columns are left out."""
    message = (
        ngettext("{origin}: read row by row, {n} year.", "{origin}: read row by row, {n} years.", n)
        if by_rows
        else ngettext("{origin}: read column by column, {n} year.", "{origin}: read column by column, {n} years.", n)
    )
    notes = [message.format(origin=table.origin, n=n)]
    if is_backwards:
        notes.append(_("{origin}: the latest values come first; they are turned round.").format(origin=table.origin))
    left = [
        table.headings[at] or str(at + 1)
        for at, cells in enumerate(table.columns)
        if at not in used and not all(map(is_missing, cells))
    ]
    if left:
        message = ngettext(
            "{origin}: column {columns} is left out.", "{origin}: columns {columns} are left out.", len(left)
        )
        notes.append(message.format(origin=table.origin, columns=", ".join(left)))
    return notes
