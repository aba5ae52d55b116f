"""How a text is prepared, told to the installed command: adding, running, and the commands that
make a run again.
"""

import itertools
import json
import shlex
import subprocess
from pathlib import Path

import pytest
from helpers.command import Ask, Laboratory

from engine.data.catalog import Fetched
from engine.data.library import TextLibrary
from engine.data.texts import REPORT_DIGEST
from engine.host.home import Home
from engine.operations.command_line import command_for
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.runs.run import all_runs
from engine.trials.trial import TextTrial
from presets import get

SPANISH = "El año pasado, la cigüeña volvió.\n¿Quién compró los jóvenes álamos?\n" * 10
NAMES = "Anselm\nBertrand\nCordelia\nDesmond\nEleanor\n" * 20
LICENSED = (
    "The Project Gutenberg eBook of A Tale\n\n*** START OF THE PROJECT GUTENBERG EBOOK A TALE "
    "***\n\n"
    + "The river didn't answer.\n" * 10
    + "\n*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***\n\nSection 1. General Terms of Use.\n"
)
SMALL = (
    "--set",
    "iterations=2",
    "--set",
    "predictions=40",
    "--set",
    "hidden_units=16",
    "--set",
    "seqlen=5",
)


@pytest.fixture
def lab(home: Home, tmp_path: Path) -> Laboratory:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in (("spanish", SPANISH), ("names", NAMES), ("licensed", LICENSED)):
        (folder / f"{name}.txt").write_text(text, "utf-8")
    (folder / "utf16.txt").write_bytes(b"\xff\xfe" + SPANISH.encode("utf-16-le"))
    return Laboratory(home, folder)


def refusal(done: "subprocess.CompletedProcess[str]") -> str:
    """Return what the command refused, as its last line on stderr."""
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.splitlines()[-1].removeprefix("rnnlab-tui: ")


def test_a_text_is_added_with_all_its_letters(lab: Laboratory, ask: Ask) -> None:
    done = ask("data", "add", "spanish", "spanish.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == f"spanish: {len(SPANISH) - 1} characters, {len(set(SPANISH.lower())) - 1} distinct.\n"
    )
    assert (
        TextLibrary(lab.home).resolve("spanish").text
        == " ".join(SPANISH.lower().split("\n")).strip()
    )
    # The same text in another encoding, with its mark.
    ask("data", "add", "utf16", "utf16.txt")
    assert (
        TextLibrary(lab.home).resolve("utf16").text == TextLibrary(lab.home).resolve("spanish").text
    )


def test_what_is_left_out_is_said_and_listed(lab: Laboratory, ask: Ask) -> None:
    done = ask("data", "add", "spanish", "spanish.txt", "--letters", "ascii", "--case", "keep")
    n = sum(not char.isascii() for char in SPANISH)
    assert done.stdout.startswith(f"spanish: {len(SPANISH) - 1 - n} characters, ")
    assert done.stderr == (
        f"{n} characters of 6 kinds left out: ó (30), ñ (20), ü (10), ¿ (10), é (10), á (10). "
        "--letters all keeps them.\n"
    )
    assert "spanish.txt, letters ascii, case keep, added 20" in ask("data", "list").stdout


def test_a_licence_is_found_and_left_out_on_request(ask: Ask) -> None:
    done = ask("data", "add", "tale", "licensed.txt")
    whole = int(done.stdout.split()[1])
    n = int(done.stderr.split()[0])
    assert done.stderr == (
        f"{n} characters ({100 * n / whole:.0f} %) are the library's licence: --licence drop "
        f"leaves it out.\n"
    )
    done = ask("data", "add", "tale", "licensed.txt", "--licence", "drop")
    assert done.stdout.startswith(f"tale: {whole - n} characters, ")
    assert done.stderr == f"The library's licence is left out, {n} characters.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["data", "add", "x", "names.txt", "--missing", "-1"], "--missing"),
        (
            ["data", "add", "x", "names.txt", "--letters", "latin"],
            "'latin' is not one of 'ascii', 'all'",
        ),
        (["data", "add", "alice", "names.txt", "--lines", "keep"], "alice is the report's text"),
        (["run", "alice/1", "--corpus", "names.txt", "--steps", "count"], "--steps"),
        (["run", "sunspots/5", "--letters", "all"], "--letters"),
        (
            ["run", "alice/1", "--corpus", "archive.txt"],
            "archive.txt is a gzip archive, not a text. Unpack it",
        ),
    ],
)
def test_options_and_files_that_do_not_fit_are_refused(
    lab: Laboratory, ask: Ask, arguments: list[str], said: str
) -> None:
    (lab.folder / "archive.txt").write_bytes(b"\x1f\x8b\x08\x00 anything")
    assert said in refusal(ask(*arguments))
    assert not lab.home.root.exists()


def test_names_are_learnt_and_written_line_by_line(lab: Laboratory) -> None:
    done = lab.call("run", "alice/1", *SMALL, "--corpus", "names.txt", "--lines", "keep", "--json")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    written = run["metrics"]["iterations"][-1]
    assert len(written["generated"]) == 40
    assert set(written["seed_text"] + written["generated"]) <= set(NAMES.lower())
    assert run["provenance"]["data"]["left_out"] == {
        "characters": 0,
        "kinds": 0,
        "commonest": [],
        "licence": 0,
    }
    assert "⏎" in done.stderr
    # Followed, the command makes the same run.
    words = shlex.split(run["provenance"]["command"])
    again = json.loads(lab.call(*words[1:], "--json").stdout)
    assert again["metrics"] == run["metrics"]
    assert again["provenance"]["data"] == run["provenance"]["data"]
    table = lab.call("export", run["id"]).stdout
    assert "Text names.txt: letters all, case lower, lines keep, licence keep; " in table
    assert "0 left out; ⏎ stands for a line end." in table


def test_a_run_says_what_is_left_out_of_its_text(lab: Laboratory) -> None:
    arguments = ("alice/1", *SMALL, "--corpus", "spanish.txt", "--letters", "ascii")
    n = sum(not char.isascii() for char in SPANISH)
    said = f"spanish.txt: {n} characters of 6 kinds left out: ó (30), "
    done = lab.call("run", *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(said) == 1
    assert f"{n} characters of 6 kinds left out: ó (30), " in done.stdout
    queued = lab.call("run", *arguments, "--seeds", "3", "--detach")
    assert queued.stderr.count(said) == 1
    for run in all_runs(lab.home):
        run.request_cancel()


OPTIONS = {
    "letters": ("ascii", "all"),
    "case": ("lower", "keep"),
    "lines": ("join", "keep"),
    "licence": ("drop",),
}
GIVEN = [
    dict(zip(names, values, strict=True))
    for count in (0, 1, 2, 4)
    for names in itertools.combinations(OPTIONS, count)
    for values in itertools.product(*(OPTIONS[name] for name in names))
]


def test_the_command_of_a_trial_makes_the_same_trial(
    lab: Laboratory, home: Home, alice_text: Path
) -> None:
    """Whatever the text was given as, however it was added, and whatever was said of it in the
    run.
    """
    library = TextLibrary(home)
    library.add("alice", lab.folder / "spanish.txt")
    library.add("plain", lab.folder / "spanish.txt")
    library.add("lines", lab.folder / "spanish.txt", options={"lines": "keep", "letters": "ascii"})
    preset = get("alice/1")
    assert preset is not None
    url = "https://example.org/spanish.txt"
    library.resolve(url, lambda url: Fetched(SPANISH.encode(), url))
    given = ("alice", "plain", "lines", "python-docs", str(lab.folder / "spanish.txt"), url)
    for corpus, options in [
        *itertools.product(given, GIVEN),
        (str(alice_text), {}),
        (str(alice_text), GIVEN[2]),
    ]:
        trial = prepare_trial(home, TrialRequest(preset, source=corpus, data_options=options))
        assert isinstance(trial, TextTrial)
        words = shlex.split(command_for(trial))
        place = words.index("--corpus")
        told = dict(word.removeprefix("--").split("=") for word in words[place + 2 :])
        again = prepare_trial(
            home, TrialRequest(preset, source=words[place + 1], data_options=told)
        )
        assert again == trial, (corpus, options)
        assert TextTrial.model_validate_json(trial.model_dump_json()) == trial


def test_the_report_s_trial_is_told_as_ever(home: Home, alice_text: Path) -> None:
    TextLibrary(home).add("alice", alice_text)
    preset = get("alice/1")
    assert preset is not None
    trial = prepare_trial(home, TrialRequest(preset))
    assert command_for(trial) == "rnnlab-tui run alice/1 --seed 1 --corpus alice"
    assert "preparation" not in trial.model_dump_json()
    assert isinstance(trial, TextTrial)
    assert TextLibrary(home).open(trial.data).prepared_sha256 == REPORT_DIGEST
