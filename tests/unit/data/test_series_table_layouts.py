"""Layouts of tables: what separates, how many rows have headings, a column a month, SILSO's
files.
"""

import pytest
from helpers.series_tables import ENGLISH, SPANISH, read, refusal

from engine.data.table import looks_like_table

MONTHS = [name[:3] for name in ENGLISH]
VALUES = tuple(n + 0.5 for n in range(48))
LATEST_FIRST = "f.csv: the latest values come first; they are reversed."


# Separators: a space separates only where there is one outside quotes.


@pytest.mark.parametrize(
    "first",
    ['"1949-01"', '"Jan 1949"', "Jan 1949", '"January 1, 1949"', "1949-01-01 00:00:00+01:00"],
)
def test_a_first_field_that_is_quoted_or_has_spaces_beside_a_bare_number(first: str) -> None:
    cells = [
        first.replace("1949-01", f"1949-{n:02}", 1).replace("Jan", MONTHS[n - 1], 1)
        for n in range(1, 7)
    ]
    if "January" in first:
        cells = [first.replace("January", MONTHS[n - 1]) for n in range(1, 7)]
    reading = read(
        '"Month","Passengers"\n' + "".join(f"{cell},{112 + n}\n" for n, cell in enumerate(cells))
    )
    assert reading.values == tuple(range(112, 118))
    assert reading.steps in (("1949-01", "M"), ("1949-01-01 00:00:00", "M"))


def test_what_r_writes() -> None:
    body = [f'"{n + 1}",{58 + n * 7 % 5}' for n in range(144)]
    reading = read('"","x"\n' + "\n".join(body))
    assert (len(reading.values), reading.steps, reading.column, reading.heading) == (
        144,
        None,
        2,
        "x",
    )
    # write.table: no heading over the names of the rows.
    reading = read('"x"\n' + "\n".join(body).replace(",", " "))
    assert (len(reading.values), reading.steps, reading.column, reading.heading) == (
        144,
        None,
        2,
        "x",
    )
    # A row's name and a number of three digits are not one number.
    assert read("x\n" + "".join(f"{n + 1} {112 + 7 * n % 50}\n" for n in range(60))).values[:2] == (
        112,
        119,
    )
    reading = read('"date"\t"x"\n"1"\t"1949-01"\t58\n"2"\t"1949-02"\t63\n"3"\t"1949-03"\t70\n')
    assert (reading.values, reading.steps, reading.column) == ((58, 63, 70), ("1949-01", "M"), 3)


def test_quoted_spaces_separate_nothing() -> None:
    assert read('"New York" 5.5\n"Los Angeles" 6.5\n"San Jose" 7.5\n').values == (5.5, 6.5, 7.5)
    assert read('"a 5","6.5"\n"b 7","8.5"\n"c 9","1.5"\n').values == (6.5, 8.5, 1.5)


# Heading rows.


def test_three_heading_rows() -> None:
    text = (
        "Price,Close,High,Volume\nTicker,ABC,ABC,ABC\nDate,,,\n"
        "2019-01-02,105.8,106.8,1000000\n2019-01-03,106.2,107.2,1000037\n2019-01-04,107.0,108.0,1000074\n"
        "2019-01-07,105.5,106.5,1000111\n"
    )
    for column in ("Close", "2"):
        reading = read(text, column)
        assert (reading.values, reading.steps, reading.heading) == (
            (105.8, 106.2, 107.0, 105.5),
            ("2019-01-02", "B"),
            "Close",
        )
        assert reading.notes == (
            "f.csv: lines 2, 3 are left out as further headings or units (Ticker ABC Date).",
        )
    assert "several columns of numbers: 2 Close, 3 High, 4 Volume." in refusal(text)


def test_heading_rows_that_name_columns_together() -> None:
    text = "Price,Close,Close,High\nTicker,ABC,XYZ,ABC\nDate,,,\n2019-01-02,1,2,3\n2019-01-03,2,5,4\n2019-01-04,4,3,1\n"  # noqa: E501
    reading = read(text, "Close XYZ")
    assert (reading.values, reading.column, reading.heading) == ((2, 5, 3), 3, "Close XYZ")
    assert "Its columns are 1 Price, 2 Close ABC, 3 Close XYZ, 4 High." in refusal(text, "Open")


@pytest.mark.parametrize("units", [",mm", "(UTC),(mm)", "-,m3/s", "YYYY-MM,°C", ",%"])
def test_a_row_of_units(units: str) -> None:
    reading = read(f"Date,Rain\n{units}\n2024-01,5\n2024-02,7\n2024-03,9\n")
    assert (reading.values, reading.steps, reading.heading) == ((5, 7, 9), ("2024-01", "M"), "Rain")
    shown = " ".join(cell for cell in units.split(",") if cell)
    assert reading.notes == (f"f.csv: line 2 is left out as further headings or units ({shown}).",)


def test_a_damaged_first_line_is_no_row_of_units() -> None:
    assert "line 2: 'x' is not a number." in refusal("Date,v\n2024-01,x\n2024-02,7\n2024-03,9\n")
    assert "line 2: 'x' is not a number." in refusal("Station,v\nKew,x\nKew,7\nKew,9\n")
    assert "line 2: '5x5' is not a number." in refusal("v\n5x5\n7\n9\n")


def test_a_table_without_headings_whose_first_line_has_words() -> None:
    assert read("".join(f"{1949 + n},Kew,{n * 7 % 5}.5\n" for n in range(9)), "3").steps == (
        "1949-01",
        "Y",
    )


# A column a month.


def wide(
    headings: list[str], years: list[int], values: tuple[float, ...] = VALUES, separator: str = ","
) -> str:
    """Write a row a year of twelve values each."""
    first = min(years)
    lines = [separator.join(headings)]
    lines += [
        separator.join(
            [str(year), *map(str, values[12 * (year - first) : 12 * (year - first) + 12])]
        )
        for year in years
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "headings",
    [
        ["Year", *MONTHS],
        ["", *MONTHS],
        ["YEAR", *map(str.upper, MONTHS)],
        ["Año", *SPANISH],
        ["Año", *(month[:3] for month in SPANISH)],
        ["Year", *map(str, range(1, 13))],
        ["", *map(str, range(1, 13))],
        ["yr", *(f"{n:02}" for n in range(1, 13))],
        ["x", *(f"M{n}" for n in range(1, 13))],
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_column_a_month(headings: list[str], separator: str) -> None:
    reading = read(wide(headings, [1900, 1901, 1902, 1903], separator=separator))
    assert (reading.values, reading.steps, reading.column) == (VALUES, ("1900-01", "M"), None)
    assert reading.notes == ("f.csv: each line is a year, its columns in order: 4 years.",)


def test_years_that_go_backwards() -> None:
    reading = read(wide(["Year", *MONTHS], [1903, 1902, 1901, 1900]))
    assert (reading.values, reading.steps) == (VALUES, ("1900-01", "M"))
    assert reading.notes == (
        "f.csv: each line is a year, its columns in order: 4 years.",
        LATEST_FIRST,
    )


def test_columns_beside_the_months_are_left_out() -> None:
    text = wide(["Year", *MONTHS], [1900, 1901, 1902, 1903])
    lines = text.splitlines()
    text = "\n".join([lines[0] + ",Annual,D-N,DJF", *(line + ",5.5,***,7" for line in lines[1:])])
    reading = read(text)
    assert reading.values == VALUES
    assert reading.notes == (
        "f.csv: each line is a year, its columns in order: 4 years.",
        "f.csv: columns Annual, DJF are left out.",
    )
    text = "\n".join(["Station," + lines[0], *("Kew," + line for line in lines[1:])])
    assert read(text).notes[1] == "f.csv: column Station is left out."


@pytest.mark.parametrize("missing", ["", "NA", "***", ":"])
def test_months_that_are_not_there_yet(missing: str) -> None:
    text = (
        wide(["Year", *MONTHS], [1900, 1901, 1902, 1903]).rstrip("\n").rsplit(",", 7)[0]
        + f",{missing}" * 7
    )
    reading = read(text.replace("0.5,1.5,", f"{missing},{missing},", 1))
    assert (reading.values, reading.steps) == (VALUES[2:-7], ("1900-03", "M"))
    assert reading.notes[1] == "f.csv: the first 2 values are missing and left out."
    assert reading.notes_of_end == ("f.csv: the last 7 values are missing and left out.",)


def test_a_month_that_is_missing_or_no_number_is_named_with_its_column() -> None:
    text = wide(["Year", *MONTHS], [1900, 1901, 1902, 1903])
    assert "f.csv, line 3, Mar: the value is missing." in refusal(text.replace(",14.5,", ",,"))
    assert "f.csv, line 3, Mar: 'x' is not a number." in refusal(text.replace(",14.5,", ",x,"))


def test_a_year_that_is_missing_is_named() -> None:
    years = [1900, 1901, *range(1903, 1915)]
    text = wide(["Year", *MONTHS], years, tuple(n + 0.5 for n in range(12 * 15)))
    assert "f.csv, line 4, Jan: 1903-01 comes after 1901-12: 1902-01 is missing." in refusal(text)


def test_rows_that_are_no_years_are_left_out() -> None:
    text = wide(["Year", *MONTHS], [1900, 1901, 1902, 1903]) + "Mean," + ",".join(["5.5"] * 12)
    reading = read(text)
    assert reading.values == VALUES
    assert "f.csv: line 6 (Mean) is left out." in reading.notes


def test_one_of_the_columns_on_request() -> None:
    reading = read(wide(["Year", *MONTHS], [1900, 1901, 1902, 1903]), "Dec")
    assert (reading.values, reading.column, reading.steps) == (VALUES[11::12], 13, ("1900-01", "Y"))


def test_a_column_a_quarter() -> None:
    text = "Year;Q1;Q2;Q3;Q4\n2001;1;2;3;4\n2002;2;3;4;5\n2003;5;4;3;\n"
    reading = read(text)
    assert (reading.values, reading.steps) == ((1, 2, 3, 4, 2, 3, 4, 5, 5, 4, 3), ("2001-01", "Q"))


def test_a_column_a_year() -> None:
    body = "".join(
        f'"{month.upper()}",  {340 + n},  {360 + n},  {417 + n}\n' for n, month in enumerate(MONTHS)
    )
    reading = read('"Month", "1958", "1959", "1960"\n' + body)
    assert reading.values == (*range(340, 352), *range(360, 372), *range(417, 429))
    assert (reading.steps, reading.notes) == (
        ("1958-01", "M"),
        ("f.csv: each column is a year, its lines in order: 3 years.",),
    )


def test_a_column_a_month_without_headings() -> None:
    text = "".join(
        f" {1950 + year}" + "".join(f"{VALUES[12 * year + n]:7.2f}" for n in range(12)) + "\n"
        for year in range(4)
    )
    reading = read(text)
    assert (reading.values, reading.steps) == (VALUES, ("1950-01", "M"))
    assert reading.notes == ("f.csv: each line is a year, its columns in order: 4 years.",)
    assert "line 2, 3: 'x' is not a number." in refusal(text.replace("  14.50", "      x"))


@pytest.mark.parametrize(
    ("headings", "steps"),
    [
        (["1960", "1961", "1962", "1963"], ("1960-01", "Y")),
        (["2024-01 ", "2024-02 ", "2024-03 ", "2024-04 "], ("2024-01", "M")),
        (["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"], ("2023-07", "Q")),
        (["2024-04", "2024-03", "2024-02", "2024-01"], ("2024-01", "M")),
    ],
)
def test_a_column_a_date(headings: list[str], steps: tuple[str, str]) -> None:
    head = "Country\tCode\t" + "\t".join(headings)
    reading = read(f"{head}\nSpain\tESP\t5.5\t7\t6\t9\n")
    is_backwards = headings[0] > headings[1]
    assert list(reading.values) == ([9, 6, 7, 5.5] if is_backwards else [5.5, 7, 6, 9])
    assert (reading.steps, reading.column) == (steps, None)
    assert reading.notes == (
        "f.csv: columns Country, Code are left out.",
        *([LATEST_FIRST] if is_backwards else []),
    )
    said = refusal(f"{head}\nSpain\tESP\t5.5\t7\t6\t9\nFrance\tFRA\t5.5\t7\t6\t8\n")
    assert said.startswith("f.csv: each column is a date, and each line a series.")


def test_columns_that_go_up_evenly_are_no_series() -> None:
    lines = [f"{1974 + n / 52:.6f},{7 * n % 50}.5" for n in range(100)]
    reading = read("time,value\n" + "\n".join(lines))
    assert (reading.column, reading.steps) == (2, None)
    assert "'1974.000000' is not read as a date; steps are counted." in reading.notes[0]
    assert (
        read("t,v\n" + "".join(f"{1577836800 + 3600 * n},{7 * n % 50}\n" for n in range(50))).column
        == 2
    )
    # Only that.
    text = "a,b\n" + "".join(f"{100 + 30 * n + n % 2},{7 * n % 50}\n" for n in range(50))
    assert "several columns of numbers: 1 a, 2 b." in refusal(text)


def test_yearly_means_among_the_months_of_a_statistics_office() -> None:
    lines = [f"{1949 + n // 13},M{n % 13 + 1:02},{7 * n % 5}.5" for n in range(30)]
    reading = read("Year,Period,Value\n" + "\n".join(lines))
    assert (len(reading.values), reading.steps) == (28, ("1949-01", "M"))
    assert reading.notes == ("f.csv: the values of whole years (M13) in 2 lines are left out.",)


# SILSO's files.


def silso_text(n: int, dates: str, stars: int = 0, missing: tuple[int, ...] = ()) -> str:
    """Write SILSO's text layout: spaces, and a star after the lines whose values are
    provisional.
    """
    lines = []
    for at in range(n):
        year, month = 1949 + at // 12, at % 12 + 1
        when = dates.format(
            year=year,
            month=month,
            day=at + 1,
            decimal=year + (month - 0.5) / 12,
            of_day=1818 + at / 365,
        )
        mean = -1.0 if at in missing else 50.5 + at
        lines.append(f"{when}  {mean:5.1f}  -1.0    -1 {'*' if at >= n - stars else ' '}\n")
    return "".join(lines)


@pytest.mark.parametrize(
    ("dates", "steps", "column"),
    [
        ("{year} {month:02} {decimal:8.3f}", ("1949-01", "M"), 4),
        ("1818 01 {day:02} {of_day:8.3f}", ("1818-01-01", "D"), 5),
    ],
)
@pytest.mark.parametrize("stars", [0, 1, 5, 30])
def test_silso_s_text_layouts(dates: str, steps: tuple[str, str], column: int, stars: int) -> None:
    reading = read(silso_text(30, dates, stars))
    assert reading.values == tuple(50.5 + n for n in range(30))
    assert (reading.steps, reading.column, reading.heading) == (steps, column, "sunspots")
    said = {0: (), 1: ("f.csv: the last value is provisional.",)}
    assert reading.notes_of_end == said.get(
        stars, (f"f.csv: the last {stars} values are provisional.",)
    )
    assert reading.notes == ()


def test_silso_s_yearly_files() -> None:
    text = "".join(
        f"{1700 + n}.5 {60.5 + n:6.1f} -1.0 -1 {'*' if n > 27 else ''}\n" for n in range(30)
    )
    for content in (
        text,
        "".join(f"{1700 + n}.5;{60.5 + n:6.1f};-1.0;-1;{int(n < 28)}\n" for n in range(30)),
    ):
        reading = read(content)
        assert (reading.steps, reading.column, len(reading.values)) == (("1700-07", "Y"), 2, 30)
        assert reading.notes_of_end == ("f.csv: the last 2 values are provisional.",)


@pytest.mark.parametrize("separator", [" ", ";"])
def test_minus_one_is_missing_in_silso_s_daily_files(separator: str) -> None:
    text = silso_text(30, "1818 01 {day:02} {of_day:8.3f}", 3, missing=(0, 1, 29))
    text = "\n".join(separator.join(line.split()) for line in text.splitlines())
    if separator == ";":
        text = "\n".join(
            line[:-1] + "0" if line.endswith("*") else line + ";1" for line in text.splitlines()
        )
    reading = read(text)
    assert (len(reading.values), reading.steps) == (27, ("1818-01-03", "D"))
    assert reading.notes == ("f.csv: the first 2 values are missing and left out.",)
    assert reading.notes_of_end == (
        "f.csv: the last value is missing and left out.",
        "f.csv: the last 2 values are provisional.",
    )


def test_a_day_without_observations_is_named_in_silso_s_file() -> None:
    assert "line 12: '-1.0' is read as a missing value." in refusal(
        silso_text(30, "1818 01 {day:02} {of_day:8.3f}", missing=(11,))
    )


# What tells them from prose.


@pytest.mark.parametrize(
    "text",
    [
        "Date,Rain\n,mm\n2024-01,5\n2024-02,7\n2024-03,9\n",
        "TIME\tvalue\n2024-01\t:\n2024-02\t5.1\n2024-03\t5.2 p\n",
        'Month,Price\n2024-01,"$1,580.00"\n2024-02,"$1,626.50"\n',
        "Year,Jan,Feb\n1900,5,6\n1901,7,8\n",
        "year,month,passengers\n1949,January,112\n1949,February,118\n",
        silso_text(10, "{year} {month:02} {decimal:8.3f}", 2),
    ],
)
def test_tables_are_told_from_prose(text: str) -> None:
    assert looks_like_table(text.encode())
