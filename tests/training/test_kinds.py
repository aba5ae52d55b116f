"""Every kind of trial names what trains it."""

import inspect

from engine.training.run_forecast import run_forecast
from engine.trials.kinds import KINDS, load


def test_every_kind_names_what_trains_it() -> None:
    for entry in KINDS.values():
        trainer = load(entry.training)
        assert inspect.isgeneratorfunction(trainer)
        assert list(inspect.signature(trainer).parameters) == list(
            inspect.signature(run_forecast).parameters
        )
