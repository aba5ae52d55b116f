"""Commands on runs that are there: watch, cancel, delete, note; several seeds; doctor."""

import csv
import io
import json
import os
import pty
import subprocess
import time
from pathlib import Path

import pytest
from command_line import PROGRAM, call
from support import alice_trial, lock_held, sunspots_trial, write_run

from engine import queue
from engine.events import Cancelled, Failed
from engine.home import Home


class TestWatch:
    def test_a_finished_run_is_told_to_its_end(self, home: Home) -> None:
        run = write_run(home, alice_trial(iterations=2, predictions=20))
        done = call(home, "watch", run.id)
        assert done.returncode == 0
        assert "iteration 2  loss" in done.stdout
        assert done.stdout.splitlines()[-1] == "done"

    def test_it_follows_a_run_until_that_ends(self, home: Home) -> None:
        command = [PROGRAM, "run", "sunspots/5", "--set", "epochs=100000"]
        environment = os.environ | {"RNNLAB_HOME": str(home.root)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as training:
            assert training.stderr is not None
            run_id = training.stderr.readline().decode().split()[-1]
            with subprocess.Popen(
                [PROGRAM, "watch", run_id], env=environment, stdout=subprocess.PIPE, encoding="utf-8"
            ) as watching:
                assert watching.stdout is not None
                assert any("loss" in line for line in iter(watching.stdout.readline, ""))
                cancelled = call(home, "cancel", run_id)
                assert (cancelled.returncode, cancelled.stdout) == (0, f"{run_id} cancelled\n")
                assert watching.stdout.read().splitlines()[-1] == "cancelled"
                assert watching.wait(timeout=30) == 1
            training.communicate(timeout=30)
            # Both waited for a run that somebody else has cancelled.
            assert training.returncode == 1

    def test_a_failed_run_is_told_with_its_reason_and_ends_with_1(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(), end=Failed(what="It broke.", remedy="Mend it."), epochs=3)
        done = call(home, "watch", run.id)
        assert (done.returncode, done.stdout.splitlines()[-2:]) == (1, ["It broke. Mend it.", "failed"])

    def test_replay_keeps_the_pace_of_the_run_times_x(self, home: Home) -> None:
        # Events of the factory lie a second apart; at a hundred times that pace 35 epochs take a third of one.
        run = write_run(home, sunspots_trial())
        began = time.monotonic()
        done = call(home, "watch", run.id, "--replay", "100")
        assert time.monotonic() - began > 0.35
        assert "epoch 35/35" in done.stdout

    @pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan", "inf"])
    def test_a_pace_that_can_t_be_is_refused(self, home: Home, speed: str) -> None:
        run = write_run(home, sunspots_trial())
        done = call(home, "watch", run.id, "--replay", speed)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "from 0.001 to" in done.stderr


class TestCancel:
    def test_a_run_that_is_over_stays_what_it_is(self, home: Home) -> None:
        done = write_run(home, sunspots_trial())
        cancelled = write_run(home, sunspots_trial(), end=Cancelled(), epochs=2)
        answer = call(home, "cancel", done.id, cancelled.id)
        assert (answer.returncode, answer.stdout) == (0, f"{done.id} done\n{cancelled.id} cancelled\n")
        assert not done.cancel_request.exists()

    def test_one_unknown_name_cancels_nothing(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(), end=None, epochs=2)
        with lock_held(run.directory):
            assert call(home, "cancel", run.id, "zzzz").returncode == 2
        assert not run.cancel_request.exists()


class TestDelete:
    def test_nobody_to_ask_needs_yes(self, home: Home) -> None:
        run = write_run(home, sunspots_trial())
        refused = call(home, "delete", run.id)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "--yes" in refused.stderr
        assert run.directory.is_dir()
        assert call(home, "delete", run.id, "--yes").stdout == f"{run.id}\n"
        assert list(home.runs.iterdir()) == []

    def test_a_run_that_goes_on_is_refused_and_no_other_deleted(self, home: Home) -> None:
        over = write_run(home, sunspots_trial())
        running = write_run(home, sunspots_trial(), end=None, epochs=2)
        with lock_held(running.directory):
            refused = call(home, "delete", over.id, running.id, "--yes")
        assert refused.returncode == 2
        assert over.directory.is_dir()
        assert running.directory.is_dir()

    def test_a_run_of_a_host_that_is_gone_is_deleted_after_a_day_s_silence(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(), end=None, epochs=2, host="elsewhere")
        queue.add(home, [run.id])
        written = [run.directory / "trial.json", run.log]

        def silent_since(seconds: float) -> None:
            for path in written:
                os.utime(path, (time.time() - seconds,) * 2)

        def refused() -> bool:
            done = call(home, "delete", run.id, "--yes")
            return done.returncode == 2 and f"Run {run.id} belongs to elsewhere, where it may go on." in done.stderr

        silent_since(90_000)
        assert refused()
        run.request_cancel()
        silent_since(80_000)
        assert refused()
        assert run.directory.is_dir()
        silent_since(90_000)
        assert call(home, "delete", run.id, "--yes").stdout == f"{run.id}\n"
        assert list(home.runs.iterdir()) == []
        assert queue.entries(home) == []

    @pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1)])
    def test_on_a_terminal_it_asks(self, home: Home, answer: str, left: int) -> None:
        run = write_run(home, sunspots_trial())
        ours, theirs = pty.openpty()
        environment = os.environ | {"RNNLAB_HOME": str(home.root)}
        with subprocess.Popen([PROGRAM, "delete", run.id], env=environment, stdin=theirs, stderr=theirs) as process:
            os.close(theirs)
            said = b""
            while b"for good?" not in said:
                said += os.read(ours, 1000)
            os.write(ours, f"{answer}\n".encode())
            process.wait(timeout=30)
        os.close(ours)
        assert len(list(home.runs.iterdir())) == left


class TestNote:
    def test_a_note_is_shown_and_taken_away(self, home: Home) -> None:
        run = write_run(home, sunspots_trial())
        assert call(home, "note", run.id, "first try, ünïcode").returncode == 0
        assert "note: first try, ünïcode" in call(home, "show", run.id).stdout
        assert call(home, "note", run.id, "").returncode == 0
        assert "note:" not in call(home, "show", run.id).stdout

    def test_what_a_terminal_obeys_is_not_shown(self, home: Home) -> None:
        run = write_run(home, sunspots_trial())
        call(home, "note", run.id, "\x1b]0;owned\x07 and \x9b31m")
        assert not any(char in call(home, "show", run.id).stdout for char in "\x1b\x07\x9b")

    def test_a_note_too_long_is_refused(self, home: Home) -> None:
        run = write_run(home, sunspots_trial())
        refused = call(home, "note", run.id, "x" * 2001)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_several_seeds_are_one_run_with_its_spread(home: Home) -> None:
    done = call(home, "run", "sunspots/7", "--set", "epochs=3", "--seed", "5", "--seeds", "3", "--json")
    described = json.loads(done.stdout)
    metrics = described["metrics"]
    assert (described["seed"], described["replicates"]) == (5, 3)
    assert [row["seed"] for row in metrics["replicates"]] == [5, 6, 7]
    errors = sorted((row["test_rmse"], row["seed"]) for row in metrics["replicates"])
    assert (metrics["test_rmse"], metrics["representative_seed"]) == errors[1]
    assert metrics["test_rmse_mean"] == pytest.approx(sum(error for error, _seed in errors) / 3)
    assert {"train_rmse_mean", "train_rmse_sd", "test_rmse_sd"} <= metrics.keys()
    assert call(home, "export", described["id"], "--format", "md").stdout.count(" ± ") == 2
    (row,) = csv.DictReader(io.StringIO(call(home, "export", described["id"], "--format", "csv").stdout, newline=""))
    assert float(row["test_rmse_sd"]) == metrics["test_rmse_sd"]


@pytest.mark.parametrize("count", ["0", "-1", "x", "10001"])
def test_a_number_of_seeds_that_can_t_be_is_refused(home: Home, count: str) -> None:
    refused = call(home, "run", "sunspots/5", "--seeds", count)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "1 to 10000" in refused.stderr
    assert not home.root.exists()


class TestDoctor:
    def test_it_looks_at_everything(self, home: Home) -> None:
        done = call(home, "doctor")
        assert done.returncode == 0
        for words in ("terminal", str(home.root), "locks", "by affinity", "sunspots", "TensorFlow", "imported in"):
            assert words in done.stdout
        assert "The text of Alice in Wonderland is not here." in done.stdout

    def test_a_lock_folder_of_somebody_else_s_is_fatal(self, home: Home, tmp_path: Path) -> None:
        (tmp_path / "open").mkdir(mode=0o777)
        (tmp_path / "open").chmod(0o777)
        done = call(home, "doctor", RNNLAB_LOCKS=str(tmp_path / "open"))
        assert done.returncode == 1
        assert "is not a private folder of yours" in done.stdout
