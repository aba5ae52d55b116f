"""Runs and presets as the JSON objects that scripts rely on (the command's contract)."""

import json
import math
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from engine.data.catalog import CATALOG, changed_options
from engine.reports.kinds import reports_of
from engine.runs.results import (
    AnyMetrics,
)
from engine.runs.watch import Snapshot
from engine.sanitise import printable
from engine.trials.trial import Trial
from presets import Preset


def describe_preset(preset: Preset) -> dict[str, Any]:
    """Return one preset: parameters, what is assumed, and what the report published.

    The remarks say which seeds are as printed.
    """
    marks = {"published": {"iterations": {"__all__": {"seed_as_printed"}}}}
    return preset.model_dump(mode="json", exclude=marks)


def describe_run(snapshot: Snapshot) -> dict[str, Any]:
    """Return one run, as all commands with JSON output print it: ``run, show, runs, export``.

    The keys of the command's contract come first, in its order, then keys that were added later:

    ``seconds``
        From submission to end, start-up included; null until the run has ended. This includes
        ``seconds_working``, those of the workers, and ``seconds_waiting``, those in the queue.
    ``metrics``
        All that was measured: every epoch's loss, every seed's errors, test points and baselines,
        every text. Null before there is anything.
    ``data``
        What the trial reads: name, SHA-256 of its file, where a person gave it, and how it is read
        (``reading`` of a series, ``preparation`` of a text).
    ``note``
        A person's note about the run; null if there is none.
    ``device``
        The requested device: ``cpu`` or ``gpu``.

    A number that JSON lacks (NaN, infinity: a diverged run's loss) is null. For a run that has
    ended, a snapshot that was read with ``brief=Result`` gives the same object as one that was read
    in full.
    """
    finite: dict[str, Any] = _finite(_describe(snapshot))
    return finite


def run_as_line(snapshot: Snapshot) -> str:
    """Return :func:`describe_run` as JSON in one line of ASCII, without its line end.

    For lists of thousands of runs: it takes a sixth of the time of Python's encoder, which can't
    write NaN as null.
    """
    described = _describe(snapshot)
    try:
        return to_json(described, ensure_ascii=True, inf_nan_mode="null").decode("ascii")
    except PydanticSerializationError:
        # This encoder can't write half of a surrogate pair (say in a folder's name that is not
        # UTF-8).
        return json.dumps(_finite(described), separators=(",", ":"))


def _describe(snapshot: Snapshot) -> dict[str, Any]:
    """Return :func:`describe_run` including numbers that JSON lacks."""
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
        "seconds_working": snapshot.seconds_working,
        "seconds_waiting": snapshot.seconds_waiting,
        "worker": {"pid": worker.pid, "host": worker.host, "started": worker.started}
        if worker
        else None,
    }
    described["metrics"] = metrics_json(snapshot)
    described["error"] = {"what": error.what, "try": error.remedy} if error else None
    described["provenance"] = provenance.model_dump(mode="json") if provenance else None
    described["data"] = _describe_data(trial)
    described["note"] = snapshot.note or None
    described["device"] = trial.device
    return described


def _describe_data(trial: Trial) -> dict[str, Any]:
    """Return what a trial reads, with every option of its kind, defaults included."""
    data, options = trial.data, {"reading", "preparation"}
    name = trial.options_field
    return data.model_dump(mode="json", exclude=options) | {
        name: getattr(data, name).model_dump(mode="json")
    }


def _finite(value: Any) -> Any:
    """Return a JSON value with null instead of NaN and infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def metrics_json(snapshot: Snapshot) -> dict[str, Any] | None:
    """Return a result's metrics, or those of an unfinished run so far; None if there are none."""
    if snapshot.result:
        return snapshot.result.metrics.to_json()
    return reports_of(snapshot.trial.kind).metrics_so_far(
        snapshot.progress, snapshot.trial.parameters
    )


def data_label(trial: Trial) -> str:
    """Return a person's name for a trial's data, without folder or host: ``rain.csv:2``.

    The end and options other than defaults follow: ``sunspots@1950``, ``rain.csv, missing -9999``.
    """
    data = trial.data
    entry = CATALOG.get(data.name) if data.file is None and data.url is None else None
    label = data.name + (f"@{data.until}" if data.until else "")
    if data.column is not None and not (entry and data.column == entry.column):
        label += f":{data.column}"
    return printable(
        ", ".join([label, *(f"{name} {value}" for name, value in changed_options(trial).items())])
    )


def format_metrics(figures: AnyMetrics | None) -> str:
    """Format the main numbers of a result: train and test RMSE, or the last loss."""
    return reports_of(figures.kind).headline(figures) if figures else ""
