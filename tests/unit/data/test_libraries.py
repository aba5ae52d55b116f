"""Series and texts by name, by file and by URL: kept by content, fetched once, and fetched again on
request.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.factory import CORPUS
from helpers.store import LENGTH, RAIN, SUN, TABLE, URL, Web, silso, web

from engine.data.catalog import CATALOG, MissingData
from engine.data.library import Library, SeriesLibrary, TextLibrary
from engine.data.series import Series, built_in, open_series
from engine.errors import UsageError
from engine.host.home import Home
from engine.trials.data_options import USUAL_PREPARATION
from engine.trials.trial import DataReference


def files(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}


# Series by name, by file, by URL.


def test_the_built_in_series_is_neither_kept_nor_fetched(series: SeriesLibrary, home: Home) -> None:
    web = Web()
    assert series.resolve("sunspots", web) is built_in()
    cut = series.resolve("sunspots@1950-06", web)
    assert (cut.label(-1), cut.reference.until) == ("1950-06", "1950-06")
    assert np.array_equal(cut.values, built_in().values[: len(cut.values)])
    assert series.resolve("sunspots@1950").label(-1) == "1950-12"
    assert not home.root.exists()
    assert web.asked == []


def test_a_file_outlives_itself(series: SeriesLibrary, home: Home, table: Path) -> None:
    found = series.resolve(f"{table}:Sun")
    assert found.values.tolist() == SUN
    digest = hashlib.sha256(TABLE.encode()).hexdigest()
    assert found.reference == DataReference(
        name="weather.csv", sha256=digest, file=str(table), column=3
    )
    table.unlink()
    again = open_series(found.reference, home)
    assert again.values.tolist() == SUN
    assert [again.label(0), again.label(-1), again.step, again.unit] == [
        "1901-01",
        "1905-12",
        "M",
        "Sun",
    ]
    assert not again.values.flags.writeable
    assert again.reference == found.reference


def test_looking_keeps_nothing(series: SeriesLibrary, home: Home, table: Path) -> None:
    assert series.peek(f"{table}:2").values.tolist() == RAIN
    assert not home.root.exists()


def test_the_tutorial_s_file_is_the_built_in_series(
    series: SeriesLibrary, shared_data: Path
) -> None:
    found = series.resolve(str(shared_data / "monthly-sunspots-1749-1983.csv"))
    assert found.is_built_in
    assert found.values.tobytes() == built_in().values.tobytes()
    assert not found.cut("1950").is_built_in


def test_a_name_is_kept_with_source_day_digest_and_length(
    series: SeriesLibrary, home: Home, table: Path
) -> None:
    added = series.add("rain", table, "Rain")
    (entry,) = series.entries()
    assert (entry.name, entry.kind, entry.source, entry.sha256) == (
        "rain",
        "series",
        str(table),
        added.sha256,
    )
    assert (entry.length, entry.column, entry.heading) == (LENGTH, 2, "Rain")
    assert (entry.first, entry.last, entry.step, entry.url) == ("1901-01", "1905-12", "M", None)
    table.unlink()
    found = series.resolve("rain")
    assert found.values.tolist() == RAIN
    assert found.reference == DataReference(name="rain", sha256=added.sha256, column=2)
    assert series.resolve("rain:3").values.tolist() == SUN
    assert series.resolve("rain@1904-06").label(-1) == "1904-06"
    assert (
        open_series(series.resolve("rain@1904-06:Sun").reference, home).values.tolist() == SUN[:42]
    )
    assert series.names() == ["sunspots", "rain", "sunspots-silso"]


def test_adding_again_replaces_and_a_run_still_finds_its_own(
    series: SeriesLibrary, home: Home, table: Path
) -> None:
    before = series.add("rain", table, "Rain").reference
    table.write_text(TABLE.replace("1901-01,0.5", "1901-01,9.5"))
    series.add("rain", table, "Rain")
    assert series.resolve("rain").values[0] == 9.5
    assert open_series(before, home).values[0] == 0.5
    assert len(series.entries()) == 1


def test_a_url_is_fetched_once(series: SeriesLibrary, home: Home) -> None:
    fetch = web(URL, TABLE)
    first = series.resolve(f"{URL}:Rain", fetch)
    assert first.reference == DataReference(
        name="weather.csv", sha256=first.sha256, url=URL, column=2
    )
    assert series.resolve(f"{URL}:Rain", fetch).reference == first.reference
    assert series.resolve(URL, fetch).column == 2
    assert series.resolve(f"{URL}:Sun").values.tolist() == SUN
    assert open_series(first.reference, home).values.tolist() == RAIN
    assert fetch.asked == [URL]
    (entry,) = series.entries()
    assert (entry.name, entry.url, entry.source) == (URL, URL, URL)
    assert URL not in series.names()


def test_without_leave_nothing_is_fetched(
    series: SeriesLibrary, corpora: TextLibrary, home: Home
) -> None:
    for library, name in ((series, "sunspots-silso"), (corpora, "alice")):
        for find in (library.resolve, library.peek):
            with pytest.raises(UsageError, match=f"{URL} has not been fetched yet"):
                find(URL)
            with pytest.raises(MissingData) as caught:
                find(name)
            assert caught.value.dataset == CATALOG[name]
            assert str(caught.value) == f"{CATALOG[name].absent} {CATALOG[name].remedy}"
        assert not library.is_here(name)
        assert not library.is_here(URL)
    assert series.address("sunspots-silso@2018-07").kind == "name"
    assert not home.root.exists()


@pytest.mark.parametrize(
    "content", ["<p>Not found", "Month,Rain\n1901-01,x\n", "", "5,6\n7,9\n8,1\n", "v\n5\n5\n5\n"]
)
def test_of_what_can_t_be_read_nothing_is_kept(
    series: SeriesLibrary, home: Home, content: str
) -> None:
    with pytest.raises(UsageError):
        series.resolve(URL, web(URL, content))
    with pytest.raises(UsageError):
        series.add("rain", URL, None, web(URL, content))
    assert not home.root.exists()


def test_silso_is_fetched_at_its_first_use_and_cut(
    series: SeriesLibrary, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RNNLAB_MIRROR")
    source = "https://www.sidc.be/SILSO/INFO/snmtotcsv.php"
    fetch = web(source, silso())
    found = series.resolve("sunspots-silso@2018-07", fetch)
    assert (len(found.values), found.label(0), found.label(-1)) == (31, "2016-01", "2018-07")
    assert found.reference == DataReference(
        name="sunspots-silso", sha256=found.sha256, column=4, until="2018-07"
    )
    assert len(series.resolve("sunspots-silso", fetch).values) == 40
    assert open_series(found.reference, home).values.tolist() == found.values.tolist()
    assert (series.entries()[0].source, series.entries()[0].length) == (source, 40)
    assert fetch.asked == [source]
    assert series.is_here("sunspots-silso")
    with pytest.raises(
        UsageError, match="sunspots-silso can't be cut at 2019-05: it goes from 2016-01 to 2019-04"
    ):
        series.resolve("sunspots-silso@2019-05")


def test_the_report_s_series_out_of_silso_s(
    series: SeriesLibrary, tmp_path: Path, shared_data: Path
) -> None:
    wanted = series.resolve(str(shared_data / "monthly-sunspots-1749-2018.csv"))
    lines = [
        f"{year};{month:02};{year + (month - 0.5) / 12:.3f};{value:6.1f}; -1.0;   -1;1"
        for (year, month), value in zip(
            ((period.year, period.month) for period in wanted.required_periods),
            wanted.values.tolist(),
            strict=True,
        )
    ]
    lines += [
        f"2018;{month:02};{2018 + (month - 0.5) / 12:.3f};   8.5;  1.0; 1000;0"
        for month in range(8, 13)
    ]
    (tmp_path / "SN_m_tot_V2.0.csv").write_text("\n".join(lines) + "\n")
    series.add("sunspots-silso", tmp_path / "SN_m_tot_V2.0.csv")
    assert series.resolve("sunspots-silso").notes == (
        "sunspots-silso: the last 5 values are provisional.",
    )
    found = series.resolve("sunspots-silso@2018-07")
    assert found.values.tobytes() == wanted.values.tobytes()
    assert found.required_periods.equals(wanted.required_periods)
    assert found.notes == ()
    assert found.unit == "sunspots"


def test_a_series_without_dates_is_counted(series: SeriesLibrary, table: Path) -> None:
    table.write_text("v\n5\n6.5\n9\n1\n2\n3\n")
    found: Series = series.resolve(str(table))
    assert (found.periods, found.step, found.label(0), found.label(5)) == (None, None, "1", "6")
    with pytest.raises(UsageError, match=r"weather\.csv has no dates at which to cut it"):
        found.cut("2018-07")


# Refreshing.


@pytest.mark.parametrize("name", ["alice", "sunspots-silso"])
def test_what_is_known_and_here_is_not_missing_where_it_can_t_be_fetched_again(
    series: SeriesLibrary, corpora: TextLibrary, tmp_path: Path, table: Path, name: str
) -> None:
    (tmp_path / "a.txt").write_text(CORPUS)
    ours: Library[Any] = corpora if name == "alice" else series
    nowhere = web(URL, TABLE)
    nowhere.files = {}
    with pytest.raises(MissingData, match="not here yet"):
        ours.fetch(name, nowhere)
    corpora.add("alice", tmp_path / "a.txt")
    series.add("sunspots-silso", table, "Rain")
    with pytest.raises(UsageError, match=r"^Can't fetch .* What is here stays as it is\.$"):
        ours.fetch(name, nowhere)


@pytest.mark.parametrize("name", [URL, "rain"])
def test_what_came_from_the_web_is_fetched_again_on_request(
    series: SeriesLibrary, name: str
) -> None:
    fetch = web(URL, TABLE)
    if name == URL:
        series.resolve(f"{URL}:Sun", fetch)
    else:
        series.add(name, URL, "Sun", fetch)
    fetch.files[URL] = TABLE.replace("1901-01,0.5,0", "1901-01,0.5,12").encode()
    assert series.fetch(name, fetch).values[0] == 12.0
    assert series.resolve(name, fetch).values[0] == 12.0
    assert fetch.asked == [URL, URL]
    assert len(series.entries()) == 1


def test_a_fetch_that_fails_leaves_what_was_here(
    series: SeriesLibrary, corpora: TextLibrary, home: Home
) -> None:
    fetch = web(URL, TABLE)
    series.add("rain", URL, "Rain", fetch)
    text = web("https://example.org/a.txt", CORPUS)
    corpora.add("shells", "https://example.org/a.txt", fetch=text)
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
    series: SeriesLibrary, corpora: TextLibrary, table: Path, tmp_path: Path
) -> None:
    series.add("rain", table, "2")
    (tmp_path / "a.txt").write_text(CORPUS)
    corpora.add("shells", tmp_path / "a.txt")
    for fetch, name in (
        (series.fetch, "rain"),
        (corpora.fetch, "shells"),
        (series.fetch, "nothing"),
    ):
        with pytest.raises(UsageError, match=f"{name} did not come from the web"):
            fetch(name, Web())


def test_what_is_lost_comes_back_by_its_url(
    series: SeriesLibrary, corpora: TextLibrary, home: Home
) -> None:
    table, text = web(URL, TABLE), web("https://example.org/a.txt", CORPUS)
    found, corpus = (
        series.resolve(f"{URL}:2", table),
        corpora.resolve("https://example.org/a.txt", text),
    )
    for kept in (home.data / "texts").iterdir():
        kept.unlink()
    # Fetched once: what has become of it is said, and what to do about it.
    with pytest.raises(UsageError, match=f"Fetch it again: `rnnlab-tui data fetch {URL}"):
        series.resolve(URL, table)
    with pytest.raises(UsageError, match="Fetch it again: `rnnlab-tui data fetch https://example"):
        corpora.resolve("https://example.org/a.txt", text)
    series.fetch(URL, table)
    corpora.fetch("https://example.org/a.txt", text)
    assert open_series(found.reference, home).values.tolist() == RAIN
    assert corpora.open(corpus.reference) == corpus


# Texts.


def test_alice_is_fetched_at_her_first_use(
    corpora: TextLibrary, monkeypatch: pytest.MonkeyPatch, alice_text: Path
) -> None:
    monkeypatch.delenv("RNNLAB_MIRROR")
    fetch = Web()
    fetch.files[CATALOG["alice"].publishers[1]] = alice_text.read_bytes()
    corpus = corpora.resolve("alice", fetch)
    assert corpus.is_report_text
    assert (len(corpus.text), corpus.distinct) == (158_270, 55)
    assert (
        corpora.resolve("alice", fetch).sha256 == corpora.resolve("alice").sha256 == corpus.sha256
    )
    assert fetch.asked == list(CATALOG["alice"].publishers)
    (entry,) = corpora.entries()
    assert (entry.name, entry.source, entry.length) == (
        "alice",
        CATALOG["alice"].publishers[1],
        158_270,
    )


def test_a_text_from_a_url_is_fetched_once_and_outlives_it(corpora: TextLibrary) -> None:
    fetch = web("https://example.org/sea%20shells.txt", CORPUS)
    corpus = corpora.resolve("https://example.org/sea%20shells.txt", fetch)
    assert corpus.reference == DataReference(
        name="sea shells.txt",
        sha256=corpus.sha256,
        url="https://example.org/sea%20shells.txt",
        preparation=USUAL_PREPARATION,
    )
    assert corpora.resolve("https://example.org/sea%20shells.txt", fetch) == corpus
    assert len(fetch.asked) == 1
    assert corpora.open(corpus.reference) == corpus


def test_a_text_from_a_url_can_have_a_name(corpora: TextLibrary) -> None:
    fetch = web("https://example.org/a.txt", CORPUS)
    corpora.add("shells", "https://example.org/a.txt", fetch=fetch)
    (entry,) = corpora.entries()
    assert (entry.url, entry.length) == ("https://example.org/a.txt", len(CORPUS.strip()))
    assert corpora.resolve("shells").text == CORPUS.strip()
    fetch.files["https://example.org/a.txt"] = b"Something else."
    assert corpora.fetch("shells", fetch).sha256 != entry.sha256
    assert corpora.resolve("shells").text == "something else."
