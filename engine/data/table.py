"""A file of comma-separated values, or of its many relatives, as lines and columns of text.

What separates columns is found out: a semicolon, a tabulator, a comma, a bar, or blanks. Empty lines and lines that
begin with ``#`` are left out, wherever they are; so is the ``sep=;`` with which a spreadsheet may begin.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.data.dates import is_date
from engine.data.figures import is_figure, is_missing
from engine.data.reading import decode_table
from engine.errors import UsageError
from engine.language import _
from engine.sanitise import printable

LARGEST_CELLS = 2_000_000
"""Lines times columns that are read: 250 years of days have 90,000 lines. It bounds the memory that a table takes."""
LONGEST_LINE = 2**16
"""Characters of a line: splitting one takes many times its length."""

_SAMPLE = 200
_SAMPLE_CHARACTERS = 2**18
_BLANKS = " "
_SEPARATORS = (";", "\t", "|", ",", _BLANKS, None)
_BLANK_FIELD = re.compile(r'"[^"]*"|\S+')
_LINE_END = re.compile(r"\r\n|\r|\n")
_NO_ROW = re.compile(r"\s*#|sep=.$", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """Columns of cells, blanks around them off. ``lines`` are the rows' lines in the file, from 1."""

    origin: str
    lines: tuple[int, ...]
    columns: tuple[tuple[str, ...], ...]
    headings: tuple[str, ...]
    """One a column, "" where it has none."""


def read_table(content: bytes, origin: str) -> Table:
    """Return a file's table; ``origin`` is what complaints call the file.

    Raises :class:`UsageError` for what is no text or no UTF-8, for a table without rows, with too many cells, or with
    a row of another length than the others; it names the line where one is to blame.
    """
    # Counted before they are taken apart: each line and each cell costs fifty bytes more than it has.
    if max(content.count(b"\n"), content.count(b"\r")) > LARGEST_CELLS:
        raise _too_large(origin)
    # Blank, not gone: the lines after them keep their numbers.
    text = ["" if _NO_ROW.match(line) else line for line in _LINE_END.split(decode_table(content, origin))]
    _refuse_long_lines(text, origin)
    scores = _scores(_sample(text))
    separator = _best(scores)
    if separator == "," and 0 < scores[","] == scores.get(_BLANKS):
        # Commas may be decimal ones between blanks: Station 1,25.
        raise UsageError(
            _("{origin}: commas or blanks may separate the columns.").format(origin=origin),
            _("Separate them by semicolons or tabulators."),
        )
    rows = list(_rows(text, separator, origin))
    if not rows:
        raise UsageError(_("{origin} is empty.").format(origin=origin), _("It needs a column of numbers."))
    if sum(any(map(is_figure, cells)) for _line, cells in rows[:_SAMPLE]) < min(len(rows), _SAMPLE) / 10:
        raise no_figures(origin)
    _make_equally_long(rows, origin)
    headings = _headings([cells for _line, cells in rows[: _SAMPLE + 1]], rows[0][0], origin)
    body = rows[1:] if headings else rows
    return Table(
        origin,
        tuple(line for line, _cells in body),
        tuple(zip(*(cells for _line, cells in body), strict=True)),
        tuple(printable(heading).strip() for heading in headings or [""] * len(body[0][1])),
    )


def no_figures(origin: str) -> UsageError:
    """Return what to say of a file in which no column is one of figures."""
    return UsageError(
        _("{origin} has no column of numbers.").format(origin=origin), _("A series is a CSV file that has one.")
    )


def _too_large(origin: str) -> UsageError:
    return UsageError(
        _("{origin} has more than {limit:,} cells.").format(origin=origin, limit=LARGEST_CELLS),
        _("Take out the columns that are not needed: cut -d, -f1,2 FILE > NEW."),
    )


def looks_like_table(content: bytes) -> bool:
    """Tell a table from prose: in four lines of five there is a cell that is a figure or a date."""
    lines = _LINE_END.split(content[: 2**16].decode("utf-8-sig", "replace").replace("\0", ""))
    lines = _sample(["" if _NO_ROW.match(line) else line for line in lines])
    rows = _sample_rows(lines, _best(_scores(lines)))
    telling = sum(any(is_figure(cell) or is_date(cell) for cell in cells) for cells in rows)
    return telling >= max(1.0, 0.8 * (len(lines) - 1))


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


def _scores(sample: Sequence[str]) -> dict[str | None, float]:
    """Return how well each separator fits, None for a single column; the likelier comes first.

    It is the share of cells that are figures, dates or missing, in rows of the same length. The first line counts only
    where there is no other: it may have headings.
    """
    lines = sample[1:] or sample
    scores: dict[str | None, float] = {}
    for separator in _SEPARATORS:
        rows = _sample_rows(lines, separator)
        width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        cells = [cell for row in rows for cell in row]
        if separator is None:
            # 58,0 alone on its line may be one figure or two; "58,0" is one.
            whole = [line.strip() for line in lines]
            cells = [line.strip('"') if line.startswith('"') else line.replace(",", ", ") for line in whole]
        elif width < 2:
            continue
        clean = sum(is_missing(cell) or is_figure(cell) or is_date(cell) for cell in cells)
        scores[separator] = clean / max(1, len(cells)) * times / max(1, len(rows))
    return scores


def _best(scores: dict[str | None, float]) -> str | None:
    """Return what separates the columns; None where there is one column. Of equals the likelier."""
    return max(scores, key=scores.__getitem__)


def _sample_rows(lines: Sequence[str], separator: str | None) -> list[list[str]]:
    try:
        return list(_split(lines, separator))
    except csv.Error:
        return []


def _split(lines: Iterable[str], separator: str | None) -> Iterator[list[str]]:
    """Split lines at the separator, blanks around the cells off. Raises :class:`csv.Error` for cells without end."""
    if separator is None:
        yield from ([line.strip().strip('"')] for line in lines)
    elif separator == _BLANKS:
        yield from ([cell.strip('"').strip() for cell in _BLANK_FIELD.findall(line)] for line in lines)
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
        cells_left -= len(cells)
        if cells_left < 0:
            raise _too_large(origin)
        yield line, cells


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


def _make_equally_long(rows: Sequence[tuple[int, list[str]]], origin: str) -> None:
    """Take empty cells off the ends of rows that have too many. Raises :class:`UsageError` for other lengths."""
    width = Counter(len(cells) for _line, cells in rows).most_common(1)[0][0]
    for line, cells in rows:
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) != width:
            raise UsageError(
                _("{origin}, line {line}: the number of columns is {n}, of most lines {width}.").format(
                    origin=origin, line=line, n=len(cells), width=width
                ),
                _("Mend that line, or begin it with # to have it left out."),
            )


def _headings(rows: Sequence[Sequence[str]], line: int, origin: str) -> Sequence[str] | None:
    """Return the first row if it is one of headings: words over figures or dates. None where it is a row like others.

    Raises :class:`UsageError` where neither is sure: ``Month,1958,1959`` over columns of figures.
    """
    first, body = rows[0], rows[1:]
    if not body:
        return None

    def mostly(column: int, test: Callable[[str], bool]) -> bool:
        cells = [row[column] for row in body if not is_missing(row[column])]
        return sum(map(test, cells)) > len(cells) / 2

    words = [at for at, cell in enumerate(first) if not (is_missing(cell) or is_figure(cell) or is_date(cell))]
    if not words or any(is_date(cell) and mostly(at, is_date) for at, cell in enumerate(first)):
        return None
    if any(mostly(at, is_figure) or mostly(at, is_date) for at in words) or not any(map(is_figure, first)):
        return first
    if any(re.fullmatch("[12][0-9]{3}", cell) for cell in first):
        raise UsageError(
            _("{origin}, line {line}: these may be headings or the first figures.").format(origin=origin, line=line),
            _("Give the columns headings that are no numbers."),
        )
    return None
