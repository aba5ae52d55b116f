"""Which columns of a table say when, and which part of a date each of them holds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import NamedTuple

from engine.data import dates as shapes
from engine.data.dates import Moment, moment_of
from engine.data.figures import is_missing, is_quantity, is_whole, mostly
from engine.data.steps import Timeline, check_order, descend, timeline_of
from engine.data.table import Table
from engine.errors import UsageError
from engine.language import _

_SAMPLE, _LONG_SAMPLE = 300, 3_000
"""From so many of the first rows it is told what a column may be, and which of the possible dates are meant."""
_MOST_ASSIGNMENTS = 400


class _Kind(NamedTuple):
    """A part of a date that a column may hold."""

    patterns: tuple["re.Pattern[str]", ...]
    headings: frozenset[str]
    fits: float = 0.9
    """In which share of the cells it must be found."""


def _kind(patterns: Sequence["re.Pattern[str]"], headings: str, fits: float = 0.9) -> _Kind:
    return _Kind(tuple(patterns), frozenset(headings.split()), fits)


_DATE_HEADINGS = "date dates datetime timestamp time day month year period ds fecha día dia mes año periodo"
_KINDS: Mapping[str, _Kind] = {
    "date": _kind(shapes.DATE_SHAPES, _DATE_HEADINGS, 0.5),
    "day first": _kind([shapes.DAY_FIRST], _DATE_HEADINGS, 0.5),
    "month first": _kind([shapes.MONTH_FIRST], _DATE_HEADINGS, 0.5),
    "compact": _kind([shapes.COMPACT], _DATE_HEADINGS),
    "decimal": _kind([shapes.DECIMAL_YEAR], "decimal decimal_date"),
    "year": _kind([shapes.YEAR], "year years yr yyyy y año anio ano"),
    "month": _kind([shapes.MONTH], "month months mon mm m mes period periodo"),
    "quarter": _kind([shapes.QUARTER], "quarter qtr qu q trimestre trim period periodo"),
    "week": _kind([shapes.WEEK], "week wk w isoweek semana sem"),
    "day of year": _kind([shapes.DAY_OF_YEAR], "doy yday dayofyear day_of_year"),
    "day": _kind([shapes.DAY], "day dd d dom día dia"),
    "hour": _kind([shapes.HOUR], "hour hours hr hh h hora"),
    "time": _kind([shapes.TIME], "time clock hour hora"),
}
_DATES = ("date", "day first", "month first", "compact")
_SWAPPED = {"day first", "month first"}
_CLOCKS = ("time", "hour")
_ORDERS: tuple[tuple[str, ...], ...] = (
    *((kind,) for kind in _DATES),
    ("decimal",),
    ("year",),
    *((kind, clock) for kind in _DATES for clock in _CLOCKS),
    *(("year", part) for part in ("month", "quarter", "week", "day of year")),
    *(("year", "day of year", clock) for clock in _CLOCKS),
    ("year", "month", "day"),
    *(("year", "month", "day", clock) for clock in _CLOCKS),
)
"""Which parts make a date, the coarsest first."""


@dataclass(frozen=True)
class DateColumns:
    """Columns that say when, and what they say in each way in which they can be read."""

    columns: tuple[int, ...]
    """Those that are read, by place from 0."""
    readings: Sequence[Sequence[Moment | None]]
    """A moment a row, None if there is no such date. Two readings if days and months could be swapped."""
    others: frozenset[int] = frozenset()
    """Columns that repeat parts of the dates."""


@dataclass(frozen=True)
class _Assignment:
    """Columns taken for parts of a date."""

    kinds: tuple[str, ...]
    columns: tuple[int, ...]
    is_sure: bool
    """Whether headings or cells themselves say so: ``Year``, ``January``, ``M01``."""

    def swaps(self, other: "_Assignment") -> bool:
        """Return whether it takes days for months and months for days where the other one does not."""
        return self.columns == other.columns and {self.kinds[0], other.kinds[0]} == _SWAPPED

    def moments(self, table: Table, stop: int | None = None) -> list[Moment | None]:
        """Return the moment of each row before ``stop``."""
        columns = [
            (table.columns[at][:stop], _KINDS[kind].patterns) for kind, at in zip(self.kinds, self.columns, strict=True)
        ]
        if len(columns) == 1:
            return [None if parts is None else moment_of(parts) for parts in _parts(*columns[0])]
        return [_joined(row) for row in zip(*(_repeated_parts(*column) for column in columns), strict=True)]


class _Candidate(NamedTuple):
    """An assignment that may be meant, and the first moments that it gives."""

    assignment: _Assignment
    moments: Sequence[Moment | None]
    is_regular: bool
    """Whether they go on in equal steps."""


def date_columns(table: Table, chosen: int | None) -> DateColumns | None:
    """Return the columns that say when; None if there are none.

    Columns that only may be parts of dates, for all that their cells say, are taken for it if the dates then follow
    each other in single steps.
    """
    places = [at for at in range(len(table.columns)) if at != chosen]
    possible: list[_Candidate] = []
    for assignment in islice(_assignments(table, places), _MOST_ASSIGNMENTS):
        if chosen is None and not _leaves_numbers(table, assignment.columns):
            continue
        if assignment.is_sure or _goes_on(assignment, assignment.moments(table, _SAMPLE)):
            moments = assignment.moments(table, _LONG_SAMPLE)
            is_regular = _is_regular(moments)
            if is_regular or _is_credible(assignment, moments):
                possible.append(_Candidate(assignment, moments, is_regular))
    if not possible:
        return None
    best = min(possible, key=_rank)
    readings = [
        candidate.assignment.moments(table)
        for candidate in possible
        if candidate is best or candidate.assignment.swaps(best.assignment)
    ]
    fewest = min(moments.count(None) for moments in readings)
    columns = best.assignment.columns
    return DateColumns(
        columns,
        [moments for moments in readings if moments.count(None) == fewest],
        frozenset(at for at in places if at not in columns and _repeats(table, at, best.moments)),
    )


def _rank(candidate: _Candidate) -> tuple[int, ...]:
    """Sort equal steps first; of unequal ones the surest and finest, that a missing date is named by.

    A date that is sure needs no more parts than it takes to go on in equal steps; else the more that fit, side by side,
    the better.
    """
    assignment, moments, is_regular = candidate
    n = len(assignment.columns)
    order, undated = _ORDERS.index(assignment.kinds), moments.count(None)
    if is_regular and assignment.is_sure:
        return (0, 0, undated, n, order)
    if is_regular:
        between = max(assignment.columns) - min(assignment.columns) + 1 - n
        return (0, 1, undated, between, -n, order)
    first = next((moment for moment in moments if moment is not None), Moment(1, 1))
    fineness = 3 if first.second is not None else 2 if first.day is not None else int(assignment.kinds != ("year",))
    doubt = 0 if assignment.is_sure else round(100 - 100 * _share_of_single_steps(moments, assignment.kinds[-1]))
    return (1, doubt, -fineness, n, undated)


def _assignments(table: Table, places: Sequence[int]) -> Iterator[_Assignment]:
    fitting = {kind: _fitting(table, places, kind) for kind in _KINDS}
    for kinds in _ORDERS:
        for chosen in product(*(fitting[kind] for kind in kinds)):
            columns = tuple(at for at, _sure in chosen)
            if len(set(columns)) == len(columns):
                sure = [is_sure for _at, is_sure in chosen]
                # A year needs no heading beside the name of a month.
                yield _Assignment(kinds, columns, all(sure) or (len(sure) > 1 and kinds[0] == "year" and all(sure[1:])))


def _fitting(table: Table, places: Sequence[int], name: str) -> list[tuple[int, bool]]:
    """Return the columns that may hold a part of a date, and whether that is sure; only the sure ones if some are."""
    kind, fitting = _KINDS[name], []
    for at in places:
        cells = [cell for cell in table.columns[at][:_SAMPLE] if not is_missing(cell)]
        found = sum(any(pattern.fullmatch(cell) for pattern in kind.patterns) for cell in cells)
        # In a small table one mistake is more than one in ten.
        if found > len(cells) / 2 and found >= kind.fits * len(cells) - 1:
            by_cells = name not in ("decimal", "compact") and mostly(cells, lambda cell: not cell.isdigit())
            fitting.append((at, by_cells or table.headings[at].casefold() in kind.headings))
    return [one for one in fitting if one[1]] or fitting


def _leaves_numbers(table: Table, columns: Sequence[int]) -> bool:
    return any(at not in columns and mostly(cells, is_quantity) for at, cells in enumerate(table.columns))


def _parts(cells: Sequence[str], patterns: Sequence["re.Pattern[str]"]) -> Iterator[Mapping[str, str | None] | None]:
    """Yield the parts of a date that each cell holds, None for a cell without."""
    usual = patterns[0]
    for cell in cells:
        match = usual.fullmatch(cell)
        if match is None:
            found = next(((pattern, m) for pattern in patterns if (m := pattern.fullmatch(cell))), None)
            if found is None:
                yield None
                continue
            usual, match = found
        yield match.groupdict()


def _repeated_parts(
    cells: Sequence[str], patterns: Sequence["re.Pattern[str]"]
) -> Iterator[Mapping[str, str | None] | None]:
    """Yield the same of a column in which cells come again, without the parts that a cell does not hold."""
    distinct = list(dict.fromkeys(cells))
    parts = {
        cell: None if found is None else {part: text for part, text in found.items() if text is not None}
        for cell, found in zip(distinct, _parts(distinct, patterns), strict=True)
    }
    return (parts[cell] for cell in cells)


def _joined(row: Sequence[Mapping[str, str | None] | None]) -> Moment | None:
    """Return the moment of a row whose cells each hold parts; None if one holds none, or two the same."""
    parts: dict[str, str | None] = {}
    n = 0
    for cell in row:
        if cell is None:
            return None
        parts.update(cell)
        n += len(cell)
    return moment_of(parts) if len(parts) == n else None


def _is_regular(moments: Sequence[Moment | None]) -> bool:
    """Return whether dates go on in equal steps; rows before and after them, if they are few, don't count."""
    dated = [at for at, moment in enumerate(moments) if moment is not None]
    if len(dated) <= len(moments) / 2:
        return False
    inner = [moment for moment in moments[dated[0] : dated[-1] + 1] if moment is not None]
    return len(inner) == dated[-1] + 1 - dated[0] and timeline_of(inner) is not None


def _is_credible(assignment: _Assignment, moments: Sequence[Moment | None]) -> bool:
    """Return whether dates that are not in equal steps are dates nevertheless, some of them mistaken or missing."""
    if assignment.kinds[-1] in ("decimal", "compact") and not assignment.is_sure:
        return False
    if assignment.kinds == ("year",):
        return _share_of_single_steps(moments, "year") > 0.5
    return assignment.is_sure or _goes_on(assignment, moments)


def _goes_on(assignment: _Assignment, moments: Sequence[Moment | None]) -> bool:
    """Return whether nine dates of ten follow the one before by a single step of the part that a column may hold."""
    if {"decimal", "compact", "time"} & {*assignment.kinds}:
        return _is_regular(moments)
    return _share_of_single_steps(moments, assignment.kinds[-1]) >= 0.9


def _share_of_single_steps(moments: Sequence[Moment | None], kind: str) -> float:
    dated = [moment for moment in moments if moment is not None]
    if len(dated) < max(2, 0.9 * len(moments)):
        return 0.0
    divisor = {"year": 12, "quarter": 3, "month": 1}.get(kind)
    if divisor is not None:
        ordinals = [moment.months // divisor for moment in dated]
    else:
        size = {"week": 7 * 86_400, "hour": 3_600}.get(kind, 86_400)
        ordinals = [moment.seconds // size for moment in dated]
    differences = [after - before for before, after in pairwise(ordinals)]
    if kind.startswith("day") and (timeline := timeline_of(dated)) and timeline.days:
        return 1.0
    return max(differences.count(1), differences.count(-1)) / len(differences)


def _repeats(table: Table, at: int, moments: Sequence[Moment | None]) -> bool:
    """Return whether a column says of each row's date a part of what is known already."""
    rows = [(cell, moment) for cell, moment in zip(table.columns[at], moments, strict=False) if moment][:_SAMPLE]
    heading = table.headings[at].casefold()
    if any(heading in kind.headings and _fitting(table, [at], name) for name, kind in _KINDS.items()):
        return True
    numbers = [(int(cell), moment) for cell, moment in rows if is_whole(cell)]
    if len(numbers) == len(rows):
        return len({number for number, _moment in numbers}) > 1 and any(
            all(number == part for number, part in zip((n for n, _moment in numbers), parts, strict=True))
            for parts in (
                [moment.year for _cell, moment in rows],
                [moment.month for _cell, moment in rows],
                [moment.day for _cell, moment in rows],
                [(moment.month + 2) // 3 for _cell, moment in rows],
            )
        )
    decimal = [shapes.DECIMAL_YEAR.fullmatch(cell) for cell, _moment in rows]
    same = sum(bool(m and int(m["year"]) == moment.year) for m, (_cell, moment) in zip(decimal, rows, strict=True))
    return same >= 0.99 * len(rows)


def timeline_in(dates: DateColumns, table: Table, kept: range) -> Timeline:
    """Return the timeline of the rows that are kept.

    Of days and months that could be swapped, the reading in which they go on in equal steps is taken. Raises
    :class:`UsageError` for dates that are none or missing, for both readings or none, and for unequal steps.
    """
    lines = table.lines[kept.start : kept.stop]
    complete = _complete(dates, kept)
    if not complete:
        moments = dates.readings[0][kept.start : kept.stop]
        at = moments.index(None)
        raise UsageError(
            _("{origin}, line {line}: {cell!r} is no date.").format(
                origin=table.origin, line=lines[at], cell=_cell(dates, table, kept.start + at)
            ),
            _("Correct that line, or have steps counted: --steps count"),
        )
    regular = [timeline for moments in complete if (timeline := timeline_of(moments))]
    if len(complete) == 1 or len(regular) == 1:
        return regular[0] if regular else check_order(complete[0], lines, table.origin)
    raise UsageError(
        _("{origin}, line {line}: {cell!r} may have the day or the month first.").format(
            origin=table.origin, line=lines[0], cell=_cell(dates, table, kept.start)
        ),
        _("Write dates as 1749-01-31, or have steps counted: --steps count"),
    )


def goes_backwards(dates: DateColumns, kept: range) -> bool:
    """Return whether the rows that are kept have the latest date first, however their dates are read."""
    complete = _complete(dates, kept)
    return bool(complete) and all(map(descend, complete))


def _complete(dates: DateColumns, kept: range) -> list[list[Moment]]:
    """Return the readings in which every row that is kept has a date."""
    complete = []
    for reading in dates.readings:
        moments = [moment for moment in reading[kept.start : kept.stop] if moment is not None]
        if len(moments) == len(kept):
            complete.append(moments)
    return complete


def _cell(dates: DateColumns, table: Table, row: int) -> str:
    return " ".join(table.columns[at][row] for at in dates.columns)[:40]


def is_named_as_date(heading: str) -> bool:
    """Return whether a heading names a date or a part of one."""
    return any(heading.casefold() in kind.headings for kind in _KINDS.values())
