"""Several seeds on two cores: whichever lane trained one, and whenever the run was left, the bits
are the same.
"""

import threading
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pytest
from numpy.typing import NDArray
from training.test_resume import FORECAST, plain

from engine.numerics.divergence import Diverged
from engine.runs.checkpoints import pack_arrays, unpack_arrays
from engine.runs.events import AnyEvent, Logged, ReplicateEnded, ReplicateStarted
from engine.runs.progress import fold
from engine.training import forecasting, replicates
from engine.training.epochs import ResumeState, SafePoint
from engine.training.forecasting import Forecast, ForecastTraining, Steps
from engine.training.replicates import train_replicates

Series = NDArray[np.float64]
SEEDS = range(3, 8)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the lane beside opened however little there is to do."""
    monkeypatch.setattr(replicates, "HELPER_THRESHOLD_S", 0.0)


@pytest.fixture(scope="module")
def alone(sunspots: Series) -> dict[int, Forecast]:
    """Every seed's forecast, one after the other."""
    steps = train_replicates(FORECAST, sunspots, SEEDS)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: dict[int, Forecast] = end.value
            return made


def lane_beside() -> threading.Thread | None:
    return next((thread for thread in threading.enumerate() if thread.name == "seeds beside"), None)


def gone_through(steps: Steps[dict[int, Forecast]]) -> tuple[list[AnyEvent], dict[int, Forecast]]:
    """Go through the steps, but let the lane beside have all that waits as soon as there is one."""
    events: list[AnyEvent] = []
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return events, end.value
        if not isinstance(step, SafePoint):
            events.append(step)
        if beside := lane_beside():
            beside.join()


def bits(made: dict[int, Forecast]) -> object:
    return {seed: plain(asdict(forecast)) for seed, forecast in made.items()}


def began(events: Sequence[AnyEvent]) -> list[int]:
    return [event.seed for event in events if isinstance(event, ReplicateStarted)]


def ended(events: Sequence[AnyEvent]) -> set[int]:
    return {event.seed for event in events if isinstance(event, ReplicateEnded)}


def test_the_lane_beside_gives_the_same_bits(alone: dict[int, Forecast], sunspots: Series) -> None:
    events, made = gone_through(train_replicates(FORECAST, sunspots, SEEDS, threads=2))
    # The run's own lane had the first; nobody has announced the others.
    assert began(events) == [3]
    assert ended(events) == set(SEEDS)
    assert list(made) == list(SEEDS)
    assert bits(made) == bits(alone)


def test_left_and_taken_up_again(alone: dict[int, Forecast], sunspots: Series) -> None:
    events: list[AnyEvent] = []
    steps = train_replicates(FORECAST, sunspots, SEEDS, threads=2)
    for step in steps:
        if not isinstance(step, SafePoint):
            events.append(step)
        elif len(ended(events)) >= 2:
            # As a checkpoint keeps it; the seeds that end after it are trained again.
            arrays = unpack_arrays(pack_arrays(step.state()))
            break
    steps.close()
    assert lane_beside() is None
    log = [Logged(n, float(n), event) for n, event in enumerate(events, 1)]
    later, made = gone_through(
        train_replicates(FORECAST, sunspots, SEEDS, ResumeState(arrays, fold(log)), threads=2)
    )
    assert not ended(events) & ended(later)
    assert ended(events) | ended(later) == set(SEEDS)
    assert list(made) == list(SEEDS)
    assert bits(made) == bits(alone)


def test_one_that_diverges_beside_is_left_out(
    alone: dict[int, Forecast], sunspots: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = ForecastTraining.train

    def or_diverge(
        self: ForecastTraining, seed: int, earlier: ResumeState | None = None
    ) -> Steps[Forecast]:
        if seed == 5:
            raise Diverged(2, np.inf)
        return (yield from train(self, seed, earlier))

    monkeypatch.setattr(forecasting.ForecastTraining, "train", or_diverge)
    events, made = gone_through(train_replicates(FORECAST, sunspots, SEEDS, threads=2))
    assert ReplicateEnded(seed=5) in events
    assert bits(made) == bits({seed: forecast for seed, forecast in alone.items() if seed != 5})


def test_what_goes_wrong_beside_is_not_lost(
    sunspots: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_ = ForecastTraining.compile

    def out_of_memory(self: ForecastTraining) -> None:
        if threading.current_thread().name == "seeds beside":
            raise MemoryError
        compile_(self)

    monkeypatch.setattr(ForecastTraining, "compile", out_of_memory)
    with pytest.raises(MemoryError):
        gone_through(train_replicates(FORECAST, sunspots, SEEDS, threads=2))
    assert lane_beside() is None


def test_with_one_thread_there_is_none_beside(
    alone: dict[int, Forecast], sunspots: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, made = gone_through(train_replicates(FORECAST, sunspots, SEEDS, threads=1))
    assert began(events) == list(SEEDS)
    assert bits(made) == bits(alone)
