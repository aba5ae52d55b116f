"""Ctrl-Z: the shell gets its terminal back as it was, the runs continue, and ``fg`` brings the
whole screen back.
"""

import re
import signal
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest
from helpers.factory import sunspots_trial, write_run
from helpers.faults import COMMAND, Laboratory, kill, laboratory, wait_until
from helpers.terminal import Terminal

from engine.host.home import Home
from engine.runs.run import all_runs

FRESH = {7, 25}
"""Private modes of a terminal that nobody has changed: lines wrap, the cursor is seen."""
ALTERNATE_SCREEN, MOUSE, BRACKETED_PASTE = 1049, 1003, 2004


class PagedScreen(pyte.Screen):  # type: ignore[misc]  # (pyte has no types)
    """A screen whose page is blank when it changes to the other one or back; pyte's own knows no
    second page.
    """

    def set_mode(self, *modes: int, **how: Any) -> None:
        super().set_mode(*modes, **how)
        self._change_page(modes, how)

    def reset_mode(self, *modes: int, **how: Any) -> None:
        super().reset_mode(*modes, **how)
        self._change_page(modes, how)

    def _change_page(self, modes: tuple[int, ...], how: dict[str, Any]) -> None:
        if ALTERNATE_SCREEN in modes and how.get("private"):
            self.erase_in_display(2)
            self.cursor_position()


class Shell(Terminal):
    """A shell with job control, in which the application has been started.

    It is sh, which is not as kind as bash: what a stopped job has done to the terminal's settings
    it leaves so.
    """

    def __init__(self, lab: Laboratory) -> None:
        environment = lab.environment | {"PS1": "shell: "}
        super().__init__(["-i"], env=environment, cwd=lab.folder, program="/bin/sh")
        self.screen = PagedScreen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.wait_for("shell:")
        self.settings = self.settings_now()
        self.type(str(COMMAND))
        self.wait_for("? help")
        (child,) = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        self.application = int(child)

    def __enter__(self) -> "Shell":
        return self

    def type(self, line: str) -> None:
        self.press(f"{line}\r")

    def settings_now(self) -> list[Any]:
        """Return what stty(1) shows."""
        return termios.tcgetattr(self._terminal)

    def modes(self) -> set[int]:
        """Return the private modes that are set; see "DEC Private Mode Set" of xterm's control
        sequences.
        """
        on = set(FRESH)
        for numbers, end in re.findall(rb"\x1b\[\?([\d;]+)([hl])", self.received):
            change = on.update if end == b"h" else on.difference_update
            change(map(int, numbers.split(b";")))
        return on

    def is_stopped(self) -> bool:
        return (
            Path(f"/proc/{self.application}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        )

    def says_it_is_stopped(self) -> bool:
        self.type("")
        return "Stopped" in self.text

    def check_it_is_the_shell_s(self) -> None:
        """The application is stopped, and the terminal is as the shell had it."""
        self.wait_for(lambda text: "Stopped" in text and "shell:" in text)
        wait_until(self.is_stopped)
        assert self.modes() == FRESH
        assert self.received.count(b"\x1b[<u") == len(re.findall(rb"\x1b\[>\d+u", self.received))
        assert self.settings_now() == self.settings
        self.type("echo he''re")
        # What is typed is seen, and what is printed begins at the left.
        self.wait_for(lambda text: "shell: echo he''re" in text and "\nhere " in text)

    def check_it_is_the_application_s(self) -> None:
        assert {ALTERNATE_SCREEN, MOUSE, BRACKETED_PASTE} < self.modes()
        assert 25 not in self.modes()
        assert not self.settings_now()[3] & (termios.ECHO | termios.ICANON)


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


def test_it_comes_back_as_it_was(lab: Laboratory) -> None:
    write_run(lab.home, sunspots_trial(5))
    with Shell(lab) as shell:
        before = shell.wait_for("✓ done")
        shell.check_it_is_the_application_s()
        shell.press("ctrl+z")
        shell.check_it_is_the_shell_s()
        shell.type("fg")
        shell.wait_for(before.__eq__)
        shell.check_it_is_the_application_s()
        # Another time, from elsewhere.
        kill(shell.application, signal.SIGTSTP)
        shell.check_it_is_the_shell_s()
        shell.type("fg")
        shell.wait_for(before.__eq__)
        shell.check_it_is_the_application_s()
        shell.press("enter")
        shell.wait_for("EPOCH")
        shell.press("q")
        shell.wait_for("shell:")
        assert shell.modes() == FRESH
        assert shell.settings_now() == shell.settings


def test_in_the_background_it_stays_stopped(lab: Laboratory) -> None:
    write_run(lab.home, sunspots_trial(5))
    with Shell(lab) as shell:
        before = shell.wait_for("✓ done")
        shell.press("ctrl+z")
        shell.check_it_is_the_shell_s()
        shell.type("clear; bg")
        # A shell tells what became of its jobs before it asks for the next line.
        wait_until(shell.says_it_is_stopped)
        shell.check_it_is_the_shell_s()
        shell.type("fg")
        shell.wait_for(before.__eq__)
        shell.check_it_is_the_application_s()


def test_a_run_goes_on_and_the_window_may_change(lab: Laboratory) -> None:
    with Shell(lab) as shell:
        shell.press("n")
        shell.wait_for("225 training windows")
        shell.press("f5")
        shell.wait_for("starting")
        shell.press("ctrl+z")
        shell.check_it_is_the_shell_s()
        (run,) = all_runs(lab.home)
        assert lab.ends(run) == "done"
        assert shell.is_stopped()
        shell.resize(90, 30)
        shell.type("fg")
        lines = shell.wait_for("✓ done").splitlines()
        assert lines[0].startswith(" sunspots/5")
        shell.wait_for(lambda text: "? help" in text.splitlines()[29])
        assert b"Traceback" not in shell.received


def test_without_a_shell_it_is_not_stopped(lab: Laboratory) -> None:
    with lab.terminal() as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("ctrl+z")
        terminal.wait_for("There is no shell here")
        terminal.press("n")
        terminal.wait_for("225 training windows")
