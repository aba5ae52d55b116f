"""Runs as tables: the report's Tables I and II in one, a table a character run, and how everything
was made.
"""

import csv
import io
import itertools
import json
import re
import unicodedata
from collections.abc import Sequence

import pytest
from helpers.factory import (
    Written,
    alice_trial,
    made_up_loss,
    made_up_text,
    sunspots_trial,
    write_run,
)
from markdown_it import MarkdownIt

from engine.host.home import Home
from engine.reports.document import provenance_table, tables_of
from engine.reports.formats import FORMATS, Format, render_document
from engine.reports.tables import Table
from engine.runs.events import Cancelled, Failed
from engine.runs.run import Run
from engine.runs.watch import Snapshot

FORECAST_COLUMNS = (
    "Trial", "Epochs", "Batch size", "Time steps", "Activation",
    "Train RMSE", "Test RMSE", "Published train", "Published test",
)  # fmt: skip
TEXT_COLUMNS = ("Iteration", "Loss", "Seed", "Generated text", "Published loss")


def snapshots(*runs: Run) -> list[Snapshot]:
    return [Snapshot.of(run) for run in runs]


def row(table: Table, index: int = 0) -> dict[str, str]:
    return dict(zip(table.columns, table.rows[index], strict=True))


def rendered(markdown: str) -> list[tuple[str, list[list[str]]]]:
    """Return the headings of a document, each with the cells of its table as a reader sees them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    found: list[tuple[str, list[list[str]]]] = []
    for before, token in itertools.pairwise(tokens):
        if before.type == "heading_open":
            found.append(("".join(child.content for child in token.children or []), []))
        if before.type == "tr_open":
            found[-1][1].append([])
        if before.type in ("td_open", "th_open"):
            found[-1][1][-1].append("".join(child.content for child in token.children or []))
    return found


# Forecasts: one table for all of them.


def test_tables_i_and_ii_are_one(home: Home) -> None:
    (table,) = tables_of(
        snapshots(*(write_run(home, sunspots_trial(number)) for number in range(1, 12)))
    )
    assert table.columns == FORECAST_COLUMNS
    assert [table.rows[number][0] for number in range(11)] == [
        f"sunspots/{number}" for number in range(1, 12)
    ]
    assert row(table, 7) | {"Train RMSE": "", "Test RMSE": ""} == {
        "Trial": "sunspots/8",
        "Epochs": "100",
        "Batch size": "16",
        "Time steps": "20",
        "Activation": "tanh & relu",
        "Train RMSE": "",
        "Test RMSE": "",
        "Published train": "0.058",
        "Published test": "0.085",
    }
    # The made-up networks say "like this month": what persistence scores.
    assert (row(table, 7)["Train RMSE"], row(table, 7)["Test RMSE"]) == ("0.057", "0.091")


def test_measured_stands_beside_published_at_the_published_precision(home: Home) -> None:
    (table,) = tables_of(snapshots(write_run(home, sunspots_trial(5))))
    for column in FORECAST_COLUMNS[-4:]:
        assert re.fullmatch(r"\d\.\d{3}", row(table)[column])
    assert {table.columns[index] for index in table.numeric} >= set(FORECAST_COLUMNS[-4:])


def test_what_the_protocol_hides_is_said_under_the_table(home: Home) -> None:
    (table,) = tables_of(
        snapshots(write_run(home, sunspots_trial(5)), write_run(home, sunspots_trial(8, seed=4)))
    )
    assert table.notes == (
        "RMSE in scaled units: the whole series, least to greatest, is 0 to 1.",
        "sunspots/5, seed 1: 56 test points; baselines on the same points: repeat last value "
        "0.080, "
        "linear on 10 values 0.086.",
        "sunspots/8, seed 4: 28 test points; baselines on the same points: repeat last value "
        "0.091, "
        "linear on 20 values 0.094.",
    )


def test_a_changed_trial_is_not_mistaken_for_the_report_s(home: Home) -> None:
    (table,) = tables_of(
        snapshots(write_run(home, sunspots_trial(5, epochs=3, activation="tanh & relu")))
    )
    assert row(table)["Trial"] == "sunspots/5 (epochs 35 → 3, activation linear → tanh & relu)"
    assert (row(table)["Epochs"], row(table)["Activation"]) == ("3", "tanh & relu")


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (None, "INTERRUPTED"),
        (Cancelled(), "CANCELLED"),
        (Failed(what="It broke."), "FAILED"),
        (Failed(what="It ran away.", diverged=True, epoch=2), "DIVERGED"),
    ],
)
def test_a_run_without_figures_says_its_state_in_their_place(
    home: Home, end: Cancelled | Failed | None, state: str
) -> None:
    (table,) = tables_of(snapshots(write_run(home, sunspots_trial(5), end=end, epochs=3)))
    assert (row(table)["Train RMSE"], row(table)["Test RMSE"]) == (state, state)
    assert row(table)["Published test"] == "0.079"
    why = {
        "INTERRUPTED": "disappeared without a word",
        "FAILED": "It broke.",
        "DIVERGED": "It ran away.",
    }
    assert len(table.notes) == 1 + (state in why)
    assert why.get(state, "") in table.notes[-1]


def test_why_runs_failed_and_what_was_noted_stands_under_the_table(home: Home) -> None:
    end = Failed(what="Out of memory.", remedy="Try a smaller batch_size.")
    runs = [
        write_run(home, sunspots_trial(5)),
        write_run(home, sunspots_trial(8, seed=2), end=end, epochs=3),
        write_run(home, alice_trial(1, iterations=2), end=end, iterations=1),
    ]
    for run in runs[1:]:
        run.note_file.write_text("the\nlab of Tuesday")
    why = "Out of memory. Try a smaller batch_size."
    forecasts, texts = tables_of(snapshots(*runs))
    assert forecasts.notes[2:] == (
        f"sunspots/8, seed 2: {why}",
        "sunspots/8, seed 2, note: the lab of Tuesday",
    )
    name = "alice/1 (iterations 25 → 2), seed 1"
    assert texts.notes[1:] == (f"{name}: {why}", f"{name}, note: the lab of Tuesday")
    for output in ("md", "latex"):
        assert render_document(snapshots(*runs), FORMATS[output]).count("Out of memory.") == 2


def test_a_preset_that_this_program_does_not_know_has_no_published_figures(home: Home) -> None:
    trial = sunspots_trial(5, epochs=3).model_copy(update={"preset": "sunspots/99"})
    (table,) = tables_of(snapshots(write_run(home, trial)))
    assert (row(table)["Trial"], row(table)["Published train"], row(table)["Published test"]) == (
        "sunspots/99",
        "",
        "",
    )


def test_replicates_can_be_told_apart_in_every_format(home: Home) -> None:
    runs = snapshots(*(write_run(home, sunspots_trial(5, epochs=3, seed=seed)) for seed in (1, 2)))
    names = [f"sunspots/5 (epochs 35 → 3), seed {seed}" for seed in (1, 2)]
    (table,) = tables_of(runs)
    assert [cells[0] for cells in table.rows] == names
    rows = list(csv.DictReader(io.StringIO(render_document(runs, FORMATS["csv"]), newline="")))
    assert [cells["seed"] for cells in rows] == ["1", "2"]
    _heading, (_columns, *cells) = rendered(render_document(runs))[1]
    assert [line[0] for line in cells] == names


def test_the_seed_is_no_part_of_a_name_where_all_have_the_same(home: Home) -> None:
    runs = snapshots(*(write_run(home, sunspots_trial(number, seed=7)) for number in (5, 8)))
    (table,) = tables_of(runs)
    assert [cells[0] for cells in table.rows] == ["sunspots/5", "sunspots/8"]
    assert [note.split(":")[0] for note in table.notes[1:]] == [
        "sunspots/5, seed 7",
        "sunspots/8, seed 7",
    ]


# Character runs: a table each.


def test_a_character_run_has_a_row_an_iteration(home: Home) -> None:
    trial = alice_trial(1, seed=9)
    (table,) = tables_of(snapshots(write_run(home, trial)))
    assert table.columns == TEXT_COLUMNS
    assert table.title == "alice/1, seed 9"
    assert [cells[0] for cells in table.rows] == [str(iteration) for iteration in range(1, 26)]
    written = made_up_text(trial, 13)
    assert row(table, 12) == {
        "Iteration": "13",
        "Loss": f"{made_up_loss(13):.4f}",
        "Seed": written.seed_text,
        "Generated text": written.generated,
        "Published loss": "1.5271",
    }
    assert row(table, 11)["Published loss"] == ""
    assert table.notes == (
        "iterations 25, epochs_per_iteration 1, predictions 100, seqlen 10, hidden_units 128, "
        "batch_size 128.",
    )


def test_the_loss_of_an_iteration_is_its_last_epoch_s(home: Home) -> None:
    (table,) = tables_of(snapshots(write_run(home, alice_trial(3, iterations=2))))
    assert [row(table, index)["Loss"] for index in (0, 1)] == [
        f"{made_up_loss(epoch):.4f}" for epoch in (2, 4)
    ]


@pytest.mark.parametrize(
    ("end", "words"),
    [(None, "interrupted"), (Cancelled(), "cancelled"), (Failed(what="It broke."), "failed")],
)
def test_an_unfinished_character_run_shows_what_is_complete_and_says_so(
    home: Home, end: Cancelled | Failed | None, words: str
) -> None:
    run = write_run(home, alice_trial(1), end=end, iterations=2, characters=30)
    (table,) = tables_of(snapshots(run))
    assert len(table.rows) == 2
    assert table.title == f"alice/1, seed 1 ({words})"


def test_any_text_that_a_network_writes_comes_through_markdown_and_csv(home: Home) -> None:
    texts = [
        Written(" | `seed` ", "a|b \\| ``c`` <b> [x](y) "),
        Written("\\" * 10, '"quoted", and commas, @everyone #1'),
        Written("          ", " " * 20),
    ]
    run = write_run(home, alice_trial(1, iterations=3), texts=texts)
    heading, (_columns, *cells) = rendered(render_document(snapshots(run)))[1]
    assert heading == "alice/1 (iterations 25 → 3), seed 1"
    assert [(line[2], line[3]) for line in cells] == [
        (text.seed_text, text.generated) for text in texts
    ]
    rows = list(
        csv.DictReader(io.StringIO(render_document(snapshots(run), FORMATS["csv"]), newline=""))
    )
    assert [(line["seed_text"], line["generated"]) for line in rows] == [
        (text.seed_text, text.generated) for text in texts
    ]


# Several runs in one document.


def several(home: Home) -> list[Snapshot]:
    return snapshots(
        write_run(home, sunspots_trial(5)),
        write_run(home, alice_trial(1, iterations=2)),
        write_run(home, sunspots_trial(8, epochs=2), end=Cancelled(), epochs=1),
        write_run(home, alice_trial(2, iterations=1), end=None, iterations=0),
    )


def test_several_runs_are_one_document(home: Home) -> None:
    parts = rendered(render_document(several(home)))
    assert [heading for heading, _cells in parts] == [
        "Recurrent-network lab: 4 runs",
        "Sunspots",
        "alice/1 (iterations 25 → 2), seed 1",
        "alice/2 (iterations 25 → 1), seed 1 (interrupted)",
        "How it was made",
    ]
    assert [len(cells) for _heading, cells in parts] == [0, 3, 3, 1, 5]
    assert rendered(render_document(several(home)[:1]))[0][0] == "Recurrent-network lab: 1 run"


def test_how_it_was_made_has_what_it_takes_to_make_it_again(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, epochs=3, seed=8), run_id="bcdf-sunspots-5")
    table = provenance_table(snapshots(run))
    made = row(table)
    assert made["Run"] == "bcdf-sunspots-5"
    assert made["Command"] == "rnnlab-tui run sunspots/5 --seed 8 --set epochs=3"
    assert made["Seed"] == "8"
    result = run.result()
    assert result is not None
    assert made["Data, SHA-256"] == f"sunspots {result.provenance.data.sha256[:12]}"
    assert "tensorflow 2.21.0" in made["Versions"]
    assert made["Processor"] == "Made-up Processor, 2 threads, cpu"
    # From the first event to the last: started, 3 phases, training, 3 epochs, predicting, writing,
    # finished.
    assert made["Took"] == "10.0 s, waited 1.0 s"


@pytest.mark.parametrize("end", [None, Cancelled(), Failed(what="It broke.")])
def test_how_an_unfinished_run_was_made_says_its_state(
    home: Home, end: Cancelled | Failed | None
) -> None:
    run = write_run(home, sunspots_trial(5), end=end, epochs=3)
    made = row(provenance_table(snapshots(run)))
    times = "" if end is None else ", 8.0 s, waited 1.0 s"
    assert made["Took"] == Snapshot.of(run).state + times
    assert made["Versions"] == ""
    assert made["Command"] == "rnnlab-tui run sunspots/5 --seed 1"


def test_a_run_whose_worker_died_after_its_result_took_no_time(home: Home) -> None:
    run = write_run(home, sunspots_trial(5), end=None, result=True)
    assert row(provenance_table(snapshots(run)))["Took"] == "interrupted"


def test_a_document_has_its_program_and_day(home: Home) -> None:
    lines = render_document(several(home)).splitlines()
    assert lines[0].startswith("# ")
    assert re.fullmatch(r"Written by rnnlab-tui \d+\.\d+\.\d+ on \d{4}-\d\d-\d\d\.", lines[2])


@pytest.mark.parametrize("output", FORMATS.values(), ids=list(FORMATS))
def test_every_format_takes_every_kind_of_run(home: Home, output: Format) -> None:
    text = render_document(several(home), output)
    assert text.endswith("\n")
    assert "cancelled" in text.lower()


@pytest.mark.parametrize("output", FORMATS.values(), ids=list(FORMATS))
def test_no_runs_are_an_empty_document(output: Format) -> None:
    assert isinstance(render_document([], output), str)


# What came from elsewhere: folders are copied between people's homes.

OBEYED = "\x1b]0;owned\x07"


def dangerous(text: str) -> set[str]:
    return {
        char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    } - {"\n"}


def hostile(home: Home) -> Sequence[Snapshot]:
    """Return runs whose every field that takes any text holds what a terminal obeys.

    So do the digests of what they read, which hence is not what the report read.
    """
    text = alice_trial(1, iterations=1)
    data = text.data.model_copy(
        update={"name": "a\u202e\u2028.txt", "file": f"/tmp/a{OBEYED}\n\n# x\n.txt"}
    )
    writing = write_run(
        home, text.model_copy(update={"data": data}), texts=[Written(OBEYED, f"{OBEYED}\n\n# x\n")]
    )
    forecast = write_run(home, sunspots_trial(5, epochs=1))
    for run in (writing, forecast):
        path = run.directory / "result.json"
        result = json.loads(path.read_bytes())
        result["provenance"] |= {
            "cpu": f"a{OBEYED}\n\n# x",
            "device": OBEYED,
            "versions": {f"a{OBEYED}\n\n# x": OBEYED},
            "data": result["provenance"]["data"] | {"prepared_sha256": OBEYED},
        }
        path.write_text(json.dumps(result))
    return snapshots(writing, forecast)


@pytest.mark.parametrize("output", FORMATS.values(), ids=list(FORMATS))
def test_a_hostile_run_directory_can_t_command_a_terminal_through_a_document(
    home: Home, output: Format
) -> None:
    text = render_document(hostile(home), output)
    assert "owned" in text
    assert dangerous(text) == set()


def test_a_hostile_run_directory_can_t_add_headings_to_a_document(home: Home) -> None:
    assert [heading for heading, _cells in rendered(render_document(hostile(home)))] == [
        "Recurrent-network lab: 2 runs",
        "sunspots, forecasts",
        "a.txt, letters ascii: alice/1 (iterations 25 → 1), seed 1",
        "How it was made",
    ]


def test_a_failure_s_words_can_t_command_a_terminal(home: Home) -> None:
    end = Failed(what=f"It {OBEYED} broke\n.", remedy=f"Mend {OBEYED}it.")
    error = Snapshot.of(write_run(home, sunspots_trial(5), end=end, epochs=1)).error
    assert error is not None
    assert (error.what, error.remedy) == ("It ]0;owned broke .", "Mend ]0;ownedit.")
    assert dangerous(str(error)) == set()


def test_a_failure_is_said_with_its_remedy(home: Home) -> None:
    run = write_run(
        home, sunspots_trial(5), end=Failed(what="It broke.", remedy="Fix it."), epochs=1
    )
    assert str(Snapshot.of(run).error) == "It broke. Fix it."
    gone = write_run(home, sunspots_trial(5), end=None, epochs=1)
    assert f"The worker of run {gone.id} disappeared" in str(Snapshot.of(gone).error)
    assert Snapshot.of(write_run(home, sunspots_trial(5, epochs=1))).error is None
