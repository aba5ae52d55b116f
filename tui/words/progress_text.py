"""The progress of a running run, in words."""

from engine.language import _
from engine.runs.events import Phase
from engine.runs.watch import RunWatcher
from tui.words import format as fmt
from tui.words.kinds import words_of


def describe_progress(watcher: RunWatcher, now: float) -> str:
    """Describe the progress of an unfinished run: its epoch or iteration, and the time left."""
    progress, parameters = watcher.progress, watcher.trial.parameters
    if watcher.state == "held":
        return _("held back")
    if watcher.state == "queued":
        return _("waits for its turn")
    if watcher.state == "cancelling":
        return _("waiting for the worker to stop")
    if progress.phase not in ("training", "sampling"):
        since = now - (progress.last_event_at or watcher.run.submission.submitted.timestamp())
        return f"{_describe_phase(progress.phase)}, {fmt.duration(since)}"
    text = words_of(parameters.kind).progress(watcher, parameters)
    seconds_left = progress.seconds_left(watcher.trial, now)
    return (
        text
        if seconds_left is None
        else text + "  " + _("{time} left").format(time=fmt.duration(seconds_left))
    )


def _describe_phase(phase: Phase | None) -> str:
    """Name what a worker does before it trains, and after."""
    match phase:
        case "importing":
            return _("importing TensorFlow")
        case "preparing":
            return _("preparing")
        case "compiling":
            return _("compiling")
        case "predicting":
            return _("predicting")
        case "writing":
            return _("writing")
        case "training" | "sampling":
            return phase
    return _("starting TensorFlow")
