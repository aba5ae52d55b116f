"""Series of business days: weekends and holidays between them are not steps."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

_LONGEST_CLOSURE = 10
"""The most working days in a row on which a market may be closed."""
_MOST_SESSIONS = 0.01
"""The largest share of days on a weekend: a market opens on a Saturday now and then."""


class _Week(NamedTuple):
    """The free weekdays, from 0 for Monday, and how many such weekends are needed as evidence."""

    weekend: tuple[int, ...]
    fewest: int


_WEEKS = (_Week((5, 6), 1), _Week((4, 5), 2), _Week((3, 4), 3), _Week((6,), 3), _Week((4,), 3))


def on_business_days(days: Sequence[date]) -> tuple[date, ...] | None:
    """Return the working days that ascending business days leave out.

    None if they are not business days: too many are left out, or too many are on weekends.
    """
    weekend = _weekend_of(days)
    if weekend is None or any(
        (following - previous).days > 3 * _LONGEST_CLOSURE for previous, following in pairwise(days)
    ):
        return None
    gaps = [
        [*_workdays_between(previous, following, weekend)] for previous, following in pairwise(days)
    ]
    holidays = tuple(day for gap in gaps for day in gap)
    if max(map(len, gaps)) > _LONGEST_CLOSURE or len(holidays) > max(1, len(days) // 10):
        return None
    return holidays


def first_missing_workday(days: Sequence[date]) -> tuple[int, date] | None:
    """Return the first working day left out, and the index of the day after it.

    None unless most of the days follow each other as working days do.
    """
    weekend = _weekend_of(days)
    if weekend is None:
        return None
    missing = [
        next(_workdays_between(previous, following, weekend), None)
        for previous, following in pairwise(days)
    ]
    if 2 * missing.count(None) <= len(missing):
        return None
    return next(((index, day) for index, day in enumerate(missing, 1) if day), None)


def _weekend_of(days: Sequence[date]) -> tuple[int, ...] | None:
    """Return the weekend that ascending days leave out; None if there is none."""
    if len(days) < 2 or any(following <= previous for previous, following in pairwise(days)):
        return None
    for weekend, fewest in _WEEKS:
        sessions = sum(day.weekday() in weekend for day in days)
        skipped = sum(
            # The days up to the weekend's first day, and the weekend.
            (weekend[0] - previous.weekday() - 1) % 7 + 1 + len(weekend)
            <= (following - previous).days
            for previous, following in pairwise(days)
        )
        if sessions <= _MOST_SESSIONS * len(days) and skipped >= fewest:
            return weekend
    return None


def _workdays_between(previous: date, following: date, weekend: tuple[int, ...]) -> Iterator[date]:
    days = map(date.fromordinal, range(previous.toordinal() + 1, following.toordinal()))
    return (day for day in days if day.weekday() not in weekend)
