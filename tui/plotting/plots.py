"""Plots of a run: observed and predicted values over time, and the loss over the epochs."""

import bisect
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from engine.language import _
from tui.plotting.chart import (
    Curve,
    Frame,
    Limits,
    Ticks,
    chart,
    clamp_finite,
    clipped,
    date_label,
    log_ticks,
    month_ticks,
    round_axis,
    ticks,
    widen,
)
from tui.plotting.plot_style import NO_COLOURS, PlotStyle

SMALLEST = (20, 5)
"""Columns and rows below which a line says that there is no room for a plot."""
_PLAIN = PlotStyle()
_Points = tuple[Sequence[float], Sequence[float]]
"""Positions on x, ascending, and their values."""


def decimate(
    x: Sequence[float], y: Sequence[float], columns: int
) -> tuple[list[float], list[float]]:
    """Thin a series (``x`` ascending) to at most two points for each of ``columns`` (2 or more).

    Both ends stay, and the lowest and the highest point of every column, in order: a peak never
    disappears. A column without a finite ``y`` keeps one point, the gap. A series that is short
    enough is returned as it is.
    """
    count, columns = min(len(x), len(y)), max(2, columns)
    if count <= 2 * columns:
        return list(x[:count]), list(y[:count])
    # The two ends are extra, so what lies between has one column less.
    span = (x[count - 1] - x[0]) or 1.0
    extremes: dict[int, tuple[int, int]] = {}
    for i in range(1, count - 1):
        column = min(columns - 2, int((x[i] - x[0]) / span * (columns - 1)))
        low, high = extremes.get(column, (i, i))
        if not math.isfinite(y[low]):
            low = high = i
        elif math.isfinite(y[i]):
            low, high = (i if y[i] < y[low] else low), (i if y[i] > y[high] else high)
        extremes[column] = low, high
    chosen = sorted({0, count - 1, *(i for pair in extremes.values() for i in pair)})
    return [x[i] for i in chosen], [y[i] for i in chosen]


def smoothed(values: Sequence[float], width: int) -> list[float]:
    """Average each value with its finite neighbours, ``width`` in all; a gap stays a gap."""
    if width <= 1:
        return list(values)
    result = []
    for i, value in enumerate(values):
        window = [
            v for v in values[max(0, i - (width - 1) // 2) : i + width // 2 + 1] if math.isfinite(v)
        ]
        result.append(sum(v / len(window) for v in window) if math.isfinite(value) else value)
    return result


@dataclass(frozen=True)
class Curves:
    """What is drawn of a prediction, in the unit of the series."""

    observed: Sequence[float]
    """The series, at ``observed_positions``; without these at ``positions``."""
    predicted: Sequence[float]
    positions: Sequence[int]
    """At which step each predicted value lies, ascending; 0 is the first of the series."""
    split: int | None = None
    """The first step of the test part."""
    observed_positions: Sequence[int] | None = None


@dataclass(frozen=True)
class TimeAxis:
    """What the x axis says: months since ``first_month``, else what ``label`` says, else steps."""

    first_month: str | None = None
    """The month of position 0: ``1749-01``."""
    label: Callable[[int], str] | None = None


_STEPS = TimeAxis()


def draw_prediction(
    curves: Curves,
    *,
    width: int,
    height: int,
    axis: TimeAxis = _STEPS,
    unit: str = "",
    style: PlotStyle = _PLAIN,
    window: tuple[int, int] | None = None,
) -> Text:
    """Draw the observed series as an area with the prediction as a line over it.

    The plot takes ``height`` lines of ``width`` columns. The split is a vertical line, which the
    line of the prediction does not cross. ``window`` (first and last position) zooms; the y axis
    stays that of all that is drawn without it.

    If a column holds more than one predicted value, the observed series is drawn at ``positions``
    alone: the peaks of all months over a prediction of every twelfth would make it look too low.
    """
    positions, split = curves.positions, curves.split
    positions_of: list[Sequence[int]] = [
        positions if curves.observed_positions is None else curves.observed_positions,
        positions,
    ]
    values: list[Sequence[float]] = [curves.observed, curves.predicted]
    series = [
        ([float(position) for position in x[: len(y)]], [clamp_finite(v) for v in y[: len(x)]])
        for x, y in zip(positions_of, values, strict=True)
    ]
    if not any(math.isfinite(v) for _x, y in series for v in y):
        return _sentence(_("Nothing predicted yet."), width)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return _no_room(width)
    ends = window or (min(x[0] for x, _y in series if x), max(x[-1] for x, _y in series if x))
    x_limits = widen(float(min(ends)), float(max(ends)))
    observed: _Points
    observed, line = series
    if all(
        len(clipped(*points, x_limits)[0]) >= per_column * width
        for points, per_column in ((observed, 2), (line, 1))
    ):
        observed = _at_positions_of(observed, line)
    y_limits, y_ticks = _y_axis(
        [v for _x, y in (observed, line) for v in y if math.isfinite(v)], height
    )
    shown_split = split if split is not None and x_limits[0] <= split <= x_limits[1] else None
    frame = Frame(
        width, height - 1, x_limits, y_limits,
        month_ticks(x_limits, axis.first_month, width // 9, axis.label), y_ticks, shown_split,
    )  # fmt: skip
    glyphs, colours = style.glyphs, style.colours or NO_COLOURS
    area, area_sample = _area(style)
    predicted_parts = [part for part in _parts(line, split) if part[0]]
    layers = [
        Curve(*_shown(observed, x_limits, width), area, colours.observed, area=True),
        *_line(
            [_shown(part, x_limits, width) for part in predicted_parts], style, colours.predicted
        ),
    ]
    legend = [(area_sample, colours.observed, _("observed"))]
    legend += [(glyphs.line_sample, colours.predicted, _("predicted"))]
    if shown_split is not None:
        since = _("test from {when}").format(
            when=date_label(shown_split, axis.first_month, axis.label)
        )
        legend.append((glyphs.split, colours.split, since))
    legend += [("", "", unit)] if unit else []
    return _plot(frame, layers, legend, style)


def _at_positions_of(points: _Points, others: _Points) -> _Points:
    """Return the points at the positions of ``others``; all points if none is."""
    positions = set(others[0])
    same = [
        (position, value) for position, value in zip(*points, strict=True) if position in positions
    ]
    return (
        ([position for position, _value in same], [value for _at, value in same])
        if same
        else points
    )


def _parts(line: _Points, split: int | None) -> list[_Points]:
    """Cut a line before ``split``, so that nothing is drawn between its two parts."""
    x, y = line
    cut = bisect.bisect_left(x, split) if split is not None else len(x)
    return [(x[:cut], y[:cut]), (x[cut:], y[cut:])]


def _shown(points: _Points, limits: Limits, width: int) -> _Points:
    """Clip the points to the limits and thin them to ``width`` columns."""
    return decimate(*clipped(*points, limits), width)


def _line(parts: Sequence[_Points], style: PlotStyle, colour: str) -> list[Curve]:
    """Draw parts of one line, and a dot for each point without a neighbour to be joined to."""
    x = [position for part in parts for position in (*part[0], *part[0][-1:])]
    y = [value for part in parts for value in (*part[1], math.nan)][: len(x)]
    drawn = [False, *map(math.isfinite, y), False]
    alone = [i for i in range(len(y)) if drawn[i + 1] and not drawn[i] and not drawn[i + 2]]
    curves = [Curve(x, y, style.glyphs.line, colour)]
    if alone:
        curves.append(
            Curve(
                [x[i] for i in alone], [y[i] for i in alone], style.glyphs.dot, colour, joined=False
            )
        )
    return curves


def _area(style: PlotStyle) -> tuple[str, str]:
    """Return the marker of an area, and a sample of it for the legend."""
    glyphs = style.glyphs
    if style.colours or glyphs.plain_area == glyphs.area:
        return glyphs.area, glyphs.area_sample
    return glyphs.plain_area, glyphs.plain_area * 2


def draw_losses(
    losses: Sequence[float],
    *,
    width: int,
    height: int,
    epochs: int | None = None,
    published: Mapping[int, float] | None = None,
    log: bool = False,
    smooth: int = 1,
    style: PlotStyle = _PLAIN,
) -> Text:
    """Draw the loss after each epoch (the first is 1).

    NaN and infinity are gaps; so is what is not above 0 if ``log``. ``epochs`` is the total, so
    that the curve grows along a fixed axis; ``published`` (epoch → loss) adds marks; ``smooth`` is
    the width of a moving average, in epochs.
    """

    def scaled(value: float) -> float:
        if not log:
            return clamp_finite(value)
        return math.log10(value) if 0 < value < math.inf else math.nan

    if not losses:
        return _sentence(_("No loss yet: the first comes with the end of the first epoch."), width)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return _no_room(width)
    x, y = (
        [float(i) for i in range(1, len(losses) + 1)],
        [scaled(v) for v in smoothed(losses, smooth)],
    )
    marks = {
        float(position): scaled(value) for position, value in sorted((published or {}).items())
    }
    finite = [v for v in [*y, *marks.values()] if math.isfinite(v)]
    if not finite:
        return _sentence(_("No loss that can be drawn: none is a finite number."), width)
    x_limits = widen(1.0, max(float(epochs or 1), *x, *marks))
    if log:
        y_limits = widen(min(finite), max(finite))
        y_ticks = log_ticks(y_limits, height // 3)
    else:
        y_limits, y_ticks = _y_axis(finite, height)
    x_ticks = [
        (position, label)
        for position, label in ticks(x_limits, width // 10)
        if position == int(position)
    ]
    frame = Frame(width, height - 1, x_limits, y_limits, x_ticks, y_ticks)
    glyphs, colours = style.glyphs, style.colours or NO_COLOURS
    layers = [
        *_line([decimate(x, y, width)], style, colours.loss),
        Curve(list(marks), list(marks.values()), glyphs.mark, colours.published, joined=False),
    ]
    legend = [(glyphs.loss_sample, colours.loss, _("loss"))]
    legend += [(glyphs.mark, colours.published, _("published"))] if marks else []
    legend += [("", "", _("log scale"))] if log else []
    legend += [("", "", _("mean of {n}").format(n=smooth))] if smooth > 1 else []
    return _plot(frame, layers, legend, style)


def _y_axis(values: Sequence[float], height: int) -> tuple[Limits, Ticks]:
    """Return limits around finite values, and the ticks between them."""
    return round_axis(widen(min(values), max(values)), height // 3)


def _plot(
    frame: Frame, curves: Sequence[Curve], legend: Sequence[tuple[str, str, str]], style: PlotStyle
) -> Text:
    """Return a chart under a line with the legend, which covers no data there."""
    text = Text(no_wrap=True)
    for sample, colour, name in legend:
        text.append("  " if text else " ")
        text.append(f"{sample} " if sample else "", colour)
        text.append(name)
    text.truncate(frame.width, overflow="crop")
    return text.append("\n").append_text(chart(frame, curves, style))


def _sentence(text: str, width: int) -> Text:
    return Text("\n".join(textwrap.wrap(text, max(1, width))), no_wrap=True)


def _no_room(width: int) -> Text:
    columns, rows = SMALLEST
    text = _("No room: a plot takes {columns} by {rows}.").format(columns=columns, rows=rows)
    return Text(text[: max(0, width)], no_wrap=True)
