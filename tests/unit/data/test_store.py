"""The store of data: the names that it takes, and what it keeps, private and by content."""

import hashlib
import json
import shlex
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers.factory import CORPUS
from helpers.store import RAIN, URL

from engine.data.library import SeriesLibrary, TextLibrary
from engine.data.series import open_series
from engine.data.source import NoSuchData
from engine.data.store import Store
from engine.errors import LabError, UsageError
from engine.host.home import Home
from tui.commands.cli import command

# Names.


@pytest.mark.parametrize(
    "name", ["sunspots", "python-docs", "alice", "", "Rain", "a b", "../a", URL, "@a", "a" * 41]
)
def test_a_bad_name_of_a_series_is_refused(
    series: SeriesLibrary, home: Home, table: Path, name: str
) -> None:
    with pytest.raises(
        UsageError,
        match=r"can't be the name of a series\..*, 40 at most; sunspots, python-docs, alice are",
    ):
        series.add(name, table, "2")
    assert not home.root.exists()


def test_a_name_is_of_one_kind(
    series: SeriesLibrary, corpora: TextLibrary, table: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(CORPUS)
    series.add("rain", table, "2")
    corpora.add("shells", tmp_path / "a.txt")
    with pytest.raises(UsageError, match="rain is a series here"):
        corpora.add("rain", tmp_path / "a.txt")
    with pytest.raises(UsageError, match="shells is a corpus here"):
        series.add("shells", table, "2")
    with pytest.raises(UsageError, match="'sunspots-silso' can't be the name of a corpus"):
        corpora.add("sunspots-silso", tmp_path / "a.txt")


# The store itself.


def test_what_is_kept_is_private_and_kept_once(
    series: SeriesLibrary, home: Home, table: Path
) -> None:
    series.add("rain", table, "2")
    series.add("sun", table, "3")
    series.resolve(f"{table}:3")
    assert len(list((home.data / "texts").iterdir())) == 1
    for path in [home.root, *home.root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_damaged_content_is_refused_and_comes_back(
    series: SeriesLibrary, home: Home, table: Path
) -> None:
    reference = series.add("rain", table, "2").reference
    (kept,) = (home.data / "texts").iterdir()
    for damage in (lambda: kept.write_bytes(b"5\n6\n9\n"), kept.unlink):
        damage()
        with pytest.raises(
            UsageError,
            match=r"The series rain of this trial is gone from .*Add the same file again: `",
        ):
            open_series(reference, home)
        with pytest.raises(UsageError, match="is gone from"):
            series.resolve("rain")
        series.add("rain", table, "2")
        assert open_series(reference, home).values.tolist() == RAIN


@pytest.mark.parametrize("name", ["rain", None], ids=["added", "given"])
def test_the_command_that_is_said_to_bring_a_lost_file_back_does(
    series: SeriesLibrary, home: Home, tmp_path: Path, name: str | None
) -> None:
    table = tmp_path / "Rain & sun.csv"
    table.write_text("".join(f"{1900 + n};{n},5;{n * n % 7},25\n" for n in range(12)))
    options: dict[str, object] = {"decimal": ",", "missing": ["-99", "n.a."]}
    if name:
        series.add(name, table, "3", options=options)
    reference = series.resolve(name or f"{table}:3", options={} if name else options).reference
    (kept,) = (home.data / "texts").iterdir()
    kept.unlink()
    with pytest.raises(UsageError, match="is gone from") as lost:
        open_series(reference, home)
    told = shlex.split(lost.value.remedy.split("`")[1])
    assert told[:4] == ["rnnlab-tui", "data", "add", name or "NAME"]
    assert told[4] == ("FILE" if name else str(table))
    done = CliRunner().invoke(
        command, [*told[1:3], "rain", str(table), *told[5:], "--home", str(home.root)]
    )
    assert done.exit_code == 0, done.stderr
    assert open_series(reference, home).values[:3].tolist() == [0.25, 1.25, 4.25]


@pytest.mark.parametrize(
    "change",
    [{"sha256": "x"}, {"name": "\x1b[2J"}, {"name": ""}, {"length": -1}, {"kind": "corpus"},
    {"added": "once"},
     {"heading": "a\nb"}, {"first": "\u202e"}],
)  # fmt: skip
def test_an_entry_that_this_program_did_not_write_is_left_out(
    series: SeriesLibrary, home: Home, table: Path, change: dict[str, object]
) -> None:
    series.add("rain", table, "2")
    path = home.data / "series" / "rain.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
    assert series.entries() == []
    with pytest.raises(NoSuchData):
        series.is_here("rain")


def test_homes_of_the_first_version_are_read(home: Home) -> None:
    digest = hashlib.sha256(CORPUS.encode()).hexdigest()
    for folder in ("texts", "corpora"):
        (home.data / folder).mkdir(parents=True)
    (home.data / "texts" / f"{digest}.txt").write_text(CORPUS)
    (home.data / "corpora" / "shells.json").write_text(
        json.dumps({"name": "shells", "source": "/tmp/a.txt", "added": "2026-03-01T12:00:00Z",
        "sha256": digest,
                    "characters": 86, "distinct": 20})
    )  # fmt: skip
    (entry,) = TextLibrary(home).entries()
    assert (entry.kind, entry.length, str(entry.day), entry.url) == (
        "corpus",
        86,
        "2026-03-01",
        None,
    )
    assert TextLibrary(home).resolve("shells").text == CORPUS.strip()


def test_a_home_that_can_t_be_written_is_said(tmp_path: Path, table: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="Can't make the folder"):
        SeriesLibrary(Home(tmp_path / "file")).resolve(f"{table}:2")


def test_a_disk_that_is_full_is_said(
    home: Home, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.data.store.write_atomic", full)
    with pytest.raises(LabError, match=r"Can't write into .*: No space left on device\. Make room"):
        SeriesLibrary(home).add("rain", table, "2")


def test_a_home_that_is_new_has_nothing(home: Home) -> None:
    store = Store(home)
    assert store.entries("series") == store.entries("corpus") == []
    assert store.read("0" * 64) is None
