"""Whether dates are in equal steps, forwards or backwards, and which date breaks them if not."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from engine.data.business_days import first_missing_workday, on_business_days
from engine.data.dates import PartialDate, Steps, to_utc
from engine.data.sessions import sessions_of
from engine.errors import UsageError
from engine.language import _, ngettext

_DAY = 86_400
_FEWEST_STEPS_AROUND_HOLE = 10
_CALENDAR = (("M", 1, 7), ("Q", 3, 10), ("Y", 12, 12))
"""Calendar steps: their length in months, and by how many days it may vary.

The last business day of a month is followed by that of the next one 26 to 35 days later.
"""
_MONTH_OF_DAYS = 30.44


class Timeline(NamedTuple):
    """Dates in equal steps, the earliest first."""

    steps: Steps | None
    """None if they can only be counted."""
    is_backwards: bool = False
    """Whether the table has the latest first."""
    is_utc: bool = False
    """Whether they are equal only in UTC, because the offset from it changes."""
    days: tuple[date, ...] = ()
    """All of them if they are business days."""
    holidays: tuple[date, ...] = ()
    """Working days between the first and the last that are left out."""
    hole: tuple[PartialDate, PartialDate] | None = None
    """The last date before a hole in the series, and the first one after it."""
    pause: tuple[PartialDate, PartialDate] | None = None
    """The same for the first pause, if it pauses at set times."""
    unread: str = ""
    """The first date as written, if the dates are written more finely than they are read."""


def timeline_of(moments: Sequence[PartialDate]) -> Timeline | None:
    """Return the timeline of dates in equal steps; None if the steps differ."""
    is_backwards = is_descending(moments)
    ordered = moments[::-1] if is_backwards else moments
    if steps := steps_of(ordered):
        return Timeline(steps, is_backwards)
    if any(moment.offset is not None for moment in ordered):
        steps = steps_of([to_utc(moment) for moment in ordered])
        if steps:
            return Timeline(steps, is_backwards, is_utc=True)
    days = _days(ordered)
    holidays = on_business_days(days)
    if holidays is not None:
        return Timeline(Steps(str(days[0]), "B"), is_backwards, days=tuple(days), holidays=holidays)
    sessions = sessions_of(ordered)
    if sessions is None or sessions.gap:
        return None
    return Timeline(
        None, is_backwards, pause=(ordered[sessions.first - 1], ordered[sessions.first])
    )


def is_descending(moments: Sequence[PartialDate]) -> bool:
    """Return whether each date is earlier than the one before it."""
    return len(moments) > 1 and all(
        following.instant < previous.instant for previous, following in pairwise(moments)
    )


def steps_of(moments: Sequence[PartialDate]) -> Steps | None:
    """Return the equal steps of ascending dates, months for a single date; None if they differ."""
    first = moments[0]._replace(is_week=False)
    if len(moments) == 1:
        return Steps(str(first)[:7], "M")
    months = [moment.months for moment in moments]
    distance = (
        _distance([m.seconds for m in moments])
        if all(moment.day is not None for moment in moments)
        else 0
    )
    # Every 30 days is not every month.
    if not (distance and len(moments) > 3 and len({moment.day for moment in moments}) > 1):
        for frequency, n, tolerance in _CALENDAR:
            if _distance([month // n for month in months]) == 1 and _are_months_apart(
                moments, n, tolerance
            ):
                return Steps(str(first)[:7], frequency)
        n = _distance(months)
        if n and _are_months_apart(moments, n, _CALENDAR[0 if n < 3 else 1 if n < 12 else 2][2]):
            return Steps(str(first)[:7], f"{n}M")
    if distance:
        sizes = [("D", _DAY), ("h", 3_600), ("min", 60), ("s", 1)]
        for frequency, size in [("W-SUN", 7 * _DAY), *sizes] if moments[0].is_week else sizes:
            if distance % size == 0:
                count = distance // size
                return Steps(str(first), frequency if count == 1 else f"{count}{frequency}")
    return None


def _are_months_apart(moments: Sequence[PartialDate], months: int, tolerance: int) -> bool:
    """Return whether days are about ``months`` apart: 31 January and 1 February are not."""
    if any(moment.day is None for moment in moments):
        return True
    days = [moment.seconds / _DAY for moment in moments]
    return all(
        abs(following - previous - months * _MONTH_OF_DAYS) <= tolerance
        for previous, following in pairwise(days)
    )


def _distance(ordinals: Sequence[int]) -> int:
    """Return the distance between neighbours, 0 if it varies or is negative."""
    distance = ordinals[1] - ordinals[0]
    return (
        max(0, distance)
        if all(following - previous == distance for previous, following in pairwise(ordinals))
        else 0
    )


def _days(moments: Sequence[PartialDate]) -> list[date]:
    """Return the days of dates that all have the same time; [] for others."""
    if any(moment.day is None or moment.second != moments[0].second for moment in moments):
        return []
    return [date(moment.year, moment.month, moment.day or 1) for moment in moments]


def _find_hole(moments: Sequence[PartialDate]) -> tuple[PartialDate, PartialDate] | None:
    """Return the dates around a hole longer than the whole series, with equal steps around it.

    Nobody would fill such a hole. None if there is no such hole, or another irregularity.
    """
    for _unit, ordinals in _scales(moments):
        distances = [following - previous for previous, following in pairwise(ordinals)]
        distance, times = Counter(distances).most_common(1)[0]
        if distance > 0 and times == len(distances) - 1 >= _FEWEST_STEPS_AROUND_HOLE:
            index = next(n for n, other in enumerate(distances) if other != distance)
            if distances[index] > distance * len(moments) and 0 < index < len(distances) - 1:
                return moments[index], moments[index + 1]
    return None


def check_order(
    moments: Sequence[PartialDate], lines: Sequence[int | str], origin: str
) -> Timeline:
    """Return the timeline of dates that must be in equal steps.

    With a hole longer than the series, they are only counted. Raises :class:`UsageError`, which
    names the first line to blame, if a date is repeated or out of order, if one is missing, and if
    the steps differ.
    """
    if timeline := timeline_of(moments):
        return timeline
    descends = is_descending(moments)
    if descends:
        moments, lines = moments[::-1], lines[::-1]
    instants = [moment.instant for moment in moments]
    for index in range(1, len(moments)):
        if instants[index] <= instants[index - 1]:
            problem = (
                _("{origin}, line {line}: {here} comes a second time.")
                if moments[index] in moments[max(0, index - 1_000) : index]
                else _(
                    "{origin}, line {line}: {here} comes after {before}: the dates are not in "
                    "order."
                )
            )
            raise UsageError(
                problem.format(
                    origin=origin, line=lines[index], here=moments[index], before=moments[index - 1]
                ),
                _("Put the lines in order, each date once, or have steps counted: --steps count"),
            )
    if hole := _find_hole(moments):
        return Timeline(None, descends, hole=hole)
    if gap := _first_gap(moments):
        index, missing = gap
        message = _("{origin}, line {line}: {here} comes after {before}: {missing} is missing.")
        raise UsageError(
            message.format(
                origin=origin,
                line=lines[index],
                here=moments[index],
                before=moments[index - 1],
                missing=missing,
            ),
            _("Fill the gap; if nothing is measured then, have steps counted: --steps count"),
        )
    raise _unequal_steps_error(moments, lines, origin)


def _unequal_steps_error(
    moments: Sequence[PartialDate], lines: Sequence[int | str], origin: str
) -> UsageError:
    """Return the error about dates with a step longer or shorter than the first one."""
    unit = _common_unit(moments)
    distances = [
        _distance_text(unit, previous, following) for previous, following in pairwise(moments)
    ]
    index = next((n for n, distance in enumerate(distances) if distance != distances[0]), 0)
    message = _(
        "{origin}, line {line}: the dates are not one step apart: {first} between {a} and {b}, "
        "{other} between {c} and {d}."
    )
    are_years = unit == 0 and len({moment.month for moment in moments}) == 1
    a, b, c, d = (
        str(moment)[: 4 if are_years else None]
        for moment in (*moments[:2], *moments[index : index + 2])
    )
    return UsageError(
        message.format(
            origin=origin,
            line=lines[index + 1],
            first=distances[0],
            a=a,
            b=b,
            other=distances[index],
            c=c,
            d=d,
        ),
        _("If each line is a step anyway, have steps counted: --steps count"),
    )


def _common_unit(moments: Sequence[PartialDate]) -> int:
    """Return the unit that divides all distances between dates: 0 for months, else seconds."""
    if any(moment.day is None for moment in moments):
        return 0
    distances = [following.instant - previous.instant for previous, following in pairwise(moments)]
    return next(
        size for size in (_DAY, 3_600, 60, 1) if all(distance % size == 0 for distance in distances)
    )


def _distance_text(unit: int, previous: PartialDate, following: PartialDate) -> str:
    """Return the distance between two dates as text."""
    if unit == 0:
        n = following.months - previous.months
        if n % 12 == 0:
            return ngettext("{n} year", "{n} years", n // 12).format(n=n // 12)
        return ngettext("{n} month", "{n} months", n).format(n=n)
    n = (following.instant - previous.instant) // unit
    forms = {
        _DAY: ngettext("{n:,} day", "{n:,} days", n),
        3_600: ngettext("{n:,} hour", "{n:,} hours", n),
        60: ngettext("{n:,} minute", "{n:,} minutes", n),
        1: ngettext("{n:,} second", "{n:,} seconds", n),
    }
    return forms[unit].format(n=n)


def _first_gap(moments: Sequence[PartialDate]) -> tuple[int, str] | None:
    """Return the index after the first gap in ascending dates, and the first missing date.

    None if most of them do not keep one step, or if other distances are not multiples of it: then
    nothing is missing.
    """
    if (sessions := sessions_of(moments)) and sessions.gap:
        index, moment = sessions.gap
        return index, str(moment)
    if missing := first_missing_workday(_days(moments)):
        index, day = missing
        return index, str(moments[index]._replace(year=day.year, month=day.month, day=day.day))
    for unit, ordinals in _scales(moments):
        distances = [following - previous for previous, following in pairwise(ordinals)]
        distance, times = Counter(distances).most_common(1)[0]
        if distance > 0 and len(distances) > times > len(distances) / 2:
            if any(other % distance or not other for other in distances):
                continue
            index = next(n for n, other in enumerate(distances, 1) if other != distance)
            return index, _after(moments[index - 1], unit, distance)
    return None


def _scales(moments: Sequence[PartialDate]) -> Iterator[tuple[str, list[int]]]:
    if all(
        _are_months_apart(pair, pair[1].months - pair[0].months, _CALENDAR[0][2])
        for pair in pairwise(moments)
    ):
        yield "month", [moment.months for moment in moments]
    if all(moment.day is not None for moment in moments):
        yield "second", [moment.instant for moment in moments]


def _after(moment: PartialDate, unit: str, distance: int) -> str:
    if unit == "month":
        year, month = divmod(moment.months + distance, 12)
        return str(PartialDate(year, month + 1))
    return str(
        (moment._replace(second=moment.seconds % _DAY + distance))
        .normalized()
        ._replace(is_week=moment.is_week, offset=moment.offset)
        if moment.second is not None
        else _days_later(moment, distance // _DAY)
    )


def _days_later(moment: PartialDate, days: int) -> PartialDate:
    later = date.fromordinal(date(moment.year, moment.month, moment.day or 1).toordinal() + days)
    return moment._replace(year=later.year, month=later.month, day=later.day)
