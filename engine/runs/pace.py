"""How fast a run's epochs follow one another, from the times at which their ends were logged."""

import statistics
from collections import deque
from dataclasses import dataclass, field

_LEAST_SPAN_S = 2.0
"""Longer than a slice of training, so that a span has whole slices."""
_MOST_SPANS = 20


@dataclass
class Pace:
    """Seconds an epoch takes. Grows by :meth:`begin` and :meth:`epoch_ended`; times in Unix
    seconds.

    Short epochs are trained a slice at a time and logged together when it ends: between two of the
    same slice no time passes, between two slices a second. Therefore spans of at least two seconds
    are timed, with all the epochs in them. The pace is the median of the latest spans, so that one
    hiccup of a shared machine does not move it much.
    """

    _since: float | None = None
    """When the span under way began; None before the training."""
    _epochs: int = 0
    """Epochs in the span under way."""
    _last: float = 0.0
    _spans: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_SPANS))
    """Seconds an epoch took in each of the latest spans."""

    def begin(self, at: float) -> None:
        """Note that training begins, or continues: what lies between its last epoch and this is no
        time of training.
        """
        self._since = at if self._since is None else self._since + max(0.0, at - self._last)
        self._last = at

    def epoch_ended(self, at: float) -> None:
        """Note that an epoch ended."""
        if self._since is None:
            return
        if at < self._last:
            # A clock was set back.
            self._since, self._epochs = at, 0
        else:
            self._epochs += 1
            if at - self._since >= _LEAST_SPAN_S:
                self._spans.append((at - self._since) / self._epochs)
                self._since, self._epochs = at, 0
        self._last = at

    def seconds_left(self, epochs: int, now: float) -> float | None:
        """Estimate how long so many further epochs take; None before there is a pace. Never
        negative.

        It runs down until the next epochs are due, not further: a worker that was stopped has all
        of them before it.
        """
        if self._spans:
            pace = statistics.median(self._spans)
        elif self._since is not None and self._epochs:
            pace = (self._last - self._since) / self._epochs
        else:
            return None
        elapsed = max(0.0, now - self._last)
        return max(0.0, epochs * pace - min(elapsed, max(pace, _LEAST_SPAN_S)))
