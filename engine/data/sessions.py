"""Series that pause at set times: trading hours, and all else that is measured for a part of each
day or week.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.data.dates import PartialDate

_DAY = 86_400
_FEWEST_PAUSES = 3
_LONGEST_PAUSE = 11 * _DAY
_MOST_RESUMED = 0.8
"""In so many of the days, or of the weeks, it goes on at the same time."""


class Sessions(NamedTuple):
    """Where it pauses, by the places of the dates after pauses, from 0."""

    first: int
    gap: tuple[int, PartialDate] | None
    """The first pause that is none of the usual ones, and the date that is missing there."""


def sessions_of(moments: Sequence[PartialDate]) -> Sessions | None:
    """Return the sessions of ascending times; None if most are not in equal steps, or pauses end at
    any time.

    A pause ends at the same time on most days (09:30), or on a day of most weeks (Sunday, 22:00).
    Sessions may end early, and a few days may be left out.
    """
    if any(moment.second is None for moment in moments):
        return None
    distances = [after.instant - before.instant for before, after in pairwise(moments)]
    distance, times = Counter(distances).most_common(1)[0]
    pauses = [at for at, other in enumerate(distances, 1) if other != distance]
    if (
        min(distances) < distance
        or distance >= _DAY
        or times <= len(distances) / 2
        or len(pauses) < _FEWEST_PAUSES
    ):
        return None
    days = {moment.seconds // _DAY for moment in moments}
    weeks = {(day - 1) // 7 for day in days}
    ends = [(moments[at].second, moments[at].seconds % (7 * _DAY)) for at in pauses]
    daily, weekly = (
        Counter(second for second, _week in ends),
        Counter(second for _day, second in ends),
    )
    fewest = [max(_FEWEST_PAUSES, _MOST_RESUMED * (len(units) - 1)) for units in (days, weeks)]
    unusual = [
        at
        for at, (of_day, of_week) in zip(pauses, ends, strict=True)
        if distances[at - 1] > _LONGEST_PAUSE
        or (daily[of_day] < fewest[0] and weekly[of_week] < fewest[1])
    ]
    if 2 * len(unusual) >= len(pauses):
        return None
    return Sessions(
        pauses[0], (unusual[0], _missing(moments, unusual[0], distance, daily)) if unusual else None
    )


def _missing(
    moments: Sequence[PartialDate], at: int, distance: int, daily: Counter[int | None]
) -> PartialDate:
    """Return the date that is missing before the one at a place: that at which its day usually
    begins, or the next.
    """
    before, there = moments[at - 1], moments[at]
    begin = there._replace(second=daily.most_common(1)[0][0])
    if before.instant < begin.instant < there.instant:
        return begin
    return (
        before._replace(second=(before.second or 0) + distance)
        .at_its_day()
        ._replace(offset=before.offset)
    )
