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
"""How TERM begins for consoles, with fonts of 256 or 512 glyphs, and for pre-Unicode terminals."""
_START_ENVIRONMENT = Path("/proc/self/environ")
_ESCAPE_DELAY_MS = 500
"""How long to wait over SSH for the rest of an escape sequence: readline's ``keyseq-timeout``.

A lost packet is sent again after 200 ms and a round trip, and carries the rest.
"""
_TMUX_PATIENCE_S = 1.0


def set_escape_delay(environment: MutableMapping[str, str]) -> None:
    """Set ESCDELAY so that an escape sequence that the connection splits is read as one key.

    To be called before Textual is imported, which reads ESCDELAY then; its default is 100 ms. A
    value that the person has set stays. Terminals that tell a lone esc from the start of a sequence
    (kitty's protocol) are not slowed down.
    """
    if "ESCDELAY" not in environment and _may_be_remote(environment):
        environment["ESCDELAY"] = str(_ESCAPE_DELAY_MS)


def _may_be_remote(environment: Mapping[str, str]) -> bool:
    """Tell whether keys come over SSH, as far as can be known.

    tmux and screen pass on the halves of a sequence as they arrive, if the delay is longer than
    they wait themselves (tmux's ``escape-time``, 10 ms since 3.5; screen's 300 ms). The environment
    in which they were started says nothing about who is attached now. tmux can be asked, so nobody
    who sits in front of it waits longer; screen, which waits for esc anyway, is assumed to be
    remote.
    """
    if "SSH_CONNECTION" in environment or "SSH_TTY" in environment or "STY" in environment:
        return True
    return "TMUX" in environment and _is_attached_over_ssh()


def _is_attached_over_ssh() -> bool:
    """Ask tmux whether its last client came over SSH; if it can't be asked, assume so."""
    try:
        answer = subprocess.run(
            ["tmux", "show-environment", "SSH_CONNECTION"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_TMUX_PATIENCE_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return True
    # For other clients it prints "-SSH_CONNECTION", or that it knows no such variable.
    return answer.stdout.startswith(b"SSH_CONNECTION=")


def is_dumb(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether TERM names a terminal that can't move its cursor; False without TERM."""
    return environment.get("TERM") in _DUMB


def is_console(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether TERM names a terminal with a small font: box drawing, few blocks, no braille."""
    return environment.get("TERM", "").startswith(_CONSOLES)


def streams_take_unicode() -> bool:
    """Tell whether output is encoded as UTF-8 or the like, whatever the locale says."""
    encoding = getattr(sys.__stdout__, "encoding", None) or locale.getpreferredencoding(False)
    return "utf" in encoding.lower()


def names_plain_locale(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment names a locale without Unicode: C, POSIX or another charset.

    See locale(7): LC_ALL overrides LC_CTYPE, which overrides LANG. False if none is set.
    """
    value = next(filter(None, map(environment.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    name, _dot, characters = value.partition(".")
    return "utf" not in characters.lower() if characters else name in ("C", "POSIX")


@cache
def has_plain_locale() -> bool:
    """Tell whether the person has chosen a locale without Unicode.

    Python treats C, and a locale that is not installed, as not chosen: it writes UTF-8 and sets
    LC_CTYPE in the environment (PEPs 538 and 540). So this reads the environment that the process
    was started with.
    """
    return names_plain_locale(_environment_at_start())


def _environment_at_start() -> Mapping[str, str]:
    try:
        entries = _START_ENVIRONMENT.read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return os.environ
    return {
        name: value for name, equals, value in (entry.partition("=") for entry in entries) if equals
    }
