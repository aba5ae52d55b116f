"""The sunspot series that comes with the product."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.language import _
from engine.trial import DataReference

BUILT_IN = "sunspots"


@dataclass(frozen=True, eq=False)
class Series:
    """A monthly series without gaps.

    ``values`` has shape (months,), float64, in sunspots; ``months`` is the matching monthly period index.
    """

    name: str
    sha256: str
    values: NDArray[np.float64]
    months: pd.PeriodIndex

    @property
    def reference(self) -> DataReference:
        return DataReference(name=self.name, sha256=self.sha256)


@cache
def built_in() -> Series:
    """Return the monthly mean sunspot number, 1749 to 1983: 2,820 months, version 1 scale (source: in the file)."""
    source = files("engine.data").joinpath("sunspots.csv")
    with source.open("rb") as file:
        table = pd.read_csv(file, comment="#", dtype={"sunspots": "float64"})
    return Series(
        BUILT_IN,
        hashlib.sha256(source.read_bytes()).hexdigest(),
        table["sunspots"].to_numpy(),
        pd.PeriodIndex(table["month"], freq="M"),
    )


def open_series(reference: DataReference) -> Series:
    """Return the series a trial refers to. Raises :class:`UsageError` where it is not the one that was asked for."""
    series = built_in()
    if reference.name != series.name:
        raise UsageError(_("There is no series {name!r}.").format(name=reference.name), _("Use sunspots."))
    if reference.sha256 != series.sha256:
        raise UsageError(
            _("The series {name} has changed since this trial was written.").format(name=reference.name),
            _("Start the trial anew."),
        )
    return series
