"""Colours of plots: the theme's, lightened or darkened until they contrast with the background.

WCAG 2.2 asks 3:1 of graphics (success criterion 1.4.11). Contrast is judged as the terminal renders
it: in 256 or 16 colours a person sees the nearest one of the palette.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

from rich.color import ColorSystem
from textual.color import Color
from textual.widget import Widget

from tui.plotting.plot_style import Colours, PlotStyle, choose

MIN_CONTRAST = 3.0
"""The contrast of each colour with what it is drawn on, if a palette of 16 has one."""
_AREA, _LINE = "primary", "warning"
_STEPS = 40
_FEW_DISTANCE = 20.0
"""How much contrast to give up, with 16 colours, for an area of the theme's hue.

It is multiplied by the distance of two colours, which is 1 for black and white.
"""
_DULL, _BRIGHT = (
    ("000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa"),
    ("555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff"),
)
_SIXTEEN = tuple(Color.parse(f"#{code}") for code in f"{_DULL} {_BRIGHT}".split())
"""The VGA colours, in ANSI's order: those of the Linux console, and Rich's for 16 colours."""
_BLACK, _WHITE = _SIXTEEN[0], _SIXTEEN[-1]


def contrast(first: Color, second: Color) -> float:
    """Return the contrast ratio of two opaque colours, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(4096)
def _luminance(colour: Color) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized
    ]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _distance(first: Color, second: Color) -> float:
    """Return how far apart two colours are, 0 to 1."""
    return sum((a - b) ** 2 for a, b in zip(first.rgb, second.rgb, strict=True)) / (3 * 255**2)


def style_on(widget: Widget) -> PlotStyle:
    """Return the style for a plot on ``widget``, in the theme's colours if there are any."""
    return PlotStyle(choose().glyphs, None if widget.app.no_color else colours_on(widget))


def colours_on(widget: Widget) -> Colours:
    """Return the colours for a plot on ``widget``, from its theme and its background."""
    app = widget.app
    theme = {name: app.theme_variables[name] for name in ("primary", "warning", "accent", "error")}
    if app.native_ansi_color:
        # The person's own 16 colours are not known: the standard ones stand for them.
        ground = _BLACK if app.current_theme.dark else _WHITE
        return colours_for(tuple(theme.items()), ground, ColorSystem.STANDARD, by_number=True)
    system = ColorSystem[
        (app.console.color_system or "truecolor").replace("256", "eight_bit").upper()
    ]
    return colours_for(tuple(theme.items()), widget.background_colors[1], system)


@lru_cache(64)
def colours_for(
    theme: tuple[tuple[str, str], ...],
    ground: Color,
    system: ColorSystem,
    *,
    by_number: bool = False,
) -> Colours:
    """Return colours near the theme's (name → CSS colour) with enough contrast on ``ground``.

    Enough is :data:`MIN_CONTRAST`; the predicted line has it over the observed area too.
    ``by_number`` returns numbers of the terminal's own 16 colours.
    """
    picker = _Picker(dict(theme), ground, system)
    area, line = picker.area_and_line()
    picked = {
        "observed": area,
        "predicted": line,
        "split": picker.nearest("error"),
        "loss": picker.nearest("primary"),
        "published": picker.nearest("accent"),
    }
    if by_number:
        return Colours(
            **{name: f"color({_SIXTEEN.index(colour)})" for name, colour in picked.items()}
        )
    return Colours(**{name: colour.hex6.lower() for name, colour in picked.items()})


class _Picker:
    """Finds colours near a theme's that contrast with a background, as ``system`` renders them."""

    def __init__(self, theme: Mapping[str, str], ground: Color, system: ColorSystem) -> None:
        self._theme = theme
        self._system = system
        self._ground = ground

    def area_and_line(self) -> tuple[Color, Color]:
        """Return colours of an area, and of a line that contrasts with both area and background.

        The area is as near to the background as it may be, which leaves the line the most room to
        keep its own colour.
        """
        areas = sorted(self._candidates(_AREA), key=self._preference)
        for area in areas:
            line = self.nearest(_LINE, area)
            if (
                min(self._contrast(area, self._ground), self._contrast(line, area, self._ground))
                >= MIN_CONTRAST
            ):
                return area, line
        # Sixteen colours on a background of middling brightness: the line matters more than the
        # area.
        pairs = [(area, self.nearest(_LINE, area)) for area in areas]
        return max(pairs, key=lambda pair: self._contrast(pair[1], pair[0], self._ground))

    def nearest(self, name: str, *behind: Color) -> Color:
        """Return the colour nearest to a theme's that contrasts with background and ``behind``."""
        candidates = list(self._candidates(name))
        readable = (
            colour
            for colour in candidates
            if self._contrast(colour, self._ground, *behind) >= MIN_CONTRAST
        )
        nearest = next(readable, None)
        return nearest or max(
            candidates, key=lambda colour: self._contrast(colour, self._ground, *behind)
        )

    def _preference(self, area: Color) -> float:
        """Rank areas: just enough contrast with the background first; of 16 colours, near ones."""
        contrast_to_ground = self._contrast(area, self._ground)
        if contrast_to_ground < MIN_CONTRAST:
            return 100.0 - contrast_to_ground
        return contrast_to_ground + (
            _FEW_DISTANCE * _distance(area, Color.parse(self._theme[_AREA]))
            if self._has_few
            else 0.0
        )

    def _candidates(self, name: str) -> Iterator[Color]:
        """Yield substitutes for a theme's colour, the nearest first."""
        colour = Color.parse(self._theme[name])
        if self._has_few:
            yield from sorted(_SIXTEEN, key=partial(_distance, colour))
            return
        for step in range(_STEPS + 1):
            yield from (colour.blend(end, step / _STEPS) for end in (_WHITE, _BLACK))

    @property
    def _has_few(self) -> bool:
        return self._system in (ColorSystem.STANDARD, ColorSystem.WINDOWS)

    def _contrast(self, colour: Color, *grounds: Color) -> float:
        """Return the lowest contrast of a colour with several backgrounds, as rendered."""
        return min(contrast(self._rendered(colour), self._rendered(ground)) for ground in grounds)

    def _rendered(self, colour: Color) -> Color:
        return rendered(colour, self._system)


@lru_cache(4096)
def rendered(colour: Color, system: ColorSystem) -> Color:
    """Return what a terminal of ``system`` shows of a colour."""
    if system == ColorSystem.TRUECOLOR:
        return colour
    lowered = Color(*colour.rgb).rich_color.downgrade(system)
    if lowered.number is not None and lowered.number < len(_SIXTEEN):
        return _SIXTEEN[lowered.number]
    return Color.from_rich_color(lowered, ansi=False)
