"""Tables that have dates, or parts of them, for headings, as tables with a row for each value."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from engine.data.date_columns import date_columns
from engine.data.date_parts import is_named_as_date
from engine.data.dates import YEAR, is_date, month_number, quarter_number, semester_number
from engine.data.headings import FEWEST_DATES_ACROSS
from engine.data.numbers import is_missing, is_number, is_quantity, mostly
from engine.data.periods_across import Periods, months_across, no_single_series, periods_across
from engine.data.table import Table
from engine.errors import UsageError
from engine.language import _, ngettext
from engine.sanitise import printable

_FEWEST_YEARS = 3
_MOST_LISTED = 12


def unrolled(table: Table) -> Table | None:
    """Return a table of dates, and values in the last column; None if no part of the dates is in
    the headings.

    The rows have the years, and the headings the months, quarters or halves of a year, or the rows
    have these and the headings the years, or the rows have days and the headings times, or months
    and days, or there is one row and the headings have the dates. Columns beside them, as of yearly
    means, are left out, which the table's notes say. Raises :class:`UsageError` for several rows
    under dates, each a series, and for periods that have no certain order.
    """
    table = _with_months_for_headings(table)
    for of_heading, of_cell in ((_part_of_year, _year), (_year, _part_of_year)):
        across = {at: part for at, part in enumerate(map(of_heading, table.headings)) if part}
        if of_cell is _year and not across:
            across = {at: f"{month:02}" for at, month in months_across(table.headings).items()}
        if len(across) < 2:
            continue
        for at, cells in enumerate(table.columns):
            down = {
                row: part
                for row, part in enumerate(map(of_cell, cells))
                if part or _may_be_date(cells[row])
            }
            years, parts = (down, across) if of_cell is _year else (across, down)
            if (
                at not in across
                and _are_whole_years([*parts.values()])
                and _go_on([*years.values()])
            ):
                return _unrolled(table, at, down, across)
    dates = _dates_across(table.headings)
    if not dates:
        if (periods := periods_across(table)) is None:
            return None
        long = _with_parts(table, periods) if periods.kind in ("hour", "day") else None
        if long is None:
            raise no_single_series(table, periods)
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
    return _with_rows(table, [(0, at) for at in dates], [*dates.values()], [])


def _with_parts(table: Table, periods: Periods) -> Table | None:
    """Return a row for each value, with the columns beside ``periods`` and the part of the date
    that is its heading.

    None if these columns do not say when.
    """
    beside = [at for at in range(len(table.columns)) if at not in periods.columns]
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
    left = [
        table.headings[at] or str(at + 1)
        for at in beside
        if mostly(table.columns[at], is_quantity) and not is_named_as_date(table.headings[at])
    ]
    message = (
        ngettext(
            "{origin}: a day is a line, its times one after the other: {n} day.",
            "{origin}: a day is a line, its times one after the other: {n} days.",
            len(table.lines),
        )
        if periods.kind == "hour"
        else ngettext(
            "{origin}: a month is a line, its days one after the other: {n} month.",
            "{origin}: a month is a line, its days one after the other: {n} months.",
            len(table.lines),
        )
    )
    long = replace(
        table,
        lines=tuple(f"{table.lines[row]}, {table.headings[column]}" for row, column in places),
        columns=(
            *(tuple(table.columns[at][row] for row, _column in places) for at in beside),
            tuple(table.headings[column] for _row, column in places),
            tuple(table.columns[column][row] for row, column in places),
        ),
        headings=(*(table.headings[at] for at in beside), periods.kind, ""),
        notes=(
            *table.notes,
            message.format(origin=table.origin, n=len(table.lines)),
            *_notes(table.origin, [], left),
        ),
    )
    dates = date_columns(long, len(long.columns) - 1)
    return None if dates is None or len(beside) not in dates.columns else long


def _with_months_for_headings(table: Table) -> Table:
    """Return the table with headings if it has none, and in each row a year and twelve numbers."""
    if (
        any(table.headings)
        or len(table.columns) != 13
        or not all(mostly(c, is_number) for c in table.columns[1:])
    ):
        return table
    years = [_year(cell) for cell in table.columns[0]]
    if len(years) < _FEWEST_YEARS or not all(years) or not _go_on(years):
        return table
    return replace(table, headings=("", *map(str, range(1, 13))))


def _dates_across(headings: Sequence[str]) -> dict[int, str]:
    """Return the dates that headings are, by their places: years that follow each other, or other
    dates; {} if few.
    """
    years = {at: year for at, year in enumerate(map(_year, headings)) if year}
    dates = {at: heading for at, heading in enumerate(headings) if is_date(heading)}
    if len(years) >= FEWEST_DATES_ACROSS and _go_on([*years.values()]):
        return years
    return dates if len(dates) >= FEWEST_DATES_ACROSS else {}


def _may_be_date(cell: str) -> bool:
    """Return whether a row's label may be a date with a mistake in it, and none of a mean or a
    sum.
    """
    return is_missing(cell) or any(map(str.isdigit, cell))


_OF_YEARS = frozenset({
    "m13", "q05", "s03", "annual", "yearly", "total", "average", "mean", "promedio", "insgesamt",
    "gesamt",
    "mittel", "moyenne", "totale", "media", "média",
})  # fmt: skip
"""What statistics offices write for a whole year among its months, quarters or halves."""


def without_whole_years(table: Table) -> Table:
    """Return the table without the rows whose month is ``M13``, or ``Total``: they are of a whole
    year.
    """
    for cells in table.columns:
        names = {cell for cell in {*cells} if cell.casefold() in _OF_YEARS}
        if names and any(mostly(cells, partial(_is_any, number)) for number in _PARTS_OF_YEARS):
            years = {row for row, cell in enumerate(cells) if cell in names}
            return _without(table, years, cells[min(years)])
    return table


_PARTS_OF_YEARS = (month_number, quarter_number, semester_number)


def _is_any(number: Callable[[str], int], cell: str) -> bool:
    return number(cell) > 0


def _without(table: Table, years: set[int], name: str) -> Table:
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
    """Return the year a cell means; "" if it means none."""
    return cell if YEAR.fullmatch(cell) else ""


def _part_of_year(cell: str) -> str:
    """Return the month, quarter or half a cell means, as dates are written; "" if it means none."""
    if quarter := quarter_number(cell):
        return f"Q{quarter}"
    if half := semester_number(cell):
        return f"H{half}"
    return f"{month:02}" if (month := month_number(cell)) else ""


def _are_whole_years(parts: Sequence[str]) -> bool:
    """Return whether these are the months, the quarters or the halves of a year in their order."""
    return list(parts) in (
        [f"{month:02}" for month in range(1, 13)],
        [f"Q{quarter}" for quarter in range(1, 5)],
        ["H1", "H2"],
    )


def _go_on(years: Sequence[str]) -> bool:
    """Return whether years follow each other, forwards or backwards, all but one in ten."""
    distances = [int(after) - int(before) for before, after in pairwise(years) if before and after]
    return any(years) and max(distances.count(1), distances.count(-1)) >= 0.9 * (len(years) - 1) - 1


def _unrolled(table: Table, labels: int, down: dict[int, str], across: dict[int, str]) -> Table:
    """Return a row for each value of the rows and columns whose part of the dates ``down`` and
    ``across`` have.
    """
    by_rows = any(len(part) == 4 for part in down.values())
    years = [*down.values()] if by_rows else [*across.values()]
    is_backwards = len(years) > 1 and all(before > after for before, after in pairwise(years))
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
            "{origin}: a year is a line, its columns one after the other: {n} year.",
            "{origin}: a year is a line, its columns one after the other: {n} years.",
            len(years),
        )
        if by_rows
        else ngettext(
            "{origin}: a year is a column, its lines one after the other: {n} year.",
            "{origin}: a year is a column, its lines one after the other: {n} years.",
            len(years),
        )
    )
    notes = [message.format(origin=table.origin, n=len(years))]
    if is_backwards:
        notes.append(
            _("{origin}: the latest values come first; they are turned round.").format(
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
    """Return a table of ``dates`` and of the values at ``places``, rows and columns of the one
    given.

    ``labels`` is the column that says what the rows are. What else is in the table is left out,
    which is said.
    """
    rows, columns = {row for row, _column in places}, {column for _row, column in places}
    cells = table.columns[labels] if labels is not None else ("",) * len(table.lines)
    left_rows = [
        f"{line} ({cells[row]})" for row, line in enumerate(table.lines) if row not in rows
    ]
    left_columns = [
        table.headings[at] or str(at + 1)
        for at, cells in enumerate(table.columns)
        if at != labels and at not in columns and not all(map(is_missing, cells))
    ]
    return replace(
        table,
        lines=tuple(f"{table.lines[row]}, {table.headings[column]}" for row, column in places),
        columns=(tuple(dates), tuple(table.columns[column][row] for row, column in places)),
        headings=("", ""),
        notes=(*table.notes, *notes, *_notes(table.origin, left_rows, left_columns)),
    )


def _notes(origin: str, rows: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    """Say which rows and columns are left out."""
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
