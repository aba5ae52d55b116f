"""A sunspot run on the screen: live, step by step, as it stands when it is done, and cancelled."""

from helpers.app import (
    Lab,
    Worker,
    at_work,
    comes_to,
    contents,
    epoch_rows,
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
from helpers.factory import made_up_loss, sunspots_trial, write_run

from engine.data.series import built_in
from engine.host.home import Home
from engine.runs.events import (
    Cancelled,
    EpochEnded,
    PhaseEntered,
    ReplicateEnded,
    ReplicateStarted,
    Warned,
)
from engine.runs.results import ForecastMetrics
from engine.runs.run import Run
from tui.screens.home import HomeScreen
from tui.screens.run import RunScreen
from tui.words import format as fmt


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
    async def test_several_seeds_have_a_line_each(self, home: Home) -> None:
        trial = sunspots_trial(5, epochs=2).model_copy(update={"replicates": 3})
        with at_work(home, trial) as worker:
            async with laboratory(home) as lab:
                await open_run(lab)
                for seed, rmse in ((1, 0.25), (2, None)):
                    worker.say(
                        ReplicateStarted(seed=seed),
                        EpochEnded(epoch=1, loss=0.5),
                        EpochEnded(epoch=2, loss=0.25),
                        ReplicateEnded(seed=seed, train_rmse=rmse, test_rmse=rmse and rmse / 2),
                    )
                await shows(lab, "diverged")
                head = next(y for y, line in enumerate(lines(lab)) if "SEED" in line)
                shown = [line.split() for line in lines(lab)[head : head + 3]]
                assert [row[:3] for row in shown] == [
                    ["SEED", "TRAIN", "TEST"],
                    ["2", "diverged"],
                    ["1", "0.2500", "0.1250"],
                ]

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
                await shows(
                    lab, "epoch 3/35", "loss .25000   best .12500 @2", "published .060 / .079"
                )
                assert [row[:2] for row in epoch_rows(lab)] == [
                    ["3", ".25000"],
                    ["2", ".12500"],
                    ["1", ".50000"],
                ]
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
                await shows(lab, "✓ done", "predicted", "observed", "baselines")
                split = built_in().required_periods[int(len(built_in().values) * 0.8) + 10]
                assert f"test from {split}" in seen(lab)
                assert seen(lab).count("┊") > 10
                metrics = metrics_of(worker.run)
                assert f"test {fmt.rmse(metrics.test_rmse)}   56 test points" in seen(lab)
                baselines = line_with(lab, "baselines")
                assert f"repeat last value {fmt.rmse(metrics.persistence.test_rmse)}" in baselines
                assert (
                    f"linear on 10 values {fmt.rmse(metrics.linear_autoregression.test_rmse)}"
                    in baselines
                )

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
            assert (
                f"train {fmt.rmse(metrics.train_rmse)}   test {fmt.rmse(metrics.test_rmse)}"
                in judged
            )
            assert "published .060 / .079" in judged
            assert "56 test points" in seen(lab)
            assert "took 42 s, waited 1 s" in lines(lab)[0]

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
            await shows(
                lab,
                "rnnlab-tui run sunspots/8 --seed 7 --set epochs=50",
                "tanh & relu",
                "19 weights",
            )
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


class TestCancel:
    async def test_x_asks_the_worker(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            worker.train(0.5)
            async with laboratory(home) as lab:
                await open_run(lab)
                await lab.press("x")
                await shows(
                    lab,
                    "sunspots/5 stops and keeps a checkpoint",
                    "◍ cancelling",
                    "waiting for the worker to stop",
                )
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


async def test_a_run_written_by_somebody_elses_session_is_followed(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
    async with laboratory(home) as lab:
        await open_run(lab)
        assert "● running  epoch 3/35" in lines(lab)[0]
        worker = Worker(
            run
        )  # Locks are per host: here the lock only keeps the test's worker to itself.
        worker.train(0.0625)
        await shows(lab, "epoch 4/35", "best .06250 @4")
        worker.leave()
        await looked_again(lab)
        assert "● running" in lines(lab)[0]
        assert run_screen(lab).snapshot.run == run
