"""Tables with a column a month, a quarter, an hour, …: one series in the order of time, or refused
as what they are.
"""

import calendar
import subprocess
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from helpers.series_tables import (
    ENGLISH,
    FRENCH,
    GERMAN,
    ITALIAN,
    PORTUGUESE,
    SPANISH,
    read,
    refusal,
)
from hypothesis import given
from hypothesis import strategies as st

ABBREVIATED = {
    "fr": [
        "janv",
        "févr",
        "mars",
        "avr",
        "mai",
        "juin",
        "juil",
        "août",
        "sept",
        "oct",
        "nov",
        "déc",
    ],
    "de": ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
    "de.": [
        "Jän.",
        "Feb.",
        "März",
        "Apr.",
        "Mai",
        "Juni",
        "Juli",
        "Aug.",
        "Sept.",
        "Okt.",
        "Nov.",
        "Dez.",
    ],
    "it": [name[:3] for name in ITALIAN],
    "pt": [name[:3].upper() for name in PORTUGUESE],
}
INITIALS = [[*"JFMAMJJASOND"], [*"EFMAMJJASOND"], [*"GFMAMGLASOND"]]
MONTHS = [ENGLISH, SPANISH, GERMAN, FRENCH, ITALIAN, PORTUGUESE, *ABBREVIATED.values(), *INITIALS]
QUARTERS = [
    ["Q1", "Q2", "Q3", "Q4"],
    ["Qtr1", "Qtr2", "Qtr3", "Qtr4"],
    ["1Q", "2Q", "3Q", "4Q"],
    ["T1", "T2", "T3", "T4"],
]
HALVES = [["H1", "H2"], ["S1", "S2"], ["1H", "2H"]]
CLOCKS = [
    [f"{hour:02}:00" for hour in range(24)], [f"{hour}:00" for hour in range(24)],
    [f"H{hour}" for hour in range(24)],
    [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)],
    [str(hour) for hour in range(24)],
]  # fmt: skip


def table(
    headings: Sequence[str], labels: Sequence[str], separator: str = ","
) -> tuple[str, list[float]]:
    """Write a line for each label with values under all headings but as many as a label has cells;
    return them too.
    """
    n = len(headings) - len(labels[0].split(","))
    numbers = [7 * k % 11 + 0.5 for k in range(n * len(labels))]
    lines = [
        ",".join([label, *map(str, numbers[n * at : n * at + n])])
        for at, label in enumerate(labels)
    ]
    return "\n".join([",".join(headings), *lines]).replace(",", separator) + "\n", numbers


@given(
    st.sampled_from(
        [
            *((names, "M") for names in MONTHS),
            *((names, "Q") for names in QUARTERS),
            *((names, "6M") for names in HALVES),
        ]
    ),
    st.integers(1850, 2030),
    st.integers(2, 6),
    st.sampled_from(["Year", "Jahr", "Année", "", "x"]),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
)
def test_parts_of_a_year_across(
    part: tuple[list[str], str], first: int, n: int, heading: str, separator: str, is_turned: bool
) -> None:
    names, frequency = part
    years = [str(first + k) for k in range(n)]
    text, numbers = table([heading, *names], years, separator)
    if is_turned and n > 2 and names not in INITIALS:
        cells = [line.split(separator) for line in text.splitlines()]
        text = "\n".join(separator.join(row) for row in zip(*cells, strict=True))
    reading = read(text)
    assert (list(reading.values), reading.steps, reading.column) == (
        numbers,
        (f"{first}-01", frequency),
        None,
    )


@given(
    st.sampled_from(CLOCKS),
    st.dates(date(1970, 1, 1), date(2030, 1, 1)),
    st.integers(2, 6),
    st.booleans(),
)
def test_times_of_day_across(times: list[str], first: date, n: int, has_means: bool) -> None:
    days = [str(first + timedelta(k)) for k in range(n)]
    text, numbers = table(["Date", *times], days)
    if has_means:
        text = "\n".join(
            line + (",Mean" if at == 0 else f",{at}.25")
            for at, line in enumerate(text.splitlines())
        )
    reading = read(text)
    assert list(reading.values) == numbers
    assert reading.steps == (f"{first} 00:00:00", "h" if len(times) == 24 else "30min")
    said = f"f.csv: each line is a day, its times in order: {n} days."
    assert reading.notes == (said, *(["f.csv: column Mean is left out."] if has_means else []))


@pytest.mark.parametrize("labels", ["{year},{month}", "{year}-{month:02}"])
def test_days_of_months_across(labels: str) -> None:
    months = [(2023, 12), (2024, 1), (2024, 2), (2024, 3)]
    lines, numbers = [], []
    for year, month in months:
        n = calendar.monthrange(year, month)[1]
        cells = [7 * (k + month) % 11 + 0.5 for k in range(n)]
        numbers += cells
        lines.append(
            ",".join([labels.format(year=year, month=month), *map(str, cells), *[""] * (31 - n)])
        )
    heading = "Year,Month" if "," in labels else "Month"
    text = "\n".join([",".join([heading, *(str(day) for day in range(1, 32))]), *lines])
    reading = read(text)
    assert (list(reading.values), reading.steps) == (numbers, ("2023-12-01", "D"))
    assert reading.notes == ("f.csv: each line is a month, its days in order: 4 months.",)


ENGLISH_3 = [name[:3] for name in ENGLISH]
WEEKDAYS = [
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"],
    ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"],
    ["dom", "lun", "mar", "mié", "jue", "vie", "sáb"],
    ["seg", "ter", "qua", "qui", "sex", "sáb", "dom"],
    ["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
]  # fmt: skip


@pytest.mark.parametrize(
    ("headings", "labels", "said"),
    [
        (["Year", *ENGLISH_3[9:], *ENGLISH_3[:9]], ["2001", "2002", "2003"],
        "a column per month (Oct to Sep)"),
        (["Year", *ENGLISH_3[:11]], ["2001", "2002", "2003"], "a column per month (Jan to Nov)"),
        (["Year", *ENGLISH_3], ["61", "62", "63"], "a column per month (Jan to Dec)"),
        (["Station", *ENGLISH_3], ["Kew", "Ely", "Rye"], "a column per month (Jan to Dec)"),
        (["x", "Winter", "Spring", "Summer", "Fall"], ["2001", "2002", "2003"],
        "a column per season (Winter to Fall)"),
        (["Year", "DJF", "MAM", "JJA", "SON"], ["2001", "2002", "2003"],
        "a column per season (DJF to SON)"),
        (["year", "Q1", "Q2", "Q3"], ["2001", "2002", "2003"], "a column per quarter (Q1 to Q3)"),
        (["Station", *CLOCKS[0]], ["Kew", "Ely", "Rye"],
        "a column per time of day (00:00 to 23:00)"),
        *((["Week", *names], ["1", "2", "3"],
        f"a column per weekday ({names[0]} to {names[-1]})") for names in WEEKDAYS),
    ],
)  # fmt: skip
def test_what_has_no_certain_order_is_refused_without_the_way_to_one_column(
    headings: list[str], labels: list[str], said: str
) -> None:
    text, _numbers = table(headings, labels)
    words = refusal(text)
    assert words.startswith(f"f.csv has {said}. ")
    assert words.endswith(", as date,value")
    assert "--column" not in words
    # Who knows what that is may have it.
    assert read(text, headings[-1]).column == len(headings)


def test_a_year_for_each_line_is_what_two_digits_lack() -> None:
    text, numbers = table(["Year", *ENGLISH_3], ["61", "62", "63"])
    assert "Give each line its year, with four digits" in refusal(text)
    assert list(read(text.replace("\n6", "\n196")).values) == numbers


@pytest.mark.parametrize(
    "headings",
    [
        ["date", "M1", "M2", "M3"],
        ["date", "Q1", "Q2", "Q3", "Q4"],
        ["date", "H1", "H2"],
        ["id", "Sun", "Moon"],
        ["date", "may", "set"],
    ],
)
def test_other_columns_are_no_periods(headings: list[str]) -> None:
    text, _numbers = table(headings, [f"2001-{month:02}-01" for month in range(1, 10)])
    assert "several columns of numbers: 2 " in refusal(text)


@pytest.mark.parametrize("end", ["", ","])
@pytest.mark.parametrize("remarks", ["", "# a bank's indicators\n\n# 2024\n\n"])
def test_years_across_of_several_countries(end: str, remarks: str, tmp_path: Path) -> None:
    head = f'"Country Name","Code","Indicator","1960","1961","1962","1963"{end}\n'
    lines = [
        f'"{name}","X","GDP (current US$)","1.5","2.5","0.5",""{end}\n'
        for name in ("Spain", "France")
    ]
    text = remarks + head + "".join(lines)
    said = refusal(text)
    assert said.startswith(
        "f.csv: each column is a date, and each line a series. Keep the headings and one line: "
    )
    (tmp_path / "f.csv").write_text(text)
    command = (
        said.partition("one line: ")[2]
        .replace("FILE", "f.csv")
        .replace("NAME", "Spain")
        .replace("NEW", "new")
    )
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    reading = read((tmp_path / "new").read_text())
    assert (reading.values, reading.steps) == ((1.5, 2.5, 0.5), ("1960-01", "Y"))
