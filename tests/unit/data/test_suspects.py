"""Numbers that probably stand for a missing value are found, in whatever series, and ordinary
series raise no doubt.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.notes import suspect_text
from engine.data.series import built_in
from engine.data.suspects import find_suspects

Numbers = NDArray[Any]
Family = Callable[[np.random.Generator, int], Numbers]
MARKERS = (-9999.0, -999.0, -999.9, -99.99, -99.9, 999.9, 9999.0, 99999.0, -32768.0, 32767.0, 1e20)


def seasonal(random: np.random.Generator, n: int, period: float, noise: float) -> Numbers:
    turn = np.sin(2 * np.pi * np.arange(n) / period)
    return np.asarray(random.uniform(-5, 20) + 10 * turn + random.normal(0, noise, n))


def prices(random: np.random.Generator, n: int) -> Numbers:
    return np.asarray(np.round(50 * np.exp(np.cumsum(random.normal(0, 0.02, n))), 2))


FAMILIES: dict[str, Family] = {
    "counts": lambda random, n: random.poisson(random.uniform(0.1, 30), n).astype(float),
    "rain": lambda random, n: np.round(
        np.where(random.random(n) < 0.6, 0.0, random.gamma(0.7, 8, n)), 1
    ),
    "temperature": lambda random, n: np.round(seasonal(random, n, 12, 2), 1),
    "temperature in whole degrees": lambda random, n: np.round(seasonal(random, n, 365, 3)),
    "random walk": lambda random, n: np.cumsum(random.normal(0, 1, n)),
    "random walk of whole steps": lambda random, n: np.cumsum(random.integers(-3, 4, n)).astype(
        float
    ),
    "prices": prices,
    "returns": lambda random, n: np.round(random.standard_t(3, n), 2),
    "orders": lambda random, n: np.where(
        random.random(n) < 0.7, 0, random.geometric(0.3, n)
    ).astype(float),
    "uniform": lambda random, n: random.uniform(0, 100, n),
    "heavy tails": lambda random, n: np.round(np.exp(random.normal(2, 2, n)), 1),
    "lynx": lambda random, n: np.round(
        np.exp(5 + 2 * np.sin(np.arange(n) * 0.65) + random.normal(0, 0.5, n))
    ),
    "steps": lambda random, n: np.repeat(np.round(random.normal(20, 5, n // 10 + 1), 1), 10)[:n],
    "trend": lambda random, n: 2.0 * np.arange(n) + np.round(random.normal(0, 1, n)),
    "index from -1": lambda random, n: np.arange(n) - 1.0,
    "binary": lambda random, n: random.integers(0, 2, n).astype(float),
    "ternary": lambda random, n: random.integers(-1, 2, n).astype(float),
    "percentages": lambda random, n: np.clip(np.round(random.normal(80, 20, n)), 0, 99),
}


def suspected(values: Numbers) -> dict[float, int]:
    return {suspect.value: suspect.count for suspect in find_suspects(values)}


@pytest.mark.parametrize("family", FAMILIES)
def test_ordinary_series_raise_no_doubt(family: str) -> None:
    for seed in range(150):
        random = np.random.default_rng(seed)
        values = FAMILIES[family](random, int(random.integers(20, 400)))
        assert suspected(values) == {}, seed


def test_the_sunspots_raise_no_doubt() -> None:
    assert find_suspects(built_in().values) == ()


@given(
    st.sampled_from(sorted(FAMILIES)),
    st.integers(0, 10_000),
    st.sampled_from(MARKERS),
    st.integers(1, 9),
    st.data(),
)
def test_a_marker_is_found_and_counted(
    family: str, seed: int, marker: float, count: int, data: st.DataObject
) -> None:
    values = FAMILIES[family](np.random.default_rng(seed), 80)
    assume(marker not in values and suspected(values) == {})
    where = data.draw(st.lists(st.integers(0, 79), min_size=count, max_size=count, unique=True))
    others = np.delete(values, where)
    assume(len(set(others)) > 2 and np.abs(others - marker).min() >= np.ptp(others))
    values[where] = marker
    assert suspected(values) == {marker: count}


@given(st.integers(0, 10_000), st.integers(1, 9), st.sampled_from(["rain", "prices", "orders"]))
def test_a_minus_one_among_what_can_t_be_negative_is_found(
    seed: int, count: int, family: str
) -> None:
    random = np.random.default_rng(seed)
    values = FAMILIES[family](random, 200)
    assume(len(set(values)) > 12)
    values[random.choice(200, count, replace=False)] = -1
    assert suspected(values) == {-1.0: count}


def test_the_daily_sunspots_missing_days_are_found() -> None:
    values = np.round(built_in().values)
    values[7:2000:9] = -1
    (suspect,) = find_suspects(values)
    assert (suspect.value, suspect.count, suspect.is_far) == (-1.0, 222, False)
    assert (
        suspect_text(suspect)
        == "-1 occurs 222 times, and nothing else is negative: missing? --missing -1"
    )


def test_two_markers_are_found() -> None:
    values = FAMILIES["temperature"](np.random.default_rng(1), 100)
    values[[3, 40, 41]], values[[8, 99]] = -9999, 999.9
    assert suspected(values) == {-9999.0: 3, 999.9: 2}


@pytest.mark.parametrize(
    "markers",
    [
        {-9999.0: 2, -9998.0: 1}, {-9999.0: 2, -8888.0: 2}, {-9999.0: 2, -8888.0: 1},
        {999.9: 2, 999.8: 1},
        {-9999.0: 1, -9998.0: 1, -9997.0: 1}, {-9999.0: 1, 9999.0: 2}, {-999.0: 1, -999.9: 1},
        {1e20: 1, 1e30: 1},
    ],
)  # fmt: skip
def test_markers_do_not_hide_each_other(markers: dict[float, int]) -> None:
    values = FAMILIES["temperature"](np.random.default_rng(1), 120)
    values[: sum(markers.values())] = np.repeat(list(markers), list(markers.values()))
    assert suspected(values) == markers


@given(
    st.sampled_from(sorted(FAMILIES)), st.integers(0, 10_000),
    st.sampled_from([(-9999.0, -9998.0), (-9999.0, -8888.0), (-999.9, -999.0), (9999.0, 9998.0),
    (999.9, 999.8)]),
    st.integers(1, 5), st.integers(1, 5),
)  # fmt: skip
def test_two_markers_near_to_each_other_are_found(
    family: str, seed: int, markers: tuple[float, float], first: int, second: int
) -> None:
    values = FAMILIES[family](np.random.default_rng(seed), 80)
    others = values[first + second :]
    assume(suspected(others) == {} and len(set(others)) > 2)
    assume(all(np.abs(others - marker).min() >= np.ptp(others) for marker in markers))
    values[:first], values[first : first + second] = markers
    assert suspected(values) == dict(zip(markers, (first, second), strict=True))


@pytest.mark.parametrize(
    "marker", [-9998.0, 999.8, 9.96921e36, 1e30, -1e34, -3.4028235e38, 1.79769e308]
)
def test_a_single_marker_is_found_however_short_it_is_written(marker: float) -> None:
    values = FAMILIES["temperature"](np.random.default_rng(1), 100)
    values[40] = marker
    assert suspected(values) == {marker: 1}


@pytest.mark.parametrize("value", [-200.0, -500.0, 1e10])
def test_what_is_no_usual_marker_is_doubted_if_it_comes_again(value: float) -> None:
    values = FAMILIES["rain"](np.random.default_rng(1), 200)
    values[50] = value
    assert suspected(values) == {}
    values[60] = value
    assert suspected(values) == {value: 2}


def test_zeros_far_below_all_others_are_doubted() -> None:
    values = np.random.default_rng(1).normal(1000, 5, 200)
    values[[4, 90, 91]] = 0
    assert suspected(values) == {0.0: 3}


@pytest.mark.parametrize(
    "values", [[], [5.0], [-9999.0, 1.0], [1.0, 1.0, -9999.0], [-1e308, 1e308, 0.0]]
)
def test_too_few_values_raise_no_doubt(values: list[float]) -> None:
    assert find_suspects(values) == ()


def test_few_values_with_a_marker_do() -> None:
    (suspect,) = find_suspects([5.8, 6.3, -9999, 5.6, 8.5])
    assert (
        suspect_text(suspect)
        == "-9999 occurs once, far outside the others: missing? --missing -9999"
    )
