"""The command line that repeats a trial."""

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
    TextTrial,
    Trial,
    diff_from_preset,
    format_value,
)
from presets import Preset, get


def command_for(trial: Trial, preset: Preset | None = None) -> str:
    """Return the command line that repeats a trial exactly."""
    preset = preset or get(trial.preset)
    arguments = ["rnnlab-tui", "run", trial.preset, "--seed", str(trial.seed)]
    if trial.replicates > 1:
        arguments += ["--seeds", str(trial.replicates)]
    if preset is not None:
        for name, (_previous, value) in diff_from_preset(preset, trial.parameters).items():
            arguments += ["--set", f"{name}={format_value(value)}"]
    if isinstance(trial, TextTrial):
        arguments += [
            "--corpus",
            trial.data.file or trial.data.url or trial.data.name,
            *_preparation_options(trial.data),
        ]
    else:
        if trial.data.until or not is_built_in(trial.data):
            arguments += ["--series", _series_argument(trial.data)]
        arguments += reading_options(trial.data)
    if trial.device != "cpu":
        arguments += ["--device", trial.device]
    return shlex.join(arguments)


def _preparation_options(data: DataReference) -> list[str]:
    """Return the command's options for the preparation of a text.

    If the default can't be known here, options are written even if they have default values: a file
    may be a copy of the report's text, and a text under a person's own name may have been added
    with options.
    """
    options = data.preparation.model_dump()
    if data.file is not None or data.url is not None:
        options = {"letters": options["letters"], **changed_preparation(data)}
    elif data.name in (ALICE, PYTHON_DOCS):
        options = changed_preparation(data)
    return [f"--{name}={value}" for name, value in options.items()]


def _series_argument(data: DataReference) -> str:
    """Return a series as ``--series`` takes it."""
    entry = CATALOG.get(data.name) if data.file is None and data.url is None else None
    text = data.file or data.url or data.name
    if data.until:
        text += f"@{data.until}"
    return (
        text
        if data.column is None or (entry and data.column == entry.column)
        else f"{text}:{data.column}"
    )
