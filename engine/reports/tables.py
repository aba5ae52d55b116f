"""Tables as values, and formatting them as Markdown, CSV and LaTeX.

Text that comes from data (a corpus, generated text) is :class:`Verbatim`: every format shows it
letter by letter, whatever its characters would mean as markup, with a mark for each line end. To a
spreadsheet, a cell that starts with ``=`` is a program, and CSV cannot escape that, so such a text
gets an apostrophe (:func:`csv_cell`).
"""

import csv
import io
import re
from dataclasses import dataclass

from engine.sanitise import LINE_END_MARK, printable, printable_line, printable_lines


class Verbatim(str):
    """Text from data, shown exactly as it is."""

    __slots__ = ()


Cell = str | Verbatim


@dataclass(frozen=True)
class Table:
    """A titled table. ``numeric``: indices of columns to align right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    """Sentences under the table."""


def _in_one_line(cell: Cell) -> str:
    """Return a cell's text, safe for a terminal, on one line.

    Line ends are marked in text from data, and are spaces elsewhere.
    """
    return printable_line(cell) if isinstance(cell, Verbatim) else printable(cell)


def markdown_cell(cell: Cell) -> str:
    """Format a cell for a GitHub-flavored Markdown table.

    Verbatim text becomes a code span, in which nothing is markup: mentions, links, emphasis,
    formulas. Three things still need care: the fence (longer than any run of backticks inside), a
    space at either end (CommonMark removes one from each side), and the bar, which ends a cell even
    inside a code span unless a backslash precedes it (GFM, "Tables (extension)", example 200).
    """
    text = _in_one_line(cell)
    if not isinstance(cell, Verbatim):
        # The colon and the dot of an address: GitHub turns bare addresses into links.
        return re.sub(
            r"([\\`*_{}\[\]<>|~$&#@]|:(?=//)|(?<=www)\.)", r"\\\1", text, flags=re.IGNORECASE
        )
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    edges = text[0] + text[-1]
    padding = " " if text.strip(" ") and ("`" in edges or " " in edges) else ""
    return f"{fence}{padding}{text}{padding}{fence}".replace("|", r"\|")


def to_markdown(table: Table) -> str:
    """Format a table as Markdown, with its title as a second-level heading."""
    align = ("---:" if index in table.numeric else "---" for index in range(len(table.columns)))
    lines = [
        f"## {markdown_cell(table.title)}",
        "",
        _markdown_row(table.columns),
        "| " + " | ".join(align) + " |",
        *(_markdown_row(row) for row in table.rows),
    ]
    for note in table.notes:
        lines += ["", _markdown_paragraph(note)]
    return "\n".join(lines) + "\n"


def _markdown_paragraph(text: str) -> str:
    """Format a line of text so that, whatever it starts with, it is no list, rule or heading."""
    return re.sub(r"^([0-9]*)([-+=.)])", r"\1\\\2", markdown_cell(text).strip())


def _markdown_row(cells: tuple[Cell, ...]) -> str:
    return "| " + " | ".join(markdown_cell(cell) for cell in cells) + " |"


def csv_cell(cell: Cell) -> str:
    """Return a cell for CSV: unchanged, except text from data that a spreadsheet would evaluate.

    That gets an apostrophe; so does text that starts with apostrophes and such a sign, so that one
    can be removed again. Text from data keeps its line ends, which CSV puts between quotes.
    """
    text = printable_lines(cell) if isinstance(cell, Verbatim) else printable(cell)
    return f"'{text}" if isinstance(cell, Verbatim) and re.match(r"'*\n*[=+@-]", text) else text


def to_csv(table: Table) -> str:
    """Format a table as CSV (RFC 4180, with line feeds): header and rows, no title or notes."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    # Some column names come from a run's files.
    writer.writerow([csv_cell(column) for column in table.columns])
    writer.writerows([csv_cell(cell) for cell in row] for row in table.rows)
    return buffer.getvalue()


_LATEX = {char: "\\" + char for char in "#$%&_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    '"': r"\textquotedbl{}",
    "–": "--",
    "→": r"\textrightarrow{}",
    "±": r"\textpm{}",
    LINE_END_MARK: r"$\hookleftarrow$",
}


def latex_cell(cell: Cell) -> str:
    """Format a cell for LaTeX, every character standing for itself; quotes need textcomp."""
    text = _in_one_line(cell)
    if not isinstance(cell, Verbatim):
        return "".join(_LATEX.get(char, char) for char in text)
    # Braces keep LaTeX from joining hyphens and dropping spaces; "\ " is a space that does not
    # collapse.
    escaped = "".join(
        "{-}" if char == "-" else r"\ " if char == " " else _LATEX.get(char, char) for char in text
    )
    return rf"\texttt{{{escaped}}}"


def to_latex(table: Table) -> str:
    """Format a table as a LaTeX ``table`` with a ``tabular``; text from data is wrapped."""
    verbatim = {
        index for row in table.rows for index, cell in enumerate(row) if isinstance(cell, Verbatim)
    }
    columns = "".join(
        "r" if index in table.numeric else r"p{0.4\linewidth}" if index in verbatim else "l"
        for index in range(len(table.columns))
    )
    rows = [
        " & ".join(latex_cell(cell) for cell in row) + r" \\"
        for row in (table.columns, *table.rows)
    ]
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{latex_cell(table.title)}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\hline",
            rows[0],
            r"\hline",
            *rows[1:],
            r"\hline",
            r"\end{tabular}",
            r"\end{table}",
            *(f"\n{latex_cell(note)}" for note in table.notes),
            "",
        ]
    )
