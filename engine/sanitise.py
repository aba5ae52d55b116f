"""Text from outside (corpora, file names, exceptions) made safe for a terminal.

A terminal obeys control characters wherever they come from, so none of them may survive: C0 and C1 controls
(ESC, BEL, CSI), DEL, and the format characters that reorder text (bidirectional overrides and isolates).
"""

import unicodedata

_DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """Return ``text`` without control and format characters; tabs and line ends become single spaces.

    Pieces of a stream must be joined before they are cleaned: a sequence may be cut in two.
    """
    if text.isascii() and text.isprintable():
        return text
    spaced = text.replace("\r\n", " ").translate({9: " ", 10: " ", 13: " "})
    return "".join(char for char in spaced if unicodedata.category(char) not in _DANGEROUS)
