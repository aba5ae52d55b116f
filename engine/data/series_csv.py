"""Reading a series out of a table: which column holds it, where values are missing, and what its dates are.

Read where it is unambiguous; else one sentence names the line, or lists the columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.date_columns import DateColumns, counts, date_columns, mostly, steps_in
from engine.data.dates import Steps
from engine.data.figures import is_figure, is_whole, read_figures
from engine.data.gaps import settle_gaps
from engine.data.table import Table, no_figures, read_table
from engine.data_options import AS_WRITTEN, SeriesReading
from engine.errors import UsageError
from engine.language import _, ngettext
from engine.sanitise import printable

_MOST_LISTED = 12
_SILSO_WIDTH, _SILSO_MEAN, _SILSO_FLAG, _SILSO_MISSING = 7, 3, 6, -1.0


@dataclass(frozen=True)
class Reading:
    """A series as its table has it: ``values`` without gaps, and ``steps``, None where they are only counted."""

    values: tuple[float, ...]
    steps: Steps | None
    column: int
    """The column it stands in, from 1."""
    heading: str
    notes: tuple[str, ...]
    """What the person should know of its beginning, in sentences."""
    notes_of_end: tuple[str, ...]
    """The same of its end: not true of a part that ends earlier."""
    filled: tuple[int, ...] = ()
    """Which of the ``values``, from 0, were missing and are filled in."""


def read_series(
    content: bytes, origin: str, column: str | int | None = None, reading: SeriesReading = AS_WRITTEN
) -> Reading:
    """Return the series of a table; ``origin`` is what complaints call the file, ``column`` a heading or a number.

    Raises :class:`UsageError` for a table that can't be read, no or several columns that could be meant, figures that
    are none, values missing between others, and dates that do not go on in equal steps.
    """
    table = read_table(content, origin)
    chosen = None if column is None else _named_column(table, column)
    dates = date_columns(table, chosen)
    is_silso = _is_silso(table, dates)
    if chosen is None:
        chosen = _SILSO_MEAN if is_silso else _only_column(table, dates)
    values = read_figures(table.columns[chosen], table.lines, origin)
    if is_silso:
        values = [math.nan if value == _SILSO_MISSING else value for value in values]
    values, filled, gap_notes = settle_gaps(values, table.lines, origin, reading)
    kept = _kept(values, table)
    return Reading(
        values=tuple(values[kept.start : kept.stop]),
        steps=steps_in(dates, table, kept) if dates and reading.steps == "dates" else None,
        column=chosen + 1,
        heading=_("sunspots") if is_silso and chosen == _SILSO_MEAN else table.headings[chosen],
        notes=gap_notes + _notes_of_start(table, kept) + (() if dates else _undated(table, chosen)),
        notes_of_end=_notes_of_end(table, kept) + (_provisional(table, kept) if is_silso else ()),
        filled=tuple(row - kept.start for row in filled),
    )


def _named_column(table: Table, column: str | int) -> int:
    """Return the place, from 0, of a column given by its number, from 1, or its heading."""
    text = printable(str(column)).strip()
    if is_whole(text):
        if 1 <= int(text) <= len(table.columns):
            return int(text) - 1
    else:
        for spelled in (str, str.casefold):
            found = [at for at, heading in enumerate(table.headings) if spelled(heading) == spelled(text)]
            if text and len(found) == 1:
                return found[0]
    raise UsageError(
        _("{origin} has no column {column!r}.").format(origin=table.origin, column=text),
        _("Its columns are {columns}.").format(columns=_listed(table, range(len(table.columns)))),
    )


def _listed(table: Table, columns: Sequence[int]) -> str:
    words = [f"{at + 1} {table.headings[at][:40] or '–'}" for at in columns[:_MOST_LISTED]]
    return ", ".join(words) + (", …" if len(columns) > _MOST_LISTED else "")


def _only_column(table: Table, dates: DateColumns | None) -> int:
    """Return the one column of figures that are no dates and do not just count the rows."""
    with_figures = [at for at, cells in enumerate(table.columns) if mostly(cells, is_figure)]
    when = dates.columns if dates else frozenset()
    possible = [at for at in with_figures if at not in when]
    possible = [at for at in possible if not counts(table.columns[at])] or possible
    if len(possible) == 1:
        return possible[0]
    if not with_figures:
        raise no_figures(table.origin)
    raise UsageError(
        _("{origin} has several columns of numbers: {columns}.").format(
            origin=table.origin, columns=_listed(table, possible or with_figures)
        ),
        _("Say which, by number or heading: --series …:{column} (`data add`: --column {column}).").format(
            column=(possible or with_figures)[-1] + 1
        ),
    )


def _kept(values: Sequence[float], table: Table) -> range:
    """Return which rows have the values from the first to the last: missing ones before and after are left out.

    Raises :class:`UsageError` where there are none.
    """
    present = [at for at, value in enumerate(values) if not math.isnan(value)]
    if not present:
        raise UsageError(
            _("{origin}: every value is missing.").format(origin=table.origin),
            _("Take another column, or another file."),
        )
    return range(present[0], present[-1] + 1)


def _undated(table: Table, chosen: int) -> tuple[str, ...]:
    """Say what may have been meant for dates, Jan-49 or 01/02/49, and is not read as such."""
    for at, cells in enumerate(table.columns):
        if at != chosen and mostly(cells, lambda cell: any(map(str.isdigit, cell)) and not is_figure(cell)):
            words = _("{origin}: {cell!r} is not read as a date; steps are counted. Write dates as 1749-01-31.")
            return (words.format(origin=table.origin, cell=cells[0][:40]),)
    return ()


def _notes_of_start(table: Table, kept: range) -> tuple[str, ...]:
    words = ngettext(
        "{origin}: the first value is missing and left out.",
        "{origin}: the first {n} values are missing and left out.",
        kept.start,
    )
    return (words.format(origin=table.origin, n=kept.start),) if kept.start else ()


def _notes_of_end(table: Table, kept: range) -> tuple[str, ...]:
    n = len(table.lines) - kept.stop
    words = ngettext(
        "{origin}: the last value is missing and left out.",
        "{origin}: the last {n} values are missing and left out.",
        n,
    )
    return (words.format(origin=table.origin, n=n),) if n else ()


# The file of SILSO: year; month; decimal date; mean; standard deviation; observations; definitive (1) or not (0)


def _is_silso(table: Table, dates: DateColumns | None) -> bool:
    """Tell the monthly file of SILSO by its shape (www.sidc.be/SILSO/infosnmtot): it has no headings to tell it by."""
    return (
        len(table.columns) == _SILSO_WIDTH
        and not any(table.headings)
        and dates is not None
        and {0, 1} <= dates.columns
        and all(mostly(cells, is_figure) for cells in table.columns)
        and set(table.columns[_SILSO_FLAG]) <= {"0", "1"}
    )


def _provisional(table: Table, kept: range) -> tuple[str, ...]:
    """Say how many of the last values that are kept SILSO may still change."""
    flags = table.columns[_SILSO_FLAG][kept.start : kept.stop]
    n = next((n for n, flag in enumerate(reversed(flags)) if flag == "1"), len(flags))
    words = ngettext("{origin}: the last value is provisional.", "{origin}: the last {n} values are provisional.", n)
    return (words.format(origin=table.origin, n=n),) if n else ()
