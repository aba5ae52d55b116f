"""Training one forecast from several random seeds, on two cores: each is bit for bit what its seed
alone gives.

The run's own lane says all that happens. Once there is enough to do, a thread beside it takes seeds
too, with a network and a program of its own, and says of each only how it ended. Which of the two
trained a seed does not show in it.
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
"""How much training must still wait for the lane beside to be opened: compiling its program takes
about a second.
"""
_LOOK_S = 0.2


def train_replicates(
    parameters: ForecastParameters,
    values: ArrayLike,
    seeds: Sequence[int],
    earlier: ResumeState | None = None,
    *,
    threads: int = 1,
) -> Steps[dict[int, Forecast]]:
    """Train once from each of several random seeds; return seed → forecast, in the order of
    ``seeds``.

    ``threads``: with two, two seeds are trained at a time. Each is bit for bit what
    :func:`engine.training.forecasting.train` gives for its seed alone. Those that diverge are left
    out. Raises :class:`Diverged` where all do, else as that function.
    """
    training = ForecastTraining(parameters, values)
    yield PhaseEntered(phase="compiling")
    training.compile()
    yield PhaseEntered(phase="training")
    made: dict[int, Forecast] = {}
    diverged: list[Diverged] = []
    over, under_way = set[int](), None
    if earlier:
        over = {ended.seed for ended in earlier.progress.replicates}
        under_way = earlier.progress.replicate
        made = {
            seed: training.recall(earlier.arrays, seed)
            for seed in over
            if f"{seed}/losses" in earlier.arrays
        }
    waiting = deque(
        sorted((seed for seed in seeds if seed not in over), key=lambda seed: seed != under_way)
    )

    def settled(seed: int, outcome: Forecast | Diverged) -> ReplicateEnded:
        if isinstance(outcome, Diverged):
            diverged.append(outcome)
            return ReplicateEnded(seed=seed)
        made[seed] = outcome
        return ReplicateEnded(seed=seed, train_rmse=outcome.train_rmse, test_rmse=outcome.test_rmse)

    began, epochs = time.monotonic(), 0
    with _HelperThread(partial(ForecastTraining, parameters, values), waiting) as beside:
        for seed in _drain(waiting):
            if seed != under_way:
                yield ReplicateStarted(seed=seed)
            steps = training.train(seed, earlier if seed == under_way else None)
            while not isinstance(step := _next(steps), Forecast | Diverged):
                yield (
                    SafePoint(partial(_merged_state, step.state, made))
                    if isinstance(step, SafePoint)
                    else step
                )
                epochs += isinstance(step, EpochEnded)
                left = (
                    len(waiting) * parameters.epochs * (time.monotonic() - began) / max(1, epochs)
                )
                if threads > 1 and epochs and left > HELPER_THRESHOLD_S:
                    beside.open()
                for ended in beside.ended():
                    yield settled(*ended)
            yield settled(seed, step)
        while beside.is_at_work:
            for ended in beside.ended(_LOOK_S):
                yield settled(*ended)
            # Whoever iterates may want to stop.
            yield SafePoint(partial(_merged_state, training.state, made))
        for ended in beside.ended():
            yield settled(*ended)
    if not made:
        raise diverged[-1] if diverged else Diverged(parameters.epochs, math.nan)
    yield SafePoint(partial(_merged_state, training.state, made), last=True)
    return {seed: made[seed] for seed in seeds if seed in made}


class _HelperThread:
    """A thread that trains seeds of those ``waiting``, once it is opened. A context, after which it
    has ended.
    """

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
        """Start, unless it has been."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="seeds beside")
            self._thread.start()

    @property
    def is_at_work(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def ended(self, patience: float = 0.0) -> Iterator[tuple[int, Forecast | Diverged]]:
        """Yield the seeds that ended since, with what came of them; wait for a first one so many
        seconds.

        Raises what the thread has failed with.
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
    """Take from the front while there is something, whoever else does."""
    while True:
        try:
            yield waiting.popleft()
        except IndexError:
            return


def _next(steps: Steps[Forecast]) -> Any:
    """Return the next step of a training; at its end the forecast, or how it diverged."""
    try:
        return next(steps)
    except StopIteration as end:
        return end.value
    except Diverged as diverged:
        return diverged


def _merged_state(state: Callable[[], Arrays], made: Mapping[int, Forecast]) -> Arrays:
    """Return a state with what :meth:`ForecastTraining.recall` needs of the seeds that are
    complete.
    """
    kept: dict[str, NDArray[Any]] = dict(state())
    for seed, forecast in made.items():
        kept[f"{seed}/losses"] = np.array(forecast.losses)
        kept[f"{seed}/predicted"] = forecast.predicted
        kept.update({f"{seed}/weights/{name}": weight for name, weight in forecast.weights.items()})
    return kept
