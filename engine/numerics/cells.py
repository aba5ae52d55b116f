"""The recurrent cells: all that the rest of the program knows of one is here.

A new cell is a class and a line in :data:`CELLS`; Keras has the layer, under the same name.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Activation = Callable[[Any], Any]
Step = Callable[[Any, Any, Activation], Any]
"""The next state from what the input adds, bias included, and what the state before adds, which is
None if it was zero. In operators only: for NumPy and TensorFlow."""
LONGEST_UNROLLED = 64
"""The longest window that is unrolled: compiling takes longer for each of its steps."""


class Cell(ABC):
    """A recurrent layer whose state is its output, one value per unit.

    Its weights are called and shaped as Keras does: ``kernel`` (inputs, gates * units),
    ``recurrent_kernel`` (units, gates * units) and ``bias``.
    """

    name: ClassVar[str]
    """That of the layer in ``keras.layers``, and what people read."""
    gates: ClassVar[int] = 1
    """How many matrices of the state's size the recurrent weights are."""

    @abstractmethod
    def weight_count(self, inputs: int, units: int) -> int:
        """Return the number of trainable weights."""

    @abstractmethod
    def step(
        self, kernel: Array, recurrent_kernel: Array, bias: Array, states: Array | None
    ) -> Array:
        """Return the states (n, units) after one more character, with tanh as the activation.

        ``kernel`` is the row of the character read, (gates * units,). ``states`` None is one state
        of zeros; the result then is (units,) or (1, units).
        """

    def fast_path(self, steps: int) -> Step | None:
        """Return the step with which training unrolls windows of ``steps`` characters.

        None if it uses Keras' own layer, which takes any cell and any window.
        """
        return None


class SimpleRNN(Cell):
    """h = activation(x · kernel + bias + h · recurrent_kernel)."""

    name = "SimpleRNN"

    def weight_count(self, inputs: int, units: int) -> int:
        return units * (units + inputs + 1)

    def step(
        self, kernel: Array, recurrent_kernel: Array, bias: Array, states: Array | None
    ) -> Array:
        # The sums are in Keras' order, for nearly the same bits.
        from_state = None if states is None else states @ recurrent_kernel
        result: Array = _add(kernel + bias, from_state, np.tanh)
        return result

    def fast_path(self, steps: int) -> Step | None:
        return _add if steps <= LONGEST_UNROLLED else None


def _add(from_input: Any, from_state: Any, activation: Activation) -> Any:
    return activation(from_input if from_state is None else from_input + from_state)


CELLS: dict[str, Cell] = {cell.name: cell for cell in (SimpleRNN(),)}
