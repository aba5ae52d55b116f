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

    Raises :class:`ValueError` where the shapes differ: (n,) against (n, 1) would silently compare
    all with all.
    """
    one, other = np.asarray(real, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if one.shape != other.shape or one.size == 0:
        raise ValueError(f"shapes {one.shape} and {other.shape} can't be compared")
    return float(np.sqrt(np.mean(np.square(one - other))))


_SAME = 1e-3
"""Predictions that spread by no more than this share of what they predict are one value, to every
digit shown.
"""


def constant_of(predicted: ArrayLike, real: ArrayLike) -> float | None:
    """Return the one value that a network predicts, whatever it reads; None if its predictions
    differ.

    ``predicted`` and ``real`` (targets,): those of the training part and of the test part together,
    in one unit. relu units that all give 0 leave the output layer's bias; saturated tanh or sigmoid
    units come near to one value.
    """
    values = np.asarray(predicted, dtype=np.float64)
    spread = float(np.std(np.asarray(real, dtype=np.float64)))
    # Targets that are all the same are predicted well by one value.
    return (
        float(np.median(values)) if spread > 0 and float(np.std(values)) <= _SAME * spread else None
    )


def persistence(train: Windows, test: Windows) -> Score:
    """Score the forecast "next month is like this month": the last value of each window."""
    return Score(*(rmse(part.y, part.x[:, -1, 0]) for part in (train, test)))


def linear_autoregression(train: Windows, test: Windows) -> Score:
    """Score a linear autoregression with intercept, whose order is the windows' length.

    Fitted by least squares on the training windows alone (Box and Jenkins, "Time Series Analysis").
    With fewer windows than coefficients the fit is the one of least norm: exact on the training
    windows, and no guide.
    """
    coefficients = np.linalg.lstsq(_design(train), train.y.astype(np.float64), rcond=None)[0]
    return Score(*(rmse(part.y, _design(part) @ coefficients) for part in (train, test)))


def _design(part: Windows) -> NDArray[np.float64]:
    """Return the windows as rows with a 1 in front: (samples, 1 + time_steps)."""
    return np.column_stack([np.ones(len(part.y)), part.x[:, :, 0].astype(np.float64)])
