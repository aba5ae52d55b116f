"""Runs as one rectangular table for programs to read: a row per forecast or text iteration.

The columns are derived from a run's JSON object (:func:`engine.reports.json_records.describe_run`),
so that whatever is added there becomes a column here:

- A column is named by its key. A key within an object is prefixed by the object's name and an
  underscore (``data_sha256``, ``error_try``), except within ``parameters`` and ``metrics``
  (``epochs``).
- The values are the same, unrounded; null is an empty cell. A list of options is one cell, as
  people type it.
- What is measured many times in a run is in JSON only: each epoch's loss, each seed's errors. The
  iterations of a text are the rows.
- The published numbers and whether they were reproduced are added, and the mean over the seeds also
  for a single one, so that the same column serves runs of one seed and of many.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from engine.reports.iterations import ALL_ITERATIONS, Iterations
from engine.reports.json_records import describe_run
from engine.reports.kinds import Record, reports_of
from engine.reports.tables import Cell, Table, Verbatim
from engine.runs.results import Provenance
from engine.runs.watch import Snapshot
from engine.trials.data_options import format_option
from engine.trials.kinds import KINDS
from engine.trials.trial import (
    TRIALS,
    DataReference,
    format_value,
    parameters_model,
)

_UNPREFIXED = ("parameters", "metrics")
_RUN = ("id", "kind", "preset", "state", "seed", "replicates")
_END = ("seconds", "seconds_working", "seconds_waiting", "error_what", "error_try", "note")
_MACHINE = ("device", "directory", "submitted", "worker_pid", "worker_host", "worker_started")


def records_table(
    runs: Sequence[Snapshot], *, verdicts: bool = False, iterations: Iterations = ALL_ITERATIONS
) -> Table:
    """Return the table. A text run without a complete, chosen iteration gets one row.

    An exception is a finished one, which :func:`runs_without_row` reports: a row without numbers
    would look like its result.
    """
    records = [record for run in runs for record in _records(run, iterations)]
    columns = list(default_columns({run.trial.kind for run in runs}))
    if verdicts:
        columns.append("reproduced")
    filled = {name for record in records for name, value in record.items() if value is not None}
    columns += sorted(filled - {*columns, "reproduced"})
    return Table(
        "",
        tuple(columns),
        tuple(tuple(_cell(record.get(name)) for name in columns) for record in records),
    )


def flatten(described: Mapping[str, Any], prefix: str = "") -> Record:
    """Return the scalars and lists of scalars of a run's JSON object, by column name."""
    flat: Record = {}
    for key, value in described.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, prefix if key in _UNPREFIXED else f"{prefix}{key}_")
        elif not (
            isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value)
        ):
            flat[prefix + key] = value
    return flat


def default_columns(kinds: Collection[str]) -> Iterator[str]:
    """Yield the columns that runs of these ``kinds`` always have, in order."""
    chosen = [kind for kind in KINDS if kind in kinds]
    columns = dict.fromkeys(_RUN)
    for kind in chosen:
        columns |= dict.fromkeys(_keys(parameters_model(kind)))
    for kind in chosen:
        columns |= dict.fromkeys(reports_of(kind).metric_columns)
    columns |= dict.fromkeys(
        [*_END, *_keys(DataReference, "data_", leave_out=("reading", "preparation"))]
    )
    for kind in chosen:
        name = TRIALS[kind].options_field
        options = DataReference.model_fields[name].annotation
        assert isinstance(options, type)
        columns |= dict.fromkeys(_keys(options, f"data_{name}_"))
    columns |= dict.fromkeys([*_MACHINE, *_keys(Provenance, "provenance_")])
    yield from columns


def keys_without_lists(model: type[BaseModel]) -> Iterator[str]:
    """Yield the columns of a ``model`` without its lists."""
    return _keys(
        model,
        leave_out=[
            name for name, field in model.model_fields.items() if _is_list(field.annotation)
        ],
    )


def _is_list(annotation: Any) -> bool:
    options = (
        get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    )
    return any(get_origin(option) is tuple for option in options)


def _keys(model: type[BaseModel], prefix: str = "", leave_out: Sequence[str] = ()) -> Iterator[str]:
    """Yield the columns that every JSON object of a ``model`` has, including nested objects'."""
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if name in leave_out or get_origin(annotation) is dict:
            continue
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _keys(annotation, f"{prefix}{name}_")
        elif not any(
            isinstance(option, type) and issubclass(option, BaseModel)
            for option in get_args(annotation)
        ):
            yield prefix + name


def _records(run: Snapshot, iterations: Iterations) -> list[Record]:
    described = describe_run(run)
    described["parameters"] = {
        name: format_value(value) for name, value in described["parameters"].items()
    }
    metrics = described["metrics"] or {}
    described["metrics"] = scalars(metrics)
    record = flatten(described)
    return reports_of(run.trial.kind).records(run, record, metrics, iterations)


def runs_without_row(runs: Sequence[Snapshot], iterations: Iterations) -> list[Snapshot]:
    """Return the finished text runs that have none of the chosen iterations."""
    return [run for run in runs if reports_of(run.trial.kind).lacks_row(run, iterations)]


def scalars(metrics: Mapping[str, Any]) -> Record:
    """Return what is one value each."""
    return {name: value for name, value in metrics.items() if not isinstance(value, list)}


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return Verbatim(value)
    if isinstance(value, list):
        cell = " ".join(map(format_option, value))
        return Verbatim(cell) if any(isinstance(item, str) for item in value) else cell
    return "" if value is None else str(value)
