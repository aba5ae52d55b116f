"""A log that wraps its lines and stands at its end, until somebody scrolls up."""

from collections.abc import Sequence

from rich.text import Text

from tui.widgets.lines import LinesView
from tui.widgets.wrapping import wrap


class LogView(LinesView, can_focus=True):
    """Shows lines of text; give it new ones by :meth:`write_line`. Scrolled up it stays; scrolled
    down again it follows.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._told: list[str] = []
        self._following = True

    def write_line(self, lines: Sequence[str]) -> None:
        """Put ``lines``, free of control characters, in place of what is shown."""
        self._told = list(lines)
        self._wrap()

    def _wrap(self) -> None:
        width = self.size.width
        if not width:
            return  # Not laid out yet: the first resize brings it here again.
        self.show(
            [
                Text(piece, no_wrap=True)
                for line in self._told
                for piece in wrap(line, width) or [""]
            ]
        )
        # A key that leads up has not moved it before the animation's first frame.
        leaving = self.scroll_target_y < self.scroll_y
        if self._following and not leaving:
            # By force, because the scrollbar that would allow it only comes with the next layout.
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._following = new_value >= self.max_scroll_y

    def on_resize(self) -> None:
        self._wrap()
