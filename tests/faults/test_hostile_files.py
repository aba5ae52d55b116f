"""A run directory that somebody else has made: whatever its files hold, nothing of it is executed
by looking at it.

Of going on from it, see the forged checkpoints in :mod:`faults.test_damaged_checkpoint`.
"""

import base64
import json
import marshal
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.test_damaged_checkpoint import forgeries, signed
from helpers.factory import sunspots_trial, write_run
from helpers.faults import Laboratory, events_of, laboratory
from helpers.terminal import Terminal

from engine.host.home import Home
from engine.runs.checkpoints import unpack_arrays
from engine.runs.events import Cancelled, Resumed
from engine.runs.run import Run


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file that is there once a payload was executed."""
    return tmp_path / "harm"


def write_model(path: Path, mark: Path) -> None:
    """Write a Keras archive whose Lambda layer would leave the mark."""
    code = compile(f"open({str(mark)!r}, 'w').close()", "lambda", "exec")
    function = [base64.b64encode(marshal.dumps(code)).decode(), None, None]
    layer = {
        "class_name": "Lambda",
        "module": "keras.layers",
        "config": {"function": {"config": function}},
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "config.json", json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}})
        )


def poison(run: Run, content: bytes, mark: Path) -> None:
    """Put a payload into every file of a run that holds arrays, or that a Keras model could be
    in.
    """
    for name in ("weights.npz", "predictions.npz"):
        (run.directory / name).write_bytes(content)
    run.checkpoints.mkdir(exist_ok=True)
    (run.checkpoints / "3.npz").write_bytes(signed(content))
    write_model(run.directory / "model.keras", mark)
    write_model(run.directory / "weights.keras", mark)


def test_nothing_is_executed_by_any_command(lab: Laboratory, mark: Path, tmp_path: Path) -> None:
    for number, content in enumerate(forgeries(mark).values()):
        run = write_run(lab.home, sunspots_trial(5, epochs=3), run_id=f"forged-{number}")
        poison(run, content, mark)
    ids = [path.name for path in lab.home.runs.iterdir()]
    assert "done" in lab.call("show", ids[0])
    assert lab.call("runs").count("\n") == len(ids)
    for output in ("md", "csv", "json", "latex"):
        lab.call("export", *ids, "--format", output)
    for name in ids:
        said = lab.call("extend", name, "--set", "epochs=4", status=2)
        assert said.startswith(f"rnnlab-tui: Run {name} has no checkpoint to continue from.")
    assert not mark.exists()


def test_the_application_says_that_it_can_t_be_read(
    lab: Laboratory, mark: Path, tmp_path: Path
) -> None:
    every = forgeries(mark)
    environment = {"RNNLAB_HOME": str(lab.home.root), "RNNLAB_LOCKS": os.environ["RNNLAB_LOCKS"]}
    for kind in ("objects", "a pickle as an array", "an array beyond memory"):
        run = write_run(lab.home, sunspots_trial(5, epochs=3), run_id="forged")
        poison(run, every[kind], mark)
        with Terminal([], columns=160, env=environment, cwd=tmp_path) as terminal:
            terminal.wait_for("✓ done")
            terminal.press("enter")
            terminal.wait_for("The predictions of run forged can't be read.")
            terminal.press("q")
            assert terminal.wait_for_end() == 0
    assert not mark.exists()


def test_a_result_does_not_lead_out_of_its_directory(lab: Laboratory, tmp_path: Path) -> None:
    run = write_run(lab.home, sunspots_trial(5, epochs=3), run_id="forged")
    result = run.directory / "result.json"
    # Reading it would never end.
    result.write_text(json.dumps({**json.loads(result.read_text()), "predictions": "/dev/zero"}))
    environment = {"RNNLAB_HOME": str(lab.home.root), "RNNLAB_LOCKS": os.environ["RNNLAB_LOCKS"]}
    with Terminal([], columns=160, env=environment, cwd=tmp_path) as terminal:
        terminal.wait_for("✓ done")
        terminal.press("enter")
        terminal.wait_for("The predictions of run forged can't be read.", seconds=20)


def test_a_run_goes_on_from_nothing_of_it(lab: Laboratory, mark: Path) -> None:
    run = write_run(lab.home, sunspots_trial(5, epochs=3), end=Cancelled(), epochs=1)
    poison(run, forgeries(mark)["objects"], mark)
    lab.call("resume", run.id)
    assert lab.ends(run) == "done"
    assert [event.after for event in events_of(run) if isinstance(event, Resumed)][-1] == 0
    assert not mark.exists()
    # What it has written itself lies in the place of what was there.
    for name in ("weights.npz", "predictions.npz"):
        assert unpack_arrays((run.directory / name).read_bytes())
