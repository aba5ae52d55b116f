"""Turns a run's log into its current progress. Every reader of a log uses :func:`fold`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

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
from engine.trials.trial import Trial

END = (Finished, Cancelled, Failed)
_LASTING = (Checkpointed, Resumed, Died)
_ENDING_BYTES = 4_096
_LAST_SEED_BYTES = 65_536
"""Room for about five hundred epochs."""


@dataclass
class Iteration:
    """One iteration of a text run: its seed, the text so far, and its loss once complete."""

    number: int
    seed_text: str
    text: str = ""
    loss: float | None = None

    @property
    def complete(self) -> bool:
        return self.loss is not None


@dataclass
class Progress:
    """What a log says, times in Unix seconds.

    Updated by :meth:`apply` event by event; after a resumption it has to be built by :func:`fold`.
    """

    phase: Phase | None = None
    losses: list[float] = field(default_factory=list)
    """Mean training loss of each epoch; ``losses[i]`` is epoch ``i + 1``."""
    epoch_ends: list[float] = field(default_factory=list)
    """When each epoch of ``losses`` ended."""
    training_since: float | None = None
    pace: Pace = field(default_factory=Pace)
    epoch_share: float = 0.0
    """Fraction of the current epoch that is done, 0 to 1."""
    iterations: list[Iteration] = field(default_factory=list)
    replicate: int | None = None
    """The current random seed, if there are several; losses and epochs are those of this seed."""
    replicates: list[ReplicateEnded] = field(default_factory=list)
    """The completed random seeds, if there are several."""
    worker: Started | None = None
    resumed: int = 0
    """How often a worker has resumed the run."""
    schema_version: int = SCHEMA
    """The newest log format that a worker has written."""
    deaths: int = 0
    """How many workers have died by themselves since the last checkpoint."""
    warnings: list[str] = field(default_factory=list)
    end: Finished | Cancelled | Failed | None = None
    ended_at: float | None = None
    last_event_at: float | None = None
    timesheet: Timesheet | None = field(default_factory=Timesheet)
    """When workers worked; None if only the end of the log was read."""

    def copy(self) -> "Progress":
        """Return a copy that later events don't change."""
        return replace(
            self,
            losses=[*self.losses],
            epoch_ends=[*self.epoch_ends],
            pace=self.pace.copy(),
            iterations=[replace(iteration) for iteration in self.iterations],
            replicates=[*self.replicates],
            warnings=[*self.warnings],
            timesheet=self.timesheet.copy() if self.timesheet else None,
        )

    def apply(self, logged: Logged) -> None:
        """Add the log's next event."""
        self.last_event_at = logged.t
        if self.timesheet:
            self.timesheet.apply(logged)
        match logged.event:
            case (
                PhaseEntered() | EpochProgress() | EpochEnded() | ReplicateStarted()
                | ReplicateEnded() as event
            ):  # fmt: skip
                self._apply_training(event, logged.t)
            case SamplingStarted() | Characters() | IterationEnded() as event:
                self._apply_text(event)
            case Started() | Checkpointed() | Died() | Resumed() | Warned() as event:
                self._apply_worker(event)
            case Finished() | Cancelled() | Failed() as end:
                self.schema_version = max(self.schema_version, end.schema_version)
                self.end = end
                self.ended_at = logged.t
            case unhandled:
                assert_never(unhandled)

    def _apply_training(
        self,
        event: PhaseEntered | EpochProgress | EpochEnded | ReplicateStarted | ReplicateEnded,
        time: float,
    ) -> None:
        match event:
            case PhaseEntered(phase=phase):
                self.phase = phase
                if phase == "training":
                    self.pace.begin(time)
                    if self.training_since is None:
                        self.training_since = time
            case EpochProgress(done=done, total=total):
                self.epoch_share = done / total if total else 0.0
            case EpochEnded(loss=loss):
                self.losses.append(loss)
                self.epoch_ends.append(time)
                self.pace.epoch_ended(time)
                self.epoch_share = 0.0
            case ReplicateStarted(seed=seed):
                self.replicate = seed
                self.losses, self.epoch_ends, self.epoch_share = [], [], 0.0
            case ReplicateEnded():
                self.replicates.append(event)

    def _apply_text(self, event: SamplingStarted | Characters | IterationEnded) -> None:
        if isinstance(event, SamplingStarted):
            self.iterations.append(Iteration(event.iteration, event.seed_text))
        elif not self.iterations:
            return
        elif isinstance(event, Characters):
            self.iterations[-1].text += event.text
        else:
            self.iterations[-1].loss = event.loss

    def _apply_worker(self, event: Started | Checkpointed | Died | Resumed | Warned) -> None:
        match event:
            case Started():
                self.worker = event
                self.schema_version = max(self.schema_version, event.schema_version)
            case Checkpointed():
                self.deaths = 0
            case Died(by_itself=by_itself):
                self.deaths += by_itself
            case Resumed():
                self.resumed += 1
            case Warned(text=text):
                # A worker that resumes a run repeats the warnings of the one before.
                if text not in self.warnings:
                    self.warnings.append(text)

    @property
    def is_newer(self) -> bool:
        """Whether a newer program worked on the run, so that this one must not change it."""
        return self.schema_version > SCHEMA

    @property
    def writing(self) -> Iteration | None:
        """The iteration whose text is being generated; None between two texts."""
        return self.iterations[-1] if self.iterations and not self.iterations[-1].complete else None

    def fraction_done(self, trial: Trial) -> float:
        """Return the fraction of the training that is done, 0 to 1."""
        epochs = trial.parameters.total_epochs
        # A completed seed's epochs stay in ``losses`` until the next seed begins.
        current_seed = (
            (len(self.losses) + self.epoch_share) / epochs
            if self.replicate not in self._complete
            else 0.0
        )
        return min(1.0, (len(self.replicates) + current_seed) / trial.replicates)

    @property
    def _complete(self) -> set[int]:
        return {ended.seed for ended in self.replicates}

    def seconds_left(self, trial: Trial, now: float) -> float | None:
        """Estimate the time to the end of training from the pace so far; None if unknown.

        With one seed it is the pace of the recent epochs (:class:`engine.runs.pace.Pace`); with
        several, that of all the training so far. After the clock was changed it is wrong for a
        while, but never negative.
        """
        if not self.epoch_ends or self.training_since is None or self.end is not None:
            return None
        if trial.replicates > 1:
            fraction, spent = self.fraction_done(trial), max(0.0, now - self.training_since)
            return spent * (1 - fraction) / fraction if fraction > 0 else None
        return self.pace.seconds_left(trial.parameters.total_epochs - len(self.losses), now)


def fold(events: Iterable[Logged]) -> Progress:
    """Return the progress of a whole log."""
    events = list(events)
    progress = Progress(timesheet=None)
    for logged in effective_events(events):
        progress.apply(logged)
    # Even work that was lost took time.
    progress.timesheet = Timesheet.of(events)
    return progress


def _fold_end(events: Sequence[Logged]) -> Progress:
    """Return the progress from the last events of a log."""
    progress = Progress(timesheet=None)
    for logged in effective_events(events):
        progress.apply(logged)
    return progress


def fold_tail(log: Path) -> Progress | None:
    """Return what a list shows of an ended run, from its log's last lines; else None.

    The caller then folds the whole log. For a finished run, whose other numbers are in the result,
    this gives only how and when it ended. For one that ended otherwise, with several seeds, it also
    gives the losses of the last seed, which the earlier ones don't affect. Warnings, the worker and
    the completed seeds are missing in both cases.
    """
    lines = tail_lines(log, _ENDING_BYTES)
    # The line before is read for its number: an end with a lower number is a repeated line.
    events = parse_consecutive(lines[-2:])
    if len(events) < 2 or not isinstance(events[-1].event, END):
        return None
    if isinstance(events[-1].event, Finished):
        return _fold_end(events[-1:])
    lines = tail_lines(log, _LAST_SEED_BYTES)
    start = max((i for i, line in enumerate(lines) if b'"kind":"replicate"' in line), default=0)
    events = parse_consecutive(lines[start - 1 :]) if start else []
    if (
        not events
        or not isinstance(events[-1].event, END)
        or not isinstance(events[1].event, ReplicateStarted)
    ):
        return None
    seed_events = events[1:]
    if any(
        isinstance(logged.event, Resumed) and logged.event.after < seed_events[0].n
        for logged in seed_events
    ):
        return None
    return _fold_end(seed_events)


def effective_events(events: Iterable[Logged]) -> list[Logged]:
    """Return the events of a whole log that still count, without those that a resumption voids.

    Those are the events since the checkpoint, except deaths of workers, checkpoints and
    resumptions, which stay true.
    """
    effective: list[Logged] = []
    for logged in events:
        if isinstance(logged.event, Resumed):
            undone = [earlier for earlier in effective if earlier.n > logged.event.after]
            # A person who resumes an ended run gives it a new chance: earlier deaths don't count.
            lasting = (
                (Checkpointed, Resumed)
                if any(isinstance(earlier.event, END) for earlier in undone)
                else _LASTING
            )
            effective = [
                earlier
                for earlier in effective
                if earlier.n <= logged.event.after or isinstance(earlier.event, lasting)
            ]
        effective.append(logged)
    return effective
