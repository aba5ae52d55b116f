"""The host's clock goes a day forward and back while a run is at it: no negative times, and nothing
ends.
"""

import json
import os
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from helpers.command_line import call
from helpers.factory import alice_trial, sunspots_trial, write_run
from helpers.faults import Laboratory

from engine.host import locks
from engine.host.home import Home
from engine.runs.events import AnyEvent, EpochEnded, EventReader
from engine.runs.run import Run

DAY_S = 86_400
NEGATIVE = re.compile(r"(?<![\w.])[-−]\d+(\.\d+)? ?(s|min|h|d)\b|[-−]\d+\.\d\d\b")
AN_EPOCH = re.compile(r"\d+ +[.\d]+ +-?\d+\.\d\d |SEED +TRAIN")
"""A line of the list of epochs: number, loss, seconds since the training began; or the head of that
of seeds.
"""


def set_clock(run: Run, shifts: list[float]) -> None:
    """Rewrite a log as if the clock had been ``shifts`` seconds off at each event, over and over;
    the end is now.
    """
    log = EventReader(run.log).read()
    lines = []
    for logged in log:
        event: AnyEvent = logged.event
        at = time.time() - (len(log) - logged.n) + shifts[logged.n % len(shifts)]
        lines.append(json.dumps({"n": logged.n, "t": at, **event.model_dump()}) + "\n")
    run.log.write_text("".join(lines))


@pytest.mark.parametrize(
    "shifts", [[0, DAY_S, -DAY_S, 0], [DAY_S], [0, DAY_S]], ids=["to and fro", "ahead", "half"]
)
def test_no_time_is_negative(home: Home, shifts: list[float]) -> None:
    tomorrow = datetime.now(UTC) + timedelta(seconds=DAY_S)
    done = write_run(home, sunspots_trial(5), submitted=tomorrow)
    running = write_run(home, sunspots_trial(4), end=None, epochs=7, submitted=tomorrow)
    seeds = sunspots_trial(3).model_copy(update={"replicates": 4})
    several = write_run(home, seeds, end=None, epochs=7, submitted=tomorrow)
    writing = write_run(
        home, alice_trial(1), end=None, iterations=2, characters=30, submitted=tomorrow
    )
    runs = [done, running, several, writing]
    held = [locks.acquire(run.directory) for run in runs[1:]]
    for run in runs:
        set_clock(run, shifts)
    assert any(isinstance(logged.event, EpochEnded) for logged in EventReader(running.log).read())
    for words in (
        ["runs"],
        ["show", done.id],
        ["show", running.id],
        ["watch", done.id, "--replay", "1000000"],
    ):
        answer = call(home, *words)
        assert answer.returncode == 0, answer.stderr
        assert not NEGATIVE.search(answer.stdout + answer.stderr)
    assert json.loads(call(home, "show", done.id, "--json").stdout)["seconds"] >= 0
    with Laboratory(home).terminal(columns=160, lines=45) as terminal:
        terminal.wait_for("sunspots/5")
        pages = [terminal.wait_for("left")]
        for run in runs:
            terminal.press("enter")
            pages.append(terminal.wait_for(lambda text: bool(AN_EPOCH.search(text))))
            terminal.press("escape")
            terminal.wait_for("CHANGED")
            terminal.press("down")
            assert run.directory.is_dir()
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    for page in pages:
        assert not NEGATIVE.search(page), page
    for lock in held:
        assert lock is not None
        os.close(lock)
