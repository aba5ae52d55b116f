"""The data that a trial is given: how a series is written, and the trial that is made of it."""

import shlex
from pathlib import Path

import pytest
from helpers.factory import CORPUS, alice_trial, preset, sunspots_trial
from helpers.store import TABLE, URL, silso, web

from engine.data.catalog import Fetch
from engine.data.library import SeriesLibrary
from engine.data.source import Address, NoSuchData, series_address
from engine.errors import UsageError
from engine.host.home import Home
from engine.operations.command_line import command_for
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.reports.document import describe_changes
from engine.trials.trial import DataReference, ForecastTrial, TextTrial

FIVE, ONE = preset("sunspots/5"), preset("alice/1")


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
        (
            "https://example.org:8080/x.csv:Sun",
            Address("url", "https://example.org:8080/x.csv", "Sun"),
        ),
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
    "text",
    ["", "nothing", "no/where.csv", "rain.csv:2", ":2", "\x1b[2J", "a" * 300, "~nobody-there/x"],
)
def test_what_is_no_series_is_refused(series: SeriesLibrary, text: str) -> None:
    for find in (series.resolve, series.peek, series.is_here):
        with pytest.raises(NoSuchData, match="There is no series and no file") as caught:
            find(text)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sunspots@", "a series is cut at a month"),
        ("sunspots@July", "a series is cut at a month"),
        ("sunspots@2018-7", "a series is cut at a month"),
        ("sunspots@1950-13", "1950-13 is not a date"),
        ("sunspots@1984-01", "sunspots can't be cut at 1984-01: it goes from 1749-01 to 1983-12."),
        ("sunspots@1748", "can't be cut at 1748"),
        ("sunspots:2", "sunspots has only one column"),
        ("ftp://example.org/x.csv", "only http and https are fetched"),
        ("https://me:secret@example.org/x.csv", "an address with a password"),
        ("https://", "not a URL that can be fetched"),
    ],
)
def test_what_can_t_be_meant_is_refused(
    series: SeriesLibrary, home: Home, text: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        series.resolve(text)
    assert not home.root.exists()


# Trials.


def made(home: Home, text: str, fetch: Fetch | None = None) -> ForecastTrial:
    trial = prepare_trial(
        home, TrialRequest(FIVE, source=text, settings={"time_steps": "3"}), fetch=fetch
    )
    assert isinstance(trial, ForecastTrial)
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
    again = prepare_trial(home, TrialRequest(FIVE, source=written, settings={"time_steps": "3"}))
    assert again == trial
    assert ForecastTrial.model_validate_json(trial.model_dump_json()) == trial


def test_the_command_has_the_url_of_a_text(home: Home) -> None:
    trial = prepare_trial(
        home,
        TrialRequest(ONE, source="https://example.org/a.txt"),
        fetch=web("https://example.org/a.txt", CORPUS),
    )
    assert isinstance(trial, TextTrial)
    assert command_for(trial).endswith("--corpus https://example.org/a.txt --letters=all")
    assert prepare_trial(home, TrialRequest(ONE, source="https://example.org/a.txt")) == trial


def test_another_series_is_a_change_that_tables_show(home: Home, table: Path) -> None:
    assert describe_changes(sunspots_trial(5), FIVE) == ""
    assert describe_changes(alice_trial(1), ONE) == ""
    trial = made(home, f"{table}:2")
    assert describe_changes(trial, FIVE) == "time_steps 10 → 3, series sunspots → weather.csv:2"
    assert describe_changes(made(home, "sunspots@1950"), FIVE).endswith(
        ", series sunspots → sunspots@1950"
    )
    other = alice_trial(1, data=DataReference(name="python-docs", sha256="0" * 64))
    # As an older version read it, which is no longer the usual way.
    assert describe_changes(other, ONE) == "corpus alice → python-docs, letters ascii"


@pytest.mark.parametrize(("rows", "longest"), [(60, 11), (6, 1)])
def test_windows_longer_than_the_test_part_are_refused(
    home: Home, table: Path, rows: int, longest: int
) -> None:
    table.write_text("".join(TABLE.splitlines(keepends=True)[: rows + 1]))
    prepare_trial(home, TrialRequest(FIVE, source=f"{table}:2", settings={"time_steps": longest}))
    with pytest.raises(
        UsageError,
        match=f"time_steps = {longest + 1}: must be 1 to {longest} for a series of {rows} ",
    ):
        prepare_trial(
            home, TrialRequest(FIVE, source=f"{table}:2", settings={"time_steps": longest + 1})
        )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("v\n5\n6\n9\n", "The series has 3 values: too few"),
        ("v\n5\n", "The series is constant"),
        ("v\n5\n5\n5\n5\n5\n5\n5\n", r"The series is constant \(5 throughout\)"),
        ("v\n1e308\n-1e308\n1\n2\n3\n4\n", "too large to be scaled"),
    ],
)
def test_series_that_can_t_be_learnt_from_are_refused(
    home: Home, table: Path, content: str, words: str
) -> None:
    table.write_text(content)
    with pytest.raises(UsageError, match=words):
        prepare_trial(home, TrialRequest(FIVE, source=str(table), settings={"time_steps": 1}))
