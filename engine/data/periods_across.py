"""Headings that are consecutive periods of time: a column per month, hour or weekday."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from engine.data import dates as shapes
from engine.data.calendar_names import fold, month_named, months_by_initials, weekdays_in
from engine.data.date_parts import is_named_as_date
from engine.data.dates import is_date, quarter_number, semester_number
from engine.data.numbers import is_integer, is_quantity, mostly
from engine.data.table import Table
from engine.errors import UsageError
from engine.language import _

_SEASONS = frozenset({
    "winter", "spring", "summer", "autumn", "fall", "djf", "mam", "jja", "son", "invierno",
    "primavera", "verano",
    "otono", "fruhling", "fruhjahr", "sommer", "herbst", "hiver", "printemps", "ete", "automne",
    "inverno", "estate",
    "autunno", "verao", "outono",
})  # fmt: skip


class Periods(NamedTuple):
    """Columns that are consecutive periods."""

    kind: str
    """month, quarter, half, season, day, weekday or hour."""
    columns: range
    is_whole: bool = False
    """Whether they make up one of a larger kind, from its beginning: January to December."""


def months_across(headings: Sequence[str]) -> dict[int, int]:
    """Return the months, by index, of twelve adjacent headings that are initials; {} if none."""
    first = months_by_initials(headings)
    return {} if first is None else {first + n: n + 1 for n in range(12)}


def periods_across(table: Table) -> Periods | None:
    """Return the columns of numbers whose headings are periods; None if there are none."""
    candidates = [
        periods
        for find in (_find_named, _find_times, _find_counted)
        if (periods := find(table.headings))
    ]
    for periods in sorted(candidates, key=lambda periods: -len(periods.columns)):
        others = [index for index in range(len(table.columns)) if index not in periods.columns]
        if not all(
            mostly(table.columns[index], is_quantity) or not any(table.columns[index])
            for index in periods.columns
        ):
            continue
        # Q1 to Q4 may be the questions of a survey, and H1 and H2 heats.
        if periods.kind in ("quarter", "half") and (
            any(mostly(table.columns[index], is_date) for index in others)
            or not any(
                is_named_as_date(table.headings[index]) or not table.headings[index]
                for index in others
            )
        ):
            continue
        return periods
    return None


def no_single_series_error(table: Table, periods: Periods) -> UsageError:
    """Return the error about columns of periods that can't be put in order of time."""
    first, last = (table.headings[periods.columns[end]] for end in (0, -1))
    message, step = {
        "month": (_("{origin} has a column per month ({first} to {last})."), _("month")),
        "quarter": (_("{origin} has a column per quarter ({first} to {last})."), _("quarter")),
        "half": (_("{origin} has a column per half year ({first} to {last})."), _("half year")),
        "season": (_("{origin} has a column per season ({first} to {last})."), _("season")),
        "day": (_("{origin} has a column per day ({first} to {last})."), _("day")),
        "weekday": (_("{origin} has a column per weekday ({first} to {last})."), _("day")),
        "hour": (_("{origin} has a column per time of day ({first} to {last})."), _("time")),
    }[periods.kind]
    remedy = _("The order of its lines is uncertain: write a line for each {step}, as date,value")
    if periods.is_whole and periods.kind in ("month", "quarter", "half"):
        remedy = _(
            "Give each line its year, with four digits, or write a line for each {step}, as "
            "date,value"
        )
    return UsageError(
        message.format(origin=table.origin, first=first[:40], last=last[:40]),
        remedy.format(step=step),
    )


def _find_named(headings: Sequence[str]) -> Periods | None:
    """Return headings with the names of months, quarters, halves, seasons or weekdays."""
    finders: tuple[tuple[str, Callable[[str], int], int, int], ...] = (
        ("month", month_named, 12, 3),
        ("quarter", quarter_number, 4, 3),
        ("half", semester_number, 2, 2),
    )
    for kind, number, size, fewest in finders:
        numbers = [number(heading) for heading in headings]
        run = _longest_run(numbers, partial(_is_next, size))
        if len(run) >= fewest and numbers[run[0]]:
            return Periods(kind, run, len(run) == size and numbers[run[0]] == 1)
    if by_initials := months_across(headings):
        return Periods("month", range(min(by_initials), max(by_initials) + 1), is_whole=True)
    if weekdays := weekdays_in(headings):
        return Periods("weekday", weekdays)
    run = _longest_run(
        [int(fold(heading) in _SEASONS) for heading in headings], lambda a, b: a == b == 1
    )
    return Periods("season", run) if len(run) >= 3 else None


def _is_next(size: int, previous: int, following: int) -> bool:
    return previous > 0 and following == previous % size + 1


def _find_times(headings: Sequence[str]) -> Periods | None:
    """Return headings with times of day, 00:00 or HE01, in equal steps."""
    minutes = [_minutes(heading) for heading in headings]
    steps = [
        following - previous
        for previous, following in pairwise(minutes)
        if min(previous, following) >= 0
    ]
    step = min((step for step in steps if step > 0), default=0)
    run = _longest_run(minutes, lambda a, b: a >= 0 and b == a + step)
    return Periods("hour", run) if step and len(run) >= 6 else None


def _minutes(heading: str) -> int:
    """Return the minutes since midnight that a heading means; -1 if it is not a time."""
    match = shapes.TIME.fullmatch(heading) or (
        None if heading.isdigit() else shapes.HOUR.fullmatch(heading)
    )
    if match is None:
        return -1
    return int(match["hour"]) * 60 + int(match.groupdict().get("minute") or 0)


def _find_counted(headings: Sequence[str]) -> Periods | None:
    """Return headings that count a year's months, a day's hours or a month's days."""
    numbers = [int(heading) if is_integer(heading) else -1 for heading in headings]
    run = _longest_run(numbers, lambda a, b: a >= 0 and b == a + 1)
    first, n = numbers[run[0]], len(run)
    if (first, n) == (1, 12):
        return Periods("month", run, is_whole=True)
    if first in (0, 1) and n == 24:
        return Periods("hour", run)
    return Periods("day", run) if first == 1 and 28 <= n <= 31 else None


def _longest_run(numbers: Sequence[int], follows: Callable[[int, int], bool]) -> range:
    """Return the longest range of positions each of which follows the one before."""
    best, start = range(1), 0
    for index in range(1, len(numbers) + 1):
        if index == len(numbers) or not follows(numbers[index - 1], numbers[index]):
            best = max(best, range(start, index), key=len)
            start = index
    return best
