"""What every screen of the application shares."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, cast

from textual.binding import ActiveBinding, Binding
from textual.errors import NoWidget
from textual.events import Key, Resize
from textual.geometry import Offset, Size
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.visual import VisualType, visualize
from textual.widget import Widget
from textual.widgets import Static

from engine.errors import LabError
from engine.language import _
from engine.runs.run import Run, State
from engine.runs.watch import RunWatcher
from tui.plotting.plot_style import twin_here
from tui.screens.laboratory import Laboratory
from tui.terminal.size import SMALLEST, WIDE
from tui.widgets.drawn_lines import DrawnLines
from tui.widgets.message_line import MessageLine
from tui.widgets.selection import selected_text

_HELP = "app.help"
_WAYS_BACK = ("back", "clear", "clear_filter")
"""Actions that lead out of where the person is, without leaving the application."""

RESUMABLE: frozenset[State] = frozenset({"failed", "cancelled", "interrupted"})
"""Runs that are worth taking up again. One that diverged would diverge again, to the last bit."""


def lines_of(widget: Static, content: VisualType) -> int:
    """Return how many lines ``content`` would take in the width that ``widget`` has."""
    return visualize(widget, content, markup=False).get_height(
        widget.styles.get_rules(), max(1, widget.content_size.width)
    )


class LabScreen(Screen[None]):
    """A screen that knows its application by its real type. Each says itself what gets the focus
    first.
    """

    AUTO_FOCUS = ""
    ANSWER: ClassVar[str] = "#answer"
    """The :class:`MessageLine` over the footer that says what a key came to. Nothing is covered by
    it.
    """
    HAS_FILTER: ClassVar[bool] = False
    """Whether a slash begins the words of a filter."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 (Textual declares it so)

    _drawn_at: Size | None = None
    _had_focus: Widget | None = None
    _question: Callable[[], None] | None = None
    """What is done if the next key is y: as long as it is set, the question stands in the line of
    answers.
    """
    _waiting: list[LabError | str]
    """What is to be said once the question is answered, the oldest first."""
    _ignores_typing = False
    """Whether what is typed goes nowhere: it would have been for a filter, which this screen has
    not.
    """
    _footer_before: tuple[tuple[str, str], ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._waiting = []

    def on_mount(self) -> None:
        words = _("This window is too small: {columns}x{lines} at least, please.")
        self.mount(
            Static(words.format(columns=SMALLEST[0], lines=SMALLEST[1]), id="cramped", markup=False)
        )
        for plan in self.query("#plan"):
            # Whether there is more of it to read is known once it has been laid out.
            for what in ("virtual_size", "scroll_y"):
                self.watch(plan, what, self.refresh_footer, init=False)

    def on_resize(self, event: Resize) -> None:
        cramped = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        if cramped and not self.has_class("-cramped"):
            # What is not shown loses the focus, and nobody can answer a question that they don't
            # see.
            self._had_focus = self.focused
            if self._question:
                self._question = None
                self.clear_answer()
        elif not cramped and self.has_class("-cramped"):
            self.call_after_refresh(self._focus_again)
        self.set_class(cramped, "-cramped")
        if event.size == self._drawn_at:
            # In between the window had another size, for too short to be drawn; what was cut off
            # then is drawn again.
            self.refresh(layout=True)
        self._drawn_at = event.size
        for line in self.query(MessageLine):
            line.fit_again()
        self.refresh_footer()

    def _focus_again(self) -> None:
        if self._had_focus and self._had_focus.is_attached and not self.focused:
            # As it was: a field that gets the focus selects all of its content otherwise, for the
            # next key to replace.
            self.set_focus(self._had_focus, from_app_focus=True)

    @property
    def lab(self) -> Laboratory:
        return cast("Laboratory", self.app)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        try:
            widget, _region = self.get_widget_at(x, y)
        except NoWidget:
            return None, None
        if (
            self._selecting
            and isinstance(widget, ScrollBar)
            and isinstance(widget.parent, DrawnLines)
        ):
            # To drag as far as the edge is to select whole lines.
            widget = widget.parent
        if isinstance(widget, DrawnLines):
            return widget, widget.offset_at(x, y)
        return super().get_widget_and_offset_at(x, y)

    def get_selected_text(self) -> str | None:
        text, twin = selected_text(self.selections), twin_here()
        return (twin(text) if twin else text) or None

    @property
    def is_on_top(self) -> bool:
        """Whether this is the screen that the person sees.

        Textual's ``is_current`` also holds for the screen behind it, whose every update paints the
        front one again.
        """
        return self.app.screen is self

    @property
    def is_closed(self) -> bool:
        """Whether this screen is gone, or going: asked after waiting for something.

        Its widgets go first. What still works for it must not look for them.
        """
        # Textual has no display for what is being taken down.
        # Before it has been mounted, it may not be on the stack yet.
        return self.is_mounted and (self not in self.app.screen_stack or not self.display)

    @property
    def _has_widgets(self) -> bool:
        """Whether what stands on the screen can be asked about: it has been mounted, and is not
        being taken down.
        """
        return self.is_mounted and not self.is_closed

    def set_text(self, selector: str, text: str) -> None:
        """Write ``text`` into a :class:`Static`, if it is not there yet.

        All is laid out again, which sends the whole screen, only where the text takes another
        number of lines.
        """
        if self.is_closed:
            return
        widget = self.query_one(selector, Static)
        before = widget.content
        if str(before) != text:
            grows = widget.styles.is_auto_height and lines_of(widget, before) != lines_of(
                widget, text
            )
            widget.update(text, layout=grows)

    def show_error(self, message: LabError | str) -> None:
        """Write what goes wrong under the screen's head; with an empty text its lines go away."""
        if not self.is_closed:
            self.query_one("#trouble", MessageLine).say(message)

    def answer(self, message: LabError | str) -> None:
        """Say what a key came to, until the next one. While a question stands there, it waits for
        its answer.
        """
        if self._question is None:
            self._say(message)
        elif message:
            self._waiting.append(message)

    def _say(self, message: LabError | str) -> None:
        if not self.is_closed:
            self.query_one(self.ANSWER, MessageLine).say(message)

    @property
    def answered(self) -> str:
        """What the line of answers says."""
        message = self.query_one(self.ANSWER, MessageLine).message
        return message if isinstance(message, str) else str(message)

    def watcher_of(self, run: Run) -> RunWatcher | None:
        """Return how a run stands by this screen's last look; None if the screen does not show
        it.
        """
        return None

    def clear_answer(self) -> None:
        """Take the answer away, because another key was pressed; what has waited comes in its
        place.
        """
        self.answer(self._waiting.pop(0) if self._waiting else "")

    def ask(self, question: str, do: Callable[[], None]) -> None:
        """Ask before something is done: y does it; with escape or n it stays undone, and with any
        other key too.
        """
        self._say(question)
        self._question = do

    def on_key(self, event: Key) -> None:
        """Take the keys that come by here on their way to the bindings."""
        question, self._question = self._question, None
        if question and event.key == "y":
            event.stop()
            # What has waited goes on waiting: what came of this is said next.
            self._say("")
            question()
            return
        self.clear_answer()
        if question and event.key in ("n", "escape"):
            event.stop()
        elif self._ignores_typing:
            if event.is_printable:
                event.stop()
                self._say_typing_is_ignored()
            elif event.key in ("escape", "enter"):
                event.stop()
                self._ignores_typing = False
        elif event.character == "/" and not self.HAS_FILTER:
            event.stop()
            # The words that follow must not start anything.
            self._ignores_typing = True
            self._say_typing_is_ignored()

    def _say_typing_is_ignored(self) -> None:
        self.answer(
            _("There is nothing to filter here. What you type is ignored until enter or esc.")
        )

    def is_useful(self, action: str) -> bool:
        """Tell whether a key with this action does something now; the footer leaves out those that
        don't.
        """
        if action == "scroll_plan(1)":
            plan = self.query_one("#plan")
            return plan.scroll_offset.y < plan.max_scroll_y
        return True

    def label_of(self, binding: Binding) -> str:
        """Return what the footer calls a key now."""
        return binding.description

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys for the footer: those that do something now, as many as fit, the help and the
        way out first of all.

        A key that is left out still answers: it says why it does nothing.
        """
        found = super().active_bindings
        wanted: dict[str, Binding] = {}
        for active in found.values():
            if active.binding.show and (
                not self._has_widgets or self.is_useful(active.binding.action)
            ):
                wanted.setdefault(active.binding.action, active.binding)
        ways_out = [action for action in _WAYS_BACK if action in wanted] or ["leave"]
        # By rank: help, the way out, then those that stand further up in the table of keys.
        room, shown = self.size.width, set()
        for action in sorted(wanted, key=lambda action: (action != _HELP, action not in ways_out)):
            width = len(f" {wanted[action].key_display} {self.label_of(wanted[action])} ")
            if width <= room:
                room -= width
                shown.add(action)
        return {
            key: active._replace(
                binding=replace(active.binding, description=self.label_of(active.binding))
            )
            for key, active in found.items()
            if not active.binding.show or active.binding.action in shown
        }

    def refresh_footer(self) -> None:
        """Have the footer drawn again where other keys do something now than before."""
        if not self._has_widgets:
            return
        bindings = (active.binding for active in self.active_bindings.values())
        shown = tuple((binding.action, binding.description) for binding in bindings if binding.show)
        if shown != self._footer_before:
            self._footer_before = shown
            self.refresh_bindings()

    def action_scroll_plan(self, pages: int) -> None:
        """Scroll what a trial will do, by pages less a line: it never has the focus."""
        plan = self.query_one("#plan")
        plan.scroll_relative(y=pages * max(1, plan.size.height - 1), animate=False)

    def action_back(self) -> None:
        self.dismiss()

    def action_leave(self) -> None:
        self.app.exit()
