"""Starting a worker: a process of its own session that outlives whoever asked for it."""

import os
import subprocess
import sys

from engine.errors import LabError
from engine.files import private_opener
from engine.home import Home
from engine.language import _
from engine.runs import Run, create
from engine.trial import AliceTrial, SunspotsTrial

_children: list["subprocess.Popen[bytes]"] = []


def submit(home: Home, trial: SunspotsTrial | AliceTrial) -> Run:
    """Write a trial's run directory and start a worker on it. Raises :class:`LabError` where either can't be done."""
    run, lock = create(home, trial)
    try:
        launch(run, lock)
    finally:
        # The worker has inherited it, and holds it until it ends.
        os.close(lock)
    return run


def launch(run: Run, lock: int) -> None:
    """Start a worker on ``run``, whose lock the descriptor ``lock`` holds, and return at once.

    ``-P`` keeps the current folder's modules out: people have an ``engine/`` of their own. Raises :class:`LabError`
    where no process can be started.
    """
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
    # Ended children must be waited for by their parent or they stay in the process table.
    _children[:] = [known for known in _children if known.poll() is None]
    _children.append(child)
