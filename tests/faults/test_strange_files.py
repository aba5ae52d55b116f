"""Pipes, links, devices and huge files in the place of those of a run: one run is refused, and
nothing else happens.

No command may wait for such a file (each is killed after a while), print what it leads to, or
remove that.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import PROGRAM, call, nothing_starts
from helpers.factory import CORPUS, alice_trial, sunspots_trial, write_run
from helpers.strange_files import (
    ANOTHER,
    KINDS,
    LARGE,
    SECRET,
    put_endless_link,
    put_large_file,
    put_pipe,
)

from engine.data.library import TextLibrary
from engine.host.home import Home
from engine.runs.events import Cancelled, Finished
from engine.runs.run import Run
from engine.runs.watch import Snapshot

PLACES = (
    "trial.json",
    "events.jsonl",
    "result.json",
    "note.txt",
    "host.json",
    "worker.log",
    "checkpoint",
    "control",
)
"""What of a run is looked at by every command."""
COMMANDS = (
    ("show", "{id}"),
    ("show", "{id}", "--json"),
    ("export", "{id}"),
    ("note", "{id}", "mine"),
    ("resume", "{id}"),
    ("watch", "{id}"),
    ("cancel", "{id}"),
    ("extend", "{id}", "--set", "epochs=90"),
)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
CASES = [
    (place, kind)
    for place in PLACES
    for kind in KINDS
    # A regular file is refused by those alone who read it, a folder is what these two are.
    if (place == "trial.json" or kind not in ("a file of 400 MB", "another user's file"))
    and not (place in ("checkpoint", "control") and kind == "a folder")
]
"""The whole run is refused, whatever is asked."""
FEW = [case for number, case in enumerate(CASES) if case[1] == "a named pipe" or number % 4 == 0]
"""Of the others each kind and each place once: all of them take minutes."""


@pytest.fixture
def quiet(home: Home) -> Iterator[Home]:
    """A home in which nothing is started."""
    with nothing_starts(home):
        yield home


def strange_run(home: Home, place: str, kind: str) -> Run:
    """Write a run with something else in the place of one of its files."""
    end = Finished() if place in ("result.json", "note.txt") else Cancelled()
    run = write_run(home, sunspots_trial(5, epochs=3), end=end)
    KINDS[kind](run.directory / place)
    return run


def is_refused(done: "subprocess.CompletedProcess[str]", run: Run, place: str) -> bool:
    """Tell whether a command has ended with a sentence on the file, and one on what to do."""
    assert done.returncode in (1, 2), done
    assert (done.stdout, done.stderr.count("\n")) == ("", 1), done
    assert SECRET not in done.stderr
    assert "bug in the program" not in done.stderr
    return str(run.directory / place) in done.stderr


def check_list_and_deletion(home: Home, run: Run, place: str, kept: Run) -> None:
    for words in (("runs",), ("runs", "--json")):
        listed = call(home, *words)
        assert listed.returncode == 0, listed
        assert kept.id in listed.stdout
        assert SECRET not in listed.stdout + listed.stderr
        assert run.id not in listed.stdout
        assert f"{run.id}: " in listed.stderr
        assert str(run.directory / place) in listed.stderr
    secret = run.directory / ".secret"
    outside = home.root / "victim"
    if secret.exists():
        secret.rename(outside)
        (run.directory / place).unlink()
        (run.directory / place).symlink_to(outside)
    assert call(home, "delete", run.id, "--yes").stdout == f"{run.id}\n"
    assert not os.path.lexists(run.directory)
    assert not secret.parent.exists()
    assert outside.exists() == (outside.is_file() and SECRET in outside.read_text())
    assert call(home, "runs").stderr == ""


@pytest.mark.parametrize(("place", "kind"), FEW, ids=lambda value: value)
def test_in_the_place_of_a_run_s_file(quiet: Home, place: str, kind: str) -> None:
    kept = write_run(quiet, sunspots_trial(4, epochs=3), run_id="kept")
    run = strange_run(quiet, place, kind)
    words = COMMANDS[FEW.index((place, kind)) % len(COMMANDS)]
    assert is_refused(call(quiet, *(word.format(id=run.id) for word in words)), run, place), words
    check_list_and_deletion(quiet, run, place, kept)


@pytest.mark.slow
@pytest.mark.parametrize(("place", "kind"), CASES, ids=lambda value: value)
def test_every_command(quiet: Home, place: str, kind: str) -> None:
    kept = write_run(quiet, sunspots_trial(4, epochs=3), run_id="kept")
    run = strange_run(quiet, place, kind)
    for words in COMMANDS:
        assert is_refused(call(quiet, *(word.format(id=run.id) for word in words)), run, place), (
            words
        )
    check_list_and_deletion(quiet, run, place, kept)


@as_root
def test_a_file_of_another_user(quiet: Home) -> None:
    run = write_run(quiet, sunspots_trial(5, epochs=3), end=Cancelled())
    for name, commands in {"events.jsonl": COMMANDS, "note.txt": COMMANDS[:3]}.items():
        KINDS["another user's file"](run.directory / name)
        for words in commands:
            done = call(quiet, *(word.format(id=run.id) for word in words))
            assert done.returncode in (1, 2), done
            assert (done.stdout, done.stderr.count("\n")) == ("", 1), done
            assert f"Can't read {run.directory / name}: belongs to #{ANOTHER}." in done.stderr
        assert "belongs to" in call(quiet, "runs").stderr
        os.chown(run.directory / name, os.geteuid(), -1)
    assert call(quiet, "show", run.id).returncode == 0


def test_a_note_and_a_result_of_400_mb(quiet: Home) -> None:
    run = write_run(quiet, sunspots_trial(5, epochs=3))
    put_large_file(run.directory / "result.json")
    shown = call(quiet, "show", run.id)
    assert shown.returncode == 0
    assert (
        f"Can't read {run.directory / 'result.json'}: has more than 268,435,456 bytes"
        in shown.stdout
    )
    put_large_file(run.note_file)
    for words in (("show", run.id), ("export", run.id), ("runs",)):
        assert (
            f"Can't read {run.note_file}: has more than 65,536 bytes" in call(quiet, *words).stderr
        )
    assert call(quiet, "note", run.id, "mine").returncode == 0
    assert run.note == "mine"


@pytest.mark.parametrize("kind", KINDS)
def test_in_the_place_of_a_checkpoint(quiet: Home, kind: str) -> None:
    run = write_run(quiet, sunspots_trial(5, epochs=3), end=Cancelled(), epochs=2)
    KINDS[kind](run.checkpoints / "3.npz")
    refused = call(quiet, "extend", run.id, "--set", "epochs=90")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "has no checkpoint to continue from" in refused.stderr
    assert run.id in call(quiet, "runs").stdout
    assert call(quiet, "resume", run.id).stdout == f"{run.id}\n"
    assert call(quiet, "cancel", run.id).stdout == f"{run.id} cancelled\n"
    assert call(quiet, "delete", run.id, "--yes").returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_in_the_place_of_the_queue_s_files(quiet: Home, kind: str) -> None:
    run = write_run(quiet, sunspots_trial(5, epochs=3), end=None, epochs=2)
    for name in (f"100000000000-{run.id}", "100000000001-gone", "jobs"):
        KINDS[kind](quiet.queue / name)
    listed = call(quiet, "runs")
    assert (listed.returncode, run.id in listed.stdout, listed.stderr) == (0, True, "")
    is_queued = kind != "a folder"
    assert ("queued" in listed.stdout) == is_queued
    assert call(quiet, "hold", run.id).returncode == (0 if is_queued else 2)
    assert call(quiet, "cancel", run.id).returncode == 0
    assert call(quiet, "delete", run.id, "--yes").returncode == 0


@pytest.mark.parametrize(
    "kind", ["a named pipe", "a link to a secret", "a link to /dev/zero", "a file of 400 MB"]
)
def test_in_the_place_of_data(quiet: Home, tmp_path: Path, kind: str) -> None:
    (tmp_path / "shells.txt").write_text(CORPUS * 20)
    library = TextLibrary(quiet)
    entry = library.add("shells", tmp_path / "shells.txt")
    run = write_run(
        quiet,
        alice_trial(1, iterations=1, data=library.resolve("shells").reference),
        end=Cancelled(),
    )
    KINDS[kind](quiet.data / "texts" / f"{entry.sha256}.txt")
    asked = (
        "run",
        "alice/1",
        "--corpus",
        "shells",
        "--set",
        "iterations=1",
        "--set",
        "seqlen=5",
        "--detach",
    )
    refused = call(quiet, *asked)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "is gone from" in refused.stderr
    for words in (("show", run.id), ("watch", run.id), ("export", run.id), ("runs", "--json")):
        shown = call(quiet, *words)
        assert SECRET not in shown.stdout + shown.stderr
        assert shown.returncode == (1 if "watch" in words else 0), shown
    KINDS[kind](quiet.data / "corpora" / "shells.json")
    listed = call(quiet, "data")
    assert (listed.returncode, "shells" in listed.stdout) == (0, False)
    assert f"{quiet.data / 'corpora' / 'shells.json'}" in listed.stderr
    assert call(quiet, *asked).returncode == 2
    # They are replaced; what a link leads to stays.
    assert call(quiet, "data", "add", "shells", str(tmp_path / "shells.txt")).returncode == 0
    assert call(quiet, *asked).returncode == 0


def peak_memory(home: Home, *words: str) -> tuple[int, int]:
    """Run a command; return its exit status and the bytes that it had at most."""
    process = subprocess.Popen(
        [PROGRAM, *words],
        env=os.environ | {"RNNLAB_HOME": str(home.root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # It ends by SIGXCPU where it takes minutes.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 60)),
    )
    _pid, status, used = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), used.ru_maxrss * 1024


@pytest.mark.parametrize("where", ["middle", "end", "torn end"])
def test_a_log_with_a_line_of_hundreds_of_megabytes(quiet: Home, where: str) -> None:
    run = write_run(quiet, sunspots_trial(5, epochs=3), end=Cancelled())
    usual = peak_memory(quiet, "show", run.id)[1]
    before = Snapshot.of(run).progress
    with run.log.open("r+b") as file:
        content = file.read()
        end = len(content) if where != "middle" else content.index(b"\n") + 1
        file.truncate(end)
        file.truncate(end + LARGE)
        if where != "torn end":
            file.seek(0, os.SEEK_END)
            file.write(b"\n" + content[end:])
    shown = call(quiet, "show", run.id)
    assert ("1 line of the log could not be read." in shown.stderr) == (where != "torn end")
    assert f"{run.id}  cancelled" in shown.stdout
    after = Snapshot.of(run)
    assert (after.progress.losses, after.state) == (before.losses, "cancelled")
    for words in (
        ("show", run.id),
        ("runs",),
        ("runs", "--json"),
        ("note", run.id, "x"),
        ("resume", run.id),
    ):
        status, memory = peak_memory(quiet, *words)
        assert status == 0, words
        # It is not held in memory, not even once.
        assert memory < usual + LARGE / 4, words
    if where == "torn end":
        assert run.log.stat().st_size < 1_000_000


def test_a_pipe_that_comes_while_a_run_is_watched(quiet: Home) -> None:
    run = write_run(quiet, sunspots_trial(5, epochs=3), end=None, epochs=2, host="elsewhere")
    with subprocess.Popen(
        [PROGRAM, "watch", run.id],
        env=os.environ | {"RNNLAB_HOME": str(quiet.root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline()
        put_pipe(run.log)
        _told, complaint = watching.communicate(timeout=60)
    assert watching.returncode == 1
    assert f"{run.log}: is a named pipe." in complaint


@as_root
def test_another_user_s_folder_among_the_runs(quiet: Home) -> None:
    kept = write_run(quiet, sunspots_trial(4, epochs=3), run_id="kept")
    run = write_run(quiet, sunspots_trial(5, epochs=3))
    os.chown(run.directory, ANOTHER, -1)
    assert f"{run.directory} belongs to #{ANOTHER}." in call(quiet, "show", run.id).stderr
    assert kept.id in call(quiet, "runs").stdout
    # But in a home of theirs, which root only reads.
    for path in (quiet.root, *quiet.root.rglob("*")):
        os.chown(path, ANOTHER, -1)
    shown = call(quiet, "show", run.id)
    assert (shown.returncode, "done" in shown.stdout) == (0, True)


def test_logs_of_the_processes_themselves(home: Home) -> None:
    """What is written into supervisor.log or a worker's log goes nowhere else, and nobody waits for
    a reader.
    """
    run = write_run(home, sunspots_trial(5, epochs=3), end=Cancelled(), epochs=1)
    for put in (put_pipe, put_endless_link):
        put(home.root / "supervisor.log")
        said = call(home, "resume", run.id)
        assert (said.returncode, said.stdout) == (0, f"{run.id}\n")
        assert "Can't start the supervisor" in said.stderr
        assert call(home, "cancel", run.id).returncode == 0


def test_a_file_is_as_large_as_it_says(home: Home) -> None:
    """The control group: the same commands on the same run, with nothing in a place of its
    files.
    """
    run = write_run(home, sunspots_trial(5, epochs=3), end=Cancelled())
    put_large_file(run.worker_log)
    with nothing_starts(home):
        assert call(home, "runs").stderr == ""
        for words in (
            ("show", run.id),
            ("export", run.id),
            ("note", run.id, "mine"),
            ("resume", run.id),
        ):
            assert call(home, *words).returncode == 0, words
