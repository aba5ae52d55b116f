"""Tables drawn at random from a grammar of layouts: what was written is read, or the option that is
named decides.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from helpers.series_tables import (
    ENGLISH,
    FRENCH,
    GERMAN,
    ITALIAN,
    PORTUGUESE,
    SPANISH,
    read,
    read_or_remedy,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.data.series_table import Reading

Row = Sequence[str]
Form = tuple[tuple[str, ...], Callable[[datetime], Row]]
"""The headings of the columns that a date is written in, and how."""

MONTHS: tuple[Form, ...] = (
    (("Date",), lambda d: [f"{d:%Y-%m}"]),
    (("Date",), lambda d: [f"{d:%Y-%m}-15"]),
    (("Fecha",), lambda d: [f"28/{d:%m/%Y}"]),
    (("Month",), lambda d: [f"{ENGLISH[d.month - 1][:3]} {d.year}"]),
    (("Month",), lambda d: [f"{d.year}M{d.month:02}"]),
    (("date",), lambda d: [f"{d:%Y%m}"]),
    (("Year", "Month"), lambda d: [str(d.year), str(d.month)]),
    (("Year", "Month"), lambda d: [str(d.year), f"{d.month:02}"]),
    (("Year", "Month"), lambda d: [str(d.year), ENGLISH[d.month - 1]]),
    (("Year", "x"), lambda d: [str(d.year), ENGLISH[d.month - 1][:3].upper()]),
    (("Año", "Mes"), lambda d: [str(d.year), SPANISH[d.month - 1]]),
    (("Año", "Mes"), lambda d: [str(d.year), SPANISH[d.month - 1][:3] + "."]),
    (("Year", "Period"), lambda d: [str(d.year), f"M{d.month:02}"]),
    (("Jahr", "Monat"), lambda d: [str(d.year), GERMAN[d.month - 1]]),
    (("Monat",), lambda d: [f"{GERMAN[d.month - 1]} {d.year}"]),
    (("mois",), lambda d: [f"{FRENCH[d.month - 1]} {d.year}"]),
    (("Mese", "Anno"), lambda d: [ITALIAN[d.month - 1][:3].upper(), str(d.year)]),
    (("mês",), lambda d: [f"{PORTUGUESE[d.month - 1]} de {d.year}"]),
    (("Tag", "Monat", "Jahr"), lambda d: ["1", str(d.month), str(d.year)]),
)
HALVES: tuple[Form, ...] = (
    (("Date",), lambda d: [f"{d.year}-S{d.month // 7 + 1}"]),
    (("Year", "Period"), lambda d: [str(d.year), f"S0{d.month // 7 + 1}"]),
    (("Year", "Half"), lambda d: [str(d.year), str(d.month // 7 + 1)]),
)
QUARTERS: tuple[Form, ...] = (
    (("Quarter",), lambda d: [f"{d.year}Q{d.month // 3 + 1}"]),
    (("Quarter",), lambda d: [f"Q{d.month // 3 + 1} {d.year}"]),
    (("Year", "Quarter"), lambda d: [str(d.year), str(d.month // 3 + 1)]),
    (("Year", "x"), lambda d: [str(d.year), f"Q{d.month // 3 + 1}"]),
    (("Quarter",), lambda d: [f"{d.year}-{d.month // 3 + 1}"]),
    (("Year", "Quartal"), lambda d: [str(d.year), f"Qtr{d.month // 3 + 1}"]),
)
WEEKS: tuple[Form, ...] = (
    (("Week",), lambda d: [f"{d:%G-W%V}"]),
    (("Year", "Week"), lambda d: [f"{d:%G}", f"{d:%V}"]),
    (("Year", "Week"), lambda d: [f"{d:%G}", str(int(f"{d:%V}"))]),
    (("KW", "Jahr"), lambda d: [f"{d:%V}", f"{d:%G}"]),
    (("yearweek",), lambda d: [f"{d:%G-%V}"]),
    (("week",), lambda d: [f"{d:%G%V}"]),
    (("x",), lambda d: [f"Week {int(f'{d:%V}')} {d:%G}"]),
)
DAYS: tuple[Form, ...] = (
    (("Date",), lambda d: [f"{d:%Y-%m-%d}"]),
    (("Date",), lambda d: [f"{d:%d.%m.%Y}"]),
    (("Date",), lambda d: [f"{d:%m/%d/%Y}"]),
    (("Date",), lambda d: [f"{d:%Y%m%d}"]),
    (("Date",), lambda d: [f"{d.day} {ENGLISH[d.month - 1][:3]} {d.year}"]),
    (("Date",), lambda d: [f"{d:%Y-%m-%d} 00:00:00+01:00"]),
    (("year", "month", "day"), lambda d: [str(d.year), str(d.month), str(d.day)]),
    (("Año", "Mes", "Día"), lambda d: [str(d.year), SPANISH[d.month - 1], f"{d.day:02}"]),
    (("year", "doy"), lambda d: [str(d.year), str(int(f"{d:%j}"))]),
    (("jour", "mois", "année"), lambda d: [str(d.day), str(d.month), str(d.year)]),
    (("fecha",), lambda d: [f"{d.day} de {SPANISH[d.month - 1]} de {d.year}"]),
    (("Datum",), lambda d: [f"{d.day}. {GERMAN[d.month - 1]} {d.year}"]),
)
HOURS: tuple[Form, ...] = (
    (("time",), lambda d: [f"{d:%Y-%m-%d %H:%M}"]),
    (("time",), lambda d: [f"{d:%Y-%m-%dT%H:%M:%SZ}"]),
    (("Date", "Time"), lambda d: [f"{d:%Y-%m-%d}", f"{d:%H:%M:%S}"]),
    (("Date", "Time"), lambda d: [f"{d:%Y-%m-%d}", f"{d:%I:%M %p}"]),
    (("Fecha", "Hora"), lambda d: [f"{d:%d/%m/%Y}", str(d.hour)]),
    (
        ("year", "month", "day", "hour"),
        lambda d: [str(d.year), str(d.month), str(d.day), str(d.hour)],
    ),
    (("date", "hhmm"), lambda d: [f"{d:%Y-%m-%d}", f"{d:%H%M}"]),
    (("date", "time"), lambda d: [f"{d:%Y-%m-%d}", str(100 * d.hour)]),
    (("date", "x"), lambda d: [f"{d:%Y-%m-%d}", f"HE{d.hour:02}"]),
    (("date", "hour"), lambda d: [f"{d:%Y-%m-%d}", f"{d:%H:%M} - {d + timedelta(hours=1):%H:%M}"]),
    (("date", "hour", "ampm"), lambda d: [f"{d:%Y-%m-%d}", f"{d:%I}", f"{d:%p}"]),
)
QUARTERS_OF_HOURS: tuple[Form, ...] = (
    (("date", "hour", "minute"), lambda d: [f"{d:%Y-%m-%d}", str(d.hour), str(d.minute)]),
    (
        ("year", "month", "day", "hour", "minute"),
        lambda d: [str(d.year), str(d.month), str(d.day), str(d.hour), str(d.minute)],
    ),
    (("date", "hhmm"), lambda d: [f"{d:%Y%m%d}", f"{d:%H%M}"]),
)


@dataclass(frozen=True)
class Scale:
    """How far the dates of a series lie apart, and the ways in which they may be written."""

    frequency: str
    forms: tuple[Form, ...]
    moments: Callable[[int, int], list[datetime]]
    """The first dates of ``n``, shifted by a number of steps."""
    first: str
    """How the first date is to be named, as strftime has it."""


def by_months(size: int) -> Callable[[int, int], list[datetime]]:
    return lambda n, shift: [
        datetime(1949 + at // 12, at % 12 + 1, 1)
        for at in range(size * shift, size * (n + shift), size)
    ]


def by(delta: timedelta, first: datetime) -> Callable[[int, int], list[datetime]]:
    return lambda n, shift: [first + (shift + at) * delta for at in range(n)]


def business_days(n: int, shift: int) -> list[datetime]:
    days = (datetime(2019, 1, 21) + timedelta(shift + at) for at in range(2 * n + 10))
    return [day for day in days if day.weekday() < 5][:n]


SCALES = (
    Scale("M", MONTHS, by_months(1), "%Y-%m"),
    Scale("Q", QUARTERS, by_months(3), "%Y-%m"),
    Scale("6M", HALVES, by_months(6), "%Y-%m"),
    Scale("W-SUN", WEEKS, by(timedelta(7), datetime(2018, 12, 3)), "%Y-%m-%d"),
    Scale("D", DAYS, by(timedelta(1), datetime(2019, 12, 20)), "%Y-%m-%d"),
    Scale("B", DAYS, business_days, "%Y-%m-%d"),
    Scale("h", HOURS, by(timedelta(hours=1), datetime(2019, 12, 30)), "%Y-%m-%d %H:00:00"),
    Scale(
        "15min",
        QUARTERS_OF_HOURS,
        by(timedelta(minutes=15), datetime(2019, 12, 31, 20)),
        "%Y-%m-%d %H:%M:00",
    ),
)


@dataclass(frozen=True)
class Numbers:
    """A way of writing numbers."""

    decimal: str = "."
    thousands: str = ""
    before: str = ""
    after: str = ""
    flags: tuple[str, ...] = ("",)
    """What may stand behind a number."""

    def write(self, value: float, flag: str) -> str:
        whole, decimals = f"{abs(value):,.1f}".split(".")
        number = whole.replace(",", self.thousands) + self.decimal + decimals
        return f"{'-' if value < 0 else ''}{self.before}{number}{self.after}{flag}"

    @property
    def options(self) -> dict[str, Any]:
        """What a person who knows says of it."""
        return {
            "decimal": self.decimal,
            "thousands": self.thousands.replace("\u00a0", " ") or "none",
        }


NUMBERS = st.one_of(
    st.builds(
        Numbers,
        decimal=st.sampled_from(".,"),
        thousands=st.sampled_from(["", ".", ",", "'", " ", "\u00a0"]),
        before=st.sampled_from(["", "", "$", "€ ", "CHF "]),
        flags=st.sampled_from([("",), ("", " p"), ("", "*", " e")]),
    ),
    st.builds(
        Numbers, decimal=st.sampled_from(".,"), after=st.sampled_from(["%", " %", " mm", " €"])
    ),
).filter(lambda numbers: numbers.decimal != numbers.thousands)


@dataclass
class Drawn:
    """A table that was drawn, and the series in it."""

    content: bytes
    values: list[float]
    steps: tuple[str, str] | None
    column: int
    headings: str = ""
    """A line that names the columns, of a table that may be without."""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def with_headings(self) -> bytes:
        """The table with that line above it."""
        return self.headings.encode() + b"\n" + self.content.removeprefix("\ufeff".encode())

    def check(self, reading: Reading) -> None:
        assert reading.values == tuple(self.values)
        assert reading.steps == self.steps
        assert reading.column == self.column


@st.composite
def tables(draw: st.DrawFn) -> Drawn:
    """Draw a table: dates in one column, in several or none, in any order; numbers; separators;
    quotes; and more.
    """
    scale = draw(st.sampled_from(SCALES))
    headings, form = draw(st.sampled_from([*scale.forms, ((), lambda d: ())]))
    n = draw(st.integers(40, 60))
    moments = scale.moments(n, draw(st.integers(0, 11)))
    numbers = draw(NUMBERS)
    tenths = draw(st.lists(st.integers(-99_999, 999_999), min_size=n, max_size=n, unique=True))
    values = [tenth / 10 for tenth in tenths]
    missing_first, missing_last = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    marker = draw(st.sampled_from(["", "NA", ":", "-", ".."]))
    cells = [numbers.write(value, draw(st.sampled_from(numbers.flags))) for value in values]
    cells = (
        [marker] * missing_first + cells[missing_first : n - missing_last] + [marker] * missing_last
    )
    rows = [[*form(moment), cell] for moment, cell in zip(moments, cells, strict=True)]

    is_backwards = bool(headings) and draw(st.booleans())
    order = draw(st.permutations(range(len(headings) + 1)))
    rows = [[row[at] for at in order] for row in (rows[::-1] if is_backwards else rows)]
    has_headings = draw(st.booleans())
    if has_headings:
        names = [*headings, "Rain"]
        if draw(st.booleans()):
            rows.insert(0, [("mm" if at == len(headings) else "") for at in order])
        rows.insert(0, [names[at] for at in order])
    else:
        # What says nothing of itself is only read side by side, in the order of a date.
        assume(
            not any(row.isdigit() for row in form(moments[0]))
            or [*order[: len(headings)]] == [*range(len(headings))]
        )

    separator = draw(st.sampled_from([",", ";", "\t", "|", " "]))
    assume(separator != " " or (marker and all(map(all, rows))))
    text = _with_extras(draw, [_line(draw, row, separator) for row in rows])
    kept = moments[missing_first : n - missing_last]
    steps = (kept[0].strftime(scale.first), scale.frequency) if headings else None
    if steps and "+01:00" in text:
        steps = (f"{steps[0]} 00:00:00" if scale.frequency == "D" else steps[0], scale.frequency)
    values = values[missing_first : n - missing_last]
    line = separator.join([*headings, "Rain"][at] for at in order)
    return Drawn(
        text.encode(), values, steps, order.index(len(headings)) + 1, line, numbers.options
    )


def _line(draw: st.DrawFn, row: Row, separator: str) -> str:
    quoted = [
        f'"{cell}"'
        if separator in cell or (separator == " " and "\u00a0" in cell) or draw(st.booleans())
        else cell
        for cell in row
    ]
    return separator.join(quoted)


def _with_extras(draw: st.DrawFn, lines: list[str]) -> str:
    """Add a byte order mark, comments and empty lines, and draw how lines end."""
    for extra in draw(
        st.lists(st.sampled_from(["# a remark, with 5 commas", "", "  "]), max_size=3)
    ):
        lines.insert(draw(st.integers(0, len(lines))), extra)
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return (
        draw(st.sampled_from(["", "\ufeff"])) + end.join(lines) + draw(st.sampled_from(["", end]))
    )


def read_as_advised(table: Drawn) -> Reading:
    """Read a table with all that is known of it: how its numbers are written, and what its columns
    hold if asked.
    """
    reading, remedy = read_or_remedy(table.content, **table.options)
    if reading is None:
        assert "Say which with headings" in remedy
        reading = read(table.with_headings, **table.options)
    return reading


@settings(max_examples=400)
@given(tables())
def test_what_is_drawn_is_read(table: Drawn) -> None:
    reading, remedy = read_or_remedy(table.content)
    if reading is None:
        # Only what is really open may be refused, with the option or the headings that decide.
        assert "--decimal" in remedy or "Say which with headings" in remedy
        reading = read_as_advised(table)
    table.check(reading)


@settings(max_examples=150)
@given(tables())
def test_what_is_known_is_read_as_said(table: Drawn) -> None:
    table.check(read_as_advised(table))
    counted = read(table.content, table.column, steps="count", **table.options)
    assert (list(counted.values), counted.steps) == (table.values, None)


# A column a month, and numbers that say too little.


@settings(max_examples=100)
@given(
    st.integers(2, 8),
    st.sampled_from(
        [ENGLISH, SPANISH, [name[:3] for name in ENGLISH], [str(n) for n in range(1, 13)]]
    ),
    st.sampled_from(["Year", "", "Año", "anything"]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["", "NA", ":", "***"]),
    st.integers(0, 11),
    st.integers(0, 11),
    st.booleans(),
    st.booleans(),
)
def test_a_column_a_month(
    years: int,
    names: list[str],
    heading: str,
    separator: str,
    marker: str,
    before: int,
    after: int,
    mean: bool,
    back: bool,
) -> None:
    values = [7 * n % 13 + 0.5 for n in range(12 * years)]
    cells = (
        [marker] * before
        + [str(value) for value in values[before : len(values) - after]]
        + [marker] * after
    )
    lines = [
        [str(1950 + y), *cells[12 * y : 12 * y + 12], *(["5.5"] if mean else [])]
        for y in range(years)
    ]
    head = [heading, *names, *(["Mean"] if mean else [])]
    reading = read(
        "\n".join(separator.join(line) for line in [head, *(lines[::-1] if back else lines)])
    )
    assert list(reading.values) == values[before : len(values) - after]
    assert reading.steps == (f"1950-{before + 1:02}", "M")


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 9_999_999), min_size=3, max_size=12),
    st.sampled_from([",", ".", "'", " "]),
    st.sampled_from([";", "\t", "|"]),
)
def test_whole_numbers_in_groups(values: list[int], mark: str, separator: str) -> None:
    lines = [f"2{n:03}{separator}{value:,}".replace(",", mark) for n, value in enumerate(values)]
    text = f"Year{separator}Sold\n" + "\n".join(lines)
    told = read(text, thousands=mark)
    assert list(told.values) == values
    reading, remedy = read_or_remedy(text)
    if reading is None:
        assert f"--thousands {mark}" in remedy
    else:
        # A point alone is a decimal one, which commas and the rest never are without a word.
        thousandths = [value / 1_000 if value >= 1_000 else value for value in values]
        assert list(reading.values) == values or (
            mark == "." and all(map(math.isclose, reading.values, thousandths))
        )


def test_the_first_dates_are_those_that_are_meant() -> None:
    assert business_days(3, 0) == [
        datetime(2019, 1, 21),
        datetime(2019, 1, 22),
        datetime(2019, 1, 23),
    ]
    assert [str(date(m.year, m.month, m.day)) for m in by_months(3)(2, 1)] == [
        "1949-04-01",
        "1949-07-01",
    ]
