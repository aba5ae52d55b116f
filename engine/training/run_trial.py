"""Conducting a trial: opening its data, training, and turning what came out into the records of a
result.
"""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.data.series import open_series
from engine.data.texts import Library
from engine.errors import LabError
from engine.host.home import Home
from engine.language import _
from engine.numerics.protocol import check_series, check_text
from engine.runs.events import PhaseEntered, Warned
from engine.runs.results import (
    DataUsed,
    Errors,
    ForecastMetrics,
    IterationMetrics,
    ReplicateMetrics,
    TextMetrics,
)
from engine.training import forecasting, text
from engine.training.epochs import ResumeState
from engine.training.forecasting import Forecast, Steps
from engine.training.replicates import train_replicates
from engine.trials.trial import ForecastTrial, TextTrial
from engine.trials.variant import Variant


@dataclass(frozen=True)
class Outcome:
    """What a trial brought: its figures, what it was trained on, and the arrays to keep."""

    metrics: ForecastMetrics | TextMetrics
    parameter_count: int
    data: DataUsed
    weights: dict[str, NDArray[Any]]
    predictions: dict[str, NDArray[Any]] = field(default_factory=dict)


def run_trial(
    trial: ForecastTrial | TextTrial,
    home: Home,
    variant: Variant = Variant.TWO_THREADS,
    earlier: ResumeState | None = None,
) -> Steps[Outcome]:
    """Carry a trial out in a variant that this process has entered, saying what happens as events.

    Goes on from ``earlier`` where there is one. Returns its outcome.

    Raises :class:`LabError` where the data is not there, the device is missing or the training
    diverges.
    """
    if trial.device == "gpu" and not tf.config.list_physical_devices("GPU"):
        raise LabError(
            _("TensorFlow finds no GPU on this host."),
            _("Run the trial with --device cpu; in its form, device = cpu."),
        )
    yield PhaseEntered(phase="preparing")
    if isinstance(trial, ForecastTrial):
        return (yield from _forecast(trial, home, variant, earlier))
    return (yield from _write(trial, home, variant, earlier))


def _forecast(
    trial: ForecastTrial, home: Home, variant: Variant, earlier: ResumeState | None
) -> Steps[Outcome]:
    series = open_series(trial.data, home)
    check_series(trial.parameters, len(series.values))
    if not series.is_built_in:
        yield Warned(
            text=_(
                "{name} is not the series of the report: the published figures are of another "
                "series."
            ).format(name=series.name)
        )
    if trial.replicates == 1:
        made = {
            trial.seed: (
                yield from forecasting.train(trial.parameters, series.values, trial.seed, earlier)
            )
        }
    else:
        made = yield from train_replicates(
            trial.parameters, series.values, trial.seeds, earlier, threads=variant.threads
        )
    chosen = representative(made)
    drawn = made[chosen]
    return Outcome(
        metrics=_forecast_metrics(
            drawn, _spread(trial, made, chosen) if trial.replicates > 1 else {}
        ),
        parameter_count=drawn.parameter_count,
        data=DataUsed(
            name=series.name,
            sha256=series.sha256,
            prepared_sha256=series.prepared_sha256,
            length=len(series.values),
            heading=series.heading or None,
        ),
        weights=drawn.weights,
        predictions={
            "real": drawn.real,
            "predicted": drawn.predicted,
            "positions": drawn.positions,
            "n_train": np.asarray(drawn.n_train),
            "minimum": np.asarray(drawn.minimum),
            "maximum": np.asarray(drawn.maximum),
            # Every seed's, a row each, so that another than the representative can be looked at.
            "seeds": np.array(list(made)),
            "predicted_by_seed": np.stack([forecast.predicted for forecast in made.values()]),
            "losses_by_seed": np.array([forecast.losses for forecast in made.values()]),
        },
    )


def representative(made: Mapping[int, Forecast]) -> int:
    """Return the seed that stands for all: the lower median by test RMSE, so that one of them is
    what is drawn.
    """
    ranked = sorted(made, key=lambda seed: (made[seed].test_rmse, seed))
    return ranked[(len(ranked) - 1) // 2]


def _forecast_metrics(made: Forecast, spread: Mapping[str, Any]) -> ForecastMetrics:
    return ForecastMetrics(
        losses=made.losses,
        train_rmse=made.train_rmse,
        test_rmse=made.test_rmse,
        train_rmse_sunspots=made.train_rmse_sunspots,
        test_rmse_sunspots=made.test_rmse_sunspots,
        train_points=made.n_train,
        test_points=len(made.real) - made.n_train,
        constant_prediction=made.constant_prediction,
        persistence=Errors(train_rmse=made.persistence.train, test_rmse=made.persistence.test),
        linear_autoregression=Errors(
            train_rmse=made.linear_autoregression.train, test_rmse=made.linear_autoregression.test
        ),
        **spread,
    )


def _spread(trial: ForecastTrial, made: Mapping[int, Forecast], chosen: int) -> dict[str, Any]:
    """Return every seed's errors, and their mean and sample standard deviation over those that did
    not diverge.
    """
    train = [forecast.train_rmse for forecast in made.values()]
    test = [forecast.test_rmse for forecast in made.values()]
    return {
        "representative_seed": chosen,
        "replicates": tuple(
            ReplicateMetrics(
                seed=seed,
                train_rmse=made[seed].train_rmse if seed in made else None,
                test_rmse=made[seed].test_rmse if seed in made else None,
                state="done" if seed in made else "diverged",
                constant_prediction=made[seed].constant_prediction if seed in made else None,
            )
            for seed in trial.seeds
        ),
        "train_rmse_mean": statistics.fmean(train),
        "train_rmse_sd": statistics.stdev(train) if len(train) > 1 else None,
        "test_rmse_mean": statistics.fmean(test),
        "test_rmse_sd": statistics.stdev(test) if len(test) > 1 else None,
    }


def _write(
    trial: TextTrial, home: Home, variant: Variant, earlier: ResumeState | None
) -> Steps[Outcome]:
    corpus = Library(home).open(trial.data)
    check_text(trial.parameters, len(corpus.text), corpus.distinct)
    if not corpus.is_report_text:
        yield Warned(
            text=_(
                "{name} is not the text of the report: the published figures are of another text."
            ).format(name=corpus.name)
        )
    made = yield from text.train(trial.parameters, corpus.text, trial.seed, variant, earlier)
    return Outcome(
        metrics=TextMetrics(
            iterations=tuple(
                IterationMetrics(
                    iteration=done.iteration,
                    loss=done.loss,
                    losses=done.losses,
                    seed_text=done.seed_text,
                    generated=done.generated,
                )
                for done in made.iterations
            )
        ),
        parameter_count=made.parameter_count,
        data=DataUsed(
            name=corpus.name,
            sha256=corpus.sha256,
            prepared_sha256=corpus.prepared_sha256,
            length=len(corpus.text),
            distinct=corpus.distinct,
            left_out=corpus.left_out,
        ),
        weights=made.weights,
    )
