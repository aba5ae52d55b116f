"""Cancelling while XLA compiles, which interrupts for no handler of Python's: the run does not wait
for its end.
"""

import signal
from collections.abc import Iterator
from pydoc_data.topics import topics

import pytest
from helpers.faults import (
    Laboratory,
    events_of,
    kill,
    laboratory,
    state_of,
    wait_until,
    worker_of,
)

from engine.host.home import Home
from engine.runs.events import Cancelled, PhaseEntered


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with laboratory(Home(tmp_path_factory.mktemp("lab") / "home")) as lab:
        yield lab


@pytest.mark.parametrize("how", ["cancel", "SIGTERM"])
def test_the_run_is_cancelled_before_its_program_is_compiled(lab: Laboratory, how: str) -> None:
    corpus = lab.folder / "small.txt"
    corpus.write_text(topics["types"].encode("ascii", "ignore").decode()[:6_000])
    # Many seconds' compiling, which is never done, and so never in the cache.
    (run,) = lab.queue("alice/1", f"--corpus={corpus}", "--set=seqlen=64", "--set=hidden_units=300")
    wait_until(lambda: PhaseEntered(phase="compiling") in events_of(run))
    worker = worker_of(run)
    if how == "cancel":
        assert lab.call("cancel", run.id) == f"{run.id} cancelled\n"
    else:
        kill(worker, signal.SIGTERM)
        assert lab.ends(run) == "cancelled"
    assert state_of(run) == "cancelled"
    # What comes after compiling was never begun.
    assert events_of(run)[-2:] == [PhaseEntered(phase="compiling"), Cancelled()]
    assert not {"reserve", "compiled"} & {path.name for path in run.directory.iterdir()}
