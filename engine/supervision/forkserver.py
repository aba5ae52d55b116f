"""Asking the nursery (:mod:`engine.training.forkserver`) for workers: the supervisor's end of the
socket.
"""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass

from engine.host.files import private_opener
from engine.host.home import Home
from engine.host.worker_environment import worker_environment
from engine.runs.run import Run

_READ = 65_536


class ForkServer:
    """A process that has TensorFlow imported and forks workers. It leaves with whoever made it."""

    def __init__(self, home: Home) -> None:
        """Start it. Raises :class:`OSError`."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, open(home.root / "supervisor.log", "ab", opener=private_opener) as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "engine.training.forkserver",
                    "--socket",
                    str(theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home.root,
                # No worker of it is to look for a GPU: those that want one are started by
                # themselves.
                env=worker_environment() | {"CUDA_VISIBLE_DEVICES": "-1"},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._pids: dict[str, int] = {}
        self._statuses: dict[int, int] = {}
        self._to_ask: list[_Request] = []
        self.has_imported = False
        """Whether it has got so far as to fork workers, as far as it has been heard."""

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def died_after_start(self) -> bool:
        """Whether it is gone that was of use: one that could not even import would be made again
        without end.
        """
        self._listen()
        return not self.is_alive and self.has_imported

    def launch(self, run: Run, lock: int, threads: int) -> "Forked":
        """Ask for a worker on ``run``, whose lock ``lock`` holds. Raises :class:`OSError` where it
        is gone.
        """
        self._pids.pop(str(run.directory), None)
        # Asked for when it can be had: a lock on its way to a process that never reads it could not
        # be let go, and the run not be cancelled.
        self._to_ask.append(_Request(run, os.dup(lock), threads))
        self._pump()
        return Forked(self, str(run.directory))

    def _pump(self) -> None:
        """Take in what it says, ask for what it can give, and drop what is not wanted any more, or
        can't be had.
        """
        self._listen()
        for request in list(self._to_ask):
            wanted = self.is_alive and not request.run.cancel_request.exists()
            if wanted and not self.has_imported:
                continue
            self._to_ask.remove(request)
            try:
                if wanted:
                    asked = {"directory": str(request.run.directory), "threads": request.threads}
                    socket.send_fds(self._socket, [json.dumps(asked).encode()], [request.lock])
            finally:
                os.close(request.lock)

    def status(self, directory: str) -> int | None:
        """Return the exit status of the latest worker of a run directory; None where it has not
        ended.
        """
        self._pump()
        pid = self._pids.get(directory)
        return None if pid is None else self._statuses.get(pid)

    def _listen(self) -> None:
        while True:
            try:
                message = self._socket.recv(_READ, socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionError):
                break
            if not message:
                break
            said = json.loads(message)
            if "ready" in said:
                self.has_imported = True
            elif "run" in said:
                self._pids[said["run"]] = said["pid"]
            else:
                self._statuses[said["pid"]] = said["status"]

    def close(self) -> None:
        """Let it go: it leaves by itself. One that still imports has no workers, and may never come
        to an end of it.
        """
        self._listen()
        if not self.has_imported:
            self._process.kill()
        self._socket.close()
        for request in self._to_ask:
            os.close(request.lock)
        self._to_ask.clear()


@dataclass(frozen=True)
class _Request:
    """A worker that is to be asked for: the run, a descriptor of its lock, and how many threads."""

    run: Run
    lock: int
    threads: int


@dataclass(frozen=True)
class Forked:
    """A worker that was asked of the nursery."""

    nursery: ForkServer
    directory: str

    def poll(self) -> int | None:
        """Return the exit status (negative: a signal's number); None where it has not ended, or is
        not known.
        """
        return self.nursery.status(self.directory)
