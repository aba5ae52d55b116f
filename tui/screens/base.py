"""What every screen of the application shares."""

from typing import TYPE_CHECKING, cast

from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from engine.language import _
from tui.format import speaks_unicode
from tui.screens.size import SMALLEST, WIDE

if TYPE_CHECKING:
    from tui.app import LabApp


class LabScreen(Screen[None]):
    """A screen that knows its application by its real type. Each says itself what gets the focus first."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 (Textual declares it so)

    def on_mount(self) -> None:
        words = _("This window is too small: {columns}x{lines} at least, please.")
        self.mount(Static(words.format(columns=SMALLEST[0], lines=SMALLEST[1]), id="cramped", markup=False))

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1], "-cramped")

    @property
    def lab(self) -> "LabApp":
        return cast("LabApp", self.app)

    @property
    def in_front(self) -> bool:
        """Whether this is the screen that the person sees.

        Textual's ``is_current`` also holds for the screen behind it, whose every update paints the front one again.
        """
        return self.app.screen is self

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
