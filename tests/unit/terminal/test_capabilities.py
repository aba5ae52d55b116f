"""What the environment says of a terminal."""

from pathlib import Path

import pytest
from helpers.factory import python

from tui.terminal.capabilities import is_dumb, names_plain_locale, set_escape_delay


@pytest.mark.parametrize(
    ("named", "plain"),
    [
        ({}, False),
        ({"LANG": ""}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "POSIX"}, True),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "en_US.utf8"}, False),
        # What it takes is for the locale to say, where it is installed.
        ({"LANG": "de_DE"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "C", "LC_CTYPE": "en_GB.UTF-8"}, False),
        ({"LANG": "en_GB.UTF-8", "LC_CTYPE": "C"}, True),
        ({"LANG": "en_GB.UTF-8", "LC_CTYPE": "en_GB.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "C", "LC_ALL": ""}, True),
    ],
    ids=str,
)
def test_a_locale_without_unicode(named: dict[str, str], plain: bool) -> None:
    assert names_plain_locale(named) == plain


_ASKED = """
import os
from tui.terminal.capabilities import has_plain_locale
print(has_plain_locale(), os.environ.get("LC_CTYPE"))
"""


@pytest.mark.parametrize("named", ["LANG", "LC_ALL"])
def test_what_python_puts_in_place_of_it_does_not_count(named: str) -> None:
    said, errors = python(
        _ASKED, **({"LC_ALL": "", "LC_CTYPE": "", "LANG": ""} | {named: "C"})
    ).communicate()
    assert said.split()[0] == "True", errors
    if named == "LANG":
        # Or the test would prove nothing.
        assert said.split()[1] == "C.UTF-8"


@pytest.mark.parametrize(
    ("kind", "dumb"), [("dumb", True), ("unknown", True), ("vt100", False), ("", False)]
)
def test_a_terminal_that_can_t_move_its_cursor(kind: str, dumb: bool) -> None:
    assert is_dumb({"TERM": kind} if kind else {}) == dumb


@pytest.mark.parametrize(
    ("environment", "delay"),
    [
        ({}, None),
        ({"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}, "500"),
        ({"SSH_TTY": "/dev/pts/0"}, "500"),
        ({"SSH_TTY": "/dev/pts/0", "ESCDELAY": "50"}, "50"),
        ({"ESCDELAY": "1000"}, "1000"),
        ({"STY": "4711.pts-0.lab"}, "500"),
        ({"STY": "4711.pts-0.lab", "ESCDELAY": "50"}, "50"),
    ],
    ids=str,
)
def test_escape_sequences_are_waited_for_longer_over_ssh(
    environment: dict[str, str], delay: str | None
) -> None:
    set_escape_delay(environment)
    assert environment.get("ESCDELAY") == delay


@pytest.mark.parametrize(
    ("tmux", "delay"),
    [
        ("echo SSH_CONNECTION=10.0.0.1 50000 10.0.0.2 22", "500"),
        ("echo -SSH_CONNECTION", None),
        ("echo unknown variable: SSH_CONNECTION >&2; exit 1", None),
        (None, "500"),
    ],
    ids=["over SSH", "here again", "here", "no tmux to be asked"],
)
def test_tmux_is_asked_from_where_one_is_attached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmux: str | None, delay: str | None
) -> None:
    if tmux:
        (tmp_path / "tmux").write_text(
            f'#!/bin/sh\n[ "$*" = "show-environment SSH_CONNECTION" ] || exit 2\n{tmux}\n'
        )
        (tmp_path / "tmux").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    environment = {"TMUX": "/tmp/tmux-1000/default,4711,0"}
    set_escape_delay(environment)
    assert environment.get("ESCDELAY") == delay


_STARTED = """
import sys, types
from pathlib import Path
from engine.host.home import Home
from tui.commands.cli import command

class LabApp:
    def __init__(self, home):
        from textual import constants
        print(constants.ESCAPE_DELAY)
        raise SystemExit

sys.modules["tui.app"] = types.SimpleNamespace(LabApp=LabApp)
for stream in (sys.stdin, sys.stdout, sys.stderr):
    stream.isatty = lambda: True
command.main(["--home", sys.argv[1]], standalone_mode=False)
"""


@pytest.mark.parametrize(
    ("variables", "delay"), [({"SSH_TTY": "/dev/pts/0"}, 0.5), ({"ESCDELAY": "70"}, 0.07)], ids=str
)
def test_textual_has_been_told_when_it_starts(
    variables: dict[str, str], delay: float, tmp_path: Path
) -> None:
    said, errors = python(_STARTED, str(tmp_path), **variables).communicate()
    assert said.split() == [str(delay)], errors
