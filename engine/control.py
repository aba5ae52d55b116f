"""What a person asks of a run that was accepted: to stop, to wait, to be the next.

Requests are files in the run's ``control`` folder or its place in the queue, so that they reach a run of another host
and outlive whoever made them.
"""

import os
import time

from engine import locks, queue
from engine.errors import LabError, UsageError
from engine.events import Cancelled, EventWriter
from engine.language import _
from engine.progress import END
from engine.runs import UNFINISHED, Run
from engine.watch import Snapshot

_LONGEST_SILENCE_S = 86_400.0


def cancel(run: Run) -> None:
    """Stop a run: at once where it has no worker, else within about a second of training, with a checkpoint.

    Raises :class:`LabError` where the request can't be written.
    """
    try:
        if not (run.is_of_this_host and end_without_worker(run)):
            run.request_cancel()
    except OSError as error:
        raise LabError(
            _("Run {id} can't be cancelled: {reason}.").format(id=run.id, reason=error.strerror or error)
        ) from error


def end_without_worker(run: Run) -> bool:
    """Cancel a run that no worker is at; return whether that was so. Raises :class:`OSError`."""
    lock = locks.take(run.directory, patience=0)
    if lock is None:
        return False
    try:
        progress = run.progress()
        run.check_known(progress)
        if not isinstance(progress.end, END):
            writer = EventWriter(run.log)
            writer.append(Cancelled(without_worker=True))
            writer.close()
        queue.remove(run.home, run.id)
    finally:
        os.close(lock)
    return True


def check_deletable(run: Run) -> None:
    """Raise :class:`UsageError` where a run goes on, or may go on.

    Of another host's run the locks can't be seen. It is taken for abandoned where it was asked to stop, which that
    host would have done within seconds, and nothing has been written into it for a day.
    """
    if Snapshot.of(run).state not in UNFINISHED:
        return
    if run.is_of_this_host:
        raise UsageError(_("Run {id} goes on.").format(id=run.id), _("Cancel it first."))
    if not run.cancel_request.exists() or time.time() - _last_written(run) < _LONGEST_SILENCE_S:
        raise UsageError(
            _("Run {id} belongs to {host}, where it may go on.").format(id=run.id, host=run.submission.host),
            _("Cancel it; if that host is gone, delete it when the run has been silent for a day."),
        )


def _last_written(run: Run) -> float:
    """Return when a worker, or whoever asked for the run, last wrote into it (Unix, seconds)."""
    written = (run.directory / "trial.json", run.log, run.worker_log, run.checkpoints)
    return max(path.stat().st_mtime for path in written if path.exists())


def hold(run: Run) -> None:
    """Keep a queued run from being started. Raises :class:`UsageError` where it is not queued."""
    _check_queued(run, _("Only a run that waits can be held."))
    run.request(run.hold_request)


def release(run: Run) -> None:
    """Let a held run be started when its turn comes. Raises :class:`UsageError` where it is not held."""
    run.check_known(run.progress())
    if not run.hold_request.exists():
        raise UsageError(_("Run {id} is not held.").format(id=run.id))
    run.hold_request.unlink(missing_ok=True)


def put_first(run: Run) -> None:
    """Have a queued run started before the others. Raises :class:`UsageError` where it is not queued."""
    _check_queued(run, _("Only a run that waits can be put first."))
    with queue.locked(run.home):
        queue.put_first(run.home, run.id)


def _check_queued(run: Run, remedy: str) -> None:
    progress = run.progress()
    run.check_known(progress)
    state = run.state(progress)
    if state not in ("queued", "held"):
        raise UsageError(_("Run {id} is {state}.").format(id=run.id, state=state), remedy)
