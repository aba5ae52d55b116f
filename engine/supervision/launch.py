"""Starting processes that outlive their creator: the supervisor of a home, and its workers.

``-P`` keeps modules in the current folder out: people may have an ``engine/`` of their own.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from pydantic import ValidationError

from engine.errors import LabError
from engine.host import locks, process_limits
from engine.host.files import SMALL, private_directory, private_opener, read_content, write_atomic
from engine.host.home import Home
from engine.host.identity import ProcessIdentity, this_host, this_process
from engine.host.worker_environment import worker_environment
from engine.language import _
from engine.runs import queue
from engine.runs.run import Run

MAX_LOG_BYTES = 1_000_000
"""Size in bytes above which ``supervisor.log`` is started again."""
_children: list["subprocess.Popen[bytes]"] = []


def ensure_supervisor(home: Home) -> None:
    """Start the home's supervisor if runs are waiting that it can run, and none is running.

    Called by whatever looks at a home, since a supervisor that was killed, or a host that was
    switched off, leaves its runs in the queue. Raises :class:`LabError` if no process can be
    started.
    """
    if home.other_owner:
        return
    queued = queue.entries(home)
    if not queued or is_supervised(home):
        return
    if any(_needs_supervisor(Run(home.runs / entry.run_id)) for entry in queued):
        start_supervisor(home)


def can_run_here(run: Run) -> bool:
    """Tell whether this program may run a run on this host. Raises if its files can't be read."""
    return bool(run.submission) and run.is_local and not run.progress().is_newer


def _needs_supervisor(run: Run) -> bool:
    try:
        return not run.is_on_hold and can_run_here(run)
    except (LabError, OSError):
        return False


def prestart(home: Home) -> None:
    """Start the home's supervisor ahead of a run, so that TensorFlow is imported by then.

    Raises :class:`LabError` if no process can be started.
    """
    if not home.other_owner and not is_supervised(home):
        start_supervisor(home)


def start_supervisor(home: Home) -> None:
    """Start the supervisor of a home; it exits if there is one already.

    Raises :class:`LabError`.
    """
    log = home.root / "supervisor.log"
    try:
        private_directory(home.queue)
        # Another host's supervisor may be writing to it.
        with open(log, "ab", opener=private_opener) as output:
            if output.tell() > MAX_LOG_BYTES:
                output.truncate(0)
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.supervision.supervisor", str(home.root)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=home.root,
                start_new_session=True,
            )
    except OSError as error:
        reason, remedy = (
            error.strerror,
            _("The runs stay queued; the application and the next command try again."),
        )
        if process_limits.is_limit(error):
            reason, remedy = process_limits.REASON, f"{process_limits.remedy()} {remedy}"
        raise LabError(
            _("Can't start the supervisor of {path}: {reason}.").format(
                path=home.root, reason=reason
            ),
            remedy,
        ) from error
    _track_child(child)


def supervisor_lock(home: Home) -> Path:
    """Return the path that the supervisor of a home locks, one supervisor per host."""
    return home.root / "supervisor"


def is_supervised(home: Home) -> bool:
    """Tell whether this host has a supervisor for a home. Raises :class:`LabError`."""
    return locks.is_held(supervisor_lock(home)) or live_supervisor(home) is not None


def live_supervisor(home: Home) -> ProcessIdentity | None:
    """Return this host's process that supervises a home, even if its lock is gone; None if none."""
    try:
        signed_in = ProcessIdentity.model_validate_json(
            read_content(str(_registration_file(home)), SMALL, 2)
        )
    except (OSError, ValidationError):
        return None
    return signed_in if signed_in.pid != os.getpid() and signed_in.is_alive() else None


def register(home: Home) -> None:
    """Register this process in the home as its supervisor. Raises :class:`OSError`."""
    if process := this_process():
        write_atomic(_registration_file(home), process.model_dump_json().encode())


def unregister(home: Home) -> None:
    """Undo :func:`register`."""
    _registration_file(home).unlink(missing_ok=True)


def _registration_file(home: Home) -> Path:
    """Return the file that identifies the supervisor of a home, one per host."""
    name = hashlib.sha256(this_host().model_dump_json(exclude={"boot_id"}).encode()).hexdigest()[
        :16
    ]
    return home.queue / f"supervisor-{name}.json"


def launch(run: Run, lock: int, threads: int) -> "subprocess.Popen[bytes]":
    """Start a worker on ``run``, locked by the descriptor ``lock``, and return at once.

    Raises :class:`OSError` if no process can be started.
    """
    with open(run.worker_log, "ab", opener=private_opener) as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "engine.training.worker", str(run.directory)),
                *("--lock", str(lock), "--threads", str(threads)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=run.directory,
            env=worker_environment(),
            pass_fds=[lock],
            start_new_session=True,
        )


def _track_child(child: "subprocess.Popen[bytes]") -> None:
    # Ended children must be waited for by their parent, or they stay in the process table.
    _children[:] = [earlier for earlier in _children if earlier.poll() is None]
    _children.append(child)
