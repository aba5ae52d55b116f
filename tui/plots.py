"""Plots of a run: real against predicted over time, and the loss over the epochs."""

import math
from collections.abc import Callable, Mapping, Sequence

from rich.text import Text

from engine.language import _
from tui.chart import Curve, Frame, Limits, apart, chart, clipped, log_ticks, month_ticks, tamed, ticks, when

SMALLEST = (20, 5)
"""Columns and rows below which there is no plot but a line that says so."""


def decimate(x: Sequence[float], y: Sequence[float], columns: int) -> tuple[list[float], list[float]]:
    """Thin a series (``x`` ascending) to at most two points for each of ``columns`` (2 or more).

    Both ends stay, and of every column the lowest and the highest point, in their order: a peak never disappears.
    A column without a finite ``y`` keeps one point, the gap. A series that is short enough comes back as it is.
    """
    count, columns = min(len(x), len(y)), max(2, columns)
    if count <= 2 * columns:
        return list(x[:count]), list(y[:count])
    # The two ends are kept apart, and what lies between has one column less, so that the sum holds.
    span = (x[count - 1] - x[0]) or 1.0
    kept: dict[int, tuple[int, int]] = {}
    for i in range(1, count - 1):
        column = min(columns - 2, int((x[i] - x[0]) / span * (columns - 1)))
        low, high = kept.get(column, (i, i))
        if not math.isfinite(y[low]):
            low = high = i
        elif math.isfinite(y[i]):
            low, high = (i if y[i] < y[low] else low), (i if y[i] > y[high] else high)
        kept[column] = low, high
    chosen = sorted({0, count - 1, *(i for pair in kept.values() for i in pair)})
    return [x[i] for i in chosen], [y[i] for i in chosen]


def smoothed(values: Sequence[float], width: int) -> list[float]:
    """Average each value with its neighbours, ``width`` in all, over those that are finite; a gap stays a gap."""
    if width <= 1:
        return list(values)
    result = []
    for i, value in enumerate(values):
        near = [v for v in values[max(0, i - (width - 1) // 2) : i + width // 2 + 1] if math.isfinite(v)]
        result.append(sum(v / len(near) for v in near) if math.isfinite(value) else value)
    return result


def draw_prediction(
    real: Sequence[float],
    predicted: Sequence[float],
    positions: Sequence[int],
    split: int | None,
    *,
    width: int,
    height: int,
    real_positions: Sequence[int] | None = None,
    first_month: str | None = None,
    label: Callable[[int], str] | None = None,
    unit: str = "",
    colour: bool = True,
    ascii_only: bool = False,
    window: tuple[int, int] | None = None,
    baseline: tuple[str, Sequence[float]] | None = None,
) -> Text:
    """Draw the real series as an area and the prediction as a line over it, ``height`` lines of ``width`` columns.

    ``positions`` (ascending) says at which month each predicted value lies, 0 being ``first_month`` ("1749-01");
    ``real`` lies at ``real_positions``, by default at the same. ``split`` is the first month of the test part: a
    vertical line. ``window`` (first and last month) zooms; the y axis stays that of the whole series. ``baseline`` is
    a name and values at ``positions``. Values keep their unit. Without ``first_month`` the x axis has what ``label``
    says of a position, or counts steps.

    Where columns hold two months and more, the real series is drawn at ``positions`` alone: the peaks of all months
    over a prediction of every twelfth would make it look too low.
    """
    places: list[Sequence[int]] = [positions if real_positions is None else real_positions, positions, positions]
    values: list[Sequence[float]] = [real, predicted, baseline[1] if baseline else []]
    series = [
        ([float(at) for at in x[: len(y)]], [tamed(v) for v in y[: len(x)]])
        for x, y in zip(places, values, strict=True)
    ]
    finite = [v for _x, y in series for v in y if math.isfinite(v)]
    if not finite:
        return _sentence(_("Nothing predicted yet."), width)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return _no_room(width)
    ends = window or (min(x[0] for x, _y in series if x), max(x[-1] for x, _y in series if x))
    x_limits = apart(float(min(ends)), float(max(ends)))
    low, high = min(finite), max(finite)
    # From zero where zero is not far: the height of an area is read from its ground.
    y_limits = apart(0.0 if 0 < low < 0.5 * high else low, high)
    shown_split = split if split is not None and x_limits[0] <= split <= x_limits[1] else None
    frame = Frame(
        width, height - 1, x_limits, y_limits,
        month_ticks(x_limits, first_month, width // 9, label), _y_ticks(y_limits, height), shown_split,
    )  # fmt: skip
    area, line, dot = (":", "*", "o") if ascii_only else ("hd", "braille", "•")
    drawn = [(*clipped(x, y, x_limits), width) for x, y in series]
    thinned = len(drawn[0][0]) > 2 * width and len(drawn[1][0]) < len(drawn[0][0])
    if thinned:
        predicted_at = set(series[1][0])
        same = [(at, value) for at, value in zip(*series[0], strict=True) if at in predicted_at]
        drawn[0] = (*clipped([at for at, _value in same], [value for _at, value in same], x_limits), width)
    layers = [
        Curve(*decimate(*drawn[0]), area, "blue", area=True),
        Curve(*decimate(*drawn[2]), dot, "magenta", joined=False),
        # Last, because it is what one looks for, and the baseline's dots would cover it.
        Curve(*decimate(*drawn[1]), dot if len(drawn[1][0]) == 1 else line, "yellow"),
    ]
    legend = [("::" if ascii_only else "▟▙", "blue", _("real, same months") if thinned else _("real"))]
    legend += [("**" if ascii_only else "⡠⠊", "yellow", _("predicted"))]
    legend += [(dot, "magenta", baseline[0])] if baseline else []
    if shown_split is not None:
        since = _("test from {when}").format(when=when(shown_split, first_month, label))
        legend.append(("|" if ascii_only else "┊", "red", since))
    legend += [("", "", unit)] if unit else []
    return _plot(frame, layers, legend, colour=colour, ascii_only=ascii_only)


def draw_losses(
    losses: Sequence[float],
    *,
    width: int,
    height: int,
    epochs: int | None = None,
    published: Mapping[int, float] | None = None,
    log: bool = False,
    smooth: int = 1,
    colour: bool = True,
    ascii_only: bool = False,
) -> Text:
    """Draw the loss after each epoch (the first is 1): NaN and infinity are gaps, and what is not above 0 if ``log``.

    ``epochs`` is how many there will be, so that the curve grows along an axis that stays; ``published`` gives marks,
    epoch → loss; ``smooth`` epochs around each are averaged.
    """

    def scaled(value: float) -> float:
        if not log:
            return tamed(value)
        return math.log10(value) if 0 < value < math.inf else math.nan

    if not losses:
        return _sentence(_("No loss yet: the first comes with the end of the first epoch."), width)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return _no_room(width)
    x, y = [float(i) for i in range(1, len(losses) + 1)], [scaled(v) for v in smoothed(losses, smooth)]
    marks = {float(at): scaled(value) for at, value in sorted((published or {}).items())}
    finite = [v for v in [*y, *marks.values()] if math.isfinite(v)]
    if not finite:
        return _sentence(_("No loss that can be drawn: none is a finite number."), width)
    x_limits = apart(1.0, max(float(epochs or 1), *x, *marks))
    y_limits = apart(min(finite), max(finite))
    x_ticks = [(at, label) for at, label in ticks(x_limits, width // 10) if at == int(at)]
    y_ticks = log_ticks(y_limits, height // 3) if log else _y_ticks(y_limits, height)
    frame = Frame(width, height - 1, x_limits, y_limits, x_ticks, y_ticks)
    line, mark, dot = ("*", "o", "*") if ascii_only else ("braille", "◆", "•")
    alone = sum(map(math.isfinite, y)) == 1
    layers = [
        Curve(*decimate(x, y, width), dot if alone else line, "cyan"),
        Curve(list(marks), list(marks.values()), mark, "magenta", joined=False),
    ]
    legend = [("**" if ascii_only else "⠑⢄", "cyan", _("loss"))]
    legend += [(mark, "magenta", _("published"))] if marks else []
    legend += [("", "", _("log scale"))] if log else []
    legend += [("", "", _("mean of {n}").format(n=smooth))] if smooth > 1 else []
    return _plot(frame, layers, legend, colour=colour, ascii_only=ascii_only)


def _y_ticks(limits: Limits, height: int) -> list[tuple[float, str]]:
    return ticks(limits, height // 3)


def _plot(
    frame: Frame, curves: Sequence[Curve], legend: Sequence[tuple[str, str, str]], *, colour: bool, ascii_only: bool
) -> Text:
    """A chart under the one line that says what is what, where it covers no data."""
    text = Text(no_wrap=True)
    for sample, style, name in legend:
        text.append("  " if text else " ")
        text.append(f"{sample} " if sample else "", style if colour else "")
        text.append(name)
    text.truncate(frame.width, overflow="crop")
    return text.append("\n").append_text(chart(frame, curves, colour=colour, ascii_only=ascii_only))


def _sentence(text: str, width: int) -> Text:
    return Text(text[: max(0, width)], no_wrap=True)


def _no_room(width: int) -> Text:
    columns, rows = SMALLEST
    return _sentence(_("No room: a plot takes {columns} by {rows}.").format(columns=columns, rows=rows), width)
