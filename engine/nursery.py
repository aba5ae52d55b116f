"""Asking the nursery (:mod:`engine.training.nursery`) for workers: the supervisor's end of the socket."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass

from engine.files import private_opener
from engine.home import Home
from engine.runs import Run

_READ = 65_536


class Nursery:
    """A process that has TensorFlow imported and forks workers. It leaves with whoever made it."""

    def __init__(self, home: Home) -> None:
        """Start it. Raises :class:`OSError`."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, open(home.root / "supervisor.log", "ab", opener=private_opener) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.training.nursery", "--socket", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home.root,
                # No worker of it is to look for a GPU: those that want one are started by themselves.
                env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "1"},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._pids: dict[str, int] = {}
        self._statuses: dict[int, int] = {}

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def launch(self, run: Run, lock: int, threads: int) -> "Forked":
        """Ask for a worker on ``run``, whose lock ``lock`` holds. Raises :class:`OSError` where it is gone."""
        self._pids.pop(str(run.directory), None)
        message = json.dumps({"directory": str(run.directory), "threads": threads}).encode()
        socket.send_fds(self._socket, [message], [lock])
        return Forked(self, str(run.directory))

    def status(self, directory: str) -> int | None:
        """Return the exit status of the latest worker of a run directory; None where it has not ended."""
        while True:
            try:
                message = self._socket.recv(_READ, socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionError):
                break
            if not message:
                break
            said = json.loads(message)
            if "run" in said:
                self._pids[said["run"]] = said["pid"]
            else:
                self._statuses[said["pid"]] = said["status"]
        pid = self._pids.get(directory)
        return None if pid is None else self._statuses.get(pid)

    def close(self) -> None:
        """Let it go; it leaves by itself."""
        self._socket.close()


@dataclass(frozen=True)
class Forked:
    """A worker that was asked of the nursery."""

    nursery: Nursery
    directory: str

    def poll(self) -> int | None:
        """Return the exit status (negative: a signal's number); None where it has not ended, or is not known."""
        return self.nursery.status(self.directory)
