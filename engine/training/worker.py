"""The worker: trains one run. ``python -P -m engine.training.worker DIRECTORY``.

It is the only writer of the run's log, from taking the run's lock to its end. What TensorFlow
prints goes to ``worker.log``, to which the starter of the worker has redirected its output.
"""

import argparse
import logging
import os
import shutil
import sys
import time
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.errors import LabError
from engine.host import disk, locks, out_of_memory, process_limits
from engine.host.files import write_atomic
from engine.host.identity import host_name, this_process
from engine.host.worker_environment import worker_environment
from engine.language import _
from engine.runs.checkpoints import Checkpoint, pack_arrays, read_checkpoints, write_checkpoint
from engine.runs.events import (
    AnyEvent,
    Cancelled,
    Checkpointed,
    Died,
    EpochEnded,
    EpochProgress,
    Event,
    EventReader,
    EventWriter,
    Failed,
    Finished,
    LogInUse,
    Phase,
    PhaseEntered,
    Resumed,
    Started,
    Warned,
)
from engine.runs.progress import effective_events, fold
from engine.runs.results import Result
from engine.runs.run import Run
from engine.sanitise import printable
from engine.training.compiled import CompiledPrograms
from engine.training.provenance import provenance
from engine.training.requests import StopRequests
from engine.trials.trial import Device, Trial
from engine.trials.variant import Variant

if TYPE_CHECKING:
    from engine.training.epochs import SafePoint
    from engine.training.outcome import Outcome

_log = logging.getLogger("rnnlab.worker")
_T = TypeVar("_T")

NICENESS = 10
_CHECKPOINT_S = 2.0
_RESERVE = 1 << 16
_RESERVE_FILE = "reserve"


class _StopRequested(Exception):
    """The person, or the system, wants the run to stop."""


class _RunDeleted(Exception):
    """The run was deleted, so its result is not wanted."""


class _RunAdopted(Exception):
    """Another host has adopted the run, believing this one gone: the log belongs to that host."""


class CacheRefused(Exception):
    """XLA could not write what it compiled and ended the training: a new process must do without.

    The message says why. In this process XLA would keep writing there, as it reads its flags once.
    """


class Worker:
    """Takes one run from ``trial.json`` or its last checkpoint to ``result.json``."""

    def __init__(self, run: Run, variant: Variant, without_cache: str = "") -> None:
        """``without_cache``: why compiled programs are not kept; empty if they are."""
        self._run = run
        self._variant = variant
        self._without_cache = without_cache
        self._events = EventWriter(run.log)
        self._requests = StopRequests(run)
        self._phase: Phase = "importing"
        self._phase_since = time.monotonic()
        self._durations: dict[str, float] = {}
        self._safe: tuple[SafePoint, int] | None = None
        """The last safe point, unless the network has moved on; the number of the event before."""
        self._checkpointed_at = time.monotonic()
        self._checkpoint_interval = _CHECKPOINT_S
        self._programs: CompiledPrograms | None = None

    def work(self) -> int:
        """Train and write the result; log the end, whatever it is. Return the exit status.

        Raises :class:`CacheRefused` if the run must start again without a cache of compiled
        programs.
        """
        with self._requests.handling_signals():
            return self._work()

    def _work(self) -> int:
        end: AnyEvent
        try:
            with disk_reserve(self._run.directory / _RESERVE_FILE):
                self._train()
            end = Finished()
        except _StopRequested:
            end = Cancelled()
        except _RunDeleted:
            self._clean_up_deleted()
            return 0
        except _RunAdopted:
            if self._programs:
                self._programs.clear()
            return 0
        except Exception as error:
            if self._run.was_deleted:
                # Noticed only because a file could not be written.
                self._clean_up_deleted()
                return 0
            if refused := self._cache_refusal(error):
                self._events.close()
                raise refused from error
            _log.exception("run %s ended early", self._run.id)
            end = self._explain(error)
        if self._programs:
            self._programs.clear()
        self._events.append(end)
        self._events.sync()
        self._events.close()
        return 1 if isinstance(end, Failed) else 0

    def _clean_up_deleted(self) -> None:
        """Remove folders of a deleted run that were created again, by XLA or for checkpoints."""
        if self._programs:
            self._programs.clear()
        if self._run.log.exists():
            # Somebody is still deleting it, or has lost a single file: leave the others alone.
            return
        home = self._run.home
        shutil.rmtree(self._run.directory, ignore_errors=True)
        if not home.queue.exists():
            # The whole home was deleted. A folder that is not empty, so in use, stays.
            for folder in (home.runs, home.root):
                with suppress(OSError):
                    folder.rmdir()

    def _explain(self, error: Exception) -> Failed:
        """Return an event that says in one sentence what ended the run, and what can be done."""
        if isinstance(error, LabError):
            epoch = getattr(error, "epoch", None)
            return Failed(
                what=error.what, remedy=error.remedy, diverged=epoch is not None, epoch=epoch
            )
        text = f"{type(error).__name__}: {error}"
        if disk.refusal(text):
            return self._explain_disk(error, disk.refusal(text))
        if process_limits.mentions_limit(text):
            return Failed(what=process_limits.SENTENCE, remedy=process_limits.remedy())
        if out_of_memory.mentions_oom(text):
            # TensorFlow and its libraries' loader each have an exception of their own for it.
            return Failed(what=_("Out of memory."), remedy=out_of_memory.remedy())
        if isinstance(error, OSError):
            return self._explain_disk(error, error.strerror or str(error))
        reason = LabError(traceback.format_exception_only(error)[-1]).what
        return Failed(
            what=_("Training stopped: {reason}").format(
                reason=reason if len(reason) <= 300 else reason[:299] + "…"
            ),
            remedy=_("The whole message is in {path}.").format(path=self._run.worker_log),
        )

    def _explain_disk(self, error: Exception, reason: str) -> Failed:
        """Say which folder can't be written, the reason first: a list may cut off the rest."""
        folder = disk.refused_folder(error)
        if folder is None or folder.is_relative_to(self._run.directory):
            folder = self._run.directory
        remedy = _("Once they can, `rnnlab-tui resume {id}` continues it.")
        if disk.is_full(reason):
            remedy = _("Make room there: then `rnnlab-tui resume {id}` continues it.")
        return Failed(
            what=_("{reason}: files in {path} can't be written.").format(
                reason=reason, path=folder
            ),
            remedy=remedy.format(id=self._run.id),
        )

    def _cache_refusal(self, error: Exception) -> CacheRefused | None:
        """Return the error if XLA could not write its cache and that ended the training; else None.

        Removes the folder.
        """
        if self._programs is None or str(self._programs.stage) not in str(error):
            return None
        self._programs.clear()
        return CacheRefused(disk.refusal(str(error)) or printable(str(error))[:200])

    def _train(self) -> None:
        trial = self._run.submission.trial
        outcome = self._run_trial(trial)
        self._follow(phase_entered("writing"))
        folder = self._run.directory
        if outcome.predictions:
            write_atomic(folder / "predictions.npz", pack_arrays(outcome.predictions))
        write_atomic(folder / "weights.npz", pack_arrays(outcome.weights))
        result = Result(
            finished=time.time(),
            parameter_count=outcome.parameter_count,
            metrics=outcome.metrics,
            predictions="predictions.npz" if outcome.predictions else None,
            provenance=provenance(trial, outcome.data, self._durations, self._variant),
        )
        write_atomic(folder / "result.json", result.model_dump_json(indent=1).encode())

    def _run_trial(self, trial: Trial) -> "Outcome":
        """Run the trial from the newest checkpoint that fits, or from the start."""
        log = EventReader(self._run.log).read()
        for checkpoint in [*read_checkpoints(self._run.checkpoints, self._events.last), None]:
            self._begin(checkpoint.after if checkpoint else 0)
            if checkpoint is None and any(isinstance(logged.event, Checkpointed) for logged in log):
                self._events.append(
                    Warned(text=_("No checkpoint could be read: training starts from scratch."))
                )
            if self._without_cache:
                text = _(
                    "What was compiled can't be kept in {path} ({reason}): training continues "
                    "without it."
                )
                self._events.append(
                    Warned(text=text.format(path=self._run.directory, reason=self._without_cache))
                )
            self._follow(phase_entered("importing"))
            use_device(trial.device)
            self._variant.enter()
            crashed = any(isinstance(logged.event, Died) for logged in log)
            # After a crash of a worker, don't use what was compiled before: it may be the cause.
            if (
                trial.device == "cpu"
                and not crashed
                and not self._without_cache
                and self._programs is None
            ):
                self._programs = CompiledPrograms(
                    self._run.directory / "compiled", trial, self._variant
                )
                self._programs.load()
            with self._requests.watching(self._exit_at_once):
                # Imported here because it imports TensorFlow, which takes seconds during which the
                # log already shows the phase.
                from engine.training.epochs import CheckpointMismatch, ResumeState
                from engine.training.run_trial import run_trial

            earlier = None
            if checkpoint:
                progress = fold(
                    logged for logged in effective_events(log) if logged.n <= checkpoint.after
                )
                earlier = ResumeState(checkpoint.arrays, progress)
            try:
                return self._follow(run_trial(trial, self._run.home, self._variant, earlier))
            except CheckpointMismatch as error:
                _log.warning("checkpoint %s does not fit: %s", checkpoint, error)
        raise AssertionError("a start from nothing always fits")

    def _exit_at_once(self) -> None:
        """End the process as cancelled: nothing was trained since the last checkpoint, if any."""
        if self._programs:
            self._programs.clear()
        (self._run.directory / _RESERVE_FILE).unlink(missing_ok=True)
        self._events.append(Cancelled())
        self._events.sync()
        os._exit(0)

    def _begin(self, after: int) -> None:
        """Log that this worker takes the run, and which part of an earlier log still counts."""
        if self._events.last:
            self._events.append(Resumed(after=after))
        started = Started(
            pid=os.getpid(),
            host=host_name(),
            started=time.time(),
            threads=self._variant.threads,
            process=this_process(),
        )
        self._events.append(started)

    def _follow(self, steps: Generator["AnyEvent | SafePoint", None, _T]) -> _T:
        """Log each step as it happens, and check between steps whether to stop."""
        while True:
            try:
                step = self._next(steps)
            except StopIteration as end:
                value: _T = end.value
                return value
            if self._run.was_deleted:
                raise _RunDeleted
            stop = self._requests.requested
            if isinstance(step, EpochEnded | EpochProgress):
                # The network has moved on; the next safe point follows soon.
                self._safe = None
                self._events.append(step)
                continue
            if isinstance(step, Event):
                if isinstance(step, PhaseEntered):
                    self._enter(step.phase)
                self._events.append(step)
            else:
                self._safe = step, self._events.last
                if (
                    step.last
                    or time.monotonic() - self._checkpointed_at >= self._checkpoint_interval
                ):
                    self._checkpoint()
            if stop:
                self._checkpoint()
                steps.close()
                raise _StopRequested

    def _next(self, steps: Generator["AnyEvent | SafePoint", None, _T]) -> "AnyEvent | SafePoint":
        if self._phase != "compiling":
            return next(steps)
            # Compiling many units or a long window takes a minute.
        with self._requests.watching(self._exit_at_once):
            return next(steps)

    def _checkpoint(self) -> None:
        """Write the state of the last safe point to disk, after the events that it contains."""
        if self._safe is None:
            return
        if not self._run.is_local:
            raise _RunAdopted
        point, after = self._safe
        self._safe = None
        start = time.monotonic()
        self._events.sync()
        write_checkpoint(self._run.checkpoints, Checkpoint(after, point.state()))
        self._events.append(Checkpointed(after=after))
        self._checkpointed_at = time.monotonic()
        # A slow disk must not slow down training: checkpoints take a twentieth of the time at most.
        self._checkpoint_interval = max(_CHECKPOINT_S, 20 * (self._checkpointed_at - start))

    def _enter(self, phase: Phase) -> None:
        now = time.monotonic()
        self._durations[self._phase] = (
            self._durations.get(self._phase, 0.0) + now - self._phase_since
        )
        self._phase, self._phase_since = phase, now
        if phase == "training" and self._programs:
            # Everything has been compiled.
            self._programs.save()


@contextmanager
def disk_reserve(path: Path) -> Iterator[None]:
    """Reserve space on disk in the file ``path``, so that a full disk can still be reported."""
    write_atomic(path, bytes(_RESERVE))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def phase_entered(phase: Phase) -> Generator[AnyEvent, None, None]:
    """Announce a phase as an event, in the form in which training does."""
    yield PhaseEntered(phase=phase)


def use_device(device: Device) -> None:
    """Set which processor TensorFlow will see, before it is imported.

    On a GPU it allocates memory as needed. By default TensorFlow would take all memory of every GPU
    of a server that others use too.
    """
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    else:
        os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"


def start_work(run: Run, threads: int, lock: int | None = None, without_cache: str = "") -> int:
    """Work on a run in this process, whose output is already redirected; return the exit status.

    ``lock`` is the descriptor of the run's lock, if this process holds it. ``without_cache``: as in
    :class:`Worker`.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # A restarted process already has this niceness.
    os.nice(max(0, NICENESS - os.nice(0)))
    environment = dict(os.environ)
    try:
        return Worker(run, Variant.for_threads(threads), without_cache).work()
    except LogInUse as error:
        _log.warning("run %s has a worker already: %s", run.id, error)
        return 2
    except CacheRefused as refused:
        _log.warning("run %s begins again: what was compiled can't be kept: %s", run.id, refused)
        command = [sys.executable, "-P", "-m", "engine.training.worker", str(run.directory)]
        command += ["--threads", str(threads), "--without-cache", str(refused)]
        if lock is not None:
            os.set_inheritable(lock, True)
            command += ["--lock", str(lock)]
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # Replace this process: number and lock stay, and whoever waits for it notices nothing.
        os.execve(sys.executable, command, environment)


def main() -> int:
    """Run the trial of a directory. Exit 0: done or cancelled; 1: failed; 2: it has a worker."""
    parser = argparse.ArgumentParser(prog="python -P -m engine.training.worker")
    parser.add_argument("directory", type=Path)
    parser.add_argument(
        "--lock", type=int, help="descriptor of the run's lock, taken by whoever starts this"
    )
    parser.add_argument(
        "--threads", type=int, default=2, help="1: whole batches; 2, the default: split batches"
    )
    parser.add_argument(
        "--without-cache",
        default="",
        metavar="WHY",
        help="keep no compiled programs; the log says why",
    )
    arguments = parser.parse_args()
    # As when workers are started automatically: this one may have been started by hand.
    environment = worker_environment()
    os.environ.clear()
    os.environ.update(environment)
    run = Run(arguments.directory.absolute())
    lock = arguments.lock if arguments.lock is not None else locks.acquire(run.directory)
    if lock is None:
        print(LabError(_("Run {id} has a worker already.").format(id=run.id)), file=sys.stderr)  # noqa: T201
        return 2
    return start_work(run, arguments.threads, lock, arguments.without_cache)


if __name__ == "__main__":
    sys.exit(main())
