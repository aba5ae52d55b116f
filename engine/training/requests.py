"""Requests to stop that a worker gets while it works: SIGTERM, SIGINT, or a file in the run."""

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from engine.runs.run import Run

_POLL_S = 0.2
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopRequests:
    """Whether a run is to stop. Signals count during :meth:`handling_signals`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._signalled = False
        self._woken: int | None = None
        """Readable once there was a signal."""

    @property
    def requested(self) -> bool:
        return self._signalled or self._run.cancel_request.exists()

    @contextmanager
    def handling_signals(self) -> Iterator[None]:
        """Treat signals as requests, in the main thread: they set a flag, and interrupt nothing."""
        self._woken, write_end = os.pipe()
        os.set_blocking(write_end, False)
        previous_handlers = [
            (number, signal.signal(number, self._on_signal)) for number in _SIGNALS
        ]
        # While XLA compiles, Python's handlers wait: a thread can only be reached this way.
        descriptor = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(descriptor)
            for number, handler in previous_handlers:
                signal.signal(number, handler)
            os.close(write_end)
            os.close(self._woken)
            self._woken = None

    @contextmanager
    def watching(self, leave: Callable[[], None]) -> Iterator[None]:
        """Check several times a second during something without slices: an import or compiling.

        ``leave`` is called in a thread once the run is to stop, and must end the process. An
        exception raised during an import could be caught by a module that imports something
        optional, and none can be raised within XLA.
        """
        finished = threading.Event()
        thread = threading.Thread(
            target=self._watch, args=(finished, leave), name="requests", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            finished.set()
            thread.join()

    def _watch(self, finished: threading.Event, leave: Callable[[], None]) -> None:
        while not finished.wait(_POLL_S):
            if self.requested or self._was_woken():
                leave()
                return

    def _was_woken(self) -> bool:
        return self._woken is not None and bool(select.select([self._woken], [], [], 0)[0])

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signalled = True
