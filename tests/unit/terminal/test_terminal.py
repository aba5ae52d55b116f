"""The signal that tells of another size of the window."""

import asyncio
import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from tui.terminal.terminal import serialize_resizes


@pytest.fixture(autouse=True)
def _handler_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGWINCH)
    yield
    signal.signal(signal.SIGWINCH, before)


async def test_the_size_that_came_last_is_told_last() -> None:
    sizes, told = iter([80, 90]), list[int]()

    def answer(_number: int, _frame: FrameType | None) -> None:
        size = next(sizes)
        if size == 80:
            # The window has another size by now, and there is nobody who knows but the next signal.
            signal.raise_signal(signal.SIGWINCH)
        told.append(size)

    signal.signal(signal.SIGWINCH, answer)
    serialize_resizes()
    signal.raise_signal(signal.SIGWINCH)
    async with asyncio.timeout(20):
        while len(told) < 2:
            await asyncio.sleep(0)
    assert told == [80, 90]


async def test_without_a_terminal_nobody_answers() -> None:
    signal.signal(signal.SIGWINCH, signal.SIG_DFL)
    serialize_resizes()
    assert signal.getsignal(signal.SIGWINCH) == signal.SIG_DFL
