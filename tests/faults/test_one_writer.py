"""One supervisor a home and one writer a log, whatever becomes of locks, whoever looks, whatever
the host is called.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from helpers.command_line import call
from helpers.factory import sunspots_trial, write_run
from helpers.faults import (
    COMMAND,
    Laboratory,
    deaths_of,
    events_of,
    is_whole,
    kill,
    laboratory,
    outcome,
    processes,
    queued_ids,
    state_of,
    wait_until,
    worker_of,
)

from engine.host import locks
from engine.host.home import Home
from engine.host.identity import this_host
from engine.runs.events import EpochEnded, Started
from engine.runs.run import Run
from engine.supervision.launch import is_supervised

ANOTHER = 12_345
"""The number of a user that is not the one of the tests."""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


LONG = ("sunspots/5", "--set", "epochs=60000")
SHORT = ("sunspots/5", "--set", "epochs=2000")


def trains(run: Run) -> bool:
    return any(isinstance(event, EpochEnded) for event in events_of(run))


def beginnings_of(run: Run) -> list[Started]:
    return [event for event in events_of(run) if isinstance(event, Started)]


def supervisors(home: Home) -> list[int]:
    return processes("engine.supervision.supervisor", str(home.root))


def remove_locks(home: Home) -> None:
    """Remove the folders of locks, as whoever takes hidden folders for rubbish does."""
    for parent in (home.root, home.runs):
        shutil.rmtree(parent / locks.FOLDER)


@contextmanager
def given_away(home: Home) -> Iterator[None]:
    """Make the home another user's: whoever looks in the meantime is not its owner."""
    folders = [home.root, *(path for path in home.root.rglob("*") if path.is_dir())]
    for folder in folders:
        os.chown(folder, ANOTHER, -1)
    try:
        yield
    finally:
        for folder in folders:
            if folder.exists():
                os.chown(folder, os.geteuid(), -1)


@as_root
def test_another_user_s_look_starts_nothing_and_is_told_so(lab: Laboratory) -> None:
    run, waiting = lab.queue(*SHORT, "sunspots/5", "--set", "hidden_units=3", "--jobs", "1")
    wait_until(lambda: trains(run))
    supervising = supervisors(lab.home)
    stopped = [worker_of(run), *supervising]
    for pid in stopped:
        kill(pid, signal.SIGSTOP)
    try:
        with given_away(lab.home):
            listed = call(lab.home, "runs")
            assert listed.returncode == 0
            assert "running" in listed.stdout
            assert f"{lab.home.root} belongs to #{ANOTHER}: it is only read." in listed.stderr
            assert call(lab.home, "show", run.id).returncode == 0
            with lab.terminal() as terminal:
                terminal.wait_for("it is only read")
                terminal.press("x")
                terminal.wait_for(f"belongs to #{ANOTHER}")
            assert supervisors(lab.home) == supervising
    finally:
        for pid in stopped:
            kill(pid, signal.SIGCONT)
    for one in (run, waiting):
        assert lab.ends(one) == "done"
        assert (len(beginnings_of(one)), is_whole(one.log)) == (1, True)


@as_root
@pytest.mark.parametrize(
    "command",
    [
        ("run", "sunspots/5", "--detach"),
        ("cancel", "{id}"),
        ("resume", "{id}"),
        ("extend", "{id}", "--set", "epochs=900"),
        ("hold", "{id}"),
        ("release", "{id}"),
        ("first", "{id}"),
        ("adopt", "{id}"),
        ("delete", "{id}", "--yes"),
        ("note", "{id}", "mine"),
        ("data", "add", "mine", "{home}/table.csv"),
    ],
    ids=lambda command: command[0],
)
def test_another_user_s_home_is_not_written_to(home: Home, command: tuple[str, ...]) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=3)
    (home.root / "table.csv").write_text(
        "month,value\n" + "".join(f"{1990 + n // 12}-{n % 12 + 1:02},{n}\n" for n in range(99))
    )
    before = sorted((path, path.read_bytes()) for path in home.root.rglob("*") if path.is_file())
    with given_away(home):
        done = call(home, *(word.format(id=run.id, home=home.root) for word in command))
        assert done.returncode in (1, 2)
        # A user without a name is #NUMBER, which a shell takes for a comment unless it is quoted.
        assert (
            f"belongs to #{ANOTHER}: only its owner can work there. Work as that user (sudo -u "
            f"'#{ANOTHER}' …)" in (done.stderr)
        )
        assert "Traceback" not in done.stderr
        assert (
            sorted((path, path.read_bytes()) for path in home.root.rglob("*") if path.is_file())
            == before
        )


def test_locks_that_are_removed_while_a_run_trains_are_missed_by_nobody(lab: Laboratory) -> None:
    (undisturbed,) = lab.queue(*SHORT)
    assert lab.ends(undisturbed) == "done"
    (run,) = lab.queue(*SHORT)
    wait_until(lambda: trains(run))
    worker = worker_of(run)
    kill(worker, signal.SIGSTOP)
    remove_locks(lab.home)
    supervising = supervisors(lab.home)
    assert "running" in lab.call("runs")
    (other,) = lab.queue("sunspots/5", "--set", "hidden_units=3")
    assert supervisors(lab.home) == supervising
    refused = lab.call("resume", run.id, status=2)
    assert f"Run {run.id}" in refused
    kill(worker, signal.SIGCONT)
    for one in (run, other):
        assert lab.ends(one) == "done"
        assert (len(beginnings_of(one)), is_whole(one.log)) == (1, True)
    assert outcome(run) == outcome(undisturbed)


def test_a_worker_without_a_lock_is_found_by_the_next_supervisor(lab: Laboratory) -> None:
    (run,) = lab.queue(*LONG)
    wait_until(lambda: trains(run))
    worker = worker_of(run)
    kill(lab.supervisor())
    remove_locks(lab.home)
    assert state_of(run) == "running"
    assert "running" in lab.call("runs")
    wait_until(lambda: is_supervised(lab.home))
    # Another run is started beside it, and goes to its end: the supervisor has looked at the whole
    # queue.
    (other,) = lab.queue("sunspots/5", "--jobs", "3")
    assert lab.ends(other) == "done"
    assert len(beginnings_of(run)) == 1
    kill(worker)
    wait_until(lambda: len(beginnings_of(run)) == 2)
    assert is_whole(run.log)
    lab.call("cancel", run.id)
    assert deaths_of(run) == []


def test_a_host_that_was_renamed_goes_on_with_its_runs(lab: Laboratory) -> None:
    if not this_host().machine_id:
        pytest.skip("this host has no machine-id")
    (run,) = lab.queue(*LONG)
    wait_until(lambda: trains(run))
    kill(lab.supervisor())
    kill(worker_of(run))
    as_it_was = json.loads(run.host_file.read_bytes())
    run.host_file.write_text(json.dumps(as_it_was | {"name": "as-it-was-called"}))
    lab.call("runs")
    wait_until(lambda: len(beginnings_of(run)) == 2)
    lab.call("cancel", run.id)
    assert state_of(run) == "cancelled"


class TestAdopting:
    @staticmethod
    def elsewhere(home: Home, **host: str) -> Run:
        """Write a run that has trained on another host, which is gone."""
        run = write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
        run.host_file.write_text(
            json.dumps({"name": "elsewhere", "machine_id": "0" * 32, "boot_id": "b"} | host)
        )
        return run

    @staticmethod
    def silent(run: Run) -> None:
        for path in (run.directory / "trial.json", run.log, run.host_file):
            os.utime(path, (1e9, 1e9))

    def test_a_run_of_a_host_that_is_gone_is_finished_here(self, lab: Laboratory) -> None:
        run = self.elsewhere(lab.home)
        refused = lab.call("resume", run.id, status=2)
        assert f"Run {run.id} belongs to elsewhere." in refused
        assert f"`rnnlab-tui adopt {run.id}`" in refused
        refused = lab.call("adopt", run.id, status=2)
        assert "perhaps by elsewhere" in refused
        self.silent(run)
        assert lab.call("adopt", run.id) == f"{run.id}\n"
        assert lab.ends(run) == "done"
        assert run.is_local
        assert "belongs to this host already" in lab.call("adopt", run.id, status=2)

    def test_it_can_be_deleted_then(self, home: Home) -> None:
        run = self.elsewhere(home)
        refused = call(home, "delete", run.id, "--yes")
        assert refused.returncode == 2
        assert f"`rnnlab-tui adopt {run.id}`" in refused.stderr
        run.request_cancel()
        self.silent(run)
        assert call(home, "adopt", run.id).returncode == 0
        wait_until(lambda: state_of(run) == "cancelled")
        assert call(home, "delete", run.id, "--yes").stdout == f"{run.id}\n"
        assert queued_ids(home) == []

    def test_a_container_of_this_machine_s_need_not_be_waited_for(self, home: Home) -> None:
        run = self.elsewhere(home, boot_id=this_host().boot_id)
        held = locks.acquire(run.directory)
        assert held is not None
        refused = call(home, "adopt", run.id)
        assert (refused.returncode, "A process is at work" in refused.stderr) == (2, True)
        os.close(held)
        run.request_cancel()
        assert call(home, "adopt", run.id).returncode == 0

    def test_a_worker_that_was_alive_after_all_leaves_the_run_alone(self, lab: Laboratory) -> None:
        (run,) = lab.queue(*LONG)
        wait_until(lambda: trains(run))
        worker = worker_of(run)
        with run.log.open("rb") as former:
            # As the other host does it: the log is copied, and the host's file written.
            copy = run.log.with_name("copy")
            copy.write_bytes(run.log.read_bytes())
            copy.rename(run.log)
            run.host_file.write_text(
                json.dumps({"name": "elsewhere", "machine_id": "0" * 32, "boot_id": "b"})
            )
            adopted = run.log.read_bytes()
            checkpoints = sorted(run.checkpoints.iterdir()) if run.checkpoints.exists() else []
            wait_until(lambda: worker not in processes("engine"))
            assert run.log.read_bytes() == adopted
            assert (
                sorted(run.checkpoints.iterdir() if run.checkpoints.exists() else []) == checkpoints
            )
            assert former.read() != adopted


def test_this_host_s_name_may_be_any_bytes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "caf\udce9")
    run = write_run(home, sunspots_trial(5), end=None, epochs=3, host=this_host().name)
    assert this_host().name == r"caf\xe9"
    assert run.is_local


@as_root
def test_a_host_whose_name_is_not_utf_8(lab: Laboratory) -> None:
    rename = "printf 'caf\\351' >/proc/sys/kernel/hostname && exec \"$@\""
    done = subprocess.run(
        [
            *("unshare", "--uts", "sh", "-c", rename, "sh", COMMAND),
            "--home",
            str(lab.home.root),
            "run",
            "sunspots/5",
        ],
        capture_output=True,
        text=True,
        env=os.environ | lab.variables,
        timeout=120,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
