"""A scrolling list of styled lines that repaints only the lines that changed.

Stock widgets repaint their whole region on an update, which over SSH costs ten times the bytes.
"""

from collections.abc import Sequence

from rich.text import Text
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.drawn_lines import DrawnLines


class LinesView(DrawnLines, ScrollView):
    """Shows lines of :class:`rich.text.Text`, cropped to the width; :meth:`show` replaces them."""

    DEFAULT_CSS = """
    LinesView { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Text] = []

    @property
    def count(self) -> int:
        """The number of lines."""
        return len(self._lines)

    def show(self, lines: Sequence[Text]) -> None:
        """Replace the lines; only those that differ are painted again."""
        previous, self._lines = self._lines, list(lines)
        if len(previous) != len(self._lines):
            self.resize_content()
        for index in range(max(len(previous), len(self._lines))):
            old = previous[index] if index < len(previous) else None
            new = self._lines[index] if index < len(self._lines) else None
            if old is new:
                continue
            if (
                old is None
                or new is None
                or old != new
                or old.spans != new.spans
                or old.style != new.style
            ):
                self.refresh_line(index)

    def resize_content(self) -> None:
        """Tell Textual that the number of lines has changed.

        Its reactive lays out and repaints the whole screen, which is needed only if the scrollbar
        appears or disappears.
        """
        size, needs_bar = Size(self.size.width, self.count), self.count > self.size.height
        if needs_bar != self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(LinesView.virtual_size, size)
        if needs_bar:
            self.vertical_scrollbar.window_virtual_size = self.count

    def on_resize(self) -> None:
        self.resize_content()

    def refresh_line(self, index: int) -> None:
        """Paint one line again, if it is visible."""
        y = index - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def line_at(self, index: int) -> Text:
        """Return a line as it is to be painted."""
        return self._lines[index]

    def plain_line(self, index: int) -> str:
        return self.line_at(index).plain if 0 <= index < self.count else ""

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.size.width
        if index >= self.count:
            return Strip.blank(width, self.rich_style)
        text = self.line_at(index)
        strip = Strip(text.render(self.app.console), text.cell_len)
        strip = strip.apply_style(self.rich_style).adjust_cell_length(width, self.rich_style)
        return self.with_selection(strip, index)
