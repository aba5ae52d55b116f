"""RMSE, and the simplest forecasts on the report's windows against figures measured elsewhere."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.numerics.metrics import linear_autoregression, persistence, rmse
from engine.numerics.protocol import cut_windows, scale, split_windows

SERIES = Path(__file__).resolve().parents[3] / "engine" / "data" / "sunspots.csv"

# Months a window: persistence, then linear autoregression, over the training and the test windows.
BASELINES = [
    (10, (0.063, 0.080), (0.056, 0.086)),
    (12, (0.063, 0.080), (0.051, 0.078)),
    (14, (0.062, 0.075), (0.054, 0.066)),
    (20, (0.057, 0.091), (0.047, 0.094)),
]


@pytest.mark.parametrize(("time_steps", "last_value", "least_squares"), BASELINES)
def test_baselines_of_the_report_s_windows(
    time_steps: int, last_value: tuple[float, float], least_squares: tuple[float, float]
) -> None:
    lines = SERIES.read_text("utf-8").splitlines()
    series = scale([float(line.split(",")[1]) for line in lines if line[0].isdigit()])
    train, test = split_windows(series.values, time_steps)
    assert persistence(train, test) == pytest.approx(last_value, abs=0.0005)
    assert linear_autoregression(train, test) == pytest.approx(least_squares, abs=0.0005)


def test_rmse_of_known_errors() -> None:
    assert rmse([1.0, 2.0], [1.0, 2.0]) == 0.0
    assert rmse([0.0, 0.0], [3.0, 4.0]) == pytest.approx(np.sqrt(12.5))


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e6, 1e6)), st.floats(-1e3, 1e3))
def test_a_constant_error_is_its_own_rmse(real: np.ndarray, error: float) -> None:
    assert rmse(real, real + error) == pytest.approx(abs(error), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("real", "predicted"), [([1.0], [[1.0]]), ([1.0, 2.0], [1.0]), ([], [])])
def test_shapes_that_would_broadcast_are_refused(real: list[float], predicted: list[float]) -> None:
    with pytest.raises(ValueError, match="can't be compared"):
        rmse(real, predicted)


def test_autoregression_finds_a_linear_recurrence_exactly() -> None:
    values = [0.3, 0.7]
    while len(values) < 200:
        values.append(0.1 + 1.2 * values[-1] - 0.9 * values[-2])
    series = np.array(values, np.float32)
    score = linear_autoregression(cut_windows(series[:150], 2), cut_windows(series[150:], 2))
    assert score == pytest.approx((0.0, 0.0), abs=1e-5)


def test_autoregression_is_fitted_on_the_training_windows_alone() -> None:
    noise = np.random.default_rng(1).random(300, np.float32)
    train = cut_windows(noise[:200], 4)
    one, other = (
        linear_autoregression(train, cut_windows(noise[200:] * factor, 4)) for factor in (1.0, 5.0)
    )
    assert one.train == other.train
    assert one.test != other.test
