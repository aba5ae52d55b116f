"""Text from outside (corpora, file names, exceptions) made safe for a terminal.

A terminal obeys control characters wherever they come from, so none of them may survive: C0 and C1
controls (ESC, BEL, CSI), DEL, and the format characters that reorder text (bidirectional overrides
and isolates).
"""

import unicodedata

_DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """Return ``text`` without control and format characters; tabs and line ends become single
    spaces.

    Pieces of a stream must be joined before they are cleaned: a sequence may be cut in two.
    """
    if text.isascii() and text.isprintable():
        return text
    spaced = text.replace("\r\n", " ").translate({9: " ", 10: " ", 13: " "})
    return "".join(char for char in spaced if unicodedata.category(char) not in _DANGEROUS)


LINE_END_MARK = "⏎"
"""What stands for a line end of a text where it is shown in one line, and at the end of a line
where it breaks.
"""


def printable_lines(text: str) -> str:
    """Return ``text`` as :func:`printable` does, but with its line ends, each a ``\n``."""
    return "\n".join(
        printable(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    )


def printable_line(text: str) -> str:
    """Return ``text`` as :func:`printable` does, but with a mark for each line end, so that those
    are seen.
    """
    return printable_lines(text).replace("\n", LINE_END_MARK)
