"""The fields in which one types a line. No other kind is used: a test holds that."""

from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip
from textual.widgets import Input

from tui.keys import bindings, bindings_without
from tui.widgets.drawn_lines import DrawnLines


class LineInput(Input, DrawnLines, inherit_bindings=False):
    """A field for one line. Enter is the screen's: Textual's would come to it by a message, after
    later keys.

    A mouse that is dragged from elsewhere over the field selects what it holds, with the text
    around it.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_without("enter", Input)

    def plain_line(self, index: int) -> str:
        return self.value if index == 0 else ""

    def render_line(self, y: int) -> Strip:
        return self.with_selection(super().render_line(y), y)


class FilterLine(LineInput):
    """Where the words of a filter are typed. It can be seen only while it has the focus, or holds
    some.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")
    DEFAULT_CSS = "FilterLine { display: none; }"

    def __init__(self, placeholder: str, *, target: str) -> None:
        """``target``: the selector of the list, which has the focus afterwards."""
        super().__init__(placeholder=placeholder, id="filter", compact=True, select_on_focus=False)
        self._target = target

    def open(self) -> None:
        """Have the words typed."""
        self.display = True
        self.screen.set_focus(self)

    def action_keep(self) -> None:
        """Leave the field; what has the words stays alone in the list."""
        self.display = bool(self.value.strip())
        self.screen.set_focus(self.screen.query_one(self._target))

    def action_clear(self) -> None:
        """Show everything again."""
        self.value = ""
        self.action_keep()

    def matches(self, text: str) -> bool:
        """Tell whether all the words are in ``text``, in small letters or large ones."""
        return all(word in text.casefold() for word in self.value.casefold().split())

    def on_blur(self) -> None:
        self.display = bool(self.value.strip())
