"""Files of tomorrow's program in today's home: said in a sentence, never started, never changed;
the rest is listed.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.command_line import call
from helpers.factory import sunspots_trial, write_run
from helpers.faults import Laboratory

from engine.host.home import Home
from engine.runs import queue
from engine.runs.events import Cancelled
from engine.runs.run import Run
from engine.supervision.supervisor import Supervisor

SENTENCE = "newer version of rnnlab-tui"
CHANGES = (
    ["resume"],
    ["cancel"],
    ["hold"],
    ["release"],
    ["first"],
    ["extend", "--set", "epochs=90"],
)


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.name: (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in [folder, *folder.rglob("*")]
    }


def of_tomorrow(path: Path, **more: object) -> None:
    """Have a JSON file say that it is of the next schema."""
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps(record | {"schema_version": 99} | more))


def newer_request(run: Run) -> None:
    of_tomorrow(run.directory / "trial.json", dropout=[0.5])


def newer_log(run: Run) -> None:
    """A newer program took the run up: its checkpoints are of its form too."""
    first, *rest = run.log.read_text().splitlines(True)
    started = json.loads(first) | {"schema_version": 99}
    lines = [
        json.dumps(started) + "\n",
        *rest,
        '{"n": 99, "t": 9.0, "kind": "dreamt", "of": "sheep"}\n',
    ]
    run.log.write_text("".join(lines))
    run.checkpoints.mkdir()
    (run.checkpoints / "7.npz").write_bytes(b"schema 2")


@pytest.mark.parametrize("plant", [newer_request, newer_log])
def test_a_run_of_tomorrow_is_left_as_it_is(home: Home, plant: Callable[[Run], None]) -> None:
    other = write_run(home, sunspots_trial(4), epochs=2)
    run = write_run(
        home, sunspots_trial(5), end=Cancelled() if plant is newer_request else None, epochs=3
    )
    plant(run)
    before = contents(run.directory)
    queue.add(home, [run.id])
    # A supervisor does not wait for it either.
    Supervisor(home, launch=lambda *_run: pytest.fail("it was started")).work()
    listed = call(home, "runs", "--json")
    assert listed.returncode == 0
    assert other.id in listed.stdout
    assert listed.stderr.count(SENTENCE) == 1
    for words in (["show"], *CHANGES):
        answer = call(home, words[0], run.id, *words[1:])
        assert SENTENCE in answer.stdout + answer.stderr, words
        assert "Traceback" not in answer.stderr
        assert answer.returncode != 0 or words == ["show"]
    assert contents(run.directory) == before
    assert [entry.run_id for entry in queue.entries(home)] == [run.id]
    queue.remove(home, run.id)
    watched = call(home, "watch", run.id)
    assert (watched.stdout + watched.stderr).count(SENTENCE) == 1
    with Laboratory(home).terminal(columns=120) as terminal:
        terminal.wait_for("sunspots/4")
        if plant is newer_request:
            terminal.wait_for(SENTENCE)
        else:
            terminal.press("end", "enter")
            terminal.wait_for(SENTENCE)
            terminal.press("x", "r")
            terminal.wait_for("does not change it")
    assert contents(run.directory) == before


def test_a_result_of_tomorrow(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), epochs=3)
    of_tomorrow(run.directory / "result.json", verdict="dreamt")
    before = contents(run.directory)
    for words in (["runs"], ["show", run.id]):
        answer = call(home, *words)
        assert answer.returncode == 0
        assert SENTENCE in answer.stdout + answer.stderr
    assert contents(run.directory) == before
