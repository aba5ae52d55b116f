"""A run that had ended and continues, whoever resumed it, is shown as it stands: in the list and on
its page.
"""

import threading

import pytest
from helpers.app import (
    PATIENCE_S,
    Lab,
    Launched,
    Worker,
    comes_to,
    flowing,
    laboratory,
    line_with,
    lines,
    looked_again,
    no_processes,
    open_run,
    seen,
    shows,
    until,
    working,
)
from helpers.command_line import call, nothing_starts
from helpers.factory import sunspots_trial, write_run

from engine.host.home import Home
from engine.runs import queue
from engine.runs.checkpoints import Checkpoint, write_checkpoint
from engine.runs.events import Cancelled, Failed, Resumed
from engine.runs.run import Run
from tui.screens.home import HomeScreen
from tui.screens.run import RunScreen

BROKE = Failed(what="It broke.", remedy="Fix it.")


def ended(home: Home, end: Failed | Cancelled) -> tuple[Run, dict[str, bytes]]:
    """A run that has ended early, and the files that a worker will have put there once it is
    done.
    """
    run = write_run(home, sunspots_trial(5), end=end, epochs=3, result=True)
    results = {
        name: (run.directory / name).read_bytes() for name in ("result.json", "predictions.npz")
    }
    for name in results:
        (run.directory / name).unlink()
    return run, results


def take_up(worker: Worker, results: dict[str, bytes]) -> None:
    """Have a worker say what the first one says of a run that is running."""
    worker.results = results
    worker.say(Resumed(after=0))
    worker.start()


async def launched_worker(lab: Lab, launched: Launched) -> Worker:
    """Wait until a worker has been launched for the one run."""
    await until(lab, lambda: launched.workers)
    return launched.workers[0]


@pytest.mark.parametrize("end", [BROKE, Cancelled()], ids=["failed", "cancelled"])
async def test_resumed_on_its_page_it_is_done_in_the_list(
    home: Home, monkeypatch: pytest.MonkeyPatch, end: Failed | Cancelled
) -> None:
    _run, results = ended(home, end)
    with no_processes(monkeypatch) as launched:
        async with laboratory(home) as lab:
            before = line_with(lab, "sunspots/5")
            assert "failed" in before or "cancelled" in before
            await open_run(lab)
            await lab.press("r")
            worker = await launched_worker(lab, launched)
            take_up(worker, results)
            worker.train(0.5)
            await shows(lab, "● running")
            worker.finish()
            await shows(lab, "✓ done")
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
            await looked_again(lab)
            assert "✓ done" in line_with(lab, "sunspots/5")
            assert ".063 / .080" in line_with(lab, "sunspots/5")
            assert "It broke." not in seen(lab)
            assert "failed" not in lines(lab)[0]
            await shows(lab, "sunspots/5 done: .063 / .080.")


async def test_resumed_on_its_page_it_may_fail_again_for_another_reason(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, results = ended(home, BROKE)
    run.worker_log.write_text("the first worker's last words\n")
    with no_processes(monkeypatch) as launched:
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("5")
            await shows(lab, "the first worker's last words")
            await lab.press("r")
            worker = await launched_worker(lab, launched)
            take_up(worker, results)
            await shows(lab, "● running")
            run.worker_log.write_text("the second one's\n")
            worker.leave(Failed(what="The cat ate it."))
            await shows(lab, "✗ failed", "The cat ate it.", "the second one's")
            await lab.press("escape")
            await shows(lab, "The cat ate it.")
            assert "It broke." not in seen(lab)


async def test_the_command_in_another_terminal_has_it_go_on(home: Home) -> None:
    run, results = ended(home, BROKE)
    with nothing_starts(home):
        async with laboratory(home) as lab:
            await shows(lab, "✗ failed", "It broke. Fix it.", "1 failed")
            assert call(home, "resume", run.id).returncode == 0
            await shows(lab, "◷ queued 1")
            assert "It broke." not in seen(lab)
            # And while its page is open.
            await open_run(lab)
            worker = Worker(run)
            take_up(worker, results)
            worker.train(0.5)
            await shows(lab, "● running")
            worker.leave(BROKE)
            await shows(lab, "✗ failed")
            assert call(home, "resume", run.id).returncode == 0
            await shows(lab, "◷ queued")
            worker = Worker(run)
            take_up(worker, results)
            worker.finish()
            await shows(lab, "✓ done", "test .080")
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
            await looked_again(lab)
            assert "✓ done" in line_with(lab, "sunspots/5")


FROM_THE_START = "sunspots/5 is queued again, from the start: it has no checkpoint."
GOES_ON = "sunspots/5 continues from its last checkpoint."


@pytest.mark.parametrize("page", [HomeScreen, RunScreen], ids=["list", "run"])
@pytest.mark.parametrize("checkpoint", ["none", "whole", "damaged", "ahead"])
async def test_it_is_said_whether_there_is_a_checkpoint(
    home: Home, monkeypatch: pytest.MonkeyPatch, checkpoint: str, page: type[HomeScreen | RunScreen]
) -> None:
    run, _results = ended(home, BROKE)
    if checkpoint != "none":
        write_checkpoint(run.checkpoints, Checkpoint(99 if checkpoint == "ahead" else 3, {}))
    if checkpoint == "damaged":
        (run.checkpoints / "3.npz").write_bytes(b"torn")
    with no_processes(monkeypatch):
        async with laboratory(home) as lab:
            if page is RunScreen:
                await open_run(lab)
            await lab.press("r")
            await shows(lab, GOES_ON if checkpoint == "whole" else FROM_THE_START)


@pytest.mark.parametrize("page", [HomeScreen, RunScreen], ids=["list", "run"])
async def test_what_was_said_goes_when_the_run_fails_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, page: type[HomeScreen | RunScreen]
) -> None:
    ended(home, BROKE)
    with no_processes(monkeypatch) as launched:
        async with laboratory(home) as lab:
            if page is RunScreen:
                await open_run(lab)
            await lab.press("r")
            await shows(lab, FROM_THE_START)
            worker = await launched_worker(lab, launched)
            worker.say(Resumed(after=0))
            worker.start()
            await shows(lab, FROM_THE_START, "● running")
            worker.leave(BROKE)
            await shows(lab, "✗ failed", BROKE.what)
            assert FROM_THE_START not in flowing(lab)


@pytest.mark.parametrize("page", [HomeScreen, RunScreen], ids=["list", "run"])
async def test_it_is_not_said_of_a_run_that_has_failed_again_by_then(
    home: Home, monkeypatch: pytest.MonkeyPatch, page: type[HomeScreen | RunScreen]
) -> None:
    ended(home, BROKE)
    looked = threading.Event()

    def fail_at_once(home: Home) -> None:
        """Have a worker that fails, and somebody look, before the request returns."""
        (entry,) = queue.entries(home)
        queue.remove(home, entry.run_id)
        worker = Worker(Run(home.runs / entry.run_id))
        worker.start()
        worker.leave(Failed(what="The dog ate it."))
        assert looked.wait(PATIENCE_S)

    monkeypatch.setattr("engine.supervision.launch.start_supervisor", fail_at_once)
    async with laboratory(home) as lab:
        if page is RunScreen:
            await open_run(lab)
        await lab.press("r")
        await shows(lab, "The dog ate it.")
        looked.set()
        await lab.app.workers.wait_for_complete()
        await lab.pause()
        assert FROM_THE_START not in flowing(lab)
        assert "The dog ate it." in flowing(lab)


async def test_that_a_run_is_next_is_said_until_it_is_started(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=0, result=False)
    run.log.unlink()
    queue.add(home, [run.id])
    with nothing_starts(home):
        async with laboratory(home) as lab:
            await lab.press("f")
            await shows(lab, "sunspots/5 is next.")
            with working(run) as worker:
                worker.start()
                await shows(lab, "● running")
                assert "is next" not in flowing(lab)
