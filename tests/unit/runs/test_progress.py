"""Folding a log into what is true: at its end, and at any point before."""

import pytest
from helpers.factory import alice_trial, made_up_loss, made_up_text, sunspots_trial, write_run
from hypothesis import given
from hypothesis import strategies as st

from engine.host.home import Home
from engine.runs.events import (
    AnyEvent,
    Cancelled,
    Characters,
    EpochEnded,
    EpochProgress,
    EventReader,
    Failed,
    Finished,
    IterationEnded,
    Logged,
    PhaseEntered,
    SamplingStarted,
    Started,
    Warned,
)
from engine.runs.progress import Progress, fold

FORECAST = sunspots_trial(5, epochs=4)
WRITING = alice_trial(1, iterations=3, epochs_per_iteration=2)


def log(*events: AnyEvent, began: float = 100.0, step: float = 1.0) -> list[Logged]:
    return [Logged(n, began + step * (n - 1), event) for n, event in enumerate(events, 1)]


def epochs_at(*times: float) -> Progress:
    """A run that has trained since 0 and whose epochs ended at these times."""
    training = Logged(1, 0.0, PhaseEntered(phase="training"))
    return fold(
        [
            training,
            *(
                Logged(n + 1, time, EpochEnded(epoch=n, loss=1.0))
                for n, time in enumerate(times, 1)
            ),
        ]
    )


def test_an_empty_log_says_nothing() -> None:
    progress = fold([])
    assert (progress.phase, progress.losses, progress.worker, progress.end) == (
        None,
        [],
        None,
        None,
    )
    assert progress.last_event_at is None
    assert progress.fraction_done(FORECAST) == 0.0
    assert progress.seconds_left(FORECAST, 5.0) is None


def test_a_finished_forecast(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=4))
    progress = run.progress()
    assert progress.losses == [made_up_loss(epoch) for epoch in (1, 2, 3, 4)]
    assert len(progress.epoch_ends) == 4
    assert progress.end == Finished()
    assert progress.ended_at == progress.last_event_at
    assert progress.fraction_done(run.submission.trial) == 1.0
    assert progress.seconds_left(run.submission.trial, 0.0) is None
    assert progress.worker is not None
    assert progress.worker.pid == 4711


def test_a_text_that_stops_in_its_middle_is_exactly_that_half(home: Home) -> None:
    trial = alice_trial(1, iterations=3, predictions=25)
    progress = write_run(home, trial, end=None, iterations=1, characters=13).progress()
    first, second = progress.iterations
    assert (first.number, first.complete, first.loss) == (1, True, made_up_loss(1))
    assert (first.seed_text, first.text) == (
        made_up_text(trial, 1).seed_text,
        made_up_text(trial, 1).generated,
    )
    assert (second.number, second.complete, second.loss) == (2, False, None)
    assert second.text == made_up_text(trial, 2).generated[:13]
    assert progress.end is None


@pytest.mark.parametrize("end", [Finished(), Cancelled(), Failed(what="It broke.")])
def test_the_end_is_told_with_its_time(end: Finished | Cancelled | Failed) -> None:
    progress = fold(log(PhaseEntered(phase="training"), end))
    assert progress.end == end
    assert progress.ended_at == 101.0


def test_warnings_are_kept_in_order() -> None:
    assert fold(log(Warned(text="one"), Warned(text="two"))).warnings == ["one", "two"]


def test_the_share_counts_the_part_of_the_epoch_under_way() -> None:
    half: list[AnyEvent] = [
        PhaseEntered(phase="training"),
        EpochEnded(epoch=1, loss=1.0),
        EpochProgress(done=1, total=2),
    ]
    assert fold(log(*half)).fraction_done(FORECAST) == pytest.approx(1.5 / 4)
    assert fold(log(*half, EpochEnded(epoch=2, loss=1.0))).fraction_done(FORECAST) == pytest.approx(
        2 / 4
    )


def test_a_long_epoch_of_no_steps_is_no_division_by_zero() -> None:
    assert fold(log(EpochProgress(done=0, total=0))).fraction_done(FORECAST) == 0.0


def test_epochs_of_every_iteration_count() -> None:
    assert FORECAST.parameters.total_epochs == 4
    assert WRITING.parameters.total_epochs == 6


def test_there_is_no_estimate_before_the_first_epoch_has_ended() -> None:
    assert fold(log(PhaseEntered(phase="training"))).seconds_left(FORECAST, 101.0) is None


def test_the_estimate_is_the_pace_times_what_remains_and_runs_down() -> None:
    progress = epochs_at(2.0, 4.0)
    assert progress.seconds_left(FORECAST, 4.0) == pytest.approx(4.0)
    assert progress.seconds_left(FORECAST, 5.0) == pytest.approx(3.0)
    assert progress.seconds_left(FORECAST, 6.0) == pytest.approx(2.0)


def test_while_nothing_comes_the_epochs_after_the_next_one_stay() -> None:
    assert epochs_at(2.0, 4.0).seconds_left(FORECAST, 1000.0) == pytest.approx(2.0)
    assert epochs_at(2.0, 4.0, 6.0).seconds_left(FORECAST, 1000.0) == 0.0


def test_one_hiccup_moves_the_estimate_little() -> None:
    trial = sunspots_trial(5, epochs=1000)
    steady = [float(second) for second in range(1, 21)]
    assert epochs_at(*steady, 80.0).seconds_left(trial, 80.0) == pytest.approx(979.0)


def test_a_clock_that_is_set_back_gives_no_negative_time() -> None:
    left = epochs_at(100.0, 50.0, 20.0).seconds_left(FORECAST, 10.0)
    assert left is not None
    assert left >= 0.0


EVENTS: list[AnyEvent] = [
    Started(pid=1, host="h", started=1.0),
    PhaseEntered(phase="training"),
    EpochProgress(done=5, total=2),
    EpochEnded(epoch=1, loss=float("nan")),
    SamplingStarted(iteration=1, seed_text="s"),
    Characters(iteration=1, text="x"),
    IterationEnded(iteration=1, loss=1.0),
    Warned(text="w"),
    Cancelled(),
]


@given(st.lists(st.sampled_from(EVENTS), max_size=12), st.floats(-1e6, 1e6))
def test_a_log_in_any_order_can_be_folded_and_asked(events: list[AnyEvent], now: float) -> None:
    progress = fold(log(*events))
    for trial in (FORECAST, WRITING):
        assert 0.0 <= progress.fraction_done(trial) <= 1.0
        left = progress.seconds_left(trial, now)
        assert left is None or left >= 0.0


def test_folding_in_pieces_is_folding_the_whole(home: Home) -> None:
    run = write_run(home, alice_trial(1, iterations=2))
    whole = EventReader(run.log).read()
    for cut in range(len(whole)):
        progress = fold(whole[:cut])
        for logged in whole[cut:]:
            progress.apply(logged)
        assert progress == fold(whole)
