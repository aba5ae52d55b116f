"""The window changes its size under the application: a line where there is no room, and all of it
back afterwards.
"""

from collections.abc import Iterator

import pytest
from helpers.factory import alice_trial, sunspots_trial, write_run
from helpers.faults import Laboratory
from helpers.terminal import Terminal

from engine.host.home import Home


@pytest.fixture
def terminal(home: Home) -> Iterator[Terminal]:
    """The application on a run of each kind, both over."""
    write_run(home, sunspots_trial(5), run_id="bbbb-sunspots-5")
    write_run(home, alice_trial(1), run_id="cccc-alice-1")
    with Laboratory(home).terminal() as terminal:
        terminal.wait_for("alice/1")
        yield terminal


def check_it_bears_every_size(terminal: Terminal, wide: str) -> None:
    """Go through a small and a large size, at which ``wide`` is shown, and back to 80x24."""
    before = settled(terminal)
    terminal.resize(20, 5)
    terminal.wait_for(says_it_is_too_small)
    terminal.resize(160, 45)
    terminal.wait_for(lambda text: wide in text and reaches_to_the_foot(text))
    terminal.resize(80, 24)
    terminal.wait_for(before.__eq__)
    assert not terminal.has_left()
    assert b"Traceback" not in terminal.received


def settled(terminal: Terminal) -> str:
    """Return what the screen shows when nothing more comes: what is drawn together may come in
    pieces.
    """
    before = ""
    while before != (now := terminal.wait_for(reaches_to_the_foot)):
        before = now
        terminal.read(0.2)
    return now


def reaches_to_the_foot(text: str) -> bool:
    return "help" in text.splitlines()[-1]


def says_it_is_too_small(text: str) -> bool:
    return " ".join(text.split()) == "This window is too small: rnnlab needs at least 60x15."


def test_home_new_and_form(terminal: Terminal) -> None:
    check_it_bears_every_size(terminal, wide="alice/1")
    terminal.press("n")
    terminal.wait_for("1983-12")
    check_it_bears_every_size(terminal, wide="1983-12")
    terminal.press("down")
    terminal.wait_for("sunspots/6 ")
    terminal.press("enter")
    terminal.wait_for("device")
    terminal.press("36")
    terminal.wait_for("was 25")
    check_it_bears_every_size(terminal, wide="was 25")
    # The field has kept the focus, and what was typed.
    terminal.press("7")
    terminal.wait_for(lambda text: "367 " in text and "367 epochs" in text)


def test_runs(terminal: Terminal) -> None:
    terminal.press("down", "enter")
    terminal.wait_for("EPOCH")
    terminal.press("2")
    terminal.wait_for("ITERATION 25 of 25")
    check_it_bears_every_size(terminal, wide="ITERATION 25 of 25")
    # One goes back where nothing can be seen.
    terminal.resize(20, 5)
    terminal.wait_for(says_it_is_too_small)
    terminal.press("escape")
    terminal.resize(80, 24)
    terminal.wait_for("CHANGED")
    terminal.press("up", "enter")
    terminal.wait_for("EPOCH")
    terminal.press("2")
    terminal.wait_for("test from")
    check_it_bears_every_size(terminal, wide="test from")
    # A screen behind another one learns of it when it comes to the front.
    terminal.press("?")
    terminal.wait_for("Show the keys")
    terminal.resize(160, 45)
    terminal.wait_for(lambda text: "esc back" in text.splitlines()[-1])
    terminal.press("escape")
    terminal.wait_for(lambda text: "hidden_units" in text and "test from" in text)
    terminal.press("q")
    assert terminal.wait_for_end() == 0


def test_sizes_that_come_faster_than_they_are_drawn(terminal: Terminal) -> None:
    """As when a corner is dragged. Only the last is there to stay, and if it is the first one
    again, all is drawn.
    """
    before = settled(terminal)
    for columns in [100, 59, 60, 20, 5, 1, 2, 120, 81, 80] * 3:
        terminal.resize(columns, max(1, columns // 4))
    terminal.resize(80, 24)
    terminal.wait_for(before.__eq__)
    terminal.resize(20, 5)
    terminal.resize(80, 24)
    terminal.wait_for(before.__eq__)
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert b"Traceback" not in terminal.received
