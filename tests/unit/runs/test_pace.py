"""The time left of a run, whatever the pace of its epochs and however they are logged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.pace import Pace

SLICE_S = 0.5


def train(
    seconds_per_epoch: float, epochs: int, *, slice_s: float = SLICE_S, began: float = 0.0
) -> list[float]:
    """Return when each epoch's end is logged: those of a slice together, after it, to the
    millisecond.
    """
    whole = max(1, int(slice_s / seconds_per_epoch))
    ends = (min(epochs, (i // whole + 1) * whole) * seconds_per_epoch for i in range(epochs))
    # Some hundredths of a millisecond a line.
    return [round(began + end + 3e-5 * (i % whole), 3) for i, end in enumerate(ends)]


def pace_of(times: list[float], began: float = 0.0) -> Pace:
    pace = Pace()
    pace.begin(began)
    for at in times:
        pace.epoch_ended(at)
    return pace


@given(
    seconds_per_epoch=st.floats(-4, 2).map(lambda power: 10.0**power),
    slice_s=st.floats(0.25, 0.75),
    trained_s=st.floats(2.5, 60),
    left=st.integers(1, 10**6),
    began=st.floats(0, 2e9),
    since=st.floats(0, 0.5),
)
def test_the_time_left_is_that_of_the_epochs_left(
    seconds_per_epoch: float,
    slice_s: float,
    trained_s: float,
    left: int,
    began: float,
    since: float,
) -> None:
    trained = min(20_000, max(1, int(trained_s / seconds_per_epoch)))
    times = train(seconds_per_epoch, trained, slice_s=slice_s, began=began)
    estimate = pace_of(times, began).seconds_left(left, times[-1] + since)
    assert estimate is not None
    true = left * seconds_per_epoch
    # Half as long again, or two thirds, and what may be due by now.
    # A clock of 2e9 s tells microseconds apart, hardly less.
    assert true / 1.5 - 2.5 <= estimate <= true * 1.5 + 1e-3


def test_a_hundred_thousand_short_epochs_are_not_over_while_they_go_on() -> None:
    times = train(0.0008, 50_000)
    assert pace_of(times).seconds_left(50_000, times[-1]) == pytest.approx(40.0, rel=0.05)


def test_within_the_first_two_seconds_all_epochs_count() -> None:
    times = train(0.001, 1000)
    assert pace_of(times).seconds_left(1000, times[-1]) == pytest.approx(1.0, rel=0.05)


def test_a_pause_between_two_workers_is_no_time_of_training() -> None:
    pace = pace_of([3.0])
    pace.begin(10_000.0)
    assert pace.seconds_left(5, 10_000.0) == pytest.approx(15.0)
    pace.epoch_ended(10_003.0)
    assert pace.seconds_left(5, 10_003.0) == pytest.approx(15.0)


def test_a_clock_that_was_set_back_leaves_the_pace_as_it_is() -> None:
    assert pace_of([3.0, 1.0, 4.0, 7.0]).seconds_left(5, 7.0) == pytest.approx(15.0)


@given(st.lists(st.floats(0, 1e6), max_size=50), st.integers(0, 1000), st.floats(0, 2e6))
def test_whatever_the_clock_says_it_is_not_negative(
    times: list[float], left: int, now: float
) -> None:
    estimate = pace_of(times, began=times[0] if times else 0.0).seconds_left(left, now)
    assert estimate is None or estimate >= 0.0


def test_before_training_there_is_no_pace() -> None:
    pace = Pace()
    pace.epoch_ended(1.0)
    assert pace.seconds_left(1, 1.0) is None
