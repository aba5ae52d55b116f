"""Text from outside (corpora, file names, exceptions) made safe for a terminal.

A terminal obeys control characters from any source, so none of them may get through: C0 and C1
controls (ESC, BEL, CSI), DEL, and the format characters that reorder text (bidirectional overrides
and isolates).
"""

import unicodedata

_DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """Return ``text`` without control and format characters; tabs and line ends become spaces.

    Join the pieces of a stream before cleaning them: a sequence may be split between two.
    """
    if text.isascii() and text.isprintable():
        return text
    spaced = text.replace("\r\n", " ").translate({9: " ", 10: " ", 13: " "})
    return "".join(char for char in spaced if unicodedata.category(char) not in _DANGEROUS)


def shorten(text: str, length: int = 40) -> str:
    """Return ``text``, cut to ``length`` characters with an ellipsis if it is longer."""
    return text if len(text) <= length else text[: length - 1] + "…"


LINE_END_MARK = "⏎"
"""Stands for a line end where a text is shown on one line, and at the end of a broken line."""


def printable_lines(text: str) -> str:
    """Return ``text`` as :func:`printable` does, but with each line end as a line feed."""
    return "\n".join(
        printable(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    )


def printable_line(text: str) -> str:
    """Return ``text`` as :func:`printable` does, but with a visible mark for each line end."""
    return printable_lines(text).replace("\n", LINE_END_MARK)
