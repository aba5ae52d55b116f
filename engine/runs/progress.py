"""Folding a run's log into what is true now. Every reader of a log goes through here:
:func:`fold`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.runs.events import (
    SCHEMA,
    Cancelled,
    Characters,
    Checkpointed,
    Died,
    EpochEnded,
    EpochProgress,
    Failed,
    Finished,
    IterationEnded,
    Logged,
    Phase,
    PhaseEntered,
    ReplicateEnded,
    ReplicateStarted,
    Resumed,
    SamplingStarted,
    Started,
    Warned,
    parse_consecutive,
    tail_lines,
)
from engine.runs.pace import Pace
from engine.runs.timesheet import Timesheet
from engine.trials.trial import ForecastParameters, ForecastTrial, Parameters, TextTrial

END = (Finished, Cancelled, Failed)
_LASTING = (Checkpointed, Resumed, Died)
_ENDING_BYTES = 4_096
_LAST_SEED_BYTES = 65_536
"""There are some five hundred epochs in so many."""


def total_epochs(parameters: Parameters) -> int:
    """Return how many epochs a trial trains in all."""
    if isinstance(parameters, ForecastParameters):
        return parameters.epochs
    return parameters.iterations * parameters.epochs_per_iteration


@dataclass
class Iteration:
    """One iteration of a character run: its seed, the text so far, and its loss once it is
    complete.
    """

    number: int
    seed_text: str
    text: str = ""
    loss: float | None = None

    @property
    def complete(self) -> bool:
        return self.loss is not None


@dataclass
class Progress:
    """What a log says, times in Unix seconds. Grows by :meth:`apply`, until a resumption: that is
    for :func:`fold`.
    """

    phase: Phase | None = None
    losses: list[float] = field(default_factory=list)
    """Mean training loss of each epoch; ``losses[i]`` is epoch ``i + 1``."""
    epoch_ends: list[float] = field(default_factory=list)
    """When each epoch of ``losses`` ended."""
    training_since: float | None = None
    pace: Pace = field(default_factory=Pace)
    epoch_share: float = 0.0
    """How much of the epoch under way is done, 0 to 1."""
    iterations: list[Iteration] = field(default_factory=list)
    replicate: int | None = None
    """The random seed under way, where there are several; losses and epochs are its own."""
    replicates: list[ReplicateEnded] = field(default_factory=list)
    """The random seeds that are complete, where there are several."""
    worker: Started | None = None
    resumed: int = 0
    """How often a worker has taken the run up again."""
    schema_version: int = SCHEMA
    """The newest form of the log that a worker has written."""
    deaths: int = 0
    """How many workers have died by themselves since the last checkpoint."""
    warnings: list[str] = field(default_factory=list)
    end: Finished | Cancelled | Failed | None = None
    ended_at: float | None = None
    last_event_at: float | None = None
    timesheet: Timesheet | None = field(default_factory=Timesheet)
    """When workers worked; None if only the end of the log was read."""

    def apply(self, logged: Logged) -> None:
        """Take one more event in, in the log's order."""
        self.last_event_at = logged.t
        if self.timesheet:
            self.timesheet.apply(logged)
        match logged.event:
            case Started() as started:
                self.worker = started
                self.schema_version = max(self.schema_version, started.schema_version)
            case PhaseEntered(phase=phase):
                self.phase = phase
                if phase == "training":
                    self.pace.begin(logged.t)
                    if self.training_since is None:
                        self.training_since = logged.t
            case EpochProgress(done=done, total=total):
                self.epoch_share = done / total if total else 0.0
            case EpochEnded(loss=loss):
                self.losses.append(loss)
                self.epoch_ends.append(logged.t)
                self.pace.epoch_ended(logged.t)
                self.epoch_share = 0.0
            case ReplicateStarted(seed=seed):
                self.replicate = seed
                self.losses, self.epoch_ends, self.epoch_share = [], [], 0.0
            case ReplicateEnded() as ended:
                self.replicates.append(ended)
            case SamplingStarted(iteration=number, seed_text=seed_text):
                self.iterations.append(Iteration(number, seed_text))
            case Characters(text=text):
                if self.iterations:
                    self.iterations[-1].text += text
            case IterationEnded(loss=loss):
                if self.iterations:
                    self.iterations[-1].loss = loss
            case Checkpointed():
                self.deaths = 0
            case Died(by_itself=by_itself):
                self.deaths += by_itself
            case Resumed():
                self.resumed += 1
            case Warned(text=text):
                # A worker that takes a run up again says again what the one before has said.
                if text not in self.warnings:
                    self.warnings.append(text)
            case Finished() | Cancelled() | Failed() as end:
                self.schema_version = max(self.schema_version, end.schema_version)
                self.end = end
                self.ended_at = logged.t

    @property
    def is_newer(self) -> bool:
        """Whether a newer program was at the run: this one may read what it knows of it, and change
        nothing.
        """
        return self.schema_version > SCHEMA

    @property
    def writing(self) -> Iteration | None:
        """The iteration whose text is being written; None between two texts."""
        return self.iterations[-1] if self.iterations and not self.iterations[-1].complete else None

    def fraction_done(self, trial: ForecastTrial | TextTrial) -> float:
        """Return how much of the training is done, 0 to 1."""
        epochs = total_epochs(trial.parameters)
        # A complete seed's epochs are still in ``losses`` until the next begins.
        under_way = (
            (len(self.losses) + self.epoch_share) / epochs
            if self.replicate not in self._complete
            else 0.0
        )
        return min(1.0, (len(self.replicates) + under_way) / trial.replicates)

    @property
    def _complete(self) -> set[int]:
        return {ended.seed for ended in self.replicates}

    def seconds_left(self, trial: ForecastTrial | TextTrial, now: float) -> float | None:
        """Estimate the time to the end of training from the pace so far; None before there is a
        pace.

        With one seed the pace is that of the recent epochs (:class:`engine.runs.pace.Pace`); with
        several it is that of all the training so far. A clock that was set makes it wrong for a
        while, never negative.
        """
        if not self.epoch_ends or self.training_since is None or self.end is not None:
            return None
        if trial.replicates > 1:
            share, spent = self.fraction_done(trial), max(0.0, now - self.training_since)
            return spent * (1 - share) / share if share > 0 else None
        return self.pace.seconds_left(total_epochs(trial.parameters) - len(self.losses), now)


def fold(events: Iterable[Logged]) -> Progress:
    """Return what a whole log says."""
    events = list(events)
    progress = Progress(timesheet=None)
    for logged in effective_events(events):
        progress.apply(logged)
    # What did not happen took its time all the same.
    progress.timesheet = Timesheet.of(events)
    return progress


def _fold_end(events: Sequence[Logged]) -> Progress:
    """Return what the last events of a log say."""
    progress = Progress(timesheet=None)
    for logged in effective_events(events):
        progress.apply(logged)
    return progress


def fold_tail(log: Path) -> Progress | None:
    """Return what a list shows of a run that is over, from the last lines of its log; None where
    those don't tell it.

    Whoever gets None folds the whole log. Of a run that is done the result has the rest: here is
    only how and when it ended. Of one that ended otherwise, with several seeds, here are also the
    losses of the last one, with which all that was before has no more to do. Neither has warnings,
    the worker, or the seeds that are complete.
    """
    lines = tail_lines(log, _ENDING_BYTES)
    # The line before is asked for its number: an end that is not above it has been there before.
    events = parse_consecutive(lines[-2:])
    if len(events) < 2 or not isinstance(events[-1].event, END):
        return None
    if isinstance(events[-1].event, Finished):
        return _fold_end(events[-1:])
    lines = tail_lines(log, _LAST_SEED_BYTES)
    begin = max((at for at, line in enumerate(lines) if b'"kind":"replicate"' in line), default=0)
    events = parse_consecutive(lines[begin - 1 :]) if begin else []
    if (
        not events
        or not isinstance(events[-1].event, END)
        or not isinstance(events[1].event, ReplicateStarted)
    ):
        return None
    since = events[1:]
    if any(
        isinstance(logged.event, Resumed) and logged.event.after < since[0].n for logged in since
    ):
        return None
    return _fold_end(since)


def effective_events(events: Iterable[Logged]) -> list[Logged]:
    """Return the events of a whole log that still hold: what lies between a checkpoint and its
    resumption does not.

    That workers died, wrote checkpoints and took the run up again stays true.
    """
    kept: list[Logged] = []
    for logged in events:
        if isinstance(logged.event, Resumed):
            undone = [one for one in kept if one.n > logged.event.after]
            # Somebody who resumes a run that had ended gives it a new chance: deaths before do not
            # count any more.
            lasting = (
                (Checkpointed, Resumed)
                if any(isinstance(one.event, END) for one in undone)
                else _LASTING
            )
            kept = [
                one for one in kept if one.n <= logged.event.after or isinstance(one.event, lasting)
            ]
        kept.append(logged)
    return kept
