"""Completion in the shell: each shell's script, and what it is answered."""

import os
import subprocess
from pathlib import Path

import pytest
from helpers.command_line import PROGRAM, call
from helpers.factory import CORPUS, alice_trial, sunspots_trial, write_run

from engine.data.library import TextLibrary
from engine.host.home import Home


@pytest.fixture
def full(home: Home, tmp_path: Path) -> Home:
    """A home with a run of each kind and a text."""
    write_run(home, sunspots_trial(5, epochs=1), run_id="bcdf-sunspots-5")
    write_run(home, alice_trial(1, iterations=1), run_id="bcgh-alice-1")
    (tmp_path / "small.txt").write_text(CORPUS)
    TextLibrary(home).add("shells", tmp_path / "small.txt")
    return home


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(home: Home, shell: str) -> None:
    done = call(home, "completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert "_RNNLAB_TUI_COMPLETE" in done.stdout
    assert not home.root.exists()


def test_bash_completes_with_its_script(full: Home, tmp_path: Path) -> None:
    script = f"""
        eval "$('{PROGRAM}' completion bash)"
        try() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _rnnlab_tui_completion '{PROGRAM}'
                 echo "${{COMPREPLY[*]}}"; }}
        compopt() {{ echo "files"; }}
        complete -p rnnlab-tui >&2
        try rnnlab-tui wat
        try rnnlab-tui show bc
        try rnnlab-tui run alice/2 --corpus sh
        try rnnlab-tui run alice/2 --set pre
        try rnnlab-tui run sunspots/1
        try rnnlab-tui run sunspots/1 --series wea
        try rnnlab-tui data fetch sun
    """  # noqa: E501
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=os.environ | {"RNNLAB_HOME": str(full.root)},
        capture_output=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    assert "-F _rnnlab_tui_completion rnnlab-tui" in done.stderr
    assert done.stdout.splitlines() == [
        "watch",
        "bcdf-sunspots-5 bcgh-alice-1",
        "shells",
        "predictions=",
        "sunspots/1 sunspots/10 sunspots/11",
        "files",
        "",
        "sunspots sunspots-silso",
    ]


@pytest.mark.parametrize(
    ("shell", "variables", "said"),
    [
        (
            "zsh",
            {"COMP_WORDS": "rnnlab-tui show bcd", "COMP_CWORD": "2"},
            ["plain", "bcdf-sunspots-5", "_"],
        ),
        (
            "fish",
            {"COMP_WORDS": "rnnlab-tui show bcd", "COMP_CWORD": "bcd"},
            ["plain,bcdf-sunspots-5"],
        ),
    ],
)
def test_other_shells_are_answered_in_their_way(
    full: Home, shell: str, variables: dict[str, str], said: list[str]
) -> None:
    done = call(full, _RNNLAB_TUI_COMPLETE=f"{shell}_complete", **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == said
