"""What the worker writes about an error that ended its run."""

from helpers.factory import sunspots_trial, write_run

from engine.errors import LabError
from engine.host.home import Home
from engine.numerics.divergence import Diverged
from engine.training.worker import Worker
from engine.trials.variant import Variant


class Late(LabError):
    """An error about an epoch that is not about its loss."""

    epoch = 3


def test_only_divergence_is_divergence(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=1)
    worker = Worker(run, Variant.for_threads(1))
    diverged = worker._explain(Diverged(2, float("nan")))
    assert (diverged.diverged, diverged.epoch) == (True, 2)
    late = worker._explain(Late("The data of epoch 3 are late."))
    assert (late.diverged, late.epoch) == (False, None)
