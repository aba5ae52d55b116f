"""The worker: trains the run whose directory is its argument. ``python -P -m engine.training.worker DIRECTORY``.

It is the one writer of the run's log, from the moment it holds the run's lock to its end. What TensorFlow prints
goes to ``worker.log``, into which whoever started the worker has turned its output.
"""

import argparse
import io
import logging
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Generator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine import locks
from engine.errors import LabError
from engine.events import AnyEvent, Cancelled, EventWriter, Failed, Finished, Phase, PhaseEntered, Started
from engine.files import write_whole
from engine.home import Home
from engine.language import _
from engine.provenance import provenance
from engine.results import Result
from engine.runs import Run
from engine.trial import Device

_log = logging.getLogger("rnnlab.worker")
_T = TypeVar("_T")


class _StopRequested(Exception):
    """The person, or the host, wants the run to end."""


class Worker:
    """Takes one run from its ``trial.json`` to its ``result.json``."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._events = EventWriter(run.log)
        self._signalled = False
        self._phase: Phase = "importing"
        self._phase_since = time.monotonic()
        self._durations: dict[str, float] = {}

    def work(self) -> int:
        """Train, and write what comes of it; however it ends, the log says so. Return the exit status."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        self._events.append(Started(pid=os.getpid(), host=socket.gethostname(), started=time.time()))
        end: AnyEvent
        try:
            self._train()
            end = Finished()
        except _StopRequested:
            end = Cancelled()
        except Exception as error:
            _log.exception("run %s ended early", self._run.id)
            end = self._explain(error)
        self._events.append(end)
        self._events.sync()
        self._events.close()
        return 1 if isinstance(end, Failed) else 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signalled = True

    def _explain(self, error: Exception) -> Failed:
        """Say in one sentence what ended the run, and what can be done."""
        if isinstance(error, LabError):
            epoch = getattr(error, "epoch", None)
            return Failed(what=error.what, remedy=error.remedy, diverged=epoch is not None, epoch=epoch)
        if isinstance(error, MemoryError):
            return Failed(what=_("Out of memory."), remedy=_("Try a smaller batch_size or fewer hidden_units."))
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            return Failed(what=_("The run's files can't be written: {reason}.").format(reason=reason))
        words = LabError(traceback.format_exception_only(error)[-1]).what
        return Failed(
            what=_("Training stopped: {reason}").format(reason=words if len(words) <= 300 else words[:299] + "…"),
            remedy=_("The whole message is in {path}.").format(path=self._run.worker_log),
        )

    def _train(self) -> None:
        trial = self._run.submission.trial
        self._follow(iter_phase("importing"))
        use_device(trial.device)
        # Here, not above: it brings TensorFlow, and takes seconds in which the log already says so.
        from engine.training.conduct import conduct

        made = self._follow(conduct(trial, Home(self._run.directory.parent.parent)))
        self._follow(iter_phase("writing"))
        folder = self._run.directory
        if made.predictions:
            write_arrays(folder / "predictions.npz", made.predictions)
        write_arrays(folder / "weights.npz", made.weights)
        result = Result(
            finished=time.time(),
            parameter_count=made.parameter_count,
            metrics=made.metrics,
            predictions="predictions.npz" if made.predictions else None,
            provenance=provenance(trial, made.data, self._durations),
        )
        write_whole(folder / "result.json", result.model_dump_json(indent=1).encode())

    def _follow(self, steps: Generator[AnyEvent, None, _T]) -> _T:
        """Log what the steps say as they say it, and look between any two whether to stop."""
        while True:
            if self._signalled or self._run.cancel_request.exists():
                steps.close()
                raise _StopRequested
            try:
                event = next(steps)
            except StopIteration as end:
                value: _T = end.value
                return value
            if isinstance(event, PhaseEntered):
                self._enter(event.phase)
            self._events.append(event)

    def _enter(self, phase: Phase) -> None:
        now = time.monotonic()
        self._durations[self._phase] = self._durations.get(self._phase, 0.0) + now - self._phase_since
        self._phase, self._phase_since = phase, now


def iter_phase(phase: Phase) -> Generator[AnyEvent, None, None]:
    """Announce a phase, in the form in which training announces what it does."""
    yield PhaseEntered(phase=phase)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays as an ``.npz`` that is read without pickle."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_whole(path, buffer.getvalue())


def use_device(device: Device) -> None:
    """Settle, before TensorFlow is imported, which processor it sees. On a GPU it takes memory as it needs it.

    By itself TensorFlow would take the whole memory of every GPU of a server that others use too.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    else:
        os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"


def main() -> int:
    """Run the trial of the directory given. Exit 0 done or cancelled, 1 failed, 2 the run has a worker already."""
    parser = argparse.ArgumentParser(prog="python -P -m engine.training.worker")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--lock", type=int, help="descriptor of the run's lock, taken by whoever starts this")
    arguments = parser.parse_args()
    run = Run(arguments.directory.absolute())
    lock = arguments.lock if arguments.lock is not None else locks.take(run.directory)
    if lock is None:
        print(LabError(_("Run {id} has a worker already.").format(id=run.id)), file=sys.stderr)  # noqa: T201
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    return Worker(run).work()


if __name__ == "__main__":
    sys.exit(main())
