"""The pane of a text run: the text of one iteration, typed out as it is sampled."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget

from engine.language import _
from engine.reports.published import published_for
from engine.runs.events import Characters, IterationEnded, Logged, SamplingStarted
from engine.runs.progress import Iteration
from engine.runs.watch import Snapshot
from engine.trials.trial import TextParameters
from presets import PublishedText
from tui.panes.panes import Pane
from tui.widgets.typewriter import Typewriter


class TextPane(Pane):
    """Follows the iteration that is being written, or shows an earlier one."""

    caption = _("Text")

    def __init__(self, snapshot: Snapshot, *, id: str) -> None:
        super().__init__(snapshot, id=id)
        self._selected: int | None = None
        """Index of the iteration shown; None follows the newest."""
        self._has_begun = False

    def compose(self) -> ComposeResult:
        yield Typewriter(_("The first text comes after the first iteration."), id="typewriter")

    def draw(self) -> None:
        """Nothing to do: the typewriter draws itself, at its own pace."""

    def on_events(self, events: Sequence[Logged]) -> None:
        if not self._has_begun:
            # Text from before the pane was opened is shown at once, not typed out again.
            self._has_begun = True
            self._show_newest()
        elif self._selected is None:
            for logged in events:
                self._type(logged)
            if self.snapshot.has_ended:
                self.query_one(Typewriter).complete()

    def step(self, by: int) -> None:
        """Show the previous iteration (``by`` < 0) or the next; the last one follows the newest."""
        iterations = self.snapshot.progress.iterations
        if not iterations:
            return
        last = len(iterations) - 1
        index = min(max((last if self._selected is None else self._selected) + by, 0), last)
        if index == last:
            self._selected = None
            self._show_newest()
        else:
            self._selected = index
            self._show(iterations[index])

    def pause(self) -> None:
        """Pause or continue typing."""
        self.query_one(Typewriter).pause()

    def _type(self, logged: Logged) -> None:
        typewriter = self.query_one(Typewriter)
        match logged.event:
            case SamplingStarted(iteration=number, seed_text=seed):
                typewriter.begin(self._title(number, None), seed, self._published(number))
            case Characters(text=text):
                typewriter.type(text)
            case IterationEnded():
                typewriter.complete()

    def _show_newest(self) -> None:
        iterations = self.snapshot.progress.iterations
        if not iterations:
            return
        newest = iterations[-1]
        if newest.complete or self.snapshot.has_ended:
            self._show(newest)
            return
        typewriter = self.query_one(Typewriter)
        typewriter.begin(
            self._title(newest.number, None), newest.seed_text, self._published(newest.number)
        )
        typewriter.type(newest.text)
        typewriter.show_all()

    def _show(self, iteration: Iteration) -> None:
        self.query_one(Typewriter).show_text(
            self._title(iteration.number, iteration.loss),
            iteration.seed_text,
            iteration.text,
            self._published(iteration.number),
        )

    def _title(self, number: int, loss: float | None) -> str:
        parameters = self.snapshot.trial.parameters
        assert isinstance(parameters, TextParameters)
        if loss is None:
            epochs = self.snapshot.progress.losses[: number * parameters.epochs_per_iteration]
            loss = epochs[-1] if epochs else None
        text = _("ITERATION {n} of {total}").format(n=number, total=parameters.iterations)
        if loss is not None:
            text += "   " + _("loss {loss:.4f}").format(loss=loss)
        published = published_for(self.snapshot)
        if published and number in published.losses:
            text += "   " + _("published {loss:.4f}").format(loss=published.losses[number])
        return text

    def _published(self, number: int) -> str | None:
        published = published_for(self.snapshot)
        if not isinstance(published, PublishedText):
            return None
        return next(
            (
                f"[{row.seed_text}]{row.generated}"
                for row in published.iterations
                if row.iteration == number
            ),
            None,
        )

    def focus_target(self) -> Widget:
        return self.query_one(Typewriter)
