"""The installed command, started as a script starts it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.host import locks
from engine.host.files import private_directory
from engine.host.home import Home
from engine.supervision.launch import supervisor_lock

PROGRAM = str(Path(sys.executable).with_name("rnnlab-tui"))
PATIENCE_S = 90.0
HEAVY = frozenset({"tensorflow", "keras", "textual", "pandas", "plotext"})
"""What takes long to import, and is not needed to look at anything."""
RUN_KEYS = [
    "id", "kind", "preset", "state", "seed", "replicates", "parameters", "directory", "submitted",
    "seconds",
    "seconds_working", "seconds_waiting", "worker", "metrics", "error", "provenance", "data",
    "note", "device",
]  # fmt: skip
"""What the contract promises of every run, in its order; then what was added to it."""


def call(home: Home, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the installed command to its end, without a terminal."""
    return subprocess.run(
        [PROGRAM, *arguments],
        env=os.environ | {"RNNLAB_HOME": str(home.root)} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )


def printed_json(home: Home, *arguments: str) -> Any:
    """Run a command that must succeed without a word on stderr; return the JSON object that it
    prints.
    """
    done = call(home, *arguments)
    assert (done.returncode, done.stderr) == (0, ""), arguments
    # What Python reads as NaN no other reader does.
    return json.loads(done.stdout, parse_constant=_no_json)


def _no_json(word: str) -> None:
    raise AssertionError(f"JSON has no {word}")


@contextmanager
def started(
    home: Home,
    *arguments: str,
    under: Sequence[str] = (),
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> Iterator["subprocess.Popen[str]"]:
    """Start the installed command without a terminal, ``under`` another one (``nohup``) if given;
    it does not stay.
    """
    process = subprocess.Popen(
        [*under, PROGRAM, *arguments],
        env=os.environ | {"RNNLAB_HOME": str(home.root)},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def closed_pipe() -> Iterator[int]:
    """Give the end for writing of a pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)


@contextmanager
def nothing_starts(home: Home) -> Iterator[None]:
    """Be the home's supervisor, and do nothing."""
    private_directory(home.queue)
    lock = locks.acquire(supervisor_lock(home))
    assert lock is not None
    try:
        yield
    finally:
        os.close(lock)


def wait_for(process: "subprocess.Popen[str]", words: str) -> str:
    """Read a process' stderr until a line has ``words`` in it; return what was said. Kills it if
    that takes long.
    """
    watchdog = threading.Timer(PATIENCE_S, process.kill)
    watchdog.start()
    said = ""
    try:
        assert process.stderr is not None
        for line in process.stderr:
            said += line
            if words in line:
                return said
    finally:
        watchdog.cancel()
    raise AssertionError(f"it never said {words!r}: {said}")


def run_id(said: str) -> str:
    """Return the run's id from the first line that the command says."""
    return said.splitlines()[0].rsplit(" ", 1)[1]


def refused(done: "subprocess.CompletedProcess[str]", *statuses: int) -> str:
    """Check that a command ended with one line that says why, and return the line."""
    assert done.returncode in (statuses or (2,)), done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("rnnlab-tui: ")
    return line
