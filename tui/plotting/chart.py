"""A chart as text: curves laid over one another in a frame with ticks, drawn with plotext.

Each curve is drawn on a frame of its own, without colour, and they are laid over one another here:
within one plotext figure a later curve erases the cells of an earlier one, and a filled area would
swallow the line through it. plotext is imported inside functions: it costs 0.2 s that the first
paint must not wait for.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.text import Text

from tui.plotting.plot_style import NO_COLOURS, Glyphs, PlotStyle

Limits = tuple[float, float]
Ticks = list[tuple[float, str]]

_LARGEST_POWER = 300
_BEYOND = 1e300  # Larger numbers are drawn here, so that no difference of two overflows.
_ROUNDING = 0.05
"""By how much of its range an axis may grow at either end, in order to begin and end at a tick."""
_LONGEST_LABEL = 8
_SOLID = frozenset(
    "█▙▛▜▟▌▐▄▀▚▞"
)  # Half a cell or more. Smaller blocks as background would hide a line.
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 300, 600, 1200, 2400, 6000, 12000)


@dataclass(frozen=True)
class Curve:
    """Points (``x`` ascending) drawn with a plotext marker in a Rich style.

    ``area`` fills down to zero if that is within the frame, else down to the frame. A ``y`` that is
    not finite is a gap.
    """

    x: Sequence[float]
    y: Sequence[float]
    marker: str
    style: str
    area: bool = False
    joined: bool = True


@dataclass(frozen=True)
class Frame:
    """Size in cells, limits and ticks of both axes, and the x position of a vertical line."""

    width: int
    height: int
    x: Limits
    y: Limits
    x_ticks: Ticks
    y_ticks: Ticks
    split: float | None = None


def chart(frame: Frame, curves: Sequence[Curve], style: PlotStyle = PlotStyle()) -> Text:  # noqa: B008 (frozen)
    """Draw ``curves``, the first at the bottom: ``frame.height`` lines of ``frame.width`` cells."""
    glyphs, colours = style.glyphs, style.colours or NO_COLOURS
    canvas_left, bottom = max(len(label) for _at, label in frame.y_ticks) + 1, frame.height - 2
    # The canvas of an empty frame holds nothing but the split line.
    cells = [
        [
            _Cell(
                char,
                colours.split if char != " " and row < bottom and column >= canvas_left else "",
            )
            for column, char in enumerate(line)
        ]
        for row, line in enumerate(_rows(frame, None, glyphs))
    ]
    for curve in curves:
        for row, line in zip(cells, _rows(frame, curve, glyphs)[:bottom], strict=False):
            for column in range(canvas_left, frame.width):
                if line[column] != " " and not (curve.area and row[column].text == glyphs.split):
                    row[column] = _overlay(row[column], curve, line[column])
    text = Text(no_wrap=True)
    for number, row in enumerate(cells):
        text.append("\n" if number else "")
        for run in _runs(row) if style.colours else row:
            text.append(
                run.text, f"{run.colour or 'default'} on {run.ground}" if run.ground else run.colour
            )
    return text


class _Cell(NamedTuple):
    """A cell or a run of cells, with its colour and its background's; "" is the widget's own."""

    text: str
    colour: str = ""
    ground: str = ""


def _overlay(under: _Cell, curve: Curve, char: str) -> _Cell:
    """Draw a character of ``curve`` over a cell. An area stays behind a line, as its background."""
    return _Cell(char, curve.style, under.ground or (under.colour if under.text in _SOLID else ""))


def _runs(row: Sequence[_Cell]) -> list[_Cell]:
    """Join cells that can share a style.

    Each run costs 40 bytes to send, and a plot has a thousand changes. A space fits any colour, and
    a full block is a space on a background of its colour.
    """
    runs: list[_Cell] = []
    for cell in row:
        new = _Cell(" ", "", cell.colour) if cell.text == "█" else cell
        last = runs[-1] if runs else None
        if (
            last
            and last.ground == new.ground
            and (new.text == " " or last.colour == new.colour or not last.text.strip())
        ):
            runs[-1] = _Cell(
                last.text + new.text, last.colour if new.text == " " else new.colour, last.ground
            )
        else:
            runs.append(new)
    return runs


def _rows(frame: Frame, curve: Curve | None, glyphs: Glyphs) -> list[str]:
    """Draw the frame with one curve, or without one, with the split line.

    plotext has one figure per process, so it is cleared first.
    """
    import plotext

    plotext.terminal.limit(False, False)  # Or plotext crops to the terminal.
    figure = plotext.figure
    figure.clear()
    figure.plot_size(frame.width, frame.height)
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    for axis, limits, ticks in (("x", frame.x, frame.x_ticks), ("y", frame.y, frame.y_ticks)):
        # At the cells' edges, so that an area stands on the axis and not half a row above it.
        figure.ruler(axis).lim(*limits).alignment(lim="edge")
        figure.ruler(axis).ticks(
            [position for position, _label in ticks], [label for _at, label in ticks]
        )
    if curve is None:
        if frame.split is not None:
            figure.line(frame.split, "vertical", style="dotted")
    elif points := [(x, y) for x, y in zip(curve.x, curve.y, strict=False) if math.isfinite(y)]:
        signal = figure.signal(
            [x for x, _y in points], [y for _x, y in points], marker=curve.marker
        )
        signal.lines(curve.joined)
        finite = [i for i, y in enumerate(curve.y[: len(curve.x)]) if math.isfinite(y)]
        for index in range(1, len(finite)):
            if finite[index] - finite[index - 1] > 1:
                signal.line(index, False)
        if curve.area:
            # Clipped to the frame: plotext draws what lies outside too, cell by cell.
            ground = 0.0 if frame.y[0] < 0 < frame.y[1] else frame.y[0]
            signal.fill(
                figure.signal([x for x, _y in points], [ground] * len(points), marker=curve.marker)
            )
        figure.draw(signal)
    lines: list[str] = glyphs.translated(figure.build().string(colorless=True)).split("\n")
    return [line.ljust(frame.width) for line in lines[: frame.height]]


def clamp_finite(value: float) -> float:
    """Return a value that can be drawn: NaN if not finite, and small enough not to overflow."""
    return min(_BEYOND, max(-_BEYOND, float(value))) if math.isfinite(value) else math.nan


def widen(low: float, high: float) -> Limits:
    """Return limits that differ: plotext prints a warning on the screen if they are equal."""
    if high - low > 1e-9 * max(abs(low), abs(high), 1e-290):
        return low, high
    margin = 0.5 * max(abs(low), abs(high)) or 1.0
    return low - margin, high + margin


def clipped(
    x: Sequence[float], y: Sequence[float], limits: Limits
) -> tuple[list[float], list[float]]:
    """Cut a line at both limits, with a point at the crossing: the rest would cost plotext time."""
    points: list[tuple[float, float]] = []
    for i, (position, value) in enumerate(zip(x, y, strict=False)):
        for edge in limits:
            if i and x[i - 1] < edge < position:
                fraction = (edge - x[i - 1]) / (position - x[i - 1])
                points.append((edge, y[i - 1] * (1 - fraction) + value * fraction))
        if limits[0] <= position <= limits[1]:
            points.append((position, value))
    return [position for position, _value in points], [value for _at, value in points]


def round_axis(limits: Limits, wanted: int) -> tuple[Limits, Ticks]:
    """Return an axis for data within ``limits``, and its ticks; it is extended to nearby ticks."""
    step, max_growth = _step(limits, wanted), _ROUNDING * (limits[1] - limits[0])
    low, high = math.floor(limits[0] / step) * step, math.ceil(limits[1] / step) * step
    axis = (
        (low if limits[0] - low <= max_growth else limits[0]),
        (high if high - limits[1] <= max_growth else limits[1]),
    )
    return axis, _ticks(axis, step)


def ticks(limits: Limits, wanted: int) -> Ticks:
    """Return about ``wanted`` round values within the limits, with labels that tell them apart."""
    return _ticks(limits, _step(limits, wanted))


def _ticks(limits: Limits, step: float) -> Ticks:
    values = [
        i * step for i in range(math.ceil(limits[0] / step), math.floor(limits[1] / step) + 1)
    ]
    return [(value, _label(value, step)) for value in values]


def _step(limits: Limits, wanted: int) -> float:
    rough = (limits[1] - limits[0]) / max(2, wanted)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(
        (power * factor for factor in (1, 2, 5) if power * factor >= rough * 0.7), power * 10
    )


def _label(value: float, step: float) -> str:
    """Write a multiple of ``step`` in full or, if that is long, to within a twentieth of a step."""

    def is_right(label: str) -> bool:
        return abs(float(label) - value) <= step / 20

    full = f"{value:.10g}"
    if len(full) <= _LONGEST_LABEL and is_right(full):
        return full
    return next(filter(is_right, (f"{value:.{digits}g}" for digits in range(2, 17))), repr(value))


def log_ticks(limits: Limits, wanted: int) -> Ticks:
    """Return ticks at 1, 2 and 5 times powers of ten, or at the powers; limits are base-10 logs.

    One label tells nothing of a scale: limits with fewer than two of these get round values.
    """
    result: Ticks = []
    for factors in ((1, 2, 5), (1,)):
        multiples = [
            (power, factor)
            for power in range(math.floor(limits[0]), math.ceil(limits[1]))
            for factor in factors
        ]
        labelled = [
            (power + math.log10(factor), f"{float(f'{factor}e{power}'):g}")
            for power, factor in multiples
        ]
        result = [
            (position, label) for position, label in labelled if limits[0] <= position <= limits[1]
        ] or result
        if len(result) <= 2 * wanted:
            break
    if len(result) < 2 and all(abs(limit) < _LARGEST_POWER for limit in limits):
        values = ticks((10.0 ** limits[0], 10.0 ** limits[1]), wanted)
        positions = [(math.log10(value), label) for value, label in values if value > 0]
        result = [tick for tick in positions if limits[0] <= tick[0] <= limits[1]]
    return result[:: max(1, len(result) // max(2, wanted))] or [
        (limits[0], f"{10.0 ** limits[0]:.2g}")
    ]


def month_ticks(
    limits: Limits, first_month: str | None, wanted: int, label: Callable[[int], str] | None = None
) -> Ticks:
    """Return ticks at round years, or at months if the view is short.

    Without a first month they are at round numbers, formatted by ``label`` (dates that are not
    months).
    """
    if first_month is None and label is not None:
        return [
            (position, label(int(position)))
            for position, _text in ticks(limits, wanted)
            if position == int(position)
        ]
    if first_month is None:
        return ticks(limits, wanted)
    step = next(
        (months for months in _MONTHS if (limits[1] - limits[0]) / months <= max(2, wanted)),
        _MONTHS[-1],
    )
    first = _months(first_month)
    low, high = math.ceil((first + limits[0]) / step), math.floor((first + limits[1]) / step)
    positions = [i * step - first for i in range(low, high + 1)]
    return [
        (position, date_label(position, first_month)[: 4 if step >= 12 else 7])
        for position in positions
    ]


def date_label(
    position: float, first_month: str | None, label: Callable[[int], str] | None = None
) -> str:
    """Return the month at ``position``, "1936-05"; without a first month, ``label``'s text for it.

    Without both, it is the number itself.
    """
    if first_month is None and label is not None:
        return label(int(position))
    if first_month is None:
        return f"{position:g}"
    year, month = divmod(_months(first_month) + int(position), 12)
    return f"{year:04}-{month + 1:02}"


def _months(month: str) -> int:
    year, number = month.split("-")[:2]
    return int(year) * 12 + int(number) - 1
