"""Reading the saved predictions of a finished forecast."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.host.files import LARGE, read_content
from engine.runs.checkpoints import unpack_arrays
from engine.runs.run import DEPTH, Run


def read_predictions(run: Run, name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of the file ``name`` in a run's directory.

    :mod:`engine.training.run_trial` describes them. Raises :class:`ValueError` if the file is
    damaged or not in that directory, :class:`OSError` if it can't be read.
    """
    if Path(name).name != name:
        # Somebody has made the name lead out of the directory, perhaps to an endless device.
        raise ValueError(name)
    return unpack_arrays(read_content(f"{run.directory}/{name}", LARGE, DEPTH))
