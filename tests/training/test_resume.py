"""Training resumed at any of its safe points gives, bit for bit, what it gives
undisturbed.
"""

from collections.abc import Generator
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.runs.checkpoints import Arrays, pack_arrays, unpack_arrays
from engine.runs.events import AnyEvent, Logged
from engine.runs.progress import fold
from engine.training import forecasting
from engine.training import text as text_training
from engine.training.epochs import CheckpointMismatch, CompiledTraining, ResumeState, SafePoint
from engine.training.replicates import train_replicates
from engine.trials.trial import ForecastParameters, TextParameters

Steps = Generator[AnyEvent | SafePoint, None, Any]
FORECAST = ForecastParameters(
    epochs=5,
    batch_size=16,
    time_steps=10,
    activation=("tanh", "linear"),
    hidden_units=3,
    dense_units=1,
)
WRITING = TextParameters(
    iterations=3, epochs_per_iteration=2, predictions=15, seqlen=6, hidden_units=16, batch_size=32
)


class Course:
    """What a training said and came to, and what would have been left of it at each of its safe
    points.
    """

    def __init__(self, steps: Steps) -> None:
        self.events: list[AnyEvent] = []
        self._points: list[tuple[int, Arrays]] = []
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                self.outcome = end.value
                return
            if isinstance(step, SafePoint):
                # As a checkpoint keeps them.
                self._points.append((len(self.events), unpack_arrays(pack_arrays(step.state()))))
            else:
                self.events.append(step)

    @property
    def points(self) -> int:
        """How many safe points there are."""
        return len(self._points)

    def left_at(self, point: int) -> ResumeState:
        """Return what a worker would find that takes the training up at a safe point, from 0."""
        count, arrays = self._points[point]
        return ResumeState(
            arrays,
            fold(Logged(n, float(n), event) for n, event in enumerate(self.events[:count], 1)),
        )


def plain(made: Any) -> Any:
    """Return an outcome with every array as its bytes, so that equal means equal in every bit."""
    if isinstance(made, dict):
        return {name: plain(value) for name, value in made.items()}
    if isinstance(made, list | tuple):
        return [plain(value) for value in made]
    return (
        (made.dtype.str, made.shape, made.tobytes())
        if isinstance(made, np.ndarray | np.generic)
        else made
    )


@pytest.fixture(autouse=True)
def _a_slice_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have safe points in mid-epoch too, however fast the machine."""

    def one_more(training: CompiledTraining, batches: int, seconds: float) -> None:
        training._batches_per_slice = 7

    monkeypatch.setattr(CompiledTraining, "_adjust_slice", one_more)


def test_a_forecast(sunspots: NDArray[np.float64]) -> None:
    def train(earlier: ResumeState | None = None) -> Course:
        return Course(forecasting.train(FORECAST, sunspots, 3, earlier))

    whole = train()
    assert whole.points >= 3
    for point in (0, whole.points // 2, whole.points - 1):
        assert plain(asdict(train(whole.left_at(point)).outcome)) == plain(asdict(whole.outcome))


def test_several_seeds(sunspots: NDArray[np.float64]) -> None:
    def train(earlier: ResumeState | None = None) -> Course:
        return Course(train_replicates(FORECAST, sunspots, range(3, 6), earlier))

    def everything(course: Course) -> Any:
        return {seed: plain(asdict(forecast)) for seed, forecast in course.outcome.items()}

    whole = train()
    assert list(whole.outcome) == [3, 4, 5]
    for point in (0, whole.points // 3, whole.points // 2, whole.points - 2, whole.points - 1):
        assert everything(train(whole.left_at(point))) == everything(whole)


NAMES = "Ñandú\nJosé Núñez\n李小龍\nZoë 👍🏽\n\nÁlvaro\nМария\n"


@pytest.mark.parametrize("lines", [None, NAMES * 30], ids=["English", "names in lines"])
def test_a_text(text: str, lines: str | None) -> None:
    def train(earlier: ResumeState | None = None) -> Course:
        return Course(text_training.train(WRITING, lines or text[:2000], 3, earlier=earlier))

    whole = train()
    assert whole.points > 8
    for point in (0, whole.points // 3, whole.points // 2, whole.points - 2, whole.points - 1):
        assert plain(asdict(train(whole.left_at(point)).outcome)) == plain(asdict(whole.outcome))


def test_a_longer_text_from_the_end_of_a_shorter(text: str) -> None:
    def train(iterations: int, earlier: ResumeState | None = None) -> Course:
        parameters = WRITING.model_copy(update={"iterations": iterations})
        return Course(text_training.train(parameters, text[:2000], 3, earlier=earlier))

    shorter = train(1)
    longer = train(3, shorter.left_at(shorter.points - 1))
    assert plain(asdict(longer.outcome)) == plain(asdict(train(3).outcome))


def test_the_state_of_another_network_is_refused(sunspots: NDArray[np.float64]) -> None:
    other = FORECAST.model_copy(update={"hidden_units": 4})
    left = Course(forecasting.train(other, sunspots, 3)).left_at(0)
    with pytest.raises(CheckpointMismatch):
        Course(forecasting.train(FORECAST, sunspots, 3, left))
