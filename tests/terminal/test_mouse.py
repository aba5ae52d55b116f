"""The mouse over a real terminal: what is dragged over is selected and copied, and nothing is
opened.
"""

import base64
import os
import re
from pathlib import Path

from helpers.terminal import Terminal


def drag(terminal: Terminal, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Have a terminal report (SGR, from 1) that the mouse is pressed in one cell, moved, and
    released in another.
    """
    for code, (x, y), last in ((0, start, "M"), (32, end, "M"), (0, end, "m")):
        terminal.send(f"\x1b[<{code};{x + 1};{y + 1}{last}")
        terminal.wait_until_taken()


def copied(terminal: Terminal) -> str:
    """Press ctrl+c, and return what the command sends to the clipboard (OSC 52)."""
    terminal.send("\x03")
    found: list[bytes] = []

    def sent(_text: str) -> bool:
        found[:] = re.findall(rb"\x1b\]52;c;([^\x07\x1b]*)", terminal.received)
        return bool(found)

    terminal.wait_for(sent)
    return base64.b64decode(found[-1]).decode()


def test_a_drag_over_the_presets_copies_them(tmp_path: Path) -> None:
    environment = {
        "RNNLAB_HOME": str(tmp_path / "home"),
        "RNNLAB_LOCKS": str(tmp_path / "locks"),
        "RNNLAB_WARM_SECONDS": "1",
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
    }
    with Terminal([], env=environment, cwd=tmp_path) as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("n")
        terminal.wait_for("225 training windows, 56 test windows")
        drag(terminal, (3, 4), (30, 6))
        assert copied(terminal).split() == [
            *("3", "35", "ep", "b1", "t10", "tanh"),
            *("4", "25", "ep", "b1", "t10", "tanh"),
            *("5", "35", "ep", "b1", "t10", "linear"),
        ]
        assert "New trial" in terminal.text
