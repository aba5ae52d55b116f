"""Training a network to generate text character by character, sampling after every iteration.

It does not know of files, the log or cancelling: the caller writes the events down, and stops
iterating to cancel.
"""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.numerics import protocol, sampling, seeds
from engine.numerics.cells import CELLS
from engine.numerics.sampling import CharacterWeights
from engine.runs.events import (
    AnyEvent,
    Characters,
    EpochEnded,
    IterationEnded,
    PhaseEntered,
    SamplingStarted,
)
from engine.runs.progress import Progress
from engine.training.epochs import (
    SLICE_SECONDS,
    CompiledTraining,
    Fetch,
    Position,
    ResumeState,
    SafePoint,
)
from engine.training.models import character_model, named_weights, one_hot_forward, unrolled_forward
from engine.trials.trial import TextParameters
from engine.trials.variant import Variant

# Characters are reported as they are generated, several to an event.
_CHARACTERS_PER_EVENT = 10
_SECONDS_PER_EVENT = 0.5


@dataclass(frozen=True)
class Iteration:
    """What one iteration (from 1) learned and generated, without the seed text."""

    iteration: int
    loss: float
    """The last epoch's."""
    losses: tuple[float, ...]
    """Mean training loss (nats per character) of each epoch, as ``fit`` reports it.

    It is measured while the weights change.
    """
    seed_text: str
    generated: str


@dataclass(frozen=True)
class TextOutcome:
    """A trained character network and the text that it generated after each iteration."""

    iterations: tuple[Iteration, ...]
    vocabulary: str
    """The text's distinct characters in code point order; a character's id is its index."""
    parameter_count: int
    weights: dict[str, NDArray[np.float32]]
    """After the last iteration; for the names see :func:`engine.training.models.named_weights`."""


def train(
    parameters: TextParameters,
    text: str,
    seed: int,
    variant: Variant = Variant.TWO_THREADS,
    earlier: ResumeState | None = None,
) -> Generator[AnyEvent | SafePoint, None, TextOutcome]:
    """Train on every window of the prepared ``text`` and return what the network generated.

    Yields events at least about once a second. Continues from ``earlier`` if given. Raises
    :class:`engine.errors.UsageError` if the parameters don't fit the text,
    :class:`engine.numerics.divergence.Diverged`, and
    :class:`engine.training.epochs.CheckpointMismatch`.
    """
    vocabulary, ids = encode(text)
    protocol.check_text(parameters, len(text), len(vocabulary))
    samples = len(text) - parameters.seqlen

    yield PhaseEntered(phase="compiling")
    model = character_model(parameters, len(vocabulary), seed)
    compiled = compiled_training(model, parameters, ids, len(vocabulary), variant)
    compiled.compile()
    epochs_per_iteration = parameters.epochs_per_iteration
    position = compiled.restore(earlier.arrays) if earlier else Position()
    iterations = _completed_iterations(earlier.progress, epochs_per_iteration) if earlier else []
    losses = (
        earlier.progress.losses[len(iterations) * epochs_per_iteration : position.epochs]
        if earlier
        else []
    )

    def order(epoch: int) -> NDArray[np.int64]:
        return seeds.generator(seed, "order", epoch).permutation(samples)

    for iteration in range(len(iterations) + 1, parameters.iterations + 1):
        yield PhaseEntered(phase="training")
        until = iteration * epochs_per_iteration
        for event in compiled.events(until, order, position):
            if isinstance(event, EpochEnded):
                losses.append(event.loss)
            yield event
        position = Position(until)

        yield PhaseEntered(phase="sampling")
        start = int(seeds.generator(seed, "seed window", iteration).integers(samples))
        seed_ids = ids[start : start + parameters.seqlen]
        seed_text = text[start : start + parameters.seqlen]
        yield SamplingStarted(iteration=iteration, seed_text=seed_text)
        weights = CharacterWeights.from_named(named_weights(model), CELLS[parameters.cell])
        generated_ids = sampling.generate(weights, seed_ids, parameters.predictions)
        generated = ""
        for piece in _pieces(vocabulary[i] for i in generated_ids):
            generated += piece
            yield Characters(iteration=iteration, text=piece)
        iterations.append(Iteration(iteration, losses[-1], tuple(losses), seed_text, generated))
        losses = []
        yield IterationEnded(iteration=iteration, loss=iterations[-1].loss)
        yield SafePoint(partial(compiled.state, position), last=iteration == parameters.iterations)
    return TextOutcome(tuple(iterations), vocabulary, model.count_params(), named_weights(model))


def _completed_iterations(progress: Progress, epochs_per_iteration: int) -> list[Iteration]:
    """Return the complete iterations in a log."""
    return [
        Iteration(
            iteration.number,
            iteration.loss,
            tuple(
                progress.losses[
                    (iteration.number - 1) * epochs_per_iteration : iteration.number
                    * epochs_per_iteration
                ]
            ),
            iteration.seed_text,
            iteration.text,
        )
        for iteration in progress.iterations
        if iteration.loss is not None
    ]


def encode(text: str) -> tuple[str, NDArray[np.int32]]:
    """Return the distinct characters of ``text`` in code point order, and the text as ids."""
    points = np.frombuffer(text.encode("utf-32-le"), "<u4")
    distinct, ids = np.unique(points, return_inverse=True)
    return "".join(map(chr, distinct)), ids.astype(np.int32)


def compiled_training(
    model: keras.Model,
    parameters: TextParameters,
    ids: NDArray[np.int32],
    n_characters: int,
    variant: Variant = Variant.TWO_THREADS,
    *,
    slice_seconds: float = SLICE_SECONDS,
) -> CompiledTraining:
    """Return the training of a character network on every window of a text (characters,) of ids."""
    # Unrolled, an epoch takes half the time.
    fast_path = CELLS[parameters.cell].fast_path(parameters.seqlen)
    forward: Callable[[tf.Tensor], tf.Tensor] = (
        unrolled_forward(model, fast_path) if fast_path else one_hot_forward(model, n_characters)
    )
    fetch = _windows(ids, parameters.seqlen, n_characters)
    samples = len(ids) - parameters.seqlen
    return CompiledTraining(
        model,
        fetch,
        samples,
        parameters.batch_size,
        forward=forward,
        parts=variant.parts,
        slice_seconds=slice_seconds,
    )


def _windows(ids: NDArray[np.int32], seqlen: int, n_characters: int) -> Fetch:
    # Only the text itself is kept: one-hot windows of the report's book would take gigabytes.
    text = tf.constant(ids)

    def fetch(numbers: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        window = tf.gather(text, numbers[:, tf.newaxis] + tf.range(seqlen + 1))
        return window[:, :seqlen], tf.one_hot(window[:, seqlen], n_characters)

    return fetch


def _pieces(characters: Iterator[str]) -> Iterator[str]:
    """Join characters into pieces, none of which takes long to arrive."""
    piece, start = "", time.monotonic()
    for character in characters:
        piece += character
        if len(piece) == _CHARACTERS_PER_EVENT or time.monotonic() - start >= _SECONDS_PER_EVENT:
            yield piece
            piece, start = "", time.monotonic()
    if piece:
        yield piece
