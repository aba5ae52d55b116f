"""What scripts read: every preset, a run in any state, and tables in each format, on stdout and in a file."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import RUN_KEYS, call, nothing_starts, refused
from support import alice_trial, lock_held, sunspots_trial, write_log, write_run

from engine import queue
from engine.control import hold
from engine.events import Cancelled, Failed
from engine.home import Home
from engine.runs import Run

FORECAST = {
    "epochs": int, "batch_size": int, "time_steps": int, "activation": list, "hidden_units": int, "dense_units": int,
}  # fmt: skip
TEXT = {
    "iterations": int, "epochs_per_iteration": int, "predictions": int, "seqlen": int, "hidden_units": int,
    "batch_size": int,
}  # fmt: skip
FIGURES = {"losses", "train_rmse", "test_rmse"}
WRITTEN = {"iteration": int, "loss": float, "losses": list, "seed_text": str, "generated": str}
SPREAD = {
    "representative_seed", "replicates", "train_rmse_mean", "train_rmse_sd", "test_rmse_mean", "test_rmse_sd",
}  # fmt: skip


def types(value: dict[str, Any]) -> dict[str, type]:
    return {key: type(item) for key, item in value.items()}


def read(home: Home, *arguments: str) -> Any:
    done = call(home, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    # What Python reads as NaN no other reader does.
    return json.loads(done.stdout, parse_constant=pytest.fail)


def read_lines(home: Home, *arguments: str) -> list[Any]:
    """Return what a command prints of several runs: an object a line."""
    done = call(home, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line, parse_constant=pytest.fail) for line in done.stdout.splitlines()]


# Presets.


def test_every_preset_has_the_keys_and_types_of_its_kind(home: Home) -> None:
    presets = read(home, "presets", "--json")
    assert len(presets) == 21
    keys = {"id": str, "kind": str, "title": str, "parameters": dict, "assumed": list, "published": dict}
    for preset in presets:
        name = preset["id"]
        assert types(preset) == keys, name
        assert all(isinstance(text, str) for text in preset["assumed"]), name
        published = preset["published"]
        assert all(isinstance(text, str) for text in published["remarks"]), name
        if preset["kind"] == "sunspots":
            assert types(preset["parameters"]) == FORECAST, name
            assert len(preset["parameters"]["activation"]) == 2, name
            assert types(published) == {"train_rmse": float, "test_rmse": float, "remarks": list}, name
        else:
            assert types(preset["parameters"]) == TEXT, name
            assert types(published) == {"iterations": list, "remarks": list}, name
            rows = {"iteration": int, "loss": float, "seed_text": str, "generated": str}
            assert [types(row) for row in published["iterations"]] == [rows] * len(published["iterations"]), name
            assert published["iterations"], name


# A run.


@pytest.mark.parametrize("state", ["queued", "held", "starting"])
def test_a_run_that_has_nothing_to_tell_has_all_keys(home: Home, state: str) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=0, run_id="bcdf-sunspots-5")
    write_log(run, [])
    with nothing_starts(home):
        queue.add(home, [run.id])
        if state == "held":
            hold(run)
        if state == "starting":
            with lock_held(run.directory):
                shown = read(home, "show", "bcdf", "--json")
        else:
            shown = read(home, "show", "bcdf", "--json")
        if state == "queued":
            assert read(home, "runs", "--json") == shown
    assert list(shown) == RUN_KEYS
    assert shown["state"] == state
    assert [shown[key] for key in ("seconds", "worker", "metrics", "error", "provenance")] == [None] * 5
    assert types(shown["parameters"]) == FORECAST
    assert Path(shown["directory"]) == run.directory


@pytest.mark.parametrize(
    ("end", "state", "complete"),
    [
        ("finished", "done", 3),
        (Failed(what="It broke.", remedy="Mend it."), "failed", 2),
        (Failed(what="x", diverged=True), "diverged", 1),
        (Cancelled(), "cancelled", 2),
        (None, "interrupted", 1),
    ],
)
def test_a_text_has_its_complete_iterations_however_it_ended(home: Home, end: Any, state: str, complete: int) -> None:
    made = {} if end == "finished" else {"end": end, "iterations": complete, "characters": 20}
    write_run(home, alice_trial(2, iterations=3), run_id="bcdf-alice-2", **made)
    shown = read(home, "show", "bcdf", "--json")
    assert (list(shown), shown["state"]) == (RUN_KEYS, state)
    assert types(shown["parameters"]) == TEXT
    assert set(shown["metrics"]) == {"iterations"}
    rows = shown["metrics"]["iterations"]
    assert [types(row) for row in rows] == [WRITTEN] * complete
    for number, row in enumerate(rows, 1):
        assert row["iteration"] == number
        assert (len(row["losses"]), row["losses"][-1]) == (shown["parameters"]["epochs_per_iteration"], row["loss"])
        assert len(row["seed_text"]) == shown["parameters"]["seqlen"]
        assert len(row["generated"]) == shown["parameters"]["predictions"]
    assert types(shown["worker"]) == {"pid": int, "host": str, "started": float}
    assert (shown["error"] is None) == (state in ("done", "cancelled"))


def test_one_seed_has_no_spread_and_a_diverged_one_no_number_that_json_lacks(home: Home) -> None:
    write_run(home, sunspots_trial(5, epochs=2), run_id="bcdf-sunspots-5")
    metrics = read(home, "show", "bcdf", "--json")["metrics"]
    assert set(metrics) >= FIGURES
    assert not set(metrics) & SPREAD
    run = write_run(home, sunspots_trial(5), end=Failed(what="x", diverged=True), epochs=2, run_id="bcgh-sunspots-5")
    log = run.log.read_text()
    assert '"loss":0.6' in log
    run.log.write_text(log.replace('"loss":0.6', '"loss":NaN'))
    shown = read(home, "show", "bcgh", "--json")
    assert shown["metrics"] == {"losses": [1.1, None], "train_rmse": None, "test_rmse": None}


ENDS: dict[str, dict[str, Any]] = {
    "done": {},
    "failed": {"end": Failed(what="It broke.", remedy="Mend it."), "epochs": 2},
    "diverged": {"end": Failed(what="x", diverged=True), "epochs": 2},
    "cancelled": {"end": Cancelled(), "epochs": 2},
    "interrupted": {"end": None, "epochs": 2},
}


def test_a_run_is_the_same_object_wherever_it_is_printed(home: Home) -> None:
    runs = [
        write_run(home, sunspots_trial(number, epochs=3), run_id=f"bcdf-{state}", **made)
        for number, (state, made) in enumerate(ENDS.items(), 1)
    ]
    runs.append(write_run(home, alice_trial(2, iterations=3), run_id="bcgh-done"))
    runs.append(write_run(home, alice_trial(3), end=Cancelled(), iterations=2, characters=9, run_id="bcgh-cancelled"))
    runs[0].note_file.write_text("the best so far")
    listed = {run["id"]: run for run in read_lines(home, "runs", "--json")}
    exported = {run["id"]: run for run in read_lines(home, "export", *listed, "--format", "json")}
    assert len(listed) == len(exported) == len(runs)
    for run in runs:
        shown = read(home, "show", run.id, "--json")
        assert list(shown) == RUN_KEYS
        assert shown["metrics"]
        # Text by text: the order of keys is the same too.
        assert json.dumps(listed[run.id]) == json.dumps(exported[run.id]) == json.dumps(shown)
    assert listed["bcdf-done"]["note"] == "the best so far"
    assert (listed["bcdf-done"]["metrics"]["test_points"], listed["bcdf-failed"]["note"]) == (46, None)


def test_a_list_has_the_figures_of_every_seed(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=2).model_copy(update={"replicates": 2}), run_id="bcdf-seeds")
    path = run.directory / "result.json"
    result = json.loads(path.read_bytes())
    errors = {"train_rmse": 0.1, "test_rmse": 0.1, "state": "done"}
    spread = {"representative_seed": 1, "replicates": [{"seed": seed, **errors} for seed in (1, 2)]}
    result["metrics"] |= spread | dict.fromkeys(SPREAD - set(spread), 0.1)
    path.write_text(json.dumps(result))
    listed = read(home, "runs", "--json")
    assert listed == read(home, "show", "bcdf", "--json")
    assert set(listed["metrics"]) >= FIGURES | SPREAD


# Tables.


@pytest.fixture
def table(home: Home) -> list[Run]:
    """Three forecasts, one of them without figures."""
    return [
        write_run(home, sunspots_trial(5, epochs=3), run_id="bcdf-sunspots-5"),
        write_run(home, sunspots_trial(6), end=Failed(what="It broke."), epochs=2, run_id="bcgh-sunspots-6"),
        write_run(home, sunspots_trial(7, epochs=3), run_id="bcjk-sunspots-7"),
    ]


NAMES = {"md": "Markdown", "csv": "CSV", "json": "JSON", "latex": "LaTeX"}


def exported(home: Home, path: Path, *arguments: str) -> str:
    """Return what ``export`` prints, which must be what it writes into a file, with no word on stdout then."""
    output = arguments[arguments.index("--format") + 1] if "--format" in arguments else "md"
    printed = call(home, "export", *arguments)
    assert (printed.returncode, printed.stderr) == (0, "")
    path.write_text("what was there before, and is longer\n" * 1000)
    written = call(home, "export", *arguments, "-o", str(path))
    assert (written.returncode, written.stdout, written.stderr) == (0, "", f"Wrote {path} as {NAMES[output]}.\n")
    assert path.read_bytes() == printed.stdout.encode()
    return printed.stdout


def test_markdown_has_a_heading_and_a_row_a_run(home: Home, table: list[Run], tmp_path: Path) -> None:
    text = exported(home, tmp_path / "table.md", *(run.id for run in table))
    first, *others = (part for part in re.split(r"^## .*\n", text, flags=re.MULTILINE)[1:])
    assert len(others) == 1
    heading, rule, *rows = [line.strip("|").split(" | ") for line in first.splitlines() if line.startswith("|")]
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
    assert (records[1]["test_rmse"], records[1]["error"]) == ("", "It broke.")
    assert float(records[0]["test_rmse"]) > 0


def test_json_is_what_show_prints(home: Home, table: list[Run], tmp_path: Path) -> None:
    text = exported(home, tmp_path / "table.json", *(run.id for run in table), "--format", "json")
    assert [json.loads(line)["id"] for line in text.splitlines()] == [run.id for run in table]
    assert json.loads(text.splitlines()[1]) == read(home, "show", table[1].id, "--json")


def test_latex_has_a_tabular_whose_rows_are_as_wide_as_its_columns(
    home: Home, table: list[Run], tmp_path: Path
) -> None:
    text = exported(home, tmp_path / "table.tex", *(run.id for run in table), "--format", "latex")
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2
    columns, body = re.findall(r"\\begin\{tabular\}\{([lr]+)\}\n(.*?)\\end\{tabular\}", text, re.DOTALL)[0]
    rows = [line.split(" & ") for line in body.splitlines() if line.endswith(r"\\")]
    assert [len(row) for row in rows] == [len(columns)] * (1 + len(table))
    assert text.count("{") == text.count("}")


# The file's name says the format.


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("a.md", "md"), ("a.csv", "csv"), ("a.json", "json"), ("a.tex", "latex"), ("a.TEX", "latex"),
        ("a.b.tex", "latex"), ("a", "md"), ("a.txt", "md"), (".tex", "md"), ("tex", "md"),
    ],
)  # fmt: skip
def test_the_file_s_name_says_the_format(home: Home, table: list[Run], tmp_path: Path, name: str, output: str) -> None:
    written = call(home, "export", table[0].id, "-o", str(tmp_path / name))
    assert (written.returncode, written.stdout) == (0, "")
    assert written.stderr == f"Wrote {tmp_path / name} as {NAMES[output]}.\n"
    printed = call(home, "export", table[0].id, "--format", output).stdout
    assert (tmp_path / name).read_text("utf-8") == printed
    # Whatever it is called, where a format is asked for.
    other = "csv" if output == "json" else "json"
    written = call(home, "export", table[0].id, "-o", str(tmp_path / name), "--format", other)
    assert written.stderr == f"Wrote {tmp_path / name} as {NAMES[other]}.\n"


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
    assert [int(row["iteration"]) for row in csv.DictReader(io.StringIO(done.stdout, newline=""))] == shown
    done = call(home, "export", *ids, "--iterations", asked)
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", done.stdout, flags=re.MULTILINE)] == shown
    assert ("of the 25 iterations are shown." in done.stdout) == (asked not in ("all", "last"))
    assert ("1 of the 25 iterations is shown." in done.stdout) == (asked == "last")
    assert ("Iterations 13, 25 are not there." in done.stdout) == (asked == "1,13,25")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--iterations", "first"], "iterations = first: must be all, published, last, or numbers from 1 to 10000."),
        (["--iterations", "0"], "iterations = 0: must be"),
        (["--iterations", ""], "iterations = nothing: must be"),
        (["--iterations", "1,,2"], "Numbers have commas between them, as in 1,13,25."),
        (["--iterations", "1" * 100], "must be all"),
        (["--iterations", "last", "--format", "json"], "JSON has every iteration. Leave it out, or take another"),
        (["--iterations", "last", "-o", "a.json"], "JSON has every iteration. Leave it out, or take another"),
    ],
)
def test_iterations_that_can_t_be_chosen_are_refused(
    home: Home, texts: list[Run], arguments: list[str], words: str
) -> None:
    assert words in refused(call(home, "export", texts[0].id, *arguments))


def test_forecasts_have_no_iterations(home: Home, table: list[Run]) -> None:
    assert "none of these is one. Leave it out." in refused(call(home, "export", table[0].id, "--iterations", "all"))
