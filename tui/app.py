"""The application: which screens there are, and what they share."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import App
from textual.events import Event, MouseDown, MouseUp
from textual.filter import LineFilter
from textual.geometry import Offset

from engine.data.catalog import is_built_in
from engine.errors import LabError
from engine.host.home import Home
from engine.language import _, ngettext
from engine.operations import control
from engine.operations.submission import accept, resume
from engine.runs.run import UNFINISHED, Run
from engine.runs.watch import HomeWatcher, Snapshot
from engine.supervision.launch import ensure_supervisor, prestart
from engine.trials.trial import DataReference, Trial
from tui.plotting.plot_style import choose, twin_here
from tui.screens.base import LabScreen
from tui.screens.drafts import Drafts
from tui.screens.home import HomeScreen
from tui.terminal.filters import NoColours, TwinsOnly
from tui.terminal.terminal import has_job_control, serialize_resizes
from tui.terminal.typing_order import TypingInOrder

if TYPE_CHECKING:
    from engine.data.series import Series

_WAKE_S = 5.0
_CONFIRM_AFTER_S = 10.0
"""Training time, in seconds, from which cancelling asks for confirmation."""


@dataclass(frozen=True)
class _Answer:
    """An answer about a run, and a test of whether it still holds."""

    message: str
    run: Run
    still_holds: Callable[[Snapshot], bool]


def _is_waiting(snapshot: Snapshot) -> bool:
    return snapshot.state in ("queued", "held")


class LabApp(TypingInOrder[str]):
    """The laboratory's interface: starts workers and reads run directories, but trains nothing."""

    TITLE = "rnnlab"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, home: Home) -> None:
        """Raises :class:`engine.errors.UsageError` if RNNLAB_PLOTS names no known kind of plot."""
        super().__init__()
        self.home = home
        self.watcher = HomeWatcher(home)
        # A setting that can't be met is reported before anything is drawn.
        choose()
        twin = twin_here()
        self._plain: list[LineFilter] = [TwinsOnly(twin)] if twin else []
        if self.no_color:
            self._plain.append(NoColours())
        self._pressed_at = Offset(-1, -1)
        """The cell in which the mouse was pressed last."""
        self.drafts = Drafts(home)
        self._answer_shown: _Answer | None = None
        self.series: Series | None = None
        """The built-in series, once a screen has needed it."""

    async def on_event(self, event: Event) -> None:
        if isinstance(event, MouseDown) and not event.is_forwarded:
            self._pressed_at = event.screen_offset
        elif isinstance(event, MouseUp) and event.screen_offset != self._pressed_at:
            # The mouse was dragged, which only selects.
            self.screen.suppress_click()
        await super().on_event(event)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._plain]

    def get_default_screen(self) -> HomeScreen:
        return HomeScreen(self.home, self.watcher)

    @property
    def series_length(self) -> int | None:
        """The length of the built-in series; None if it has not been read yet."""
        return len(self.series.values) if self.series else None

    async def read_series(self) -> "Series":
        """Read the built-in series, in a thread: importing pandas takes most of a second."""

        def read() -> "Series":
            from engine.data.series import built_in

            return built_in()

        if self.series is None:
            self.series = await asyncio.to_thread(read)
        return self.series

    async def open_series(self, reference: DataReference) -> "Series":
        """Open the series that a trial refers to, in a thread.

        Raises :class:`LabError` if the home no longer has it.
        """

        def read() -> "Series":
            from engine.data.series import open_series

            return open_series(reference, self.home)

        if is_built_in(reference) and not reference.until:
            return await self.read_series()
        return await asyncio.to_thread(read)

    def snapshots(self) -> Sequence[Snapshot]:
        """Return the runs as they were when last polled, newest first."""
        return self.watcher.latest.runs

    def open_run(self, run: Run, complaint: LabError | None = None) -> None:
        """Show a run, and ``complaint`` on its screen; going back from there leads home."""
        # Imports numpy and the plots: not before somebody wants to see a run.
        from tui.screens.run import RunScreen

        while not isinstance(self.screen, HomeScreen):
            self.pop_screen()
        self.push_screen(RunScreen(run, self.home, complaint))

    async def submit(
        self, trial: Trial, warnings: Sequence[str] = ()
    ) -> tuple[Run, LabError | None]:
        """Queue a trial, in a thread, and wake the supervisor.

        Raises :class:`LabError` if it can't be queued. The second value returned is to be shown:
        ``warnings`` that came up when the trial was prepared, or the reason why no supervisor could
        be started. The trial is queued even then: whoever took that for a failure would start it
        twice.
        """

        def queue() -> tuple[Run, LabError | None]:
            (run,) = accept(self.home, [trial])
            try:
                ensure_supervisor(self.home)
            except LabError as error:
                return run, error
            return run, LabError(" ".join(warnings)) if warnings else None

        return await asyncio.to_thread(queue)

    def open_export(self, runs: Sequence[Run]) -> None:
        """Show the screen that exports ``runs``."""
        from tui.screens.export import ExportScreen

        self.push_screen(ExportScreen(runs))

    def answer(self, message: LabError | str) -> None:
        """Show what a key led to, on the screen that the person sees."""
        front = self.screen_stack[-1] if self.screen_stack else None
        if isinstance(front, LabScreen):
            front.answer(message)

    def notify(self, message: str, **_how: Any) -> None:
        """Show Textual's own messages on the message line; its toasts would cover the screen."""
        self.answer(message)

    def cancel(self, snapshot: Snapshot | None) -> None:
        """Ask a run to stop, and say so; if it has trained for a while, ask the person first."""
        if snapshot is None or snapshot.state not in UNFINISHED:
            self.answer(_("There is nothing to cancel."))
            return
        preset, since = snapshot.trial.preset, snapshot.progress.training_since
        if since:
            message = _(
                "{preset} stops and keeps a checkpoint; once it has stopped, r resumes it from "
                "there."
            )
        else:
            message = _("{preset} will not be trained; r queues it again.")

        def cancel() -> None:
            now = self._as_last_polled(snapshot)
            if now.state not in UNFINISHED:
                # It has ended since the question was asked.
                self.answer(_("There is nothing to cancel."))
                return
            self.run_request(partial(control.cancel, snapshot.run), message.format(preset=preset))

        trained = time.time() - since if since else 0.0
        if trained < _CONFIRM_AFTER_S:
            cancel()
        elif isinstance(self.screen, LabScreen):
            question = _(
                "{preset} is {share:.0%} done. Cancel it? y yes, esc no. (r would resume it later.)"
            )
            self.screen.ask(
                question.format(
                    preset=preset, share=snapshot.progress.fraction_done(snapshot.trial)
                ),
                cancel,
            )

    def _as_last_polled(self, snapshot: Snapshot) -> Snapshot:
        """Return the same run as of the screen's last poll."""
        screen = self.screen
        latest = screen.snapshot_of(snapshot.run) if isinstance(screen, LabScreen) else None
        return latest or snapshot

    def resume(self, snapshot: Snapshot | None) -> None:
        """Queue a run again that ended early, and say so."""
        if snapshot is None:
            self.answer(_("There is nothing to resume."))
            return
        if snapshot.state == "cancelling":
            self.answer(
                _("{preset} is still stopping. Press r when it has.").format(
                    preset=snapshot.trial.preset
                )
            )
            return

        preset, ended_at = snapshot.trial.preset, snapshot.progress.ended_at

        def queue_again() -> str:
            has_checkpoint = resume(snapshot.run)
            ensure_supervisor(self.home)
            if has_checkpoint:
                return _("{preset} continues from its last checkpoint.").format(preset=preset)
            return _("{preset} is queued again, from the start: it has no checkpoint.").format(
                preset=preset
            )

        self.run_request(
            queue_again,
            run=snapshot.run,
            holds=lambda now: not now.has_ended or now.progress.ended_at == ended_at,
        )

    def hold_or_release(self, snapshot: Snapshot | None) -> None:
        """Hold a queued run back, or release a held one, and say so."""
        if snapshot is None:
            self.answer(_("There is nothing to hold."))
        elif snapshot.state == "held":
            message = _("{preset} waits for its turn.").format(preset=snapshot.trial.preset)
            self.run_request(
                partial(self._release, snapshot.run), message, run=snapshot.run, holds=_is_waiting
            )
        else:
            message = _("{preset} is held until you press the key again.").format(
                preset=snapshot.trial.preset
            )
            self.run_request(
                partial(control.hold, snapshot.run), message, run=snapshot.run, holds=_is_waiting
            )

    def _release(self, run: Run) -> None:
        control.release(run)
        ensure_supervisor(self.home)

    def put_first(self, snapshot: Snapshot | None) -> None:
        """Move a queued run to the front of the queue, and say so."""
        if snapshot is None:
            self.answer(_("There is nothing to put first."))
            return
        message = _("{preset} is next.").format(preset=snapshot.trial.preset)
        self.run_request(
            partial(control.move_to_front, snapshot.run),
            message,
            run=snapshot.run,
            holds=_is_waiting,
        )

    @work(group="requests")
    async def run_request(
        self,
        request: Callable[[], str | None],
        message: str = "",
        *,
        run: Run | None = None,
        holds: Callable[[Snapshot], bool] | None = None,
    ) -> None:
        """Run ``request`` off the event loop (the home may be slow); show its reply or ``message``.

        If it fails, show why. ``holds`` tells whether the answer is still true of ``run``; once it
        is not, it is cleared (:meth:`drop_stale_answer`).
        """
        try:
            reply = await asyncio.to_thread(request)
        except LabError as error:
            self.answer(error)
            return
        message = reply or message
        self.answer(message)
        if run and holds:
            self._answer_shown = _Answer(message, run, holds)
            self.drop_stale_answer()

    def drop_stale_answer(self) -> None:
        """Clear an answer about a run if it is no longer true; screens call this after polling."""
        shown, screen = self._answer_shown, self.screen
        if shown is None or not isinstance(screen, LabScreen):
            return
        snapshot = screen.snapshot_of(shown.run)
        if snapshot and not shown.still_holds(snapshot):
            self._answer_shown = None
            if screen.answer_text == shown.message:
                screen.clear_answer()

    def on_mount(self) -> None:
        serialize_resizes()
        self.app_resume_signal.subscribe(self, self._on_resumed)
        self.set_interval(_WAKE_S, self.wake_supervisor)
        self.wake_supervisor()

    def _on_resumed(self, _app: App[str]) -> None:
        serialize_resizes()
        # After the shell's `fg` the terminal is empty, and Textual draws only what changes.
        self.refresh(layout=True)

    @work(exclusive=True, group="wake")
    async def wake_supervisor(self) -> None:
        """Start a supervisor if runs wait without one: it was killed, or its host switched off."""
        try:
            await asyncio.to_thread(ensure_supervisor, self.home)
        except LabError as error:
            self.log.warning(str(error))

    @work(exclusive=True, group="warm")
    async def warm_up(self) -> None:
        """Import TensorFlow ahead of time, while the person is still deciding."""
        try:
            await asyncio.to_thread(prestart, self.home)
        except LabError as error:
            self.log.warning(str(error))

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text; an empty one leaves the clipboard as it is."""
        if text.strip():
            super().copy_to_clipboard(text)

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def action_help_quit(self) -> None:
        """Answer ctrl+c, which ends other programs."""
        self.answer(_("ctrl+q leaves; the runs continue."))

    def action_suspend_process(self) -> None:
        """Stop the whole process group until the shell's ``fg``, as the terminal itself would."""
        if not has_job_control():
            self.answer(_("There is no shell here that could resume it."))
            return
        self.app_suspend_signal.publish(self)
        os.killpg(os.getpgrp(), signal.SIGTSTP)

    def farewell(self) -> str:
        """Say what continues after leaving, and which input could not be saved; empty if none."""
        sentences = []
        if self.drafts.problem:
            sentences.append(
                _("What you typed could not be saved: {reason}").format(reason=self.drafts.problem)
            )
        if unfinished := sum(snapshot.state in UNFINISHED for snapshot in self.watcher.poll().runs):
            sentences.append(
                ngettext("{n} run continues.", "{n} runs continue.", unfinished).format(
                    n=unfinished
                )
            )
            sentences.append(_("rnnlab-tui brings you back."))
        return " ".join(sentences)
