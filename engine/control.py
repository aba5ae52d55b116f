"""What a person asks of a run that was accepted: to stop, to wait, to be the next.

Requests are files in the run's ``control`` folder or its place in the queue, so that they reach a run of another host
and outlive whoever made them.
"""

import os

from engine import locks, queue
from engine.errors import LabError, UsageError
from engine.events import Cancelled, EventWriter
from engine.language import _
from engine.progress import END
from engine.runs import Run


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
            writer.append(Cancelled())
            writer.close()
        queue.remove(run.home, run.id)
    finally:
        os.close(lock)
    return True


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
