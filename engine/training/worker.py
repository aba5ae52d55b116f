"""The worker: trains the run whose directory is its argument. ``python -P -m engine.training.worker
DIRECTORY``.

It is the one writer of the run's log, from the moment it holds the run's lock to its end. What
TensorFlow prints goes to ``worker.log``, into which whoever started the worker has turned its
output.
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
from engine.runs.checkpoints import Checkpoint, packed, read_checkpoints, write_checkpoint
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
from engine.trials.trial import Device, ForecastTrial, TextTrial
from engine.trials.variant import Variant

if TYPE_CHECKING:
    from engine.training.epochs import SafePoint
    from engine.training.run_trial import Outcome

_log = logging.getLogger("rnnlab.worker")
_T = TypeVar("_T")

NICENESS = 10
_CHECKPOINT_S = 2.0
_RESERVE = 1 << 16
_RESERVE_FILE = "reserve"


class _StopRequested(Exception):
    """The person, or the host, wants the run to end."""


class _RunDeleted(Exception):
    """The run was deleted: nobody wants it."""


class _RunAdopted(Exception):
    """Somebody has had the run adopted by another host, taking this one for gone: the log is that
    host's.
    """


class CacheRefused(Exception):
    """XLA could not write what it has compiled, and has ended the training for it: another process
    must do without.

    The words say why. In this process XLA goes on writing there: it reads its flags once.
    """


class Worker:
    """Takes one run from its ``trial.json``, or from its last checkpoint, to its
    ``result.json``.
    """

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
        """The last safe point, as long as the network has not moved on, and the number of the last
        event before it.
        """
        self._checkpointed_at = time.monotonic()
        self._checkpoint_interval = _CHECKPOINT_S
        self._programs: CompiledPrograms | None = None

    def work(self) -> int:
        """Train, and write what comes of it; however it ends, the log says so. Return the exit
        status.

        Raises :class:`CacheRefused` if the run is to be begun again without a cache of compiled
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
                # Between two looks, so that a file could not be written.
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
        """Remove what came back of a deleted run: XLA makes its folder anew, a checkpoint the
        folder of checkpoints.
        """
        if self._programs:
            self._programs.clear()
        if self._run.log.exists():
            # Somebody is still deleting it, or has lost one file: the others are not for the worker
            # to remove.
            return
        home = self._run.home
        shutil.rmtree(self._run.directory, ignore_errors=True)
        if not home.queue.exists():
            # The whole home was deleted. One that is in use, and not empty, stays.
            for folder in (home.runs, home.root):
                with suppress(OSError):
                    folder.rmdir()

    def _explain(self, error: Exception) -> Failed:
        """Say in one sentence what ended the run, and what can be done."""
        if isinstance(error, LabError):
            epoch = getattr(error, "epoch", None)
            return Failed(
                what=error.what, remedy=error.remedy, diverged=epoch is not None, epoch=epoch
            )
        said = f"{type(error).__name__}: {error}"
        if disk.refusal(said):
            return self._explain_disk(error, disk.refusal(said))
        if process_limits.mentions_limit(said):
            return Failed(what=process_limits.SENTENCE, remedy=process_limits.remedy())
        if out_of_memory.mentions_oom(said):
            # TensorFlow has an exception of its own for it, and the loader of its libraries
            # another.
            return Failed(what=_("Out of memory."), remedy=out_of_memory.remedy())
        if isinstance(error, OSError):
            return self._explain_disk(error, error.strerror or str(error))
        words = LabError(traceback.format_exception_only(error)[-1]).what
        return Failed(
            what=_("Training stopped: {reason}").format(
                reason=words if len(words) <= 300 else words[:299] + "…"
            ),
            remedy=_("The whole message is in {path}.").format(path=self._run.worker_log),
        )

    def _explain_disk(self, error: Exception, reason: str) -> Failed:
        """Say which folder can't be written, the reason first: a list may cut the rest."""
        folder = disk.refused_folder(error)
        if folder is None or folder.is_relative_to(self._run.directory):
            folder = self._run.directory
        remedy = _("Once they can, `rnnlab-tui resume {id}` takes it up again.")
        if disk.is_full(reason):
            remedy = _("Make room there: then `rnnlab-tui resume {id}` takes it up again.")
        return Failed(
            what=_("{reason}: files in {path} can't be written.").format(
                reason=reason, path=folder
            ),
            remedy=remedy.format(id=self._run.id),
        )

    def _cache_refusal(self, error: Exception) -> CacheRefused | None:
        """Return why XLA's cache could not be written, if that is what ended the training; its
        folder is removed.
        """
        if self._programs is None or str(self._programs.stage) not in str(error):
            return None
        self._programs.clear()
        return CacheRefused(disk.refusal(str(error)) or printable(str(error))[:200])

    def _train(self) -> None:
        trial = self._run.submission.trial
        made = self._run_trial(trial)
        self._follow(phase_entered("writing"))
        folder = self._run.directory
        if made.predictions:
            write_atomic(folder / "predictions.npz", packed(made.predictions))
        write_atomic(folder / "weights.npz", packed(made.weights))
        result = Result(
            finished=time.time(),
            parameter_count=made.parameter_count,
            metrics=made.metrics,
            predictions="predictions.npz" if made.predictions else None,
            provenance=provenance(trial, made.data, self._durations, self._variant),
        )
        write_atomic(folder / "result.json", result.model_dump_json(indent=1).encode())

    def _run_trial(self, trial: ForecastTrial | TextTrial) -> "Outcome":
        """Carry the trial out, from the newest checkpoint that serves, or from the start."""
        log = EventReader(self._run.log).read()
        for checkpoint in [*read_checkpoints(self._run.checkpoints, self._events.last), None]:
            self._begin(checkpoint.after if checkpoint else 0)
            if checkpoint is None and any(isinstance(logged.event, Checkpointed) for logged in log):
                self._events.append(
                    Warned(text=_("No checkpoint could be read: training begins anew."))
                )
            if self._without_cache:
                words = _(
                    "What was compiled can't be kept in {path} ({reason}): training goes on "
                    "without."
                )
                self._events.append(
                    Warned(text=words.format(path=self._run.directory, reason=self._without_cache))
                )
            self._follow(phase_entered("importing"))
            use_device(trial.device)
            self._variant.enter()
            crashed = any(isinstance(logged.event, Died) for logged in log)
            # Where a worker has crashed, what had been compiled before may have been why.
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
                # Here, not above: it brings TensorFlow, and takes seconds in which the log already
                # says so.
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
        """End the process, as cancelled: nothing has been trained since the last checkpoint, if
        there is one.
        """
        if self._programs:
            self._programs.clear()
        (self._run.directory / _RESERVE_FILE).unlink(missing_ok=True)
        self._events.append(Cancelled())
        self._events.sync()
        os._exit(0)

    def _begin(self, after: int) -> None:
        """Say that this worker takes the run, and what of an earlier one's log still holds."""
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
        """Log what the steps say as they say it, and look between any two whether to stop."""
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
                # The network has moved on; its safe point is what comes next, or nearly.
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
        # Many units and a long window are compiled for a minute.
        with self._requests.watching(self._exit_at_once):
            return next(steps)

    def _checkpoint(self) -> None:
        """Put what training depends on at the last safe point to the disk, after the events that it
        contains.
        """
        if self._safe is None:
            return
        if not self._run.is_local:
            raise _RunAdopted
        point, after = self._safe
        self._safe = None
        began = time.monotonic()
        self._events.sync()
        write_checkpoint(self._run.checkpoints, Checkpoint(after, point.state()))
        self._events.append(Checkpointed(after=after))
        self._checkpointed_at = time.monotonic()
        # A slow disk must not slow the training: a twentieth of the time at most.
        self._checkpoint_interval = max(_CHECKPOINT_S, 20 * (self._checkpointed_at - began))

    def _enter(self, phase: Phase) -> None:
        now = time.monotonic()
        self._durations[self._phase] = (
            self._durations.get(self._phase, 0.0) + now - self._phase_since
        )
        self._phase, self._phase_since = phase, now
        if phase == "training" and self._programs:
            # What there is to compile has been compiled.
            self._programs.save()


@contextmanager
def disk_reserve(path: Path) -> Iterator[None]:
    """Keep some room on the disk in the file ``path``, so that a full one leaves enough to say that
    it is full.
    """
    write_atomic(path, bytes(_RESERVE))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def phase_entered(phase: Phase) -> Generator[AnyEvent, None, None]:
    """Announce a phase, in the form in which training announces what it does."""
    yield PhaseEntered(phase=phase)


def use_device(device: Device) -> None:
    """Settle, before TensorFlow is imported, which processor it sees. On a GPU it takes memory as
    it needs it.

    By itself TensorFlow would take the whole memory of every GPU of a server that others use too.
    """
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    else:
        os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"


def start_work(run: Run, threads: int, lock: int | None = None, without_cache: str = "") -> int:
    """Work on a run in this process, which has given its output to the run; return the status.

    ``lock`` is the descriptor of the run's lock, if this process holds it. ``without_cache``: as of
    :class:`Worker`.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # A process that begins again is as nice already.
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
        # In this process' place: it keeps its number and the lock, and whoever waits for it notices
        # nothing.
        os.execve(sys.executable, command, environment)


def main() -> int:
    """Run the trial of the directory given. Exit 0 done or cancelled, 1 failed, 2 the run has a
    worker already.
    """
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
    # As whoever starts workers does: this one may have been started by hand.
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
