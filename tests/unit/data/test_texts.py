"""Texts: prepared as a trial asks, kept by content, never replaced by another in silence."""

import hashlib
import json
import stat
from pathlib import Path

import pytest
from helpers.store import web

from engine.data.catalog import ALICE, PYTHON_DOCS
from engine.data.library import TextLibrary
from engine.data.reading import LARGEST_BYTES, read_file
from engine.data.source import NoSuchData
from engine.data.texts import REPORT_DIGEST
from engine.errors import UsageError
from engine.host.home import Home
from engine.trials.data_options import REPORT_PREPARATION, USUAL_PREPARATION, TextPreparation
from engine.trials.trial import DataReference


@pytest.fixture
def library(home: Home) -> TextLibrary:
    return TextLibrary(home)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("The quick\nbrown fox.\n", "utf-8")
    return path


# Preparation: how a text is prepared is tested by itself; here, which preparation a text gets.


def test_the_report_s_text(alice_text: Path, library: TextLibrary) -> None:
    corpus = library.add(ALICE, alice_text)
    (entry,) = library.entries()
    assert (entry.length, entry.distinct) == (len(corpus.text), corpus.distinct) == (158_270, 55)
    assert library.resolve(ALICE) == corpus
    assert corpus.prepared_sha256 == REPORT_DIGEST
    assert corpus.is_report_text
    assert corpus.sha256 == hashlib.sha256(alice_text.read_bytes()).hexdigest()
    # The trial's file is as older versions wrote it.
    assert corpus.reference.model_dump_json() == (
        f'{{"name":"alice","sha256":"{corpus.sha256}","file":null,"url":null,"column":null,"until":null}}'
    )


def test_a_copy_of_the_report_s_text_is_prepared_as_that(
    alice_text: Path, library: TextLibrary, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes(alice_text.read_bytes())
    for corpus in (library.resolve(str(copy)), library.peek(str(copy))):
        assert corpus is not None
        assert corpus.is_report_text
        assert corpus.preparation == REPORT_PREPARATION
    assert library.resolve(str(copy), options={"lines": "keep"}).preparation == TextPreparation(
        lines="keep"
    )
    copy.write_text(alice_text.read_text("utf-8") + "\nAnd one line more: señor.\n", "utf-8")
    assert library.resolve(str(copy)).preparation == USUAL_PREPARATION


@pytest.fixture
def spanish(tmp_path: Path) -> Path:
    path = tmp_path / "spanish.txt"
    path.write_text("La señora\n¿Qué dijo?\n", "utf-8")
    return path


def test_other_texts_keep_all_letters_unless_told_otherwise(
    library: TextLibrary, spanish: Path
) -> None:
    assert library.resolve(str(spanish)).text == "la señora ¿qué dijo?"
    corpus = library.resolve(str(spanish), options={"letters": "ascii", "lines": "keep"})
    assert corpus.text == "la seora\nqu dijo?"
    assert (corpus.left_out.characters, corpus.left_out.kinds) == (3, 3)
    assert library.open(corpus.reference) == corpus
    assert library.peek(str(spanish), {"case": "keep"}) == library.resolve(
        str(spanish), options={"case": "keep"}
    )
    assert library.resolve(PYTHON_DOCS).preparation == USUAL_PREPARATION


def test_a_trial_of_an_older_version_reads_what_it_read(
    library: TextLibrary, spanish: Path
) -> None:
    sha256 = library.resolve(str(spanish)).sha256
    old = DataReference.model_validate_json(
        f'{{"name": "spanish.txt", "sha256": "{sha256}", "file": "{spanish}"}}'
    )
    assert library.open(old).text == "la seora qu dijo?"


def test_what_has_a_name_is_prepared_as_it_was_added(
    library: TextLibrary, home: Home, spanish: Path
) -> None:
    library.add("dijo", spanish, options={"lines": "keep"})
    assert library.resolve("dijo").text == "la señora\n¿qué dijo?"
    assert library.resolve("dijo", options={"case": "keep"}).text == "La señora\n¿Qué dijo?"
    assert library.resolve("dijo", options={"lines": "join"}).text == "la señora ¿qué dijo?"
    assert library.peek("dijo") == library.resolve("dijo")
    (entry,) = library.entries()
    assert entry.preparation == TextPreparation(letters="all", lines="keep")
    # That nobody said anything is kept too: the default may depend on the text.
    library.add("dijo", spanish)
    assert library.entries()[0].preparation is None
    # As older versions wrote it.
    path = home.data / "corpora" / "dijo.json"
    path.write_text(
        json.dumps({k: v for k, v in json.loads(path.read_bytes()).items() if k != "preparation"})
    )
    assert library.resolve("dijo").text == "la señora ¿qué dijo?"


def test_what_is_fetched_again_is_prepared_as_it_was(library: TextLibrary, spanish: Path) -> None:
    url = "https://example.org/s.txt"
    fetched = web(url, spanish.read_text("utf-8"))
    library.add("dijo", url, fetch=fetched, options={"letters": "ascii"})
    fetched.files[url] = "Otra señora".encode()
    assert library.fetch("dijo", fetched).preparation == REPORT_PREPARATION
    assert library.resolve("dijo").text == "otra seora"


def test_what_was_said_of_a_url_holds_for_one_run(library: TextLibrary, spanish: Path) -> None:
    url = "https://example.org/s.txt"
    fetched = web(url, spanish.read_text("utf-8"))
    corpus = library.resolve(url, fetched, {"letters": "ascii"})
    assert corpus.text == library.open(corpus.reference).text == "la seora qu dijo?"
    assert library.resolve(url).text == "la señora ¿qué dijo?"
    looked = library.peek(url)
    assert looked is not None
    assert looked.text == "la señora ¿qué dijo?"


def test_the_report_s_text_is_added_as_it_is(
    library: TextLibrary, home: Home, spanish: Path
) -> None:
    with pytest.raises(
        UsageError, match=r"alice is the report's text, .* give --letters, --case to"
    ):
        library.add(ALICE, spanish, options={"letters": "all", "case": "keep"})
    assert not home.root.exists()
    library.add(ALICE, spanish)
    assert library.resolve(ALICE).text == "la seora qu dijo?"
    assert library.resolve(ALICE, options={"letters": "all"}).text == "la señora ¿qué dijo?"


def test_an_option_that_can_t_be_is_refused(
    library: TextLibrary, home: Home, spanish: Path
) -> None:
    options = {"letters": "latin"}
    with pytest.raises(UsageError, match="letters = latin: must be ascii, all"):
        library.resolve(str(spanish), options=options)
    with pytest.raises(UsageError, match="letters = latin: must be ascii, all"):
        library.add("x", spanish, options=options)
    assert not home.root.exists()


# Files.


def test_a_byte_order_mark_is_no_text(library: TextLibrary, tmp_path: Path) -> None:
    path = tmp_path / "bom.txt"
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le")):
        path.write_bytes(mark + "ab\n".encode(encoding))
        assert library.resolve(str(path)).text == "ab"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"caf\xe9\n", 1),
        (b"one\ntwo\nse\xf1or\n", 3),
        (b"one\r\ntwo\r\nse\xf1or\r\n", 3),
        (b"one\n\xc3", 2),
        (b"one\rtwo\rse\xf1or\r", 3),
    ],
)
def test_what_is_not_utf_8_is_refused_with_its_line(
    library: TextLibrary, tmp_path: Path, content: bytes, line: int
) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=rf"latin\.txt is not UTF-8 text: line {line}\. .*iconv"):
        library.resolve(str(path))


def test_adding_what_is_not_utf_8_names_the_file(library: TextLibrary, tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9\n")
    with pytest.raises(UsageError, match=r"latin\.txt is not UTF-8 text: line 1\."):
        library.add(ALICE, path)


def test_a_refused_file_leaves_nothing_and_keeps_what_had_the_name(
    library: TextLibrary, home: Home, text: Path, tmp_path: Path
) -> None:
    library.add("fox", text)
    before = {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"caf\xe9")
    with pytest.raises(UsageError):
        library.add("fox", bad)
    assert {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("content", [b"", b"\n\n", b"aaaa", b"\x01", "ñ".encode()])
def test_a_text_without_two_characters_to_learn_is_refused(
    library: TextLibrary, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(content)
    with pytest.raises(
        UsageError, match=r"no text that a network could learn\. It needs at least two different"
    ):
        library.resolve(str(path))


def test_a_text_without_ascii_says_how_to_read_it(library: TextLibrary, tmp_path: Path) -> None:
    path = tmp_path / "japanese.txt"
    path.write_text("日本語", "utf-8")
    assert library.resolve(str(path)).text == "日本語"
    with pytest.raises(
        UsageError,
        match=r"It needs two different ASCII characters, or all its letters: --letters all",
    ):
        library.resolve(str(path), options={"letters": "ascii"})


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
def test_what_can_t_be_read_is_refused_with_the_reason(
    library: TextLibrary, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(
        UsageError, match=r"Can't read .*: (No such file or directory|Is a directory)\."
    ):
        library.add("text", tmp_path / name)


def test_a_name_too_long_for_a_file_is_refused_in_a_sentence(library: TextLibrary) -> None:
    for look in (library.is_here, library.resolve):
        with pytest.raises(NoSuchData, match="There is no corpus and no file"):
            look("a" * 300)


def test_the_folder_of_a_person_who_does_not_exist_is_refused_in_a_sentence(
    library: TextLibrary,
) -> None:
    for look in (library.is_here, library.resolve):
        with pytest.raises(NoSuchData):
            look("~no-such-person/text.txt")


def test_a_file_of_a_person_who_does_not_exist_can_t_be_read() -> None:
    with pytest.raises(UsageError, match="can't be a path"):
        read_file(Path("~no-such-person/text.txt"))


def test_a_file_whose_name_is_no_utf_8_can_be_added(library: TextLibrary, tmp_path: Path) -> None:
    path = Path(str(tmp_path) + "/caf\udce9.txt")
    path.write_text("The quick brown fox.", "utf-8")
    library.add("fox", path)
    (entry,) = library.entries()
    assert (entry.length, entry.source) == (20, f"{tmp_path}/caf\\xe9.txt")
    assert library.resolve(str(path)).reference.name == "caf\\xe9.txt"


# Names.


@pytest.mark.parametrize("name", ["alice", "a", "a-b", "2001", "a" * 40])
def test_a_good_name_is_kept_and_found(library: TextLibrary, text: Path, name: str) -> None:
    added = library.add(name, text)
    (entry,) = library.entries()
    assert (entry.name, entry.source, entry.length) == (name, str(text), 20)
    assert library.resolve(name) == added
    assert library.resolve(name).text == "the quick brown fox."
    assert library.resolve(name).file is None
    assert library.is_here(name)


@pytest.mark.parametrize(
    "name",
    ["", "Alice", "a b", "-a", "a" * 41, "../a", "a/b", ".", "a\n", "ñ", "\x1b[2J", PYTHON_DOCS],
)
def test_a_bad_name_is_refused(library: TextLibrary, home: Home, text: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be the name of a corpus") as caught:
        library.add(name, text)
    assert str(caught.value).isprintable()
    assert not home.root.exists()


def test_adding_again_replaces_what_had_the_name(
    library: TextLibrary, text: Path, tmp_path: Path
) -> None:
    library.add("fox", text)
    former = library.resolve("fox").reference
    other = tmp_path / "other.txt"
    other.write_text("Another text.")
    library.add("fox", other)
    assert [entry.name for entry in library.entries()] == ["fox"]
    assert library.resolve("fox").text == "another text."
    # A run of the former text still finds it.
    assert library.open(former).text == "the quick brown fox."


def test_a_damaged_entry_is_left_out(library: TextLibrary, home: Home, text: Path) -> None:
    library.add("fox", text)
    library.add("hen", text)
    (home.data / "corpora" / "hen.json").write_bytes(b"{")
    assert [entry.name for entry in library.entries()] == ["fox"]


def test_what_is_kept_is_private(library: TextLibrary, home: Home, text: Path) -> None:
    library.add("fox", text)
    for path in home.root.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_home_that_can_t_be_written_is_said_in_a_sentence(tmp_path: Path, text: Path) -> None:
    (tmp_path / "file").write_text("")
    library = TextLibrary(Home(tmp_path / "file"))
    with pytest.raises(UsageError, match="Can't make the folder"):
        library.add("fox", text)
    with pytest.raises(UsageError, match="Can't make the folder"):
        library.resolve(PYTHON_DOCS)


# Which text is meant.


def test_absent_alice_is_refused_with_the_way_out(library: TextLibrary, home: Home) -> None:
    assert not library.is_here(ALICE)
    with pytest.raises(UsageError) as caught:
        library.resolve(ALICE)
    said = str(caught.value)
    assert "is not here yet" in said
    assert "`rnnlab-tui data add alice FILE`" in said
    assert "--corpus FILE" in said
    assert "--corpus python-docs" in said
    assert not home.root.exists()


@pytest.mark.parametrize("folder", [False, True])
def test_nothing_else_takes_absent_alice_s_place(
    library: TextLibrary, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    library.add("fox", text)
    library.resolve(str(text))
    library.resolve(PYTHON_DOCS)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alice.txt").write_text("Not the one.")
    if folder:
        (tmp_path / "alice").mkdir()
    with pytest.raises(UsageError, match="is not here yet"):
        library.resolve(ALICE)


def test_a_file_called_alice_elsewhere_is_not_taken_for_the_name(
    library: TextLibrary, tmp_path: Path, text: Path
) -> None:
    library.add(ALICE, text)
    other = tmp_path / "alice"
    other.write_text("Another text.")
    assert library.resolve(ALICE).text == "the quick brown fox."
    assert library.resolve(str(other)).text == "another text."
    assert library.resolve(str(other)).preparation == USUAL_PREPARATION


def test_python_s_own_documentation_is_text_enough(library: TextLibrary) -> None:
    corpus = library.resolve(PYTHON_DOCS)
    assert corpus.name == PYTHON_DOCS
    assert len(corpus.text) > 100_000
    assert not corpus.is_report_text
    assert library.open(corpus.reference).text == corpus.text
    assert library.is_here(PYTHON_DOCS)


def test_a_text_given_by_its_path_outlives_the_file(library: TextLibrary, text: Path) -> None:
    corpus = library.resolve(str(text))
    assert corpus.reference == DataReference(
        name="text.txt", sha256=corpus.sha256, file=str(text), preparation=USUAL_PREPARATION
    )
    text.unlink()
    assert library.open(corpus.reference).text == "the quick brown fox."


def test_a_text_given_by_a_relative_path_is_recorded_by_its_whole_path(
    library: TextLibrary, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(text.parent)
    assert library.resolve("text.txt").file == str(text)


@pytest.mark.parametrize("name", ["nothing", "no/where.txt", "", "\x00", "\x1b[2J"])
def test_what_is_neither_a_name_nor_a_file_is_refused(library: TextLibrary, name: str) -> None:
    for look in (library.is_here, library.peek, library.resolve):
        with pytest.raises(NoSuchData, match="There is no corpus and no file") as caught:
            look(name)
        assert str(caught.value).isprintable()


def test_a_hostile_file_name_is_no_command_to_the_terminal(
    library: TextLibrary, tmp_path: Path
) -> None:
    path = tmp_path / "a\x1b]0;owned\x07\n.txt"
    path.write_text("The quick brown fox.")
    assert library.resolve(str(path)).reference.name == "a]0;owned .txt"


def the_kept(home: Home) -> Path:
    (path,) = (home.data / "texts").iterdir()
    return path


@pytest.mark.parametrize("content", [b"", b"another text", b"the quick\nbrown fox.\n"])
def test_an_altered_text_is_refused(
    library: TextLibrary, home: Home, text: Path, content: bytes
) -> None:
    library.add("fox", text)
    the_kept(home).write_bytes(content)
    with pytest.raises(UsageError, match=r"is gone from .* or altered"):
        library.resolve("fox")


def test_a_text_that_is_gone_is_refused_and_comes_back_with_the_file(
    library: TextLibrary, home: Home, text: Path
) -> None:
    library.add("fox", text)
    the_kept(home).unlink()
    with pytest.raises(
        UsageError, match=r"is gone from .* again: `rnnlab-tui data add fox FILE --kind corpus`"
    ):
        library.resolve("fox")
    library.add("fox", text)
    assert library.resolve("fox").text == "the quick brown fox."


def test_an_altered_text_comes_back_with_the_file(
    library: TextLibrary, home: Home, text: Path
) -> None:
    library.add("fox", text)
    the_kept(home).write_bytes(b"altered")
    library.add("fox", text)
    assert library.resolve("fox").text == "the quick brown fox."


def test_a_reference_can_t_lead_out_of_the_home(library: TextLibrary, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    # As no reference that is read can be: see the tests of trials.
    reference = DataReference.model_construct(name="x", sha256=f"../../../{tmp_path.name}/secret")
    with pytest.raises(UsageError, match="is gone from"):
        library.open(reference)


@pytest.mark.parametrize(
    "name", ["\x1b\u202e", "\udce9" * 64], ids=["nothing to show", "long in escapes"]
)
def test_a_file_of_any_name_can_be_a_text(library: TextLibrary, tmp_path: Path, name: str) -> None:
    path = Path(f"{tmp_path}/{name}")
    path.write_text("The quick brown fox.")
    assert library.open(library.resolve(str(path)).reference).text == "the quick brown fox."


def alter_fox(home: Home, **fields: str) -> None:
    path = home.data / "corpora" / "fox.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | fields))


def test_an_entry_without_a_digest_is_refused_in_a_sentence(
    library: TextLibrary, home: Home, text: Path
) -> None:
    library.add("fox", text)
    alter_fox(home, sha256="x")
    with pytest.raises(UsageError):
        library.resolve("fox")


@pytest.mark.parametrize("name", ["\x1b]0;owned\x07", "hen\nfox"])
def test_no_entry_has_a_name_that_commands_the_terminal(
    library: TextLibrary, home: Home, text: Path, name: str
) -> None:
    library.add("fox", text)
    alter_fox(home, name=name)
    assert all(entry.name.isprintable() for entry in library.entries())
