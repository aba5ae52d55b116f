"""Numbers, times and states as they stand in a narrow column."""

import math
from typing import get_args

import pytest
from helpers.factory import alice_trial, made_up_loss, preset, sunspots_trial
from hypothesis import example, given
from hypothesis import strategies as st

from engine.runs.events import EpochEnded, IterationEnded, Logged, SamplingStarted
from engine.runs.progress import Progress
from engine.runs.results import Errors, ForecastMetrics
from engine.runs.run import State
from tui.words import format as fmt


class TestRmse:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (0.06, ".060"),
            (0.0794, ".079"),
            (0.9996, "1.000"),
            (1.0, "1"),
            (1.2345, "1.23"),
            (0.0, ".000"),
        ],
    )
    def test_is_written_as_the_report_prints_it(self, value: float, words: str) -> None:
        assert fmt.rmse(value) == words

    @pytest.mark.parametrize("value", [math.nan, math.inf, 1e300])
    def test_what_is_none_is_said(self, value: float) -> None:
        assert fmt.rmse(value) in ("nan", "inf", "1e+300")


class TestLoss:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (0.5, ".50000"),
            (0.00412, ".00412"),
            (1.38371, "1.3837"),
            (0.00001234, "1.2e-05"),
            (0.0, ".00000"),
            (12.34567, "12.3457"),
            (math.nan, "nan"),
            (math.inf, "inf"),
        ],
    )
    def test_is_written_short(self, value: float, words: str) -> None:
        assert fmt.loss(value) == words

    @given(st.just(0.0) | st.floats(min_value=1e-99, max_value=99.99))
    @example(0.999999)
    @example(9.99999)
    @example(0.0001)
    def test_fits_seven_columns_and_can_be_read_back(self, value: float) -> None:
        words = fmt.loss(value)
        assert len(words) <= 7
        assert float(words) == pytest.approx(value, abs=5.1e-5, rel=0.05)

    @pytest.mark.parametrize("value", [123.4567, 98765.4, 1e10, 1.7e308])
    def test_large_ones_fit_too(self, value: float) -> None:
        assert len(fmt.loss(value)) <= 7


class TestDuration:
    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            (-5, "0 s"),
            (0.4, "0 s"),
            (9.4, "9 s"),
            (99.4, "99 s"),
            (99.5, "2 min"),
            (240, "4 min"),
            (99 * 60, "99 min"),
            (100 * 60, "1 h 40"),
            (2 * 3600 + 5 * 60, "2 h 05"),
            (86_399, "1 d"),
            (3 * 86_400, "3 d"),
        ],
    )
    def test_is_written_in_one_or_two_units(self, seconds: float, words: str) -> None:
        assert fmt.duration(seconds) == words

    @given(st.floats(min_value=0, max_value=1e9), st.floats(min_value=0, max_value=1e9))
    def test_a_longer_time_never_reads_shorter(self, one: float, other: float) -> None:
        def read(words: str) -> float:
            parts = words.split()
            unit = {"s": 1, "min": 60, "h": 3600, "d": 86_400}[parts[1]]
            return int(parts[0]) * unit + (60 * int(parts[2]) if len(parts) == 3 else 0)

        short, long = sorted([one, other])
        assert read(fmt.duration(short)) <= read(fmt.duration(long))

    @given(st.floats(min_value=0, max_value=365 * 86_400))
    def test_fits_the_column_of_ages(self, seconds: float) -> None:
        assert len(fmt.duration(seconds)) <= 7


class TestBar:
    @given(st.floats(allow_nan=False), st.integers(min_value=0, max_value=60))
    def test_is_as_wide_as_asked(self, share: float, width: int) -> None:
        assert len(fmt.bar(share, width)) == width

    def test_fills_from_the_left(self) -> None:
        assert fmt.bar(0.5, 4) == "▓▓░░"
        assert fmt.bar(0, 4) == "░░░░"
        assert fmt.bar(1, 4) == "▓▓▓▓"


class TestStates:
    @pytest.mark.parametrize("state", get_args(State))
    def test_each_is_a_glyph_and_a_word(self, state: State) -> None:
        glyph, word = fmt.state_text(state).split()
        assert len(glyph) == 1
        assert word == state

    def test_those_that_go_on_are_told_from_those_that_ended_by_the_glyph(self) -> None:
        glyphs = {state: fmt.state_text(state).split()[0] for state in get_args(State)}
        going = {glyphs[state] for state in ("queued", "held", "starting", "running", "cancelling")}
        ended = {
            glyphs[state] for state in ("done", "diverged", "failed", "cancelled", "interrupted")
        }
        assert not going & ended


class TestPublished:
    def test_a_forecast_has_both_figures(self) -> None:
        assert fmt.published(preset("sunspots/5")) == ".060 / .079"

    def test_a_text_has_its_last_loss(self) -> None:
        assert fmt.published(preset("alice/1")) == "1.3837 @25"

    def test_no_preset_has_none(self) -> None:
        assert fmt.published(None) == "–"


def _progress(*events: EpochEnded | SamplingStarted | IterationEnded) -> Progress:
    progress = Progress()
    for n, event in enumerate(events, 1):
        progress.apply(Logged(n, float(n), event))
    return progress


class TestFigures:
    def test_none_before_the_first_epoch(self) -> None:
        assert fmt.measured_numbers(sunspots_trial(5), Progress(), None) == "–"

    def test_the_loss_of_the_last_epoch(self) -> None:
        progress = _progress(EpochEnded(epoch=1, loss=0.5), EpochEnded(epoch=2, loss=0.25))
        assert fmt.measured_numbers(sunspots_trial(5), progress, None) == ".25000 @2"

    def test_the_figures_of_a_result(self) -> None:
        errors = Errors(train_rmse=0.1, test_rmse=0.1)
        metrics = ForecastMetrics(
            losses=(0.1,),
            train_rmse=0.0604,
            test_rmse=0.0796,
            train_rmse_sunspots=15,
            test_rmse_sunspots=20,
            train_points=225,
            test_points=56,
            persistence=errors,
            linear_autoregression=errors,
        )
        assert (
            fmt.measured_numbers(
                sunspots_trial(5), _progress(EpochEnded(epoch=1, loss=0.5)), metrics
            )
            == ".060 / .080"
        )

    def test_the_loss_of_the_last_iteration(self) -> None:
        progress = _progress(
            EpochEnded(epoch=1, loss=2.5),
            SamplingStarted(iteration=1, seed_text="seed"),
            IterationEnded(iteration=1, loss=2.5),
        )
        assert fmt.measured_numbers(alice_trial(1), progress, None) == "2.5000 @1"

    def test_the_loss_beside_an_iterations_number_is_that_iterations(self) -> None:
        progress = _progress(
            *(EpochEnded(epoch=epoch, loss=made_up_loss(epoch)) for epoch in range(1, 6)),
            SamplingStarted(iteration=1, seed_text="seed"),
            IterationEnded(iteration=1, loss=made_up_loss(5)),
            EpochEnded(epoch=6, loss=made_up_loss(6)),
        )
        assert fmt.measured_numbers(alice_trial(5), progress, None) == f"{made_up_loss(5):.4f} @1"


class TestUnicode:
    @pytest.mark.parametrize(
        ("encoding", "plain", "speaks"),
        [
            ("utf-8", False, True),
            ("UTF8", False, True),
            ("ascii", False, False),
            ("latin-1", False, False),
            ("utf-8", True, False),
        ],
    )
    def test_is_told_by_the_terminals_encoding_and_the_locale(
        self, monkeypatch: pytest.MonkeyPatch, encoding: str, plain: bool, speaks: bool
    ) -> None:
        class Terminal:
            def __init__(self) -> None:
                self.encoding = encoding

        monkeypatch.setattr("sys.__stdout__", Terminal())
        monkeypatch.setattr("tui.words.format.has_plain_locale", lambda: plain)
        assert fmt.speaks_unicode() is speaks
