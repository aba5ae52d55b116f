"""Numbers, times and states as people read them in a narrow column."""

import math
from datetime import datetime

from engine.language import _
from engine.reports import caveats
from engine.reports.published import Published
from engine.runs.progress import Progress
from engine.runs.results import (
    AnyMetrics,
    BriefForecastMetrics,
    BriefTextMetrics,
    ForecastMetrics,
    TextMetrics,
)
from engine.runs.run import State
from engine.runs.watch import Snapshot
from engine.trials.trial import ForecastTrial
from presets import Preset, PublishedForecast
from tui.terminal.capabilities import has_plain_locale, streams_take_unicode

NO_FIGURES = "–"
"""In the place of figures that there are not."""
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


def state_words() -> dict[State, str]:
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
    return f"{_GLYPHS[state]} {state_words()[state]}"


def rmse(value: float) -> str:
    """Write an RMSE the way the report prints it, without the leading zero: ``.060``."""
    return f"{value:.3f}".removeprefix("0") if 0 <= value < 1 else f"{value:.3g}"


def with_spread(mean: float, sd: float | None) -> str:
    """Write a mean RMSE with its standard deviation over the seeds, where there are several: ``.080
    ± .013``.
    """
    return rmse(mean) if sd is None else f"{rmse(mean)} ± {rmse(sd)}"


def loss(value: float) -> str:
    """Write a loss (0 and more) with four significant places in at most seven columns; very large
    ones with two.
    """
    if not math.isfinite(value):
        return str(value)
    if 0 < value < 1e-4 or value >= 999_999.5:
        return f"{value:.1e}".replace("e+", "e")
    if value >= 99.99995:
        return f"{value:.6g}"
    return f"{value:.5f}".removeprefix("0") if value < 1 else f"{value:.4f}"


def duration(seconds: float) -> str:
    """Write a time span in one unit, or two where the second matters: ``9 s``, ``4 min``, ``2 h
    05``, ``3 d``.
    """
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


def took_words(run: Snapshot) -> str:
    """Write how long a run that is over was worked on, and waited if it did; empty while it goes
    on.
    """
    if run.seconds_working is None or run.seconds_waiting is None:
        return ""
    words = _("took {time}").format(time=duration(run.seconds_working))
    if run.seconds_waiting < 1:
        return words
    return words + ", " + _("waited {time}").format(time=duration(run.seconds_waiting))


def time_of_day(at: float) -> str:
    """Write the time of day of ``at`` (Unix, seconds) here; dashes for a time beyond all
    calendars.
    """
    try:
        return datetime.fromtimestamp(at).strftime("%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "--:--:--"


def published(preset: Preset | None) -> str:
    """Write what the report published of a preset: ``.060 / .079``, or the loss after an iteration:
    ``1.3837 @25``.
    """
    return published_figures(preset.published if preset else None)


def published_figures(figures: Published | None) -> str:
    """Write what the report published, as above; a dash for what can't be compared with it, or is
    not in it.
    """
    if figures is None:
        return NO_FIGURES
    if isinstance(figures, PublishedForecast):
        return f"{rmse(figures.train_rmse)} / {rmse(figures.test_rmse)}"
    last = figures.iterations[-1]
    return f"{last.loss:.4f} @{last.iteration}"


def figures(trial: object, progress: Progress, measured: AnyMetrics | None) -> str:
    """Write a run's own figures: train and test RMSE once there are, else the last loss and the
    epoch it is of.

    What makes them doubtful is written, and the test RMSE alone: ``.030 (1 pt)``, ``.120 (flat)``.

    Of characters it is the loss of the last complete iteration, which is what the report published.
    """
    match measured:
        case ForecastMetrics() | BriefForecastMetrics():
            train, test = measured.typical
            # There is room for one more word, not for two: the test part is what few points make
            # doubtful.
            doubt = caveats.mark(measured, briefly=True)
            return f"{rmse(test)} {doubt}" if doubt else f"{rmse(train)} / {rmse(test)}"
        case (
            TextMetrics(iterations=(*_before, last)) | BriefTextMetrics(iterations=(*_before, last))
        ):
            return f"{last.loss:.4f} @{last.iteration}"
    if not progress.losses:
        return NO_FIGURES
    if isinstance(trial, ForecastTrial):
        return f"{loss(progress.losses[-1])} @{len(progress.losses)}"
    complete = [
        (written.loss, written.number)
        for written in progress.iterations
        if written.loss is not None
    ]
    if not complete:
        return f"{progress.losses[-1]:.4f}"
    return "{:.4f} @{}".format(*complete[-1])


def bar(share: float, width: int) -> str:
    """Draw how much of something is done (``share``, 0 to 1) in ``width`` cells."""
    filled = round(min(max(share, 0.0), 1.0) * width)
    return "▓" * filled + "░" * (width - filled)
