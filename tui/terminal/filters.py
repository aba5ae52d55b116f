"""What is done to every line before it leaves for a terminal that takes less than others: no
colours, few characters.

It is done there so that no screen, no widget (Textual's own frames and scrollbars among them) and
no data need to know.
"""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.terminal.ascii import Twin


class TwinsOnly(LineFilter):
    """Puts twins in the place of characters that the terminal lacks, in every line that Textual has
    drawn.
    """

    def __init__(self, twin: Twin) -> None:
        super().__init__()
        self._twin = twin

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.control else segment._replace(text=self._twin(segment.text))
            for segment in segments
        ]


class NoColours(LineFilter):
    """Takes the colours away and leaves bold, reverse and underline.

    Textual makes greys of them for NO_COLOR, which are colours to a terminal and to
    https://no-color.org.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment._replace(style=_without_colours(segment.style)) if segment.style else segment
            for segment in segments
        ]


@lru_cache(1024)
def _without_colours(style: Style) -> Style:
    # Rich leaves out with the colours what Textual keeps there for the mouse.
    return style.without_color + Style.from_meta(style.meta)
