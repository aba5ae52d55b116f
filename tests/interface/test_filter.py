"""A slash and what follows it are a filter's, or nobody's: they start nothing."""

import time

import pytest
from helpers.app import (
    DIVERGED,
    NARROW,
    WIDE,
    comes_to,
    contents,
    home_screen,
    laboratory,
    line_with,
    lines,
    open_run,
    seen,
    shows,
    the_app,
    typed,
    until,
)
from helpers.factory import alice_trial, sunspots_trial, write_run
from textual.screen import Screen
from textual.widgets import OptionList

from engine.host.home import Home
from engine.runs.events import Cancelled
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen
from tui.widgets.line_input import FilterLine
from tui.widgets.runlist import RunList


def three_runs(home: Home) -> None:
    write_run(home, sunspots_trial(5), run_id="aaaa-sunspots-5")
    run = write_run(
        home, sunspots_trial(8, epochs=70), run_id="bbbb-sunspots-8", end=Cancelled(), epochs=3
    )
    run.note_file.write_text("The one for Friday\n")
    write_run(home, alice_trial(1), run_id="cccc-alice-1")


@pytest.mark.parametrize(
    "page",
    [[], ["n"], ["enter"], ["question_mark"]],
    ids=["list of runs", "presets", "run", "help"],
)
@pytest.mark.parametrize("words", ["/next", "/xyqeh", "/5 rfk?"])
async def test_words_after_a_slash_start_nothing(home: Home, page: list[str], words: str) -> None:
    three_runs(home)
    before = contents(home.root)
    async with laboratory(home) as lab:
        await shows(lab, "alice/1")
        await lab.press(*page)
        await until(lab, lambda: the_app(lab).all_keys_handled)
        await lab.pause()
        screen: Screen[object] = lab.app.screen
        await typed(lab, words)
        await until(lab, lambda: the_app(lab).all_keys_handled)
        await lab.app.workers.wait_for_complete()
        assert lab.app.screen is screen
        assert lab.app.is_running
        await lab.press("escape")
        await until(lab, lambda: the_app(lab).all_keys_handled)
        assert lab.app.screen is screen
    assert contents(home.root) == before


@pytest.mark.parametrize("page", [RunScreen, HelpScreen], ids=["run", "help"])
async def test_a_page_without_a_filter_says_so(
    home: Home, page: type[RunScreen | HelpScreen]
) -> None:
    write_run(home, sunspots_trial(5))
    async with laboratory(home) as lab:
        if page is RunScreen:
            await open_run(lab)
        else:
            await lab.press("question_mark")
        await comes_to(lab, page)
        await typed(lab, "/q")
        await shows(lab, "There is nothing to filter here.")
        await lab.press("enter", "q")
        await until(lab, lambda: not lab.app.is_running or type(lab.app.screen) is not page)


class TestRuns:
    @pytest.mark.parametrize(
        ("words", "left"),
        [
            ("alice", ["alice/1"]),
            ("CANCELLED", ["sunspots/8"]),
            ("sunspots 70", ["sunspots/8"]),
            ("friday", ["sunspots/8"]),
            ("aaaa", ["sunspots/5"]),
            ("sun", ["sunspots/8", "sunspots/5"]),
        ],
    )
    async def test_that_have_the_words_are_left(
        self, home: Home, words: str, left: list[str]
    ) -> None:
        three_runs(home)
        async with laboratory(home) as lab:
            await shows(lab, "alice/1", "sunspots/5")
            await typed(lab, f"/{words}")
            every = ["alice/1", "sunspots/8", "sunspots/5"]
            await until(
                lab,
                lambda: (
                    [name for name in every if line_with(lab, name)]
                    == sorted(left, key=every.index)
                ),
            )
            await lab.press("enter")
            assert isinstance(lab.app.focused, RunList)
            await lab.press("escape")
            await shows(lab, *every)
            assert not lab.app.screen.query_one(FilterLine).display

    @pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x45"])
    async def test_have_every_word_that_their_lines_show(
        self, home: Home, size: tuple[int, int]
    ) -> None:
        three_runs(home)
        write_run(home, sunspots_trial(5, time_steps=18, hidden_units=6, seed=2))
        write_run(home, sunspots_trial(1), end=DIVERGED, epochs=3)
        async with laboratory(home, size) as lab:
            await shows(lab, "alice/1", "✗ diverged")
            runs = lab.app.screen.query_one(RunList)
            for snapshot in the_app(lab).watcher.poll().runs:
                shown = runs._run_lines(snapshot, runs.columns_of(runs.size.width), time.time())
                first, *below = (line.plain for line in shown)
                assert first.endswith(" d")
                for word in " ".join([first[: -len("270 d")], *below]).split():
                    lab.app.screen.query_one(FilterLine).value = word
                    assert lab.app.screen.query_one(FilterLine).matches(
                        home_screen(lab)._searched_text(snapshot)
                    ), word

    async def test_the_cursor_acts_on_what_is_left(self, home: Home) -> None:
        three_runs(home)
        async with laboratory(home) as lab:
            await shows(lab, "alice/1")
            await typed(lab, "/friday")
            await lab.press("enter", "enter")
            await comes_to(lab, RunScreen)
            await until(lab, lambda: "sunspots/8" in lines(lab)[0])

    async def test_none_of_which_has_the_words_can_all_be_shown_again(self, home: Home) -> None:
        three_runs(home)
        async with laboratory(home) as lab:
            await shows(lab, "alice/1")
            await typed(lab, "/nowhere")
            await shows(lab, "No run matches. Esc shows all runs.")
            await lab.press("escape")
            await shows(lab, "alice/1", "sunspots/5", "sunspots/8")
            assert type(lab.app.screen) is HomeScreen

    async def test_that_are_marked_stay_so(self, home: Home) -> None:
        three_runs(home)
        async with laboratory(home) as lab:
            await shows(lab, "alice/1")
            await lab.press("space")
            await typed(lab, "/friday")
            await lab.press("enter", "space", "e")
            await shows(lab, "Export 2 runs")


class TestPresets:
    async def test_that_have_the_words_are_left(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await typed(lab, "/tanh&relu")
            presets = lab.app.screen.query_one(OptionList)
            await until(
                lab,
                lambda: [option.id for option in presets.options if option.id] == ["sunspots/8"],
            )
            await shows(lab, "sunspots/8  published .058 / .085")
            await lab.press("enter", "escape")
            await until(lab, lambda: len([option for option in presets.options if option.id]) == 21)
            assert type(lab.app.screen) is NewScreen
            await lab.press("escape")
            await comes_to(lab, HomeScreen)

    async def test_none_of_which_has_the_words(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await typed(lab, "/nothing")
            await shows(lab, "No preset matches.")
            await lab.press("enter", "ctrl+o", "ctrl+s")
            await until(lab, lambda: the_app(lab).all_keys_handled)
            assert type(lab.app.screen) is NewScreen
            assert "No preset matches." in seen(lab)
