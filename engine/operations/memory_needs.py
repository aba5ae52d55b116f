"""A lower bound on the memory of a trial, to refuse what can't fit and warn of what may not.

It is that of the compiled training, which depends on the window: for every step of a window, and
each part of a batch that is computed at a time, XLA keeps an array of the size of the recurrent
weights (the step's share of their gradient, or the weights that it read), and for every sample the
state and its input. ``tests/benchmarks/peak_memory.py`` measures whole runs: they take 1.1 to 2.2
times the bound.
"""

from collections.abc import Callable

from engine.data.kinds import data_of
from engine.errors import UsageError
from engine.host.machine import available_memory, cores, total_memory
from engine.host.out_of_memory import address_space
from engine.language import _
from engine.numerics.cells import CELLS
from engine.trials.trial import Parameters
from engine.trials.variant import Variant

_FLOAT = 4
_BASE_BYTES = 500 << 20
"""Bytes that Python with TensorFlow takes before there is a network."""
_HELPFUL_FRACTION = 0.9
"""Halving a parameter helps if it brings the bound below this fraction of what it was."""


def least_memory(
    parameters: Parameters, length: int, distinct: int = 1, variant: Variant = Variant.ONE_THREAD
) -> int:
    """Return the bytes that a worker needs at least, training on ``length`` steps or characters.

    ``distinct``: number of distinct characters of a text.
    """
    sizes = parameters.layer_sizes(distinct)
    assert sizes is not None
    inputs, outputs = sizes
    units, cell = parameters.hidden_units, CELLS[parameters.cell]
    steps: int = getattr(parameters, parameters.window_parameter)
    shape = data_of(parameters.kind).training_shape(parameters, length, variant)
    batch = min(parameters.batch_size, shape.samples)
    weights = cell.weight_count(inputs, units) + outputs * (units + 1)
    # Weights, gradients and the optimizer's averages; outputs and their gradients.
    floats = 3 * weights + 2 * batch * outputs
    floats += (steps - 1) * shape.parts * cell.gates * units * units + 2 * steps * batch * units
    floats += batch * steps * inputs if shape.one_hot else 0
    return _BASE_BYTES + _FLOAT * floats


def check_memory(
    parameters: Parameters, length: int, distinct: int, warn: Callable[[str], None] | None
) -> None:
    """Raise :class:`UsageError` if a trial needs more memory than there is, ``warn`` if it may.

    The error assumes one thread, which needs least. The warning assumes as many threads as the run
    may get, and compares with the memory that is free now.
    """
    needed = least_memory(parameters, length, distinct)
    limit = address_space()
    total = total_memory()
    if needed > min(total, limit or total):
        what = _("This trial takes over {needed} GiB of memory, and this host has {there}.")
        if limit is not None and limit < total:
            total = limit
            what = _(
                "This trial takes over {needed} GiB of memory, and a process may have {there} "
                "here (`ulimit -v`)."
            )
        raise UsageError(
            what.format(needed=_gib(needed), there=_gib(total)),
            _remedy(parameters, length, distinct),
        )
    needed = least_memory(parameters, length, distinct, Variant.for_threads(cores()))
    free = min(available_memory(), limit or total)
    if warn and needed > free:
        what = _(
            "This trial may take over {needed} GiB of memory, and {free} are free now: it could "
            "fail."
        )
        warn(
            f"{what.format(needed=_gib(needed), free=_gib(free))} "
            f"{_remedy(parameters, length, distinct)}"
        )


def _remedy(parameters: Parameters, length: int, distinct: int) -> str:
    """Advise how to make the trial smaller: by the parameters that make a difference if halved."""
    needed = least_memory(parameters, length, distinct)

    def helps(smaller: Parameters, alphabet: int = distinct) -> bool:
        return least_memory(smaller, length, alphabet) < _HELPFUL_FRACTION * needed

    names = [
        name
        for name in ("hidden_units", parameters.window_parameter, "batch_size")
        if helps(
            parameters.model_copy(
                update={name: max(1, min(getattr(parameters, name), length) // 2)}
            )
        )
    ]
    sentences = []
    if names:
        sentences.append(_("Try a smaller {names}.").format(names=_(" or ").join(names)))
    if helps(parameters, distinct // 2):
        sentences.append(_("A text with fewer distinct characters needs less."))
    return " ".join(sentences) or _("Use a host with more memory.")


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f}"
