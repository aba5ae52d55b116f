"""What comes without TensorFlow, Keras, Textual, pandas or plotext, each command in a process; and
its help.
"""

import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from helpers.command_line import HEAVY, PROGRAM, call, nothing_starts
from helpers.factory import alice_trial, sunspots_trial, write_log, write_run

from engine.host.home import Home
from engine.runs import queue
from tui.commands import cli


def paths(group: click.Group, *above: str) -> Iterator[list[str]]:
    """Yield the words of every command, groups among them."""
    yield list(above)
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from paths(command, *above, name)
        else:
            yield [*above, name]


def imported(done: "subprocess.CompletedProcess[str]") -> set[str]:
    """Return the packages that were imported by a command that PYTHONPROFILEIMPORTTIME had tell of
    them.
    """
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip().partition(".")[0] for line in lines}


def said(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """Return what such a command said on stderr itself."""
    return [line for line in done.stderr.splitlines() if not line.startswith("import time:")]


COMMANDS = list(paths(cli.command))


def test_every_command_is_looked_at() -> None:
    assert {"run", "data fetch", "reproduce", "completion"} <= {
        " ".join(words) for words in COMMANDS
    }


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words) or "the program")
def test_help_is_on_stdout_at_once(home: Home, words: list[str]) -> None:
    done = call(home, *words, "--help", PYTHONPROFILEIMPORTTIME="1")
    assert (done.returncode, said(done)) == (0, [])
    assert done.stdout.startswith(" ".join(["Usage:", "rnnlab-tui", *words, "["]))
    # Of the short one, that it is told will do for most.
    assert "-h, --help" in done.stdout
    assert "click" in imported(done)
    assert not imported(done) & HEAVY
    if words in ([], ["data", "add"]):
        short = call(home, *words, "-h")
        assert (short.returncode, short.stdout, short.stderr) == (0, done.stdout, "")
    assert not home.root.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["presets", "--json"],
        ["runs", "--json"],
        ["show", "bcdf"],
        ["watch", "bcdf"],
        ["watch", "bcgh", "--replay", "1000000"],
        *(["export", "bcdf", "bcgh", "--format", kind] for kind in ("md", "csv", "json", "latex")),
        ["note", "bcdf", "words"],
        ["hold", "bcjk"],
        ["cancel", "bcdf", "bcjk"],
        ["delete", "bcdf", "--yes"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported(home: Home, arguments: list[str]) -> None:
    write_run(home, sunspots_trial(5, epochs=3), run_id="bcdf-sunspots-5")
    write_run(home, alice_trial(1, iterations=2), run_id="bcgh-alice-1")
    write_log(write_run(home, sunspots_trial(6), end=None, epochs=0, run_id="bcjk-sunspots-6"), [])
    with nothing_starts(home):
        queue.add(home, ["bcjk-sunspots-6"])
        done = call(home, *arguments, PYTHONPROFILEIMPORTTIME="1")
    assert (done.returncode, said(done)) == (0, [])
    assert {"click", "tui"} <= imported(done)
    assert not imported(done) & HEAVY


@pytest.mark.parametrize("arguments", [["--version"], ["show", "zzzz"], []])
def test_the_module_is_the_command(home: Home, arguments: list[str]) -> None:
    module = subprocess.run(
        [sys.executable, "-P", "-m", "tui", *arguments],
        env=os.environ | {"RNNLAB_HOME": str(home.root)}, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    program = call(home, *arguments)
    assert program.args[0] == PROGRAM
    assert (module.returncode, module.stdout, module.stderr) == (
        program.returncode,
        program.stdout,
        program.stderr,
    )
