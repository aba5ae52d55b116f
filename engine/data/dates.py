"""Dates as tables write them, in one cell or with a part in each of several cells.

A pattern's groups name the parts of a date that a cell holds. The parts of all cells that belong
together make a :class:`PartialDate`.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from engine.data.calendar_names import MONTH_NAMES, month_named
from engine.language import ngettext

_NAME = rf"(?P<name>{'|'.join(sorted(MONTH_NAMES, key=len, reverse=True))})\.?"
_YEAR = "(?P<year>[0-9]{4})"
_SHORT_YEAR = "['’]?(?P<short_year>[0-9]{2})"
_WEEKDAY = r"(?:[^\W\d_]{2,12}[.,]{0,2} )?"
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?(?: "
    r"?(?P<half>[AP])\.?M\.?)?"
)
_OFFSET = r"(?: ?(?P<offset>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_UNTIL = (
    r"(?: ?[-–] ?(?:[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[T "
    r"])?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
)
"""The end of the period that began then: 00:00 - 01:00."""
_TIME = rf"(?:(?:T| +|:){_CLOCK}{_OFFSET}{_UNTIL})?"
_QUARTER = r"(?:(?:Q|T|Qtr\.? ?|Quarter )0?(?P<quarter>[1-4])|(?P<quarter_>[1-4])[QT])"
_WEEK = r"(?:W|Wk|Week|KW)\.? ?(?P<week>[0-9]{1,2})"
_ORDINAL = "(?:st|nd|rd|th|er|º)?"


def _pattern(text: str) -> "re.Pattern[str]":
    return re.compile(text, re.IGNORECASE)


DATE_SHAPES = tuple(
    map(
        _pattern,
        (
            rf"{_YEAR}[-/:](?P<month>[0-9]{{1,2}})",
            rf"{_WEEKDAY}{_YEAR}(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}}){_TIME}",
            rf"(?P<month>[0-9]{{1,2}})[-/]{_YEAR}",
            rf"{_YEAR}[ -]?M{{1,2}}(?P<month>[0-9]{{1,2}})",
            rf"{_YEAR}[ -]?{_WEEK}",
            rf"{_WEEK}[ ,/-]+{_YEAR}",
            rf"{_NAME}(?:[ ,/-]*| de | del ){_YEAR}",
            rf"{_YEAR}[ /-]*{_NAME}",
            rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}}){_ORDINAL}(?:[ ./-]*| de ){_NAME}(?:[ ,/-]*| de | "
            rf"del ){_YEAR}{_TIME}",
            rf"{_WEEKDAY}{_NAME}[ -]*(?P<day>[0-9]{{1,2}}){_ORDINAL}[ ,]+{_YEAR}{_TIME}",
            rf"{_WEEKDAY}{_NAME} +(?P<day>[0-9]{{1,2}}) {_CLOCK} (?:[A-Z]{{3,4}} )?{_YEAR}",
            rf"{_YEAR}[ :-]*{_QUARTER}",
            rf"{_QUARTER}[ /-]*{_YEAR}",
            rf"{_YEAR}[ -]*[HS](?P<semester>[12])",
            rf"{_YEAR}年度?",
            rf"{_YEAR}年第?(?P<quarter>[1-4])季度?",
            rf"{_YEAR}年(?P<month>[0-9]{{1,2}})月(?:(?P<day>[0-9]{{1,2}})日)?",
        ),
    )
)
DAY_FIRST, MONTH_FIRST = (
    _pattern(
        rf"{_WEEKDAY}(?P<{a}>[0-9]{{1,2}})(?P<mark>[-/.])(?P<{b}>[0-9]{{1,2}})(?P=mark){_YEAR}{_TIME}"
    )
    for a, b in (("day", "month"), ("month", "day"))
)
SHORT_DATES = tuple(
    map(
        _pattern,
        (
            rf"{_NAME}[ ./-]*{_SHORT_YEAR}",
            rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})[ ./-]*{_NAME}[ ./,-]*{_SHORT_YEAR}{_TIME}",
            rf"{_QUARTER}[ /-]*{_SHORT_YEAR}",
        ),
    )
)
"""Dates with a two-digit year: a column's are taken for dates if they are in equal steps."""
SHORT_DAY_FIRST, SHORT_MONTH_FIRST = (
    _pattern(
        rf"{_WEEKDAY}(?P<{a}>[0-9]{{1,2}})(?P<mark>[-/.])(?P<{b}>[0-9]{{1,2}})(?P=mark){_SHORT_YEAR}{_TIME}"
    )
    for a, b in (("day", "month"), ("month", "day"))
)
SHORT_YEAR_FIRST = _pattern(
    rf"{_SHORT_YEAR}(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}}){_TIME}"
)
FIRST_SHORT_YEAR = 1930
"""What 30 means; 29 is 2029, as in spreadsheets."""
SPANS = (
    _pattern(rf"(?:[FCA]Y ?)?{_YEAR} ?[-/–] ?(?P<until>[0-9]{{2}}(?:[0-9]{{2}})?)"),
    _pattern(rf"[FCA]Y ?{_YEAR}"),
)
"""Years that do not begin in January: 2001/02, FY2001."""
COMPACT = _pattern(
    r"(?P<year>[12][0-9]{3})(?P<month>[0-9]{2})"
    r"(?:(?P<day>[0-9]{2})(?:[T ]?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})?(?P<second>[0-9]{2})?)?)?"
)
"""174901, 17490131: a date if the column's cells follow each other as dates do."""
YEAR_POINT_MONTH = _pattern(r"(?P<year>[12][0-9]{3})\.(?:(?P<month>0[1-9]|1[0-2])|(?P<october>1))")
"""1871.01 to 1871.12. A program that takes them for numbers writes 1871.1 for 1871.10."""
YEAR_WEEK = _pattern(r"(?P<year>[12][0-9]{3})(?:[ /-](?P<week>[0-9]{1,2})|(?P<week_>[0-9]{2}))")
"""2019-13 and 201913: a week if it can't be a month, or if the heading says so."""
YEAR_QUARTER = _pattern(r"(?P<year>[12][0-9]{3})[ :/-]?0?(?P<bare_quarter>[1-4])")
"""2019-1, if the heading says so or if it can't be a month."""
EPOCH = _pattern(r"(?P<epoch>[0-9]{9,10})(?:(?<=[0-9]{10})[0-9]{3}){0,3}(?:\.0*)?")
"""Seconds since 1970, or milliseconds, microseconds or nanoseconds."""
DECIMAL_YEAR = _pattern(r"(?P<year>[12][0-9]{3})(?:[.,](?P<fraction>[0-9]*))?")
YEAR = _pattern(r"(?P<year>[12][0-9]{3})")
MONTH = _pattern(rf"M?(?P<month>0?[1-9]|1[0-2])|{_NAME}")
QUARTER = _pattern(rf"{_QUARTER}|(?P<bare_quarter>[1-4]){_ORDINAL}")
SEMESTER = _pattern(r"(?:H|S|HY)0?(?P<semester>[12])|(?P<semester_>[12])[HS]?")
WEEK = _pattern(r"(?:W|Wk|Week|KW)?\.? ?(?P<week>0?[1-9]|[1-4][0-9]|5[0-3])")
DAY_OF_YEAR = _pattern(r"(?P<day_of_year>[0-3]?[0-9]{1,2})")
DAY = _pattern(r"(?P<day>0?[1-9]|[12][0-9]|3[01])")
HALF_DAY = _pattern(r"(?P<half>[AP])\.?M\.?")
HOUR = _pattern(r"(?:HE?)?(?P<hour>[01]?[0-9]|2[0-4])h?")
MINUTE = _pattern(r"(?P<minute>[0-5]?[0-9])")
SECOND = _pattern(r"(?P<second>[0-5]?[0-9])")
HOUR_MINUTE = _pattern(r"(?P<hour_minute>(?:[01]?[0-9]|2[0-4])[0-5][0-9])")
"""0130 and 130 for half past one."""
MINUTE_OF_HOUR_0 = _pattern(r"(?P<hour_minute>[0-5]?[0-9])")
"""The same before one o'clock, 30, in a column of whole numbers."""
TIME = _pattern(_CLOCK + _OFFSET + _UNTIL)
TIME_WITH_POINTS = _pattern(r"(?P<hour>[0-9]{1,2})\.(?P<minute>[0-9]{2})\.(?P<second>[0-9]{2})")


class PartialDate(NamedTuple):
    """A date as far as it is written: for a month alone, day and second are None."""

    year: int
    month: int
    day: int | None = None
    second: int | None = None
    """Seconds since midnight."""
    offset: int | None = None
    """Seconds by which the clock is ahead of UTC; None if not written."""
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
        """The seconds in UTC."""
        return self.seconds - (self.offset or 0)

    def normalized(self) -> "PartialDate":
        """Return the same moment with its seconds counted from midnight of its own day."""
        day, second = divmod(self.seconds, 86_400)
        calendar_day = date.fromordinal(max(1, day))
        return PartialDate(
            calendar_day.year, calendar_day.month, calendar_day.day, second, self.offset
        )

    def __str__(self) -> str:
        if self.is_week:
            return date(self.year, self.month, self.day or 1).strftime("%G-W%V")
        text = f"{self.year:04}-{self.month:02}" + (f"-{self.day:02}" if self.day else "")
        minutes, seconds = divmod(self.second or 0, 60)
        return text + (
            f" {minutes // 60:02}:{minutes % 60:02}:{seconds:02}" if self.second is not None else ""
        )


class Steps(NamedTuple):
    """Where a series begins and its step, both as pandas formats a period and a frequency."""

    first: str
    frequency: str


def format_length(length: int, step: str | None) -> str:
    """Return the length of a series as text: 2,820 months.

    ``step`` is a frequency; without one, values are counted.
    """
    forms = {
        "M": ngettext("{n:,} month", "{n:,} months", length),
        "Y": ngettext("{n:,} year", "{n:,} years", length),
        "Q": ngettext("{n:,} quarter", "{n:,} quarters", length),
        "W": ngettext("{n:,} week", "{n:,} weeks", length),
        "B": ngettext("{n:,} business day", "{n:,} business days", length),
        "D": ngettext("{n:,} day", "{n:,} days", length),
        "h": ngettext("{n:,} hour", "{n:,} hours", length),
        "min": ngettext("{n:,} minute", "{n:,} minutes", length),
    }
    return forms.get(step or "", ngettext("{n:,} value", "{n:,} values", length)).format(n=length)


def is_date(cell: str) -> bool:
    """Return whether a cell is written like a date, even if there is no such day."""
    # Most cells are numbers: no need to try every shape.
    if cell.replace(".", "", 1).isdigit() or not any(map(str.isdigit, cell)):
        return False
    return any(shape.fullmatch(cell) for shape in (*DATE_SHAPES, DAY_FIRST))


def month_number(cell: str) -> int:
    """Return the month of a cell, 1 to 12: ``Jan``, ``März``, ``M01`` or ``1``; 0 if it is none."""
    match = MONTH.fullmatch(cell)
    return 0 if match is None else int(match["month"] or month_named(match["name"]))


def quarter_number(cell: str) -> int:
    """Return the quarter of a cell such as ``Q1``; 0 for anything else, even a bare number."""
    match = QUARTER.fullmatch(cell)
    return 0 if match is None else int(match["quarter"] or match["quarter_"] or 0)


def semester_number(cell: str) -> int:
    """Return the half-year of a cell such as ``H1``; 0 for anything else, even a bare number."""
    match = None if cell.isdigit() else SEMESTER.fullmatch(cell)
    return 0 if match is None else int(match["semester"] or match["semester_"])


def moment_of(parts: Mapping[str, str | None]) -> PartialDate | None:
    """Return the date that parts make; the keys are the names of the patterns' groups.

    None if there is no such day or time in the calendar.
    """
    if epoch := parts.get("epoch"):
        return PartialDate(1970, 1, 1, int(epoch), 0).normalized()
    year, day = _year(parts), _int_or_none(parts, "day")
    if (until := parts.get("until")) and not str(year + 1).endswith(until):
        return None
    try:
        if week := parts.get("week") or parts.get("week_"):
            monday = date.fromisocalendar(year, int(week), 1)
            return PartialDate(monday.year, monday.month, monday.day, is_week=True)
        if day_of_year := parts.get("day_of_year"):
            first_day = date(year, 1, 1) + timedelta(int(day_of_year) - 1)
            if first_day.year != year:
                return None
            day = first_day.day
        else:
            first_day = date(year, _month(parts), 1 if day is None else day)
    except (ValueError, OverflowError):
        return None
    if not any(parts.get(name) for name in ("hour", "hour_minute", "half")):
        return PartialDate(year, first_day.month, day)
    return None if day is None else _at_time(first_day, parts)


def _int_or_none(parts: Mapping[str, str | None], name: str) -> int | None:
    text = parts.get(name)
    return None if text is None else int(text)


def _year(parts: Mapping[str, str | None]) -> int:
    if short := parts.get("short_year"):
        return FIRST_SHORT_YEAR + (int(short) - FIRST_SHORT_YEAR) % 100
    return int(parts["year"] or 0)


def _month(parts: Mapping[str, str | None]) -> int:
    """Return the month of a date, the first one for a quarter, half a year or a year."""
    if month := parts.get("month"):
        return int(month)
    if parts.get("october"):
        return 10
    if name := parts.get("name"):
        return month_named(name)
    if quarter := parts.get("quarter") or parts.get("quarter_") or parts.get("bare_quarter"):
        return 3 * int(quarter) - 2
    if semester := parts.get("semester") or parts.get("semester_"):
        return 6 * int(semester) - 5
    # 0.083 is the beginning of February.
    return min(12, int(float(f"0.{parts.get('fraction') or 0}") * 12 + 0.02) + 1)


def _at_time(day: date, parts: Mapping[str, str | None]) -> PartialDate | None:
    hour, minute, second = (_int_or_none(parts, name) or 0 for name in ("hour", "minute", "second"))
    if together := parts.get("hour_minute"):
        hour, minute = divmod(int(together), 100)
    half = parts.get("half")
    if half and parts.get("hour") is None:
        hour = 12
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half in "pP")
    seconds = hour * 3_600 + minute * 60 + second
    if minute > 59 or second > 59 or seconds > 86_400:
        return None
    if seconds == 86_400:  # 24:00 is midnight at the start of the next day.
        try:
            day, seconds = day + timedelta(1), 0
        except OverflowError:
            return None
    return PartialDate(day.year, day.month, day.day, seconds, _offset(parts.get("offset")))


@cache
def _offset(text: str | None) -> int | None:
    """Return the seconds of an offset from UTC, such as ``+01:00``."""
    if text is None or text[0] not in "+-":
        return None if text is None else 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    return (-1 if text[0] == "-" else 1) * (int(digits[:2]) * 3_600 + int(digits[2:]) * 60)


def to_utc(moment: PartialDate) -> PartialDate:
    """Return the moment in UTC."""
    return moment._replace(
        second=(moment.second or 0) - (moment.offset or 0), offset=0
    ).normalized()
