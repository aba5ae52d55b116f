"""What running a trial of any kind yields, and how it is called."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from engine.host.home import Home
from engine.runs.results import DataUsed, Metrics
from engine.training.epochs import ResumeState
from engine.training.forecasting import Steps
from engine.trials.variant import Variant


@dataclass(frozen=True)
class Outcome:
    """What a trial produced: its metrics, what it was trained on, and the arrays to keep."""

    metrics: Metrics
    parameter_count: int
    data: DataUsed
    weights: dict[str, NDArray[Any]]
    predictions: dict[str, NDArray[Any]] = field(default_factory=dict)


Trainer = Callable[[Any, Home, Variant, ResumeState | None], Steps[Outcome]]
"""Runs a trial of one kind, as :func:`engine.training.run_trial.run_trial` does any."""
