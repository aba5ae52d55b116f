"""Requests for an accepted run: to stop, to wait, to be the next.

They are files in the run's ``control`` folder, or its place in the queue, so that they reach a run
of another host and outlive whoever made them.
"""

import os
import shutil
import time

from engine.errors import LabError, UsageError
from engine.host import locks
from engine.host.files import UnreadableFile, private_opener, replacing, write_atomic
from engine.host.identity import boot_id, this_host
from engine.language import _
from engine.runs import queue
from engine.runs.events import Cancelled, EventWriter, LogInUse
from engine.runs.progress import END
from engine.runs.run import UNFINISHED, DamagedRun, Run
from engine.runs.watch import Snapshot

_LONGEST_SILENCE_S = 600.0
"""Longer than a live worker goes without writing: compiling many units takes a minute or two."""


def cancel(run: Run) -> None:
    """Stop a run: at once if it has no worker, else after about a second, with a checkpoint.

    Raises :class:`LabError` if the request can't be written.
    """
    try:
        if not (run.is_local and cancel_if_idle(run)):
            run.request_cancel()
    except OSError as error:
        raise LabError(
            _("Run {id} can't be cancelled: {reason}.").format(
                id=run.id, reason=error.strerror or error
            )
        ) from error


def cancel_if_idle(run: Run) -> bool:
    """Cancel a run if it has no worker; return whether it had none. Raises :class:`OSError`."""
    lock = locks.acquire(run.directory, patience=0)
    if lock is None:
        return False
    try:
        progress = run.progress()
        run.check_modifiable(progress)
        if not isinstance(progress.end, END):
            try:
                writer = EventWriter(run.log)
            except LogInUse:
                return False
            writer.append(Cancelled(without_worker=True))
            writer.close()
        queue.remove(run.home, run.id)
    finally:
        os.close(lock)
    return True


def check_deletable(run: Run) -> None:
    """Raise :class:`UsageError` if a run may not have ended. A damaged one can be deleted."""
    try:
        if Snapshot.of(run).state not in UNFINISHED:
            return
    except (DamagedRun, UnreadableFile) as error:
        # A link's lock would be that of its target.
        if not run.directory.is_symlink() and locks.is_held(run.directory):
            raise UsageError(
                _("A process is at work on run {id}. {damage}").format(
                    id=run.id, damage=error.what
                ),
                _("Repair that and cancel the run, or end the process."),
            ) from error
        return
    if run.is_local:
        raise UsageError(_("Run {id} has not ended.").format(id=run.id), _("Cancel it first."))
    raise UsageError(
        _("Run {id} belongs to {host}, where it may still be running.").format(
            id=run.id, host=run.host.name
        ),
        _(
            "Cancel it there. If that host is gone, `rnnlab-tui adopt {id}` makes the run this "
            "host's."
        ).format(id=run.id),
    )


def adopt(run: Run) -> None:
    """Make a run of a host that is gone or was renamed this host's; queue it if unfinished.

    Raises :class:`UsageError` if it already is this host's or may still have a worker,
    :class:`LabError` if it must not be changed.
    """
    progress = run.progress()
    run.check_modifiable(progress)
    if run.is_local:
        raise UsageError(_("Run {id} belongs to this host already.").format(id=run.id))
    lock = locks.acquire(run.directory, patience=0)
    if lock is None:
        raise UsageError(
            _("A process is at work on run {id}.").format(id=run.id), _("Cancel it where it runs.")
        )
    try:
        silence = time.time() - _last_written(run)
        # A container of the same machine has the same kernel, so its locks can be seen from here.
        locks_are_visible = (
            bool(boot_id())
            and run.host.boot_id == boot_id()
            and locks.lock_is_in_home(run.directory)
        )
        if progress.end is None and silence < _LONGEST_SILENCE_S and not locks_are_visible:
            raise UsageError(
                _("Run {id} was written to {n} s ago, perhaps by {host}.").format(
                    id=run.id, n=max(0, round(silence)), host=run.host.name
                ),
                _(
                    "If that host is gone, try again when nothing has been written for "
                    "{limit:.0f} s."
                ).format(limit=_LONGEST_SILENCE_S),
            )
        if run.log.exists():
            # Copied to a new file: if that host is alive after all, it writes to the old one, which
            # has no name any more.
            with open(run.log, "rb", opener=private_opener) as log, replacing(run.log) as copy:
                shutil.copyfileobj(log, copy)
        write_atomic(run.host_file, this_host().model_dump_json().encode())
        if progress.end is None:
            with queue.locked(run.home):
                if not queue.contains(run.home, run.id):
                    queue.add(run.home, [run.id])
    except OSError as error:
        raise LabError(
            _("Can't adopt run {id}: {reason}.").format(id=run.id, reason=error.strerror or error)
        ) from error
    finally:
        os.close(lock)


def _last_written(run: Run) -> float:
    """Return when a worker, or the submission, last wrote to a run's files (Unix, seconds)."""
    files = (
        run.directory / "trial.json",
        run.host_file,
        run.log,
        run.worker_log,
        run.checkpoints,
    )
    return max(path.stat().st_mtime for path in files if path.exists())


def hold(run: Run) -> None:
    """Keep a queued run from being started. Raises :class:`UsageError` if it is not queued."""
    _check_queued(run, _("Only a waiting run can be held."))
    run.write_request(run.hold_request)


def release(run: Run) -> None:
    """Let a held run start when its turn comes. Raises :class:`UsageError` if it is not held."""
    run.check_modifiable(run.progress())
    if not run.hold_request.exists():
        raise UsageError(_("Run {id} is not held.").format(id=run.id))
    run.hold_request.unlink(missing_ok=True)


def move_to_front(run: Run) -> None:
    """Start a queued run before the others. Raises :class:`UsageError` if it is not queued."""
    _check_queued(run, _("Only a waiting run can be put first."))
    with queue.locked(run.home):
        queue.move_to_front(run.home, run.id)


def _check_queued(run: Run, remedy: str) -> None:
    progress = run.progress()
    run.check_modifiable(progress)
    state = run.state(progress)
    if state in UNFINISHED and state not in ("queued", "held"):
        # No phase is named: it would be another by the time that this is read.
        raise UsageError(_("Run {id} has started already.").format(id=run.id), remedy)
    if state not in UNFINISHED:
        raise UsageError(_("Run {id} is {state}.").format(id=run.id, state=state), remedy)
