"""The commands of the queue, started as a script starts them: what waits, in which order, and what
is refused.
"""

import json

import pytest
from helpers.command_line import call, nothing_starts
from helpers.factory import sunspots_trial, write_run
from helpers.faults import laboratory, queued_ids, state_of, wait_until

from engine.host import locks
from engine.host.home import Home
from engine.runs import queue
from engine.runs.events import Cancelled, Finished, Started
from engine.runs.run import Run, find_run

SHORT = ("--set", "epochs=2")


def detached(home: Home, *arguments: str) -> list[Run]:
    """Queue runs and return them; the command must print their ids and nothing else."""
    done = call(home, "run", *arguments, "--detach")
    assert (done.returncode, done.stderr) == (0, "")
    return [find_run(home, name) for name in done.stdout.split("\n")[:-1]]


def began(run: Run) -> float:
    worker = run.progress().worker
    assert worker is not None
    return worker.started


def test_a_whole_table_is_queued_in_its_order(home: Home) -> None:
    with nothing_starts(home):
        runs = detached(home, "sunspots")
        assert [run.submission.trial.preset for run in runs] == [
            f"sunspots/{number}" for number in range(1, 12)
        ]
        assert queued_ids(home) == [run.id for run in runs]
        listed = [json.loads(line) for line in call(home, "runs", "--json").stdout.splitlines()]
        assert {one["state"] for one in listed} == {"queued"}
        shown = json.loads(call(home, "show", runs[0].id, "--json").stdout)
        assert (shown["state"], shown["worker"], shown["metrics"], shown["error"]) == (
            "queued",
            None,
            None,
            None,
        )


def test_hold_first_release_and_cancel_decide_what_is_started(home: Home) -> None:
    with laboratory(home):
        with nothing_starts(home):
            one, two, three, four = detached(
                home, *(f"sunspots/{n}" for n in (1, 2, 3, 4)), *SHORT, "--jobs", "1"
            )
            assert call(home, "hold", one.id).stdout == f"{one.id} held\n"
            assert call(home, "first", three.id).stdout == f"{three.id}\n"
            assert call(home, "cancel", two.id).stdout == f"{two.id} cancelled\n"
            assert [state_of(run) for run in (one, two, three, four)] == [
                "held",
                "cancelled",
                "queued",
                "queued",
            ]
            assert queued_ids(home) == [three.id, one.id, four.id]
        # Looking at the home wakes the supervisor.
        assert call(home, "runs").returncode == 0
        wait_until(lambda: state_of(four) == "done")
        assert state_of(three) == "done"
        assert state_of(one) == "held"
        assert began(three) < began(four)
        assert call(home, "release", one.id).stdout == f"{one.id} queued\n"
        wait_until(lambda: state_of(one) == "done" and not queued_ids(home))


def test_a_cancelled_run_is_resumed_and_then_made_longer(home: Home) -> None:
    with laboratory(home):
        with nothing_starts(home):
            (run,) = detached(home, "sunspots/5", *SHORT)
            call(home, "cancel", run.id)
            assert call(home, "resume", run.id[:4]).stdout == f"{run.id}\n"
            assert state_of(run) == "queued"
        watched = call(home, "watch", run.id)
        assert (watched.returncode, watched.stdout.splitlines()[-1]) == (0, "done")
        child = call(home, "extend", run.id, "--set", "epochs=3").stdout.strip()
        assert call(home, "watch", child).stdout.splitlines()[-1] == "done"
        longer = json.loads(call(home, "show", child, "--json").stdout)
        shorter = json.loads(call(home, "show", run.id, "--json").stdout)
        assert longer["parameters"]["epochs"] == 3
        assert longer["metrics"]["losses"][:2] == shorter["metrics"]["losses"]


def test_jobs_hold_until_the_queue_is_empty(home: Home) -> None:
    with nothing_starts(home):
        detached(home, "sunspots/5", "--jobs", "3")
        assert queue.concurrency(home) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("resume", "RUN"), "Run RUN is done. `rnnlab-tui extend` makes it longer."),
        (("hold", "RUN"), "Run RUN is done. Only a waiting run can be held."),
        (("release", "RUN"), "Run RUN is not held."),
        (("first", "RUN"), "Run RUN is done. Only a waiting run can be put first."),
        (
            ("extend", "RUN"),
            "A run of sunspots/5 can only be extended by epochs. "
            "Write --set epochs=N, more than 35.",
        ),
        (
            ("extend", "RUN", "--set", "epochs=35"),
            "epochs = 35: must be more than the 35 that the run has.",
        ),
        (
            ("extend", "RUN", "--set", "epochs=x"),
            "epochs = x: must be a whole number, 1 to 100000.",
        ),
        (
            ("extend", "RUN", "--set", "batch_size=2"),
            "A run of sunspots/5 can only be extended by epochs.",
        ),
        (("extend", "RUN", "--set", "epochs=40"), "Run RUN has no checkpoint to continue from."),
        (("run", "sunspots/5", "--jobs", "0"), "--jobs 0: must be a whole number, 1 to 1000."),
        (("run", "sunspots/5", "--jobs", "two"), "--jobs two: must be a whole number, 1 to 1000."),
        (("resume", "zzzz"), "There is no run zzzz in "),
    ],
)
def test_what_can_t_be_is_said_in_a_sentence(
    home: Home, arguments: tuple[str, ...], said: str
) -> None:
    run = write_run(home, sunspots_trial(5), end=Finished())
    done = call(home, *(run.id if word == "RUN" else word for word in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"rnnlab-tui: {said.replace('RUN', run.id)}")
    assert done.stderr.count("\n") == 1
    assert queued_ids(home) == []


def test_those_before_one_that_can_t_be_resumed_are(home: Home) -> None:
    with nothing_starts(home):
        good = write_run(home, sunspots_trial(5), end=Cancelled(), epochs=3)
        bad = write_run(home, sunspots_trial(5), end=Finished())
        done = call(home, "resume", good.id, bad.id)
        assert (done.returncode, done.stdout) == (2, f"{good.id}\n")
        assert queued_ids(home) == [good.id]


def test_a_run_at_work_is_neither_held_nor_resumed(home: Home) -> None:
    with nothing_starts(home):
        run = write_run(home, sunspots_trial(5), end=None, epochs=3)
        assert isinstance(run.progress().worker, Started)
        with locks.held(run.directory, 1):
            started = "has started already."
            for command, said in (
                ("hold", started),
                ("first", started),
                ("resume", "has not ended."),
            ):
                done = call(home, command, run.id)
                assert (done.returncode, done.stdout) == (2, "")
                assert f"Run {run.id} {said}" in done.stderr


def test_what_waits_already_is_not_resumed(home: Home) -> None:
    with nothing_starts(home):
        queued, held = detached(home, "sunspots/5", "sunspots/6", *SHORT)
        call(home, "hold", held.id)
        for run, said in (
            (queued, "is queued. It is started when"),
            (held, "is held. `rnnlab-tui release`"),
        ):
            done = call(home, "resume", run.id)
            assert (done.returncode, done.stdout) == (2, "")
            assert f"Run {run.id} {said}" in done.stderr
        assert state_of(held) == "held"


def test_another_host_s_run_that_is_done_is_done(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), host="elsewhere")
    assert f"Run {run.id} is done." in call(home, "resume", run.id).stderr


def test_a_run_that_is_named_twice_is_meant_once(home: Home) -> None:
    with nothing_starts(home):
        (run,) = detached(home, "sunspots/5", *SHORT)
        for command, said in (
            ("hold", " held"),
            ("release", " queued"),
            ("cancel", " cancelled"),
            ("resume", ""),
        ):
            done = call(home, command, run.id, run.id[:4])
            assert (done.returncode, done.stdout, done.stderr) == (0, f"{run.id}{said}\n", "")
