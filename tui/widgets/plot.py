"""A plot on the screen: drawn while visible; only the lines that changed are sent."""

from collections.abc import Callable

from rich.segment import Segment
from rich.text import Text
from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip

from engine.sanitise import printable
from tui.plotting.plot_colours import style_on
from tui.plotting.plot_style import PlotStyle
from tui.widgets.drawn_lines import DrawnLines

Draw = Callable[[int, int, PlotStyle], Text]
"""Draws a plot of a width and height in cells; the style affects only its glyphs and colours."""


class PlotView(DrawnLines, can_focus=False):
    """Shows what a :data:`Draw` returns, or a sentence in the middle if there is nothing to draw.

    Drawing happens in the event loop (12 to 100 ms for plotext), once per :meth:`show` and once per
    resize, and not at all while the widget is hidden. What is copied has no colours: it is the plot
    as a terminal without colours would show it, drawn when somebody selects.
    """

    DEFAULT_CSS = "PlotView { height: 1fr; }"

    def __init__(self, empty: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._empty = empty
        self._draw: Draw | None = None
        self._lines: list[list[Segment]] = []
        self._plain: list[str] | None = None
        """The lines without colours; None until they are needed."""
        self._stale = True
        self._drawn_for = Size(0, 0)
        self._theme = ""

    def show(self, draw: Draw) -> None:
        """Draw with ``draw`` from now on; a further call sends only the lines that changed."""
        self._draw = draw
        self.redraw()

    def show_empty(self, sentence: str) -> None:
        """Show a sentence (what is missing, and what brings it) instead of a plot."""
        self._draw, self._empty = None, sentence
        self.redraw()

    def redraw(self) -> None:
        """Draw again, because what the drawing function reads has changed."""
        if not (
            self.is_attached and self.size and self.app.screen is self.screen and self.is_on_screen
        ):
            # render_line draws it when it becomes visible.
            self._stale = True
            self.refresh()
            return
        previous, self._lines = self._lines, self._drawn()
        self._stale = False
        for y in range(self.size.height):
            old, new = previous[y : y + 1], self._lines[y : y + 1]
            if old != new:
                self.refresh(Region(0, y, max(_length(old), _length(new)), 1))

    def notify_style_update(self) -> None:
        """Draw again in another theme's colours."""
        super().notify_style_update()
        if self.is_attached and self.app.theme != self._theme:
            self._theme = self.app.theme
            self._stale = True

    def on_resize(self, _event: Resize) -> None:
        # The size may be the same: a widget that becomes visible is painted before its resize
        # event.
        if self.size != self._drawn_for:
            self._stale = True
            self.refresh()

    def plain_line(self, index: int) -> str:
        if self._plain is None:
            self._plain = self._text(self.size, style_on(self).without_colours).plain.split("\n")
        return self._plain[index] if 0 <= index < min(self.size.height, len(self._plain)) else ""

    def selectable(self, strip: Strip, line: int) -> Strip:
        # The background of a selection would hide an area that is drawn as a background.
        style = self.visual_style.rich_style
        return Strip([Segment(self.plain_line(line), style)]).adjust_cell_length(
            strip.cell_length, style
        )

    def render_line(self, y: int) -> Strip:
        if self._stale:
            self._lines, self._stale = self._drawn(), False
        width, style = self.size.width, self.visual_style.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, style)
        strip = Strip(Segment.apply_style(self._lines[y], style)).adjust_cell_length(width, style)
        return self.with_selection(strip, y)

    def _drawn(self) -> list[list[Segment]]:
        self._drawn_for, self._plain = self.size, None
        lines = self._text(self.size, style_on(self)).split("\n", allow_blank=True)
        return [list(line.render(self.app.console)) for line in lines[: self.size.height]]

    def _text(self, size: Size, style: PlotStyle) -> Text:
        return (
            self._draw(size.width, size.height, style)
            if self._draw
            else self._sentence(size.width, size.height)
        )

    def _sentence(self, width: int, height: int) -> Text:
        lines = Text(printable(self._empty)).wrap(self.app.console, max(1, width - 4))
        above = [Text()] * max(0, (height - len(lines)) // 2)
        return Text("\n").join([*above, *(_centred(line, width) for line in lines)])


def _centred(line: Text, width: int) -> Text:
    line.rstrip()
    line.pad_left(max(0, (width - line.cell_len) // 2))
    return line


def _length(line: list[list[Segment]]) -> int:
    """Return the cells of a line, given as a list that is empty if there is no such line."""
    return sum(segment.cell_length for segments in line for segment in segments)
