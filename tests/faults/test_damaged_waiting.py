"""A waiting run that is damaged, and what killed processes leave: the queue continues, and nothing
stays behind.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.command_line import PROGRAM
from helpers.factory import sunspots_trial, write_run
from helpers.faults import Laboratory, kill, laboratory, queued_ids, wait_until

from engine.host import locks
from engine.host.home import Home
from engine.runs.events import Cancelled
from engine.runs.run import Run

LONG = ("sunspots/5", "--set", "epochs=60000")


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


def damage_trial(run: Run) -> None:
    (run.directory / "trial.json").write_text("{")


def lose_trial(run: Run) -> None:
    (run.directory / "trial.json").unlink()


def damage_all(run: Run) -> None:
    """Lose also what says whose run it is."""
    run.host_file.unlink()
    damage_trial(run)


def become_a_link(run: Run) -> None:
    elsewhere = run.home.root / "elsewhere"
    shutil.copytree(run.directory, elsewhere)
    shutil.rmtree(run.directory)
    run.directory.symlink_to(elsewhere)


def log_a_pipe(run: Run) -> None:
    run.log.unlink(missing_ok=True)
    os.mkfifo(run.log)


def entry_a_pipe(run: Run) -> None:
    (entry,) = [path for path in run.home.queue.iterdir() if path.name.endswith(run.id)]
    entry.unlink()
    os.mkfifo(entry)
    shutil.rmtree(run.directory)


DAMAGES = [damage_trial, lose_trial, damage_all, become_a_link, log_a_pipe, entry_a_pipe]


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_supervisor_gives_it_up_and_goes_on(
    lab: Laboratory, damage: Callable[[Run], None]
) -> None:
    (first,) = lab.queue(*LONG, "--jobs", "1")
    damaged, last = lab.queue("sunspots/5", "sunspots/5")
    wait_until(lambda: locks.is_held(first.directory))
    damage(damaged)
    lab.call("cancel", first.id)
    assert lab.ends(last) == "done"
    wait_until(lambda: not lab.is_supervised())
    assert queued_ids(lab.home) == []
    said = (lab.home.root / "supervisor.log").read_text()
    assert "Traceback" not in said
    if damage is not entry_a_pipe:
        assert f"run {damaged.id} is given up: " in said
        assert f"{damaged.id}: Run {damaged.id} can't be" in lab.call("runs")
        assert lab.call("delete", damaged.id, "--yes") == f"{damaged.id}\n"
    if damage is become_a_link:
        assert (lab.home.root / "elsewhere" / "trial.json").exists()


def test_a_log_that_another_user_owns_waits_without_a_supervisor(lab: Laboratory) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    (first,) = lab.queue(*LONG, "--jobs", "1")
    waiting, last = lab.queue("sunspots/5", "sunspots/5")
    wait_until(lambda: locks.is_held(first.directory))
    waiting.log.touch()
    os.chown(waiting.log, 12_345, -1)
    lab.call("cancel", first.id)
    assert lab.ends(last) == "done"
    wait_until(lambda: not lab.is_supervised())
    assert queued_ids(lab.home) == [waiting.id]
    # It can be read again, and so whoever looks has it started.
    os.chown(waiting.log, os.geteuid(), -1)
    lab.call("runs")
    assert lab.ends(waiting) == "done"


@pytest.mark.parametrize("moment", ["os.mkdir", "os.rename", "engine.runs.queue.add"])
def test_an_acceptance_that_was_killed_leaves_nothing(
    lab: Laboratory, tmp_path: Path, moment: str
) -> None:
    """Killed at the n-th call of what makes a run's folder and the files in it."""
    module, _dot, name = moment.rpartition(".")
    (tmp_path / "killing").mkdir()
    (tmp_path / "killing" / "sitecustomize.py").write_text(
        f"import os, signal\nimport {module} as module\nreal = module.{name}\n"
        f"def call(subject, *more, **named):\n"
        f"    done = real(subject, *more, **named)\n"
        f"    if '.new-' in str(subject) or '{name}' == 'add':\n        os.kill(os.getpid(), "
        f"signal.SIGKILL)\n"
        f"    return done\nmodule.{name} = call\n"
    )
    killed = subprocess.run(
        [PROGRAM, "run", "sunspots/5", "sunspots/4", "--detach"],
        env=os.environ
        | {"RNNLAB_HOME": str(lab.home.root), "PYTHONPATH": str(tmp_path / "killing")},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    left = [path for path in lab.home.runs.iterdir() if path.name.startswith(".new-")]
    assert left or moment == "os.rename"
    (run,) = lab.queue("sunspots/5")
    assert not [path for path in lab.home.runs.iterdir() if path.name.startswith(".new-")]
    assert lab.ends(run) == "done"


def test_a_deletion_that_was_killed_is_finished_by_the_next_supervisor(lab: Laboratory) -> None:
    run = write_run(lab.home, sunspots_trial(5, epochs=3))
    hidden = run.directory.rename(run.directory.with_name(f".deleted-{run.id}"))
    (other,) = lab.queue("sunspots/5")
    assert lab.ends(other) == "done"
    assert not hidden.exists()


class TestDeleting:
    def test_a_folder_of_ones_own_that_is_closed(self, home: Home, as_user: list[str]) -> None:
        run = write_run(home, sunspots_trial(5, epochs=3))
        run.checkpoints.mkdir()
        (run.checkpoints / "3.npz").write_text("x")
        run.checkpoints.chmod(0o500)
        done = self.delete(home, run, as_user)
        assert (done.returncode, done.stderr) == (0, "")
        assert [path for path in home.runs.iterdir() if path.name != locks.FOLDER] == []

    def test_what_can_t_be_removed_is_said_and_stays_to_be_seen(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5, epochs=3), end=Cancelled())
        stuck = run.directory / "weights.npz"
        stuck.write_text("x")
        if subprocess.run(["chattr", "+i", stuck], capture_output=True, check=False).returncode:
            pytest.skip("files can't be made immutable here")
        try:
            done = self.delete(home, run, [])
            assert done.returncode == 1
            assert f"Can't delete {stuck}: Operation not permitted." in done.stderr
            assert f"`rnnlab-tui delete {run.id}`" in done.stderr
            assert run.directory.exists()
        finally:
            subprocess.run(["chattr", "-i", stuck], check=True)
        assert self.delete(home, run, []).returncode == 0
        assert [path for path in home.runs.iterdir() if path.name != locks.FOLDER] == []

    @staticmethod
    def delete(home: Home, run: Run, under: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*under, PROGRAM, "--home", str(home.root), "delete", run.id, "--yes"],
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def as_user() -> list[str]:
    """What a command is run under for modes to hold: they do not stop root."""
    return (
        ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    )


def test_a_killed_worker_s_half_written_checkpoint_is_removed(lab: Laboratory) -> None:
    (run,) = lab.queue(*LONG)
    wait_until(lambda: run.checkpoints.exists() and list(run.checkpoints.iterdir()))
    left = run.checkpoints / ".7.npz.0123456789abcdef"
    left.write_text("half")
    wait_until(lambda: not left.exists())
    lab.call("cancel", run.id)
    for pid in (worker.pid for worker in [run.progress().worker] if worker):
        kill(pid)
