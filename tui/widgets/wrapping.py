"""Typed text: how fast its characters appear, and where its lines break."""

from collections.abc import Iterator

from rich.cells import cell_len

READABLE = 60.0
"""Characters per second at which one can read along."""
BEHIND = 3.0
"""Seconds after which a character that has arrived is shown, however many arrived with it."""
FASTEST = 300.0
"""Characters per second that a connection can take; what would need more appears at once."""


class Pace:
    """How many of the arrived characters should be visible; the caller keeps the time."""

    def __init__(self) -> None:
        self.arrived = 0
        self._shown = 0.0
        self._rate = READABLE

    @property
    def shown(self) -> int:
        return int(self._shown)

    @property
    def waiting(self) -> int:
        """Characters that are still to be shown."""
        return self.arrived - self.shown

    def arrive(self, total: int) -> None:
        """Note that ``total`` characters have arrived since the beginning."""
        if not self.waiting:
            self._rate = READABLE
        self.arrived = total
        self._shown = max(self._shown, total - BEHIND * FASTEST)
        # Never lowered before all is shown: a rate that fell with the backlog would not keep to
        # BEHIND.
        self._rate = max(self._rate, (total - self._shown) / BEHIND)

    def advance(self, seconds: float) -> None:
        """Note that so much time has passed."""
        self._shown = min(float(self.arrived), self._shown + seconds * self._rate)

    def finish(self) -> None:
        """Show all that has arrived."""
        self._shown = float(self.arrived)


def wrap(text: str, width: int) -> list[str]:
    """Break ``text`` into lines of at most ``width`` cells: after each ``\n``, after spaces if any.

    Nothing is lost: the lines joined are the text, with every space and every ``\n``, which takes
    no cell. Lines but the last never change when text is added. (A character wider than ``width``
    has a line to itself.)
    """
    lines: list[str] = []
    start, cells, word = (
        0,
        0,
        0,
    )  # Where the line starts, its cells so far, where the word after its last space starts.
    for i, end in _clusters(text):
        if text[i] == "\n":
            lines.append(text[start:end])
            start, cells, word = end, 0, end
            continue
        size = 1 if text[i:end].isascii() else cell_len(text[i:end])
        if cells + size > width and i > start:
            # After the last space, or before this character: the part of a wide word that moves
            # down may fill a line itself.
            for stop in (word, i):
                if stop > start and cells + size > width:
                    lines.append(text[start:stop])
                    start, cells = stop, cell_len(text[stop:i])
        cells += size
        if text[i] == " ":
            word = end
    return [*lines, text[start:]] if start < len(text) else lines


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each character, including zero-width ones that belong to it."""
    begin = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or text[end].isascii() or text[begin] == "\n" or cell_len(text[end]):
            yield begin, end
            begin = end


def shares(lines: list[str], count: int) -> list[int]:
    """Return how many of a text's first ``count`` characters each of its lines holds.

    Lines without any are left out.
    """
    result = []
    for line in lines:
        if count <= 0:
            break
        result.append(min(count, len(line)))
        count -= len(line)
    return result
