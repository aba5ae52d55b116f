"""Numbers that probably stand for a missing value: -9999, 999.9, the -1 of a count.

Files mark missing values like this without saying so. A suspect is the smallest or the largest
value, looks like such a marker or occurs several times, and is far from the others. The person is
only asked about it; it is never left out.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.trials.data_options import format_option

_FILL_VALUES = (
    *(-(2.0**15), 2.0**15 - 1, 2.0**16 - 1, -(2.0**31), 2.0**31 - 1, 9.969209968386869e36),
    *(
        sign * largest
        for sign in (-1, 1)
        for largest in (3.4028234663852886e38, 1.7976931348623157e308)
    ),
)
"""The extremes of integers and floats, and netCDF's default fill value."""
_FILLING_EXPONENTS = range(15, 39)
"""Powers of ten used as fill values: 1e20, 1e30, -1e34.

Larger ones do not fit single precision.
"""
_ALIKE = 1e-5
"""Relative tolerance: fill values are written with few digits, as 9.96921e+36."""
_LIKELY_VALUES = frozenset((99.0, 99.9, 99.99, -99.0))
"""Markers that are often real values: 99 percent, say."""
_SMALL_MARKERS = frozenset((-1.0, -9.0))
_NEARLY_NINES = re.compile("9{3,}[678]")
_FEWEST_OTHERS = 2
"""Distinct values beside the suspect: a series of two values has no outside."""
_FEWEST_OTHERS_UNMARKED = 10
_MOST_SUSPECTS = 4
_FAR = 0.5
_FEW_WHOLE = 0.05
_LOWEST = 4


@dataclass(frozen=True)
class Suspect:
    """A value that may stand for a missing one, and how often it occurs."""

    value: float
    count: int
    is_far: bool
    """Whether it is far from the others; if not, it is suspected for its sign."""


def find_suspects(values: ArrayLike) -> tuple[Suspect, ...]:
    """Return the suspects of a series (n,), the most distant first; () if there are none."""
    series = np.asarray(values, dtype=np.float64)
    distinct, counts = np.unique(series, return_counts=True)
    suspects: list[Suspect] = []
    while len(distinct) > _FEWEST_OTHERS and len(suspects) < _MOST_SUSPECTS:
        group = _suspect_group(series, distinct, counts)
        if not group:
            break
        suspects += [
            Suspect(candidate.value, candidate.count, candidate.distance >= _FAR)
            for candidate in group
        ]
        is_kept = ~np.isin(distinct, [candidate.value for candidate in group])
        series = series[np.isin(series, distinct[is_kept])]
        distinct, counts = distinct[is_kept], counts[is_kept]
    return tuple(suspects)


def _suspect_group(
    series: NDArray[np.float64], distinct: NDArray[np.float64], counts: NDArray[np.int64]
) -> "list[_Candidate]":
    """Return the suspects at one end of the ``distinct`` values, the most distant first.

    One value, or several around a marker that hide each other, such as -9999 and -9998: they are
    close to each other, but far from all the rest. Empty if there are none.
    """
    n = len(distinct)
    for size in range(1, min(_MOST_SUSPECTS, n - _FEWEST_OTHERS) + 1):
        ends = [_group(series, distinct, counts, [*range(size)], slice(size, None))]
        ends.append(
            _group(series, distinct, counts, [*range(n - 1, n - 1 - size, -1)], slice(n - size))
        )
        for group in sorted(ends, key=lambda group: -group[0].distance):
            if size == 1 and group[0].is_suspect:
                return group
            has_marker = any(
                _is_marker(candidate.value) and candidate.is_suspect for candidate in group
            )
            if (
                size > 1
                and has_marker
                and all(candidate.is_suspect or candidate.distance >= 1 for candidate in group)
            ):
                return group
    return []


def _group(
    series: NDArray[np.float64],
    distinct: NDArray[np.float64],
    counts: NDArray[np.int64],
    indices: Sequence[int],
    rest: slice,
) -> "list[_Candidate]":
    """Return the values at ``indices``, each compared with the ``rest`` alone."""
    others = distinct[rest]
    is_rest = (series >= others[0]) & (series <= others[-1])
    return [
        _Candidate(
            float(distinct[index]),
            int(counts[index]),
            others,
            counts[rest],
            series[is_rest | (series == distinct[index])],
        )
        for index in indices
    ]


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A value below or above all others that it is compared with."""

    value: float
    count: int
    others: NDArray[np.float64]
    """The distinct ones, ascending."""
    other_counts: NDArray[np.int64]
    series: NDArray[np.float64]
    """This value and the others in their order."""

    @property
    def distance(self) -> float:
        """The distance to the nearest other value, as a multiple of the others' range."""
        others = self.others / 2  # Halved, so that differences of the largest floats are finite.
        return float(np.abs(others - self.value / 2).min() / (others[-1] - others[0]))

    @property
    def is_only_negative(self) -> bool:
        return bool(self.value < 0 <= self.others[0])

    @property
    def is_suspect(self) -> bool:
        if _is_marker(self.value):
            return self.distance >= self._distance_of_marker
        if len(self.others) < _FEWEST_OTHERS_UNMARKED:
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
        """The least distance that makes a marker suspect: larger if it is a likely value."""
        if self.is_only_negative:
            return 0.05
        if self.value in _LIKELY_VALUES:
            return 1.0 if self.count > 1 else 3.0
        return _FAR

    def _does_not_belong(self) -> bool:
        """Tell whether a small negative number does not belong among numbers from 0 up.

        It occurs at least twice as often as any other, or is whole while hardly any other is; or it
        lies below a gap, or below a 0 at which values pile up, as for counts or rain; or the steps
        to and from it in time are much larger than usual.
        """
        others, counts = self.others, self.other_counts
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
        changes_around = changes[is_value[1:] != is_value[:-1]]
        other_changes = changes[~(is_value[1:] | is_value[:-1])]
        if not changes_around.size or not other_changes.size:
            return False
        return 0 < 6 * float(np.median(other_changes)) <= float(np.median(changes_around))


def _is_marker(value: float) -> bool:
    """Tell whether a number is one that files use to mark missing values.

    Nines, two or more before the point, of which the last may be a little less if there are several
    markers: -9998; or a fill value.
    """
    if any(abs(value - filling) <= _ALIKE * abs(filling) for filling in _FILL_VALUES):
        return True
    exponent = math.log10(abs(value)) if value else 0.0
    if round(exponent) in _FILLING_EXPONENTS and abs(exponent - round(exponent)) < _ALIKE:
        return True
    whole, _point, decimals = format_option(abs(value)).partition(".")
    digits = whole + decimals
    return len(whole) >= 2 and (set(digits) == {"9"} or bool(_NEARLY_NINES.fullmatch(digits)))
