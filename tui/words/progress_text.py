"""The progress of a running run, in words."""

from engine.language import _
from engine.runs.events import Phase
from engine.runs.watch import Snapshot
from tui.words import format as fmt
from tui.words.kinds import words_of


def describe_progress(snapshot: Snapshot, now: float) -> str:
    """Describe the progress of an unfinished run: its epoch or iteration, and the time left."""
    progress, parameters = snapshot.progress, snapshot.trial.parameters
    if snapshot.state == "held":
        return _("held back")
    if snapshot.state == "queued":
        return _("waits for its turn")
    if snapshot.state == "cancelling":
        return _("waiting for the worker to stop")
    if progress.phase not in ("training", "sampling"):
        since = now - (progress.last_event_at or snapshot.run.submission.submitted.timestamp())
        return f"{_describe_phase(progress.phase)}, {fmt.duration(since)}"
    text = words_of(parameters.kind).progress(snapshot, parameters)
    seconds_left = progress.seconds_left(snapshot.trial, now)
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
