"""Training and judging one forecast of a series by the report's protocol.

Knows nothing of files, of the log, or of cancelling: whoever iterates writes the events down, and stops iterating.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from engine import protocol, seeds
from engine.divergence import Diverged
from engine.events import AnyEvent, EpochEnded, PhaseEntered, ReplicateBegan, ReplicateEnded
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
    training = ForecastTraining(parameters, values)
    yield PhaseEntered(phase="compiling")
    training.compile()
    yield PhaseEntered(phase="training")
    return (yield from training.train(seed))


def train_replicates(
    parameters: SunspotsParameters, values: ArrayLike, seeds: Sequence[int]
) -> Generator[AnyEvent, None, dict[int, Forecast]]:
    """Train once from each of several random seeds, with one compiled program; return seed → forecast.

    Each is bit for bit what :func:`train` gives for its seed alone. Those that diverge are left out. Raises
    :class:`Diverged` where all do, else as :func:`train`.
    """
    training = ForecastTraining(parameters, values)
    yield PhaseEntered(phase="compiling")
    training.compile()
    yield PhaseEntered(phase="training")
    made: dict[int, Forecast] = {}
    last: Diverged | None = None
    for seed in seeds:
        yield ReplicateBegan(seed=seed)
        try:
            forecast = yield from training.train(seed)
        except Diverged as diverged:
            last = diverged
            yield ReplicateEnded(seed=seed)
        else:
            made[seed] = forecast
            yield ReplicateEnded(seed=seed, train_rmse=forecast.train_rmse, test_rmse=forecast.test_rmse)
    if not made and last is not None:
        raise last
    return made


class ForecastTraining:
    """A series and parameters, to be compiled once and then trained from any random seed.

    Raises :class:`engine.errors.UsageError` where the series does not serve the parameters.
    """

    def __init__(self, parameters: SunspotsParameters, values: ArrayLike) -> None:
        self._parameters = parameters
        self._scaled = protocol.scale(values)
        protocol.check_series(parameters, len(self._scaled.values))
        self._training, self._test = protocol.parts(self._scaled.values, parameters.time_steps)
        self._model = forecaster(parameters, 0)
        windows = len(self._training.y)
        self._compiled = CompiledTraining(self._model, fetch_windows(self._training), windows, parameters.batch_size)
        # Moments at zero, no step taken, the learning rate at its default.
        self._fresh_optimizer = [variable.numpy() for variable in self._model.optimizer.variables]

    def compile(self) -> None:
        """Compile the training program, which takes about a second."""
        self._compiled.compile()

    def train(self, seed: int) -> Generator[AnyEvent, None, Forecast]:
        """Train from the initial weights and in the order that ``seed`` gives. Raises :class:`Diverged`."""
        self._start_anew(seed)
        windows = len(self._training.y)
        losses: list[float] = []
        for event in self._compiled.events(
            self._parameters.epochs, lambda epoch: seeds.generator(seed, "order", epoch).permutation(windows)
        ):
            if isinstance(event, EpochEnded):
                losses.append(event.loss)
            yield event
        return self._judge(losses)

    def _start_anew(self, seed: int) -> None:
        self._model.set_weights(forecaster(self._parameters, seed).get_weights())
        for variable, value in zip(self._model.optimizer.variables, self._fresh_optimizer, strict=True):
            variable.assign(value)

    def _judge(self, losses: Sequence[float]) -> Forecast:
        training, test, scaled = self._training, self._test, self._scaled
        fitted, forecast = _predict(self._model, training), _predict(self._model, test)
        if not (np.isfinite(fitted).all() and np.isfinite(forecast).all()):
            # The last steps of the last epoch can run away after the losses that they follow.
            raise Diverged(self._parameters.epochs, math.inf)
        train_rmse, test_rmse = rmse(training.y, fitted), rmse(test.y, forecast)
        return Forecast(
            losses=tuple(losses),
            real=np.concatenate([training.y, test.y]),
            predicted=np.concatenate([fitted, forecast]),
            positions=np.concatenate(protocol.target_positions(len(scaled.values), self._parameters.time_steps)),
            n_train=len(training.y),
            train_rmse=train_rmse,
            test_rmse=test_rmse,
            train_rmse_sunspots=train_rmse * scaled.unit,
            test_rmse_sunspots=test_rmse * scaled.unit,
            minimum=scaled.minimum,
            maximum=scaled.maximum,
            persistence=persistence(training, test),
            linear_autoregression=linear_autoregression(training, test),
            parameter_count=self._model.count_params(),
            weights=named_weights(self._model),
        )


def fetch_windows(part: Windows) -> Fetch:
    """Return the batches of a part: sample numbers (n,) → windows (n, time_steps, 1) and targets (n, 1)."""
    x, y = tf.constant(part.x), tf.constant(part.y[:, np.newaxis])
    return lambda numbers: (tf.gather(x, numbers), tf.gather(y, numbers))


def _predict(model: keras.Model, part: Windows) -> NDArray[np.float32]:
    # Called, not model.predict: that compiles a program of its own, a third of a second for a few dozen windows.
    predicted: NDArray[np.float32] = model(part.x, training=False).numpy()[:, 0]
    return predicted
