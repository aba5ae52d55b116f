"""Which parts of a date a column may hold, by cells and heading, and which parts make a date."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import filterfalse, islice, pairwise
from math import ceil, floor
from typing import NamedTuple

from engine.data import dates as shapes
from engine.data.numbers import is_integer, is_missing
from engine.data.table import Table

SAMPLE = 300
"""How many of the first rows decide what a column may be."""
_PROBE = 20


class Kind(NamedTuple):
    """A part of a date that a column may hold."""

    patterns: tuple["re.Pattern[str]", ...]
    headings: frozenset[str]
    fits: float = 0.9
    """The share of the cells that must match."""
    cells_suffice: bool = True
    """Whether cells with more than digits, such as January, can be nothing else."""
    rarer: tuple["re.Pattern[str]", ...] = ()
    """What a few of its cells may be too."""


def _kind(
    patterns: Sequence["re.Pattern[str]"],
    headings: str,
    fits: float = 0.9,
    *,
    cells_suffice: bool = True,
    rarer: Sequence["re.Pattern[str]"] = (),
) -> Kind:
    return Kind(tuple(patterns), frozenset(headings.split()), fits, cells_suffice, tuple(rarer))


_ANY_DATE = "date dates datum time period periodo período periodo zeit zeitraum ds fecha"
_DATE = (
    f"{_ANY_DATE} datetime timestamp data day month year día dia mes año tag monat jahr jour mois "
    f"année annee "
    "giorno mese anno mês ano"
)
KINDS: Mapping[str, Kind] = {
    "date": _kind(shapes.DATE_SHAPES, _DATE, 0.5),
    "day first": _kind([shapes.DAY_FIRST], _DATE, 0.5),
    "month first": _kind([shapes.MONTH_FIRST], _DATE, 0.5),
    "short date": _kind(shapes.SHORT_DATES, _DATE),
    "short day first": _kind([shapes.SHORT_DAY_FIRST], _DATE),
    "short month first": _kind([shapes.SHORT_MONTH_FIRST], _DATE),
    "short year first": _kind([shapes.SHORT_YEAR_FIRST], _DATE),
    "span": _kind(shapes.SPANS, f"{_DATE} season years"),
    "compact": _kind(
        [shapes.COMPACT, shapes.YEAR_POINT_MONTH], f"{_DATE} yyyymmdd yyyymm", cells_suffice=False
    ),
    "year week": _kind(
        [shapes.YEAR_WEEK],
        "week yearweek year_week isoweek yyyyww woche kw semana semaine settimana",
        cells_suffice=False,
    ),
    "year quarter": _kind(
        [shapes.YEAR_QUARTER], "quarter yearquarter qtr trimestre quartal", cells_suffice=False
    ),
    "epoch": _kind(
        [shapes.EPOCH],
        "timestamp datetime date time ts epoch unix unixtime unix_time",
        cells_suffice=False,
    ),
    "decimal": _kind([shapes.DECIMAL_YEAR], "decimal decimal_date", cells_suffice=False),
    "year": _kind(
        [shapes.YEAR], f"{_ANY_DATE} year years yr yyyy y año anio ano jahr année annee an anno"
    ),
    "month": _kind(
        [shapes.MONTH], "month months mon mm m mes period periodo período monat mois mese mês"
    ),
    "quarter": _kind(
        [shapes.QUARTER], "quarter qtr qu q trimestre trim period periodo período quartal"
    ),
    "half": _kind(
        [shapes.SEMESTER], "half half_year semester semestre halbjahr period periodo período"
    ),
    "week": _kind([shapes.WEEK], "week wk w isoweek semana sem woche kw semaine settimana"),
    "day of year": _kind([shapes.DAY_OF_YEAR], "doy yday dayofyear day_of_year"),
    "day": _kind([shapes.DAY], "day dd d dom día dia tag jour giorno"),
    "hour": _kind([shapes.HOUR], "hour hours hr hh h he hora stunde heure ora"),
    "minute": _kind([shapes.MINUTE], "minute minutes min mm mn minuto"),
    "second": _kind([shapes.SECOND], "second seconds sec ss s segundo sekunde seconde secondo"),
    "hour minute": _kind(
        [shapes.HOUR_MINUTE],
        "time clock hhmm hour hora uhrzeit heure",
        cells_suffice=False,
        rarer=[shapes.MINUTE_OF_HOUR_0],
    ),
    "half day": _kind([shapes.HALF_DAY], "half ampm am/pm"),
    "time": _kind(
        [shapes.TIME, shapes.TIME_WITH_POINTS], "time clock hour hora uhrzeit zeit heure ora"
    ),
}
_DATES = ("date", "day first", "month first", "compact")
SHORT = ("short date", "short day first", "short month first", "short year first")
"""Dates without a century."""
SWAPPED = ({"day first", "month first"}, {*SHORT[1:]})
"""Kinds that the same cells may mean."""
_CLOCKS = (
    ("time",), ("hour",), ("hour minute",), ("half day",),
    ("hour", "half day"), ("hour", "minute"), ("hour", "minute", "second"),
)  # fmt: skip
ORDERS: tuple[tuple[str, ...], ...] = (
    ("span",),
    *((kind,) for kind in (*_DATES, *SHORT)),
    ("year week",),
    ("year quarter",),
    ("epoch",),
    ("decimal",),
    ("year",),
    ("date", "day"),
    *((kind, *clock) for kind in (*_DATES, *SHORT) for clock in _CLOCKS),
    *(("year", part) for part in ("month", "quarter", "half", "week", "day of year")),
    *(("year", "day of year", *clock) for clock in _CLOCKS),
    ("year", "month", "day"),
    *(("year", "month", "day", *clock) for clock in _CLOCKS),
)
"""The combinations of parts that make a date, the coarsest part first."""
_UNUSUAL = (
    ("year week",),
    ("year quarter",),
    *(("year", "day of year", *clock) for clock in _CLOCKS),
)
"""What nobody means, without a heading that says so, if it could be something else."""
_NEVER_WHOLE = {"date", *SHORT, *SWAPPED[0], "span", "time", "half day"}
"""What a whole number never means."""
_HEADINGS = {
    "day of year": "doy",
    "hour minute": "hhmm",
    "half day": "ampm",
    "year week": "yearweek",
    "year quarter": "quarter",
    "compact": "date",
}


def fitting_columns(table: Table, places: Sequence[int]) -> dict[str, list[tuple[int, bool]]]:
    """Return by kind the columns that may hold it, and whether that is sure.

    Only the sure ones if there are any. A column whose heading names a kind that fits holds nothing
    else.
    """
    fitting: dict[str, list[tuple[int, bool]]] = {name: [] for name in KINDS}
    for index in places:
        cells = [cell for cell in table.columns[index][:SAMPLE] if not is_missing(cell)]
        are_whole = all(map(is_integer, cells))
        fits = [
            name
            for name, kind in KINDS.items()
            if not (are_whole and name in _NEVER_WHOLE) and _fits(cells, kind)
        ]
        named = [name for name in fits if is_named(table, index, name)]
        has_more_than_digits = not are_whole and 2 * sum(map(str.isdigit, cells)) < len(cells)
        for name in named or fits:
            fitting[name].append(
                (index, bool(named) or (has_more_than_digits and KINDS[name].cells_suffice))
            )
    return {
        name: [column for column in columns if column[1]] or columns
        for name, columns in fitting.items()
    }


def is_named(table: Table, index: int, name: str) -> bool:
    """Return whether a column's heading names a kind."""
    return table.headings[index].casefold() in KINDS[name].headings


def _fits(cells: Sequence[str], kind: Kind) -> bool:
    def is_any(cell: str) -> bool:
        return any(pattern.fullmatch(cell) for pattern in kind.patterns)

    matches = is_any if len(kind.patterns) > 1 else kind.patterns[0].fullmatch
    # Most columns of most tables are nothing of the kind, as a few of their cells show.
    if not any(map(matches, cells[:: max(1, len(cells) // _PROBE)])):
        return False
    # In a small table a single mistake is more than a tenth.
    allowed = min(ceil(len(cells) / 2) - 1, floor(len(cells) - kind.fits * len(cells) + 1.001))
    others: Iterator[str] = filterfalse(matches, cells)
    if kind.rarer and len([*filter(matches, cells)]) > len(cells) / 2:
        others = (
            cell for cell in others if not any(pattern.fullmatch(cell) for pattern in kind.rarer)
        )
    return next(islice(others, allowed, None), None) is None


def is_unlikely_layout(kinds: tuple[str, ...], columns: Sequence[int]) -> bool:
    """Return whether parts of dates without headings would be odd in this order.

    Such as a year, a day, a month.
    """
    if kinds[:3] == ("year", "month", "day"):
        year, month, day = columns[:3]
        return year < day < month or min(month, day) < year < max(month, day)
    return kinds in _UNUSUAL


def headings_for(kinds: Sequence[str], columns: Sequence[int]) -> str:
    """Return headings that say which parts of dates the columns hold, from left to right."""
    return ",".join(
        _HEADINGS.get(kind, kind) for _index, kind in sorted(zip(columns, kinds, strict=True))
    )


def is_named_as_date(heading: str) -> bool:
    """Return whether a heading names a date or a part of one."""
    return any(heading.casefold() in kind.headings for kind in KINDS.values())


def names_date(heading: str) -> bool:
    """Return whether a heading means whole dates and nothing else, unlike ``time`` and ``day``."""
    return heading.casefold() in {"date", "dates", "datum", "datetime", "timestamp", "fecha", "ds"}


def names_year(heading: str) -> bool:
    """Return whether a heading means years for certain, unlike ``y``."""
    return len(heading) > 1 and heading.casefold() in KINDS["year"].headings


def is_cyclic(cells: Sequence[str]) -> bool:
    """Return whether whole numbers stay, go up by one or start again at the least, as months do."""
    if not all(map(is_integer, cells)):
        return False
    numbers = [int(cell) for cell in cells]
    least = min(numbers, default=0)
    return all(
        following in (previous, previous + 1, least) for previous, following in pairwise(numbers)
    )
