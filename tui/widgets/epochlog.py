"""What has been trained so far, the newest on top: epochs, or random seeds if there are several."""

from abc import abstractmethod

from rich.text import Text

from engine.language import _
from engine.reports.published import published_for
from engine.runs.watch import Snapshot
from tui.widgets.lines import LinesView
from tui.words import format as fmt
from tui.words.kinds import words_of


class TrainingLog(LinesView, can_focus=True):
    """A line for each part of the training that is complete, under a line of headings."""

    def __init__(self, snapshot: Snapshot, *, id: str) -> None:
        super().__init__(id=id)
        self._snapshot = snapshot

    @abstractmethod
    def header(self) -> str:
        """Return the line of headings over the log."""

    @abstractmethod
    def line_text(self, number: int) -> str:
        """Write a line; ``number`` counts from 0, the oldest."""

    def show_run(self, snapshot: Snapshot) -> None:
        """Show a run's lines. They are made when they are painted: there may be thousands."""
        previous, count = self._snapshot, self.count
        self._snapshot = snapshot
        if self.count != count:
            self.resize_content()
        if snapshot.progress is not previous.progress:
            self.refresh()

    def line_at(self, index: int) -> Text:
        return Text(self.line_text(self.count - 1 - index), no_wrap=True)


class EpochLog(TrainingLog):
    """A line per epoch: its loss, seconds since training began, and for a text run the iteration.

    Seconds per epoch would mean little: short epochs are trained many at a time, and end together.
    """

    def header(self) -> str:
        head = f"{_('EPOCH'):>8} {_('LOSS'):>10} {_('AT, S'):>9}"
        return head + words_of(self._snapshot.trial.kind).epoch_header()

    @property
    def count(self) -> int:
        return len(self._snapshot.progress.losses)

    def line_text(self, number: int) -> str:
        progress, parameters = self._snapshot.progress, self._snapshot.trial.parameters
        # A clock that was set back must not give an epoch a negative time.
        seconds = max(0.0, progress.epoch_ends[number] - (progress.training_since or 0.0))
        line = f"{number + 1:>8} {fmt.loss(progress.losses[number]):>10} {seconds:>9.2f}"
        return line + words_of(parameters.kind).epoch_columns(
            number, parameters, published_for(self._snapshot)
        )


class SeedLog(TrainingLog):
    """A line per random seed, with its errors."""

    def header(self) -> str:
        return f"{_('SEED'):>8} {_('TRAIN'):>10} {_('TEST'):>9}"

    @property
    def count(self) -> int:
        return len(self._snapshot.progress.replicates)

    def line_text(self, number: int) -> str:
        result = self._snapshot.progress.replicates[number]
        if result.train_rmse is None or result.test_rmse is None:
            return f"{result.seed:>8} {_('diverged'):>10}"
        return f"{result.seed:>8} {result.train_rmse:>10.4f} {result.test_rmse:>9.4f}"


def log_of(snapshot: Snapshot, *, id: str) -> TrainingLog:
    """Return the log that suits a run."""
    return SeedLog(snapshot, id=id) if snapshot.trial.replicates > 1 else EpochLog(snapshot, id=id)
