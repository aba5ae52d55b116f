"""Numbers in a series that probably stand for a missing value: -9999, 999.9, the -1 of a count that can't be negative.

Files mark missing values so, and nothing in them says it. A suspect is the least or the greatest value, and looks like
such a marker or comes several times, and lies far outside the others. It is only ever asked about, never left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.data_options import format_option

_FILL_VALUES = frozenset(
    (-(2.0**15), 2.0**15 - 1, 2.0**16 - 1, -(2.0**31), 2.0**31 - 1, 1e20, 1e36, 9.969209968386869e36)
)
"""The extremes of integers, and what climate data are filled with (the last is netCDF's)."""
_LIKELY_VALUES = frozenset((99.0, 99.9, 99.99, -99.0))
"""Markers that are often real: the last percent, say."""
_SMALL_MARKERS = frozenset((-1.0, -9.0))
_FEWEST_OTHERS = 2
"""Distinct values beside the suspect: a series of two values has no outside."""
_FEWEST_OTHERS_UNMARKED = 10
_MOST_SUSPECTS = 4
_FAR = 0.5
_FEW_WHOLE = 0.05
_LOWEST = 4


@dataclass(frozen=True)
class Suspect:
    """A value that may stand for a missing one, and how often it comes."""

    value: float
    count: int
    is_far: bool
    """Whether it lies far outside the others; else it is suspected for its sign."""


def find_suspects(values: ArrayLike) -> tuple[Suspect, ...]:
    """Return the suspects of a series (n,), the most distant first; none where nothing is suspicious."""
    series = np.asarray(values, dtype=np.float64)
    distinct, counts = np.unique(series, return_counts=True)
    suspects: list[Suspect] = []
    while len(distinct) > _FEWEST_OTHERS and len(suspects) < _MOST_SUSPECTS:
        ends = (_Candidate(series, distinct, counts, 0), _Candidate(series, distinct, counts, len(distinct) - 1))
        candidate = next((end for end in sorted(ends, key=lambda end: -end.distance) if end.is_suspect), None)
        if candidate is None:
            break
        suspects.append(Suspect(candidate.value, candidate.count, candidate.distance >= _FAR))
        series = series[series != candidate.value]
        distinct, counts = np.delete(distinct, candidate.index), np.delete(counts, candidate.index)
    return tuple(suspects)


@dataclass(frozen=True, eq=False)
class _Candidate:
    """The least or the greatest of the ``distinct`` values, beside the others."""

    series: NDArray[np.float64]
    distinct: NDArray[np.float64]
    counts: NDArray[np.int64]
    index: int

    @property
    def value(self) -> float:
        return float(self.distinct[self.index])

    @property
    def count(self) -> int:
        return int(self.counts[self.index])

    @property
    def others(self) -> NDArray[np.float64]:
        return np.delete(self.distinct, self.index)

    @property
    def distance(self) -> float:
        """How far the nearest other value is, in ranges of the others: 1 is as far as those are apart."""
        others = self.others / 2  # The difference of the largest floats is one too.
        return float(np.abs(others - self.value / 2).min() / (others[-1] - others[0]))

    @property
    def is_only_negative(self) -> bool:
        return bool(self.value < 0 <= self.others[0])

    @property
    def is_suspect(self) -> bool:
        if _is_marker(self.value):
            return self.distance >= self._distance_of_marker
        if len(self.distinct) <= _FEWEST_OTHERS_UNMARKED:
            return False
        if self.value in _SMALL_MARKERS and self.is_only_negative and self._does_not_belong():
            return True
        if self.count < 2:
            return False
        if self.is_only_negative:
            return self.distance >= 1
        return self.distance >= 3 and 10 * self.count <= len(self.series)

    @property
    def _distance_of_marker(self) -> float:
        """How far a marker must lie from the others: the likelier it is as a value, the farther."""
        if self.is_only_negative:
            return 0.05
        if self.value in _LIKELY_VALUES:
            return 1.0 if self.count > 1 else 3.0
        return _FAR

    def _does_not_belong(self) -> bool:
        """Tell whether a small negative number among numbers from 0 on is none of them.

        It comes twice as often as any other does, or is whole where hardly any other is; or it lies below a gap, or
        below a 0 that is where the values end, as those of a count or of rain; or the values next to it in time are
        much farther away than is usual.
        """
        others, counts = self.others, np.delete(self.counts, self.index)
        if self.count >= 2 * int(counts.max()):
            return True
        if float(np.mean(others == np.floor(others))) < _FEW_WHOLE:
            return True
        if others[0] - self.value >= 2 * (others[_LOWEST] - others[0]):
            return True
        if others[0] == 0 and counts[0] >= max(3, 3 * int(counts[1:].max())):
            return True
        is_value = self.series == self.value
        changes = np.abs(np.diff(self.series))
        into = changes[is_value[1:] != is_value[:-1]]
        usual = changes[~(is_value[1:] | is_value[:-1])]
        if not into.size or not usual.size:
            return False
        return 0 < 6 * float(np.median(usual)) <= float(np.median(into))


def _is_marker(value: float) -> bool:
    """Tell whether a number is one that files mark missing values with: nines, two or more before the point."""
    whole, _point, decimals = format_option(abs(value)).partition(".")
    return value in _FILL_VALUES or (len(whole) >= 2 and set(whole + decimals) == {"9"})
