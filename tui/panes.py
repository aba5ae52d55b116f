"""The panes of a run: each draws one side of what its log says, and nothing where there is nothing yet."""

import statistics
from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from engine.events import Logged
from engine.language import _
from engine.progress import total_epochs
from engine.provenance import command_for
from engine.report import seed_words
from engine.results import ForecastMetrics
from engine.sanitise import printable
from engine.trial import AliceParameters, SunspotsParameters, changed, spell
from engine.watch import RunWatcher, damage_words
from tui import format as fmt
from tui import plan
from tui.narrator import event_words
from tui.plots import draw_losses
from tui.widgets.epochlog import EpochLog, log_of
from tui.widgets.logview import LogView
from tui.widgets.plot import PlotView
from tui.widgets.sparkline import LossSparkline

_WORKER_LOG_LINES, _WORKER_LOG_BYTES = 40, 2**16


class Pane(Vertical):
    """One side of a run. ``caption`` names it on its tab and over its frame."""

    caption = ""

    def __init__(self, watcher: RunWatcher, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self.watcher = watcher
        self.border_title = self.caption

    def take(self, events: Sequence[Logged]) -> None:
        """Take in what is new in the log, shown or not; the watcher has folded it already."""

    def draw(self) -> None:
        """Draw what changed. Only called while the pane is shown: hidden ones would have all laid out anew."""
        raise NotImplementedError

    def focus_target(self) -> Widget | None:
        """Return what is to have the focus while this pane is in front."""
        return None


class ProgressPane(Pane):
    """Loss, best loss, figures; the loss as a sparkline; a line an epoch, the newest on top."""

    caption = _("Progress")

    def compose(self) -> ComposeResult:
        yield Static(id="numbers", markup=False)
        yield LossSparkline(3, id="sparkline")
        log = log_of(self.watcher, id="epochs")
        yield Static(log.header(), id="epoch-head", markup=False)
        yield log

    def draw(self) -> None:
        numbers = self.query_one("#numbers", Static)
        if str(numbers.content) != (words := numbers_of(self.watcher)):
            numbers.update(words, layout=False)
        self.query_one("#sparkline", LossSparkline).show(self.watcher.losses)
        self.query_one("#epochs", EpochLog).catch_up()

    def focus_target(self) -> Widget:
        return self.query_one("#epochs")


def numbers_of(watcher: RunWatcher) -> str:
    """Write the figures of a run, three lines: its losses, what it was judged by beside what was published, baselines.

    Baselines are what needs no network, on the very same test points: the figure to beat.
    """
    losses, parameters = watcher.losses, watcher.trial.parameters
    published = _("published {published}").format(published=fmt.published(watcher.snapshot().preset))
    if not losses:
        return f"{_('loss')} –\n{published}\n"
    best = min(range(len(losses)), key=losses.__getitem__)
    words = _("loss {loss}   best {best} @{epoch}").format(
        loss=fmt.loss(losses[-1]), best=fmt.loss(losses[best]), epoch=best + 1
    )
    metrics = watcher.result.metrics if watcher.result else None
    if not isinstance(metrics, ForecastMetrics) or not isinstance(parameters, SunspotsParameters):
        return f"{words}\n{published}\n{seeds_so_far(watcher)}"
    judged = _("train {train}   test {test}").format(
        train=fmt.with_spread(metrics.typical[0], metrics.train_rmse_sd),
        test=fmt.with_spread(metrics.typical[1], metrics.test_rmse_sd),
    )
    return f"{words}\n{judged}   {published}\n{baselines_of(metrics, parameters)}"


def seeds_so_far(watcher: RunWatcher) -> str:
    """Write the mean errors of the random seeds that are complete, while others are still to come."""
    seeds = watcher.progress.replicates
    train = [seed.train_rmse for seed in seeds if seed.train_rmse is not None]
    test = [seed.test_rmse for seed in seeds if seed.test_rmse is not None]
    if not test:
        return ""
    return _("{n} of {total} seeds   train {train}   test {test}").format(
        n=len(seeds),
        total=watcher.trial.replicates,
        train=fmt.with_spread(statistics.fmean(train), statistics.stdev(train) if len(train) > 1 else None),
        test=fmt.with_spread(statistics.fmean(test), statistics.stdev(test) if len(test) > 1 else None),
    )


def baselines_of(metrics: ForecastMetrics, parameters: SunspotsParameters) -> str:
    """Write how many test points there are, and what no network at all scores on them."""
    return _("{n} test points   persistence {persistence}   AR({order}) {ar}").format(
        n=metrics.test_points,
        persistence=fmt.rmse(metrics.persistence.test_rmse),
        order=parameters.time_steps,
        ar=fmt.rmse(metrics.linear_autoregression.test_rmse),
    )


class LossPane(Pane):
    """The loss curve, with the published losses of a character trial as marks."""

    caption = _("Loss")

    def __init__(self, watcher: RunWatcher, *, id: str) -> None:
        super().__init__(watcher, id=id)
        self.log_scale = False
        self.smooth = 1
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield PlotView(_("No loss yet."), id="loss-plot")

    def draw(self) -> None:
        now = (len(self.watcher.progress.losses), self.watcher.over, self.log_scale, self.smooth)
        if now != self._drawn:
            self._drawn = now
            self.query_one("#loss-plot", PlotView).show(self._plot)

    def _plot(self, width: int, height: int) -> Text:
        return draw_losses(
            self.watcher.losses,
            width=width,
            height=height,
            epochs=total_epochs(self.watcher.trial.parameters),
            published=self._published(),
            log=self.log_scale,
            smooth=self.smooth,
            colour=not self.app.no_color,
            ascii_only=not fmt.speaks_unicode(),
        )

    def _published(self) -> dict[int, float]:
        parameters, preset = self.watcher.trial.parameters, self.watcher.snapshot().preset
        if not isinstance(parameters, AliceParameters):
            return {}
        return {
            iteration * parameters.epochs_per_iteration: loss
            for iteration in range(1, parameters.iterations + 1)
            if (loss := plan.published_loss(preset, iteration)) is not None
        }


class ParametersPane(Pane):
    """What was asked, what was changed, on which data, and how to do it again."""

    caption = _("Parameters")

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="parameters-scroll"):
            yield Static(id="parameters-text", markup=False)

    def draw(self) -> None:
        words = parameters_text(self.watcher)
        text = self.query_one("#parameters-text", Static)
        if str(text.content) != words:
            text.update(words)

    def focus_target(self) -> Widget:
        return self.query_one("#parameters-scroll")


def parameters_text(watcher: RunWatcher) -> str:
    """Write a run's parameters and provenance, a line each."""
    trial, preset = watcher.trial, watcher.snapshot().preset
    altered = changed(preset, trial.parameters) if preset else {}
    lines = []
    for name, value in trial.parameters:
        was = _("   • was {value}").format(value=spell(altered[name][0])) if name in altered else ""
        assumed = _("   (assumed)") if preset and name in preset.assumed and not was else ""
        lines.append(f"{name:<22} {spell(value)}{was}{assumed}")
    lines.append(f"{'seed':<22} {seed_words(trial).partition(' ')[2]}")
    lines.append(f"{'device':<22} {trial.device}")
    lines.append(f"{_('data'):<22} {trial.data.name}  {trial.data.sha256[:12]}")
    lines.append(f"{_('run'):<22} {watcher.run.id}")
    lines.append("")
    lines.append(command_for(trial, preset))
    lines.append(str(watcher.run.directory))
    if watcher.result:
        made = watcher.result.provenance
        lines.append("")
        lines.append(_("{n} weights").format(n=watcher.result.parameter_count))
        lines += [f"{name} {version}" for name, version in made.versions.items()]
        lines.append(f"{made.cpu}, {made.threads} threads")
    return "\n".join(printable(line) for line in lines)


class LogPane(Pane):
    """What happened, a line an event; under a failure the end of what the worker printed."""

    caption = _("Log")

    def __init__(self, watcher: RunWatcher, *, id: str) -> None:
        super().__init__(watcher, id=id)
        self._said: list[str] = []
        self._printed: list[str] | None = None
        """The last that the worker printed, once it is gone without a good end."""

    def compose(self) -> ComposeResult:
        yield LogView(id="log-lines")

    def take(self, events: Sequence[Logged]) -> None:
        for logged in events:
            if words := event_words(logged.event):
                self._said.append(f"{fmt.time_of_day(logged.t)}  {words}")

    def draw(self) -> None:
        lines = list(self._said)
        if self.watcher.skipped:
            lines.append(damage_words(self.watcher.skipped))
        if self.watcher.problem:
            lines.append(self.watcher.problem)
        if self.watcher.state in ("failed", "interrupted"):
            self._printed = self._printed or self._worker_said()
            lines += ["", str(self.watcher.run.worker_log), *self._printed]
        self.query_one("#log-lines", LogView).tell([printable(line) for line in lines])

    def _worker_said(self) -> list[str]:
        try:
            with self.watcher.run.worker_log.open("rb") as file:
                file.seek(max(0, self.watcher.run.worker_log.stat().st_size - _WORKER_LOG_BYTES))
                content = file.read().decode("utf-8", errors="replace")
        except OSError as error:
            return [_("It can't be read: {reason}.").format(reason=error.strerror)]
        return content.splitlines()[-_WORKER_LOG_LINES:]

    def focus_target(self) -> Widget:
        return self.query_one("#log-lines")
