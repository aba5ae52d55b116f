"""Text from a trained character network, one character at a time, without TensorFlow.

The network is one-hot → cell (tanh) → Dense → softmax. Before every character it reads the last
SEQLEN characters from a zero state, as ``model.predict`` on a sliding window does in the tutorials
that the report follows (A. Gulli and S. Pal, "Deep Learning with Keras", 2017, chapter 6).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.language import _
from engine.numerics.cells import CELLS, Array, Cell


@dataclass(frozen=True)
class CharacterWeights:
    """A character network's weights, float32, with ``v`` characters and ``h`` hidden units.

    The shapes of the first three are those of SimpleRNN; other cells have more gates.
    """

    kernel: Array
    """(v, h): what reading a character adds to the hidden units."""
    recurrent_kernel: Array
    """(h, h): from the previous state, in rows, to the next one."""
    bias: Array
    """(h,)"""
    dense_kernel: Array
    """(h, v)"""
    dense_bias: Array
    """(v,)"""
    cell: Cell = CELLS["SimpleRNN"]

    @classmethod
    def from_named(
        cls, weights: Mapping[str, Array], cell: Cell = CELLS["SimpleRNN"]
    ) -> "CharacterWeights":
        """Take the weights as a run stores them (``weights.npz``).

        Raises :class:`KeyError` if one is missing.
        """
        return cls(
            kernel=weights["recurrent/kernel"],
            recurrent_kernel=weights["recurrent/recurrent_kernel"],
            bias=weights["recurrent/bias"],
            dense_kernel=weights["dense/kernel"],
            dense_bias=weights["dense/bias"],
            cell=cell,
        )


def probabilities(weights: CharacterWeights, window: Sequence[int] | NDArray[np.integer]) -> Array:
    """Return the distribution (v,) of the character after ``window``, one or more character ids."""
    scores = _Windows(weights, window).scores()
    exponentials = np.exp(scores - scores.max())
    distribution: Array = exponentials / exponentials.sum()
    return distribution


def generate(
    weights: CharacterWeights,
    seed_ids: Sequence[int] | NDArray[np.integer],
    count: int,
    *,
    temperature: float = 0.0,
    top_k: int | None = None,
    generator: np.random.Generator | None = None,
) -> Iterator[int]:
    """Yield ``count`` sampled character ids, each from the last ``len(seed_ids)`` characters.

    ``temperature`` 0 takes the likeliest character (the first of equals, as ``argmax``); above 0,
    ``generator`` draws from softmax(scores / temperature), among the ``top_k`` likeliest if given
    (A. Fan, M. Lewis and Y. Dauphin, "Hierarchical Neural Story Generation", 2018). Raises
    :class:`UsageError` for a temperature below 0 or not a number, and for a ``top_k`` below 1.
    """
    if not temperature >= 0.0:
        raise UsageError(_("temperature = {value}: must be 0 or more.").format(value=temperature))
    if top_k is not None and top_k < 1:
        raise UsageError(_("top_k = {value}: must be 1 or more.").format(value=top_k))
    if temperature > 0.0 and generator is None:
        raise ValueError("a temperature above 0 needs a generator")
    return _slide(weights, seed_ids, count, temperature, top_k, generator)


def _slide(
    weights: CharacterWeights,
    seed_ids: Sequence[int] | NDArray[np.integer],
    count: int,
    temperature: float,
    top_k: int | None,
    generator: np.random.Generator | None,
) -> Iterator[int]:
    windows = _Windows(weights, seed_ids)
    for _step in range(count):
        scores = windows.scores()
        if generator is None or temperature == 0.0:
            chosen = int(np.argmax(scores))
        else:
            chosen = _draw(scores, temperature, top_k, generator)
        yield chosen
        windows.read(chosen)


class _Windows:
    """The network's states in all windows that end at the last character read.

    Row i is the state after a window of i + 1 characters. Every window starts from a zero state, so
    each window must read a character again. All windows read it in one matrix product, which
    replaces reading all characters of the last window.
    """

    def __init__(self, weights: CharacterWeights, ids: Sequence[int] | NDArray[np.integer]) -> None:
        self._weights = weights
        self._states = np.zeros((len(ids), len(weights.dense_kernel)), np.float32)
        for character in ids:
            self.read(int(character))

    def read(self, character: int) -> None:
        """Let every window read one more character."""
        weights = self._weights
        # A one-hot vector times the kernel is one of its rows.
        read = weights.kernel[character], weights.recurrent_kernel, weights.bias
        # The oldest window is full and dropped; the newest starts from zero.
        self._states[1:] = weights.cell.step(*read, self._states[:-1])
        self._states[0] = weights.cell.step(*read, None)

    def scores(self) -> Array:
        """Return the dense layer's output (v,) before the softmax, after the longest window."""
        scores: Array = self._states[-1] @ self._weights.dense_kernel + self._weights.dense_bias
        return scores


def _draw(
    scores: Array, temperature: float, top_k: int | None, generator: np.random.Generator
) -> int:
    # The likeliest first, and equals in their order. In float64 and relative to the largest score:
    # a tiny temperature would overflow otherwise.
    ranked = np.argsort(-scores, kind="stable")[:top_k]
    with np.errstate(over="ignore"):
        exponentials = np.exp(
            (scores[ranked].astype(np.float64) - float(scores[ranked[0]])) / temperature
        )
    edges = np.cumsum(exponentials)
    # random() is at most 1 - 2**-53, so the product stays below the last edge even when rounded.
    return int(ranked[np.searchsorted(edges, generator.random() * edges[-1], side="right")])
