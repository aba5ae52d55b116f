"""Running a trial of any kind: open its data, train, turn the outcome into a result's records."""

import tensorflow as tf

from engine.errors import LabError
from engine.host.home import Home
from engine.language import _
from engine.runs.events import PhaseEntered
from engine.training.epochs import ResumeState
from engine.training.forecasting import Steps
from engine.training.outcome import Outcome, Trainer
from engine.trials.kinds import KINDS, load
from engine.trials.trial import Trial
from engine.trials.variant import Variant
from presets import Kind

# All at once, as the fork server imports this module for its workers.
_TRAINERS: dict[Kind, Trainer] = {kind: load(entry.training) for kind, entry in KINDS.items()}


def run_trial(
    trial: Trial,
    home: Home,
    variant: Variant = Variant.TWO_THREADS,
    earlier: ResumeState | None = None,
) -> Steps[Outcome]:
    """Run a trial in a variant that this process has entered; yields events, returns the outcome.

    Continues from ``earlier`` if given. Raises :class:`LabError` if the data or the device is
    missing, or training diverges.
    """
    if trial.device == "gpu" and not tf.config.list_physical_devices("GPU"):
        raise LabError(
            _("TensorFlow finds no GPU on this host."),
            _("Run the trial with --device cpu; in its form, device = cpu."),
        )
    yield PhaseEntered(phase="preparing")
    return (yield from _TRAINERS[trial.kind](trial, home, variant, earlier))
