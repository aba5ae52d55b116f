"""The installed command, started as a script starts it."""

import os
import subprocess
import sys
from pathlib import Path

from engine.home import Home

PROGRAM = str(Path(sys.executable).with_name("rnnlab-tui"))


def call(home: Home, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the installed command to its end, without a terminal."""
    return subprocess.run(
        [PROGRAM, *arguments],
        env=os.environ | {"RNNLAB_HOME": str(home.root)} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )
