"""Plots as text: thinning, ticks, and that no data, however odd, makes them fail."""

import math
import subprocess
import sys
from dataclasses import astuple
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text

from tui.plotting.chart import Curve, Frame, chart, clipped, log_ticks, month_ticks, ticks
from tui.plotting.plot_style import ASCII, Colours, PlotStyle
from tui.plotting.plots import (
    SMALLEST,
    Curves,
    TimeAxis,
    decimate,
    draw_losses,
    draw_prediction,
    smoothed,
)

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
SERIES = st.lists(ANY_FLOAT, max_size=60)
ROOM: dict[str, Any] = {"width": 80, "height": 16}
IN_COLOUR = Colours("blue", "yellow", "red", "cyan", "magenta")
COLOURED = PlotStyle(colours=IN_COLOUR)
COSINE = [100 + 100 * math.cos(i / 6) for i in range(240)]


def is_a_plot(text: Text, width: int, height: int) -> bool:
    lines = text.plain.split("\n")
    return len(lines) == height and all(len(line) <= width for line in lines)


def is_a_sentence(text: Text, width: int) -> bool:
    lines = text.plain.split("\n")
    return lines[0].startswith("No") and all(len(line) <= width for line in lines)


class TestDecimate:
    @given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(2, 40))
    def test_keeps_extremes_order_and_ends_in_two_points_a_column(
        self, y: list[float], columns: int
    ) -> None:
        x = [float(i) for i in range(len(y))]
        thin_x, thin_y = decimate(x, y, columns)
        assert len(thin_x) == len(thin_y) <= max(2 * columns, 1)
        assert thin_x == sorted(set(thin_x))
        assert all(y[int(at)] == value for at, value in zip(thin_x, thin_y, strict=True))
        assert (min(thin_y), max(thin_y)) == (min(y), max(y))
        assert (thin_x[0], thin_x[-1]) == (x[0], x[-1])

    @given(st.lists(ANY_FLOAT, max_size=20))
    def test_a_short_series_passes_through(self, y: list[float]) -> None:
        x = [float(i) for i in range(len(y))]
        thin_x, thin_y = decimate(x, y, 10)
        assert thin_x == x
        assert repr(thin_y) == repr(y)

    def test_keeps_the_extremes_of_every_column(self) -> None:
        x = [float(i) for i in range(2820)]
        y = [0.0] * 2820
        y[1000], y[1001] = 250.0, -3.0
        thin_x, _y = decimate(x, y, 70)
        assert {1000.0, 1001.0} <= set(thin_x)
        assert all(after - before < 2820 / 30 for before, after in pairwise(thin_x))

    def test_a_column_without_a_number_stays_a_gap(self) -> None:
        y = [1.0] * 400 + [math.nan] * 400 + [2.0] * 400
        _x, thin_y = decimate([float(i) for i in range(1200)], y, 30)
        assert any(math.isnan(value) for value in thin_y)
        assert {1.0, 2.0} <= set(thin_y)

    @given(SERIES, st.integers(2, 10))
    def test_takes_anything(self, y: list[float], columns: int) -> None:
        thin_x, thin_y = decimate([0.0] * len(y), y, columns)
        assert len(thin_x) == len(thin_y) <= 2 * columns


class TestSmoothed:
    def test_averages_around_each_value(self) -> None:
        assert smoothed([1, 2, 6, 4], 3) == pytest.approx([1.5, 3, 4, 5])

    def test_one_is_the_series_itself(self) -> None:
        assert smoothed([3, 1], 1) == [3, 1]

    def test_a_gap_stays_and_spoils_no_neighbour(self) -> None:
        result = smoothed([1, math.nan, 3], 3)
        assert result[0] == 1
        assert math.isnan(result[1])
        assert result[2] == 3


class TestTicks:
    @given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.integers(0, 20))
    def test_round_figures_within_the_limits(self, low: float, span: float, wanted: int) -> None:
        limits = (low, low + max(span, abs(low) * 1e-8))
        found = ticks(limits, wanted)
        room = 1e-9 * (limits[1] - limits[0])
        assert all(limits[0] - room <= at <= limits[1] + room for at, _label in found)
        assert 0 < len(found) <= 2 * max(2, wanted) + 2
        labels = [label for _at, label in found]
        assert len(set(labels)) == len(labels)
        # Two digits of each do, unless the values differ in later ones only.
        assert all(len(label) <= 10 for label in labels) or abs(low) > 100 * (limits[1] - limits[0])

    def test_are_few_and_round(self) -> None:
        assert [label for _at, label in ticks((0, 253.8), 5)] == [
            "0",
            "50",
            "100",
            "150",
            "200",
            "250",
        ]
        assert [label for _at, label in ticks((0.0041, 0.0123), 4)] == [
            "0.006",
            "0.008",
            "0.01",
            "0.012",
        ]

    def test_logarithms_are_labelled_by_their_powers(self) -> None:
        assert [label for _at, label in log_ticks((-3, 0.5), 4)] == ["0.001", "0.01", "0.1", "1"]
        assert "0.02" in [label for _at, label in log_ticks((-2, -1), 4)]

    @pytest.mark.parametrize("limits", [(-2.1, -2.05), (0.11, 0.51), (0.7, 1.29)])
    def test_a_part_of_a_decade_has_several_labels(self, limits: tuple[float, float]) -> None:
        found = log_ticks(limits, 5)
        assert len(found) >= 2
        assert all(limits[0] <= position <= limits[1] for position, _label in found)
        assert [position for position, _label in found] == pytest.approx(
            [math.log10(float(label)) for _at, label in found]
        )

    def test_powers_without_numbers_are_labelled(self) -> None:
        assert log_ticks((-305.9, -305.8), 4) == [(-305.9, "1.3e-306")]

    def test_years_are_at_their_januaries_and_months_where_the_view_is_short(self) -> None:
        assert month_ticks((0, 2819), "1749-01", 8)[0] == (12, "1750")
        assert [label for _at, label in month_ticks((2241, 2252), "1749-01", 8)][:2] == [
            "1935-11",
            "1936-01",
        ]
        assert [label for _at, label in month_ticks((0, 10), None, 4)] == [
            "0",
            "2",
            "4",
            "6",
            "8",
            "10",
        ]


class TestClipped:
    def test_cuts_where_the_line_crosses(self) -> None:
        assert clipped([0, 10, 20], [0, 10, 0], (5, 15)) == ([5, 10, 15], [5, 10, 5])

    def test_a_line_that_passes_right_through_is_seen(self) -> None:
        assert clipped([0, 100], [0, 100], (40, 60)) == ([40, 60], [40, 60])


class TestPrediction:
    positions = range(12, 252)

    def draw(self, first_month: str | None = None, **more: Any) -> Text:
        predicted = [value + 10 for value in COSINE]
        return draw_prediction(
            Curves(COSINE, predicted, self.positions, 204),
            axis=TimeAxis(first_month),
            **{**ROOM, **more},
        )

    def test_fills_its_room(self) -> None:
        text = self.draw(first_month="1749-01", unit="sunspots")
        assert is_a_plot(text, 80, 16)
        legend, *rows = text.plain.split("\n")
        assert "test from 1766-01" in legend
        assert legend.endswith("sunspots")
        assert rows[-1].split() == ["1750", "1755", "1760", "1765"]
        assert rows[-2].count("┬") == 4

    def test_is_told_apart_without_colour(self) -> None:
        text = self.draw()
        assert not text.spans
        assert "█" in text.plain
        assert any(0x2800 < ord(char) < 0x2900 for char in text.plain.split("\n", 1)[1])
        assert text.plain.count("┊") > 5

    def test_ascii_is_ascii(self) -> None:
        text = self.draw(style=PlotStyle(ASCII), first_month="1749-01")
        assert text.plain.isascii()
        assert {":", "*", "|", "+"} <= set(text.plain)

    def test_each_thing_has_its_colour_and_nothing_has_another(self) -> None:
        styles = {str(span.style) for span in self.draw(style=COLOURED).spans}
        assert {word for style in styles for word in style.split(" ")} <= {
            *astuple(IN_COLOUR),
            "default",
            "on",
            "",
        }
        assert {"blue", "yellow", "red"} <= styles

    def test_the_split_is_drawn_over_the_area_and_only_where_it_is(self) -> None:
        assert "┊" in self.draw(window=(190, 220)).plain
        assert "┊" not in self.draw(window=(20, 90)).plain

    def test_a_window_zooms_and_keeps_the_y_axis(self) -> None:
        whole, part = (
            self.draw(first_month="1749-01"),
            self.draw(first_month="1749-01", window=(12, 30)),
        )
        assert "1750-07" in part.plain
        assert [line[:3] for line in whole.plain.split("\n")[1:]] == [
            line[:3] for line in part.plain.split("\n")[1:]
        ]

    def test_the_real_series_may_be_longer_than_the_prediction(self) -> None:
        text = draw_prediction(
            Curves(COSINE, COSINE[:20], range(100, 120), None, observed_positions=range(240)),
            **ROOM,
        )
        assert is_a_plot(text, 80, 16)

    def test_real_and_predicted_are_compared_in_the_same_months(self) -> None:
        spikes = [200.0 if month % 12 else 100.0 for month in range(2820)]
        months = range(12, 2820, 12)
        far = draw_prediction(
            Curves(spikes, [100.0] * 234, months, None, observed_positions=range(2820)),
            **ROOM,
        )
        near = draw_prediction(
            Curves(spikes, [100.0] * 234, months, None, observed_positions=range(2820)),
            window=(600, 660),
            **ROOM,
        )
        assert "█" not in far.plain.split("\n")[2]
        assert "█" in near.plain.split("\n")[2]

    def test_nothing_to_draw_is_said(self) -> None:
        assert (
            draw_prediction(
                Curves([], [], [], None),
                **ROOM,
            ).plain
            == "Nothing predicted yet."
        )
        assert (
            draw_prediction(
                Curves([math.nan], [math.inf], [3], 3),
                **ROOM,
            ).plain
            == "Nothing predicted yet."
        )

    @pytest.mark.parametrize("size", [(19, 16), (80, 4), (1, 1), (0, 0)])
    def test_no_room_is_one_line(self, size: tuple[int, int]) -> None:
        text = self.draw(width=size[0], height=size[1])
        assert "\n" not in text.plain
        assert len(text.plain) <= size[0]

    @settings(max_examples=60, deadline=None)
    @given(
        SERIES, SERIES, st.integers(*(SMALLEST[0], 60)), st.integers(*(SMALLEST[1], 12)), st.data()
    )
    def test_draws_whatever_comes(
        self,
        real: list[float],
        predicted: list[float],
        width: int,
        height: int,
        data: st.DataObject,
    ) -> None:
        positions = sorted(data.draw(st.sets(st.integers(0, 10**6), min_size=60, max_size=60)))
        window = data.draw(st.none() | st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)))
        size: Any = {"width": width, "height": height}
        first_month = data.draw(st.sampled_from([None, "1749-01"]))
        text = draw_prediction(
            Curves(real, predicted, positions, 500),
            axis=TimeAxis(first_month=first_month),
            window=window,
            **size,
        )
        assert is_a_plot(text, width, height) or is_a_sentence(text, width)


class TestLosses:
    falling = tuple(0.05 * 0.9**i + 0.004 for i in range(50))

    def test_fills_its_room(self) -> None:
        text = draw_losses(
            self.falling, epochs=100, published={20: 0.01}, log=True, smooth=3, **ROOM
        )
        assert is_a_plot(text, 80, 16)
        assert text.plain.split("\n")[0].split("  ")[1:] == [
            "◆ published",
            "log scale",
            "mean of 3",
        ]
        assert text.plain.count("◆") == 2
        assert text.plain.split("\n")[-1].split()[-1] == "100"

    def test_no_loss_yet_is_said(self) -> None:
        assert draw_losses([], **ROOM).plain.startswith("No loss yet")
        assert draw_losses([math.nan, math.inf], **ROOM).plain.startswith(
            "No loss that can be drawn"
        )

    def test_what_is_said_is_not_cut_off(self) -> None:
        text = draw_losses([], width=58, height=12)
        assert is_a_sentence(text, 58)
        assert text.plain.split()[-5:] == ["end", "of", "the", "first", "epoch."]

    def test_one_loss_is_a_point(self) -> None:
        assert draw_losses([0.5], **ROOM).plain.count("•") == 1

    def test_what_is_not_finite_leaves_a_gap(self) -> None:
        canvas = draw_losses(
            [1.0] * 20 + [math.nan] * 20 + [math.inf] * 20 + [1.1] * 20, **ROOM
        ).plain.split("\n")[1:-2]
        drawn = {
            column for line in canvas for column, char in enumerate(line) if ord(char) > 0x2800
        }
        assert drawn
        assert not {column for column in drawn if 30 < column < 55}

    def test_ascii_is_ascii(self) -> None:
        assert draw_losses(
            self.falling, style=PlotStyle(ASCII), published={3: 0.02}, **ROOM
        ).plain.isascii()

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(ANY_FLOAT, min_size=1, max_size=60), st.booleans(), st.integers(0, 9), st.none()
        | st.integers(1, 90),
        st.dictionaries(st.integers(1, 90), ANY_FLOAT, max_size=4), st.integers(20, 60),
        st.integers(5, 12),
    )  # fmt: skip
    def test_draws_whatever_comes(
        self, losses: list[float], log: bool, smooth: int, epochs: int | None,
        published: dict[int, float],
        width: int, height: int,
    ) -> None:  # fmt: skip
        text = draw_losses(
            losses,
            width=width,
            height=height,
            epochs=epochs,
            published=published,
            log=log,
            smooth=smooth,
        )
        assert is_a_plot(text, width, height) or is_a_sentence(text, width)


class TestChart:
    def test_plotext_says_nothing(self, capfd: pytest.CaptureFixture[str]) -> None:
        draw_losses([1e300, -1e300, 1e-300], **ROOM)
        draw_losses([1e16, 1e16 + 2], **ROOM)
        draw_prediction(
            Curves([7.0] * 9, [7.0] * 9, range(9), 4),
            **ROOM,
        )
        assert capfd.readouterr() == ("", "")

    def test_is_not_cut_to_the_terminal(self) -> None:
        assert is_a_plot(draw_losses([3, 2, 1], width=300, height=120), 300, 120)
        assert len(draw_losses([3, 2, 1], width=300, height=120).plain.split("\n")[-2]) == 300

    def test_an_area_stays_behind_a_line(self) -> None:
        frame = Frame(40, 10, (0, 9), (0, 10), [(0, "0")], [(0, "0"), (10, "10")])
        flat = [float(i) for i in range(10)]
        text = chart(
            frame,
            [
                Curve(flat, [9.0] * 10, "hd", "blue", area=True),
                Curve(flat, [5.0] * 10, "*", "yellow"),
            ],
            COLOURED,
        )
        assert "yellow on blue" in {str(span.style) for span in text.spans}

    def test_plotext_waits_for_the_first_plot(self) -> None:
        code = (
            "import sys, tui.plotting.plots, tui.widgets.plot; sys.exit('plotext' in "
            "sys.modules or 'pandas' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-P", "-c", code], check=False).returncode == 0
