"""Lines above and below a table are left out, which is said; a row of the table that is damaged
never is.
"""

from datetime import date, timedelta

import pytest
from helpers.series_tables import ENGLISH, read, read_or_remedy, refusal, values
from hypothesis import given
from hypothesis import strategies as st

from engine.data.series_table import Reading

DAYS = [str(date(2020, 1, 1) + timedelta(k)) for k in range(30)]
TITLES = [
    "Consumer prices",
    "Source: the office, 2024",
    "Release date,17-01-2024",
    "Stand: 01.02.2024 / 12:00:00",
    "Category: All categories",
    "-BEGIN HEADER-",
    "-----------",
    "@RELATION prices",
    "Missing data are marked by ---",
    "Location: 4509E 2072N, 63 metres",
    "(C)opyright",
]


def body(separator: str, width: int) -> list[str]:
    rows = [["Date", "v", *["w"] * (width - 2)]]
    rows += [
        [day, value, *["5"] * (width - 2)] for day, value in zip(DAYS, values(30), strict=True)
    ]
    return [separator.join(row) for row in rows]


def check(reading: Reading) -> None:
    assert reading.steps == ("2020-01-01", "D")
    assert (reading.heading, reading.values) == ("v", tuple(map(float, values(30))))


@given(
    above=st.lists(st.sampled_from(TITLES), max_size=6),
    below=st.lists(st.sampled_from(TITLES), max_size=4),
    separator=st.sampled_from([";", "\t", "|", ",", "  "]),
    has_empty_line=st.booleans(),
)
def test_lines_above_and_below_a_table(
    above: list[str], below: list[str], separator: str, *, has_empty_line: bool
) -> None:
    empty = [""] * has_empty_line
    lines = [*above, *empty, *body(separator, 8), *empty, *below]
    reading = read("\n".join(lines) + "\n", "v")
    check(reading)
    said = " ".join(reading.notes)
    assert ("above the table" in said) == bool(above)
    assert ("below the table" in said) == bool(below)


def rows(form: str) -> str:
    return "".join(
        form.format(day, value) + "\n" for day, value in zip(DAYS, values(30), strict=True)
    )


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        (
            f"    day     | v \n------------+---\n{rows(' {} | {}')}(30 rows)\n",
            ["line 2, above", "line 33, below"],
        ),
        (
            f"+-----+---+\n| day | v |\n+-----+---+\n{rows('| {} | {} |')}+-----+---+\n30 rows in "
            f"set\n",
            ["lines 1, 3, above", "lines 34, 35, below"],
        ),
        (
            f"day         v\n----------- -----\n{rows('{}  {}')}\n(30 rows affected)\n",
            ["line 34, below"],
        ),
        (f'"day","v"\n{rows("{},{}")}\n30 rows selected.\n', ["line 33, below"]),
        (f"            v\ndate         \n{rows('{}  {}')}", ["line 2, above"]),
        (
            f"latitude,longitude,zone\n52.5,13.4,GMT\n\ntime,v\n{rows('{},{}')}",
            ["lines 1, 2, above"],
        ),
        (
            f"CubeId;devkum\nPublishingDate;2024-01-01 "
            f"09:00\n\nDate;D0;D1;v\n{rows('{};M0;EUR;{}')}",
            ["lines 1, 2, above"],
        ),
    ],
    ids=["psql", "mysql", "sqlcmd", "sqlplus", "pandas", "two tables", "a cube"],
)
def test_what_programs_and_offices_write_about_a_table(text: str, left_out: list[str]) -> None:
    reading = read(text)
    check(reading)
    for words in left_out:
        assert f"{words} the table," in " ".join(reading.notes)


def test_lines_of_two_cells_above_two_columns() -> None:
    above = (
        '"Title","Prices"\n"CDID","D7BT"\n"PreUnit",""\n"Release date","17-01-2024"\n"Next '
        'release",""\n'
    )
    reading = read(above + "".join(f'"{d}","{v}"\n' for d, v in zip(DAYS, values(30), strict=True)))
    assert (reading.steps, reading.heading) == (("2020-01-01", "D"), "Prices")
    assert reading.notes[0].startswith(
        "f.csv: lines 2, 3, 4, 5 are left out as further headings or units (CDID D7BT "
    )


def test_the_base_of_an_index_is_its_unit() -> None:
    reading = read(
        ";CPI\n;2020=100\n" + "".join(f"{d};{v}\n" for d, v in zip(DAYS, values(30), strict=True))
    )
    assert reading.heading == "CPI"


def test_a_table_with_a_row_and_many_columns_below_titles() -> None:
    years = [str(1960 + k) for k in range(30)]
    above = '"Data Source","Bank",\n\n"Updated","2024-01-01",\n\n'
    assert read(
        f'{above}"Country",{",".join(years)},\n"Chile",{",".join(values(30))},\n'
    ).steps == ("1960-01", "Y")


@given(
    at=st.sampled_from([1, 2, -2, -1]),
    separator=st.sampled_from([";", "\t", "|", ","]),
    label=st.sampled_from(["", "ABC", "Mon"]),
    other=st.sampled_from(["", "XYZ"]),
    keep=st.sampled_from([1, 2, 3]),
    has_title=st.booleans(),
)
def test_a_row_without_all_its_cells_is_never_left_out(
    at: int, separator: str, label: str, other: str, keep: int, *, has_title: bool
) -> None:
    rows = [line.split(separator) for line in body(separator, 4)]
    if label:
        rows = [["label" if n == 0 else label, *row] for n, row in enumerate(rows)]
    rows[at] = rows[at][: keep + bool(label)]
    if label and other:
        rows[at][0] = other
    lines = ["Prices"] * has_title + [separator.join(row) for row in rows]
    assert "the number of columns is" in refusal("\n".join(lines) + "\n", "v")


def test_a_number_alone_in_the_last_line_is_a_row_that_was_cut() -> None:
    assert "line 32: the number of columns is 1" in refusal(f"d v w\n{rows('{} {} 5')}51.6\n", "v")


@pytest.mark.parametrize("separator", [",", ";"])
def test_names_of_rows_have_no_heading(separator: str) -> None:
    lines = [
        f'"{n}"{separator}"{d}"{separator}{v}'
        for n, (d, v) in enumerate(zip(DAYS, values(30), strict=True), 1)
    ]
    check(read(f'"date"{separator}"v"\n' + "\n".join(lines) + "\n"))


@given(
    lines=st.lists(st.sampled_from([*TITLES, "1 2 3", "2020-01-01,5", "a,b", '"', "5"]), max_size=8)
)
def test_titles_alone_are_refused_in_a_sentence(lines: list[str]) -> None:
    read_or_remedy("\n".join(lines))


def test_headings_above_decimal_commas_are_no_title() -> None:
    said = refusal("date,v\n" + rows("{},{},5"))
    assert said == (
        "f.csv, line 1: the number of columns is 2; most lines have 3. "
        "Give each column a heading; decimal commas need semicolons between the columns, or quotes."
    )


def test_a_word_for_the_first_date_is_no_heading() -> None:
    assert "line 2: 'later' is not a date." in refusal(
        "Date,v\nlater,58\n2020-01-02,59\n2020-01-03,60\n"
    )


@pytest.mark.parametrize("word", ["Total", "ANNUAL", "Promedio", "M13"])
def test_values_of_whole_years_among_months_are_left_out(word: str) -> None:
    names = [*ENGLISH, word]
    lines = [f"{1990 + k // 13},{names[k % 13]},{k * 7 % 50}" for k in range(39)]
    reading = read("Year,Month,v\n" + "\n".join(lines) + "\n")
    assert (reading.steps, len(reading.values)) == (("1990-01", "M"), 36)
    assert reading.notes == (f"f.csv: the values of whole years ({word}) in 3 lines are left out.",)


def test_years_above_months_are_no_dates_to_be_counted() -> None:
    text = "Date,v\n" + "".join(f"{1990 + k},5\n" for k in range(3)) + rows("{},{}")
    assert refusal(text) == (
        "f.csv, line 2: 1990 is a year among months or days. "
        "Keep only the lines of one step: years, quarters and months are series of their own."
    )


@given(
    width=st.integers(3, 12),
    n=st.integers(25, 60),
    separator=st.sampled_from([" ", "  ", ",", ";", "\t"]),
)
def test_a_series_in_lines_of_several_numbers(width: int, n: int, separator: str) -> None:
    numbers = [f"{k * k * 37 % 101}.5" for k in range(n)]
    lines = [separator.join(numbers[at : at + width]) for at in range(0, n, width)]
    assert refusal("\n".join(lines) + "\n").endswith(
        "If all lines are one series, write each number on a line of its own: tr -s ' ,;\\t' "
        "'\\n' < FILE > NEW"
    )


def test_the_tables_of_noaas_laboratory_and_of_the_usgs() -> None:
    months = "".join(
        f" {1951 + year}"
        + "".join(f"  {(year * 12 + month) * 37 % 101 / 10:.2f}" for month in range(12))
        + "\n"
        for year in range(20)
    )
    reading = read(f"   1951        1970\n{months}  -99.99\n SOI\n  From the laboratory\n")
    assert (reading.steps, len(reading.values)) == (("1951-01", "M"), 240)
    assert "line 1, above the table, is left out (1951 1970)." in reading.notes[0]
    text = "# USGS\nagency\tsite_no\tdatetime\tv\tv_cd\n5s\t15s\t20d\t14n\t10s\n" + rows(
        "USGS\t01646500\t{}\t{}\tA"
    )
    check(read(text))


def test_a_sum_without_a_label_is_none_of_the_series() -> None:
    reading = read("date,v\n" + rows("{},{}") + "\n,123456\n")
    check(reading)
    assert reading.notes == ("f.csv: line 33, below the series, is left out (123456).",)


def test_lines_of_numbers_with_years_first_are_no_series_in_lines() -> None:
    said = refusal(
        "".join(f"{1951 + k} {k * k % 7}.5 {k * k % 5}.5\n" for k in range(9)) + "1960 5.5\n"
    )
    assert "write each number on a line" not in said
