"""The tabs of a run's screen, in terminals of every size."""

import threading

import pytest
from helpers.app import (
    NARROW,
    PATIENCE_S,
    WIDE,
    Lab,
    at_work,
    comes_to,
    epoch_rows,
    laboratory,
    lines,
    looked_again,
    open_run,
    run_screen,
    seen,
    shows,
)
from helpers.factory import sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.events import Cancelled
from tui.screens.run import RunScreen

TABS = ["Progress", "Prediction", "Loss", "Parameters", "Log"]


def front_tab(lab: Lab) -> str:
    """The name of the tab in front, as it is marked for people without colours."""
    return lines(lab)[1].partition("[")[2].partition("]")[0].partition(" ")[2]


class TestTabs:
    async def test_tab_goes_round(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            visited = []
            for _tab in TABS:
                visited.append(front_tab(lab))
                await lab.press("tab")
                await lab.pause()
            assert visited == TABS
            assert front_tab(lab) == "Progress"
            await lab.press("shift+tab")
            await lab.pause()
            assert front_tab(lab) == "Log"

    async def test_numbers_go_there(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            for number in (3, 1, 5, 2, 4):
                await lab.press(str(number))
                await lab.pause()
                assert front_tab(lab) == TABS[number - 1]

    async def test_only_the_tab_in_front_is_seen_on_a_narrow_terminal(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            marks = {
                "1": "EPOCH",
                "2": "test from",
                "3": "⠑⢄ loss",
                "4": "hidden_units",
                "5": "importing",
            }
            for tab in marks:
                await lab.press(tab)
                await lab.pause()
                assert [key for key, mark in marks.items() if mark in seen(lab)] == [tab]

    async def test_all_panes_are_seen_on_a_wide_terminal(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            await open_run(lab)
            assert all(
                words in seen(lab)
                for words in [*TABS, "EPOCH", "test from 1937-11", "⠑⢄ loss", "hidden_units"]
            )
            assert "importing" in seen(lab)

    async def test_a_done_run_is_whole_after_the_terminal_has_grown(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, NARROW) as lab:
            await open_run(lab)
            await lab.resize_terminal(*WIDE)
            await lab.pause()
            await lab.pause()
            for words in (
                "EPOCH",
                "test from 1937-11",
                "⠑⢄ loss",
                "hidden_units",
                "importing",
                "best .12857 @35",
            ):
                assert words in seen(lab), words

    async def test_and_after_it_has_shrunk_again(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, NARROW) as lab:
            await open_run(lab)
            pages = {}
            for tab in "12345":
                await lab.press(tab)
                await lab.pause()
                pages[tab] = seen(lab)
            await lab.resize_terminal(*WIDE)
            await lab.pause()
            await lab.resize_terminal(*NARROW)
            await lab.pause()
            for tab in "123":
                await lab.press(tab)
                await lab.pause()
                await lab.pause()
                assert seen(lab) == pages[tab]

    async def test_a_live_run_goes_on_through_a_change_of_size(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            worker.train(0.5)
            async with laboratory(home, NARROW) as lab:
                await open_run(lab)
                await lab.resize_terminal(*WIDE)
                worker.train(0.25)
                await shows(lab, "epoch 2/35", "best .25000 @2")
                await lab.resize_terminal(60, 15)
                worker.train(0.125)
                await shows(lab, "epoch 3/35", "best .12500 @3")
                assert [row[0] for row in epoch_rows(lab)] == ["3", "2", "1"]

    @pytest.mark.parametrize("size", [(59, 24), (80, 14), (20, 5)])
    async def test_too_small_a_terminal_asks_for_room(
        self, home: Home, size: tuple[int, int]
    ) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            before = seen(lab)
            await lab.resize_terminal(*size)
            await lab.pause()
            assert " ".join(seen(lab).split()).startswith("This window is too small:")
            assert "sunspots" not in seen(lab)
            await lab.resize_terminal(*NARROW)
            await lab.pause()
            await lab.pause()
            assert seen(lab) == before


async def test_the_footer_fits_80_columns(home: Home) -> None:
    write_run(home, sunspots_trial(5))
    async with laboratory(home, NARROW) as lab:
        await open_run(lab)
        await looked_again(lab)
        for label in ("tab next tab", "e export", "esc home", "q leave", "? help"):
            assert label in lines(lab)[-1]


async def test_how_a_run_stands_is_not_said_before_it_was_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(home, sunspots_trial(5), end=Cancelled(), epochs=3)
    gate, read = threading.Event(), RunScreen._read_news
    async with laboratory(home) as lab:
        monkeypatch.setattr(
            RunScreen, "_read_news", lambda screen: read(screen) if gate.wait(PATIENCE_S) else None
        )
        await lab.press("enter")
        await comes_to(lab, RunScreen)
        run_screen(lab)._draw()
        await lab.pause()
        assert lines(lab)[0] == " sunspots/5  seed 1"
        gate.set()
        await shows(lab, "sunspots/5  seed 1  ⊘ cancelled")
