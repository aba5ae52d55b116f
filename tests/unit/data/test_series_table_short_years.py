"""Years of two digits, years that begin in another month, and other ways in which programs write
dates.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from helpers.series_tables import columns, read, refusal, values
from hypothesis import given
from hypothesis import strategies as st

Write = Callable[[date], str]

MONTHLY: Sequence[Write] = (
    lambda d: f"{d:%b-%y}",
    lambda d: f"{d:%b %y}",
    lambda d: f"{d:%b}'{d:%y}",
    lambda d: f"1-{d:%b-%y}",
    lambda d: f"{d.month}/1/{d:%y}",
    lambda d: f"01.{d:%m.%y}",
)
DAILY: Sequence[Write] = (
    lambda d: f"{d:%d-%b-%y}",
    lambda d: f"{d:%d%b%y}",
    lambda d: f"{d:%a} {d:%d %b %y}",
    lambda d: f"{d.month}/{d.day}/{d:%y}",
    lambda d: f"{d:%d.%m.%y}",
    lambda d: f"{d:%d/%m/%y 00:00}",
    lambda d: f"{d:%y-%m-%d}",
    lambda d: f"{d:%y/%m/%d}",
)
DUTCH = [
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
]  # fmt: skip
POLISH = [
    "styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec",
    "lipiec", "sierpień", "wrzesień", "październik", "listopad", "grudzień",
]  # fmt: skip
RUSSIAN = [
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
]  # fmt: skip
NORWEGIAN = [
    "januar", "februar", "mars", "april", "mai", "juni",
    "juli", "august", "september", "oktober", "november", "desember",
]  # fmt: skip
UNREAD = "is not read as a date; steps are counted."


def months(first: date, n: int) -> list[date]:
    return [
        date(first.year + (first.month - 1 + k) // 12, (first.month - 1 + k) % 12 + 1, 1)
        for k in range(n)
    ]


@given(
    write=st.sampled_from(MONTHLY),
    year=st.integers(1930, 2015),
    n=st.integers(30, 170),
    backwards=st.booleans(),
)
def test_months_with_years_of_two_digits(
    write: Write, year: int, n: int, *, backwards: bool
) -> None:
    dates = [write(d) for d in months(date(year, 1, 1), n)]
    numbers = values(n)
    reading = read(
        columns("Month,v", dates[:: -1 if backwards else 1], numbers[:: -1 if backwards else 1])
    )
    assert reading.steps == (f"{year}-01", "M")
    assert reading.values == tuple(map(float, numbers))
    said = f"f.csv: the year of {dates[0]!r} is {year}: two-digit years are 1930 to 2029."
    assert reading.notes == (
        said,
        *["f.csv: the latest values come first; they are reversed."] * backwards,
    )


@given(
    write=st.sampled_from(DAILY),
    first=st.dates(date(1930, 1, 1), date(2028, 1, 1)),
    backwards=st.booleans(),
)
def test_days_with_years_of_two_digits(write: Write, first: date, *, backwards: bool) -> None:
    dates = [write(first + timedelta(k)) for k in range(60)]
    reading = read(
        columns("Date,v", dates[:: -1 if backwards else 1], values(60)[:: -1 if backwards else 1])
    )
    assert reading.steps is not None
    assert (reading.steps.first[:10], reading.steps.frequency) == (str(first), "D")
    assert reading.values == tuple(map(float, values(60)))


@pytest.mark.parametrize("headings", ["Date,Time", "Time,Date"])
def test_hours_beside_days_with_years_of_two_digits(headings: str) -> None:
    there = [datetime(2020, 1, 20) + timedelta(hours=k) for k in range(80)]
    cells = {"Date": [f"{t:%d/%m/%y}" for t in there], "Time": [f"{t:%H:%M}" for t in there]}
    reading = read(
        columns(f"{headings},v", *(cells[heading] for heading in headings.split(",")), values(80))
    )
    assert reading.steps is not None
    assert reading.steps.frequency == "h"
    assert "the year of '20/01/20' is 2020" in reading.notes[0]


def test_a_quarter_with_a_year_of_two_digits() -> None:
    reading = read(
        columns(
            "quarter,v", [f"{k % 4 + 1}Q{(1990 + k // 4) % 100:02}" for k in range(48)], values(48)
        )
    )
    assert (reading.steps, reading.column) == (("1990-01", "Q"), 2)


def test_what_is_missing_among_years_of_two_digits_is_named() -> None:
    dates = [f"{d:%b-%y}" for d in months(date(1949, 1, 1), 144) if d != date(1951, 7, 1)]
    assert "1951-08 comes after 1951-06: 1951-07 is missing." in refusal(
        columns("Month,v", dates, values(143))
    )


@pytest.mark.parametrize(
    "dates",
    [
        [f"0{k}/01/20" for k in range(1, 10)],
        [f"20-01-{k:02}" for k in range(1, 21)],
        [f"{k:02}-12-31" for k in range(1, 20)],
    ],
)
def test_a_day_a_month_or_a_year_may_come_first(dates: list[str]) -> None:
    said = refusal(columns("Date,v", dates, values(len(dates))))
    assert f"{dates[0]!r} may have the day, the month or the year first." in said
    assert read(columns("Date,v", dates, values(len(dates))), steps="count").steps is None


@pytest.mark.parametrize(
    "dates",
    [
        [f"Jan-{day:02}" for day in range(1, 21)],
        [f"{(date(2021, 1, 1) + timedelta(k)):%b-%d}" for k in range(60)],
        [f"{d:%b-%y}" for d in months(date(1925, 1, 1), 144)],
        [f"10.0.{k}" for k in range(20)],
    ],
)
def test_what_is_no_year_of_two_digits_is_counted(dates: list[str]) -> None:
    reading = read(columns("date,v", dates, values(len(dates))))
    assert reading.steps is None
    assert UNREAD in reading.notes[0]


@given(
    write=st.sampled_from(
        [
            lambda y: f"{y}/{(y + 1) % 100:02}",
            lambda y: f"{y}-{(y + 1) % 100:02}",
            lambda y: f"{y}-{y + 1}",
            lambda y: f"{y}–{y + 1}",
            lambda y: f"FY{y}",
            lambda y: f"FY {y}/{(y + 1) % 100:02}",
        ]
    ),
    heading=st.sampled_from(["Year", "Season", "Fiscal Year"]),
    first=st.integers(1900, 2010),
    n=st.integers(2, 60),
)
def test_years_that_begin_in_another_month(
    write: Callable[[int], str], heading: str, first: int, n: int
) -> None:
    reading = read(columns(f"{heading},v", [write(first + k) for k in range(n)], values(n)))
    assert reading.steps == (f"{first}-01", "Y")
    assert reading.notes == ()


def test_a_year_that_is_missing_among_them_is_named() -> None:
    dates = [f"{y}/{(y + 1) % 100:02}" for y in range(1970, 1995) if y != 1977]
    assert "1977-01 is missing." in refusal(columns("Season,v", dates, values(24)))


def test_one_month_is_no_such_year() -> None:
    assert read(columns("Month,v", ["2001-02"], ["5"])).steps == ("2001-02", "M")


@pytest.mark.parametrize(
    "write",
    [
        lambda d: f"{d:%A, %B} {d.day}, {d.year}",
        lambda d: f"{d:%a, %d %b %Y} 00:00:00 GMT",
        lambda d: f"{d:%a %b %d} 00:00:00 {d.year}",
        lambda d: f"{d:%a %b %d} 00:00:00 UTC {d.year}",
        lambda d: f"Mo, {d:%d.%m.%Y}",
        lambda d: f"{d:%d%b%Y}".lower(),
        lambda d: f"{d:%d%b%Y}:00:00:00".upper(),
        lambda d: f"{d:%d/%b/%Y}:00:00:00 +0000",
        lambda d: str(int(datetime(d.year, d.month, d.day).timestamp() // 86_400 * 86_400)) + ".0",
        lambda d: str(int(datetime(d.year, d.month,
        d.day).timestamp() // 86_400 * 86_400)) + "000000",
        lambda d: str(int(datetime(d.year, d.month,
        d.day).timestamp() // 86_400 * 86_400)) + "000000000",
    ],
)  # fmt: skip
def test_days_as_programs_write_them(write: Write) -> None:
    dates = [write(date(2020, 1, 2) + timedelta(k)) for k in range(48)]
    reading = read(columns("time,v", [f'"{cell}"' for cell in dates], values(48)))
    assert reading.steps is not None
    assert (reading.steps.first[:10], reading.steps.frequency) == ("2020-01-02", "D")


@pytest.mark.parametrize(
    "write",
    [
        lambda d: f"{d.year}MM{d.month:02}",
        lambda d: f"{d.year}:{d.month:02}",
        lambda d: f"{d.year}:{d.month}",
        lambda d: f"{d.year}.{d.month:02}",
        # A program took it for a number.
        lambda d: str(float(f"{d.year}.{d.month:02}")),
        lambda d: f"{DUTCH[d.month - 1]} {d.year}",
        lambda d: f"{POLISH[d.month - 1]} {d.year}",
        lambda d: f"{RUSSIAN[d.month - 1]} {d.year}",
        lambda d: f"{d.year} {NORWEGIAN[d.month - 1]}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("heading", ["Date", "x"])
def test_months_as_programs_and_offices_write_them(write: Write, heading: str) -> None:
    dates = [write(d) for d in months(date(1871, 1, 1), 60)]
    assert read(columns(f"{heading},v", dates, values(60))).steps == ("1871-01", "M")


@pytest.mark.parametrize(
    ("write", "step"),
    [
        (lambda n: f"{1990 + n}年", "Y"),
        (lambda n: f"{1990 + n}年度", "Y"),
        (lambda n: f"{1990 + n // 4}年第{n % 4 + 1}季度", "Q"),
    ],
)  # fmt: skip
def test_years_and_quarters_in_chinese_and_japanese(write: Callable[[int], str], step: str) -> None:
    assert read(columns("年,値", [write(n) for n in range(30)], values(30))).steps == (
        "1990-01",
        step,
    )


def test_a_clock_with_points() -> None:
    there = [datetime(2004, 3, 10, 18) + timedelta(hours=k) for k in range(72)]
    text = columns(
        "Date;Time;v", [f"{t:%d/%m/%Y};{t:%H.%M.%S}" for t in there], values(72)
    ).replace(",", ";")
    assert read(text).steps == ("2004-03-10 18:00:00", "h")
