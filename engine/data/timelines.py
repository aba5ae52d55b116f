"""When a table's rows were measured, by its date columns, and the error if that is unclear."""

import shlex
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.data.date_columns import DateColumns
from engine.data.dates import YEAR, PartialDate
from engine.data.numbers import is_quantity
from engine.data.steps import Timeline, check_order, is_descending, timeline_of
from engine.data.table import Table
from engine.errors import UsageError
from engine.language import _

_MOST_LABELS = 0.5
"""A column with more distinct cells than this share of the rows does not label them."""
_MOST_SHOWN = 3


def timeline_in(dates: DateColumns, table: Table, rows: range, chosen: int) -> Timeline:
    """Return the timeline of a range of ``rows``.

    If the dates can be read in several ways, the one that gives equal steps is taken. Raises
    :class:`UsageError` for invalid or missing dates, if several or no readings fit, and for unequal
    steps.
    """
    lines = table.lines[rows.start : rows.stop]
    complete = _complete_readings(dates, rows)
    if not complete:
        moments = dates.readings[0][rows.start : rows.stop]
        index = moments.index(None)
        undated = [
            _cell(dates, table, rows.start + row)
            for row, moment in enumerate(moments)
            if moment is None
        ]
        if all(map(YEAR.fullmatch, undated)):
            raise UsageError(
                _("{origin}, line {line}: {cell} is a year among months or days.").format(
                    origin=table.origin, line=lines[index], cell=undated[0]
                ),
                _(
                    "Keep only the lines of one step: years, quarters and months are series of "
                    "their own."
                ),
            )
        raise UsageError(
            _("{origin}, line {line}: {cell!r} is not a date.").format(
                origin=table.origin, line=lines[index], cell=_cell(dates, table, rows.start + index)
            ),
            _("Correct that line, or have steps counted: --steps count"),
        )
    regular = [
        (index, timeline)
        for index, moments in complete.items()
        if (timeline := timeline_of(moments))
    ]
    if len({timeline for _index, timeline in regular}) == 1:
        return regular[0][1]
    if len(complete) > 1:
        raise _ambiguity_error(
            dates, table, rows, [index for index, _timeline in regular] or [*complete]
        )
    (moments,) = complete.values()
    repeated = _Rows(table, rows, moments, dates, chosen)
    if repeated.are_stacked_series or repeated.have_several_per_date:
        if repeated.differ_as_written:
            return Timeline(None, unread=_cell(dates, table, rows.start))
        raise repeated.error()
    return check_order(moments, lines, table.origin)


def _ambiguity_error(
    dates: DateColumns, table: Table, rows: range, readings: Sequence[int]
) -> UsageError:
    """Return the error about dates that could be read in several ways."""
    cell = _cell(dates, table, rows.start)
    headings = [*dict.fromkeys(dates.headings[index] for index in readings)]
    if not all(headings):
        return UsageError(
            (
                _("{origin}, line {line}: {cell!r} may have the day, the month or the year first.")
                if dates.are_short
                else _("{origin}, line {line}: {cell!r} may have the day or the month first.")
            ).format(origin=table.origin, line=table.lines[rows.start], cell=cell),
            _("Write dates as 1749-01-31, or have steps counted: --steps count"),
        )
    return UsageError(
        _("{origin}, line {line}: {cell!r} may be {readings}.").format(
            origin=table.origin,
            line=table.lines[rows.start],
            cell=cell,
            readings=_(" or ").join(headings),
        ),
        _(
            "Say which with headings over these columns, as {headings}, or have steps counted: "
            "--steps count"
        ).format(headings=headings[0]),
    )


def goes_backwards(dates: DateColumns, rows: range) -> bool:
    """Return whether the rows have the latest date first, in every reading."""
    complete = _complete_readings(dates, rows)
    return bool(complete) and all(map(is_descending, complete.values()))


def _complete_readings(dates: DateColumns, rows: range) -> dict[int, list[PartialDate]]:
    """Return the readings in which every row has a date."""
    complete = {}
    for index, reading in enumerate(dates.readings):
        moments = [moment for moment in reading[rows.start : rows.stop] if moment is not None]
        if len(moments) == len(rows):
            complete[index] = moments
    return complete


def _cell(dates: DateColumns, table: Table, row: int) -> str:
    return " ".join(table.columns[index][row] for index in sorted(dates.columns))[:40]


# Dates that come more than once


class _Rows(NamedTuple):
    """Rows whose dates are not in equal steps."""

    table: Table
    rows: range
    moments: Sequence[PartialDate]
    dates: DateColumns
    chosen: int

    @property
    def starts(self) -> list[int]:
        """The rows, from 0, at which dates go back."""
        return [
            row
            for row in range(1, len(self.moments))
            if self.moments[row].instant < self.moments[row - 1].instant
        ]

    @property
    def are_stacked_series(self) -> bool:
        """Whether most dates of the second part are in the first too: series below each other."""
        if not self.starts:
            return False
        first, second, *_rest = [*self.starts, len(self.moments)]
        first_dates = {*self.moments[:first]}
        part = self.moments[first:second]
        return (
            first > 1
            and len(part) > 1
            and sum(moment in first_dates for moment in part) > len(part) / 2
        )

    @property
    def have_several_per_date(self) -> bool:
        """Whether most dates are in several adjacent lines."""
        same = sum(
            following.instant == previous.instant for previous, following in pairwise(self.moments)
        )
        return not self.starts and len(self.moments) > 3 and same >= len({*self.moments}) / 2

    @property
    def differ_as_written(self) -> bool:
        """Whether the date cells are all different: what tells them apart is not read."""
        cells = zip(*(self._cells(index) for index in self.dates.columns), strict=True)
        return len({*cells}) == len(self.moments)

    def error(self) -> UsageError:
        """Return the error about them."""
        row = self.starts[0] if self.are_stacked_series else self._first_repeated()
        line = self.table.lines[self.rows.start + row]
        label = self._label()
        if self.are_stacked_series:
            message = (
                _("{origin}, line {line}: the dates begin again with {here}: several series.")
                if label is None
                else _(
                    "{origin}, line {line}: the dates begin again with {here}, another {column} "
                    "({cells})."
                )
            )
            last = int(str(line).partition(",")[0]) - 1
            remedy = _("Keep the lines of the first: head -n {n} FILE > NEW").format(n=last)
        elif label is None:
            message = _("{origin}, line {line}: {here} comes a second time, as most dates do.")
            remedy = _("If the lines follow each other in time anyway, say --steps count")
        else:
            message = _(
                "{origin}, line {line}: {here} comes a second time, with another {column} "
                "({cells})."
            )
            remedy = self._remedy(self._cells(label)[0])
        return UsageError(
            message.format(
                origin=self.table.origin,
                line=line,
                here=self.moments[row],
                column="" if label is None else self._name(label),
                cells=""
                if label is None
                else ", ".join([*dict.fromkeys(self._cells(label))][:_MOST_SHOWN]),
            ),
            remedy,
        )

    def _remedy(self, cell: str) -> str:
        """Return how to keep the lines with a label, or what to do if they are one series."""
        head = int(str(self.table.lines[0]).partition(",")[0]) - 1
        grep = f"grep -wF -e {shlex.quote(cell)} FILE"
        # The values may have the same numbers.
        command = "" if is_quantity(cell) else f"(head -n {head} FILE; {grep})" if head else grep
        if not command:
            return _(
                "Keep the lines of one, or say --steps count if they all follow each other in time"
            )
        return _(
            "Keep the lines of one: {command} > NEW; or say --steps count if they follow each "
            "other in time"
        ).format(command=command)

    def _first_repeated(self) -> int:
        pairs = enumerate(pairwise(self.moments), 1)
        return next(
            row for row, (previous, following) in pairs if previous.instant == following.instant
        )

    def _name(self, index: int) -> str:
        return self.table.headings[index][:40] or _("column {n}").format(n=index + 1)

    def _cells(self, index: int) -> Sequence[str]:
        return self.table.columns[index][self.rows.start : self.rows.stop]

    def _label(self) -> int | None:
        """Return the column that tells series, or the lines of a date, apart; None if none does."""
        for index in range(len(self.table.columns)):
            if index == self.chosen or index in self.dates.columns or index in self.dates.others:
                continue
            cells = self._cells(index)
            if len({*cells}) <= _MOST_LABELS * len(cells) and self._tells_apart(cells):
                return index
        return None

    def _tells_apart(self, cells: Sequence[str]) -> bool:
        if self.are_stacked_series:
            # One label throughout each part, and a different one in the next.
            bounds = [0, *self.starts, len(cells)]
            parts = [{*cells[start:stop]} for start, stop in pairwise(bounds)]
            return all(len(part) == 1 for part in parts) and all(a != b for a, b in pairwise(parts))
        return len({*zip(self.moments, cells, strict=True)}) == len(cells) and len({*cells}) > 1
