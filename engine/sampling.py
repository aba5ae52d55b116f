"""Text from a trained character network, one character at a time, without TensorFlow.

The network is one-hot → SimpleRNN(tanh) → Dense → softmax. Before every character it reads the last SEQLEN
characters from a zero state, as ``model.predict`` on a sliding window does in the tutorials the report follows
(A. Gulli and S. Pal, "Deep Learning with Keras", 2017, chapter 6).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.language import _

Array = NDArray[np.float32]


@dataclass(frozen=True)
class CharacterWeights:
    """A character network's weights, float32, with ``v`` characters and ``h`` hidden units."""

    kernel: Array
    """(v, h): what reading a character adds to the hidden units."""
    recurrent_kernel: Array
    """(h, h): from the state before, in rows, to the state after."""
    bias: Array
    """(h,)"""
    dense_kernel: Array
    """(h, v)"""
    dense_bias: Array
    """(v,)"""

    @classmethod
    def from_named(cls, weights: Mapping[str, Array]) -> "CharacterWeights":
        """Take the weights as a run keeps them (``weights.npz``). Raises :class:`KeyError` where one is missing."""
        return cls(
            kernel=weights["recurrent/kernel"],
            recurrent_kernel=weights["recurrent/recurrent_kernel"],
            bias=weights["recurrent/bias"],
            dense_kernel=weights["dense/kernel"],
            dense_bias=weights["dense/bias"],
        )


def probabilities(weights: CharacterWeights, window: Sequence[int] | NDArray[np.integer]) -> Array:
    """Return the distribution (v,) of the character that follows ``window``, ids of one character or more."""
    return _softmax(_scores(weights, window))


def generate(
    weights: CharacterWeights,
    seed_ids: Sequence[int] | NDArray[np.integer],
    count: int,
    *,
    temperature: float = 0.0,
    generator: np.random.Generator | None = None,
) -> Iterator[int]:
    """Yield ``count`` character ids as they are sampled, each after the last ``len(seed_ids)`` characters.

    ``temperature`` 0 takes the likeliest character (the first of equals, as ``argmax``); above, ``generator``
    draws from softmax(scores / temperature). Raises :class:`UsageError` for a temperature below 0 or not a number.
    """
    if not temperature >= 0.0:
        raise UsageError(_("temperature = {value}: must be 0 or more.").format(value=temperature))
    if temperature > 0.0 and generator is None:
        raise ValueError("a temperature above 0 needs a generator")
    return _slide(weights, [int(i) for i in seed_ids], count, temperature, generator)


def _slide(
    weights: CharacterWeights,
    window: list[int],
    count: int,
    temperature: float,
    generator: np.random.Generator | None,
) -> Iterator[int]:
    for _step in range(count):
        if generator is None or temperature == 0.0:
            chosen = int(np.argmax(probabilities(weights, window)))
        else:
            chosen = _draw(_scores(weights, window), temperature, generator)
        yield chosen
        window = [*window[1:], chosen]


def _scores(weights: CharacterWeights, window: Sequence[int] | NDArray[np.integer]) -> Array:
    """Return the dense layer's output (v,) before the softmax: h = tanh(kernel[id] + bias + h · recurrent_kernel)."""
    # A one-hot vector times the kernel is a row of it. The sums are in Keras' order, so that the bits are close.
    rows = weights.kernel[np.asarray(window)] + weights.bias
    state: Array = np.tanh(rows[0])
    for row in rows[1:]:
        state = np.tanh(row + state @ weights.recurrent_kernel)
    scores: Array = state @ weights.dense_kernel + weights.dense_bias
    return scores


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max())
    shares: Array = powers / powers.sum()
    return shares


def _draw(scores: Array, temperature: float, generator: np.random.Generator) -> int:
    # In float64 and from the largest score down: a tiny temperature overflows otherwise.
    with np.errstate(over="ignore"):
        powers = np.exp((scores.astype(np.float64) - float(scores.max())) / temperature)
    edges = np.cumsum(powers)
    # random() is at most 1 - 2**-53, so that the product stays below the last edge, rounding included.
    return int(np.searchsorted(edges, generator.random() * edges[-1], side="right"))
