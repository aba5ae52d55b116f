"""Whole forecasts on the product's series, small enough for seconds."""

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.numerics import protocol
from engine.numerics.divergence import Diverged
from engine.numerics.metrics import rmse
from engine.runs.events import (
    AnyEvent,
    EpochEnded,
    EpochProgress,
    PhaseEntered,
    ReplicateEnded,
    ReplicateStarted,
)
from engine.training import forecasting
from engine.training.epochs import CompiledTraining, ResumeState, SafePoint
from engine.training.forecasting import Forecast
from engine.training.models import forecaster
from engine.training.replicates import train_replicates
from engine.trials.trial import ForecastParameters

Series = NDArray[np.float64]
T = TypeVar("T")


def parameters(**changes: Any) -> ForecastParameters:
    usual = {
        "epochs": 4,
        "batch_size": 8,
        "time_steps": 10,
        "activation": "tanh",
        "hidden_units": 3,
        "dense_units": 1,
    }
    return ForecastParameters.model_validate(usual | changes)


def finish(run: Generator[AnyEvent | SafePoint, None, T]) -> tuple[list[AnyEvent], T]:
    events: list[AnyEvent] = []
    while True:
        try:
            step = next(run)
        except StopIteration as end:
            return events, end.value
        if not isinstance(step, SafePoint):
            events.append(step)


@pytest.fixture(scope="module")
def run(sunspots: Series) -> tuple[list[AnyEvent], Forecast]:
    return finish(forecasting.train(parameters(), sunspots, 1))


def test_events_come_in_order(run: tuple[list[AnyEvent], Forecast]) -> None:
    events, forecast = run
    assert events == [
        PhaseEntered(phase="compiling"),
        PhaseEntered(phase="training"),
        *(EpochEnded(epoch=i + 1, loss=loss) for i, loss in enumerate(forecast.losses)),
    ]
    assert len(forecast.losses) == 4


def test_the_forecast_fits_together(run: tuple[list[AnyEvent], Forecast], sunspots: Series) -> None:
    _events, forecast = run
    n = forecast.n_train
    assert (n, len(forecast.real)) == (225, 281)
    unit = forecast.maximum - forecast.minimum
    assert (forecast.minimum, forecast.maximum) == (sunspots.min(), sunspots.max())
    np.testing.assert_allclose(
        forecast.real * unit + forecast.minimum, sunspots[forecast.positions], atol=1e-4
    )
    assert forecast.train_rmse == rmse(forecast.real[:n], forecast.predicted[:n])
    assert forecast.test_rmse == rmse(forecast.real[n:], forecast.predicted[n:])
    assert forecast.train_rmse_sunspots == pytest.approx(forecast.train_rmse * 253.8)
    assert forecast.test_rmse_sunspots == pytest.approx(forecast.test_rmse * 253.8)
    assert forecast.persistence == pytest.approx((0.063, 0.080), abs=0.0005)
    assert forecast.linear_autoregression == pytest.approx((0.056, 0.086), abs=0.0005)


def test_the_weights_are_those_that_predict(
    run: tuple[list[AnyEvent], Forecast], sunspots: Series
) -> None:
    _events, forecast = run
    assert {name: weight.shape for name, weight in forecast.weights.items()} == {
        "recurrent/kernel": (1, 3),
        "recurrent/recurrent_kernel": (3, 3),
        "recurrent/bias": (3,),
        "dense/kernel": (3, 1),
        "dense/bias": (1,),
    }
    assert (
        forecast.parameter_count == sum(weight.size for weight in forecast.weights.values()) == 19
    )
    model = forecaster(parameters(), 99)
    model.set_weights(list(forecast.weights.values()))
    windows = [part.x for part in protocol.split_windows(protocol.scale(sunspots).values, 10)]
    predicted = model.predict(np.concatenate(windows), verbose=0)[:, 0]
    np.testing.assert_allclose(predicted, forecast.predicted, atol=1e-6)


def test_the_same_seed_gives_the_same_bits_and_a_longer_run_begins_the_same(
    run: tuple[list[AnyEvent], Forecast], sunspots: Series
) -> None:
    _events, forecast = run
    _events, again = finish(forecasting.train(parameters(), sunspots, 1))
    assert again.losses == forecast.losses
    assert again.predicted.tobytes() == forecast.predicted.tobytes()
    assert {name: w.tobytes() for name, w in again.weights.items()} == {
        name: w.tobytes() for name, w in forecast.weights.items()
    }
    _events, longer = finish(forecasting.train(parameters(epochs=7), sunspots, 1))
    assert longer.losses[:4] == forecast.losses
    _events, other = finish(forecasting.train(parameters(), sunspots, 2))
    assert other.losses != forecast.losses


def test_whoever_stops_iterating_ends_the_run(sunspots: Series) -> None:
    started = forecasting.train(parameters(epochs=100_000), sunspots, 1)
    for event in started:
        if isinstance(event, EpochEnded):
            break
    started.close()
    assert next(started, None) is None


def test_long_epochs_say_how_far_they_are(
    monkeypatch: pytest.MonkeyPatch, sunspots: Series
) -> None:
    # Slices as short as they get, each of them worth telling.
    monkeypatch.setattr(
        forecasting, "CompiledTraining", partial(CompiledTraining, slice_seconds=0.0)
    )
    events, forecast = finish(forecasting.train(parameters(epochs=2, batch_size=80), sunspots, 1))
    assert events[2:] == [
        EpochProgress(done=1, total=3),
        EpochProgress(done=2, total=3),
        EpochEnded(epoch=1, loss=forecast.losses[0]),
        EpochProgress(done=1, total=3),
        EpochProgress(done=2, total=3),
        EpochEnded(epoch=2, loss=forecast.losses[1]),
    ]


def test_training_that_runs_away_is_said_so(sunspots: Series) -> None:
    # A linear network of this size multiplies its state beyond all bounds over 500 steps, within a
    # few batches.
    runaway = parameters(batch_size=1, time_steps=500, activation="linear", hidden_units=512)
    with pytest.raises(Diverged, match="epoch 1") as caught:
        finish(forecasting.train(runaway, sunspots, 1))
    assert caught.value.epoch == 1
    assert not np.isfinite(caught.value.loss)
    assert "tanh" in caught.value.remedy


@pytest.mark.parametrize("values", [[5.0] * 100, [1.0, 2.0, 3.0], [float("nan")] * 100])
def test_a_series_that_can_t_serve_is_refused_before_anything_is_compiled(
    values: list[float],
) -> None:
    with pytest.raises(UsageError):
        next(forecasting.train(parameters(), values, 1))


def replicates(values: Series, seeds: Sequence[int]) -> tuple[list[AnyEvent], dict[int, Forecast]]:
    return finish(train_replicates(parameters(), values, seeds))


def test_every_seed_of_several_is_bit_for_bit_what_it_is_alone(
    run: tuple[list[AnyEvent], Forecast], sunspots: Series
) -> None:
    events, made = replicates(sunspots, [3, 1])
    alone = run[1]
    assert list(made) == [3, 1]
    assert made[1].losses == alone.losses
    assert made[1].predicted.tobytes() == alone.predicted.tobytes()
    assert all(
        made[1].weights[name].tobytes() == weights.tobytes()
        for name, weights in alone.weights.items()
    )
    assert made[3].losses != made[1].losses
    told = [event for event in events if isinstance(event, ReplicateStarted | ReplicateEnded)]
    assert told == [
        ReplicateStarted(seed=3),
        ReplicateEnded(seed=3, train_rmse=made[3].train_rmse, test_rmse=made[3].test_rmse),
        ReplicateStarted(seed=1),
        ReplicateEnded(seed=1, train_rmse=made[1].train_rmse, test_rmse=made[1].test_rmse),
    ]


def diverging(monkeypatch: pytest.MonkeyPatch, seeds: set[int]) -> None:
    """Have the training from some seeds run away, which Adam hardly ever does on small networks."""
    train = forecasting.ForecastTraining.train

    def or_diverge(
        self: forecasting.ForecastTraining, seed: int, earlier: ResumeState | None = None
    ) -> forecasting.Steps[Forecast]:
        if seed in seeds:
            raise Diverged(2, np.inf)
        return (yield from train(self, seed, earlier))

    monkeypatch.setattr(forecasting.ForecastTraining, "train", or_diverge)


def test_a_seed_that_diverges_is_marked_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, sunspots: Series
) -> None:
    diverging(monkeypatch, {1})
    events, made = replicates(sunspots, [1, 2])
    assert list(made) == [2]
    assert ReplicateEnded(seed=1) in events


def test_the_run_diverges_only_if_all_seeds_do(
    monkeypatch: pytest.MonkeyPatch, sunspots: Series
) -> None:
    diverging(monkeypatch, {1, 2})
    with pytest.raises(Diverged, match="epoch 2"):
        replicates(sunspots, [1, 2])
