"""A file of comma-separated values, or of its many relatives, as lines and columns of text.

The separator is detected: a semicolon, a tab, a comma, a bar, or spaces. Empty lines and lines that
begin with ``#`` are left out anywhere; so is a spreadsheet's ``sep=;`` line.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.data.dates import YEAR, is_date
from engine.data.headings import column_names, count_heading_rows
from engine.data.numbers import (
    count_with_unit,
    counts_up,
    is_missing,
    is_number,
    is_quantity,
    mostly,
)
from engine.data.reading import decode_table
from engine.data.rows import SPACE, excerpt, split_lines, split_sample, usual_width
from engine.data.surroundings import may_lack_heading, without_surroundings
from engine.errors import UsageError
from engine.language import _, ngettext
from engine.sanitise import printable, shorten
from engine.trials.data_options import AS_WRITTEN, SeriesReading

LARGEST_CELLS = 2_000_000
"""Lines times columns that are read; it bounds the memory that a table takes.

250 years of days have 90,000 lines.
"""
LONGEST_LINE = 2**16
"""Characters of a line: splitting one takes many times its length in memory."""

_SAMPLE = 200
_SAMPLE_CHARACTERS = 2**18
_FEWEST_IN_ONE_LINE = 3
_SURELY_IN_ONE_LINE = 10
_FIRST_LINE_DIFFERS = 0.75
"""The weight of a separator that splits the first line differently from the others."""
_SEPARATORS = (";", "\t", "|", ",", SPACE, None)
_MARK = re.compile(r"[*†#]|[A-Za-z]")
"""What may stand after the last cell of some lines: SILSO's star."""
_TO_LINES = "tr -s ' ,;\\t' '\\n' < FILE > NEW"
_LINE_END = re.compile(r"\r\n|\r|\n")
_NO_ROW = re.compile(r"\s*#|sep=.$", re.IGNORECASE)
_MAY_BE_COMMENT = re.compile(r"\s*(?:%|!|//)")
_ONLY_NUMBERS = re.compile(r"[0-9eE+.,;\s-]+")


@dataclass(frozen=True)
class Table:
    """Columns of cells, stripped of spaces."""

    origin: str
    lines: tuple[int | str, ...]
    """The rows' lines in the file, from 1; ``3, Mar`` if a line has a value for each heading."""
    columns: tuple[tuple[str, ...], ...]
    headings: tuple[str, ...]
    """One per column, "" if it has none."""
    notes: tuple[str, ...] = ()
    """What the person should know about how it was read, in sentences."""
    mistakable: str = ""
    """The separator if it may be part of single numbers instead: the comma of 1,580."""


def read_table(content: bytes, origin: str, reading: SeriesReading = AS_WRITTEN) -> Table:
    """Return a file's table; ``origin`` names the file in error messages.

    Raises :class:`UsageError` if the file is not text or not UTF-8, and for a table without rows,
    with too many cells, or with a row whose length differs from the rest; it names the line if one
    is to blame.
    """
    # Counted before splitting: each line and each cell costs fifty bytes more than its text.
    if max(content.count(b"\n"), content.count(b"\r")) > LARGEST_CELLS:
        raise _too_large_error(origin, 1, None, LARGEST_CELLS + 1)
    text = _without_comments(_LINE_END.split(decode_table(content, origin)))
    _refuse_long_lines(text, origin)
    sample = _sample(text)
    scores = _separator_scores(sample, reading)
    separator = _best_separator(scores)
    if separator == "," and 0 < scores[","] == scores.get(SPACE):
        # Commas may be decimal commas, with spaces as separators: Station 1,25.
        raise UsageError(
            _("{origin}: commas or spaces may separate the columns.").format(origin=origin),
            _("Say which: --decimal , if spaces do, --decimal . if commas do"),
        )
    width = usual_width(split_sample(sample[1:] or sample, separator))
    if width * len(text) > LARGEST_CELLS and width * sum(map(bool, text)) > LARGEST_CELLS:
        raise _too_large_error(origin, width, separator, len(text))
    rows = list(split_lines(text, separator, width, origin, reading.missing_words))
    if not rows:
        raise UsageError(
            _("{origin} is empty.").format(origin=origin), _("It needs a column of numbers.")
        )
    if sum(len(cells) for _line, cells in rows) > LARGEST_CELLS:
        raise _too_large_error(origin, width, separator, len(text))
    if _are_words([cells for _line, cells in rows[:_SAMPLE]]):
        raise no_numbers_error(origin, rows[:_SAMPLE])
    all_rows = rows
    rows, notes = without_surroundings(
        rows, usual_width([cells for _line, cells in rows]), separator, origin
    )
    if not rows:
        raise no_numbers_error(origin, all_rows[:_SAMPLE])
    mistakable = separator if separator in (",", SPACE) and _may_be_numbers(sample) else ""
    _check_row_lengths(rows, separator, origin, mistakable)
    n = count_heading_rows([cells for _line, cells in rows[: _SAMPLE + 1]], rows[0][0], origin)
    names = column_names([cells for _line, cells in rows[:n]], len(rows[0][1]))
    return Table(
        origin,
        tuple(line for line, _cells in rows[n:]),
        tuple(zip(*(cells for _line, cells in rows[n:]), strict=True)),
        tuple(printable(name).strip() for name in names),
        (*notes, *_notes_of_headings(rows[1:n], origin)),
        mistakable,
    )


def _are_words(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether hardly a row has a number, of those with more than dates and missing values."""
    with_numbers = sum(any(map(is_quantity, cells)) for cells in rows)
    if not with_numbers:
        return True
    if with_numbers >= len(rows) / 10:
        return False
    others = sum(any(not (is_missing(cell) or is_date(cell)) for cell in cells) for cells in rows)
    return with_numbers < others / 10


def as_single_column(table: Table) -> Table:
    """Return the table with its cells in one column if it is a single undated line of numbers."""
    cells = [column[0] for column in table.columns] if len(table.lines) == 1 else []
    if len(cells) < _FEWEST_IN_ONE_LINE or any(table.headings):
        return table
    may_be_dated = bool(YEAR.fullmatch(cells[0][:4])) and len(cells) < _SURELY_IN_ONE_LINE
    if may_be_dated or not all(is_missing(cell) or is_number(cell) for cell in cells):
        return table
    message = _("{origin}: the numbers of line {line} are read one after the other.")
    return replace(
        table,
        lines=table.lines * len(cells),
        columns=(tuple(cells),),
        headings=("",),
        notes=(*table.notes, message.format(origin=table.origin, line=table.lines[0])),
    )


def no_numbers_error(origin: str, rows: Sequence[tuple[int | str, Sequence[str]]]) -> UsageError:
    """Return the error about a table without a column of numbers, with the likeliest bad cell.

    ``rows`` are the cells of some lines in which that cell is sought.
    """
    width = usual_width([list(cells) for _line, cells in rows])
    body = [(line, cells) for line, cells in rows[1:] or rows if len(cells) == width]
    for index in reversed(range(width)):
        present = [(line, cells[index]) for line, cells in body if not is_missing(cells[index])]
        cells = [cell for _line, cell in present]
        with_digits = [(line, cell) for line, cell in present if any(map(str.isdigit, cell))]
        wrong = next(((line, cell) for line, cell in with_digits if not is_quantity(cell)), None)
        if (
            wrong
            and len(with_digits) > len(present) / 2
            and not mostly(cells, is_date)
            and not counts_up(cells)
        ):
            line, cell = wrong
            return UsageError(
                _(
                    "{origin} has no column of numbers: {cell!r} in line {line} is not a number."
                ).format(origin=origin, line=line, cell=shorten(cell)),
                _("Write plain numbers, as 1580.5, in a column of their own."),
            )
    return UsageError(
        _("{origin} has no column of numbers.").format(origin=origin),
        _("A series is a CSV file that has one."),
    )


def one_number_per_line() -> str:
    """Return the remedy for a series with several numbers in a line."""
    return _(
        "If all lines are one series, write each number on a line of its own: {command}"
    ).format(command=_TO_LINES)


def _are_lines_of_numbers(rows: Sequence[tuple[int, list[str]]]) -> bool:
    """Return whether rows have nothing but numbers, and no years or index first."""
    return not counts_up([cells[0] for _line, cells in rows]) and all(
        len(cells) > 2 and all(map(is_number, cells)) for _line, cells in rows[:-1]
    )


def add_separator_hint(remedy: str, mistakable: str) -> str:
    """Return a remedy, with another if the separator may belong to numbers (see :class:`Table`)."""
    if mistakable == ",":
        return remedy.rstrip(".") + _(
            "; if the commas belong to the numbers, say --decimal , or --thousands ,"
        )
    if mistakable == SPACE:
        return remedy.rstrip(".") + _("; if the spaces belong to the numbers, say --thousands ' '")
    return remedy


def _too_large_error(origin: str, width: int, separator: str | None, lines: int) -> UsageError:
    """Return the error about a table with too many cells, with a command that makes it smaller."""
    fewer = _("Remove the columns that are not needed: {command} FILE > NEW")
    if width > 2 and 2 * lines <= LARGEST_CELLS:
        if separator == SPACE:
            remedy = fewer.format(command="awk '{print $1, $2}'")
        else:
            delimiter = "" if separator == "\t" else f" -d '{separator}'"
            remedy = fewer.format(command=f"cut{delimiter} -f 1,2")
    else:
        remedy = _("Take only its first lines: head -n {n} FILE > NEW").format(
            n=LARGEST_CELLS // max(1, width)
        )
    return UsageError(
        _("{origin} has more than {limit:,} cells.").format(origin=origin, limit=LARGEST_CELLS),
        remedy,
    )


def _without_comments(lines: Sequence[str]) -> list[str]:
    """Return lines with comments emptied, so that the lines after them keep their numbers.

    Lines that begin with ``#`` are comments. ``%``, ``!`` and ``//`` may also begin a column's
    heading or cells. Lines with these are comments if there are several, but fewer than other
    lines, or if there is one without a separator.
    """
    text = ["" if _NO_ROW.match(line) else line for line in lines]
    marked = [n for n, line in enumerate(text) if _MAY_BE_COMMENT.match(line)]
    if len(marked) > 1 and len(marked) < sum(map(bool, text)) / 2:
        is_comment = True
    else:
        is_comment = len(marked) == 1 and not any(
            mark in text[marked[0]] for mark in (",", ";", "\t", "|")
        )
    for n in marked if is_comment else ():
        text[n] = ""
    return text


def looks_like_table(content: bytes) -> bool:
    """Tell a table from prose: four lines in five have a cell that is a number or a date."""
    lines = _LINE_END.split(content[: 2**16].decode("utf-8-sig", "replace").replace("\0", ""))
    lines = _sample(_without_comments(lines))
    rows = split_sample(lines, _best_separator(_separator_scores(lines)))
    has_value = [any(is_number(cell) or is_date(cell) for cell in cells) for cells in rows]
    headings = has_value[:3].index(True) if True in has_value[:3] else 0
    return sum(has_value) >= max(1.0, 0.8 * (len(lines) - max(1, headings)))


def _refuse_long_lines(text: Sequence[str], origin: str) -> None:
    line = next((number for number, line in enumerate(text, 1) if len(line) > LONGEST_LINE), None)
    if line is not None:
        remedy = _("A table has a line for each step of the series, and few columns.")
        if _ONLY_NUMBERS.fullmatch(text[line - 1][:_SAMPLE]):
            remedy = _("Write each number on a line of its own: {command}").format(
                command=_TO_LINES
            )
        raise UsageError(
            _("{origin}, line {line}: it has more than {limit:,} characters.").format(
                origin=origin, line=line, limit=LONGEST_LINE
            ),
            remedy,
        )


def _sample(text: Sequence[str]) -> list[str]:
    """Return the first lines that are not empty, enough of them to detect the separator."""
    sample: list[str] = []
    remaining = _SAMPLE_CHARACTERS
    for line in text:
        if line.strip():
            sample.append(line)
            remaining -= len(line)
        if len(sample) > _SAMPLE or remaining <= 0:
            break
    return sample


def _separator_scores(
    sample: Sequence[str], reading: SeriesReading = AS_WRITTEN
) -> dict[str | None, float]:
    """Return how well each separator fits, None for a single column; the likelier comes first.

    The score is the share of cells that are numbers, dates or missing, in rows of the same length.
    The first line counts only if it is the only one, as it may have headings; of equal separators,
    the one that splits it like the others is likelier. A mark that is known to belong to numbers is
    the least likely.
    """
    marks = {reading.decimal, reading.thousands}
    lines = sample[1:] or sample
    scores: dict[str | None, float] = {}
    for separator in sorted(_SEPARATORS, key=lambda separator: separator in marks):
        rows = split_sample(lines, separator, reading.missing_words)
        width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        cells = [cell for row in rows for cell in row]
        if separator is None:
            cells = _lone_cells(lines, commas_belong="," in marks)
        elif width < 2:
            continue
        elif separator == SPACE:
            # The comma of "340, 360" separates.
            cells = [cell + "?" * cell.endswith((",", ";")) for cell in cells]
        clean = sum(is_missing(cell) or is_number(cell, reading) or is_date(cell) for cell in cells)
        if separator is None:
            clean = max(clean, count_with_unit(cells, reading))
        fit = 1.0 if _splits_alike(sample, rows, width, separator) else _FIRST_LINE_DIFFERS
        scores[separator] = clean / max(1, len(cells)) * times / max(1, len(rows)) * fit
    return scores


def _splits_alike(
    sample: Sequence[str], rows: Sequence[Sequence[str]], width: int, separator: str | None
) -> bool:
    """Return whether the first line has as many cells as the others.

    Headings may lack the one over the row names.
    """
    first = sum(len(row) for row in split_sample(sample[:1], separator))
    has_names = separator == SPACE and first == width - 1 and counts_up([row[0] for row in rows])
    return first == width or has_names


def _lone_cells(lines: Sequence[str], *, commas_belong: bool) -> list[str]:
    """Return each line as one cell.

    58,0 may be one number or two, unless it is quoted or the comma is known to belong to numbers.
    """
    stripped = [line.strip() for line in lines]
    return [
        line.strip('"')
        if line.startswith('"')
        else line
        if commas_belong
        else line.replace(",", ", ")
        for line in stripped
    ]


def _may_be_numbers(sample: Sequence[str]) -> bool:
    """Return whether lines could be one number each instead of several cells: 1,580.

    The first line may be anything.
    """
    cells = [line.strip().strip('"') for line in sample[1:]]
    return sum(is_quantity(cell) or is_missing(cell) for cell in cells) >= 0.9 * len(cells)


def _best_separator(scores: dict[str | None, float]) -> str | None:
    """Return the best separator, the likelier of equals; None if there is one column."""
    return max(scores, key=scores.__getitem__)


def _check_row_lengths(
    rows: Sequence[tuple[int, list[str]]], separator: str | None, origin: str, mistakable: str
) -> None:
    """Make all rows equally long, or raise :class:`UsageError`.

    Empty cells are taken off the ends of rows that are too long. With spaces between cells an empty
    cell can't be seen: a mark after the last cell of some lines is a column, and headings may lack
    the one over the row names, as R writes them.
    """
    lengths = Counter(len(cells) for _line, cells in rows)
    width = lengths.most_common(1)[0][0]
    lacks_one = len(rows[0][1]) == width - 1 and not any(map(is_quantity, rows[0][1]))
    if lacks_one and may_lack_heading(separator, [cells[0] for _line, cells in rows[1:]]):
        rows[0][1].insert(0, "")
        lengths = Counter(len(cells) for _line, cells in rows)
    if separator in (SPACE, "\t"):
        widest = max(lengths)
        marked = [cells for _line, cells in rows if len(cells) == widest]
        if {*lengths} == {widest, widest - 1} and all(
            _MARK.fullmatch(cells[-1]) for cells in marked
        ):
            width = widest
            for _line, cells in rows:
                cells.extend([""] * (width - len(cells)))
    for line, cells in rows:
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) != width:
            remedy = _("Correct that line, or begin it with # to have it left out.")
            if line == rows[-1][0] and _are_lines_of_numbers(rows):
                remedy = one_number_per_line()
            elif separator == "," and line == rows[0][0] and len(cells) == width - 1:
                remedy = _(
                    "Give each column a heading; decimal commas need semicolons between the "
                    "columns, or quotes."
                )
            raise UsageError(
                _(
                    "{origin}, line {line}: the number of columns is {n}; most lines have {width}."
                ).format(origin=origin, line=line, n=len(cells), width=width),
                add_separator_hint(remedy, mistakable),
            )


def _notes_of_headings(rows: Sequence[tuple[int, Sequence[str]]], origin: str) -> tuple[str, ...]:
    """Return a note on the rows under the headings that are left out."""
    if not rows:
        return ()
    message = ngettext(
        "{origin}: line {lines} is left out as further headings or units ({cells}).",
        "{origin}: lines {lines} are left out as further headings or units ({cells}).",
        len(rows),
    )
    lines = ", ".join(str(line) for line, _cells in rows)
    omitted = excerpt(cell for _line, cells in rows for cell in cells)
    return (message.format(origin=origin, lines=lines, cells=omitted),)
