"""Text from outside that tries to command the terminal: not one byte of it arrives there, and
markup is text.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
from helpers.factory import Written, alice_trial, sunspots_trial, write_run
from helpers.faults import COMMAND, Laboratory

from engine.host.home import Home
from engine.runs.events import Failed
from engine.trials.trial import DataReference

HOSTILE = "\x1b]52;c;UFdORUQ=\x07\x1b[5m\x9b5m\x9d52;c;UFdO\x9c\u202elive\u2066\x7f[red]owned[/red][link=x]"  # noqa: E501
FORBIDDEN = [
    *(b"\x1b]52", b"\x1b[5m", b"\x07", b"\x7f"),
    *(char.encode() for char in "\x9b\x9c\x9d\u202e\u2066"),
]


@pytest.fixture
def lab(tmp_path: Path) -> Laboratory:
    """A laboratory whose very home is called something terrible."""
    return Laboratory(Home(tmp_path / "home\x1b]52;c;UFdO\x07\u202e[red]x"))


def check(received: bytes) -> None:
    # Textual itself asks for the shape of the mouse's pointer.
    received = re.sub(rb"\x1b\]22;[a-z-]*\x07", b"", received)
    found = [sequence for sequence in FORBIDDEN if sequence in received]
    assert not found, [
        received[max(0, received.index(one) - 80) : received.index(one) + 40] for one in found
    ]


def test_it_does_not_reach_the_terminal(lab: Laboratory, tmp_path: Path) -> None:
    home = lab.home
    text = tmp_path / f"text{HOSTILE.replace('/', '')}.txt"
    text.write_text(("she sells " + HOSTILE + " sea shells. ") * 20)
    table = tmp_path / "table.csv"
    table.write_text(
        f"Month,{HOSTILE},b{HOSTILE}\n"
        + "".join(f"1999-{m:02},{m}.0,{m}.5\n" for m in range(1, 13))
    )
    reference = DataReference(
        name="text.txt", sha256="0" * 64, file=str(text), url=f"http://h/{HOSTILE}"
    )
    trial = alice_trial(1, data=reference, iterations=2, predictions=400, seqlen=10)
    run = write_run(
        home, trial, texts=[Written(HOSTILE[:10], HOSTILE * 4)] * 2, run_id="bbbb-alice-1"
    )
    what = Failed(what=f"It broke: {HOSTILE}", remedy=HOSTILE)
    broken = write_run(home, sunspots_trial(5, epochs=3), end=what, run_id="cccc-sunspots-5")
    broken.worker_log.write_text(f"Traceback\n  {HOSTILE}\nValueError: {HOSTILE}\n")
    for one in (run, broken):
        one.note_file.write_text(f"seen by {HOSTILE}")
    torn = home.runs / "dddd-sunspots-5"
    torn.mkdir()
    (torn / "trial.json").write_text(HOSTILE)

    for words in (
        ["runs"],
        ["show", run.id],
        ["show", broken.id],
        ["watch", run.id],
        ["watch", broken.id],
        ["export", run.id, broken.id],
        ["export", broken.id, "-o", str(tmp_path / HOSTILE.replace("/", ""))],
        ["run", HOSTILE],
        ["run", "alice/1", "--corpus", str(text), "--set", "iterations=0"],
        ["run", "alice/1", "--corpus", HOSTILE],
        ["run", "sunspots/5", "--series", f"{table}:nothing"],
        ["run", "sunspots/5", "--series", str(table)],
        ["run", "sunspots/5", "--set", f"{HOSTILE}=1"],
        ["data", "add", "mine", str(text)],
        ["data", "list"],
        ["watch", HOSTILE],
        ["note", run.id, HOSTILE],
        [HOSTILE],
    ):
        ours, theirs = os.openpty()
        process = subprocess.Popen(
            [COMMAND, "--home", str(home.root), *words],
            env=lab.environment,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        received = read_all(ours)
        process.wait(60)
        check(received)
        assert b"Traceback (most recent" not in received, received

    with lab.terminal(columns=100, lines=40) as terminal:
        terminal.wait_for("sunspots/5")
        terminal.wait_for("can't be read")
        terminal.press("home", "enter")
        terminal.wait_for("live[red]owned[")
        terminal.press("2", "3", "4", "5", "e")
        terminal.wait_for("Export")
        terminal.press("escape", "escape")
        terminal.wait_for("CHANGED")
        terminal.press("down", "enter")
        terminal.wait_for("live[red]owned[")
        terminal.press("5", "end")
        terminal.wait_for("ValueError")
        terminal.press("e")
        terminal.wait_for("Export")
        terminal.press("escape", "escape")
        terminal.wait_for("CHANGED")
        # The name of such a file, pasted into the form.
        terminal.press("n")
        terminal.wait_for("225 training windows")
        terminal.press(*["down"] * 7)
        terminal.wait_for("reads 10 characters")
        terminal.press("enter")
        terminal.wait_for("corpus ")
        terminal.press(f"\x1b[200~{text}\x1b[201~")
        terminal.wait_for("✗ must be")
        terminal.press("ctrl+q")
        terminal.wait_for_end()
        check(bytes(terminal.received))


def read_all(descriptor: int) -> bytes:
    """Read a terminal to its end."""
    received = b""
    try:
        while content := os.read(descriptor, 65536):
            received += content
    except OSError:
        pass  # The command has left.
    finally:
        os.close(descriptor)
    return received
