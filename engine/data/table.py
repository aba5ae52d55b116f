"""A file of comma-separated values, or of its many relatives, as lines and columns of text.

What separates columns is found out: a semicolon, a tab, a comma, a bar, or spaces. Empty lines and lines that begin
with ``#`` are left out, wherever they are; so is the ``sep=;`` with which a spreadsheet may begin.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.data.dates import is_date
from engine.data.figures import count_with_unit, counts, is_figure, is_missing, is_quantity
from engine.data.headings import count_heading_rows, names_of
from engine.data.reading import decode_table
from engine.data_options import AS_WRITTEN, SeriesReading
from engine.errors import UsageError
from engine.language import _, ngettext
from engine.sanitise import printable

LARGEST_CELLS = 2_000_000
"""Lines times columns that are read: 250 years of days have 90,000 lines. It bounds the memory that a table takes."""
LONGEST_LINE = 2**16
"""Characters of a line: splitting one takes many times its length."""

_SAMPLE = 200
_SAMPLE_CHARACTERS = 2**18
_SPACE = " "
_FIRST_LINE_DIFFERS = 0.75
"""What a separator is worth that splits the first line otherwise than the others."""
_SEPARATORS = (";", "\t", "|", ",", _SPACE, None)
_SPACED_FIELD = re.compile(r'(?:"[^"]*"|[^ \t])+')
_MARK = re.compile(r"[*†#]|[A-Za-z]")
"""What may stand after the last cell of some lines: SILSO's star."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_NO_ROW = re.compile(r"\s*#|sep=.$", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """Columns of cells, without the spaces around them."""

    origin: str
    lines: tuple[int | str, ...]
    """The rows' lines in the file, from 1; with a column's heading, ``3, Mar``, if a line has several values."""
    columns: tuple[tuple[str, ...], ...]
    headings: tuple[str, ...]
    """One a column, "" if it has none."""
    notes: tuple[str, ...] = ()
    """What the person should know of how it was read, in sentences."""
    mistakable: str = ""
    """The separator if what it separates may be single numbers: the comma of 1,580."""


def read_table(content: bytes, origin: str, reading: SeriesReading = AS_WRITTEN) -> Table:
    """Return a file's table; ``origin`` is what complaints call the file.

    Raises :class:`UsageError` for what is no text or no UTF-8, for a table without rows, with too many cells, or with
    a row whose length differs from the rest; it names the line if one is to blame.
    """
    # Counted before they are taken apart: each line and each cell costs fifty bytes more than it has.
    if max(content.count(b"\n"), content.count(b"\r")) > LARGEST_CELLS:
        raise _too_large(origin)
    # Blank, not gone: the lines after them keep their numbers.
    text = ["" if _NO_ROW.match(line) else line for line in _LINE_END.split(decode_table(content, origin))]
    _refuse_long_lines(text, origin)
    scores = _scores(_sample(text), reading)
    separator = _best(scores)
    if separator == "," and 0 < scores[","] == scores.get(_SPACE):
        # Commas may be decimal ones between spaces: Station 1,25.
        raise UsageError(
            _("{origin}: commas or blanks may separate the columns.").format(origin=origin),
            _("Say which: --decimal , if spaces do, --decimal . if commas do"),
        )
    rows = list(_rows(text, separator, origin))
    if not rows:
        raise UsageError(_("{origin} is empty.").format(origin=origin), _("It needs a column of numbers."))
    if sum(any(map(is_quantity, cells)) for _line, cells in rows[:_SAMPLE]) < min(len(rows), _SAMPLE) / 10:
        raise no_figures(origin)
    mistakable = separator if separator in (",", _SPACE) and _may_be_numbers(_sample(text)) else ""
    _make_equally_long(rows, separator, origin, mistakable)
    n = count_heading_rows([cells for _line, cells in rows[: _SAMPLE + 1]], rows[0][0], origin)
    names = names_of([cells for _line, cells in rows[:n]], len(rows[0][1]))
    return Table(
        origin,
        tuple(line for line, _cells in rows[n:]),
        tuple(zip(*(cells for _line, cells in rows[n:]), strict=True)),
        tuple(printable(name).strip() for name in names),
        _notes_of_headings(rows[1:n], origin),
        mistakable,
    )


def no_figures(origin: str) -> UsageError:
    """Return what to say of a file in which no column is one of figures."""
    return UsageError(
        _("{origin} has no column of numbers.").format(origin=origin), _("A series is a CSV file that has one.")
    )


def or_single_numbers(remedy: str, mistakable: str) -> str:
    """Return what to do about a table, and what else if its separator (see :class:`Table`) may belong to numbers."""
    if mistakable == ",":
        return remedy.rstrip(".") + _("; if the commas belong to the numbers, say --decimal , or --thousands ,")
    if mistakable == _SPACE:
        return remedy.rstrip(".") + _("; if the spaces belong to the numbers, say --thousands ' '")
    return remedy


def _too_large(origin: str) -> UsageError:
    return UsageError(
        _("{origin} has more than {limit:,} cells.").format(origin=origin, limit=LARGEST_CELLS),
        _("Take out the columns that are not needed: cut -d, -f1,2 FILE > NEW."),
    )


def looks_like_table(content: bytes) -> bool:
    """Tell a table from prose: in four lines of five there is a cell that is a figure or a date."""
    lines = _LINE_END.split(content[: 2**16].decode("utf-8-sig", "replace").replace("\0", ""))
    lines = _sample(["" if _NO_ROW.match(line) else line for line in lines])
    separator = _best(_scores(lines))
    # Line by line: a quotation mark that is not closed must not make prose of a table.
    rows = [row for line in lines for row in _sample_rows([line], separator)]
    telling = [any(is_figure(cell) or is_date(cell) for cell in cells) for cells in rows]
    headings = telling[:3].index(True) if True in telling[:3] else 0
    return sum(telling) >= max(1.0, 0.8 * (len(lines) - max(1, headings)))


def _refuse_long_lines(text: Sequence[str], origin: str) -> None:
    line = next((number for number, line in enumerate(text, 1) if len(line) > LONGEST_LINE), None)
    if line is not None:
        raise UsageError(
            _("{origin}, line {line}: it has more than {limit:,} characters.").format(
                origin=origin, line=line, limit=LONGEST_LINE
            ),
            _("A table has a line for each step of the series, and few columns."),
        )


def _sample(text: Sequence[str]) -> list[str]:
    """Return the first lines that have something in them, enough of them to tell what separates the columns."""
    sample: list[str] = []
    left = _SAMPLE_CHARACTERS
    for line in text:
        if line.strip():
            sample.append(line)
            left -= len(line)
        if len(sample) > _SAMPLE or left <= 0:
            break
    return sample


def _scores(sample: Sequence[str], reading: SeriesReading = AS_WRITTEN) -> dict[str | None, float]:
    """Return how well each separator fits, None for a single column; the likelier comes first.

    It is the share of cells that are figures, dates or missing, in rows of the same length. The first line counts only
    if there is no other, as it may have headings; of equals, that one is likelier which splits it alike. A mark that is
    known to belong to numbers is the least likely.
    """
    marks = {reading.decimal, reading.thousands}
    lines = sample[1:] or sample
    scores: dict[str | None, float] = {}
    for separator in sorted(_SEPARATORS, key=lambda separator: separator in marks):
        rows = _sample_rows(lines, separator)
        width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        cells = [cell for row in rows for cell in row]
        if separator is None:
            cells = _lone_cells(lines, commas_belong="," in marks)
        elif width < 2:
            continue
        elif separator == _SPACE:
            # The comma of "340, 360" separates.
            cells = [cell + "?" * cell.endswith((",", ";")) for cell in cells]
        clean = sum(is_missing(cell) or is_figure(cell, reading) or is_date(cell) for cell in cells)
        if separator is None:
            clean = max(clean, count_with_unit(cells, reading))
        fit = 1.0 if _splits_alike(sample, rows, width, separator) else _FIRST_LINE_DIFFERS
        scores[separator] = clean / max(1, len(cells)) * times / max(1, len(rows)) * fit
    return scores


def _splits_alike(sample: Sequence[str], rows: Sequence[Sequence[str]], width: int, separator: str | None) -> bool:
    """Return whether the first line has as many cells as the others; headings may lack that over the rows' names."""
    first = sum(len(row) for row in _sample_rows(sample[:1], separator))
    has_names = separator == _SPACE and first == width - 1 and counts([row[0] for row in rows])
    return first == width or has_names


def _lone_cells(lines: Sequence[str], *, commas_belong: bool) -> list[str]:
    """Return lines as cells of their own. 58,0 may be one number or two, unless it is quoted or that is known."""
    whole = [line.strip() for line in lines]
    return [
        line.strip('"') if line.startswith('"') else line if commas_belong else line.replace(",", ", ")
        for line in whole
    ]


def _may_be_numbers(sample: Sequence[str]) -> bool:
    """Return whether lines are one number each as well as several cells: 1,580. The first may have other things."""
    cells = [line.strip().strip('"') for line in sample[1:]]
    return sum(is_quantity(cell) or is_missing(cell) for cell in cells) >= 0.9 * len(cells)


def _best(scores: dict[str | None, float]) -> str | None:
    """Return what separates the columns; None where there is one column. Of equals the likelier."""
    return max(scores, key=scores.__getitem__)


def _sample_rows(lines: Sequence[str], separator: str | None) -> list[list[str]]:
    try:
        return list(_split(lines, separator))
    except csv.Error:
        return []


def _split(lines: Iterable[str], separator: str | None) -> Iterator[list[str]]:
    """Split lines at the separator, without spaces around the cells. Raises :class:`csv.Error` for endless cells."""
    if separator is None:
        yield from ([line.strip().strip('"')] for line in lines)
    elif separator == _SPACE:
        yield from ([cell.strip('"').strip() for cell in _SPACED_FIELD.findall(line.strip())] for line in lines)
    else:
        rows = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        yield from ([cell.strip() for cell in row] for row in rows)


def _rows(text: Sequence[str], separator: str | None, origin: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty with the line in which it begins."""
    cells_left = LARGEST_CELLS
    source = _Counted(text)
    rows = _split(source, separator)
    while True:
        line = source.given + 1
        try:
            cells = next(rows, None)
        except csv.Error as error:
            raise UsageError(
                _("{origin}, line {line}: it can't be read as a row: {reason}.").format(
                    origin=origin, line=line, reason=error
                ),
                _("Look for a quotation mark that is never closed."),
            ) from None
        if cells is None:
            return
        if not any(cells):
            continue
        if source.given > line:
            _check_cell_over_lines(text[line - 1 : source.given], separator, line, origin)
        cells_left -= len(cells)
        if cells_left < 0:
            raise _too_large(origin)
        yield line, cells


def _check_cell_over_lines(lines: Sequence[str], separator: str | None, first: int, origin: str) -> None:
    """Raise :class:`UsageError` if a row goes over ``lines``, from line ``first`` on, by a mark that is not closed.

    It would swallow the rows up to the next quotation mark, or all to the end of the file, without a word.
    """
    try:
        (row,) = csv.reader(
            [f"{line}\n" for line in lines], delimiter=separator or ",", skipinitialspace=True, strict=True
        )
    except (csv.Error, ValueError):
        pass
    else:
        within = [line for cell in row for line in cell.split("\n")[1:]]
        if not any(map(_is_like_a_row, (cells for line in within for cells in _sample_rows([line], separator)))):
            return
    last = max(number for number, line in enumerate(lines, first) if line.strip())
    raise UsageError(
        _("{origin}, line {line}: a quotation mark opens a cell that takes in the rows up to line {last}.").format(
            origin=origin, line=first, last=last
        ),
        _("Take that quotation mark out, or close it on its line."),
    )


def _is_like_a_row(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and any(is_figure(cell) or is_date(cell) for cell in cells)


class _Counted(Iterator[str]):
    """Lines with their ends, counted as they are taken: a quoted cell may go over several."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.given = 0

    def __next__(self) -> str:
        if self.given >= len(self._lines):
            raise StopIteration
        self.given += 1
        return self._lines[self.given - 1] + "\n"


def _make_equally_long(
    rows: Sequence[tuple[int, list[str]]], separator: str | None, origin: str, mistakable: str
) -> None:
    """Take empty cells off the ends of rows that have too many. Raises :class:`UsageError` for other lengths.

    Between spaces an empty cell can't be seen: a mark after the last cell of some lines is a column, and headings may
    lack the one over the names of the rows, as R writes them.
    """
    lengths = Counter(len(cells) for _line, cells in rows)
    width = lengths.most_common(1)[0][0]
    if separator in (_SPACE, "\t"):
        if len(rows[0][1]) == width - 1 and not any(map(is_quantity, rows[0][1])):
            rows[0][1].insert(0, "")
            lengths = Counter(len(cells) for _line, cells in rows)
        widest = max(lengths)
        marked = [cells for _line, cells in rows if len(cells) == widest]
        if {*lengths} == {widest, widest - 1} and all(_MARK.fullmatch(cells[-1]) for cells in marked):
            width = widest
            for _line, cells in rows:
                cells.extend([""] * (width - len(cells)))
    for line, cells in rows:
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) != width:
            raise UsageError(
                _("{origin}, line {line}: the number of columns is {n}, of most lines {width}.").format(
                    origin=origin, line=line, n=len(cells), width=width
                ),
                or_single_numbers(_("Mend that line, or begin it with # to have it left out."), mistakable),
            )


def _notes_of_headings(rows: Sequence[tuple[int, Sequence[str]]], origin: str) -> tuple[str, ...]:
    """Say which rows under the headings are left out."""
    if not rows:
        return ()
    message = ngettext(
        "{origin}: line {lines} is left out as further headings or units ({cells}).",
        "{origin}: lines {lines} are left out as further headings or units ({cells}).",
        len(rows),
    )
    shown = " ".join(dict.fromkeys(cell for _line, cells in rows for cell in cells if cell))
    lines = ", ".join(str(line) for line, _cells in rows)
    return (message.format(origin=origin, lines=lines, cells=shown if len(shown) <= 40 else shown[:39] + "…"),)
