"""What plots are drawn with: braille, blocks or ASCII, as the terminal can show, and which colours.

``RNNLAB_PLOTS`` (or the application's ``--plots``) decides if it is set. Otherwise a terminal
without UTF-8 gets ASCII, and one whose font can't have braille gets blocks: over SSH a font can't
be queried, so TERM has to tell.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.errors import InvalidValue
from engine.host.settings import PLOTS, PlotKind
from engine.language import _
from tui.terminal.ascii import Twin, all_but, ascii_twin, console_twin
from tui.terminal.capabilities import is_console, streams_take_unicode
from tui.words import format as fmt

_FRAME = "│─└├┤┬┴┼┊"
_BRAILLES = "".join(map(chr, range(0x2800, 0x2900))) + "▘▝▖▗▌▐▚▞▙▛▜▟▀▄█•◆"
"""All characters that a braille plot may have in its frame."""
_QUADRANTS = {"▘": "▀", "▝": "▀", "▖": "▄", "▗": "▄"} | dict.fromkeys("▌▐▚▞▙▛▜▟", "█")
"""Upper or lower half blocks for plotext's quadrants, which many fonts lack."""


@dataclass(frozen=True)
class Glyphs:
    """Markers for plotext, and replacements of characters that it draws.

    ``plain_area`` is the marker of an area if colours can't distinguish it from a line.
    """

    kind: PlotKind
    area: str
    plain_area: str
    line: str
    dot: str
    mark: str
    split: str
    area_sample: str
    line_sample: str
    loss_sample: str
    twins: Mapping[str, str] = field(default_factory=dict)

    def translated(self, drawn: str) -> str:
        """Return what plotext drew, in these glyphs."""
        return drawn.translate({ord(char): twin for char, twin in self.twins.items()})


BRAILLE = Glyphs("braille", "hd", "hd", "braille", "•", "◆", "┊", "▟▙", "⡠⠊", "⠑⢄")
BLOCKS = Glyphs("blocks", "hd", "░", "hd", "•", "◆", "┊", "▄█", "▄▀", "▀▄", _QUADRANTS)
CONSOLE = Glyphs("blocks", "█", "░", "•", "•", "x", "│", "██", "••", "••", {"┊": "│"})
"""Blocks for the consoles of Linux and the BSDs.

All 456 of Debian's console fonts have •, most have █ and ░, two thirds lack the half blocks, and
none has a quadrant or an eighth.
"""
ASCII = Glyphs(
    "ascii",
    ":",
    ":",
    "*",
    "o",
    "o",
    "|",
    "::",
    "**",
    "**",
    dict(zip(_FRAME, "|-++++++|", strict=True)),
)


@dataclass(frozen=True)
class Colours:
    """Rich styles of what a plot has in its frame."""

    observed: str
    predicted: str
    split: str
    loss: str
    published: str


NO_COLOURS = Colours("", "", "", "", "")


@dataclass(frozen=True)
class PlotStyle:
    """Glyphs and colours of a plot; no ``colours`` if the person or the terminal wants none."""

    glyphs: Glyphs = BRAILLE
    colours: Colours | None = None

    @property
    def without_colours(self) -> "PlotStyle":
        """The same glyphs, without colours."""
        return PlotStyle(self.glyphs)


def twin_here(environment: Mapping[str, str] = os.environ) -> Twin | None:
    """Return what replaces characters that this terminal lacks; None if it can show all of them.

    The characters that the person asked plots to be drawn with stay, whatever the terminal seems to
    lack.
    """
    try:
        setting = PLOTS.read(environment)
    except InvalidValue:
        # Reported before anything is drawn: see choose.
        setting = None
    if fmt.speaks_unicode():
        return console_twin if is_console(environment) and setting != "braille" else None
    keep = (
        {"braille": _BRAILLES, "blocks": "▀▄█"}.get(setting or "", "")
        if streams_take_unicode()
        else ""
    )
    return all_but(_FRAME + keep, ascii_twin) if keep else ascii_twin


class Choice(NamedTuple):
    """The glyphs that plots are drawn with here, and why."""

    glyphs: Glyphs
    why: str


def choose(environment: Mapping[str, str] = os.environ) -> Choice:
    """Return what plots are drawn with on this terminal.

    Raises :class:`InvalidValue` if the setting names no kind.
    """
    console, blocks = is_console(environment), CONSOLE if is_console(environment) else BLOCKS
    setting = PLOTS.read(environment)
    if setting and setting != "ascii" and not streams_take_unicode():
        return Choice(ASCII, _("the output's encoding has no {kind}").format(kind=setting))
    if setting:
        glyphs = {"braille": BRAILLE, "blocks": blocks, "ascii": ASCII}[setting]
        return Choice(glyphs, _("{variable} says so").format(variable=PLOTS.name))
    if not fmt.speaks_unicode():
        return Choice(ASCII, _("the locale is not UTF-8"))
    if console:
        return Choice(CONSOLE, _("TERM={kind} has no braille").format(kind=environment["TERM"]))
    return Choice(BRAILLE, _("the locale is UTF-8, and TERM does not name a console"))
