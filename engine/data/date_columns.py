"""Which columns of a table hold dates, and which part of a date each of them holds."""

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
    is_unlikely_layout,
    names_year,
)
from engine.data.dates import PartialDate, moment_of
from engine.data.numbers import is_integer, is_missing, is_quantity, mostly
from engine.data.steps import timeline_of
from engine.data.table import Table

_SAMPLE, _LONG_SAMPLE = SAMPLE, 3_000
"""How many of the first rows decide what a column may be, and which possible dates are meant."""
_MOST_ASSIGNMENTS, _MOST_OF_AN_ORDER = 600, 40
_PROBE = 20
_LONGEST_SHORT = 90
"""The most years that dates with two-digit years may span.

More means dates of two centuries, out of order.
"""
_YEAR = 365.25 * 86_400
_NEAR = 0.006
"""Two days of a year."""


@dataclass(frozen=True)
class DateColumns:
    """Columns that hold dates, and the dates in each way in which they can be read."""

    columns: tuple[int, ...]
    """The indices of the columns that are read, from 0."""
    readings: Sequence[Sequence[PartialDate | None]]
    """A date per row, None if there is no such date.

    Several readings if the table does not decide which is meant.
    """
    headings: tuple[str, ...] = ("",)
    """For each reading, the headings that would select it; "" if none could."""
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
    """Whether the headings or the cells themselves say so: ``Year``, ``January``, ``M01``."""

    def swaps(self, other: "_Assignment") -> bool:
        """Return whether one of the two takes days for months and the other does not."""
        return self.columns == other.columns and any(
            {self.kinds[0], other.kinds[0]} <= group for group in SWAPPED
        )

    def moments(self, table: Table, stop: int | None = None) -> list[PartialDate | None]:
        """Return the date of each row before ``stop``."""
        columns = [
            (table.columns[index][:stop], (*KINDS[kind].patterns, *KINDS[kind].rarer))
            for kind, index in zip(self.kinds, self.columns, strict=True)
        ]
        if len(columns) == 1:
            return [None if parts is None else moment_of(parts) for parts in _parts(*columns[0])]
        return [
            _join_parts(row)
            for row in zip(*(_repeated_parts(*column) for column in columns), strict=True)
        ]


class _Candidate(NamedTuple):
    """An assignment that may be meant, and the first dates that it gives."""

    assignment: _Assignment
    moments: Sequence[PartialDate | None]
    is_regular: bool
    """Whether they are in equal steps."""
    confirmations: int
    """How many columns of decimal years beside the dates agree with them."""


def date_columns(table: Table, chosen: int | None) -> DateColumns | None:
    """Return the columns that hold dates; None if there are none.

    Columns whose cells could be parts of dates, with nothing else to say so, are taken for dates if
    these then follow each other in single steps. There are several readings if that is true of
    several.
    """
    places = [index for index in range(len(table.columns)) if index != chosen]
    possible: list[_Candidate] = []
    for assignment in islice(_assignments(table, places), _MOST_ASSIGNMENTS):
        if chosen is None and not _leaves_numbers(table, assignment.columns):
            continue
        if assignment.is_sure or _is_consecutive(assignment, assignment.moments(table, _SAMPLE)):
            moments = assignment.moments(table, _LONG_SAMPLE)
            is_regular = _is_regular(moments) and not _is_chance(assignment, moments)
            if is_regular or _is_credible(table, assignment, moments):
                decimal = [
                    index
                    for index in places
                    if index not in assignment.columns and _is_decimal(table, index, moments)
                ]
                possible.append(_Candidate(assignment, moments, is_regular, len(decimal)))
    if not possible:
        return None
    best = min(possible, key=_rank)
    columns = best.assignment.columns
    meant = [
        candidate for candidate in possible if candidate is best or _is_as_likely(candidate, best)
    ]
    if seldom := [candidate for candidate in meant if not is_unlikely_layout(*_layout(candidate))]:
        meant = seldom
    readings = [candidate.assignment.moments(table) for candidate in meant]
    fewest = min(moments.count(None) for moments in readings)
    best_readings = [
        index for index, moments in enumerate(readings) if moments.count(None) == fewest
    ]
    return DateColumns(
        columns,
        [readings[index] for index in best_readings],
        tuple(
            ""
            if any(meant[index].assignment.kinds[0] in pair for pair in SWAPPED)
            else headings_for(*_layout(meant[index]))
            for index in best_readings
        ),
        frozenset(
            index
            for index in places
            if index not in columns and _repeats(table, index, best.moments)
        )
        | _parts_not_needed(table, best, possible),
        best.assignment.kinds[0] in SHORT,
    )


def _parts_not_needed(
    table: Table, best: _Candidate, possible: Sequence[_Candidate]
) -> frozenset[int]:
    """Return the columns of a finer date that the dates do without.

    Such as a day that is always the first, or always the last.
    """
    columns = {*best.assignment.columns}
    return frozenset(
        index
        for candidate in possible
        if candidate.is_regular
        and candidate.assignment.is_sure
        and columns < {*candidate.assignment.columns}
        for index in candidate.assignment.columns
        if index not in columns
        and (len({*table.columns[index]}) == 1 or all(map(_ends_month, candidate.moments)))
    )


def _is_chance(assignment: _Assignment, moments: Sequence[PartialDate | None]) -> bool:
    """Return whether equal steps of such dates prove nothing.

    2001-02 alone is not a span of years, and Jan-01 to Jan-20 are not years.
    """
    if assignment.kinds[0] == "span":
        return len(moments) == 1
    return assignment.kinds[0] == "short date" and _share_of_years(moments) > 0.5


def _ends_month(moment: PartialDate | None) -> bool:
    return moment is None or moment.day == monthrange(moment.year, moment.month)[1]


def _layout(candidate: _Candidate) -> tuple[tuple[str, ...], tuple[int, ...]]:
    return candidate.assignment.kinds, candidate.assignment.columns


def _is_as_likely(candidate: _Candidate, best: _Candidate) -> bool:
    """Return whether another reading of the same columns must be considered too."""
    return candidate.assignment.swaps(best.assignment) or (
        {*candidate.assignment.columns} == {*best.assignment.columns}
        and not best.assignment.is_sure
        and _rank(candidate)[:-2] == _rank(best)[:-2]
    )


def _rank(candidate: _Candidate) -> tuple[int, ...]:
    """Return a sort key: equal steps first, then the surest and most regular of the unequal ones.

    The dates ranked first are those that an error about a missing date names. Sure dates need no
    more parts than give equal steps; otherwise, the more parts fit, side by side, the better.
    """
    assignment, moments, is_regular, confirmations = candidate
    n = len(assignment.columns)
    order, undated = ORDERS.index(assignment.kinds), moments.count(None)
    if is_regular and assignment.is_sure:
        return (0, 0, undated, n, order)
    if is_regular:
        between = max(assignment.columns) - min(assignment.columns) + 1 - n
        is_seldom = int(is_unlikely_layout(assignment.kinds, assignment.columns))
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
            columns = tuple(index for index, _sure in chosen)
            if len(set(columns)) == len(columns):
                sure = [is_sure for _index, is_sure in chosen]
                # A year needs no heading beside the name of a month.
                is_sure = all(sure) or (len(sure) > 1 and kinds[0] == "year" and all(sure[1:]))
                if is_sure or "epoch" not in kinds:
                    yield _Assignment(kinds, columns, is_sure)


def _leaves_numbers(table: Table, columns: Sequence[int]) -> bool:
    return any(
        index not in columns and mostly(cells, is_quantity)
        for index, cells in enumerate(table.columns)
    )


def _parts(
    cells: Sequence[str], patterns: Sequence["re.Pattern[str]"]
) -> Iterator[Mapping[str, str | None] | None]:
    """Yield the parts of a date that each cell holds, None for a cell without any."""
    last_pattern = patterns[0]
    for cell in cells:
        match = last_pattern.fullmatch(cell)
        if match is None:
            fitting = next(
                ((pattern, m) for pattern in patterns if (m := pattern.fullmatch(cell))), None
            )
            if fitting is None:
                yield None
                continue
            last_pattern, match = fitting
        yield match.groupdict()


def _repeated_parts(
    cells: Sequence[str], patterns: Sequence["re.Pattern[str]"]
) -> Iterator[Mapping[str, str | None] | None]:
    """Yield the same for a column with repeated cells, without the parts that a cell lacks."""
    distinct = list(dict.fromkeys(cells))
    parts = {
        cell: None
        if groups is None
        else {part: text for part, text in groups.items() if text is not None}
        for cell, groups in zip(distinct, _parts(distinct, patterns), strict=True)
    }
    return (parts[cell] for cell in cells)


def _join_parts(row: Sequence[Mapping[str, str | None] | None]) -> PartialDate | None:
    """Return the date of a row whose cells each hold parts.

    None if one holds none, or two hold the same part.
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
    """Return whether dates are in equal steps, ignoring a few rows without dates at either end."""
    dated = [index for index, moment in enumerate(moments) if moment is not None]
    if len(dated) <= len(moments) / 2:
        return False
    inner = [moment for moment in moments[dated[0] : dated[-1] + 1] if moment is not None]
    return len(inner) == dated[-1] + 1 - dated[0] and timeline_of(inner) is not None


def _is_credible(
    table: Table, assignment: _Assignment, moments: Sequence[PartialDate | None]
) -> bool:
    """Return whether dates in unequal steps are still dates, some of them wrong or missing."""
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
        # Only the cells say that these are years: 1200, 1237, 1274 may be quantities sold.
        years = [moment.year for moment in moments if moment is not None]
        further = [
            following - previous for previous, following in pairwise(years) if following != previous
        ]
        if further and max(further.count(1), further.count(-1)) <= len(further) / 2:
            return False
    if assignment.kinds == ("year",):
        return _share_of_single_steps(moments, "year") > 0.5 or (
            assignment.is_sure and _is_monotone(moments)
        )
    return assignment.is_sure or _is_consecutive(assignment, moments)


def _is_monotone(moments: Sequence[PartialDate | None]) -> bool:
    pairs = [
        (previous.instant, following.instant)
        for previous, following in pairwise(moments)
        if previous and following
    ]
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)


_BY_CLOCK = {"decimal", "compact", "time", "half day", "hour minute", "minute", "second", "epoch"}


def _is_consecutive(assignment: _Assignment, moments: Sequence[PartialDate | None]) -> bool:
    """Return whether nine dates in ten are a single step after the one before.

    The step is that of the finest part that a column may hold.
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
    differences = [following - previous for previous, following in pairwise(ordinals)]
    if kind.startswith("day") and (timeline := timeline_of(dated)) and timeline.days:
        return 1.0
    return max(differences.count(1), differences.count(-1)) / len(differences)


def _share_of_usual_step(moments: Sequence[PartialDate | None]) -> float:
    """Return the share of dates that follow the one before by the commonest step, either way."""
    dated = [moment for moment in moments if moment is not None]
    steps = [
        Counter(abs(following - previous) for previous, following in pairwise(ordinals))
        for ordinals in ([moment.months for moment in dated], [moment.instant for moment in dated])
    ]
    return max((n for counter in steps for step, n in counter.items() if step), default=0) / max(
        1, len(dated) - 1
    )


def _share_of_years(moments: Sequence[PartialDate | None]) -> float:
    """Return the share of dates that are the same day as the one before, in another year."""
    dated = [moment for moment in moments if moment is not None]
    same = sum(a.year != b.year and a[1:3] == b[1:3] for a, b in pairwise(dated))
    return same / max(1, len(dated) - 1)


_NUMBER_PARTS: Mapping[str, Callable[[PartialDate], int]] = {
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


def _repeats(table: Table, index: int, moments: Sequence[PartialDate | None]) -> bool:
    """Return whether a column repeats a part of each row's date, whatever its heading."""
    rows = [
        (cell, moment)
        for cell, moment in zip(table.columns[index], moments, strict=False)
        if moment
    ][:_SAMPLE]
    if all(is_integer(cell) for cell, _moment in rows):
        numbers = [(int(cell), moment) for cell, moment in rows]
        is_varying = len({*table.columns[index]}) > 1
        return any(
            (is_varying or is_named(table, index, name))
            and all(n == part(moment) for n, moment in numbers)
            for name, part in _NUMBER_PARTS.items()
        )
    return _is_decimal(table, index, moments)


def _is_decimal(table: Table, index: int, moments: Sequence[PartialDate | None]) -> bool:
    """Return whether a column holds the dates as decimal years, 1749.042 for January 1749."""
    rows = [
        (cell, moment)
        for cell, moment in zip(table.columns[index][:_SAMPLE], moments, strict=False)
        if moment
    ]
    if not any(shapes.DECIMAL_YEAR.fullmatch(cell) for cell, _moment in rows[:_PROBE]):
        return False
    matches = [
        (shapes.DECIMAL_YEAR.fullmatch(cell), moment)
        for cell, moment in rows
        if not is_missing(cell)
    ]
    if not any(match and match["fraction"] for match, _moment in matches):
        return False
    ordinals = sorted(moment.seconds for _match, moment in matches)
    step = (
        median([following - previous for previous, following in pairwise(ordinals)] or [_YEAR / 12])
        / _YEAR
    )
    misses = 0
    for match, moment in matches:
        actual = moment.year + (moment.seconds - PartialDate(moment.year, 1, 1).seconds) / _YEAR
        decimal = int(match["year"]) + float(f"0.{match['fraction'] or 0}") if match else 0.0
        misses += not -_NEAR <= decimal - actual <= step + _NEAR
        if misses > 0.01 * len(matches):
            return False
    return True
