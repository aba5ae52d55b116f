"""A form that was changed is not lost by a key: what was typed is there when one comes back."""

from pathlib import Path

import pytest
from helpers.app import (
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
    pasted,
    seen,
    shows,
    the_app,
    until,
)
from helpers.factory import alice_trial, sunspots_trial, write_run
from textual.widgets import Input

from engine.host.home import Home
from tui.screens.export import ExportScreen
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
        assert (held(lab, "epochs"), held(lab, "activation"), held(lab, "time_steps")) == (
            "64",
            "tan",
            "10",
        )
        assert "was 35" in note(lab, "epochs")
        await shows(
            lab,
            "As you left it: epochs, activation changed.",
            "ctrl+r resets a field, ctrl+r twice all.",
        )


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
async def test_what_was_started_is_no_draft(
    home: Home, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
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
    async def test_once_puts_back_the_field_and_says_what_else_was_changed(
        self, home: Home
    ) -> None:
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

    @pytest.mark.parametrize(
        "between", [["7"], ["down"], ["down", "up"]], ids=["letter", "move", "back"]
    )
    async def test_with_another_key_between_puts_back_no_more_than_fields(
        self, home: Home, between: list[str]
    ) -> None:
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
            await shows(
                lab, "series is sunspots again. ctrl+r once more resets all fields: epochs."
            )
            await lab.press("ctrl+r")
            assert held(lab, "epochs") == "35"


class TestExport:
    async def test_a_value_that_did_not_change_takes_no_answer_away(self, home: Home) -> None:
        write_run(home, sunspots_trial(5), run_id="run-of-5")
        async with laboratory(home) as lab:
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            await shows(lab, "# Recurrent-network lab")
            screen = lab.app.screen
            assert isinstance(screen, ExportScreen)
            screen.answer("This answers a key.")
            # As Textual does when a field is mounted, perhaps after all else.
            field = screen.query_one("#path", Input)
            field.post_message(Input.Changed(field, field.value))
            await lab.pause()
            assert screen.answer_text == "This answers a key."

    async def test_a_typed_name_is_there_again(self, home: Home) -> None:
        for number in (5, 8):
            write_run(home, sunspots_trial(number), run_id=f"run-of-{number}")
        async with laboratory(home) as lab:
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            await shows(lab, "file")
            initial = lab.app.screen.query_one("#path", Input).value
            await lab.press("home", "ctrl+k")
            await pasted(lab, "thesis/table.tex")
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
            # A run was forgotten.
            await lab.press("space", "down", "space", "e")
            await comes_to(lab, ExportScreen)
            await shows(lab, "2 runs", "LaTeX", "As you left it.")
            assert lab.app.screen.query_one("#path", Input).value == "thesis/table.tex"
            await lab.press("home", "ctrl+k")
            await pasted(lab, initial)
            await lab.press("escape")
            await comes_to(lab, HomeScreen)

    async def test_what_was_written_is_no_draft(
        self, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            await shows(lab, "sunspots/5")
            await lab.press("home", "ctrl+k")
            await pasted(lab, "table.tex")
            await shows(lab, "LaTeX")
            await lab.press("enter")
            await shows(lab, "Wrote ")
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            assert lab.app.screen.query_one("#path", Input).value.endswith(".md")
            assert "As you left it" not in seen(lab)

    async def test_the_iterations_are_kept_too(self, home: Home) -> None:
        write_run(home, alice_trial(5))
        async with laboratory(home) as lab:
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            lab.app.screen.query_one("#iterations", Input).focus()
            await lab.press("home", "ctrl+k")
            await pasted(lab, "1,13,25")
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
        the_app(lab).drafts.write()
        async with laboratory(home) as lab:
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            assert lab.app.screen.query_one("#iterations", Input).value == "1,13,25"


async def test_the_next_application_has_it_too(home: Home) -> None:
    async with laboratory(home) as lab:
        await form(lab)
        await filled(lab, "epochs", "64")
    the_app(lab).drafts.write()
    async with laboratory(home) as lab:
        await form(lab)
        await shows(lab, "As you left it: epochs changed.")
        assert held(lab, "epochs") == "64"


async def test_of_a_draft_of_fields_that_there_are_not_nothing_is_said(home: Home) -> None:
    home.root.mkdir(exist_ok=True)
    (home.root / "drafts.json").write_text('{"forms": {"sunspots/5": {"layers": "3"}}}')
    async with laboratory(home) as lab:
        await form(lab)
        await shows(lab, "epochs: 1 to 100000")
        assert "As you left it" not in seen(lab)


async def test_what_could_not_be_kept_is_said_in_the_end(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui.screens.drafts.write_atomic", full)
    async with laboratory(home) as lab:
        await form(lab)
        await filled(lab, "epochs", "64")
    the_app(lab).drafts.write()
    assert (
        the_app(lab).farewell()
        == "What you typed could not be saved: [Errno 28] No space left on device"
    )
