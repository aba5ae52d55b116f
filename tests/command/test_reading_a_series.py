"""How a series is read, said and kept: ``data show``, options of ``data add`` and ``run``, the
notes of runs.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from helpers.command import Ask, Laboratory
from helpers.command_line import HEAVY, call
from helpers.data_server import DataServer, serving
from helpers.factory import CORPUS, preset, write_run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.catalog import Fetched
from engine.host.home import Home
from engine.operations.command_line import command_for
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.trials.data_options import SeriesReading, format_option, parse_series_reading
from engine.trials.trial import Trial

LENGTH = 240
SENTINELS = "date,temp\n" + "".join(
    f"{1949 + n // 12}-{n % 12 + 1:02},{-9999 if n >= 235 else n * 37 % 101 / 10}\n"
    for n in range(LENGTH)
)
INSIDE = "date,temp\n" + "".join(
    f"{1949 + n // 12}-{n % 12 + 1:02},{-9999 if n in (3, 70, 71) else n * 37 % 101 / 10}\n"
    for n in range(LENGTH)
)
IRREGULAR = "date,v\n" + "".join(
    f"{date(2000, 1, 1) + timedelta(n * n)},{n * 7 % 5}\n" for n in range(12)
)
MISSING = {"missing": ("-9999",)}
DOUBT = "-9999 occurs 5 times, far outside the others: missing? --missing -9999"


@dataclass(frozen=True)
class WebLaboratory(Laboratory):
    """A laboratory whose web is a local server."""

    server: DataServer

    def environment(self, **variables: str) -> dict[str, str]:
        return {"RNNLAB_MIRROR": self.server.base, **super().environment(**variables)}


@pytest.fixture(scope="module")
def server() -> Iterator[DataServer]:
    with serving() as started:
        yield started


@pytest.fixture
def lab(home: Home, tmp_path: Path, server: DataServer) -> WebLaboratory:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "end.csv").write_text(SENTINELS)
    (folder / "inside.csv").write_text(INSIDE)
    (folder / "irregular.csv").write_text(IRREGULAR)
    (folder / "whole.csv").write_text("".join(f"{n * 37 % 101}\n" for n in range(LENGTH)))
    (folder / "small.txt").write_text(CORPUS)
    return WebLaboratory(home, folder, server)


def refusal(done: object) -> str:
    assert getattr(done, "returncode", 0) == 2, done
    assert getattr(done, "stdout", "") == ""
    line: str = getattr(done, "stderr", "").splitlines()[-1]
    return line.removeprefix("rnnlab-tui: ")


# Showing.


def test_a_series_is_shown_and_nothing_is_kept(lab: WebLaboratory) -> None:
    done = lab.call("data", "show", "end.csv")
    assert (done.returncode, done.stderr) == (0, "")
    head, *plot, when, doubt = done.stdout.splitlines()
    assert (
        head
        == "end.csv   column 2 (temp)   240 months, 1949-01 to 1968-12   least -9999   greatest 10"
    )
    assert len(plot) == 4
    assert plot[-1].endswith("×")
    assert (when[:7], when[-7:], len(when)) == ("1949-01", "1968-12", 80)
    assert doubt == f"end.csv: {DOUBT}"
    assert not lab.home.root.exists()


def test_what_was_left_out_or_filled_is_shown_with_its_count(ask: Ask) -> None:
    shown = ask("data", "show", "end.csv", "--missing", "-9999").stdout.splitlines()
    assert shown[0].startswith(
        "end.csv   column 2 (temp)   235 months, 1949-01 to 1968-07   least 0   greatest 10"
    )
    assert shown[1] == "read with missing -9999"
    assert shown[-1] == "end.csv: the last 5 values are missing and left out."
    filled = ask(
        "data", "show", "inside.csv:temp", "--missing", "-9999", "--gaps", "linear"
    ).stdout.splitlines()
    assert filled[1] == "read with missing -9999, gaps linear"
    assert (
        filled[-1] == "inside.csv: 3 missing values between others are filled in by straight lines."
    )


def test_the_advice_leads_to_a_series_that_can_be_read(ask: Ask) -> None:
    asked = ask("data", "show", "inside.csv").stdout.splitlines()[-1]
    first = shlex.split(asked.partition("missing? ")[2])
    refused = refusal(ask("data", "show", "inside.csv", *first))
    assert refused.startswith(
        "inside.csv, line 5: the value is missing, and 2 more between others."
    )
    second = shlex.split(refused.partition("or take ")[2].partition(":")[0])
    assert "240 months" in ask("data", "show", "inside.csv", *first, *second).stdout


def test_a_series_is_shown_as_json(ask: Ask) -> None:
    shown = json.loads(ask("data", "show", "end.csv", "--json").stdout)
    assert (shown["kind"], shown["length"], shown["first"], shown["last"]) == (
        "series",
        240,
        "1949-01",
        "1968-12",
    )
    assert (shown["least"], shown["greatest"], shown["column"]) == (-9999.0, 10.0, 2)
    assert shown["suspects"] == [{"value": -9999.0, "count": 5}]
    assert shown["notes"] == [f"end.csv: {DOUBT}"]
    shown = json.loads(
        ask("data", "show", "inside.csv", "--json", "--missing=-9999", "--gaps=linear").stdout
    )
    assert (shown["filled"], shown["suspects"]) == (3, [])
    assert (shown["reading"]["missing"], shown["reading"]["gaps"]) == ([-9999.0], "linear")


def test_names_are_shown_as_they_are_kept(lab: WebLaboratory, ask: Ask) -> None:
    assert ask("data", "show", "sunspots").stdout.startswith(
        "sunspots   2,820 months, 1749-01 to 1983-12   least 0   "
    )
    assert "1,824 months, 1749-01 to 1900-12" in ask("data", "show", "sunspots@1900").stdout
    ask("data", "add", "temp", "end.csv", "--missing", "-9999")
    assert "235 months" in ask("data", "show", "temp").stdout
    ask("data", "add", "shells", "small.txt")
    for source in ("shells", "small.txt"):
        assert "86 characters   17 distinct" in ask("data", "show", source).stdout
    assert json.loads(ask("data", "show", "small.txt", "--json").stdout)["kind"] == "corpus"


def test_what_is_on_the_web_is_fetched_once_and_not_kept(lab: WebLaboratory, ask: Ask) -> None:
    url = lab.server.serve("/end.csv", SENTINELS.encode(), "text/csv")
    lab.server.asked.clear()
    assert DOUBT in ask("data", "show", url).stdout
    assert "235 months" in ask("data", "show", f"{url}:temp", "--missing", "-9999").stdout
    assert lab.server.asked == ["/end.csv"] * 2
    assert not lab.home.root.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "There is no series and no file 'nothing'."),
        (["end.csv", "--letters", "all"], "end.csv: --letters is for texts, not for a series."),
        (["small.txt", "--steps", "count"], "small.txt: --steps is for series, not for a text."),
        (["small.txt", "--kind", "series"], "small.txt has no column of numbers"),
        (["alice"], "The text of Alice in Wonderland is not here yet."),
        (
            ["end.csv", "--missing", "x" * 41],
            f"missing = {'x' * 39}…: must be numbers or words that stand for a missing",
        ),
        (
            ["sunspots", "--missing", "0"],
            "sunspots comes with the program: there are no options for reading it.",
        ),
        (["end.csv:3"], "end.csv has no column '3'."),
    ],
)
def test_what_can_t_be_shown_is_refused(ask: Ask, arguments: list[str], words: str) -> None:
    assert refusal(ask("data", "show", *arguments)).startswith(words)


# Adding and fetching.


def test_a_series_is_kept_with_how_it_is_read(lab: WebLaboratory, ask: Ask) -> None:
    assert ask("data", "add", "doubt", "end.csv").stderr == f"doubt: {DOUBT}\n"
    done = ask("data", "add", "temp", "inside.csv", "--missing", "-9999", "--gaps", "linear")
    assert (
        done.stdout
        == "temp: 240 months, 1949-01 to 1968-12, column 2 (temp), missing -9999, gaps linear.\n"
    )
    assert done.stderr == "temp: 3 missing values between others are filled in by straight lines.\n"
    assert ", column 2 (temp), missing -9999, gaps linear, added 20" in ask("data").stdout
    trial = prepare_trial(lab.home, TrialRequest(preset("sunspots/5"), source="temp"))
    assert trial.data.reading == SeriesReading(missing=(-9999.0,), gaps="linear")
    assert command_for(trial).endswith("--series temp:2 --missing=-9999 --gaps=linear")


def test_options_of_another_kind_are_refused(ask: Ask) -> None:
    assert refusal(ask("data", "add", "temp", "end.csv", "--case", "keep")) == (
        "temp: --case is for texts, not for a series."
    )
    assert refusal(ask("data", "add", "shells", "small.txt", "--gaps", "linear")) == (
        "shells: --gaps is for series, not for a text."
    )
    assert (
        refusal(ask("run", "sunspots/5", "--lines", "keep"))
        == "sunspots/5: --lines is for texts, not for a series."
    )
    assert (
        refusal(ask("run", "alice/1", "--missing", "1"))
        == "alice/1: --missing is for series, not for a text."
    )


def test_what_is_fetched_again_is_read_as_before(lab: WebLaboratory, ask: Ask) -> None:
    url = lab.server.serve("/inside.csv", INSIDE.encode(), "text/csv")
    ask("data", "add", "temp", url, "--missing", "-9999", "--gaps", "linear")
    assert "missing -9999, gaps linear" in ask("data", "fetch", "temp").stdout
    assert "missing -9999, gaps linear, fetched 20" in ask("data").stdout


def test_what_was_said_of_a_url_for_one_run_does_not_hold_for_the_next(lab: WebLaboratory) -> None:
    url = lab.server.serve("/end.csv", SENTINELS.encode(), "text/csv")
    once = prepare_trial(
        lab.home,
        TrialRequest(preset("sunspots/5"), source=url, data_options=MISSING),
        fetch=lambda url: Fetched(SENTINELS.encode(), url),
    )
    again = prepare_trial(lab.home, TrialRequest(preset("sunspots/5"), source=url))
    assert (once.data.reading.missing, again.data.reading.missing) == ((-9999.0,), ())
    assert (
        prepare_trial(
            lab.home, TrialRequest(preset("sunspots/5"), source=url, data_options=MISSING)
        )
        == once
    )


# Running.


Trials = list[Trial]


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch) -> Trials:
    """Gather what the command would run."""
    trials: Trials = []

    def run_all(_home: Home, asked: Trials, **_options: object) -> int:
        trials.extend(asked)
        return 0

    monkeypatch.setattr("tui.commands.foreground.run_all", run_all)
    return trials


def test_doubts_are_said_before_a_run_starts_once_for_all_its_trials(
    ask: Ask, accepted: Trials
) -> None:
    done = ask("run", "sunspots/5", "sunspots/6", "--series", "end.csv")
    assert done.stderr == f"end.csv: {DOUBT}\n"
    assert len(accepted) == 2
    done = ask("run", "sunspots/5", "--series", "end.csv", "--missing", "-9999")
    assert done.stderr == "end.csv: the last 5 values are missing and left out.\n"
    assert accepted[-1].data.reading.missing == (-9999.0,)
    assert ask("run", "sunspots/5").stderr == ""


def test_steps_are_counted_whatever_the_dates_say(ask: Ask, accepted: Trials) -> None:
    arguments = ("run", "sunspots/5", "--series", "irregular.csv:v", "--set", "time_steps=1")
    assert "irregular.csv, line " in refusal(ask(*arguments))
    assert ask(*arguments, "--steps", "count").returncode == 0
    (trial,) = accepted
    assert trial.data.reading.steps == "count"
    shown = ask("data", "show", "irregular.csv:v", "--steps", "count").stdout
    assert shown.startswith("irregular.csv   column 2 (v)   12 values   least 0")


READINGS = st.builds(
    SeriesReading,
    # None of them is a value of the series: each reading has all of it.
    missing=st.lists(
        st.floats(1e3, 1e300)
        | st.sampled_from([-9999.0, -99.99, -1.0, 1e20, "n.a.", "no data", "\\N", "-99,9", "'"]),
        max_size=4,
    ),
    gaps=st.sampled_from(["refuse", "linear"]),
    steps=st.sampled_from(["dates", "count"]),
    decimal=st.sampled_from(["auto", ".", ","]),
    thousands=st.sampled_from(["auto", "none", "'", " ", "_"]),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(reading=READINGS)
def test_the_command_of_a_run_asks_for_the_same_trial(
    lab: WebLaboratory, ask: Ask, accepted: Trials, reading: SeriesReading
) -> None:
    trial = prepare_trial(
        lab.home,
        TrialRequest(
            preset("sunspots/5"),
            source=str(lab.folder / "whole.csv"),
            data_options=reading.model_dump(),
        ),
    )
    assert trial.data.reading == reading
    accepted.clear()
    done = ask(*shlex.split(command_for(trial))[1:])
    assert done.returncode == 0, done.stderr
    assert accepted == [trial]


@given(READINGS)
def test_what_is_written_for_an_option_is_read_as_the_same(reading: SeriesReading) -> None:
    written = {name: format_option(value) for name, value in reading.changed().items()}
    assert parse_series_reading(written) == reading


# What was run.


def test_the_tables_of_a_run_have_the_notes_of_its_data(lab: WebLaboratory, home: Home) -> None:
    trial = prepare_trial(
        home, TrialRequest(preset("sunspots/5"), source=str(lab.folder / "end.csv"))
    )
    other = prepare_trial(
        home,
        TrialRequest(
            preset("sunspots/5"),
            source=str(lab.folder / "inside.csv"),
            data_options={**MISSING, "gaps": "linear"},
        ),
    )
    write_run(home, trial, run_id="bcdf-sunspots-5")
    write_run(home, other, run_id="bcgh-sunspots-5")
    filled = "inside.csv: 3 missing values between others are filled in by straight lines."
    for arguments in (["show", "bcdf"], ["export", "bcdf", "bcgh", "--format", "latex"]):
        done = call(home, *arguments, PYTHONPROFILEIMPORTTIME="1")
        assert done.returncode == 0
        assert "occurs 5 times, far outside the others" in done.stdout
        modules = {
            line.rsplit("|", 1)[-1].strip().partition(".")[0] for line in done.stderr.splitlines()
        }
        assert not modules & HEAVY
    exported = call(home, "export", "bcdf", "bcgh").stdout
    assert exported.count("-9999 occurs 5 times") == 1
    assert filled in exported
    assert "inside.csv:2, missing -9999, gaps linear" in exported
    assert f"end.csv: {DOUBT}\n" in call(home, "watch", "bcdf").stderr
