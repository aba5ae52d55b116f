"""The tests started in the background: what they start is interrupted and hung up as ever."""

import os
import subprocess
import sys

from helpers.factory import ROOT

BEGINS = """
import runpy, subprocess, sys
runpy.run_path(sys.argv[1])
subprocess.run([sys.executable, "-c", sys.argv[2]], check=True)
"""
TELLS = """
import signal
print(*(number.name for number in signal.Signals if signal.getsignal(number) is signal.SIG_IGN))
"""


def test_programs_get_the_signals_that_a_terminal_gives_them() -> None:
    # As a shell starts what stands before &, and nohup.
    ignoring = "trap '' HUP INT QUIT; exec \"$@\""
    conftest = str(ROOT / "tests" / "conftest.py")
    done = subprocess.run(
        ["sh", "-c", ignoring, "sh", sys.executable, "-c", BEGINS, conftest, TELLS],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=True,
    )
    # Those that Python itself ignores are left.
    assert not {"SIGHUP", "SIGINT", "SIGQUIT"} & set(done.stdout.split())
