"""What is said beside figures of few points, and of a network that predicts one value."""

import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from helpers.factory import sunspots_trial, write_run
from hypothesis import given
from hypothesis import strategies as st

from engine.host.home import Home
from engine.numerics.metrics import constant_forecast
from engine.reports import caveats
from engine.reports.document import render_document
from engine.reports.json_records import format_metrics
from engine.runs.results import BriefResult, ForecastMetrics, ReplicateMetrics
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.trials.trial import ForecastParameters
from tui.words import format as fmt
from tui.words.forecasts import FORECAST_WORDS


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def metrics_of(run: Run) -> ForecastMetrics:
    """Return the figures of a finished forecast."""
    result = Snapshot.of(run).result
    assert result is not None
    assert isinstance(result.metrics, ForecastMetrics)
    return result.metrics


def parameters(activation: str = "linear", time_steps: int = 10) -> ForecastParameters:
    """Return those of a preset, changed."""
    return sunspots_trial(5, activation=activation, time_steps=time_steps).parameters


def age(run: Run) -> None:
    """Have an older version's result in a run, which did not look whether the predictions are one
    value.
    """
    path = run.directory / "result.json"
    result = json.loads(path.read_text())
    del result["metrics"]["constant_prediction"]
    path.write_text(json.dumps(result))


def die(run: Run, value: float = 0.043) -> None:
    """Have a run's network predict one value."""
    path = run.directory / "predictions.npz"
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["predicted"] = np.full_like(arrays["predicted"], value)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    path.write_bytes(buffer.getvalue())


class TestFewPoints:
    @pytest.mark.parametrize(
        ("points", "words", "mark"),
        [
            (1, "1 test point: a figure from so few says little", "(1 pt)"),
            (19, "19 test points: a figure from so few says little", "(19 pts)"),
            (20, "20 test points", ""),
            (56, "56 test points", ""),
        ],
    )
    def test_are_said_below_twenty(self, home: Home, points: int, words: str, mark: str) -> None:
        metrics = metrics_of(write_run(home, sunspots_trial(5))).model_copy(
            update={"test_points": points}
        )
        assert caveats.format_points(points) == words
        assert caveats.mark(metrics) == mark

    def test_the_number_is_that_of_the_documented_interval(self) -> None:
        # 2.5 % and 97.5 % of chi-squared with 20 degrees of freedom; from any table.
        low, high = math.sqrt(caveats.FEW_POINTS / 34.17), math.sqrt(caveats.FEW_POINTS / 9.591)
        assert (round(low, 2), round(high, 2)) == (0.77, 1.44)

    @pytest.mark.parametrize("form", [None, BriefResult])
    def test_stand_in_the_list_and_in_runs(
        self, home: Home, form: type[BriefResult] | None
    ) -> None:
        # 2,820 months leave 564 for the test, of which windows of 300 leave one target.
        few = Snapshot.of(write_run(home, sunspots_trial(5, time_steps=300)), brief=form)
        many = Snapshot.of(write_run(home, sunspots_trial(5)), brief=form)
        assert fmt.measured_numbers(few.trial, few.progress, few.metrics).endswith(" (1 pt)")
        assert "/" not in fmt.measured_numbers(few.trial, few.progress, few.metrics)
        assert "pt" not in fmt.measured_numbers(many.trial, many.progress, many.metrics)
        assert format_metrics(few.metrics).endswith(" (1 pt)")
        assert format_metrics(many.metrics).count(".") == 2

    def test_stand_under_the_table(self, home: Home) -> None:
        few = Snapshot.of(write_run(home, sunspots_trial(5, time_steps=300)))
        assert "seed 1: 1 test point: a figure from so few says little.\n" in render_document([few])
        assert "says little" not in render_document(
            [Snapshot.of(write_run(home, sunspots_trial(5)))]
        )

    def test_stand_in_the_plan_beside_the_windows(self) -> None:
        lines = FORECAST_WORDS.plan_lines(parameters(time_steps=300), 2820, "M")
        assert "7 training windows" in lines
        assert "1 test window: a figure from so few says little" in lines
        assert "225 training windows, 56 test windows" in FORECAST_WORDS.plan_lines(
            parameters(), 2820, "M"
        )

    def test_stand_behind_that_the_network_is_flat_where_there_is_room(self, home: Home) -> None:
        metrics = metrics_of(write_run(home, sunspots_trial(5)))
        metrics = metrics.model_copy(update={"test_points": 7, "constant_prediction": 0.2})
        assert caveats.mark(metrics) == "(flat, 7 pts)"
        assert caveats.mark(metrics, briefly=True) == "(flat)"

    def test_older_results_in_a_list_say_nothing_of_them(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5))
        brief = Snapshot.of(run, brief=BriefResult).metrics
        assert brief is not None
        unknown = brief.model_copy(update={"test_points": None})
        assert fmt.measured_numbers(sunspots_trial(5), run.progress(), unknown).count(".") == 2


class TestConstantPredictions:
    @pytest.mark.parametrize("form", [None, BriefResult])
    @pytest.mark.parametrize(
        ("seeds", "mark"),
        [([1], "(flat)"), ([0, 0], ""), ([0, 1, 1], "(2 flat)"), ([1] * 3, "(flat)")],
    )
    def test_stand_in_the_list_and_in_runs(
        self, home: Home, form: type[BriefResult] | None, seeds: list[int], mark: str
    ) -> None:
        run = write_run(home, sunspots_trial(5))
        path = run.directory / "result.json"
        found = json.loads(path.read_text())
        errors = {"train_rmse": 0.1, "test_rmse": 0.2, "state": "done"}
        values = [0.5 if flat else None for flat in seeds]
        found["metrics"]["constant_prediction"] = values[0]
        if len(seeds) > 1:
            found["metrics"]["replicates"] = [
                {"seed": seed, "constant_prediction": value, **errors}
                for seed, value in enumerate(values, 1)
            ]
        path.write_text(json.dumps(found))
        shown = Snapshot.of(run, brief=form)
        in_list = fmt.measured_numbers(shown.trial, shown.progress, shown.metrics)
        for written in (in_list, format_metrics(shown.metrics)):
            assert written[written.find("(") :] == mark if mark else "(" not in written

    @given(
        st.floats(-1e6, 1e6),
        st.integers(2, 200),
        st.floats(1e-6, 1e6),
        st.floats(-1e6, 1e6),
        st.floats(0, 1e-4),
    )
    def test_are_found_in_any_unit(
        self, value: float, n: int, scale: float, offset: float, noise: float
    ) -> None:
        real = np.sin(np.arange(n)) * scale + offset
        wobble = noise * np.std(real) * np.cos(np.arange(n))
        assert constant_forecast(value + wobble, real) == pytest.approx(
            value, rel=1e-3, abs=1e-3 * scale + 1e-6
        )

    @given(st.integers(2, 200), st.floats(1e-3, 1e6), st.floats(-1e3, 1e3), st.floats(0.01, 10))
    def test_a_network_that_follows_its_input_is_not_taken_for_one(
        self, n: int, scale: float, offset: float, gain: float
    ) -> None:
        real = np.sin(np.arange(n)) * scale + offset
        assert constant_forecast(real * gain, real) is None

    def test_of_a_series_that_does_not_change_nothing_is_said(self) -> None:
        assert constant_forecast([0.5, 0.5], [0.5, 0.5]) is None

    def test_one_part_alone_does_not_do(self) -> None:
        real = [0.0, 1.0, 0.2, 0.8]
        assert constant_forecast([0.3, 0.3, 0.1, 0.6], real) is None

    def test_are_said_with_their_value_and_what_helps(self, home: Home) -> None:
        metrics = metrics_of(write_run(home, sunspots_trial(5))).model_copy(
            update={"constant_prediction": 0.0432}
        )
        (words,) = caveats.forecast_caveats(metrics, parameters(activation="relu,linear"))
        assert words == (
            "every prediction is the same value (0.043): the network's relu units died; another "
            "seed or tanh may help"
        )
        (words,) = caveats.forecast_caveats(metrics, parameters(activation="tanh"))
        assert "relu" not in words
        assert "more epochs" in words

    def test_of_several_seeds_they_are_counted(self, home: Home) -> None:
        seeds = tuple(
            ReplicateMetrics(
                seed=n,
                train_rmse=0.1,
                test_rmse=0.1,
                state="done",
                constant_prediction=0.2 if n < dead else None,
            )
            for n, dead in ((n, 2) for n in range(64))
        )
        metrics = metrics_of(write_run(home, sunspots_trial(5))).model_copy(
            update={"replicates": seeds}
        )
        (words,) = caveats.forecast_caveats(metrics, parameters(activation="relu"))
        assert words.startswith(
            "2 of 64 seeds predict the same value everywhere: the network's relu units died"
        )

    def test_of_a_run_that_works_nothing_is_said(self, home: Home) -> None:
        snapshot = Snapshot.of(write_run(home, sunspots_trial(5)))
        assert caveats.table_notes(snapshot, "x") == []

    def test_older_results_are_looked_at_again(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5))
        die(run)
        # As this version writes it, the result decides.
        assert caveats.table_notes(Snapshot.of(run), "x") == []
        age(run)
        (note,) = caveats.table_notes(Snapshot.of(run), "x")
        assert note.startswith("x: every prediction is the same value (0.043)")
        assert "every prediction is the same value (0.043)" in render_document([Snapshot.of(run)])

    @pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 torn"])
    def test_where_predictions_can_t_be_read_nothing_is_said(
        self, home: Home, content: bytes | None
    ) -> None:
        run = write_run(home, sunspots_trial(5))
        age(run)
        path = run.directory / "predictions.npz"
        path.unlink() if content is None else path.write_bytes(content)
        assert caveats.table_notes(Snapshot.of(run), "x") == []
