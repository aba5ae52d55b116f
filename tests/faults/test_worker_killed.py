"""A worker that is killed, wherever it is: the finished run is, bit for bit, that of an undisturbed
one.
"""

import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pydoc_data.topics import topics

import pytest
from helpers.faults import (
    Following,
    Laboratory,
    deaths_of,
    events_of,
    kill,
    laboratory,
    outcome,
    state_of,
    wait_until,
    worker_of,
)

from engine.host.home import Home
from engine.runs.events import (
    AnyEvent,
    Characters,
    Checkpointed,
    Died,
    EpochEnded,
    PhaseEntered,
    Resumed,
    SamplingStarted,
)
from engine.runs.run import Run

ITERATIONS = 3


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """A character trial of some seconds, with time enough in every phase to be killed in it."""
    corpus = tmp_path_factory.mktemp("corpus") / "small.txt"
    corpus.write_text(topics["types"].encode("ascii", "ignore").decode()[:6_000])
    settings = {
        "iterations": ITERATIONS,
        "epochs_per_iteration": 120,
        "predictions": 20_000,
        "hidden_units": 32,
    }
    return (
        "alice/1",
        *(f"--set={key}={value}" for key, value in settings.items()),
        f"--corpus={corpus}",
    )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with laboratory(Home(tmp_path_factory.mktemp("lab") / "home")) as lab:
        yield lab


@pytest.fixture(scope="module")
def undisturbed(lab: Laboratory, trial: tuple[str, ...]) -> Run:
    (run,) = lab.queue(*trial)
    assert lab.ends(run) == "done"
    return run


def in_phase(phase: str) -> Callable[[AnyEvent], bool]:
    return lambda event: isinstance(event, PhaseEntered) and event.phase == phase


PLACES: dict[str, Callable[[AnyEvent], bool]] = {
    # The first worker is forked with TensorFlow imported, and imports nothing; those after a death
    # do.
    "compiling": in_phase("compiling"),
    "importing": in_phase("importing"),
    "first epoch": in_phase("training"),
    "checkpoint": lambda event: isinstance(event, Checkpointed),
    "sampling": lambda event: isinstance(event, Characters),
    "writing": in_phase("writing"),
}


def place_of(last_words: list[AnyEvent]) -> str:
    """Say where the worker was that left these words."""
    if not last_words:
        return "before the first word"
    last = last_words[-1]
    if isinstance(last, Checkpointed):
        return "checkpoint"
    phases = [event.phase for event in last_words if isinstance(event, PhaseEntered)]
    if not phases:
        return "before the first phase"
    if phases[-1] == "training":
        return (
            "later epoch"
            if any(isinstance(event, EpochEnded) for event in last_words)
            else "first epoch"
        )
    return phases[-1]


def step_until(pid: int, there: Callable[[], bool]) -> None:
    """Let a process run a thousandth of a second at a time until it is there, and leave it
    stopped.
    """
    while not there():
        kill(pid, signal.SIGCONT)
        time.sleep(0.001)
        kill(pid, signal.SIGSTOP)


def kill_there(run: Run, number: int, reached: Callable[[AnyEvent], bool]) -> None:
    """Kill the run's worker, the ``number``-th, as soon as it says what ``reached`` is true of."""
    log = Following(run)
    wait_until(partial(log.has_begun, number))
    pid = worker_of(run)
    if reached is PLACES["writing"]:
        # It lasts for milliseconds: come near, then on tiptoe.
        wait_until(
            partial(
                log.says,
                lambda event: isinstance(event, SamplingStarted) and event.iteration == ITERATIONS,
            )
        )
        step_until(pid, partial(log.says, reached))
    else:
        wait_until(partial(log.says, reached), every=0.001)
    kill(pid)
    wait_until(lambda: len(deaths_of(run)) == number or state_of(run) == "done")
    assert len(deaths_of(run)) == number, "the run had ended before it was killed"


def test_killed_in_every_phase_it_gives_the_same_bits(
    lab: Laboratory, trial: tuple[str, ...], undisturbed: Run
) -> None:
    (run,) = lab.queue(*trial)
    for number, reached in enumerate(PLACES.values(), 1):
        kill_there(run, number, reached)
    assert lab.ends(run) == "done"
    # Where the kills fell, from the log.
    fell, words = set(), list[AnyEvent]()
    for event in events_of(run):
        if isinstance(event, Died):
            assert "SIGKILL" in event.why
            assert not event.by_itself
            fell.add(place_of(words))
        words = [] if isinstance(event, Died | Resumed) else [*words, event]
    assert fell >= set(PLACES), fell
    assert outcome(run) == outcome(undisturbed)


def test_sigterm_leaves_a_checkpoint_and_resume_goes_on(
    lab: Laboratory, trial: tuple[str, ...], undisturbed: Run
) -> None:
    (run,) = lab.queue(*trial)
    wait_until(lambda: any(isinstance(event, EpochEnded) for event in events_of(run)))
    kill(worker_of(run), signal.SIGTERM)
    assert lab.ends(run) == "cancelled"
    assert any(isinstance(event, Checkpointed) for event in events_of(run))
    assert lab.call("resume", run.id[:4]).split() == [run.id]
    assert lab.ends(run) == "done"
    assert outcome(run) == outcome(undisturbed)
    # And longer than it was, from where it ended.
    child = lab.call("extend", run.id, "--set", "iterations=4").strip()
    as_long = (
        "--set=iterations=4" if word.startswith("--set=iterations=") else word for word in trial
    )
    (longer,) = lab.queue(*as_long)
    extended = Run(run.home.runs / child)
    assert lab.ends(longer) == lab.ends(extended) == "done"
    assert outcome(extended) == outcome(longer)
    assert extended.submission.parent == run.id
