"""Help, and the one table of keys behind it: what is listed works, and what works is listed."""

import pytest
from helpers.app import (
    DIVERGED,
    NARROW,
    SMALLEST,
    Lab,
    comes_to,
    contents,
    laboratory,
    lines,
    open_run,
    seen,
    shows,
    until,
)
from helpers.factory import sunspots_trial, write_run
from textual.screen import Screen

from engine.host.home import Home
from engine.operations import control
from engine.operations.submission import accept
from engine.runs.events import Cancelled, Failed, Finished
from tui.app import LabApp
from tui.keys import HEADINGS, KEYS
from tui.screens.base import LabScreen
from tui.screens.export import ExportScreen
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen
from tui.widgets.line_input import FilterLine

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
    keys = {"home": [], "new": ["n"], "form": ["n", "enter"], "run": ["enter"], "export": ["e"]}[
        scope
    ]
    for key in keys:
        await lab.press(key)
        await lab.pause()
    await comes_to(lab, SCREENS[scope])


class TestHelpPage:
    async def test_lists_every_key_with_its_meaning(self, home: Home) -> None:
        # All on one page: where a page ends, a meaning of two lines is cut in two.
        async with laboratory(home, (80, 200)) as lab:
            await lab.press("question_mark")
            await comes_to(lab, HelpScreen)
            text = await whole_help(lab)
            words = " ".join(text.split())
            assert [
                key.key_text for key in KEYS if f"{key.key_text} {key.meaning}" not in words
            ] == []
            assert [heading for heading in HEADINGS.values() if heading not in text] == []

    @pytest.mark.parametrize("key", ["escape", "question_mark", "q", "f1", "ctrl+l"])
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
            columns = {
                line.index(key.meaning)
                for key in KEYS
                for line in text.split("\n")
                if key.meaning in line
            }
            assert len(columns) == 1

    async def test_says_the_key_that_helps_in_a_form(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("question_mark")
            await comes_to(lab, HelpScreen)
            assert "f1" in (await whole_help(lab)).lower()


class TestFooters:
    @pytest.mark.parametrize("scope", list(SCREENS))
    async def test_show_the_keys_that_do_something(self, home: Home, scope: str) -> None:
        write_run(home, sunspots_trial(5))
        write_run(home, sunspots_trial(6))
        async with laboratory(home, (120, 30)) as lab:
            await go_to(lab, scope)
            screen = lab.app.screen
            assert isinstance(screen, LabScreen)
            useful = [
                f"{key.key_text.split()[0]} {key.label}"
                for key in KEYS
                if key.scope == scope and key.footer and screen.is_useful(key.action)
            ]
            await until(
                lab, lambda: [words for words in useful if words not in lines(lab)[-1]] == []
            )

    @pytest.mark.parametrize("size", [NARROW, SMALLEST], ids=["80", "60"])
    @pytest.mark.parametrize("scope", list(SCREENS))
    async def test_always_have_the_one_that_helps(
        self, home: Home, scope: str, size: tuple[int, int]
    ) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, size) as lab:
            await go_to(lab, scope)
            await until(lab, lambda: lines(lab)[-1].endswith("help"))

    @pytest.mark.parametrize("size", [NARROW, (60, 20), SMALLEST], ids=["80", "60x20", "60x15"])
    @pytest.mark.parametrize("scope", [scope for scope in SCREENS if scope != "home"])
    async def test_always_have_the_way_out(
        self, home: Home, scope: str, size: tuple[int, int]
    ) -> None:
        write_run(home, sunspots_trial(5), end=Cancelled(), epochs=3)
        async with laboratory(home, size) as lab:
            await go_to(lab, scope)
            await until(lab, lambda: " esc " in lines(lab)[-1])

    @pytest.mark.parametrize(
        ("end", "there", "not_there"),
        [
            (Finished(), ["e export"], ["x cancel", "r resume", "h hold", "f first"]),
            (Cancelled(), ["r resume"], ["x cancel", "h hold"]),
            (Failed(what="It broke.", remedy="Fix it."), ["r resume"], ["x cancel"]),
            (DIVERGED, ["e export"], ["r resume", "x cancel"]),
        ],
        ids=["done", "cancelled", "failed", "diverged"],
    )
    @pytest.mark.parametrize("page", ["home", "run"])
    async def test_follow_the_run(
        self,
        home: Home,
        page: str,
        end: Finished | Cancelled | Failed,
        there: list[str],
        not_there: list[str],
    ) -> None:
        write_run(home, sunspots_trial(5), end=end, epochs=35 if end == Finished() else 3)
        async with laboratory(home, (120, 30)) as lab:
            await go_to(lab, page)
            await until(lab, lambda: all(words in lines(lab)[-1] for words in there))
            assert [words for words in not_there if words in lines(lab)[-1]] == []

    async def test_follow_the_cursor(self, home: Home) -> None:
        write_run(home, sunspots_trial(5), run_id="aaaa-sunspots-5")
        write_run(home, sunspots_trial(6), run_id="bbbb-sunspots-6", end=Cancelled(), epochs=3)
        async with laboratory(home, (120, 30)) as lab:
            await until(lab, lambda: "e export" in lines(lab)[-1])
            assert "r resume" not in lines(lab)[-1]
            await lab.press("down")
            await until(lab, lambda: "r resume" in lines(lab)[-1])

    async def test_of_a_run_that_waits(self, home: Home) -> None:
        accept(home, [sunspots_trial(5)])
        async with laboratory(home, (120, 30)) as lab:
            await until(
                lab,
                lambda: all(words in lines(lab)[-1] for words in ("x cancel", "h hold", "f first")),
            )
            assert "e export" not in lines(lab)[-1]

    async def test_of_a_run_that_is_held(self, home: Home) -> None:
        (run,) = accept(home, [sunspots_trial(5)])
        async with laboratory(home, (120, 30)) as lab:
            await until(lab, lambda: "h hold" in lines(lab)[-1])
            control.hold(run)
            await until(lab, lambda: "h release" in lines(lab)[-1])
            assert "h hold" not in lines(lab)[-1]
            await lab.press("h")
            await until(lab, lambda: "h hold" in lines(lab)[-1])

    async def test_left_out_keys_still_say_why(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await until(lab, lambda: "e export" in lines(lab)[-1])
            await lab.press("x")
            await shows(lab, "There is nothing to cancel.")


class TestTable:
    @pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.scope}-{key.key}")
    def test_every_key_has_its_action(self, key: object) -> None:
        known = next(known for known in KEYS if known is key)
        name = known.action.split("(")[0]
        if name == "noop":
            return
        if known.scope == "filter":
            assert hasattr(FilterLine, f"action_{name}")
        elif name.startswith("app."):
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
