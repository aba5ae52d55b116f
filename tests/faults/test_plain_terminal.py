"""Terminals that can less than most, by what the person's environment says: no colours, no Unicode,
no cursor.
"""

import re
import subprocess
from pathlib import Path

import pytest
from helpers.factory import alice_trial, sunspots_trial, write_run
from helpers.faults import COMMAND, Laboratory
from helpers.terminal import Terminal

from engine.host.home import Home
from engine.trials.trial import DataReference

REALLY_ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""Of the other ways to say C, Python makes UTF-8 by itself."""
LOCALES = [{"LC_ALL": "C"}, {"LANG": "C"}, REALLY_ASCII]
TEXT_NAME = "mañana 日本.txt"


@pytest.fixture
def lab(home: Home) -> Laboratory:
    """A laboratory with a run of each kind, in which there is something to say that ASCII has no
    letters for.
    """
    run = write_run(home, sunspots_trial(5, epochs=20), run_id="bbbb-sunspots-5")
    run.note_file.write_text("α → ω", encoding="utf-8")
    text = DataReference(name=TEXT_NAME, sha256="0" * 64)
    write_run(home, alice_trial(1, data=text, iterations=2), run_id="cccc-alice-1")
    return Laboratory(home)


def is_colour(parameter: int) -> bool:
    """Tell whether a parameter of "select graphic rendition" sets a colour; ECMA-48, 8.3.117."""
    return parameter in (38, 48) or (parameter // 10 in (3, 4, 9, 10) and parameter % 10 < 8)


def colours(received: bytes) -> set[bytes]:
    """Return the sequences that set a colour."""
    sequences = set(re.findall(rb"\x1b\[([\d;:]*)m", received))
    return {
        one
        for one in sequences
        if any(is_colour(int(number)) for number in re.findall(rb"\d+", one))
    }


def take_a_tour(terminal: Terminal) -> None:
    """Look at home, New, a run of each kind in all its tabs, and leave."""
    terminal.wait_for("sunspots/5")
    terminal.press("n")
    terminal.wait_for("225 training windows")
    terminal.press("escape")
    terminal.wait_for("LOSS / RMSE")
    terminal.press("enter")
    terminal.wait_for("EPOCH")
    for tab, mark in {"2": "test from", "4": "hidden_units", "5": "finished"}.items():
        terminal.press(tab)
        terminal.wait_for(mark)
    terminal.press("escape")
    terminal.wait_for("LOSS / RMSE")
    terminal.press("down", "enter")
    terminal.wait_for("EPOCH")
    for tab, mark in {"2": "ITERATION 2 of 2", "4": "predictions"}.items():
        terminal.press(tab)
        terminal.wait_for(mark)
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert b"Traceback" not in terminal.received


@pytest.mark.parametrize(
    ("kind", "variables"),
    [
        ("xterm-256color", {"NO_COLOR": "1", "COLORTERM": "truecolor"}),
        ("vt100", {"NO_COLOR": "1", "LC_ALL": "C"}),
        (None, REALLY_ASCII),
    ],
    ids=["no colours", "a VT100 without them and without Unicode", "no TERM, and ASCII"],
)
def test_the_application_keeps_to_it(
    lab: Laboratory, kind: str | None, variables: dict[str, str]
) -> None:
    arguments = ["-u", "TERM", str(COMMAND)] if kind is None else [f"TERM={kind}", str(COMMAND)]
    with Terminal(
        arguments, env=lab.environment | variables, cwd=lab.folder, program="/usr/bin/env"
    ) as terminal:
        take_a_tour(terminal)
        received = bytes(terminal.received)
    assert bool(colours(received)) == ("NO_COLOR" not in variables), colours(received)
    in_ascii = "LC_ALL" in variables
    assert received.isascii() == in_ascii
    # Something to read in the glyph's place, and no question mark.
    assert ("+ done" if in_ascii else "✓ done").encode() in received


@pytest.mark.parametrize("kind", ["dumb", "unknown"])
def test_where_the_cursor_can_t_move_the_application_says_so(lab: Laboratory, kind: str) -> None:
    with lab.terminal(TERM=kind) as terminal:
        assert terminal.wait_for_end() == 2
        assert terminal.received.startswith(f"rnnlab-tui: TERM={kind} says that".encode())
        assert b"Set TERM" in terminal.received
        assert terminal.received.count(b"\n") == 1
        assert b"\x1b" not in terminal.received


@pytest.mark.parametrize("variables", LOCALES, ids=str)
def test_commands_write_ascii_to_such_a_terminal(
    lab: Laboratory, variables: dict[str, str]
) -> None:
    said = {}
    for arguments in (["presets"], ["runs"], ["show", "bbbb"], ["show", "cccc"]):
        environment = lab.environment | variables
        with Terminal(arguments, columns=300, env=environment, cwd=lab.folder) as terminal:
            assert terminal.wait_for_end() == 0
            said[arguments[-1]] = bytes(terminal.received)
    assert all(words.isascii() for words in said.values()), said
    assert b"alice/10" in said["presets"]
    assert b"epochs 35 > 20" in said["runs"]
    assert b"note: ? > ?" in said["bbbb"]
    assert b"ma?ana ????.txt" in said["cccc"]


@pytest.mark.parametrize("variables", LOCALES, ids=str)
def test_a_pipe_has_every_letter(lab: Laboratory, variables: dict[str, str]) -> None:
    environment = lab.environment | variables
    done = subprocess.run(
        [COMMAND, "show", "cccc"], env=environment, capture_output=True, check=True
    )
    assert done.stderr == b""
    assert TEXT_NAME.encode() in done.stdout


def test_the_doctor_names_it(lab: Laboratory, tmp_path: Path) -> None:
    # In place of TensorFlow, which takes its time to be imported and is not what is asked about
    # here.
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "tensorflow.py").write_text("raise ImportError('not today')\n")
    variables = {
        "TERM": "dumb",
        "LC_ALL": "C",
        "NO_COLOR": "1",
        "PYTHONPATH": str(tmp_path / "packages"),
    }
    with Terminal(
        ["doctor"], columns=200, env=lab.environment | variables, cwd=lab.folder
    ) as terminal:
        assert terminal.wait_for_end() == 1
        said = bytes(terminal.received).decode("ascii")
    assert "dumb, 200x24, no colours (NO_COLOR)" in said
    assert "TERM says that it can't move its cursor. Set TERM, to xterm-256color say." in said
    assert "none: the application does not start on this terminal" in said
    assert "does not name a console" not in said
    assert "Plots and glyphs are drawn in ASCII. Set LC_ALL to a UTF-8 locale, C.UTF-8 say." in said


BEYOND_A_CONSOLE = re.compile("[⠁-⣿▘▝▖▗▙▛▜▟▚▞▀▄▌▐▁▂▃▅▆▇▓◷◫◌●◍✓▪╭╮╰╯]")
"""What no font of the Linux console has, or few have."""


def test_a_console_is_shown_what_its_font_has(lab: Laboratory) -> None:
    with lab.terminal(TERM="linux") as terminal:
        take_a_tour(terminal)
        received = terminal.received.decode()
    assert set(BEYOND_A_CONSOLE.findall(received)) == set()
    assert "+ done" in received
    assert "••" in received
    assert "┤" in received


def test_the_setting_wins_over_what_is_known_of_the_terminal(lab: Laboratory) -> None:
    for arguments, variables in (
        ([], {"RNNLAB_PLOTS": "ascii"}),
        (["--plots", "ascii"], {"RNNLAB_PLOTS": "braille"}),
    ):
        with Terminal(arguments, env=lab.environment | variables, cwd=lab.folder) as terminal:
            take_a_tour(terminal)
            received = terminal.received.decode()
        assert not re.search("[⠁-⣿┤]", received)
        assert "✓ done" in received
    with lab.terminal(TERM="linux", RNNLAB_PLOTS="braille") as terminal:
        take_a_tour(terminal)
        assert re.search("[⠁-⣿]", terminal.received.decode())


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        ([], {"RNNLAB_PLOTS": "dots"}, b"RNNLAB_PLOTS = dots: must be braille, blocks or ascii."),
        (
            ["--plots", "dots"],
            {},
            b"Invalid value for '--plots': 'dots' is not one of 'braille', 'blocks', 'ascii'.",
        ),
    ],
    ids=["variable", "option"],
)
def test_a_setting_that_is_none_is_said_before_anything_is_drawn(
    lab: Laboratory, arguments: list[str], variables: dict[str, str], said: bytes
) -> None:
    with Terminal(
        arguments, env=lab.environment | variables, cwd=lab.folder, columns=150
    ) as terminal:
        assert terminal.wait_for_end() == 2
        assert terminal.received.startswith(b"rnnlab-tui: " + said)
        assert terminal.received.count(b"\n") == 1


@pytest.mark.parametrize(
    ("variables", "said", "line"),
    [
        ({"TERM": "xterm-256color"}, "braille: the locale is UTF-8", "[⠁-⣿]{3}"),
        ({"TERM": "linux"}, "blocks: TERM=linux has no braille", "•{3}"),
        ({"TERM": "xterm", "RNNLAB_PLOTS": "blocks"}, "blocks: RNNLAB_PLOTS says so", "▀{3}"),
        ({"LC_ALL": "C"}, "ascii: the locale is not UTF-8", r"\*{3}"),
        (
            {"RNNLAB_PLOTS": "dots"},
            "RNNLAB_PLOTS = dots: must be braille, blocks or ascii.",
            "plots",
        ),
    ],
    ids=str,
)
def test_the_doctor_draws_a_plot_and_says_with_what_and_why(
    lab: Laboratory, tmp_path: Path, variables: dict[str, str], said: str, line: str
) -> None:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "tensorflow.py").write_text("raise ImportError('not today')\n")
    environment = lab.environment | variables | {"PYTHONPATH": str(tmp_path / "packages")}
    with Terminal(["doctor"], columns=200, env=environment, cwd=lab.folder) as terminal:
        assert terminal.wait_for_end() == 1
        written = terminal.received.decode()
    assert said in written
    assert re.search(line, written)
    assert ("set RNNLAB_PLOTS to" in written) == ("dots" not in said)
