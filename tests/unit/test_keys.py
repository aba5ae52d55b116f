"""The table of keys: whole, without contradictions, and what the README says of it is what it
says.
"""

from collections import Counter

import pytest
from helpers.factory import ROOT
from textual.binding import BindingsMap, BindingType
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from tui.app import LabApp
from tui.keys import HEADINGS, KEYS, as_text, bindings
from tui.screens.export import ExportScreen
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen
from tui.terminal.typing_order import TypingInOrder
from tui.widgets.line_input import FilterLine, LineInput

OURS: list[type[Screen[None] | Widget]] = [
    HomeScreen, NewScreen, FormScreen, RunScreen, ExportScreen, HelpScreen, FilterLine,
]  # fmt: skip


def test_every_key_is_printed_once_under_its_heading() -> None:
    lines = as_text().split("\n")
    for key in KEYS:
        line = [line for line in lines if line.split("  ")[1:2] == [key.key_text]]
        assert any(text.endswith(f"  {key.meaning}") for text in line), key
    assert sum(line.startswith("  ") for line in lines) == len(KEYS)
    assert [line for line in lines if line and not line.startswith(" ")] == list(HEADINGS.values())


def test_no_key_means_two_things_at_one_place() -> None:
    for scope in HEADINGS:
        names = Counter(
            name
            for key in KEYS
            if key.scope in (scope, "everywhere")
            for name in key.key.replace(" ", "").split(",")
        )
        assert [name for name, times in names.items() if times > 1] == []


def test_meanings_are_sentences_and_labels_are_short() -> None:
    for key in KEYS:
        assert key.meaning[0].isupper()
        assert key.meaning.endswith(".")
        assert not key.footer or 0 < len(key.label) <= 12


def test_letters_and_digits_are_no_keys_of_screens_with_fields() -> None:
    for key in KEYS:
        if key.scope in ("form", "export", "filter"):
            assert [name for name in key.key.split(",") if len(name) == 1 or name == "space"] == []


def test_bindings_follow_the_table() -> None:
    bound = [binding for binding in bindings("run", "everywhere") if not isinstance(binding, tuple)]
    wanted = [key for key in KEYS if key.scope in ("run", "everywhere") and key.action != "noop"]
    assert [(binding.key, binding.action, binding.key_display) for binding in bound] == [
        (name, key.action, key.key_text.split()[0]) for key in wanted for name in key.key.split(",")
    ]
    # Of several keys for the same, the footer shows the first.
    assert [binding.key for binding in bound if binding.show] == [
        key.key.split(",")[0] for key in wanted if key.footer
    ]


def test_a_scope_that_is_not_asked_for_is_left_out() -> None:
    assert all(
        not isinstance(binding, tuple) and (binding.id or "").startswith("home.")
        for binding in bindings("home")
    )


def test_no_two_keys_have_one_id() -> None:
    ids = Counter(binding.id for key in KEYS for binding in key.bindings)
    assert [name for name, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("place", OURS, ids=lambda place: place.__name__)
def test_no_two_keys_of_a_page_have_one_id(place: type[Screen[None] | Widget]) -> None:
    ids = Counter(binding.id for _key, binding in BindingsMap(place.BINDINGS) if binding.id)
    assert ids or place is HelpScreen
    assert [name for name, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("place", OURS, ids=lambda place: place.__name__)
def test_every_action_has_a_key_that_is_no_function_key(place: type[Screen[None] | Widget]) -> None:
    keys: dict[str, set[str]] = {}
    for key, binding in BindingsMap(place.BINDINGS):
        keys.setdefault(binding.action, set()).add(key)
    assert keys
    function_keys = {f"f{number}" for number in range(1, 25)}
    assert [action for action, bound in keys.items() if bound <= function_keys] == []


@pytest.mark.parametrize("place", OURS, ids=lambda place: place.__name__)
def test_no_key_is_one_that_terminals_keep_for_themselves(
    place: type[Screen[None] | Widget],
) -> None:
    kept = {
        "ctrl+a",
        "ctrl+b",
        "ctrl+h",
        "ctrl+i",
        "ctrl+j",
        "ctrl+m",
        "ctrl+n",
        "ctrl+p",
        "ctrl+t",
        "ctrl+w",
    }
    assert [key for key, _binding in BindingsMap(bindings_of(place)) if key in kept] == []


def bindings_of(place: type[Screen[None] | Widget]) -> list[BindingType]:
    """Return the bindings that are ours: a field has Textual's too."""
    return [binding for binding in place.BINDINGS if binding not in Input.BINDINGS]


def test_a_keymap_moves_one_key_alone() -> None:
    bound = BindingsMap(HomeScreen.BINDINGS)
    before = {key for key, _binding in bound}
    result = bound.apply_keymap({"home.move.down": "ctrl+x"})
    assert not result.clashed_bindings
    assert {key for key, _binding in bound} == before - {"down"} | {"ctrl+x"}


def test_every_field_is_one_of_ours() -> None:
    """Enter in one of Textual's own would act after the keys that follow it."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tui").rglob("*.py")]
    assert [
        source for source in sources if "yield Input(" in source or "MaskedInput" in source
    ] == []
    assert all(
        binding.key != "enter" for binding in LineInput.BINDINGS if not isinstance(binding, tuple)
    )
    assert issubclass(LabApp, TypingInOrder)
