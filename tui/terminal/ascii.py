"""What a terminal with few characters is shown: each that it lacks has a twin of the same width.

Terminals that take nothing but ASCII, and consoles with a small font. Plots are drawn with other
characters instead: see :mod:`tui.plotting.plot_style`.
"""

import io
import re
from collections.abc import Callable, Mapping

from rich.cells import cell_len

Twin = Callable[[str], str]
"""Puts twins in the place of the characters of a text that a terminal lacks."""
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
"""Twins of what few console fonts have. What all have stays: box drawing, arrows, two shades, the
full block.
"""


def console_twin(text: str) -> str:
    """Return ``text`` in what fonts of consoles have, as many cells wide; letters of all languages
    stay.
    """
    return text if text.isascii() else text.translate(_ON_CONSOLES)


def ascii_twin(text: str) -> str:
    """Return ``text`` in ASCII, as many cells wide; what has no twin becomes question marks."""
    if text.isascii():
        return text
    # The one twin that takes two cells has them from the blank beside it: ".080 ± .013" is ".080
    # +-.013".
    text = text.replace("± ", "+-").translate(_TABLE)
    return (
        text if text.isascii() else "".join(c if c.isascii() else "?" * cell_len(c) for c in text)
    )


def keeping(kept: str, twin: Twin) -> Twin:
    """Return ``twin`` with the characters ``kept`` left as they are."""
    others = re.compile(f"[^{re.escape(kept)}]+")
    return lambda text: others.sub(lambda match: twin(match[0]), text)


class TwinStream(io.TextIOWrapper):
    """What commands print to such a terminal, in place of ``stream``.

    Its encoding is not called ASCII, which click would take for a mistake and put UTF-8 in its
    place.
    """

    def __init__(self, stream: io.TextIOWrapper, twin: Twin) -> None:
        super().__init__(stream.buffer, encoding="utf-8", line_buffering=True)
        self._twin = twin

    def write(self, text: str) -> int:
        return super().write(self._twin(text))
