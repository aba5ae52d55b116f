"""``rnnlab-tui data`` and the data options of ``run``, as a person at a shell meets them; the web
is a local server.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from helpers.command import Ask, Laboratory
from helpers.command_line import PATIENCE_S
from helpers.data_server import DataServer, serving
from helpers.factory import CORPUS, sunspots_trial

from engine.data.series import built_in, open_series
from engine.data.text_preparation import prepare
from engine.data.texts import python_docs_length, python_docs_sha256
from engine.host.home import Home
from engine.runs.run import Run, all_runs

LENGTH = 120
TABLE = "Month;Rain;Sun\n" + "".join(
    f"{1901 + n // 12}-{n % 12 + 1:02};{7 * n % 11},5;{5 * n % 13}\n" for n in range(LENGTH)
)
SILSO = "".join(
    f"{2010 + n // 12};{n % 12 + 1:02};{2010 + (n + 0.5) / 12:.3f};{n % 37 + 0.5:6.1f};  1.0;  "
    f"30;{int(n < 114)}\n"
    for n in range(120)
)

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class WebLaboratory(Laboratory):
    """A laboratory with a mirror of its own."""

    server: DataServer

    def environment(self, **variables: str) -> dict[str, str]:
        return {"RNNLAB_MIRROR": self.server.base, **super().environment(**variables)}


@pytest.fixture(scope="module")
def server() -> Iterator[DataServer]:
    with serving() as started:
        yield started


def make_folder(path: Path) -> Path:
    (path / "weather.csv").write_text(TABLE)
    (path / "silso.csv").write_text(SILSO)
    (path / "small.txt").write_text(CORPUS)
    return path


@pytest.fixture
def lab(home: Home, tmp_path: Path, server: DataServer) -> WebLaboratory:
    (tmp_path / "work").mkdir()
    return WebLaboratory(home, make_folder(tmp_path / "work"), server)


def refused(done: Done, words: str) -> None:
    """Check that a command ended with status 2 and, as its last words, a line with these words in
    it.
    """
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]
    assert line.startswith("rnnlab-tui: ")
    assert words in line


# Adding and listing.


def test_what_is_here_and_what_could_be(lab: WebLaboratory, ask: Ask) -> None:
    done = ask("data")
    assert done.stderr == ""
    absent = "not here: `rnnlab-tui data add alice FILE`, or `rnnlab-tui data fetch alice`"
    assert done.stdout.splitlines() == [
        f"sunspots          2,820 months      built in, 1749-01 to 1983-12, "
        f"{built_in().sha256[:12]}",
        f"python-docs     {python_docs_length():,} characters  comes with Python, "
        f"{python_docs_sha256()[:12]}",
        f"alice                 –             {absent}",
        "sunspots-silso        –             not fetched yet: `rnnlab-tui data fetch "
        "sunspots-silso`",
    ]
    assert not lab.home.root.exists()


def test_a_series_is_told_by_its_content_and_listed(lab: WebLaboratory, ask: Ask) -> None:
    done = lab.call("data", "add", "rain", "weather.csv", "--column", "Rain")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "rain: 120 months, 1901-01 to 1910-12, column 2 (Rain).\n"
    assert ask("data", "add", "shells", "small.txt").stdout.startswith("shells: 86 characters, ")
    listed = ask("data", "list").stdout.splitlines()
    assert listed[1].startswith(
        f"rain                120 months      {lab.folder / 'weather.csv'}, "
        "1901-01 to 1910-12, column 2 (Rain), added 20"
    )
    assert listed[2].startswith(
        f"shells               86 characters  {lab.folder / 'small.txt'}, added 20"
    )
    assert all(len(line.rsplit(", ", 1)[1]) == 12 for line in listed[1:3])


def test_the_kind_can_be_said(ask: Ask) -> None:
    assert ask("data", "add", "words", "weather.csv", "--kind", "corpus").stdout.startswith(
        "words: 1,"
    )
    refused(
        ask("data", "add", "rain", "small.txt", "--kind", "series"),
        "small.txt has no column of numbers",
    )
    refused(
        ask("data", "add", "rain", "weather.csv"),
        "several columns of numbers: 2 Rain, 3 Sun. Say which",
    )
    refused(
        ask("data", "add", "alice", "small.txt", "--column", "2"), "alice: a corpus has no columns"
    )
    refused(
        ask("data", "add", "rain", "weather.csv", "--kind", "rain"),
        "'rain' is not one of 'corpus', 'series'",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "Rain", "weather.csv", "--column", "2"], "'Rain' can't be the name of a series."),
        (["add", "sunspots", "weather.csv"], "'sunspots' can't be the name of a series."),
        (["add", "sunspots-silso", "small.txt"], "small.txt has no column of numbers."),
        (["add", "rain", "nowhere.csv"], "Can't read nowhere.csv: No such file or directory."),
        (
            ["fetch", "rain"],
            "There is nothing called 'rain' that could be fetched. Known are alice, sunspots-silso",
        ),
        (["fetch", "sunspots"], "sunspots comes with the program: there is nothing to fetch."),
        (
            ["fetch", "https://example.org/x.csv"],
            "There is nothing called 'https://example.org/x.csv' that",
        ),
        (["fetch", "\x1b[2J"], "There is nothing called"),
    ],
)
def test_data_that_can_t_be_added_or_fetched(
    lab: WebLaboratory, ask: Ask, arguments: list[str], words: str
) -> None:
    done = ask("data", *arguments)
    refused(done, words)
    assert "\x1b" not in done.stderr
    assert not lab.home.root.exists()


def test_what_a_series_lacks_is_said(lab: WebLaboratory, ask: Ask) -> None:
    (lab.folder / "gaps.csv").write_text("Month,v\n1901-01,\n1901-02,5\n1901-03,6\n1901-04,9\n")
    done = ask("data", "add", "gaps", "gaps.csv")
    assert done.stdout == "gaps: 3 months, 1901-02 to 1901-04, column 2 (v).\n"
    assert done.stderr == "gaps.csv: the first value is missing and left out.\n"


# Fetching.


def test_a_known_text_is_fetched_on_request_and_again(lab: WebLaboratory, ask: Ask) -> None:
    lab.server.serve("/alice.txt", CORPUS.encode())
    lab.server.asked.clear()
    first = lab.call("data", "fetch", "alice")
    assert (first.returncode, first.stdout) == (0, "alice: 86 characters, 17 distinct.\n")
    assert f"from {lab.server.base}/alice.txt" in first.stderr
    assert "It is not the report's text" in first.stderr
    assert "\r" not in first.stderr
    assert "\x1b" not in first.stderr
    assert "It is the same, byte for byte, as on " in ask("data", "fetch", "alice").stderr
    lab.server.serve("/alice.txt", b"Something else.")
    assert ask("data", "fetch", "alice").stdout == "alice: 15 characters, 12 distinct.\n"
    assert lab.server.asked == ["/alice.txt"] * 3
    assert f"{lab.server.base}/alice.txt, fetched 20" in ask("data").stdout


def test_the_report_s_text_is_recognised(lab: WebLaboratory, ask: Ask, alice_text: Path) -> None:
    lab.server.serve("/alice.txt", alice_text.read_bytes())
    done = ask("data", "fetch", "alice")
    assert done.stdout == "alice: 158,270 characters, 55 distinct.\n"
    assert "report" not in done.stderr


def test_silso_s_series_is_fetched(lab: WebLaboratory, ask: Ask) -> None:
    lab.server.serve("/sunspots-silso.csv", SILSO.encode(), "text/html")
    done = ask("data", "fetch", "sunspots-silso")
    assert done.stdout == "sunspots-silso: 120 months, 2010-01 to 2019-12, column 4 (sunspots).\n"
    assert "sunspots-silso: the last 6 values are provisional." in done.stderr
    assert "sunspots-silso      120 months" in ask("data").stdout


def test_a_url_is_added_under_a_name_and_refreshed(lab: WebLaboratory, ask: Ask) -> None:
    url = lab.server.serve("/weather.csv", TABLE.encode(), "text/csv")
    lab.server.asked.clear()
    assert ask("data", "add", "rain", url, "--column", "Rain").returncode == 0
    assert lab.server.asked == ["/weather.csv"]
    lab.server.serve(
        "/weather.csv", TABLE.replace("1901-01;0,5", "1901-01;9,5").encode(), "text/csv"
    )
    done = ask("data", "fetch", "rain")
    assert done.stdout == "rain: 120 months, 1901-01 to 1910-12, column 2 (Rain).\n"
    assert "It is the same" not in done.stderr
    lab.server.serve("/words.txt", CORPUS.encode())
    lab.server.asked.clear()
    assert ask("data", "add", "shells", f"{lab.server.base}/words.txt").stdout.startswith(
        "shells: 86 characters"
    )
    # Looked at, to tell what it is, and added: fetched once all the same.
    assert lab.server.asked == ["/words.txt"]


def badly(server: DataServer) -> dict[str, str]:
    """Return URLs that can't be fetched, each with what is said of it."""
    server.redirect("/round", "/and/round")
    server.redirect("/and/round", "/round")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
    return {
        server.status("/gone", 404): "there is nothing at this address (404)",
        server.status("/broken", 500): "the server has a problem (500)",
        server.cut_off(
            "/cut", CORPUS.encode()
        ): "the connection closed before everything had arrived",
        server.base + "/round": "it redirects more than 5 times",
        server.serve("/login", b"<!doctype html><p>Log in", "text/html"): "it is a web page",
        server.serve(
            "/paper", b"%PDF-1.4", "application/pdf"
        ): "it is application/pdf, not a text or a table",
        server.endless("/gigabytes", length=2**40): "it is larger than 32 MiB",
        server.endless("/endless"): "it is larger than 32 MiB",
        nobody: "127.0.0.1 refuses the connection",
    }


def test_what_can_t_be_fetched_is_said_in_one_sentence_and_leaves_nothing(
    lab: WebLaboratory, ask: Ask
) -> None:
    for url, words in badly(lab.server).items():
        for arguments in (
            ["data", "add", "rain", url],
            ["run", "alice/1", "--corpus", url],
            ["run", "sunspots/5", "--series", url],
        ):
            done = ask(*arguments)
            refused(done, f"Can't fetch {url}: {words}")
            assert "Give a file" in done.stderr or "file" in done.stderr
    assert not lab.home.root.exists()


def test_offline_alice_is_refused_with_the_ways_out(lab: WebLaboratory) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = lab.call("run", "alice/1", RNNLAB_MIRROR=nobody)
    refused(done, "The text of Alice in Wonderland is not here yet. Can't fetch")
    assert len(done.stderr.splitlines()) == 1
    assert "--corpus FILE, or try --corpus python-docs." in done.stderr
    assert not lab.home.root.exists()


def test_ctrl_c_while_something_is_fetched_leaves_nothing(lab: WebLaboratory) -> None:
    begun = lab.server.over
    url = lab.server.silent("/silent", b"The beginning")
    with lab.start("run", "alice/1", "--corpus", url) as process:
        assert process.stderr is not None
        assert "Fetching from 127.0.0.1: 0 of 977 KiB" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert not begun.is_set()
    assert not lab.home.root.exists()


# Runs.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--series", "nothing"], "There is no series and no file 'nothing'."),
        (["--series", ""], "There is no series and no file ''."),
        (["--series", "weather.csv"], "weather.csv has several columns of numbers: 2 Rain, 3 Sun."),
        (
            ["--series", "weather.csv:4"],
            "weather.csv has no column '4'. Its columns are 1 Month, 2 Rain, 3 Sun.",
        ),
        (
            ["--series", "weather.csv:2", "--set", "time_steps=24"],
            "time_steps = 24: must be 1 to 23 for a series of 120",
        ),
        (["--series", "sunspots@1999-01"], "it goes from 1749-01 to 1983-12."),
        (["--series", "small.txt"], "small.txt has no column of numbers."),
        (["--series", "/dev/null"], "There is no series and no file '/dev/null'."),
        (["--series", "ftp://example.org/x.csv"], "only http and https are fetched."),
        (
            ["--series", "https://me:secret@example.org/x"],
            "an address with a password would be shown",
        ),
    ],
)
def test_a_series_that_can_t_be_used_is_refused(
    lab: WebLaboratory, ask: Ask, arguments: list[str], words: str
) -> None:
    refused(ask("run", "sunspots/5", *arguments), words)
    assert not lab.home.runs.exists()


def test_a_refused_series_brings_no_tensorflow(lab: WebLaboratory) -> None:
    code = (
        "import sys\nfrom tui.commands import cli\nassert cli.main() == 2\n"
        "print(*sys.modules.keys() & {'tensorflow', 'keras'})"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "run", "sunspots/5", "--series", "weather.csv:2",
        "--set", "time_steps=24"],
        cwd=lab.folder, env=os.environ | lab.environment(), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == "\n"
    assert "time_steps = 24" in done.stderr


def test_each_option_is_for_its_own_kind(ask: Ask) -> None:
    refused(
        ask("run", "alice/1", "--series", "sunspots"),
        "alice/1 learns a text: it takes no --series.",
    )
    refused(ask("run", "sunspots/5", "--corpus", "small.txt"), "it takes no --corpus.")


@dataclass(frozen=True)
class Trained:
    """Runs on data of every kind, as the command printed them, and what it said."""

    home: Home
    runs: dict[str, dict[str, Any]]
    said: dict[str, str]


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, server: DataServer, shared_data: Path
) -> Trained:
    lab = WebLaboratory(
        Home(tmp_path_factory.mktemp("trained") / "home"),
        make_folder(tmp_path_factory.mktemp("work")),
        server,
    )
    server.serve("/sunspots-silso.csv", SILSO.encode())
    forecast = ("run", "sunspots/5", "--set", "epochs=2", "--json")
    text = ("--set", "iterations=1", "--set", "seqlen=5", "--set", "predictions=20", "--json")
    url = server.serve("/sea%20shells.txt", CORPUS.encode())
    commands = {
        "tutorial": (*forecast, "--series", str(shared_data / "monthly-sunspots-1749-1983.csv")),
        "built in": forecast,
        "file": (*forecast, "--series", "weather.csv:Rain"),
        "silso": (*forecast, "--series", "sunspots-silso@2018-07"),
        "text": ("run", "alice/1", *text, "--corpus", url),
    }
    # Two at a time: there may be two processors.
    ended: dict[str, Done] = {}
    waiting = list(commands.items())
    while waiting:
        started = {name: lab.start(*arguments) for name, arguments in waiting[:2]}
        for name, process in started.items():
            out, err = process.communicate(timeout=PATIENCE_S)
            ended[name] = subprocess.CompletedProcess(commands[name], process.returncode, out, err)
        waiting = waiting[2:]
    assert {name: done.returncode for name, done in ended.items()} == dict.fromkeys(commands, 0), (
        ended
    )
    return Trained(
        lab.home,
        {name: json.loads(done.stdout) for name, done in ended.items()},
        {name: done.stderr for name, done in ended.items()},
    )


def test_the_tutorial_s_file_gives_the_built_in_series_figures_bit_for_bit(
    trained: Trained,
) -> None:
    own, other = trained.runs["built in"], trained.runs["tutorial"]
    assert other["metrics"] == own["metrics"]
    assert (
        other["provenance"]["data"]["prepared_sha256"]
        == own["provenance"]["data"]["prepared_sha256"]
    )
    for name in ("predictions.npz", "weights.npz"):
        assert (
            Path(other["directory"], name).read_bytes() == Path(own["directory"], name).read_bytes()
        )
    assert "warning" not in trained.said["built in"] + trained.said["tutorial"]


def test_a_file_s_column_is_trained_on(trained: Trained) -> None:
    run = trained.runs["file"]
    assert (run["provenance"]["data"]["name"], run["provenance"]["data"]["length"]) == (
        "weather.csv",
        LENGTH,
    )
    assert run["provenance"]["command"].endswith("weather.csv:2")
    assert (run["metrics"]["train_points"], run["metrics"]["test_points"]) == (9, 2)
    assert "weather.csv is not the series of the report" in trained.said["file"]
    series = open_series(Run(Path(run["directory"])).submission.trial.data, trained.home)
    assert (series.label(0), series.unit) == ("1901-01", "Rain")


def test_silso_s_series_is_fetched_at_its_first_use_and_cut(
    trained: Trained, server: DataServer
) -> None:
    run = trained.runs["silso"]
    assert (run["provenance"]["data"]["name"], run["provenance"]["data"]["length"]) == (
        "sunspots-silso",
        103,
    )
    assert run["provenance"]["command"].endswith("--series sunspots-silso@2018-07")
    assert f"Fetched 4 KiB from {server.base}/sunspots-silso.csv" in trained.said["silso"]
    # Of the part that is left nothing is provisional.
    assert "provisional" not in trained.said["silso"]


def test_a_text_from_the_web_is_learnt_and_named(trained: Trained, server: DataServer) -> None:
    run = trained.runs["text"]
    assert (run["provenance"]["data"]["name"], run["provenance"]["data"]["length"]) == (
        "sea shells.txt",
        86,
    )
    assert run["provenance"]["command"].endswith(
        f"--corpus {server.base}/sea%20shells.txt --letters=all"
    )
    assert run["metrics"]["iterations"][0]["seed_text"] in prepare(CORPUS)
    assert "sea shells.txt is not the text of the report" in trained.said["text"]


def test_what_was_fetched_is_not_fetched_again(
    trained: Trained, server: DataServer, lab: WebLaboratory
) -> None:
    before = server.asked.count("/sea%20shells.txt"), server.asked.count("/sunspots-silso.csv")
    # Refused, once the data has been looked at.
    for arguments in (
        ("alice/1", "--set", "seqlen=90", "--corpus", f"{server.base}/sea%20shells.txt"),
        ("sunspots/5", "--set", "time_steps=50", "--series", "sunspots-silso"),
    ):
        done = lab.call("run", *arguments, RNNLAB_HOME=str(trained.home.root))
        assert "must be 1 to" in done.stderr
    assert (
        server.asked.count("/sea%20shells.txt"),
        server.asked.count("/sunspots-silso.csv"),
    ) == before
    assert before[0] == 1


def test_other_data_is_told_in_lists_and_tables(trained: Trained, lab: WebLaboratory) -> None:
    listed = lab.call("runs", RNNLAB_HOME=str(trained.home.root)).stdout
    assert "series sunspots → sunspots-silso@2018-07" in listed
    assert "corpus alice → sea shells.txt" in listed
    exported = lab.call(
        "export", trained.runs["file"]["id"], RNNLAB_HOME=str(trained.home.root)
    ).stdout
    assert "## Rain (weather.csv:2), forecasts" in exported
    assert "| sunspots/5 (epochs 35 → 2) |" in exported
    assert "ublished" not in exported
    assert len(all_runs(trained.home)) == len(trained.runs)
    assert (
        sunspots_trial(5).data
        == Run(Path(trained.runs["built in"]["directory"])).submission.trial.data
    )
