"""One run: its panes, in tabs on a narrow terminal and side by side on a wide one."""

import asyncio
import time

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.events import Resize
from textual.widgets import Static

from engine.data.notes import DataNotes, notes_of
from engine.errors import LabError
from engine.host.home import Home
from engine.language import _
from engine.reports.document import format_seeds
from engine.runs.events import Logged
from engine.runs.run import UNFINISHED, Run
from engine.runs.watch import RunWatcher, Snapshot
from engine.trials.kinds import load
from tui.keys import bindings
from tui.kinds import KINDS
from tui.panes.panes import LogPane, LossPane, Pane, ParametersPane, ProgressPane
from tui.panes.prediction import ObservedSeries, Prediction, PredictionPane
from tui.panes.text import TextPane
from tui.screens.base import RESUMABLE, LabScreen
from tui.widgets.key_footer import KeyFooter
from tui.widgets.message_line import MessageLine
from tui.words import format as fmt
from tui.words.progress_text import describe_progress

_POLL_S = 0.5
_TABS = ("progress", "main", "loss", "parameters", "log")
"""The panes in the order of their tabs; the grid of a wide terminal has a different order."""

_SMOOTHINGS = (1, 3, 9)


class RunScreen(LabScreen):
    """Shows a run. It reads only the run directory, whoever started the run, and whenever."""

    BINDINGS = [  # noqa: RUF012 (Textual declares it so)
        *bindings("run", "lists", "everywhere"),
        *(
            Binding(str(n), f"tab({n})", show=False, id=f"run.tab.{n}")
            for n in range(1, len(_TABS) + 1)
        ),
    ]

    def __init__(self, run: Run, home: Home, complaint: LabError | None = None) -> None:
        """``complaint``: a message about its start."""
        super().__init__()
        self._complaint = complaint
        self._home = home
        self._watcher = RunWatcher(run)
        self.snapshot = self._watcher.latest
        """The run as of the last poll."""
        self._active = 0
        self._polling = False
        self._was_polled = False
        """Whether the run's state is known yet."""
        self._prediction_requested = False
        self._data_notes = DataNotes()

    def compose(self) -> ComposeResult:
        yield Static(id="run-head", classes="title", markup=False)
        yield Static(id="tabs", markup=False)
        yield MessageLine(id="trouble")
        yield Static(id="run-note", markup=False)
        panes: dict[str, type[Pane]] = {
            "main": load(KINDS[self.snapshot.trial.kind].main_pane),
            "progress": ProgressPane,
            "parameters": ParametersPane,
            "loss": LossPane,
            "log": LogPane,
        }
        with Container(id="panes"):
            for name, pane in panes.items():
                yield pane(self.snapshot, id=name)
        yield MessageLine(self._complaint or "", id="answer")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.set_interval(_POLL_S, self.poll)
        self.call_after_refresh(self.poll)
        self._activate(0)
        self._read_data_notes()

    async def poll(self) -> None:
        """Read new events off the event loop (the home may be slow) and draw them."""
        if self._polling or not self.is_on_top:
            return
        self._polling = True
        try:
            news = await asyncio.to_thread(self._read_news)
            if news is None:
                return
            self.snapshot, events = news
        except LabError as error:
            events = []
            trouble: LabError | None = error
        except OSError as error:
            events = []
            message = _("Can't read {path}: {reason}.").format(
                path=self.snapshot.run.directory, reason=error.strerror
            )
            trouble = LabError(message)
        else:
            trouble = self.snapshot.error
        finally:
            self._polling = False
        if self.is_closed:
            return
        self._was_polled = True
        self.show_error(trouble or " ".join(self._data_notes.doubts))
        self._show_note()
        for pane in self.query(Pane):
            pane.take(self.snapshot, events)
        self._draw()
        self.lab.drop_stale_answer()
        if (
            self.snapshot.result
            and self.snapshot.result.predictions
            and not self._prediction_requested
        ):
            self._prediction_requested = True
            self._read_prediction()

    def snapshot_of(self, run: Run) -> Snapshot | None:
        return self.snapshot if run.id == self.snapshot.run.id else None

    def _read_news(self) -> tuple[Snapshot, list[Logged]] | None:
        """Return the run and its new events; None if nothing has changed, as once it has ended."""
        if not self._watcher.is_settled:
            events = self._watcher.poll()
            return self._watcher.latest, events
        return (self._watcher.latest, []) if self._watcher.read_note() else None

    def on_resize(self, event: Resize) -> None:
        # Hidden panes may become visible, and an ended run is not drawn again by polling.
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        for pane in self.query(Pane):
            if pane.display:
                pane.draw()
        self._draw_head()
        self.refresh_footer()

    @work(exclusive=True, group="notes")
    async def _read_data_notes(self) -> None:
        """Read the notes on the run's data; doubts about them are shown above its numbers."""
        self._data_notes = await asyncio.to_thread(notes_of, self.snapshot.trial, self._home)
        if self.is_closed:
            return
        if self._data_notes.doubts and not self.snapshot.error:
            self.show_error(" ".join(self._data_notes.doubts))
        for pane in self.query(Pane):
            pane.data_notes = self._data_notes.all
        self._draw()

    @work(exclusive=True)
    async def _read_prediction(self) -> None:
        pane = self.query_one(PredictionPane)
        result = self.snapshot.result
        if result is None or result.predictions is None:
            return
        try:
            prediction = await asyncio.to_thread(
                Prediction.read, self.snapshot.run, result.predictions
            )
        except ValueError:
            if not self.is_closed:
                pane.show_problem(
                    _("The predictions of run {id} can't be read.").format(id=self.snapshot.run.id)
                )
            return
        try:
            observed = ObservedSeries.of_series(
                await self.lab.open_series(self.snapshot.trial.data)
            )
        except LabError:
            # The run itself keeps the targets.
            observed = ObservedSeries.of_targets(prediction)
        if not self.is_closed:
            pane.show(prediction, observed)

    def _show_note(self) -> None:
        note = self.snapshot.note
        self.query_one("#run-note", Static).set_class(bool(note), "-shown")
        self.set_text("#run-note", _("note: {text}").format(text=note) if note else "")

    def _draw_head(self) -> None:
        snapshot = self.snapshot
        if not self._was_polled:
            self.set_text("#run-head", f" {snapshot.trial.preset}  {format_seeds(snapshot.trial)}")
            return
        state_text = fmt.state_text(snapshot.state)
        if snapshot.state in UNFINISHED:
            state_text += "  " + describe_progress(snapshot, time.time())
        elif took := fmt.time_taken(snapshot):
            state_text += "  " + took
        head = f" {snapshot.trial.preset}  {format_seeds(snapshot.trial)}  {state_text}"
        room = self.size.width - len(head)
        if room < 0:
            # The seed is dropped: it is among the parameters too.
            head = f" {snapshot.trial.preset}  {state_text}"
        elif snapshot.state in UNFINISHED and room >= 12:
            head += "  " + fmt.bar(
                snapshot.progress.fraction_done(snapshot.trial), min(room - 4, 30)
            )
        self.set_text("#run-head", head)

    # Panes and tabs

    def _pane(self, index: int) -> Pane:
        return self.query_one(f"#{_TABS[index]}", Pane)

    def _activate(self, index: int) -> None:
        self._active = index % len(_TABS)
        for number, name in enumerate(_TABS):
            self.query_one(f"#{name}").set_class(number == self._active, "-active")
        templates = (
            "[{n} {name}]" if number == self._active else " {n} {name} "
            for number in range(len(_TABS))
        )
        line = "".join(
            template.format(n=number + 1, name=self._pane(number).caption)
            for number, template in enumerate(templates)
        )
        self.set_text("#tabs", " " + line)
        pane = self._pane(self._active)
        self.set_focus(pane.focus_target())
        self.call_after_refresh(pane.draw)

    def action_tab(self, number: int) -> None:
        self._activate(number - 1)

    def action_next_tab(self) -> None:
        self._activate(self._active + 1)

    def action_previous_tab(self) -> None:
        self._activate(self._active - 1)

    # What the panes can do

    def action_toggle_log(self) -> None:
        pane = self.query_one(LossPane)
        pane.log_scale = not pane.log_scale
        self._show_loss()

    def action_smooth(self) -> None:
        pane = self.query_one(LossPane)
        pane.smooth = _SMOOTHINGS[(_SMOOTHINGS.index(pane.smooth) + 1) % len(_SMOOTHINGS)]
        self._show_loss()

    def _show_loss(self) -> None:
        """Draw the loss curve, in front if another tab hides it: a key's effect must be seen."""
        pane = self.query_one(LossPane)
        if pane.display:
            pane.draw()
        else:
            self._activate(_TABS.index("loss"))

    def action_sideways(self, by: int) -> None:
        for prediction in self.query(PredictionPane):
            prediction.pan(by)
        for text in self.query(TextPane):
            text.step(by)

    def action_zoom(self, by: int) -> None:
        for prediction in self.query(PredictionPane):
            prediction.zoom(by)

    def action_pause(self) -> None:
        for text in self.query(TextPane):
            text.pause()

    # The run itself

    def is_useful(self, action: str) -> bool:
        match action:
            case "cancel":
                return self.snapshot.state in UNFINISHED and self.snapshot.state != "cancelling"
            case "resume":
                return self.snapshot.state in RESUMABLE
            case "export":
                return self.snapshot.state not in ("queued", "held")
            case "toggle_log" | "smooth":
                return bool(self.snapshot.losses)
        return True

    def action_resume(self) -> None:
        self.lab.resume(self.snapshot)

    def action_cancel(self) -> None:
        self.lab.cancel(self.snapshot)

    def action_export(self) -> None:
        self.lab.open_export([self.snapshot.run])
