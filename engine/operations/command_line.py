"""The command line that runs a trial again."""

import shlex

from engine.data.catalog import (
    ALICE,
    CATALOG,
    PYTHON_DOCS,
    changed_preparation,
    is_built_in,
    reading_options,
)
from engine.trials.trial import (
    DataReference,
    ForecastTrial,
    TextTrial,
    diff_from_preset,
    format_value,
)
from presets import Preset, get


def command_for(trial: ForecastTrial | TextTrial, preset: Preset | None = None) -> str:
    """Return the command line that runs this very trial again."""
    preset = preset or get(trial.preset)
    words = ["rnnlab-tui", "run", trial.preset, "--seed", str(trial.seed)]
    if trial.replicates > 1:
        words += ["--seeds", str(trial.replicates)]
    if preset is not None:
        for name, (_before, value) in diff_from_preset(preset, trial.parameters).items():
            words += ["--set", f"{name}={format_value(value)}"]
    if isinstance(trial, TextTrial):
        words += [
            "--corpus",
            trial.data.file or trial.data.url or trial.data.name,
            *_preparation_words(trial.data),
        ]
    else:
        if trial.data.until or not is_built_in(trial.data):
            words += ["--series", _series_words(trial.data)]
        words += reading_options(trial.data)
    if trial.device != "cpu":
        words += ["--device", trial.device]
    return shlex.join(words)


def _preparation_words(data: DataReference) -> list[str]:
    """Return how a text is prepared as the command takes it.

    Where the default can't be known here, options are written even if they are the default: a file
    may be a copy of the report's text, and what a person's own name stands for may have been added
    with options.
    """
    options = data.preparation.model_dump()
    if data.file is not None or data.url is not None:
        options = {"letters": options["letters"], **changed_preparation(data)}
    elif data.name in (ALICE, PYTHON_DOCS):
        options = changed_preparation(data)
    return [f"--{name}={value}" for name, value in options.items()]


def _series_words(data: DataReference) -> str:
    """Return a series as ``--series`` takes it."""
    known = CATALOG.get(data.name) if data.file is None and data.url is None else None
    words = data.file or data.url or data.name
    if data.until:
        words += f"@{data.until}"
    return (
        words
        if data.column is None or (known and data.column == known.column)
        else f"{words}:{data.column}"
    )
