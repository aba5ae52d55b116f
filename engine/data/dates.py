"""Dates in the usual shapes, and whether a column of them goes on in equal steps."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from engine.errors import UsageError
from engine.language import _, ngettext

_MONTHS = {
    word: number
    for number, words in enumerate(
        ("jan ene", "feb", "mar", "apr abr", "may", "jun", "jul", "aug ago", "sep set", "oct", "nov", "dec dic"), 1
    )
    for word in words.split()
}
"""The first three letters of the months in English and Spanish."""

_TIME = r"([T ](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.[0-9]+)?)?(Z|[+-]00:?00)?)?"
_NAME = r"(?P<name>[^\W\d_]{3,10})\.?"
_SHAPES = tuple(
    re.compile(shape, re.ASCII | re.IGNORECASE)
    for shape in (
        r"(?P<year>[0-9]{4})(?P<mark>[-/])(?P<month>[0-9]{1,2})",
        rf"(?P<year>[0-9]{{4}})(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}}){_TIME}",
        r"(?P<month>[0-9]{1,2})[-/](?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})-?M(?P<month>[0-9]{1,2})",
        rf"{_NAME}[ ,/-]*(?P<year>[0-9]{{4}})",
        rf"(?P<year>[0-9]{{4}})[ /-]*{_NAME}",
        rf"(?P<day>[0-9]{{1,2}})[ ./-]+{_NAME}[ ,/-]+(?P<year>[0-9]{{4}})",
        rf"{_NAME}[ -]*(?P<day>[0-9]{{1,2}})[ ,]+(?P<year>[0-9]{{4}})",
        r"(?P<year>[0-9]{4})[ -]*Q(?P<quarter>[1-4])",
        r"Q(?P<quarter>[1-4])[ /-]*(?P<year>[0-9]{4})",
    )
)
_DAY_FIRST, _MONTH_FIRST = (
    re.compile(rf"(?P<{a}>[0-9]{{1,2}})(?P<mark>[-/.])(?P<{b}>[0-9]{{1,2}})(?P=mark)(?P<year>[0-9]{{4}}){_TIME}")
    for a, b in (("day", "month"), ("month", "day"))
)


class Moment(NamedTuple):
    """A date as far as it is written: of a month alone, day and second are None."""

    year: int
    month: int
    day: int | None = None
    second: int | None = None
    """Seconds since midnight."""

    @property
    def months(self) -> int:
        return self.year * 12 + self.month - 1

    @property
    def seconds(self) -> int:
        return date(self.year, self.month, self.day or 1).toordinal() * 86_400 + (self.second or 0)

    def __str__(self) -> str:
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
        "D": ngettext("{n:,} day", "{n:,} days", length),
        "h": ngettext("{n:,} hour", "{n:,} hours", length),
    }
    return words.get(step or "", ngettext("{n:,} value", "{n:,} values", length)).format(n=length)


def is_date(cell: str) -> bool:
    """Tell whether a cell is written like a date; whether there is such a day is another question."""
    # Most cells are figures: no need to try them in every shape.
    if cell.replace(".", "", 1).isdigit():
        return False
    return any(shape.fullmatch(cell) for shape in (*_SHAPES, _DAY_FIRST))


def readings(cells: Sequence[str]) -> list[list[Moment | None]]:
    """Read a column of dates in every way in which it can be read: two where days and months could be swapped.

    None stands for a cell that is no date, or the date of no day.
    """
    in_one_way = [_read(cell, _SHAPES) for cell in cells]
    if any(moment is not None for moment in in_one_way):
        return [in_one_way]
    both = [[_read(cell, (shape,)) for cell in cells] for shape in (_DAY_FIRST, _MONTH_FIRST)]
    fewest = min(moments.count(None) for moments in both)
    return [moments for moments in both if moments.count(None) == fewest]


def _read(cell: str, shapes: Sequence["re.Pattern[str]"]) -> Moment | None:
    for shape in shapes:
        if match := shape.fullmatch(cell):
            return _moment(match.groupdict())
    return None


def _moment(parts: dict[str, str | None]) -> Moment | None:
    number = {key: int(value) for key, value in parts.items() if value and value.isdigit()}
    if name := parts.get("name"):
        month = _MONTHS.get(name[:3].lower(), 0)
    elif "quarter" in number:
        month = 3 * number["quarter"] - 2
    else:
        month = number["month"]
    second = None
    if "hour" in number:
        second = number["hour"] * 3_600 + number["minute"] * 60 + number.get("second", 0)
        if number["hour"] > 23 or number["minute"] > 59 or number.get("second", 0) > 59:
            return None
    return valid(Moment(number["year"], month, number.get("day"), second))


def valid(moment: Moment) -> Moment | None:
    """Return a date if there is such a day in the calendar."""
    try:
        date(moment.year, moment.month, 1 if moment.day is None else moment.day)
    except ValueError:
        return None
    return moment


def steps_of(moments: Sequence[Moment]) -> Steps | None:
    """Return the equal steps in which dates go on, months for a single one; None where they don't."""
    first = moments[0]
    if len(moments) == 1:
        return Steps(str(first)[:7], "M")
    months = [moment.months for moment in moments]
    for frequency, ordinals in (
        ("Y", [moment.year for moment in moments]),
        ("Q", [month // 3 for month in months]),
        ("M", months),
    ):
        if _distance(ordinals) == 1:
            return Steps(str(first)[:7], frequency)
    if (distance := _distance(months)) and _distance([moment.day or 0 for moment in moments]) == 0:
        return Steps(str(first)[:7], f"{distance}M")
    if all(moment.day is not None for moment in moments) and (distance := _distance([m.seconds for m in moments])):
        for frequency, size in (("D", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
            if distance % size == 0:
                count = distance // size
                return Steps(str(first), frequency if count == 1 else f"{count}{frequency}")
    return None


def _distance(ordinals: Sequence[int]) -> int:
    """Return the distance between any two neighbours, 0 where they differ or go back."""
    distances = {after - before for before, after in pairwise(ordinals)}
    return max(0, distances.pop()) if len(distances) == 1 else 0


def check_order(moments: Sequence[Moment], lines: Sequence[int], origin: str) -> Steps:
    """Return the steps of dates that must go on in equal ones.

    Raises :class:`UsageError`, which names the first line that is to blame, where a date comes twice or too early,
    where one is missing, and where they lie apart as it happens.
    """
    if steps := steps_of(moments):
        return steps
    whole = [moment.seconds for moment in moments]
    for index in range(1, len(moments)):
        if whole[index] <= whole[index - 1]:
            words = (
                _("{origin}, line {line}: {here} comes a second time.")
                if moments[index] in moments[max(0, index - 1_000) : index]
                else _("{origin}, line {line}: {here} comes after {before}: the dates are not in order.")
            )
            raise UsageError(
                words.format(origin=origin, line=lines[index], here=moments[index], before=moments[index - 1]),
                _("Put the lines in order, each date once."),
            )
    index, missing = _first_gap(moments)
    words = (
        _("{origin}, line {line}: {here} comes after {before}: {missing} is missing.")
        if missing
        else _("{origin}, line {line}: {here} comes after {before}: the dates do not go on in equal steps.")
    )
    raise UsageError(
        words.format(origin=origin, line=lines[index], here=moments[index], before=moments[index - 1], missing=missing),
        _("Mend the dates, or take them out: steps are counted then."),
    )


def _first_gap(moments: Sequence[Moment]) -> tuple[int, str]:
    """Return where ascending dates first leave the step that most of them keep, and the date that is missing there."""
    for usual, ordinals in _scales(moments):
        distances = [after - before for before, after in pairwise(ordinals)]
        distance, times = Counter(distances).most_common(1)[0]
        if distance > 0 and 2 * times > len(distances):
            at = next((n for n, other in enumerate(distances, 1) if other != distance), None)
            if at is not None:
                return at, _after(moments[at - 1], usual, distance) if distances[at - 1] > distance else ""
    return 1, ""


def _scales(moments: Sequence[Moment]) -> Iterator[tuple[str, list[int]]]:
    yield "month", [moment.months for moment in moments]
    if all(moment.day is not None for moment in moments):
        yield "second", [moment.seconds for moment in moments]


def _after(moment: Moment, scale: str, distance: int) -> str:
    if scale == "month":
        year, month = divmod(moment.months + distance, 12)
        return str(Moment(year, month + 1))
    days, second = divmod(moment.seconds + distance, 86_400)
    day = date.fromordinal(days)
    return str(Moment(day.year, day.month, day.day, None if moment.second is None else second))
