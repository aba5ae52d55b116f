"""Keys as a stalled link delivers them: many in one packet, or one in two."""

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from helpers.line_model import DELETE, END, HOME, KEYS, LEFT, TO_START, edited
from helpers.terminal import Terminal
from hypothesis import given, settings
from hypothesis import strategies as st

A_MINUTE = "60000"
FAILS_AFTER_S = 15.0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "RNNLAB_HOME": str(tmp_path / "home"),
        "RNNLAB_LOCKS": str(tmp_path / "locks"),
        "RNNLAB_WARM_SECONDS": "1",
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22",
        "ESCDELAY": A_MINUTE,
    }


@pytest.fixture
def form(environment: dict[str, str], tmp_path: Path) -> Iterator[Terminal]:
    """The form of sunspots/5, with the cursor in the field of the epochs."""
    with Terminal([], env=environment, cwd=tmp_path) as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("n")
        terminal.wait_for("225 training windows, 56 test windows")
        terminal.press("enter")
        terminal.wait_for("1 to 100000")
        terminal.wait_for("ctrl+l help")
        yield terminal


def field(text: str, name: str) -> str:
    """Return what a field of the form holds, as far as the screen shows it."""
    row = next((line for line in text.split("\n") if line.startswith(f" {name} ")), "")
    return row[22:36].strip()


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("100\x7f5", "105"),
        (f"24{LEFT}5", "254"),
        ("9\x7f\x7f\x7f\x7f12345", "12345"),
        (f"345{HOME}12{END}6", "123456"),
        (f"129{LEFT}{LEFT}{DELETE}0", "109"),
        (f"12{LEFT}\x1b[200~00\x1b[201~3", "10032"),
    ],
    ids=["backspace", "left", "backspaces", "home-end", "delete", "paste"],
)
def test_a_packet_is_answered_in_its_order(form: Terminal, sent: str, value: str) -> None:
    form.send(sent)
    form.wait_for(lambda text: field(text, "epochs") == value, seconds=FAILS_AFTER_S)


def test_any_packet_is_answered_in_its_order(form: Terminal) -> None:
    last = itertools.cycle("yz")

    @given(st.lists(KEYS, min_size=2, max_size=8))
    @settings(max_examples=40, deadline=None, database=None)
    def check(sent: Sequence[str]) -> None:
        # So that no packet leaves what was there before.
        keys = [TO_START, "\x0b", *sent, END, next(last)]
        form.send("".join(keys))
        value = edited("", keys)[-13:]
        form.wait_for(lambda text: field(text, "epochs").endswith(value), seconds=FAILS_AFTER_S)

    check()


def test_keys_for_pages_that_are_still_to_open_are_not_lost(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with Terminal([], env=environment, cwd=tmp_path) as terminal:
        terminal.wait_for("No runs yet")
        terminal.send("n\r64\x1b[B7")
        terminal.wait_for("was 35")
        terminal.wait_for("was 1 ")
        assert (field(terminal.text, "epochs"), field(terminal.text, "batch_size")) == ("64", "7")


def blink(terminal: Terminal) -> None:
    """Wait until the cursor of the field has changed, which it does every half second."""
    before = len(terminal.received)
    terminal.wait_for(lambda _text: len(terminal.received) > before, seconds=FAILS_AFTER_S)


def test_a_sequence_that_the_link_tore_is_one_key(form: Terminal) -> None:
    form.send("64")
    form.wait_for("was 35")
    form.send("\x1b")
    form.wait_until_taken()
    # Without patience it counts as esc by now: the form would be left, and "[B" typed somewhere.
    blink(form)
    blink(form)
    form.send("[B")
    form.send("7")
    form.wait_for("was 1 ")
    assert (field(form.text, "epochs"), field(form.text, "batch_size")) == ("64", "7")
