"""Reading what a finished forecast has kept of its predictions."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.host.files import LARGE, read_content
from engine.runs.checkpoints import unpacked
from engine.runs.run import DEPTH, Run


def read_predictions(run: Run, name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of the file ``name`` in a run's directory, which
    :mod:`engine.training.run_trial` describes.

    Raises :class:`ValueError` if it is damaged or not a file of that directory, :class:`OSError` if
    it can't be read.
    """
    if Path(name).name != name:
        # Written by somebody else: out of the run's directory, to a device perhaps that never ends.
        raise ValueError(name)
    return unpacked(read_content(f"{run.directory}/{name}", LARGE, DEPTH))
