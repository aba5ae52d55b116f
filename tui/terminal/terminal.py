"""What a terminal does besides sending keys: hang up, change its size, suspend the application."""

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

from tui.terminal.typing_order import TypingInOrder

_PATIENCE_S = 1.0
_PATIENCE_FOR_KEYS_S = 0.5


@contextmanager
def exit_on_hangup(app: TypingInOrder[Any], save: Callable[[], None]) -> Iterator[None]:
    """Make ``app`` leave cleanly on SIGHUP and SIGTERM, and at once, after ``save``, on hang-up.

    Textual keeps reading from a closed terminal in a busy loop, and a signal would leave a living
    terminal without its cursor and full of mouse reports. The exit status is the shell's for a
    signal: 128 + its number.
    """
    signals_in, signals_out = os.pipe()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        os.write(signals_out, bytes([number]))

    numbers = (signal.SIGHUP, signal.SIGTERM)
    previous = {number: signal.signal(number, on_signal) for number in numbers}
    threading.Thread(
        target=_wait, args=(app, sys.stdin.fileno(), signals_in, save), daemon=True
    ).start()
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _wait(
    app: TypingInOrder[Any], terminal: int, signals_in: int, save: Callable[[], None]
) -> None:
    poll = select.poll()
    # No event of the terminal matters but its hang-up, which is always reported.
    poll.register(terminal, 0)
    poll.register(signals_in, select.POLLIN)
    while True:
        for descriptor, _events in poll.poll():
            if descriptor == terminal:
                # There is no terminal to restore and nobody to tell; any other step could block on
                # it.
                _exit_after(_PATIENCE_S, 128 + signal.SIGHUP)
                _handle_all_keys(app)
                save()
                os._exit(128 + signal.SIGHUP)
            status = 128 + os.read(signals_in, 1)[0]
            # If the terminal takes no more output, restoring it would take for ever.
            _exit_after(_PATIENCE_S, status)
            _handle_all_keys(app)
            with suppress(RuntimeError):
                app.call_from_thread(app.exit, None, status)


def _handle_all_keys(app: TypingInOrder[Any]) -> None:
    """Let ``app`` handle what was typed, for a while: it may be starting, stuck or ending."""

    def handle() -> None:
        # Its type knows no coroutine without a result.
        handle_all: Callable[[], Any] = app.handle_all_keys
        with suppress(RuntimeError):
            app.call_from_thread(handle_all)

    handling = threading.Thread(target=handle, daemon=True)
    handling.start()
    handling.join(_PATIENCE_FOR_KEYS_S)


def _exit_after(seconds: float, status: int) -> None:
    """End the process after a delay in seconds, whatever else it waits for."""
    backstop = threading.Timer(seconds, os._exit, [status])
    backstop.daemon = True
    backstop.start()


def serialize_resizes() -> None:
    """Handle SIGWINCH on the event loop, one at a time; call this after Textual sets its handler.

    Textual does the work in the handler itself. The next signal may interrupt it between reading
    the size and posting it: then the older size is posted last, and the application keeps that.
    """
    handler = signal.getsignal(signal.SIGWINCH)
    # Without a terminal there is no handler.
    if callable(handler):
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGWINCH, handler, signal.SIGWINCH, None
        )


def has_job_control() -> bool:
    """Tell whether a shell with job control can resume this process once it is stopped."""
    try:
        parent = os.getppid()
        while os.getpgid(parent) == os.getpgrp():
            stat = Path(f"/proc/{parent}/stat").read_text()
            parent = int(stat.rpartition(")")[2].split()[1])
        return os.getsid(parent) == os.getsid(0)
    except (OSError, ValueError, IndexError):
        return False
