"""What was typed into a form outlives the application, however that ends."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.terminal import Terminal

from engine.host.home import Home
from tui.screens.drafts import Drafts

CHANGED = "As you left it: epochs changed."


def press_ctrl_q(terminal: Terminal) -> None:
    terminal.press("ctrl+q")


def hang_up(terminal: Terminal) -> None:
    terminal.hang_up()


def signalled(number: int) -> Callable[[Terminal], None]:
    """Return what ends the command by a signal."""
    return lambda terminal: os.kill(terminal.pid, number)


@pytest.mark.parametrize(
    "end",
    [press_ctrl_q, hang_up, signalled(signal.SIGTERM), signalled(signal.SIGHUP)],
    ids=["ctrl+q", "link lost", "SIGTERM", "SIGHUP"],
)
def test_a_changed_form_is_kept(tmp_path: Path, end: Callable[[Terminal], None]) -> None:
    home = Home(tmp_path / "home")
    environment = {
        "RNNLAB_HOME": str(home.root),
        "RNNLAB_LOCKS": str(tmp_path / "locks"),
        "RNNLAB_WARM_SECONDS": "1",
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
    }
    with Terminal([], env=environment, cwd=tmp_path) as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("n")
        terminal.wait_for("225 training windows, 56 test windows")
        terminal.press("enter")
        terminal.wait_for("1 to 100000")
        terminal.send("123")
        terminal.wait_for("was 35")
        end(terminal)
        terminal.wait_for_end()
    assert Drafts(home).form("sunspots/5") == {"epochs": "123"}
    with Terminal([], env=environment, cwd=tmp_path) as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("n")
        terminal.wait_for("225 training windows, 56 test windows")
        terminal.press("enter")
        terminal.wait_for(CHANGED)
