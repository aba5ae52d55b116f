"""How a trial differs from its preset, in as few characters as possible."""

from collections.abc import Sequence

from engine.data.catalog import CATALOG, changed_options
from engine.language import _, ngettext
from engine.sanitise import printable
from engine.trials.trial import (
    SHORT_NAMES,
    Trial,
    diff_from_preset,
    format_value,
)
from presets import Preset


def data_change(trial: Trial) -> str:
    """Return the series or text of a trial, ``"rain@1950:2"``; empty if it is the report's.

    The name is followed by where the series ends, if it was cut, and by the column, if its table
    has several.
    """
    data = trial.data
    text = data.name + (f"@{data.until}" if data.until else "")
    entry = CATALOG.get(data.name)
    if data.column is not None and not (entry and entry.column == data.column):
        text += f":{data.column}"
    return "" if text == trial.report_data else printable(text)


def seed_change(trial: Trial) -> str:
    """Return a trial's random seeds, ``"seed 2"`` or ``"64 seeds"``; empty if only seed 1."""
    if trial.replicates == 1:
        return "" if trial.seed == 1 else _("seed {seed}").format(seed=trial.seed)
    if trial.seed == 1:
        return ngettext("{n} seed", "{n} seeds", trial.replicates).format(n=trial.replicates)
    return _("seeds {first}–{last}").format(first=trial.seeds[0], last=trial.seeds[-1])


def short_changes(trial: Trial, preset: Preset | None) -> list[str]:
    """Return how a trial differs from its preset, one item each: ``["t18", "h6", "s2"]``.

    Parameters are abbreviated by :data:`engine.trials.trial.SHORT_NAMES`.
    """
    changes = diff_from_preset(preset, trial.parameters) if preset else {}
    items = [_short(name, value) for name, (_previous, value) in changes.items()]
    if data := data_change(trial):
        items.append(data)
    items += [f"{name}={value}" for name, value in changed_options(trial).items()]
    if trial.replicates > 1 and trial.seed == 1:
        items.append(seed_change(trial))
    elif trial.replicates > 1:
        items.append(f"s{trial.seeds[0]}–{trial.seeds[-1]}")
    elif trial.seed != 1:
        items.append(f"s{trial.seed}")
    return items


def _short(name: str, value: object) -> str:
    """Format one parameter: its abbreviation and the value."""
    return SHORT_NAMES.get(name, f"{name}=") + format_value(value).replace(" ", "")


def fit_changes(long: str, items: Sequence[str], room: int) -> str:
    """Return ``long`` if it fits into ``room`` characters, else as many short items as fit.

    A "…" stands for those left out. The last item, the seeds, always stays: it is often all that
    tells two runs apart.
    """
    short = " ".join(items)
    for text in (long, short):
        if len(text) <= room:
            return text
    # Whole items only: half a number would be another number.
    leading, last = items[:-1], items[-1:]
    shortened = [
        " ".join([*leading[:count], "…", *last]) for count in range(len(leading)) if leading
    ]
    return next(
        (text for text in reversed(shortened) if len(text) <= room),
        short[: max(0, room - 1)] + "…",
    )
