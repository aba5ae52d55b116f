"""Two applications, two workers, two hosts, a process with a dead worker's number: none is in
another's way.
"""

import os
import subprocess
import sys

from faults.test_supervisor import Workers
from helpers.command_line import call
from helpers.factory import sunspots_trial, write_run
from helpers.faults import Laboratory, queued_ids, state_of

from engine.host import locks
from engine.host.home import Home
from engine.runs import queue
from engine.runs.run import all_runs
from engine.supervision.launch import supervisor_lock
from engine.supervision.supervisor import Supervisor


def test_two_applications_show_and_do_the_same(home: Home) -> None:
    home.root.mkdir(parents=True)
    # So that what is queued stays queued.
    supervising = locks.acquire(supervisor_lock(home))
    assert supervising is not None
    lab = Laboratory(home)
    with lab.terminal() as one, lab.terminal() as other:
        for terminal in (one, other):
            terminal.wait_for("No runs yet")
        one.press("n")
        one.wait_for("225 training windows")
        one.press("ctrl+s", "escape")
        for terminal in (one, other):
            terminal.wait_for("◷ queued")
        (run,) = all_runs(home)
        other.press("h")
        for terminal in (other, one):
            terminal.wait_for("◫ held")
        one.press("h")
        for terminal in (one, other):
            terminal.wait_for("◷ queued")
        other.press("x")
        for terminal in (other, one):
            terminal.wait_for("⊘ cancelled")
        assert queued_ids(home) == []
        one.press("r")
        for terminal in (one, other):
            terminal.wait_for("◷ queued")
        assert queued_ids(home) == [run.id]
        # Both at once: it is said to one of them, or done once.
        one.press("x")
        other.press("x")
        for terminal in (one, other):
            terminal.wait_for("⊘ cancelled")
        assert state_of(run) == "cancelled"
    os.close(supervising)


def test_a_second_worker_refuses(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=3)
    before = run.log.read_bytes(), sorted(path.name for path in run.directory.iterdir())
    lock = locks.acquire(run.directory)
    second = subprocess.run(
        [sys.executable, "-P", "-m", "engine.training.worker", str(run.directory)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith(f"Run {run.id} has a worker already.")
    assert (run.log.read_bytes(), sorted(path.name for path in run.directory.iterdir())) == before
    assert lock is not None
    os.close(lock)


def test_another_process_with_the_number_of_a_dead_worker(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=3)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        run.log.write_bytes(
            run.log.read_bytes().replace(b'"pid":4711', b'"pid":%d' % bystander.pid)
        )
        assert (worker := run.progress().worker) is not None
        assert worker.pid == bystander.pid
        # The lock's file is there, as a killed worker leaves it.
        lock = locks.acquire(run.directory)
        assert lock is not None
        os.close(lock)
        assert locks.lock_file(run.directory).exists()
        assert call(home, "runs").stdout.split()[1] == "interrupted"
        queue.add(home, [run.id])
        Supervisor(home, launch=Workers()).work()
        assert state_of(run) == "done"
        assert bystander.poll() is None
        bystander.communicate()


def test_another_host_s_run_is_looked_at_and_nothing_more(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
    queue.add(home, [run.id])
    workers = Workers()
    Supervisor(home, launch=workers).work()
    assert workers.started == []
    before = run.log.read_bytes()
    assert call(home, "runs").stdout.split()[1] == "running"
    assert "elsewhere" in call(home, "show", run.id, "--json").stdout
    for words in (
        ["resume", run.id],
        ["delete", run.id, "--yes"],
        ["extend", run.id, "--set", "epochs=99"],
    ):
        refused = call(home, *words)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "belongs to elsewhere" in call(home, "resume", run.id).stderr
    with Laboratory(home).terminal() as terminal:
        terminal.wait_for("● running")
        terminal.press("r")
        terminal.wait_for("belongs")
        # Its worker there reads this request; here nothing is broken off.
        terminal.press("x")
        terminal.wait_for("Cancel it?")
        terminal.press("y")
        terminal.wait_for("cancelling")
    assert run.log.read_bytes() == before
    assert queued_ids(home) == [run.id]
