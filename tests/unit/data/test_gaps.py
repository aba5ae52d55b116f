"""Values that are missing in a table: left out at its ends, refused or filled between others, each
with its count.
"""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.library import SeriesLibrary
from engine.data.notes import notes_of
from engine.data.series import Series
from engine.data.series_table import Reading, read_series
from engine.errors import UsageError
from engine.host.home import Home
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.trials.data_options import parse_series_reading
from presets import get

MISSING = {"missing": "-9999"}
LINEAR = {**MISSING, "gaps": "linear"}


def table(*values: object) -> str:
    rows = (f"{1949 + n // 12}-{n % 12 + 1:02},{value}\n" for n, value in enumerate(values))
    return "month,temp\n" + "".join(rows)


def read(text: str, **options: object) -> Reading:
    return read_series(text.encode(), "f.csv", None, parse_series_reading(options))


def test_what_stands_for_a_missing_value_is_left_out_at_the_ends() -> None:
    reading = read(table(-9999, 5, 6, 7, "999.9", -9999.0), missing="-9999 999.9")
    assert list(reading.values) == [5, 6, 7]
    assert reading.steps == ("1949-02", "M")
    assert reading.notes == ("f.csv: the first value is missing and left out.",)
    assert reading.notes_of_end == ("f.csv: the last 2 values are missing and left out.",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((5, -9999, 7, 6), "f.csv, line 3: the value is missing."),
        (
            (5, "", 7, -9999, "", 6, ""),
            "f.csv, line 3: the value is missing, and 2 more between others.",
        ),
    ],
)
def test_a_gap_is_refused_and_the_advice_works(values: tuple[object, ...], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(table(*values), **MISSING)
    assert caught.value.what == message
    assert "--gaps linear" in caught.value.remedy
    assert len(read(table(*values), **LINEAR).values) == (4 if len(values) == 4 else 6)


def test_a_gap_is_filled_by_a_straight_line() -> None:
    reading = read(table("", 5, -9999, -9999, 8, "", 6, -9999), **LINEAR)
    assert list(reading.values) == [5, 6, 7, 8, 7, 6]
    assert reading.filled == (1, 2, 4)


@example([7, *[None] * 30])
@example([*[None] * 14, 40, *[None] * 20, 8])
@given(
    st.lists(st.none() | st.integers(0, 99), min_size=3, max_size=60).filter(
        lambda cells: any(cells)
    )
)
def test_filling_changes_no_value_that_is_there(cells: list[int | None]) -> None:
    reading = read(table(*("" if cell is None else cell for cell in cells)), gaps="linear")
    start = next(n for n, cell in enumerate(cells) if cell is not None)
    cells = cells[start : start + len(reading.values)]
    assert cells[-1] is not None
    assert reading.filled == tuple(n for n, cell in enumerate(cells) if cell is None)
    present = [n for n, cell in enumerate(cells) if cell is not None]
    assert np.allclose(
        reading.values, np.interp(range(len(cells)), present, [cells[n] or 0 for n in present])
    )
    assert all(reading.values[n] == cells[n] for n in present)


def test_a_marker_that_never_comes_is_said() -> None:
    assert read(table(5, 6, -9999, 7), missing="-999").notes == (
        "f.csv: no value is -999, which was given as a missing value.",
    )


def test_where_all_values_are_missing_nothing_is_filled() -> None:
    with pytest.raises(UsageError, match="every value is missing"):
        read(table(-9999, -9999, -9999), **LINEAR)


# The counts are those of the part that is read.


@pytest.fixture
def series(home: Home, tmp_path: Path) -> Series:
    values = ["", *(n % 7 for n in range(40)), -9999, 3, -9999, *(n % 5 for n in range(60)), -9999]
    (tmp_path / "f.csv").write_text(table(*values))
    return SeriesLibrary(home).add("temp", tmp_path / "f.csv", options=LINEAR)


START = "temp: the first value is missing and left out."


def filled(count: str) -> str:
    return f"temp: {count} between others is filled in by a straight line."


SEVERAL = "temp: 2 missing values between others are filled in by straight lines."


@pytest.mark.parametrize(
    ("until", "notes"),
    [
        ("", (START, SEVERAL, "temp: the last value is missing and left out.")),
        ("@1952-08", (START, SEVERAL)),
        ("@1952-07", (START, filled("1 missing value"))),
        ("@1952-05", (START,)),
    ],
)
def test_a_part_is_counted_by_itself(
    home: Home, series: Series, until: str, notes: tuple[str, ...]
) -> None:
    part = SeriesLibrary(home).resolve(f"temp{until}")
    assert part.notes == notes
    preset = get("sunspots/5")
    assert preset
    trial = prepare_trial(
        home, TrialRequest(preset, source=f"temp{until}", settings={"time_steps": 3})
    )
    for length in (None, len(part.values)):
        assert notes_of(trial, home, length).all == notes
    assert not any(map(math.isnan, part.values))


def test_of_data_that_are_gone_nothing_is_said(home: Home, series: Series) -> None:
    preset = get("sunspots/5")
    assert preset
    trial = prepare_trial(home, TrialRequest(preset, source="temp"))
    assert notes_of(trial, home).all
    for path in (home.data / "texts").iterdir():
        path.unlink()
    other = trial.model_copy(update={"data": trial.data.model_copy(update={"column": 1})})
    assert notes_of(other, home).all == ()
