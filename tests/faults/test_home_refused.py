"""A home that takes nothing, whoever asks (modes do not stop root): a sentence, and the application
stays.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.command_line import call
from helpers.factory import ROOT
from helpers.faults import Laboratory

from engine.host.home import Home


def below_a_file(folder: Path) -> Path:
    (folder / "file").write_text("x")
    return folder / "file" / "home"


def below_proc(_folder: Path) -> Path:
    return Path("/proc/rnnlab")


def file_for_runs(folder: Path) -> Path:
    (folder / "home").mkdir()
    (folder / "home" / "runs").write_text("x")
    return folder / "home"


def file_for_queue(folder: Path) -> Path:
    (folder / "home").mkdir()
    (folder / "home" / "queue").write_text("x")
    return folder / "home"


@pytest.mark.parametrize("make", [below_a_file, below_proc, file_for_runs, file_for_queue])
def test_a_home_that_takes_nothing(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    home = Home(make(tmp_path))
    listed = call(home, "runs")
    assert (listed.returncode, listed.stdout, listed.stderr) == (0, "", "")
    refused = [call(home, "run", "sunspots/5", "--detach"), call(home, "resume", "abcd")]
    if make in (below_a_file, below_proc):
        refused.append(call(home, "data", "add", "mine", str(ROOT / "README.md")))
    for answer in refused:
        assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1), answer
        assert "Can't make the folder" in answer.stderr or "There is no run" in answer.stderr
    with Laboratory(home).terminal(cwd=tmp_path) as terminal:
        terminal.wait_for("No runs yet")
        terminal.press("n")
        terminal.wait_for("225 training windows")
        terminal.press("f5")
        terminal.wait_for("Can't make the folder")
        terminal.press("escape")
        terminal.wait_for("New trial")
        terminal.press("escape")
        terminal.wait_for("No runs yet")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
