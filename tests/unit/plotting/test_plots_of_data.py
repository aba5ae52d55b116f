"""What a plot shows is data: an axis that comes from the values, and nothing where there is no
value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from tui.plotting.plot_style import ASCII, BLOCKS, BRAILLE, CONSOLE, Glyphs, PlotStyle
from tui.plotting.plots import Curves, draw_losses, draw_prediction

GLYPHS = [BRAILLE, BLOCKS, CONSOLE, ASCII]
TEMPERATURES = [15.6 - 8.4 * math.cos(month / 6 * math.pi) for month in range(120)]
"""Monthly means from 7.2 to 24.0."""


@dataclass(frozen=True)
class Drawn:
    """A plot, taken apart: the labels of its y axis, the lowest first, and the rows within its
    frame.
    """

    labels: list[float]
    rows: list[str]

    @classmethod
    def of(cls, text: Text) -> "Drawn":
        _legend, *rows, frame, _months = text.plain.split("\n")
        left = len(frame) - len(frame.lstrip())
        labels = [float(row[:left]) for row in rows if row[:left].strip()]
        return cls(sorted(labels), [row[left + 1 :] for row in rows])

    @property
    def columns(self) -> int:
        return len(self.rows[0])

    @property
    def ink(self) -> set[int]:
        """The columns in which anything is drawn."""
        return {column for row in self.rows for column, char in enumerate(row) if char != " "}


def columns_of(
    x: Sequence[float], y: Sequence[float], limits: tuple[float, float], columns: int
) -> set[int]:
    """Return the columns in which there is a value, or which lie between two values that follow
    each other.
    """

    def at(position: float) -> list[int]:
        # What lies on the edge of two columns may be drawn in either.
        place = (position - limits[0]) / (limits[1] - limits[0]) * columns
        return [min(columns - 1, max(0, math.floor(place + nudge))) for nudge in (-0.01, 0.01)]

    found: set[int] = set()
    for index, value in enumerate(y):
        if math.isfinite(value):
            found.update(at(x[index]))
            if index and math.isfinite(y[index - 1]):
                found.update(range(min(at(x[index - 1])), max(at(x[index])) + 1))
    return found


@st.composite
def series(draw: st.DrawFn) -> list[float]:
    """Values of any range, above zero, below it or across it, in which some are missing."""
    middle = draw(st.sampled_from([0.0, 15.6, -15.6, 1e-9, -3e7, 1e12]) | st.floats(-1e9, 1e9))
    spread = draw(st.sampled_from([1e-12, 1.0, 8.4, 3e5, 1e12]) | st.floats(1e-6, 1e9))
    # Not so near to constant that there are few floats between.
    spread = max(spread, 1e-6 * abs(middle))
    shape = draw(st.lists(st.floats(-1, 1, width=16), min_size=2, max_size=150))
    values = [middle + spread * value for value in shape]
    for start, length in draw(
        st.lists(st.tuples(st.integers(0, 149), st.integers(1, 40)), max_size=4)
    ):
        values[start : start + length] = [math.nan] * len(values[start : start + length])
    return values


def observed(values: list[float], width: int, height: int, glyphs: Glyphs = BRAILLE) -> Text:
    """Draw a series of which nothing has been predicted."""
    places, style = range(len(values)), PlotStyle(glyphs)
    return draw_prediction(
        Curves(values, [], [], None, observed_positions=places),
        width=width,
        height=height,
        style=style,
    )


def check_axis(labels: list[float], low: float, high: float) -> None:
    """Check that an axis' labels cover values from ``low`` to ``high`` and hardly more."""
    span = high - low
    step = labels[1] - labels[0] if len(labels) > 1 else span
    # They are round values, of which none lies beyond the data by more than a twentieth of what
    # those span, and the next one would. Long labels are rounded themselves.
    rounding = step / 20
    assert low - 0.05 * span - rounding <= labels[0] <= low + step + rounding
    assert high - step - rounding <= labels[-1] <= high + 0.05 * span + rounding


@settings(max_examples=200, deadline=None)
@given(series(), st.integers(30, 100), st.integers(6, 24), st.sampled_from(GLYPHS))
def test_the_axis_is_that_of_the_data(
    values: list[float], width: int, height: int, glyphs: Glyphs
) -> None:
    finite = [value for value in values if math.isfinite(value)]
    text = observed(values, width, height, glyphs)
    if not finite:
        assert text.plain == "Nothing predicted yet."
    elif max(finite) - min(finite) > 1e-6 * max(map(abs, finite)):
        check_axis(Drawn.of(text).labels, min(finite), max(finite))


@settings(max_examples=200, deadline=None)
@given(series(), st.integers(30, 100), st.sampled_from(GLYPHS))
def test_nothing_is_drawn_where_there_is_no_value(
    values: list[float], width: int, glyphs: Glyphs
) -> None:
    text = observed(values, width, 12, glyphs)
    if "\n" in text.plain:
        drawn = Drawn.of(text)
        assert drawn.ink <= columns_of(
            range(len(values)), values, (0, len(values) - 1), drawn.columns
        )


@settings(max_examples=200, deadline=None)
@given(
    series(),
    st.integers(1, 60),
    st.integers(30, 100),
    st.integers(20, 110),
    st.sampled_from(GLYPHS),
)
def test_no_prediction_before_the_first_window_nor_between_the_parts(
    values: list[float], window: int, width: int, share: int, glyphs: Glyphs
) -> None:
    """The report's windows: a value after each, within the training part and within the test
    part.
    """
    split = len(values) * share // 100
    places = [*range(window, split, window), *range(split + window, len(values), window)]
    places = [place for place in places if place < len(values)]
    # Without the observed series, so that all there is to see is the prediction.
    text = draw_prediction(
        Curves([], [values[at] for at in places], places, split),
        window=(0, len(values) - 1),
        width=width,
        height=12,
        style=PlotStyle(glyphs),
    )
    if "\n" not in text.plain:
        return
    drawn = Drawn.of(text)
    limits = (0, len(values) - 1)
    allowed = columns_of([split], [0.0], limits, drawn.columns) if split < len(values) else set()
    for part in ([at for at in places if at < split], [at for at in places if at >= split]):
        allowed |= columns_of(part, [values[at] for at in part], limits, drawn.columns)
    assert drawn.ink <= allowed


@pytest.mark.parametrize("glyphs", GLYPHS, ids=lambda glyphs: glyphs.kind)
@pytest.mark.parametrize("sign", [1, -1], ids=["above zero", "below zero"])
def test_temperatures_have_an_axis_of_their_own(sign: int, glyphs: Glyphs) -> None:
    drawn = Drawn.of(observed([sign * value for value in TEMPERATURES], 80, 20, glyphs))
    assert drawn.labels[0] == (8 if sign > 0 else -24)
    assert drawn.labels[-1] == (24 if sign > 0 else -8)
    # A series fills from the axis at the bottom up to its values: there is more of it below than
    # above.
    top, bottom = (sum(char != " " for char in row) for row in (drawn.rows[0], drawn.rows[-1]))
    assert bottom > 2 * top > 0


def test_a_series_on_both_sides_of_zero_stands_on_zero() -> None:
    drawn = Drawn.of(observed([math.sin(month / 6 * math.pi) for month in range(121)], 80, 21))
    assert all("█" in row for row in (drawn.rows[2], drawn.rows[-3]))
    assert drawn.labels[0] == -1.0
    assert drawn.labels[-1] == 1.0
    # Above and below a zero line, not down to the frame.
    assert sum(row.count("█") for row in drawn.rows) < 0.5 * len(drawn.rows) * drawn.columns


def test_counts_stand_on_zero() -> None:
    drawn = Drawn.of(observed([float(3 + month % 250) for month in range(500)], 80, 20))
    assert drawn.labels[0] == 0


@pytest.mark.parametrize("glyphs", GLYPHS, ids=lambda glyphs: glyphs.kind)
def test_a_prediction_without_neighbours_is_a_dot(glyphs: Glyphs) -> None:
    text = draw_prediction(
        Curves(TEMPERATURES, [20.0, 12.0], [50, 110], 96, observed_positions=range(120)),
        width=80,
        height=20,
        style=PlotStyle(glyphs),
    )
    assert sum(row.count(glyphs.dot) for row in Drawn.of(text).rows) == 2


@settings(max_examples=60, deadline=None)
@given(series())
def test_the_axis_of_losses_is_theirs_too(values: list[float]) -> None:
    finite = [value for value in values if math.isfinite(value)]
    text = draw_losses(values, width=80, height=16)
    if finite and max(finite) - min(finite) > 1e-6 * max(map(abs, finite)):
        check_axis(Drawn.of(text).labels, min(finite), max(finite))


def test_a_season_is_seen_under_predictions_of_one_month_a_year() -> None:
    """Windows of 12 months predict Januaries alone, of which the observed series is not made."""
    places = range(12, 120, 12)
    text = draw_prediction(
        Curves(TEMPERATURES, [7.5] * len(places), places, 96, observed_positions=range(120)),
        width=60,
        height=20,
    )
    drawn = Drawn.of(text)
    assert drawn.labels[-1] == 24
    # Ten summers, with winters between.
    summers = "".join("#" if char in "█▙▛▜▟▌▐" else " " for char in drawn.rows[3]).split()
    assert len(summers) == 10


def test_where_only_the_predicted_months_are_drawn_the_axis_is_theirs() -> None:
    long = TEMPERATURES * 20
    places = range(12, len(long), 12)
    text = draw_prediction(
        Curves(
            long, [7.5 + at % 5 for at in places], places, None, observed_positions=range(len(long))
        ),
        width=60,
        height=20,
    )
    assert Drawn.of(text).labels[-1] <= 12
