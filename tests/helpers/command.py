"""The installed command in a folder of its own: started, and run to its end."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.host.home import Home
from engine.runs.run import all_runs
from helpers.command_line import PATIENCE_S, PROGRAM

# Long enough that no test waits for its end: it is cancelled, or killed.
ENDLESS = ("sunspots/5", "--set", "epochs=100000")


@dataclass(frozen=True)
class Laboratory:
    """A home, and the folder in which the command is started."""

    home: Home
    folder: Path

    def environment(self, **variables: str) -> dict[str, str]:
        """What the command finds in its environment, beyond everybody's."""
        return {"RNNLAB_HOME": str(self.home.root), **variables}

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Start the command with pipes for its output, no input, and the most careless umask."""
        return subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=self.folder,
            env=os.environ | self.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
            umask=0,
        )

    def call(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run the command to its end."""
        with self.start(*arguments, **variables) as process:
            out, err = process.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    @contextmanager
    def training(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Start ``run`` on a trial that takes for ever; whatever happens, neither it nor its worker
        stays.
        """
        process = self.start("run", *ENDLESS, *arguments)
        try:
            yield process
        finally:
            for run in all_runs(self.home):
                run.request_cancel()
            if process.poll() is None:
                process.kill()
                process.communicate()

    def read(self, *arguments: str) -> Any:
        """Run a command that must succeed quietly and return the JSON that it prints."""
        done = self.call(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)


Ask = Callable[..., "subprocess.CompletedProcess[str]"]
