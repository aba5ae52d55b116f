"""Where the command keeps its files: as it is told, or the XDG data directory; and words that are
not UTF-8.
"""

import json
import os
from pathlib import Path

import pytest
from helpers.command_line import call, refused
from helpers.factory import CORPUS, sunspots_trial, write_run

from engine.host.home import Home

# A name that a file may have and no text: its last byte begins what never comes.
NO_TEXT = "caf\udce9"


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a person who has not said where runs are to be kept."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ({}, ".local/share/rnnlab"),
        ({"XDG_DATA_HOME": ""}, ".local/share/rnnlab"),
        # The specification has a relative one ignored.
        ({"XDG_DATA_HOME": "share"}, ".local/share/rnnlab"),
        ({"XDG_DATA_HOME": "PERSON/xdg"}, "xdg/rnnlab"),
        ({"XDG_DATA_HOME": f"PERSON/{NO_TEXT}"}, f"{NO_TEXT}/rnnlab"),
        ({"RNNLAB_HOME": "PERSON/lab", "XDG_DATA_HOME": "PERSON/xdg"}, "lab"),
        # One's own choice may be relative.
        ({"RNNLAB_HOME": "lab"}, "lab"),
        ({"RNNLAB_HOME": "~/lab"}, "lab"),
    ],
)
def test_what_the_environment_says(person: Path, variables: dict[str, str], where: str) -> None:
    run = write_run(Home(person / where), sunspots_trial(5, epochs=1))
    said = {name: value.replace("PERSON", str(person)) for name, value in variables.items()}
    done = call(Home(Path()), "show", run.id, "--json", **{"RNNLAB_HOME": "", **said})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["directory"] == str(run.directory)


def test_an_option_comes_before_the_environment_and_an_empty_one_is_none(
    home: Home, person: Path
) -> None:
    run = write_run(Home(person / "other"), sunspots_trial(5, epochs=1))
    assert call(home, "runs", "--home", "other").stdout.startswith(run.id)
    assert call(Home(person / "other"), "runs", "--home", "").stdout.startswith(run.id)
    assert call(home, "runs").stdout == ""


def test_a_home_whose_name_is_no_text_is_a_home(home: Home, tmp_path: Path) -> None:
    odd = Home(tmp_path / NO_TEXT)
    run = write_run(odd, sunspots_trial(5, epochs=1))
    (tmp_path / f"{NO_TEXT}.txt").write_text(CORPUS)
    shown = call(home, "show", run.id, "--json", "--home", str(odd.root))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert os.fsencode(json.loads(shown.stdout)["directory"]) == os.fsencode(run.directory)
    for arguments in (["runs"], ["show", run.id], ["watch", run.id], ["note", run.id, "a"]):
        done = call(odd, *arguments)
        assert (done.returncode, done.stderr) == (0, ""), arguments
    done = call(odd, "data", "add", "words", str(tmp_path / f"{NO_TEXT}.txt"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "words" in call(odd, "data", "list").stdout
    table = tmp_path / f"{NO_TEXT}.md"
    assert call(odd, "export", run.id, "-o", str(table)).returncode == 0
    assert table.read_text(encoding="utf-8") == call(odd, "export", run.id).stdout
    assert call(odd, "delete", run.id, "--yes").stdout == f"{run.id}\n"
    assert not home.root.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [NO_TEXT],
        ["run", "sunspots/5", "--set", f"{NO_TEXT}=1"],
        ["run", "sunspots/5", "--series", NO_TEXT],
        ["run", "sunspots/5", "--series", f"http://127.0.0.1/{NO_TEXT}"],
        ["run", "sunspots/5", f"--{NO_TEXT}"],
        ["show", NO_TEXT],
        ["export", "bcdf", "--format", NO_TEXT],
        ["data", "add", NO_TEXT, os.devnull],
    ],
    ids=lambda arguments: " ".join(arguments).encode("ascii", "backslashreplace").decode(),
)
def test_words_that_are_no_text_are_refused_in_a_line_that_is(
    home: Home, arguments: list[str]
) -> None:
    # What is printed is decoded strictly.
    assert refused(call(home, *arguments))
    assert not home.root.exists()
