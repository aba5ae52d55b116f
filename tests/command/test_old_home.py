"""A home that an earlier version wrote is listed, shown, exported and taken up by this one.

``tests/homes/2026-11-26`` was written by the command itself, at the last commit before kinds were
renamed: by another host, whose runs have to be adopted. It is never made again: what it holds is
what people have.
"""

import json
import shutil
from pathlib import Path

import pytest
from helpers.command import Laboratory
from helpers.factory import ROOT

from engine.host.home import Home
from engine.runs.run import all_runs

OLD_HOME = ROOT / "tests" / "homes" / "2026-11-26"
STATES = {
    "kj75-sunspots-1": "held",
    "jqg3-alice-2": "cancelled",
}


@pytest.fixture
def old(tmp_path: Path) -> Laboratory:
    """A copy of the old home. A checkout keeps no permissions: a home is its owner's alone."""
    root = tmp_path / "home"
    shutil.copytree(OLD_HOME, root)
    for path in (root, *root.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return Laboratory(Home(root), tmp_path)


def ids(old: Laboratory) -> list[str]:
    return sorted(run.id for run in all_runs(old.home))


def test_every_run_is_listed_with_what_was_measured(old: Laboratory) -> None:
    lines = old.call("runs", "--json").stdout.splitlines()
    listed = {run["id"]: run for run in map(json.loads, lines)}
    assert {run["kind"] for run in listed.values()} == {"forecast", "text"}
    assert {name: run["state"] for name, run in listed.items()} == dict.fromkeys(
        ids(old), "done"
    ) | STATES
    sunspots = {
        run["preset"]: run["metrics"] for run in listed.values() if run["kind"] == "forecast"
    }
    assert round(sunspots["sunspots/5"]["test_rmse"], 12) == 0.574481051577
    assert len(sunspots["sunspots/7"]["replicates"]) == 3
    assert sunspots["sunspots/11"]["test_points"] == 3
    assert [run["note"] for run in listed.values() if run["note"]] == ["the first one, by Ana"]


def test_every_run_is_shown(old: Laboratory) -> None:
    for name in ids(old):
        shown = old.call("show", name)
        assert (shown.returncode, shown.stderr, name in shown.stdout) == (0, "", True), shown


@pytest.mark.parametrize("name", ["runs.md", "runs.csv", "runs.json", "runs.tex"])
def test_all_are_exported(old: Laboratory, name: str) -> None:
    done = [run for run in ids(old) if run not in STATES]
    exported = old.call("export", *done, "-o", name)
    assert exported.returncode == 0, exported
    text = (old.folder / name).read_text()
    assert "0.574" in text
    assert "rain" in text


def test_data_and_drafts_are_there(old: Laboratory) -> None:
    data = old.call("data")
    assert data.returncode == 0
    assert "rain" in data.stdout
    assert "tale" in data.stdout
    assert json.loads((old.home.root / "drafts.json").read_text())["forms"] == {
        "sunspots/5": {"batch_size": "90"}
    }


def test_the_runs_of_the_old_host_are_adopted_and_finished(old: Laboratory) -> None:
    trained = old.read("show", "jqg3-alice-2", "--json")["metrics"]["iterations"]
    assert old.call("adopt", *ids(old)).returncode == 0
    assert old.call("resume", "jqg3-alice-2").returncode == 0
    followed = old.call("watch", "jqg3-alice-2")
    assert (followed.returncode, "iteration 400" in followed.stdout) == (0, True), followed
    resumed, held = (
        old.read("show", "jqg3-alice-2", "--json"),
        old.read("show", "kj75-sunspots-1", "--json"),
    )
    assert (resumed["state"], held["state"]) == ("done", "held")
    assert (len(trained), len(resumed["metrics"]["iterations"])) == (35, 400)
    assert resumed["metrics"]["iterations"][:35] == trained
    assert old.call("release", "kj75-sunspots-1").returncode == 0
    assert old.call("watch", "kj75-sunspots-1").returncode == 0
    assert old.read("show", "kj75-sunspots-1", "--json")["state"] == "done"
