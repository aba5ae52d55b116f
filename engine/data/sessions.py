"""Series that pause at set times: trading hours, or anything measured for part of a day or week."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.data.dates import PartialDate

_DAY = 86_400
_FEWEST_PAUSES = 3
_LONGEST_PAUSE = 11 * _DAY
_MOST_RESUMED = 0.8
"""The share of days, or of weeks, on which it must resume at the same time."""


class Sessions(NamedTuple):
    """The pauses, by the indices of the dates after them."""

    first: int
    gap: tuple[int, PartialDate] | None
    """The first pause that is not a usual one, and the date that is missing there."""


def sessions_of(moments: Sequence[PartialDate]) -> Sessions | None:
    """Return the sessions of ascending times.

    None if most times are not in equal steps, or if pauses end at arbitrary times. A pause ends at
    the same time on most days (09:30), or on a day of most weeks (Sunday, 22:00). Sessions may end
    early, and a few days may be left out.
    """
    if any(moment.second is None for moment in moments):
        return None
    distances = [following.instant - previous.instant for previous, following in pairwise(moments)]
    distance, times = Counter(distances).most_common(1)[0]
    pauses = [index for index, other in enumerate(distances, 1) if other != distance]
    if (
        min(distances) < distance
        or distance >= _DAY
        or times <= len(distances) / 2
        or len(pauses) < _FEWEST_PAUSES
    ):
        return None
    days = {moment.seconds // _DAY for moment in moments}
    weeks = {(day - 1) // 7 for day in days}
    ends = [(moments[index].second, moments[index].seconds % (7 * _DAY)) for index in pauses]
    daily, weekly = (
        Counter(second for second, _week in ends),
        Counter(second for _day, second in ends),
    )
    fewest = [max(_FEWEST_PAUSES, _MOST_RESUMED * (len(units) - 1)) for units in (days, weeks)]
    unusual = [
        index
        for index, (of_day, of_week) in zip(pauses, ends, strict=True)
        if distances[index - 1] > _LONGEST_PAUSE
        or (daily[of_day] < fewest[0] and weekly[of_week] < fewest[1])
    ]
    if 2 * len(unusual) >= len(pauses):
        return None
    return Sessions(
        pauses[0],
        (unusual[0], _missing_date(moments, unusual[0], distance, daily)) if unusual else None,
    )


def _missing_date(
    moments: Sequence[PartialDate], index: int, distance: int, daily: Counter[int | None]
) -> PartialDate:
    """Return the date missing before ``index``: the usual start of its day, or the next step."""
    previous, following = moments[index - 1], moments[index]
    begin = following._replace(second=daily.most_common(1)[0][0])
    if previous.instant < begin.instant < following.instant:
        return begin
    return (
        previous._replace(second=(previous.second or 0) + distance)
        .normalized()
        ._replace(offset=previous.offset)
    )
