"""A cell is one thing: what is in the table is trained, sampled, counted and described."""

from typing import Any, ClassVar

import numpy as np
import pytest

from engine.numerics import cells, sampling
from engine.numerics.cells import CELLS, Array, Cell
from engine.numerics.sampling import CharacterWeights
from engine.operations.memory_needs import least_memory
from engine.training import text as text_training
from engine.training.models import character_model, forecaster, named_weights
from engine.trials.trial import ForecastParameters, TextParameters
from tui.words import plan


def sigmoid(values: Array) -> Array:
    result: Array = np.float32(1) / (np.float32(1) + np.exp(-values))
    return result


class GRU(Cell):
    """Keras' GRU, which has no fast path here."""

    name = "GRU"
    gates = 3

    def weight_count(self, inputs: int, units: int) -> int:
        return 3 * units * (units + inputs + 2)

    def step(
        self, kernel: Array, recurrent_kernel: Array, bias: Array, states: Array | None
    ) -> Array:
        if states is None:
            states = np.zeros((1, len(recurrent_kernel)), np.float32)
        entering = np.split(kernel + bias[0], 3, -1)
        update, reset, new = np.split(states @ recurrent_kernel + bias[1], 3, -1)
        kept = sigmoid(entering[0] + update)
        candidate = np.tanh(entering[2] + sigmoid(entering[1] + reset) * new)
        result: Array = kept * states + (1 - kept) * candidate
        return result


class GruText(TextParameters):
    cell: ClassVar = "GRU"


class GruForecast(ForecastParameters):
    cell: ClassVar = "GRU"


SMALL: dict[str, Any] = {
    "iterations": 2, "epochs_per_iteration": 1, "predictions": 12, "seqlen": 6, "hidden_units": 8,
    "batch_size": 64,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _with_gru(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CELLS, "GRU", GRU())


def test_another_cell_trains_and_writes_what_keras_predicts(text: str) -> None:
    parameters, written = GruText.model_validate(SMALL), text[:600]
    training = text_training.train(parameters, written, 1)
    while True:
        try:
            next(training)
        except StopIteration as end:
            outcome = end.value
            break
    first, second = outcome.iterations
    assert second.loss < first.loss
    model = character_model(parameters, len(outcome.vocabulary), 1)
    for layer in model.layers:
        for weight in layer.trainable_weights:
            weight.assign(outcome.weights[f"{layer.name}/{weight.name}"])
    window = [outcome.vocabulary.index(character) for character in second.seed_text]
    weights = CharacterWeights.from_named(named_weights(model), CELLS["GRU"])
    for character in second.generated:
        one_hot = np.eye(len(outcome.vocabulary), dtype=np.float32)[[window]]
        expected = model(one_hot).numpy()[0]
        np.testing.assert_allclose(sampling.probabilities(weights, window), expected, atol=1e-5)
        window = [*window[1:], outcome.vocabulary.index(character)]
    assert outcome.parameter_count == plan.parameter_count(parameters, len(outcome.vocabulary))


def test_another_cell_is_counted_and_described() -> None:
    values: dict[str, Any] = {
        "epochs": 1, "batch_size": 1, "time_steps": 3, "activation": "tanh", "hidden_units": 4,
        "dense_units": 1,
    }  # fmt: skip
    parameters = GruForecast.model_validate(values)
    assert plan.parameter_count(parameters) == forecaster(parameters, 1).count_params()
    simple = ForecastParameters.model_validate(values | {"hidden_units": 1000})
    assert least_memory(GruForecast.model_validate(dict(simple)), 100) > least_memory(simple, 100)


def test_only_a_cell_with_a_fast_path_is_unrolled_and_only_short_windows() -> None:
    assert CELLS["GRU"].fast_path(1) is None
    simple = CELLS["SimpleRNN"]
    assert simple.fast_path(cells.LONGEST_UNROLLED)
    assert simple.fast_path(cells.LONGEST_UNROLLED + 1) is None
