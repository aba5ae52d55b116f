"""Files of one's own that can't be read (mode 000): said of the one run, the others are listed,
doctor says it too.

Modes do not stop root, from whom the tests take that power away.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import PATIENCE_S, PROGRAM, nothing_starts
from helpers.factory import sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.events import Cancelled
from engine.runs.run import Run

BOUND = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


def call(home: Home, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as somebody whom modes stop."""
    return subprocess.run(
        [*BOUND, PROGRAM, *arguments],
        env=os.environ | {"RNNLAB_HOME": str(home.root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )


_DOCTOR = """
import sys
from pathlib import Path
from engine.host.home import Home
from tui.commands.doctor import damaged_runs, files
home = Home(Path(sys.argv[1]))
for finding in [*files(home), *damaged_runs(home)]:
    if finding.problem:
        how = "fatal" if finding.fatal else "no matter"
        print(how, finding.state, "|", finding.problem, finding.remedy)
"""


def findings(home: Home) -> str:
    """Return what doctor finds wrong with the home; all else that it looks at takes long."""
    command = [*BOUND, sys.executable, "-P", "-c", _DOCTOR, str(home.root)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    ).stdout


@pytest.fixture
def runs(home: Home) -> Iterator[tuple[Run, Run]]:
    """A run that is as it should be, and one that is to be closed."""
    with nothing_starts(home):
        yield (
            write_run(home, sunspots_trial(4, epochs=3), run_id="kept"),
            write_run(home, sunspots_trial(5, epochs=3), end=Cancelled()),
        )


@pytest.mark.parametrize("place", ["", "trial.json", "events.jsonl", "note.txt"])
def test_one_run_is_refused_and_can_be_deleted(
    home: Home, runs: tuple[Run, Run], place: str
) -> None:
    kept, run = runs
    path = run.directory / place
    if place == "note.txt":
        path.write_text("mine")
    path.chmod(0)
    for words in (
        ("show", run.id),
        ("export", run.id),
        ("resume", run.id),
        ("note", run.id, "mine"),
    ):
        if place == "note.txt" and words[0] in ("resume", "note"):
            continue
        done = call(home, *words)
        assert done.returncode in (1, 2), done
        assert (done.stdout, done.stderr.count("\n")) == ("", 1), done
        assert f"Can't read {str(path).rstrip('/')}: Permission denied." in done.stderr
    listed = call(home, "runs")
    assert (listed.returncode, kept.id in listed.stdout, run.id in listed.stdout) == (
        0,
        True,
        False,
    )
    assert f"{run.id}: Can't read {path}: Permission denied." in listed.stderr
    assert f"1 can't be read | Can't read {path}: Permission denied." in findings(home)
    assert call(home, "delete", run.id, "--yes").returncode == 0
    assert not run.directory.exists()
    assert call(home, "runs").stderr == ""


@pytest.mark.parametrize(("mode", "said"), [(0, "Can't read"), (0o500, "You can't write to")])
@pytest.mark.parametrize("folder", ["", "runs", "queue", "data"])
def test_doctor_says_what_the_commands_say(
    home: Home, tmp_path: Path, folder: str, mode: int, said: str
) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3), end=Cancelled())
    for name in ("queue", "data"):
        (home.root / name).mkdir()
    closed = home.root / folder
    closed.chmod(mode)
    try:
        (line,) = findings(home).splitlines()
        assert line.startswith("fatal")
        # Of what lies in a closed folder, that itself can't be found out.
        assert f"{said} {closed}" in line or f"Can't look at the folder {closed}/runs" in line
        if mode == 0 and folder in ("runs", "queue"):
            assert str(closed) in call(home, "runs").stderr
        if folder in ("runs", "queue"):
            assert call(home, "run", "sunspots/5", "--detach").returncode == 1
    finally:
        closed.chmod(0o700)
    assert call(home, "show", run.id).returncode == 0
