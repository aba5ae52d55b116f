"""Where a run that goes on stands, in words."""

from engine.language import _
from engine.runs.events import Phase
from engine.runs.watch import RunWatcher
from engine.trials.trial import TextParameters
from tui.words import format as spell


def progress_words(watcher: RunWatcher, now: float) -> str:
    """Say where a run that goes on stands: its epoch or iteration, and how long it will take."""
    progress, parameters = watcher.progress, watcher.trial.parameters
    if watcher.state == "held":
        return _("held back")
    if watcher.state == "queued":
        return _("waits for its turn")
    if watcher.state == "cancelling":
        return _("waiting for the worker to stop")
    if progress.phase not in ("training", "sampling"):
        since = now - (progress.last_event_at or watcher.run.submission.submitted.timestamp())
        return f"{_phase_words(progress.phase)}, {spell.duration(since)}"
    epochs = len(progress.losses)
    if isinstance(parameters, TextParameters):
        each, writing = parameters.epochs_per_iteration, progress.writing
        iteration = writing.number if writing else min(epochs // each + 1, parameters.iterations)
        words = _("iteration {n}/{total}").format(n=iteration, total=parameters.iterations)
        if writing:
            words += "  " + _("writes its text")
        elif each > 1:
            words += "  " + _("epoch {n}/{total}").format(n=epochs % each + 1, total=each)
    else:
        words = _("epoch {n}/{total}").format(n=epochs, total=parameters.epochs)
        if watcher.trial.replicates > 1:
            count = watcher.trial.replicates
            seeds = _("seed {n}/{total}").format(
                n=min(len(progress.replicates) + 1, count), total=count
            )
            words = f"{seeds}  {words}"
    left = progress.seconds_left(watcher.trial, now)
    return (
        words if left is None else words + "  " + _("{time} left").format(time=spell.duration(left))
    )


def _phase_words(phase: Phase | None) -> str:
    """Say what a worker does before it trains, and after."""
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
