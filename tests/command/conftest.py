"""The folder in which the command is started, a laboratory in it, and the command in this process.

The folder has an ``engine/`` and a ``tui/`` of its own, as a student's may. What does not depend on
how the program starts and ends is asked of its ``main`` in this process (``ask``).
"""

import subprocess
import sys
from pathlib import Path

import pytest
from helpers.command import Ask, Laboratory
from helpers.factory import CORPUS

from engine.host.home import Home
from tui.commands import cli


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with modules that have our packages' names."""
    path = tmp_path_factory.mktemp("homework")
    for package in ("engine", "tui", "presets"):
        (path / package).mkdir()
        (path / package / "__init__.py").write_text(
            f"raise SystemExit('the {package} of the current folder')\n"
        )
    (path / "small.txt").write_text(CORPUS)
    return path


@pytest.fixture
def lab(home: Home, folder: Path) -> Laboratory:
    """A laboratory in which nothing has happened."""
    return Laboratory(home, folder)


@pytest.fixture
def ask(lab: Laboratory, capfd: pytest.CaptureFixture[str]) -> Ask:
    """What runs the command in this process: the same words in a tenth of the time. It may start no
    worker.
    """

    def nothing_starts(_home: Home) -> None:
        raise AssertionError("a worker was to be started")

    def call(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        status: object
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(lab.folder)
            patch.setattr(sys, "argv", ["rnnlab-tui", *arguments])
            patch.setattr("engine.supervision.launch.start_supervisor", nothing_starts)
            for name, value in lab.environment(**variables).items():
                patch.setenv(name, value)
            capfd.readouterr()
            try:
                status = cli.main()
            except SystemExit as end:
                status = end.code
            out, err = capfd.readouterr()
        assert isinstance(status, int)
        return subprocess.CompletedProcess(arguments, status, out, err)

    return call
