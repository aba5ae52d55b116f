"""Whether a published figure counts as reproduced."""

from dataclasses import replace

import pytest
from helpers.factory import sunspots_trial, write_run
from hypothesis import given
from hypothesis import strategies as st

from engine.host.home import Home
from engine.reports.formats import render_document
from engine.reports.verdict import LEAST_SEEDS, forecast_reproduced, loss_reproduced, within_spread
from engine.runs.results import ForecastMetrics, ReplicateMetrics
from engine.runs.watch import Snapshot
from presets import PublishedForecast

PUBLISHED = PublishedForecast(train_rmse=0.06, test_rmse=0.08, remarks=())


def spread(home: Home, train: list[float | None], test: list[float | None]) -> ForecastMetrics:
    """Metrics of a run whose seeds have these errors; None: it diverged."""
    result = write_run(home, sunspots_trial(5)).result()
    assert result is not None
    assert isinstance(result.metrics, ForecastMetrics)
    replicates = tuple(
        ReplicateMetrics(
            seed=seed, train_rmse=one, test_rmse=other, state="diverged" if one is None else "done"
        )
        for seed, (one, other) in enumerate(zip(train, test, strict=True), 1)
    )
    return result.metrics.model_copy(update={"replicates": replicates})


def test_a_figure_among_the_seeds_is_reproduced(home: Home) -> None:
    train = [0.05 + 0.001 * i for i in range(LEAST_SEEDS)]
    test = [0.07 + 0.001 * i for i in range(LEAST_SEEDS)]
    assert forecast_reproduced(PUBLISHED, spread(home, list(train), list(test))) is True
    # Both have to be.
    assert (
        forecast_reproduced(PUBLISHED, spread(home, list(train), [one + 0.02 for one in test]))
        is False
    )
    assert (
        forecast_reproduced(PUBLISHED, spread(home, [one + 0.02 for one in train], list(test)))
        is False
    )


def test_a_few_seeds_say_nothing(home: Home) -> None:
    assert forecast_reproduced(PUBLISHED, spread(home, [0.06] * 19, [0.08] * 19)) is None


def test_seeds_that_diverged_lie_above(home: Home) -> None:
    train: list[float | None] = [0.05] * 19
    test: list[float | None] = [0.07] * 19
    assert forecast_reproduced(PUBLISHED, spread(home, [*train, 0.05], [*test, 0.07])) is False
    assert forecast_reproduced(PUBLISHED, spread(home, [*train, None], [*test, None])) is True


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, True), (0.0, False), (1.0, False), (0.06, True), (0.94, True)]
)
def test_a_twentieth_lies_on_either_side(share: float, expected: bool) -> None:
    assert (
        within_spread(share * 100 + 0.5 if 0 < share < 1 else 200 * share - 50, range(100))
        is expected
    )


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_the_median_is_always_among_the_draws(draws: list[float]) -> None:
    assert within_spread(sorted(draws)[len(draws) // 2], draws)


def test_a_loss_is_reproduced_within_five_percent() -> None:
    assert loss_reproduced(2.0, 2.09)
    assert loss_reproduced(2.0, 1.91)
    assert not loss_reproduced(2.0, 2.11)
    assert not loss_reproduced(2.0, 1.89)


def test_the_document_has_verdicts_where_asked(home: Home) -> None:
    snapshot = Snapshot.of(write_run(home, sunspots_trial(5)))
    metrics = spread(home, [0.06] * 20, [0.079] * 20)
    assert snapshot.result is not None
    seen = replace(
        snapshot, result_or_summary=snapshot.result.model_copy(update={"metrics": metrics})
    )
    assert "Verdict" not in render_document([seen])
    text = render_document([seen], verdicts=True)
    assert "| Published test | Verdict |" in text
    assert "| 0.060 | 0.079 | reproduced |" in text
    assert (
        "both published figures lie within the middle 90 % of the seeds, of which there must be at "
        "least 20." in text
    )
