"""Scaling, split and windows as the report has them; what can't be served is refused in one
sentence.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.errors import UsageError
from engine.numerics import protocol
from engine.trials.trial import ForecastParameters, TextParameters

SERIES = Path(__file__).resolve().parents[3] / "engine" / "data" / "sunspots.csv"
MONTHS = 2820
FINITE = st.floats(-1e9, 1e9)


def forecast_of(time_steps: int) -> ForecastParameters:
    return ForecastParameters(
        epochs=1,
        batch_size=1,
        time_steps=time_steps,
        activation=("tanh", "tanh"),
        hidden_units=3,
        dense_units=1,
    )


def text_of(seqlen: int) -> TextParameters:
    return TextParameters(
        iterations=1,
        epochs_per_iteration=1,
        predictions=1,
        seqlen=seqlen,
        hidden_units=1,
        batch_size=1,
    )


@pytest.mark.parametrize(
    ("time_steps", "train", "test"), [(10, 225, 56), (12, 187, 46), (14, 161, 40), (20, 112, 28)]
)
def test_the_report_s_windows(time_steps: int, train: int, test: int) -> None:
    parts = protocol.split_windows(np.zeros(MONTHS, np.float32), time_steps)
    assert [len(part.y) for part in parts] == [train, test]
    assert [part.x.shape for part in parts] == [(train, time_steps, 1), (test, time_steps, 1)]


def test_windows_do_not_overlap_and_the_target_is_the_next_value() -> None:
    x, y = protocol.cut_windows(np.arange(10, dtype=np.float32), 3)
    assert x[:, :, 0].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert y.tolist() == [3, 6, 9]


@pytest.mark.parametrize(("n", "time_steps"), [(0, 3), (1, 1), (3, 3), (3, 4)])
def test_a_part_no_longer_than_a_window_gives_none(n: int, time_steps: int) -> None:
    x, y = protocol.cut_windows(np.zeros(n, np.float32), time_steps)
    assert x.shape == (0, time_steps, 1)
    assert y.shape == (0,)


@given(st.integers(0, 400), st.integers(1, 60))
def test_positions_are_where_the_targets_lie(n: int, time_steps: int) -> None:
    series = np.arange(n, dtype=np.float32)
    for part, positions in zip(
        protocol.split_windows(series, time_steps),
        protocol.target_positions(n, time_steps),
        strict=True,
    ):
        assert series[positions].tolist() == part.y.tolist()
        # In such a series every window, followed by its target, counts upwards.
        assert np.all(np.diff(np.column_stack([part.x[:, :, 0], part.y])) == 1)


@given(st.integers(0, 10_000))
def test_the_split_is_at_four_fifths(n: int) -> None:
    assert protocol.training_size(n) == int(n * 0.8)


def test_the_series_is_scaled_by_its_own_extremes() -> None:
    lines = SERIES.read_text("utf-8").splitlines()
    values = [float(line.split(",")[1]) for line in lines if line[0].isdigit()]
    scaled = protocol.scale(values)
    assert len(scaled.values) == MONTHS
    assert (scaled.minimum, scaled.maximum) == (0.0, 253.8)
    assert scaled.values.dtype == np.float32
    np.testing.assert_allclose(scaled.values, np.array(values) / 253.8, rtol=1e-6)


@given(arrays(np.float64, st.integers(2, 50), elements=FINITE))
def test_scaled_values_reach_from_0_to_1(values: np.ndarray) -> None:
    if values.min() == values.max():
        with pytest.raises(UsageError, match="constant"):
            protocol.scale(values)
        return
    scaled = protocol.scale(values)
    assert (scaled.values.min(), scaled.values.max()) == (0.0, 1.0)
    back = scaled.values.astype(np.float64) * scaled.unit + scaled.minimum
    np.testing.assert_allclose(back, values, atol=1e-6 * scaled.unit + 1e-6)


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [1.0, float("inf")], [-1e308, 1e308]])
def test_a_series_that_is_not_all_finite_is_refused(values: list[float]) -> None:
    with pytest.raises(UsageError, match="series"):
        protocol.scale(values)


@given(st.integers(0, 3000), st.integers(1, 1000))
def test_series_are_accepted_exactly_where_both_parts_have_a_target(
    n: int, time_steps: int
) -> None:
    has_targets = all(
        len(part.y) for part in protocol.split_windows(np.zeros(n, np.float32), time_steps)
    )
    try:
        protocol.check_series(forecast_of(time_steps), n)
    except UsageError:
        assert not has_targets
    else:
        assert has_targets


def test_the_refusal_says_the_allowed_range() -> None:
    protocol.check_series(forecast_of(563), MONTHS)
    with pytest.raises(
        UsageError, match="time_steps = 564: must be 1 to 563 for a series of 2820 values"
    ):
        protocol.check_series(forecast_of(564), MONTHS)
    with pytest.raises(UsageError, match=r"has 5 values: .* at least 6"):
        protocol.check_series(forecast_of(1), 5)
    with pytest.raises(UsageError, match="has 1 value: "):
        protocol.check_series(forecast_of(1), 1)
    protocol.check_series(forecast_of(1), 6)


def test_texts_are_refused_where_no_window_fits_or_nothing_can_be_learnt() -> None:
    protocol.check_text(text_of(10), 11, 2)
    with pytest.raises(UsageError, match="seqlen = 10: must be 1 to 9 for a text of 10 characters"):
        protocol.check_text(text_of(10), 10, 5)
    with pytest.raises(UsageError, match="1 distinct character once"):
        protocol.check_text(text_of(10), 100, 1)
    with pytest.raises(UsageError, match="0 distinct characters"):
        protocol.check_text(text_of(1), 0, 0)
