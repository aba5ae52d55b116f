"""The same trial, seed and variant give the same bits: in another process, spawned or forked from the nursery."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from support import CORPUS, alice_trial, sunspots_trial

from engine import locks
from engine.compiled import compiled_folder
from engine.data.corpus import Library
from engine.home import Home
from engine.launch import launch
from engine.nursery import Nursery
from engine.results import Result
from engine.runs import Run
from engine.submission import accept
from engine.trial import AliceTrial, SunspotsTrial

PATIENCE_S = 300.0
Bits = tuple[str, dict[str, bytes]]


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every process compile for itself."""
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)


@pytest.fixture
def writing(home: Home, tmp_path: Path) -> AliceTrial:
    """A character trial with a short last batch, of seconds."""
    path = tmp_path / "text.txt"
    path.write_text(CORPUS * 30)
    data = Library(home).find(str(path)).reference
    settings = {"iterations": 2, "epochs_per_iteration": 2, "predictions": 20, "seqlen": 5, "hidden_units": 32}
    return alice_trial(1, seed=4, data=data, **settings)


@pytest.fixture
def forecast() -> SunspotsTrial:
    return sunspots_trial(9, seed=4, epochs=3)


def spawned(home: Home, trial: AliceTrial | SunspotsTrial, threads: int) -> Bits:
    """Have a process of its own carry the trial out."""
    (run,) = accept(home, [trial])
    lock = locks.take(run.directory)
    assert lock is not None
    worker = launch(run, lock, threads)
    os.close(lock)
    assert worker.wait(PATIENCE_S) == 0
    return bits(run)


def forked(nursery: Nursery, home: Home, trial: AliceTrial | SunspotsTrial, threads: int) -> Bits:
    """Have a process carry it out that was forked from one which had imported TensorFlow."""
    (run,) = accept(home, [trial])
    lock = locks.take(run.directory)
    assert lock is not None
    worker = nursery.launch(run, lock, threads)
    os.close(lock)
    deadline = time.monotonic() + PATIENCE_S
    while worker.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return bits(run)


def bits(run: Run) -> Bits:
    """Return the figures of a run that is done, and the bytes of its arrays."""
    result = run.result()
    assert isinstance(result, Result), run.worker_log.read_text()
    found: dict[str, bytes] = {}
    for name in ("weights.npz", "predictions.npz"):
        if (run.directory / name).exists():
            with np.load(run.directory / name) as arrays:
                found |= {f"{name}/{key}": arrays[key].tobytes() for key in arrays.files}
    assert len(found) >= 5
    return result.metrics.model_dump_json(), found


@pytest.mark.parametrize("threads", [1, 2])
def test_a_text_in_processes_of_their_own_and_forked(home: Home, writing: AliceTrial, threads: int) -> None:
    first = spawned(home, writing, threads)
    assert spawned(home, writing, threads) == first
    nursery = Nursery(home)
    try:
        assert forked(nursery, home, writing, threads) == first
    finally:
        nursery.close()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_forecast_in_processes_of_their_own(home: Home, forecast: SunspotsTrial, threads: int) -> None:
    first = spawned(home, forecast, threads)
    assert spawned(home, forecast, threads) == first


def test_a_program_out_of_the_cache_gives_the_same_bits_and_a_damaged_one_is_compiled_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Home, writing: AliceTrial
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    compiled_here = spawned(home, writing, 2)
    (kept,) = compiled_folder().glob("*/*")
    entry = kept.read_bytes()
    written = kept.stat().st_mtime_ns
    assert spawned(home, writing, 2) == compiled_here
    assert kept.stat().st_mtime_ns == written
    kept.write_bytes(entry[: len(entry) // 2])
    assert spawned(home, writing, 2) == compiled_here
    assert kept.stat().st_mtime_ns > written
    assert len(kept.read_bytes()) > len(entry) // 2
    # The runs keep nothing of it.
    assert not list(home.runs.glob("*/compiled"))
