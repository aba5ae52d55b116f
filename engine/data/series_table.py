"""Reading a series out of a table: which column holds it, where values are missing, and what its
dates are.

Read where it is unambiguous; else one sentence names the line, or lists the columns, or the option
that decides.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine.data.date_columns import DateColumns, date_columns
from engine.data.date_parts import goes_round, is_named_as_date, names_date
from engine.data.dates import FIRST_SHORT_YEAR, YEAR, Steps, month_number
from engine.data.footer import count_footer, without_footer
from engine.data.gaps import fill_gaps
from engine.data.numbers import (
    Numbers,
    counts,
    goes_up_evenly,
    is_integer,
    is_number,
    is_quantity,
    mostly,
    read_numbers,
)
from engine.data.silso import silso_columns
from engine.data.steps import Timeline
from engine.data.table import (
    Table,
    in_lines_of_their_own,
    in_one_column,
    no_numbers,
    or_single_numbers,
    read_table,
)
from engine.data.timelines import goes_backwards, timeline_in
from engine.data.wide import unrolled, without_whole_years
from engine.errors import UsageError
from engine.language import _, ngettext
from engine.sanitise import printable
from engine.trials.data_options import AS_WRITTEN, SeriesReading

_MOST_LISTED = 12
_SAMPLE = 200


@dataclass(frozen=True)
class Reading:
    """A series as its table has it: ``values`` without gaps, and ``steps``, None where they are
    only counted.
    """

    values: tuple[float, ...]
    steps: Steps | None
    column: int | None
    """The column it stands in, from 1; None if it is spread over columns, as a table with a column
    a month is.
    """
    heading: str
    notes: tuple[str, ...]
    """What the person should know of its beginning, in sentences."""
    notes_of_end: tuple[str, ...]
    """The same of its end: not true of a part that ends earlier."""
    days: tuple[date, ...] = ()
    """Its days if they are business days: holidays between them are no steps."""
    filled: tuple[int, ...] = ()
    """Which of the ``values``, from 0, were missing and are filled in."""


def read_series(
    content: bytes,
    origin: str,
    column: str | int | None = None,
    reading: SeriesReading = AS_WRITTEN,
) -> Reading:
    """Return the series of a table; ``origin`` is what complaints call the file, ``column`` a
    heading or a number.

    ``reading`` decides what the table leaves open. Raises :class:`UsageError` for a table that
    can't be read, no or several columns that could be meant, cells that are no numbers, values
    missing between others, and dates that do not go on in equal steps.
    """
    if reading.decimal == reading.thousands != "auto":
        raise UsageError(
            _("{mark!r} can't be the decimal mark and stand between thousands too.").format(
                mark=reading.decimal
            ),
            _("Say --decimal or --thousands."),
        )
    table = without_whole_years(read_table(content, origin, reading))
    if column is None:
        table = in_one_column(table)
    chosen = None if column is None else _named_column(table, column)
    wide = unrolled(table) if chosen is None else None
    if wide is not None:
        table, chosen = wide, len(wide.columns) - 1
    dates = date_columns(table, chosen)
    if footer := count_footer(table, dates):
        table = without_footer(table, footer)
        dates = date_columns(table, chosen)
    silso = silso_columns(table, dates)
    if chosen is None:
        chosen = silso.mean if silso else _only_column(table, dates)
    numbers = _numbers(table, chosen, dates, reading)
    values = silso.without_missing(numbers.values) if silso else numbers.values
    values, filled, gap_notes = fill_gaps(
        values, table.columns[chosen], table.lines, origin, reading
    )
    kept = _selected_values(values, table)
    timeline = (
        timeline_in(dates, table, kept, chosen) if dates and reading.steps == "dates" else None
    )
    is_backwards = (
        timeline.is_backwards if timeline else dates is not None and goes_backwards(dates, kept)
    )
    left_out = (kept.start, len(values) - kept.stop)
    return Reading(
        values=tuple(values[kept.start : kept.stop][:: -1 if is_backwards else 1]),
        steps=timeline.steps if timeline else None,
        column=None if wide else chosen + 1,
        heading=_("sunspots") if silso and chosen == silso.mean else table.headings[chosen],
        notes=(
            *table.notes,
            *gap_notes,
            *_notes_of_numbers(table, numbers, kept),
            *_notes_of_years(table, dates, timeline, kept, is_backwards),
            *_notes_of_order(table, timeline, is_backwards),
            *_notes_of_start(table, left_out[is_backwards]),
            *(_undated(table, chosen, dates) if reading.steps == "dates" else _counted(table)),
        ),
        notes_of_end=(
            *_notes_of_end(table, left_out[not is_backwards]),
            *(silso.provisional(table, kept) if silso and chosen == silso.mean else ()),
        ),
        days=timeline.days if timeline else (),
        filled=tuple(
            sorted(kept.stop - 1 - row if is_backwards else row - kept.start for row in filled)
        ),
    )


def _numbers(
    table: Table, chosen: int, dates: DateColumns | None, reading: SeriesReading
) -> Numbers:
    when = {*dates.columns, *dates.others} if dates else set()
    others = [cells for at, cells in enumerate(table.columns) if at != chosen and at not in when]
    return read_numbers(table.columns[chosen], table.lines, table.origin, reading, others)


def _named_column(table: Table, column: str | int) -> int:
    """Return the place, from 0, of a column given by its number, from 1, or its heading."""
    text = printable(str(column)).strip()
    if is_integer(text):
        if 1 <= int(text) <= len(table.columns):
            return int(text) - 1
    else:
        for spelled in (str, str.casefold):
            found = [
                at for at, heading in enumerate(table.headings) if spelled(heading) == spelled(text)
            ]
            if text and len(found) == 1:
                return found[0]
    raise UsageError(
        _("{origin} has no column {column!r}.").format(origin=table.origin, column=text),
        _("Its columns are {columns}.").format(columns=_listed(table, range(len(table.columns)))),
    )


def _listed(table: Table, columns: Sequence[int]) -> str:
    words = [f"{at + 1} {table.headings[at][:40] or '–'}" for at in columns[:_MOST_LISTED]]
    return ", ".join(words) + (", …" if len(columns) > _MOST_LISTED else "")


def _only_column(table: Table, dates: DateColumns | None) -> int:
    """Return the one column of figures that are no dates, do not just count the rows and are not
    all the same.
    """
    with_figures = [at for at, cells in enumerate(table.columns) if mostly(cells, is_quantity)]
    possible = [at for at in with_figures if dates is None or at not in dates.columns]
    named = {
        at
        for at in possible
        if names_date(table.headings[at])
        or (is_named_as_date(table.headings[at]) and goes_round(table.columns[at]))
    }
    for unlikely in (
        dates.others if dates else named,
        {at for at in possible if goes_up_evenly(table.columns[at])},
        # The number of a station, a flag: nothing to learn. Without a heading it may be the 0 of
        # 0,58.
        {at for at in possible if table.headings[at] and len({*table.columns[at]}) == 1},
    ):
        possible = [at for at in possible if at not in unlikely] or possible
    if len(possible) == 1:
        return possible[0]
    if not with_figures:
        raise no_numbers(
            table.origin,
            [*zip(table.lines, zip(*table.columns, strict=True), strict=True)][:_SAMPLE],
        )
    remedy = _(
        "Say which, by number or heading: --series …:{column} (`data add`: --column {column})."
    ).format(column=(possible or with_figures)[-1] + 1)
    if dates is None and len(possible) == len(table.columns) > 2 and not any(table.headings):
        remedy = f"{remedy} {in_lines_of_their_own()}"
    raise UsageError(
        _("{origin} has several columns of numbers: {columns}.").format(
            origin=table.origin, columns=_listed(table, possible or with_figures)
        ),
        or_single_numbers(remedy, table.mistakable),
    )


def _selected_values(values: Sequence[float], table: Table) -> range:
    """Return which rows have the values from the first to the last: missing ones before and after
    are left out.

    Raises :class:`UsageError` where there are none.
    """
    present = [at for at, value in enumerate(values) if not math.isnan(value)]
    if not present:
        raise UsageError(
            _("{origin}: every value is missing.").format(origin=table.origin),
            _("Take another column, or another file."),
        )
    return range(present[0], present[-1] + 1)


# What the person should know


def _notes_of_numbers(table: Table, numbers: Numbers, kept: range) -> Iterator[str]:
    """Say what stood beside the numbers and is left out."""
    if numbers.unit:
        message = _("{origin}: {unit} beside the numbers is left out.")
        yield message.format(origin=table.origin, unit=printable(numbers.unit))
    if numbers.inferred_thousands:
        message = _(
            "{origin}: the {mark!r} in its numbers is taken for a thousands mark; if not, say "
            "--decimal {mark}"
        )
        yield message.format(origin=table.origin, mark=numbers.inferred_thousands)
    if numbers.in_parentheses:
        message = ngettext(
            "{origin}: {n:,} number in parentheses is read as negative.",
            "{origin}: {n:,} numbers in parentheses are read as negative.",
            numbers.in_parentheses,
        )
        yield message.format(origin=table.origin, n=numbers.in_parentheses)
    flags = Counter(flag for row, flag in numbers.flags.items() if row in kept)
    if flags:
        n = sum(flags.values())
        message = ngettext(
            "{origin}: the flag beside {n} value is left out ({flags}).",
            "{origin}: the flags beside {n} values are left out ({flags}).",
            n,
        )
        shown = ", ".join(f"{flag}: {times}" for flag, times in flags.most_common(_MOST_LISTED))
        yield message.format(origin=table.origin, n=n, flags=printable(shown))


def _notes_of_years(
    table: Table,
    dates: DateColumns | None,
    timeline: Timeline | None,
    kept: range,
    is_backwards: bool,
) -> Iterator[str]:
    """Say which century is meant where years have two digits."""
    if dates and dates.are_short and timeline and timeline.steps:
        row = kept[-1] if is_backwards else kept[0]
        message = _(
            "{origin}: the year of {cell!r} is {year}: two digits are one of {first} to {last}."
        )
        yield message.format(
            origin=table.origin,
            cell=table.columns[min(dates.columns)][row][:40],
            year=timeline.steps.first[:4],
            first=FIRST_SHORT_YEAR,
            last=FIRST_SHORT_YEAR + 99,
        )


def _notes_of_order(table: Table, timeline: Timeline | None, is_backwards: bool) -> Iterator[str]:
    """Say what was done so that dates go on in equal steps."""
    if is_backwards:
        yield _("{origin}: the latest values come first; they are turned round.").format(
            origin=table.origin
        )
    if timeline and timeline.is_utc:
        message = _("{origin}: times are given in UTC, as their offset from it changes.")
        yield message.format(origin=table.origin)
    if timeline and timeline.unread:
        yield _unread(table, timeline.unread)
    if timeline and timeline.hole:
        message = _("{origin}: nothing is there between {last} and {next}; steps are counted.")
        yield message.format(origin=table.origin, last=timeline.hole[0], next=timeline.hole[1])
    if timeline and timeline.pause:
        message = _(
            "{origin}: it pauses, first from {last} to {next}; steps are counted, a step from "
            "line to line."
        )
        yield message.format(origin=table.origin, last=timeline.pause[0], next=timeline.pause[1])
    if timeline and timeline.holidays:
        n = len(timeline.holidays)
        message = ngettext(
            "{origin}: {n} weekday is not there ({first}); a step goes from line to line, as "
            "trading days do.",
            "{origin}: {n} weekdays are not there (the first is {first}); a step goes from line "
            "to line, as trading "
            "days do.",
            n,
        )
        yield message.format(origin=table.origin, n=n, first=timeline.holidays[0])


def _counted(table: Table) -> tuple[str, ...]:
    return (_("{origin}: steps are counted, whatever the dates say.").format(origin=table.origin),)


def _undated(table: Table, chosen: int, dates: DateColumns | None) -> tuple[str, ...]:
    """Say what may have been meant for dates, Jan-49 or 01/02/49, and is not read as such."""

    def is_part(cell: str) -> bool:
        has_digits = any(map(str.isdigit, cell))
        return not is_number(cell) if has_digits else bool(month_number(cell))

    def may_be_dates(at: int) -> bool:
        cells = table.columns[at]
        if mostly(cells, is_part) or is_named_as_date(table.headings[at]):
            return True
        return (goes_up_evenly(cells) and not counts(cells)) or (
            all(map(YEAR.fullmatch, cells))
            and (len({*cells}) < len(cells) or [*cells] == sorted(cells))
        )

    if dates is None:
        for at, cells in enumerate(table.columns):
            if at != chosen and may_be_dates(at):
                return (_unread(table, cells[0]),)
    return ()


def _unread(table: Table, cell: str) -> str:
    words = _(
        "{origin}: {cell!r} is not read as a date; steps are counted. Write dates as 1749-01-31."
    )
    return words.format(origin=table.origin, cell=cell[:40])


def _notes_of_start(table: Table, n: int) -> tuple[str, ...]:
    words = ngettext(
        "{origin}: the first value is missing and left out.",
        "{origin}: the first {n} values are missing and left out.",
        n,
    )
    return (words.format(origin=table.origin, n=n),) if n else ()


def _notes_of_end(table: Table, n: int) -> tuple[str, ...]:
    words = ngettext(
        "{origin}: the last value is missing and left out.",
        "{origin}: the last {n} values are missing and left out.",
        n,
    )
    return (words.format(origin=table.origin, n=n),) if n else ()
