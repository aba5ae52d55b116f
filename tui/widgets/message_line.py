"""A line for what a key led to, or what is wrong and what to do about it; never cut off."""

import re
from collections.abc import Callable

from textual.visual import visualize
from textual.widgets import Static

from engine.errors import LabError
from engine.sanitise import printable

_MAX_LINES = 4
"""The most lines of an error, unless its remedy needs more."""

_ADDRESS = re.compile(r"((?:https?:/)?/[^/\s]+)/\S*/([^/\s]+)")


def fit_message(what: str, remedy: str, fits: Callable[[str], bool]) -> str:
    """Return ``what`` and ``remedy`` as one text that ``fits``, if possible.

    ``what`` is shortened: first the middle of the addresses in it, then its end. The remedy stays
    whole.
    """
    if fits(text := f"{what} {remedy}".strip()):
        return text
    short = _ADDRESS.sub(r"\1/…/\2", what)
    if fits(text := f"{short} {remedy}".strip()):
        return text
    low, high = 0, len(short)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(_cut(short, middle, remedy)) else (low, middle - 1)
    return _cut(short, low, remedy) if low else remedy or short


def _cut(text: str, length: int, remedy: str) -> str:
    return f"{text[:length].rstrip()}… {remedy}".rstrip()


class MessageLine(Static):
    """One message, in as many lines as it needs. It has the class ``-shown`` while there is one."""

    DEFAULT_CSS = "MessageLine { height: auto; padding: 0 1; }"

    def __init__(self, message: LabError | str = "", *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self._message = message

    @property
    def message(self) -> LabError | str:
        """The whole message."""
        return self._message

    def on_mount(self) -> None:
        self.say(self._message)

    def say(self, message: LabError | str) -> None:
        """Show another message, or nothing if it is empty.

        The screen is laid out again, which sends all of it, only if the number of lines changes.
        """
        self._message = message
        what, remedy = (
            (message.what, message.remedy) if isinstance(message, LabError) else (message, "")
        )
        text = fit_message(
            "\n".join(map(printable, what.split("\n"))), remedy, self._room_for(remedy)
        )
        previous = str(self.content)
        self.set_class(bool(text), "-shown")
        if text != previous:
            self.update(text, layout=self._height(text) != self._height(previous))

    def fit_again(self) -> None:
        """Show the same message in a window of another size."""
        self.say(self._message)

    def _room_for(self, remedy: str) -> Callable[[str], bool]:
        """Return a test of whether a text fits: a few lines for an error, else half the screen."""
        max_lines = (
            max(_MAX_LINES, self._height(remedy) + 1)
            if remedy
            else max(_MAX_LINES, self.app.size.height // 2)
        )
        return lambda text: self._height(text) <= max_lines

    def _height(self, text: str) -> int:
        # All message lines are as wide as the window, less their padding.
        width = max(1, self.app.size.width - 2)
        return visualize(self, text, markup=False).get_height(self.styles.get_rules(), width)
