"""What goes wrong is said with what to do about it, whole at every size, and it covers nothing."""

import math

import pytest
from helpers.app import (
    NARROW,
    SMALLEST,
    at_work,
    comes_to,
    flowing,
    form,
    laboratory,
    lines,
    no_processes,
    open_run,
    seen,
    shows,
    the_app,
    until,
)
from helpers.factory import sunspots_trial, write_run
from textual.screen import Screen
from textual.widgets import Footer

from engine.errors import LabError
from engine.host.home import Home
from engine.runs.events import Cancelled, Failed
from tui.screens.export import ExportScreen
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen

SIZES = pytest.mark.parametrize("size", [NARROW, SMALLEST], ids=["80x24", "60x15"])
NOWHERE = "http://127.0.0.1:9/a/long/way/down/to/the/folder/of/the/laboratory/where/nothing/is"
WAYS_OUT = (
    "Give a file in the field corpus, or python-docs; `rnnlab-tui data add alice FILE` "
    "adds one for good."
)
PAGES: dict[type[Screen[None]], list[str]] = {
    HomeScreen: [],
    NewScreen: ["n"],
    FormScreen: ["n", "enter"],
    RunScreen: ["enter"],
    ExportScreen: ["e"],
    HelpScreen: ["question_mark"],
}


@SIZES
async def test_what_helps_where_the_text_of_alice_is_not_here(
    home: Home, size: tuple[int, int]
) -> None:
    async with laboratory(home, size) as lab:
        await lab.press("n")
        await comes_to(lab, NewScreen)
        await lab.press("end", "ctrl+o")
        await comes_to(lab, FormScreen)
        await shows(lab, "Enter fetches it; or give a text file, or python-docs, as the corpus.")


@SIZES
async def test_what_helps_where_it_can_t_be_fetched(
    home: Home, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_MIRROR", NOWHERE)
    async with laboratory(home, size) as lab:
        await form(lab, "alice/5")
        await lab.press("enter")
        await shows(lab, WAYS_OUT)
        assert "The text of Alice in Wonderland is not here yet." in flowing(lab)
        assert lines(lab)[-1].endswith("help")


@SIZES
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
async def test_every_page_says_what_to_do(
    home: Home, size: tuple[int, int], page: type[Screen[None]]
) -> None:
    write_run(home, sunspots_trial(5))
    address = "/home/somebody/" + "a/long/way/" * 20 + "file.csv"
    remedy = (
        "Put a file there that can be read by you, or choose another one with the arrow "
        "keys, and press enter."
    )
    async with laboratory(home, size) as lab:
        await lab.press(*PAGES[page])
        await comes_to(lab, page)
        the_app(lab).answer(
            LabError(f"It can't be read: {address} is not there, nor is it anywhere else.", remedy)
        )
        await shows(lab, remedy)
        assert "It can't be read" in flowing(lab)
        assert lines(lab)[-1].endswith("help" if page is not HelpScreen else "back")


@SIZES
async def test_why_a_run_failed_is_said_with_what_to_do(home: Home, size: tuple[int, int]) -> None:
    remedy = (
        "Make room in the folder that is named above, and press r to have it go on from its "
        "last checkpoint."
    )
    write_run(
        home, sunspots_trial(5), epochs=3, end=Failed(what="The disk is full. " * 20, remedy=remedy)
    )
    async with laboratory(home, size) as lab:
        await open_run(lab)
        await shows(lab, remedy)


@SIZES
async def test_runs_that_can_t_be_read_are_said_with_what_to_do(
    home: Home, size: tuple[int, int]
) -> None:
    write_run(home, sunspots_trial(5))
    for number in range(2):
        run = write_run(home, sunspots_trial(5), run_id=f"damaged-{number}")
        (run.directory / "trial.json").write_text("{")
    async with laboratory(home, size) as lab:
        await shows(
            lab,
            "2 runs can't be read.",
            "Repair it, or delete the run: rnnlab-tui delete damaged-1.",
        )


class TestAnswers:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
    async def test_cover_nothing(self, home: Home, page: type[Screen[None]]) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await lab.press(*PAGES[page])
            await comes_to(lab, page)
            lab.app.notify("This would have been a toast.", severity="error")
            await shows(lab, "This would have been a toast.")
            screen = lab.app.screen
            assert isinstance(
                screen, HomeScreen | NewScreen | FormScreen | RunScreen | ExportScreen | HelpScreen
            )
            line = screen.query_one(screen.ANSWER).region
            above = [
                child.region
                for child in screen.children
                if child.display and child.styles.layer == ""
            ]
            assert line.bottom == screen.query_one(Footer).region.y
            assert [region for region in above if region.overlaps(line) and region != line] == []

    async def test_stay_until_the_next_key(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("x")
            await shows(lab, "There is nothing to cancel.")
            await lab.press("s")
            await until(lab, lambda: "There is nothing to cancel." not in seen(lab))

    async def test_of_ctrl_c_say_how_one_leaves(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("ctrl+c")
            await shows(lab, "ctrl+q leaves")

    @pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "old"])
    async def test_news_come_back_when_an_answer_goes_unless_they_are_old(
        self, home: Home, monkeypatch: pytest.MonkeyPatch, fresh: bool
    ) -> None:
        monkeypatch.setattr("tui.screens.home._NEWS_S", math.inf if fresh else 0.0)
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await lab.press("n")
                await comes_to(lab, NewScreen)
                await lab.press("ctrl+s")
                await shows(lab, "Queued: ")
                await lab.press("escape")
                await comes_to(lab, HomeScreen)
                await shows(lab, "1 running")
                launched.workers[0].start()
                launched.workers[0].leave(Failed(what="It broke.", remedy="Fix it."))
                await shows(lab, "sunspots/5 failed")
                await lab.press("h")
                await until(lab, lambda: "sunspots/5 failed: " not in seen(lab))
                await lab.press("down")
                await until(lab, lambda: the_app(lab).all_keys_handled)
                assert ("sunspots/5 failed: " in seen(lab)) == fresh

    async def test_old_news_go_with_the_next_key(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tui.screens.home._NEWS_S", 0.0)
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await shows(lab, "running")
                worker.leave(Cancelled())
                # There are no figures to be told.
                await shows(lab, "sunspots/5 cancelled.")
                await lab.press("down")
                await until(lab, lambda: "sunspots/5 cancelled." not in seen(lab))
