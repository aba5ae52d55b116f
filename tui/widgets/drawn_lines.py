"""What widgets that draw their own lines have in common: selecting with the mouse, and copying."""

from abc import abstractmethod

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget


class DrawnLines(Widget):
    """A widget with a ``render_line`` of its own.

    Textual does not know where the characters of such a widget are: it would highlight nothing and
    copy the widget's name, or an empty text, which empties the clipboard. A subclass returns the
    text of its lines, and passes each strip that it draws through :meth:`with_selection`.
    """

    @abstractmethod
    def plain_line(self, index: int) -> str:
        """Return the text of a line of the content, 0 being the top; empty if there is none."""

    def offset_at(self, x: int, y: int) -> Offset:
        """Return the line and the character at a cell of the screen, or the nearest."""
        region = self.content_region
        column = min(max(x - region.x, 0), max(0, region.width - 1)) + self.scroll_offset.x
        row = min(max(y - region.y, 0), max(0, region.height - 1)) + self.scroll_offset.y
        return Offset(_character_at(self.plain_line(row), column), row)

    def with_selection(self, strip: Strip, line: int) -> Strip:
        """Return a strip with the selected part of its line highlighted."""
        span = self.text_selection.get_span(line) if self.text_selection else None
        if span is None:
            return strip
        text, scroll_x = self.plain_line(line), self.scroll_offset.x
        start = max(0, cell_len(text[: span[0]]) - scroll_x)
        end = strip.cell_length if span[1] < 0 else max(start, cell_len(text[: span[1]]) - scroll_x)
        selected = Segment.apply_style(
            self.selectable(strip, line).crop(start, end), post_style=self._selection_style()
        )
        return Strip.join([strip.crop(0, start), Strip(selected), strip.crop(end)])

    def selectable(self, strip: Strip, line: int) -> Strip:
        """Return how a line is drawn where it is selected: with the text that is copied."""
        return strip

    def _selection_style(self) -> Style:
        component = self.screen.get_component_styles("screen--selection")
        style = component.rich_style
        if component.color.a:
            return style
        # Most themes keep the text's own colour, which Rich would take for the background's.
        return style.without_color + Style(bgcolor=style.bgcolor)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected and visible; a selection past the widget ends at its edge."""
        top = self.scroll_offset.y
        start = selection.start or Offset(0, top)
        end = selection.end or Offset(-1, top + self.content_size.height - 1)
        lines = []
        for y in range(start.y, end.y + 1):
            text = self.plain_line(y).rstrip()
            first, last = self._shown_of(text)
            first = max(first, start.x) if y == start.y else first
            last = min(last, end.x) if y == end.y and end.x >= 0 else last
            lines.append(text[first:last])
        text = "\n".join(lines).strip("\n")
        return (text, "\n") if text.strip() else None

    def _shown_of(self, text: str) -> tuple[int, int]:
        """Return the start and end index of a line's visible part, the rest being cut off."""
        scroll_x = self.scroll_offset.x
        return _character_at(text, scroll_x), _character_at(
            text, scroll_x + self.scrollable_content_region.width
        )


def _character_at(text: str, cell: int) -> int:
    """Return the index of the character that covers a cell; the text's length beyond its end."""
    if text.isascii():
        return min(cell, len(text))
    end = 0
    for index, character in enumerate(text):
        end += cell_len(character)
        if cell < end:
            return index
    return len(text)
