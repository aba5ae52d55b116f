"""Signals: how the command ends, and what becomes of the run that it follows."""

import json
import os
import select
import signal
import threading
from contextlib import suppress
from pathlib import Path

from helpers.command import Laboratory
from helpers.command_line import PATIENCE_S, run_id, wait_for

from engine.runs.run import Run


def test_ctrl_c_cancels_in_training(lab: Laboratory) -> None:
    with lab.training("--json") as process:
        said = wait_for(process, "epoch 1/")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert err.count("Cancelling") == 1
    assert "Traceback" not in err
    run = json.loads(out)
    assert (run["id"], run["state"], run["error"]) == (run_id(said), "cancelled", None)
    assert len(run["metrics"]["losses"]) >= 1
    assert lab.read("show", run["id"], "--json") == run


def test_ctrl_c_before_the_worker_starts_is_ctrl_c_too(lab: Laboratory) -> None:
    pipe = lab.home.data / "corpora" / "alice.json"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    # Should the command never read it, this does, so that the test does not wait for ever.
    watchdog = threading.Timer(
        PATIENCE_S, lambda: os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
    )
    watchdog.start()
    # The pipe opens once the command is about to read it, before there is a run.
    with lab.start("run", "alice/1") as process, pipe.open("wb"):
        watchdog.cancel()
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in err
    assert process.returncode == 130


def test_a_second_ctrl_c_leaves_at_once_and_the_request_stands(lab: Laboratory) -> None:
    with lab.training("--json") as process:
        name = run_id(wait_for(process, "importing"))
        process.send_signal(signal.SIGINT)
        wait_for(process, "Cancelling")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, out) == (130, "")
        assert "Traceback" not in err
        run = lab.read("show", name, "--json")
        # It need not import TensorFlow to its end.
        with suppress(ProcessLookupError):
            os.kill(run["worker"]["pid"], signal.SIGKILL)
    assert run["state"] in ("cancelling", "cancelled")


def test_sigterm_cancels_while_tensorflow_is_imported(lab: Laboratory) -> None:
    with lab.training("--json") as process:
        wait_for(process, "importing")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143
    assert "Traceback" not in err
    run = json.loads(out)
    assert (run["state"], run["metrics"]) == ("cancelled", None)


def test_a_closed_terminal_leaves_the_run_going(lab: Laboratory) -> None:
    with lab.training() as process:
        name = run_id(wait_for(process, "epoch 1/"))
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == -signal.SIGHUP
        run = lab.read("show", name, "--json")
        assert run["state"] == "running"
        worker = os.pidfd_open(run["worker"]["pid"])
        Run(Path(run["directory"])).request_cancel()
        # Readable once the process has ended.
        ended, _writable, _failed = select.select([worker], [], [], PATIENCE_S)
        os.close(worker)
    assert ended
    assert lab.read("show", name, "--json")["state"] == "cancelled"


def test_a_killed_worker_is_said_and_another_takes_the_run_up(lab: Laboratory) -> None:
    with lab.training("--json") as process:
        name = run_id(wait_for(process, "epoch 1/"))
        before = lab.read("show", name, "--json")["worker"]["pid"]
        os.kill(before, signal.SIGKILL)
        said = wait_for(process, "The worker was killed (SIGKILL).") + wait_for(process, "epoch ")
        assert lab.read("show", name, "--json")["worker"]["pid"] != before
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert json.loads(out)["state"] == "cancelled"
    assert "Traceback" not in said + err
