"""A log that wraps its lines and follows its end until somebody scrolls up."""

from collections.abc import Sequence

from rich.text import Text

from tui.widgets.lines import LinesView
from tui.widgets.wrapping import wrap


class LogView(LinesView, can_focus=True):
    """Shows lines of text; :meth:`show_text` replaces them.

    Scrolled up it stays there; scrolled down to its end it follows again.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._unwrapped: list[str] = []
        self._following = True

    def show_text(self, lines: Sequence[str]) -> None:
        """Replace the lines by ``lines``, which must be free of control characters."""
        self._unwrapped = list(lines)
        self._wrap()

    def _wrap(self) -> None:
        width = self.size.width
        if not width:
            return  # Not laid out yet: the first resize calls this again.
        self.show(
            [
                Text(piece, no_wrap=True)
                for line in self._unwrapped
                for piece in wrap(line, width) or [""]
            ]
        )
        # After a key that scrolls up, the position changes only at the animation's first frame.
        leaving = self.scroll_target_y < self.scroll_y
        if self._following and not leaving:
            # Forced, because the scrollbar that would allow it only comes with the next layout.
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._following = new_value >= self.max_scroll_y

    def on_resize(self) -> None:
        self._wrap()
