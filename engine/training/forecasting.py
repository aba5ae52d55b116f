"""Training and judging one forecast of a series by the report's protocol.

Knows nothing of files, of the log, or of cancelling: whoever iterates writes the events down, and stops iterating.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from engine import protocol, seeds
from engine.divergence import Diverged
from engine.events import AnyEvent, EpochEnded, PhaseEntered
from engine.metrics import Score, linear_autoregression, persistence, rmse
from engine.protocol import Windows
from engine.training.epochs import CompiledTraining, Fetch
from engine.training.models import forecaster, named_weights
from engine.trial import SunspotsParameters


@dataclass(frozen=True)
class Forecast:
    """A trained forecast. Scaled units are 0 to 1 over the whole series; errors are RMSE over the targets."""

    losses: tuple[float, ...]
    """Mean training loss (MSE) of each epoch, as ``fit`` reports it: taken while the weights move."""
    real: NDArray[np.float32]
    """(targets,): the targets in scaled units, the training part's and then the test part's."""
    predicted: NDArray[np.float32]
    """(targets,): the network's forecast of each, in scaled units."""
    positions: NDArray[np.int64]
    """(targets,): where each target lies in the series, from 0."""
    n_train: int
    """How many of the targets are the training part's."""
    train_rmse: float
    test_rmse: float
    train_rmse_sunspots: float
    """In the series' own unit."""
    test_rmse_sunspots: float
    minimum: float
    """What 0 in scaled units is in the series' own unit."""
    maximum: float
    """What 1 in scaled units is in the series' own unit."""
    persistence: Score
    linear_autoregression: Score
    parameter_count: int
    weights: dict[str, NDArray[np.float32]]
    """Named as :func:`engine.training.models.named_weights` says."""


def train(parameters: SunspotsParameters, values: ArrayLike, seed: int) -> Generator[AnyEvent, None, Forecast]:
    """Train on the series ``values`` (months,), in its own unit, and return the forecast.

    Yields what happens, about once a second or more often. Raises :class:`engine.errors.UsageError` for a series
    that the parameters don't fit, and :class:`Diverged`.
    """
    scaled = protocol.scale(values)
    protocol.check_series(parameters, len(scaled.values))
    training, test = protocol.parts(scaled.values, parameters.time_steps)

    yield PhaseEntered(phase="compiling")
    model = forecaster(parameters, seed)
    compiled = CompiledTraining(model, fetch_windows(training), len(training.y), parameters.batch_size)
    compiled.compile()

    yield PhaseEntered(phase="training")
    losses: list[float] = []
    for event in compiled.events(
        parameters.epochs, lambda epoch: seeds.generator(seed, "order", epoch).permutation(len(training.y))
    ):
        if isinstance(event, EpochEnded):
            losses.append(event.loss)
        yield event

    yield PhaseEntered(phase="predicting")
    fitted, forecast = _predict(model, training), _predict(model, test)
    if not (np.isfinite(fitted).all() and np.isfinite(forecast).all()):
        # The last steps of the last epoch can run away after the losses that they follow.
        raise Diverged(parameters.epochs, math.inf)
    train_rmse, test_rmse = rmse(training.y, fitted), rmse(test.y, forecast)
    return Forecast(
        losses=tuple(losses),
        real=np.concatenate([training.y, test.y]),
        predicted=np.concatenate([fitted, forecast]),
        positions=np.concatenate(protocol.target_positions(len(scaled.values), parameters.time_steps)),
        n_train=len(training.y),
        train_rmse=train_rmse,
        test_rmse=test_rmse,
        train_rmse_sunspots=train_rmse * scaled.unit,
        test_rmse_sunspots=test_rmse * scaled.unit,
        minimum=scaled.minimum,
        maximum=scaled.maximum,
        persistence=persistence(training, test),
        linear_autoregression=linear_autoregression(training, test),
        parameter_count=model.count_params(),
        weights=named_weights(model),
    )


def fetch_windows(part: Windows) -> Fetch:
    """Return the batches of a part: sample numbers (n,) → windows (n, time_steps, 1) and targets (n, 1)."""
    x, y = tf.constant(part.x), tf.constant(part.y[:, np.newaxis])
    return lambda numbers: (tf.gather(x, numbers), tf.gather(y, numbers))


def _predict(model: keras.Model, part: Windows) -> NDArray[np.float32]:
    # Called, not model.predict: that compiles a program of its own, a third of a second for a few dozen windows.
    predicted: NDArray[np.float32] = model(part.x, training=False).numpy()[:, 0]
    return predicted
