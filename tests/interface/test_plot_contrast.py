"""What a plot shows can be told from what it is drawn on, in every theme, as the cells on the
terminal have it.
"""

from collections.abc import Iterable, Iterator

import pytest
from helpers.app import WIDE, Lab, laboratory, open_run, the_app
from helpers.factory import alice_trial, sunspots_trial, write_run
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from engine.host.home import Home
from engine.trials.trial import Trial
from tui.plotting.plot_colours import colours_for, contrast, rendered
from tui.widgets.plot import PlotView

LEAST = 3.0
STANDARD = (
    "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 "
    "5555ff ff55ff 55ffff ffffff"
)
"""The 16 colours of a VGA, which stand for those of a terminal that has its own."""


@pytest.fixture(autouse=True)
def _sixteen_million(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of all colours, whatever the tests run on."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")


def test_contrast_is_that_of_wcag() -> None:
    white = Color.parse("#ffffff")
    assert contrast(Color.parse("#000000"), white) == pytest.approx(21)
    assert contrast(white, white) == 1
    # The greys between which people draw the line for text, 4.5, and for graphics.
    assert contrast(Color.parse("#767676"), white) == pytest.approx(4.54, abs=0.01)
    assert contrast(white, Color.parse("#949494")) == pytest.approx(3.03, abs=0.01)


def opaque(colour: RichColor | None, default: Color) -> Color:
    """Return a colour as a terminal shows it, or what stands for its own ground or text."""
    if colour is None or colour.is_default:
        return default
    if colour.is_system_defined:
        assert colour.number is not None
        return Color.parse(f"#{STANDARD.split()[colour.number]}")
    return Color(*colour.get_truecolor())


def cells(lab: Lab, name: str) -> Iterator[tuple[str, Color, Color]]:
    """Yield the cells of a plot with the colours that they have on the terminal: character, its
    own, its ground.
    """
    app = the_app(lab)
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    ground, ink = (black, white) if app.current_theme.dark else (white, black)
    region = app.screen.query_one(f"#{name}", PlotView).region
    strips = app.screen._compositor.render_strips()
    for strip in strips[region.y : region.bottom]:
        row = [(char, segment.style or Style()) for segment in strip for char in segment.text]
        for char, style in row[region.x : region.right]:
            yield char, opaque(style.color, ink), opaque(style.bgcolor, ground)


async def test_a_prediction_stands_out_from_the_series_and_the_ground(home: Home) -> None:
    write_run(home, sunspots_trial(5))
    async with laboratory(home, WIDE) as lab:
        await open_run(lab)
        await lab.press("plus", "plus", "plus")
        for theme in BUILTIN_THEMES:
            await wear(lab, theme)
            drawn = list(cells(lab, "prediction-plot"))
            ground = next(behind for char, _colour, behind in drawn if char == "┤")
            line = [(colour, behind) for char, colour, behind in drawn if "⠀" < char <= "⣿"]
            over_area = [(colour, behind) for colour, behind in line if behind != ground]
            assert len(over_area) > 20, theme
            assert len(line) - len(over_area) > 10, theme
            assert least(line) >= LEAST, theme
            # The area itself, whose full cells are spaces on its colour.
            areas = {behind for char, _colour, behind in drawn if char == " "} - {ground}
            assert len(areas) == 1, theme
            assert contrast(areas.pop(), ground) >= LEAST, theme
            # The frame, its labels, the legend, the split.
            assert (
                least(
                    [
                        (ink, behind)
                        for char, ink, behind in drawn
                        if char.isalnum() or char in "│─┤┊"
                    ]
                )
                >= LEAST
            )


@pytest.mark.parametrize("trial", [sunspots_trial(5), alice_trial(1)], ids=lambda trial: trial.kind)
async def test_losses_stand_out_from_the_ground(home: Home, trial: Trial) -> None:
    write_run(home, trial)
    async with laboratory(home, WIDE) as lab:
        await open_run(lab)
        for theme in BUILTIN_THEMES:
            await wear(lab, theme)
            drawn = [(char, pair) for char, *pair in cells(lab, "loss-plot")]
            assert any("⠀" < char <= "⣿" for char, _pair in drawn)
            assert any(char == "◆" for char, _pair in drawn) == (trial.kind == "text")
            assert (
                least([(ink, behind) for char, (ink, behind) in drawn if char != " "]) >= LEAST
            ), theme


async def wear(lab: Lab, theme: str) -> None:
    """Put on a theme, and let it be drawn."""
    the_app(lab).theme = theme
    await lab.pause()


def least(pairs: Iterable[tuple[Color, Color]]) -> float:
    """Return the least contrast of any of these pairs."""
    return min(contrast(*pair) for pair in pairs)


@pytest.mark.parametrize(
    "system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD]
)
@pytest.mark.parametrize(
    "theme", [name for name, theme in BUILTIN_THEMES.items() if not theme.ansi]
)
def test_the_line_is_seen_over_the_area_in_fewer_colours_too(
    theme: str, system: ColorSystem
) -> None:
    variables = BUILTIN_THEMES[theme].to_color_system().generate()
    named = tuple((name, variables[name]) for name in ("primary", "warning", "accent", "error"))
    ground = Color.parse(variables["background"])
    colours = colours_for(named, ground, system)
    line, area, behind = (
        rendered(colour, system)
        for colour in (Color.parse(colours.predicted), Color.parse(colours.observed), ground)
    )
    assert contrast(line, area) >= LEAST
    assert contrast(line, behind) >= LEAST
