"""What a terminal that takes nothing but ASCII is shown: every other character has a twin of its width.

Plots are drawn with other characters instead: see :mod:`tui.plots`.
"""

import io
from collections.abc import Mapping

from rich.cells import cell_len

_TWINS: Mapping[str, str] = {
    "◷◫◌●◍✓✗⊘▪•": "o=~*~+x-**",
    "▓░": "#.",
    "▁▂▃▄▅▆▇█": ".:-=+*#@",
    "│┃║┊▏▎▕": "|||||||",
    "─━═▔": "----",
    "┌┐└┘╭╮╰╯├┤┬┴┼": "+" * 13,
    "▌▍▋▊▉": "_____",
    "–—×→←↑↓…⏎": "--x><^v~$",
    "‘’“”‹›": "''\"\"<>",
}
_TABLE = str.maketrans({char: twin for chars, twins in _TWINS.items() for char, twin in zip(chars, twins, strict=True)})


def ascii_twin(text: str) -> str:
    """Return ``text`` in ASCII, as many cells wide; what has no twin becomes question marks."""
    if text.isascii():
        return text
    # The one twin that takes two cells has them from the blank beside it: ".080 ± .013" is ".080 +-.013".
    text = text.replace("± ", "+-").translate(_TABLE)
    return text if text.isascii() else "".join(c if c.isascii() else "?" * cell_len(c) for c in text)


class AsciiStream(io.TextIOWrapper):
    """What commands print to such a terminal, in place of ``stream``.

    Its encoding is not called ASCII, which click would take for a mistake and put UTF-8 in its place.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        super().__init__(stream.buffer, encoding="utf-8", line_buffering=True)

    def write(self, text: str) -> int:
        return super().write(ascii_twin(text))
