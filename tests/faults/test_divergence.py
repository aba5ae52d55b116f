"""Training that runs away: the run ends as diverged, says what to try, keeps what was complete, and
is not repeated.
"""

import io
import json
from collections.abc import Iterator

import numpy as np
import pytest
from faults.test_damaged_checkpoint import checkpoints_of, signed
from helpers.faults import (
    Laboratory,
    copy_of,
    end_of,
    events_of,
    laboratory,
    queued_ids,
    state_of,
    wait_until,
    with_two_checkpoints,
)

from engine.host.home import Home
from engine.runs.checkpoints import unpack_arrays
from engine.runs.events import Died, Started
from engine.runs.run import Run, all_runs

REMEDY = "Try tanh instead of linear or relu, shorter windows, fewer hidden units or another seed."


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


def starts(run: Run) -> int:
    return sum(isinstance(event, Started) for event in events_of(run))


def test_a_run_that_diverges_says_so_and_what_to_try_and_is_not_started_again(
    lab: Laboratory,
) -> None:
    # A linear network of this size multiplies its state beyond all bounds over 500 steps, within a
    # few batches.
    runaway = (
        "--set=activation=linear",
        "--set=time_steps=500",
        "--set=hidden_units=512",
        "--set=batch_size=1",
    )
    said = lab.call("run", "sunspots/5", "--set=epochs=3", *runaway, status=1)
    (run,) = all_runs(lab.home)
    assert state_of(run) == "diverged"
    assert "Training diverged: the loss of epoch 1 is" in said
    assert REMEDY in said
    wait_until(lambda: queued_ids(lab.home) == [])
    assert starts(run) == 1
    # Taken up again it does the same, says so, and ends.
    lab.call("resume", run.id)
    wait_until(lambda: starts(run) == 2)
    assert lab.ends(run) == "diverged"
    wait_until(lambda: queued_ids(lab.home) == [])
    wait_until(lambda: not lab.is_supervised())
    assert (starts(run), state_of(run)) == (2, "diverged")
    assert not any(isinstance(event, Died) for event in events_of(run))
    assert REMEDY in lab.call("watch", run.id, status=1)


def run_away(run: Run, weight: float) -> None:
    """Put a weight that is too much, or none, into all of a run's checkpoints."""
    for path in checkpoints_of(run):
        arrays = unpack_arrays(path.read_bytes().partition(b"\n")[2])
        arrays["variable/0"] = np.full_like(arrays["variable/0"], weight)
        content = io.BytesIO()
        np.savez(content, allow_pickle=False, **arrays)
        path.write_bytes(signed(content.getvalue()))


def test_the_epochs_before_are_kept(lab: Laboratory) -> None:
    undisturbed, run = with_two_checkpoints(lab, "sunspots/5", "--set=epochs=1000")
    every = undisturbed.progress().losses
    copies = {copy_of(run, "not-a-number"): np.nan, copy_of(run, "infinite"): 1e38}
    for copy, weight in copies.items():
        run_away(copy, weight)
    lab.call("resume", *(copy.id for copy in copies))
    for copy in copies:
        assert lab.ends(copy) == "diverged"
        shown = json.loads(lab.call("show", copy.id, "--json"))
        losses = shown["metrics"]["losses"]
        assert 0 < len(losses) < len(every)
        assert losses == every[: len(losses)]
        assert shown["error"]["try"] == REMEDY
        assert f"the loss of epoch {len(losses) + 1} is" in end_of(copy)
        assert starts(copy) == starts(run) + 1
