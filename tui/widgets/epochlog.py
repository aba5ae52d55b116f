"""What has been trained so far, the newest on top: epochs, or random seeds if there are several."""

from abc import abstractmethod

from rich.text import Text

from engine.language import _
from engine.reports.published import published_for
from engine.runs.watch import RunWatcher
from tui.widgets.lines import LinesView
from tui.words import format as fmt
from tui.words.kinds import words_of


class TrainingLog(LinesView, can_focus=True):
    """A line for each part of the training that is complete, under a line of headings."""

    def __init__(self, watcher: RunWatcher, *, id: str) -> None:
        super().__init__(id=id)
        self._watcher = watcher
        self._shown = 0

    @abstractmethod
    def header(self) -> str:
        """Return the line of headings over the log."""

    @abstractmethod
    def available(self) -> int:
        """Return the current number of lines."""

    @abstractmethod
    def line_text(self, number: int) -> str:
        """Write a line; ``number`` counts from 0, the oldest."""

    @property
    def count(self) -> int:
        return self._shown

    def catch_up(self) -> None:
        """Show new lines. They are made when they are painted: there may be thousands."""
        if (available := self.available()) != self._shown:
            self._shown = available
            self.resize_content()
            self.refresh()

    def line_at(self, index: int) -> Text:
        number = self._shown - 1 - index
        # A worker that resumes a run may have taken epochs back since they were counted.
        return Text(self.line_text(number) if number < self.available() else "", no_wrap=True)


class EpochLog(TrainingLog):
    """A line per epoch: its loss, seconds since training began, and for a text run the iteration.

    Seconds per epoch would mean little: short epochs are trained many at a time, and end together.
    """

    def header(self) -> str:
        head = f"{_('EPOCH'):>8} {_('LOSS'):>10} {_('AT, S'):>9}"
        return head + words_of(self._watcher.trial.kind).epoch_header()

    def available(self) -> int:
        return len(self._watcher.progress.losses)

    def line_text(self, number: int) -> str:
        progress, parameters = self._watcher.progress, self._watcher.trial.parameters
        # A clock that was set back must not give an epoch a negative time.
        seconds = max(0.0, progress.epoch_ends[number] - (progress.training_since or 0.0))
        line = f"{number + 1:>8} {fmt.loss(progress.losses[number]):>10} {seconds:>9.2f}"
        return line + words_of(parameters.kind).epoch_columns(
            number, parameters, published_for(self._watcher.snapshot())
        )


class SeedLog(TrainingLog):
    """A line per random seed, with its errors."""

    def header(self) -> str:
        return f"{_('SEED'):>8} {_('TRAIN'):>10} {_('TEST'):>9}"

    def available(self) -> int:
        return len(self._watcher.progress.replicates)

    def line_text(self, number: int) -> str:
        result = self._watcher.progress.replicates[number]
        if result.train_rmse is None or result.test_rmse is None:
            return f"{result.seed:>8} {_('diverged'):>10}"
        return f"{result.seed:>8} {result.train_rmse:>10.4f} {result.test_rmse:>9.4f}"


def log_of(watcher: RunWatcher, *, id: str) -> TrainingLog:
    """Return the log that suits a run."""
    return SeedLog(watcher, id=id) if watcher.trial.replicates > 1 else EpochLog(watcher, id=id)
