"""Tables as they are written, their separators, marks and columns: read where unambiguous, else one
sentence.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers.series_tables import MONTHS, read, refusal, rows

from engine.data.numbers import read_number_column
from engine.errors import UsageError

VALUES = [58.0, 62.6, 70.0, 55.7, 85.0, 83.5]


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
    assert list(reading.values) == [
        float(value) for _year, _month, value in the_report_s(shared_data)
    ]
    assert (len(reading.values), reading.steps, reading.column) == (3235, ("1749-01", "M"), 3)
    assert reading.heading == "Monthly Mean Total Sunspot Number"


def silso(table: Sequence[tuple[int, int, str]], provisional: int = 0) -> str:
    """Write the table as SILSO does: year; month; decimal date; mean; deviation; observations;
    definitive.
    """
    lines = []
    for n, (year, month, value) in enumerate(table):
        definitive = int(n < len(table) - provisional)
        middle = year + (month - 0.5) / 12
        lines.append(
            f"{year};{month:02};{middle:8.3f};{float(value):6.1f};{-1.0:5.1f};{-1:5};{definitive}\r\n"
        )
    return "".join(lines)


def test_the_file_of_silso(shared_data: Path) -> None:
    table = the_report_s(shared_data)
    reading = read(silso(table))
    assert list(reading.values) == [float(value) for _year, _month, value in table]
    assert (reading.steps, reading.column, reading.heading) == (("1749-01", "M"), 4, "sunspots")
    assert reading.notes == reading.notes_of_end == ()


def test_what_silso_may_still_change_is_said() -> None:
    table = [(2018, month, f"{month}.5") for month in range(1, 13)]
    assert read(silso(table, provisional=3)).notes_of_end == (
        "f.csv: the last 3 values are provisional.",
    )
    assert read(silso(table, provisional=1)).notes_of_end == (
        "f.csv: the last value is provisional.",
    )


def test_minus_one_is_missing_in_the_file_of_silso_alone() -> None:
    table = [(2018, month, "-1" if month in (1, 12) else "7.5") for month in range(1, 13)]
    reading = read(silso(table))
    assert reading.values == (7.5,) * 10
    assert reading.steps == ("2018-02", "M")
    assert reading.notes == ("f.csv: the first value is missing and left out.",)
    assert reading.notes_of_end == ("f.csv: the last value is missing and left out.",)
    table[5] = (2018, 6, "-1")
    assert "f.csv, line 6: '-1.0' is read as a missing value." in refusal(silso(table))
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
    assert (reading.steps, reading.column, reading.heading) == (
        ("1749-01", "M"),
        2,
        "Sunspots" if heading else "",
    )


@pytest.mark.parametrize("separator", [";", "\t", " ", "|"])
def test_a_decimal_comma(separator: str) -> None:
    lines = [
        f"{month}{separator}{str(value).replace('.', ',')}"
        for month, value in zip(MONTHS, VALUES, strict=True)
    ]
    assert read("\n".join(lines)).values == tuple(VALUES)


def test_a_decimal_comma_in_quotes() -> None:
    lines = [
        f'"{month}","{str(value).replace(".", ",")}"'
        for month, value in zip(MONTHS, VALUES, strict=True)
    ]
    assert read("\n".join(lines)).values == tuple(VALUES)
    assert read('v\n"58,0"\n"62,6"\n').values == (58.0, 62.6)


def test_a_decimal_comma_between_commas_is_not_guessed_at() -> None:
    assert "several columns of numbers: 2 –, 3 –." in refusal(
        "1749-01,58,0\n1749-02,62,6\n1749-03,70,1\n"
    )
    assert "several columns of numbers: 1 –, 2 –." in refusal("58,0\n62,6\n70,1\n")
    assert "line 3: the number of columns is 1; most lines have 2." in refusal(
        "58,0\n62,6\n70\n71,5\n"
    )


def test_commas_that_may_separate_or_not_are_not_guessed_at() -> None:
    assert "commas or spaces may separate the columns" in refusal(
        "Station 1,25\nStation 1,75\nStation 2,50\n"
    )
    assert read("Station;1,25\nStation;1,75\n").values == (1.25, 1.75)
    assert read("Station|1,25\nStation|1,75\n").values == (1.25, 1.75)


@pytest.mark.parametrize(
    ("cells", "figures"),
    [
        (
            ["1.5", "-2", "+3", ".5", "4.", "1e3", "2.5E-1"],
            [1.5, -2.0, 3.0, 0.5, 4.0, 1000.0, 0.25],
        ),
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
    assert read_number_column(cells, range(1, 99), "f.csv") == figures


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["1", "abc"], "line 2: 'abc' is not a number."),
        (["1", "1_000"], "line 2: '1_000' is not a number."),
        (["1", "0x10"], "line 2: '0x10' is not a number."),
        (["1", "inf"], "line 2: 'inf' is not a number."),
        (["1", "5 %"], "line 2: '5 %' is not a number."),
        (["1", "1.2.3"], "line 2: '1.2.3' is not a number."),
        (["1", "12,34,5"], "line 2: '12,34,5' is not a number."),
        (["1", "9" * 400], "is too large."),
        (["1", "1e999"], "line 2: '1e999' is too large."),
        (["1,5", "2.5"], "line 2: '2.5' has a different decimal mark from the numbers before it."),
        (
            ["2.5", "3", "1,5"],
            "line 3: '1,5' has a different decimal mark from the numbers before it.",
        ),
        (["1", "1,234"], "line 2: '1,234' may have a decimal comma or thousands."),
        (["1", "x" * 100], "line 2: '" + "x" * 39 + "…' is not a number."),
    ],
)
def test_figures_that_are_none_or_doubtful(cells: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_number_column(cells, range(1, 99), "f.csv")
    assert words in str(caught.value)


def test_comments_and_empty_lines_are_left_out_and_counted() -> None:
    text = (
        "# from somewhere\n\n  # more\nMonth,Sunspots\n1749-01,58\n\n# "
        "between\n1749-02,59\n,\n1749-03,60\n"
    )
    assert read(text).values == (58.0, 59.0, 60.0)
    assert "f.csv, line 8: 'x' is not a number." in refusal(text.replace("59", "x"))


def test_the_first_line_of_a_spreadsheet_s_table_is_no_row() -> None:
    assert read("\ufeffsep=;\r\nMonth;Sunspots\r\n1749-01;58,5\r\n1749-02;59,5\r\n").values == (
        58.5,
        59.5,
    )


def test_quoted_cells_may_hold_anything() -> None:
    text = (
        'Note,Month,"Sun, ""spots"""\n"one, '
        'two",1749-01,58\n"three\nfour",1749-02,59\n"5",1749-03,x\n'
    )
    assert "f.csv, line 5: 'x' is not a number." in refusal(text)
    reading = read(text.replace(",x", ",60"))
    assert (reading.values, reading.heading) == ((58.0, 59.0, 60.0), 'Sun, "spots"')


def test_a_separator_at_the_end_of_every_line() -> None:
    assert read("Month,Sunspots,\n1749-01,58,\n1749-02,59,\n1749-03,60,\n").values == (
        58.0,
        59.0,
        60.0,
    )
    assert read("Month,Sunspots\n1749-01,58,\n1749-02,59\n1749-03,60\n").values == (
        58.0,
        59.0,
        60.0,
    )


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
    many = (
        ",".join(f"c{n}" for n in range(50))
        + "\n"
        + ",".join(["1"] * 50)
        + "\n"
        + ",".join(["3"] * 50)
        + "\n"
    )
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
    assert "f.csv, line 2: '2020-01-01' is not a number." in refusal(THREE, "1")


@pytest.mark.parametrize(
    "text", ["Alice was beginning\nto get very tired of sitting by her sister\non the bank,\nand of having\n",  # noqa: E501
             "Name,Town\nAda,London\nEmmy,Erlangen\n", "2020-01-01\n2020-01-02\n",
             "Month,Sunspots\n", "x"]
)  # fmt: skip
def test_what_has_no_figures_is_refused(text: str) -> None:
    assert refusal(text).startswith("f.csv has no column of numbers.")


def test_years_as_headings_are_not_taken_for_figures() -> None:
    airline = "Month,1958,1959\nJAN,340,360\nFEB,318,342\nMAR,362,406\n"
    assert refusal(airline, "3").startswith(
        "f.csv, line 1: these may be headings or the first numbers."
    )
    assert read(
        airline.replace("1958", "in 1958").replace("1959", "in 1959"), "in 1959"
    ).values == (360, 342, 406)
    assert read("Month,1958\n1749-01,5\n1749-02,6\n").heading == "1958"


def test_a_first_row_that_is_damaged_is_not_taken_for_headings() -> None:
    assert refusal("1749-01,abc\n1749-02,5\n1749-03,6\n").startswith(
        "f.csv, line 1: 'abc' is not a number."
    )
