"""Runs as one rectangular table for a program to read: a row a forecast, a row an iteration of a text run.

The columns have the names that the JSON object of a run has, in every language; a cell without a value is empty. Which
columns there are depends on the kinds of run alone, so that two exports can be put under one another. All of a run's
parameters are there, hence every one in which two runs differ. Numbers are unrounded.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.describe import data_label, written_so_far
from engine.iterations import ALL_ITERATIONS, Iterations
from engine.published import published_for
from engine.results import ForecastMetrics
from engine.tables import Cell, Table, Verbatim
from engine.trial import AliceParameters, AliceTrial, SunspotsParameters, spell
from engine.verdict import forecast_reproduced, loss_reproduced
from engine.watch import Snapshot
from presets import PublishedForecast, PublishedText

_RUN = ("id", "kind", "preset", "state", "seed", "replicates", "data", "data_sha256")
_FORECAST = (
    "train_rmse", "test_rmse", "representative_seed", "train_rmse_mean", "train_rmse_sd", "test_rmse_mean",
    "test_rmse_sd", "test_points", "persistence_test_rmse", "linear_autoregression_test_rmse",
    "published_train_rmse", "published_test_rmse",
)  # fmt: skip
_TEXT = ("iteration", "loss", "seed_text", "generated", "published_loss")
_LAST = ("seconds", "error", "note")
Record = dict[str, Any]


def records_table(
    runs: Sequence[Snapshot], *, verdicts: bool = False, iterations: Iterations = ALL_ITERATIONS
) -> Table:
    """Return the table. A text run of which no iteration is complete, or none of the chosen ones, has one row."""
    records = [record for run in runs for record in _records(run, iterations)]
    columns = _columns({run.trial.kind for run in runs}, verdicts)
    rows = tuple(tuple(_cell(record.get(name)) for name in columns) for record in records)
    return Table("", columns, rows)


def _columns(kinds: Iterable[str], verdicts: bool) -> tuple[str, ...]:
    has_forecasts, has_texts = ("sunspots" in kinds), ("alice" in kinds)
    parameters = dict.fromkeys(
        [
            *(SunspotsParameters.model_fields if has_forecasts else ()),
            *(AliceParameters.model_fields if has_texts else ()),
        ]
    )
    figures = (*(_FORECAST if has_forecasts else ()), *(_TEXT if has_texts else ()))
    return (*_RUN, *parameters, *figures, *(("reproduced",) if verdicts else ()), *_LAST)


def _records(run: Snapshot, iterations: Iterations) -> list[Record]:
    trial = run.trial
    asked = {
        "id": Verbatim(run.run.id),
        "kind": trial.kind,
        "preset": trial.preset,
        "state": run.state,
        "seed": trial.seed,
        "replicates": trial.replicates,
        "data": Verbatim(data_label(trial)),
        "data_sha256": trial.data.sha256,
        **{name: spell(value) for name, value in trial.parameters},
        "seconds": run.seconds,
        "error": Verbatim(run.error.what) if run.error else None,
        "note": Verbatim(run.note),
    }
    if isinstance(trial, AliceTrial):
        return [asked | figures for figures in _text_figures(run, trial.parameters, iterations)] or [asked]
    return [asked | _forecast_figures(run)]


def _forecast_figures(run: Snapshot) -> Record:
    published = published_for(run)
    figures: Record = {}
    if isinstance(published, PublishedForecast):
        figures |= {"published_train_rmse": published.train_rmse, "published_test_rmse": published.test_rmse}
    metrics = run.result.metrics if run.result else None
    if isinstance(metrics, ForecastMetrics):
        figures |= {name: getattr(metrics, name) for name in _FORECAST if hasattr(metrics, name)}
        # The mean of one seed is that seed's, so that a column serves runs of one seed and of many.
        figures["train_rmse_mean"], figures["test_rmse_mean"] = metrics.typical
        figures["persistence_test_rmse"] = metrics.persistence.test_rmse
        figures["linear_autoregression_test_rmse"] = metrics.linear_autoregression.test_rmse
        if isinstance(published, PublishedForecast):
            figures["reproduced"] = forecast_reproduced(published, metrics)
    return figures


def _text_figures(run: Snapshot, parameters: AliceParameters, iterations: Iterations) -> list[Record]:
    published = published_for(run)
    losses = {row.iteration: row.loss for row in published.iterations} if isinstance(published, PublishedText) else {}
    rows: list[Record] = []
    for done in iterations.of(written_so_far(run.progress, parameters).iterations, run.preset):
        loss = losses.get(done.iteration)
        rows.append(
            {
                "iteration": done.iteration,
                "loss": done.loss,
                "seed_text": Verbatim(done.seed_text),
                "generated": Verbatim(done.generated),
                "published_loss": loss,
                "reproduced": None if loss is None else loss_reproduced(loss, done.loss),
            }
        )
    return rows


def _cell(value: object) -> Cell:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)
