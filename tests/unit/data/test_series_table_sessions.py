"""Series that pause at set times: their steps are counted, which is said, and what is missing
within is named.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest
from helpers.series_tables import columns, read, refusal, values
from hypothesis import given
from hypothesis import strategies as st


def sessions(
    days: int, begin: time, n: int, minutes: int, free: Sequence[int] = (5, 6)
) -> list[datetime]:
    """Return ``n`` times a day, from a Monday on, but not on the weekdays that are ``free``."""
    first = date(2024, 1, 1)
    there = [
        first + timedelta(k)
        for k in range(2 * days)
        if (first + timedelta(k)).weekday() not in free
    ][:days]
    return [
        datetime.combine(day, begin) + timedelta(minutes=minutes * k)
        for day in there
        for k in range(n)
    ]


def table(moments: Sequence[datetime]) -> str:
    return columns(
        "time,close", [f"{moment:%Y-%m-%d %H:%M}" for moment in moments], values(len(moments))
    )


@given(
    days=st.integers(4, 30),
    begin=st.sampled_from([time(9, 30), time(8), time(0, 5)]),
    n=st.integers(4, 9),
    minutes=st.sampled_from([5, 30, 60]),
    free=st.sampled_from([(), (5, 6), (4, 5), (6,)]),
    backwards=st.booleans(),
)
def test_hours_of_trading(
    days: int, begin: time, n: int, minutes: int, free: tuple[int, ...], *, backwards: bool
) -> None:
    moments = sessions(days, begin, n, minutes, free)
    reading = read(table(moments[::-1] if backwards else moments))
    numbers = tuple(map(float, values(len(moments))))
    assert reading.values == (numbers[::-1] if backwards else numbers)
    assert reading.steps is None
    assert reading.notes[-1] == (
        f"f.csv: it pauses, first from {moments[n - 1]} to {moments[n]}; steps are counted, one "
        f"per line."
    )


@pytest.mark.parametrize(
    "left_out",
    [
        lambda moment: moment.date() == date(2024, 1, 15),
        lambda moment: moment.date() == date(2024, 1, 15) and moment.hour > 12,
        lambda moment: moment.hour == 12,
    ],
    ids=["a holiday", "half a day", "lunch"],
)
def test_sessions_may_be_left_out_end_early_and_have_a_break(left_out: object) -> None:
    assert callable(left_out)
    moments = [moment for moment in sessions(30, time(9, 30), 7, 60) if not left_out(moment)]
    assert len(read(table(moments)).values) == len(moments)


def test_a_market_that_is_open_from_sunday_evening_to_friday_evening() -> None:
    hours = [datetime(2024, 1, 1) + timedelta(hours=k) for k in range(24 * 40)]
    closed = [(4, 22), (5, 0), (6, 22)]
    moments = [t for t in hours if not closed[0] <= (t.weekday(), t.hour) < closed[2]]
    assert (
        "it pauses, first from 2024-01-05 21:00:00 to 2024-01-07 22:00:00"
        in read(table(moments)).notes[0]
    )


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        ((datetime(2024, 1, 15, 11, 30),), "2024-01-15 11:30:00 is missing."),
        (
            (datetime(2024, 1, 15, 9, 30), datetime(2024, 1, 15, 10, 30)),
            "2024-01-15 09:30:00 is missing.",
        ),
    ],
)
def test_what_is_missing_within_a_session_is_named(
    gone: tuple[datetime, ...], missing: str
) -> None:
    moments = [moment for moment in sessions(30, time(9, 30), 7, 60) if moment not in gone]
    said = refusal(table(moments))
    assert missing in said
    assert said.endswith(
        "Fill the gap; if nothing is measured then, have steps counted: --steps count"
    )
    assert len(read(table(moments), steps="count").values) == len(moments)


@given(gone=st.sets(st.integers(1, 286), min_size=1, max_size=8), hours=st.booleans())
def test_what_is_missing_at_any_time_makes_no_pauses(gone: set[int], *, hours: bool) -> None:
    step = timedelta(hours=1) if hours else timedelta(minutes=5)
    moments = [datetime(2024, 1, 1) + k * step for k in range(288) if k not in gone]
    assert f"{datetime(2024, 1, 1) + min(gone) * step} is missing." in refusal(table(moments))
