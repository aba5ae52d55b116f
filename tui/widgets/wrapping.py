"""Text as it is typed: how fast its characters appear, and where its lines break."""

from collections.abc import Iterator

from rich.cells import cell_len

READABLE = 60.0
"""Characters a second, which one can read along with."""
BEHIND = 3.0
"""Seconds after which a character that has arrived is shown, however many arrived with it."""
FASTEST = 300.0
"""Characters a second that the wire bears; what would need more appears at once."""


class Pace:
    """How many of the characters that have arrived are to be seen by now. Knows no clock: seconds
    are told.
    """

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
        """So many characters have arrived by now, since the beginning."""
        if not self.waiting:
            self._rate = READABLE
        self.arrived = total
        self._shown = max(self._shown, total - BEHIND * FASTEST)
        # Never lowered before all is shown: a rate that fell with the backlog would not keep the
        # promise.
        self._rate = max(self._rate, (total - self._shown) / BEHIND)

    def advance(self, seconds: float) -> None:
        """So much time has passed."""
        self._shown = min(float(self.arrived), self._shown + seconds * self._rate)

    def finish(self) -> None:
        """Show all that has arrived."""
        self._shown = float(self.arrived)


def wrap(text: str, width: int) -> list[str]:
    """Break ``text`` into lines of at most ``width`` cells: after each ``\n``, and after a space
    where there is one.

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
            # After the last space, or before this character: what of a wide word moves down may
            # fill a line itself.
            for stop in (word, i):
                if stop > start and cells + size > width:
                    lines.append(text[start:stop])
                    start, cells = stop, cell_len(text[stop:i])
        cells += size
        if text[i] == " ":
            word = end
    return [*lines, text[start:]] if start < len(text) else lines


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each character begins and ends, with what has no cells of its own and belongs to
    it.
    """
    begin = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or text[end].isascii() or text[begin] == "\n" or cell_len(text[end]):
            yield begin, end
            begin = end


def shares(lines: list[str], count: int) -> list[int]:
    """How many of the first ``count`` characters of a text each of its lines holds, up to the line
    with the last.
    """
    held = []
    for line in lines:
        if count <= 0:
            break
        held.append(min(count, len(line)))
        count -= len(line)
    return held
