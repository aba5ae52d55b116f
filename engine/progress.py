"""Folding a run's log into what is true now. Every reader of a log goes through here."""

import itertools
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.events import (
    Advanced,
    Cancelled,
    Characters,
    EpochEnded,
    Failed,
    Finished,
    IterationEnded,
    Logged,
    Phase,
    PhaseEntered,
    SamplingBegan,
    Started,
    Warned,
)
from engine.trial import Parameters, SunspotsParameters


def total_epochs(parameters: Parameters) -> int:
    """Return how many epochs a trial trains in all."""
    if isinstance(parameters, SunspotsParameters):
        return parameters.epochs
    return parameters.iterations * parameters.epochs_per_iteration


@dataclass
class Iteration:
    """One iteration of a character run: its seed, the text so far, and its loss once it is complete."""

    number: int
    seed_text: str
    text: str = ""
    loss: float | None = None

    @property
    def complete(self) -> bool:
        return self.loss is not None


@dataclass
class Progress:
    """What a log says. Grows by :meth:`apply`; times are Unix seconds."""

    phase: Phase | None = None
    losses: list[float] = field(default_factory=list)
    """Mean training loss of each epoch; ``losses[i]`` is epoch ``i + 1``."""
    epoch_ends: list[float] = field(default_factory=list)
    """When each epoch of ``losses`` ended."""
    training_since: float | None = None
    epoch_share: float = 0.0
    """How much of the epoch under way is done, 0 to 1."""
    iterations: list[Iteration] = field(default_factory=list)
    worker: Started | None = None
    warnings: list[str] = field(default_factory=list)
    end: Finished | Cancelled | Failed | None = None
    ended_at: float | None = None
    last_event_at: float | None = None

    def apply(self, logged: Logged) -> None:
        """Take one more event in, in the log's order."""
        self.last_event_at = logged.t
        match logged.event:
            case Started() as started:
                self.worker = started
            case PhaseEntered(phase=phase):
                self.phase = phase
                if phase == "training" and self.training_since is None:
                    self.training_since = logged.t
            case Advanced(done=done, total=total):
                self.epoch_share = done / total if total else 0.0
            case EpochEnded(loss=loss):
                self.losses.append(loss)
                self.epoch_ends.append(logged.t)
                self.epoch_share = 0.0
            case SamplingBegan(iteration=number, seed_text=seed_text):
                self.iterations.append(Iteration(number, seed_text))
            case Characters(text=text):
                if self.iterations:
                    self.iterations[-1].text += text
            case IterationEnded(loss=loss):
                if self.iterations:
                    self.iterations[-1].loss = loss
            case Warned(text=text):
                self.warnings.append(text)
            case Finished() | Cancelled() | Failed() as end:
                self.end = end
                self.ended_at = logged.t

    def share(self, parameters: Parameters) -> float:
        """Return how much of the training is done, 0 to 1."""
        return min(1.0, (len(self.losses) + self.epoch_share) / total_epochs(parameters))

    def seconds_left(self, parameters: Parameters, now: float) -> float | None:
        """Estimate the time to the last epoch's end from the pace so far; None before there is a pace.

        The pace is the median of the recent epochs, so that one hiccup of a shared machine does not move it much.
        """
        if not self.epoch_ends or self.training_since is None or self.end is not None:
            return None
        times = [self.training_since, *self.epoch_ends][-21:]
        pace = statistics.median(after - before for before, after in itertools.pairwise(times))
        remaining = total_epochs(parameters) - len(self.losses)
        return max(0.0, remaining * pace - (now - self.epoch_ends[-1]))


def fold(events: Iterable[Logged]) -> Progress:
    """Return what a whole log says."""
    progress = Progress()
    for logged in events:
        progress.apply(logged)
    return progress
