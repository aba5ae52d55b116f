"""Running a forecast: open its series, train from each seed, make the records of a result."""

import statistics
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.data.series import open_series
from engine.host.home import Home
from engine.language import _
from engine.numerics.protocol import check_series
from engine.runs.events import Warned
from engine.runs.results import DataUsed, Errors, ForecastMetrics, ReplicateMetrics
from engine.training import forecasting
from engine.training.epochs import ResumeState
from engine.training.forecasting import Forecast, Steps
from engine.training.outcome import Outcome
from engine.training.replicates import train_replicates
from engine.trials.trial import ForecastTrial
from engine.trials.variant import Variant


def run_forecast(
    trial: ForecastTrial, home: Home, variant: Variant, earlier: ResumeState | None
) -> Steps[Outcome]:
    """Train a forecast from all its seeds; as :data:`engine.training.outcome.Trainer`."""
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
        forecasts = {
            trial.seed: (
                yield from forecasting.train(trial.parameters, series.values, trial.seed, earlier)
            )
        }
    else:
        forecasts = yield from train_replicates(
            trial.parameters, series.values, trial.seeds, earlier, threads=variant.threads
        )
    representative_seed = representative(forecasts)
    chosen = forecasts[representative_seed]
    return Outcome(
        metrics=_forecast_metrics(
            chosen, _spread(trial, forecasts, representative_seed) if trial.replicates > 1 else {}
        ),
        parameter_count=chosen.parameter_count,
        data=DataUsed(
            name=series.name,
            sha256=series.sha256,
            prepared_sha256=series.prepared_sha256,
            length=len(series.values),
            heading=series.heading or None,
        ),
        weights=chosen.weights,
        predictions={
            "real": chosen.real,
            "predicted": chosen.predicted,
            "positions": chosen.positions,
            "n_train": np.asarray(chosen.n_train),
            "minimum": np.asarray(chosen.minimum),
            "maximum": np.asarray(chosen.maximum),
            # One row per seed, so that others than the representative can be looked at.
            "seeds": np.array(list(forecasts)),
            "predicted_by_seed": np.stack([forecast.predicted for forecast in forecasts.values()]),
            "losses_by_seed": np.array([forecast.losses for forecast in forecasts.values()]),
        },
    )


def representative(forecasts: Mapping[int, Forecast]) -> int:
    """Return the seed to show for all: the lower median by test RMSE, so that it is one of them."""
    ranked = sorted(forecasts, key=lambda seed: (forecasts[seed].test_rmse, seed))
    return ranked[(len(ranked) - 1) // 2]


def _forecast_metrics(forecast: Forecast, spread: Mapping[str, Any]) -> ForecastMetrics:
    return ForecastMetrics(
        losses=forecast.losses,
        train_rmse=forecast.train_rmse,
        test_rmse=forecast.test_rmse,
        train_rmse_sunspots=forecast.train_rmse_sunspots,
        test_rmse_sunspots=forecast.test_rmse_sunspots,
        train_points=forecast.n_train,
        test_points=len(forecast.real) - forecast.n_train,
        constant_prediction=forecast.constant_prediction,
        persistence=Errors(
            train_rmse=forecast.persistence.train, test_rmse=forecast.persistence.test
        ),
        linear_autoregression=Errors(
            train_rmse=forecast.linear_autoregression.train,
            test_rmse=forecast.linear_autoregression.test,
        ),
        **spread,
    )


def _spread(
    trial: ForecastTrial, forecasts: Mapping[int, Forecast], representative_seed: int
) -> dict[str, Any]:
    """Return each seed's errors, with mean and sample standard deviation without diverged seeds."""
    train = [forecast.train_rmse for forecast in forecasts.values()]
    test = [forecast.test_rmse for forecast in forecasts.values()]
    return {
        "representative_seed": representative_seed,
        "replicates": tuple(
            ReplicateMetrics(
                seed=seed,
                train_rmse=forecasts[seed].train_rmse if seed in forecasts else None,
                test_rmse=forecasts[seed].test_rmse if seed in forecasts else None,
                state="done" if seed in forecasts else "diverged",
                constant_prediction=forecasts[seed].constant_prediction
                if seed in forecasts
                else None,
            )
            for seed in trial.seeds
        ),
        "train_rmse_mean": statistics.fmean(train),
        "train_rmse_sd": statistics.stdev(train) if len(train) > 1 else None,
        "test_rmse_mean": statistics.fmean(test),
        "test_rmse_sd": statistics.stdev(test) if len(test) > 1 else None,
    }
