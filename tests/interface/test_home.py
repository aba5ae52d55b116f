"""Home's list: what it says of every run, live ones too, and what it says when it is empty."""

from datetime import UTC, datetime, timedelta

import pytest
from helpers.app import (
    DIVERGED,
    WIDE,
    at_work,
    comes_to,
    laboratory,
    line_with,
    lines,
    looked_again,
    no_processes,
    running_elsewhere,
    seen,
    shows,
)
from helpers.factory import alice_trial, sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.events import Cancelled, EpochEnded, Failed
from engine.runs.results import ForecastMetrics
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen
from tui.words import format as fmt


def ago(**time: float) -> datetime:
    """A time of submission so long before now."""
    return datetime.now(UTC) - timedelta(**time)


class TestEmpty:
    async def test_says_what_to_press(self, home: Home) -> None:
        async with laboratory(home) as lab:
            assert "No runs yet. Press n, then enter twice: sunspots/5" in seen(lab)
            assert "0 running" in lines(lab)[0]

    async def test_pressing_that_does_it(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await lab.press("n", "enter", "enter")
                await comes_to(lab, RunScreen)
                assert launched.trial.preset == "sunspots/5"

    async def test_looking_writes_nothing(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await looked_again(lab)
        assert not home.root.exists()

    async def test_keys_that_need_a_run_say_so(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("enter", "space")
            await lab.press("e")
            await shows(lab, "There is nothing to export yet.")
            await lab.press("x")
            await shows(lab, "There is nothing to cancel.")
            assert isinstance(lab.app.screen, HomeScreen)

    async def test_the_first_run_takes_its_place(self, home: Home) -> None:
        async with laboratory(home) as lab:
            write_run(home, sunspots_trial(5))
            await shows(lab, "✓ done")
            assert "No runs yet" not in seen(lab)


class TestRows:
    async def test_every_state_has_its_glyph_and_its_word(self, home: Home) -> None:
        write_run(home, sunspots_trial(2), end=None, epochs=3, host="elsewhere")
        write_run(home, sunspots_trial(3), end=None, epochs=3, host="elsewhere").request_cancel()
        write_run(home, sunspots_trial(4))
        write_run(home, sunspots_trial(5), end=DIVERGED, epochs=2)
        write_run(home, sunspots_trial(6), end=Failed(what="It broke."), epochs=2)
        write_run(home, sunspots_trial(7), end=Cancelled(), epochs=2)
        with at_work(home, sunspots_trial(8)):
            async with laboratory(home) as lab:
                for words in (
                    "◌ starting",
                    "● running",
                    "◍ cancelling",
                    "✓ done",
                    "✗ diverged",
                    "✗ failed",
                ):
                    assert words in seen(lab)
                assert "⊘ cancelled" in seen(lab)

    async def test_interrupted_is_not_cut(self, home: Home) -> None:
        write_run(home, sunspots_trial(1), end=None, epochs=3)
        async with laboratory(home) as lab:
            assert "! interrupted" in seen(lab)

    async def test_a_done_run_shows_measured_beside_published(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5, epochs=20), submitted=ago(hours=2, minutes=5))
        result = run.result()
        assert result is not None
        metrics = result.metrics
        assert isinstance(metrics, ForecastMetrics)
        async with laboratory(home) as lab:
            row = line_with(lab, "✓ done")
            assert "sunspots/5" in row
            assert f"{fmt.rmse(metrics.train_rmse)} / {fmt.rmse(metrics.test_rmse)}" in row
            assert ".060 / .079" in row
            assert row.endswith("2 h 05")

    async def test_what_was_changed_is_said(self, home: Home) -> None:
        write_run(home, sunspots_trial(5, epochs=20, activation="tanh & relu"))
        async with laboratory(home, WIDE) as lab:
            assert "epochs 35 → 20, activation linear → tanh & relu" in line_with(lab, "✓ done")

    async def test_columns_stand_under_their_headings(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            head, row = line_with(lab, "PUBLISHED"), line_with(lab, "✓ done")
            assert head.index("STATE") == row.index("✓")
            assert head.index("TRIAL") == row.index("sunspots/5")
            assert head.index("PUBLISHED") == row.index(".060 / .079")
            assert len(head) == len(row)

    async def test_a_running_run_has_its_bar_and_its_time(self, home: Home) -> None:
        running_elsewhere(home, "bbbb-run", submitted=ago(seconds=26))
        async with laboratory(home) as lab:
            rows = lines(lab)
            bar = rows[rows.index(line_with(lab, "● running")) + 1]
            full, empty = bar.count("▓"), bar.count("░")
            assert round(full / (full + empty), 1) == round(20 / 35, 1)
            assert "epoch 20/35" in bar
            assert bar.endswith(" s left")
            assert "1 running" in rows[0]

    async def test_the_loss_of_a_running_run_is_that_of_its_epoch(self, home: Home) -> None:
        running_elsewhere(home, "bbbb-run")
        async with laboratory(home) as lab:
            assert ".15000 @20" in line_with(lab, "● running")

    async def test_the_loss_of_an_iteration_is_its_own(self, home: Home) -> None:
        trial = alice_trial(1)
        run = write_run(home, trial, end=None, iterations=2, characters=7, host="elsewhere")
        losses = run.progress().losses
        async with laboratory(home) as lab:
            row = line_with(lab, "● running")
            said, _blank, number = row[row.index("@") - 8 :].partition("@")
            assert float(said) == pytest.approx(losses[int(number.split()[0]) - 1], abs=1e-4)

    async def test_news_of_a_run_that_ends(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            worker.train(0.5)
            async with laboratory(home) as lab:
                await lab.press("n")
                await comes_to(lab, NewScreen)
                worker.finish()
                await lab.press("escape")
                await shows(lab, "sunspots/5 done: .063 / .080.")

    async def test_a_run_that_starts_comes_to_the_top(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            with at_work(home, sunspots_trial(8)) as worker:
                worker.start()
                await shows(lab, "sunspots/8")
                shown = seen(lab)
                assert shown.index("sunspots/8") < shown.index("sunspots/5")


class TestLive:
    async def test_an_epoch_moves_the_bar(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            async with laboratory(home) as lab:
                await shows(lab, "◌ starting")
                worker.start()
                await shows(lab, "● running", "epoch 0/35")
                worker.train(0.5, 0.25)
                await shows(lab, "epoch 2/35", ".25000 @2")
                worker.say(EpochEnded(epoch=3, loss=0.125))
                await shows(lab, "epoch 3/35", ".12500 @3")
                worker.finish()
                await shows(lab, "✓ done", ".063 / .080")
                assert "░" not in seen(lab)

    async def test_a_worker_that_dies_leaves_an_interrupted_run(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await shows(lab, "● running")
                worker.leave()
                await shows(lab, "! interrupt")
