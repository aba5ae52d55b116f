"""Drafts in the home's file: whole, private, and read without trust."""

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.home import Home
from tui.screens.drafts import LARGEST_FILE, NAME, Drafts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def file(home: Home) -> Path:
    return home.root / NAME


def written(home: Home, form: dict[str, str], preset: str = "sunspots/5") -> None:
    """Keep a draft of a form, and write it."""
    drafts = Drafts(home)
    drafts.keep_form(preset, form)
    drafts.write()
    assert drafts.problem == ""


def test_what_was_written_is_there_for_the_next_application(home: Home, file: Path) -> None:
    written(home, {"epochs": "64", "series": "~/señal.csv:3"})
    assert Drafts(home).form("sunspots/5") == {"epochs": "64", "series": "~/señal.csv:3"}
    assert Drafts(home).form("sunspots/4") == {}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.root.iterdir()] == [NAME]


def test_it_is_written_soon_without_anybody_asking(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    write = Drafts._write_file

    def put(self: Drafts, contents: object) -> None:
        write(self, contents)  # type: ignore[arg-type]
        done.set()

    monkeypatch.setattr(Drafts, "_write_file", put)
    drafts = Drafts(home)
    drafts.keep_form("sunspots/5", {"epochs": "64"})
    assert done.wait(20)
    assert Drafts(home).form("sunspots/5") == {"epochs": "64"}


def test_the_file_goes_with_the_last_draft(home: Home, file: Path) -> None:
    written(home, {"epochs": "64"})
    written(home, {})
    assert not file.exists()
    written(home, {})
    assert not file.exists()


def test_nothing_is_created_for_nothing(home: Home) -> None:
    written(home, {})
    assert not home.root.exists()


def test_two_applications_keep_what_the_other_one_wrote(home: Home) -> None:
    one, other = Drafts(home), Drafts(home)
    assert one.form("sunspots/5") == other.form("sunspots/5") == {}
    one.keep_form("sunspots/5", {"epochs": "64"})
    one.write()
    other.keep_form("alice/1", {"seqlen": "20"})
    other.write()
    assert Drafts(home).form("sunspots/5") == {"epochs": "64"}
    assert Drafts(home).form("alice/1") == {"seqlen": "20"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"schema_version": 1, "forms": {"sunspots/5": {"epochs": 64}}}',
        b'{"schema_version": 1, "forms": {"sunspots/5": "epochs"}}',
        b"\xff" * 100,
        b"[" * 100_000,
        b" " * LARGEST_FILE + b"{}",
    ],
    ids=lambda content: repr(content[:60]),
)
def test_a_damaged_file_is_ignored_and_replaced(home: Home, file: Path, content: bytes) -> None:
    home.root.mkdir()
    file.write_bytes(content)
    assert Drafts(home).form("sunspots/5") == {}
    written(home, {"epochs": "64"})
    assert Drafts(home).form("sunspots/5") == {"epochs": "64"}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["schema_version", "forms", "exports", "sunspots/5", "runs", "values", "epochs"]
                ),
                inner,
            )
        ),
    )
)
def test_whatever_the_file_holds_only_what_can_be_typed_comes_of_it(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    (home.root / NAME).write_text(json.dumps(content))
    drafts = Drafts(home)
    for values in (drafts.form("sunspots/5"), drafts.export(["epochs", ""])):
        assert all(value.isprintable() for value in values.values())


def test_a_newer_version_s_file_is_left_alone(home: Home, file: Path) -> None:
    home.root.mkdir()
    content = json.dumps({"schema_version": 2, "forms": {"sunspots/5": {"epochs": "64"}}})
    file.write_text(content)
    assert Drafts(home).form("sunspots/5") == {}
    written(home, {"epochs": "77"})
    assert file.read_text() == content


@pytest.mark.parametrize("value", ["\x1b[2J", "a\nb", "\u202e", "x" * 5000], ids=ascii)
def test_what_would_command_the_terminal_is_no_draft(home: Home, file: Path, value: str) -> None:
    home.root.mkdir()
    forms = {"sunspots/5": {"epochs": "64", "series": value}, "no/preset": {"epochs": "1"}}
    file.write_text(json.dumps({"schema_version": 1, "forms": forms}))
    assert Drafts(home).form("sunspots/5") == {"epochs": "64"}
    assert Drafts(home).form("no/preset") == {}


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_file_is_not_read(home: Home, file: Path, tmp_path: Path, kind: str) -> None:
    home.root.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(json.dumps({"forms": {"sunspots/5": {"epochs": "64"}}}))
    if kind == "link":
        file.symlink_to(elsewhere)
    elif kind == "folder":
        file.mkdir()
    else:
        os.mkfifo(file)
    drafts = Drafts(home)
    assert drafts.form("sunspots/5") == {}
    drafts.keep_form("sunspots/5", {"epochs": "77"})
    drafts.write()
    assert bool(drafts.problem) == (kind == "folder")
    assert "64" in elsewhere.read_text()


def test_another_user_s_home_is_not_written(
    home: Home, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.root.mkdir()
    monkeypatch.setattr("os.geteuid", lambda: home.root.stat().st_uid + 1)
    written(home, {"epochs": "64"})
    assert not file.exists()


def test_what_can_t_be_written_is_said_and_tried_again(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    drafts = Drafts(home)
    with monkeypatch.context() as patch:
        patch.setattr("tui.screens.drafts.write_atomic", full)
        drafts.keep_form("sunspots/5", {"epochs": "64"})
        drafts.write()
        assert "No space left on device" in drafts.problem
    drafts.write()
    assert drafts.problem == ""
    assert Drafts(home).form("sunspots/5") == {"epochs": "64"}


class TestExports:
    def test_who_forgot_a_run_finds_what_was_typed(self, home: Home) -> None:
        drafts = Drafts(home)
        drafts.keep_export(["one"], {"path": "table.tex"})
        drafts.write()
        drafts = Drafts(home)
        assert drafts.export(["one"]) == drafts.export(["two", "one"]) == {"path": "table.tex"}
        assert drafts.export(["two"]) == {}

    def test_the_latest_is_in_the_place_of_all_that_share_a_run(self, home: Home) -> None:
        drafts = Drafts(home)
        drafts.keep_export(["one"], {"path": "one.md"})
        drafts.keep_export(["two"], {"path": "two.md"})
        drafts.keep_export(["one", "two"], {"path": "both.md"})
        assert drafts.export(["one"]) == drafts.export(["two"]) == {"path": "both.md"}
        drafts.keep_export(["two"], {})
        assert drafts.export(["one"]) == {}

    def test_old_ones_go(self, home: Home, file: Path) -> None:
        drafts = Drafts(home)
        for number in range(40):
            drafts.keep_export([f"run-{number}"], {"path": f"{number}.md"})
        drafts.write()
        assert Drafts(home).export(["run-39"]) == {"path": "39.md"}
        assert Drafts(home).export(["run-0"]) == {}
        assert len(json.loads(file.read_text())["exports"]) < 20
