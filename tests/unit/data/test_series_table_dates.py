"""Dates in columns of their parts, with offsets, of business days and backwards: read as one, or
said to be counted.
"""

from datetime import date, timedelta

import pytest
from helpers.series_tables import ENGLISH, SPANISH, read, refusal, rows, steps

COUNT = ", or have steps counted: --steps count"


def table(heading: str, lines: list[str], separator: str = ",") -> str:
    """Write lines of dates with values that are neither even nor dates behind them."""
    body = [f"{line},{7 * n % 5}.5" for n, line in enumerate(lines)]
    return "\n".join([f"{heading},v", *body] if heading else body).replace(",", separator)


def months(n: int = 14, first: int = 11) -> list[tuple[int, int]]:
    """Return years and months from November 1949 on."""
    return [(1949 + (first - 1 + k) // 12, (first - 1 + k) % 12 + 1) for k in range(n)]


# A part in each column.


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("year,month", "{year},{month}"),
        ("year,month", "{year},{english}"),
        ("year,month", "{year},{short}"),
        ("year,month", "{year},{short}."),
        ("month,year", "{short},{year}"),
        ("Año,Mes", "{year},{spanish}"),
        ("Mes,Año", "{spanish_short},{year}"),
        ("Year,Period", "{year},M{month:02}"),
        ("Period,Year", "m{month},{year}"),
        ("Year,Name,Month", "{year},x,{month}"),
        ("Year,Month,Date", "{year},{month},{year}-{month:02}-28"),
        ("Jahr,Monat", "{year},{month}"),
        ("", "{year},{month}"),
        ("", "{month:02},{year}"),
        ("", "{year},{english}"),
        ("", "{short},{year}"),
        ("", "{year},M{month:02}"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", " "])
def test_years_and_months(heading: str, line: str, separator: str) -> None:
    lines = [
        line.format(
            year=year,
            month=month,
            english=ENGLISH[month - 1],
            short=ENGLISH[month - 1][:3].upper(),
            spanish=SPANISH[month - 1],
            spanish_short=SPANISH[month - 1][:3],
        )
        for year, month in months()
    ]
    reading = read(table(heading, lines, separator))
    assert (reading.steps, len(reading.values), reading.notes) == (("1949-11", "M"), 14, ())


@pytest.mark.parametrize("heading", ["Year,Quarter", "Any,Trim", ""])
@pytest.mark.parametrize(
    "line", ["{year},{quarter}", "{year},Q{quarter}", "{year},{quarter}Q", "{year},T{quarter}"]
)
def test_years_and_quarters(heading: str, line: str) -> None:
    lines = [line.format(year=1956 + n // 4, quarter=n % 4 + 1) for n in range(3, 14)]
    assert steps(table(heading, lines)) == ("1956-10", "Q")


@pytest.mark.parametrize("heading", ["year,week", ""])
@pytest.mark.parametrize(
    "line", ["{year},{week}", "{year},{week:02}", "{year},W{week}", "{year},Week {week}"]
)
def test_years_and_weeks(heading: str, line: str) -> None:
    # 2020 has 53 weeks.
    days = [date(2020, 11, 2) + timedelta(7 * n) for n in range(20)]
    lines = [line.format(year=day.isocalendar().year, week=day.isocalendar().week) for day in days]
    assert steps(table(heading, lines)) == ("2020-11-02", "W-SUN")
    del lines[8]
    assert "2020-W53 is missing." in refusal(table("year,week", lines))


def test_weeks_in_one_cell() -> None:
    assert steps(rows(["2020-W52", "2020-W53", "2021-W01"])) == ("2020-12-21", "W-SUN")
    assert steps(rows(["2020W10", "2020W12", "2020W14"])) == ("2020-03-02", "2W-SUN")
    assert "line 3: '2021-W53' is not a date." in refusal(
        rows(["2021-W52", "2021-W53", "2022-W01"])
    )


def test_years_and_days_of_the_year() -> None:
    lines = [f"{2019 + n // 365},{n % 365 + 1}" for n in range(350, 380)]
    assert steps(table("year,doy", lines)) == steps(table("", lines)) == ("2019-12-17", "D")


HOURS = [(2020, 2, 28 + n // 24, n % 24) for n in range(40)]


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("Date,Time,x", "{y}-{m:02}-{d:02},{h:02}:00:00,x"),
        ("Date,Time,x", "{y}-{m:02}-{d:02},{h}:00,x"),
        ("Time,Date,x", "{h:02}:00,{d:02}/{m:02}/{y},x"),
        ("Fecha,Hora,x", "{d}.{m}.{y},{h},x"),
        ("Date,Hour,x", "{y}{m:02}{d:02},{h},x"),
        ("", "{y}-{m:02}-{d:02},{h:02}:00,x"),
        ("", "{y}-{m:02}-{d:02},{h},x"),
        ("year,month,day,hour", "{y},{m},{d},{h}"),
        ("hour,day,month,year", "{h},{d},{m},{y}"),
        ("Y,M,D,Time", "{y},{m},{d},{h:02}:00:00"),
        ("", "{y},{m},{d},{h}"),
        ("DateTime,x,x2", "{y}-{m:02}-{d:02}T{h:02}:00,x,x"),
        ("DateTime,x,x2", "{m}/{d}/{y} {twelve}:00 {half},x,x"),
    ],
)
def test_dates_and_hours(heading: str, line: str) -> None:
    lines = [
        line.format(y=y, m=m, d=d, h=h, twelve=(h + 11) % 12 + 1, half="AM" if h < 12 else "PM")
        for y, m, d, h in HOURS
    ]
    column = len(lines[0].split(",")) + 1
    assert steps(table(heading, lines), str(column)) == ("2020-02-28 00:00:00", "h")


def test_hours_from_1_to_24() -> None:
    lines = [f"2020-02-{28 + n // 24},{n % 24 + 1}" for n in range(40)]
    assert steps(table("Date,Hour", lines)) == ("2020-02-28 01:00:00", "h")
    assert steps(table("", lines)) == ("2020-02-28 01:00:00", "h")
    lines = [f"2020-02-{28 + n // 24},{n % 24 + 1:02}:00" for n in range(40)]
    assert steps(table("Date,Time", lines)) == ("2020-02-28 01:00:00", "h")


def test_years_months_and_days() -> None:
    days = [date(2001, 1, 25) + timedelta(n) for n in range(14)]
    lines = [f"{day.year},{day.month},{day.day}" for day in days]
    assert steps(table("year,month,day", lines)) == steps(table("", lines)) == ("2001-01-25", "D")
    assert steps(table("d,m,y", [",".join(reversed(line.split(","))) for line in lines])) == (
        "2001-01-25",
        "D",
    )


def test_a_day_that_is_missing_is_named() -> None:
    text = "year,month,day,flow\n2001,1,30,5\n2001,1,31,6\n2001,2,2,8\n2001,2,3,9\n2001,2,4,9\n"
    assert refusal(text) == (
        "f.csv, line 4: 2001-02-02 comes after 2001-01-31: 2001-02-01 is missing. "
        "Fill the gap; if nothing is measured then, have steps counted: --steps count"
    )
    assert read(text, steps="count").values == (5, 6, 8, 9, 9)
    compact = "date,v\n" + "".join(
        f"202001{day:02},{7 * day % 5}\n" for day in range(1, 30) if day != 6
    )
    assert "2020-01-06 is missing." in refusal(compact)


def test_a_month_that_is_missing_is_named_whatever_the_columns() -> None:
    lines = [
        f"{year},{ENGLISH[month - 1]}" for year, month in months() if (year, month) != (1950, 2)
    ]
    assert "line 5: 1950-03 comes after 1950-01: 1950-02 is missing." in refusal(
        table("year,month", lines)
    )
    assert "1950-02 is missing." in refusal(table("", lines))


def test_what_repeats_the_dates_is_no_value() -> None:
    lines = [f"{year}-{month:02},{year},{month},{(month + 2) // 3}" for year, month in months()]
    reading = read(table("Date,Year,Month,Quarter", lines))
    assert (reading.column, reading.steps) == (5, ("1949-11", "M"))
    assert read(table("", lines)).column == 5


def test_a_time_that_is_not_needed_is_left_alone() -> None:
    lines = [f"2020-01-{n:02},12:{7 * n % 60:02}" for n in range(1, 20)]
    assert steps(table("Date,Sunrise", lines)) == ("2020-01-01", "D")


def test_days_and_months_that_could_be_swapped_in_a_column_beside_the_time() -> None:
    lines = [f"01/02/2020,{hour}:00" for hour in range(10)]
    assert "'01/02/2020 0:00' may have the day or the month first." in refusal(
        table("Date,Time", lines)
    )
    assert read(table("Date,Time", lines), steps="count").steps is None


# Nothing untrue of dates that are not read.


def test_years_beside_what_is_no_part_of_a_date_are_counted_and_that_is_said() -> None:
    text = "Year,Team,v\n1990,red,5\n1990,blue,6\n1991,red,7\n1991,blue,1\n"
    reading = read(text, "v")
    assert reading.steps is None
    assert reading.notes == (
        "f.csv: '1990' is not read as a date; steps are counted. Write dates as 1749-01-31.",
    )


def test_months_without_years_are_counted_and_that_is_said() -> None:
    reading = read("Month,v\nJan,5\nFeb,7\nMar,6\n")
    assert reading.steps is None
    assert reading.notes == (
        "f.csv: 'Jan' is not read as a date; steps are counted. Write dates as 1749-01-31.",
    )


def test_a_year_that_comes_twice_in_a_yearly_series() -> None:
    text = "Year,v\n1990,5\n1991,7\n1991,6\n1992,7\n1993,1\n"
    assert f"comes a second time. Put the lines in order, each date once{COUNT}" in refusal(text)


def test_names_are_no_months() -> None:
    # Not with a year either: only abbreviations of months are months.
    names = ["Mary", "Julian", "Augusta"]
    assert steps("".join(f"{1990 + n},{name},{n * 7 % 5}.5\n" for n, name in enumerate(names))) == (
        "1990-01",
        "Y",
    )
    assert steps(rows(["Winter 1990", "Spring 1990", "Summer 1990"])) is None


# Offsets from UTC.


def test_times_with_an_offset() -> None:
    text = (
        "time,load\n2021-03-26 00:00:00+01:00,58\n2021-03-26 01:00:00+01:00,60\n2021-03-26 "
        "02:00:00+01:00,61\n"
    )
    reading = read(text)
    assert (reading.values, reading.steps, reading.notes) == (
        (58, 60, 61),
        ("2021-03-26 00:00:00", "h"),
        (),
    )


@pytest.mark.parametrize("offset", ["Z", " UTC", "+00:00", "-0500", "+05:30", "+02", " GMT"])
def test_offsets_are_written_in_many_ways(offset: str) -> None:
    moments = [f"2020-01-01 {hour:02}:00{offset}" for hour in range(20, 24)] + [
        f"2020-01-02 00:00{offset}"
    ]
    assert steps(rows(moments)) == ("2020-01-01 20:00:00", "h")


def test_hours_over_the_change_of_the_clocks_are_equal_in_utc() -> None:
    spring = [
        "2021-03-28 00:00+01:00",
        "2021-03-28 01:00+01:00",
        "2021-03-28 03:00+02:00",
        "2021-03-28 04:00+02:00",
    ]
    autumn = [
        "2021-10-31 01:00+02:00",
        "2021-10-31 02:00+02:00",
        "2021-10-31 02:00+01:00",
        "2021-10-31 03:00+01:00",
    ]
    for moments, first in ((spring, "2021-03-27 23:00:00"), (autumn, "2021-10-30 23:00:00")):
        reading = read(rows(moments))
        assert reading.steps == (first, "h")
        assert reading.notes == ("f.csv: times are given in UTC, because their offset changes.",)
        backwards = read(rows(moments[::-1]))
        assert (backwards.steps, backwards.values) == ((first, "h"), (61, 60, 59, 58))


def test_days_over_the_change_of_the_clocks_are_equal_where_they_were_measured() -> None:
    moments = [f"2021-03-{day} 00:00:00+0{1 if day < 29 else 2}:00" for day in range(25, 32)]
    reading = read(rows(moments))
    assert (reading.steps, reading.notes) == (("2021-03-25 00:00:00", "D"), ())


# Business days.


def weekdays(first: date, n: int, without: tuple[date, ...] = ()) -> list[str]:
    """Return dates of Monday to Friday."""
    days = (first + timedelta(k) for k in range(2 * n))
    return [str(day) for day in days if day.weekday() < 5 and day not in without][:n]


def test_monday_follows_friday() -> None:
    reading = read(rows(["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"]))
    assert (reading.steps, reading.notes) == (("2024-01-04", "B"), ())
    assert [str(day) for day in reading.days] == [
        "2024-01-04",
        "2024-01-05",
        "2024-01-08",
        "2024-01-09",
    ]
    assert read(rows(weekdays(date(2019, 1, 2), 60))).steps == ("2019-01-02", "B")
    with_offset = [
        f"{day} 00:00:00-0{5 if day < '2021-03-14' else 4}:00"
        for day in weekdays(date(2021, 3, 3), 20)
    ]
    assert read(rows(with_offset)).steps == ("2021-03-03", "B")


def test_holidays_are_no_steps_and_are_said() -> None:
    holidays = (date(2019, 1, 21), date(2019, 2, 18))
    days = weekdays(date(2019, 1, 2), 60, holidays)
    for lines, said in (
        (days, ()),
        (days[::-1], ("f.csv: the latest values come first; they are reversed.",)),
    ):
        reading = read(rows(lines))
        assert (reading.steps, len(reading.values), reading.days[0]) == (
            ("2019-01-02", "B"),
            60,
            date(2019, 1, 2),
        )
        assert reading.notes == (
            *said,
            "f.csv: 2 weekdays are missing (the first is 2019-01-21); "
            "each line is a step, as for trading days.",
        )


def test_many_weekdays_without_a_line_are_no_holidays() -> None:
    days = weekdays(date(2024, 1, 1), 60)
    assert "2024-01-09 comes after 2024-01-05: 2024-01-08 is missing." in refusal(
        rows(days[:5] + days[6:9] + days[11:20])
    )
    month_gone = days[:20] + days[40:]
    assert "2024-01-29 is missing." in refusal(rows(month_gone))


def test_a_day_that_is_missing_of_seven_in_a_week_is_named() -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 20) if day != 6]
    assert "line 7: 2024-01-07 comes after 2024-01-05: 2024-01-06 is missing." in refusal(
        rows(days)
    )


def test_weekly_dates_and_few_days_are_no_business_days() -> None:
    assert steps(rows(["2024-01-05", "2024-01-08"])) == ("2024-01-05", "3D")
    assert steps(rows(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"])) == (
        "2024-01-01",
        "D",
    )
    assert steps(rows(["2024-01-05", "2024-01-12", "2024-01-19"])) == ("2024-01-05", "7D")


# Backwards, and counted.


@pytest.mark.parametrize(
    "dates",
    [
        ["2024-01", "2024-02", "2024-03"],
        ["2024-01-30", "2024-01-31", "2024-02-01"],
        ["30/01/2024", "31/01/2024", "01/02/2024"],
        ["2022", "2023", "2024"],
        ["2020-01-01 22:00", "2020-01-01 23:00", "2020-01-02 00:00"],
    ],
)
def test_a_series_that_goes_backwards_is_turned_round(dates: list[str]) -> None:
    forwards, backwards = read(rows(dates)), read(rows(dates[::-1]))
    assert backwards.values == forwards.values[::-1]
    assert (backwards.steps, forwards.notes) == (forwards.steps, ())
    assert backwards.notes == ("f.csv: the latest values come first; they are reversed.",)


def test_what_is_missing_at_the_ends_of_a_backward_series() -> None:
    reading = read("Month,v\n2024-05,\n2024-04,NA\n2024-03,7\n2024-02,5\n2024-01,NA\n")
    assert (reading.values, reading.steps) == ((5.0, 7.0), ("2024-02", "M"))
    assert reading.notes[-1] == "f.csv: the first value is missing and left out."
    assert reading.notes_of_end == ("f.csv: the last 2 values are missing and left out.",)


@pytest.mark.parametrize(
    "dates",
    [
        ["2020-01", "2020-04", "2020-01"],
        ["2020-01-01", "2020-01-01", "2020-01-01"],
        ["later", "2020-01-02", "2020-01-03"],
        ["01/02/2020", "03/05/2020", "04/04/2021"],
        ["2020-01", "2020-02", "2020-03"],
        ["a", "b", "c"],
    ],
)
def test_steps_are_counted_whatever_the_dates_say(dates: list[str]) -> None:
    reading = read(rows(dates), steps="count")
    assert (reading.values, reading.steps, reading.days) == ((58, 59, 60), None, ())
    assert reading.notes[-1] == "f.csv: steps are counted, whatever the dates say."


def test_steps_that_are_counted_go_forwards_all_the_same() -> None:
    reading = read(rows(["2020-05", "2020-04", "2020-01"]), steps="count")
    assert (reading.values, reading.steps) == ((60, 59, 58), None)
    assert reading.notes == (
        "f.csv: the latest values come first; they are reversed.",
        "f.csv: steps are counted, whatever the dates say.",
    )


@pytest.mark.parametrize(
    "dates",
    [
        ["1749-01", "1749-02", "1749-02", "1749-03"],
        ["1749-02", "1749-01", "1749-03"],
        ["1749-01", "1749-02", "1749-04", "1749-05"],
        ["1749-01", "1749-02", "1749-13", "1749-04"],
        ["2020-01-01", "2020-01-05", "2020-01-06", "2020-03-01"],
        ["01/02/1749", "03/05/1749", "04/04/1750"],
    ],
)
def test_what_is_said_of_dates_can_be_done(dates: list[str]) -> None:
    assert refusal(rows(dates)).endswith("have steps counted: --steps count")
    assert read(rows(dates), steps="count").values == tuple(range(58, 58 + len(dates)))


def test_a_hole_that_nobody_would_fill() -> None:
    dates = [f"{1949 + n // 12}-{n % 12 + 1:02}" for n in range(30)] + [
        f"1968-{month:02}" for month in range(5, 13)
    ]
    reading = read(rows(dates))
    assert (reading.steps, len(reading.values)) == (None, 38)
    assert reading.notes == (
        "f.csv: there are no values between 1951-06 and 1968-05; steps are counted.",
    )
    # A year in the last line that was mistyped is no hole, nor is what could be filled.
    assert "comes after 1951-06" in refusal(rows([*dates[:30], "1968-05"]))
    assert "1951-07 is missing." in refusal(rows([*dates[:30], "1952-05", "1952-06", "1952-07"]))
