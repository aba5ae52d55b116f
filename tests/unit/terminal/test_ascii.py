"""The ASCII twins of what the application draws."""

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.runs.run import State
from tui.plotting.sparkline import sparkline_rows
from tui.terminal.ascii import ascii_twin
from tui.words import format as fmt


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_a_twin_is_ascii_and_as_wide(text: str) -> None:
    twin = ascii_twin(text)
    assert twin.isascii()
    # A grapheme of several characters may be narrower than they are one by one: it never gets
    # narrower here.
    assert cell_len(twin) >= cell_len(text)
    if all(cell_len(char) == 1 for char in text):
        assert len(twin) == len(text)


@given(st.text(st.characters(max_codepoint=126)))
def test_ascii_stays_as_it_is(text: str) -> None:
    assert ascii_twin(text) == text


def test_a_bar_fills_from_the_left() -> None:
    assert [ascii_twin(fmt.bar(share, 4)) for share in (0, 0.5, 1)] == ["....", "##..", "####"]


def test_a_sparkline_has_as_many_heights_and_its_crosses() -> None:
    assert ascii_twin(sparkline_rows(range(8), 8, 1)[0]) == ".:-=+*#@"
    assert ascii_twin(sparkline_rows([math.nan], 2, 1)[0]) == "x "


@pytest.mark.parametrize("state", get_args(State))
def test_states_are_a_glyph_and_a_word(state: State) -> None:
    glyph, word = ascii_twin(fmt.state_text(state)).split()
    assert len(glyph) == 1
    assert glyph != "?"
    assert word == state


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        (".080 ± .013", ".080 +-.013"),
        ("epochs 35 → 20", "epochs 35 > 20"),
        ("25×1", "25x1"),
        ("┌ seed ─┐", "+ seed -+"),
        ("loss –", "loss -"),
        ("mañana 日本", "ma?ana ????"),
    ],
)
def test_what_is_said_can_still_be_read(text: str, twin: str) -> None:
    assert ascii_twin(text) == twin
