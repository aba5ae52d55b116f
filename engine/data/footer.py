"""Lines below a table that are not steps of its series: totals, means and sources."""

from collections.abc import Sequence
from dataclasses import replace

from engine.data.date_columns import DateColumns
from engine.data.missing import is_missing
from engine.data.rows import excerpt
from engine.data.table import Table
from engine.language import ngettext

_MOST_LINES = 5
_FEWEST_OTHERS = 2
_WORDS = frozenset({
    "total", "totals", "sum", "subtotal", "average", "avg", "mean", "median", "min", "max",
    "minimum", "maximum",
    "std", "sd", "count", "source", "sources", "note", "notes", "suma", "totales", "promedio",
    "media", "mínimo",
    "máximo", "fuente", "fuentes", "nota", "notas", "summe", "gesamt", "insgesamt", "mittel",
    "mittelwert", "quelle",
    "somme", "moyenne",
})  # fmt: skip


def count_footer(table: Table, dates: DateColumns | None) -> int:
    """Return how many of the last lines do not belong to the series.

    If all other lines have a date, these have words in its place: Total, Source. If there are no
    dates, the first cell is one of the usual words.
    """
    fewest = max(_FEWEST_OTHERS, len(table.lines) - _MOST_LINES)
    stop = len(table.lines)
    while stop > fewest and _is_below(table, dates, stop - 1):
        stop -= 1
    below = len(table.lines) - stop
    if dates is None:
        return 0 if any(map(_is_usual, table.columns[0][:stop])) else below
    are_usual = all(_is_usual(_label(table, dates, row)) for row in range(stop, len(table.lines)))
    return (
        below if are_usual or any(None not in moments[:stop] for moments in dates.readings) else 0
    )


def _is_below(table: Table, dates: DateColumns | None, row: int) -> bool:
    """Return whether a row has words for a label, or no label, and no date."""
    label = _label(table, dates, row)
    if dates is None:
        return _is_usual(label)
    if any(moments[row] is not None for moments in dates.readings):
        return False
    if not label:
        # A sum: a line whose date is missing has no empty line above it.
        return _is_set_off(table.lines[row - 1 : row + 1])
    # A mistyped date has digits.
    return (
        any(map(str.isalpha, label)) and not any(map(str.isdigit, label)) and not is_missing(label)
    )


def _is_set_off(lines: Sequence[int | str]) -> bool:
    """Return whether there is an empty line between two lines of the file."""
    previous, following = lines
    return isinstance(previous, int) and isinstance(following, int) and following > previous + 1


def _label(table: Table, dates: DateColumns | None, row: int) -> str:
    columns = dates.columns if dates else (0,)
    return " ".join(filter(None, (table.columns[index][row] for index in columns)))


def _is_usual(label: str) -> bool:
    words = label.casefold().replace(":", " ").split()
    return bool(words) and words[0] in _WORDS


def without_footer(table: Table, n: int) -> Table:
    """Return the table without its last ``n`` lines, with a note about them."""
    if not n:
        return table
    stop = len(table.lines) - n
    cells = (cells[stop:] for cells in table.columns)
    message = ngettext(
        "{origin}: line {lines}, below the series, is left out ({cells}).",
        "{origin}: lines {lines}, below the series, are left out ({cells}).",
        n,
    ).format(
        origin=table.origin,
        lines=", ".join(str(line) for line in table.lines[stop:]),
        cells=excerpt(cell for row in zip(*cells, strict=True) for cell in row),
    )
    return replace(
        table,
        lines=table.lines[:stop],
        columns=tuple(cells[:stop] for cells in table.columns),
        notes=(*table.notes, message),
    )
