"""What the system refuses the command: closed streams, a full output, files that can't be read. One
sentence each.
"""

import json
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

import pytest
from helpers.command_line import PROGRAM, call
from helpers.factory import sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.events import Finished
from tui.commands import cli


def in_shell(home: Home, redirection: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the installed command with a redirection of the shell's."""
    return subprocess.run(
        ["/bin/sh", "-c", f"exec {shlex.join([PROGRAM, *arguments])} {redirection}"],
        env=os.environ | {"RNNLAB_HOME": str(home.root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )


@pytest.mark.parametrize(
    ("redirection", "arguments", "status", "said"),
    [
        (">/dev/full", ("presets",), 1, "rnnlab-tui: Can't write: No space left on device.\n"),
        (">&-", ("presets",), 0, ""),
        ("2>&-", ("runs",), 0, ""),
        ("2>/dev/full", ("show", "zzzz"), 2, ""),
        (
            "<&-",
            (),
            2,
            "rnnlab-tui: The application needs a terminal. `rnnlab-tui run sunspots/5` works "
            "without one.\n",
        ),
    ],
)
def test_streams(
    home: Home, redirection: str, arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = in_shell(home, redirection, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", said)


@pytest.mark.parametrize("command", [("show",), ("export",), ("note", "words"), ("cancel",)])
def test_a_log_that_can_t_be_read(home: Home, command: tuple[str, ...]) -> None:
    run = write_run(home, sunspots_trial(5), end=Finished())
    run.log.unlink()
    run.log.mkdir()
    done = call(home, command[0], run.id, *command[1:])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"rnnlab-tui: Run {run.id} can't be used: {run.log} is a folder. "
        f"Repair it, or delete the run: rnnlab-tui delete {run.id}.\n"
    )
    assert run.directory.is_dir()
    # What it says helps.
    assert call(home, "delete", run.id, "--yes").returncode == 0
    assert not run.directory.exists()


@pytest.mark.parametrize("damage", ["damaged", "missing", "closed"])
def test_a_run_whose_request_can_t_be_read(home: Home, damage: str) -> None:
    run = write_run(home, sunspots_trial(5))
    request = run.directory / "trial.json"
    request.write_bytes(b'{"schema')
    if damage != "damaged":
        request.unlink()
    if damage == "closed":
        request.mkdir()
    done = call(home, "show", run.id)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (
        1 if damage == "closed" else 2,
        "",
        1,
    )
    assert f"Run {run.id} can't be " in done.stderr


def test_looking_goes_on_where_no_supervisor_can_be_started(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=Finished())
    queued = write_run(home, sunspots_trial(5), end=None, epochs=0)
    (home.queue).mkdir(mode=0o700)
    (home.queue / f"100000000000-{queued.id}").touch(0o600)
    (home.root / "supervisor.log").mkdir()
    for command in (("runs", "--json"), ("show", run.id, "--json")):
        done = call(home, *command)
        assert done.returncode == 0
        assert "Can't start the supervisor" in done.stderr
        assert run.id in {json.loads(text)["id"] for text in split_objects(done.stdout)}


def split_objects(text: str) -> list[str]:
    """Return the JSON objects of what a command printed: one over many lines, or one a line."""
    return [text] if text.startswith("{\n") else text.splitlines()


@pytest.mark.parametrize("disk", ["room", "full"])
def test_a_defect_is_a_sentence_whatever_becomes_of_its_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], disk: str
) -> None:
    def broken(**_options: object) -> int:
        raise RuntimeError("not foreseen: \udce9")

    monkeypatch.setattr(cli.command, "main", broken)
    monkeypatch.setattr(
        tempfile, "tempdir", str(tmp_path if disk == "room" else tmp_path / "nowhere")
    )
    assert cli.main() == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("rnnlab-tui: This is a bug in the program: RuntimeError: not foreseen: ")
    kept = [path.read_text() for path in tmp_path.iterdir()]
    assert [content.startswith("Traceback") for content in kept] == [True] * (disk == "room")
    assert f"Please report it with {tmp_path}/rnnlab-" in err or disk == "full"


def test_lines_of_a_log_that_are_lost_are_told_by_all_that_read_it(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2), end=None, epochs=2)
    lost = f"{run.id}: 1 line of the log could not be read.\n"
    assert lost not in call(home, "runs").stderr
    with run.log.open("ab") as file:
        file.write(b"garbage\n")
    for command in (
        ["runs"],
        ["runs", "--json"],
        ["export", run.id],
        ["export", run.id, "--format", "csv"],
    ):
        done = call(home, *command)
        assert (done.returncode, done.stderr) == (0, lost), command
    assert call(home, "export", run.id).stdout.endswith(f"\n\n{lost}")


def test_a_run_that_is_named_twice_is_exported_once(home: Home, tmp_path: Path) -> None:
    run = write_run(home, sunspots_trial(5), end=Finished())
    once, twice = call(home, "export", run.id), call(home, "export", run.id, run.id[:6])
    assert once.stdout == twice.stdout
    assert once.stdout.startswith("# Recurrent-network lab: 1 run\n")
    # Straight into what is no file.
    assert call(home, "export", run.id, "-o", "/dev/stdout").stdout == once.stdout


def test_a_heading_of_a_spreadsheet_s_making(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "rain.csv"
    rows = "".join(f"1949-{month:02},{month}\n" for month in range(1, 13))
    path.write_text(f'Month,"Rain\n\u202e(m\u00adm)\u200b\x1b"\n{rows}')
    done = call(home, "data", "add", "rain", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "column 2 (Rain (mm))" in done.stdout
    # It can be asked for as it is shown.
    assert (
        call(home, "data", "add", "rain", str(path), "--column", "Rain (mm)").stdout == done.stdout
    )
