"""What is done to a line on its way to a plain terminal."""

from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui.terminal.filters import NoColours

BLACK = Color(0, 0, 0)


def test_colours_go_and_the_rest_stays() -> None:
    style = Style(color="grey50", bgcolor="#102030", bold=True, reverse=True, meta={"option": 3})
    (segment,) = NoColours().apply([Segment("words", style)], BLACK)
    assert segment.text == "words"
    assert segment.style is not None
    assert (segment.style.color, segment.style.bgcolor) == (None, None)
    assert segment.style.bold
    assert segment.style.reverse
    # Or the mouse would find nothing under it.
    assert segment.style.meta == {"option": 3}


def test_what_has_no_style_stays_as_it_is() -> None:
    line = [Segment("words"), Segment("more", Style())]
    assert NoColours().apply(line, BLACK) == line
