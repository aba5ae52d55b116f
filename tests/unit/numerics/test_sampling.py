"""Writing from a character network's weights, on small networks of random weights."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UsageError
from engine.numerics.sampling import CharacterWeights, generate, probabilities


def network(seed: int, characters: int = 6, hidden: int = 5) -> CharacterWeights:
    draw = np.random.default_rng(seed)
    shapes = (characters, hidden), (hidden, hidden), (hidden,), (hidden, characters), (characters,)
    arrays = [draw.normal(size=shape).astype(np.float32) for shape in shapes]
    return CharacterWeights(arrays[0], arrays[1], arrays[2], arrays[3], arrays[4])


def by_definition(weights: CharacterWeights, window: list[int]) -> np.ndarray:
    """The network as it is defined, on one-hot vectors, in float64."""
    state = np.zeros(len(weights.bias))
    for character in window:
        one_hot = np.eye(len(weights.kernel))[character]
        state = np.tanh(one_hot @ weights.kernel + state @ weights.recurrent_kernel + weights.bias)
    powers = np.exp(state @ weights.dense_kernel + weights.dense_bias)
    return np.asarray(powers / powers.sum())


WINDOWS = st.lists(st.integers(0, 5), min_size=1, max_size=12)


@given(st.integers(0, 1000), WINDOWS)
def test_probabilities_are_the_network_s(seed: int, window: list[int]) -> None:
    weights = network(seed)
    found = probabilities(weights, window)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_definition(weights, window), atol=1e-5)


@given(st.integers(0, 1000), WINDOWS)
def test_greedy_text_takes_the_likeliest_after_a_window_that_slides(
    seed: int, window: list[int]
) -> None:
    weights = network(seed)
    for written in generate(weights, window, 20):
        assert written == np.argmax(probabilities(weights, window))
        window = [*window[1:], written]


def test_characters_come_one_at_a_time_and_as_many_as_asked() -> None:
    weights = network(1)
    assert len(list(generate(weights, [0, 1], 17))) == 17
    assert list(generate(weights, [0, 1], 0)) == []
    endless = generate(weights, np.array([0, 1]), 10**9)
    assert list(itertools.islice(endless, 5)) == list(generate(weights, [0, 1], 5))


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-4])
def test_a_temperature_towards_0_is_greedy(temperature: float) -> None:
    weights = network(3)
    drawn = generate(
        weights, [0, 1, 2], 50, temperature=temperature, generator=np.random.default_rng(1)
    )
    assert list(drawn) == list(generate(weights, [0, 1, 2], 50))


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(0.3, 3.0), st.none() | st.integers(1, 8))
def test_draws_follow_the_softmax_of_the_likeliest(
    seed: int, temperature: float, top_k: int | None
) -> None:
    # Pearson's chi-square over 5 degrees of freedom; 40 is exceeded once in some ten million draws.
    weights, count = network(seed), 3000
    generator = np.random.default_rng(7)
    drawn = [
        next(generate(weights, [4], 1, temperature=temperature, top_k=top_k, generator=generator))
        for _ in range(count)
    ]
    powers = by_definition(weights, [4]) ** (1 / temperature)
    powers[np.argsort(-powers)[top_k or len(powers) :]] = 0
    expected = count * powers / powers.sum()
    common = expected > 5
    observed = np.bincount(drawn, minlength=6)
    assert not observed[expected == 0].any()
    statistic = np.sum((observed - expected)[common] ** 2 / expected[common])
    assert statistic < 40


def test_among_the_likeliest_one_it_is_greedy_whatever_the_temperature() -> None:
    weights = network(3)
    drawn = generate(
        weights, [0, 1, 2], 50, temperature=9.0, top_k=1, generator=np.random.default_rng(1)
    )
    assert list(drawn) == list(generate(weights, [0, 1, 2], 50))
    assert list(generate(weights, [0], 5, top_k=3)) == list(generate(weights, [0], 5))


def test_top_k_below_1_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="top_k"):
        generate(network(1), [0], 1, top_k=0)


def test_the_same_generator_writes_the_same() -> None:
    weights = network(5)
    texts = [
        list(generate(weights, [1, 2], 40, temperature=1.0, generator=np.random.default_rng(seed)))
        for seed in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("temperature", [-0.1, float("nan")])
def test_a_temperature_below_0_is_refused_at_once(temperature: float) -> None:
    with pytest.raises(UsageError, match="temperature"):
        generate(network(1), [0], 1, temperature=temperature)


def test_weights_are_taken_by_the_names_a_run_keeps() -> None:
    names = (
        "recurrent/kernel",
        "recurrent/recurrent_kernel",
        "recurrent/bias",
        "dense/kernel",
        "dense/bias",
    )
    arrays = {name: np.full(3, place, np.float32) for place, name in enumerate(names)}
    weights = CharacterWeights.from_named(arrays)
    assert weights.recurrent_kernel is arrays["recurrent/recurrent_kernel"]
    assert weights.dense_bias is arrays["dense/bias"]
    with pytest.raises(KeyError):
        CharacterWeights.from_named({})
