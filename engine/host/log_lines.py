"""The lines of a log, however long: one that no writer would write is not held in memory."""

import os
from collections.abc import Iterator
from pathlib import Path

from engine.host.files import open_to_read

LONGEST_LINE = 4 << 20
"""Bytes. The longest event is a text of 100,000 characters that is written at once."""
DEPTH = 3
"""How many folders the home is above a log."""
_CHUNK = 1 << 20


class LineScanner:
    """Reads the whole lines of a growing file, each once. What follows the last line end is no line
    yet.
    """

    def __init__(self) -> None:
        self.offset = 0
        """Where the next line begins."""
        self._scanned = 0
        """Where to look on for its end."""

    def scan(self, descriptor: int) -> Iterator[bytes | None]:
        """Yield the lines that have come since, without their ends; None for one that is too long.

        To be iterated to its end. Raises :class:`OSError`.
        """
        size = os.fstat(descriptor).st_size
        if size < self._scanned or self._scanned - self.offset <= LONGEST_LINE:
            # A torn line may have been cut off since; and of one that may still be read nothing is
            # kept in between.
            self._scanned = self.offset
        length, begun = self._scanned - self.offset, b""
        while self._scanned < size and (
            chunk := os.pread(descriptor, min(_CHUNK, size - self._scanned), self._scanned)
        ):
            self._scanned += len(chunk)
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                length += len(line)
                yield begun + line if length <= LONGEST_LINE else None
                length, begun = 0, b""
            if lines:
                self.offset = self._scanned - len(rest)
            length += len(rest)
            begun = begun + rest if length <= LONGEST_LINE else b""


def log_lines(path: Path) -> Iterator[bytes | None]:
    """Yield the whole lines of a run's log as :meth:`LineScanner.scan` does. Raises
    :class:`OSError`.
    """
    descriptor = open_to_read(str(path), DEPTH)
    try:
        yield from LineScanner().scan(descriptor)
    finally:
        os.close(descriptor)
