"""The form's fields: filled in beforehand, gone through and typed into, and marked where they are
changed.
"""

import pytest
from helpers.app import (
    NARROW,
    WIDE,
    Lab,
    comes_to,
    filled,
    flowing,
    form,
    go_to_field,
    held,
    laboratory,
    lines,
    note,
    seen,
    the_app,
    the_field,
    typed,
)
from textual.widgets import Input

from engine.host.home import Home
from engine.runs.run import all_runs
from engine.trials.trial import format_value
from presets import get
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.new import NewScreen

SUNSPOTS_FIELDS = [
    "epochs",
    "batch_size",
    "time_steps",
    "activation",
    "hidden_units",
    "dense_units",
    "seed",
    "seeds",
    "device",
]
ALICE_FIELDS = [
    "iterations",
    "epochs_per_iteration",
    "predictions",
    "seqlen",
    "hidden_units",
    "batch_size",
    "seed",
    "corpus",
    "device",
]


def fields(lab: Lab) -> list[str]:
    """The names of all the form's fields, from above."""
    return [(widget.id or "").removeprefix("field-") for widget in lab.app.screen.query(Input)]


class TestFields:
    @pytest.mark.parametrize(
        ("preset", "names"), [("sunspots/8", SUNSPOTS_FIELDS), ("alice/5", ALICE_FIELDS)]
    )
    async def test_every_parameter_is_there_and_prefilled(
        self, home: Home, preset: str, names: list[str]
    ) -> None:
        found = get(preset)
        assert found is not None
        wanted = {name: format_value(value) for name, value in found.parameters.items()}
        wanted |= {"seed": "1", "device": "cpu"}
        wanted |= {"corpus": "alice"} if preset.startswith("alice") else {"seeds": "1"}
        assert set(wanted) == set(names)
        async with laboratory(home) as lab:
            await form(lab, preset)
            assert {name: held(lab, name) for name in names} == wanted
            assert [name for name in names if f" {name} " not in seen(lab)] == []

    @pytest.mark.parametrize("key", ["down", "tab"])
    async def test_keys_go_through_all_fields_and_round(self, home: Home, key: str) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            names = fields(lab)
            assert set(SUNSPOTS_FIELDS) <= set(names)
            visited = []
            for _field in names:
                visited.append(the_field(lab))
                await lab.press(key)
            assert visited == names
            assert the_field(lab) == names[0]

    @pytest.mark.parametrize("key", ["up", "shift+tab"])
    async def test_and_back(self, home: Home, key: str) -> None:
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            names = fields(lab)
            assert set(ALICE_FIELDS) <= set(names)
            visited = []
            for _field in names:
                await lab.press(key)
                visited.append(the_field(lab))
            assert visited == names[::-1]

    async def test_fast_typing_goes_where_the_cursor_went(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await lab.press(*"12", "down", *"4", "down", *"24", "tab", *"tanh")
            await lab.pause()
            assert [held(lab, name) for name in SUNSPOTS_FIELDS[:4]] == ["12", "4", "24", "tanh"]

    async def test_letters_are_typed_and_trigger_nothing(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            await go_to_field(lab, "corpus")
            for letter in "qxenlsk?12 +-":
                await lab.press("home", "ctrl+k")
                await typed(lab, letter)
                await lab.pause()
                assert held(lab, "corpus") == letter
                assert isinstance(lab.app.screen, FormScreen)
                assert the_app(lab).is_running

    async def test_typing_replaces_what_is_there(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await lab.press("down", "up", "6", "4")
            await lab.pause()
            assert held(lab, "epochs") == "64"

    @pytest.mark.parametrize("key", ["f1", "ctrl+l"])
    async def test_help_comes_back_to_the_field(self, home: Home, key: str) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "time_steps", "24")
            await lab.press(key)
            await comes_to(lab, HelpScreen)
            await lab.press("escape")
            await comes_to(lab, FormScreen)
            assert (the_field(lab), held(lab, "time_steps")) == ("time_steps", "24")

    async def test_the_footer_says_a_key_that_helps_here(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            assert "ctrl+l help" in lines(lab)[-1]

    async def test_escape_goes_back_and_starts_nothing(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await lab.press("enter")
            await comes_to(lab, FormScreen)
            await lab.press("7", "escape")
            await comes_to(lab, NewScreen)
        assert all_runs(home) == []


class TestChanges:
    async def test_a_changed_field_says_what_it_was(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "64")
            assert note(lab, "epochs").endswith("64             • was 35")
            await filled(lab, "epochs", "35")
            assert "was" not in note(lab, "epochs")

    async def test_ctrl_r_puts_the_old_value_back(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "64")
            await filled(lab, "activation", "tanh")
            await lab.press("ctrl+r")
            await lab.pause()
            assert (held(lab, "activation"), held(lab, "epochs")) == ("linear", "64")
            assert "was" not in note(lab, "activation")
            assert "was 35" in note(lab, "epochs")

    @pytest.mark.parametrize(
        ("field", "value"), [("epochs", "035"), ("activation", "linear & linear")]
    )
    async def test_the_same_value_in_other_letters_is_no_change(
        self, home: Home, field: str, value: str
    ) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, field, value)
            assert "was" not in note(lab, field)

    async def test_the_right_side_follows(self, home: Home) -> None:
        async with laboratory(home, WIDE) as lab:
            await form(lab)
            assert "225 training windows, 56 test windows" in seen(lab)
            await filled(lab, "time_steps", "12")
            await filled(lab, "hidden_units", "4")
            await filled(lab, "activation", "tanh & relu")
            assert "187 training windows, 46 test windows" in seen(lab)
            assert "SimpleRNN 4, tanh → Dense 1, relu" in seen(lab)
            assert "29 weights" in seen(lab)
            assert "published RMSE train .060 test .079" in flowing(lab)

    @pytest.mark.parametrize(
        ("preset", "size", "words"),
        [
            ("sunspots/5", NARROW, "published RMSE train .060 test .079"),
            ("alice/1", NARROW, "published loss 1.3837 at iteration 25"),
            ("alice/5", NARROW, "published loss 1.2051 at iteration 40"),
            ("sunspots/5", (60, 24), "19 weights"),
        ],
    )
    async def test_the_right_side_can_be_read_whole(
        self, home: Home, preset: str, size: tuple[int, int], words: str
    ) -> None:
        async with laboratory(home, size) as lab:
            await form(lab, preset)
            right = " ".join(" ".join(line.partition("│")[2] for line in lines(lab)).split())
            assert words in right
