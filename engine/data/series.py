"""Series: the sunspots that come with the program, and those stored in a home."""

import hashlib
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.catalog import SUNSPOTS, is_built_in
from engine.data.notes import DataNotes, series_notes
from engine.data.series_table import read_series
from engine.data.store import Store
from engine.errors import UsageError
from engine.host.home import Home
from engine.language import _
from engine.numerics.protocol import scale
from engine.trials.data_options import AS_WRITTEN, SeriesReading
from engine.trials.trial import DataReference

BUILT_IN = SUNSPOTS
_LONGEST_UNIT = 24


@dataclass(frozen=True, eq=False)
class Series:
    """A series without gaps.

    ``values`` has shape (n,), float64, in the series' own unit; ``periods`` is the matching period
    index (months, as a rule), None if the steps are only counted.
    """

    name: str
    sha256: str
    values: NDArray[np.float64]
    periods: pd.PeriodIndex | None
    unit: str = ""
    file: str | None = None
    url: str | None = None
    column: int | None = None
    heading: str = ""
    until: str | None = None
    reading: SeriesReading = AS_WRITTEN
    on_business_days: bool = False
    """Whether the periods are business days, with possible holidays between them."""
    notes_of_start: tuple[str, ...] = ()
    notes_of_end: tuple[str, ...] = ()
    filled: tuple[int, ...] = ()
    """Positions of values that were missing and are filled in."""

    @property
    def reference(self) -> DataReference:
        return DataReference(
            name=self.name,
            sha256=self.sha256,
            file=self.file,
            url=self.url,
            column=self.column,
            until=self.until,
            reading=self.reading,
        )

    @property
    def prepared_sha256(self) -> str:
        """The digest of the values alone, whatever file they were read from."""
        return hashlib.sha256(self.values.tobytes()).hexdigest()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the person should know about it, in sentences."""
        return self.data_notes.all

    @cached_property
    def data_notes(self) -> DataNotes:
        """The same, with doubts about its values apart from the rest."""
        return series_notes(
            self.name, self.values, self.filled, self.notes_of_start, self.notes_of_end
        )

    @property
    def required_periods(self) -> pd.PeriodIndex:
        """The periods of a series that has some."""
        assert self.periods is not None
        return self.periods

    @property
    def step(self) -> str | None:
        """The step between two values as pandas abbreviates it, M for a month; None if counted."""
        if self.on_business_days:
            return "B"
        return None if self.periods is None else self.periods.freqstr.partition("-")[0]

    @property
    def is_built_in(self) -> bool:
        """Whether its values are those of the built-in series, wherever they were read from."""
        return np.array_equal(self.values, built_in().values)

    def label(self, index: int) -> str:
        """Return when a value was measured, 1749-01; its number, from 1, if that is unknown."""
        if self.periods is None:
            return str(index + 1)
        period = self.periods[index]
        return period.start_time.strftime("%G-W%V") if self.step == "W" else str(period)

    def cut(self, until: str) -> "Series":
        """Return the series up to and including a year, month or day (2018, 2018-07, 2018-07-31).

        Raises :class:`UsageError` if it has no dates, or if that date is outside the series.
        """
        if self.periods is None:
            raise UsageError(_("{name} has no dates at which to cut it.").format(name=self.name))
        try:
            last = pd.Period(until)
            end = last.asfreq(self.periods.freqstr, how="E").ordinal
        except ValueError:
            raise UsageError(
                _("{until} is not a date.").format(until=until), _("Write a month as 2018-07.")
            ) from None
        ordinals = self.periods.asi8
        if not ordinals[0] <= end <= ordinals[-1]:
            raise UsageError(
                _("{name} can't be cut at {until}: it goes from {first} to {last}.").format(
                    name=self.name, until=until, first=self.label(0), last=self.label(-1)
                )
            )
        n = int(np.searchsorted(ordinals, end, side="right"))
        filled = tuple(position for position in self.filled if position < n)
        return replace(
            self,
            values=self.values[:n],
            periods=self.periods[:n],
            until=until,
            notes_of_end=(),
            filled=filled,
        )


@cache
def built_in() -> Series:
    """Return the monthly mean sunspot number, 1749 to 1983: 2,820 months, version 1 scale.

    The file names its source.
    """
    source = files("engine.data").joinpath("sunspots.csv")
    with source.open("rb") as file:
        table = pd.read_csv(file, comment="#", dtype={"sunspots": "float64"})
    return Series(
        BUILT_IN,
        hashlib.sha256(source.read_bytes()).hexdigest(),
        table["sunspots"].to_numpy(),
        pd.PeriodIndex(table["month"], freq="M"),
        _("sunspots"),
    )


def series_of(
    content: bytes, reference: DataReference, column: str | None = None, origin: str | None = None
) -> Series:
    """Read a series from the content of the file that ``reference`` means.

    ``column`` is the one that a person gave; without it the reference's is used. ``origin`` names
    the file in messages if the series has another name. Raises :class:`UsageError` if the content
    can't be read, and for a series that is constant or has values too large to be scaled.
    """
    reading = read_series(
        content,
        reference.name if origin is None else origin,
        reference.column if column is None else column,
        reference.reading,
    )
    values = np.array(reading.values)
    scale(values)
    values.flags.writeable = False
    periods = None
    if reading.days:
        # pandas is dropping periods of business days. These may have holidays between them.
        periods = pd.PeriodIndex([pd.Period(day, freq="D") for day in reading.days])
    elif reading.steps is not None:
        first, frequency = reading.steps
        start = pd.Period(first, freq=frequency.lstrip("0123456789"))
        periods = pd.period_range(start, periods=len(values), freq=frequency)
    series = Series(
        reference.name,
        reference.sha256,
        values,
        periods,
        unit=reading.heading[:_LONGEST_UNIT],
        file=reference.file,
        url=reference.url,
        column=reading.column,
        heading=reading.heading,
        reading=reference.reading,
        on_business_days=bool(reading.days),
        notes_of_start=reading.notes,
        notes_of_end=reading.notes_of_end,
        filled=reading.filled,
    )
    return series.cut(reference.until) if reference.until else series


def open_series(reference: DataReference, home: Home | None = None) -> Series:
    """Return the series a trial refers to, from the home that stores its file.

    Raises :class:`UsageError` if it is gone, altered or not the one that the trial names.
    """
    if reference.name == BUILT_IN and is_built_in(reference):
        series = built_in()
        if reference.sha256 != series.sha256:
            raise UsageError(
                _("The series {name} has changed since this trial was written.").format(
                    name=reference.name
                ),
                _("Start the trial again."),
            )
        return series.cut(reference.until) if reference.until else series
    if home is None:
        raise UsageError(
            _("There is no series {name!r}.").format(name=reference.name), _("Use sunspots.")
        )
    return series_of(Store(home).content_of(reference, "series"), reference)
