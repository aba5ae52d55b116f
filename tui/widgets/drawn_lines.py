"""What widgets that draw their own lines have in common: the mouse selects what is seen, and that
is copied.
"""

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

    Of such a widget Textual does not know which character stands where. It would highlight nothing
    and copy the widget's name, or an empty text, which empties the clipboard. A subclass says what
    its lines say, and passes each strip that it draws through :meth:`with_selection`.
    """

    @abstractmethod
    def plain_line(self, index: int) -> str:
        """Return the characters of a line of the content, the uppermost is 0; empty where there is
        none.
        """

    def offset_at(self, x: int, y: int) -> Offset:
        """Return which character of which line stands at a cell of the screen, the nearest where
        none does.
        """
        region = self.content_region
        column = min(max(x - region.x, 0), max(0, region.width - 1)) + self.scroll_offset.x
        row = min(max(y - region.y, 0), max(0, region.height - 1)) + self.scroll_offset.y
        return Offset(_character_at(self.plain_line(row), column), row)

    def with_selection(self, strip: Strip, line: int) -> Strip:
        """Return a strip with what is selected of its line marked as such."""
        span = self.text_selection.get_span(line) if self.text_selection else None
        if span is None:
            return strip
        text, left = self.plain_line(line), self.scroll_offset.x
        start = max(0, cell_len(text[: span[0]]) - left)
        end = strip.cell_length if span[1] < 0 else max(start, cell_len(text[: span[1]]) - left)
        selected = Segment.apply_style(
            self.selectable(strip, line).crop(start, end), post_style=self._selection_style()
        )
        return Strip.join([strip.crop(0, start), Strip(selected), strip.crop(end)])

    def selectable(self, strip: Strip, line: int) -> Strip:
        """Return a strip, which draws a line, as the line is drawn where it is selected: with what
        is copied.
        """
        return strip

    def _selection_style(self) -> Style:
        component = self.screen.get_component_styles("screen--selection")
        style = component.rich_style
        if component.color.a:
            return style
        # Most themes leave the text its own colour: as a colour of Rich's that would be the
        # ground's.
        return style.without_color + Style(bgcolor=style.bgcolor)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected and seen; a selection that passes through ends where the widget
        is cut off.
        """
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
        """Return from where to where a line is seen, as indices: what lies beyond the width is cut
        off.
        """
        left = self.scroll_offset.x
        return _character_at(text, left), _character_at(
            text, left + self.scrollable_content_region.width
        )


def _character_at(text: str, cell: int) -> int:
    """Return the index of the character that covers a cell; one past the last where the text ends
    before it.
    """
    if text.isascii():
        return min(cell, len(text))
    end = 0
    for index, character in enumerate(text):
        end += cell_len(character)
        if cell < end:
            return index
    return len(text)
