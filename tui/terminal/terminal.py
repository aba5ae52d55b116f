"""What a terminal does to the application besides keys: it goes away, or its shell wants it back
for a while.
"""

import asyncio
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from textual.app import App

_PATIENCE_S = 1.0


@contextmanager
def exit_on_hangup(app: App[Any], save: Callable[[], None]) -> Iterator[None]:
    """Have ``app`` leave at once when its terminal is gone, after ``save``, and in good order on
    SIGHUP and SIGTERM.

    Textual reads on from a terminal that was closed, as fast as it can, and a signal would leave
    one that is still there without its cursor and full of mouse reports. The exit status is the
    shell's for a signal: 128 + its number.
    """
    told, tell = os.pipe()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        os.write(tell, bytes([number]))

    numbers = (signal.SIGHUP, signal.SIGTERM)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    threading.Thread(target=_wait, args=(app, sys.stdin.fileno(), told, save), daemon=True).start()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(app: App[Any], terminal: int, told: int, save: Callable[[], None]) -> None:
    poll = select.poll()
    # No event of the terminal's is of interest but that it is gone, which is always told.
    poll.register(terminal, 0)
    poll.register(told, select.POLLIN)
    while True:
        for descriptor, _events in poll.poll():
            if descriptor == terminal:
                # There is nothing to put back, and nobody to tell: what is left to do would wait
                # for a terminal.
                _leave_after(_PATIENCE_S, 128 + signal.SIGHUP)
                save()
                os._exit(128 + signal.SIGHUP)
            status = 128 + os.read(told, 1)[0]
            # Where the way to the terminal is stopped up, putting it back in order would take for
            # ever.
            _leave_after(_PATIENCE_S, status)
            with suppress(RuntimeError):
                app.call_from_thread(app.exit, None, status)


def _leave_after(seconds: float, status: int) -> None:
    """End the process after so many seconds, whatever else it waits for."""
    backstop = threading.Timer(seconds, os._exit, [status])
    backstop.daemon = True
    backstop.start()


def serialize_resizes() -> None:
    """Have the event loop answer SIGWINCH, one after the other; to be called whenever Textual has
    set its handler.

    Textual answers in the handler itself. The next signal may interrupt it between asking for the
    size and telling it: then the older size is told last, and is the one that the application
    keeps.
    """
    answer = signal.getsignal(signal.SIGWINCH)
    # Without a terminal there is none.
    if callable(answer):
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGWINCH, answer, signal.SIGWINCH, None
        )


def has_job_control() -> bool:
    """Tell whether somebody is there to bring this process back once it is stopped: a shell with
    job control.
    """
    try:
        parent = os.getppid()
        while os.getpgid(parent) == os.getpgrp():
            stat = Path(f"/proc/{parent}/stat").read_text()
            parent = int(stat.rpartition(")")[2].split()[1])
        return os.getsid(parent) == os.getsid(0)
    except (OSError, ValueError, IndexError):
        return False
