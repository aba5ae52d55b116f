"""The compiled epochs against plain Keras ``fit``: same initial weights, same order, same
mathematics.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import presets
from engine.numerics import protocol, seeds
from engine.training.epochs import CompiledTraining, Position
from engine.training.forecasting import fetch_windows
from engine.training.models import character_model, forecaster, named_weights
from engine.training.text import compiled_training, encode
from engine.trials.trial import ACTIVATIONS, ForecastParameters, TextParameters, parameters_for

Floats = NDArray[np.float32]
EPOCHS = 3
OF_THE_PRESETS = {("tanh", "tanh"), ("linear", "linear"), ("tanh", "relu")}
# Every example compiles two programs: a failing one is not worth minutes of making it smaller.
DRAWN = settings(
    max_examples=2, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
PAIRS = [(recurrent, dense) for recurrent in ACTIVATIONS for dense in ACTIVATIONS]


def orders(samples: int) -> Callable[[int], NDArray[np.int64]]:
    return lambda epoch: seeds.generator(5, "order", epoch).permutation(samples)


def fitted(model: keras.Model, x: Floats, y: Floats, batch_size: int) -> list[float]:
    """Train as anybody would; return the losses that ``fit`` reports."""
    losses = []
    for epoch in range(1, EPOCHS + 1):
        order = orders(len(y))(epoch)
        history = model.fit(x[order], y[order], batch_size=batch_size, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    return losses


def trained(compiled: CompiledTraining) -> list[float]:
    slices = compiled.run(EPOCHS, orders(compiled.samples))
    return [loss for piece in slices for _epoch, loss in piece.ended]


def assert_equal(
    plain: keras.Model, plain_losses: list[float], ours: keras.Model, losses: list[float]
) -> None:
    np.testing.assert_allclose(losses, plain_losses, rtol=1e-5)
    expected = named_weights(plain)
    for name, weight in named_weights(ours).items():
        np.testing.assert_allclose(weight, expected[name], atol=1e-4, err_msg=name)


def check_forecaster(parameters: ForecastParameters, values: NDArray[np.float64]) -> None:
    part, _test = protocol.split_windows(protocol.scale(values).values, parameters.time_steps)
    plain, ours = forecaster(parameters, 3), forecaster(parameters, 3)
    plain_losses = fitted(plain, part.x, part.y, parameters.batch_size)
    compiled = CompiledTraining(ours, fetch_windows(part), len(part.y), parameters.batch_size)
    assert_equal(plain, plain_losses, ours, trained(compiled))


def check_characters(parameters: TextParameters, text: str) -> None:
    vocabulary, ids = encode(text)
    windows = np.lib.stride_tricks.sliding_window_view(ids, parameters.seqlen + 1)
    one_hot = np.eye(len(vocabulary), dtype=np.float32)[windows]
    plain, ours = (character_model(parameters, len(vocabulary), 3) for _ in range(2))
    plain_losses = fitted(plain, one_hot[:, :-1], one_hot[:, -1], parameters.batch_size)
    assert_equal(
        plain,
        plain_losses,
        ours,
        trained(compiled_training(ours, parameters, ids, len(vocabulary))),
    )


def shapes(kind: str, *ignored: str) -> list[Any]:
    """The distinct shapes of the report's trials of a kind, each under the first trial that has
    it.
    """
    found: dict[Any, Any] = {}
    for preset in presets.load():
        if preset.kind == kind:
            parameters = parameters_for(preset, {})
            shape = tuple(value for name, value in parameters if name not in ignored)
            found.setdefault(shape, pytest.param(parameters, id=preset.id))
    return list(found.values())


@pytest.mark.parametrize("parameters", shapes("forecast", "epochs"))
def test_every_preset_of_the_sunspots(
    parameters: ForecastParameters, sunspots: NDArray[np.float64]
) -> None:
    check_forecaster(parameters, sunspots[:600])


@pytest.mark.parametrize(
    "parameters", shapes("text", "iterations", "epochs_per_iteration", "predictions")
)
def test_every_preset_of_the_characters(parameters: TextParameters, text: str) -> None:
    check_characters(parameters, text[:300])


@pytest.mark.parametrize("activation", sorted({*PAIRS} - OF_THE_PRESETS), ids=" & ".join)
def test_every_other_pair_of_activations(
    activation: tuple[Any, Any], sunspots: NDArray[np.float64]
) -> None:
    # 32 windows: without a short last batch, which the presets have, fit compiles once instead of
    # twice.
    parameters = ForecastParameters(
        epochs=1, batch_size=4, time_steps=5, activation=activation, hidden_units=3, dense_units=1
    )
    check_forecaster(parameters, sunspots[:202])


@DRAWN
@given(
    st.builds(
        ForecastParameters,
        epochs=st.just(1),
        batch_size=st.integers(1, 50),
        time_steps=st.integers(1, 20),
        activation=st.sampled_from(PAIRS),
        hidden_units=st.integers(1, 8),
        dense_units=st.just(1),
    ),
    st.integers(110, 300),
)
def test_forecasting_trials_at_random(
    sunspots: NDArray[np.float64], parameters: ForecastParameters, months: int
) -> None:
    check_forecaster(parameters, sunspots[:months])


@DRAWN
@given(
    st.builds(
        TextParameters,
        iterations=st.just(1),
        epochs_per_iteration=st.just(1),
        predictions=st.just(1),
        seqlen=st.integers(1, 12),
        hidden_units=st.integers(1, 20),
        batch_size=st.integers(1, 80),
    ),
    st.integers(14, 90),
)
def test_character_trials_at_random(text: str, parameters: TextParameters, length: int) -> None:
    check_characters(parameters, text[:length])


def test_windows_too_long_to_unroll(text: str) -> None:
    parameters = TextParameters(
        iterations=1,
        epochs_per_iteration=1,
        predictions=1,
        seqlen=100,
        hidden_units=6,
        batch_size=32,
    )
    check_characters(parameters, text[:200])


def test_windows_of_one_character(text: str) -> None:
    # The recurrent kernel has no part in the loss then.
    parameters = TextParameters(
        iterations=1, epochs_per_iteration=1, predictions=1, seqlen=1, hidden_units=4, batch_size=1
    )
    check_characters(parameters, text[:30])


def test_a_batch_larger_than_the_data(sunspots: NDArray[np.float64]) -> None:
    parameters = ForecastParameters(
        epochs=1,
        batch_size=100_000,
        time_steps=10,
        activation=("tanh", "tanh"),
        hidden_units=3,
        dense_units=1,
    )
    check_forecaster(parameters, sunspots[:300])


class TestSlices:
    """Where a slice ends must not show in a single bit: runs are cancelled, watched and resumed
    there.
    """

    parameters = TextParameters(
        iterations=1, epochs_per_iteration=1, predictions=1, seqlen=5, hidden_units=8, batch_size=15
    )

    def training(self, text: str, slice_seconds: float) -> CompiledTraining:
        vocabulary, ids = encode(text[:200])
        model = character_model(self.parameters, len(vocabulary), 3)
        compiled = compiled_training(
            model, self.parameters, ids, len(vocabulary), slice_seconds=slice_seconds
        )
        assert compiled.batches == 13
        return compiled

    def state(self, compiled: CompiledTraining) -> list[bytes]:
        variables = [*compiled.model.variables, *compiled.model.optimizer.variables]
        return [variable.numpy().tobytes() for variable in variables]

    def test_results_do_not_depend_on_them(self, text: str) -> None:
        fine, coarse = self.training(text, 0.0), self.training(text, 1e9)
        assert trained(fine) == trained(coarse)
        assert self.state(fine) == self.state(coarse)

    def test_they_are_as_fine_as_asked_and_end_with_epochs(self, text: str) -> None:
        positions = [piece.position for piece in self.training(text, 0.0).run(2, orders(195))]
        assert [(p.epochs, p.batches) for p in positions] == [divmod(i, 13) for i in range(1, 27)]
        coarse = [piece.position for piece in self.training(text, 1e9).run(150, orders(195))]
        assert (coarse[-1].epochs, coarse[-1].batches) == (150, 0)
        # After the first steps of finding the pace, whole epochs and several of them.
        assert len(coarse) < 10
        assert all(position.batches == 0 for position in coarse[3:])

    def test_a_fresh_model_goes_on_from_a_position(self, text: str) -> None:
        whole = self.training(text, 0.0)
        losses = trained(whole)
        broken_off, resumed = self.training(text, 0.0), self.training(text, 1e9)
        before: list[float] = []
        position = Position()
        for piece in broken_off.run(EPOCHS, orders(195)):
            before += [loss for _epoch, loss in piece.ended]
            position = piece.position
            if (position.epochs, position.batches) == (1, 6):
                break
        for name in ("model", "optimizer"):
            sources, targets = (
                (c.model.variables if name == "model" else c.model.optimizer.variables)
                for c in (broken_off, resumed)
            )
            for source, target in zip(sources, targets, strict=True):
                target.assign(source)
        after = [
            loss
            for piece in resumed.run(EPOCHS, orders(195), position)
            for _epoch, loss in piece.ended
        ]
        assert before + after == losses
        assert self.state(resumed) == self.state(whole)

    def test_compiling_trains_nothing(self, text: str) -> None:
        compiled = self.training(text, 0.0)
        before = self.state(compiled)
        compiled.compile()
        assert self.state(compiled) == before
