"""Twins of the same width for the characters that a limited terminal lacks.

Such terminals take nothing but ASCII, or are consoles with a small font. Plots are drawn with other
characters instead: see :mod:`tui.plotting.plot_style`.
"""

import io
import re
from collections.abc import Callable, Mapping

from rich.cells import cell_len

Twin = Callable[[str], str]
"""Replaces the characters of a text that a terminal lacks with their twins."""
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
_TABLE = str.maketrans(
    {char: twin for chars, twins in _TWINS.items() for char, twin in zip(chars, twins, strict=True)}
)

_ON_CONSOLES = str.maketrans(
    {char: twin for chars, twins in _TWINS.items() for char, twin in zip(chars, twins, strict=True)}
    | dict(zip("●•▪┌┐└┘╭╮╰╯├┤┬┴┼│┃┊─━═←↑→↓░▓", "•••┌┐└┘┌┐└┘├┤┬┴┼│││───←↑→↓░█", strict=True))
    | dict(zip("▁▂▃▄▅▆▇█", "__░░▒▒██", strict=True))
)
"""Twins of what few console fonts have.

All have box drawing, arrows, two shades and the full block, which stay.
"""


def console_twin(text: str) -> str:
    """Return ``text`` in characters of console fonts, equally wide; letters are not replaced."""
    return text if text.isascii() else text.translate(_ON_CONSOLES)


def ascii_twin(text: str) -> str:
    """Return ``text`` in ASCII, equally wide; characters without a twin become question marks."""
    if text.isascii():
        return text
    # The one twin of two cells takes the second from the space that follows: ".080 ± .013" becomes
    # ".080 +-.013".
    text = text.replace("± ", "+-").translate(_TABLE)
    return (
        text if text.isascii() else "".join(c if c.isascii() else "?" * cell_len(c) for c in text)
    )


def all_but(kept: str, twin: Twin) -> Twin:
    """Return ``twin`` with the characters ``kept`` left as they are."""
    others = re.compile(f"[^{re.escape(kept)}]+")
    return lambda text: others.sub(lambda match: twin(match[0]), text)


class TwinStream(io.TextIOWrapper):
    """What commands print to such a terminal, in place of ``stream``.

    Its encoding is not called ASCII: click would take that for a mistake and switch to UTF-8.
    """

    def __init__(self, stream: io.TextIOWrapper, twin: Twin) -> None:
        super().__init__(stream.buffer, encoding="utf-8", line_buffering=True)
        self._twin = twin

    def write(self, text: str) -> int:
        return super().write(self._twin(text))
