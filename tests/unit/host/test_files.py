"""Files are whole or absent, whatever happens to who writes them, and belong to their owner
alone.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from helpers.factory import python
from helpers.strange_files import KINDS, put_large_file

from engine.errors import UsageError
from engine.host.files import (
    UntrustedFile,
    check_writable,
    private_directory,
    private_opener,
    read_content,
    remove_temporaries,
    replacing,
    write_atomic,
    write_user_file,
)


@pytest.fixture
def no_umask() -> Iterator[None]:
    """The most careless umask: what is private must be so by itself."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("no_umask")
def test_a_private_folder_and_the_parents_it_needed_are_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    assert private_directory(folder) == folder
    assert [mode(path) for path in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_directory(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_file_in_the_way_is_said_with_its_path_and_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as caught:
        private_directory(tmp_path / "file" / "folder")
    assert caught.value.what == f"Can't make the folder {tmp_path / 'file'}: File exists."
    assert "RNNLAB_HOME" in caught.value.remedy
    with pytest.raises(UsageError) as caught:
        private_directory(tmp_path / "file" / "cache", "set XDG_CACHE_HOME")
    assert caught.value.remedy == "Set XDG_CACHE_HOME."


@pytest.mark.usefixtures("no_umask")
def test_files_are_closed_to_others(tmp_path: Path) -> None:
    write_atomic(tmp_path / "whole", b"1")
    with open(tmp_path / "log", "ab", opener=private_opener) as file:
        file.write(b"1")
    assert mode(tmp_path / "whole") == mode(tmp_path / "log") == 0o600


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_atomic(path, b"one")
    write_atomic(path, b"")
    assert path.read_bytes() == b""
    assert list(tmp_path.iterdir()) == [path]


def test_a_refused_write_leaves_the_former_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    (path / "kept").write_text("")
    with pytest.raises(OSError, match="directory"):
        write_atomic(path, b"content")
    assert list(tmp_path.iterdir()) == [path]
    assert (path / "kept").exists()


def test_a_folder_that_is_not_there_is_the_callers_to_mend(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "none" / "file", b"content")


_FULL_DISK = """
import resource, sys
from pathlib import Path
from engine.host.files import write_atomic
path = Path(sys.argv[1])
write_atomic(path, b"former")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomic(path, bytes(5000))
except OSError:
    print("refused")
"""


def test_a_full_disk_leaves_the_former_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    said, errors = python(_FULL_DISK, str(path)).communicate()
    assert said == "refused\n", errors
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]


_WRITE_FOR_EVER = """
import itertools, sys
from pathlib import Path
from engine.host.files import write_atomic
for number in itertools.count():
    write_atomic(Path(sys.argv[1]), bytes([number % 256]) * 200_000)
    print(number, flush=True)
"""


def test_readers_and_a_crash_find_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    writer = python(_WRITE_FOR_EVER, str(path))
    assert writer.stdout is not None
    for _written in range(10):
        writer.stdout.readline()
        for _read in range(5):
            content = path.read_bytes()
            assert len(content) == 200_000
            assert len(set(content)) == 1
    writer.kill()
    writer.communicate()
    content = path.read_bytes()
    assert len(content) == 200_000
    assert len(set(content)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_regular_file_of_ones_own_is_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    KINDS[kind](path)
    with pytest.raises(UntrustedFile) as caught:
        read_content(str(path), 1_000)
    assert caught.value.filename == str(path)
    assert (caught.value.strerror or "").split()[0] in ("is", "has", "belongs")
    if kind != "a file of 400 MB":
        for flags in (os.O_RDONLY, os.O_WRONLY | os.O_APPEND | os.O_CREAT, os.O_RDWR):
            with pytest.raises(UntrustedFile):
                private_opener(str(path), flags)
    if kind != "a folder":
        write_atomic(path, b"mine")
        assert read_content(str(path), 1_000) == b"mine"
        assert not path.is_symlink()


def test_the_end_of_a_large_file_is_read_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "file"
    put_large_file(path)
    with path.open("ab") as file:
        file.write(b"the end")
    assert read_content(str(path), 7, last=7) == b"the end"


def test_what_is_missing_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_content(str(tmp_path / "none"), 1)


def test_a_file_that_lies_under_the_temporary_name_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be somebody else's, who could change what is written until it is renamed, and
    after.
    """
    monkeypatch.setattr(os, "urandom", lambda size: bytes(size))
    victim = tmp_path / "victim"
    victim.write_text("mine")
    planted = tmp_path / f".result.json.{bytes(8).hex()}"
    for plant in (planted.symlink_to, planted.hardlink_to):
        plant(victim)
        with pytest.raises(FileExistsError):
            write_atomic(tmp_path / "result.json", b"measured")
        assert victim.read_text() == "mine"
        assert not (tmp_path / "result.json").exists()
        planted.unlink()


def test_temporary_names_can_t_be_foretold(tmp_path: Path) -> None:
    names = set[str]()
    for _write in range(3):
        with replacing(tmp_path / "result.json"):
            (name,) = [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
        names.add(name)
    assert len(names) == 3
    (tmp_path / name).write_text("left by a writer that was killed")
    (tmp_path / ".hidden").write_text("not ours")
    remove_temporaries(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "result.json"]


class TestDocument:
    """A person's own file."""

    def test_it_is_written_by_the_umask_and_an_earlier_one_keeps_its_permissions(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "report.md"
        before = os.umask(0o027)
        try:
            write_user_file(path, "é")
        finally:
            os.umask(before)
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == ("é".encode(), 0o640)
        path.chmod(0o604)
        write_user_file(path, "other")
        assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("other", 0o604)
        assert list(tmp_path.iterdir()) == [path]

    def test_a_disk_that_is_full_leaves_what_was_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "report.md"
        path.write_text("hours of work")

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_user_file(path, "new")
        assert path.read_text() == "hours of work"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_link_stays_one(self, tmp_path: Path) -> None:
        (tmp_path / "link.md").symlink_to(tmp_path / "report.md")
        write_user_file(tmp_path / "link.md", "text")
        assert (tmp_path / "link.md").is_symlink()
        assert (tmp_path / "report.md").read_text() == "text"

    def test_a_link_planted_in_a_folder_of_everybody_s_is_not_followed(
        self, tmp_path: Path
    ) -> None:
        victim = tmp_path / "victim"
        victim.write_text("mine")
        (tmp_path / f".rnnlab-{os.getpid()}").symlink_to(victim)
        with suppress(FileExistsError):
            write_user_file(tmp_path / "report.md", "text")
        assert victim.read_text() == "mine"

    @pytest.mark.parametrize(
        "name", ["", "file/x", "none/x", "/proc/none/x", "astray", "loop", "n" * 300]
    )
    def test_what_could_not_be_written_is_refused_before(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("file").touch()
        Path("link").symlink_to("later")
        Path("astray").symlink_to("none/x")
        Path("loop").symlink_to("loop")
        with pytest.raises(UsageError, match="Can't write"):
            check_writable(Path(name))
        for possible in ("file", "link", "/dev/null"):
            check_writable(Path(possible))
        check_writable(Path("new"))
