"""Nothing that a terminal obeys survives; everything that people read does."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LabError, UsageError
from engine.sanitise import printable

OBEYED = {
    "escape": "\x1b",
    "bell": "\x07",
    "backspace": "\x08",
    "delete": "\x7f",
    "null": "\x00",
    "CSI in one character": "\x9b",
    "OSC in one character": "\x9d",
    "next line": "\x85",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "zero-width joiner": "\u200d",
    "byte order mark": "\ufeff",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "lone surrogate": "\udce9",
    "tag": "\U000e0041",
}


@pytest.mark.parametrize("character", OBEYED.values(), ids=OBEYED)
def test_what_a_terminal_obeys_is_dropped(character: str) -> None:
    assert printable(f"a{character}b") == "ab"


@pytest.mark.parametrize(
    "text", ["", "plain", "Práctica ñ", "日本語", "é", "→ – “quotes”", "~!@#$%^&*()", "   "]
)
def test_what_people_read_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\r\nb", "a\rb"])
def test_tabs_and_line_ends_become_one_blank(text: str) -> None:
    assert printable(text) == "a b"


@given(st.text(st.characters()))
def test_any_text_becomes_one_line_that_no_terminal_obeys(text: str) -> None:
    cleaned = printable(text)
    assert not {unicodedata.category(char) for char in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert printable(cleaned) == cleaned
    cleaned.encode()


def test_a_sequence_cut_in_two_is_harmless_in_both_pieces() -> None:
    assert printable("\x1b") + printable("[31mred") == "[31mred"


def test_messages_are_safe_to_print() -> None:
    error = UsageError("There is no \x1b[2Jfile\n.", "Try \u202eanother.")
    assert str(error) == "There is no [2Jfile . Try another."
    assert str(LabError("It broke.")) == "It broke."
