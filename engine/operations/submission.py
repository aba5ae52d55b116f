"""Accepting trials: each gets a run directory and a place in the queue, or none of them does."""

import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.errors import LabError, UsageError
from engine.host import locks
from engine.host.files import private_directory, sync_directory, write_atomic
from engine.host.home import Home
from engine.host.identity import host_name, this_host
from engine.host.log_lines import log_lines
from engine.language import _
from engine.operations.deletion import remove_leftovers, unfinished_directory
from engine.runs import queue
from engine.runs.events import EventReader, EventWriter, Finished, Logged, LogInUse, Resumed, parse
from engine.runs.progress import END, effective_events
from engine.runs.run import UNFINISHED, Run, Submission, all_runs
from engine.runs.watch import Snapshot
from engine.trials.trial import Trial, override
from presets import get

if TYPE_CHECKING:
    # It imports NumPy, a third of the time that a list of runs takes to appear.
    from engine.runs.checkpoints import Checkpoint

# No vowels, so that an id does not spell a word; no look-alikes, as people type the first few
# letters from a slide.
_LETTERS = "bcdfghjkmnpqrstvwxz23456789"


def accept(home: Home, trials: Sequence[Trial], jobs: int | None = None) -> list[Run]:
    """Write a run directory for each trial and queue them in this order; all or none.

    ``jobs``: how many runs to run at once until the queue is empty. Raises :class:`LabError` if the
    disk refuses.
    """
    return _accept(home, [_PlannedRun(trial) for trial in trials], jobs)


def extend(run: Run, settings: Mapping[str, str]) -> Run:
    """Accept a child of ``run`` with more epochs or iterations, continuing its last checkpoint.

    The child's result equals that of a run of this length from the start. With several seeds, it is
    trained from the start. Raises :class:`UsageError` if the run has not ended, has no checkpoint,
    or ``settings`` (each value as text) ask for anything but more of the same.
    """
    snapshot = Snapshot.of(run)
    run.check_modifiable(snapshot.progress)
    if snapshot.state in UNFINISHED:
        raise UsageError(
            _("Run {id} has not ended.").format(id=run.id), _("Extend it when it has ended.")
        )
    order = _PlannedRun(_lengthen(snapshot.trial, settings), parent=run.id)
    if snapshot.trial.replicates == 1:
        events = effective_events(EventReader(run.log).read())
        from engine.runs.checkpoints import read_checkpoints

        checkpoint = next(
            read_checkpoints(run.checkpoints, max((logged.n for logged in events), default=0)), None
        )
        if checkpoint is None:
            raise UsageError(
                _("Run {id} has no checkpoint to continue from.").format(id=run.id),
                _("Run its preset with the new length from the start."),
            )
        order = replace(order, log=_lines_until(run, checkpoint.after), checkpoint=checkpoint)
    (child,) = _accept(run.home, [order])
    return child


def resume(run: Run) -> bool:
    """Queue a cancelled, failed or interrupted run again, to continue from its last checkpoint.

    Returns whether it has a checkpoint; otherwise it is trained from the start. Raises
    :class:`UsageError` if there is nothing to resume, :class:`LabError` if the disk refuses.
    """
    _events_unless_done(run)
    if not run.is_local:
        raise UsageError(
            _("Run {id} belongs to {host}.").format(id=run.id, host=run.host.name),
            _(
                "Resume it there; if that host is gone, `rnnlab-tui adopt {id}` makes it this "
                "host's."
            ).format(id=run.id),
        )
    lock = locks.acquire(run.directory)
    if lock is None:
        raise UsageError(_("Run {id} has not ended.").format(id=run.id))
    try:
        events = _events_unless_done(run)
        ends = [logged for logged in events if isinstance(logged.event, END)]
        if not ends and queue.contains(run.home, run.id) and not run.cancel_request.exists():
            if run.hold_request.exists():
                raise UsageError(
                    _("Run {id} is held.").format(id=run.id),
                    _("`rnnlab-tui release` lets it start."),
                )
            raise UsageError(
                _("Run {id} is queued.").format(id=run.id), _("It is started when its turn comes.")
            )
        run.cancel_request.unlink(missing_ok=True)
        run.hold_request.unlink(missing_ok=True)
        if ends:
            writer = EventWriter(run.log)
            # Only the end is undone; the next worker finds out where training continues.
            writer.append(Resumed(after=ends[-1].n - 1))
            writer.close()
        from engine.runs.checkpoints import read_checkpoints

        has_checkpoint = any(
            read_checkpoints(run.checkpoints, max((logged.n for logged in events), default=0))
        )
        with queue.locked(run.home):
            if not queue.contains(run.home, run.id):
                queue.add(run.home, [run.id])
        return has_checkpoint
    except LogInUse as error:
        raise UsageError(_("Run {id} has not ended.").format(id=run.id)) from error
    except OSError as error:
        raise _write_error(run.home, error) from error
    finally:
        os.close(lock)


def _events_unless_done(run: Run) -> list[Logged]:
    """Return the events of a run's log that count.

    Raises :class:`LabError` if the run is done, deleted or a newer program's.
    """
    run.check_modifiable(run.progress())
    events = effective_events(EventReader(run.log).read())
    if any(isinstance(logged.event, Finished) for logged in events):
        raise UsageError(
            _("Run {id} is done.").format(id=run.id), _("`rnnlab-tui extend` makes it longer.")
        )
    return events


@dataclass(frozen=True)
class _PlannedRun:
    """A run to be accepted, with what it takes over from the run that it continues."""

    trial: Trial
    parent: str | None = None
    log: bytes = b""
    checkpoint: "Checkpoint | None" = None


def _accept(home: Home, orders: Sequence[_PlannedRun], jobs: int | None = None) -> list[Run]:
    home.check_ours()
    # Find out whether locks are possible before there is a folder that would be left behind.
    locks.lock_folder(home.queue)
    private_directory(home.queue)
    private_directory(home.runs)
    runs: list[Run] = []
    try:
        # One writer at a time: the supervisor finds all of a table's runs in the queue or none, and
        # ids are unique.
        with queue.locked(home):
            remove_leftovers(home)
            for order in orders:
                run = Run(home.runs / _new_id(home, order.trial.preset, [run.id for run in runs]))
                runs.append(run)
                _write(run, order)
            if jobs is not None:
                queue.set_concurrency(home, jobs)
            # Queued before it is visible, so that it never looks abandoned.
            queue.add(home, [run.id for run in runs])
            for run in runs:
                unfinished_directory(run).rename(run.directory)
            sync_directory(home.runs)
    except OSError as error:
        for run in runs:
            queue.remove(home, run.id)
            for folder in (unfinished_directory(run), run.directory):
                shutil.rmtree(folder, ignore_errors=True)
        raise _write_error(home, error) from error
    return runs


def _write(run: Run, order: _PlannedRun) -> None:
    folder = unfinished_directory(run)
    folder.mkdir(0o700)
    submission = Submission(
        id=run.id,
        submitted=datetime.now(UTC),
        host=host_name(),
        trial=order.trial,
        parent=order.parent,
    )
    write_atomic(folder / "trial.json", submission.model_dump_json(indent=2).encode())
    write_atomic(folder / run.host_file.name, this_host().model_dump_json().encode())
    if order.checkpoint:
        from engine.runs.checkpoints import write_checkpoint

        write_atomic(folder / run.log.name, order.log)
        write_checkpoint(folder / run.checkpoints.name, order.checkpoint)


def _new_id(home: Home, preset: str, taken: Sequence[str]) -> str:
    """Return ``<four letters>-<preset>``; the letters come first, so that they identify the run."""
    known_ids = [*(run.id for run in all_runs(home)), *taken]
    while True:
        letters = "".join(secrets.choice(_LETTERS) for _position in range(4))
        if not any(run_id.startswith(f"{letters}-") for run_id in known_ids):
            return f"{letters}-{preset.replace('/', '-')}"


def _lengthen(trial: Trial, settings: Mapping[str, str]) -> Trial:
    key = trial.parameters.length_parameter
    current = getattr(trial.parameters, key)
    preset = get(trial.preset)
    assert preset is not None, "a trial is made of a preset"
    if set(settings) != {key}:
        raise UsageError(
            _("A run of {preset} can only be extended by {key}.").format(
                preset=trial.preset, key=key
            ),
            _("Write --set {key}=N, more than {before}.").format(key=key, before=current),
        )
    parameters = override(preset, trial.parameters.model_dump(), settings)
    if getattr(parameters, key) <= current:
        raise UsageError(
            _("{key} = {value}: must be more than the {before} that the run has.").format(
                key=key, value=settings[key], before=current
            )
        )
    return trial.model_copy(update={"parameters": parameters})


def _lines_until(run: Run, after: int) -> bytes:
    """Return a run's log, unchanged, up to event ``after``, without the lines that are void."""
    lines = {
        logged.n: line + b"\n"
        for line in log_lines(run.log)
        if line is not None and (logged := parse(line))
    }
    return b"".join(
        lines[logged.n]
        for logged in effective_events(EventReader(run.log).read())
        if logged.n <= after
    )


def _write_error(home: Home, error: OSError) -> LabError:
    return LabError(
        _("Can't write the run into {path}: {reason}.").format(
            path=home.runs, reason=error.strerror
        ),
        _("Make room or choose another home with --home DIR."),
    )
