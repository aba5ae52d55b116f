"""The command line that repeats a trial."""

import shlex

from engine.data.kinds import data_of
from engine.trials.trial import Trial, diff_from_preset, format_value
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
    arguments += data_of(trial.kind).command_options(trial.data)
    if trial.device != "cpu":
        arguments += ["--device", trial.device]
    return shlex.join(arguments)
