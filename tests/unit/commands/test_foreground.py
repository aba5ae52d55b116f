"""Signals on ``run``: whatever moment a second Ctrl-C falls in, the request of the first has been
made.
"""

import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers.factory import sunspots_trial

from engine.host.home import Home
from engine.runs.run import Run
from engine.trials.trial import ForecastTrial
from tui.commands import foreground

RUNS = [Run(Path("/nowhere/runs/aaaa")), Run(Path("/nowhere/runs/bbbb"))]


def follow(
    monkeypatch: pytest.MonkeyPatch, *, in_submitting: int, in_cancelling: int
) -> tuple[list[Run], object]:
    """Follow two runs while signals fall into submitting and into each request.

    Returns the runs that were cancelled, and the exit status.
    """
    asked: list[Run] = []

    def accept(_home: Home, _trials: Sequence[ForecastTrial], _jobs: int | None) -> list[Run]:
        for _ in range(in_submitting):
            signal.raise_signal(signal.SIGINT)
        return RUNS

    def cancel(run: Run) -> None:
        for _ in range(in_cancelling):
            signal.raise_signal(signal.SIGTERM)
        asked.append(run)

    monkeypatch.setattr(foreground, "accept", accept)
    monkeypatch.setattr(foreground, "cancel", cancel)
    with pytest.raises(SystemExit) as left:
        foreground.follow_all(Home(Path("/nowhere")), [sunspots_trial(), sunspots_trial()])
    return asked, left.value.code


def test_a_second_signal_while_the_request_is_made_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert follow(monkeypatch, in_submitting=1, in_cancelling=1) == (RUNS[::-1], 130)


def test_two_signals_before_the_runs_are_known_cancel_them_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert follow(monkeypatch, in_submitting=2, in_cancelling=0) == (RUNS[::-1], 130)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_the_shell_has_ignored_stays_ignored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with foreground._signals_cancel() as signals:
            signal.raise_signal(number)
        assert signals.received == 0
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)
