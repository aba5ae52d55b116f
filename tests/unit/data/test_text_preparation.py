"""How a text becomes the characters that a network reads: letters, case, lines, and what is left
out.
"""

import hashlib
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.text_preparation import LeftOut, prepare, prepare_text
from engine.data.texts import REPORT_DIGEST
from engine.trials.data_options import REPORT_PREPARATION, USUAL_PREPARATION, TextPreparation

CASES = ("lower", "keep")
LINES = ("join", "keep")
# What is dropped, what composes, what changes its length in lower case, what is white, and what
# separates lines.
PIECES = st.sampled_from(
    ["a", "B", "é", "e\u0301", "İ", "Σ", "ΑΣ", "ß", "ñ", "日本", "👍🏽", "❤️", "\u200d", "\u200c", " ",  # noqa: E501
    "  ", "\u00a0",
     "\u3000", "\t", "\n", "\r", "\r\n", "\n\n\n\n", "\x00", "\x07", "\x0b", "\x0c", "\x1b[31m",
     "\x1c", "\x7f", "\x85",
     "\x9b", "\u2028", "\u202e", "\u2066", "\ufeff", "\U000e0041", "\u0301", "한",
     "\u1112\u1161\u11ab", "K", "ſ", "Å"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(
    st.characters(codec="utf-8"), max_size=60
)
PREPARATIONS = st.builds(
    TextPreparation,
    letters=st.sampled_from(["ascii", "all"]),
    case=st.sampled_from(CASES),
    lines=st.sampled_from(LINES),
)
OF_ALL_LETTERS = PREPARATIONS.map(
    lambda preparation: preparation.model_copy(update={"letters": "all"})
)


def keeping(**options: str) -> TextPreparation:
    """Return the preparation that changes as little as can be, with ``options`` over it."""
    return TextPreparation.model_validate(
        {"letters": "all", "case": "keep", "lines": "keep"} | options
    )


def as_first_versions_did(text: str) -> str:
    """The preparation of the first versions of this program, as it stood there: old runs depend on
    it.
    """
    lines = (line.strip().lower().replace("\t", " ") for line in re.split(r"\r\n|\r|\n", text))
    kept = ("".join(char for char in line if " " <= char <= "~") for line in lines)
    return " ".join(line for line in kept if line)


@given(TEXTS)
@example("\x1f a")
@example("é a\n b é")
@example("K İ ſ")
def test_the_report_s_preparation_is_what_it_was(text: str) -> None:
    assert prepare(text) == as_first_versions_did(text)


def test_the_report_s_text_is_the_same_to_the_bit(alice_text: Path) -> None:
    prepared = prepare(alice_text.read_text("utf-8"))
    assert hashlib.sha256(prepared.encode()).hexdigest() == REPORT_DIGEST


@given(TEXTS, PREPARATIONS)
def test_no_control_character_survives_but_the_line_ends_that_are_kept(
    text: str, preparation: TextPreparation
) -> None:
    prepared = prepare(text, preparation)
    if preparation.lines == "keep":
        prepared = prepared.replace("\n", "")
    # The two joiners spell Persian, Hindi and emoji.
    kinds = {unicodedata.category(char) for char in prepared if char not in "\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(TEXTS, OF_ALL_LETTERS)
def test_what_is_prepared_stays_as_it_is(text: str, preparation: TextPreparation) -> None:
    once = prepare_text(text, preparation).text
    again = prepare_text(once, preparation)
    assert again.text == once
    assert again.left_out == LeftOut()


@given(TEXTS, OF_ALL_LETTERS)
# The small letter alone has a code point with its mark.
@example("J\u030c", TextPreparation(letters="all"))
def test_it_is_in_normal_form(text: str, preparation: TextPreparation) -> None:
    assert unicodedata.is_normalized("NFC", prepare(text, preparation))


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60)


@given(PRINTABLE)
def test_every_printable_character_is_kept(text: str) -> None:
    assert prepare(text, keeping()) == unicodedata.normalize("NFC", text)
    assert prepare_text(text, keeping()).left_out == LeftOut()


@given(st.lists(PRINTABLE | st.sampled_from(["\x07", "\u202e", "\x9b", "\ufeff"]), max_size=20))
def test_what_is_kept_and_what_is_left_out_add_up(pieces: list[str]) -> None:
    text = unicodedata.normalize("NFC", "".join(pieces))
    # Where what stood between two characters is gone, those may compose.
    kept = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    prepared = prepare_text(text, keeping())
    assert prepared.text == unicodedata.normalize("NFC", kept)
    assert len(kept) + prepared.left_out.characters == len(text)
    assert prepared.left_out.kinds == len(set(text) - set(kept))


@given(PRINTABLE)
def test_what_is_not_ascii_is_counted(text: str) -> None:
    prepared = prepare_text(text, keeping(letters="ascii"))
    assert len(prepared.text) + prepared.left_out.characters == len(text)
    assert dict(prepared.left_out.commonest).items() <= {
        (char, text.count(char)) for char in text if not char.isascii()
    }
    assert prepared.left_out.kinds == len({char for char in text if not char.isascii()})


@pytest.mark.parametrize(
    ("raw", "options", "prepared"),
    [
        ("Señora, ¿qué?", {}, "Señora, ¿qué?"),
        ("Señora, ¿QUÉ?", {"case": "lower"}, "señora, ¿qué?"),
        ("Señora", {"letters": "ascii"}, "Seora"),
        ("Señora", {"letters": "ascii", "case": "lower"}, "seora"),
        ("n\u0303", {}, "ñ"),
        ("ΟΔΟΣ", {"case": "lower"}, "οδος"),
        ("می\u200cخواهم", {}, "می\u200cخواهم"),
        # Lines.
        ("Ann\nBob\r\nCy\rDi\n", {}, "Ann\nBob\nCy\nDi"),
        ("Ann\nBob\n", {"lines": "join"}, "Ann Bob"),
        ("a\x0cb\x0bc\u2028d\u2029e\x85f", {}, "a\nb\nc\nd\ne\nf"),
        ("def f():\n    return 1  \n\n\n\n\ndef g():\n\tpass\n\n", {},
        "def f():\n    return 1\n\ndef g():\n pass"),
        ("\n\n  a\n", {}, "  a"),
        ("  a  \n\n  b  ", {"lines": "join"}, "a b"),
        ("a ñ\n b", {"letters": "ascii"}, "a\n b"),
        ("日本\n語", {"lines": "join"}, "日本 語"),
        (" \n \n", {}, ""),
    ],
)  # fmt: skip
def test_what_becomes_of_a_text(raw: str, options: dict[str, str], prepared: str) -> None:
    assert prepare(raw, keeping(**options)) == prepared


def test_the_commonest_that_are_left_out_are_named() -> None:
    left_out = prepare_text(
        "ñandú ñoño\x07, 日本語 in vielen Zeichen: áéíóúäöü", REPORT_PREPARATION
    ).left_out
    assert (left_out.characters, left_out.kinds) == (16, 13)
    assert left_out.commonest[:2] == (("ñ", 3), ("ú", 2))
    assert len(left_out.commonest) == 8


def test_lines_are_counted() -> None:
    assert prepare_text("a\n\n b\n\u200e\nc\n", USUAL_PREPARATION).lines == 3
    assert prepare_text("a\n\n b\n", keeping()).lines == 2
    assert prepare_text("日\nb\n", REPORT_PREPARATION).lines == 1
