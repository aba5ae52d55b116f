"""How the report turns a series or a text into samples, and when it can't.

Series: min-max scaling over the whole series, the first 80 % of the values for training and the
rest for test, each cut into non-overlapping windows whose next value is the target (``get_XY`` of
the tutorial that the report follows: machinelearningmastery.com, "Understanding Simple Recurrent
Neural Networks in Keras", 2021). Texts: every window of SEQLEN characters, with the next character
as target.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import InvalidValue, UsageError
from engine.language import _, ngettext
from engine.trials.trial import ForecastParameters, TextParameters

TRAINING_SHARE = 0.8


class Scaled(NamedTuple):
    """A series between 0 and 1: ``values`` (n,) float32, and the extremes in its own unit."""

    values: NDArray[np.float32]
    minimum: float
    maximum: float

    @property
    def unit(self) -> float:
        """The size of 1 scaled unit in the series' own unit."""
        return self.maximum - self.minimum


class Windows(NamedTuple):
    """Samples: ``x`` (samples, time_steps, 1) and ``y`` (samples,), the value after each window."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]


class Positions(NamedTuple):
    """The positions of the training and test targets in the whole series, from 0."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


def scale(values: ArrayLike) -> Scaled:
    """Scale a series (n,) to 0…1 by its extremes, test part included, as the report does.

    Raises :class:`UsageError` for a series that is constant, empty, or not finite.
    """
    series = np.asarray(values, dtype=np.float64)
    if series.size == 0 or not np.isfinite(series).all():
        raise UsageError(_("The series is empty or has values that are not numbers."))
    minimum, maximum = float(series.min()), float(series.max())
    if minimum == maximum:
        raise UsageError(
            _("The series is constant ({value:g} throughout).").format(value=minimum),
            _("Take a series that changes: there is nothing to forecast in this one."),
        )
    if not np.isfinite(maximum - minimum):
        raise UsageError(
            _("The series' values are too large to be scaled."), _("Give them in a larger unit.")
        )
    scaled = (series - minimum) / (maximum - minimum)
    return Scaled(scaled.astype(np.float32), minimum, maximum)


def training_size(n: int) -> int:
    """Return how many of ``n`` values, from the first, are the training part."""
    return int(n * TRAINING_SHARE)


def cut_windows(values: NDArray[np.float32], time_steps: int) -> Windows:
    """Cut a part (n,) into non-overlapping windows.

    The targets are at time_steps, 2 time_steps, … of the part. There are ``(n - 1) // time_steps``
    windows, none if the part is no longer than a window.
    """
    y = values[time_steps::time_steps]
    x = values[: time_steps * len(y)].reshape(len(y), time_steps, 1)
    return Windows(x, y)


def split_windows(values: NDArray[np.float32], time_steps: int) -> tuple[Windows, Windows]:
    """Return the training and the test part's windows; no window crosses the split."""
    end = training_size(len(values))
    return cut_windows(values[:end], time_steps), cut_windows(values[end:], time_steps)


def target_positions(n: int, time_steps: int) -> Positions:
    """Return the positions of the targets of :func:`split_windows` in a series of ``n`` values."""
    end = training_size(n)
    return Positions(
        np.arange(time_steps, end, time_steps), end + np.arange(time_steps, n - end, time_steps)
    )


def longest_window(n_values: int) -> int:
    """Return the largest ``time_steps`` with a target in both parts of ``n_values`` values.

    Raises :class:`UsageError` if there is none: the series is too short.
    """
    longest = min(training_size(n_values), n_values - training_size(n_values)) - 1
    if longest < 1:
        message = ngettext(
            "The series has {n} value: too few for a training and a test part.",
            "The series has {n} values: too few for a training and a test part.",
            n_values,
        )
        raise UsageError(
            message.format(n=n_values),
            _("Take a series of at least {n}.").format(n=_SHORTEST_SERIES),
        )
    return longest


def check_series(parameters: ForecastParameters, n_values: int) -> None:
    """Raise :class:`UsageError` if a part of a series of ``n_values`` would have no target."""
    longest = longest_window(n_values)
    if parameters.time_steps > longest:
        expected = ngettext(
            "1 to {longest} for a series of {n} value",
            "1 to {longest} for a series of {n} values",
            n_values,
        )
        raise InvalidValue(
            "time_steps",
            parameters.time_steps,
            expected.format(longest=longest, n=n_values),
            _("Longer windows leave the test part, its last fifth, without a single target."),
        )


def check_text(parameters: TextParameters, length: int, distinct: int) -> None:
    """Raise :class:`UsageError` if a prepared text of ``length`` characters can't be learned."""
    if distinct < 2:
        message = ngettext(
            "The text has {n} distinct character once it is prepared: at least 2 are needed.",
            "The text has {n} distinct characters once it is prepared: at least 2 are needed.",
            distinct,
        )
        raise UsageError(
            message.format(n=distinct),
            _("Take a text with more different characters, or read all its letters: --letters all"),
        )
    if parameters.seqlen > length - 1:
        expected = ngettext(
            "1 to {longest} for a text of {n} character",
            "1 to {longest} for a text of {n} characters",
            length,
        )
        raise InvalidValue(
            "seqlen",
            parameters.seqlen,
            expected.format(longest=length - 1, n=length),
            _("A window and the character after it must fit into the text."),
        )


# The smallest n with two values in each part: a window of one, and its target.
_SHORTEST_SERIES = 6
