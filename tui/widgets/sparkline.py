"""A loss curve in one to six rows of block characters."""

from collections.abc import Sequence

from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip

from tui.plotting.sparkline import sparkline_rows
from tui.widgets.drawn_lines import DrawnLines


class LossSparkline(DrawnLines, can_focus=False):
    """The losses so far.

    One style per row, and only changed rows: some 100 bytes per update instead of 11 KB.
    """

    DEFAULT_CSS = "LossSparkline { height: 1; color: $primary; }"

    def __init__(self, rows: int = 1, *, id: str | None = None) -> None:
        """``rows``: 1 to 6."""
        super().__init__(id=id)
        self.styles.height = min(6, max(1, rows))
        self._values: list[float] = []
        self._rows: list[str] = []

    def show(self, values: Sequence[float]) -> None:
        """Show these losses, the oldest first."""
        self._values = list(values)
        previous, self._rows = self._rows, self._drawn()
        if list(map(len, previous)) != list(map(len, self._rows)):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(previous, self._rows, strict=True)):
            if old != new:
                # Up to the last character that differs: a growing curve leaves the rest of its row
                # alone.
                changed = max(
                    i for i, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]
                )
                self.refresh(Region(0, y, changed + 1, 1))

    def _drawn(self) -> list[str]:
        width, height = self.size
        return sparkline_rows(self._values, width, height)

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
