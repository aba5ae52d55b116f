"""The whole report in one command: what it asks for, what it writes, what it refuses."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers.command_line import call, started
from helpers.factory import CORPUS, write_run

from engine.host.home import Home
from engine.runs.results import ForecastMetrics
from engine.runs.run import all_runs
from engine.runs.watch import Snapshot
from engine.trials.trial import Trial
from tui.commands.cli import command

Trials = Sequence[Trial]


@pytest.fixture
def asked(home: Home, monkeypatch: pytest.MonkeyPatch) -> list[Trial]:
    """Have runs of made-up figures instead of half an hour's training; returns the trials that were
    to be run.
    """
    trials: list[Trial] = []

    def made_up(home: Home, wanted: Trials) -> tuple[list[Snapshot], int]:
        trials.extend(wanted)
        return [Snapshot.of(write_run(home, trial)) for trial in wanted], 0

    monkeypatch.setattr("tui.commands.foreground.follow_all", made_up)
    added = call(home, "data", "add", "alice", __file__)
    assert added.returncode == 0
    return trials


def test_all_21_trials_with_verdicts(home: Home, asked: Trials) -> None:
    done = CliRunner().invoke(command, ["reproduce", "--seeds", "3", "--home", str(home.root)])
    assert (done.exit_code, done.stderr) == (
        0,
        "There will be no verdicts on the sunspot trials: 3 seeds are too few. They take 20 or "
        "more: --seeds 20.\n",
    )
    assert [trial.preset for trial in asked] == [
        *(f"sunspots/{number}" for number in range(1, 12)),
        *(f"alice/{number}" for number in range(1, 11)),
    ]
    assert {trial.replicates for trial in asked if trial.kind == "forecast"} == {3}
    assert {trial.replicates for trial in asked if trial.kind == "text"} == {1}
    tables = [line for line in done.stdout.splitlines() if line.endswith("| Verdict |")]
    assert len(tables) == 11
    assert "# Recurrent-network lab: 21 runs" in done.stdout


@pytest.mark.parametrize(
    ("ids", "presets"),
    [
        (["sunspots"], [f"sunspots/{number}" for number in range(1, 12)]),
        (["alice"], [f"alice/{number}" for number in range(1, 11)]),
        (["alice/3", "sunspots/5"], ["alice/3", "sunspots/5"]),
        (["sunspots/5", "sunspots/5"], ["sunspots/5"]),
    ],
)
def test_a_part_of_the_report(
    home: Home, asked: Trials, ids: list[str], presets: list[str]
) -> None:
    done = CliRunner().invoke(command, ["reproduce", *ids, "--home", str(home.root)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert [trial.preset for trial in asked] == presets
    assert {trial.replicates for trial in asked} <= {1, 64}


def test_the_sunspot_trials_need_no_text(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.commands.foreground.follow_all", lambda _home, _trials: ([], 0))
    done = CliRunner().invoke(command, ["reproduce", "sunspots/5", "--home", str(home.root)])
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["sunspots", "--seeds", "1"],
            "There will be no verdicts on the sunspot trials: 1 seed is too few.",
        ),
        (["alice/1", "sunspots/5", "--seeds", "19"], "They take 20 or more: --seeds 20.\n"),
        (["sunspots", "--seeds", "20"], ""),
        (["sunspots"], ""),
        (["alice/1", "--seeds", "4"], ""),
    ],
)
def test_that_seeds_are_too_few_for_verdicts_is_said_before_anything_is_trained(
    home: Home, asked: Trials, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    def stopped(_home: Home, _trials: Trials) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tui.commands.foreground.follow_all", stopped)
    done = CliRunner().invoke(command, ["reproduce", *arguments, "--home", str(home.root)])
    assert said in done.stderr
    assert ("verdicts" in done.stderr) == bool(said)


def test_into_a_file_of_another_format(home: Home, asked: Trials, tmp_path: Path) -> None:
    path = tmp_path / "report.tex"
    done = CliRunner().invoke(
        command, ["reproduce", "sunspots", "-o", str(path), "--home", str(home.root)]
    )
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"Wrote {path} as LaTeX.\n")
    assert path.read_text(encoding="utf-8").startswith("\\begin{table}\n")


def test_into_a_file(home: Home, asked: Trials, tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    done = CliRunner().invoke(command, ["reproduce", "-o", str(path), "--home", str(home.root)])
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"Wrote {path} as Markdown.\n")
    assert asked[0].replicates == 64
    assert path.read_text(encoding="utf-8").startswith("# Recurrent-network lab: 21 runs\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--seeds", "0"), "--seeds 0: must be a whole number, 1 to "),
        (
            ("-o", "/proc/none/report.md"),
            "Can't write /proc/none/report.md: there is no folder /proc/none.",
        ),
        ((), "The text of Alice in Wonderland is not here yet."),
        (("alice/1",), "The text of Alice in Wonderland is not here yet."),
        (("sunspots/12",), "There is no preset 'sunspots/12'."),
    ],
)
def test_refused_before_anything_is_run(home: Home, arguments: tuple[str, ...], said: str) -> None:
    done = call(home, "reproduce", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not home.runs.exists()


def test_really_trained_on_a_small_text(home: Home, tmp_path: Path) -> None:
    (tmp_path / "small.txt").write_text(CORPUS * 10)
    assert call(home, "data", "add", "alice", str(tmp_path / "small.txt")).returncode == 0
    report = tmp_path / "report.md"
    with started(home, "reproduce", "--seeds", "2", "-o", str(report)) as process:
        out, said = process.communicate(timeout=1800)
    assert (process.returncode, out, said.splitlines()[-1]) == (
        0,
        "",
        f"Wrote {report} as Markdown.",
    )
    runs = [Snapshot.of(run) for run in all_runs(home)]
    assert {run.state for run in runs} == {"done"}
    assert len({run.trial.preset for run in runs}) == 21
    written = report.read_text(encoding="utf-8")
    # The text is not the report's: its tables have neither verdicts nor published losses.
    assert sum(line.endswith("| Verdict |") for line in written.splitlines()) == 1
    assert written.count("\n## alice (not the report's text): alice/") == 10
    assert "Published loss" not in written
    forecasts = [
        run.result.metrics
        for run in runs
        if run.result and isinstance(run.result.metrics, ForecastMetrics)
    ]
    assert len(forecasts) == 11
    for metrics in forecasts:
        assert f"{metrics.test_rmse_mean:.3f}".lstrip("0") in written
