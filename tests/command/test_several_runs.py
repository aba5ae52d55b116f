"""Commands that are given several runs: which of them it is done to where one can't be."""

from collections.abc import Iterator

import pytest
from helpers.command_line import call, nothing_starts, refused
from helpers.factory import sunspots_trial, write_log, write_run
from helpers.faults import queued_ids, state_of

from engine.host.home import Home
from engine.runs import queue
from engine.runs.events import Cancelled
from engine.runs.run import Run

UNKNOWN, SHORT_FOR_SEVERAL, NO_ID = "zzzz", "b", "../etc"


def states(runs: list[Run]) -> list[str]:
    return [state_of(run) for run in runs]


@pytest.fixture
def waiting(home: Home) -> Iterator[list[Run]]:
    """Three runs that wait in the queue of a home in which nothing is started."""
    with nothing_starts(home):
        runs = [write_run(home, sunspots_trial(number), end=None, epochs=0) for number in (1, 2, 3)]
        for run in runs:
            write_log(run, [])
        queue.add(home, [run.id for run in runs])
        yield runs


@pytest.fixture
def over(home: Home) -> list[Run]:
    """Three runs that were cancelled."""
    return [
        write_run(home, sunspots_trial(number), end=Cancelled(), epochs=1) for number in (1, 2, 3)
    ]


def test_several_are_held_released_cancelled_and_resumed(home: Home, waiting: list[Run]) -> None:
    ids = [run.id for run in waiting]
    one, two, three = ids
    for command, word, left in (
        ("hold", " held", ["held", "queued", "held"]),
        ("release", " queued", ["queued"] * 3),
        ("cancel", " cancelled", ["cancelled", "queued", "cancelled"]),
        ("resume", "", ["queued"] * 3),
    ):
        # As they were named, and no other.
        done = call(home, command, three, one)
        assert (done.returncode, done.stdout, done.stderr) == (
            0,
            f"{three}{word}\n{one}{word}\n",
            "",
        )
        assert states(waiting) == left, command
    assert queued_ids(home) == [two, three, one]


def test_one_wrong_id_and_nothing_is_done_to_those_that_wait(
    home: Home, waiting: list[Run]
) -> None:
    ids = [run.id for run in waiting]
    for command, wrong in (("hold", UNKNOWN), ("cancel", SHORT_FOR_SEVERAL)):
        refused(call(home, command, ids[0], ids[1], wrong))
        assert (states(waiting), queued_ids(home)) == (["queued"] * 3, ids), command
    call(home, "hold", *ids)
    refused(call(home, "release", ids[0], ids[1], NO_ID))
    assert states(waiting) == ["held"] * 3


def test_one_wrong_id_and_nothing_is_done_to_those_that_are_over(
    home: Home, over: list[Run]
) -> None:
    for command in (
        ["resume", SHORT_FOR_SEVERAL],
        ["delete", "--yes", UNKNOWN],
        ["delete", "--yes", NO_ID],
    ):
        refused(call(home, command[0], over[0].id, over[1].id, *command[1:]))
        assert (states(over), queued_ids(home)) == (["cancelled"] * 3, []), command


def test_first_is_one_alone(home: Home, waiting: list[Run]) -> None:
    ids = [run.id for run in waiting]
    assert "Got unexpected extra argument" in refused(call(home, "first", ids[2], ids[1]))
    refused(call(home, "first", "zzzz"))
    assert queued_ids(home) == ids
    assert call(home, "first", ids[2]).stdout == f"{ids[2]}\n"
    assert queued_ids(home) == [ids[2], ids[0], ids[1]]


@pytest.mark.parametrize(
    ("command", "word", "said"),
    [
        ("hold", " held", "is done. Only a waiting run can be held."),
        ("release", " queued", "is not held."),
        ("resume", "", "is done."),
    ],
)
def test_where_one_is_in_the_wrong_state_what_was_done_is_printed(
    home: Home, waiting: list[Run], command: str, word: str, said: str
) -> None:
    before, bad, after = waiting[0], write_run(home, sunspots_trial(5)), waiting[1]
    ids = [before.id, after.id]
    for make_ready in {"hold": [], "release": ["hold"], "resume": ["cancel"]}[command]:
        call(home, make_ready, *ids)
    unchanged = state_of(after)
    done = call(home, command, before.id, bad.id, after.id)
    # A script that reads it knows those before it were changed, and none after it.
    assert (done.returncode, done.stdout) == (2, f"{before.id}{word}\n")
    assert done.stderr.startswith(f"rnnlab-tui: Run {bad.id} {said}")
    assert (state_of(before), state_of(bad), state_of(after)) == (
        "held" if word == " held" else "queued",
        "done",
        unchanged,
    )


def test_several_are_deleted_and_no_other(home: Home, over: list[Run]) -> None:
    one, two, three = (run.id for run in over)
    assert "Give --yes to delete without being asked." in refused(call(home, "delete", one, two))
    assert states(over) == ["cancelled"] * 3
    done = call(home, "delete", "--yes", three, one[:4], one)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{three}\n{one}\n", "")
    assert [path.name for path in home.runs.iterdir()] == [two]
