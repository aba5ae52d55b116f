"""Who is at work on a run: told by the kernel, never by a file that somebody left."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from helpers.factory import lock_held, python

from engine.errors import LabError
from engine.host import locks


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "bcdf-sunspots-5"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def on_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The home is on a network's file system."""
    monkeypatch.setattr(locks, "_is_on_local_disk", lambda _folder: False)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_a_network: None) -> Path:
    """Where the lock folder of the host is to be; it is not there yet."""
    path = tmp_path / "locks"
    monkeypatch.setenv("RNNLAB_LOCKS", str(path))
    return path


def give_back(descriptor: int | None) -> None:
    assert descriptor is not None
    os.close(descriptor)


def test_nobody_holds_the_lock_of_a_run_that_nobody_works_on(directory: Path) -> None:
    assert not locks.is_held(directory)


def test_asking_does_not_take_it(directory: Path) -> None:
    assert not locks.is_held(directory)
    assert not locks.is_held(directory)
    give_back(locks.acquire(directory))


def test_a_lock_of_another_process_is_seen_and_not_taken(directory: Path) -> None:
    with lock_held(directory):
        assert locks.is_held(directory)
        assert locks.acquire(directory) is None
        assert not locks.is_held(directory.with_name("bcdf-sunspots-6"))


def test_a_killed_holder_leaves_no_lock(directory: Path) -> None:
    with lock_held(directory) as holder:
        holder.kill()
        holder.wait()
        assert not locks.is_held(directory)
        give_back(locks.acquire(directory))


def test_the_lock_lasts_while_a_child_has_its_descriptor(directory: Path) -> None:
    descriptor = locks.acquire(directory)
    assert descriptor is not None
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"],
        stdin=subprocess.PIPE,
        pass_fds=[descriptor],
        stderr=subprocess.DEVNULL,
    )
    give_back(descriptor)
    assert locks.is_held(directory)
    child.kill()
    child.communicate()
    assert not locks.is_held(directory)


def test_a_child_that_was_not_handed_it_does_not_keep_it(directory: Path) -> None:
    descriptor = locks.acquire(directory)
    child = subprocess.Popen(
        [sys.executable, "-c", "print('up', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        close_fds=False,
    )
    assert child.stdout is not None
    child.stdout.readline()
    give_back(descriptor)
    assert not locks.is_held(directory)
    child.communicate(b"\n")


def test_one_run_has_one_lock_however_its_path_is_spelt(directory: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(directory.parent)
    with lock_held(link / ".." / "runs" / directory.name):
        assert locks.is_held(directory)
        assert locks.is_held(link / directory.name)


def test_it_is_taken_although_many_ask_whether_it_is_held(directory: Path) -> None:
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            locks.is_held(directory)

    askers = [threading.Thread(target=ask) for _asker in range(4)]
    for asker in askers:
        asker.start()
    try:
        for _attempt in range(20):
            give_back(locks.acquire(directory))
    finally:
        over.set()
        for asker in askers:
            asker.join()


def test_of_many_who_want_it_at_once_one_gets_it(directory: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.host import locks\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(locks.acquire(Path(sys.argv[1])) is not None, flush=True); sys.stdin.readline()\n"
    )
    wanting = [python(code, str(directory)) for _process in range(4)]
    for process in wanting:
        assert process.stdout is not None
        process.stdout.readline()
    for process in wanting:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.stdout.readline() for process in wanting if process.stdout]
    for process in wanting:
        process.communicate("\n")
    assert sorted(answers) == ["False\n", "False\n", "False\n", "True\n"]


def test_asking_writes_nothing(directory: Path) -> None:
    assert not locks.is_held(directory)
    assert list(directory.parent.iterdir()) == [directory]


def test_the_locks_of_a_home_on_a_local_disk_lie_in_it(directory: Path) -> None:
    give_back(locks.acquire(directory))
    folder = directory.parent / ".locks"
    assert [path.name for path in folder.iterdir()] == [f"{directory.name}.lock"]
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("removed", ["file", "folder"])
def test_a_lock_whose_file_was_removed_is_noticed(directory: Path, removed: str) -> None:
    lock = locks.acquire(directory)
    assert lock is not None
    assert locks.is_current(lock, directory)
    if removed == "file":
        locks.lock_file(directory).unlink()
    else:
        shutil.rmtree(locks.lock_folder(directory))
    assert not locks.is_current(lock, directory)
    other = locks.acquire(directory)
    assert other is not None
    assert (locks.is_current(lock, directory), locks.is_current(other, directory)) == (False, True)
    for descriptor in (lock, other):
        os.close(descriptor)


def test_a_lock_that_is_removed_while_it_is_taken_is_not_had(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock
    removals = iter([True, True])

    def removed_then_locked(descriptor: int, how: int) -> None:
        if next(removals, False):
            locks.lock_file(directory).unlink()
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", removed_then_locked)
    descriptor = locks.acquire(directory)
    assert descriptor is not None
    assert locks.is_current(descriptor, directory)
    assert next(removals, None) is None
    os.close(descriptor)


def test_a_held_lock_is_kept_young(directory: Path) -> None:
    descriptor = locks.acquire(directory)
    assert descriptor is not None
    os.utime(locks.lock_file(directory), (0, 0))
    locks.touch(descriptor)
    assert time.time() - locks.lock_file(directory).stat().st_mtime < 60
    os.close(descriptor)


def test_a_lock_that_an_older_version_holds_is_seen(directory: Path, tmp_path: Path) -> None:
    # Where version 0.1.0 kept it: in the host's folder, named by the SHA-256 of the path.
    folder = Path(os.environ["RNNLAB_LOCKS"])
    folder.mkdir(mode=0o700, exist_ok=True)
    name = hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:32]
    with (folder / f"{name}.lock").open("w") as older:
        fcntl.flock(older, fcntl.LOCK_EX)
        assert locks.is_held(directory)
        assert locks.acquire(directory, patience=0) is None
    assert not locks.is_held(directory)
    give_back(locks.acquire(directory))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_lock_of_another_s_folder_is_looked_at_and_not_taken(directory: Path) -> None:
    with lock_held(directory):
        os.chown(directory.parent, 12345, -1)
        assert locks.is_held(directory)
        with pytest.raises(LabError, match="belongs to another user"):
            locks.acquire(directory)
        os.chown(directory.parent, os.geteuid(), -1)


def test_the_folder_of_locks_is_private(place: Path, directory: Path) -> None:
    assert locks.lock_folder(directory) == place
    assert place.stat().st_mode & 0o777 == 0o700
    assert locks.lock_folder(directory) == place


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o710, 0o701])
def test_a_folder_that_is_not_the_person_s_alone_is_refused(
    place: Path, directory: Path, mode: int
) -> None:
    place.mkdir()
    place.chmod(mode)
    with pytest.raises(LabError, match="not a private folder"):
        locks.is_held(directory)


def test_a_link_to_a_private_folder_is_refused(
    place: Path, directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LabError, match="not a private folder"):
        locks.acquire(directory)


@pytest.mark.parametrize("planted", ["file", "dangling link"])
def test_something_else_in_the_folder_s_place_is_refused_in_a_sentence(
    place: Path, directory: Path, planted: str
) -> None:
    if planted == "file":
        place.write_text("")
    else:
        place.symlink_to(place.with_name("nowhere"))
    with pytest.raises(LabError, match="not a private folder"):
        locks.is_held(directory)


@pytest.mark.parametrize("chosen", [None, ""])
def test_the_usual_folder_is_one_for_all_sessions_of_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str | None, on_a_network: None
) -> None:
    monkeypatch.delenv("RNNLAB_LOCKS")
    if chosen is not None:
        monkeypatch.setenv("RNNLAB_LOCKS", chosen)
    # pam_tmpdir and batch systems give every session a TMPDIR of its own.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    # The person's own folder is left alone: whether it is there, and private, is not what is asked
    # here.
    private = tmp_path.stat()
    monkeypatch.setattr(Path, "mkdir", lambda _path, **_mode: None)
    monkeypatch.setattr(Path, "lstat", lambda _path: private)
    assert locks.lock_folder(tmp_path / "home" / "queue") == Path(f"/tmp/rnnlab-{os.getuid()}")


@pytest.mark.parametrize("where", ["none/locks", "file/locks"])
def test_a_folder_that_can_t_be_made_is_refused_in_a_sentence(
    tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch, where: str, on_a_network: None
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNNLAB_LOCKS", str(tmp_path / where))
    with pytest.raises(LabError):
        locks.is_held(directory)


def test_a_folder_that_can_t_be_examined_is_named_not_the_home(
    tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch, on_a_network: None
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.setenv("RNNLAB_LOCKS", str(tmp_path / "loop" / "locks"))
    with pytest.raises(LabError) as caught:
        locks.acquire(directory)
    assert caught.value.remedy == "Set RNNLAB_LOCKS to a folder of your own."


def test_a_folder_that_differs_from_place_to_place_is_refused(
    directory: Path, monkeypatch: pytest.MonkeyPatch, on_a_network: None
) -> None:
    monkeypatch.setenv("RNNLAB_LOCKS", "locks")
    with pytest.raises(LabError, match="must be an absolute path"):
        locks.is_held(directory)
