"""The fork server: has imported TensorFlow, runs nothing with it, and forks a worker for each run.

Importing takes two to three seconds, and is done once. A process that has run an operation could
not be forked: its threads are not copied. ``python -P -m engine.training.forkserver --socket N``: N
is the descriptor of a socket whose other end is :class:`engine.supervision.forkserver.ForkServer`.
It exits when the socket is closed; its workers keep running.
"""

import argparse
import json
import os
import select
import socket
import sys
from pathlib import Path

from engine.host.files import private_opener
from engine.runs.run import Run
from engine.training.worker import start_work

_LONGEST_REQUEST = 65_536
_REAP_S = 0.05


def serve(requests: socket.socket) -> None:
    """Fork a worker for every request and report how each ended, until the other end is closed."""
    import engine.training.run_trial  # noqa: F401 (the import that workers share)

    _send(requests, {"ready": True})
    while True:
        readable, _writable, _failed = select.select([requests], [], [], _REAP_S)
        if readable:
            message, descriptors, _flags, _address = socket.recv_fds(requests, _LONGEST_REQUEST, 1)
            if not message:
                return
            request = json.loads(message)
            pid = os.fork()
            if pid == 0:
                _become_worker(
                    requests, Run(Path(request["directory"])), request["threads"], descriptors[0]
                )
            # The worker has a copy of the run's lock.
            os.close(descriptors[0])
            _send(requests, {"run": request["directory"], "pid": pid})
        for pid, status in iter(_next_ended_worker, None):
            _send(requests, {"pid": pid, "status": status})


def _become_worker(requests: socket.socket, run: Run, threads: int, lock: int) -> None:
    """Become the worker of a run, locked by the descriptor ``lock``, and never return.

    Acts as if it had been started separately.
    """
    status = 1
    try:
        requests.close()
        os.setsid()
        log = private_opener(str(run.worker_log), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        for standard in (1, 2):
            os.dup2(log, standard)
        os.close(log)
        os.chdir(run.directory)
        status = start_work(run, threads, lock)
        sys.stderr.flush()
    finally:
        # Not sys.exit: cleaning up for the fork server is not this process' job.
        os._exit(status)


def _next_ended_worker() -> tuple[int, int] | None:
    """Return an ended worker's process id and exit status (negative: a signal), or None."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, os.waitstatus_to_exitcode(status)) if pid else None


def _send(requests: socket.socket, message: dict[str, object]) -> None:
    requests.sendall(json.dumps(message).encode())


def main() -> int:
    """Serve the socket whose descriptor is given."""
    parser = argparse.ArgumentParser(prog="python -P -m engine.training.forkserver")
    parser.add_argument("--socket", type=int, required=True)
    with socket.socket(fileno=parser.parse_args().socket) as requests:
        try:
            serve(requests)
        except BrokenPipeError:
            # The supervisor has exited while a message was sent.
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
