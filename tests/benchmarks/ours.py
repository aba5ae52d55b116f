"""The same measurements through the product's own training. One a process; prints JSON. See
:mod:`plain`.
"""

import json
import os
import resource
import select
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import presets
from engine.data.library import TextLibrary
from engine.data.series import built_in
from engine.host import locks
from engine.host.home import Home
from engine.numerics import protocol, sampling, seeds
from engine.operations.submission import accept
from engine.trials.trial import ForecastParameters, TextParameters, parameters_for, trial_for
from engine.trials.variant import Variant

if TYPE_CHECKING:
    from engine.training.epochs import CompiledTraining

Figures = dict[str, float]
_LONG_ENOUGH_S = 1.0


def enter(threads: int) -> Variant:
    """Set this process up as a worker is, before TensorFlow is imported."""
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    variant = Variant.for_threads(threads)
    variant.enter()
    return variant


def forecast(preset_id: str, epochs: int | None = None) -> Figures:
    """Train a preset. Seconds: all of it, compiling and predicting included; and an epoch of
    many.
    """
    enter(2)
    from engine.training.epochs import CompiledTraining
    from engine.training.forecasting import ForecastTraining, fetch_windows
    from engine.training.models import forecaster

    values = built_in().values
    parameters = _parameters(preset_id, {"epochs": epochs} if epochs else {})
    assert isinstance(parameters, ForecastParameters)
    began = time.perf_counter()
    training = ForecastTraining(parameters, values)
    training.compile()
    for _event in training.train(1):
        pass
    fit = time.perf_counter() - began

    part, _test = protocol.split_windows(protocol.scale(values).values, parameters.time_steps)
    windows = len(part.y)
    compiled = CompiledTraining(
        forecaster(parameters, 1), fetch_windows(part), windows, parameters.batch_size
    )
    compiled.compile()
    done, began = 0, time.perf_counter()
    for piece in compiled.run(1_000_000, _orders(windows)):
        done += len(piece.ended)
        if time.perf_counter() - began >= _LONG_ENOUGH_S:
            break
    return {"fit": fit, "epoch": (time.perf_counter() - began) / done}


def characters(seqlen: int, corpus: str, epochs: int, threads: int) -> Figures:
    """Train on a prepared text, batches of 128, in the variant for ``threads`` threads. Seconds: an
    epoch.
    """
    return {"epoch": float(np.median(list(_epochs(_compiled(seqlen, corpus, threads), epochs))))}


def beside(seqlen: int, corpus: str, epochs: int) -> Figures:
    """The same on one thread, beginning when stdin says so: several of them keep all cores busy.

    The one that is done first continues until stdin is closed, so that nobody has the machine for
    themselves.
    """
    compiled = _compiled(seqlen, corpus, 1)
    print("ready", flush=True)
    sys.stdin.readline()
    seconds = list(_epochs(compiled, epochs))
    print("measured", flush=True)
    for _second in _epochs(compiled, 1_000):
        if select.select([sys.stdin], [], [], 0)[0]:
            break
    return {"epoch": float(np.median(seconds))}


def writing(seqlen: int, corpus: str, count: int) -> Figures:
    """Write characters, one at a time, from an untrained network."""
    from engine.training.models import character_model, named_weights
    from engine.training.text import encode

    vocabulary, ids = encode(Path(corpus).read_text())
    model = character_model(_characters(seqlen), len(vocabulary), 1)
    weights = sampling.CharacterWeights.from_named(named_weights(model))
    list(sampling.generate(weights, ids[:seqlen], 3))
    began = time.perf_counter()
    list(sampling.generate(weights, ids[:seqlen], count))
    return {"written": time.perf_counter() - began}


def worker(preset_id: str, corpus: str, settings: list[str]) -> Figures:
    """Be the worker of a lone run, in a home of its own: training, log, checkpoints, result."""
    from engine.training.worker import start_work

    preset = presets.get(preset_id)
    assert preset is not None
    with tempfile.TemporaryDirectory(prefix="rnnlab-benchmark-") as folder:
        os.environ |= {"RNNLAB_LOCKS": f"{folder}/locks", "XDG_CACHE_HOME": f"{folder}/cache"}
        home = Home(Path(folder) / "home")
        data = TextLibrary(home).resolve(corpus).reference
        (run,) = accept(
            home,
            [trial_for(preset, data, settings=dict(word.split("=") for word in settings), seed=1)],
        )
        lock = locks.acquire(run.directory)
        assert lock is not None
        status = start_work(run, 2)
        assert status == 0, run.worker_log.read_text()
        assert run.result() is not None
    return {}


def _parameters(preset_id: str, settings: dict[str, Any]) -> Any:
    preset = presets.get(preset_id)
    assert preset is not None
    return parameters_for(preset, settings)


def _characters(seqlen: int) -> TextParameters:
    parameters: TextParameters = _parameters("alice/1", {"seqlen": seqlen})
    return parameters


def _orders(samples: int) -> Callable[[int], np.ndarray]:
    return lambda epoch: seeds.generator(1, "order", epoch).permutation(samples)


def _compiled(seqlen: int, corpus: str, threads: int) -> "CompiledTraining":
    variant = enter(threads)
    from engine.training.models import character_model
    from engine.training.text import compiled_training, encode

    vocabulary, ids = encode(Path(corpus).read_text())
    parameters = _characters(seqlen)
    model = character_model(parameters, len(vocabulary), 1)
    compiled = compiled_training(model, parameters, ids, len(vocabulary), variant)
    compiled.compile()
    return compiled


def _epochs(compiled: "CompiledTraining", count: int) -> Iterator[float]:
    """Train ``count`` epochs and one before them, in which the pace of slices is found; yield
    each's seconds.
    """
    began = time.perf_counter()
    waiting = 0
    for piece in compiled.run(count + 1, _orders(compiled.samples)):
        waiting += len(piece.ended)
        # Short epochs end several at a time, long ones after several slices.
        if piece.ended:
            now = time.perf_counter()
            if piece.ended[0][0] > 1:
                yield from [(now - began) / waiting] * waiting
            waiting, began = 0, now


def main() -> None:
    """Carry out what the arguments name: the function, and its arguments as JSON."""
    measured: Figures = globals()[sys.argv[1]](*json.loads(sys.argv[2]))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {**measured, "peak": used.ru_maxrss * 1024, "cpu": used.ru_utime + used.ru_stime}
        )
    )


if __name__ == "__main__":
    main()
