"""Texts: prepared as the report's program does, kept by content, never replaced by another in silence."""

import hashlib
import json
import stat
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.corpus import ALICE, LARGEST_BYTES, PYTHON_DOCS, REPORT_DIGEST, Library, prepare, read_file
from engine.errors import UsageError
from engine.home import Home
from engine.trial import DataReference


@pytest.fixture
def library(home: Home) -> Library:
    return Library(home)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("The quick\nbrown fox.\n", "utf-8")
    return path


# Preparation.


def test_the_report_s_text(alice_text: Path, library: Library) -> None:
    entry = library.add(ALICE, alice_text)
    corpus = library.find(ALICE)
    assert (entry.characters, entry.distinct) == (len(corpus.text), corpus.distinct) == (158_270, 55)
    assert corpus.prepared_sha256 == REPORT_DIGEST
    assert corpus.is_the_reports
    assert corpus.sha256 == hashlib.sha256(alice_text.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("raw", "prepared"),
    [
        ("", ""),
        ("\n\n  \n", ""),
        ("  One  \n\n\tTwo\t\n", "one two"),
        ("One\r\nTwo\rThree", "one two three"),
        ("inner  blanks stay", "inner  blanks stay"),
        ("a\tb", "a b"),
        ("“Curly” – quotes’", "curly  quotes"),
        ("über ñandú", "ber and"),
        ("日本語\nabc", "abc"),
        ("a\x00b\x1b[31mc\x7fd\x9be", "ab[31mcde"),
        ("a\x0cb\x0bc\x85d\u2028e", "abcde"),
        ("~ !", "~ !"),
    ],
)
def test_lines_are_stripped_lowered_cleaned_and_joined(raw: str, prepared: str) -> None:
    assert prepare(raw) == prepared


@given(st.text(st.characters()))
@example("\x1f a")
@example("K İ ſ")
def test_whatever_the_text_only_printable_ascii_in_small_letters_survives(raw: str) -> None:
    prepared = prepare(raw)
    assert all(" " <= char <= "~" for char in prepared)
    assert prepared == prepared.lower()


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126))))
def test_the_kind_of_line_end_makes_no_difference(lines: list[str]) -> None:
    assert prepare("\n".join(lines)) == prepare("\r\n".join(lines)) == prepare("\r".join(lines))


def as_the_report_s_program(raw: str) -> str:
    """Gulli and Pal's program, which the report follows, for plain ASCII: lines are stripped, lowered, joined."""
    lines = (line.strip().lower() for line in raw.split("\n"))
    return " ".join(line for line in lines if line)


@given(st.text(st.sampled_from("abC .,!\n")))
def test_plain_text_is_prepared_as_by_the_report_s_program(raw: str) -> None:
    assert prepare(raw) == as_the_report_s_program(raw)


# Files.


def test_a_byte_order_mark_is_no_text(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "bom.txt"
    path.write_bytes(b"\xef\xbb\xbfab\n")
    assert library.find(str(path)).text == "ab"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"caf\xe9\n", 1),
        (b"one\ntwo\nse\xf1or\n", 3),
        (b"one\r\ntwo\r\nse\xf1or\r\n", 3),
        (b"one\n\xc3", 2),
        (b"\xff\xfeo\x00n\x00e\x00", 1),
        (b"one\rtwo\rse\xf1or\r", 3),
    ],
)
def test_what_is_not_utf_8_is_refused_with_its_line(
    library: Library, tmp_path: Path, content: bytes, line: int
) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=rf"latin\.txt is not UTF-8 text: line {line}\. .*iconv"):
        library.find(str(path))


def test_adding_what_is_not_utf_8_names_the_file(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9\n")
    with pytest.raises(UsageError, match=r"latin\.txt is not UTF-8 text: line 1\."):
        library.add(ALICE, path)


def test_a_refused_file_leaves_nothing_and_keeps_what_had_the_name(
    library: Library, home: Home, text: Path, tmp_path: Path
) -> None:
    library.add("fox", text)
    before = {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"caf\xe9")
    with pytest.raises(UsageError):
        library.add("fox", bad)
    assert {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("content", [b"", b"\n\n", "日本語".encode(), b"aaaa", b"\x00\x01"])
def test_a_text_without_two_characters_to_learn_is_refused(library: Library, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no text that a network could learn"):
        library.find(str(path))


def test_a_file_over_the_limit_is_refused_with_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(UsageError, match=r"large\.txt is larger than 32 MiB\."):
        read_file(path)
    with path.open("r+b") as file:
        file.truncate(LARGEST_BYTES)
    assert len(read_file(path)) == LARGEST_BYTES


@pytest.mark.parametrize("name", ["nothing.txt", "folder"])
def test_what_can_t_be_read_is_refused_with_the_reason(library: Library, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=r"Can't read .*: (No such file or directory|Is a directory)\."):
        library.add("text", tmp_path / name)


def test_a_name_too_long_for_a_file_is_refused_in_a_sentence(library: Library) -> None:
    assert not library.has("a" * 300)
    with pytest.raises(UsageError, match="There is no corpus and no file"):
        library.find("a" * 300)


def test_the_folder_of_a_person_who_does_not_exist_is_refused_in_a_sentence(library: Library) -> None:
    assert not library.has("~no-such-person/text.txt")
    with pytest.raises(UsageError):
        library.find("~no-such-person/text.txt")


def test_a_file_of_a_person_who_does_not_exist_can_t_be_read() -> None:
    with pytest.raises(UsageError, match="can't be a path"):
        read_file(Path("~no-such-person/text.txt"))


def test_a_file_whose_name_is_no_utf_8_can_be_added(library: Library, tmp_path: Path) -> None:
    path = Path(str(tmp_path) + "/caf\udce9.txt")
    path.write_text("The quick brown fox.", "utf-8")
    entry = library.add("fox", path)
    assert (entry.characters, entry.source) == (20, f"{tmp_path}/caf\\xe9.txt")
    assert library.find(str(path)).reference.name == "caf\\xe9.txt"


# Names.


@pytest.mark.parametrize("name", ["alice", "a", "a-b", "2001", "a" * 40])
def test_a_good_name_is_kept_and_found(library: Library, text: Path, name: str) -> None:
    entry = library.add(name, text)
    assert (entry.name, entry.source, entry.characters) == (name, str(text), 20)
    assert library.entries() == [entry]
    assert library.find(name).text == "the quick brown fox."
    assert library.find(name).file is None
    assert library.has(name)


@pytest.mark.parametrize(
    "name", ["", "Alice", "a b", "-a", "a" * 41, "../a", "a/b", ".", "a\n", "ñ", "\x1b[2J", PYTHON_DOCS]
)
def test_a_bad_name_is_refused(library: Library, home: Home, text: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be the name of a corpus") as caught:
        library.add(name, text)
    assert str(caught.value).isprintable()
    assert not home.root.exists()


def test_adding_again_replaces_what_had_the_name(library: Library, text: Path, tmp_path: Path) -> None:
    library.add("fox", text)
    former = library.find("fox").reference
    other = tmp_path / "other.txt"
    other.write_text("Another text.")
    library.add("fox", other)
    assert [entry.name for entry in library.entries()] == ["fox"]
    assert library.find("fox").text == "another text."
    # A run of the former text still finds it.
    assert library.open(former).text == "the quick brown fox."


def test_a_damaged_entry_is_left_out(library: Library, home: Home, text: Path) -> None:
    library.add("fox", text)
    library.add("hen", text)
    (home.data / "corpora" / "hen.json").write_bytes(b"{")
    assert [entry.name for entry in library.entries()] == ["fox"]


def test_what_is_kept_is_private(library: Library, home: Home, text: Path) -> None:
    library.add("fox", text)
    for path in home.root.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_home_that_can_t_be_written_is_said_in_a_sentence(tmp_path: Path, text: Path) -> None:
    (tmp_path / "file").write_text("")
    library = Library(Home(tmp_path / "file"))
    with pytest.raises(UsageError, match="Can't make the folder"):
        library.add("fox", text)
    with pytest.raises(UsageError, match="Can't make the folder"):
        library.find(PYTHON_DOCS)


# Which text is meant.


def test_absent_alice_is_refused_with_the_way_out(library: Library, home: Home) -> None:
    assert not library.has(ALICE)
    with pytest.raises(UsageError) as caught:
        library.find(ALICE)
    said = str(caught.value)
    assert "is not here yet" in said
    assert "`rnnlab-tui data add alice FILE`" in said
    assert "--corpus FILE" in said
    assert "--corpus python-docs" in said
    assert not home.root.exists()


@pytest.mark.parametrize("folder", [False, True])
def test_nothing_else_takes_absent_alice_s_place(
    library: Library, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    library.add("fox", text)
    library.find(str(text))
    library.find(PYTHON_DOCS)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alice.txt").write_text("Not the one.")
    if folder:
        (tmp_path / "alice").mkdir()
    with pytest.raises(UsageError, match="is not here yet"):
        library.find(ALICE)


def test_a_file_called_alice_elsewhere_is_not_taken_for_the_name(library: Library, tmp_path: Path, text: Path) -> None:
    library.add(ALICE, text)
    other = tmp_path / "alice"
    other.write_text("Another text.")
    assert library.find(ALICE).text == "the quick brown fox."
    assert library.find(str(other)).text == "another text."


def test_python_s_own_documentation_is_text_enough(library: Library) -> None:
    corpus = library.find(PYTHON_DOCS)
    assert corpus.name == PYTHON_DOCS
    assert len(corpus.text) > 100_000
    assert not corpus.is_the_reports
    assert library.open(corpus.reference).text == corpus.text
    assert library.has(PYTHON_DOCS)


def test_a_text_given_by_its_path_outlives_the_file(library: Library, text: Path) -> None:
    corpus = library.find(str(text))
    assert corpus.reference == DataReference(name="text.txt", sha256=corpus.sha256, file=str(text))
    text.unlink()
    assert library.open(corpus.reference).text == "the quick brown fox."


def test_a_text_given_by_a_relative_path_is_recorded_by_its_whole_path(
    library: Library, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(text.parent)
    assert library.find("text.txt").file == str(text)


@pytest.mark.parametrize("name", ["nothing", "no/where.txt", "", "\x00", "\x1b[2J"])
def test_what_is_neither_a_name_nor_a_file_is_refused(library: Library, name: str) -> None:
    assert not library.has(name)
    with pytest.raises(UsageError, match="There is no corpus and no file") as caught:
        library.find(name)
    assert str(caught.value).isprintable()


def test_a_hostile_file_name_is_no_command_to_the_terminal(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07\n.txt"
    path.write_text("The quick brown fox.")
    assert library.find(str(path)).reference.name == "a]0;owned .txt"


def the_kept(home: Home) -> Path:
    (path,) = (home.data / "texts").iterdir()
    return path


@pytest.mark.parametrize("content", [b"", b"another text", b"the quick\nbrown fox.\n"])
def test_an_altered_text_is_refused(library: Library, home: Home, text: Path, content: bytes) -> None:
    library.add("fox", text)
    the_kept(home).write_bytes(content)
    with pytest.raises(UsageError, match=r"is gone from .* or altered"):
        library.find("fox")


def test_a_text_that_is_gone_is_refused_and_comes_back_with_the_file(library: Library, home: Home, text: Path) -> None:
    library.add("fox", text)
    the_kept(home).unlink()
    with pytest.raises(UsageError, match=r"is gone from .*Add the same file again\."):
        library.find("fox")
    library.add("fox", text)
    assert library.find("fox").text == "the quick brown fox."


def test_an_altered_text_comes_back_with_the_file(library: Library, home: Home, text: Path) -> None:
    library.add("fox", text)
    the_kept(home).write_bytes(b"altered")
    library.add("fox", text)
    assert library.find("fox").text == "the quick brown fox."


def test_a_reference_can_t_lead_out_of_the_home(library: Library, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    # As no reference that is read can be: see the tests of trials.
    reference = DataReference.model_construct(name="x", sha256=f"../../../{tmp_path.name}/secret")
    with pytest.raises(UsageError, match="is gone from"):
        library.open(reference)


@pytest.mark.parametrize("name", ["\x1b\u202e", "\udce9" * 64], ids=["nothing to show", "long in escapes"])
def test_a_file_of_any_name_can_be_a_text(library: Library, tmp_path: Path, name: str) -> None:
    path = Path(f"{tmp_path}/{name}")
    path.write_text("The quick brown fox.")
    assert library.open(library.find(str(path)).reference).text == "the quick brown fox."


def alter_fox(home: Home, **fields: str) -> None:
    path = home.data / "corpora" / "fox.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | fields))


def test_an_entry_without_a_digest_is_refused_in_a_sentence(library: Library, home: Home, text: Path) -> None:
    library.add("fox", text)
    alter_fox(home, sha256="x")
    with pytest.raises(UsageError):
        library.find("fox")


@pytest.mark.parametrize("name", ["\x1b]0;owned\x07", "hen\nfox"])
def test_no_entry_has_a_name_that_commands_the_terminal(library: Library, home: Home, text: Path, name: str) -> None:
    library.add("fox", text)
    alter_fox(home, name=name)
    assert all(entry.name.isprintable() for entry in library.entries())
