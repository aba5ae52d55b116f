"""Tables as values, and their spellings: Markdown, CSV and LaTeX.

Text that comes from data (a corpus, a network's writing) is :class:`Verbatim`: every spelling shows
it letter by letter, whatever markup its characters would mean, with a mark for each line end. For a
spreadsheet a cell that begins with ``=`` is a program; there is no spelling of CSV that says
otherwise, so such a text gets an apostrophe (:func:`csv_cell`).
"""

import csv
import io
import re
from dataclasses import dataclass

from engine.sanitise import LINE_END_MARK, printable, printable_line, printable_lines


class Verbatim(str):
    """Text from data, to be shown exactly."""

    __slots__ = ()


Cell = str | Verbatim


@dataclass(frozen=True)
class Table:
    """A titled table. ``numeric`` are the indices of columns to align right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    """Sentences under the table."""


def _in_one_line(cell: Cell) -> str:
    """Return a cell's text, safe for a terminal: a line end is a mark in text from data, elsewhere
    a space.
    """
    return printable_line(cell) if isinstance(cell, Verbatim) else printable(cell)


def markdown_cell(cell: Cell) -> str:
    """Spell a cell for a GitHub-flavoured Markdown table.

    Verbatim text becomes a code span, in which nothing is markup: mentions, links, emphasis,
    formulas. What is left to guard is the fence (longer than any run of backticks inside), the
    blank at either end (CommonMark takes one from each side) and the bar, which ends a cell even
    inside a code span unless a backslash stands before it (GFM, "Tables (extension)", example 200).
    """
    text = _in_one_line(cell)
    if not isinstance(cell, Verbatim):
        # The colon and the point of an address: GitHub makes links of them by itself.
        return re.sub(
            r"([\\`*_{}\[\]<>|~$&#@]|:(?=//)|(?<=www)\.)", r"\\\1", text, flags=re.IGNORECASE
        )
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    edges = text[0] + text[-1]
    blank = " " if text.strip(" ") and ("`" in edges or " " in edges) else ""
    return f"{fence}{blank}{text}{blank}{fence}".replace("|", r"\|")


def to_markdown(table: Table) -> str:
    """Spell a table in Markdown, with its title as a heading of the second level."""
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
    """Spell a line of text that is no list, rule or heading, whatever it begins with."""
    return re.sub(r"^([0-9]*)([-+=.)])", r"\1\\\2", markdown_cell(text).strip())


def _markdown_row(cells: tuple[Cell, ...]) -> str:
    return "| " + " | ".join(markdown_cell(cell) for cell in cells) + " |"


def csv_cell(cell: Cell) -> str:
    """Return what a CSV file has for a cell: itself, but text from data that a spreadsheet would
    calculate.

    That gets an apostrophe; so does what begins with apostrophes and such a sign, so that one can
    be taken off again. Text from data keeps its line ends, which CSV puts between quotes.
    """
    text = printable_lines(cell) if isinstance(cell, Verbatim) else printable(cell)
    return f"'{text}" if isinstance(cell, Verbatim) and re.match(r"'*\n*[=+@-]", text) else text


def to_csv(table: Table) -> str:
    """Spell a table as CSV (RFC 4180, with line feeds): a header row, then the rows. Title and
    notes are left out.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    # Some columns are named by what a run's files say.
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
    """Spell a cell for LaTeX (with the package textcomp for quotes): every character stands for
    itself.
    """
    text = _in_one_line(cell)
    if not isinstance(cell, Verbatim):
        return "".join(_LATEX.get(char, char) for char in text)
    # Braces keep LaTeX from joining hyphens and from eating blanks; "\ " is a blank that does not
    # collapse.
    spelled = "".join(
        "{-}" if char == "-" else r"\ " if char == " " else _LATEX.get(char, char) for char in text
    )
    return rf"\texttt{{{spelled}}}"


def to_latex(table: Table) -> str:
    """Spell a table as a LaTeX ``table`` with a ``tabular``; wide text columns get a paragraph of
    half the page.
    """
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
