"""Data is kept by content, found by name, file or URL, and fetched once; a trial finds again what it was given."""

import hashlib
import json
import shlex
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support import CORPUS, alice_trial, preset, sunspots_trial

from engine.data.address import Address, series_address
from engine.data.corpus import Library
from engine.data.known import KNOWN, FetchError
from engine.data.series import Series, built_in, open_series
from engine.data.series_library import SeriesLibrary
from engine.data.store import Store
from engine.errors import LabError, UsageError
from engine.home import Home
from engine.prepare import prepare_trial
from engine.provenance import command_for
from engine.report import describe_changes
from engine.trial import AliceTrial, DataReference, SunspotsTrial

FIVE, ONE = preset("sunspots/5"), preset("alice/1")
LENGTH = 60
TABLE = "Month,Rain,Sun\n" + "".join(
    f"{1901 + n // 12}-{n % 12 + 1:02},{7 * n % 11}.5,{5 * n % 13}\n" for n in range(LENGTH)
)
RAIN = [7 * n % 11 + 0.5 for n in range(LENGTH)]
SUN = [float(5 * n % 13) for n in range(LENGTH)]
URL = "https://example.org/weather.csv"


class Web:
    """What would be fetched, and how often it was."""

    def __init__(self, **files: bytes) -> None:
        self.files = {"https://" + name: content for name, content in files.items()}
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.files:
            raise FetchError(url, "there is nothing at this address (404)")
        return self.files[url]


def web(url: str, content: str) -> Web:
    """Return a web with one file in it."""
    found = Web()
    found.files[url] = content.encode()
    return found


@pytest.fixture
def series(home: Home) -> SeriesLibrary:
    return SeriesLibrary(home)


@pytest.fixture
def corpora(home: Home) -> Library:
    return Library(home)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "weather.csv"
    path.write_text(TABLE)
    return path


def silso(n: int = 40) -> str:
    """Return a file as SILSO's, from 2016 on."""
    return "".join(
        f"{2016 + i // 12};{i % 12 + 1:02};{2016 + (i + 0.5) / 12:.3f};{i % 7:6.1f}; -1.0;-1;1\n" for i in range(n)
    )


def files(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}


# How a series is written.


NAMES = ["sunspots", "sunspots-silso", "rain"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sunspots", Address("name", "sunspots")),
        ("sunspots-silso@2018-07", Address("name", "sunspots-silso", None, "2018-07")),
        ("sunspots@1950", Address("name", "sunspots", None, "1950")),
        ("rain:2", Address("name", "rain", "2")),
        ("rain@1901-01-31:Sun, hours", Address("name", "rain", "Sun, hours", "1901-01-31")),
        ("https://example.org/x.csv", Address("url", "https://example.org/x.csv")),
        ("https://example.org/x.csv:2", Address("url", "https://example.org/x.csv", "2")),
        ("https://example.org:8080/x.csv:Sun", Address("url", "https://example.org:8080/x.csv", "Sun")),
        ("https://example.org:8080/x.csv", Address("url", "https://example.org:8080/x.csv")),
        ("https://example.org:8080", Address("url", "https://example.org:8080")),
        ("https://example.org/a:b/x.csv", Address("url", "https://example.org/a:b/x.csv")),
        ("https://example.org/a%3Ab", Address("url", "https://example.org/a%3Ab")),
        ("HTTP://example.org/x?a=b:c", Address("url", "http://example.org/x?a=b", "c")),
    ],
)
def test_names_and_urls_with_columns_and_ends(text: str, address: Address) -> None:
    assert series_address(text, NAMES) == address


@pytest.mark.parametrize(
    ("file", "text", "column"),
    [
        ("x.csv", "x.csv", None),
        ("x.csv", "x.csv:2", "2"),
        ("x.csv", "x.csv:a:b", "a:b"),
        ("x.csv", "x.csv:", ""),
        ("a:2", "a:2", None),
        ("a:2", "a:2:3", "3"),
        ("C:\\weather.csv", "C:\\weather.csv", None),
        ("C:\\weather.csv", "C:\\weather.csv:2", "2"),
        ("rain", "./rain", None),
        ("rain@1901", "rain@1901:2", None),
    ],
)
def test_files_with_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, column: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).write_text(TABLE)
    if text.startswith("rain@"):
        # A name comes before a file.
        assert series_address(text, NAMES) == Address("name", "rain", "2", "1901")
        text, column = f"./{text}", "2"
    place = text if column is None else text[: -len(column) - 1]
    assert series_address(text, NAMES) == Address("file", place, column)


@pytest.mark.parametrize(
    "text", ["", "nothing", "no/where.csv", "rain.csv:2", ":2", "\x1b[2J", "a" * 300, "~nobody-there/x"]
)
def test_what_is_no_series_is_refused(series: SeriesLibrary, text: str) -> None:
    assert not series.has(text)
    for find in (series.find, series.look):
        with pytest.raises(UsageError, match="There is no series and no file") as caught:
            find(text)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sunspots@", "a series is cut at a month"),
        ("sunspots@July", "a series is cut at a month"),
        ("sunspots@2018-7", "a series is cut at a month"),
        ("sunspots@1950-13", "1950-13 is no date"),
        ("sunspots@1984-01", "sunspots can't be cut at 1984-01: it goes from 1749-01 to 1983-12."),
        ("sunspots@1748", "can't be cut at 1748"),
        ("sunspots:2", "sunspots has one column"),
        ("ftp://example.org/x.csv", "only http and https are fetched"),
        ("https://me:secret@example.org/x.csv", "an address with a password"),
        ("https://", "no address that can be fetched"),
    ],
)
def test_what_can_t_be_meant_is_refused(series: SeriesLibrary, home: Home, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        series.find(text)
    assert not home.root.exists()


# Series by name, by file, by URL.


def test_the_built_in_series_is_neither_kept_nor_fetched(series: SeriesLibrary, home: Home) -> None:
    web = Web()
    assert series.find("sunspots", web) is built_in()
    cut = series.find("sunspots@1950-06", web)
    assert (cut.label(-1), cut.reference.until) == ("1950-06", "1950-06")
    assert np.array_equal(cut.values, built_in().values[: len(cut.values)])
    assert series.find("sunspots@1950").label(-1) == "1950-12"
    assert not home.root.exists()
    assert web.asked == []


def test_a_file_outlives_itself(series: SeriesLibrary, home: Home, table: Path) -> None:
    found = series.find(f"{table}:Sun")
    assert found.values.tolist() == SUN
    digest = hashlib.sha256(TABLE.encode()).hexdigest()
    assert found.reference == DataReference(name="weather.csv", sha256=digest, file=str(table), column=3)
    table.unlink()
    again = open_series(found.reference, home)
    assert again.values.tolist() == SUN
    assert [again.label(0), again.label(-1), again.step, again.unit] == ["1901-01", "1905-12", "M", "Sun"]
    assert not again.values.flags.writeable
    assert again.reference == found.reference


def test_looking_keeps_nothing(series: SeriesLibrary, home: Home, table: Path) -> None:
    assert series.look(f"{table}:2").values.tolist() == RAIN
    assert not home.root.exists()


def test_the_tutorial_s_file_is_the_built_in_series(series: SeriesLibrary, shared_data: Path) -> None:
    found = series.find(str(shared_data / "monthly-sunspots-1749-1983.csv"))
    assert found.is_built_in
    assert found.values.tobytes() == built_in().values.tobytes()
    assert not found.cut("1950").is_built_in


def test_a_name_is_kept_with_source_day_digest_and_length(series: SeriesLibrary, home: Home, table: Path) -> None:
    added = series.add("rain", table, "Rain")
    (entry,) = series.entries()
    assert (entry.name, entry.kind, entry.source, entry.sha256) == ("rain", "series", str(table), added.sha256)
    assert (entry.length, entry.column, entry.heading) == (LENGTH, 2, "Rain")
    assert (entry.first, entry.last, entry.step, entry.url) == ("1901-01", "1905-12", "M", None)
    table.unlink()
    found = series.find("rain")
    assert found.values.tolist() == RAIN
    assert found.reference == DataReference(name="rain", sha256=added.sha256, column=2)
    assert series.find("rain:3").values.tolist() == SUN
    assert series.find("rain@1904-06").label(-1) == "1904-06"
    assert open_series(series.find("rain@1904-06:Sun").reference, home).values.tolist() == SUN[:42]
    assert series.names() == ["sunspots", "rain", "sunspots-silso"]


def test_adding_again_replaces_and_a_run_still_finds_its_own(series: SeriesLibrary, home: Home, table: Path) -> None:
    before = series.add("rain", table, "Rain").reference
    table.write_text(TABLE.replace("1901-01,0.5", "1901-01,9.5"))
    series.add("rain", table, "Rain")
    assert series.find("rain").values[0] == 9.5
    assert open_series(before, home).values[0] == 0.5
    assert len(series.entries()) == 1


def test_a_url_is_fetched_once(series: SeriesLibrary, home: Home) -> None:
    fetch = web(URL, TABLE)
    first = series.find(f"{URL}:Rain", fetch)
    assert first.reference == DataReference(name="weather.csv", sha256=first.sha256, url=URL, column=2)
    assert series.find(f"{URL}:Rain", fetch).reference == first.reference
    assert series.find(URL, fetch).column == 2
    assert series.find(f"{URL}:Sun").values.tolist() == SUN
    assert open_series(first.reference, home).values.tolist() == RAIN
    assert fetch.asked == [URL]
    (entry,) = series.entries()
    assert (entry.name, entry.url, entry.source) == (URL, URL, URL)
    assert URL not in series.names()


def test_without_leave_nothing_is_fetched(series: SeriesLibrary, corpora: Library, home: Home) -> None:
    for find in (series.find, series.look, corpora.find):
        with pytest.raises(UsageError, match=f"{URL} has not been fetched yet"):
            find(URL)
    for find in (series.find, series.look):
        with pytest.raises(UsageError, match="The sunspot numbers of SILSO are not here yet"):
            find("sunspots-silso")
    assert series.has(URL)
    assert series.has("sunspots-silso@2018-07")
    assert not series.is_here("sunspots-silso")
    assert not series.is_here(URL)
    assert not home.root.exists()


@pytest.mark.parametrize("content", ["<p>Not found", "Month,Rain\n1901-01,x\n", "", "5,6\n7,9\n8,1\n", "v\n5\n5\n5\n"])
def test_of_what_can_t_be_read_nothing_is_kept(series: SeriesLibrary, home: Home, content: str) -> None:
    with pytest.raises(UsageError):
        series.find(URL, web(URL, content))
    with pytest.raises(UsageError):
        series.add("rain", URL, None, web(URL, content))
    assert not home.root.exists()


def test_silso_is_fetched_at_its_first_use_and_cut(
    series: SeriesLibrary, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RNNLAB_MIRROR")
    source = "https://www.sidc.be/SILSO/INFO/snmtotcsv.php"
    fetch = web(source, silso())
    found = series.find("sunspots-silso@2018-07", fetch)
    assert (len(found.values), found.label(0), found.label(-1)) == (31, "2016-01", "2018-07")
    assert found.reference == DataReference(name="sunspots-silso", sha256=found.sha256, column=4, until="2018-07")
    assert len(series.find("sunspots-silso", fetch).values) == 40
    assert open_series(found.reference, home).values.tolist() == found.values.tolist()
    assert (series.entries()[0].source, series.entries()[0].length) == (source, 40)
    assert fetch.asked == [source]
    assert series.is_here("sunspots-silso")
    with pytest.raises(UsageError, match="sunspots-silso can't be cut at 2019-05: it goes from 2016-01 to 2019-04"):
        series.find("sunspots-silso@2019-05")


def test_the_report_s_series_out_of_silso_s(series: SeriesLibrary, tmp_path: Path, shared_data: Path) -> None:
    wanted = series.find(str(shared_data / "monthly-sunspots-1749-2018.csv"))
    lines = [
        f"{year};{month:02};{year + (month - 0.5) / 12:.3f};{value:6.1f}; -1.0;   -1;1"
        for (year, month), value in zip(
            ((period.year, period.month) for period in wanted.months), wanted.values.tolist(), strict=True
        )
    ]
    lines += [f"2018;{month:02};{2018 + (month - 0.5) / 12:.3f};   8.5;  1.0; 1000;0" for month in range(8, 13)]
    (tmp_path / "SN_m_tot_V2.0.csv").write_text("\n".join(lines) + "\n")
    series.add("sunspots-silso", tmp_path / "SN_m_tot_V2.0.csv")
    assert series.find("sunspots-silso").notes == ("sunspots-silso: the last 5 values are provisional.",)
    found = series.find("sunspots-silso@2018-07")
    assert found.values.tobytes() == wanted.values.tobytes()
    assert found.months.equals(wanted.months)
    assert found.notes == ()
    assert found.unit == "sunspots"


# Refreshing.


@pytest.mark.parametrize("name", ["alice", "sunspots-silso"])
def test_what_is_known_and_here_is_not_missing_where_it_can_t_be_fetched_again(
    series: SeriesLibrary, corpora: Library, tmp_path: Path, table: Path, name: str
) -> None:
    (tmp_path / "a.txt").write_text(CORPUS)
    ours: SeriesLibrary | Library = corpora if name == "alice" else series
    nowhere = web(URL, TABLE)
    nowhere.files = {}
    with pytest.raises(UsageError, match="not here yet"):
        ours.fetch(name, nowhere)
    corpora.add("alice", tmp_path / "a.txt")
    series.add("sunspots-silso", table, "Rain")
    with pytest.raises(UsageError, match=r"^Can't fetch .* What is here stays as it is\.$"):
        ours.fetch(name, nowhere)


@pytest.mark.parametrize("name", [URL, "rain"])
def test_what_came_from_the_web_is_fetched_again_on_request(series: SeriesLibrary, name: str) -> None:
    fetch = web(URL, TABLE)
    if name == URL:
        series.find(f"{URL}:Sun", fetch)
    else:
        series.add(name, URL, "Sun", fetch)
    fetch.files[URL] = TABLE.replace("1901-01,0.5,0", "1901-01,0.5,12").encode()
    assert series.fetch(name, fetch).values[0] == 12.0
    assert series.find(name, fetch).values[0] == 12.0
    assert fetch.asked == [URL, URL]
    assert len(series.entries()) == 1


def test_a_fetch_that_fails_leaves_what_was_here(series: SeriesLibrary, corpora: Library, home: Home) -> None:
    fetch = web(URL, TABLE)
    series.add("rain", URL, "Rain", fetch)
    text = web("https://example.org/a.txt", CORPUS)
    corpora.add("shells", "https://example.org/a.txt", text)
    before = files(home)
    for content in (None, b"<html>Please log in</html>", b"Month,Rain\n1901-01,x\n", b"caf\xe9"):
        fetch.files = {} if content is None else {URL: content}
        text.files = {} if content is None else {"https://example.org/a.txt": b"\xff" + content}
        with pytest.raises(UsageError):
            series.fetch("rain", fetch)
        with pytest.raises(UsageError):
            corpora.fetch("shells", text)
    assert files(home) == before


def test_what_came_from_a_file_is_not_fetched(
    series: SeriesLibrary, corpora: Library, table: Path, tmp_path: Path
) -> None:
    series.add("rain", table, "2")
    (tmp_path / "a.txt").write_text(CORPUS)
    corpora.add("shells", tmp_path / "a.txt")
    for fetch, name in ((series.fetch, "rain"), (corpora.fetch, "shells"), (series.fetch, "nothing")):
        with pytest.raises(UsageError, match=f"{name} did not come from the web"):
            fetch(name, Web())


def test_what_is_lost_comes_back_by_its_url(series: SeriesLibrary, corpora: Library, home: Home) -> None:
    table, text = web(URL, TABLE), web("https://example.org/a.txt", CORPUS)
    found, corpus = series.find(f"{URL}:2", table), corpora.find("https://example.org/a.txt", text)
    for kept in (home.data / "texts").iterdir():
        kept.unlink()
    # Fetched once: what has become of it is said, and what to do about it.
    with pytest.raises(UsageError, match=f"Fetch it again: rnnlab-tui data fetch {URL}"):
        series.find(URL, table)
    with pytest.raises(UsageError, match="Fetch it again: rnnlab-tui data fetch https://example"):
        corpora.find("https://example.org/a.txt", text)
    series.fetch(URL, table)
    corpora.fetch("https://example.org/a.txt", text)
    assert open_series(found.reference, home).values.tolist() == RAIN
    assert corpora.open(corpus.reference) == corpus


# Texts.


def test_alice_is_fetched_at_her_first_use(corpora: Library, monkeypatch: pytest.MonkeyPatch, alice_text: Path) -> None:
    monkeypatch.delenv("RNNLAB_MIRROR")
    fetch = Web()
    fetch.files[KNOWN["alice"].publishers[1]] = alice_text.read_bytes()
    corpus = corpora.find("alice", fetch)
    assert corpus.is_the_reports
    assert (len(corpus.text), corpus.distinct) == (158_270, 55)
    assert corpora.find("alice", fetch).sha256 == corpora.find("alice").sha256 == corpus.sha256
    assert fetch.asked == list(KNOWN["alice"].publishers)
    (entry,) = corpora.entries()
    assert (entry.name, entry.source, entry.length) == ("alice", KNOWN["alice"].publishers[1], 158_270)


def test_a_text_from_a_url_is_fetched_once_and_outlives_it(corpora: Library) -> None:
    fetch = web("https://example.org/sea%20shells.txt", CORPUS)
    corpus = corpora.find("https://example.org/sea%20shells.txt", fetch)
    assert corpus.reference == DataReference(
        name="sea shells.txt", sha256=corpus.sha256, url="https://example.org/sea%20shells.txt"
    )
    assert corpora.find("https://example.org/sea%20shells.txt", fetch) == corpus
    assert len(fetch.asked) == 1
    assert corpora.open(corpus.reference) == corpus


def test_a_text_from_a_url_can_have_a_name(corpora: Library) -> None:
    fetch = web("https://example.org/a.txt", CORPUS)
    entry = corpora.add("shells", "https://example.org/a.txt", fetch)
    assert (entry.url, entry.characters) == ("https://example.org/a.txt", len(CORPUS.strip()))
    assert corpora.find("shells").text == CORPUS.strip()
    fetch.files["https://example.org/a.txt"] = b"Something else."
    assert corpora.fetch("shells", fetch).sha256 != entry.sha256
    assert corpora.find("shells").text == "something else."


# Names.


@pytest.mark.parametrize("name", ["sunspots", "python-docs", "alice", "", "Rain", "a b", "../a", URL, "@a", "a" * 41])
def test_a_bad_name_of_a_series_is_refused(series: SeriesLibrary, home: Home, table: Path, name: str) -> None:
    with pytest.raises(
        UsageError, match=r"can't be the name of a series\..*, 40 at most; sunspots, python-docs, alice are"
    ):
        series.add(name, table, "2")
    assert not home.root.exists()


def test_a_name_is_of_one_kind(series: SeriesLibrary, corpora: Library, table: Path, tmp_path: Path) -> None:
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


def test_what_is_kept_is_private_and_kept_once(series: SeriesLibrary, home: Home, table: Path) -> None:
    series.add("rain", table, "2")
    series.add("sun", table, "3")
    series.find(f"{table}:3")
    assert len(list((home.data / "texts").iterdir())) == 1
    for path in [home.root, *home.root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_damaged_content_is_refused_and_comes_back(series: SeriesLibrary, home: Home, table: Path) -> None:
    reference = series.add("rain", table, "2").reference
    (kept,) = (home.data / "texts").iterdir()
    for damage in (lambda: kept.write_bytes(b"5\n6\n9\n"), kept.unlink):
        damage()
        with pytest.raises(
            UsageError, match=r"The series rain of this trial is gone from .*Give the same file again\."
        ):
            open_series(reference, home)
        with pytest.raises(UsageError, match="is gone from"):
            series.find("rain")
        series.add("rain", table, "2")
        assert open_series(reference, home).values.tolist() == RAIN


@pytest.mark.parametrize(
    "change",
    [{"sha256": "x"}, {"name": "\x1b[2J"}, {"name": ""}, {"length": -1}, {"kind": "corpus"}, {"added": "once"},
     {"heading": "a\nb"}, {"first": "\u202e"}],
)  # fmt: skip
def test_an_entry_that_this_program_did_not_write_is_left_out(
    series: SeriesLibrary, home: Home, table: Path, change: dict[str, object]
) -> None:
    series.add("rain", table, "2")
    path = home.data / "series" / "rain.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
    assert series.entries() == []
    assert not series.has("rain")


def test_homes_of_the_first_version_are_read(home: Home) -> None:
    digest = hashlib.sha256(CORPUS.encode()).hexdigest()
    for folder in ("texts", "corpora"):
        (home.data / folder).mkdir(parents=True)
    (home.data / "texts" / f"{digest}.txt").write_text(CORPUS)
    (home.data / "corpora" / "shells.json").write_text(
        json.dumps({"name": "shells", "source": "/tmp/a.txt", "added": "2026-03-01T12:00:00Z", "sha256": digest,
                    "characters": 86, "distinct": 20})
    )  # fmt: skip
    (entry,) = Library(home).entries()
    assert (entry.kind, entry.length, str(entry.day), entry.url) == ("corpus", 86, "2026-03-01", None)
    assert Library(home).find("shells").text == CORPUS.strip()


def test_a_home_that_can_t_be_written_is_said(tmp_path: Path, table: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="Can't make the folder"):
        SeriesLibrary(Home(tmp_path / "file")).find(f"{table}:2")


def test_a_disk_that_is_full_is_said(home: Home, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.data.store.write_whole", full)
    with pytest.raises(LabError, match=r"Can't write into .*: No space left on device\. Make room"):
        SeriesLibrary(home).add("rain", table, "2")


def test_days_are_counted_in_universal_time(home: Home) -> None:
    store = Store(home)
    assert store.entries("series") == store.entries("corpus") == []
    assert store.read("0" * 64) is None


# Trials.


def made(home: Home, text: str, fetch: Callable[[str], bytes] | None = None) -> SunspotsTrial:
    trial = prepare_trial(home, FIVE, settings={"time_steps": "3"}, series=text, fetch=fetch)
    assert isinstance(trial, SunspotsTrial)
    return trial


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sunspots", None),
        ("sunspots@1950-06", "sunspots@1950-06"),
        ("rain", "rain:2"),
        ("rain@1904:Sun", "rain@1904:3"),
        ("FILE:Sun", "FILE:3"),
        (f"{URL}:Sun", f"{URL}:3"),
        ("sunspots-silso", "sunspots-silso"),
        ("sunspots-silso@2018-07", "sunspots-silso@2018-07"),
        ("sunspots-silso@2018:3", "sunspots-silso@2018:3"),
    ],
)
def test_the_command_makes_the_trial_again(
    series: SeriesLibrary, home: Home, table: Path, tmp_path: Path, text: str, words: str | None
) -> None:
    series.add("rain", table, "Rain")
    (tmp_path / "silso.csv").write_text(silso())
    series.add("sunspots-silso", tmp_path / "silso.csv")
    trial = made(home, text.replace("FILE", str(table)), web(URL, TABLE))
    command = shlex.split(command_for(trial))
    written = command[command.index("--series") + 1] if "--series" in command else None
    assert written == (words and words.replace("FILE", str(table)))
    again = prepare_trial(home, FIVE, settings={"time_steps": "3"}, series=written)
    assert again == trial
    assert SunspotsTrial.model_validate_json(trial.model_dump_json()) == trial


def test_the_command_has_the_url_of_a_text(home: Home) -> None:
    trial = prepare_trial(home, ONE, corpus="https://example.org/a.txt", fetch=web("https://example.org/a.txt", CORPUS))
    assert isinstance(trial, AliceTrial)
    assert command_for(trial).endswith("--corpus https://example.org/a.txt")
    assert prepare_trial(home, ONE, corpus="https://example.org/a.txt") == trial


def test_another_series_is_a_change_that_tables_show(home: Home, table: Path) -> None:
    assert describe_changes(sunspots_trial(5), FIVE) == ""
    assert describe_changes(alice_trial(1), ONE) == ""
    trial = made(home, f"{table}:2")
    assert describe_changes(trial, FIVE) == "time_steps 10 → 3, series sunspots → weather.csv"
    assert describe_changes(made(home, "sunspots@1950"), FIVE).endswith(", series sunspots → sunspots@1950")
    other = alice_trial(1, data=DataReference(name="python-docs", sha256="0" * 64))
    assert describe_changes(other, ONE) == "corpus alice → python-docs"


@pytest.mark.parametrize(("rows", "longest"), [(60, 11), (6, 1)])
def test_windows_longer_than_the_test_part_are_refused(home: Home, table: Path, rows: int, longest: int) -> None:
    table.write_text("".join(TABLE.splitlines(keepends=True)[: rows + 1]))
    prepare_trial(home, FIVE, settings={"time_steps": longest}, series=f"{table}:2")
    with pytest.raises(UsageError, match=f"time_steps = {longest + 1}: must be 1 to {longest} for a series of {rows} "):
        prepare_trial(home, FIVE, settings={"time_steps": longest + 1}, series=f"{table}:2")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("v\n5\n6\n9\n", "The series has 3 values: too few"),
        ("v\n5\n", "The series is constant"),
        ("v\n5\n5\n5\n5\n5\n5\n5\n", r"The series is constant \(5 throughout\)"),
        ("v\n1e308\n-1e308\n1\n2\n3\n4\n", "too large to be scaled"),
    ],
)
def test_series_that_can_t_be_learnt_from_are_refused(home: Home, table: Path, content: str, words: str) -> None:
    table.write_text(content)
    with pytest.raises(UsageError, match=words):
        prepare_trial(home, FIVE, settings={"time_steps": 1}, series=str(table))


def test_a_series_without_dates_is_counted(series: SeriesLibrary, table: Path) -> None:
    table.write_text("v\n5\n6.5\n9\n1\n2\n3\n")
    found: Series = series.find(str(table))
    assert (found.periods, found.step, found.label(0), found.label(5)) == (None, None, "1", "6")
    with pytest.raises(UsageError, match=r"weather\.csv has no dates to be cut at"):
        found.cut("2018-07")
