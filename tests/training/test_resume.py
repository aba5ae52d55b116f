"""Training taken up again at any of its safe points gives, bit for bit, what it gives undisturbed."""

from collections.abc import Callable, Generator
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.checkpoints import packed, unpacked
from engine.events import AnyEvent, Logged
from engine.progress import fold
from engine.training import characters, forecasting
from engine.training.epochs import CompiledTraining, Earlier, SafePoint, Unfit
from engine.training.replicates import train_replicates
from engine.trial import AliceParameters, SunspotsParameters

Steps = Generator[AnyEvent | SafePoint, None, Any]
FORECAST = SunspotsParameters(
    epochs=5, batch_size=16, time_steps=10, activation=("tanh", "linear"), hidden_units=3, dense_units=1
)
WRITING = AliceParameters(
    iterations=3, epochs_per_iteration=2, predictions=15, seqlen=6, hidden_units=16, batch_size=32
)


def gone_through(steps: Steps, stop_at: int | None = None) -> tuple[list[AnyEvent], Any]:
    """Return the events and the outcome; or, stopped at a safe point (from 0), the events so far and its arrays."""
    events: list[AnyEvent] = []
    points = 0
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return events, end.value
        if isinstance(step, SafePoint):
            if points == stop_at:
                # As a checkpoint keeps them.
                return events, unpacked(packed(step.state()))
            points += 1
        else:
            events.append(step)


def points_of(steps: Steps) -> int:
    """Return how many safe points there are."""
    return sum(isinstance(step, SafePoint) for step in steps)


def taken_up(make: Callable[[Earlier | None], Steps], point: int) -> Any:
    """Return the outcome of training that was left at a safe point and taken up by another."""
    events, arrays = gone_through(make(None), point)
    log = [Logged(n, float(n), event) for n, event in enumerate(events, 1)]
    return gone_through(make(Earlier(arrays, fold(log))))[1]


def plain(made: Any) -> Any:
    """Return an outcome with every array as its bytes, so that equal means equal in every bit."""
    if isinstance(made, dict):
        return {name: plain(value) for name, value in made.items()}
    if isinstance(made, list | tuple):
        return [plain(value) for value in made]
    return (made.dtype.str, made.shape, made.tobytes()) if isinstance(made, np.ndarray | np.generic) else made


@pytest.fixture(autouse=True)
def _a_slice_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have safe points in mid-epoch too, however fast the machine."""

    def one_more(training: CompiledTraining, batches: int, seconds: float) -> None:
        training._batches_per_slice = 7

    monkeypatch.setattr(CompiledTraining, "_keep_pace", one_more)


def test_a_forecast(sunspots: NDArray[np.float64]) -> None:
    def make(earlier: Earlier | None) -> Steps:
        return forecasting.train(FORECAST, sunspots, 3, earlier)

    whole = plain(asdict(gone_through(make(None))[1]))
    points = points_of(make(None))
    assert points >= 3
    for point in (0, points // 2, points - 1):
        assert plain(asdict(taken_up(make, point))) == whole


def test_several_seeds(sunspots: NDArray[np.float64]) -> None:
    def make(earlier: Earlier | None) -> Steps:
        return train_replicates(FORECAST, sunspots, range(3, 6), earlier)

    def everything(made: dict[int, forecasting.Forecast]) -> Any:
        return {seed: plain(asdict(forecast)) for seed, forecast in made.items()}

    whole = everything(gone_through(make(None))[1])
    assert list(whole) == [3, 4, 5]
    points = points_of(make(None))
    for point in (0, points // 3, points // 2, points - 2, points - 1):
        assert everything(taken_up(make, point)) == whole


def test_a_text(text: str) -> None:
    def make(earlier: Earlier | None) -> Steps:
        return characters.train(WRITING, text[:2000], 3, earlier=earlier)

    whole = plain(asdict(gone_through(make(None))[1]))
    points = points_of(make(None))
    assert points > 12
    for point in (0, points // 3, points // 2, points - 2, points - 1):
        assert plain(asdict(taken_up(make, point))) == whole


def test_a_longer_text_from_the_end_of_a_shorter(text: str) -> None:
    def make(iterations: int) -> Callable[[Earlier | None], Steps]:
        parameters = WRITING.model_copy(update={"iterations": iterations})
        return lambda earlier: characters.train(parameters, text[:2000], 3, earlier=earlier)

    last = points_of(make(1)(None)) - 1
    events, arrays = gone_through(make(1)(None), last)
    log = [Logged(n, float(n), event) for n, event in enumerate(events, 1)]
    longer = gone_through(make(3)(Earlier(arrays, fold(log))))[1]
    assert plain(asdict(longer)) == plain(asdict(gone_through(make(3)(None))[1]))


def test_the_state_of_another_network_is_refused(sunspots: NDArray[np.float64]) -> None:
    other = FORECAST.model_copy(update={"hidden_units": 4})
    _events, arrays = gone_through(forecasting.train(other, sunspots, 3), 0)
    with pytest.raises(Unfit):
        gone_through(forecasting.train(FORECAST, sunspots, 3, Earlier(arrays, fold([]))))
