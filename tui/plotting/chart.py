"""A chart as text: curves laid over one another in a frame with ticks, drawn with plotext.

Each curve is drawn on a frame of its own, without colour, and laid over the others here: in one
figure a later curve erases the cells of an earlier one, and a filled area would swallow the line
that runs through it. plotext is imported inside, because it costs 0.2 s that the first paint must
not wait for.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.text import Text

from tui.plotting.plot_style import NO_COLOURS, Glyphs, PlotStyle

Limits = tuple[float, float]
Ticks = list[tuple[float, str]]

_BEYOND = 1e300  # Larger figures are drawn here, so that no difference of two overflows.
_ROUNDING = 0.05
"""How much of its range an axis may grow at either end to begin and end at a tick."""
_LONGEST_LABEL = 8
_SOLID = frozenset(
    "█▙▛▜▟▌▐▄▀▚▞"
)  # Half a cell and more. Less would hide the line that crosses it least.
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 300, 600, 1200, 2400, 6000, 12000)


@dataclass(frozen=True)
class Curve:
    """Points (``x`` ascending) drawn with a plotext marker in one of Rich's styles.

    ``area`` fills to zero, where the frame has it inside, else down to the frame. A ``y`` that is
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
    """Size in cells, limits of both axes, their ticks, and a position on x where a vertical line
    stands.
    """

    width: int
    height: int
    x: Limits
    y: Limits
    x_ticks: Ticks
    y_ticks: Ticks
    split: float | None = None


def chart(frame: Frame, curves: Sequence[Curve], style: PlotStyle = PlotStyle()) -> Text:  # noqa: B008 (frozen)
    """Lay ``curves`` over the frame, the first undermost: ``frame.height`` lines of ``frame.width``
    cells.
    """
    glyphs, colours = style.glyphs, style.colours or NO_COLOURS
    left, bottom = max(len(label) for _at, label in frame.y_ticks) + 1, frame.height - 2
    # In the canvas of an empty frame there is nothing but the split line.
    cells = [
        [
            _Cell(char, colours.split if char != " " and row < bottom and column >= left else "")
            for column, char in enumerate(line)
        ]
        for row, line in enumerate(_rows(frame, None, glyphs))
    ]
    for curve in curves:
        for row, line in zip(cells, _rows(frame, curve, glyphs)[:bottom], strict=False):
            for column in range(left, frame.width):
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
    """A cell, or a run of them, with its colour and its background's, "" for the widget's own."""

    text: str
    colour: str = ""
    ground: str = ""


def _overlay(under: _Cell, curve: Curve, char: str) -> _Cell:
    """Lay a character of ``curve`` over a cell. An area stays behind a line, as its background."""
    return _Cell(char, curve.style, under.ground or (under.colour if under.text in _SOLID else ""))


def _runs(row: Sequence[_Cell]) -> list[_Cell]:
    """Join cells that can share a style. On the wire each run costs 40 bytes, and a plot has a
    thousand changes.

    A blank has any colour, and a full block is a blank on a ground of its colour.
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
    """Draw the frame with one curve or, without, with the split line. plotext has one figure a
    process: clear it.
    """
    import plotext

    plotext.terminal.limit(
        False, False
    )  # Or it cuts the plot to the size of the terminal it finds.
    figure = plotext.figure
    figure.clear()
    figure.plot_size(frame.width, frame.height)
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    for axis, limits, ticks in (("x", frame.x, frame.x_ticks), ("y", frame.y, frame.y_ticks)):
        # At the cells' edges, so that an area stands on the axis and not half a row above it.
        figure.ruler(axis).lim(*limits).alignment(lim="edge")
        figure.ruler(axis).ticks([at for at, _label in ticks], [label for _at, label in ticks])
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
            # Within the frame: plotext draws what lies outside too, cell by cell.
            ground = 0.0 if frame.y[0] < 0 < frame.y[1] else frame.y[0]
            signal.fill(
                figure.signal([x for x, _y in points], [ground] * len(points), marker=curve.marker)
            )
        figure.draw(signal)
    lines: list[str] = glyphs.translated(figure.build().string(colorless=True)).split("\n")
    return [line.ljust(frame.width) for line in lines[: frame.height]]


def clamp_finite(value: float) -> float:
    """A value that can be drawn: NaN for what is not finite, and nothing so large that arithmetic
    overflows.
    """
    return min(_BEYOND, max(-_BEYOND, float(value))) if math.isfinite(value) else math.nan


def widen(low: float, high: float) -> Limits:
    """Limits with room between them; plotext prints a warning on the screen where the two are
    one.
    """
    if high - low > 1e-9 * max(abs(low), abs(high), 1e-290):
        return low, high
    margin = 0.5 * max(abs(low), abs(high)) or 1.0
    return low - margin, high + margin


def clipped(
    x: Sequence[float], y: Sequence[float], limits: Limits
) -> tuple[list[float], list[float]]:
    """Cut a line at both limits, with a point where it crosses them: what lies outside takes
    plotext's time.
    """
    new: list[tuple[float, float]] = []
    for i, (at, value) in enumerate(zip(x, y, strict=False)):
        for edge in limits:
            if i and x[i - 1] < edge < at:
                share = (edge - x[i - 1]) / (at - x[i - 1])
                new.append((edge, y[i - 1] * (1 - share) + value * share))
        if limits[0] <= at <= limits[1]:
            new.append((at, value))
    return [at for at, _value in new], [value for _at, value in new]


def round_axis(limits: Limits, wanted: int) -> tuple[Limits, Ticks]:
    """Return an axis for data within ``limits``, and its ticks: it begins and ends at one where
    that costs little.
    """
    step, most = _step(limits, wanted), _ROUNDING * (limits[1] - limits[0])
    low, high = math.floor(limits[0] / step) * step, math.ceil(limits[1] / step) * step
    axis = (
        (low if limits[0] - low <= most else limits[0]),
        (high if high - limits[1] <= most else limits[1]),
    )
    return axis, _ticks(axis, step)


def ticks(limits: Limits, wanted: int) -> Ticks:
    """About ``wanted`` round values within the limits, with labels that tell them apart."""
    return _ticks(limits, _step(limits, wanted))


def _ticks(limits: Limits, step: float) -> Ticks:
    found = [i * step for i in range(math.ceil(limits[0] / step), math.floor(limits[1] / step) + 1)]
    return [(value, _label(value, step)) for value in found]


def _step(limits: Limits, wanted: int) -> float:
    rough = (limits[1] - limits[0]) / max(2, wanted)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(
        (power * factor for factor in (1, 2, 5) if power * factor >= rough * 0.7), power * 10
    )


def _label(value: float, step: float) -> str:
    """Write a multiple of ``step`` in full or, if that is long, with as few digits as are right to
    a part of a step.
    """

    def is_right(label: str) -> bool:
        return abs(float(label) - value) <= step / 20

    full = f"{value:.10g}"
    if len(full) <= _LONGEST_LABEL and is_right(full):
        return full
    return next(filter(is_right, (f"{value:.{digits}g}" for digits in range(2, 17))), repr(value))


def log_ticks(limits: Limits, wanted: int) -> Ticks:
    """Ticks at 1, 2 and 5 times powers of ten, or at the powers alone; ``limits`` are logarithms to
    base 10.
    """
    found: Ticks = []
    for factors in ((1, 2, 5), (1,)):
        every = [
            (power, factor)
            for power in range(math.floor(limits[0]), math.ceil(limits[1]))
            for factor in factors
        ]
        exact = [
            (power + math.log10(factor), f"{float(f'{factor}e{power}'):g}")
            for power, factor in every
        ]
        found = [(at, label) for at, label in exact if limits[0] <= at <= limits[1]] or found
        if len(found) <= 2 * wanted:
            break
    return found[:: max(1, len(found) // max(2, wanted))] or [
        (limits[0], f"{10.0 ** limits[0]:.2g}")
    ]


def month_ticks(
    limits: Limits, first_month: str | None, wanted: int, label: Callable[[int], str] | None = None
) -> Ticks:
    """Ticks at round years, or at months where the view is short.

    Without a first month, at round figures, which ``label`` puts into words (other dates than
    months).
    """
    if first_month is None and label is not None:
        return [(at, label(int(at))) for at, _figure in ticks(limits, wanted) if at == int(at)]
    if first_month is None:
        return ticks(limits, wanted)
    step = next(
        (months for months in _MONTHS if (limits[1] - limits[0]) / months <= max(2, wanted)),
        _MONTHS[-1],
    )
    first = _months(first_month)
    low, high = math.ceil((first + limits[0]) / step), math.floor((first + limits[1]) / step)
    places = [i * step - first for i in range(low, high + 1)]
    return [(at, date_label(at, first_month)[: 4 if step >= 12 else 7]) for at in places]


def date_label(
    position: float, first_month: str | None, label: Callable[[int], str] | None = None
) -> str:
    """The month at ``position``, "1936-05"; without a first month what ``label`` says of it, or the
    figure itself.
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
