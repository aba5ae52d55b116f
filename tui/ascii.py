"""What a terminal that takes nothing but ASCII is shown: every other character has a twin of its width.

It is done where lines leave for the terminal, so that no screen, no widget (Textual's own frames and scrollbars among
them) and no data need to know of it. Plots are drawn with other characters instead: see :mod:`tui.plots`.
"""

from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_TWINS: Mapping[str, str] = {
    "◷◫◌●◍✓✗⊘▪•": "o=~*~+x-**",
    "▓░": "#.",
    "▁▂▃▄▅▆▇█": ".:-=+*#@",
    "│┃║┊▏▎▕": "|||||||",
    "─━═▔": "----",
    "┌┐└┘╭╮╰╯├┤┬┴┼": "+" * 13,
    "▌▍▋▊▉": "_____",
    "–—×→←↑↓…": "--x><^v~",
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


class AsciiOnly(LineFilter):
    """Puts twins in place of what is no ASCII, in every line that Textual has drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [segment if segment.control else segment._replace(text=ascii_twin(segment.text)) for segment in segments]
