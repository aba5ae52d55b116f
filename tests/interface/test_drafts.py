"""A form that was changed is not lost by a key: what was typed is there when one comes back."""

import pytest
from interface.support_interface import (
    Lab,
    comes_to,
    filled,
    form,
    go_to_field,
    held,
    laboratory,
    lines,
    no_processes,
    note,
    seen,
    shows,
    until,
)

from engine.home import Home
from tui.screens.form import FormScreen
from tui.screens.home import HomeScreen
from tui.screens.run import RunScreen


async def left_and_opened_again(lab: Lab) -> None:
    """Leave a form by escape and open it again."""
    await lab.press("escape")
    await comes_to(lab, HomeScreen)
    await form(lab)


async def test_what_was_typed_is_there_again(home: Home) -> None:
    async with laboratory(home) as lab:
        await form(lab)
        await filled(lab, "epochs", "64")
        await filled(lab, "activation", "tan")
        await left_and_opened_again(lab)
        assert (held(lab, "epochs"), held(lab, "activation"), held(lab, "time_steps")) == ("64", "tan", "10")
        assert "was 35" in note(lab, "epochs")
        await shows(lab, "As you left it: epochs, activation changed.", "ctrl+r resets a field, ctrl+r twice all.")


async def test_also_by_way_of_the_presets(home: Home) -> None:
    async with laboratory(home) as lab:
        await lab.press("n", "enter")
        await comes_to(lab, FormScreen)
        await filled(lab, "epochs", "64")
        await lab.press("escape", "escape")
        await comes_to(lab, HomeScreen)
        await lab.press("n", "enter")
        await comes_to(lab, FormScreen)
        assert held(lab, "epochs") == "64"


async def test_other_presets_have_their_own(home: Home) -> None:
    async with laboratory(home) as lab:
        await form(lab)
        await filled(lab, "epochs", "64")
        await lab.press("escape")
        await comes_to(lab, HomeScreen)
        await form(lab, "sunspots/4")
        assert held(lab, "epochs") == "25"
        assert "As you left it" not in "".join(lines(lab))


async def test_of_an_unchanged_form_nothing_is_said(home: Home) -> None:
    async with laboratory(home) as lab:
        await form(lab)
        await filled(lab, "epochs", "64")
        await filled(lab, "epochs", "35")
        await left_and_opened_again(lab)
        assert held(lab, "epochs") == "35"
        assert "As you left it" not in "".join(lines(lab))


@pytest.mark.parametrize("key", ["enter", "ctrl+o", "f5"])
async def test_what_was_started_is_no_draft(home: Home, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    with no_processes(monkeypatch) as launched:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "64")
            await lab.press(key)
            await comes_to(lab, RunScreen)
            assert launched.trial.parameters.model_dump()["epochs"] == 64
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
            await lab.press("n", "enter")
            await comes_to(lab, FormScreen)
            assert held(lab, "epochs") == "35"


class TestReset:
    async def test_once_puts_back_the_field_and_says_what_else_was_changed(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "64")
            await filled(lab, "time_steps", "12")
            await lab.press("ctrl+r")
            await shows(lab, "time_steps is 10 again. ctrl+r once more resets all fields: epochs.")
            assert (held(lab, "epochs"), held(lab, "time_steps")) == ("64", "10")

    async def test_twice_puts_back_all(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "64")
            await filled(lab, "time_steps", "12")
            await lab.press("ctrl+r", "ctrl+r")
            await shows(lab, "All fields are as in the preset again.")
            assert (held(lab, "epochs"), held(lab, "time_steps")) == ("35", "10")
            await left_and_opened_again(lab)
            assert "As you left it" not in "".join(lines(lab))

    @pytest.mark.parametrize("between", [["7"], ["down"], ["down", "up"]], ids=["letter", "move", "back"])
    async def test_with_another_key_between_puts_back_no_more_than_fields(self, home: Home, between: list[str]) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "batch_size", "4")
            await go_to_field(lab, "epochs")
            await lab.press("ctrl+r", *between, "ctrl+r")
            await until(lab, lambda: held(lab, "epochs") == "35")
            assert held(lab, "batch_size") == ("1" if between == ["down"] else "4")

    async def test_offers_the_second_time_for_as_long_as_it_counts(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "64")
            await filled(lab, "series", "nowhere.csv")
            await until(lab, lambda: "not here" in seen(lab))
            await lab.press("ctrl+r")
            await lab.app.workers.wait_for_complete()
            await shows(lab, "series is sunspots again. ctrl+r once more resets all fields: epochs.")
            await lab.press("ctrl+r")
            assert held(lab, "epochs") == "35"
