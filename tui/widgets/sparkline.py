"""A loss curve in one to six rows of block characters."""

import math
from collections.abc import Sequence

from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip

from tui.widgets.drawn_lines import DrawnLines

_BLOCKS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = 8


def sparkline_rows(
    values: Sequence[float],
    width: int,
    height: int,
    *,
    log: bool = False,
) -> list[str]:
    """Draw ``values`` from left to right as ``height`` rows of ``width`` characters, the uppermost first.

    More values than columns are put together by their mean: Textual's own Sparkline takes the largest, which hides the
    minima, the very thing one looks for in a loss. A column with a value that is not finite is a cross on the ground
    line, whatever its neighbours: a diverged run must not look well. The lowest value is one eighth high and the
    highest fills all rows; a single value, and a series that never changes, are one eighth high. On the log scale,
    what is not above zero is as low as the lowest that is.
    """
    width, height = max(0, width), max(0, height)
    columns = [_mean(bucket) for bucket in _buckets(values, width)]
    if log:
        columns = _logarithms(columns)
    levels = _levels(columns, height * _EIGHTHS)
    rows = []
    for row in range(height - 1, -1, -1):
        ground = "×" if row == 0 else " "
        eighths = [None if level is None else min(_EIGHTHS, max(0, level - row * _EIGHTHS)) for level in levels]
        drawn = [ground if count is None else _BLOCKS[count] for count in eighths]
        rows.append("".join(drawn).ljust(width))
    return rows


def _buckets(values: Sequence[float], width: int) -> list[Sequence[float]]:
    count = min(len(values), width)
    return [values[i * len(values) // count : (i + 1) * len(values) // count] for i in range(count)]


def _mean(bucket: Sequence[float]) -> float:
    if not all(map(math.isfinite, bucket)):
        return math.nan
    # Divided before they are added, held within the values: no overflow, and no level curve that climbs by rounding.
    return min(max(bucket), max(min(bucket), sum(value / len(bucket) for value in bucket)))


def _logarithms(columns: list[float]) -> list[float]:
    lowest = min((value for value in columns if value > 0), default=1.0)
    return [math.log10(max(value, lowest)) if math.isfinite(value) else math.nan for value in columns]


def _levels(columns: Sequence[float], top: int) -> list[int | None]:
    """Heights in eighths of a row, 1 to ``top``, and None for NaN."""
    finite = [value for value in columns if math.isfinite(value)]
    # Halved, so that the difference of the largest floats is one too.
    low, high = min(finite, default=0.0) / 2, max(finite, default=0.0) / 2
    span = high - low
    if span <= 1e-12 * max(abs(low), abs(high)):
        return [1 if math.isfinite(value) else None for value in columns]
    return [
        1 + round(max(0.0, value / 2 - low) / span * (top - 1)) if math.isfinite(value) else None for value in columns
    ]


class LossSparkline(DrawnLines, can_focus=False):
    """The losses so far. One style a row and only the rows that changed: some 100 bytes an update, not 11 KB."""

    DEFAULT_CSS = "LossSparkline { height: 1; color: $primary; }"

    def __init__(
        self,
        rows: int = 1,
        *,
        log: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """``rows``: 1 to 6."""
        super().__init__(id=id, classes=classes)
        self.styles.height = min(6, max(1, rows))
        self._log_scale = log
        self._values: list[float] = []
        self._rows: list[str] = []

    def show(self, values: Sequence[float]) -> None:
        """Show these losses, the oldest first."""
        self._values = list(values)
        self._update()

    @property
    def log_scale(self) -> bool:
        """Whether heights are logarithms of the losses."""
        return self._log_scale

    @log_scale.setter
    def log_scale(self, log: bool) -> None:
        self._log_scale = log
        self._update()

    def _update(self) -> None:
        before, self._rows = self._rows, self._drawn()
        if list(map(len, before)) != list(map(len, self._rows)):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                # Up to the last character that differs: a growing curve leaves the rest of its row alone.
                changed = max(i for i, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1])
                self.refresh(Region(0, y, changed + 1, 1))

    def _drawn(self) -> list[str]:
        width, height = self.size
        return sparkline_rows(self._values, width, height, log=self._log_scale)

    def on_resize(self, _event: Resize) -> None:
        self._rows = self._drawn()
        self.refresh()

    def plain_line(self, index: int) -> str:
        return self._rows[index] if 0 <= index < len(self._rows) else ""

    def render_line(self, y: int) -> Strip:
        style = self.visual_style.rich_style
        if y >= len(self._rows):
            return Strip.blank(self.size.width, style)
        return self.with_selection(Strip([Segment(self._rows[y], style)], len(self._rows[y])), y)
