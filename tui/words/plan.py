"""What a trial will do, in a few lines: model, amount of training and data, published result."""

from collections.abc import Sequence

from engine.language import _, ngettext
from engine.numerics.cells import CELLS
from engine.runs.watch import Snapshot
from engine.trials.trial import Parameters
from presets import Preset
from tui.words import format as fmt
from tui.words.kinds import words_of


def parameter_count(parameters: Parameters, characters: int | None = None) -> int | None:
    """Return the number of trainable weights.

    The dense layer has outputs * (units + 1). ``characters`` is the size of a text trial's
    alphabet; if that is None (not known yet), so is the result.
    """
    sizes, units = parameters.layer_sizes(characters), parameters.hidden_units
    if sizes is None:
        return None
    inputs, outputs = sizes
    return CELLS[parameters.cell].weight_count(inputs, units) + outputs * (units + 1)


def plan_lines(
    preset: Preset,
    parameters: Parameters,
    length: int | None,
    took: float | None,
    step: str | None = "M",
    distinct: int | None = None,
) -> list[str]:
    """Describe the trial line by line.

    ``length`` is that of the data once read: of a series in steps of ``step`` (a pandas frequency),
    of a text in characters, ``distinct`` of them distinct. ``took`` is in seconds.
    """
    lines = words_of(preset.kind).plan_lines(parameters, length, step)
    count = parameter_count(parameters, distinct)
    if count is not None:
        lines.append(weights(count))
    if preset.assumed:
        names = ", ".join(preset.assumed)
        lines.append(_("not in the report, assumed: {names}").format(names=names))
    if took is not None:
        lines.append(_("took {time} here the last time").format(time=fmt.duration(took)))
    return lines


def weights(count: int) -> str:
    """Write how many trainable weights a network has."""
    return ngettext("{n} weight", "{n} weights", count).format(n=count)


def published_lines(preset: Preset) -> list[str]:
    """Return what the report published for a preset, one line per number."""
    return words_of(preset.kind).published_lines(preset.published)


def last_duration(
    parameters: Parameters, replicates: int, runs: Sequence[Snapshot]
) -> float | None:
    """Return the working seconds of the latest finished run with these parameters and seeds.

    None if there is none. ``runs`` come newest first.
    """
    for run in runs:
        is_same = run.trial.parameters == parameters and run.trial.replicates == replicates
        if run.state == "done" and is_same:
            return run.seconds_working
    return None
