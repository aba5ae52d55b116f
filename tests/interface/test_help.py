"""Help, and the one table of keys behind it: what is listed works, and what works is listed."""

import pytest
from interface.support_interface import (
    NARROW,
    Lab,
    comes_to,
    contents,
    laboratory,
    lines,
    open_run,
    seen,
    until,
)
from support import sunspots_trial, write_run
from textual.screen import Screen

from engine.home import Home
from tui.app import LabApp
from tui.keys import HEADINGS, KEYS
from tui.screens.export import ExportScreen
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen

SCREENS: dict[str, type[Screen[None]]] = {
    "home": HomeScreen,
    "new": NewScreen,
    "form": FormScreen,
    "run": RunScreen,
    "export": ExportScreen,
}


async def whole_help(lab: Lab) -> str:
    """All that the help page shows from its top to its end."""
    await lab.press("home")
    await lab.pause()
    text = seen(lab)
    for _page in range(6):
        await lab.press("pagedown")
        await lab.pause()
        text += "\n" + seen(lab)
    return text


async def go_to(lab: Lab, scope: str) -> None:
    """From home, open a screen."""
    keys = {"home": [], "new": ["n"], "form": ["n", "enter"], "run": ["enter"], "export": ["e"]}[scope]
    for key in keys:
        await lab.press(key)
        await lab.pause()
    await comes_to(lab, SCREENS[scope])


class TestHelpPage:
    async def test_lists_every_key_with_its_meaning(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("question_mark")
            await comes_to(lab, HelpScreen)
            text = await whole_help(lab)
            words = " ".join(text.split())
            assert [key.spelling for key in KEYS if f"{key.spelling} {key.meaning}" not in words] == []
            assert [heading for heading in HEADINGS.values() if heading not in text] == []

    @pytest.mark.parametrize("key", ["escape", "question_mark", "q", "f1"])
    async def test_goes_away_again(self, home: Home, key: str) -> None:
        async with laboratory(home) as lab:
            await lab.press("question_mark")
            await comes_to(lab, HelpScreen)
            await lab.press(key)
            await comes_to(lab, HomeScreen)

    async def test_meanings_stand_in_one_column(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("f1")
            await comes_to(lab, HelpScreen)
            text = await whole_help(lab)
            columns = {line.index(key.meaning) for key in KEYS for line in text.split("\n") if key.meaning in line}
            assert len(columns) == 1

    async def test_says_the_key_that_helps_in_a_form(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("question_mark")
            await comes_to(lab, HelpScreen)
            assert "f1" in (await whole_help(lab)).lower()


class TestFooters:
    @pytest.mark.parametrize("scope", list(SCREENS))
    async def test_show_the_keys_that_are_meant_for_them(self, home: Home, scope: str) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, (100, 30)) as lab:
            await go_to(lab, scope)
            footer = lines(lab)[-1]
            wanted = [f"{key.spelling} {key.label}" for key in KEYS if key.scope == scope and key.footer]
            assert [words for words in wanted if words not in footer] == []

    @pytest.mark.parametrize("scope", list(SCREENS))
    async def test_fit_80_columns(self, home: Home, scope: str) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, NARROW) as lab:
            await go_to(lab, scope)
            assert lines(lab)[-1].endswith("help")


class TestTable:
    @pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.scope}-{key.key}")
    def test_every_key_has_its_action(self, key: object) -> None:
        known = next(known for known in KEYS if known is key)
        name = known.action.split("(")[0]
        if name == "noop":
            return
        if name.startswith("app."):
            assert hasattr(LabApp, f"action_{name.removeprefix('app.')}")
        else:
            assert hasattr(SCREENS[known.scope], f"action_{name}")

    @pytest.mark.parametrize("scope", list(SCREENS))
    async def test_every_key_is_bound_on_its_screen(self, home: Home, scope: str) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await go_to(lab, scope)
            bound = lab.app.screen._bindings.key_to_bindings
            wanted = [name for key in KEYS if key.scope == scope for name in key.key.split(",")]
            assert [name for name in wanted if name not in bound] == []


async def test_pressing_every_key_of_a_done_run_does_no_harm(home: Home) -> None:
    write_run(home, sunspots_trial(5))
    before = contents(home.root)
    async with laboratory(home) as lab:
        await open_run(lab)
        for key in KEYS:
            if key.scope == "run" and key.action not in ("leave", "back", "export"):
                await lab.press(*key.key.split(","))
                await lab.pause()
                assert isinstance(lab.app.screen, RunScreen)
        await lab.press("ctrl+q")
        await until(lab, lambda: not lab.app.is_running)
    assert contents(home.root) == before
