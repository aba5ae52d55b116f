"""What the command answers without training anything: what is in a home, and one line where it
refuses.
"""

from pathlib import Path

import pytest
from helpers.command import Ask, Laboratory
from helpers.command_line import refused
from helpers.factory import CORPUS, SUBMITTED, alice_trial, sunspots_trial, write_run

from engine.host.home import Home
from engine.runs.run import Run

# Looking.


def test_presets_are_the_report_s_21(lab: Laboratory) -> None:
    presets = lab.read("presets", "--json")
    assert [preset["id"] for preset in presets] == [f"sunspots/{n}" for n in range(1, 12)] + [
        f"alice/{n}" for n in range(1, 11)
    ]
    assert all(
        set(preset) == {"id", "kind", "title", "parameters", "assumed", "published"}
        for preset in presets
    )
    assert presets[4]["parameters"] == {
        "epochs": 35,
        "batch_size": 1,
        "time_steps": 10,
        "activation": ["linear", "linear"],
        "hidden_units": 3,
        "dense_units": 1,
    }
    assert set(presets[4]["published"]) == {"train_rmse", "test_rmse", "remarks"}
    assert set(presets[11]["published"]) == {"iterations", "remarks"}


def test_presets_are_a_line_each_for_people(lab: Laboratory) -> None:
    done = lab.call("presets")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 21
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["run", "--help"], ["data", "add", "--help"], ["--version"]]
)
def test_help_is_printed(lab: Laboratory, arguments: list[str]) -> None:
    done = lab.call(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rnnlab-tui" in done.stdout


def test_looking_at_an_empty_home_makes_nothing(lab: Laboratory, ask: Ask) -> None:
    for arguments in (["runs"], ["runs", "--json"], ["data", "list"], ["data"], ["presets"]):
        done = ask(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
    assert not lab.home.root.exists()


# Refusals.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["run", "sunspots/12"],
            "There is no preset 'sunspots/12'. `rnnlab-tui presets` lists them",
        ),
        (["run", "sunspots/5", "weather"], "There is no preset 'weather'"),
        (
            ["run", "sunspots/5", "--set", "epochs=0"],
            "epochs = 0: must be a whole number, 1 to 100000.",
        ),
        (
            ["run", "sunspots/5", "--set", "epochs=1e3"],
            "epochs = 1e3: must be a whole number, 1 to 100000.",
        ),
        (
            ["run", "sunspots/5", "--set", "epochs="],
            "epochs = nothing: must be a whole number, 1 to 100000.",
        ),
        (
            ["run", "sunspots/5", "--set", "epochs"],
            "--set epochs: no value. Write --set KEY=VALUE.",
        ),
        (
            ["run", "sunspots/5", "--set", "seqlen=5"],
            "sunspots/5 has no parameter 'seqlen'. Its parameters are epochs",
        ),
        (
            ["run", "sunspots/5", "--set", "activation=swish"],
            "must be one or two of tanh, linear, relu, sigmoid.",
        ),
        (
            ["run", "sunspots/5", "--set", "time_steps=600"],
            "time_steps = 600: must be 1 to 563 for a series of 2820",
        ),
        (
            ["run", "sunspots/5", "--seed", "-1"],
            "seed = -1: must be a whole number, 0 to 4294967295.",
        ),
        (["run", "sunspots/5", "--seed", "4294967296"], "must be a whole number, 0 to 4294967295."),
        (
            ["run", "sunspots/5", "--seed", "one"],
            "seed = one: must be a whole number, 0 to 4294967295.",
        ),
        (
            ["run", "sunspots", "--set", "epochs=0"],
            "epochs = 0: must be a whole number, 1 to 100000.",
        ),
        (["run", "sunspots", "alice", "--set", "epochs=1"], "alice/1 has no parameter 'epochs'."),
        (["run", "sunspots/5", "--corpus", "small.txt"], "it takes no --corpus."),
        (["run", "alice/1"], "The text of Alice in Wonderland is not here yet."),
        (
            ["run", "alice/1", "--corpus", "nowhere.txt"],
            "There is no corpus and no file 'nowhere.txt'.",
        ),
        (["run", "alice/1", "--corpus", "engine"], "There is no corpus and no file 'engine'."),
        (
            ["run", "alice/1", "--corpus", "small.txt", "--set", "seqlen=90"],
            "seqlen = 90: must be 1 to 85 for a text",
        ),
        (
            ["run", "alice/1", "--corpus", "/dev/null"],
            "There is no corpus and no file '/dev/null'.",
        ),
        (["show", "bcdf"], "There is no run bcdf in "),
        (
            ["show", "../x"],
            "'../x' is not a run id: ids have lowercase letters, digits and hyphens.",
        ),
        (["export", "bcdf"], "There is no run bcdf in "),
        (["data", "add", "Alice", "small.txt"], "'Alice' can't be the name of a corpus."),
        (
            ["data", "add", "alice", "nowhere.txt"],
            "Can't read nowhere.txt: No such file or directory.",
        ),
        (["data", "add", "alice", "engine"], "Can't read engine: Is a directory."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_refusal_is_one_line_and_leaves_nothing(
    lab: Laboratory, ask: Ask, arguments: list[str], words: str
) -> None:
    assert words in refused(ask(*arguments))
    assert not lab.home.runs.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "sunspots/12"],
        ["run", "sunspots/5", "--device", "tpu"],
        ["watch"],
        ["show", "ñ\x1b[2J"],
    ],
)
def test_the_program_refuses_in_the_same_words(
    lab: Laboratory, ask: Ask, arguments: list[str]
) -> None:
    in_process, done = ask(*arguments), lab.call(*arguments)
    assert refused(done) == refused(in_process)
    assert done.returncode == in_process.returncode


def test_the_application_without_a_terminal_is_refused(lab: Laboratory) -> None:
    assert "The application needs a terminal." in refused(lab.call())
    assert not lab.home.root.exists()


def test_a_text_that_is_not_utf_8_is_refused_with_its_line(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"one\ntwo\ncaf\xe9\n")
    for arguments in (["run", "alice/1", "--corpus"], ["data", "add", "alice"]):
        assert "latin.txt is not UTF-8 text: line 3." in refused(
            ask(*arguments, str(tmp_path / "latin.txt"))
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "alice/1", "--corpus", "~no-such-person/alice.txt"],
        ["run", "alice/1", "--corpus", "a" * 300],
        ["data", "add", "alice", "~no-such-person/alice.txt"],
        ["runs", "--home", "~no-such-person/lab"],
        ["runs", "--home", "a" * 300],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_path_that_can_t_be_is_refused(ask: Ask, arguments: list[str]) -> None:
    refused(ask(*arguments), *([1, 2] if arguments[-1] == "a" * 300 else [2]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "sunspots/5"],
        ["data", "add", "alice", "small.txt"],
        ["run", "alice/1", "--corpus", "small.txt"],
    ],
)
def test_a_home_that_can_t_be_written_is_said_in_one_line(ask: Ask, arguments: list[str]) -> None:
    words = "Choose another home with --home DIR or RNNLAB_HOME."
    assert words in refused(ask(*arguments, "--home", "/dev/null/lab"))
    nowhere = {"RNNLAB_HOME": "", "XDG_DATA_HOME": "", "HOME": "/dev/null"}
    assert words in refused(ask(*arguments, **nowhere))


def test_the_home_is_taken_before_or_after_the_command(ask: Ask, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    write_run(Home(tmp_path / "other"), sunspots_trial(5, epochs=1), run_id="bcdf-sunspots-5")
    for arguments in (
        ["--home", other, "runs"],
        ["runs", "--home", other],
        ["--home", "/", "runs", "--home", other],
    ):
        assert ask(*arguments).stdout.startswith("bcdf-sunspots-5 ")
    assert ask("runs", RNNLAB_HOME=other).stdout.startswith("bcdf-sunspots-5 ")
    assert ask("runs").stdout == ""


# Data.


def test_data_is_added_and_listed(lab: Laboratory, ask: Ask) -> None:
    before = ask("data", "list")
    assert before.returncode == 0
    assert "not here: `rnnlab-tui data add alice FILE`" in before.stdout
    added = lab.call("data", "add", "alice", "small.txt")
    characters, distinct = len(CORPUS.strip()), len(set(CORPUS.strip()))
    assert added.stdout == f"alice: {characters} characters, {distinct} distinct.\n"
    assert "It is not the report's text" in added.stderr
    listed = ask("data", "list").stdout
    assert "2,820 months" in listed
    assert "1749-01 to 1983-12" in listed
    assert "not here" not in listed
    assert f"{characters} characters  {lab.folder / 'small.txt'}" in listed


def test_the_report_s_text_is_known(ask: Ask, alice_text: Path) -> None:
    added = ask("data", "add", "alice", str(alice_text))
    assert (added.stdout, added.stderr) == ("alice: 158,270 characters, 55 distinct.\n", "")


def test_data_alone_lists_and_takes_a_home(lab: Laboratory, ask: Ask, tmp_path: Path) -> None:
    ask("data", "add", "alice", "small.txt")
    listed = ask("data", "list")
    assert "small.txt" in listed.stdout
    for arguments in (
        ["data"],
        ["data", "--home", str(lab.home.root)],
        ["data", "--home", str(lab.home.root), "list"],
    ):
        done = ask(
            *arguments, **({} if len(arguments) == 1 else {"RNNLAB_HOME": str(tmp_path / "other")})
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, listed.stdout, "")


# What others left in the home, and terminals of other kinds.


@pytest.mark.parametrize(
    "damage",
    [
        "trial.json torn",
        "log gone",
        "log garbage",
        "result.json torn",
        "log unreadable",
        "log nested",
    ],
)
def test_one_damaged_run_does_not_hide_the_others(lab: Laboratory, ask: Ask, damage: str) -> None:
    for letters in ("bcdf", "bghj", "bkmn"):
        write_run(lab.home, sunspots_trial(5, epochs=1), run_id=f"{letters}-sunspots-5")
    run = Run(lab.home.runs / "bghj-sunspots-5")
    match damage:
        case "trial.json torn":
            (run.directory / "trial.json").write_bytes(b'{"schema')
        case "log gone":
            run.log.unlink()
        case "log garbage":
            run.log.write_bytes(bytes(range(256)) * 20)
        case "result.json torn":
            (run.directory / "result.json").write_bytes(b'{"schema')
        case "log unreadable":
            run.log.unlink()
            run.log.mkdir()
        case "log nested":
            run.log.write_bytes(b"[" * 100_000 + b"\n")
    done = ask("runs")
    assert {"bcdf-sunspots-5", "bkmn-sunspots-5"} <= {
        line.split()[0] for line in done.stdout.splitlines()
    }
    assert done.returncode == 0


def test_a_hostile_folder_name_does_not_command_the_terminal(lab: Laboratory, ask: Ask) -> None:
    write_run(lab.home, sunspots_trial(5, epochs=1), run_id="bcdf\x1b]0;owned\x07")
    done = ask("runs")
    assert "\x1b" not in done.stdout + done.stderr


def test_a_hostile_file_name_does_not_command_the_terminal(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07.txt"
    path.write_text(CORPUS)
    ask("data", "add", "alice", str(path))
    listed = ask("data", "list").stdout
    assert "a]0;owned.txt" in listed
    assert "\x1b" not in listed


@pytest.mark.parametrize(
    "arguments", [["runs"], ["show", "bcdf"], ["export", "bcdf"], ["data", "list"]], ids=" ".join
)
def test_a_terminal_that_is_not_utf_8_gets_what_it_can_show(
    lab: Laboratory, arguments: list[str]
) -> None:
    write_run(lab.home, sunspots_trial(5, epochs=1), run_id="bcdf-sunspots-5")
    done = lab.call(*arguments, PYTHONIOENCODING="iso8859-15")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


def test_runs_are_listed_newest_first(lab: Laboratory, ask: Ask) -> None:
    later = SUBMITTED.replace(hour=18)
    write_run(lab.home, sunspots_trial(5, epochs=1), run_id="bcdf-sunspots-5", submitted=SUBMITTED)
    write_run(lab.home, alice_trial(1, iterations=2), run_id="bghj-alice-1", submitted=later)
    assert [line.split()[0] for line in ask("runs").stdout.splitlines()] == [
        "bghj-alice-1",
        "bcdf-sunspots-5",
    ]
