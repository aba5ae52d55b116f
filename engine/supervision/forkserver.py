"""The supervisor's end of the socket to the fork server, :mod:`engine.training.forkserver`."""

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
    """A process that has TensorFlow imported and forks workers. It exits with its creator."""

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
                # Its workers must not look for a GPU: those that use one are started separately.
                env=worker_environment() | {"CUDA_VISIBLE_DEVICES": "-1"},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._pids: dict[str, int] = {}
        self._statuses: dict[int, int] = {}
        self._pending: list[_Request] = []
        self.has_imported = False
        """Whether it is known to have imported TensorFlow, so that it can fork workers."""

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def died_after_start(self) -> bool:
        """Whether it has died after it worked.

        One that could not even import TensorFlow would be restarted endlessly.
        """
        self._listen()
        return not self.is_alive and self.has_imported

    def launch(self, run: Run, lock: int, threads: int) -> "Forked":
        """Request a worker for ``run``, locked by ``lock``. Raises :class:`OSError` if it can't."""
        self._pids.pop(str(run.directory), None)
        # The request is sent once it can be served: a lock in transit to a process that never reads
        # it could not be released, and the run not be cancelled.
        self._pending.append(_Request(run, os.dup(lock), threads))
        self._pump()
        return Forked(self, str(run.directory))

    def _pump(self) -> None:
        """Receive messages, send requests that can be served, drop cancelled or impossible ones."""
        self._listen()
        for request in list(self._pending):
            servable = self.is_alive and not request.run.cancel_request.exists()
            if servable and not self.has_imported:
                continue
            self._pending.remove(request)
            try:
                if servable:
                    message = {"directory": str(request.run.directory), "threads": request.threads}
                    socket.send_fds(self._socket, [json.dumps(message).encode()], [request.lock])
            finally:
                os.close(request.lock)

    def status(self, directory: str) -> int | None:
        """Return the exit status of a run directory's latest worker; None if it has not ended."""
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
            reply = json.loads(message)
            if "ready" in reply:
                self.has_imported = True
            elif "run" in reply:
                self._pids[reply["run"]] = reply["pid"]
            else:
                self._statuses[reply["pid"]] = reply["status"]

    def close(self) -> None:
        """Close the connection, upon which it exits.

        If it is still importing it has no workers, and its import may hang: it is killed.
        """
        self._listen()
        if not self.has_imported:
            self._process.kill()
        self._socket.close()
        for request in self._pending:
            os.close(request.lock)
        self._pending.clear()


@dataclass(frozen=True)
class _Request:
    """A worker to be requested: the run, a descriptor of its lock, and the number of threads."""

    run: Run
    lock: int
    threads: int


@dataclass(frozen=True)
class Forked:
    """A worker that was requested from the fork server."""

    fork_server: ForkServer
    directory: str

    def poll(self) -> int | None:
        """Return the exit status (negative: a signal's number); None if not ended or unknown."""
        return self.fork_server.status(self.directory)
