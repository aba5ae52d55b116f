"""A line that is edited, as simply as can be: what every field must do with the same keys."""

from collections.abc import Iterable

from hypothesis import strategies as st

BACKSPACE, DELETE, LEFT, RIGHT, HOME, END = (
    "\x7f",
    "\x1b[3~",
    "\x1b[D",
    "\x1b[C",
    "\x1b[H",
    "\x1b[F",
)
TO_START, TO_END, KILL_LEFT, KILL_RIGHT = "\x01", "\x05", "\x15", "\x0b"
PASTE, END_OF_PASTE = "\x1b[200~", "\x1b[201~"

KEYS = st.one_of(
    st.sampled_from("0123456789.x-"),
    st.sampled_from(
        [BACKSPACE, DELETE, LEFT, RIGHT, HOME, END, TO_START, TO_END, KILL_LEFT, KILL_RIGHT]
    ),
    st.text("0123456789ab", min_size=1, max_size=4).map(
        lambda text: f"{PASTE}{text}{END_OF_PASTE}"
    ),
)
"""Letters, keys that edit, and pastes, as a terminal sends them."""


class Line:
    """Text and cursor."""

    def __init__(self, text: str = "") -> None:
        self.text, self.at = text, len(text)

    def take(self, key: str) -> None:
        """Take one of :data:`KEYS`."""
        before, after = self.text[: self.at], self.text[self.at :]
        if key == BACKSPACE:
            before = before[:-1]
        elif key == DELETE:
            after = after[1:]
        elif key == KILL_LEFT:
            before = ""
        elif key == KILL_RIGHT:
            after = ""
        elif key == LEFT:
            before, after = before[:-1], before[-1:] + after
        elif key == RIGHT:
            before, after = before + after[:1], after[1:]
        elif key in (HOME, TO_START):
            before, after = "", before + after
        elif key in (END, TO_END):
            before, after = before + after, ""
        else:
            before += key.removeprefix(PASTE).removesuffix(END_OF_PASTE)
        self.text, self.at = before + after, len(before)


def edited(text: str, keys: Iterable[str]) -> str:
    """Return what becomes of a line with the cursor at its end."""
    line = Line(text)
    for key in keys:
        line.take(key)
    return line.text
