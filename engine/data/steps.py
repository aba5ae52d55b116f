"""Whether dates go on in equal steps, forwards or backwards, and which one is to blame if they don't."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from engine.data.dates import Moment, Steps, in_utc
from engine.errors import UsageError
from engine.language import _

_DAY = 86_400
_FRIDAY, _SATURDAY = 4, 5
_FEWEST_STEPS_AROUND_HOLE = 10
_LONGEST_CLOSURE = 10
"""Weekdays on which a market may be closed in a row."""


class Timeline(NamedTuple):
    """Dates in equal steps, the earliest first."""

    steps: Steps | None
    """None if they can only be counted."""
    is_backwards: bool = False
    """Whether the table has the latest first."""
    is_utc: bool = False
    """Whether they are equal by the clock of UTC alone: the offset from it changes."""
    days: tuple[date, ...] = ()
    """All of them if they are business days."""
    holidays: tuple[date, ...] = ()
    """Weekdays between the first and the last that are left out."""
    hole: tuple[Moment, Moment] | None = None
    """The last date before a hole in the series, and the first one after it."""


def timeline_of(moments: Sequence[Moment]) -> Timeline | None:
    """Return the equal steps in which dates go on; None if they don't."""
    is_backwards = descend(moments)
    ordered = moments[::-1] if is_backwards else moments
    if steps := steps_of(ordered):
        return Timeline(steps, is_backwards)
    if any(moment.offset is not None for moment in ordered):
        steps = steps_of([in_utc(moment) for moment in ordered])
        if steps:
            return Timeline(steps, is_backwards, is_utc=True)
    return _business_days(ordered, is_backwards)


def descend(moments: Sequence[Moment]) -> bool:
    """Return whether each date is earlier than the one before it."""
    return len(moments) > 1 and all(after.instant < before.instant for before, after in pairwise(moments))


def steps_of(moments: Sequence[Moment]) -> Steps | None:
    """Return the equal steps in which ascending dates go on, months for a single one; None if they don't."""
    first = moments[0]._replace(is_week=False)
    if len(moments) == 1:
        return Steps(str(first)[:7], "M")
    months = [moment.months for moment in moments]
    for frequency, ordinals in (
        ("M", months),
        ("Q", [month // 3 for month in months]),
        ("Y", [moment.year for moment in moments]),
    ):
        if _distance(ordinals) == 1:
            return Steps(str(first)[:7], frequency)
    if (distance := _distance(months)) and _distance([moment.day or 0 for moment in moments]) == 0:
        return Steps(str(first)[:7], f"{distance}M")
    if all(moment.day is not None for moment in moments) and (distance := _distance([m.seconds for m in moments])):
        sizes = [("D", _DAY), ("h", 3_600), ("min", 60), ("s", 1)]
        for frequency, size in [("W-SUN", 7 * _DAY), *sizes] if moments[0].is_week else sizes:
            if distance % size == 0:
                count = distance // size
                return Steps(str(first), frequency if count == 1 else f"{count}{frequency}")
    return None


def _distance(ordinals: Sequence[int]) -> int:
    """Return the distance between any two neighbours, 0 where they differ or go back."""
    distance = ordinals[1] - ordinals[0]
    return max(0, distance) if all(after - before == distance for before, after in pairwise(ordinals)) else 0


def _weekdays(moments: Sequence[Moment]) -> list[date]:
    """Return the days of dates that are on weekdays only, a Monday somewhere after a Friday; else nothing."""
    if any(moment.day is None or moment.second != moments[0].second for moment in moments):
        return []
    days = [date(moment.year, moment.month, moment.day or 1) for moment in moments]
    if any(day.weekday() >= _SATURDAY for day in days):
        return []
    over_weekend = any(a.weekday() == _FRIDAY and (b - a).days == 3 for a, b in pairwise(days))
    return days if over_weekend else []


def _weekday_number(day: date) -> int:
    """Count weekdays: the Monday after a Friday is the next."""
    week, weekday = divmod(day.toordinal() - 1, 7)
    return 5 * week + min(weekday, 5)


def _business_days(moments: Sequence[Moment], is_backwards: bool) -> Timeline | None:
    """Return the timeline of weekdays of which few are left out, as holidays are; None if it is none."""
    days = _weekdays(moments)
    numbers = [_weekday_number(day) for day in days]
    gaps = [after - before - 1 for before, after in pairwise(numbers)]
    if not days or min(gaps) < 0 or max(gaps) > _LONGEST_CLOSURE or sum(gaps) > max(1, len(days) // 10):
        return None
    holidays = tuple(
        date.fromordinal(7 * (number // 5) + number % 5 + 1)
        for before, after in pairwise(numbers)
        for number in range(before + 1, after)
    )
    return Timeline(Steps(str(days[0]), "B"), is_backwards, days=tuple(days), holidays=holidays)


def _hole(moments: Sequence[Moment]) -> tuple[Moment, Moment] | None:
    """Return the dates around a hole longer than all that is there, equal steps before and after it.

    Nobody would fill such a hole. None if there is none, or another mistake.
    """
    for _unit, ordinals in _scales(moments):
        distances = [after - before for before, after in pairwise(ordinals)]
        distance, times = Counter(distances).most_common(1)[0]
        if distance > 0 and times == len(distances) - 1 >= _FEWEST_STEPS_AROUND_HOLE:
            at = next(n for n, other in enumerate(distances) if other != distance)
            if distances[at] > distance * len(moments) and 0 < at < len(distances) - 1:
                return moments[at], moments[at + 1]
    return None


def check_order(moments: Sequence[Moment], lines: Sequence[int | str], origin: str) -> Timeline:
    """Return the timeline of dates that must go on in equal steps.

    Around a hole that is longer than the series they are only counted. Raises
    :class:`UsageError`, which names the first line that is to blame, if a date comes twice or too early, if one
    is missing, and if they are unequally far apart.
    """
    if timeline := timeline_of(moments):
        return timeline
    descends = descend(moments)
    if descends:
        moments, lines = moments[::-1], lines[::-1]
    instants = [moment.instant for moment in moments]
    for index in range(1, len(moments)):
        if instants[index] <= instants[index - 1]:
            words = (
                _("{origin}, line {line}: {here} comes a second time.")
                if moments[index] in moments[max(0, index - 1_000) : index]
                else _("{origin}, line {line}: {here} comes after {before}: the dates are not in order.")
            )
            raise UsageError(
                words.format(origin=origin, line=lines[index], here=moments[index], before=moments[index - 1]),
                _("Put the lines in order, each date once, or have steps counted: --steps count"),
            )
    if hole := _hole(moments):
        return Timeline(None, descends, hole=hole)
    index, missing = _first_gap(moments)
    words = (
        _("{origin}, line {line}: {here} comes after {before}: {missing} is missing.")
        if missing
        else _("{origin}, line {line}: {here} comes after {before}: the dates do not go on in equal steps.")
    )
    raise UsageError(
        words.format(origin=origin, line=lines[index], here=moments[index], before=moments[index - 1], missing=missing),
        _("Fill the gap, or have steps counted: --steps count")
        if missing
        else _("Correct the dates, or have steps counted: --steps count"),
    )


def _first_gap(moments: Sequence[Moment]) -> tuple[int, str]:
    """Return where ascending dates first leave the step that most of them keep, and the date that is missing there."""
    for unit, ordinals in _scales(moments):
        distances = [after - before for before, after in pairwise(ordinals)]
        distance, times = Counter(distances).most_common(1)[0]
        if distance > 0 and 2 * times > len(distances):
            at = next((n for n, other in enumerate(distances, 1) if other != distance), None)
            if at is not None:
                return at, _after(moments[at - 1], unit, distance) if distances[at - 1] > distance else ""
    return 1, ""


def _scales(moments: Sequence[Moment]) -> Iterator[tuple[str, list[int]]]:
    yield "month", [moment.months for moment in moments]
    if days := _weekdays(moments):
        yield "weekday", list(map(_weekday_number, days))
    if all(moment.day is not None for moment in moments):
        yield "second", [moment.instant for moment in moments]


def _after(moment: Moment, unit: str, distance: int) -> str:
    if unit == "month":
        year, month = divmod(moment.months + distance, 12)
        return str(Moment(year, month + 1))
    if unit == "weekday":
        distance *= _DAY * (3 if date(moment.year, moment.month, moment.day or 1).weekday() == _FRIDAY else 1)
    days, second = divmod(moment.seconds + distance, _DAY)
    day = date.fromordinal(days)
    return str(Moment(day.year, day.month, day.day, None if moment.second is None else second, is_week=moment.is_week))
