"""What all screens of the application share."""

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
from engine.runs.watch import Snapshot
from tui.plotting.plot_style import twin_here
from tui.screens.laboratory import Laboratory
from tui.terminal.size import SMALLEST, WIDE
from tui.widgets.drawn_lines import DrawnLines
from tui.widgets.message_line import MessageLine
from tui.widgets.selection import selected_text

_HELP = "app.help"
_WAYS_BACK = ("back", "clear", "clear_filter")
"""Actions that lead back without leaving the application."""

RESUMABLE: frozenset[State] = frozenset({"failed", "cancelled", "interrupted"})
"""Runs that are worth resuming. One that diverged would diverge again, to the last bit."""


def lines_of(widget: Static, content: VisualType) -> int:
    """Return how many lines ``content`` would take at the width of ``widget``."""
    return visualize(widget, content, markup=False).get_height(
        widget.styles.get_rules(), max(1, widget.content_size.width)
    )


class LabScreen(Screen[None]):
    """A screen that knows its application by its real type, and sets the first focus itself."""

    AUTO_FOCUS = ""
    ANSWER: ClassVar[str] = "#answer"
    """The :class:`MessageLine` above the footer for what a key led to; it covers nothing."""
    HAS_FILTER: ClassVar[bool] = False
    """Whether a slash opens a filter."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 (Textual declares it so)

    _drawn_at: Size | None = None
    _had_focus: Widget | None = None
    _on_yes: Callable[[], None] | None = None
    """What to do if the next key is y; while it is set, the question is shown."""
    _postponed: list[LabError | str]
    """Messages to show once the question is answered, the oldest first."""
    _ignores_typing = False
    """Whether typing is ignored: it was meant for a filter, which this screen does not have."""
    _footer_shown: tuple[tuple[str, str], ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._postponed = []

    def on_mount(self) -> None:
        text = _("This window is too small: rnnlab needs at least {columns}x{lines}.")
        self.mount(
            Static(text.format(columns=SMALLEST[0], lines=SMALLEST[1]), id="cramped", markup=False)
        )
        for plan in self.query("#plan"):
            # Whether there is more to scroll to is known only after the layout.
            for attribute in ("virtual_size", "scroll_y"):
                self.watch(plan, attribute, self.refresh_footer, init=False)

    def on_resize(self, event: Resize) -> None:
        cramped = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        if cramped and not self.has_class("-cramped"):
            # What is hidden loses the focus, and nobody can answer a question that they can't see.
            self._had_focus = self.focused
            if self._on_yes:
                self._on_yes = None
                self.clear_answer()
        elif not cramped and self.has_class("-cramped"):
            self.call_after_refresh(self._focus_again)
        self.set_class(cramped, "-cramped")
        if event.size == self._drawn_at:
            # In between, the window briefly had another size, which was not drawn; repaint what was
            # cut off.
            self.refresh(layout=True)
        self._drawn_at = event.size
        for line in self.query(MessageLine):
            line.fit_again()
        self.refresh_footer()

    def _focus_again(self) -> None:
        if self._had_focus and self._had_focus.is_attached and not self.focused:
            # Unchanged: otherwise a field that gets the focus selects all its content, and the next
            # key replaces it.
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
            # Dragging to the edge selects whole lines.
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

        Textual's ``is_current`` also holds for the screen behind it, whose every update repaints
        the top one.
        """
        return self.app.screen is self

    @property
    def is_closed(self) -> bool:
        """Whether this screen is closed or closing: to be checked after each ``await``.

        Its widgets go first, so code that is still running must not query them.
        """
        # Textual sets no display for a screen that is being removed. Before it has been mounted, it
        # may not be on the stack yet.
        return self.is_mounted and (self not in self.app.screen_stack or not self.display)

    @property
    def _has_widgets(self) -> bool:
        """Whether widgets can be queried: the screen is mounted, and not being removed."""
        return self.is_mounted and not self.is_closed

    def set_text(self, selector: str, text: str) -> None:
        """Write ``text`` into a :class:`Static`, if it has changed.

        The screen is laid out again, which sends all of it, only if the number of lines changes.
        """
        if self.is_closed:
            return
        widget = self.query_one(selector, Static)
        previous = widget.content
        if str(previous) != text:
            changes_height = widget.styles.is_auto_height and lines_of(
                widget, previous
            ) != lines_of(widget, text)
            widget.update(text, layout=changes_height)

    def show_error(self, message: LabError | str) -> None:
        """Show an error under the screen's title; an empty text removes it."""
        if not self.is_closed:
            self.query_one("#trouble", MessageLine).say(message)

    def answer(self, message: LabError | str) -> None:
        """Show what a key led to, until the next key; while a question is shown, postpone it."""
        if self._on_yes is None:
            self._show_answer(message)
        elif message:
            self._postponed.append(message)

    def _show_answer(self, message: LabError | str) -> None:
        if not self.is_closed:
            self.query_one(self.ANSWER, MessageLine).say(message)

    @property
    def answer_text(self) -> str:
        """The text of the answer line."""
        message = self.query_one(self.ANSWER, MessageLine).message
        return message if isinstance(message, str) else str(message)

    def snapshot_of(self, run: Run) -> Snapshot | None:
        """Return a run as of this screen's last poll; None if the screen does not show it."""
        return None

    def clear_answer(self) -> None:
        """Clear the answer, as another key was pressed, and show the next waiting one."""
        self.answer(self._postponed.pop(0) if self._postponed else "")

    def ask(self, question: str, do: Callable[[], None]) -> None:
        """Ask before something is done: y does it, any other key does not."""
        self._show_answer(question)
        self._on_yes = do

    def on_key(self, event: Key) -> None:
        """Handle keys before they reach the bindings."""
        question, self._on_yes = self._on_yes, None
        if question and event.key == "y":
            event.stop()
            # Waiting messages keep waiting: the result of this comes first.
            self._show_answer("")
            question()
            return
        self.clear_answer()
        if question and event.key in ("n", "escape"):
            event.stop()
        elif self._ignores_typing:
            if event.is_printable:
                event.stop()
                self._explain_ignored_typing()
            elif event.key in ("escape", "enter"):
                event.stop()
                self._ignores_typing = False
        elif event.character == "/" and not self.HAS_FILTER:
            event.stop()
            # The words that follow must not trigger anything.
            self._ignores_typing = True
            self._explain_ignored_typing()

    def _explain_ignored_typing(self) -> None:
        self.answer(
            _("There is nothing to filter here. What you type is ignored until enter or esc.")
        )

    def is_useful(self, action: str) -> bool:
        """Tell whether a key with this action does something now; if not, the footer omits it."""
        if action == "scroll_plan(1)":
            plan = self.query_one("#plan")
            return plan.scroll_offset.y < plan.max_scroll_y
        return True

    def label_of(self, binding: Binding) -> str:
        """Return the footer's present label of a key."""
        return binding.description

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys for the footer: those that do something now, as many as fit.

        Help and the way out come first. A key that is left out still answers: it says why it does
        nothing.
        """
        active_by_key = super().active_bindings
        useful: dict[str, Binding] = {}
        for active in active_by_key.values():
            if active.binding.show and (
                not self._has_widgets or self.is_useful(active.binding.action)
            ):
                useful.setdefault(active.binding.action, active.binding)
        ways_out = [action for action in _WAYS_BACK if action in useful] or ["leave"]
        # By rank: help, the way out, then in the order of the table of keys.
        room, shown = self.size.width, set()
        for action in sorted(useful, key=lambda action: (action != _HELP, action not in ways_out)):
            width = len(f" {useful[action].key_display} {self.label_of(useful[action])} ")
            if width <= room:
                room -= width
                shown.add(action)
        return {
            key: active._replace(
                binding=replace(active.binding, description=self.label_of(active.binding))
            )
            for key, active in active_by_key.items()
            if not active.binding.show or active.binding.action in shown
        }

    def refresh_footer(self) -> None:
        """Draw the footer again if other keys are useful now."""
        if not self._has_widgets:
            return
        bindings = (active.binding for active in self.active_bindings.values())
        shown = tuple((binding.action, binding.description) for binding in bindings if binding.show)
        if shown != self._footer_shown:
            self._footer_shown = shown
            self.refresh_bindings()

    def action_scroll_plan(self, pages: int) -> None:
        """Scroll the plan, which never has the focus, by pages less one line."""
        plan = self.query_one("#plan")
        plan.scroll_relative(y=pages * max(1, plan.size.height - 1), animate=False)

    def action_back(self) -> None:
        self.dismiss()

    def action_leave(self) -> None:
        self.app.exit()
