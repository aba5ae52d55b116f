"""The rows of a table must continue, in values and dates: what is missing, damaged or out of step
is named by its line.
"""

import pytest
from helpers.series_tables import MONTHS, read, refusal, rows, steps

from engine.data.reading import LARGEST_BYTES
from engine.data.table import LARGEST_CELLS, LONGEST_LINE

# Missing values, and none at all.


@pytest.mark.parametrize("missing", ["", "NA", "n/a", "NaN", "null", "None", "-", "–", ".", "?"])
def test_missing_values_at_the_ends_are_left_out_and_said(missing: str) -> None:
    lines = [
        f"{month},{value}"
        for month, value in zip(MONTHS, [missing, "58", "59", "60", missing, missing], strict=True)
    ]
    reading = read("Month,Sunspots\n" + "\n".join(lines))
    assert (reading.values, reading.steps) == ((58.0, 59.0, 60.0), ("1749-02", "M"))
    assert reading.notes == ("f.csv: the first value is missing and left out.",)
    assert reading.notes_of_end == ("f.csv: the last 2 values are missing and left out.",)


def test_a_missing_value_between_others_is_named() -> None:
    assert "f.csv, line 3: the value is missing." in refusal(
        "Month,Sunspots\n1749-01,58\n1749-02,\n1749-03,60\n"
    )


def test_nothing_but_missing_values() -> None:
    assert refusal("v,w\n1,NA\n7,NA\n", "w").startswith("f.csv: every value is missing.")
    assert refusal("Month,v\n1749-01,NA\n1749-02,NA\n").startswith(
        "f.csv has no column of numbers."
    )


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
        ("Month,v\n1749-01,58\n1749-02,59,1\n1749-03,60\n",
        "line 3: the number of columns is 3; most lines have 2."),
        ("Month,v\n1749-01,58\n1749-02,x\n1749-03,60\n", "line 3: 'x' is not a number."),
        ("v\n58\n\x0059\n60\n", "line 3: there is a NUL byte"),
        (b"v\n58\ncaf\xe9\n", "is not UTF-8 text: line 3."),
        ("v\n58\n59\n".encode("utf-16-le"), "it seems to be UTF-16 without a byte order mark."),
        (b"PK\x03\x04xl/workbook.xml", "is a ZIP archive, not a text."),
        (b"\x1f\x8b\x08gzip", "is a gzip archive, not a text."),
        (bytes(range(256)), "is a binary file, not a text."),
        ("<!DOCTYPE html>\n<html><body>Moved</body></html>\n", "is an HTML page, not a table."),
        ("1,2\n" * 300 + '1,"2\n' + "x\n" * 100_000,
        "line 301: a quotation mark opens a cell that does not end."),
    ],
)  # fmt: skip
def test_damage_is_named_with_its_line(text: str | bytes, words: str) -> None:
    assert words in refusal(text)


def test_tables_are_of_bounded_size() -> None:
    said = refusal(b"1,2,3,4,5,6,7,8\n" * (LARGEST_CELLS // 8 + 1))
    assert said.startswith("f.csv has more than 2,000,000 cells.")
    assert said.endswith("Remove the columns that are not needed: cut -d ',' -f 1,2 FILE > NEW")
    for row, width in ((b"1\n", 1), (b"1;2\n", 2), (b"1 2 3\n", 3)):
        said = refusal(row * (LARGEST_CELLS // width + 1))
        assert said.startswith("f.csv has more than 2,000,000 cells.")
        if width < 3:
            assert said.endswith(
                f"Take only its first lines: head -n {LARGEST_CELLS // width} FILE > NEW"
            )
    assert LARGEST_BYTES // 2 > LARGEST_CELLS


@pytest.mark.parametrize("line", [b"1,", b"ab ", b'"', b"9"])
def test_a_line_without_end_is_not_taken_apart(line: bytes) -> None:
    assert "f.csv, line 2: it has more than 65,536 characters." in refusal(
        b"1,2\n" + line * LONGEST_LINE + b"x"
    )


def test_a_figure_that_goes_wrong_late_takes_no_longer() -> None:
    # In hours, where every digit could belong to either of two parts.
    assert "is not a number" in refusal("v\n1\n2\n" + "9" * (LONGEST_LINE - 1) + "x\n")
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
        (
            ["2020-01-01 22:00", "2020-01-01 23:00", "2020-01-02 00:00"],
            ("2020-01-01 22:00:00", "h"),
        ),
        (
            ["2020-01-01T22:00:00Z", "2020-01-01T22:05:00Z", "2020-01-01T22:10:00Z"],
            ("2020-01-01 22:00:00", "5min"),
        ),
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


@pytest.mark.parametrize(
    "dates", [["a", "b", "c"], ["1-01", "1-02", "1-03"], ["1", "2", "3"], ["Mon", "Tue", "Wed"]]
)
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
    # With the next year there is one way left in which they continue in equal steps.
    assert steps(rows([*firsts, "01/01/1750"])) == ("1749-01", "M")
    assert "may have the day or the month first" in refusal(
        rows(["01/02/1749", "03/05/1749", "04/04/1750"])
    )


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (["1749-01", "1749-02", "1749-02", "1749-03"], "line 4: 1749-02 comes a second time."),
        (["1749-01-01", "1749-01-02", "1749-01-02"], "line 4: 1749-01-02 comes a second time."),
        (
            ["1749-02", "1749-01", "1749-03"],
            "line 3: 1749-01 comes after 1749-02: the dates are not in order.",
        ),
        (
            ["1749-03", "1749-02", "1749-02"],
            "line 3: 1749-02 comes after 1749-03: the dates are not in order.",
        ),
        (
            ["1749-05", "1749-04", "1749-02", "1749-01"],
            "line 3: 1749-04 comes after 1749-02: 1749-03 is missing.",
        ),
        (
            ["1749-01", "1749-02", "1749-04", "1749-05"],
            "line 4: 1749-04 comes after 1749-02: 1749-03 is missing.",
        ),
        (
            ["1749-01-31", "1749-02-28", "1749-04-30", "1749-05-31"],
            "1749-04-30 comes after 1749-02-28: 1749-03 is",
        ),
        (
            ["2020-01-03", "2020-01-04", "2020-01-06", "2020-01-07"],
            "2020-01-04: 2020-01-05 is missing.",
        ),
        (["1749-01", "1749-02", "1749-13", "1749-04"], "line 4: '1749-13' is not a date."),
        (["1749-01-31", "1749-02-30", "1749-03-31"], "line 3: '1749-02-30' is not a date."),
        (["1749-01", "1749-02", "later", "1749-04"], "line 4: 'later' is not a date."),
        (["1749-01", "1749-02", "", "1749-04"], "line 4: '' is not a date."),
        (
            ["2020-01-01 10:00", "2020-01-01 25:00", "2020-01-01 12:00"],
            "line 3: '2020-01-01 25:00' is not a date.",
        ),
        (
            ["2020-01-01", "2020-01-05", "2020-01-06", "2020-03-01"],
            "line 4: the dates are not one step apart: 4 days between 2020-01-01 and 2020-01-05, "
            "1 day between 2020-01-05 and 2020-01-06. ",
        ),
        (["31/01/1749", "30/02/1749", "31/03/1749"], "line 3: '30/02/1749' is not a date."),
    ],
)
def test_dates_that_do_not_go_on_are_refused_with_their_line(dates: list[str], words: str) -> None:
    assert words in refusal(rows(dates))


def test_dates_of_rows_that_are_left_out_do_not_matter() -> None:
    assert steps("Month,v\nlater,\n1749-02,5\n1749-03,6\n1749-04,7\n,NA\n") == ("1749-02", "M")
