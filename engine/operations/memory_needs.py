"""How much memory a trial takes at least, told before it starts: what can't fit is refused, what
may not is warned of.

The bound is of the compiled training, whose memory windows decide: for every step of a window, and
for each part of a batch that is computed at a time, XLA keeps an array of the size of the recurrent
weights (the step's share of their gradient, or the weights that it read), and for every sample the
state and what led to it. ``tests/benchmarks/ peak_memory.py`` measures whole runs: they take 1.1 to
2.2 times the bound.
"""

from collections.abc import Callable

from engine.errors import UsageError
from engine.host.machine import available_memory, cores, total_memory
from engine.host.out_of_memory import LONGEST_UNROLLED, address_space
from engine.language import _
from engine.numerics.protocol import training_size
from engine.trials.trial import ForecastParameters, Parameters, TextParameters
from engine.trials.variant import Variant

_FLOAT = 4
_WITHOUT_TRAINING = 500 << 20
"""What Python with TensorFlow takes before there is any network."""
_HELPS = 0.9
"""Half of a parameter helps if it brings the bound below this share of what it was."""


def least_memory(
    parameters: Parameters, length: int, distinct: int = 1, variant: Variant = Variant.ONE_THREAD
) -> int:
    """Return how many bytes a worker that trains on ``length`` months or characters takes at least.

    ``distinct``: how many characters a text has.
    """
    units = parameters.hidden_units
    if isinstance(parameters, ForecastParameters):
        steps, parts, one_hot = parameters.time_steps, 1, False
        samples = max(1, (training_size(length) - 1) // steps)
        inputs = outputs = 1
    else:
        steps, parts, one_hot = (
            parameters.seqlen,
            variant.parts,
            parameters.seqlen > LONGEST_UNROLLED,
        )
        samples = max(1, length - steps)
        inputs = outputs = distinct
    batch = min(parameters.batch_size, samples)
    weights = units * (units + inputs + 1) + outputs * (units + 1)
    # Weights, gradients and the optimizer's averages; scores and their gradients.
    floats = 3 * weights + 2 * batch * outputs
    floats += (steps - 1) * parts * units * units + 2 * steps * batch * units
    floats += batch * steps * inputs if one_hot else 0
    return _WITHOUT_TRAINING + _FLOAT * floats


def check_memory(
    parameters: Parameters, length: int, distinct: int, warn: Callable[[str], None] | None
) -> None:
    """Raise :class:`UsageError` for a trial that takes more memory than there is; ``warn`` if more
    than is free now.

    On one thread it takes least: that decides. It is warned of what it takes on as many as it may
    get.
    """
    needed = least_memory(parameters, length, distinct)
    limit = address_space()
    there = total_memory()
    if needed > min(there, limit or there):
        what = _("This trial takes over {needed} GiB of memory, and here are {there}.")
        if limit is not None and limit < there:
            there = limit
            what = _(
                "This trial takes over {needed} GiB of memory, and a process may have {there} "
                "here (`ulimit -v`)."
            )
        raise UsageError(
            what.format(needed=_gib(needed), there=_gib(there)),
            _remedy(parameters, length, distinct),
        )
    needed = least_memory(parameters, length, distinct, Variant.for_threads(cores()))
    free = min(available_memory(), limit or there)
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
    """Say what makes the trial smaller: those parameters of which half as much would be felt."""
    needed = least_memory(parameters, length, distinct)
    window = "seqlen" if isinstance(parameters, TextParameters) else "time_steps"

    def helps(smaller: Parameters, alphabet: int = distinct) -> bool:
        return least_memory(smaller, length, alphabet) < _HELPS * needed

    names = [
        name
        for name in ("hidden_units", window, "batch_size")
        if helps(
            parameters.model_copy(
                update={name: max(1, min(getattr(parameters, name), length) // 2)}
            )
        )
    ]
    words = []
    if names:
        words.append(_("Try a smaller {names}.").format(names=_(" or ").join(names)))
    if helps(parameters, distinct // 2):
        words.append(_("A text of fewer kinds of characters takes less."))
    return " ".join(words) or _("Take a host with more memory.")


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f}"
