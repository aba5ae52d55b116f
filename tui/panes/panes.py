"""The panes of a run: each draws one side of what its log says, and nothing where there is nothing
yet.
"""

import statistics
import textwrap
from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from engine.data.text_notes import describe_preparation
from engine.host.files import read_content
from engine.language import _, ngettext
from engine.operations.command_line import command_for
from engine.reports import caveats
from engine.reports.document import format_seeds, format_threads
from engine.reports.published import published_for
from engine.runs.events import Logged
from engine.runs.progress import total_epochs
from engine.runs.results import ForecastMetrics
from engine.runs.run import DEPTH
from engine.runs.watch import RunWatcher, describe_damage
from engine.sanitise import printable
from engine.trials.data_options import describe_options
from engine.trials.trial import (
    ForecastParameters,
    TextParameters,
    TextTrial,
    diff_from_preset,
    format_value,
)
from tui.plotting.plot_style import PlotStyle
from tui.plotting.plots import draw_losses
from tui.widgets.epochlog import EpochLog, log_of
from tui.widgets.logview import LogView
from tui.widgets.plot import PlotView
from tui.widgets.sparkline import LossSparkline
from tui.words import format as fmt
from tui.words import plan
from tui.words.events import event_words

_GAP = "   "
_WORKER_LOG_LINES, _WORKER_LOG_BYTES = 40, 2**16


class Pane(Vertical):
    """One side of a run. ``caption`` names it on its tab and over its frame."""

    caption = ""

    def __init__(self, watcher: RunWatcher, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self.watcher = watcher
        self.data_notes: tuple[str, ...] = ()
        """What a person should know of the data, once the screen has read them."""
        self.border_title = self.caption

    def on_events(self, events: Sequence[Logged]) -> None:
        """Take in what is new in the log, shown or not; the watcher has folded it already."""

    def draw(self) -> None:
        """Draw what changed. Only called while the pane is shown: hidden ones would have all laid
        out anew.
        """
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
        words = "\n".join(wrap_facts(headline_lines(self.watcher), numbers.content_size.width))
        if (before := str(numbers.content)) != words:
            numbers.update(words, layout=before.count("\n") != words.count("\n"))
        self.query_one("#sparkline", LossSparkline).show(self.watcher.losses)
        self.query_one("#epochs", EpochLog).catch_up()

    def focus_target(self) -> Widget:
        return self.query_one("#epochs")


def headline_lines(watcher: RunWatcher) -> list[list[str]]:
    """Say the figures of a run, three lines of facts: its losses; what it was judged by, and what
    was published; baselines, which need no network, on the very same test points: the figures to
    beat. And what makes them doubtful.
    """
    losses, parameters = watcher.losses, watcher.trial.parameters
    figures = published_for(watcher.snapshot())
    published = (
        [_("published {published}").format(published=fmt.published_figures(figures))]
        if figures
        else []
    )
    if not losses:
        return [[_("loss") + " –"], published]
    best = min(range(len(losses)), key=losses.__getitem__)
    course = [
        _("loss {loss}").format(loss=fmt.loss(losses[-1])),
        _("best {best} @{epoch}").format(best=fmt.loss(losses[best]), epoch=best + 1),
    ]
    metrics = watcher.result.metrics if watcher.result else None
    if not isinstance(metrics, ForecastMetrics) or not isinstance(parameters, ForecastParameters):
        return [course, published, seeds_so_far(watcher)]
    judged = [
        _("train {train}").format(train=fmt.with_spread(metrics.typical[0], metrics.train_rmse_sd)),
        _("test {test}").format(test=fmt.with_spread(metrics.typical[1], metrics.test_rmse_sd)),
        *published,
    ]
    said = [[words] for words in caveats.forecast_caveats(metrics, parameters)]
    return [course, judged, baselines_of(metrics, parameters), *said]


def wrap_facts(lines: Sequence[Sequence[str]], width: int) -> list[str]:
    """Write lines of facts into ``width`` cells: one that does not fit goes on the next line, or on
    several.
    """
    written: list[str] = []
    for facts in lines:
        line = ""
        for fact in facts:
            if line and len(line) + len(_GAP) + len(fact) > width:
                written.append(line)
                line = ""
            *whole, rest = textwrap.wrap(fact, max(1, width)) or [""]
            written += whole
            line += (_GAP if line else "") + rest
        written.append(line)
    return written


def seeds_so_far(watcher: RunWatcher) -> list[str]:
    """Say the mean errors of the random seeds that are complete, while others are still to come."""
    seeds = watcher.progress.replicates
    train = [seed.train_rmse for seed in seeds if seed.train_rmse is not None]
    test = [seed.test_rmse for seed in seeds if seed.test_rmse is not None]
    if not test:
        return []
    spread = [
        fmt.with_spread(
            statistics.fmean(errors), statistics.stdev(errors) if len(errors) > 1 else None
        )
        for errors in (train, test)
    ]
    return [
        ngettext("{n} of {total} seed", "{n} of {total} seeds", watcher.trial.replicates).format(
            n=len(seeds), total=watcher.trial.replicates
        ),
        _("train {train}").format(train=spread[0]),
        _("test {test}").format(test=spread[1]),
    ]


def baselines_of(metrics: ForecastMetrics, parameters: ForecastParameters) -> list[str]:
    """Say how many test points there are, and what no network at all scores on them."""
    return [
        caveats.format_points(metrics.test_points),
        ngettext(
            "baselines: repeat last value {last}, linear on {n} value {linear}",
            "baselines: repeat last value {last}, linear on {n} values {linear}",
            parameters.time_steps,
        ).format(
            last=fmt.rmse(metrics.persistence.test_rmse),
            n=parameters.time_steps,
            linear=fmt.rmse(metrics.linear_autoregression.test_rmse),
        ),
    ]


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
        now = (
            len(self.watcher.progress.losses),
            self.watcher.has_ended,
            self.log_scale,
            self.smooth,
        )
        if now != self._drawn:
            self._drawn = now
            self.query_one("#loss-plot", PlotView).show(self._plot)

    def _plot(self, width: int, height: int, style: PlotStyle) -> Text:
        return draw_losses(
            self.watcher.losses,
            width=width,
            height=height,
            epochs=total_epochs(self.watcher.trial.parameters),
            published=self._published(),
            log=self.log_scale,
            smooth=self.smooth,
            style=style,
        )

    def _published(self) -> dict[int, float]:
        parameters, figures = self.watcher.trial.parameters, published_for(self.watcher.snapshot())
        if not isinstance(parameters, TextParameters):
            return {}
        return {
            iteration * parameters.epochs_per_iteration: loss
            for iteration in range(1, parameters.iterations + 1)
            if (loss := plan.published_loss(figures, iteration)) is not None
        }


class ParametersPane(Pane):
    """What was asked, what was changed, on which data, and how to do it again."""

    caption = _("Parameters")

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="parameters-scroll"):
            yield Static(id="parameters-text", markup=False)

    def draw(self) -> None:
        words = parameters_text(self.watcher, self.data_notes)
        text = self.query_one("#parameters-text", Static)
        if str(text.content) != words:
            text.update(words)

    def focus_target(self) -> Widget:
        return self.query_one("#parameters-scroll")


def parameters_text(watcher: RunWatcher, data_notes: Sequence[str] = ()) -> str:
    """Write a run's parameters, the notes of its data and its provenance, a line each."""
    trial, preset = watcher.trial, watcher.snapshot().preset
    altered = diff_from_preset(preset, trial.parameters) if preset else {}
    lines = []
    for name, value in trial.parameters:
        was = (
            _("   • was {value}").format(value=format_value(altered[name][0]))
            if name in altered
            else ""
        )
        assumed = _("   (assumed)") if preset and name in preset.assumed and not was else ""
        lines.append(f"{name:<22} {format_value(value)}{was}{assumed}")
    lines.append(f"{'seed':<22} {format_seeds(trial).partition(' ')[2]}")
    lines.append(f"{'device':<22} {trial.device}")
    lines.append(f"{_('data'):<22} {trial.data.name}  {trial.data.short_sha256}")
    if options := describe_options(trial.data.reading):
        lines.append(f"{'':<22} {options}")
    if isinstance(trial, TextTrial):
        lines.append(f"{'':<22} {describe_preparation(trial.data.preparation)}")
    lines += [f"! {note}" for note in data_notes]
    lines.append(f"{_('run'):<22} {watcher.run.id}")
    if watcher.note:
        lines.append(f"{_('note'):<22} {watcher.note}")
    lines.append("")
    lines.append(command_for(trial, preset))
    lines.append(str(watcher.run.directory))
    if watcher.result:
        made = watcher.result.provenance
        lines.append("")
        lines.append(plan.weights(watcher.result.parameter_count))
        lines += [f"{name} {version}" for name, version in made.versions.items()]
        lines.append(f"{made.cpu}, {format_threads(made.threads)}")
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

    def on_events(self, events: Sequence[Logged]) -> None:
        for logged in events:
            if words := event_words(logged.event):
                self._said.append(f"{fmt.time_of_day(logged.t)}  {words}")

    def draw(self) -> None:
        lines = list(self._said)
        if self.watcher.skipped:
            lines.append(describe_damage(self.watcher.skipped))
        if self.watcher.problem:
            lines.append(self.watcher.problem)
        if self.watcher.state in ("failed", "interrupted"):
            self._printed = self._printed or self._worker_said()
            lines += ["", str(self.watcher.run.worker_log), *self._printed]
        else:
            # Once it goes on, what its next worker prints is what counts.
            self._printed = None
        self.query_one("#log-lines", LogView).write_line([printable(line) for line in lines])

    def _worker_said(self) -> list[str]:
        try:
            path = str(self.watcher.run.worker_log)
            content = read_content(path, _WORKER_LOG_BYTES, DEPTH, last=_WORKER_LOG_BYTES).decode(
                errors="replace"
            )
        except OSError as error:
            return [_("It can't be read: {reason}.").format(reason=error.strerror)]
        return content.splitlines()[-_WORKER_LOG_LINES:]

    def focus_target(self) -> Widget:
        return self.query_one("#log-lines")
