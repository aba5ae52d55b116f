"""Whatever comes is told from prose, and is a series or is refused in one sentence."""

import csv
import io
import math
from pathlib import Path

import pytest
from helpers.series_tables import read
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.dates import is_date
from engine.data.numbers import is_number
from engine.data.series_table import Reading
from engine.data.table import as_single_column, looks_like_table, read_table
from engine.errors import UsageError
from engine.sanitise import printable

# What it is, before it is read.


@pytest.mark.parametrize(
    ("text", "is_table"),
    [
        ("58\n59\n60\n", True),
        ("Month,v\n1749-01,58\n", True),
        ("1749;01;1749.042;96.7;-1.0;-1;1\n" * 3, True),
        ("# a\nMonth v\n1749-01 58\n", True),
        ("Alice was beginning\nto get very tired\nof sitting by her sister on the bank\n", False),
        ("", False),
        ("x", False),
        (
            "CHAPTER 1\nDown the rabbit hole.\nAlice was beginning\nto get very tired\nof "
            "sitting\nby her sister\n",
            False,
        ),
    ],
)
def test_tables_are_told_from_prose(text: str, is_table: bool) -> None:
    assert looks_like_table(text.encode()) is is_table


def test_the_report_s_files_are_told_apart(shared_data: Path, alice_text: Path) -> None:
    assert not looks_like_table(alice_text.read_bytes())
    tables = list(shared_data.glob("*.csv"))
    assert tables
    for path in tables:
        assert looks_like_table(path.read_bytes())


# Whatever comes.


FIGURES = st.lists(
    # From May on, so that a year and a number up to 12 can only be months.
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3)),
    min_size=9,
    max_size=40,
).filter(lambda values: len(set(values)) > 2)


@given(
    FIGURES,
    st.sampled_from([",", ";", "\t", "|"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["iso", "day", "slash", "name", "two", "none"]),
)
def test_what_is_written_is_read(
    values: list[float], separator: str, comma: bool, heading: bool, end: str, dates: str
) -> None:
    moments = [(1749 + (n + 4) // 12, (n + 4) % 12 + 1) for n in range(len(values))]
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    written = {
        "iso": [[f"{year}-{month:02}"] for year, month in moments],
        "day": [[f"{year}-{month:02}-15"] for year, month in moments],
        "slash": [[f"28/{month:02}/{year}"] for year, month in moments],
        "name": [[f"{names[month - 1]} {year}"] for year, month in moments],
        "two": [[str(year), str(month)] for year, month in moments],
        "none": [["x"] for _moment in moments],
    }[dates]
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator=end)
    if heading:
        writer.writerow(["Year", "Month", "Sunspots"][-1 - len(written[0]) :])
    for when, value in zip(written, values, strict=True):
        # An exponent has no comma to show.
        text = f"{value:.4f}" if comma else repr(value)
        writer.writerow([*when, text.replace(".", ",") if comma else text])
    reading = read(buffer.getvalue(), str(len(written[0]) + 1))
    assert list(reading.values) == values
    assert reading.steps == (None if dates == "none" else ("1749-05", "M"))


def series_or_sentence(content: bytes, column: str | None = None) -> Reading | None:
    """Read a series that must be one, if it is not refused in a sentence that can be shown; then
    None.
    """
    said = ""
    try:
        reading = read(content, column)
    except UsageError as error:
        said = str(error)
    else:
        assert reading.values
        assert all(math.isfinite(value) for value in reading.values)
        return reading
    assert said == printable(said)
    assert len(said) < 600
    return None


@given(st.binary(max_size=300))
@example(b"1,2\n")
@example(b'"')
@example(b"\xef\xbb\xbf")
def test_whatever_the_bytes_there_is_a_series_or_a_sentence(content: bytes) -> None:
    _told = looks_like_table(content)
    series_or_sentence(content)


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "NA",
            "1749-01",
            "01/02/1749",
            "1749",
            "3",
            "1,5",
            "1.5",
            "Jan 1749",
            "x",
            '"',
            "#",
            "1e400",
            "1749.5",
        ]
    ),
    st.text(st.characters(exclude_characters="\0"), max_size=6),
)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12),
    st.sampled_from(",;\t| "),
    st.sampled_from([None, "1", "2"]),
)
@example([["1e400"], ["", "", ";"]], ",", None)
def test_whatever_the_cells_there_is_a_series_or_a_sentence(
    table: list[list[str]], separator: str, column: str | None
) -> None:
    text = "\n".join(separator.join(cells) for cells in table).encode("utf-8", "replace")
    reading = series_or_sentence(text, column)
    if reading is not None:
        # A line of numbers alone is a column.
        (column_read, *_others) = as_single_column(read_table(text, "f.csv")).columns
        assert len(reading.values) <= len(column_read)


@given(st.text(max_size=20))
def test_no_cell_is_a_figure_and_a_date(cell: str) -> None:
    assert not (is_number(cell) and is_date(cell))
