"""Single-line input fields. No other kind is used: a test ensures that."""

from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import Input

from tui.keys import bindings, bindings_without
from tui.widgets.drawn_lines import DrawnLines


class LineInput(Input, DrawnLines, inherit_bindings=False):
    """A field for one line.

    Enter belongs to the screen: Textual's field would pass it on in a message, after later keys. A
    mouse that is dragged across the field selects its text with the text around it.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_without("enter", Input)

    def plain_line(self, index: int) -> str:
        return self.value if index == 0 else ""

    def render_line(self, y: int) -> Strip:
        return self.with_selection(super().render_line(y), y)


class FilterLine(LineInput):
    """Where a filter's words are typed; visible while it has the focus or contains some."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")
    DEFAULT_CSS = "FilterLine { display: none; }"

    def __init__(self, placeholder: str, *, target: str) -> None:
        """``target`` selects the list that has the focus afterwards."""
        super().__init__(placeholder=placeholder, id="filter", compact=True, select_on_focus=False)
        self._target = target

    def open(self) -> None:
        """Show the field and focus it."""
        self.display = True
        self.screen.set_focus(self)

    def action_keep(self) -> None:
        """Leave the field; the list shows only what matches."""
        self.display = bool(self.value.strip())
        self.screen.set_focus(self.screen.query_one(self._target))

    def action_clear(self) -> None:
        """Show everything again."""
        self.value = ""
        self.action_keep()

    def matches(self, text: str) -> bool:
        """Tell whether all the words are in ``text``, regardless of case."""
        return all(word in text.casefold() for word in self.value.casefold().split())

    def on_blur(self) -> None:
        self.display = bool(self.value.strip())
