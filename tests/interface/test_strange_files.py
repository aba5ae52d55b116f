"""Pipes, links, devices and huge files in the place of a run's, met by the application: it opens,
and says so.
"""

from pathlib import Path

import pytest
from helpers.app import (
    WIDE,
    flowing,
    laboratory,
    line_with,
    looked_again,
    open_run,
    seen,
    shows,
    the_app,
)
from helpers.factory import sunspots_trial, write_run
from helpers.strange_files import KINDS, SECRET, put_large_file, put_pipe

from engine.host.home import Home
from engine.runs import queue
from engine.runs.events import Cancelled, Failed

PLACES = (
    "trial.json",
    "events.jsonl",
    "result.json",
    "note.txt",
    "host.json",
    "worker.log",
    "checkpoint",
)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_list_opens_with_all_that_can_be_read(home: Home, kind: str) -> None:
    for number, place in enumerate(PLACES):
        run = write_run(home, sunspots_trial(5, epochs=3), run_id=f"strange-{number}")
        KINDS[kind](run.directory / place)
    write_run(home, sunspots_trial(1))
    async with laboratory(home, WIDE) as lab:
        await looked_again(lab)
        await looked_again(lab)
        assert "✓ done" in line_with(lab, "sunspots/1")
        if kind not in ("a file of 400 MB", "another user's file"):
            refused = len(PLACES) - (kind == "a folder")
            assert set(the_app(lab).watcher.latest.unreadable) == {
                f"strange-{number}"
                for number, place in enumerate(PLACES)
                if (kind, place) != ("a folder", "checkpoint")
            }
            assert f"{refused} runs can't be read. The first: " in flowing(lab)
        assert SECRET not in seen(lab)
        # Whatever has the cursor can be opened.
        for _run in the_app(lab).watcher.latest.runs:
            await open_run(lab)
            assert SECRET not in seen(lab)
            await lab.press("5", "escape")
            await looked_again(lab)
            await lab.press("down")


@pytest.mark.parametrize(
    "place", ["events.jsonl", "note.txt", "predictions.npz", "result.json", "trial.json"]
)
@pytest.mark.parametrize("kind", ["a named pipe", "a link to /dev/zero", "a link to a secret"])
async def test_what_comes_while_a_run_is_looked_at(home: Home, place: str, kind: str) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3), end=None, host="elsewhere", result=True)
    if place in ("predictions.npz", "result.json"):
        (run.directory / "events.jsonl").write_bytes(
            write_run(home, sunspots_trial(5, epochs=3), run_id="another").log.read_bytes()
        )
    if place == "predictions.npz":
        KINDS[kind](run.directory / place)
    async with laboratory(home, WIDE) as lab:
        the_app(lab).open_run(run)
        await lab.pause()
        KINDS[kind](run.directory / place)
        await looked_again(lab)
        await lab.app.workers.wait_for_complete()
        if place == "predictions.npz":
            await shows(lab, f"The predictions of run {run.id} can't be read.")
        elif place in ("events.jsonl", "note.txt"):
            await shows(lab, f"Can't read {run.directory / place}"[:60])
        assert SECRET not in seen(lab)
        await lab.press("5", "escape")
        await looked_again(lab)


async def test_the_worker_s_log_under_a_failure(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=Failed(what="It broke."), epochs=2)
    put_large_file(run.worker_log)
    with run.worker_log.open("ab") as file:
        file.write(b"\nthe last words\n")
    async with laboratory(home, WIDE) as lab:
        await open_run(lab)
        await lab.press("5")
        await shows(lab, "the last words")
        put_pipe(run.worker_log)
        await lab.press("escape")
        await open_run(lab)
        await lab.press("5")
        await shows(lab, "It can't be read: is a named pipe.")


@pytest.mark.parametrize("kind", KINDS)
async def test_in_the_place_of_the_queue_s_entries(home: Home, kind: str) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=0)
    KINDS[kind](home.queue / f"100000000000-{run.id}")
    async with laboratory(home) as lab:
        await looked_again(lab)
        if kind == "a folder":
            await shows(lab, "interrupted")
        else:
            await shows(lab, "queued 1")
            await lab.press("h")
            await shows(lab, "is held")
            await lab.press("x")
            await shows(lab, "Cancel it?")
            await lab.press("y")
            await shows(lab, "cancelled")
            assert queue.entries(home) == []


async def test_resuming_one_whose_log_became_a_link(home: Home, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("torn line")
    run = write_run(home, sunspots_trial(5), end=Cancelled(), epochs=2)
    async with laboratory(home, WIDE) as lab:
        await looked_again(lab)
        run.log.unlink()
        run.log.symlink_to(victim)
        await lab.press("r")
        await shows(lab, "is a symbolic link")
    assert victim.read_text() == "torn line"
