"""What is done to every line on its way to a limited terminal: no colours, few characters.

It is done there so that no screen, widget (Textual's own frames and scrollbars included) or data
needs to know.
"""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.terminal.ascii import Twin


class TwinsOnly(LineFilter):
    """Replaces characters that the terminal lacks, in every line that Textual has drawn."""

    def __init__(self, twin: Twin) -> None:
        super().__init__()
        self._twin = twin

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.control else segment._replace(text=self._twin(segment.text))
            for segment in segments
        ]


class NoColours(LineFilter):
    """Removes colours and leaves bold, reverse and underline.

    For NO_COLOR Textual turns them into greys, which are colours too, to a terminal and to
    https://no-color.org.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment._replace(style=_without_colours(segment.style)) if segment.style else segment
            for segment in segments
        ]


@lru_cache(1024)
def _without_colours(style: Style) -> Style:
    # With the colours, Rich drops the metadata that Textual keeps there for the mouse.
    return style.without_color + Style.from_meta(style.meta)
