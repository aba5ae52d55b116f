"""The one place where training is fast: whole epochs, or parts of long ones, in a compiled program.

The program uses a Keras model's own layers, variables and optimizer; between calls the model's
variables are authoritative. Mathematics, batches and reported loss are those of
``fit(shuffle=False)`` on the samples in our order.

Keras' stateless API would be the textbook way, but ``optimizer.stateless_apply`` refuses
TensorFlow. The plain ``optimizer.apply`` in a ``tf.while_loop`` compiles as well: XLA carries the
variables through the loop and writes them back at its end.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.numerics.divergence import Diverged
from engine.runs.checkpoints import Arrays
from engine.runs.events import EpochEnded, EpochProgress
from engine.runs.progress import Progress

SLICE_SECONDS = 0.5
"""Target duration of one call; progress, cancel and checkpoint happen between calls."""

# Short epochs share a call: a call costs as much as half a sunspot epoch. The order of samples is
# prepared for this many batches and samples at a time.
_BATCHES_PER_CALL = 2000
_SAMPLES_PER_CALL = 500_000

Fetch = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
"""Sample numbers (n,) → network inputs (n, …) and targets (n, outputs). Part of the program."""

Order = Callable[[int], NDArray[np.integer]]
"""Epoch, from 1 → the order of its samples, a permutation (samples,)."""


@dataclass(frozen=True)
class Position:
    """Progress of training: ``epochs`` complete, and ``batches`` of the next.

    The losses of those batches sum to ``loss_sum``.
    """

    epochs: int = 0
    batches: int = 0
    loss_sum: float = 0.0


@dataclass(frozen=True)
class SafePoint:
    """A moment between two slices: with the arrays of ``state``, training can resume bit for bit.

    ``state`` must be called before training continues. ``last``: training is complete.
    """

    state: Callable[[], Arrays]
    last: bool = False


@dataclass(frozen=True)
class ResumeState:
    """What an earlier worker left: the arrays of its last safe point and the progress then."""

    arrays: Arrays
    progress: Progress


class CheckpointMismatch(Exception):
    """An earlier worker's state belongs to another network: the array named does not fit."""


@dataclass(frozen=True)
class Slice:
    """Result of one call of the program: each epoch completed, with mean loss, and the position."""

    ended: tuple[tuple[int, float], ...]
    position: Position


class CompiledTraining:
    """One model's compiled training on ``samples`` samples; the last batch may be smaller.

    ``fetch`` makes a batch from sample numbers. ``forward`` is the network as a function of the
    inputs from ``fetch`` (default: the model itself). A batch is computed in ``parts`` equal parts
    whose gradients are summed: two keep two cores busy. ``parts`` and ``forward`` change the order
    of sums and so the last bits, nothing else. The model is compiled with its loss by name.
    """

    def __init__(
        self,
        model: keras.Model,
        fetch: Fetch,
        samples: int,
        batch_size: int,
        *,
        forward: Callable[[tf.Tensor], tf.Tensor] | None = None,
        parts: int = 1,
        slice_seconds: float = SLICE_SECONDS,
    ) -> None:
        self.model = model
        self.samples = samples
        # A batch larger than the data is the whole data.
        self.batch_size = min(batch_size, samples)
        self.batches = math.ceil(samples / self.batch_size)
        """Batches, and so optimizer steps, per epoch."""
        self._fetch = fetch
        self._forward = forward or (lambda inputs: model(inputs, training=True))
        self._loss = keras.losses.get(model.loss)
        self._parts = min(parts, self.batch_size)
        self._width = math.ceil(self.batch_size / self._parts) * self._parts
        self._epochs_per_call = max(
            1, min(_BATCHES_PER_CALL // self.batches, _SAMPLES_PER_CALL // samples)
        )
        self._slice_seconds = slice_seconds
        self._batches_per_slice = 1
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        shape = (self._epochs_per_call * self.batches, self._width)
        signature = [
            tf.TensorSpec(shape, tf.int32),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((self._epochs_per_call,), tf.float32),
        ]
        self._program = tf.function(
            self._train, input_signature=signature, jit_compile=True, autograph=False
        )

    def compile(self) -> None:
        """Compile the program, which takes a second or more, without training."""
        self._call(self._rows(0, 0, lambda _epoch: np.empty(0, np.int32)), 0, 0, self._no_losses())

    def run(self, until: int, order: Order, start: Position | None = None) -> Iterator[Slice]:
        """Train from ``start`` until ``until`` epochs are complete; yield after each slice.

        The length of slices depends on the machine's speed; the weights and losses do not depend on
        the length.
        """
        position = start or Position()
        while position.epochs < until:
            first = position.epochs
            epochs = min(self._epochs_per_call, until - first)
            rows = self._rows(first, epochs, order)
            sums = self._no_losses()
            sums[0] = position.loss_sum
            row = position.batches
            while row < epochs * self.batches:
                stop = min(epochs * self.batches, self._slice_end(row))
                start_time = time.monotonic()
                sums = self._call(rows, row, stop, sums)
                self._adjust_slice(stop - row, time.monotonic() - start_time)
                complete, batches = divmod(stop, self.batches)
                ended = range(row // self.batches, complete)
                position = Position(
                    first + complete, batches, float(sums[complete]) if batches else 0.0
                )
                yield Slice(
                    tuple((first + i + 1, float(sums[i]) / self.samples) for i in ended), position
                )
                row = stop

    def state(self, position: Position) -> Arrays:
        """Return what the rest of training depends on: weights, optimizer variables, position."""
        variables = [*self.model.variables, *self.model.optimizer.variables]
        return {
            "position": np.array(
                [position.epochs, position.batches, position.loss_sum], np.float64
            ),
            **{f"variable/{number}": variable.numpy() for number, variable in enumerate(variables)},
        }

    def restore(self, state: Arrays) -> Position:
        """Restore what :meth:`state` returned.

        Raises :class:`CheckpointMismatch` if it is another network's.
        """
        variables = [*self.model.variables, *self.model.optimizer.variables]
        values = [state.get(f"variable/{number}") for number in range(len(variables))]
        position = state.get("position")
        if position is None or position.shape != (3,):
            raise CheckpointMismatch("position")
        for variable, value in zip(variables, values, strict=True):
            if (
                value is None
                or value.shape != tuple(variable.shape)
                or value.dtype.name != variable.dtype
            ):
                raise CheckpointMismatch(variable.path)
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return Position(int(position[0]), int(position[1]), float(position[2]))

    def events(
        self, until: int, order: Order, start: Position | None = None
    ) -> Iterator[EpochEnded | EpochProgress | SafePoint]:
        """Train like :meth:`run`, yielding epoch ends, progress in long epochs, and safe points.

        Raises :class:`Diverged` instead of reporting an epoch whose loss is not finite.
        """
        last_report = time.monotonic()
        for piece in self.run(until, order, start):
            for epoch, loss in piece.ended:
                if not math.isfinite(loss):
                    raise Diverged(epoch, loss)
                yield EpochEnded(epoch=epoch, loss=loss)
            position = piece.position
            if not math.isfinite(position.loss_sum):
                raise Diverged(position.epochs + 1, position.loss_sum)
            if piece.ended:
                last_report = time.monotonic()
            elif time.monotonic() - last_report >= self._slice_seconds / 2:
                last_report = time.monotonic()
                yield EpochProgress(done=position.batches, total=self.batches)
            yield SafePoint(partial(self.state, position))

    def _rows(self, first: int, epochs: int, order: Order) -> tf.Tensor:
        """Return the orders of the epochs after ``first``, a row a batch, padded with sample 0."""
        rows = np.zeros((self._epochs_per_call, self.batches, self._width), np.int32)
        padded = np.zeros(self.batches * self.batch_size, np.int32)
        for i in range(epochs):
            padded[: self.samples] = order(first + i + 1)
            rows[i, :, : self.batch_size] = padded.reshape(self.batches, self.batch_size)
        return tf.constant(rows.reshape(-1, self._width))

    def _no_losses(self) -> NDArray[np.float32]:
        return np.zeros(self._epochs_per_call, np.float32)

    def _call(
        self, rows: tf.Tensor, start: int, stop: int, sums: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        bounds = tf.constant(start, tf.int32), tf.constant(stop, tf.int32)
        result: NDArray[np.float32] = self._program(rows, *bounds, tf.constant(sums)).numpy()
        return result

    def _slice_end(self, row: int) -> int:
        stop = row + self._batches_per_slice
        whole = stop - stop % self.batches
        # Prefer a slightly short slice to part of one more epoch: only long epochs end in between.
        return whole if whole > row else stop

    def _adjust_slice(self, batches: int, seconds: float) -> None:
        # A first slice of one batch says little about the next: grow step by step.
        batches_for_target = batches * self._slice_seconds / max(seconds, 1e-6)
        self._batches_per_slice = max(1, int(min(batches_for_target, 10 * batches)))

    # What follows is traced into the program.

    def _train(self, rows: tf.Tensor, start: tf.Tensor, stop: tf.Tensor, sums: tf.Tensor) -> Any:
        """Train on ``rows[start:stop]``, adding each batch's loss times its samples to ``sums``.

        ``sums`` has one entry per epoch.
        """

        def step(row: tf.Tensor, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            batch = row % self.batches
            count = tf.minimum(self.batch_size, self.samples - batch * self.batch_size)
            # Padding has weight 0, the other samples share 1: the loss is the mean over these.
            real = tf.cast(tf.range(self._width) < count, tf.float32)
            size = tf.cast(count, tf.float32)
            loss, gradients = self._gradients(rows[row], real / size)
            self.model.optimizer.apply(gradients, self.model.trainable_variables)
            return row + 1, tf.tensor_scatter_nd_add(sums, [[row // self.batches]], [loss * size])

        return tf.while_loop(lambda row, _sums: row < stop, step, (start, sums))[1]

    def _gradients(
        self, numbers: tf.Tensor, weights: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Return a batch's loss and its gradients, summed over the parts."""
        parts = zip(tf.split(numbers, self._parts), tf.split(weights, self._parts), strict=True)
        results = [self._part(*part) for part in parts]
        losses, gradients = zip(*results, strict=True)
        return tf.add_n(losses), [tf.add_n(several) for several in zip(*gradients, strict=True)]

    def _part(self, numbers: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        inputs, targets = self._fetch(numbers)
        variables = [variable.value for variable in self.model.trainable_variables]
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(self._loss(targets, self._forward(inputs)) * weights)
        # Zero if a weight is not used: the recurrent kernel, with windows of one step.
        gradients = tape.gradient(
            loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        # A gather's gradient is sparse (IndexedSlices), which XLA can't carry into the optimizer.
        return loss, [tf.convert_to_tensor(gradient) for gradient in gradients]
