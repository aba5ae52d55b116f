"""Dates as tables write them, in one cell or with a part of them in each of several.

A pattern's groups name the parts of a date that a cell holds. The parts of all cells that belong together make a
:class:`Moment`.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from engine.language import ngettext

_MONTHS = (
    "january enero", "february febrero", "march marzo", "april abril", "may mayo", "june junio", "july julio",
    "august agosto", "september septiembre setiembre", "october octubre", "november noviembre",
    "december diciembre",
)  # fmt: skip
_MONTH_NUMBERS = {
    name[:length]: number
    for number, names in enumerate(_MONTHS, 1)
    for name in names.split()
    for length in range(3, len(name) + 1)
}
"""The months in English and Spanish, abbreviated to three letters and more."""

_NAME = rf"(?P<name>{'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\.?"
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?(?: ?(?P<half>[AP])\.?M\.?)?"
)
_OFFSET = r"(?: ?(?P<offset>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_TIME = rf"(?:(?:T| +){_CLOCK}{_OFFSET})?"
_QUARTER = r"(?:[QT](?P<quarter>[1-4])|(?P<quarter_>[1-4])[QT])"


def _pattern(text: str) -> "re.Pattern[str]":
    return re.compile(text, re.ASCII | re.IGNORECASE)


DATE_SHAPES = tuple(
    map(
        _pattern,
        (
            r"(?P<year>[0-9]{4})(?P<mark>[-/])(?P<month>[0-9]{1,2})",
            rf"(?P<year>[0-9]{{4}})(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}}){_TIME}",
            r"(?P<month>[0-9]{1,2})[-/](?P<year>[0-9]{4})",
            r"(?P<year>[0-9]{4})[ -]?M(?P<month>[0-9]{1,2})",
            r"(?P<year>[0-9]{4})[ -]?W(?P<week>[0-9]{1,2})",
            rf"{_NAME}[ ,/-]*(?P<year>[0-9]{{4}})",
            rf"(?P<year>[0-9]{{4}})[ /-]*{_NAME}",
            rf"(?P<day>[0-9]{{1,2}})[ ./-]+{_NAME}[ ,/-]+(?P<year>[0-9]{{4}}){_TIME}",
            rf"{_NAME}[ -]*(?P<day>[0-9]{{1,2}})[ ,]+(?P<year>[0-9]{{4}}){_TIME}",
            rf"(?P<year>[0-9]{{4}})[ -]*{_QUARTER}",
            rf"{_QUARTER}[ /-]*(?P<year>[0-9]{{4}})",
        ),
    )
)
DAY_FIRST, MONTH_FIRST = (
    _pattern(rf"(?P<{a}>[0-9]{{1,2}})(?P<mark>[-/.])(?P<{b}>[0-9]{{1,2}})(?P=mark)(?P<year>[0-9]{{4}}){_TIME}")
    for a, b in (("day", "month"), ("month", "day"))
)
COMPACT = _pattern(
    r"(?P<year>[12][0-9]{3})(?P<month>[0-9]{2})"
    r"(?:(?P<day>[0-9]{2})(?:[T ]?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})?(?P<second>[0-9]{2})?)?)?"
)
"""174901, 17490131: a date if the column's cells follow each other as dates do."""
DECIMAL_YEAR = _pattern(r"(?P<year>[12][0-9]{3})(?:[.,](?P<fraction>[0-9]*))?")
YEAR = _pattern(r"(?P<year>[12][0-9]{3})")
MONTH = _pattern(rf"M?(?P<month>0?[1-9]|1[0-2])|{_NAME}")
QUARTER = _pattern(rf"{_QUARTER}|(?P<bare_quarter>[1-4])")
WEEK = _pattern(r"(?:W|Week )?(?P<week>0?[1-9]|[1-4][0-9]|5[0-3])")
DAY_OF_YEAR = _pattern(r"(?P<day_of_year>[0-3]?[0-9]{1,2})")
DAY = _pattern(r"(?P<day>0?[1-9]|[12][0-9]|3[01])")
HOUR = _pattern(r"(?P<hour>[01]?[0-9]|2[0-4])h?")
TIME = _pattern(_CLOCK + _OFFSET)


class Moment(NamedTuple):
    """A date as far as it is written: of a month alone, day and second are None."""

    year: int
    month: int
    day: int | None = None
    second: int | None = None
    """Seconds since midnight."""
    offset: int | None = None
    """Seconds by which the clock is ahead of UTC; None if it is not written."""
    is_week: bool = False
    """Whether a week is meant; the date is its Monday."""

    @property
    def months(self) -> int:
        return self.year * 12 + self.month - 1

    @property
    def seconds(self) -> int:
        return date(self.year, self.month, self.day or 1).toordinal() * 86_400 + (self.second or 0)

    @property
    def instant(self) -> int:
        """The seconds by the clock of UTC."""
        return self.seconds - (self.offset or 0)

    def __str__(self) -> str:
        if self.is_week:
            return date(self.year, self.month, self.day or 1).strftime("%G-W%V")
        words = f"{self.year:04}-{self.month:02}" + (f"-{self.day:02}" if self.day else "")
        minutes, seconds = divmod(self.second or 0, 60)
        return words + (f" {minutes // 60:02}:{minutes % 60:02}:{seconds:02}" if self.second is not None else "")


class Steps(NamedTuple):
    """Where a series begins, and how far its values lie apart, both as pandas spells a period and a frequency."""

    first: str
    frequency: str


def counted(length: int, step: str | None) -> str:
    """Say how long a series is: 2,820 months. ``step`` is a frequency; values are counted where there is none."""
    words = {
        "M": ngettext("{n:,} month", "{n:,} months", length),
        "Y": ngettext("{n:,} year", "{n:,} years", length),
        "Q": ngettext("{n:,} quarter", "{n:,} quarters", length),
        "W": ngettext("{n:,} week", "{n:,} weeks", length),
        "B": ngettext("{n:,} business day", "{n:,} business days", length),
        "D": ngettext("{n:,} day", "{n:,} days", length),
        "h": ngettext("{n:,} hour", "{n:,} hours", length),
        "min": ngettext("{n:,} minute", "{n:,} minutes", length),
    }
    return words.get(step or "", ngettext("{n:,} value", "{n:,} values", length)).format(n=length)


def is_date(cell: str) -> bool:
    """Return whether a cell is written like a date; whether there is such a day is another question."""
    # Most cells are figures: no need to try them in every shape.
    if cell.replace(".", "", 1).isdigit() or not any(map(str.isdigit, cell)):
        return False
    return any(shape.fullmatch(cell) for shape in (*DATE_SHAPES, DAY_FIRST))


def month_number(cell: str) -> int:
    """Return which month a cell means, 1 to 12, as ``Jan``, ``enero``, ``M01`` or ``1``; 0 if it is no month."""
    match = MONTH.fullmatch(cell)
    return 0 if match is None else int(match["month"] or _MONTH_NUMBERS[match["name"].lower()])


def quarter_number(cell: str) -> int:
    """Return which quarter a cell means, as ``Q1``; 0 if it is no quarter. A bare number is none."""
    match = QUARTER.fullmatch(cell)
    return 0 if match is None else int(match["quarter"] or match["quarter_"] or 0)


def moment_of(parts: Mapping[str, str | None]) -> Moment | None:
    """Return the moment that the parts of a date make, by the names of the patterns' groups.

    None if there is no such day or time in the calendar.
    """
    year, day = int(parts["year"] or 0), _whole(parts, "day")
    try:
        if week := parts.get("week"):
            monday = date.fromisocalendar(year, int(week), 1)
            return Moment(monday.year, monday.month, monday.day, is_week=True)
        if day_of_year := parts.get("day_of_year"):
            there = date(year, 1, 1) + timedelta(int(day_of_year) - 1)
            if there.year != year:
                return None
            day = there.day
        else:
            there = date(year, _month(parts), 1 if day is None else day)
    except (ValueError, OverflowError):
        return None
    if parts.get("hour") is None:
        return Moment(year, there.month, day)
    return None if day is None else _at_time(there, parts)


def _whole(parts: Mapping[str, str | None], name: str) -> int | None:
    text = parts.get(name)
    return None if text is None else int(text)


def _month(parts: Mapping[str, str | None]) -> int:
    """Return the month of a date, the first one of a quarter or a year."""
    if month := parts.get("month"):
        return int(month)
    if name := parts.get("name"):
        return _MONTH_NUMBERS[name.lower()]
    if quarter := parts.get("quarter") or parts.get("quarter_") or parts.get("bare_quarter"):
        return 3 * int(quarter) - 2
    # 0.083 is the beginning of February.
    return min(12, int(float(f"0.{parts.get('fraction') or 0}") * 12 + 0.02) + 1)


def _at_time(day: date, parts: Mapping[str, str | None]) -> Moment | None:
    hour, minute, second = (_whole(parts, name) or 0 for name in ("hour", "minute", "second"))
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half in "pP")
    seconds = hour * 3_600 + minute * 60 + second
    if minute > 59 or second > 59 or seconds > 86_400:
        return None
    if seconds == 86_400:  # 24:00 is the midnight at which the next day begins.
        try:
            day, seconds = day + timedelta(1), 0
        except OverflowError:
            return None
    return Moment(day.year, day.month, day.day, seconds, _offset(parts.get("offset")))


@cache
def _offset(text: str | None) -> int | None:
    """Return the seconds of an offset from UTC, ``+01:00``."""
    if text is None or text[0] not in "+-":
        return None if text is None else 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    return (-1 if text[0] == "-" else 1) * (int(digits[:2]) * 3_600 + int(digits[2:]) * 60)


def in_utc(moment: Moment) -> Moment:
    """Return the moment by the clock of UTC."""
    day, second = divmod(moment.instant, 86_400)
    there = date.fromordinal(max(1, day))
    return Moment(there.year, there.month, there.day, second, 0)
