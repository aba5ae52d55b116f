"""No reading of dates without values that bear it out: where several are possible, or none, that is
asked or said.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from helpers.series_tables import ENGLISH, columns, read, read_or_remedy, refusal, steps, values
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.data.date_parts import KINDS

THREE_YEARS = [f"{2001 + n // 12}-{n % 12 + 1:02}" for n in range(36)]


# Columns whose headings are words for parts of dates.


@pytest.mark.parametrize(
    ("headings", "first", "size"),
    [
        ("ds,y,promo", 1200, 800), ("date,h,wind", 0, 24), ("date,q,p", 1, 4), ("date,m,d", 1, 12),
        ("date,day,night", 1, 31), ("date,hours,output", 1, 12), ("date,week,output", 1, 52),
        ("date,M,F", 1, 12),
        ("date,d,s", 1, 28), ("date,year,x", 1900, 150), ("date,minute,x", 0, 60),
        ("Datum,Tag,Nacht", 1, 31),
    ],
)  # fmt: skip
def test_a_heading_alone_makes_no_column_a_part_of_the_dates(
    headings: str, first: int, size: int
) -> None:
    middle = [str(first + 29 * k % size) for k in range(36)]
    text = columns(headings, THREE_YEARS, middle, values(36))
    _when, second, third = headings.split(",")
    assert f"several columns of numbers: 2 {second}, 3 {third}." in refusal(text)
    reading = read(text, "2")
    assert (reading.steps, reading.values) == (("2001-01", "M"), tuple(map(float, middle)))


def test_what_repeats_the_dates_whatever_its_heading() -> None:
    quarters = [str(n % 12 // 3 + 1) for n in range(36)]
    years = [str(2001 + n // 12) for n in range(36)]
    decimal = [f"{2001 + (n + 0.5) / 12:.3f}" for n in range(36)]
    for heading in ("date,quarter,a,b,v", "date,x,y,z,v", ""):
        reading = read(columns(heading, THREE_YEARS, quarters, years, decimal, values(36)))
        assert (reading.column, reading.steps) == (5, ("2001-01", "M"))
    # A year with decimals that says another month does not.
    later = [f"{2001 + (n + 6) / 12:.3f}" for n in range(36)]
    assert "several columns of numbers: 2 x, 3 v." in refusal(
        columns("date,x,v", THREE_YEARS, later, values(36))
    )


def test_a_day_that_is_always_the_first_or_the_last_is_no_value() -> None:
    year, month = [str(2001 + n // 12) for n in range(36)], [str(n % 12 + 1) for n in range(36)]
    lasts = [str(monthrange(2001 + n // 12, n % 12 + 1)[1]) for n in range(36)]
    for days in (["1"] * 36, lasts):
        reading = read(columns("Year,Month,Day,v", year, month, days, values(36)))
        assert (reading.column, reading.steps) == (4, ("2001-01", "M"))
    # What changes from line to line may be the warmth of days.
    warm = [str(6 + n % 4) for n in range(36)]
    said = refusal(columns("date,day,night", THREE_YEARS, warm, values(36)))
    assert "several columns of numbers: 2 day, 3 night." in said


HEADINGS = sorted({heading for kind in KINDS.values() for heading in kind.headings})


@given(
    st.sampled_from(HEADINGS),
    st.sampled_from(
        [
            (0, 3),
            (0, 12),
            (1, 31),
            (0, 59),
            (0, 366),
            (1200, 2100),
            (0, 2359),
            (20_000_101, 20_991_231),
        ]
    ),
    st.data(),
)
def test_numbers_under_words_for_dates_are_asked_about_unless_they_repeat_the_dates(
    heading: str, bounds: tuple[int, int], data: st.DataObject
) -> None:
    numbers = data.draw(st.lists(st.integers(*bounds), min_size=12, max_size=36))
    differences = {after - before for before, after in pairwise(numbers)}
    # What stays, or goes up evenly, is no series.
    assume(len(differences) > 1)
    n = len(numbers)
    text = columns(f"date,{heading},sold", THREE_YEARS[:n], list(map(str, numbers)), values(n))
    moments = [date(2001 + k // 12, k % 12 + 1, 1) for k in range(n)]
    parts = [
        [d.month for d in moments],
        [d.year for d in moments],
        [(d.month + 2) // 3 for d in moments],
    ]
    assume(numbers not in parts)
    assert f"several columns of numbers: 2 {heading}, 3 sold." in refusal(text)
    for column in ("2", "3"):
        assert read(text, column).steps == ("2001-01", "M")


# Numbers that could be years.


@pytest.mark.parametrize(
    ("headings", "part"),
    [
        ("Month,Sales,Ads", lambda k: str(k % 12 + 1)),
        ("month,price,volume", lambda k: str(k % 12 + 1)),
        ("month,calories,weight", lambda k: ENGLISH[k % 12][:3]),
        ("Week,Visitors,Ads", lambda k: str(k % 52 + 1)),
        ("Quarter,Sales,Ads", lambda k: f"Q{k % 4 + 1}"),
        ("Monat,y,x", lambda k: str(k % 12 + 1)),
    ],
)
@pytest.mark.parametrize("further", [37, 30, 211])
def test_what_was_sold_is_no_year(headings: str, part: Callable[[int], str], further: int) -> None:
    sold = [str(1200 + further * k % 400) for k in range(24)]
    text = columns(headings, [part(k) for k in range(24)], sold, values(24))
    _part, second, third = headings.split(",")
    assert f"several columns of numbers: 2 {second}, 3 {third}." in refusal(text)
    for column in ("2", "3"):
        reading = read(text, column)
        assert reading.steps is None
        assert "is not read as a date; steps are counted." in reading.notes[0]


def test_a_column_that_could_be_years_without_any_other_date_is_asked_about() -> None:
    numbers = [str(1500 + 31 * k % 97) for k in range(36)]
    assert "several columns of numbers: 1 y, 2 promo." in refusal(
        columns("y,promo", numbers, values(36))
    )


# Days, months and years in columns of their own.


LAYOUTS = {
    "year,month,day": (0, 1, 2), "day,month,year": (2, 1, 0), "month,day,year": (1, 2, 0),
    "Jahr,Monat,Tag": (0, 1, 2), "Tag,Monat,Jahr": (2, 1, 0), "jour,mois,année": (2, 1, 0),
    "giorno,mese,anno": (2, 1, 0), "dia,mês,ano": (2, 1, 0), "día,mes,año": (2, 1, 0),
}  # fmt: skip


@given(
    st.dates(date(1818, 1, 1), date(2030, 1, 1)),
    st.integers(3, 40),
    st.sampled_from([*LAYOUTS]),
    st.booleans(),
    st.sampled_from([",", ";", "\t", " "]),
)
def test_extracts_of_days(
    first: date, n: int, layout: str, has_headings: bool, separator: str
) -> None:
    days = [first + timedelta(k) for k in range(n)]
    lines = [[(day.year, day.month, day.day)[at] for at in LAYOUTS[layout]] for day in days]
    body = "".join(f"{a},{b},{c},{7 * k % 5}.5\n" for k, (a, b, c) in enumerate(lines)).replace(
        ",", separator
    )
    heading = f"{layout},v\n".replace(",", separator)
    text = heading + body if has_headings else body
    expected = (str(first), "D")
    reading, remedy = read_or_remedy(text)
    if reading is None:
        # Only days that could be months are asked about, and what is said decides.
        assert not has_headings
        assert "Say which with headings over these columns, as " in remedy
        assert all(day.day <= 12 for day in days)
        assert steps(heading + body) == expected
    else:
        assert reading.steps == expected


def test_days_are_no_hours_of_one_day() -> None:
    assert steps("".join(f"2020 5 {k} {7 * k % 5}.5\n" for k in range(1, 21))) == (
        "2020-05-01",
        "D",
    )
    assert steps(
        "Tag;Monat;Jahr;v\n" + "".join(f"1;{k};2020;{7 * k % 5}\n" for k in range(1, 13))
    ) == ("2020-01", "M")
    two = "Tag;Monat;Jahr;v\n" + "".join(
        f"{k};{m};2020;{7 * k % 5}\n" for m in (1, 2) for k in range(1, 13)
    )
    assert "2020-02-01 comes after 2020-01-12: 2020-01-13 is missing." in refusal(two)


def test_days_and_months_in_columns_that_could_be_swapped() -> None:
    body = "".join(f"{k},1,2020,{7 * k % 5}.5\n" for k in range(1, 13))
    assert refusal(body) == (
        "f.csv, line 1: '1 1 2020' may be month,day,year or day,month,year. Say which with "
        "headings over these columns, as month,day,year, or have steps counted: --steps count"
    )
    assert steps("month,day,year,v\n" + body) == ("2020-01", "M")
    assert steps("day,month,year,v\n" + body) == ("2020-01-01", "D")
    assert read(body, steps="count").steps is None


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("n", [5, 10, 20, 24, 28, 40])
def test_extracts_of_silso_s_daily_file(n: int, gaps: bool) -> None:
    lines = []
    for k in range(n):
        day = date(1850, 1, 1) + timedelta(k)
        decimal = day.year + (day.timetuple().tm_yday - 0.5) / 365
        mean = -1 if gaps and k == n // 2 else 20 + 7 * k % 90
        lines.append(
            f"{day.year};{day.month:02};{day.day:02};{decimal:.3f};{mean:4};{-1.0};   0;1\n"
        )
    reading = read("".join(lines), gaps="linear")
    assert (reading.steps, len(reading.values), reading.column) == (("1850-01-01", "D"), n, 5)


@pytest.mark.parametrize(
    ("part", "n", "readings"),
    [
        (1, 4, "year,month or year,quarter or year,week or year,doy"),
        (3, 9, "year,month or year,week or year,doy"),
        (20, 30, "year,week or year,doy"),
    ],
)
def test_a_year_and_a_number_that_may_be_several_things(part: int, n: int, readings: str) -> None:
    body = "".join(f"1990,{part + k},{7 * k % 5}.5\n" for k in range(n))
    assert f"'1990 {part}' may be {readings}. Say which with headings" in refusal(body)
    found = {steps(f"{headings},v\n{body}") for headings in readings.split(" or ")}
    assert len(found) == len(readings.split(" or "))
    # A year with decimals decides too.
    decimal = "".join(f"1990,{k + 1},{1990 + (k + 0.5) / 12:.3f},{7 * k % 5}.5\n" for k in range(9))
    assert steps(decimal, "4") == ("1990-01", "M")


def test_a_column_that_is_the_same_everywhere_is_not_the_series() -> None:
    reading = read(
        columns("STATION,date,v,DECIMALS", ["44"] * 36, THREE_YEARS, values(36), ["1"] * 36)
    )
    assert (reading.column, reading.heading, len(reading.values)) == (3, "v", 36)
    # Without headings it may belong to numbers with a decimal comma.
    assert "several columns of numbers: 2 –, 3 –." in refusal(
        "2001-01,0,58\n2001-02,0,6\n2001-03,0,7\n"
    )
