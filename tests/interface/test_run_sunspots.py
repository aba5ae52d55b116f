"""A sunspot run on the screen: live, step by step, and as it stands when it is done."""

import pytest
from interface.support_interface import (
    NARROW,
    WIDE,
    Lab,
    Worker,
    at_work,
    comes_to,
    contents,
    laboratory,
    line_with,
    lines,
    looked_again,
    open_run,
    run_screen,
    seen,
    shows,
    the_app,
    until,
)
from support import made_up_loss, sunspots_trial, write_run

from engine.data.series import built_in
from engine.events import Cancelled, PhaseEntered, Warned
from engine.home import Home
from engine.results import ForecastMetrics
from engine.runs import Run
from tui import format as fmt
from tui.screens.home import HomeScreen
from tui.screens.run import RunScreen

TABS = ["Progress", "Prediction", "Loss", "Parameters", "Log"]


def front_tab(lab: Lab) -> str:
    """The name of the tab in front, as it is marked for people without colours."""
    return lines(lab)[1].partition("[")[2].partition("]")[0].partition(" ")[2]


def epoch_rows(lab: Lab) -> list[list[str]]:
    """The rows of the epoch log that can be seen, in words."""
    rows = lines(lab)
    head = next(y for y, line in enumerate(rows) if "EPOCH" in line)
    return [words for line in rows[head + 1 : -1] if (words := line.split()) and words[0].isdigit()]


def spark_ground(lab: Lab) -> str:
    """The lowest row of the sparkline."""
    rows = lines(lab)
    return rows[next(y for y, line in enumerate(rows) if "EPOCH" in line) - 2].strip()


def metrics_of(run: Run) -> ForecastMetrics:
    """What a run measured."""
    result = run.result()
    assert result is not None
    assert isinstance(result.metrics, ForecastMetrics)
    return result.metrics


class TestLive:
    async def test_starting_says_for_what_it_waits(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            async with laboratory(home) as lab:
                await open_run(lab)
                assert "sunspots/5  seed 1  ◌ starting" in lines(lab)[0]
                worker.say(PhaseEntered(phase="importing"))
                await shows(lab, "importing TensorFlow, ")
                worker.say(PhaseEntered(phase="compiling"))
                await shows(lab, "compiling, ")
                await lab.press("2")
                await shows(lab, "The prediction comes when the last epoch is done.")
                await lab.press("3")
                await shows(lab, "No loss yet")

    async def test_every_epoch_is_seen(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await open_run(lab)
                assert "● running  epoch 0/35" in lines(lab)[0]
                assert "loss –" in seen(lab)
                worker.train(0.5)
                await shows(lab, "epoch 1/35", "loss .50000   best .50000 @1")
                assert [row[:2] for row in epoch_rows(lab)] == [["1", ".50000"]]
                assert len(spark_ground(lab)) == 1
                worker.train(0.125, 0.25)
                await shows(lab, "epoch 3/35", "loss .25000   best .12500 @2", "published .060 / .079")
                assert [row[:2] for row in epoch_rows(lab)] == [["3", ".25000"], ["2", ".12500"], ["1", ".50000"]]
                assert len(spark_ground(lab)) == 3
                assert " left" in lines(lab)[0]
                assert "▓" in lines(lab)[0]

    async def test_the_result_brings_the_prediction_with_its_split(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            worker.train(*(made_up_loss(epoch) for epoch in range(1, 36)))
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("2")
                await shows(lab, "The prediction comes when the last epoch is done.")
                worker.finish()
                await shows(lab, "✓ done", "predicted", "real")
                split = built_in().months[int(len(built_in().values) * 0.8) + 10]
                assert f"test from {split}" in seen(lab)
                assert seen(lab).count("┊") > 10
                metrics = metrics_of(worker.run)
                figures = line_with(lab, "persistence")
                assert f"test {fmt.rmse(metrics.test_rmse)}" in figures
                assert f"56 test points   persistence {fmt.rmse(metrics.persistence.test_rmse)}" in figures
                assert f"AR(10) {fmt.rmse(metrics.linear_autoregression.test_rmse)}" in figures

    async def test_while_another_tab_is_in_front_nothing_is_missed(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("4")
                worker.say(Warned(text="a warning that should be read"))
                worker.train(*(made_up_loss(epoch) for epoch in range(1, 36)))
                worker.finish()
                await shows(lab, "✓ done", "19 weights")
                await lab.press("5")
                await shows(lab, "warning: a warning that should be read", "finished")
                await lab.press("1")
                await shows(lab, "loss .12857   best .12857 @35")
                assert epoch_rows(lab)[0][0] == "35"
                assert len(spark_ground(lab)) == 35
                await lab.press("3")
                await shows(lab, "⠑⢄ loss")
                await lab.press("2")
                await shows(lab, "test from 1937-11")

    async def test_while_another_screen_is_in_front_nothing_is_missed(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("question_mark")
                await shows(lab, "Everywhere")
                worker.train(*(made_up_loss(epoch) for epoch in range(1, 36)))
                worker.finish()
                await lab.press("escape")
                await comes_to(lab, RunScreen)
                await shows(lab, "✓ done", "best .12857 @35", "test .080")

    async def test_after_the_last_epoch_the_phase_is_said(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            worker.train(*(made_up_loss(epoch) for epoch in range(1, 36)))
            worker.say(PhaseEntered(phase="predicting"))
            async with laboratory(home) as lab:
                await open_run(lab)
                assert "predicting" in lines(lab)[0]

    async def test_a_run_that_diverges_shows_its_crosses(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            worker.train(0.5, 3.25, float("inf"), float("nan"))
            async with laboratory(home) as lab:
                await open_run(lab)
                assert "loss nan   best .50000 @1" in seen(lab)
                assert spark_ground(lab).endswith("××")
                assert [row[:2] for row in epoch_rows(lab)][:2] == [["4", "nan"], ["3", "inf"]]
                await lab.press("3")
                await shows(lab, "⠑⢄ loss")


class TestDone:
    async def test_figures_stand_beside_the_published_ones(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5))
        metrics = metrics_of(run)
        async with laboratory(home) as lab:
            await open_run(lab)
            judged = line_with(lab, "train ")
            assert f"train {fmt.rmse(metrics.train_rmse)}   test {fmt.rmse(metrics.test_rmse)}" in judged
            assert "published .060 / .079" in judged
            assert "56 test points" in seen(lab)
            assert "took 43 s" in lines(lab)[0]

    async def test_every_epoch_can_be_reached_by_keyboard(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            assert epoch_rows(lab)[0][0] == "35"
            await lab.press("pagedown", "pagedown", "pagedown", "pagedown")
            await until(lab, lambda: epoch_rows(lab)[-1][:2] == ["1", "1.1000"])
            await lab.press("home")
            await until(lab, lambda: epoch_rows(lab)[0][0] == "35")

    async def test_end_goes_to_the_first_epoch(self, home: Home) -> None:
        write_run(home, sunspots_trial(1, epochs=60))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("end")
            await lab.pause()
            await lab.pause()
            assert epoch_rows(lab)[-1][:2] == ["1", "1.1000"]

    async def test_parameters_say_how_to_do_it_again(self, home: Home) -> None:
        write_run(home, sunspots_trial(8, seed=7, epochs=50))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("4")
            await shows(lab, "rnnlab-tui run sunspots/8 --seed 7 --set epochs=50", "tanh & relu", "19 weights")
            assert line_with(lab, "epochs").split()[:5] == ["epochs", "50", "•", "was", "100"]

    async def test_leaving_and_opening_again_shows_the_same(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            shown = []
            for _time in range(2):
                await open_run(lab)
                pages = []
                for tab in "12345":
                    await lab.press(tab)
                    await lab.pause()
                    pages.append(seen(lab))
                shown.append(pages)
                await lab.press("escape")
                await comes_to(lab, HomeScreen)
            assert shown[0] == shown[1]

    async def test_looking_changes_no_file(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        before = contents(home.root)
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press(*"12345ls", "plus", "left", "x", "question_mark", "escape")
            await lab.press("q")
            app = the_app(lab)
            await until(lab, lambda: not app.is_running)
        assert contents(home.root) == before


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
            marks = {"1": "EPOCH", "2": "test from", "3": "⠑⢄ loss", "4": "hidden_units", "5": "importing"}
            for tab in marks:
                await lab.press(tab)
                await lab.pause()
                assert [key for key, mark in marks.items() if mark in seen(lab)] == [tab]

    async def test_all_panes_are_seen_on_a_wide_terminal(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            await open_run(lab)
            assert all(words in seen(lab) for words in [*TABS, "EPOCH", "test from 1937-11", "⠑⢄ loss", "hidden_units"])
            assert "importing" in seen(lab)

    async def test_a_done_run_is_whole_after_the_terminal_has_grown(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, NARROW) as lab:
            await open_run(lab)
            await lab.resize_terminal(*WIDE)
            await lab.pause()
            await lab.pause()
            for words in ("EPOCH", "test from 1937-11", "⠑⢄ loss", "hidden_units", "importing", "best .12857 @35"):
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
    async def test_too_small_a_terminal_asks_for_room(self, home: Home, size: tuple[int, int]) -> None:
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


def years(lab: Lab) -> list[int]:
    """The years under the prediction."""
    return [int(word) for word in lines(lab)[-3].split()]


class TestPlots:
    async def predicted(self, lab: Lab) -> None:
        """Open the run and its prediction."""
        await open_run(lab)
        await lab.press("2")
        await shows(lab, "test from")

    async def test_plus_and_minus_zoom(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await self.predicted(lab)
            whole = seen(lab)
            assert (years(lab)[0], years(lab)[-1]) == (1750, 1950)
            await lab.press("plus")
            await lab.pause()
            near = years(lab)
            assert near[0] > 1750
            assert near[-1] < 1950
            await lab.press("minus", "minus")
            await lab.pause()
            assert seen(lab) == whole
            await lab.press("minus")
            await lab.pause()
            assert seen(lab) == whole

    async def test_minus_takes_back_plus(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await self.predicted(lab)
            whole = seen(lab)
            await lab.press("plus")
            await lab.pause()
            await lab.press("minus")
            await lab.pause()
            assert seen(lab) == whole

    async def test_zooming_in_ends_somewhere(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await self.predicted(lab)
            await lab.press(*["plus"] * 12)
            await lab.pause()
            nearest = seen(lab)
            await lab.press("plus")
            await lab.pause()
            assert seen(lab) == nearest
            assert "predicted" in nearest

    async def test_arrows_pan_to_both_ends_and_no_further(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await self.predicted(lab)
            await lab.press("plus", "plus")
            await lab.pause()
            middle = seen(lab)
            await lab.press("right")
            await lab.pause()
            assert seen(lab) != middle
            await lab.press("left")
            await lab.pause()
            assert seen(lab) == middle
            for key, year in (("left", 1750), ("right", 1980)):
                await lab.press(*[key] * 12)
                await lab.pause()
                end = seen(lab)
                assert year in years(lab)
                await lab.press(key)
                await lab.pause()
                assert seen(lab) == end

    async def test_keys_before_there_is_a_prediction_do_no_harm(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("2", "plus", "minus", "left", "right", "space", "end", "3", "l", "s")
                await lab.pause()
                worker.train(0.5, 0.25)
                worker.finish()
                await lab.press("2")
                await shows(lab, "1750", "1950")

    async def test_l_and_s_change_the_loss_curve_and_back(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("3")
            await lab.pause()
            plain = seen(lab)
            await lab.press("l")
            await shows(lab, "log scale")
            await lab.press("s")
            await shows(lab, "mean of 3")
            await lab.press("s")
            await shows(lab, "mean of 9")
            await lab.press("s", "l")
            await until(lab, lambda: seen(lab) == plain)

    @pytest.mark.parametrize("key", ["l", "s"])
    async def test_a_key_in_the_footer_answers_where_it_stands(self, home: Home, key: str) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            before = seen(lab)
            await lab.press(key)
            await lab.pause()
            assert seen(lab) != before


class TestCancel:
    async def test_x_asks_the_worker(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            worker.train(0.5)
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("x")
                await shows(lab, "sunspots/5 will stop.", "◍ cancelling", "waiting for the worker to stop")
                assert worker.run.cancel_request.exists()
                worker.leave(Cancelled())
                await shows(lab, "⊘ cancelled")
                await lab.press("2")
                await shows(lab, "This run ended before it could predict.")

    async def test_x_on_a_done_run_says_that_there_is_nothing(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("x")
            await shows(lab, "There is nothing to cancel.")
        assert not run.cancel_request.exists()

    async def test_escape_leaves_the_run_going(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            before = contents(worker.run.directory)
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("escape")
                await comes_to(lab, HomeScreen)
                await open_run(lab)
                app = the_app(lab)
                await lab.press("q")
                await until(lab, lambda: not app.is_running)
            assert contents(worker.run.directory) == before


async def test_the_footer_fits_80_columns(home: Home) -> None:
    write_run(home, sunspots_trial(5))
    async with laboratory(home, NARROW) as lab:
        await open_run(lab)
        await looked_again(lab)
        for label in ("tab next tab", "x cancel", "e export", "esc home", "q leave", "? help"):
            assert label in lines(lab)[-1]


async def test_a_run_written_by_somebody_elses_session_is_followed(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
    async with laboratory(home) as lab:
        await open_run(lab)
        assert "● running  epoch 3/35" in lines(lab)[0]
        worker = Worker(run)  # Locks are per host: here the lock only keeps the test's worker to itself.
        worker.train(0.0625)
        await shows(lab, "epoch 4/35", "best .06250 @4")
        worker.leave()
        await looked_again(lab)
        assert "● running" in lines(lab)[0]
        assert run_screen(lab).watcher.run == run
