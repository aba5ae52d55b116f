"""Following a run: it has a supervisor all the while, and why nothing happens is said once."""

import pytest
from helpers.factory import sunspots_trial

from engine.errors import LabError
from engine.host.home import Home
from engine.operations import control
from engine.operations.submission import accept
from engine.runs.events import Cancelled
from tui.commands import following


def test_who_follows_a_run_wakes_the_supervisor_and_says_once_why_nothing_happens(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = accept(home, [sunspots_trial(5)])
    monkeypatch.setattr(following, "_POLL_S", 0)
    monkeypatch.setattr(following, "_WAKE_S", 0)
    woken = 0

    def wake(woken_home: Home) -> None:
        nonlocal woken
        assert woken_home == home
        woken += 1
        if woken == 2:
            control.hold(run)
        elif woken in (4, 5):
            raise LabError("No process can be started.")
        elif woken == 6:
            control.cancel(run)

    monkeypatch.setattr(following, "ensure_supervisor", wake)
    said: list[str] = []
    events = [logged.event for logged in following.follow(run, said.append)]
    assert events == [Cancelled(without_worker=True)]
    assert said == ["queued", "held", "No process can be started."]
    assert woken == 6
