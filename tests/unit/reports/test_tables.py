"""Tables in Markdown, CSV and LaTeX: whatever the characters, they are shown and mean nothing."""

import csv
import io
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from engine.reports.tables import (
    Cell,
    Table,
    Verbatim,
    latex_cell,
    markdown_cell,
    to_csv,
    to_latex,
    to_markdown,
)
from engine.sanitise import printable

# Markup, and what keeps markup from being markup, far more often than chance would have it.
MARKUP = st.text(st.sampled_from("|\\`*_ <>&@#~$[](){}!-+.:=^\"'ab1"))
PRINTABLE = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")))
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126))
TEXTS = MARKUP | PRINTABLE
HOSTILE = [
    "|", "\\", "\\|", "\\\\|", "`", "``", "` `", " ` ", "a`", "`a", "|`|", "\\`", "`|", "\\\\", " ",
    "  ", " a", "a ",
    " a ", "<script>alert(1)</script>", "<!-- x", "&amp;", "@torvalds", "#1", "**bold**", "~~x~~",
    "$x^2$", "[a](b)",
    "![a](b)", "[^1]", "https://example.org", "---", "| --- |", "- a", "1. a", "# a", "\u00a0",
    "\u3000a\u3000",
]  # fmt: skip
OBEYED = ["\x1b]0;owned\x07", "\x9b31m", "\u202eabc"]


def parsed(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(markdown)


def cells_of(markdown: str) -> list[list[Token]]:
    """Return the cells of the only table of a document, row by row, the header first."""
    tokens = parsed(markdown)
    assert [token.type for token in tokens].count("table_open") == 1
    rows: list[list[Token]] = []
    for before, token in itertools.pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        if before.type in ("td_open", "th_open"):
            rows[-1].append(token)
    return rows


def spoken(inline: Token) -> str:
    """Return the plain text of a cell or heading that has no markup."""
    children = inline.children or []
    assert {child.type for child in children} <= {"text"}, [child.type for child in children]
    return "".join(child.content for child in children)


def shown_exactly(cell: Token, text: str) -> None:
    """Check that a cell holds one code span of exactly this text, or nothing for no text."""
    children = cell.children or []
    if not text:
        assert children == []
        return
    assert [(child.type, child.content) for child in children] == [("code_inline", text)]


class TestMarkdown:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_verbatim_text_is_shown_letter_by_letter(self, text: str) -> None:
        table = Table("Title", ("One", "Two", "Three"), (("1", Verbatim(text), "3"),))
        _header, (one, two, three) = cells_of(to_markdown(table))
        assert (spoken(one), spoken(three)) == ("1", "3")
        shown_exactly(two, text)

    @given(TEXTS)
    def test_any_verbatim_text_is_shown_letter_by_letter(self, text: str) -> None:
        self.test_hostile_verbatim_text_is_shown_letter_by_letter(text)

    @given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
    def test_texts_stay_in_their_own_cells(self, rows: list[tuple[str, str]]) -> None:
        table = Table(
            "Title", ("One", "Two"), tuple((Verbatim(one), Verbatim(two)) for one, two in rows)
        )
        _header, *body = cells_of(to_markdown(table))
        assert len(body) == len(rows)
        for cells, texts in zip(body, rows, strict=True):
            for cell, text in zip(cells, texts, strict=True):
                shown_exactly(cell, text)

    @pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\n\n"])
    def test_a_line_end_in_verbatim_text_does_not_end_the_row(self, end: str) -> None:
        _header, *rows = cells_of(
            to_markdown(Table("T", ("One", "Two"), ((Verbatim(f"a{end}b"), "2"),)))
        )
        assert len(rows) == 1
        shown_exactly(rows[0][0], f"a{'⏎' * (2 if end == chr(10) * 2 else 1)}b")
        assert spoken(rows[0][1]) == "2"

    @pytest.mark.parametrize("text", OBEYED)
    def test_what_a_terminal_obeys_is_not_in_a_cell(self, text: str) -> None:
        for cell in (text, Verbatim(text)):
            assert printable(markdown_cell(cell)) == markdown_cell(cell)

    @pytest.mark.parametrize("text", [text for text in HOSTILE if text == text.strip()])
    def test_hostile_ordinary_text_means_nothing(self, text: str) -> None:
        table = Table(text, ("One", text), (("1", text), (text, "2")))
        tokens = parsed(to_markdown(table))
        assert tokens[0].type == "heading_open"
        assert spoken(tokens[1]) == text
        assert [[spoken(cell) for cell in row] for row in cells_of(to_markdown(table))] == [
            ["One", text],
            ["1", text],
            [text, "2"],
        ]

    @given(TEXTS.map(str.strip).filter(bool))
    def test_any_ordinary_text_means_nothing(self, text: str) -> None:
        self.test_hostile_ordinary_text_means_nothing(text)

    def test_numbers_are_aligned_right(self) -> None:
        table = Table("T", ("A", "B"), (("1", "x"),), numeric=frozenset({0}))
        assert to_markdown(table).splitlines()[3] == "| ---: | --- |"

    def test_a_table_without_rows_is_a_table(self) -> None:
        assert [
            [spoken(cell) for cell in row]
            for row in cells_of(to_markdown(Table("T", ("A", "B"), ())))
        ] == [["A", "B"]]

    def test_notes_are_paragraphs_after_the_table(self) -> None:
        tokens = parsed(
            to_markdown(Table("T", ("A",), (("1",),), notes=("RMSE *scaled*: 0 | 1.", "Two_2_.")))
        )
        after = tokens[[token.type for token in tokens].index("table_close") + 1 :]
        assert [token.type for token in after] == [
            "paragraph_open",
            "inline",
            "paragraph_close",
        ] * 2
        assert [spoken(token) for token in after if token.type == "inline"] == [
            "RMSE *scaled*: 0 | 1.",
            "Two_2_.",
        ]

    @given(MARKUP.map(str.strip).filter(bool))
    @pytest.mark.parametrize(
        "beginning", ["", "- ", "-", "--- ", "+ ", "1. ", "23) ", "= ", "# ", "> ", "    ", "~~~"]
    )
    def test_a_note_is_a_paragraph_whatever_it_begins_with(self, beginning: str, text: str) -> None:
        tokens = parsed(
            to_markdown(Table("T", ("A",), (("1",),), notes=("First.", beginning + text)))
        )
        assert [token.type for token in tokens[-6:]] == [
            "paragraph_open",
            "inline",
            "paragraph_close",
        ] * 2
        assert spoken(tokens[-2]) == (beginning + text).strip()

    @pytest.mark.parametrize(
        "text",
        ["https://example.org/x", "see www.example.org", "WWW.example.org", "me@example.org"],
    )
    def test_an_address_is_no_link(self, text: str) -> None:
        written = to_markdown(Table("T", ("A",), ((text,),)))
        markdown = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
        assert text not in written
        assert "<a " not in markdown.render(written)
        assert markdown.render(written).count(text) == 1


def without_apostrophe(cell: str) -> str:
    """Return the text that a cell stands for, as a script takes it from a CSV file."""
    return cell[1:] if re.match("'+[=+@-]", cell) else cell


class TestCsv:
    @given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4), st.tuples(TEXTS, TEXTS))
    def test_cells_come_back(self, rows: list[tuple[str, str]], columns: tuple[str, str]) -> None:
        cells: tuple[tuple[Cell, ...], ...] = tuple((one, Verbatim(two)) for one, two in rows)
        written = to_csv(Table("T", columns, cells))
        header, *read = csv.reader(io.StringIO(written, newline=""))
        assert header == list(columns)
        assert [(one, without_apostrophe(two)) for one, two in read] == rows

    @given(TEXTS | st.text(st.sampled_from("'=+-@1 a")))
    def test_no_text_from_data_is_a_formula_of_a_spreadsheet(self, text: str) -> None:
        written = to_csv(Table("T", ("A", "B"), (("1", Verbatim(text)),)))
        _header, (_number, cell) = csv.reader(io.StringIO(written, newline=""))
        assert not cell.startswith(("=", "+", "-", "@"))
        assert without_apostrophe(cell) == text

    def test_figures_are_no_text(self) -> None:
        assert to_csv(Table("T", ("A",), (("-0.5",),))) == "A\n-0.5\n"

    @pytest.mark.parametrize("text", ["a,b", 'say "x"', " blanks ", "", "1=1", "'tis", "ñ"])
    def test_what_csv_is_made_of_comes_back(self, text: str) -> None:
        written = to_csv(Table("T", ("A", "B"), ((text, Verbatim(text)),)))
        assert list(csv.reader(io.StringIO(written, newline="")))[1] == [text, text]

    @pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
    def test_a_line_end_stays_one_in_text_from_data_alone(self, end: str) -> None:
        written = to_csv(Table("T", ("A", "B"), ((f"a{end}b", Verbatim(f"c{end}d")),)))
        assert written == 'A,B\na b,"c\nd"\n'
        assert list(csv.reader(io.StringIO(written, newline="")))[1] == ["a b", "c\nd"]

    @given(st.text(st.sampled_from("ab =+'\"\n,日")))
    def test_a_text_of_several_lines_comes_back(self, text: str) -> None:
        written = to_csv(Table("T", ("A", "B"), (("1", Verbatim(text)),)))
        _header, (_number, cell) = csv.reader(io.StringIO(written, newline=""))
        assert cell in (text, "'" + text)
        assert not cell.lstrip("\n").startswith(("=", "+"))

    @pytest.mark.parametrize("text", OBEYED)
    def test_what_a_terminal_obeys_is_not_in_a_cell(self, text: str) -> None:
        written = to_csv(Table("T", ("A", "B"), ((text, Verbatim(text)),)))
        assert written.splitlines()[1:] == [f"{printable(text)},{printable(text)}"]

    def test_title_and_notes_are_left_out(self) -> None:
        assert to_csv(Table("T", ("A",), (("1",),), notes=("RMSE in scaled units.",))) == "A\n1\n"


# What LaTeX prints for a spelling, the longest first.
_SPELLINGS = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textasciigrave{}": "`",
    r"\textquotesingle{}": "'",
    r"\textquotedbl{}": '"',
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    "{-}": "-",
    r"\ ": " ",
    r"\textrightarrow{}": "→",
    r"$\hookleftarrow$": "⏎",
    r"\textpm{}": "±",
    **{f"\\{char}": char for char in "#$%&_{}"},
}
_SPELLING = re.compile("|".join(map(re.escape, _SPELLINGS)))


def printed(latex: str) -> str:
    """Return what LaTeX prints for a cell; what is no known spelling must be no active
    character.
    """
    rest = _SPELLING.sub("", latex)
    assert not set(rest) & set("\\{}#$%&_~^<>|`\"'"), latex
    return _SPELLING.sub(lambda found: _SPELLINGS[found[0]], latex)


class TestLatex:
    @given(ASCII | MARKUP)
    def test_every_character_of_an_ordinary_cell_stands_for_itself(self, text: str) -> None:
        assert printed(latex_cell(text)) == text

    @given(ASCII | MARKUP)
    def test_every_character_of_verbatim_text_stands_for_itself(self, text: str) -> None:
        spelled = latex_cell(Verbatim(text))
        assert spelled.startswith(r"\texttt{")
        assert spelled.endswith("}")
        inside = spelled.removeprefix(r"\texttt{").removesuffix("}")
        assert printed(inside) == text
        # Neither a space that collapses, nor hyphens that become a dash.
        assert "--" not in inside
        assert not re.search(r"(?<!\\) ", inside)

    def test_a_line_end_in_verbatim_text_is_seen(self) -> None:
        assert latex_cell(Verbatim("a\nb")) == r"\texttt{a$\hookleftarrow$b}"
        assert latex_cell("a\nb") == "a b"

    def test_what_our_tables_say_is_in_every_latex(self) -> None:
        assert latex_cell("epochs 35 → 2, .080 ± .013").isascii()

    def test_a_table_has_its_columns_rows_and_title(self) -> None:
        table = Table(
            "Loss_1 & 50 %", ("N", "Text", "Name"),
            (("1", Verbatim("a & b"), "x_y"), ("2", Verbatim(""), "")),
            numeric=frozenset({0}),
        )  # fmt: skip
        lines = to_latex(table).splitlines()
        assert r"\caption{Loss\_1 \& 50 \%}" in lines
        assert r"\begin{tabular}{rp{0.4\linewidth}l}" in lines
        rows = [line for line in lines if line.endswith(r" \\")]
        assert rows == [
            r"N & Text & Name \\",
            r"1 & \texttt{a\ \&\ b} & x\_y \\",
            r"2 & \texttt{} &  \\",
        ]
        assert lines[0] == r"\begin{table}"
        assert lines[-1] == r"\end{table}"

    def test_what_is_said_under_a_table_is_said(self) -> None:
        written = to_latex(Table("T", ("A",), (("1",),), notes=("Scaled: 0 & 1.", "Two_2_.")))
        table, notes = written.split(r"\end{table}")
        assert "Scaled" not in table
        assert notes == "\n\nScaled: 0 \\& 1.\n\nTwo\\_2\\_.\n"

    @pytest.mark.parametrize("text", OBEYED)
    def test_what_a_terminal_obeys_is_not_in_a_cell(self, text: str) -> None:
        for cell in (text, Verbatim(text)):
            assert printable(latex_cell(cell)) == latex_cell(cell)
