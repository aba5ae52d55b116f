"""Exports: tables in every format, which the file's name says; the iterations that are shown; the
data's digest.
"""

import csv
import hashlib
import io
import json
import re
from pathlib import Path

import pytest
from helpers.command_line import call, printed_json, refused
from helpers.factory import CORPUS, alice_trial, preset, sunspots_trial, write_run
from helpers.store import TABLE

from engine.data.library import SeriesLibrary, TextLibrary
from engine.host.home import Home
from engine.runs.events import Cancelled, Failed
from engine.runs.run import Run
from engine.trials.trial import trial_for

# Tables.


@pytest.fixture
def table(home: Home) -> list[Run]:
    """Three forecasts, one of them without figures."""
    return [
        write_run(home, sunspots_trial(5, epochs=3), run_id="bcdf-sunspots-5"),
        write_run(
            home,
            sunspots_trial(6),
            end=Failed(what="It broke."),
            epochs=2,
            run_id="bcgh-sunspots-6",
        ),
        write_run(home, sunspots_trial(7, epochs=3), run_id="bcjk-sunspots-7"),
    ]


NAMES = {"md": "Markdown", "csv": "CSV", "json": "JSON", "latex": "LaTeX"}


def exported(home: Home, path: Path, *arguments: str) -> str:
    """Return what ``export`` prints, which must be what it writes into a file, with no word on
    stdout then.
    """
    output = arguments[arguments.index("--format") + 1] if "--format" in arguments else "md"
    printed = call(home, "export", *arguments)
    assert (printed.returncode, printed.stderr) == (0, "")
    path.write_text("what was there before, and is longer\n" * 1000)
    written = call(home, "export", *arguments, "-o", str(path))
    assert (written.returncode, written.stdout, written.stderr) == (
        0,
        "",
        f"Wrote {path} as {NAMES[output]}.\n",
    )
    assert path.read_bytes() == printed.stdout.encode()
    return printed.stdout


def test_markdown_has_a_heading_and_a_row_a_run(
    home: Home, table: list[Run], tmp_path: Path
) -> None:
    text = exported(home, tmp_path / "table.md", *(run.id for run in table))
    first, *others = (part for part in re.split(r"^## .*\n", text, flags=re.MULTILINE)[1:])
    assert len(others) == 1
    heading, rule, *rows = [
        line.strip("|").split(" | ") for line in first.splitlines() if line.startswith("|")
    ]
    assert heading[0].strip() == "Trial"
    assert all(re.fullmatch(" ?---:? ?", cell) for cell in rule)
    assert len(rule) == len(heading)
    assert [len(row) for row in rows] == [len(heading)] * len(table)
    assert [row[0].split()[0] for row in rows] == ["sunspots/5", "sunspots/6", "sunspots/7"]


def test_csv_is_read_by_the_library_s_reader(home: Home, table: list[Run], tmp_path: Path) -> None:
    text = exported(home, tmp_path / "table.csv", *(run.id for run in table), "--format", "csv")
    heading, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert heading[0] == "id"
    assert [len(row) for row in rows] == [len(heading)] * len(table)
    records = [dict(zip(heading, row, strict=True)) for row in rows]
    assert [record["preset"] for record in records] == ["sunspots/5", "sunspots/6", "sunspots/7"]
    assert [record["state"] for record in records] == ["done", "failed", "done"]
    assert (records[1]["test_rmse"], records[1]["error_what"]) == ("", "It broke.")
    assert float(records[0]["test_rmse"]) > 0


def test_json_is_what_show_prints(home: Home, table: list[Run], tmp_path: Path) -> None:
    text = exported(home, tmp_path / "table.json", *(run.id for run in table), "--format", "json")
    assert [json.loads(line)["id"] for line in text.splitlines()] == [run.id for run in table]
    assert json.loads(text.splitlines()[1]) == printed_json(home, "show", table[1].id, "--json")


def test_latex_has_a_tabular_whose_rows_are_as_wide_as_its_columns(
    home: Home, table: list[Run], tmp_path: Path
) -> None:
    text = exported(home, tmp_path / "table.tex", *(run.id for run in table), "--format", "latex")
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2
    columns, body = re.findall(
        r"\\begin\{tabular\}\{([lr]+)\}\n(.*?)\\end\{tabular\}", text, re.DOTALL
    )[0]
    rows = [line.split(" & ") for line in body.splitlines() if line.endswith(r"\\")]
    assert [len(row) for row in rows] == [len(columns)] * (1 + len(table))
    assert text.count("{") == text.count("}")


# The file's name says the format.


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("a.md", "md"), ("a.csv", "csv"), ("a.json", "json"), ("a.tex", "latex"),
        ("a.TEX", "latex"),
        ("a.b.tex", "latex"), ("a", "md"), ("run-0.5", "md"), ("a.txt", "md"), (".tex", "md"),
        ("tex", "md"),
    ],
)  # fmt: skip
def test_the_file_s_name_says_the_format(
    home: Home, table: list[Run], tmp_path: Path, name: str, output: str
) -> None:
    written = call(home, "export", table[0].id, "-o", str(tmp_path / name))
    assert (written.returncode, written.stdout) == (0, "")
    assert written.stderr == f"Wrote {tmp_path / name} as {NAMES[output]}.\n"
    printed = call(home, "export", table[0].id, "--format", output).stdout
    assert (tmp_path / name).read_text("utf-8") == printed
    # Whatever it is called, where a format is asked for.
    other = "csv" if output == "json" else "json"
    written = call(home, "export", table[0].id, "-o", str(tmp_path / name), "--format", other)
    assert written.stderr == f"Wrote {tmp_path / name} as {NAMES[other]}.\n"


@pytest.mark.parametrize("name", ["a.HTML", "a.tar.gz"])
def test_a_name_of_another_format_is_refused(
    home: Home, table: list[Run], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    words = refused(call(home, "export", table[0].id, "-o", str(path)))
    assert f"{name}: runs can't be written as {path.suffix.lower()}." in words
    assert words.endswith(
        "Let the name end in .md, .csv, .json or .tex. Or give the format with --format."
    )
    assert "can't be written as" in refused(call(home, "reproduce", "sunspots/5", "-o", str(path)))
    assert list(tmp_path.iterdir()) == [home.root]
    assert call(home, "export", table[0].id, "-o", str(path), "--format", "md").returncode == 0
    assert path.is_file()


def test_json_lines_have_an_object_a_line(home: Home, table: list[Run], tmp_path: Path) -> None:
    assert (
        call(
            home, "export", *(run.id for run in table), "-o", str(tmp_path / "a.ndjson")
        ).returncode
        == 0
    )
    lines = (tmp_path / "a.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [run.id for run in table]


# Where to.


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the command is called."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("output", [[], ["--format", "csv"], ["--format", "latex"]], ids=" ".join)
def test_a_hyphen_is_stdout(home: Home, table: list[Run], output: list[str], here: Path) -> None:
    asked = call(home, "export", table[0].id, *output, "-o", "-")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout == call(home, "export", table[0].id, *output).stdout
    assert list(here.iterdir()) == []
    assert call(home, "export", table[0].id, "-o", "./-").stdout == ""
    assert (here / "-").read_text().startswith("# Recurrent-network lab")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "none/x.md",
            "there is no folder {here}/none. Make it (`mkdir -p {here}/none`), or give another "
            "place.",
        ),
        ("file/x.md", "{here}/file is not a folder. Give another place."),
        (".", "it is a folder. Give the name of a file in it."),
        ("/dev/full", "No space left on device. Make room there, or give another place."),
    ],
)
def test_what_can_t_be_written_is_said_with_what_to_do(
    home: Home, table: list[Run], here: Path, path: str, words: str
) -> None:
    (here / "file").touch()
    done = call(home, "export", table[0].id, "-o", path)
    assert refused(done) == f"rnnlab-tui: Can't write {path}: {words.format(here=here)}"


# Iterations.


@pytest.fixture
def texts(home: Home) -> list[Run]:
    """Two text runs, one of which was cancelled early."""
    return [
        write_run(home, alice_trial(1), run_id="bcdf-alice-1"),
        write_run(home, alice_trial(2), end=Cancelled(), iterations=3, run_id="bcgh-alice-2"),
    ]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("all", [*range(1, 26), 1, 2, 3]),
        ("last", [25, 3]),
        ("published", [1, 13, 25, 1]),
        ("1,13,25", [1, 13, 25, 1]),
        (" 25 , 1,1", [1, 25, 1]),
    ],
)
def test_iterations_are_chosen(home: Home, texts: list[Run], asked: str, shown: list[int]) -> None:
    ids = [run.id for run in texts]
    done = call(home, "export", *ids, "--iterations", asked, "--format", "csv")
    assert [
        int(row["iteration"]) for row in csv.DictReader(io.StringIO(done.stdout, newline=""))
    ] == shown
    done = call(home, "export", *ids, "--iterations", asked)
    assert [
        int(number) for number in re.findall(r"^\| (\d+) \|", done.stdout, flags=re.MULTILINE)
    ] == shown
    assert ("of the 25 iterations are shown." in done.stdout) == (asked not in ("all", "last"))
    assert ("1 of the 25 iterations is shown." in done.stdout) == (asked == "last")
    assert ("Iterations 13, 25 are missing." in done.stdout) == (asked == "1,13,25")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--iterations", "first"],
            "iterations = first: must be all, published, last, or numbers from 1 to 10000.",
        ),
        (["--iterations", "0"], "iterations = 0: must be"),
        (["--iterations", ""], "iterations = nothing: must be"),
        (["--iterations", "1,,2"], "Separate numbers by commas, as in 1,13,25."),
        (["--iterations", "1" * 100], "must be all"),
        (
            ["--iterations", "26"],
            "iterations = 26: 25 iterations are complete. Choose numbers from 1 to 25, last or "
            "all.",
        ),
        (
            ["--iterations", "1,26", "--format", "csv"],
            "iterations = 1,26: 25 iterations are complete.",
        ),
        (["bcgh", "--iterations", "26"], "iterations = 26: no run has more than 25 complete."),
        (
            ["--iterations", "last", "--format", "json"],
            "JSON has every iteration. Leave it out, or take another",
        ),
        (
            ["--iterations", "last", "-o", "a.json"],
            "JSON has every iteration. Leave it out, or take another",
        ),
    ],
)
def test_iterations_that_can_t_be_chosen_are_refused(
    home: Home, texts: list[Run], arguments: list[str], words: str
) -> None:
    assert words in refused(call(home, "export", texts[0].id, *arguments))


def test_a_text_that_is_done_without_the_chosen_iterations_has_no_row_and_that_is_said(
    home: Home, texts: list[Run]
) -> None:
    short = write_run(home, alice_trial(3, iterations=2), run_id="bhjk-alice-3")
    stopped = texts[1]
    done = call(
        home, "export", texts[0].id, stopped.id, short.id, "--iterations", "13", "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    # Of what was stopped, its state says why there are no figures.
    assert [(row["id"], row["state"], row["iteration"]) for row in rows] == [
        (texts[0].id, "done", "13"),
        (stopped.id, "cancelled", ""),
    ]
    assert done.stderr == (
        f"alice/3 (iterations 25 → 2), seed 1 ({short.id}) has no row: it has none of the "
        f"iterations 13.\n"
    )


def test_forecasts_have_no_iterations(home: Home, table: list[Run]) -> None:
    assert "none of these is one. Leave it out." in refused(
        call(home, "export", table[0].id, "--iterations", "all")
    )


# One digest.


def test_one_text_and_one_series_have_one_digest_everywhere(home: Home, tmp_path: Path) -> None:
    files = {"rain": tmp_path / "rain.csv", "shells": tmp_path / "shells.txt"}
    files["rain"].write_text(TABLE)
    files["shells"].write_text(CORPUS * 3)
    assert call(home, "data", "add", "rain", str(files["rain"]), "--column", "2").returncode == 0
    assert call(home, "data", "add", "shells", str(files["shells"])).returncode == 0
    forecast = trial_for(
        preset("sunspots/5"),
        SeriesLibrary(home).resolve("rain").reference,
        settings={"time_steps": 3},
    )
    text = alice_trial(1, iterations=1, data=TextLibrary(home).resolve("shells").reference)
    runs = {
        "rain": write_run(home, forecast),
        "shells": write_run(home, text),
        "sunspots": write_run(home, sunspots_trial(5)),
        "python-docs": write_run(
            home, alice_trial(1, data=TextLibrary(home).resolve("python-docs").reference)
        ),
    }
    listed = {
        line.split()[0]: line.rpartition(", ")[2]
        for line in call(home, "data", "list").stdout.splitlines()
    }
    for name, run in runs.items():
        shown = printed_json(home, "show", run.id, "--json")
        digest = shown["data"]["sha256"]
        if name in files:
            assert digest == hashlib.sha256(files[name].read_bytes()).hexdigest()
        assert shown["provenance"]["data"]["sha256"] == digest
        assert listed[name] == digest[:12]
        for output in ("md", "csv", "latex"):
            assert digest[:12] in call(home, "export", run.id, "--format", output).stdout
        # What was made of the file has a digest of its own, under its own name, in JSON alone.
        assert shown["provenance"]["data"]["prepared_sha256"] != digest
        assert (
            shown["provenance"]["data"]["prepared_sha256"][:12]
            not in call(home, "show", run.id).stdout
        )
