"""What stands beside a run's figures: that they are of few points, of a network that died, or of
other data.
"""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from helpers.app import (
    NARROW,
    SMALLEST,
    WIDE,
    filled,
    flowing,
    form,
    laboratory,
    line_with,
    open_run,
    seen,
    shows,
)
from helpers.factory import CORPUS, alice_trial, preset, sunspots_trial, write_run

from engine.data.library import TextLibrary
from engine.host.home import Home
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.runs.run import Run

DEAD = (
    "every prediction is the same value (0.043): the network's relu units died; another seed "
    "or tanh may help"
)
FEW = "1 test point: a figure from so few says little"
RAIN = "Month,Rain\n" + "".join(
    f"{1950 + n // 12}-{n % 12 + 1:02},{20 + n * 7 % 50}\n" for n in range(240)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Monthly rain, twenty years of it."""
    path = tmp_path / "rain.csv"
    path.write_text(RAIN)
    return path


def dead_run(home: Home) -> Run:
    """Write a run whose network predicts .043 whatever it reads."""
    run = write_run(home, sunspots_trial(5, activation="relu"))
    path = run.directory / "result.json"
    result = json.loads(path.read_text())
    result["metrics"]["constant_prediction"] = 0.0431
    path.write_text(json.dumps(result))
    return run


@pytest.mark.parametrize("size", [NARROW, WIDE, SMALLEST])
async def test_a_dead_network_is_said_where_its_figures_stand(
    home: Home, size: tuple[int, int]
) -> None:
    dead_run(home)
    async with laboratory(home, size) as lab:
        await open_run(lab)
        for tab in "12":
            await lab.press(tab)
            await shows(lab, "every prediction is the same value (0.043)")
            # Side by side at 160 columns, the lines of one pane are not in a row.
            assert size == WIDE or DEAD in flowing(lab)


async def test_an_older_result_is_said_to_be_dead_by_its_predictions(home: Home) -> None:
    run = write_run(home, sunspots_trial(5, activation="relu"))
    path = run.directory / "result.json"
    result = json.loads(path.read_text())
    del result["metrics"]["constant_prediction"]
    path.write_text(json.dumps(result))
    predictions = run.directory / "predictions.npz"
    with np.load(predictions) as archive:
        arrays = dict(archive) | {"predicted": np.full_like(archive["predicted"], 0.0431)}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    predictions.write_bytes(buffer.getvalue())
    async with laboratory(home) as lab:
        await open_run(lab)
        await lab.press("2")
        await shows(lab, DEAD)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_few_points_are_said_in_the_list_and_on_the_run(
    home: Home, size: tuple[int, int]
) -> None:
    write_run(home, sunspots_trial(5, time_steps=300))
    async with laboratory(home, size) as lab:
        assert " (1 pt)" in line_with(lab, "✓ done")
        await open_run(lab)
        for tab in "12":
            await lab.press(tab)
            await shows(lab, FEW)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_published_figures_do_not_stand_beside_another_series(
    home: Home, table: Path, size: tuple[int, int]
) -> None:
    write_run(home, prepare_trial(home, TrialRequest(preset("sunspots/5"), source=str(table))))
    write_run(home, sunspots_trial(5), run_id="zzzz-sunspots-5")
    async with laboratory(home, size) as lab:
        # The older of two that were submitted at the same time comes first.
        first, second = (line for line in seen(lab).splitlines() if "✓ done" in line)
        assert ".060 / .079" not in first
        assert ".060 / .079" in second
        await open_run(lab)
        for tab in "123":
            await lab.press(tab)
            await lab.pause()
            assert "published" not in seen(lab)


async def test_published_texts_and_losses_do_not_stand_beside_another_text(
    home: Home, tmp_path: Path
) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(CORPUS)
    trial = alice_trial(1, data=TextLibrary(home).resolve(str(path)).reference)
    write_run(home, trial)
    async with laboratory(home, WIDE) as lab:
        assert "1.3837" not in seen(lab)
        await open_run(lab)
        await shows(lab, "ITERATION 25 of 25")
        # The column of the log has its heading, and nothing in it.
        assert flowing(lab).lower().count("published") == 1
        assert "◆" not in seen(lab)


async def test_the_form_shows_them_for_the_reports_data_alone(home: Home, table: Path) -> None:
    published = "published RMSE train .060 test .079"
    async with laboratory(home, WIDE) as lab:
        await form(lab)
        await shows(lab, published)
        await filled(lab, "series", str(table))
        await shows(lab, "19 training windows", "4 test windows: a figure from so few says little")
        assert "published" not in flowing(lab)
        await filled(lab, "series", "sunspots")
        await shows(lab, published)
