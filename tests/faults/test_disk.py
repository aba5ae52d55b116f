"""A disk that is full or refuses a write: the run says so, what was written stays, and with room
again it continues.
"""

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.factory import sunspots_trial
from helpers.faults import (
    Laboratory,
    deaths_of,
    end_of,
    events_of,
    is_whole,
    laboratory,
    outcome,
    queued_ids,
    state_of,
    wait_until,
    worker_of,
)
from helpers.terminal import Terminal

from engine.host.home import Home
from engine.operations.submission import accept
from engine.runs.events import Checkpointed, EpochEnded, Started
from engine.runs.run import Run

# Stands before every module of every process. What is to fail, and how, lies with the run: "fsync 5
# result.json".
_FAULTS = """
import errno, os, re
def refusing(operation, real):
    def call(subject, *more, **named):
        by_number = isinstance(subject, int)
        path = os.readlink(f"/proc/self/fd/{subject}") if by_number else os.fspath(subject)
        run = re.match(r".*/runs/[^/.]+/", path)
        if run and os.path.exists(run[0] + "fault"):
            with open(run[0] + "fault") as file:
                wanted, number, name = file.read().split()
            if wanted == operation and name in path[len(run[0]):]:
                raise OSError(int(number), os.strerror(int(number)), path)
        return real(subject, *more, **named)
    return call
os.fsync = refusing("fsync", os.fsync)
os.rename = refusing("rename", os.rename)
os.replace = refusing("rename", os.replace)
"""
FAULTS = {
    "fsync of the log": ("fsync", errno.EIO, "events.jsonl"),
    "rename of a checkpoint": ("rename", errno.EIO, "checkpoint/"),
    "no room for a checkpoint": ("fsync", errno.ENOSPC, "checkpoint/"),
    "no room for the result": ("fsync", errno.ENOSPC, "result.json"),
    "rename of the result": ("rename", errno.EIO, "result.json"),
}


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


def temporary_files(run: Run) -> list[Path]:
    return [path for path in run.directory.rglob(".*") if path.is_file()]


def test_a_disk_that_refuses_loses_nothing_of_what_was(lab: Laboratory, tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "sitecustomize.py").write_text(_FAULTS)
    undisturbed, *runs = accept(lab.home, [sunspots_trial(5, epochs=30)] * (1 + len(FAULTS)))
    for run, fault in zip(runs, FAULTS.values(), strict=True):
        (run.directory / "fault").write_text(" ".join(map(str, fault)))
    lab.variables = {"PYTHONPATH": str(tmp_path / "packages")}
    # Looking at the home wakes the supervisor.
    lab.call("runs")
    assert lab.ends(undisturbed) == "done"
    for run, (_operation, number, name) in zip(runs, FAULTS.values(), strict=True):
        assert lab.ends(run) == "failed"
        remedy = "Make room there: then" if number == errno.ENOSPC else "Once they can,"
        assert end_of(run) == (
            f"{os.strerror(number)}: files in {run.directory} can't be written. "
            f"{remedy} `rnnlab-tui resume {run.id}` continues it."
        )
        assert is_whole(run.log)
        assert temporary_files(run) == []
        assert not (run.directory / "result.json").exists()
        assert not (run.directory / "reserve").exists()
        metrics = json.loads(lab.call("show", run.id, "--json"))["metrics"]
        losses, every = metrics["losses"] if metrics else [], undisturbed.progress().losses
        # The first checkpoint may be due within the first epoch; with the result all have been.
        assert losses == (every if name == "result.json" else every[: len(losses)])
        assert str(run.directory) in lab.call("show", run.id)
        (run.directory / "fault").unlink()
    assert queued_ids(lab.home) == []
    lab.call("resume", *(run.id for run in runs))
    for run in runs:
        assert lab.ends(run) == "done"
        assert is_whole(run.log)
        assert outcome(run) == outcome(undisturbed)


def test_files_that_may_not_grow_that_far(lab: Laboratory) -> None:
    # The reserve and the log fit; a checkpoint of so large a network does not.
    lab.limits = (f"--fsize={100_000}",)
    (run,) = lab.queue("sunspots/5", "--set=epochs=2", "--set=hidden_units=128")
    assert lab.ends(run) == "failed"
    # XLA could not keep what it has compiled either, which is no reason to fail.
    assert any("training continues without it" in text for text in run.progress().warnings)
    assert f"{os.strerror(errno.EFBIG)}: files in {run.directory} can't be written." in end_of(run)
    assert is_whole(run.log)
    assert temporary_files(run) == []
    wait_until(lambda: not lab.is_supervised())
    lab.limits = ()
    lab.call("resume", run.id)
    assert lab.ends(run) == "done"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a small disk can't be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path, leave: int = 0) -> None:
    """Fill a disk until ``leave`` bytes are free."""
    free = os.statvfs(disk)
    size = free.f_bavail * free.f_frsize - leave
    with (disk / "filler").open("ab") as file:
        os.posix_fallocate(file.fileno(), file.tell(), size)


@pytest.mark.slow
@pytest.mark.parametrize(
    # A small network's log fills a page long before its next checkpoint; a large one's checkpoints
    # are what is large.
    ("leave", "hidden_units"),
    [(0, 3), (300_000, 256)],
    ids=["no room for the log", "no room for a checkpoint"],
)
def test_a_full_disk(small_disk: Path, tmp_path: Path, leave: int, hidden_units: int) -> None:
    with laboratory(Home(small_disk / "home")) as lab:
        (run,) = lab.queue(
            "sunspots/5", "--set=epochs=100000", f"--set=hidden_units={hidden_units}"
        )
        wait_until(lambda: any(isinstance(event, Checkpointed) for event in events_of(run)))
        fill(small_disk, leave)
        assert lab.ends(run, 30) == "failed"
        words = f"{os.strerror(errno.ENOSPC)}: files in {run.directory} can't be written."
        assert words in end_of(run)
        assert is_whole(run.log)
        assert temporary_files(run) == []
        assert words in lab.call("show", run.id)
        assert run.id in lab.call("runs")
        # The application lives, and says it.
        environment = {
            "RNNLAB_HOME": str(lab.home.root),
            "RNNLAB_LOCKS": os.environ["RNNLAB_LOCKS"],
        }
        with Terminal([], columns=160, env=environment, cwd=tmp_path) as terminal:
            terminal.wait_for("✗ failed")
            terminal.press("enter")
            # How it is wrapped depends on the folder's name.
            terminal.wait_for(lambda text: "Make room there: then" in " ".join(text.split()))
            terminal.press("q")
            assert terminal.wait_for_end() == 0
        if leave == 0:
            # What can't be taken on is refused, and changes nothing, once what was kept for last
            # words is full too.
            fill(small_disk)
            assert os.strerror(errno.ENOSPC) in lab.call("run", "sunspots/5", "--detach", status=1)
            assert lab.call("runs").count("sunspots-5  ") == 1
        before = [event for event in events_of(run) if isinstance(event, EpochEnded)]
        assert len(run.progress().losses) == len(before)
        (small_disk / "filler").unlink()
        lab.call("resume", run.id)
        wait_until(lambda: len(run.progress().losses) > len(before))
        assert worker_of(run)
        lab.call("cancel", run.id)
        assert state_of(run) == "cancelled"


@pytest.mark.slow
def test_a_disk_too_full_for_what_is_compiled_costs_only_the_cache(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    undisturbed = Home(tmp_path / "home")
    with laboratory(undisturbed) as lab:
        (run,) = lab.queue("sunspots/5", "--set=epochs=3")
        assert lab.ends(run) == "done"
        expected = outcome(run)
    shutil.rmtree(tmp_path / "cache")
    with laboratory(Home(small_disk / "home")) as lab:
        lab.call("runs")
        (small_disk / "home").mkdir(exist_ok=True)
        # Less than a compiled program takes, and enough for all that a run has to keep.
        fill(small_disk, 400_000)
        (run,) = lab.queue("sunspots/5", "--set=epochs=3")
        assert lab.ends(run) == "done"
        assert run.progress().warnings == [
            f"What was compiled can't be kept in {run.directory} (No space left on device): "
            f"training continues without it."
        ]
        # One worker after another, as one process, and nobody took it for dead.
        started = [event for event in events_of(run) if isinstance(event, Started)]
        assert len({event.pid for event in started}) == 1
        assert len(started) == 2
        assert deaths_of(run) == []
        assert outcome(run) == expected
        assert not (run.directory / "compiled").exists()


@pytest.mark.slow
@pytest.mark.parametrize("full", ["TMPDIR", "XDG_CACHE_HOME"])
def test_other_folders_that_are_full_cost_nothing(
    small_disk: Path, home: Home, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    monkeypatch.setenv(full, str(small_disk))
    fill(small_disk)
    with laboratory(home) as lab:
        (run,) = lab.queue("sunspots/5", "--set=epochs=3")
        assert lab.ends(run) == "done"
