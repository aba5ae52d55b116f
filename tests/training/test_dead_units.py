"""A network whose relu units died predicts one value: that is found when it is trained, and kept
with its figures.
"""

from pathlib import Path

import numpy as np
import pytest
from helpers.factory import sunspots_trial
from numpy.typing import NDArray

from engine.host.home import Home
from engine.runs.results import ForecastMetrics
from engine.training.forecasting import ForecastTraining
from engine.training.run_trial import run_trial

SEEDS = range(1, 9)


@pytest.fixture(scope="module")
def predicted(sunspots: NDArray[np.float64]) -> dict[int, tuple[NDArray[np.float32], float | None]]:
    """What one relu unit predicts from several seeds. It reads values of 0 and more, so a negative
    weight kills it.
    """
    training = ForecastTraining(
        sunspots_trial(5, activation="relu", hidden_units=1, epochs=2).parameters, sunspots
    )
    training.compile()
    made = {}
    for seed in SEEDS:
        steps = training.train(seed)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                made[seed] = end.value.predicted, end.value.constant_prediction
                break
    return made


def test_one_value_is_told_from_many(
    predicted: dict[int, tuple[NDArray[np.float32], float | None]],
) -> None:
    dead = {
        seed for seed, (values, _constant) in predicted.items() if len(set(values.tolist())) == 1
    }
    assert 0 < len(dead) < len(SEEDS)
    for seed, (values, constant) in predicted.items():
        assert constant == (pytest.approx(float(values[0])) if seed in dead else None), seed


def test_it_is_kept_for_every_seed(
    predicted: dict[int, tuple[NDArray[np.float32], float | None]], tmp_path: Path
) -> None:
    trial = sunspots_trial(5, activation="relu", hidden_units=1, epochs=2)
    trial = trial.model_copy(update={"seed": SEEDS[0], "replicates": len(SEEDS)})
    steps = run_trial(trial, Home(tmp_path))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            metrics = end.value.metrics
            break
    assert isinstance(metrics, ForecastMetrics)
    assert metrics.replicates is not None
    kept = {seed.seed: seed.constant_prediction for seed in metrics.replicates}
    assert kept == {seed: constant for seed, (_values, constant) in predicted.items()}
    assert metrics.constant_prediction == kept[metrics.representative_seed or 0]
