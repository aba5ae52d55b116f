"""Tables with a row a year and a column a month, or the other way round, as tables with a row for each value."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.data.dates import YEAR, month_number, quarter_number
from engine.data.figures import is_missing, mostly
from engine.data.table import Table
from engine.language import _, ngettext

_MOST_LISTED = 12


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
            down = {row: part for row, part in enumerate(map(of_cell, cells)) if part or _may_be_date(cells[row])}
            years, parts = (down, across) if of_cell is _year else (across, down)
            if at not in across and _are_whole_years([*parts.values()]) and _go_on([*years.values()]):
                return _unrolled(table, at, down, across)
    return None


def _may_be_date(cell: str) -> bool:
    """Return whether a row's label may be a date with a mistake in it, and none of a mean or a sum."""
    return is_missing(cell) or any(map(str.isdigit, cell))


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


def _unrolled(table: Table, labels: int, down: dict[int, str], across: dict[int, str]) -> Table:
    """Return a row for each value of the rows and columns whose part of the dates ``down`` and ``across`` have."""
    by_rows = any(len(part) == 4 for part in down.values())
    years = [*down.values()] if by_rows else [*across.values()]
    is_backwards = len(years) > 1 and all(before > after for before, after in pairwise(years))
    if by_rows:
        places = [(row, column) for row in (reversed(down) if is_backwards else down) for column in across]
    else:
        places = [(row, column) for column in (reversed(across) if is_backwards else across) for row in down]
    dates = []
    for row, column in places:
        year, part = (down[row], across[column]) if by_rows else (across[column], down[row])
        dates.append(f"{year}-{part}" if year and part else table.columns[labels][row])
    left_rows = [f"{line} ({table.columns[labels][row]})" for row, line in enumerate(table.lines) if row not in down]
    left_columns = [
        table.headings[at] or str(at + 1)
        for at, cells in enumerate(table.columns)
        if at != labels and at not in across and not all(map(is_missing, cells))
    ]
    message = (
        ngettext("{origin}: read row by row, {n} year.", "{origin}: read row by row, {n} years.", len(years))
        if by_rows
        else ngettext(
            "{origin}: read column by column, {n} year.", "{origin}: read column by column, {n} years.", len(years)
        )
    )
    return replace(
        table,
        lines=tuple(f"{table.lines[row]}, {table.headings[column]}" for row, column in places),
        columns=(tuple(dates), tuple(table.columns[column][row] for row, column in places)),
        headings=("", ""),
        notes=(
            *table.notes,
            message.format(origin=table.origin, n=len(years)),
            *_notes(table.origin, left_rows, left_columns, is_backwards),
        ),
    )


def _notes(origin: str, rows: Sequence[str], columns: Sequence[str], is_backwards: bool) -> Iterator[str]:
    """Say that the years were turned round, and which rows and columns are left out."""
    if is_backwards:
        yield _("{origin}: the latest values come first; they are turned round.").format(origin=origin)
    if rows:
        message = ngettext("{origin}: line {lines} is left out.", "{origin}: lines {lines} are left out.", len(rows))
        yield message.format(origin=origin, lines=_listed(rows))
    if columns:
        message = ngettext(
            "{origin}: column {columns} is left out.", "{origin}: columns {columns} are left out.", len(columns)
        )
        yield message.format(origin=origin, columns=_listed(columns))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:_MOST_LISTED]) + (", …" if len(names) > _MOST_LISTED else "")
