"""Commands on runs that are there: watch, cancel, delete, note; several seeds; doctor."""

import csv
import io
import itertools
import json
import os
import pty
import subprocess
import time

import pytest
from helpers.command_line import PROGRAM, call
from helpers.factory import alice_trial, lock_held, sunspots_trial, write_log, write_run

from engine.host.home import Home
from engine.runs.events import Cancelled, EventReader, Failed
from engine.runs.run import all_runs


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
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as training:
            assert training.stderr is not None
            run_id = training.stderr.readline().decode().split()[-1]
            with subprocess.Popen(
                [PROGRAM, "watch", run_id],
                env=environment,
                stdout=subprocess.PIPE,
                encoding="utf-8",
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
        run = write_run(
            home, sunspots_trial(), end=Failed(what="It broke.", remedy="Fix it."), epochs=3
        )
        done = call(home, "watch", run.id)
        assert (done.returncode, done.stdout.splitlines()[-2:]) == (
            1,
            ["It broke. Fix it.", "failed"],
        )

    def test_replay_keeps_the_pace_of_the_run_times_x(self, home: Home) -> None:
        # Events of the factory lie a second apart; at a hundred times that pace 35 epochs take a
        # third of one.
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
        assert (answer.returncode, answer.stdout) == (
            0,
            f"{done.id} done\n{cancelled.id} cancelled\n",
        )
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
        assert all_runs(home) == []

    def test_a_run_that_goes_on_is_refused_and_no_other_deleted(self, home: Home) -> None:
        over = write_run(home, sunspots_trial())
        running = write_run(home, sunspots_trial(), end=None, epochs=2)
        with lock_held(running.directory):
            refused = call(home, "delete", over.id, running.id, "--yes")
        assert refused.returncode == 2
        assert over.directory.is_dir()
        assert running.directory.is_dir()

    @pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1)])
    def test_on_a_terminal_it_asks(self, home: Home, answer: str, left: int) -> None:
        run = write_run(home, sunspots_trial())
        ours, theirs = pty.openpty()
        environment = os.environ | {"RNNLAB_HOME": str(home.root)}
        with subprocess.Popen(
            [PROGRAM, "delete", run.id], env=environment, stdin=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            said = b""
            while b"for good?" not in said:
                said += os.read(ours, 1000)
            os.write(ours, f"{answer}\n".encode())
            process.wait(timeout=30)
        os.close(ours)
        assert len(all_runs(home)) == left


class TestNote:
    def test_a_note_is_shown_and_taken_away(self, home: Home) -> None:
        run = write_run(home, sunspots_trial())
        assert call(home, "note", run.id, "first try, ünïcode").returncode == 0
        assert "note: first try, ünïcode" in call(home, "show", run.id).stdout
        assert call(home, "note", run.id, "").returncode == 0
        assert "note:" not in call(home, "show", run.id).stdout

    def test_it_takes_several_runs_and_is_shown_wherever_they_are(self, home: Home) -> None:
        runs = [write_run(home, sunspots_trial(number)) for number in (1, 2, 3)]
        one, two, three = (run.id for run in runs)
        done = call(home, "note", one, two[:4], "for the appendix")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert call(home, "runs").stdout.count("    note: for the appendix\n") == 2
        listed = [json.loads(line) for line in call(home, "runs", "--json").stdout.splitlines()]
        noted = {one: "for the appendix", two: "for the appendix", three: None}
        assert {run["id"]: run["note"] for run in listed} == noted
        assert json.loads(call(home, "show", two, "--json").stdout)["note"] == "for the appendix"
        assert call(home, "export", one, two, three).stdout.count("note: for the appendix") == 2
        assert (
            json.loads(call(home, "export", one, "--format", "json").stdout)["note"]
            == "for the appendix"
        )
        assert call(home, "note", one, two, "").returncode == 0
        assert "note" not in call(home, "runs").stdout

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (
                ["{id}"],
                "A note needs a run and a text: there is only '{id}'. Write `rnnlab-tui note "
                "RUN... TEXT`.",
            ),
            (
                ["{id}", "trained", "with relu"],
                "If it is part of the text, put the text in quotes.",
            ),
            (["{id}", "With", "relu"], "If it is part of the text, put the text in quotes."),
            (["zzzz", "words"], "`rnnlab-tui runs` lists them."),
        ],
    )
    def test_what_is_no_note_is_refused(self, home: Home, words: list[str], said: str) -> None:
        run = write_run(home, sunspots_trial())
        refused = call(home, "note", *(word.format(id=run.id) for word in words))
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert said.format(id=run.id) in refused.stderr
        assert not run.note_file.exists()

    def test_what_a_terminal_obeys_is_not_shown(self, home: Home) -> None:
        run = write_run(home, sunspots_trial())
        call(home, "note", run.id, "\x1b]0;owned\x07 and \x9b31m")
        assert not any(char in call(home, "show", run.id).stdout for char in "\x1b\x07\x9b")

    def test_a_note_too_long_is_refused(self, home: Home) -> None:
        run = write_run(home, sunspots_trial())
        refused = call(home, "note", run.id, "x" * 2001)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_several_seeds_are_one_run_with_its_spread(home: Home) -> None:
    done = call(
        home, "run", "sunspots/7", "--set", "epochs=3", "--seed", "5", "--seeds", "3", "--json"
    )
    described = json.loads(done.stdout)
    metrics = described["metrics"]
    assert (described["seed"], described["replicates"]) == (5, 3)
    assert [row["seed"] for row in metrics["replicates"]] == [5, 6, 7]
    errors = sorted((row["test_rmse"], row["seed"]) for row in metrics["replicates"])
    assert (metrics["test_rmse"], metrics["representative_seed"]) == errors[1]
    assert metrics["test_rmse_mean"] == pytest.approx(sum(error for error, _seed in errors) / 3)
    assert {"train_rmse_mean", "train_rmse_sd", "test_rmse_sd"} <= metrics.keys()
    assert call(home, "export", described["id"]).stdout.count(" ± ") == 2
    (row,) = csv.DictReader(
        io.StringIO(call(home, "export", described["id"], "--format", "csv").stdout, newline="")
    )
    assert float(row["test_rmse_sd"]) == metrics["test_rmse_sd"]


@pytest.mark.parametrize("count", ["0", "-1", "x", "10001"])
def test_a_number_of_seeds_that_can_t_be_is_refused(home: Home, count: str) -> None:
    refused = call(home, "run", "sunspots/5", "--seeds", count)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "1 to 10000" in refused.stderr
    assert not home.root.exists()


@pytest.mark.parametrize("command", [["run", "sunspots/5"], ["extend", "{id}"]])
@pytest.mark.parametrize("second", ["epochs=50", "epochs=40", " epochs = 50"])
def test_a_parameter_that_is_set_twice_is_refused(
    home: Home, command: list[str], second: str
) -> None:
    run = write_run(home, sunspots_trial())
    words = [word.format(id=run.id) for word in command]
    refused = call(home, *words, "--set", "epochs=40", "--set", "batch_size=2", "--set", second)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    value = second.partition("=")[2].strip()
    assert f"--set epochs is given twice, as 40 and as {value}. Keep one of them." in refused.stderr
    assert len(list(home.runs.iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["run", "sunspots/5", "--seed", "1", "--seed", "2"], "--seed"),
        (["run", "--seeds=4", "sunspots/5", "--seeds=4"], "--seeds"),
        (["export", "{id}", "-o", "a.md", "--output", "b.md"], "--output"),
        (["export", "{id}", "--format", "md", "--format", "csv"], "--format"),
        (["data", "add", "rain", "rain.csv", "--kind", "series", "--kind", "corpus"], "--kind"),
    ],
)
def test_an_option_of_one_value_that_is_given_twice_is_refused(
    home: Home, words: list[str], option: str
) -> None:
    run = write_run(home, sunspots_trial())
    refused = call(home, *(word.format(id=run.id) for word in words))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"rnnlab-tui: {option} is given twice. Keep one of them.\n"
    assert len(list(home.runs.iterdir())) == 1


class TestReasons:
    def test_why_runs_failed_stands_below_them(self, home: Home) -> None:
        why = "Training diverged: the loss of epoch 3 is nan.", "Try tanh instead."
        end = Failed(what=why[0], remedy=why[1], diverged=True, epoch=3)
        failed = write_run(home, sunspots_trial(1), end=end, epochs=2)
        gone = write_run(home, sunspots_trial(2), end=None, epochs=2)
        for run in (
            write_run(home, sunspots_trial(3)),
            write_run(home, sunspots_trial(4), end=Cancelled(), epochs=2),
        ):
            assert f"    {run.id}" not in call(home, "runs").stdout
        lines = call(home, "runs").stdout.splitlines()
        assert len(lines) == 6
        below = {line.split()[0]: after for line, after in itertools.pairwise(lines)}
        assert below[failed.id] == f"    {why[0]} {why[1]}"
        assert below[gone.id].startswith(
            f"    The worker of run {gone.id} disappeared without a word."
        )

    def test_how_long_a_run_was_worked_on_is_told_apart_from_its_waiting(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(1), end=Failed(what="It broke."), epochs=2)
        events = [logged.event for logged in EventReader(run.log).read()]
        write_log(run, events, began=run.submission.submitted.timestamp() + 65)
        shown = call(home, "show", run.id).stdout
        assert "took 7 s, waited 65 s" in shown
        assert "| failed, 7.0 s, waited 65.0 s |" in shown
        for command in (["show", run.id], ["runs"]):
            described = json.loads(call(home, *command, "--json").stdout)
            found = [described[key] for key in ("seconds", "seconds_working", "seconds_waiting")]
            assert found == pytest.approx([72.0, 7.0, 65.0])


class TestDoctor:
    def test_it_looks_at_everything(self, home: Home) -> None:
        done = call(home, "doctor")
        assert done.returncode == 0
        for words in (
            "terminal",
            str(home.root),
            "locks",
            "by affinity",
            "sunspots",
            "TensorFlow",
            "imported in",
        ):
            assert words in done.stdout
        assert "The text of Alice in Wonderland is not here." in done.stdout
