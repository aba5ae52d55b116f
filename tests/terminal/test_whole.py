"""The application in a real terminal, from the first key to the exported file, with real training
on small trials.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.terminal import Terminal

TEXT = "the mouse said to the cat that the cat is not the mouse, and the cat said nothing. " * 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to start the command in, as a person would: exports go here."""
    path = tmp_path / "work"
    path.mkdir()
    return path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "RNNLAB_HOME": str(tmp_path / "home"),
        "RNNLAB_LOCKS": str(tmp_path / "locks"),
        "RNNLAB_WARM_SECONDS": "1",
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
    }


@pytest.fixture(params=[(80, 24), (160, 45)], ids=["80x24", "160x45"])
def terminal(
    request: pytest.FixtureRequest, folder: Path, environment: dict[str, str]
) -> Iterator[Terminal]:
    columns, lines = request.param
    with Terminal([], columns=columns, lines=lines, env=environment, cwd=folder) as started:
        yield started


def change_field(terminal: Terminal, before: str, value: str) -> None:
    """Type over the field with the focus (its content is selected) and wait until the form has
    taken it.
    """
    terminal.press(value)
    terminal.wait_for(f"was {before}")


def test_sunspots_from_preset_to_exported_file(terminal: Terminal, folder: Path) -> None:
    terminal.wait_for("No runs yet")
    terminal.press("n")
    terminal.wait_for("225 training windows, 56 test windows")
    terminal.press("enter")
    terminal.wait_for("device")
    change_field(terminal, "35", "3")
    terminal.press("f5")
    terminal.wait_for("starting")
    terminal.wait_for("✓ done")
    # What is drawn together may come in several pieces.
    terminal.wait_for("published .060 / .079")
    terminal.wait_for("56 test points")
    terminal.wait_for("baselines: repeat last value .080, linear on 10 values .086")

    terminal.press("2")
    terminal.wait_for("test from 1937-11")
    terminal.wait_for("predicted")
    terminal.wait_for("1900")

    terminal.press("e")
    terminal.wait_for("| Trial | Epochs |")
    terminal.press("enter")
    screen = terminal.wait_for("Wrote")
    (exported,) = folder.glob("*.md")
    # The path may be longer than the terminal is wide.
    assert exported.name in "".join(line.strip() for line in screen.splitlines())
    markdown = exported.read_text(encoding="utf-8")
    row = next(line for line in markdown.splitlines() if line.startswith("| sunspots/5"))
    assert row.startswith("| sunspots/5 (epochs 35 → 3) | 3 | 1 | 10 | linear | 0.")
    assert row.endswith("| 0.060 | 0.079 |")

    terminal.press("escape")
    terminal.wait_for("took")
    terminal.press("escape")
    terminal.wait_for("CHANGED")
    terminal.press("q")
    assert terminal.wait_for_end() == 0


def test_alice_writes_and_leaves_a_table(terminal: Terminal, folder: Path) -> None:
    (folder / "cats.txt").write_text(TEXT, encoding="utf-8")
    terminal.wait_for("No runs yet")
    terminal.press("n")
    terminal.wait_for("225 training windows")
    terminal.press(*["down"] * 7)
    terminal.wait_for("reads 10 characters, writes")
    # Its text is not here: the form says so, and is where to give it.
    terminal.press("f5")
    terminal.wait_for("The text of Alice in Wonderland is not here yet")
    terminal.press("cats.txt")
    terminal.wait_for("corpus: a name or a file")
    for _field in range(6):
        terminal.press("up")
    terminal.wait_for("epochs_per_iteration: 1 to")
    terminal.press("up")
    terminal.wait_for("iterations: 1 to")
    change_field(terminal, "25", "2")
    terminal.press("f5")
    # Only the run's own screen has it: a key pressed earlier would land in the form.
    terminal.wait_for("Progress")
    terminal.press("2")
    terminal.wait_for("ITERATION 2 of 2")
    terminal.wait_for("seed")
    terminal.wait_for("✓ done")
    result = finished_run(terminal, folder)
    first, second = result["metrics"]["iterations"]
    assert len(first["generated"]) == len(second["generated"]) == 100
    terminal.press("left")
    terminal.wait_for("ITERATION 1 of 2")
    beginning = first["seed_text"] + first["generated"][:20].rstrip()
    terminal.wait_for(beginning.split()[0])

    terminal.press("e")
    terminal.wait_for("| Iteration | Loss |")
    terminal.press("enter")
    terminal.wait_for("Wrote")
    (exported,) = folder.glob("*.md")
    markdown = exported.read_text(encoding="utf-8")
    assert markdown.count("\n| 1 |") == markdown.count("\n| 2 |") == 1
    assert second["generated"].strip() in markdown


def test_leaving_leaves_the_run_going(folder: Path, environment: dict[str, str]) -> None:
    with Terminal([], env=environment, cwd=folder) as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("n")
        terminal.wait_for("225 training windows")
        terminal.press("f5")
        terminal.wait_for("starting")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
        terminal.read(0.2)
        assert "1 run continues. rnnlab-tui brings you back." in terminal.text
    with Terminal([], env=environment, cwd=folder) as terminal:
        terminal.wait_for("sunspots/5")
        terminal.wait_for("✓ done")
        terminal.press("enter")
        terminal.wait_for("train .06")


def finished_run(terminal: Terminal, folder: Path) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Return ``result.json`` of the one run."""
    (path,) = (folder.parent / "home" / "runs").glob("*/result.json")
    result: dict[str, dict[str, list[dict[str, str]]]] = json.loads(
        path.read_text(encoding="utf-8")
    )
    return result
