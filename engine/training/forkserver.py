"""The nursery: a process that has imported TensorFlow, run nothing with it, and forks a clean
worker for every run.

Importing takes two to three seconds, and is paid once. A process that has run an operation could
not be forked: its threads do not come along. ``python -P -m engine.training.forkserver --socket
N``: the descriptor of a socket, at whose other end
:class:`engine.supervision.forkserver.ForkServer` asks. It leaves when the socket is closed; its
workers do not mind.
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
    """Fork a worker for every request, tell how each ended, until the other end is closed."""
    import engine.training.run_trial  # noqa: F401 (this is what the nursery is for)

    _send(requests, {"ready": True})
    while True:
        readable, _writable, _failed = select.select([requests], [], [], _REAP_S)
        if readable:
            message, descriptors, _flags, _address = socket.recv_fds(requests, _LONGEST_REQUEST, 1)
            if not message:
                return
            asked = json.loads(message)
            pid = os.fork()
            if pid == 0:
                _become_worker(
                    requests, Run(Path(asked["directory"])), asked["threads"], descriptors[0]
                )
            # The worker has its copy of the run's lock.
            os.close(descriptors[0])
            _send(requests, {"run": asked["directory"], "pid": pid})
        for pid, status in iter(_ended, None):
            _send(requests, {"pid": pid, "status": status})


def _become_worker(requests: socket.socket, run: Run, threads: int, lock: int) -> None:
    """Become the worker of a run whose lock the descriptor ``lock`` holds, as if started by itself;
    does not return.
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
        # Not sys.exit: what the nursery would do at its end is not this process' to do.
        os._exit(status)


def _ended() -> tuple[int, int] | None:
    """Return a worker that has ended, with its exit status (negative: a signal); None where none
    has.
    """
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, os.waitstatus_to_exitcode(status)) if pid else None


def _send(requests: socket.socket, words: dict[str, object]) -> None:
    requests.sendall(json.dumps(words).encode())


def main() -> int:
    """Serve the socket whose descriptor is given."""
    parser = argparse.ArgumentParser(prog="python -P -m engine.training.forkserver")
    parser.add_argument("--socket", type=int, required=True)
    with socket.socket(fileno=parser.parse_args().socket) as requests:
        try:
            serve(requests)
        except BrokenPipeError:
            # The supervisor has left in the middle of a word.
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
