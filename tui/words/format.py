"""Numbers, times and states as people read them in a narrow column."""

import math
from datetime import datetime

from engine.language import _, ngettext
from engine.runs.progress import Progress
from engine.runs.results import (
    AnyMetrics,
)
from engine.runs.run import State
from engine.runs.watch import Snapshot
from engine.trials.trial import Trial
from presets import Preset, Published
from tui.terminal.capabilities import has_plain_locale, streams_take_unicode
from tui.words.kinds import words_of

NO_NUMBERS = "–"
"""Shown if there are no numbers."""
_GLYPHS: dict[State, str] = {
    "queued": "◷",
    "held": "◫",
    "starting": "◌",
    "running": "●",
    "cancelling": "◍",
    "done": "✓",
    "diverged": "✗",
    "failed": "✗",
    "cancelled": "⊘",
    "interrupted": "!",
}


def speaks_unicode() -> bool:
    """Tell whether the terminal takes more than ASCII."""
    return streams_take_unicode() and not has_plain_locale()


def state_names() -> dict[State, str]:
    """Return the word for each state, in the person's language."""
    return {
        "queued": _("queued"),
        "held": _("held"),
        "starting": _("starting"),
        "running": _("running"),
        "cancelling": _("cancelling"),
        "done": _("done"),
        "diverged": _("diverged"),
        "failed": _("failed"),
        "cancelled": _("cancelled"),
        "interrupted": _("interrupted"),
    }


def state_text(state: State) -> str:
    """Return a state as a glyph and a word: never colour alone."""
    return f"{_GLYPHS[state]} {state_names()[state]}"


def rmse(value: float) -> str:
    """Write an RMSE the way the report prints it, without the leading zero: ``.060``."""
    return f"{value:.3f}".removeprefix("0") if 0 <= value < 1 else f"{value:.3g}"


def with_spread(mean: float, sd: float | None) -> str:
    """Write a mean RMSE, with its standard deviation if there are more seeds: ``.080 ± .013``."""
    return rmse(mean) if sd is None else f"{rmse(mean)} ± {rmse(sd)}"


def loss(value: float) -> str:
    """Write a loss (0 or more) in at most seven columns.

    It has four significant digits; a very large or very small one has two.
    """
    if not math.isfinite(value):
        return str(value)
    if 0 < value < 1e-4 or value >= 999_999.5:
        return f"{value:.1e}".replace("e+", "e")
    if value >= 99.99995:
        return f"{value:.6g}"
    return f"{value:.5f}".removeprefix("0") if value < 1 else f"{value:.4f}"


def duration(seconds: float) -> str:
    """Write a time span in one unit, at most two: ``9 s``, ``4 min``, ``2 h 05``, ``3 d``."""
    seconds = max(0.0, seconds)
    if seconds < 99.5:
        return _("{n} s").format(n=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 100:
        return _("{n} min").format(n=minutes)
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return _("{h} h {m:02d}").format(h=hours, m=rest)
    return _("{n} d").format(n=round(seconds / 86400))


def time_taken(run: Snapshot) -> str:
    """Write how long an ended run took, and how long it waited; empty while it is running."""
    if run.seconds_working is None or run.seconds_waiting is None:
        return ""
    text = _("took {time}").format(time=duration(run.seconds_working))
    if run.seconds_waiting < 1:
        return text
    return text + ", " + _("waited {time}").format(time=duration(run.seconds_waiting))


def time_of_day(moment: float) -> str:
    """Write the local time of day of ``moment`` (Unix time, seconds); dashes if out of range."""
    try:
        return datetime.fromtimestamp(moment).strftime("%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "--:--:--"


def published(preset: Preset | None) -> str:
    """Write the report's numbers for a preset: ``.060 / .079``, or ``1.3837 @25`` (iteration)."""
    return published_numbers(preset.published if preset else None)


def published_numbers(figures: Published | None) -> str:
    """Write the report's numbers, as above; a dash if there are none to compare with."""
    if figures is None:
        return NO_NUMBERS
    return words_of(figures.kind).published_numbers(figures)


def measured_numbers(trial: Trial, progress: Progress, measured: AnyMetrics | None) -> str:
    """Write a run's own numbers: train and test RMSE, or else the last loss and its epoch.

    If something makes them doubtful, that is written after the test RMSE alone: ``.030 (1 pt)``,
    ``.120 (flat)``. For a text trial it is the loss of the last complete iteration, which is what
    the report published.
    """
    return words_of(trial.kind).measured_numbers(progress, measured)


def epochs(count: int) -> str:
    """Write a number of epochs."""
    return ngettext("{n} epoch", "{n} epochs", count).format(n=count)


def bar(share: float, width: int) -> str:
    """Draw a progress bar (``share``, 0 to 1) of ``width`` cells."""
    filled = round(min(max(share, 0.0), 1.0) * width)
    return "▓" * filled + "░" * (width - filled)
