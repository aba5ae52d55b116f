"""Runs and presets as the JSON objects that scripts rely on (the command's contract)."""

import math
from typing import Any

from engine.caveats import mark
from engine.progress import Progress
from engine.results import SPREAD, Figures, ForecastFigures, ForecastMetrics, IterationMetrics, TextFigures, TextMetrics
from engine.trial import AliceParameters
from engine.watch import Snapshot
from presets import Preset


def describe_preset(preset: Preset) -> dict[str, Any]:
    """Return one preset: parameters, what is assumed, and what the report published.

    Which seeds are as printed, the remarks say.
    """
    marks = {"published": {"iterations": {"__all__": {"seed_as_printed"}}}}
    return preset.model_dump(mode="json", exclude=marks if preset.kind == "alice" else None)


def describe_run(snapshot: Snapshot, *, metrics: bool = True) -> dict[str, Any]:
    """Return one run. ``seconds`` is from submission to end, start-up included; null while it goes on.

    A figure that is no number, as a diverged run's loss, is null: JSON has none such.
    """
    run, trial, submission = snapshot.run, snapshot.trial, snapshot.run.submission
    worker, error, provenance = snapshot.worker, snapshot.error, snapshot.provenance
    described: dict[str, Any] = {
        "id": run.id,
        "kind": trial.kind,
        "preset": trial.preset,
        "state": snapshot.state,
        "seed": trial.seed,
        "replicates": trial.replicates,
        "parameters": trial.parameters.model_dump(mode="json"),
        "directory": str(run.directory),
        "submitted": submission.submitted.isoformat(),
        "seconds": snapshot.seconds,
        "worker": {"pid": worker.pid, "host": worker.host, "started": worker.started} if worker else None,
    }
    if metrics:
        described["metrics"] = measured(snapshot)
    described["error"] = {"what": error.what, "try": error.remedy} if error else None
    described["provenance"] = provenance.model_dump(mode="json") if provenance else None
    finite: dict[str, Any] = _finite(described)
    return finite


def _finite(value: Any) -> Any:
    """Return a JSON value with null in the place of NaN and the infinities."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
    return value


def measured(snapshot: Snapshot) -> dict[str, Any] | None:
    """Return the metrics of a result, or what an unfinished run has so far; None before there are any."""
    if snapshot.result:
        metrics = snapshot.result.metrics
        # What there is only of several seeds is absent for one, not null.
        absent = SPREAD if isinstance(metrics, ForecastMetrics) and metrics.replicates is None else frozenset()
        return metrics.model_dump(mode="json", exclude=set(absent))
    progress, parameters = snapshot.progress, snapshot.trial.parameters
    if isinstance(parameters, AliceParameters):
        written = written_so_far(progress, parameters)
        return written.model_dump(mode="json") if written.iterations else None
    return {"losses": progress.losses, "train_rmse": None, "test_rmse": None} if progress.losses else None


def written_so_far(progress: Progress, parameters: AliceParameters) -> TextMetrics:
    """Return the complete iterations of a character run that may go on."""
    each = parameters.epochs_per_iteration
    return TextMetrics(
        iterations=tuple(
            IterationMetrics(
                iteration=done.number,
                loss=done.loss,
                losses=tuple(progress.losses[(done.number - 1) * each : done.number * each]),
                seed_text=done.seed_text,
                generated=done.text,
            )
            for done in progress.iterations
            if done.loss is not None
        )
    )


def final_figures(figures: Figures | None) -> str:
    """Return the figures of a result in a few characters: train and test RMSE, or the last loss."""
    match figures:
        case ForecastMetrics() | ForecastFigures():
            train, test = figures.typical
            return f"{train:.3f} / {test:.3f} {mark(figures)}".rstrip()
        case TextMetrics(iterations=iterations) | TextFigures(iterations=iterations):
            return f"{iterations[-1].loss:.4f}" if iterations else ""
    return ""
