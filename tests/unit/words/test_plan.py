"""What a trial will do, in words, before it does it."""

from datetime import timedelta

import pytest
from helpers.factory import SUBMITTED, preset, sunspots_trial, write_log, write_run

from engine.data.series import built_in
from engine.host.home import Home
from engine.numerics.protocol import scale, split_windows
from engine.runs.events import Cancelled, EventReader
from engine.runs.results import BriefResult
from engine.runs.watch import Snapshot
from engine.trials.trial import ForecastParameters, TextParameters, parameters_for
from presets import PublishedText, load
from tui.words import plan

MONTHS = 2820


def sunspots(**settings: object) -> ForecastParameters:
    """Preset sunspots/5 with settings over it."""
    parameters = parameters_for(preset("sunspots/5"), settings)
    assert isinstance(parameters, ForecastParameters)
    return parameters


def alice(**settings: object) -> TextParameters:
    """Preset alice/1 with settings over it."""
    parameters = parameters_for(preset("alice/1"), settings)
    assert isinstance(parameters, TextParameters)
    return parameters


class TestWeights:
    @pytest.mark.parametrize(("units", "weights"), [(1, 5), (3, 19), (16, 305)])
    def test_of_a_forecaster(self, units: int, weights: int) -> None:
        # Keras: SimpleRNN has units·1 + units² + units, Dense units + 1.
        assert plan.parameter_count(sunspots(hidden_units=units)) == weights

    def test_of_a_character_model(self) -> None:
        assert plan.parameter_count(alice(), 55) == 128 * (128 + 55 + 1) + 55 * 129

    def test_are_not_guessed_without_the_alphabet(self) -> None:
        assert plan.parameter_count(alice()) is None


class TestWords:
    @pytest.mark.parametrize(
        ("time_steps", "words"),
        [
            (10, "225 training windows, 56 test windows"),
            (12, "187 training windows, 46 test windows"),
            (20, "112 training windows, 28 test windows"),
        ],
    )
    def test_windows_are_those_that_are_trained_on(self, time_steps: int, words: str) -> None:
        training, test = split_windows(scale(built_in().values).values, time_steps)
        assert words == f"{len(training.y)} training windows, {len(test.y)} test windows"
        assert words in plan.plan_lines(
            preset("sunspots/5"), sunspots(time_steps=time_steps), MONTHS, None
        )

    def test_windows_are_not_guessed_without_the_series(self) -> None:
        assert not any(
            "windows," in line
            for line in plan.plan_lines(preset("sunspots/5"), sunspots(), None, None)
        )

    def test_both_activations_are_said(self) -> None:
        lines = plan.plan_lines(
            preset("sunspots/8"), sunspots(activation="tanh & relu"), MONTHS, None
        )
        assert lines[0] == "SimpleRNN 3, tanh → Dense 1, relu"
        assert "19 weights" in lines

    def test_what_is_assumed_is_said(self) -> None:
        assert "not in the report, assumed: optimizer" in plan.plan_lines(
            preset("sunspots/5"), sunspots(), MONTHS, None
        )

    def test_how_long_it_took_is_said_where_it_is_known(self) -> None:
        lines = plan.plan_lines(preset("sunspots/5"), sunspots(), MONTHS, 192.0)
        assert lines[-1] == "took 3 min here the last time"

    def test_a_text_says_its_epochs(self) -> None:
        parameters = parameters_for(preset("alice/5"), {})
        lines = plan.plan_lines(preset("alice/5"), parameters, MONTHS, None)
        assert "40 iterations of 5: 200 epochs, batch 128" in lines
        assert "reads 30 characters, writes 200 after each iteration" in lines


class TestPublished:
    @pytest.mark.parametrize("found", load(), ids=lambda found: found.id)
    def test_every_published_figure_has_its_line(self, found: object) -> None:
        known = next(known for known in load() if known is found)
        lines = plan.published_lines(known)
        if isinstance(known.published, PublishedText):
            assert len(lines) == len(known.published.iterations)
            for row in known.published.iterations:
                assert known.published.losses[row.iteration] == row.loss
        else:
            assert len(lines) == 1

    def test_iterations_that_are_not_published_have_none(self) -> None:
        assert 2 not in preset("alice/1").published.losses
        assert preset("sunspots/5").published.losses == {}


class TestLastDuration:
    def test_is_that_of_the_newest_done_run_of_the_same_parameters(self, home: Home) -> None:
        older = write_run(home, sunspots_trial(5, seed=2))
        newer = write_run(
            home, sunspots_trial(5, epochs=20), submitted=SUBMITTED + timedelta(hours=1)
        )
        cancelled = write_run(home, sunspots_trial(5), end=Cancelled(), epochs=1)
        runs = [Snapshot.of(run) for run in (newer, cancelled, older)]
        assert plan.last_duration(sunspots(), 1, runs) == pytest.approx(43, abs=1)
        assert plan.last_duration(sunspots(epochs=20), 1, runs) == pytest.approx(28, abs=1)
        assert plan.last_duration(sunspots(epochs=21), 1, runs) is None
        assert plan.last_duration(sunspots(), 1, []) is None

    def test_is_the_time_of_work_not_of_waiting(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5))
        events = [logged.event for logged in EventReader(run.log).read()]
        write_log(run, events, began=run.submission.submitted.timestamp() + 1000)
        for brief in (None, BriefResult):
            assert (
                plan.last_duration(sunspots(), 1, [Snapshot.of(run, brief=brief)])
                == len(events) - 1
            )
