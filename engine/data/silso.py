"""The files of SILSO (www.sidc.be/SILSO), which have no headings and are known by their shape.

Columns of dates, as year; month; day; decimal year; then the sunspot number, its standard deviation
and the number of observations; then a flag: 0 or a star if the value is provisional. A mean of -1
is a missing value.
"""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from engine.data.date_columns import DateColumns
from engine.data.numbers import is_missing, is_number, mostly
from engine.data.table import Table
from engine.language import ngettext

_MISSING = -1.0
_NO_DEVIATION = re.compile(r"-1(?:\.0*)?")


class Silso(NamedTuple):
    """Which columns of a table hold SILSO's sunspot numbers and, if there are any, its flags."""

    mean: int
    flags: int | None

    def without_missing(self, values: Sequence[float]) -> list[float]:
        """Return the values of any column, with NaN for -1."""
        return [math.nan if value == _MISSING else value for value in values]

    def provisional(self, table: Table, rows: range) -> tuple[str, ...]:
        """Return a note on how many of the last values SILSO may still change."""
        if self.flags is None:
            return ()
        flags = table.columns[self.flags][rows.start : rows.stop]
        n = next((n for n, flag in enumerate(reversed(flags)) if flag in ("1", "")), len(flags))
        message = ngettext(
            "{origin}: the last value is provisional.",
            "{origin}: the last {n} values are provisional.",
            n,
        )
        return (message.format(origin=table.origin, n=n),) if n else ()


def silso_columns(table: Table, dates: DateColumns | None) -> Silso | None:
    """Return the columns of a table in SILSO's format; None if it is another's."""
    if dates is None or any(table.headings):
        return None
    date_indices = {*dates.columns, *dates.others}
    mean = next(index for index in range(len(table.columns) + 1) if index not in date_indices)
    rest = table.columns[mean:]
    if (
        date_indices != {*range(mean)}
        or not _has_decimal_year(table, mean)
        or len(rest) not in (3, 4)
    ):
        return None
    _mean, deviation, observations = rest[:3]
    if not all(mostly(cells, is_number) for cells in rest[:3]) or not all(
        map(_is_count, observations)
    ):
        return None
    if any(
        cell.startswith("-") and not _NO_DEVIATION.fullmatch(cell)
        for cell in deviation
        if is_number(cell)
    ):
        return None
    if len(rest) == 3:
        return Silso(mean, None)
    flags = {*rest[3]}
    return Silso(mean, mean + 3) if flags <= {"0", "1"} or flags <= {"", "*"} else None


def _has_decimal_year(table: Table, mean: int) -> bool:
    """Return whether the last column before the values holds decimal years."""
    return mean > 0 and mostly(
        table.columns[mean - 1], lambda cell: cell[:4].isdigit() and cell[4:5] == "."
    )


def _is_count(cell: str) -> bool:
    return is_missing(cell) or cell == "-1" or cell.isdigit()
