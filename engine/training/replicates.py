"""Training one forecast from several random seeds, on two cores.

The main thread reports everything that happens. If there is enough to do, a helper thread trains
seeds too, with its own network and program, and reports only how each one ended. Each seed's result
is, bit for bit, the same as that of this seed alone, whichever thread trained it.
"""

import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.numerics.divergence import Diverged
from engine.runs.checkpoints import Arrays
from engine.runs.events import EpochEnded, PhaseEntered, ReplicateEnded, ReplicateStarted
from engine.training.epochs import ResumeState, SafePoint
from engine.training.forecasting import Forecast, ForecastTraining, Steps
from engine.trials.trial import ForecastParameters

HELPER_THRESHOLD_S = 2.0
"""How much training must be left to start the helper thread: compiling takes about a second."""
_POLL_S = 0.2


def train_replicates(
    parameters: ForecastParameters,
    values: ArrayLike,
    seeds: Sequence[int],
    earlier: ResumeState | None = None,
    *,
    threads: int = 1,
) -> Steps[dict[int, Forecast]]:
    """Train once from each of several random seeds; return seed → forecast, in order of ``seeds``.

    ``threads``: with 2, two seeds are trained at a time. Each is bit for bit what
    :func:`engine.training.forecasting.train` gives for this seed alone. Seeds that diverge are left
    out. Raises :class:`Diverged` if all do, otherwise like that function.
    """
    training = ForecastTraining(parameters, values)
    yield PhaseEntered(phase="compiling")
    training.compile()
    yield PhaseEntered(phase="training")
    forecasts: dict[int, Forecast] = {}
    diverged: list[Diverged] = []
    completed, current_seed = set[int](), None
    if earlier:
        completed = {ended.seed for ended in earlier.progress.replicates}
        current_seed = earlier.progress.replicate
        forecasts = {
            seed: training.restore_forecast(earlier.arrays, seed)
            for seed in completed
            if f"{seed}/losses" in earlier.arrays
        }
    waiting = deque(
        sorted(
            (seed for seed in seeds if seed not in completed), key=lambda seed: seed != current_seed
        )
    )

    def record(seed: int, outcome: Forecast | Diverged) -> ReplicateEnded:
        if isinstance(outcome, Diverged):
            diverged.append(outcome)
            return ReplicateEnded(seed=seed)
        forecasts[seed] = outcome
        return ReplicateEnded(seed=seed, train_rmse=outcome.train_rmse, test_rmse=outcome.test_rmse)

    start_time, epochs = time.monotonic(), 0
    with _HelperThread(partial(ForecastTraining, parameters, values), waiting) as helper:
        for seed in _drain(waiting):
            if seed != current_seed:
                yield ReplicateStarted(seed=seed)
            steps = training.train(seed, earlier if seed == current_seed else None)
            while not isinstance(step := _next(steps), Forecast | Diverged):
                yield (
                    SafePoint(partial(_merged_state, step.state, forecasts))
                    if isinstance(step, SafePoint)
                    else step
                )
                epochs += isinstance(step, EpochEnded)
                seconds_left = (
                    len(waiting)
                    * parameters.epochs
                    * (time.monotonic() - start_time)
                    / max(1, epochs)
                )
                if threads > 1 and epochs and seconds_left > HELPER_THRESHOLD_S:
                    helper.open()
                for ended in helper.ended():
                    yield record(*ended)
            yield record(seed, step)
        while helper.is_running:
            for ended in helper.ended(_POLL_S):
                yield record(*ended)
            # The caller may want to stop.
            yield SafePoint(partial(_merged_state, training.state, forecasts))
        for ended in helper.ended():
            yield record(*ended)
    if not forecasts:
        raise diverged[-1] if diverged else Diverged(parameters.epochs, math.nan)
    yield SafePoint(partial(_merged_state, training.state, forecasts), last=True)
    return {seed: forecasts[seed] for seed in seeds if seed in forecasts}


class _HelperThread:
    """A context with a thread that, once opened, trains ``waiting`` seeds until its end."""

    def __init__(self, make: Callable[[], ForecastTraining], waiting: deque[int]) -> None:
        self._make = make
        self._waiting = waiting
        self._outcomes: queue.SimpleQueue[tuple[int, Forecast | Diverged] | Exception] = (
            queue.SimpleQueue()
        )
        self._leave = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._leave.set()
        if self._thread:
            self._thread.join()

    def open(self) -> None:
        """Start the thread unless it was started."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="seeds beside")
            self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def ended(self, patience: float = 0.0) -> Iterator[tuple[int, Forecast | Diverged]]:
        """Yield the seeds that ended since, with their outcomes.

        Waits up to ``patience`` seconds for the first. Raises the thread's exception if it failed.
        """
        try:
            while True:
                outcome = (
                    self._outcomes.get(timeout=patience)
                    if patience
                    else self._outcomes.get_nowait()
                )
                if isinstance(outcome, Exception):
                    raise outcome
                yield outcome
                patience = 0.0
        except queue.Empty:
            return

    def _work(self) -> None:
        try:
            training = self._make()
            training.compile()
            for seed in _drain(self._waiting):
                steps = training.train(seed)
                while not isinstance(step := _next(steps), Forecast | Diverged):
                    if self._leave.is_set():
                        return
                self._outcomes.put((seed, step))
        except Exception as error:
            self._outcomes.put(error)


def _drain(waiting: deque[int]) -> Iterator[int]:
    """Take from the front until the queue is empty; other threads may take from it too."""
    while True:
        try:
            yield waiting.popleft()
        except IndexError:
            return


def _next(steps: Steps[Forecast]) -> Any:
    """Return the next step of a training; at its end the forecast, or the divergence."""
    try:
        return next(steps)
    except StopIteration as end:
        return end.value
    except Diverged as diverged:
        return diverged


def _merged_state(state: Callable[[], Arrays], forecasts: Mapping[int, Forecast]) -> Arrays:
    """Return a state that includes what ``restore_forecast`` needs of the completed seeds."""
    arrays: dict[str, NDArray[Any]] = dict(state())
    for seed, forecast in forecasts.items():
        arrays[f"{seed}/losses"] = np.array(forecast.losses)
        arrays[f"{seed}/predicted"] = forecast.predicted
        arrays.update(
            {f"{seed}/weights/{name}": weight for name, weight in forecast.weights.items()}
        )
    return arrays
