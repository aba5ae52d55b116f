"""Series of the days on which business is done: weekends between them are no steps, nor are
holidays.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

_LONGEST_CLOSURE = 10
"""Working days on which a market may be closed in a row."""
_MOST_SESSIONS = 0.01
"""Which share of the days may be on a weekend: a market opens on a Saturday now and then."""


class _Week(NamedTuple):
    """Which weekdays are free, from 0 for Monday, and how many such weekends it takes to tell."""

    weekend: tuple[int, ...]
    fewest: int


_WEEKS = (_Week((5, 6), 1), _Week((4, 5), 2), _Week((3, 4), 3), _Week((6,), 3), _Week((4,), 3))


def on_business_days(days: Sequence[date]) -> tuple[date, ...] | None:
    """Return the working days that are left out between ascending days on which business is done.

    None if they are not such days: too many are left out, or too many are on weekends.
    """
    weekend = _weekend_of(days)
    if weekend is None or any(
        (after - before).days > 3 * _LONGEST_CLOSURE for before, after in pairwise(days)
    ):
        return None
    gaps = [[*_workdays_between(before, after, weekend)] for before, after in pairwise(days)]
    holidays = tuple(day for gap in gaps for day in gap)
    if max(map(len, gaps)) > _LONGEST_CLOSURE or len(holidays) > max(1, len(days) // 10):
        return None
    return holidays


def first_missing_workday(days: Sequence[date]) -> tuple[int, date] | None:
    """Return the first working day that is left out, and the place of the day after it; None if few
    days follow so.
    """
    weekend = _weekend_of(days)
    if weekend is None:
        return None
    missing = [
        next(_workdays_between(before, after, weekend), None) for before, after in pairwise(days)
    ]
    if 2 * missing.count(None) <= len(missing):
        return None
    return next(((at, day) for at, day in enumerate(missing, 1) if day), None)


def _weekend_of(days: Sequence[date]) -> tuple[int, ...] | None:
    """Return the weekend that ascending days leave out; None if they leave out none, or none
    alone.
    """
    if len(days) < 2 or any(after <= before for before, after in pairwise(days)):
        return None
    for weekend, fewest in _WEEKS:
        sessions = sum(day.weekday() in weekend for day in days)
        over = sum(
            # Days to the first one of a weekend, and the weekend.
            (weekend[0] - before.weekday() - 1) % 7 + 1 + len(weekend) <= (after - before).days
            for before, after in pairwise(days)
        )
        if sessions <= _MOST_SESSIONS * len(days) and over >= fewest:
            return weekend
    return None


def _workdays_between(before: date, after: date, weekend: tuple[int, ...]) -> Iterator[date]:
    days = map(date.fromordinal, range(before.toordinal() + 1, after.toordinal()))
    return (day for day in days if day.weekday() not in weekend)
