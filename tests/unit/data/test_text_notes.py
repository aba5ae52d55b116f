"""What is said of a text before it is trusted."""

from pathlib import Path

import pytest

from engine.data.catalog import ALICE
from engine.data.library import TextLibrary
from engine.data.text_notes import describe_left_out, text_notes
from engine.data.text_preparation import LeftOut
from engine.data.texts import Corpus
from engine.host.home import Home
from tui.commands.data_show_text import text_lines

TALE = "It was dark.\n" * 20
LICENCE = "*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***\n" + "Section 1. Terms of use.\n" * 10


def read(home: Home, text: str, **options: str) -> Corpus:
    path = home.root.parent / "text.txt"
    path.write_text(text, "utf-8")
    return TextLibrary(home).resolve(str(path), options=options)


def test_nothing_is_said_of_a_text_that_is_read_as_it_is(home: Home) -> None:
    assert text_notes(read(home, TALE)) == []


def test_what_is_left_out_is_counted_and_the_way_to_keep_it_named(home: Home) -> None:
    corpus = read(home, "señora niña\x07", letters="ascii")
    assert text_notes(corpus) == [
        "3 characters of 2 kinds left out: ñ (2), U+0007 (1). --letters all keeps them."
    ]
    assert text_notes(corpus, in_form=True)[0].endswith(" letters = all keeps them.")
    # Nothing keeps a control character.
    assert text_notes(read(home, "senora\x07")) == ["1 character of 1 kind left out: U+0007 (1)."]


def test_the_licence_is_measured_and_offered_to_be_left_out(home: Home) -> None:
    whole, book = read(home, TALE + LICENCE), read(home, TALE + LICENCE, licence="drop")
    n = len(whole.text) - len(book.text)
    percent = round(100 * n / len(whole.text))
    assert text_notes(whole) == [
        f"{n} characters ({percent} %) are the library's licence: --licence drop leaves it out."
    ]
    assert text_notes(book) == [f"The library's licence is left out, {n} characters."]
    assert book.text == read(home, TALE).text
    assert text_notes(read(home, TALE, licence="drop")) == [
        "It has no licence of Project Gutenberg to leave out."
    ]


def test_the_report_s_text_is_what_it_is(home: Home, alice_text: Path) -> None:
    corpus = TextLibrary(home).resolve(str(alice_text))
    assert (corpus.is_report_text, corpus.licence > 0, corpus.left_out.characters) == (
        True,
        True,
        3016,
    )
    assert text_notes(corpus) == []
    # Its own licence, should somebody fetch another edition, is part of what the report read.
    TextLibrary(home).add(ALICE, read(home, TALE + LICENCE).file or "")
    assert text_notes(TextLibrary(home).resolve(ALICE)) == []


def test_a_page_is_said_to_be_one(home: Home) -> None:
    (note,) = text_notes(read(home, "<!doctype html><html><p>Hello.</p></html>"))
    assert note.startswith("It is an HTML page, whose markup is read as text. Save it as text")


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (LeftOut(), "0 left out"),
        (LeftOut(characters=1, kinds=1, commonest=(("ñ", 1),)),
        "1 character of 1 kind left out: ñ (1)"),
        (
            LeftOut(characters=3000, kinds=2, commonest=(("\u0301", 2000),)),
            "3,000 characters of 2 kinds left out: ◌\u0301 (2,000), and others",
        ),
        (
            LeftOut(characters=2, kinds=2, commonest=(("\u202e", 1), ("\ufe0f", 1))),
            "2 characters of 2 kinds left out: U+202E (1), U+FE0F (1)",
        ),
    ],
)  # fmt: skip
def test_kinds_are_named_so_that_they_are_seen(left_out: LeftOut, said: str) -> None:
    assert describe_left_out(left_out) == said


def test_a_text_at_a_glance(home: Home) -> None:
    lines = text_lines(read(home, "Ñu\n\nabba\n" + "é" * 100, lines="keep"))
    assert lines == [
        "text.txt   109 characters   6 distinct   3 lines",
        "letters all, case lower, lines keep, licence keep",
        "0 left out",
        "most frequent: é 100, ⏎ 3, a 2, b 2, ñ 1, u 1",
        "  ñu",
        "  abba",
        "  " + "é" * 71 + "…",
    ]
