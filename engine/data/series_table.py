"""Reading a series from a table: its column, its missing values and its dates.

It is read if it is unambiguous; otherwise an error names the line, lists the columns, or names the
option that decides.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine.data.date_columns import DateColumns, date_columns
from engine.data.date_parts import is_cyclic, is_named_as_date, names_date
from engine.data.dates import FIRST_SHORT_YEAR, YEAR, Steps, month_number
from engine.data.footer import count_footer, without_footer
from engine.data.gaps import fill_gaps
from engine.data.numbers import (
    Numbers,
    counts_up,
    is_integer,
    is_number,
    is_quantity,
    mostly,
    read_numbers,
    rises_evenly,
)
from engine.data.silso import silso_columns
from engine.data.steps import Timeline
from engine.data.table import (
    Table,
    add_separator_hint,
    as_single_column,
    no_numbers_error,
    one_number_per_line,
    read_table,
)
from engine.data.timelines import goes_backwards, timeline_in
from engine.data.wide import unroll, without_whole_years
from engine.errors import UsageError
from engine.language import _, ngettext
from engine.sanitise import printable
from engine.trials.data_options import AS_WRITTEN, SeriesReading

_MOST_LISTED = 12
_SAMPLE = 200


@dataclass(frozen=True)
class Reading:
    """A series as its table has it: ``values`` without gaps; ``steps``, None if only counted."""

    values: tuple[float, ...]
    steps: Steps | None
    column: int | None
    """Its column, from 1; None if it is spread over columns, as in a table with one per month."""
    heading: str
    notes: tuple[str, ...]
    """What the person should know about its beginning, in sentences."""
    notes_of_end: tuple[str, ...]
    """The same about its end: not true of a part that ends earlier."""
    days: tuple[date, ...] = ()
    """Its days if they are business days: holidays between them are not steps."""
    filled: tuple[int, ...] = ()
    """Which of the ``values``, from 0, were missing and are filled in."""


def read_series(
    content: bytes,
    origin: str,
    column: str | int | None = None,
    reading: SeriesReading = AS_WRITTEN,
) -> Reading:
    """Return the series of a table; ``origin`` names the file in error messages.

    ``column`` is a heading or a number; ``reading`` decides what the table leaves open. Raises
    :class:`UsageError` for a table that can't be read, for no column or several that could be
    meant, cells that are not numbers, values missing between others, and dates that are not in
    equal steps.
    """
    if reading.decimal == reading.thousands != "auto":
        raise UsageError(
            _("{mark!r} can't be both the decimal mark and the thousands mark.").format(
                mark=reading.decimal
            ),
            _("Say --decimal or --thousands."),
        )
    table = without_whole_years(read_table(content, origin, reading))
    if column is None:
        table = as_single_column(table)
    chosen = None if column is None else _named_column(table, column)
    wide = unroll(table) if chosen is None else None
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
    rows = _rows_with_values(values, table)
    timeline = (
        timeline_in(dates, table, rows, chosen) if dates and reading.steps == "dates" else None
    )
    is_backwards = (
        timeline.is_backwards if timeline else dates is not None and goes_backwards(dates, rows)
    )
    trimmed = (rows.start, len(values) - rows.stop)
    return Reading(
        values=tuple(values[rows.start : rows.stop][:: -1 if is_backwards else 1]),
        steps=timeline.steps if timeline else None,
        column=None if wide else chosen + 1,
        heading=_("sunspots") if silso and chosen == silso.mean else table.headings[chosen],
        notes=(
            *table.notes,
            *gap_notes,
            *_notes_of_numbers(table, numbers, rows),
            *_notes_of_years(table, dates, timeline, rows, is_backwards),
            *_notes_of_order(table, timeline, is_backwards),
            *_notes_of_start(table, trimmed[is_backwards]),
            *(
                _note_of_unread_dates(table, chosen, dates)
                if reading.steps == "dates"
                else _note_of_counting(table)
            ),
        ),
        notes_of_end=(
            *_notes_of_end(table, trimmed[not is_backwards]),
            *(silso.provisional(table, rows) if silso and chosen == silso.mean else ()),
        ),
        days=timeline.days if timeline else (),
        filled=tuple(
            sorted(rows.stop - 1 - row if is_backwards else row - rows.start for row in filled)
        ),
    )


def _numbers(
    table: Table, chosen: int, dates: DateColumns | None, reading: SeriesReading
) -> Numbers:
    date_indices = {*dates.columns, *dates.others} if dates else set()
    others = [
        cells
        for index, cells in enumerate(table.columns)
        if index != chosen and index not in date_indices
    ]
    return read_numbers(table.columns[chosen], table.lines, table.origin, reading, others)


def _named_column(table: Table, column: str | int) -> int:
    """Return the index, from 0, of a column given by its number, from 1, or its heading."""
    text = printable(str(column)).strip()
    if is_integer(text):
        if 1 <= int(text) <= len(table.columns):
            return int(text) - 1
    else:
        for fold in (str, str.casefold):
            matches = [
                index for index, heading in enumerate(table.headings) if fold(heading) == fold(text)
            ]
            if text and len(matches) == 1:
                return matches[0]
    raise UsageError(
        _("{origin} has no column {column!r}.").format(origin=table.origin, column=text),
        _("Its columns are {columns}.").format(columns=_listed(table, range(len(table.columns)))),
    )


def _listed(table: Table, columns: Sequence[int]) -> str:
    names = [f"{index + 1} {table.headings[index][:40] or '–'}" for index in columns[:_MOST_LISTED]]
    return ", ".join(names) + (", …" if len(columns) > _MOST_LISTED else "")


def _only_column(table: Table, dates: DateColumns | None) -> int:
    """Return the one column of numbers that are not dates, do not count the rows, and vary."""
    with_numbers = [
        index for index, cells in enumerate(table.columns) if mostly(cells, is_quantity)
    ]
    possible = [index for index in with_numbers if dates is None or index not in dates.columns]
    date_like = {
        index
        for index in possible
        if names_date(table.headings[index])
        or (is_named_as_date(table.headings[index]) and is_cyclic(table.columns[index]))
    }
    for unlikely in (
        dates.others if dates else date_like,
        {index for index in possible if rises_evenly(table.columns[index])},
        # A station number or a flag: nothing to learn. Without a heading it may be the 0 of 0,58.
        {
            index
            for index in possible
            if table.headings[index] and len({*table.columns[index]}) == 1
        },
    ):
        possible = [index for index in possible if index not in unlikely] or possible
    if len(possible) == 1:
        return possible[0]
    if not with_numbers:
        raise no_numbers_error(
            table.origin,
            [*zip(table.lines, zip(*table.columns, strict=True), strict=True)][:_SAMPLE],
        )
    remedy = _(
        "Say which, by number or heading: --series …:{column} (`data add`: --column {column})."
    ).format(column=(possible or with_numbers)[-1] + 1)
    if dates is None and len(possible) == len(table.columns) > 2 and not any(table.headings):
        remedy = f"{remedy} {one_number_per_line()}"
    raise UsageError(
        _("{origin} has several columns of numbers: {columns}.").format(
            origin=table.origin, columns=_listed(table, possible or with_numbers)
        ),
        add_separator_hint(remedy, table.mistakable),
    )


def _rows_with_values(values: Sequence[float], table: Table) -> range:
    """Return the rows from the first value to the last, without missing ones at either end.

    Raises :class:`UsageError` if there are no values.
    """
    present = [row for row, value in enumerate(values) if not math.isnan(value)]
    if not present:
        raise UsageError(
            _("{origin}: every value is missing.").format(origin=table.origin),
            _("Take another column, or another file."),
        )
    return range(present[0], present[-1] + 1)


# What the person should know


def _notes_of_numbers(table: Table, numbers: Numbers, rows: range) -> Iterator[str]:
    """Yield notes on what stood beside the numbers and is left out."""
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
    flags = Counter(flag for row, flag in numbers.flags.items() if row in rows)
    if flags:
        n = sum(flags.values())
        message = ngettext(
            "{origin}: the flag beside {n} value is left out ({flags}).",
            "{origin}: the flags beside {n} values are left out ({flags}).",
            n,
        )
        listed = ", ".join(f"{flag}: {count}" for flag, count in flags.most_common(_MOST_LISTED))
        yield message.format(origin=table.origin, n=n, flags=printable(listed))


def _notes_of_years(
    table: Table,
    dates: DateColumns | None,
    timeline: Timeline | None,
    rows: range,
    is_backwards: bool,
) -> Iterator[str]:
    """Yield a note on which century two-digit years mean."""
    if dates and dates.are_short and timeline and timeline.steps:
        row = rows[-1] if is_backwards else rows[0]
        message = _(
            "{origin}: the year of {cell!r} is {year}: two-digit years are {first} to {last}."
        )
        yield message.format(
            origin=table.origin,
            # The first of the columns has the year; a time may stand to its left.
            cell=table.columns[dates.columns[0]][row][:40],
            year=timeline.steps.first[:4],
            first=FIRST_SHORT_YEAR,
            last=FIRST_SHORT_YEAR + 99,
        )


def _notes_of_order(table: Table, timeline: Timeline | None, is_backwards: bool) -> Iterator[str]:
    """Yield notes on what was done to have dates in equal steps."""
    if is_backwards:
        yield _("{origin}: the latest values come first; they are reversed.").format(
            origin=table.origin
        )
    if timeline and timeline.is_utc:
        message = _("{origin}: times are given in UTC, because their offset changes.")
        yield message.format(origin=table.origin)
    if timeline and timeline.unread:
        yield _unread_note(table, timeline.unread)
    if timeline and timeline.hole:
        message = _("{origin}: there are no values between {last} and {next}; steps are counted.")
        yield message.format(origin=table.origin, last=timeline.hole[0], next=timeline.hole[1])
    if timeline and timeline.pause:
        message = _(
            "{origin}: it pauses, first from {last} to {next}; steps are counted, one per line."
        )
        yield message.format(origin=table.origin, last=timeline.pause[0], next=timeline.pause[1])
    if timeline and timeline.holidays:
        n = len(timeline.holidays)
        message = ngettext(
            "{origin}: {n} weekday is missing ({first}); each line is a step, as for trading days.",
            "{origin}: {n} weekdays are missing (the first is {first}); each line is a "
            "step, as for trading days.",
            n,
        )
        yield message.format(origin=table.origin, n=n, first=timeline.holidays[0])


def _note_of_counting(table: Table) -> tuple[str, ...]:
    return (_("{origin}: steps are counted, whatever the dates say.").format(origin=table.origin),)


def _note_of_unread_dates(table: Table, chosen: int, dates: DateColumns | None) -> tuple[str, ...]:
    """Return a note on what may be meant as dates but is not read so: Jan-49, 01/02/49."""

    def is_part(cell: str) -> bool:
        has_digits = any(map(str.isdigit, cell))
        return not is_number(cell) if has_digits else bool(month_number(cell))

    def may_be_dates(index: int) -> bool:
        cells = table.columns[index]
        if mostly(cells, is_part) or is_named_as_date(table.headings[index]):
            return True
        return (rises_evenly(cells) and not counts_up(cells)) or (
            all(map(YEAR.fullmatch, cells))
            and (len({*cells}) < len(cells) or [*cells] == sorted(cells))
        )

    if dates is None:
        for index, cells in enumerate(table.columns):
            if index != chosen and may_be_dates(index):
                return (_unread_note(table, cells[0]),)
    return ()


def _unread_note(table: Table, cell: str) -> str:
    message = _(
        "{origin}: {cell!r} is not read as a date; steps are counted. Write dates as 1749-01-31."
    )
    return message.format(origin=table.origin, cell=cell[:40])


def _notes_of_start(table: Table, n: int) -> tuple[str, ...]:
    message = ngettext(
        "{origin}: the first value is missing and left out.",
        "{origin}: the first {n} values are missing and left out.",
        n,
    )
    return (message.format(origin=table.origin, n=n),) if n else ()


def _notes_of_end(table: Table, n: int) -> tuple[str, ...]:
    message = ngettext(
        "{origin}: the last value is missing and left out.",
        "{origin}: the last {n} values are missing and left out.",
        n,
    )
    return (message.format(origin=table.origin, n=n),) if n else ()
