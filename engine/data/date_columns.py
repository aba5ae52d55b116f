"""Which columns of a table say when, and which part of a date each of them holds."""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise, product
from statistics import median
from typing import NamedTuple

from engine.data import dates as shapes
from engine.data.date_parts import (
    KINDS,
    ORDERS,
    SAMPLE,
    SHORT,
    SWAPPED,
    fitting_columns,
    headings_for,
    is_named,
    is_seldom_meant,
    names_year,
)
from engine.data.dates import PartialDate, moment_of
from engine.data.numbers import is_integer, is_missing, is_quantity, mostly
from engine.data.steps import timeline_of
from engine.data.table import Table

_SAMPLE, _LONG_SAMPLE = SAMPLE, 3_000
"""From so many of the first rows it is told what a column may be, and which of the possible dates
are meant.
"""
_MOST_ASSIGNMENTS, _MOST_OF_AN_ORDER = 600, 40
_PROBE = 20
_LONGEST_SHORT = 90
"""Years that dates with two digits for the year may take: more are those of two centuries, out of
order.
"""
_YEAR = 365.25 * 86_400
_NEAR = 0.006
"""Two days of a year."""


@dataclass(frozen=True)
class DateColumns:
    """Columns that say when, and what they say in each way in which they can be read."""

    columns: tuple[int, ...]
    """Those that are read, by place from 0."""
    readings: Sequence[Sequence[PartialDate | None]]
    """A moment a row, None if there is no such date. Several readings if the table leaves open
    which is meant.
    """
    headings: tuple[str, ...] = ("",)
    """For each reading, the headings of the columns that would say that it is meant; "" where none
    could.
    """
    others: frozenset[int] = frozenset()
    """Columns that repeat parts of the dates."""
    are_short: bool = False
    """Whether their years have two digits."""


@dataclass(frozen=True)
class _Assignment:
    """Columns taken for parts of a date."""

    kinds: tuple[str, ...]
    columns: tuple[int, ...]
    is_sure: bool
    """Whether headings or cells themselves say so: ``Year``, ``January``, ``M01``."""

    def swaps(self, other: "_Assignment") -> bool:
        """Return whether it takes days for months and months for days where the other one does
        not.
        """
        return self.columns == other.columns and any(
            {self.kinds[0], other.kinds[0]} <= group for group in SWAPPED
        )

    def moments(self, table: Table, stop: int | None = None) -> list[PartialDate | None]:
        """Return the moment of each row before ``stop``."""
        columns = [
            (table.columns[at][:stop], (*KINDS[kind].patterns, *KINDS[kind].rarer))
            for kind, at in zip(self.kinds, self.columns, strict=True)
        ]
        if len(columns) == 1:
            return [None if parts is None else moment_of(parts) for parts in _parts(*columns[0])]
        return [
            _joined(row)
            for row in zip(*(_repeated_parts(*column) for column in columns), strict=True)
        ]


class _Candidate(NamedTuple):
    """An assignment that may be meant, and the first moments that it gives."""

    assignment: _Assignment
    moments: Sequence[PartialDate | None]
    is_regular: bool
    """Whether they go on in equal steps."""
    confirmations: int
    """How many decimal years beside the dates agree with them."""


def date_columns(table: Table, chosen: int | None) -> DateColumns | None:
    """Return the columns that say when; None if there are none.

    Columns that only may be parts of dates, for all that their cells say, are taken for it if the
    dates then follow each other in single steps. There are several readings if that holds of
    several.
    """
    places = [at for at in range(len(table.columns)) if at != chosen]
    possible: list[_Candidate] = []
    for assignment in islice(_assignments(table, places), _MOST_ASSIGNMENTS):
        if chosen is None and not _leaves_numbers(table, assignment.columns):
            continue
        if assignment.is_sure or _goes_on(assignment, assignment.moments(table, _SAMPLE)):
            moments = assignment.moments(table, _LONG_SAMPLE)
            is_regular = _is_regular(moments) and not _is_chance(assignment, moments)
            if is_regular or _is_credible(table, assignment, moments):
                decimal = [
                    at
                    for at in places
                    if at not in assignment.columns and _is_decimal(table, at, moments)
                ]
                possible.append(_Candidate(assignment, moments, is_regular, len(decimal)))
    if not possible:
        return None
    best = min(possible, key=_rank)
    columns = best.assignment.columns
    meant = [
        candidate for candidate in possible if candidate is best or _is_as_likely(candidate, best)
    ]
    if seldom := [candidate for candidate in meant if not is_seldom_meant(*_layout(candidate))]:
        meant = seldom
    readings = [candidate.assignment.moments(table) for candidate in meant]
    fewest = min(moments.count(None) for moments in readings)
    kept = [at for at, moments in enumerate(readings) if moments.count(None) == fewest]
    return DateColumns(
        columns,
        [readings[at] for at in kept],
        tuple(
            ""
            if any(meant[at].assignment.kinds[0] in pair for pair in SWAPPED)
            else headings_for(*_layout(meant[at]))
            for at in kept
        ),
        frozenset(at for at in places if at not in columns and _repeats(table, at, best.moments))
        | _parts_not_needed(table, best, possible),
        best.assignment.kinds[0] in SHORT,
    )


def _parts_not_needed(
    table: Table, best: _Candidate, possible: Sequence[_Candidate]
) -> frozenset[int]:
    """Return the columns of a finer date that the dates do without: the day that is always the
    first, or the last.
    """
    columns = {*best.assignment.columns}
    return frozenset(
        at
        for candidate in possible
        if candidate.is_regular
        and candidate.assignment.is_sure
        and columns < {*candidate.assignment.columns}
        for at in candidate.assignment.columns
        if at not in columns
        and (len({*table.columns[at]}) == 1 or all(map(_ends_month, candidate.moments)))
    )


def _is_chance(assignment: _Assignment, moments: Sequence[PartialDate | None]) -> bool:
    """Return whether dates may go on in equal steps as others do: 2001-02 alone, and Jan-01 to
    Jan-20, are no years.
    """
    if assignment.kinds[0] == "span":
        return len(moments) == 1
    return assignment.kinds[0] == "short date" and _share_of_years(moments) > 0.5


def _ends_month(moment: PartialDate | None) -> bool:
    return moment is None or moment.day == monthrange(moment.year, moment.month)[1]


def _layout(candidate: _Candidate) -> tuple[tuple[str, ...], tuple[int, ...]]:
    return candidate.assignment.kinds, candidate.assignment.columns


def _is_as_likely(candidate: _Candidate, best: _Candidate) -> bool:
    """Return whether another reading of the same columns is to be thought of as well."""
    return candidate.assignment.swaps(best.assignment) or (
        {*candidate.assignment.columns} == {*best.assignment.columns}
        and not best.assignment.is_sure
        and _rank(candidate)[:-2] == _rank(best)[:-2]
    )


def _rank(candidate: _Candidate) -> tuple[int, ...]:
    """Sort equal steps first; of unequal ones the surest and most alike, that a missing date is
    named by.

    A date that is sure needs no more parts than it takes to go on in equal steps; else the more
    that fit, side by side, the better.
    """
    assignment, moments, is_regular, confirmations = candidate
    n = len(assignment.columns)
    order, undated = ORDERS.index(assignment.kinds), moments.count(None)
    if is_regular and assignment.is_sure:
        return (0, 0, undated, n, order)
    if is_regular:
        between = max(assignment.columns) - min(assignment.columns) + 1 - n
        is_seldom = int(is_seldom_meant(assignment.kinds, assignment.columns))
        return (0, 1, undated, -confirmations, between, -n, is_seldom, order)
    doubt = (
        0
        if assignment.is_sure
        else round(100 - 100 * _share_of_single_steps(moments, assignment.kinds[-1]))
    )
    return (1, doubt, -round(10 * _share_of_usual_step(moments)), n, undated)


def _assignments(table: Table, places: Sequence[int]) -> Iterator[_Assignment]:
    fitting = fitting_columns(table, places)
    for kinds in ORDERS:
        for chosen in islice(product(*(fitting[kind] for kind in kinds)), _MOST_OF_AN_ORDER):
            columns = tuple(at for at, _sure in chosen)
            if len(set(columns)) == len(columns):
                sure = [is_sure for _at, is_sure in chosen]
                # A year needs no heading beside the name of a month.
                is_sure = all(sure) or (len(sure) > 1 and kinds[0] == "year" and all(sure[1:]))
                if is_sure or "epoch" not in kinds:
                    yield _Assignment(kinds, columns, is_sure)


def _leaves_numbers(table: Table, columns: Sequence[int]) -> bool:
    return any(
        at not in columns and mostly(cells, is_quantity) for at, cells in enumerate(table.columns)
    )


def _parts(
    cells: Sequence[str], patterns: Sequence["re.Pattern[str]"]
) -> Iterator[Mapping[str, str | None] | None]:
    """Yield the parts of a date that each cell holds, None for a cell without."""
    usual = patterns[0]
    for cell in cells:
        match = usual.fullmatch(cell)
        if match is None:
            found = next(
                ((pattern, m) for pattern in patterns if (m := pattern.fullmatch(cell))), None
            )
            if found is None:
                yield None
                continue
            usual, match = found
        yield match.groupdict()


def _repeated_parts(
    cells: Sequence[str], patterns: Sequence["re.Pattern[str]"]
) -> Iterator[Mapping[str, str | None] | None]:
    """Yield the same of a column in which cells come again, without the parts that a cell does not
    hold.
    """
    distinct = list(dict.fromkeys(cells))
    parts = {
        cell: None
        if found is None
        else {part: text for part, text in found.items() if text is not None}
        for cell, found in zip(distinct, _parts(distinct, patterns), strict=True)
    }
    return (parts[cell] for cell in cells)


def _joined(row: Sequence[Mapping[str, str | None] | None]) -> PartialDate | None:
    """Return the moment of a row whose cells each hold parts; None if one holds none, or two the
    same.
    """
    parts: dict[str, str | None] = {}
    n = 0
    for cell in row:
        if cell is None:
            return None
        parts.update(cell)
        n += len(cell)
    return moment_of(parts) if len(parts) == n else None


def _is_regular(moments: Sequence[PartialDate | None]) -> bool:
    """Return whether dates go on in equal steps; rows before and after them, if they are few, don't
    count.
    """
    dated = [at for at, moment in enumerate(moments) if moment is not None]
    if len(dated) <= len(moments) / 2:
        return False
    inner = [moment for moment in moments[dated[0] : dated[-1] + 1] if moment is not None]
    return len(inner) == dated[-1] + 1 - dated[0] and timeline_of(inner) is not None


def _is_credible(
    table: Table, assignment: _Assignment, moments: Sequence[PartialDate | None]
) -> bool:
    """Return whether dates that are not in equal steps are dates nevertheless, some of them
    mistaken or missing.
    """
    if assignment.kinds[0] in SHORT:
        years = [moment.year for moment in moments if moment] or [0]
        is_one_century = max(years) - min(years) < _LONGEST_SHORT
        return (
            is_one_century
            and _share_of_usual_step(moments) >= 0.9
            and _share_of_years(moments) <= 0.5
        )
    if assignment.kinds[0] == "span":
        return _share_of_single_steps(moments, "year") >= 0.9
    if (
        assignment.kinds[-1] in ("decimal", "compact", "year week", "year quarter")
        and not assignment.is_sure
    ):
        return False
    if assignment.kinds[0] == "year" and not names_year(table.headings[assignment.columns[0]]):
        # Nothing but the cells says that these are years: 1200, 1237, 1274 may be what was sold.
        years = [moment.year for moment in moments if moment is not None]
        further = [after - before for before, after in pairwise(years) if after != before]
        if further and max(further.count(1), further.count(-1)) <= len(further) / 2:
            return False
    if assignment.kinds == ("year",):
        return _share_of_single_steps(moments, "year") > 0.5 or (
            assignment.is_sure and _is_monotone(moments)
        )
    return assignment.is_sure or _goes_on(assignment, moments)


def _is_monotone(moments: Sequence[PartialDate | None]) -> bool:
    pairs = [
        (before.instant, after.instant) for before, after in pairwise(moments) if before and after
    ]
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)


_BY_CLOCK = {"decimal", "compact", "time", "half day", "hour minute", "minute", "second", "epoch"}


def _goes_on(assignment: _Assignment, moments: Sequence[PartialDate | None]) -> bool:
    """Return whether nine dates of ten follow the one before by a single step of the part that a
    column may hold.
    """
    if _BY_CLOCK & {*assignment.kinds}:
        return _is_regular(moments)
    if _share_of_single_steps(moments, assignment.kinds[-1]) >= 0.9:
        return True
    return (
        assignment.kinds == ("year", "month", "day")
        and _share_of_single_steps(moments, "month") == 1.0
    )


def _share_of_single_steps(moments: Sequence[PartialDate | None], kind: str) -> float:
    dated = [moment for moment in moments if moment is not None]
    if len(dated) < max(2, 0.9 * len(moments)):
        return 0.0
    divisor = {"year": 12, "half": 6, "quarter": 3, "year quarter": 3, "month": 1}.get(kind)
    if divisor is not None:
        ordinals = [moment.months // divisor for moment in dated]
    else:
        size = {"week": 7 * 86_400, "year week": 7 * 86_400, "hour": 3_600}.get(kind, 86_400)
        ordinals = [moment.seconds // size for moment in dated]
    differences = [after - before for before, after in pairwise(ordinals)]
    if kind.startswith("day") and (timeline := timeline_of(dated)) and timeline.days:
        return 1.0
    return max(differences.count(1), differences.count(-1)) / len(differences)


def _share_of_usual_step(moments: Sequence[PartialDate | None]) -> float:
    """Return which share of the dates follow the one before by the commonest step forwards or
    backwards.
    """
    dated = [moment for moment in moments if moment is not None]
    steps = [
        Counter(abs(after - before) for before, after in pairwise(ordinals))
        for ordinals in ([moment.months for moment in dated], [moment.instant for moment in dated])
    ]
    return max((n for counter in steps for step, n in counter.items() if step), default=0) / max(
        1, len(dated) - 1
    )


def _share_of_years(moments: Sequence[PartialDate | None]) -> float:
    """Return which share of the dates are the same day as the one before in another year."""
    dated = [moment for moment in moments if moment is not None]
    same = sum(a.year != b.year and a[1:3] == b[1:3] for a, b in pairwise(dated))
    return same / max(1, len(dated) - 1)


_SAID: Mapping[str, Callable[[PartialDate], int]] = {
    "year": lambda moment: moment.year,
    "quarter": lambda moment: (moment.month + 2) // 3,
    "half": lambda moment: (moment.month + 5) // 6,
    "month": lambda moment: moment.month,
    "week": lambda moment: _day_of(moment).isocalendar().week,
    "day of year": lambda moment: _day_of(moment).timetuple().tm_yday,
    "day": lambda moment: moment.day or 0,
    "hour": lambda moment: -1 if moment.second is None else moment.second // 3_600,
    "minute": lambda moment: -1 if moment.second is None else moment.second // 60 % 60,
    "compact": lambda moment: int(_day_of(moment).strftime("%Y%m%d")),
}
"""What a whole number beside a date may repeat of it."""


def _day_of(moment: PartialDate) -> date:
    return date(moment.year, moment.month, moment.day or 1)


def _repeats(table: Table, at: int, moments: Sequence[PartialDate | None]) -> bool:
    """Return whether a column says of each row's date a part of what is known already, whatever its
    heading.
    """
    rows = [
        (cell, moment) for cell, moment in zip(table.columns[at], moments, strict=False) if moment
    ][:_SAMPLE]
    if all(is_integer(cell) for cell, _moment in rows):
        numbers = [(int(cell), moment) for cell, moment in rows]
        is_varying = len({*table.columns[at]}) > 1
        return any(
            (is_varying or is_named(table, at, name))
            and all(n == part(moment) for n, moment in numbers)
            for name, part in _SAID.items()
        )
    return _is_decimal(table, at, moments)


def _is_decimal(table: Table, at: int, moments: Sequence[PartialDate | None]) -> bool:
    """Return whether a column has the dates as years with decimals, 1749.042 for January 1749."""
    rows = [
        (cell, moment)
        for cell, moment in zip(table.columns[at][:_SAMPLE], moments, strict=False)
        if moment
    ]
    if not any(shapes.DECIMAL_YEAR.fullmatch(cell) for cell, _moment in rows[:_PROBE]):
        return False
    found = [
        (shapes.DECIMAL_YEAR.fullmatch(cell), moment)
        for cell, moment in rows
        if not is_missing(cell)
    ]
    if not any(match and match["fraction"] for match, _moment in found):
        return False
    ordinals = sorted(moment.seconds for _match, moment in found)
    step = median([after - before for before, after in pairwise(ordinals)] or [_YEAR / 12]) / _YEAR
    misses = 0
    for match, moment in found:
        there = moment.year + (moment.seconds - PartialDate(moment.year, 1, 1).seconds) / _YEAR
        decimal = int(match["year"]) + float(f"0.{match['fraction'] or 0}") if match else 0.0
        misses += not -_NEAR <= decimal - there <= step + _NEAR
        if misses > 0.01 * len(found):
            return False
    return True
