"""Conducting a trial: opening its data, training, and turning what came out into the records of a result."""

import hashlib
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.data.corpus import Library
from engine.data.series import open_series
from engine.errors import LabError
from engine.events import AnyEvent, PhaseEntered, Warned
from engine.home import Home
from engine.language import _
from engine.protocol import check_series, check_text
from engine.results import DataUsed, Errors, ForecastMetrics, IterationMetrics, TextMetrics
from engine.training import characters, forecasting
from engine.trial import AliceTrial, SunspotsTrial


@dataclass(frozen=True)
class Outcome:
    """What a trial brought: its figures, what it was trained on, and the arrays to keep."""

    metrics: ForecastMetrics | TextMetrics
    parameter_count: int
    data: DataUsed
    weights: dict[str, NDArray[Any]]
    predictions: dict[str, NDArray[Any]] = field(default_factory=dict)


def conduct(trial: SunspotsTrial | AliceTrial, home: Home) -> Generator[AnyEvent, None, Outcome]:
    """Carry a trial out, saying what happens as events. Returns its outcome.

    Raises :class:`LabError` where the data is not there, the device is missing or the training diverges.
    """
    if trial.device == "gpu" and not tf.config.list_physical_devices("GPU"):
        raise LabError(_("TensorFlow finds no GPU on this host."), _("Run the trial with --device cpu."))
    yield PhaseEntered(phase="preparing")
    if isinstance(trial, SunspotsTrial):
        return (yield from _forecast(trial))
    return (yield from _write(trial, home))


def _forecast(trial: SunspotsTrial) -> Generator[AnyEvent, None, Outcome]:
    series = open_series(trial.data)
    check_series(trial.parameters, len(series.values))
    made = yield from forecasting.train(trial.parameters, series.values, trial.seed)
    return Outcome(
        metrics=ForecastMetrics(
            losses=made.losses,
            train_rmse=made.train_rmse,
            test_rmse=made.test_rmse,
            train_rmse_sunspots=made.train_rmse_sunspots,
            test_rmse_sunspots=made.test_rmse_sunspots,
            train_points=made.n_train,
            test_points=len(made.real) - made.n_train,
            persistence=Errors(train_rmse=made.persistence.train, test_rmse=made.persistence.test),
            linear_autoregression=Errors(
                train_rmse=made.linear_autoregression.train, test_rmse=made.linear_autoregression.test
            ),
        ),
        parameter_count=made.parameter_count,
        data=DataUsed(
            name=series.name,
            sha256=series.sha256,
            prepared_sha256=hashlib.sha256(series.values.tobytes()).hexdigest(),
            length=len(series.values),
        ),
        weights=made.weights,
        predictions={
            "real": made.real,
            "predicted": made.predicted,
            "positions": made.positions,
            "n_train": np.asarray(made.n_train),
            "minimum": np.asarray(made.minimum),
            "maximum": np.asarray(made.maximum),
        },
    )


def _write(trial: AliceTrial, home: Home) -> Generator[AnyEvent, None, Outcome]:
    corpus = Library(home).open(trial.data)
    check_text(trial.parameters, len(corpus.text), corpus.distinct)
    if not corpus.is_the_reports:
        yield Warned(
            text=_("{name} is not the text of the report: the published figures are of another text.").format(
                name=corpus.name
            )
        )
    made = yield from characters.train(trial.parameters, corpus.text, trial.seed)
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
        ),
        weights=made.weights,
    )
