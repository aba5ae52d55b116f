"""Starting a worker: a process of its own session that outlives whoever asked for it."""

import os
import subprocess
import sys

from engine import locks
from engine.errors import LabError
from engine.files import private_opener
from engine.home import Home
from engine.language import _
from engine.runs import Run, create
from engine.trial import AliceTrial, SunspotsTrial

_children: list["subprocess.Popen[bytes]"] = []


def submit(home: Home, trial: SunspotsTrial | AliceTrial) -> Run:
    """Write a trial's run directory and start a worker on it. Raises :class:`LabError` where either can't be done."""
    run = create(home, trial)
    launch(run)
    return run


def launch(run: Run) -> None:
    """Start a worker on ``run`` and return at once. Raises :class:`LabError` where one is at work already.

    The run's lock is taken here and inherited by the worker, so that there is no moment in which the run looks
    abandoned. ``-P`` keeps the current folder's modules out: people have an ``engine/`` of their own.
    """
    lock = locks.take(run.directory)
    if lock is None:
        raise LabError(_("Run {id} has a worker already.").format(id=run.id))
    try:
        with open(run.worker_log, "ab", opener=private_opener) as log:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.training.worker", str(run.directory), "--lock", str(lock)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=run.directory,
                pass_fds=[lock],
                start_new_session=True,
            )
    except OSError as error:
        raise LabError(_("Can't start a worker for run {id}: {reason}.").format(id=run.id, reason=error)) from error
    finally:
        os.close(lock)
    # Ended children must be waited for by their parent or they stay in the process table.
    _children[:] = [known for known in _children if known.poll() is None]
    _children.append(child)
