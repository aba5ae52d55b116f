"""What every screen of the application shares."""

from typing import TYPE_CHECKING, cast

from textual.errors import NoWidget
from textual.events import Resize
from textual.geometry import Offset, Size
from textual.screen import Screen
from textual.visual import VisualType, visualize
from textual.widget import Widget
from textual.widgets import Static

from engine.language import _
from tui import format as fmt
from tui.ascii import ascii_twin
from tui.screens.size import SMALLEST, WIDE
from tui.widgets.drawn_lines import DrawnLines

if TYPE_CHECKING:
    from tui.app import LabApp


def lines_of(widget: Static, content: VisualType) -> int:
    """Return how many lines ``content`` would take in the width that ``widget`` has."""
    return visualize(widget, content, markup=False).get_height(
        widget.styles.get_rules(), max(1, widget.content_size.width)
    )


class LabScreen(Screen[None]):
    """A screen that knows its application by its real type. Each says itself what gets the focus first."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 (Textual declares it so)

    _drawn_at: Size | None = None
    _had_focus: Widget | None = None

    def on_mount(self) -> None:
        words = _("This window is too small: {columns}x{lines} at least, please.")
        self.mount(Static(words.format(columns=SMALLEST[0], lines=SMALLEST[1]), id="cramped", markup=False))

    def on_resize(self, event: Resize) -> None:
        cramped = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        if cramped and not self.has_class("-cramped"):
            # What is not shown loses the focus.
            self._had_focus = self.focused
        elif not cramped and self.has_class("-cramped"):
            self.call_after_refresh(self._focus_again)
        self.set_class(cramped, "-cramped")
        if event.size == self._drawn_at:
            # In between the window had another size, for too short to be drawn; what was cut off then is drawn again.
            self.refresh(layout=True)
        self._drawn_at = event.size

    def _focus_again(self) -> None:
        if self._had_focus and self._had_focus.is_attached and not self.focused:
            # As it was: a field that gets the focus selects all of its content otherwise, for the next key to replace.
            self.set_focus(self._had_focus, from_app_focus=True)

    @property
    def lab(self) -> "LabApp":
        return cast("LabApp", self.app)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        try:
            widget, _region = self.get_widget_at(x, y)
        except NoWidget:
            return None, None
        if isinstance(widget, DrawnLines):
            return widget, widget.offset_at(x, y)
        return super().get_widget_and_offset_at(x, y)

    def get_selected_text(self) -> str | None:
        text = super().get_selected_text()
        return text if text is None or fmt.speaks_unicode() else ascii_twin(text)

    @property
    def in_front(self) -> bool:
        """Whether this is the screen that the person sees.

        Textual's ``is_current`` also holds for the screen behind it, whose every update paints the front one again.
        """
        return self.app.screen is self

    @property
    def left(self) -> bool:
        """Whether the person has gone back from this screen: asked after waiting for something."""
        return self not in self.app.screen_stack

    def put(self, selector: str, text: str) -> None:
        """Write ``text`` into a :class:`Static`, if it is not there yet.

        All is laid out again, which sends the whole screen, only where the text takes another number of lines.
        """
        widget = self.query_one(selector, Static)
        before = widget.content
        if str(before) != text:
            grows = widget.styles.is_auto_height and lines_of(widget, before) != lines_of(widget, text)
            widget.update(text, layout=grows)

    def say_trouble(self, words: str) -> None:
        """Write what goes wrong under the screen's head; with no words its lines go away."""
        self.query_one("#trouble", Static).set_class(bool(words), "-shown")
        self.put("#trouble", words)

    def action_scroll_plan(self, pages: int) -> None:
        """Scroll what a trial will do, by pages less a line: it never has the focus."""
        plan = self.query_one("#plan")
        plan.scroll_relative(y=pages * max(1, plan.size.height - 1), animate=False)

    def action_back(self) -> None:
        self.dismiss()

    def action_leave(self) -> None:
        self.app.exit()
