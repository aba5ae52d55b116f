"""How good a forecast is, and how good the simplest forecasts are on exactly the same windows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.numerics.protocol import Windows


class Score(NamedTuple):
    """RMSE over the training windows and over the test windows, in the unit of the windows."""

    train: float
    test: float


def rmse(real: ArrayLike, predicted: ArrayLike) -> float:
    """Return the root of the mean squared error of two equally long arrays (n,), n at least 1.

    Raises :class:`ValueError` if the shapes differ: (n,) against (n, 1) would silently compare all
    with all.
    """
    expected, actual = np.asarray(real, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if expected.shape != actual.shape or expected.size == 0:
        raise ValueError(f"shapes {expected.shape} and {actual.shape} can't be compared")
    return float(np.sqrt(np.mean(np.square(expected - actual))))


_SAME = 1e-3
"""Predictions count as one value up to this spread, as a share of the targets' spread.

To every digit shown they are the same.
"""


def constant_forecast(predicted: ArrayLike, real: ArrayLike) -> float | None:
    """Return the single value that a network predicts for any input; None if predictions differ.

    ``predicted`` and ``real`` (targets,): those of the training and test parts together, in one
    unit. relu units that are all 0 leave only the output layer's bias; saturated tanh or sigmoid
    units come close to one value.
    """
    values = np.asarray(predicted, dtype=np.float64)
    spread = float(np.std(np.asarray(real, dtype=np.float64)))
    # If all targets are the same, one value is a good prediction.
    return (
        float(np.median(values)) if spread > 0 and float(np.std(values)) <= _SAME * spread else None
    )


def persistence(train: Windows, test: Windows) -> Score:
    """Score the forecast "the next value equals this one": the last value of each window."""
    return Score(*(rmse(part.y, part.x[:, -1, 0]) for part in (train, test)))


def linear_autoregression(train: Windows, test: Windows) -> Score:
    """Score a linear autoregression with intercept, whose order is the windows' length.

    Fitted by least squares on the training windows alone (Box and Jenkins, "Time Series Analysis").
    With fewer windows than coefficients the fit of least norm is used: exact on the training
    windows, and no guide to the test windows.
    """
    coefficients = np.linalg.lstsq(_design(train), train.y.astype(np.float64), rcond=None)[0]
    return Score(*(rmse(part.y, _design(part) @ coefficients) for part in (train, test)))


def _design(part: Windows) -> NDArray[np.float64]:
    """Return the windows as rows with a 1 in front: (samples, 1 + time_steps)."""
    return np.column_stack([np.ones(len(part.y)), part.x[:, :, 0].astype(np.float64)])
