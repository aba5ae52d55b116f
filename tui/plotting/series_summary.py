"""A series at a glance: span, length, extremes, a small plot and notes."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.data.dates import format_length
from engine.data.suspects import find_suspects
from engine.language import _
from engine.sanitise import printable
from engine.trials.data_options import describe_options, format_option
from tui.plotting.sparkline import sparkline_rows

if TYPE_CHECKING:
    from engine.data.series import Series


@dataclass(frozen=True)
class SeriesSummary:
    """What is shown of a series of ``values`` (n,), in its own unit."""

    span: str
    """Its length and its ends: ``240 months, 1949-01 to 1968-12``."""
    extremes: str
    reading: str
    """The options it is read with, if not as its file itself says."""
    first: str
    last: str
    values: tuple[float, ...]
    """The values to draw; NaN if one looks like a missing value, which would flatten the plot."""
    notes: tuple[str, ...]

    @classmethod
    def of(cls, series: "Series") -> "SeriesSummary":
        length = format_length(len(series.values), series.step)
        first, last = series.label(0), series.label(len(series.values) - 1)
        dated = _("{length}, {first} to {last}").format(length=length, first=first, last=last)
        lowest, highest = float(series.values.min()), float(series.values.max())
        suspects = {suspect.value for suspect in find_suspects(series.values)}
        options = describe_options(series.reading)
        return cls(
            span=length if series.periods is None else dated,
            extremes=_("least {least}   greatest {greatest}").format(
                least=format_option(lowest), greatest=format_option(highest)
            ),
            reading=_("read with {options}").format(options=options) if options else "",
            first=first,
            last=last,
            values=tuple(
                math.nan if value in suspects else float(value) for value in series.values
            ),
            notes=tuple(map(printable, series.notes)),
        )

    def plot(self, width: int, height: int) -> list[str]:
        """Draw ``height`` rows of ``width`` characters, and a row of dates if there is room."""
        width = min(width, len(self.values))
        rows = [row.rstrip() for row in sparkline_rows(self.values, width, height)]
        room = width - len(self.first) - len(self.last)
        return [*rows, self.first + " " * room + self.last] if room > 0 else rows


def column_text(column: int | None, heading: str | None) -> str:
    """Name a column of a table by its number and its heading."""
    return _("column {n}").format(n=column) + (f" ({printable(heading)})" if heading else "")
