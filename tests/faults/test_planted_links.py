"""Links where files of a run should be, as they may come with somebody's folder: what they name is
never written.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import call
from helpers.factory import sunspots_trial, write_run
from helpers.faults import queued_ids, state_of

from engine.errors import LabError
from engine.host import locks
from engine.host.home import Home
from engine.runs import queue
from engine.runs.checkpoints import Checkpoint, write_checkpoint
from engine.runs.events import Cancelled, EventWriter
from engine.runs.run import Run
from engine.supervision.launch import launch


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Path]:
    """A folder that is nobody's business; in the end it is as it was."""
    folder = tmp_path / "victim"
    (folder / "thesis-1").mkdir(parents=True)
    (folder / "thesis.txt").write_text("torn line without an end")
    for number in range(3):
        (folder / f"{number}.npz").write_text("measured for years")
    before = contents(folder)
    yield folder
    assert contents(folder) == before


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return what lies in a folder, with the times of its last changes."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes() if path.is_file() else b"",
            path.stat().st_mtime_ns,
        )
        for path in [folder, *folder.rglob("*")]
    }


def replace(path: Path, target: Path) -> None:
    """Put a link to ``target`` in the place of a file or folder."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.symlink_to(target)


def test_a_run_s_log(home: Home, victim: Path) -> None:
    run = write_run(home, sunspots_trial(5), end=Cancelled(), epochs=3)
    log = run.log.read_bytes()
    target = victim / "thesis.txt"
    replace(run.log, target)
    queue.add(home, [run.id])
    for words in (["resume"], ["cancel"]):
        refused = call(home, *words, run.id)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.count("\n") == 1
        assert "events.jsonl is a symbolic link" in refused.stderr
    # Nor where the link comes a moment later.
    with pytest.raises(OSError, match="symbolic"):
        EventWriter(run.log)
    run.log.unlink()
    run.log.write_bytes(log)
    assert state_of(run) == "cancelled"
    replace(run.log, target)
    assert call(home, "delete", "--yes", run.id).returncode == 0
    assert not run.directory.exists()


def test_a_run_s_other_files(home: Home, victim: Path) -> None:
    run = write_run(home, sunspots_trial(5), epochs=3, end=None)
    for name in ("worker.log", "note.txt", "reserve"):
        replace(run.directory / name, victim / "thesis.txt")
    for name in ("control", "checkpoint"):
        replace(run.directory / name, victim)
    with pytest.raises(OSError, match="symbolic"):
        write_checkpoint(run.checkpoints, Checkpoint(7, {}))
    with pytest.raises(LabError, match="symbolic"):
        run.request_cancel()
    lock = locks.acquire(run.directory)
    assert lock is not None
    with pytest.raises(OSError, match="symbolic"):
        launch(run, lock, 1)
    for words in (["cancel"], ["resume"], ["delete", "--yes"]):
        assert "is a symbolic link" in call(home, *words, run.id).stderr
    # Nobody is at work on it any more.
    os.close(lock)
    assert call(home, "delete", "--yes", run.id).returncode == 0
    assert list(home.runs.iterdir()) == [home.runs / locks.FOLDER]


def test_a_run_s_directory(home: Home, victim: Path) -> None:
    kept = write_run(home, sunspots_trial(4), epochs=1)
    whole = write_run(Home(victim.parent / "other"), sunspots_trial(5), end=Cancelled(), epochs=3)
    before = contents(whole.directory)
    link = home.runs / "cccc-sunspots-5"
    link.symlink_to(whole.directory)
    queue.add(home, [link.name])
    for words in (["extend", "--set", "epochs=90"], ["release"], ["first"], ["watch"], ["resume"]):
        refused = call(home, *words, link.name)
        assert (refused.returncode, refused.stdout) == (1, ""), words
        assert f"{link} is a symbolic link." in refused.stderr, words
    assert call(home, "note", link.name, "mine").returncode == 1
    listed = call(home, "runs", "--json")
    assert [json.loads(line)["id"] for line in listed.stdout.splitlines()] == [kept.id]
    assert "is a symbolic link" in listed.stderr
    assert link.is_symlink()
    assert call(home, "delete", "--yes", link.name).returncode == 0
    assert not link.is_symlink()
    assert queued_ids(home) == []
    assert contents(whole.directory) == before


def test_the_folder_of_runs_and_the_queue_s_entries(home: Home, victim: Path) -> None:
    """A person may keep the runs on another disk. What else lies there is left alone."""
    home.root.mkdir()
    elsewhere = victim.parent / "disk"
    shutil.copytree(victim, elsewhere)
    home.runs.symlink_to(elsewhere)
    run = write_run(home, sunspots_trial(5), epochs=3)
    home.queue.mkdir()
    for name in (f"100000000000-{run.id}", "100000000001-thesis-1", "jobs", "100000000002-gone"):
        (home.queue / name).symlink_to(victim / "thesis.txt")
    with queue.locked(home):
        queue.move_to_front(home, "thesis-1")
        queue.remove(home, run.id)
        queue.set_concurrency(home, 1)
    assert call(home, "delete", run.id, "--yes").returncode == 0
    assert {path.name for path in elsewhere.iterdir()} == {path.name for path in victim.iterdir()}
    assert "thesis-1" in call(home, "runs").stderr


def test_a_lock(home: Home, victim: Path) -> None:
    run = write_run(home, sunspots_trial(5), end=Cancelled(), epochs=3)
    planted = victim / "planted"
    lock = locks.lock_file(run.directory)
    lock.parent.mkdir()
    lock.symlink_to(planted)
    refused = call(home, "resume", run.id)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "Can't make the lock" in refused.stderr
    assert not planted.exists()


def test_a_run_that_is_not_a_folder(home: Home, victim: Path) -> None:
    home.runs.mkdir(parents=True)
    (home.runs / "dddd-sunspots-5").symlink_to(victim / "thesis.txt")
    assert call(home, "delete", "dddd-sunspots-5", "--yes").returncode == 2
    assert call(home, "runs").returncode == 0
    assert Run(home.runs / "dddd-sunspots-5").log.exists() is False
