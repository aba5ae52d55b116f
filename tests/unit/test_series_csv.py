"""Series out of tables of every kind: read where they are unambiguous, else one sentence names the line."""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.dates import is_date
from engine.data.figures import is_figure, read_figures
from engine.data.reading import LARGEST_BYTES
from engine.data.series_csv import Reading, read_series
from engine.data.table import LARGEST_CELLS, LONGEST_LINE, looks_like_table, read_table
from engine.errors import UsageError
from engine.sanitise import printable

VALUES = [58.0, 62.6, 70.0, 55.7, 85.0, 83.5]
MONTHS = [f"1749-{month:02}" for month in range(1, 7)]


def read(text: str | bytes, column: str | int | None = None) -> Reading:
    """Read a series out of a file called f.csv."""
    return read_series(text if isinstance(text, bytes) else text.encode(), "f.csv", column)


def refusal(text: str | bytes, column: str | int | None = None) -> str:
    """Return the sentences with which a table is refused."""
    with pytest.raises(UsageError) as caught:
        read(text, column)
    said = str(caught.value)
    assert said.isprintable()
    assert said.startswith(("f.csv, line ", "f.csv has ", "f.csv is ", "f.csv: ", "The series "))
    return said


def rows(dates: Sequence[str], separator: str = ",", heading: str = "Month,Sunspots\n") -> str:
    """Write a table of dates and the values 58, 59, …"""
    return heading + "".join(f"{date}{separator}{58 + n}\n" for n, date in enumerate(dates))


def steps(text: str | bytes, column: str | None = None) -> tuple[str, str] | None:
    """Return where the series of a table begins and how far its values lie apart."""
    return read(text, column).steps


# Whole files.


def test_the_tutorial_s_file(shared_data: Path) -> None:
    reading = read((shared_data / "monthly-sunspots-1749-1983.csv").read_bytes())
    assert (len(reading.values), reading.steps, reading.column, reading.heading) == (
        2820, ("1749-01", "M"), 2, "Sunspots",
    )  # fmt: skip
    assert reading.values[:3] == (58.0, 62.6, 70.0)
    assert reading.notes == reading.notes_of_end == ()


def the_report_s(shared_data: Path) -> list[tuple[int, int, str]]:
    """Return year, month and value, as written, of the series that the report's text names."""
    with (shared_data / "monthly-sunspots-1749-2018.csv").open(newline="") as file:
        table = list(csv.reader(file))[1:]
    return [(int(date[:4]), int(date[5:7]), value) for _index, date, value in table]


def test_the_file_of_the_report_s_series(shared_data: Path) -> None:
    reading = read((shared_data / "monthly-sunspots-1749-2018.csv").read_bytes())
    assert list(reading.values) == [float(value) for _year, _month, value in the_report_s(shared_data)]
    assert (len(reading.values), reading.steps, reading.column) == (3235, ("1749-01", "M"), 3)
    assert reading.heading == "Monthly Mean Total Sunspot Number"


def silso(table: Sequence[tuple[int, int, str]], provisional: int = 0) -> str:
    """Write the table as SILSO does: year; month; decimal date; mean; deviation; observations; definitive."""
    lines = []
    for n, (year, month, value) in enumerate(table):
        definitive = int(n < len(table) - provisional)
        middle = year + (month - 0.5) / 12
        lines.append(f"{year};{month:02};{middle:8.3f};{float(value):6.1f};{-1.0:5.1f};{-1:5};{definitive}\r\n")
    return "".join(lines)


def test_the_file_of_silso(shared_data: Path) -> None:
    table = the_report_s(shared_data)
    reading = read(silso(table))
    assert list(reading.values) == [float(value) for _year, _month, value in table]
    assert (reading.steps, reading.column, reading.heading) == (("1749-01", "M"), 4, "sunspots")
    assert reading.notes == reading.notes_of_end == ()


def test_what_silso_may_still_change_is_said() -> None:
    table = [(2018, month, f"{month}.5") for month in range(1, 13)]
    assert read(silso(table, provisional=3)).notes_of_end == ("f.csv: the last 3 values are provisional.",)
    assert read(silso(table, provisional=1)).notes_of_end == ("f.csv: the last value is provisional.",)


def test_minus_one_is_missing_in_the_file_of_silso_alone() -> None:
    table = [(2018, month, "-1" if month in (1, 12) else "7.5") for month in range(1, 13)]
    reading = read(silso(table))
    assert reading.values == (7.5,) * 10
    assert reading.steps == ("2018-02", "M")
    assert reading.notes == ("f.csv: the first value is missing and left out.",)
    assert reading.notes_of_end == ("f.csv: the last value is missing and left out.",)
    table[5] = (2018, 6, "-1")
    assert "f.csv, line 6: the value is missing." in refusal(silso(table))
    assert read("v\n-1\n3\n-1\n").values == (-1.0, 3.0, -1.0)


def test_a_gap_in_the_file_of_silso_is_named() -> None:
    table = [(1749 + n // 12, n % 12 + 1, f"{n}.5") for n in range(40) if n != 15]
    assert "line 16: 1750-05 comes after 1750-03: 1750-04 is missing." in refusal(silso(table))


def test_another_column_of_the_file_of_silso() -> None:
    table = [(2018, month, f"{month}.5") for month in range(1, 13)]
    text = silso(table).replace(" -1.0", "  2.0")
    assert read(text, "5").values == (2.0,) * 12
    assert read(text, 5).column == 5


# Separators, marks and other differences in writing.


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ", ", " ; ", " ", "   "])
@pytest.mark.parametrize("heading", ["", "Month{}Sunspots\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_tables_are_written_in_many_ways(separator: str, heading: str, end: str, mark: str) -> None:
    text = mark + rows(MONTHS, separator, heading.format(separator))
    reading = read(text.replace("\n", end))
    assert reading.values == (58.0, 59.0, 60.0, 61.0, 62.0, 63.0)
    assert (reading.steps, reading.column, reading.heading) == (("1749-01", "M"), 2, "Sunspots" if heading else "")


@pytest.mark.parametrize("separator", [";", "\t", " ", "|"])
def test_a_decimal_comma(separator: str) -> None:
    lines = [f"{month}{separator}{str(value).replace('.', ',')}" for month, value in zip(MONTHS, VALUES, strict=True)]
    assert read("\n".join(lines)).values == tuple(VALUES)


def test_a_decimal_comma_in_quotes() -> None:
    lines = [f'"{month}","{str(value).replace(".", ",")}"' for month, value in zip(MONTHS, VALUES, strict=True)]
    assert read("\n".join(lines)).values == tuple(VALUES)
    assert read('v\n"58,0"\n"62,6"\n').values == (58.0, 62.6)


def test_a_decimal_comma_between_commas_is_not_guessed_at() -> None:
    assert "several columns of numbers: 2 –, 3 –." in refusal("1749-01,58,0\n1749-02,62,6\n1749-03,70,1\n")
    assert "several columns of numbers: 1 –, 2 –." in refusal("58,0\n62,6\n70,1\n")
    assert "line 3: the number of columns is 1, of most lines 2." in refusal("58,0\n62,6\n70\n71,5\n")


def test_commas_that_may_separate_or_not_are_not_guessed_at() -> None:
    assert "commas or blanks may separate the columns" in refusal("Station 1,25\nStation 1,75\nStation 2,50\n")
    assert read("Station;1,25\nStation;1,75\n").values == (1.25, 1.75)
    assert read("Station|1,25\nStation|1,75\n").values == (1.25, 1.75)


@pytest.mark.parametrize(
    ("cells", "figures"),
    [
        (["1.5", "-2", "+3", ".5", "4.", "1e3", "2.5E-1"], [1.5, -2.0, 3.0, 0.5, 4.0, 1000.0, 0.25]),
        (["1,5", "-2", "+3", ",5"], [1.5, -2.0, 3.0, 0.5]),
        (["1,234.5", "2,345", "3"], [1234.5, 2345.0, 3.0]),
        (["1.234,5", "2.345", "3"], [1234.5, 2345.0, 3.0]),
        (["1,234,567", "2,345"], [1234567.0, 2345.0]),
        (["1.234", "2.345"], [1.234, 2.345]),
        (["−1.5", "2"], [-1.5, 2.0]),
        (["007", "0"], [7.0, 0.0]),
    ],
)
def test_figures(cells: list[str], figures: list[float]) -> None:
    assert read_figures(cells, range(1, 99), "f.csv") == figures


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["1", "abc"], "line 2: 'abc' is no number."),
        (["1", "1_000"], "line 2: '1_000' is no number."),
        (["1", "0x10"], "line 2: '0x10' is no number."),
        (["1", "inf"], "line 2: 'inf' is no number."),
        (["1", "5 %"], "line 2: '5 %' is no number."),
        (["1", "٣"], "line 2: '٣' is no number."),
        (["1", "1.2.3"], "line 2: '1.2.3' is no number."),
        (["1", "12,34,5"], "line 2: '12,34,5' is no number."),
        (["1", "9" * 400], "is too large."),
        (["1", "1e999"], "line 2: '1e999' is too large."),
        (["1,5", "2.5"], "line 2: '2.5' has another decimal mark than the figures before it."),
        (["2.5", "3", "1,5"], "line 3: '1,5' has another decimal mark than the figures before it."),
        (["1", "1,234"], "line 2: '1,234' may have a decimal comma or thousands."),
        (["1", "x" * 100], "line 2: '" + "x" * 39 + "…' is no number."),
    ],
)
def test_figures_that_are_none_or_doubtful(cells: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_figures(cells, range(1, 99), "f.csv")
    assert words in str(caught.value)


def test_comments_and_empty_lines_are_left_out_and_counted() -> None:
    text = "# from somewhere\n\n  # more\nMonth,Sunspots\n1749-01,58\n\n# between\n1749-02,59\n,\n1749-03,60\n"
    assert read(text).values == (58.0, 59.0, 60.0)
    assert "f.csv, line 8: 'x' is no number." in refusal(text.replace("59", "x"))


def test_the_first_line_of_a_spreadsheet_s_table_is_no_row() -> None:
    assert read("\ufeffsep=;\r\nMonth;Sunspots\r\n1749-01;58,5\r\n1749-02;59,5\r\n").values == (58.5, 59.5)


def test_quoted_cells_may_hold_anything() -> None:
    text = 'Note,Month,"Sun, ""spots"""\n"one, two",1749-01,58\n"three\nfour",1749-02,59\n"5",1749-03,x\n'
    assert "f.csv, line 5: 'x' is no number." in refusal(text)
    reading = read(text.replace(",x", ",60"))
    assert (reading.values, reading.heading) == ((58.0, 59.0, 60.0), 'Sun, "spots"')


def test_a_separator_at_the_end_of_every_line() -> None:
    assert read("Month,Sunspots,\n1749-01,58,\n1749-02,59,\n1749-03,60,\n").values == (58.0, 59.0, 60.0)
    assert read("Month,Sunspots\n1749-01,58,\n1749-02,59\n1749-03,60\n").values == (58.0, 59.0, 60.0)


# Columns.


THREE = "Date,Open,Close\n2020-01-01,1,9.5\n2020-01-02,3,8.5\n2020-01-03,2,8\n"


@pytest.mark.parametrize("column", ["3", "Close", "close", " Close ", 3])
def test_a_column_is_chosen_by_number_or_heading(column: str | int) -> None:
    reading = read(THREE, column)
    assert (reading.values, reading.column, reading.heading) == ((9.5, 8.5, 8.0), 3, "Close")
    assert reading.steps == ("2020-01-01", "D")


@pytest.mark.parametrize("column", ["0", "4", "Volume", "", "-1", "3.0", "\x1b[2J", "9" * 5000])
def test_a_column_that_is_not_there_is_refused_with_the_columns(column: str) -> None:
    said = refusal(THREE, column)
    assert "Its columns are 1 Date, 2 Open, 3 Close." in said
    assert said.startswith("f.csv has no column '")


def test_several_columns_are_listed() -> None:
    assert refusal(THREE) == (
        "f.csv has several columns of numbers: 2 Open, 3 Close. Say which, by number or heading: "
        "--series …:3 (`data add`: --column 3)."
    )


def test_many_columns_are_not_all_listed() -> None:
    many = ",".join(f"c{n}" for n in range(50)) + "\n" + ",".join(["1"] * 50) + "\n" + ",".join(["3"] * 50) + "\n"
    assert refusal(many).endswith(
        ", 12 c11, …. Say which, by number or heading: --series …:50 (`data add`: --column 50)."
    )


def test_headings_that_are_alike_are_chosen_by_number() -> None:
    assert "f.csv has no column 'v'." in refusal("v,v\n1,5\n9,6\n", "v")
    assert read("v,V\n1,5\n9,6\n", "v").column == 1
    assert read("v,v\n1,5\n9,6\n", "2").values == (5.0, 6.0)


@pytest.mark.parametrize("heading", [",v\n", "", "index,v\n"])
def test_a_column_that_counts_the_rows_is_not_meant(heading: str) -> None:
    assert read(heading + "0,5\n1,6\n2,9\n").column == 2


def test_a_date_is_no_figure() -> None:
    assert "f.csv, line 2: '2020-01-01' is no number." in refusal(THREE, "1")


@pytest.mark.parametrize(
    "text", ["Alice was beginning\nto get very tired of sitting by her sister\non the bank,\nand of having\n",
             "Name,Town\nAda,London\nEmmy,Erlangen\n", "2020-01-01\n2020-01-02\n", "Month,Sunspots\n", "x"]
)  # fmt: skip
def test_what_has_no_figures_is_refused(text: str) -> None:
    assert refusal(text).startswith("f.csv has no column of numbers.")


def test_years_as_headings_are_not_taken_for_figures() -> None:
    airline = "Month,1958,1959\nJAN,340,360\nFEB,318,342\nMAR,362,406\n"
    assert refusal(airline, "3").startswith("f.csv, line 1: these may be headings or the first figures.")
    assert read(airline.replace("1958", "in 1958").replace("1959", "in 1959"), "in 1959").values == (360, 342, 406)
    assert read("Month,1958\n1749-01,5\n1749-02,6\n").heading == "1958"


def test_a_first_row_that_is_damaged_is_not_taken_for_headings() -> None:
    assert refusal("1749-01,abc\n1749-02,5\n1749-03,6\n").startswith("f.csv, line 1: 'abc' is no number.")


# Missing values, and none at all.


@pytest.mark.parametrize("missing", ["", "NA", "n/a", "NaN", "null", "None", "-", "–", ".", "?"])
def test_missing_values_at_the_ends_are_left_out_and_said(missing: str) -> None:
    lines = [
        f"{month},{value}" for month, value in zip(MONTHS, [missing, "58", "59", "60", missing, missing], strict=True)
    ]
    reading = read("Month,Sunspots\n" + "\n".join(lines))
    assert (reading.values, reading.steps) == ((58.0, 59.0, 60.0), ("1749-02", "M"))
    assert reading.notes == ("f.csv: the first value is missing and left out.",)
    assert reading.notes_of_end == ("f.csv: the last 2 values are missing and left out.",)


def test_a_missing_value_between_others_is_named() -> None:
    assert "f.csv, line 3: the value is missing." in refusal("Month,Sunspots\n1749-01,58\n1749-02,\n1749-03,60\n")


def test_nothing_but_missing_values() -> None:
    assert refusal("v,w\n1,NA\n7,NA\n", "w").startswith("f.csv: every value is missing.")
    assert refusal("Month,v\n1749-01,NA\n1749-02,NA\n").startswith("f.csv has no column of numbers.")


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "# only a remark\n", ",,\n,,\n", " \n\t\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert refusal(text).startswith("f.csv is empty.")


def test_a_single_value_is_read() -> None:
    # That it is too short for anything is said when the windows are known.
    assert read("58").values == read("Sunspots\n58\n").values == (58.0,)
    assert steps("Month,v\n1749-01,58\n") == ("1749-01", "M")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zürich sunspot numbers\nMonth,v\n1749-01,58\n1749-02,59\n1749-03,60\n", "line 1: the number of columns is 1"),
        ("Month,v\n1749-01,58\n1749-02,59\n1749-03,60\nZürich numbers\n", "line 5: the number of columns is 1"),
        ("Month,v\n1749-01,58\n1749-02,59,1\n1749-03,60\n", "line 3: the number of columns is 3, of most lines 2."),
        ("Month,v\n1749-01,58\n1749-02,x\n1749-03,60\n", "line 3: 'x' is no number."),
        ("v\n58\n\x0059\n60\n", "line 3: there is a NUL byte"),
        (b"v\n58\ncaf\xe9\n", "is not UTF-8 text: line 3."),
        ("v\n58\n59\n".encode("utf-16"), "is not UTF-8 text: line 1."),
        (b"PK\x03\x04xl/workbook.xml", "is a workbook or an archive, not a text."),
        (b"\x1f\x8b\x08gzip", "is a workbook or an archive, not a text."),
        (bytes(range(256)), "line 1: there is a NUL byte"),
        ('a,b\n1,"2\n' + "3\n" * 100_000, "line 2: it can't be read as a row"),
    ],
)  # fmt: skip
def test_damage_is_named_with_its_line(text: str | bytes, words: str) -> None:
    assert words in refusal(text)


def test_tables_are_of_bounded_size() -> None:
    said = refusal(b"1,2,3,4,5,6,7,8\n" * (LARGEST_CELLS // 8 + 1))
    assert said.startswith("f.csv has more than 2,000,000 cells.")
    assert refusal(b"1\n" * (LARGEST_CELLS + 1)) == said
    assert LARGEST_BYTES // 2 > LARGEST_CELLS


@pytest.mark.parametrize("line", [b"1,", b"ab ", b'"', b"9"])
def test_a_line_without_end_is_not_taken_apart(line: bytes) -> None:
    assert "f.csv, line 2: it has more than 65,536 characters." in refusal(b"1,2\n" + line * LONGEST_LINE + b"x")


def test_a_figure_that_goes_wrong_late_takes_no_longer() -> None:
    # In hours, where every digit could belong to either of two parts.
    assert "is no number" in refusal("v\n1\n2\n" + "9" * (LONGEST_LINE - 1) + "x\n")
    assert "is too large" in refusal("v\n1\n2\n" + "9" * LONGEST_LINE + "\n")


# Dates.


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["1749-01", "1749-02", "1749-03"], ("1749-01", "M")),
        (["1749-1", "1749-2", "1749-3"], ("1749-01", "M")),
        (["1749/01", "1749/02", "1749/03"], ("1749-01", "M")),
        (["1749-01-31", "1749-02-28", "1749-03-31"], ("1749-01", "M")),
        (["1749-01-16", "1749-02-15", "1749-03-16"], ("1749-01", "M")),
        (["1749.01.31", "1749.02.28", "1749.03.31"], ("1749-01", "M")),
        (["31/01/1749", "28/02/1749", "31/03/1749"], ("1749-01", "M")),
        (["31.1.1749", "28.2.1749", "31.3.1749"], ("1749-01", "M")),
        (["01/31/1749", "02/28/1749", "03/31/1749"], ("1749-01", "M")),
        (["01/1749", "02/1749", "03/1749"], ("1749-01", "M")),
        (["Jan 1749", "Feb 1749", "Mar 1749"], ("1749-01", "M")),
        (["January 1749", "February 1749", "March 1749"], ("1749-01", "M")),
        (["ene-1749", "feb-1749", "mar-1749"], ("1749-01", "M")),
        (["1749 Nov", "1749 Dec", "1750 Jan"], ("1749-11", "M")),
        (["31 Jan 1749", "28 Feb 1749", "31 Mar 1749"], ("1749-01", "M")),
        (["174911", "174912", "175001"], ("1749-11", "M")),
        (["1749M11", "1749M12", "1750M1"], ("1749-11", "M")),
        (["17490131", "17490228", "17490331"], ("1749-01", "M")),
        (["1749.042", "1749.123", "1749.204"], ("1749-01", "M")),
        (["1749.0", "1749.083", "1749.167"], ("1749-01", "M")),
        (["1749", "1750", "1751"], ("1749-01", "Y")),
        (["1749.5", "1750.5", "1751.5"], ("1749-07", "Y")),
        (["1749-12-31", "1750-12-31", "1751-12-31"], ("1749-12", "Y")),
        (["1749Q3", "1749Q4", "1750Q1"], ("1749-07", "Q")),
        (["Q3 1749", "Q4 1749", "Q1 1750"], ("1749-07", "Q")),
        (["1749-01", "1749-03", "1749-05"], ("1749-01", "2M")),
        (["2020-02-28", "2020-02-29", "2020-03-01"], ("2020-02-28", "D")),
        (["2020-01-06", "2020-01-13", "2020-01-20"], ("2020-01-06", "7D")),
        (["2020-01-01 22:00", "2020-01-01 23:00", "2020-01-02 00:00"], ("2020-01-01 22:00:00", "h")),
        (["2020-01-01T22:00:00Z", "2020-01-01T22:05:00Z", "2020-01-01T22:10:00Z"], ("2020-01-01 22:00:00", "5min")),
    ],
)
def test_dates_of_the_usual_shapes(dates: list[str], expected: tuple[str, str]) -> None:
    for heading in ("Month;Sunspots\n", ""):
        assert steps(rows(dates, ";", heading)) == expected
        # The other order of columns.
        assert steps("".join(f"{7 * n % 5}.5;{date}\n" for n, date in enumerate(dates))) == expected


def test_years_and_months_in_columns_of_their_own() -> None:
    assert steps("1749 11 58\n1749 12 59\n1750 1 60\n") == ("1749-11", "M")
    assert steps("Year,Month,v\n1749,11,5\n1749,12,6\n1750,1,7\n") == ("1749-11", "M")
    assert steps("v;Year;Month\n5,5;1749;11\n6,5;1749;12\n7,5;1750;1\n") == ("1749-11", "M")
    assert steps("Y,M,D,v\n2020,2,28,5\n2020,2,29,6\n2020,3,1,4\n") == ("2020-02-28", "D")


def test_a_rating_beside_the_year_is_no_month() -> None:
    reading = read("Year,Rating\n1990,5\n1991,5\n1992,6\n1993,5\n")
    assert (reading.values, reading.steps) == ((5.0, 5.0, 6.0, 5.0), ("1990-01", "Y"))


@pytest.mark.parametrize("dates", [["a", "b", "c"], ["1-01", "1-02", "1-03"], ["1", "2", "3"], ["Mon", "Tue", "Wed"]])
def test_without_dates_steps_are_counted(dates: list[str]) -> None:
    assert steps("".join(f"{date},{7 * n % 5}\n" for n, date in enumerate(dates))) is None


def test_what_may_have_been_meant_for_a_date_is_said() -> None:
    for cell in ("Jan-49", "01/01/49"):
        reading = read(f"Month,v\n{cell},5\n{cell},6\n{cell},5\n")
        assert reading.steps is None
        assert reading.notes == (
            f"f.csv: {cell!r} is not read as a date; steps are counted. Write dates as 1749-01-31.",
        )
    assert read("Station,v\nKew,5\nKew,6\nKew,5\n").notes == ()


def test_days_and_months_that_could_be_swapped() -> None:
    firsts = [f"01/{month:02}/1749" for month in range(1, 13)]
    # The first twelve days of January, or the first days of twelve months.
    assert "line 2: '01/01/1749' may have the day or the month first." in refusal(rows(firsts))
    # With the next year there is one way left in which they go on in equal steps.
    assert steps(rows([*firsts, "01/01/1750"])) == ("1749-01", "M")
    assert "may have the day or the month first" in refusal(rows(["01/02/1749", "03/05/1749", "04/04/1750"]))


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (["1749-01", "1749-02", "1749-02", "1749-03"], "line 4: 1749-02 comes a second time."),
        (["1749-01-01", "1749-01-02", "1749-01-02"], "line 4: 1749-01-02 comes a second time."),
        (["1749-02", "1749-01", "1749-03"], "line 3: 1749-01 comes after 1749-02: the dates are not in order."),
        (["1749-03", "1749-02", "1749-01"], "line 3: 1749-02 comes after 1749-03: the dates are not in order."),
        (["1749-01", "1749-02", "1749-04", "1749-05"], "line 4: 1749-04 comes after 1749-02: 1749-03 is missing."),
        (["1749-01-31", "1749-02-28", "1749-04-30", "1749-05-31"], "1749-04-30 comes after 1749-02-28: 1749-03 is"),
        (["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07"], "2020-01-03: 2020-01-04 is missing."),
        (["1749-01", "1749-02", "1749-13", "1749-04"], "line 4: '1749-13' is no date."),
        (["1749-01-31", "1749-02-30", "1749-03-31"], "line 3: '1749-02-30' is no date."),
        (["1749-01", "1749-02", "later", "1749-04"], "line 4: 'later' is no date."),
        (["1749-01", "1749-02", "", "1749-04"], "line 4: '' is no date."),
        (["2020-01-01 10:00", "2020-01-01 25:00", "2020-01-01 12:00"], "line 3: '2020-01-01 25:00' is no date."),
        (["2020-01-01", "2020-01-05", "2020-01-06", "2020-03-01"], "line 3: 2020-01-05 comes after 2020-01-01: the"),
        (["31/01/1749", "30/02/1749", "31/03/1749"], "line 3: '30/02/1749' is no date."),
    ],
)
def test_dates_that_do_not_go_on_are_refused_with_their_line(dates: list[str], words: str) -> None:
    assert words in refusal(rows(dates))


def test_dates_of_rows_that_are_left_out_do_not_matter() -> None:
    assert steps("Month,v\nlater,\n1749-02,5\n1749-03,6\n1749-04,7\n,NA\n") == ("1749-02", "M")


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
            "CHAPTER 1\nDown the rabbit hole.\nAlice was beginning\nto get very tired\nof sitting\nby her sister\n",
            False,
        ),
    ],
)
def test_tables_are_told_from_prose(text: str, is_table: bool) -> None:
    assert looks_like_table(text.encode()) is is_table


def test_the_report_s_files_are_told_apart(shared_data: Path, alice_text: Path) -> None:
    assert not looks_like_table(alice_text.read_bytes())
    for path in shared_data.glob("*.csv"):
        assert looks_like_table(path.read_bytes())


# Whatever comes.


FIGURES = st.lists(
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3)), min_size=7, max_size=40
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
    """Read a series that must be one, if it is not refused in a sentence that can be shown; then None."""
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
    assert looks_like_table(content) in (True, False)
    series_or_sentence(content)


CELLS = st.one_of(
    st.sampled_from(
        ["", "NA", "1749-01", "01/02/1749", "1749", "3", "1,5", "1.5", "Jan 1749", "x", '"', "#", "1e400", "1749.5"]
    ),
    st.text(st.characters(exclude_characters="\0"), max_size=6),
)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12),
    st.sampled_from(",;\t| "),
    st.sampled_from([None, "1", "2"]),
)
def test_whatever_the_cells_there_is_a_series_or_a_sentence(
    table: list[list[str]], separator: str, column: str | None
) -> None:
    text = "\n".join(separator.join(cells) for cells in table).encode("utf-8", "replace")
    reading = series_or_sentence(text, column)
    assert reading is None or len(reading.values) <= len(read_table(text, "f.csv").lines)


@given(st.text(max_size=20))
def test_no_cell_is_a_figure_and_a_date(cell: str) -> None:
    assert not (is_figure(cell) and is_date(cell))
