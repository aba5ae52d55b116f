"""What ``run`` prints, and what signals make of it, where it trains: all in one home, kept warm."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import PATIENCE_S, call, closed_pipe, run_id, started, wait_for
from helpers.data_server import serving
from helpers.factory import CORPUS
from helpers.faults import (
    Laboratory,
    events_of,
    laboratory,
    queued_ids,
    state_of,
    wait_until,
)

from engine.host.home import Home
from engine.runs.checkpoints import read_checkpoints
from engine.runs.events import EpochEnded, Resumed, Started
from engine.runs.run import Run, find_run

SHORT = ("--set", "epochs=2")
# Cancelled long before it would end.
ENDLESS = ("--set", "epochs=100000")
Two = tuple[Home, subprocess.CompletedProcess[str]]
TABLE = "Month;Rain;Sun\n" + "".join(
    f"{1901 + n // 12}-{n % 12 + 1:02};{7 * n % 11};{5 * n % 13}\n" for n in range(120)
)


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """A laboratory in which TensorFlow need not be imported by every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNLAB_WARM_SECONDS", "60")
        with laboratory(Home(tmp_path_factory.mktemp("warm") / "home")) as lab:
            yield lab


def losses_since(run: Run, worker: int) -> list[int]:
    """Return the epochs that the ``worker``-th worker of a run has told of, once there are any."""

    def found() -> list[int]:
        events = events_of(run)
        begun = [place for place, event in enumerate(events) if isinstance(event, Started)]
        if len(begun) < worker:
            return []
        return [
            event.epoch for event in events[begun[worker - 1] :] if isinstance(event, EpochEnded)
        ]

    return wait_until(found)


# What is printed.


@pytest.fixture(scope="module")
def two(warm: Laboratory) -> Two:
    """Two runs of one command that was started with nohup, and whose terminal was closed."""
    with started(warm.home, "run", "sunspots/5", "sunspots/6", *SHORT, under=["nohup"]) as process:
        said = wait_for(process, "importing")
        process.send_signal(signal.SIGHUP)
        out, err = process.communicate(timeout=PATIENCE_S)
    return warm.home, subprocess.CompletedProcess(process.args, process.returncode, out, said + err)


def test_where_sighup_is_ignored_it_goes_on_to_its_results(
    two: Two,
) -> None:
    home, done = two
    assert done.returncode == 0
    assert [
        json.loads(line)["state"] for line in call(home, "runs", "--json").stdout.splitlines()
    ] == ["done", "done"]


def test_the_results_of_two_runs_are_the_tables_that_export_prints(
    two: Two,
) -> None:
    home, done = two
    first, second = (
        line.rsplit(" ", 1)[1] for line in done.stderr.splitlines() if ": run " in line
    )
    assert done.stdout == call(home, "export", first, second).stdout
    assert done.stdout.startswith("# Recurrent-network lab: 2 runs\n")
    # One table, with a row each.
    rows = [
        line.split(" | ")[0] for line in done.stdout.splitlines() if line.startswith("| sunspots/")
    ]
    assert rows == ["| sunspots/5 (epochs 35 → 2)", "| sunspots/6 (epochs 25 → 2)"]


def test_progress_is_told_on_stderr_alone(two: Two) -> None:
    _home, done = two
    assert done.stderr.count("epoch 2/2  loss ") == 2
    assert not any(
        words in done.stdout for words in ("loss ", ": run ", "importing", "training", "\x1b", "\r")
    )
    assert "|" not in done.stderr


def test_a_column_from_the_web_is_trained_on(warm: Laboratory) -> None:
    with serving() as server:
        url = server.serve("/weather.csv", TABLE.encode(), "text/csv")
        done = call(warm.home, "run", "sunspots/5", *SHORT, "--series", f"{url}:Sun", "--json")
        assert done.returncode == 0
        assert server.asked == ["/weather.csv"]
    run = json.loads(done.stdout)
    assert (run["state"], run["provenance"]["data"]["length"]) == ("done", 120)
    assert run["provenance"]["command"].endswith(f"--series {url}:3")
    # Without the server, from what was fetched; another column gives other figures.
    other = call(warm.home, "run", "sunspots/5", *SHORT, "--series", f"{url}:Rain", "--json")
    assert json.loads(other.stdout)["metrics"] != run["metrics"]


def test_whoever_has_stopped_reading_leaves_the_run_to_its_end(warm: Laboratory) -> None:
    arguments = ("run", "sunspots/5", *SHORT, "--json")
    with closed_pipe() as nobody, started(warm.home, *arguments, stdout=nobody) as process:
        name = run_id(wait_for(process, ": run "))
        _out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == -signal.SIGPIPE
    assert "Traceback" not in err
    assert state_of(find_run(warm.home, name)) == "done"


# Signals.


def test_ctrl_c_cancels_every_run_of_the_command_with_a_checkpoint_to_go_on_from(
    warm: Laboratory,
) -> None:
    with started(warm.home, "run", "sunspots/5", "sunspots/6", *ENDLESS, "--jobs", "1") as process:
        name = run_id(wait_for(process, "epoch "))
        first = find_run(warm.home, name)
        (second,) = (find_run(warm.home, other) for other in queued_ids(warm.home) if other != name)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, err.count("Cancelling"), "Traceback" in err) == (130, 1, False)
    assert out.startswith("# Recurrent-network lab: 2 runs\n")
    assert [state_of(run) for run in (first, second)] == ["cancelled", "cancelled"]
    # Nor was the second begun when the first made room for it.
    assert not any(isinstance(event, Started) for event in events_of(second))
    # The supervisor takes a run out of the queue once it has seen its end.
    wait_until(lambda: not queued_ids(warm.home))
    newest = next(read_checkpoints(first.checkpoints, len(events_of(first))))
    told = [
        event.epoch for event in events_of(first)[: newest.after] if isinstance(event, EpochEnded)
    ]
    assert told

    assert call(warm.home, "resume", name).stdout == f"{name}\n"
    assert losses_since(first, 2)[0] == told[-1] + 1
    assert [event.after for event in events_of(first) if isinstance(event, Resumed)][
        -1
    ] == newest.after
    assert call(warm.home, "cancel", name).stdout == f"{name} cancelled\n"


def test_sigterm_in_training_leaves_a_checkpoint_too(warm: Laboratory) -> None:
    with started(warm.home, "run", "sunspots/7", *ENDLESS, "--json") as process:
        wait_for(process, "epoch ")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, "Traceback" in err) == (143, False)
    described = json.loads(out)
    assert (described["state"], described["error"]) == ("cancelled", None)
    run = Run(Path(described["directory"]))
    assert any(read_checkpoints(run.checkpoints, len(events_of(run))))


def test_ctrl_c_on_the_whole_report_leaves_tables_of_what_there_is(
    warm: Laboratory, tmp_path: Path
) -> None:
    (tmp_path / "small.txt").write_text(CORPUS)
    assert call(warm.home, "data", "add", "alice", str(tmp_path / "small.txt")).returncode == 0
    report = tmp_path / "report.md"
    with started(warm.home, "reproduce", "--seeds", "1000", "-o", str(report)) as process:
        first = run_id(wait_for(process, "training"))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out, err.splitlines()[-1]) == (
        130,
        "",
        f"Wrote {report} as Markdown.",
    )
    assert report.read_text(encoding="utf-8").startswith("# Recurrent-network lab: 21 runs\n")
    assert "Traceback" not in err
    assert state_of(find_run(warm.home, first)) == "cancelled"
    wait_until(lambda: not queued_ids(warm.home))
