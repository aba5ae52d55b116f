"""What the person's environment says of their terminal, before anything is drawn on it."""

import locale
import os
import subprocess
import sys
from collections.abc import Mapping, MutableMapping
from functools import cache
from pathlib import Path

_DUMB = ("dumb", "unknown")
_CONSOLES = ("linux", "vt1", "vt2", "vt3", "vt4", "vt5", "cons25", "ansi", "pcansi", "sun")
"""How TERM of a console begins, whose font has 256 or 512 glyphs, and of terminals made before
Unicode.
"""
_AT_START = Path("/proc/self/environ")
_ESCAPE_PATIENCE_MS = 500
"""How long the rest of an escape sequence is waited for over SSH: as long as readline does by
default (its ``keyseq-timeout``). A packet that was lost is sent again after 200 ms and a round
trip, and carries the rest.
"""
_TMUX_PATIENCE_S = 1.0


def be_patient_with_escape_sequences(environment: MutableMapping[str, str]) -> None:
    """Have an escape sequence that the link tore in two taken for the one key that it is, not for
    esc and letters.

    To be called before Textual is imported, which reads ESCDELAY then and waits for 100 ms without.
    Who has set it keeps it. Terminals that tell a lone esc from the start of a sequence (kitty's
    protocol) are not slower for it.
    """
    if "ESCDELAY" not in environment and _may_lie_behind_a_link(environment):
        environment["ESCDELAY"] = str(_ESCAPE_PATIENCE_MS)


def _may_lie_behind_a_link(environment: Mapping[str, str]) -> bool:
    """Tell whether keys come over SSH as far as can be told.

    tmux and screen hand on the halves of a sequence as they come, if the link tears it for longer
    than they wait themselves (tmux's ``escape-time``, 10 ms since 3.5; screen's 300 ms). What they
    were started in says nothing of who is attached to them now: tmux knows, and is asked, so that
    nobody who sits before it waits longer; of screen, which waits for esc anyway, it is assumed.
    """
    if "SSH_CONNECTION" in environment or "SSH_TTY" in environment or "STY" in environment:
        return True
    return "TMUX" in environment and _is_attached_over_ssh()


def _is_attached_over_ssh() -> bool:
    """Ask tmux whether who was attached last came over SSH; one that can't be asked is taken to be
    far away.
    """
    try:
        asked = subprocess.run(
            ["tmux", "show-environment", "SSH_CONNECTION"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_TMUX_PATIENCE_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return True
    # Of who came otherwise it says "-SSH_CONNECTION", or that it knows no such variable.
    return asked.stdout.startswith(b"SSH_CONNECTION=")


def is_dumb(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether TERM names a terminal that can't move its cursor; one that is not named gets a
    try.
    """
    return environment.get("TERM") in _DUMB


def is_console(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether TERM names a terminal with a small font of its own: box drawing, some blocks, no
    braille.
    """
    return environment.get("TERM", "").startswith(_CONSOLES)


def streams_take_unicode() -> bool:
    """Tell whether what is written to the terminal is encoded as UTF-8 or the like, whatever the
    locale says.
    """
    encoding = getattr(sys.__stdout__, "encoding", None) or locale.getpreferredencoding(False)
    return "utf" in encoding.lower()


def names_plain_locale(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment names a locale without Unicode: C, POSIX, or one of another
    character set.

    See locale(7): LC_ALL is before LC_CTYPE, which is before LANG. Where none is named, nothing is
    said.
    """
    named = next(filter(None, map(environment.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    name, _dot, characters = named.partition(".")
    return "utf" not in characters.lower() if characters else name in ("C", "POSIX")


@cache
def has_plain_locale() -> bool:
    """Tell whether the person has named a locale without Unicode.

    Python takes C, and a locale that is not installed, for one that nobody has chosen: it writes
    UTF-8 then, and puts an LC_CTYPE of its own into the environment (PEPs 538 and 540). What the
    process was started with is asked instead.
    """
    return names_plain_locale(_at_start())


def _at_start(path: Path = _AT_START) -> Mapping[str, str]:
    try:
        entries = path.read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return os.environ
    return {
        name: value for name, equals, value in (entry.partition("=") for entry in entries) if equals
    }
