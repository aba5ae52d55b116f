"""Where a run that goes on stands, in words."""

from engine.language import _
from engine.trial import AliceParameters
from engine.watch import RunWatcher
from tui import format as spell


def progress_words(watcher: RunWatcher, now: float) -> str:
    """Say where a run that goes on stands: its epoch or iteration, and how long it will take."""
    progress, parameters = watcher.progress, watcher.trial.parameters
    if watcher.state == "cancelling":
        return _("waiting for the worker to stop")
    if progress.training_since is None:
        phase = progress.phase or "starting"
        since = spell.duration(now - (progress.last_event_at or watcher.run.submission.submitted.timestamp()))
        words = {"importing": _("importing TensorFlow"), "starting": _("waiting for its worker")}.get(phase, phase)
        return f"{words}, {since}"
    epochs = len(progress.losses)
    if isinstance(parameters, AliceParameters):
        each = parameters.epochs_per_iteration
        iteration = min(epochs // each + 1, parameters.iterations)
        words = _("iteration {n}/{total}").format(n=iteration, total=parameters.iterations)
        if each > 1:
            words += "  " + _("epoch {n}/{total}").format(n=min(epochs % each + 1, each), total=each)
    else:
        words = _("epoch {n}/{total}").format(n=epochs, total=parameters.epochs)
        if watcher.trial.replicates > 1:
            count = watcher.trial.replicates
            seeds = _("seed {n}/{total}").format(n=min(len(progress.replicates) + 1, count), total=count)
            words = f"{seeds}  {words}"
    left = progress.seconds_left(watcher.trial, now)
    return words if left is None else words + "  " + _("{time} left").format(time=spell.duration(left))
