"""Damaged tables, and cells that are hardly numbers: read without a loss, or refused with advice
that works.
"""

import shlex

import pytest
from helpers.series_tables import read, refusal
from hypothesis import given
from hypothesis import strategies as st

from engine.data.series_table import Reading
from engine.data.table import looks_like_table
from engine.errors import UsageError
from engine.trials.data_options import (
    SeriesReading,
    describe_options,
    format_option,
    parse_series_reading,
)


def month(n: int) -> str:
    return f"{2001 + n // 12}-{n % 12 + 1:02}"


def column(*cells: str) -> str:
    return "Month\tv\n" + "".join(f"{month(n)}\t{cell}\n" for n, cell in enumerate(cells))


def read_or_refusal(
    text: str, chosen: str | None = None, **options: str
) -> tuple[Reading | None, str]:
    """Return the series of a table; None, and what is said, if it is refused."""
    try:
        return read(text, chosen, **options), ""
    except UsageError as error:
        return None, str(error)


# Quotation marks that are not closed, or in another line.


def with_notes(notes: dict[int, str], n: int = 60) -> str:
    return "date,value,note\n" + "".join(
        f"{month(at)},{5 + at % 7}.5,{notes.get(at, 'x')}\n" for at in range(n)
    )


OPENS = "a quotation mark opens a cell that continues over line {row}, a row of its own."
REMEDY = "Remove that mark, or close it in its line."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (with_notes({20: '"approx'}), 22),
        (with_notes({50: '"approx', 51: '7"'}), 52),
        (with_notes({20: '"approx', 50: 'pipe"'}), 22),
        (with_notes({20: '"6 pipe', 50: '"6 pipe'}), 22),
        (with_notes({20: '"6 pipe', 21: '"6 pipe'}), 22),
        ('date,value,note\n2001-01,5.2,\n2001-02,5.3,"6 pipe\n2001-03,5.4,\n2001-04,5.5,\n', 3),
        ('date,value,note\n2001-01,5.2,\n2001-02,"5.3,\n2001-03,5.4,\n2001-04,5.5,\n', 3),
        ('date,value,note\n2001-01,5.2,\n"2001-02,5.3,\n2001-03,5.4,\n2001-04,5.5,\n', 3),
        ('date;value\n2001-01;5,2\n2001-02;"5,3\n2001-03;5,4\n2001-04;5,5\n', 3),
        (
            'place,date,value\nKew,2001-01,5\nKew,2001-02,"6\nKew,2001-03,7\nKew,2001-04,8"\nKew,2001-05,8\n',
            3,
        ),
    ],
)
def test_a_quotation_mark_that_would_swallow_lines_is_named(text: str, line: int) -> None:
    assert refusal(text) == f"f.csv, line {line}: {OPENS.format(row=line + 1)} {REMEDY}"
    assert looks_like_table(text.encode())
    # What it says works.
    lines = text.splitlines()
    closed = "\n".join([*lines[: line - 1], lines[line - 1].replace('"', ""), *lines[line:]])
    assert '"' in closed or len(read(closed, "value").values) == len(lines) - 1


def test_a_quotation_mark_in_the_last_line_is_named_too() -> None:
    text = with_notes({59: '"approx'})
    assert (
        refusal(text)
        == f"f.csv, line 61: a quotation mark opens a cell that does not end. {REMEDY}"
    )


def test_the_line_is_that_of_the_mark_and_not_of_the_row() -> None:
    text = 'date,note,value,more\n2001-01,x,5,\n2001-02,"one\ntwo",6,"approx\n2001-03,x,7,\n2001-04,x,8,y"\n'  # noqa: E501
    assert "line 4: a quotation mark opens a cell that continues over line 5" in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        with_notes({20: '"first\nsecond"', 30: '"one, two\nthree"'}),
        with_notes({20: '"first\nsecond, 5"'}),
        with_notes({0: '"3"', 20: '6" pipe', 30: '"a ""b"" c"'}),
        with_notes({}).replace("value,note", '"value\n(mm)",note'),
        with_notes({}).replace("2001-05,", '"2001-05",').replace(",6.5", ',"6.5"'),
    ],
)
def test_quoted_cells_over_several_lines_are_read(text: str) -> None:
    assert len(read(text).values) == 60


@given(
    st.integers(8, 30),
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 12)), min_size=1, max_size=3),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["", "x", "6 pipe"]),
)
def test_stray_quotation_marks_take_no_lines(
    n: int, strays: list[tuple[int, int]], separator: str, note: str
) -> None:
    lines = [separator.join((month(at), f"{5 + 7 * at % 11}.5", note)) for at in range(n)]
    for at, position in strays:
        line = lines[at % n]
        lines[at % n] = line[:position] + '"' + line[position:]
    text = "\n".join([separator.join(("date", "value", "note")), *lines]) + "\n"
    # Not by their dates: a line that is gone would be a gap in them.
    reading, said = read_or_refusal(text, "value", steps="count")
    if reading is None:
        assert said.startswith("f.csv, line ")
    else:
        assert reading.values == tuple(5 + 7 * at % 11 + 0.5 for at in range(n))


# Points that may stand between thousands.


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (("987", "1.023", "998", "1.041", "1.112", "954", "1.003"), 3),
        (("1.023", "87", "998"), 2),
        (("1.023", "-87", "12"), 2),
        (("€ 987", "€ 1.023", "€ 998"), 3),
    ],
)
def test_whole_numbers_far_greater_than_those_with_a_point_raise_a_doubt(
    cells: tuple[str, ...], first: int
) -> None:
    said = refusal(column(*cells))
    assert f"line {first}: '" in said
    assert said.endswith(
        "may have a decimal point or thousands. Say which: --decimal . or --thousands ."
    )
    assert max(read(column(*cells), thousands=".").values) >= 998
    assert read(column(*cells), decimal=".").values[0] < 1000


@pytest.mark.parametrize(
    "cells",
    [
        ("1.023", "2.5", "998"),
        ("1.023", "2.541", "3"),
        ("0.023", "0.541", "98"),
        ("0", "1.023", "2.541"),
    ],
)
def test_numbers_that_have_a_decimal_point_for_all_that_they_look_like_raise_none(
    cells: tuple[str, ...],
) -> None:
    assert read(column(*cells)).values == tuple(map(float, cells))


@given(
    st.lists(st.integers(1, 99_999), min_size=3, max_size=40).filter(
        lambda sold: max(sold) > 999 > min(sold)
    )
)
def test_thousands_are_never_taken_for_ones_beside_hundreds(sold: list[int]) -> None:
    cells = [f"{value:,}".replace(",", ".") for value in sold]
    assert read(column(*cells), thousands=".").values == tuple(map(float, sold))
    reading, said = read_or_refusal(column(*cells))
    if reading is None:
        assert said.endswith("--thousands .")
    else:
        # Read as decimals, none of the whole numbers is far away from these.
        assert reading.values == tuple(map(float, cells))
        pointed = max(
            value for value, cell in zip(reading.values, cells, strict=True) if "." in cell
        )
        assert all(value <= 10 * pointed for value in reading.values)


# Numbers in other writings.


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        (
            ("kr 580", "kr 1580.5", "kr 3"),
            (580.0, 1580.5, 3.0),
            "kr beside the numbers is left out.",
        ),
        (("S/ 15.80", "S/ 16.2"), (15.8, 16.2), "S/ beside the numbers is left out."),
        (("zł 5", "zł 6"), (5.0, 6.0), "zł beside the numbers is left out."),
        (
            ("₹1,00,000", "₹12,34,567"),
            (100_000.0, 1_234_567.0),
            "₹ beside the numbers is left out.",
        ),
        (
            ("(1,234.5)", "1,300.2", "(12)"),
            (-1234.5, 1300.2, -12.0),
            "2 numbers in parentheses are read as negative.",
        ),
        (("(5)", "6", "7"), (-5.0, 6.0, 7.0), "1 number in parentheses is read as negative."),
        (("１２", "１３．５"), (12.0, 13.5), ""),
        (("٣", "٤"), (3.0, 4.0), ""),
    ],
)
def test_more_ways_to_write_numbers(
    cells: tuple[str, ...], values: tuple[float, ...], note: str
) -> None:
    reading = read(column(*cells))
    assert reading.values == values
    assert reading.notes == ((f"f.csv: {note}",) if note else ())


@given(st.lists(st.integers(-99_999_999, 99_999_999), min_size=2, max_size=12))
def test_numbers_in_india_s_groups(values: list[int]) -> None:
    def written(value: int) -> str:
        digits = str(abs(value))
        head, tail = digits[:-3], digits[-3:]
        groups = [head[max(0, at - 2) : at] for at in range(len(head), 0, -2)][::-1]
        return "-" * (value < 0) + ",".join([*groups, tail])

    assert read(column(*map(written, values)), thousands=",").values == tuple(map(float, values))


@pytest.mark.parametrize("cell", ["Q5.10", "ca. 5", "5 ↑", "'5", "10:30", "1/2", "=5"])
def test_a_cell_is_named_where_no_column_has_numbers(cell: str) -> None:
    assert refusal(column(cell, cell, cell)).startswith(
        f"f.csv has no column of numbers: {cell!r} in line 2 is not a number."
    )
    assert "in line 3 is not a number" in refusal(column("NA", cell, cell))


def test_a_semicolon_at_the_end_of_cells_is_named() -> None:
    assert "'5;' in line 2 is not a number" in refusal("Month,v\n2001-01,5;\n2001-02,6;\n")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            ("1.2M", "950K", "1.1M"),
            "line 3: '950K' has a different unit from the numbers before it. Write all in one unit",
        ),
        (
            ("5 kg", "500 g", "6 kg"),
            "line 3: '500 g' has a different unit from the numbers before it.",
        ),
        (("$5", "€6", "$7"), "line 3: '€6' has a different unit"),
        (
            ("0x1F", "0x2F", "0x3F"),
            "line 2: '0x1F' is not a number. Most cells of the column are not numbers: take "
            "another column",
        ),
        (
            ("1_580", "1_626", "980"),
            "line 2: '1_580' is not a number. It is one with --thousands _.",
        ),
    ],
)
def test_the_advice_fits_the_cell(cells: tuple[str, ...], words: str) -> None:
    assert words in refusal(column(*cells))


def test_an_option_that_keeps_numbers_from_being_read_is_named() -> None:
    text = column("1.580", "1.626", "2.5")
    said = refusal(text, decimal=",")
    assert said.endswith(
        "line 4: '2.5' is not a number. It is one with other marks: leave out --decimal ,."
    )
    assert read(text).values == (1.58, 1.626, 2.5)


# Words in the place of a value.


@pytest.mark.parametrize(
    "word", ["<NA>", "n.a.", "\\N", "#VALUE!", "#DIV/0!", "missing", "Missing", "no data", "k.A."]
)
def test_usual_words_are_read_as_missing_and_said(word: str) -> None:
    reading = read(column(word, "5", "6", word))
    assert reading.values == (5.0, 6.0)
    assert reading.notes[0] == f"f.csv: {word!r} is read as a missing value, 2 times."
    assert f"line 3: {word!r} is read as a missing value." in refusal(column("5", word, "6"))
    filled = read(column("5", word, "6"), gaps="linear")
    assert (filled.values, filled.filled) == ((5.0, 5.5, 6.0), (1,))


@pytest.mark.parametrize("word", ["T", "inf", "trace", "out of order", "*", "below limit"])
def test_other_words_are_missing_values_if_one_says_so(word: str) -> None:
    text = column("5", "6", word, "7", word)
    said = refusal(text)
    assert "line 4: " in said
    advised = shlex.split(said.partition("missing value: ")[2])
    assert advised == [f"--missing={word}"]
    missing = (advised[0].partition("=")[2],)
    assert "line 4: the value is missing." in refusal(text, missing=missing)
    assert read(text, missing=missing, gaps="linear").values == (5.0, 6.0, 6.5, 7.0)
    # In capitals or not.
    assert read(text, missing=(word.upper(),), gaps="linear").values == (5.0, 6.0, 6.5, 7.0)


def test_a_column_mostly_of_a_word_that_stands_for_missing_is_one_of_numbers() -> None:
    text = "Month,place,v\n" + "".join(
        f"{month(n)},Kew,{n % 7 if n > 8 else 'gap'}\n" for n in range(14)
    )
    assert refusal(text).startswith("f.csv has no column of numbers.")
    assert read(text, missing=("gap",)).values == (2.0, 3.0, 4.0, 5.0, 6.0)


def test_a_word_that_is_not_there_is_said() -> None:
    note = "f.csv: no value is n.b., which was given as a missing value."
    assert read(column("5", "6"), missing=("n.b.",)).notes == (note,)


def test_numbers_and_words_are_told_apart_and_kept_as_they_are() -> None:
    reading = SeriesReading.model_validate({"missing": '-9999 n.a.; "no data" 99,9 1e20'})
    assert reading.missing == (-9999.0, "n.a.", "no data", "99,9", 1e20)
    assert describe_options(reading) == 'missing -9999 n.a. "no data" 99,9 1e+20'
    assert SeriesReading.model_validate_json(reading.model_dump_json()) == reading
    # As trials were written that know numbers alone.
    assert SeriesReading.model_validate_json('{"missing": [-9999.0, 5]}').missing == (-9999.0, 5.0)


@pytest.mark.parametrize(
    "value", ["", '""', ("",), ("x" * 41,), ('a"b',), ("\x1b",), tuple(map(str, range(21)))]
)
def test_what_can_not_stand_for_a_missing_value(value: object) -> None:
    if value == "":
        assert parse_series_reading({"missing": value}).missing == ()
        return
    with pytest.raises(UsageError, match="must be numbers or words that stand for a missing value"):
        parse_series_reading({"missing": value})


WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters='"'), min_size=1, max_size=12
).filter(str.isprintable)


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False) | WORDS.filter(str.strip), max_size=6)
)
def test_what_is_written_for_missing_values_is_read_as_the_same(missing: list[float | str]) -> None:
    reading = parse_series_reading({"missing": tuple(missing)})
    assert parse_series_reading({"missing": format_option(reading.missing)}) == reading


# Lines below the series.


@pytest.mark.parametrize(
    "label", ["Total", "TOTAL", "Sum", "Mean:", "Suma", "Summe", "Grand total", "Whole year"]
)
@pytest.mark.parametrize("steps", ["dates", "count"])
def test_a_line_below_the_series_is_left_out_and_said(label: str, steps: str) -> None:
    reading = read(f"Month,v\n2001-01,5\n2001-02,6\n2001-03,7\n{label},18\n", steps=steps)
    assert reading.values == (5.0, 6.0, 7.0)
    assert reading.notes[0] == f"f.csv: line 5, below the series, is left out ({label} 18)."


def test_several_lines_below_the_series() -> None:
    text = "Year;Month;v\n2001;1;5\n2001;2;6\n2001;3;7\nTotal;;18\nSource;;the office\n"
    reading = read(text)
    assert (reading.values, reading.steps) == ((5.0, 6.0, 7.0), ("2001-01", "M"))
    assert reading.notes == (
        "f.csv: lines 5, 6, below the series, are left out (Total 18 Source the office).",
    )


def test_a_total_below_lines_without_dates() -> None:
    reading = read("place,v\na,5\nb,6\nc,7\nTotal,18\n")
    assert reading.values == (5.0, 6.0, 7.0)


@pytest.mark.parametrize("last", ["2001-13,8", "Mrz 2001,8", ",8", "?,8"])
def test_a_mistaken_date_in_the_last_line_is_none_of_them(last: str) -> None:
    assert "line 5: " in refusal(f"Month,v\n2001-01,5\n2001-02,6\n2001-03,7\n{last}\n")


# Other layouts.


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5 6 7 8 4 3\n", (5.0, 6.0, 7.0, 8.0, 4.0, 3.0)),
        ("5,6.5,7", (5.0, 6.5, 7.0)),
        ("5;6,5;7\n", (5.0, 6.5, 7.0)),
        ("2001 2003 1999 2004 2007 2001 2002 2001 2005 2006 2001\n", (2001.0, 2003.0)),
    ],
)
def test_one_line_of_numbers_is_a_series(text: str, values: tuple[float, ...]) -> None:
    reading = read(text)
    assert reading.values[: len(values)] == values
    assert reading.steps is None
    assert reading.notes == ("f.csv: the numbers of line 1 are read one after the other.",)


def test_one_line_with_a_date_is_a_row() -> None:
    assert refusal("2001 1 58\n").startswith("f.csv has several columns of numbers: 2 –, 3 –.")
    assert read("2001-01,58\n").steps == ("2001-01", "M")


@pytest.mark.parametrize(
    "comments",
    ["% source\n% more, and more\n", "% source\n", "// source\n", "! source\n! more\n", "%\n% 5\n"],
)
def test_comments_of_other_programs(comments: str) -> None:
    for separator in (" ", ",", ";"):
        rows = "".join(f"{month(n)}{separator}{7 * n % 11}\n" for n in range(24))
        reading = read(comments + rows)
        assert (len(reading.values), reading.heading, reading.steps) == (24, "", ("2001-01", "M"))


def test_a_heading_may_begin_with_a_percent_sign() -> None:
    assert read("% change,Year\n5,2001\n7,2002\n9,2003\n").heading == "% change"


@given(st.text('5 67,;.-%!/#x"\n', max_size=60))
def test_whatever_the_comments_and_quotes_lines_are_numbers_or_a_sentence(text: str) -> None:
    reading, said = read_or_refusal(text)
    assert said.isprintable() if reading is None else reading.values
