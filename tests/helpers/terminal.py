"""Drives the installed command through a real pseudo-terminal and reads its screen as a person
would.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import pyte

COMMAND = str(Path(sys.executable).with_name("rnnlab-tui"))
KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D", "f5": "\x1b[15~", "backspace": "\x7f", "ctrl+k": "\x0b", "ctrl+a": "\x01",
    "space": " ",
    "home": "\x1b[H", "end": "\x1b[F", "pagedown": "\x1b[6~", "ctrl+d": "\x04", "ctrl+q": "\x11",
    "ctrl+s": "\x13",
    "ctrl+z": "\x1a",
}  # fmt: skip


class Terminal:
    """A terminal of ``columns`` x ``lines`` that runs the command, or another ``program``.

    ``with`` ends it at the end of the block.
    """

    def __init__(
        self,
        arguments: list[str],
        *,
        columns: int = 80,
        lines: int = 24,
        env: Mapping[str, str],
        cwd: Path,
        program: str = COMMAND,
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self.received = bytearray()
        """Everything the command has written to the terminal."""
        self._stream = pyte.ByteStream(self.screen)
        self._left = False
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            _set_size(0, columns, lines)
            os.execve(
                program, [program, *arguments], {"TERM": "xterm-256color", "LANG": "C.UTF-8", **env}
            )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._left:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.hang_up()

    def hang_up(self) -> None:
        """Take the terminal away, as a lost connection does; nothing more can be read from it."""
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size, as dragging its corner does."""
        self.screen.resize(lines, columns)
        _set_size(self._terminal, columns, lines)

    def press(self, *keys: str) -> None:
        """Press keys by name (``f5``, ``enter``), or type what is no key's name."""
        for key in keys:
            os.write(self._terminal, KEYS.get(key, key).encode())
            # A lone escape is told from the start of a sequence by what does not follow it.
            self.read(0.15 if key == "escape" else 0.02)

    def send(self, content: str) -> None:
        """Have bytes arrive together, as after a stall of the link."""
        os.write(self._terminal, content.encode())

    def wait_until_taken(self, *, seconds: float = 20.0) -> None:
        """Wait until the command has read everything that was typed."""
        its_side = os.open(f"/proc/{self.pid}/fd/0", os.O_RDONLY | os.O_NOCTTY)
        deadline = time.monotonic() + seconds
        try:
            while int.from_bytes(fcntl.ioctl(its_side, termios.FIONREAD, bytes(4)), sys.byteorder):
                if time.monotonic() > deadline:
                    raise AssertionError(f"the command did not read its keys within {seconds} s")
                self.read(0.02)
        finally:
            os.close(its_side)

    def read(self, seconds: float) -> None:
        """Take in what the command writes for at most ``seconds``."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._terminal], [], [], left)
            if not ready:
                return
            try:
                content = os.read(self._terminal, 65536)
            except OSError:
                return  # The command has left and closed its side.
            if not content:
                return
            self.received += content
            self._stream.feed(content)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(str(line) for line in self.screen.display)

    def wait_for(self, wanted: str | Callable[[str], bool], *, seconds: float = 60.0) -> str:
        """Wait until the screen shows ``wanted`` (a text, or what a function of the screen says)
        and return it.
        """
        shown = wanted if callable(wanted) else lambda text: wanted in text
        deadline = time.monotonic() + seconds
        while not shown(self.text):
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{wanted!r} did not come within {seconds} s; the screen shows:\n{self.text}"
                )
            self.read(0.1)
        return self.text

    def has_left(self) -> bool:
        """Tell whether the command has ended by itself."""
        if not self._left:
            self._left = os.waitpid(self.pid, os.WNOHANG)[0] != 0
        return self._left

    def unread(self) -> int:
        """Return how many bytes of what the command has written nobody has read."""
        answer = fcntl.ioctl(self._terminal, termios.FIONREAD, bytes(4))
        return int.from_bytes(answer, sys.byteorder)

    def wait_for_end(self, *, seconds: float = 20.0, reading: bool = True) -> int:
        """Wait until the command has left, and return its exit status.

        ``reading``: take in what it writes meanwhile, as a terminal at the end of a good line does.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if reading and self._terminal >= 0:
                self.read(0.05)
            else:
                time.sleep(0.01)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._left = True
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(
            f"the command did not leave within {seconds} s; the screen shows:\n{self.text}"
        )


def _set_size(terminal: int, columns: int, lines: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
