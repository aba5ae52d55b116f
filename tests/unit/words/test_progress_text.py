"""How far a running run is, in words."""

import pytest
from helpers.factory import SUBMITTED, alice_trial, sunspots_trial, write_run

from engine.host import locks
from engine.host.home import Home
from engine.runs.events import EpochEnded, Logged, PhaseEntered
from engine.runs.watch import RunWatcher, Snapshot
from tui.words.progress_text import describe_progress

BEGAN = SUBMITTED.timestamp()


def watched(
    home: Home, trial: object, *, epochs: int = 0, iterations: int = 0, characters: int = 0
) -> Snapshot:
    """A run of another host, read once."""
    if isinstance(trial, type(sunspots_trial(5))):
        run = write_run(home, trial, end=None, epochs=epochs, host="elsewhere")
    else:
        assert isinstance(trial, type(alice_trial(1)))
        run = write_run(
            home, trial, end=None, iterations=iterations, characters=characters, host="elsewhere"
        )
    return Snapshot.of(run)


def told(snapshot: Snapshot, *events: EpochEnded | PhaseEntered) -> Snapshot:
    """The same after more events, each a second after the one before."""
    progress = snapshot.progress
    for event in events:
        progress.apply(Logged(0, (progress.last_event_at or BEGAN) + 1, event))
    return snapshot


def test_another_host_s_run_of_which_nothing_is_said_waits_there(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, host="elsewhere")
    run.log.unlink()
    snapshot = Snapshot.of(run)
    assert describe_progress(snapshot, BEGAN + 3) == "waits for its turn"


def test_a_worker_that_has_said_nothing_yet_is_starting(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None)
    run.log.unlink()
    with locks.held(run.directory, 1):
        snapshot = Snapshot.of(run)
        assert describe_progress(snapshot, BEGAN + 3) == "starting TensorFlow, 3 s"


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("importing", "importing TensorFlow, 2 s"),
        ("preparing", "preparing, 2 s"),
        ("compiling", "compiling, 2 s"),
    ],
)
def test_each_phase_before_training_says_how_long_it_has_lasted(
    home: Home, phase: str, words: str
) -> None:
    run = write_run(home, sunspots_trial(5), end=None, host="elsewhere")
    run.log.unlink()
    snapshot = told(RunWatcher(run).latest, PhaseEntered.model_validate({"phase": phase}))
    assert describe_progress(snapshot, (snapshot.progress.last_event_at or 0) + 2) == words


def test_epochs_are_counted_when_they_are_done(home: Home) -> None:
    snapshot = watched(home, sunspots_trial(5))
    assert describe_progress(snapshot, BEGAN + 6) == "epoch 0/35"
    told(snapshot, EpochEnded(epoch=1, loss=0.5))
    last = snapshot.progress.epoch_ends[-1]
    assert describe_progress(snapshot, last) == "epoch 1/35  34 s left"
    assert describe_progress(snapshot, last + 2) == "epoch 1/35  32 s left"


def test_time_left_runs_down_until_the_next_epochs_are_due_and_never_below_nothing(
    home: Home,
) -> None:
    snapshot = watched(home, sunspots_trial(5), epochs=30)
    assert describe_progress(snapshot, BEGAN + 1e6) == "epoch 30/35  3 s left"
    snapshot = watched(home, sunspots_trial(5), epochs=34)
    assert describe_progress(snapshot, BEGAN + 1e6) == "epoch 34/35  0 s left"


def test_a_clock_that_runs_behind_the_workers_does_no_harm(home: Home) -> None:
    snapshot = watched(home, sunspots_trial(5), epochs=30)
    assert describe_progress(snapshot, BEGAN - 1e6).startswith("epoch 30/35  ")


def test_cancelling_waits_for_the_worker(home: Home) -> None:
    snapshot = watched(home, sunspots_trial(5), epochs=3)
    snapshot.run.request_cancel()
    snapshot = Snapshot.of(snapshot.run)
    assert describe_progress(snapshot, BEGAN) == "waiting for the worker to stop"


def test_an_iteration_says_its_epoch(home: Home) -> None:
    snapshot = watched(home, alice_trial(5), iterations=2)
    assert describe_progress(snapshot, snapshot.progress.epoch_ends[-1]).startswith(
        "iteration 3/40  epoch 1/5  "
    )


def test_iterations_of_one_epoch_leave_it_out(home: Home) -> None:
    snapshot = watched(home, alice_trial(1), iterations=2)
    assert describe_progress(snapshot, snapshot.progress.epoch_ends[-1]).startswith(
        "iteration 3/25  "
    )


def test_the_iteration_whose_text_is_written_is_the_one_that_is_said(home: Home) -> None:
    snapshot = watched(home, alice_trial(1), iterations=2, characters=7)
    assert describe_progress(snapshot, snapshot.progress.epoch_ends[-1]).startswith(
        "iteration 3/25"
    )


@pytest.mark.parametrize("phase", ["predicting", "writing"])
def test_after_the_last_epoch_the_phase_is_said(home: Home, phase: str) -> None:
    snapshot = watched(home, sunspots_trial(5), epochs=35)
    told(snapshot, PhaseEntered.model_validate({"phase": phase}))
    assert phase in describe_progress(snapshot, snapshot.progress.epoch_ends[-1] + 1)
