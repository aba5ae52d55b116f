"""The panes of a run: each draws one aspect of its log, or nothing if there is nothing yet."""

import statistics
import textwrap
from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from engine.host.files import read_content
from engine.language import _, ngettext
from engine.operations.command_line import command_for
from engine.reports.document import format_seeds, format_threads
from engine.reports.published import published_for
from engine.runs.events import Logged
from engine.runs.run import DEPTH
from engine.runs.watch import Snapshot, describe_damage
from engine.sanitise import printable
from engine.trials.trial import (
    diff_from_preset,
    format_value,
)
from tui.plotting.plot_style import PlotStyle
from tui.plotting.plots import draw_losses
from tui.widgets.epochlog import log_of
from tui.widgets.logview import LogView
from tui.widgets.plot import PlotView
from tui.widgets.sparkline import LossSparkline
from tui.words import format as fmt
from tui.words import plan
from tui.words.events import describe_event
from tui.words.kinds import words_of

_GAP = "   "
_WORKER_LOG_LINES, _WORKER_LOG_BYTES = 40, 2**16


class Pane(Vertical):
    """One aspect of a run. ``caption`` names it on its tab and over its frame."""

    caption = ""

    def __init__(self, snapshot: Snapshot, *, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self.snapshot = snapshot
        self.data_notes: tuple[str, ...] = ()
        """What a person should know about the data, once the screen has read them."""
        self.border_title = self.caption

    def take(self, snapshot: Snapshot, events: Sequence[Logged]) -> None:
        """Keep the run's present state, which includes its new events, shown or not."""
        self.snapshot = snapshot
        self.on_events(events)

    def on_events(self, events: Sequence[Logged]) -> None:
        """Process new events, shown or not."""

    def draw(self) -> None:
        """Draw what changed. Only for a pane that is shown: a hidden one would force a relayout."""
        raise NotImplementedError

    def focus_target(self) -> Widget | None:
        """Return the widget that takes the focus while this pane is shown."""
        return None


class ProgressPane(Pane):
    """Numbers, the loss as a sparkline, and a line per epoch, the newest on top."""

    caption = _("Progress")

    def compose(self) -> ComposeResult:
        yield Static(id="numbers", markup=False)
        yield LossSparkline(3, id="sparkline")
        self._log = log_of(self.snapshot, id="epochs")
        yield Static(self._log.header(), id="epoch-head", markup=False)
        yield self._log

    def draw(self) -> None:
        numbers = self.query_one("#numbers", Static)
        text = "\n".join(wrap_facts(headline_lines(self.snapshot), numbers.content_size.width))
        if (previous := str(numbers.content)) != text:
            numbers.update(text, layout=previous.count("\n") != text.count("\n"))
        self.query_one("#sparkline", LossSparkline).show(self.snapshot.losses)
        self._log.show_run(self.snapshot)

    def focus_target(self) -> Widget:
        return self.query_one("#epochs")


def headline_lines(snapshot: Snapshot) -> list[list[str]]:
    """Return a run's numbers as three lines of facts, and one line per caveat.

    The lines are the losses; the errors, with the published ones; and baselines that need no
    network, on the same test points: the numbers to beat.
    """
    losses, parameters = snapshot.losses, snapshot.trial.parameters
    figures = published_for(snapshot)
    published = (
        [_("published {published}").format(published=fmt.published_numbers(figures))]
        if figures
        else []
    )
    if not losses:
        return [[_("loss") + " –"], published]
    best = min(range(len(losses)), key=losses.__getitem__)
    loss_facts = [
        _("loss {loss}").format(loss=fmt.loss(losses[-1])),
        _("best {best} @{epoch}").format(best=fmt.loss(losses[best]), epoch=best + 1),
    ]
    metrics = snapshot.result.metrics if snapshot.result else None
    words = words_of(parameters.kind)
    facts = words.result_facts(metrics, parameters, published) if metrics else None
    return [loss_facts, *(facts or [published, seeds_so_far(snapshot)])]


def wrap_facts(lines: Sequence[Sequence[str]], width: int) -> list[str]:
    """Write lines of facts into ``width`` cells; a fact that does not fit starts a new line.

    A fact longer than a line takes several.
    """
    result: list[str] = []
    for facts in lines:
        line = ""
        for fact in facts:
            if line and len(line) + len(_GAP) + len(fact) > width:
                result.append(line)
                line = ""
            *full_lines, rest = textwrap.wrap(fact, max(1, width)) or [""]
            result += full_lines
            line += (_GAP if line else "") + rest
        result.append(line)
    return result


def seeds_so_far(snapshot: Snapshot) -> list[str]:
    """Return the mean errors of the completed random seeds, while others are still to come."""
    seeds = snapshot.progress.replicates
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
        ngettext("{n} of {total} seed", "{n} of {total} seeds", snapshot.trial.replicates).format(
            n=len(seeds), total=snapshot.trial.replicates
        ),
        _("train {train}").format(train=spread[0]),
        _("test {test}").format(test=spread[1]),
    ]


class LossPane(Pane):
    """The loss curve, with the published losses of a text trial as marks."""

    caption = _("Loss")

    def __init__(self, snapshot: Snapshot, *, id: str) -> None:
        super().__init__(snapshot, id=id)
        self.log_scale = False
        self.smooth = 1
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield PlotView(_("No loss yet."), id="loss-plot")

    def draw(self) -> None:
        state = (
            len(self.snapshot.progress.losses),
            self.snapshot.has_ended,
            self.log_scale,
            self.smooth,
        )
        if state != self._drawn:
            self._drawn = state
            self.query_one("#loss-plot", PlotView).show(self._plot)

    def _plot(self, width: int, height: int, style: PlotStyle) -> Text:
        return draw_losses(
            self.snapshot.losses,
            width=width,
            height=height,
            epochs=self.snapshot.trial.parameters.total_epochs,
            published=self._published(),
            log=self.log_scale,
            smooth=self.smooth,
            style=style,
        )

    def _published(self) -> dict[int, float]:
        parameters, figures = self.snapshot.trial.parameters, published_for(self.snapshot)
        return words_of(parameters.kind).loss_marks(parameters, figures) if figures else {}


class ParametersPane(Pane):
    """The run's parameters, what was changed, its data, and the command that repeats it."""

    caption = _("Parameters")

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="parameters-scroll"):
            yield Static(id="parameters-text", markup=False)

    def draw(self) -> None:
        text = parameters_text(self.snapshot, self.data_notes)
        static = self.query_one("#parameters-text", Static)
        if str(static.content) != text:
            static.update(text)

    def focus_target(self) -> Widget:
        return self.query_one("#parameters-scroll")


def parameters_text(snapshot: Snapshot, data_notes: Sequence[str] = ()) -> str:
    """Write a run's parameters, the notes on its data and its provenance, one per line."""
    trial, preset = snapshot.trial, snapshot.preset
    changed = diff_from_preset(preset, trial.parameters) if preset else {}
    lines = []
    for name, value in trial.parameters:
        former = (
            _("   • was {value}").format(value=format_value(changed[name][0]))
            if name in changed
            else ""
        )
        assumed = _("   (assumed)") if preset and name in preset.assumed and not former else ""
        lines.append(f"{name:<22} {format_value(value)}{former}{assumed}")
    lines.append(f"{'seed':<22} {format_seeds(trial).partition(' ')[2]}")
    lines.append(f"{'device':<22} {trial.device}")
    lines.append(f"{_('data'):<22} {trial.data.name}  {trial.data.short_sha256}")
    lines += [f"{'':<22} {line}" for line in words_of(trial.kind).data_lines(trial.data)]
    lines += [f"! {note}" for note in data_notes]
    lines.append(f"{_('run'):<22} {snapshot.run.id}")
    if snapshot.note:
        lines.append(f"{_('note'):<22} {snapshot.note}")
    lines.append("")
    lines.append(command_for(trial, preset))
    lines.append(str(snapshot.run.directory))
    if snapshot.result:
        provenance = snapshot.result.provenance
        lines.append("")
        lines.append(plan.weights(snapshot.result.parameter_count))
        lines += [f"{name} {version}" for name, version in provenance.versions.items()]
        lines.append(f"{provenance.cpu}, {format_threads(provenance.threads)}")
    return "\n".join(printable(line) for line in lines)


class LogPane(Pane):
    """A line per event; after a failure, the end of the worker's output."""

    caption = _("Log")

    def __init__(self, snapshot: Snapshot, *, id: str) -> None:
        super().__init__(snapshot, id=id)
        self._lines: list[str] = []
        self._worker_output: list[str] | None = None
        """The end of the worker's output, once it has ended badly."""

    def compose(self) -> ComposeResult:
        yield LogView(id="log-lines")

    def on_events(self, events: Sequence[Logged]) -> None:
        for logged in events:
            if text := describe_event(logged.event):
                self._lines.append(f"{fmt.time_of_day(logged.t)}  {text}")

    def draw(self) -> None:
        lines = list(self._lines)
        if self.snapshot.skipped:
            lines.append(describe_damage(self.snapshot.skipped))
        if self.snapshot.problem:
            lines.append(self.snapshot.problem)
        if self.snapshot.state in ("failed", "interrupted"):
            self._worker_output = self._worker_output or self._read_worker_output()
            lines += ["", str(self.snapshot.run.worker_log), *self._worker_output]
        else:
            # After a resume, the next worker's output is what counts.
            self._worker_output = None
        self.query_one("#log-lines", LogView).show_text([printable(line) for line in lines])

    def _read_worker_output(self) -> list[str]:
        try:
            path = str(self.snapshot.run.worker_log)
            content = read_content(path, _WORKER_LOG_BYTES, DEPTH, last=_WORKER_LOG_BYTES).decode(
                errors="replace"
            )
        except OSError as error:
            return [_("It can't be read: {reason}.").format(reason=error.strerror)]
        return content.splitlines()[-_WORKER_LOG_LINES:]

    def focus_target(self) -> Widget:
        return self.query_one("#log-lines")
