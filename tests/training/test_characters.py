"""Whole character runs on a short text."""

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

from engine.errors import UsageError
from engine.numerics import seeds
from engine.runs.events import (
    AnyEvent,
    Characters,
    EpochEnded,
    EpochProgress,
    IterationEnded,
    PhaseEntered,
    SamplingStarted,
)
from engine.training import text as text_training
from engine.training.epochs import SafePoint
from engine.training.models import character_model
from engine.training.text import TextOutcome
from engine.trials.trial import TextParameters

LENGTH = 3000


def parameters(**changes: Any) -> TextParameters:
    usual = {
        "iterations": 3,
        "epochs_per_iteration": 2,
        "predictions": 25,
        "seqlen": 8,
        "hidden_units": 32,
        "batch_size": 64,
    }
    return TextParameters.model_validate(usual | changes)


def finish(
    run: Generator[AnyEvent | SafePoint, None, TextOutcome],
) -> tuple[list[AnyEvent], TextOutcome]:
    events: list[AnyEvent] = []
    while True:
        try:
            step = next(run)
        except StopIteration as end:
            return events, end.value
        if not isinstance(step, SafePoint):
            events.append(step)


@pytest.fixture(scope="module")
def run(text: str) -> tuple[list[AnyEvent], TextOutcome]:
    return finish(text_training.train(parameters(), text[:LENGTH], 1))


def test_events_come_in_order_and_tell_the_same_as_the_result(
    run: tuple[list[AnyEvent], TextOutcome],
) -> None:
    events, writing = run
    expected: list[AnyEvent] = [PhaseEntered(phase="compiling")]
    for done in writing.iterations:
        first = 2 * done.iteration - 1
        expected += [
            PhaseEntered(phase="training"),
            EpochEnded(epoch=first, loss=done.losses[0]),
            EpochEnded(epoch=first + 1, loss=done.losses[1]),
            PhaseEntered(phase="sampling"),
            SamplingStarted(iteration=done.iteration, seed_text=done.seed_text),
            Characters(iteration=done.iteration, text=done.generated),
            IterationEnded(iteration=done.iteration, loss=done.loss),
        ]
    # How often a slow machine says that it is still at an epoch is its own affair.
    assert joined([event for event in events if not isinstance(event, EpochProgress)]) == expected


def joined(events: list[AnyEvent]) -> list[AnyEvent]:
    """The pieces of each text as one: how it is cut depends on the machine's pace."""
    whole: list[AnyEvent] = []
    for event in events:
        before = whole[-1] if whole else None
        if isinstance(event, Characters):
            assert 1 <= len(event.text) <= 10
            if isinstance(before, Characters):
                whole[-1] = Characters(iteration=event.iteration, text=before.text + event.text)
                continue
        whole.append(event)
    return whole


def test_the_writing_fits_together(run: tuple[list[AnyEvent], TextOutcome], text: str) -> None:
    _events, writing = run
    assert writing.vocabulary == "".join(sorted(set(text[:LENGTH])))
    assert [done.iteration for done in writing.iterations] == [1, 2, 3]
    for done in writing.iterations:
        assert done.loss == done.losses[-1]
        assert len(done.seed_text) == 8
        assert done.seed_text in text[:LENGTH]
        assert len(done.generated) == 25
        assert set(done.generated) <= set(writing.vocabulary)
    assert writing.iterations[2].loss < writing.iterations[0].losses[0]
    n = len(writing.vocabulary)
    assert {name: weight.shape for name, weight in writing.weights.items()} == {
        "recurrent/kernel": (n, 32),
        "recurrent/recurrent_kernel": (32, 32),
        "recurrent/bias": (32,),
        "dense/kernel": (32, n),
        "dense/bias": (n,),
    }
    assert writing.parameter_count == sum(weight.size for weight in writing.weights.values())


def test_the_text_is_what_predict_and_argmax_write_one_character_at_a_time(
    run: tuple[list[AnyEvent], TextOutcome],
) -> None:
    _events, writing = run
    n = len(writing.vocabulary)
    model = character_model(parameters(), n, 99)
    model.set_weights(list(writing.weights.values()))
    last = writing.iterations[-1]
    written = last.seed_text
    for _character in last.generated:
        ids = [writing.vocabulary.index(character) for character in written[-8:]]
        predicted = model.predict(np.eye(n, dtype=np.float32)[np.newaxis, ids], verbose=0)
        written += writing.vocabulary[int(predicted.argmax())]
    assert written == last.seed_text + last.generated


def test_seed_windows_are_drawn_anew_for_every_iteration(
    run: tuple[list[AnyEvent], TextOutcome], text: str
) -> None:
    _events, writing = run
    begins = [int(seeds.generator(1, "seed window", i).integers(LENGTH - 8)) for i in (1, 2, 3)]
    assert [done.seed_text for done in writing.iterations] == [
        text[begin : begin + 8] for begin in begins
    ]
    assert len(set(begins)) == 3


def test_the_same_seed_gives_the_same_bits(
    run: tuple[list[AnyEvent], TextOutcome], text: str
) -> None:
    _events, writing = run
    _events, again = finish(text_training.train(parameters(), text[:LENGTH], 1))
    assert again.iterations == writing.iterations
    assert {name: w.tobytes() for name, w in again.weights.items()} == {
        name: w.tobytes() for name, w in writing.weights.items()
    }
    _events, shorter = finish(text_training.train(parameters(iterations=1), text[:LENGTH], 1))
    assert shorter.iterations == writing.iterations[:1]
    _events, other = finish(text_training.train(parameters(iterations=1), text[:LENGTH], 2))
    assert other.iterations[0].losses != writing.iterations[0].losses


@pytest.mark.parametrize("refused", ["", "aaaaaaaaaaaaaaaaaaaa", "abcdefgh"])
def test_a_text_that_can_t_serve_is_refused_before_anything_is_compiled(refused: str) -> None:
    with pytest.raises(UsageError):
        next(text_training.train(parameters(), refused, 1))


def test_ids_are_places_in_the_vocabulary() -> None:
    vocabulary, ids = text_training.encode("hello, world")
    assert vocabulary == " ,dehlorw"
    assert "".join(vocabulary[i] for i in ids) == "hello, world"
