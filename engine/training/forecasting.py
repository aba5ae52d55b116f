"""Training and evaluating one forecast of a series by the report's protocol.

It does not know of files, the log or cancelling: the caller writes the events down, and stops
iterating to cancel.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from engine.numerics import protocol, seeds
from engine.numerics.divergence import Diverged
from engine.numerics.metrics import (
    Score,
    constant_forecast,
    linear_autoregression,
    persistence,
    rmse,
)
from engine.numerics.protocol import Windows
from engine.runs.checkpoints import Arrays
from engine.runs.events import AnyEvent, EpochEnded, PhaseEntered
from engine.training.epochs import CompiledTraining, Fetch, Position, ResumeState, SafePoint
from engine.training.models import forecaster, initialise, named_weights
from engine.trials.trial import ForecastParameters

Outcome = TypeVar("Outcome")
Steps = Generator[AnyEvent | SafePoint, None, Outcome]
"""Events, with the points at which training can be stopped and resumed; finally the outcome."""


@dataclass(frozen=True)
class Forecast:
    """A trained forecast.

    Scaled units are 0 to 1 over the whole series; errors are RMSE over the targets.
    """

    losses: tuple[float, ...]
    """Mean training loss (MSE) of each epoch, as ``fit`` reports it: while the weights change."""
    real: NDArray[np.float32]
    """(targets,): the targets in scaled units, those of the training part first."""
    predicted: NDArray[np.float32]
    """(targets,): the network's forecast of each, in scaled units."""
    positions: NDArray[np.int64]
    """(targets,): index of each target in the series, from 0."""
    n_train: int
    """How many of the targets are in the training part."""
    train_rmse: float
    test_rmse: float
    train_rmse_sunspots: float
    """In the series' own unit."""
    test_rmse_sunspots: float
    minimum: float
    """The value in the series' own unit that is 0 in scaled units."""
    maximum: float
    """The value in the series' own unit that is 1 in scaled units."""
    constant_prediction: float | None
    """As in :func:`engine.numerics.metrics.constant_forecast`, in scaled units."""
    persistence: Score
    linear_autoregression: Score
    parameter_count: int
    weights: dict[str, NDArray[np.float32]]
    """For the names see :func:`engine.training.models.named_weights`."""


def train(
    parameters: ForecastParameters, values: ArrayLike, seed: int, earlier: ResumeState | None = None
) -> Steps[Forecast]:
    """Train on the series ``values`` (steps,), in its own unit, and return the forecast.

    Yields events at least about once a second. Continues from ``earlier`` if given. Raises
    :class:`engine.errors.UsageError` if the parameters don't fit the series,
    :class:`Diverged`, and :class:`engine.training.epochs.CheckpointMismatch`.
    """
    training = ForecastTraining(parameters, values)
    yield PhaseEntered(phase="compiling")
    training.compile()
    yield PhaseEntered(phase="training")
    forecast = yield from training.train(seed, earlier)
    yield SafePoint(training.state, last=True)
    return forecast


class ForecastTraining:
    """A series and parameters, compiled once and then trained from any random seed.

    Raises :class:`engine.errors.UsageError` if the parameters don't fit the series.
    """

    def __init__(self, parameters: ForecastParameters, values: ArrayLike) -> None:
        self._parameters = parameters
        self._scaled = protocol.scale(values)
        protocol.check_series(parameters, len(self._scaled.values))
        self._training, self._test = protocol.split_windows(
            self._scaled.values, parameters.time_steps
        )
        self._model = forecaster(parameters, 0)
        windows = len(self._training.y)
        self._compiled = CompiledTraining(
            self._model, fetch_windows(self._training), windows, parameters.batch_size
        )
        self._baselines = (
            persistence(self._training, self._test),
            linear_autoregression(self._training, self._test),
        )
        # Traced instead of model.predict, which compiles a program of its own: a third of a second
        # for some hundred windows.
        self._predict = tf.function(partial(self._model, training=False), autograph=False)
        # Zero moments, no step taken, the default learning rate.
        self._fresh_optimizer = [variable.numpy() for variable in self._model.optimizer.variables]

    def compile(self) -> None:
        """Compile the training program, which takes about a second."""
        self._compiled.compile()

    def train(self, seed: int, earlier: ResumeState | None = None) -> Steps[Forecast]:
        """Train with the initial weights and order of ``seed``, or continue from ``earlier``.

        Raises :class:`Diverged`.
        """
        start, losses = Position(), list[float]()
        if earlier:
            start = self._compiled.restore(earlier.arrays)
            losses = earlier.progress.losses[: start.epochs]
        else:
            self._reset(seed)
        windows = len(self._training.y)
        for event in self._compiled.events(
            self._parameters.epochs,
            lambda epoch: seeds.generator(seed, "order", epoch).permutation(windows),
            start,
        ):
            if isinstance(event, EpochEnded):
                losses.append(event.loss)
            yield event
        predicted = self._predict(np.concatenate([self._training.x, self._test.x])).numpy()[:, 0]
        return self._evaluate(losses, predicted, named_weights(self._model))

    def state(self) -> Arrays:
        """Return the state after the last epoch."""
        return self._compiled.state(Position(self._parameters.epochs))

    def restore_forecast(self, arrays: Arrays, seed: int) -> Forecast:
        """Return the forecast of a seed that was complete when ``arrays`` were saved."""
        prefix = f"{seed}/weights/"
        weights = {
            name.removeprefix(prefix): array
            for name, array in arrays.items()
            if name.startswith(prefix)
        }
        losses, predicted = arrays[f"{seed}/losses"], arrays[f"{seed}/predicted"]
        return self._evaluate([float(loss) for loss in losses], predicted, weights)

    def _reset(self, seed: int) -> None:
        initialise(self._model, seed)
        for variable, value in zip(
            self._model.optimizer.variables, self._fresh_optimizer, strict=True
        ):
            variable.assign(value)

    def _evaluate(
        self,
        losses: Sequence[float],
        predicted: NDArray[np.float32],
        weights: dict[str, NDArray[np.float32]],
    ) -> Forecast:
        """Compare the predictions (targets,) with the series. Raises :class:`Diverged`."""
        training, test, scaled = self._training, self._test, self._scaled
        if not np.isfinite(predicted).all():
            # The last steps of the last epoch can diverge after the losses were measured.
            raise Diverged(self._parameters.epochs, math.inf)
        n_train = len(training.y)
        train_rmse, test_rmse = (
            rmse(training.y, predicted[:n_train]),
            rmse(test.y, predicted[n_train:]),
        )
        return Forecast(
            losses=tuple(losses),
            real=np.concatenate([training.y, test.y]),
            predicted=predicted,
            positions=np.concatenate(
                protocol.target_positions(len(scaled.values), self._parameters.time_steps)
            ),
            n_train=n_train,
            train_rmse=train_rmse,
            test_rmse=test_rmse,
            train_rmse_sunspots=train_rmse * scaled.unit,
            test_rmse_sunspots=test_rmse * scaled.unit,
            minimum=scaled.minimum,
            maximum=scaled.maximum,
            constant_prediction=constant_forecast(predicted, np.concatenate([training.y, test.y])),
            persistence=self._baselines[0],
            linear_autoregression=self._baselines[1],
            parameter_count=self._model.count_params(),
            weights=weights,
        )


def fetch_windows(part: Windows) -> Fetch:
    """Return a function from sample numbers (n,) to windows (n, time_steps, 1), targets (n, 1)."""
    x, y = tf.constant(part.x), tf.constant(part.y[:, np.newaxis])
    return lambda numbers: (tf.gather(x, numbers), tf.gather(y, numbers))
