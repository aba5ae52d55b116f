"""What is asked of a worker while it works: to stop, by SIGTERM or SIGINT, or by a file in its
run's folder.
"""

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from engine.runs.run import Run

_LOOK_S = 0.2
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopRequests:
    """Whether a run is to stop. Signals count while they are ``heard``."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._signalled = False
        self._woken: int | None = None
        """What can be read from once there was a signal."""

    @property
    def requested(self) -> bool:
        return self._signalled or self._run.cancel_request.exists()

    @contextmanager
    def handling_signals(self) -> Iterator[None]:
        """Take signals for requests, in the main thread: they end neither the process nor what it
        is at.
        """
        self._woken, wake = os.pipe()
        os.set_blocking(wake, False)
        before = [(number, signal.signal(number, self._on_signal)) for number in _SIGNALS]
        # While XLA compiles, Python's handlers wait: only this reaches a thread.
        descriptor = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(descriptor)
            for number, handler in before:
                signal.signal(number, handler)
            os.close(wake)
            os.close(self._woken)
            self._woken = None

    @contextmanager
    def watching(self, leave: Callable[[], None]) -> Iterator[None]:
        """Look several times a second while something goes on that has no slices: an import, or
        compiling.

        ``leave`` is called in a thread once the run is to stop, and ends the process: an exception
        out of the middle of an import would be caught by whoever imports something that may be
        missing, and none gets into XLA.
        """
        over = threading.Event()
        thread = threading.Thread(
            target=self._look, args=(over, leave), name="requests", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _look(self, over: threading.Event, leave: Callable[[], None]) -> None:
        while not over.wait(_LOOK_S):
            if self.requested or self._was_woken():
                leave()
                return

    def _was_woken(self) -> bool:
        return self._woken is not None and bool(select.select([self._woken], [], [], 0)[0])

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signalled = True
