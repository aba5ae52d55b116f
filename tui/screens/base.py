"""What every screen of the application shares."""

from typing import TYPE_CHECKING, cast

from textual.screen import Screen
from textual.widgets import Static

from tui.format import speaks_unicode

if TYPE_CHECKING:
    from tui.app import LabApp


class LabScreen(Screen[None]):
    """A screen that knows its application by its real type. Each says itself what gets the focus first."""

    AUTO_FOCUS = ""

    @property
    def lab(self) -> "LabApp":
        return cast("LabApp", self.app)

    @property
    def ascii_only(self) -> bool:
        """Whether the terminal takes nothing but ASCII."""
        return not speaks_unicode()

    def put(self, selector: str, text: str) -> None:
        """Write ``text`` into a one-line :class:`Static`, if it is not there yet: nothing else is laid out again."""
        widget = self.query_one(selector, Static)
        if str(widget.content) != text:
            widget.update(text, layout=False)

    def action_back(self) -> None:
        self.dismiss()

    def action_leave(self) -> None:
        self.app.exit()
