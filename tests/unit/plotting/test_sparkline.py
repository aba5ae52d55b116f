"""The loss sparkline's rows."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tui.plotting.sparkline import sparkline_rows

VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=200)
SCALE = " ▁▂▃▄▅▆▇█"


def heights(rows: list[str]) -> list[int]:
    """Heights in eighths, column by column, of what is drawn."""
    columns = zip(*rows, strict=True)
    return [sum(SCALE.index(char) for char in column) for column in columns if set(column) != {" "}]


@given(VALUES, st.integers(0, 120), st.integers(0, 6))
def test_always_fills_its_room(values: list[float], width: int, height: int) -> None:
    rows = sparkline_rows(values, width, height)
    assert [len(row) for row in rows] == [width] * height
    assert set("".join(rows)) <= set(SCALE + "×")


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=200),
    st.integers(1, 50),
)
def test_a_rising_series_never_falls(values: list[float], width: int) -> None:
    levels = heights(sparkline_rows(sorted(values), width, 3))
    assert levels == sorted(levels)


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=80),
    st.integers(1, 6),
)
def test_goes_from_one_eighth_to_the_top(values: list[float], height: int) -> None:
    levels = heights(sparkline_rows(values, 80, height))
    assert len(levels) == len(values)
    assert min(levels) == 1
    assert max(levels) in {1, 8 * height}


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 300))
def test_what_never_changes_is_low(value: float, count: int) -> None:
    rows = sparkline_rows([value] * count, 60, 2)
    assert rows == [" " * 60, ("▁" * min(60, count)).ljust(60)]


def test_one_value_is_one_low_block() -> None:
    assert sparkline_rows([2.5], 10, 1) == ["▁         "]


def test_nothing_is_blank() -> None:
    assert sparkline_rows([], 5, 2) == ["     ", "     "]


def test_two_rows_add_up() -> None:
    assert sparkline_rows([0, 15, 7, 8], 4, 2) == [" █ ▁", "▁███"]


def test_columns_are_means_so_that_a_minimum_shows() -> None:
    falling_but_for_peaks = [10, 10, 10, 10, 10, 0, 10, 10]
    assert sparkline_rows(falling_but_for_peaks, 4, 1) == ["██▁█"]


def test_a_value_that_is_not_finite_is_a_cross_in_its_column() -> None:
    assert sparkline_rows([1, 2, math.nan, math.inf], 4, 2) == [" █  ", "▁█××"]
    assert sparkline_rows([1, 1, 2, -math.inf, 3, 3], 3, 1) == ["▁×█"]
    assert sparkline_rows([math.nan], 2, 1) == ["× "]
