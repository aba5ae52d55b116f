"""A curve in rows of block characters."""

import math
from collections.abc import Sequence

_BLOCKS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = 8


def sparkline_rows(values: Sequence[float], width: int, height: int) -> list[str]:
    """Draw ``values`` from left to right as ``height`` rows of ``width`` characters, top row first.

    If there are more values than columns, their means are drawn: Textual's own Sparkline takes the
    largest, which hides the minima, the very thing one looks for in a loss. A column with a value
    that is not finite is a cross on the bottom row, whatever its neighbours: a diverged run must
    not look well. The lowest value is one eighth high and the highest fills all rows; a single
    value, and a constant series, are one eighth high.
    """
    width, height = max(0, width), max(0, height)
    levels = _levels([_mean(bucket) for bucket in _buckets(values, width)], height * _EIGHTHS)
    rows = []
    for row in range(height - 1, -1, -1):
        ground = "×" if row == 0 else " "
        eighths = [
            None if level is None else min(_EIGHTHS, max(0, level - row * _EIGHTHS))
            for level in levels
        ]
        drawn = [ground if count is None else _BLOCKS[count] for count in eighths]
        rows.append("".join(drawn).ljust(width))
    return rows


def _buckets(values: Sequence[float], width: int) -> list[Sequence[float]]:
    count = min(len(values), width)
    return [values[i * len(values) // count : (i + 1) * len(values) // count] for i in range(count)]


def _mean(bucket: Sequence[float]) -> float:
    if not all(map(math.isfinite, bucket)):
        return math.nan
    # Divided before they are added, and clamped to the values: no overflow, and no constant curve
    # that climbs by rounding.
    return min(max(bucket), max(min(bucket), sum(value / len(bucket) for value in bucket)))


def _levels(columns: Sequence[float], top: int) -> list[int | None]:
    """Return heights in eighths of a row, 1 to ``top``, and None for NaN."""
    finite = [value for value in columns if math.isfinite(value)]
    # Halved, so that the difference of the largest floats is finite.
    low, high = min(finite, default=0.0) / 2, max(finite, default=0.0) / 2
    span = high - low
    if span <= 1e-12 * max(abs(low), abs(high)):
        return [1 if math.isfinite(value) else None for value in columns]
    return [
        1 + round(max(0.0, value / 2 - low) / span * (top - 1)) if math.isfinite(value) else None
        for value in columns
    ]
