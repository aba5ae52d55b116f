"""A trial that takes more memory than there is: the command refuses it or warns of it, before
anything heavy starts.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.faults import Laboratory, laboratory, processes

from engine.host.home import Home
from engine.host.machine import cores

GIB = 2**30
# What stands in TensorFlow's place: nothing of that size is to be trained.
_NOT_TODAY = "raise ImportError('not today')\n"


@pytest.fixture
def lab(home: Home, tmp_path: Path) -> Iterator[Laboratory]:
    package = tmp_path / "packages" / "tensorflow"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_NOT_TODAY)
    with laboratory(home) as lab:
        lab.variables = {"PYTHONPATH": str(package.parent)}
        yield lab


def trial(*settings: str) -> tuple[str, ...]:
    return (
        "run",
        "alice/1",
        "--corpus=python-docs",
        "--detach",
        *(f"--set={setting}" for setting in settings),
    )


def test_what_can_not_fit_is_refused_in_one_sentence(lab: Laboratory) -> None:
    lab.limits = (f"--as={6 * GIB}",)
    said = lab.call(*trial("hidden_units=2048", "seqlen=1000"), status=2)
    assert said.startswith("rnnlab-tui: This trial takes over 18.")
    assert said.endswith(
        " GiB of memory, and a process may have 6.0 here (`ulimit -v`). Try a smaller "
        "hidden_units or seqlen.\n"
    )
    assert said.count("\n") == 1
    assert not lab.home.runs.exists()
    assert processes(str(lab.home.root)) == []


@pytest.mark.skipif(cores() < 2, reason="on one processor a run trains on one thread")
def test_what_may_not_fit_is_warned_of_and_queued(lab: Laboratory) -> None:
    lab.limits = (f"--as={3 * GIB}",)
    said = lab.call(*trial("hidden_units=2048", "seqlen=100"))
    assert (
        " GiB of memory, and 3.0 are free now: it could fail. Try a smaller hidden_units or "
        "seqlen.\n" in said
    )
    assert said.count("it could fail") == 1
    # What the warning advises needs none.
    assert "memory" not in lab.call(*trial("hidden_units=1024", "seqlen=100"))
