"""Numbers with currencies, units, flags and marks between thousands, and the options that decide
what is open.
"""

import shlex
import subprocess

import pytest
from helpers.series_tables import read, refusal

from engine.data.numbers import is_number, read_numbers

MONTHS = ("2024-01", "2024-02", "2024-03")


def table(*cells: str) -> str:
    """Write a table of months and cells, which may have anything but semicolons in them."""
    return "Month;Price\n" + "".join(
        f"{month};{cell}\n" for month, cell in zip(MONTHS, cells, strict=False)
    )


@pytest.mark.parametrize(
    ("cells", "values", "beside"),
    [
        (("$1,580.00", "$1,626.50", "$1,700.00"), (1580.0, 1626.5, 1700.0), "$"),
        (("-$5.50", "$6", "+$7"), (-5.5, 6.0, 7.0), "$"),
        (("US$ 5.5", "US$6", "US$ 7"), (5.5, 6.0, 7.0), "US$"),
        (("€ 1.580,00", "€ 1.626,50", "€ 980,00"), (1580.0, 1626.5, 980.0), "€"),
        (("1.580,00 €", "1.626,50 €", "980,00 €"), (1580.0, 1626.5, 980.0), "€"),
        (("CHF 1'580.00", "CHF 980.50", "CHF 0.50"), (1580.0, 980.5, 0.5), "CHF"),
        (("12.3%", "-5%", "0%"), (12.3, -5.0, 0.0), "%"),
        (("12,3 %", "5 %", "0,5%"), (12.3, 5.0, 0.5), "%"),
        (("5 mm", "7.5 mm", "0 mm"), (5.0, 7.5, 0.0), "mm"),
        (("7.2 °C", "8 °C", "−1 °C"), (7.2, 8.0, -1.0), "°C"),
    ],
)
def test_what_stands_beside_every_number_is_left_out_and_said(
    cells: tuple[str, ...], values: tuple[float, ...], beside: str
) -> None:
    reading = read(table(*cells))
    assert (reading.values, reading.steps) == (values, ("2024-01", "M"))
    assert reading.notes == (f"f.csv: {beside} beside the numbers is left out.",)


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("1'580", "1'626", "980"), (1580.0, 1626.0, 980.0)),
        (("1’580.5", "1’626", "980"), (1580.5, 1626.0, 980.0)),
        (("1 580", "1 626", "980"), (1580.0, 1626.0, 980.0)),
        (("1\u00a0580,5", "1\u00a0626,0", "980,0"), (1580.5, 1626.0, 980.0)),
        (("1\u202f580.5", "1\u202f626.0", "-1\u202f980.0"), (1580.5, 1626.0, -1980.0)),
        (("1,234,567", "2,345", "3"), (1234567.0, 2345.0, 3.0)),
        (("1.234.567", "2.345", "3"), (1234567.0, 2345.0, 3.0)),
    ],
)
def test_marks_between_thousands(cells: tuple[str, ...], values: tuple[float, ...]) -> None:
    reading = read(table(*cells))
    assert (reading.values, reading.notes) == (values, ())


def test_currency_in_a_table_of_commas() -> None:
    text = 'Month,Price\n2024-01,"$1,580.00"\n2024-02,"$1,626.50"\n2024-03,"$1,700.00"\n'
    assert read(text).values == (1580.0, 1626.5, 1700.0)


def test_commas_that_can_only_stand_between_thousands() -> None:
    # Who writes three decimals would write 980,000, and who leaves out the last zeros 1,58.
    reading = read('Month,Passengers\n2024-01,"1,580"\n2024-02,"1,626"\n2024-03,"980"\n')
    assert reading.values == (1580.0, 1626.0, 980.0)
    assert reading.notes == (
        "f.csv: the ',' in its numbers is taken for a thousands mark; if not, say --decimal ,",
    )


@pytest.mark.parametrize(
    ("cells", "mark", "decimals", "thousands"),
    [
        (("1,580", "1,626", "1,700"), ",", (1.58, 1.626, 1.7), (1580.0, 1626.0, 1700.0)),
        (("1,581", "1,626", "980"), ",", (1.581, 1.626, 980.0), (1581.0, 1626.0, 980.0)),
        (("1.580", "1.626", "980"), ".", (1.58, 1.626, 980.0), (1580.0, 1626.0, 980.0)),
    ],
)
def test_where_a_mark_may_be_either_the_option_named_decides(
    cells: tuple[str, ...], mark: str, decimals: tuple[float, ...], thousands: tuple[float, ...]
) -> None:
    said = refusal(table(*cells))
    assert said.startswith(f"f.csv, line 2: {cells[0]!r} may have a decimal")
    assert said.endswith(f"Say which: --decimal {mark} or --thousands {mark}")
    assert read(table(*cells), decimal=mark).values == decimals
    assert read(table(*cells), thousands=mark).values == thousands
    assert read(table(*cells), thousands="none").values == decimals


def test_another_column_tells_the_decimal_mark_of_the_file() -> None:
    text = "Month;Close;Volume\n2024-01;{};{}\n2024-02;{};{}\n"
    reading = read(text.format("5.5", "1,581", "6.5", "1,626"), "Volume")
    assert reading.values == (1581.0, 1626.0)
    assert reading.notes == (
        "f.csv: the ',' in its numbers is taken for a thousands mark; if not, say --decimal ,",
    )
    assert read(text.format("5,5", "1.581", "6,5", "1.626"), "Volume").values == (1581.0, 1626.0)
    assert read(text.format("5,5", "1,581", "6,5", "1,626"), "Volume").values == (1.581, 1.626)


def test_points_are_decimal_ones_as_a_rule() -> None:
    assert read(table("1.234", "2.345", "0.500")).values == (1.234, 2.345, 0.5)
    assert read(table("1.234", "2.345", "3")).values == (1.234, 2.345, 3.0)


def test_a_mark_can_not_be_both() -> None:
    with pytest.raises(Exception, match="can't be both the decimal mark and the thousands mark"):
        read(table("1", "2"), decimal=",", thousands=",")


def test_underscores_stand_between_thousands_on_request() -> None:
    assert "'1_580' is not a number" in refusal(table("1_580", "980"))
    assert read(table("1_580", "980"), thousands="_").values == (1580.0, 980.0)
    assert refusal(table("1_580", "1_980")).endswith(
        "'1_580' is not a number. It is one with --thousands _."
    )
    assert read(table("1_580", "1_980"), thousands="_").values == (1580.0, 1980.0)


# Commas that separate columns, or belong to numbers.


@pytest.mark.parametrize(
    ("text", "comma", "thousands"),
    [
        ("58,0\n62,6\n70,1\n", (58.0, 62.6, 70.1), None),
        ("Passengers\n1,580\n1,626\n980\n", (1.58, 1.626, 980.0), (1580.0, 1626.0, 980.0)),
        ("1,580\n1,626\n1,700\n", (1.58, 1.626, 1.7), (1580.0, 1626.0, 1700.0)),
    ],
)
def test_commas_that_may_belong_to_numbers(
    text: str, comma: tuple[float, ...], thousands: tuple[float, ...] | None
) -> None:
    assert refusal(text).endswith(
        "; if the commas belong to the numbers, say --decimal , or --thousands ,"
    )
    assert read(text, decimal=",").values == comma
    if thousands:
        assert read(text, thousands=",").values == thousands


def test_spaces_that_may_belong_to_numbers() -> None:
    assert refusal("1 580\n1 626\n2 700\n").endswith(
        "; if the spaces belong to the numbers, say --thousands ' '"
    )
    assert read("1 580\n1 626\n2 700\n", thousands=" ").values == (1580.0, 1626.0, 2700.0)
    # A heading of one column tells.
    assert read("Passengers\n1 580\n1 626\n2 700\n").values == (1580.0, 1626.0, 2700.0)


def test_commas_beside_spaces() -> None:
    text = "Station 1,25\nStation 1,75\nStation 2,50\n"
    assert refusal(text).endswith("Say which: --decimal , if spaces do, --decimal . if commas do")
    assert read(text, decimal=",").values == (1.25, 1.75, 2.5)
    assert read(text, decimal=".").values == (25.0, 75.0, 50.0)
    # Headings of as many columns tell.
    assert read("Season,Rain\n" + text).values == (25.0, 75.0, 50.0)


# Flags and missing values of statistics offices.


@pytest.mark.parametrize("missing", [":", ": ", ": u", ":c", "..", "***"])
def test_missing_values_and_flags(missing: str) -> None:
    text = (
        f"TIME\tvalue\n2023-12\t{missing}\n2024-01\t5.1 \n2024-02\t5.2 p\n2024-03\t5.3 "
        f"bp\n2024-04\t{missing}\n"
    )
    reading = read(text)
    assert (reading.values, reading.steps) == ((5.1, 5.2, 5.3), ("2024-01", "M"))
    assert reading.notes == (
        "f.csv: the flags beside 2 values are left out (p: 1, bp: 1).",
        "f.csv: the first value is missing and left out.",
    )
    assert reading.notes_of_end == ("f.csv: the last value is missing and left out.",)


def test_a_missing_value_with_a_flag_between_others_is_named() -> None:
    assert "f.csv, line 3: the value is missing." in refusal(
        "TIME\tv\n2024-01\t5.1\n2024-02\t: u\n2024-03\t5.2 p\n"
    )


@pytest.mark.parametrize("flag", ["*", " *", "†", " (p)", "[2]", " r"])
def test_flags_of_many_kinds(flag: str) -> None:
    reading = read(table("5.1", f"5.2{flag}", "5.3"))
    assert reading.values == (5.1, 5.2, 5.3)
    assert reading.notes == (f"f.csv: the flag beside 1 value is left out ({flag.strip()}: 1).",)


def test_units_that_differ_are_no_flags() -> None:
    said = refusal(table("12 kWh", "13 MWh", "14 GWh"))
    assert "line 3: '13 MWh' has a different unit from the numbers before it." in said
    assert "line 4: '14 MWh' is not a number." in refusal(table("12", "13", "14 MWh"))


def test_numbers_that_stand_for_missing_values() -> None:
    cells = ("-9999", "5.5", "6.5")
    assert read(table(*cells)).values == (-9999.0, 5.5, 6.5)
    reading = read(table(*cells), missing=(-9999.0,))
    assert (reading.values, reading.steps) == ((5.5, 6.5), ("2024-02", "M"))
    assert reading.notes == ("f.csv: the first value is missing and left out.",)
    assert "line 3: the value is missing." in refusal(
        table("5.5", "-9999", "6.5"), missing=(-9999.0,)
    )


# What is to blame.


def test_a_column_of_no_numbers_is_not_to_be_mended_line_by_line() -> None:
    said = refusal("Month,v,w\n2024-01,abc,1\n2024-02,def,2\n2024-03,7,5\n", "v")
    assert said == (
        "f.csv, line 2: 'abc' is not a number. "
        "Most cells of the column are not numbers: take another column, or write plain numbers."
    )
    one = refusal("Month,v,w\n2024-01,4,1\n2024-02,def,2\n2024-03,7,5\n", "v")
    assert one.endswith(
        "'def' is not a number. Correct it, or say that it stands for a missing value: "
        "--missing=def"
    )


def test_units_are_told_with_the_numbers() -> None:
    numbers = read_numbers(["€5", "", "€7"], [1, 2, 3], "f.csv")
    assert (numbers.values[0], numbers.values[2], numbers.unit, numbers.flags) == (
        5.0,
        7.0,
        "€",
        {},
    )
    assert read_numbers(["5", "7 p", "8"], [1, 2, 3], "f.csv").flags == {1: "p"}


@pytest.mark.parametrize(
    "cell", ["2020 dec", "12 Alice", "Q1", "M01", "5-3", "--5", "+-5", "$", "5 5", "1 23", "+$-5"]
)
def test_what_is_no_figure(cell: str) -> None:
    assert not is_number(cell)


def test_the_exponents_of_fortran() -> None:
    text = "v\n" + "".join(f"  {n}.5D{n % 3 - 1:+03}\n" for n in range(1, 13))
    assert read(text).values == tuple(float(f"{n}.5E{n % 3 - 1:+03}") for n in range(1, 13))
    assert read(text).notes == ()


def test_a_bound_is_no_number_and_the_advice_leaves_out_all_signs() -> None:
    text = "date,v,w\n2001-01,5,3\n2001-02,<1,<2\n2001-03,7,3\n2001-04,8,1\n"
    *_said, script, _file, _into, _new = shlex.split(refusal(text, "w").removeprefix("f.csv, "))
    done = subprocess.run(["sed", script], input=text, capture_output=True, text=True, check=True)
    assert read(done.stdout, "w").values == (3, 2, 3, 1)
