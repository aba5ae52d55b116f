"""With what plots are drawn, by what the environment says of the terminal and by what a person asks
for.
"""

import re
import sys

import pytest

from engine.errors import UsageError
from engine.host.settings import PLOTS
from tui.plotting.plot_style import (
    ASCII,
    BLOCKS,
    BRAILLE,
    CONSOLE,
    Glyphs,
    PlotStyle,
    choose,
    twin_here,
)
from tui.plotting.plots import Curves, TimeAxis, draw_losses, draw_prediction
from tui.terminal.ascii import ascii_twin

CONSOLES = ["linux", "linux-16color", "vt100", "vt220", "cons25", "ansi"]
OTHERS = [
    "xterm-256color",
    "xterm",
    "screen",
    "tmux-256color",
    "rxvt-unicode",
    "foot",
    "alacritty",
    "",
]
LEGACY_FONT = set("█░│─└├┤┬┴┼•" + "x")
"""What all fonts of console-setup for Latin scripts have, of the characters beyond ASCII that plots
are drawn with.
"""


class Stream:
    """A terminal's stream with an encoding."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding


@pytest.fixture(autouse=True)
def _utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "utf-8")


def on(monkeypatch: pytest.MonkeyPatch, encoding: str, *, plain_locale: bool = False) -> None:
    """Have a terminal of this encoding and locale."""
    monkeypatch.setattr(sys, "__stdout__", Stream(encoding))
    monkeypatch.setattr("tui.words.format.has_plain_locale", lambda: plain_locale)


@pytest.mark.parametrize("kind", CONSOLES)
def test_a_console_gets_blocks(kind: str) -> None:
    assert choose({"TERM": kind}) == (CONSOLE, f"TERM={kind} has no braille")


@pytest.mark.parametrize("kind", OTHERS)
def test_any_other_terminal_gets_braille(kind: str) -> None:
    assert choose({"TERM": kind}).glyphs == BRAILLE


@pytest.mark.parametrize("kind", ["linux", "xterm-256color"])
def test_without_utf8_it_is_ascii(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    for encoding, plain in (("ascii", False), ("latin-1", False), ("utf-8", True)):
        on(monkeypatch, encoding, plain_locale=plain)
        assert choose({"TERM": kind}).glyphs == ASCII


@pytest.mark.parametrize(
    ("kind", "setting", "glyphs"),
    [
        ("xterm", "braille", BRAILLE),
        ("xterm", "blocks", BLOCKS),
        ("xterm", "ascii", ASCII),
        ("linux", "braille", BRAILLE),
        ("linux", "blocks", CONSOLE),
        ("linux", "ascii", ASCII),
        ("xterm", " Blocks ", BLOCKS),
    ],
)
@pytest.mark.parametrize("plain", [False, True], ids=["utf-8", "locale C"])
def test_the_setting_wins(
    monkeypatch: pytest.MonkeyPatch, kind: str, setting: str, glyphs: Glyphs, plain: bool
) -> None:
    on(monkeypatch, "utf-8", plain_locale=plain)
    assert choose({"TERM": kind, PLOTS.name: setting}) == (glyphs, "RNNLAB_PLOTS says so")


def test_but_not_over_an_encoding_that_can_t_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "latin-1")
    assert choose({PLOTS.name: "blocks"}) == (ASCII, "the output's encoding has no blocks")
    assert choose({PLOTS.name: "ascii"}) == (ASCII, "RNNLAB_PLOTS says so")


@pytest.mark.parametrize("setting", ["dots", "brail", "1", "ascii blocks"])
def test_a_setting_that_is_none_is_refused_in_a_sentence(setting: str) -> None:
    with pytest.raises(UsageError) as refused:
        choose({PLOTS.name: setting})
    assert str(refused.value) == f"RNNLAB_PLOTS = {setting}: must be braille, blocks or ascii."


@pytest.mark.parametrize("setting", ["", "  "])
def test_an_empty_setting_is_none(setting: str) -> None:
    assert choose({"TERM": "xterm", PLOTS.name: setting}).glyphs == BRAILLE


def pictures(glyphs: Glyphs) -> str:
    """Draw one plot of each kind with all that it may have."""
    style, wave = PlotStyle(glyphs), [100.0 + (at * 7 % 23) for at in range(60)]
    prediction = draw_prediction(
        Curves(
            wave,
            [*wave[3:50], wave[55]],
            [*range(3, 50), 55],
            52,
            observed_positions=range(60),
        ),
        axis=TimeAxis(first_month="1749-01"),
        width=70,
        height=14,
        style=style,
    )
    losses = draw_losses(
        [1 / at for at in range(1, 30)],
        published={20: 0.3},
        log=True,
        width=70,
        height=14,
        style=style,
    )
    return f"{prediction.plain}\n{losses.plain}"


def test_each_kind_has_no_characters_but_its_own() -> None:
    beyond = {
        glyphs.kind: {char for char in pictures(glyphs) if not char.isascii()}
        for glyphs in (BLOCKS, ASCII)
    }
    assert not beyond["ascii"]
    assert beyond["blocks"] <= set("█▀▄░•◆┊│─└├┤┬┴┼")
    assert {char for char in pictures(CONSOLE) if not char.isascii()} <= LEGACY_FONT
    assert re.search("[⠁-⣿]", pictures(BRAILLE))


@pytest.mark.parametrize("glyphs", [BLOCKS, CONSOLE, ASCII], ids=["blocks", "console", "ascii"])
def test_without_colours_an_area_can_be_told_from_a_line(glyphs: Glyphs) -> None:
    drawn = pictures(glyphs)
    assert glyphs.plain_area in drawn
    assert glyphs.translated("▀" if glyphs is BLOCKS else glyphs.line) in drawn
    assert glyphs.plain_area != glyphs.line


class TestTwins:
    """What is done to all else that the terminal lacks."""

    def test_nothing_where_it_lacks_nothing(self) -> None:
        assert twin_here({"TERM": "xterm"}) is None
        assert twin_here({"TERM": "linux", PLOTS.name: "braille"}) is None

    def test_a_console_keeps_its_frames_and_letters(self) -> None:
        twin = twin_here({"TERM": "linux"})
        assert twin is not None
        assert twin("╭─ ✓ mañana → ● ▓▓░ ◷") == "┌─ + mañana → • ██░ o"
        assert twin("▁▂▃▄▅▆▇█") == "__░░▒▒██"

    def test_ascii_keeps_what_plots_are_asked_to_be_drawn_with(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on(monkeypatch, "utf-8", plain_locale=True)
        asked, not_asked = twin_here({PLOTS.name: "braille"}), twin_here({})
        assert asked is not None
        assert asked("✓ ⡠⠊ ñ │") == "+ ⡠⠊ ? │"
        assert not_asked is ascii_twin

    def test_what_the_output_can_t_hold_is_not_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        on(monkeypatch, "latin-1")
        assert twin_here({PLOTS.name: "braille"}) is ascii_twin
