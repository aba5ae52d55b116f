"""Starting workers (with the run's lock, out of everybody's terminal and folder) and the
supervisor.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from helpers.factory import sunspots_trial, write_run

from engine.errors import LabError
from engine.host import locks
from engine.host.home import Home
from engine.operations import control
from engine.operations.submission import accept
from engine.runs import queue
from engine.supervision import launch

_STAND_IN = """#!{python} -P
import fcntl, json, os, sys
lock = int(sys.argv[sys.argv.index("--lock") + 1])
said = dict(arguments=sys.argv[1:], folder=os.getcwd(), session=os.getsid(0), pid=os.getpid())
said["lock"] = os.fstat(lock).st_ino
with open("said.json.new", "w") as file:
    json.dump(said, file)
os.rename("said.json.new", "said.json")
print("to the worker's log")
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in Python's place that says how it was started, and ends."""
    path = tmp_path / "python"
    path.write_text(_STAND_IN.format(python=sys.executable))
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path))


@pytest.mark.usefixtures("stand_in")
def test_a_worker_has_the_lock_a_session_of_its_own_and_the_run_s_folder(home: Home) -> None:
    (run,) = accept(home, [sunspots_trial(5, epochs=1)])
    lock = locks.acquire(run.directory)
    assert lock is not None
    child = launch.launch(run, lock, 1)
    os.close(lock)
    assert child.wait() == 0
    said = json.loads((run.directory / "said.json").read_bytes())
    assert said["arguments"][:4] == ["-P", "-m", "engine.training.worker", str(run.directory)]
    assert said["arguments"][-2:] == ["--threads", "1"]
    assert said["folder"] == str(run.directory)
    assert said["session"] == said["pid"] == child.pid
    assert said["lock"] == locks.lock_file(run.directory).stat().st_ino
    assert run.worker_log.read_text() == "to the worker's log\n"
    assert run.worker_log.stat().st_mode & 0o777 == 0o600
    # Whoever started it keeps no hold of the run.
    assert not locks.is_held(run.directory)


def test_a_supervisor_that_can_t_be_started_is_said_and_the_run_stays_queued(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = accept(home, [sunspots_trial(5, epochs=1)])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(
        LabError, match=r"Can't start the supervisor of .*No such file or directory\. The runs stay"
    ):
        launch.ensure_supervisor(home)
    assert run.state(run.progress()) == "queued"


def test_where_nothing_is_queued_no_supervisor_is_started(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    launch.ensure_supervisor(home)


@pytest.mark.parametrize("what", ["held", "elsewhere", "damaged", "deleted"])
def test_where_nothing_can_be_done_no_supervisor_is_started(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    host = "elsewhere" if what == "elsewhere" else None
    run = write_run(home, sunspots_trial(5), end=None, epochs=2, host=host)
    queue.add(home, [run.id])
    if what == "held":
        run.write_request(run.hold_request)
    elif what == "damaged":
        (run.directory / "trial.json").write_text("{")
    elif what == "deleted":
        shutil.rmtree(run.directory)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    launch.ensure_supervisor(home)
    assert not (home.root / "supervisor.log").exists()


def test_a_held_run_that_is_to_be_cancelled_needs_a_supervisor(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = accept(home, [sunspots_trial(5)])
    control.hold(run)
    run.request_cancel()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(LabError, match="Can't start"):
        launch.ensure_supervisor(home)


@pytest.mark.parametrize(("length", "kept"), [(10, 10), (launch.MAX_LOG_BYTES + 1, 0)])
def test_the_log_goes_on_until_it_is_long(
    home: Home, monkeypatch: pytest.MonkeyPatch, length: int, kept: int
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    home.root.mkdir(parents=True)
    log = home.root / "supervisor.log"
    log.write_bytes(bytes(length))
    launch.start_supervisor(home)
    assert log.stat().st_size == kept
