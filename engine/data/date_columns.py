"""Which columns of a table say when, in whatever of the usual shapes, and what they say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.data.dates import Moment, Steps, check_order, is_date, readings, steps_of, valid
from engine.data.figures import is_missing, is_whole, read_figures
from engine.data.table import Table
from engine.errors import UsageError
from engine.language import _

_SAMPLE = 1_000
_YEARS = range(1_000, 3_000)
_YEAR_WORDS = frozenset({"year", "yr", "año", "anio", "ano"})
_MONTH_WORDS = frozenset({"month", "mon", "mes"})


@dataclass(frozen=True)
class DateColumns:
    """Columns that say when, and the ways in which they can be read: a moment a row, None where there is none."""

    columns: frozenset[int]
    readings: Sequence[Sequence[Moment | None]]


def date_columns(table: Table, chosen: int | None) -> DateColumns | None:
    """Return the columns that say when, in whatever of the usual shapes; None where there are none."""
    places = [at for at in range(len(table.columns)) if at != chosen]
    if len(table.columns) < 2:
        return None
    written = [at for at in places if mostly(table.columns[at], is_date)]
    if written:
        return DateColumns(frozenset(written), readings(table.columns[written[0]]))
    for at in places:
        if found := _year_and_month(table, at, chosen):
            return found
    for at in places:
        if found := _decimal_years(table.columns[at], at) or _compact(table.columns[at], at):
            return found
    for at in places:
        named = table.headings[at].casefold() in _YEAR_WORDS and all(map(is_whole, table.columns[at]))
        if (named or counts(table.columns[at])) and all(int(cell) in _YEARS for cell in table.columns[at]):
            return DateColumns(frozenset({at}), [[Moment(int(cell), 1) for cell in table.columns[at]]])
    return None


def _year_and_month(table: Table, at: int, chosen: int | None) -> DateColumns | None:
    """Take two columns side by side for years and months, or three with days, where they can be nothing else."""
    numbers = [
        [int(cell) for cell in cells]
        for place, cells in enumerate(table.columns[at : at + 3], at)
        if place != chosen and all(map(is_whole, cells))
    ]
    if len(numbers) < 2 or not (all(n in _YEARS for n in numbers[0]) and all(1 <= n <= 12 for n in numbers[1])):
        return None
    headings = [heading.casefold() for heading in table.headings[at : at + 2]]
    named = headings[0] in _YEAR_WORDS and headings[1] in _MONTH_WORDS
    moments = [Moment(year, month) for year, month in zip(*numbers[:2], strict=True)]
    columns = {at, at + 1}
    if len(numbers) == 3 and all(1 <= n <= 31 for n in numbers[2]):
        days = [valid(moment._replace(day=day)) for moment, day in zip(moments, numbers[2], strict=True)]
        dated = [moment for moment in days if moment is not None]
        if len(dated) == len(days) and steps_of(dated) and not steps_of(moments):
            return DateColumns(frozenset({*columns, at + 2}), [days])
    steps = steps_of(moments)
    if named or (steps and steps.frequency != "Y") or _mostly_monthly(moments):
        decimal = {place for place in (at + 2, at + 3) if place < len(table.columns) and place != chosen}
        columns |= {place for place in decimal if _decimal_years(table.columns[place], place)}
        return DateColumns(frozenset(columns), [moments])
    return None


def _mostly_monthly(moments: Sequence[Moment]) -> bool:
    """Tell whether a month follows upon a month in nine rows of ten: then the others are mistakes to be named."""
    following = sum(after.months - before.months == 1 for before, after in pairwise(moments))
    return following >= 0.9 * max(1, len(moments) - 1)


def _decimal_years(cells: Sequence[str], at: int) -> DateColumns | None:
    """Take a column for decimal years (1749.042) where they go on month by month, or year by year."""
    try:
        years = read_figures(cells, range(len(cells)), "")
    except UsageError:
        return None
    if not all(_YEARS.start <= year < _YEARS.stop for year in years) or all(year == int(year) for year in years):
        return None
    # 0.083 is the beginning of February.
    moments = [Moment(int(year), min(12, int((year - int(year)) * 12 + 0.02) + 1)) for year in years]
    steps = steps_of(moments)
    return DateColumns(frozenset({at}), [moments]) if steps and steps.frequency in ("M", "Y") else None


def _compact(cells: Sequence[str], at: int) -> DateColumns | None:
    """Take a column for dates without marks (174901, 17490131) where they go on in equal steps."""
    sizes = {len(cell) for cell in cells if is_whole(cell)}
    if sizes not in ({6}, {8}) or not all(map(is_whole, cells)):
        return None
    day = sizes == {8}
    moments = [valid(Moment(int(cell[:4]), int(cell[4:6]), int(cell[6:]) if day else None)) for cell in cells]
    dated = [moment for moment in moments if moment is not None]
    return DateColumns(frozenset({at}), [moments]) if len(dated) == len(moments) and steps_of(dated) else None


def steps_in(dates: DateColumns, table: Table, kept: range) -> Steps:
    """Return the steps of the dates of the rows that are kept.

    Of days and months that could be swapped, the reading in which they go on in equal steps is taken. Raises
    :class:`UsageError` for dates that are none or missing, for both readings or none, and for unequal steps.
    """
    lines = table.lines[kept.start : kept.stop]
    complete: list[list[Moment]] = []
    for reading in dates.readings:
        moments = reading[kept.start : kept.stop]
        dated = [moment for moment in moments if moment is not None]
        if len(dated) == len(moments):
            complete.append(dated)
    if not complete:
        moments = dates.readings[0][kept.start : kept.stop]
        at = moments.index(None)
        cell = table.columns[min(dates.columns)][kept.start + at]
        raise UsageError(
            _("{origin}, line {line}: {cell!r} is no date.").format(
                origin=table.origin, line=lines[at], cell=cell[:40]
            ),
            _("Mend that line, or take it out."),
        )
    regular = [steps for moments in complete if (steps := steps_of(moments))]
    if len(complete) == 1 or len(regular) == 1:
        return regular[0] if regular else check_order(complete[0], lines, table.origin)
    cell = table.columns[min(dates.columns)][kept.start]
    raise UsageError(
        _("{origin}, line {line}: {cell!r} may have the day or the month first.").format(
            origin=table.origin, line=lines[0], cell=cell[:40]
        ),
        _("Write dates as 1749-01-31."),
    )


def mostly(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    present = [cell for cell in cells[:: max(1, len(cells) // _SAMPLE)] if not is_missing(cell)]
    return sum(map(test, present)) > len(present) / 2


def counts(cells: Sequence[str]) -> bool:
    """Tell whether cells are whole numbers that go up by one: an index, or years."""
    return all(map(is_whole, cells)) and all(int(after) - int(before) == 1 for before, after in pairwise(cells))
