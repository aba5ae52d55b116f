"""Steps between dates: equal ones, unequal ones, those of business days, and dates that come more
than once.
"""

import re
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from helpers.series_tables import columns, read, read_or_remedy, refusal, rows, steps, values
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UsageError

THREE_YEARS = [f"{2001 + n // 12}-{n % 12 + 1:02}" for n in range(36)]


# Unequal steps.


@pytest.mark.parametrize("heading", ["Year", "Jahr", "date", "año", "anno"])
def test_unequal_years_are_no_single_steps(heading: str) -> None:
    text = columns(f"{heading},v", ["1990", "1995", "2000", "2003", "2006", "2010"], values(6))
    assert refusal(text) == (
        "f.csv, line 5: the dates are not one step apart: 5 years between 1990 and 1995, 3 years "
        "between 2000 and 2003."
        " If each line is a step anyway, have steps counted: --steps count"
    )
    assert len(read(text, steps="count").values) == 6
    gap = columns(f"{heading},v", [str(1990 + k) for k in range(8) if k != 3], values(7))
    assert "1993-01 is missing." in refusal(gap)


def test_years_without_a_heading_are_said_to_be_counted() -> None:
    text = columns("x,v", ["1990", "1995", "2000", "2003"], values(4))
    assert read(text, "v").notes == (
        "f.csv: '1990' is not read as a date; steps are counted. Write dates as 1749-01-31.",
    )


@pytest.mark.parametrize(
    "cells", [["012019", "022019", "032019"], ["2023001", "2023002", "2023003"], ["45292", "45293"]]
)
def test_dates_in_digits_that_are_not_read_are_said_to_be_counted(cells: list[str]) -> None:
    reading = read(columns("date,v", cells, values(len(cells))))
    assert (reading.column, reading.steps) == (2, None)
    assert f"{cells[0]!r} is not read as a date; steps are counted." in reading.notes[0]


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (
            ["2021-12-20", "2022-03-05", "2023-11-11", "2024-01-02"],
            "75 days between 2021-12-20 and 2022-03-05, 616 days between 2022-03-05 and "
            "2023-11-11.",
        ),
        (
            [
                "2024-01-01",
                "2024-01-11",
                "2024-01-21",
                "2024-02-01",
                "2024-02-11",
                "2024-02-21",
                "2024-03-01",
            ],
            "10 days between 2024-01-01 and 2024-01-11, 11 days between 2024-01-21 and 2024-02-01.",
        ),
        (
            ["2024-01-01", "2024-01-15", "2024-02-01", "2024-02-15", "2024-03-01", "2024-03-15"],
            "14 days between 2024-01-01 and 2024-01-15, 17 days between 2024-01-15 and 2024-02-01.",
        ),
        (
            ["2024-01-31", "2024-03-01", "2024-05-20", "2024-07-02"],
            "30 days between 2024-01-31 and 2024-03-01, 80 days between 2024-03-01 and 2024-05-20.",
        ),
        (
            ["2024-01-01 10:00", "2024-01-01 10:07", "2024-01-01 10:30", "2024-01-01 10:31"],
            "7 minutes between 2024-01-01 10:00:00 and 2024-01-01 10:07:00, "
            "23 minutes between 2024-01-01 10:07:00 and 2024-01-01 10:30:00.",
        ),
    ],
)
def test_dates_that_are_unequally_far_apart(dates: list[str], words: str) -> None:
    said = refusal(rows(dates))
    assert f"the dates are not one step apart: {words}" in said
    assert said.endswith(" If each line is a step anyway, have steps counted: --steps count")
    assert refusal(rows(dates[::-1])).partition(":")[2] == said.partition(":")[2]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2024-01-31", "2024-02-01"], ("2024-01-31", "D")),
        # The last business days of months, the third Fridays, and what goes by 30 days and by 13
        # weeks.
        (["2023-12-29", "2024-01-31", "2024-02-29", "2024-03-28", "2024-04-30"], ("2023-12", "M")),
        (["2024-01-19", "2024-02-16", "2024-03-15", "2024-04-19", "2024-05-17"], ("2024-01", "M")),
        (["2023-03-31", "2023-06-30", "2023-09-29", "2023-12-29", "2024-03-28"], ("2023-03", "Q")),
        (["2020-12-31", "2021-12-31", "2022-12-30", "2023-12-29"], ("2020-12", "Y")),
        (
            ["2024-01-15", "2024-02-14", "2024-03-15", "2024-04-14", "2024-05-14"],
            ("2024-01-15", "30D"),
        ),
        (["2023-02-10", "2023-05-12", "2023-08-11", "2023-11-10"], ("2023-02-10", "91D")),
    ],
)
def test_days_of_months_are_months_if_they_are_about_as_far_apart(
    dates: list[str], expected: tuple[str, str]
) -> None:
    assert steps(rows(dates)) == expected


@given(
    st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    st.lists(st.sampled_from([7, 10, 11, 14, 15, 17, 20, 30, 31, 59]), min_size=3, max_size=20),
)
def test_a_date_is_missing_only_where_one_would_make_the_steps_equal(
    first: date, distances: list[int]
) -> None:
    days = [first]
    for distance in distances:
        days.append(days[-1] + timedelta(distance))
    text = rows([str(day) for day in days])
    reading, _remedy = read_or_remedy(text)
    usual = max({*distances}, key=distances.count)
    if reading is not None:
        assert reading.steps is not None
        assert len({*distances}) == 1 or reading.steps.frequency in ("M", "Q", "2M")
    elif match := re.search(r"([-0-9]+) is missing\.", said := refusal(text)):
        # The 27th and 29th of months are a month apart.
        are_months = all(
            abs(distance - 30.44 * round(distance / 30.44)) <= 7 for distance in distances
        )
        assert (
            are_months
            if len(match[1]) == 7
            else all(distance % usual == 0 for distance in distances)
        )
    else:
        assert "the dates are not one step apart: " in said


# Business days.


def working_days(first: date, n: int, weekend: tuple[int, ...]) -> list[date]:
    days = (first + timedelta(k) for k in range(2 * n + 14))
    return [day for day in days if day.weekday() not in weekend][:n]


def test_a_session_on_a_saturday_brings_no_missing_weekends() -> None:
    days = sorted([*working_days(date(2019, 1, 2), 400, (5, 6)), date(2019, 10, 26)])
    reading = read(rows([str(day) for day in days]))
    assert (reading.steps, reading.days, reading.notes) == (("2019-01-02", "B"), tuple(days), ())
    without = [day for day in days if not date(2019, 4, 1) <= day < date(2019, 7, 1)]
    assert "2019-04-01 is missing." in refusal(rows([str(day) for day in without]))


@pytest.mark.parametrize("weekend", [(5, 6), (4, 5), (6,)])
def test_weeks_of_other_days(weekend: tuple[int, ...]) -> None:
    days = working_days(date(2024, 1, 1), 30, weekend)
    reading = read(rows([str(day) for day in days]))
    assert (reading.days, reading.notes) == (tuple(days), ())
    with_holiday = [str(day) for day in days if day != date(2024, 1, 16)]
    assert "1 weekday is missing (2024-01-16)" in read(rows(with_holiday)).notes[0]


def test_the_holidays_of_a_short_extract_are_no_weekends() -> None:
    days = [
        "2023-12-21",
        "2023-12-22",
        "2023-12-27",
        "2023-12-28",
        "2023-12-29",
        "2024-01-02",
        "2024-01-03",
    ]
    assert "2023-12-27 comes after 2023-12-22: 2023-12-25 is missing." in refusal(rows(days))


# Dates that come more than once.


def run(remedy: str, text: str, folder: Path) -> str:
    """Do what is advised in a shell and return the new file."""
    (folder / "f.csv").write_text(text)
    command = (
        remedy.partition(": ")[2]
        .partition("; or say")[0]
        .replace("FILE", "f.csv")
        .replace("NEW", "new.csv")
    )
    subprocess.run(["bash", "-c", command], cwd=folder, check=True)
    return (folder / "new.csv").read_text()


@pytest.mark.parametrize("names", [("A", "B"), ("San José", "La Paz"), ("-x", "it's"), ("7", "8")])
@pytest.mark.parametrize("head", ["date,city,temp\n", "# two cities\n\ndate,city,temp\n", ""])
@pytest.mark.parametrize("is_stacked", [True, False])
def test_series_of_several_places(
    names: tuple[str, str], head: str, is_stacked: bool, tmp_path: Path
) -> None:
    lines = [
        (THREE_YEARS[k], f"{THREE_YEARS[k]},{name},{5 * k % 7 + 3 * p}.5\n")
        for p, name in enumerate(names)
        for k in range(12)
    ]
    text = head + "".join(
        line for _month, line in (lines if is_stacked else sorted(lines, key=lambda line: line[0]))
    )
    with pytest.raises(UsageError) as caught:
        read(text, "3")
    said, remedy = str(caught.value), caught.value.remedy
    column = "city" if head else "column 2"
    if is_stacked:
        assert (
            f"the dates begin again with 2001-01, another {column} ({', '.join(names)}). Keep the "
            f"lines of" in said
        )
        assert "--steps" not in said
    else:
        assert (
            f"2001-01 comes a second time, with another {column} ({', '.join(names)}). Keep the "
            f"lines of" in said
        )
        assert "say --steps count if they" in said
        assert len(read(text, "3", steps="count").values) == 24
    # The numbers of places may be values too.
    if is_stacked or names[0] != "7":
        kept = read(run(remedy, text, tmp_path), "3")
        assert (kept.steps, kept.values) == (
            ("2001-01", "M"),
            tuple(5 * k % 7 + 0.5 for k in range(12)),
        )


def test_series_below_each_other_without_names(tmp_path: Path) -> None:
    text = "month,v\n" + "".join(f"{THREE_YEARS[k % 12]},{7 * k % 11}\n" for k in range(24))
    with pytest.raises(UsageError) as caught:
        read(text)
    assert str(caught.value) == (
        "f.csv, line 14: the dates begin again with 2001-01: several series. "
        "Keep the lines of the first: head -n 13 FILE > NEW"
    )
    kept = read(run(caught.value.remedy, text, tmp_path))
    assert (kept.steps, len(kept.values)) == (("2001-01", "M"), 12)


def test_lines_of_a_date_that_something_not_read_tells_apart() -> None:
    shifts = columns(
        "date,shift,v",
        [f"2024-01-{1 + k // 2:02}" for k in range(16)],
        ["morning", "evening"] * 8,
        values(16),
    )
    assert "2024-01-01 comes a second time, with another shift (morning, evening)." in refusal(
        shifts
    )
    bare = columns("date,v", [f"2024-01-{1 + k // 3:02}" for k in range(24)], values(24))
    assert refusal(bare) == (
        "f.csv, line 3: 2024-01-01 comes a second time, as most dates do. "
        "If the lines follow each other in time anyway, say --steps count"
    )
    assert len(read(bare, steps="count").values) == 24


def test_a_date_that_stands_there_twice_by_mistake_is_named() -> None:
    assert "line 5: 2001-03 comes a second time. Put the lines in order" in refusal(
        rows([*THREE_YEARS[:3], *THREE_YEARS[2:9]])
    )


def test_fractions_of_seconds_are_counted_and_that_is_said() -> None:
    reading = read(rows([f"2024-01-01 00:00:00.{k}00" for k in range(9)]))
    assert (reading.steps, reading.values) == (None, tuple(range(58, 67)))
    assert reading.notes == (
        "f.csv: '2024-01-01 00:00:00.000' is not read as a date; steps are counted. Write dates "
        "as 1749-01-31.",
    )


def test_dates_that_are_not_in_equal_steps_are_named_by_the_parts_that_make_steps() -> None:
    # Not by the time of sunrise.
    days = [date(2024, 1, 1) + timedelta(k) for k in range(20) if k != 9]
    text = columns(
        "date,time,v",
        [str(day) for day in days],
        [str(600 + 7 * k % 50) for k in range(19)],
        values(19),
    )
    assert "2024-01-10 is missing." in refusal(text, "v")
