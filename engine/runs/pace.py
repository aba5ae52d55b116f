"""How fast a run's epochs follow one another, from the logged times of their ends."""

import statistics
from collections import deque
from dataclasses import dataclass, field, replace

_LEAST_SPAN_S = 2.0
"""Longer than a slice of training, so that each span contains whole slices."""
_MOST_SPANS = 20


@dataclass
class Pace:
    """Seconds per epoch, from :meth:`begin` and :meth:`epoch_ended`; times in Unix seconds.

    Short epochs are trained a slice at a time and logged together at its end: no time passes
    between two of the same slice, a second between two slices. So spans of at least two seconds are
    timed, with all the epochs in them. The pace is the median of the latest spans, so that one
    hiccup of a shared machine does not change it much.
    """

    _since: float | None = None
    """When the current span began; None before training."""
    _epochs: int = 0
    """Epochs in the current span."""
    _last: float = 0.0
    _spans: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_SPANS))
    """Seconds per epoch in each of the latest spans."""

    def copy(self) -> "Pace":
        """Return a copy that later epochs don't change."""
        return replace(self, _spans=self._spans.copy())

    def begin(self, time: float) -> None:
        """Note that training begins or continues: time since the last epoch was not training."""
        self._since = time if self._since is None else self._since + max(0.0, time - self._last)
        self._last = time

    def epoch_ended(self, time: float) -> None:
        """Note that an epoch ended."""
        if self._since is None:
            return
        if time < self._last:
            # The clock was set back.
            self._since, self._epochs = time, 0
        else:
            self._epochs += 1
            if time - self._since >= _LEAST_SPAN_S:
                self._spans.append((time - self._since) / self._epochs)
                self._since, self._epochs = time, 0
        self._last = time

    def seconds_left(self, epochs: int, now: float) -> float | None:
        """Estimate the seconds for this many more ``epochs``; None if there is no pace yet.

        Never negative. It decreases until the next epochs are due and then stays: a stopped worker
        still has all of them to do.
        """
        if self._spans:
            pace = statistics.median(self._spans)
        elif self._since is not None and self._epochs:
            pace = (self._last - self._since) / self._epochs
        else:
            return None
        elapsed = max(0.0, now - self._last)
        return max(0.0, epochs * pace - min(elapsed, max(pace, _LEAST_SPAN_S)))
