"""What a worker is asked reaches it in the middle of what nothing interrupts."""

import signal
from pathlib import Path

import pytest
from helpers.factory import python, sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.run import Run
from engine.training.requests import StopRequests

# Like a compiler, it lets other threads run, and no handler of Python's before it is done, in some
# minutes.
_IS_AT_IT = """
import hashlib, os, sys
from pathlib import Path
from engine.runs.run import Run
from engine.training.requests import StopRequests

def leave():
    print("leaves", flush=True)
    os._exit(0)

requests = StopRequests(Run(Path(sys.argv[1])))
with requests.handling_signals(), requests.watching(leave):
    print("is at it", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
"""


@pytest.fixture
def run(home: Home) -> Run:
    return write_run(home, sunspots_trial(5), end=None, epochs=1)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, "a file"])
def test_it_is_left_for_a_request(run: Run, how: signal.Signals | str) -> None:
    process = python(_IS_AT_IT, str(run.directory))
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "is at it\n"
        if isinstance(how, signal.Signals):
            process.send_signal(how)
        else:
            run.request_cancel()
        said, complained = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, said, complained) == (0, "leaves\n", "")


def test_without_a_request_it_comes_to_its_end(run: Run) -> None:
    requests, left = StopRequests(run), list[Path]()
    with requests.handling_signals(), requests.watching(lambda: left.append(run.directory)):
        assert not requests.requested
    assert not left
    run.request_cancel()
    assert requests.requested


def test_signals_are_what_they_were_afterwards(run: Run) -> None:
    before = signal.getsignal(signal.SIGTERM)
    requests = StopRequests(run)
    with requests.handling_signals():
        signal.raise_signal(signal.SIGTERM)
        assert requests.requested
    assert signal.getsignal(signal.SIGTERM) == before
    assert signal.set_wakeup_fd(-1) == -1
