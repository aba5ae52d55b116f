"""A run that has trained for a while is not cancelled by one key, and r takes it up again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from helpers.app import (
    Lab,
    Worker,
    comes_to,
    home_screen,
    laboratory,
    line_with,
    looked_again,
    open_run,
    seen,
    shows,
    the_app,
    until,
)
from helpers.factory import sunspots_trial, write_run

from engine.host.home import Home
from engine.operations import control
from engine.runs import queue
from engine.runs.checkpoints import Checkpoint, write_checkpoint
from engine.runs.events import Cancelled, EpochEnded, Failed, PhaseEntered, Started
from engine.runs.run import Run
from tui.screens.home import HomeScreen
from tui.screens.run import RunScreen
from tui.widgets.runlist import RunList


@contextmanager
def training(home: Home, seconds: float) -> Iterator[tuple[Run, Worker]]:
    """Have a made-up worker that began to train some seconds ago."""
    run = write_run(home, sunspots_trial(5), end=None, epochs=2, result=False)
    begun = time.time() - seconds
    run.log.unlink()
    worker = Worker(run)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("time.time", lambda: begun)
            worker.say(Started(pid=1, host="here", started=begun), PhaseEntered(phase="training"))
            worker.say(EpochEnded(epoch=1, loss=0.5))
        yield run, worker
    finally:
        worker.leave()


async def answered(lab: Lab) -> None:
    """Wait until every key has had its effect, and what it asked for has been done."""
    await until(lab, lambda: the_app(lab).all_keys_handled)
    await lab.app.workers.wait_for_complete()


@pytest.mark.parametrize("page", [HomeScreen, RunScreen], ids=["list", "run"])
class TestAfterAWhile:
    async def test_it_asks(self, home: Home, page: type[HomeScreen | RunScreen]) -> None:
        with training(home, 1800) as (run, _worker):
            async with laboratory(home) as lab:
                await shows(lab, "running")
                if page is RunScreen:
                    await open_run(lab)
                await lab.press("x")
                await shows(lab, "sunspots/5 is 3% done. Cancel it? y yes, esc no.")
                assert not run.cancel_request.exists()
                await lab.press("y")
                await until(lab, run.cancel_request.exists)
                await shows(lab, "r resumes it from there")

    @pytest.mark.parametrize("keys", [["escape"], ["n"], ["k", "y"], ["x"]], ids=" ".join)
    async def test_anything_but_y_lets_it_go_on(
        self, home: Home, page: type[HomeScreen | RunScreen], keys: list[str]
    ) -> None:
        with training(home, 1800) as (run, _worker):
            async with laboratory(home) as lab:
                await shows(lab, "running")
                if page is RunScreen:
                    await open_run(lab)
                await lab.press("x", *keys)
                await answered(lab)
                assert type(lab.app.screen) is page
                assert not run.cancel_request.exists()


@pytest.mark.parametrize("key", ["escape", "y", "down"])
async def test_news_wait_until_the_question_is_answered(home: Home, key: str) -> None:
    with training(home, 1800) as (run, _worker):
        other = write_run(home, sunspots_trial(8), end=None, epochs=0, result=False, run_id="other")
        other.log.unlink()
        queue.add(home, [other.id])
        async with laboratory(home) as lab:
            await shows(lab, "running", "queued")
            while (
                current := home_screen(lab).query_one(RunList).current
            ) is None or current.run.id != run.id:
                await lab.press("down")
            await lab.press("x")
            await shows(lab, "sunspots/5 is 3% done. Cancel it?")
            control.cancel(other)
            await until(lab, lambda: "cancelled" in line_with(lab, "sunspots/8"))
            await looked_again(lab)
            assert "sunspots/5 is 3% done. Cancel it?" in seen(lab)
            assert "sunspots/8 cancelled." not in seen(lab)
            await lab.press(key)
            await answered(lab)
            assert run.cancel_request.exists() == (key == "y")
            if key == "y":
                await shows(lab, "r resumes it from there")
                await lab.press("down")
            await shows(lab, "sunspots/8 cancelled.")
            await lab.press("y")
            await answered(lab)
            assert run.cancel_request.exists() == (key == "y")


async def test_a_question_that_can_no_longer_be_seen_is_not_answered(home: Home) -> None:
    with training(home, 1800) as (run, _worker):
        async with laboratory(home) as lab:
            await shows(lab, "running")
            await lab.press("x")
            await shows(lab, "Cancel it?")
            await lab.resize_terminal(30, 10)
            await shows(lab, "too small")
            await lab.resize_terminal(80, 24)
            await until(lab, lambda: "too small" not in seen(lab))
            assert "Cancel it?" not in seen(lab)
            await lab.press("y")
            await answered(lab)
            assert not run.cancel_request.exists()


async def test_what_has_ended_while_it_was_asked_about_is_not_said_to_stop(home: Home) -> None:
    with training(home, 1800) as (_run, worker):
        async with laboratory(home) as lab:
            await shows(lab, "running")
            await lab.press("x")
            await shows(lab, "Cancel it?")
            worker.leave(Failed(what="It broke.", remedy="Fix it."))
            await shows(lab, "1 failed")
            await lab.press("y")
            await shows(lab, "There is nothing to cancel.")


async def test_at_its_beginning_it_is_cancelled_at_once(home: Home) -> None:
    with training(home, 1) as (run, _worker):
        async with laboratory(home) as lab:
            await shows(lab, "running")
            await lab.press("x")
            await until(lab, run.cancel_request.exists)
            await shows(lab, "r resumes it from there")


async def test_r_takes_it_up_when_it_has_stopped(home: Home) -> None:
    with training(home, 1800) as (run, worker):
        async with laboratory(home) as lab:
            await shows(lab, "running")
            await open_run(lab)
            await comes_to(lab, RunScreen)
            await lab.press("x", "y")
            await shows(lab, "cancelling")
            await lab.press("r")
            await shows(lab, "sunspots/5 is still stopping. Press r when it has.")
            write_checkpoint(run.checkpoints, Checkpoint(3, {}))
            worker.leave(Cancelled())
            await shows(lab, "cancelled")
            await lab.press("r")
            await shows(lab, "sunspots/5 continues from its last checkpoint.")
            assert not run.cancel_request.exists()
