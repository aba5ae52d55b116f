"""The two networks as Keras models. The model defines what is built, summarized, trained and used.

Initial weights come from Keras' default initializers, each with its own seed, derived from the
trial's.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.numerics import seeds
from engine.numerics.cells import CELLS, Cell, Step
from engine.trials.trial import ForecastParameters, TextParameters

# Keras' defaults, whatever a keras.json says: 1e-7 is part of cross-entropy's and the optimizers'
# arithmetic.
_DTYPE = "float32"
keras.config.set_floatx(_DTYPE)
keras.config.set_epsilon(1e-7)

# Keras' defaults.
_INITIALISERS: dict[str, Callable[[int], Callable[..., Any]]] = {
    "kernel": lambda seed: keras.initializers.GlorotUniform(seed=seed),
    "recurrent_kernel": lambda seed: keras.initializers.Orthogonal(seed=seed),
    "bias": lambda _seed: keras.initializers.Zeros(),
}


def forecaster(parameters: ForecastParameters, seed: int) -> keras.Model:
    """Return the compiled forecasting network: (samples, time_steps, 1) → (samples, 1), MSE, Adam.

    Cell(hidden_units, activation[0]) → Dense(dense_units, activation[1]).
    """
    recurrent, dense = parameters.activation
    model = keras.Sequential(
        [
            keras.Input((parameters.time_steps, 1), dtype=_DTYPE),
            _recurrent(CELLS[parameters.cell], parameters.hidden_units, recurrent),
            _dense(parameters.dense_units, dense),
        ]
    )
    initialise(model, seed)
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def character_model(parameters: TextParameters, n_characters: int, seed: int) -> keras.Model:
    """Return the compiled character network.

    One-hot (samples, seqlen, n_characters) → (samples, n_characters): cell(hidden_units, tanh)
    → Dense → softmax; categorical cross-entropy, RMSprop.
    """
    model = keras.Sequential(
        [
            keras.Input((parameters.seqlen, n_characters), dtype=_DTYPE),
            _recurrent(CELLS[parameters.cell], parameters.hidden_units, "tanh"),
            _dense(n_characters, "softmax"),
        ]
    )
    initialise(model, seed)
    model.compile(loss="categorical_crossentropy", optimizer="rmsprop")
    return model


def initialise(model: keras.Model, seed: int) -> None:
    """Set the initial weights of a training from ``seed``; much faster than a new model."""
    for layer in model.layers:
        for weight in layer.trainable_weights:
            weight_seed = seeds.integer(seed, f"weights/{layer.name}/{weight.name}")
            weight.assign(_INITIALISERS[weight.name](weight_seed)(weight.shape, weight.dtype))


def named_weights(model: keras.Model) -> dict[str, NDArray[np.float32]]:
    """Return copies of the weights under stable names: ``<layer>/<weight>``.

    Both networks have ``recurrent/kernel``, ``recurrent/recurrent_kernel``, ``recurrent/bias``,
    ``dense/kernel`` and ``dense/bias``, in Keras' shapes. Those of SimpleRNN: (inputs,
    hidden_units), (hidden_units, hidden_units), (hidden_units,), (hidden_units, outputs),
    (outputs,).
    """
    return {
        f"{layer.name}/{weight.name}": np.array(weight.numpy())
        for layer in model.layers
        for weight in layer.trainable_weights
    }


def one_hot_forward(model: keras.Model, n_characters: int) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the character network as a function of ids (samples, seqlen), made one-hot."""

    def forward(ids: tf.Tensor) -> Any:
        return model(tf.one_hot(ids, n_characters), training=True)

    return forward


def unrolled_forward(model: keras.Model, next_state: Step) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the same network with the cell's loop unrolled and one-hot products avoided.

    A one-hot vector times the kernel is one row of the kernel; computing the product instead of
    looking the row up takes half the time of an epoch.
    """
    recurrent, *following = model.layers
    cell = recurrent.cell

    def forward(ids: tf.Tensor) -> Any:
        kernel, recurrent_kernel, bias = (
            weight.value for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)
        )
        state = None
        for step in range(ids.shape[1]):
            # One row per step: all steps at once would not fit into the processor's cache.
            from_input = tf.gather(kernel, ids[:, step]) + bias
            from_state = None if state is None else tf.matmul(state, recurrent_kernel)
            state = next_state(from_input, from_state, cell.activation)
        for layer in following:
            state = layer(state)
        return state

    return forward


def _recurrent(cell: Cell, units: int, activation: str) -> keras.layers.Layer:
    # The seed is for dropout, which is unused; without it, a random one would be drawn and kept
    # among the variables.
    layer = getattr(keras.layers, cell.name)
    return layer(units, activation=activation, dtype=_DTYPE, name="recurrent", seed=0)


def _dense(units: int, activation: str) -> keras.layers.Layer:
    return keras.layers.Dense(units, activation=activation, dtype=_DTYPE, name="dense")
