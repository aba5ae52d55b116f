"""Home's cursor stays on its run, whatever becomes of the list, and the keys do what they say to
that run.
"""

import shutil
from datetime import timedelta

import pytest
from helpers.app import (
    DIVERGED,
    Lab,
    comes_to,
    contents,
    home_screen,
    laboratory,
    lines,
    looked_again,
    open_run,
    run_screen,
    running_elsewhere,
    seen,
    shows,
    styles_at,
    the_app,
    until,
    working,
)
from helpers.factory import SUBMITTED, sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.events import Cancelled, Failed, Finished
from tui.screens.export import ExportScreen
from tui.screens.home import HomeScreen
from tui.widgets.runlist import RunList


def under_cursor(lab: Lab) -> dict[int, str]:
    """The lines, by their number from the top, that are drawn as the ones under the cursor."""
    drawn = {}
    for y, strip in enumerate(lab.app.screen._compositor.render_strips()):
        # The scrollbar is in reverse too, one cell of a line.
        if (
            sum(len(segment.text) for segment in strip if segment.style and segment.style.reverse)
            > 1
        ):
            drawn[y] = strip.text.rstrip()
    return drawn


def chosen_id(lab: Lab) -> str:
    """The run that enter, x and e mean."""
    current = home_screen(lab).query_one(RunList).current
    return current.run.id if current else ""


class TestCursor:
    async def test_stays_on_its_run_before_it_was_ever_moved(self, home: Home) -> None:
        running_elsewhere(home, "bbbb-mine", submitted=SUBMITTED)
        async with laboratory(home) as lab:
            assert chosen_id(lab) == "bbbb-mine"
            running_elsewhere(home, "cccc-theirs", submitted=SUBMITTED + timedelta(minutes=1))
            await until(lab, lambda: len(the_app(lab).watcher.latest.runs) == 2)
            await looked_again(lab)
            assert chosen_id(lab) == "bbbb-mine"

    async def test_stays_on_its_run_as_others_appear_above(self, home: Home) -> None:
        write_run(home, sunspots_trial(1), run_id="bbbb-a")
        write_run(home, sunspots_trial(2), run_id="cccc-b")
        async with laboratory(home) as lab:
            await lab.press("down", "up", "down")
            assert chosen_id(lab) == "cccc-b"
            write_run(
                home, sunspots_trial(3), run_id="dddd-c", submitted=SUBMITTED + timedelta(hours=1)
            )
            await shows(lab, "sunspots/3")
            assert chosen_id(lab) == "cccc-b"
            assert ["sunspots/2" in line for line in under_cursor(lab).values()] == [True]

    async def test_is_drawn_where_it_is_when_rows_read_the_same(self, home: Home) -> None:
        for name in ("bbbb-a", "cccc-b", "dddd-c"):
            write_run(home, sunspots_trial(5), run_id=name, end=Cancelled(), epochs=1)
        async with laboratory(home) as lab:
            await lab.press("down")
            write_run(
                home,
                sunspots_trial(8),
                run_id="ffff-d",
                end=Cancelled(),
                epochs=1,
                submitted=SUBMITTED + timedelta(hours=1),
            )
            await shows(lab, "sunspots/8")
            await looked_again(lab)
            assert chosen_id(lab) == "cccc-b"
            first = next(y for y, line in enumerate(lines(lab)) if "⊘" in line)
            assert list(under_cursor(lab)) == [first + 2]

    async def test_goes_by_the_keys_that_lists_have(self, home: Home) -> None:
        for number in range(1, 12):
            write_run(
                home, sunspots_trial(number), run_id=f"run-{number:02}", end=Cancelled(), epochs=1
            )
        async with laboratory(home) as lab:
            for key, place in [
                ("down", "02"),
                ("j", "03"),
                ("k", "02"),
                ("up", "01"),
                ("up", "01"),
                ("pagedown", "11"),
                ("down", "11"),
                ("pageup", "01"),
                ("end", "11"),
                ("home", "01"),
            ]:
                await lab.press(key)
                assert chosen_id(lab) == f"run-{place}", key

    async def test_the_deleted_run_under_it_leaves_it_on_a_neighbour(self, home: Home) -> None:
        runs = [write_run(home, sunspots_trial(5), run_id=f"run-{letter}") for letter in "abc"]
        async with laboratory(home) as lab:
            await lab.press("down")
            shutil.rmtree(runs[1].directory)
            await until(lab, lambda: len(the_app(lab).watcher.latest.runs) == 2)
            await looked_again(lab)
            assert chosen_id(lab) in ("run-a", "run-c")
            await lab.press("down")
            assert chosen_id(lab) == "run-c"

    async def test_can_be_told_without_colour(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            assert all(style.reverse for style in styles_at(lab, "sunspots/5"))


class TestKeys:
    async def test_enter_opens_the_run_under_the_cursor(self, home: Home) -> None:
        write_run(home, sunspots_trial(1), run_id="bbbb-a")
        write_run(home, sunspots_trial(2), run_id="cccc-b")
        async with laboratory(home) as lab:
            await lab.press("down")
            await open_run(lab)
            assert run_screen(lab).snapshot.run.id == "cccc-b"

    async def test_marks_choose_what_is_exported(self, home: Home) -> None:
        for name in ("bbbb-a", "cccc-b", "dddd-c"):
            write_run(home, sunspots_trial(5), run_id=name)
        async with laboratory(home) as lab:
            await lab.press("space", "down", "down", "space")
            await lab.pause()
            assert [line[:3] for line in lines(lab) if "✓ done" in line] == [" ▪ ", "   ", " ▪ "]
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            await shows(lab, "Export  2 runs")
            screen = lab.app.screen
            assert isinstance(screen, ExportScreen)
            assert [run.id for run in screen._runs] == ["bbbb-a", "dddd-c"]
            await lab.press("escape", "space")
            await lab.pause()
            assert seen(lab).count("▪") == 1

    async def test_export_without_marks_takes_the_run_under_the_cursor(self, home: Home) -> None:
        for name in ("bbbb-a", "cccc-b"):
            write_run(home, sunspots_trial(5), run_id=name)
        async with laboratory(home) as lab:
            await lab.press("down", "e")
            await comes_to(lab, ExportScreen)
            screen = lab.app.screen
            assert isinstance(screen, ExportScreen)
            assert [run.id for run in screen._runs] == ["cccc-b"]

    async def test_x_asks_a_live_run_to_stop(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3)
        with working(run) as worker:
            async with laboratory(home) as lab:
                await lab.press("x")
                await shows(lab, "Cancel it? y yes, esc no.")
                assert not run.cancel_request.exists()
                await lab.press("y")
                await shows(lab, "sunspots/5 stops and keeps a checkpoint", "◍ cancelling")
                assert run.cancel_request.exists()
                worker.leave(Cancelled())
                await shows(lab, "⊘ cancelled")

    @pytest.mark.parametrize(
        "end", [Finished(), Cancelled(), DIVERGED, None], ids=["done", "cancelled", "bad", "gone"]
    )
    async def test_x_leaves_an_ended_run_alone(
        self, home: Home, end: Finished | Cancelled | Failed | None
    ) -> None:
        run = write_run(home, sunspots_trial(5), end=end)
        before = contents(run.directory)
        async with laboratory(home) as lab:
            await lab.press("x")
            await shows(lab, "There is nothing to cancel.")
        assert contents(run.directory) == before

    async def test_x_on_a_folder_that_has_just_gone_brings_nothing_back(self, home: Home) -> None:
        run = running_elsewhere(home, "bbbb-run")
        async with laboratory(home) as lab:
            await until(lab, lambda: not home_screen(lab)._polling)
            home_screen(lab)._polling = True  # Between two looks.
            shutil.rmtree(run.directory)
            await lab.press("x")
            await lab.pause()
            assert not run.directory.exists()

    async def test_q_leaves_and_says_what_goes_on(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3)
        with working(run):
            before = contents(home.root)
            async with laboratory(home) as lab:
                app = the_app(lab)
                await lab.press("q")
                await until(lab, lambda: not app.is_running)
            assert app.farewell() == "1 run continues. rnnlab-tui brings you back."
            assert contents(home.root) == before

    async def test_q_with_nothing_going_on_says_nothing(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            app = the_app(lab)
            await lab.press("q")
            await until(lab, lambda: not app.is_running)
        assert app.farewell() == ""


class TestMany:
    async def test_three_hundred_runs(self, home: Home) -> None:
        for number in range(300):
            write_run(
                home,
                sunspots_trial(number % 11 + 1, seed=number),
                run_id=f"run-{number:03}",
                end=Cancelled(),
                epochs=1,
                submitted=SUBMITTED - timedelta(minutes=number),
            )
        async with laboratory(home) as lab:
            await lab.press("end")
            await lab.pause()
            assert chosen_id(lab) == "run-299"
            await looked_again(lab)
            assert [f"sunspots/{299 % 11 + 1}" in line for line in under_cursor(lab).values()] == [
                True
            ]
            await lab.press("pageup")
            await open_run(lab)
            assert run_screen(lab).snapshot.run.id == "run-289"
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
            await lab.press("home")
            await lab.pause()
            assert ["sunspots/1 " in line for line in under_cursor(lab).values()] == [True]

    async def test_the_bar_of_the_run_under_the_cursor_is_seen_with_it(self, home: Home) -> None:
        for number in range(30):
            running_elsewhere(home, f"run-{number:02}")
        async with laboratory(home) as lab:
            for _press in range(29):
                await lab.press("down")
            await lab.pause()
            drawn = under_cursor(lab)
            assert ["● running" in line for line in drawn.values()] == [True, False]
            assert ["epoch 20/35" in line for line in drawn.values()] == [False, True]
            assert max(drawn) == 21
