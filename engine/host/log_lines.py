"""The lines of a log, however long: no writer writes oversized ones, and they are skipped."""

import os
from collections.abc import Iterator
from pathlib import Path

from engine.host.files import open_to_read

LONGEST_LINE = 4 << 20
"""Bytes. The longest event is a text of 100,000 characters written at once."""
DEPTH = 3
"""Levels from a log up to its home."""
_CHUNK = 1 << 20


class LineScanner:
    """Reads each whole line of a growing file once; text after the last line end waits."""

    def __init__(self) -> None:
        self.offset = 0
        """Where the next line starts."""
        self._scanned = 0
        """Where to continue the search for its end."""

    def scan(self, descriptor: int) -> Iterator[bytes | None]:
        """Yield the lines added since the last call, without their ends; None for one too long.

        Must be iterated to its end. Raises :class:`OSError`.
        """
        size = os.fstat(descriptor).st_size
        if size < self._scanned or self._scanned - self.offset <= LONGEST_LINE:
            # A torn line may have been cut off since the last call. Nothing of an incomplete line
            # is kept between calls, unless it is already too long.
            self._scanned = self.offset
        length, partial = self._scanned - self.offset, b""
        while self._scanned < size and (
            chunk := os.pread(descriptor, min(_CHUNK, size - self._scanned), self._scanned)
        ):
            self._scanned += len(chunk)
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                length += len(line)
                yield partial + line if length <= LONGEST_LINE else None
                length, partial = 0, b""
            if lines:
                self.offset = self._scanned - len(rest)
            length += len(rest)
            partial = partial + rest if length <= LONGEST_LINE else b""


def log_lines(path: Path) -> Iterator[bytes | None]:
    """Yield the lines of a run's log as :meth:`LineScanner.scan` does. Raises :class:`OSError`."""
    descriptor = open_to_read(str(path), DEPTH)
    try:
        yield from LineScanner().scan(descriptor)
    finally:
        os.close(descriptor)
