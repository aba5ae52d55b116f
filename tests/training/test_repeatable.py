"""The same trial, seed and variant give the same bits: in another process, spawned or forked from
the fork server.
"""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from helpers.factory import CORPUS, alice_trial, sunspots_trial

from engine.data.library import TextLibrary
from engine.host import locks
from engine.host.home import Home
from engine.operations.submission import accept
from engine.runs.results import Result, TextMetrics
from engine.runs.run import Run, all_runs
from engine.supervision.forkserver import ForkServer
from engine.supervision.launch import launch
from engine.training.compiled import compiled_folder
from engine.trials.trial import ForecastTrial, TextTrial

PATIENCE_S = 300.0
Bits = tuple[str, dict[str, bytes]]


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every process compile for itself."""
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)


@pytest.fixture
def writing(home: Home, tmp_path: Path) -> TextTrial:
    """A character trial with a short last batch, of seconds."""
    path = tmp_path / "text.txt"
    path.write_text(CORPUS * 30)
    data = TextLibrary(home).resolve(str(path)).reference
    settings = {
        "iterations": 2,
        "epochs_per_iteration": 2,
        "predictions": 20,
        "seqlen": 5,
        "hidden_units": 32,
    }
    return alice_trial(1, seed=4, data=data, **settings)


@pytest.fixture
def forecast() -> ForecastTrial:
    return sunspots_trial(9, seed=4, epochs=3)


def spawned(home: Home, trial: TextTrial | ForecastTrial, threads: int) -> Bits:
    """Have a process of its own carry the trial out."""
    (run,) = accept(home, [trial])
    lock = locks.acquire(run.directory)
    assert lock is not None
    worker = launch(run, lock, threads)
    os.close(lock)
    assert worker.wait(PATIENCE_S) == 0
    return bits(run)


def forked(server: ForkServer, home: Home, trial: TextTrial | ForecastTrial, threads: int) -> Bits:
    """Have a process carry it out that was forked from one which had imported TensorFlow."""
    (run,) = accept(home, [trial])
    lock = locks.acquire(run.directory)
    assert lock is not None
    worker = server.launch(run, lock, threads)
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
def test_a_text_in_processes_of_their_own_and_forked(
    home: Home, writing: TextTrial, threads: int
) -> None:
    first = spawned(home, writing, threads)
    assert spawned(home, writing, threads) == first
    server = ForkServer(home)
    try:
        assert forked(server, home, writing, threads) == first
    finally:
        server.close()


def test_a_text_with_its_accents_and_lines(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "spanish.txt"
    path.write_text(
        "El niño pidió más sueño;\nla cigüeña volvió —¿cuándo?— mañana.\n\n" * 30, "utf-8"
    )
    corpus = TextLibrary(home).resolve(str(path), options={"lines": "keep", "case": "keep"})
    settings = {
        "iterations": 6,
        "predictions": 60,
        "seqlen": 6,
        "hidden_units": 64,
        "batch_size": 32,
    }
    trial = alice_trial(1, seed=4, data=corpus.reference, **settings)
    first = spawned(home, trial, 1)
    assert spawned(home, trial, 1) == first
    # Prepared in another way it is another text, whose compiled program is another.
    plain = TextLibrary(home).resolve(str(path), options={"letters": "ascii"}).reference
    assert spawned(home, trial.model_copy(update={"data": plain}), 1) != first
    written = next(run for run in all_runs(home) if run.submission.trial == trial).result()
    assert written is not None
    assert isinstance(written.metrics, TextMetrics)
    texts = [iteration.generated for iteration in written.metrics.iterations]
    assert all(len(text) == 60 and set(text) <= set(corpus.text) for text in texts)
    assert {"ñ", "\n"} <= set("".join(texts))
    assert written.provenance.data.prepared_sha256 == corpus.prepared_sha256


@pytest.mark.parametrize("threads", [1, 2])
def test_a_forecast_in_processes_of_their_own(
    home: Home, forecast: ForecastTrial, threads: int
) -> None:
    first = spawned(home, forecast, threads)
    assert spawned(home, forecast, threads) == first


def test_a_program_out_of_the_cache_gives_the_same_bits_and_a_damaged_one_is_compiled_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Home, writing: TextTrial
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
