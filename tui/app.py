"""The application: which screens there are, and what they share."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import App

from engine.data.known import is_built_in
from engine.errors import LabError
from engine.home import Home
from engine.language import _, ngettext
from engine.runs import UNFINISHED, Run
from engine.trial import DataReference
from engine.watch import HomeWatcher, RunWatcher, Snapshot
from tui.screens.home import HomeScreen

if TYPE_CHECKING:
    from engine.data.series import Series


class LabApp(App[str]):
    """The laboratory's interface. It starts workers and reads run directories; it trains nothing itself."""

    TITLE = "rnnlab"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.home = home
        self.watcher = HomeWatcher(home)
        self.series: Series | None = None
        """The built-in series, once somebody has asked for it."""

    def get_default_screen(self) -> HomeScreen:
        return HomeScreen(self.home, self.watcher)

    @property
    def months(self) -> int | None:
        """The length of the built-in series; None while it has not been read."""
        return len(self.series.values) if self.series else None

    async def read_series(self) -> "Series":
        """Read the built-in series, in a thread: it brings pandas, which takes most of a second."""

        def read() -> "Series":
            from engine.data.series import built_in

            return built_in()

        if self.series is None:
            self.series = await asyncio.to_thread(read)
        return self.series

    async def open_series(self, reference: DataReference) -> "Series":
        """Open the series that a trial refers to, in a thread.

        Raises :class:`LabError` where the home no longer has it.
        """

        def read() -> "Series":
            from engine.data.series import open_series

            return open_series(reference, self.home)

        if is_built_in(reference) and not reference.until:
            return await self.read_series()
        return await asyncio.to_thread(read)

    def snapshots(self) -> list[Snapshot]:
        """Return the runs as they stood when they were last looked at, newest first."""
        return self.watcher.snapshots()

    def open_run(self, run: Run) -> None:
        """Show a run; from there, back is home."""
        # The run's screen brings numpy and the plots: not before somebody wants to see one.
        from tui.screens.run import RunScreen

        while not isinstance(self.screen, HomeScreen):
            self.pop_screen()
        self.push_screen(RunScreen(run, self.home))

    def open_export(self, runs: Sequence[Run]) -> None:
        """Show what the export of some runs would be."""
        from tui.screens.export import ExportScreen

        self.push_screen(ExportScreen(runs))

    def cancel(self, watcher: RunWatcher | None) -> None:
        """Ask a run to stop, and say so."""
        if watcher is None or watcher.state not in UNFINISHED:
            self.notify(_("There is nothing to cancel."))
            return
        try:
            watcher.run.request_cancel()
        except (LabError, OSError) as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify(_("{preset} will stop.").format(preset=watcher.trial.preset))

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.push_screen(HelpScreen())

    def farewell(self) -> str:
        """Say what goes on without the person; empty where nothing does."""
        going = sum(watcher.state in UNFINISHED for watcher in self.watcher.poll())
        if not going:
            return ""
        return (
            ngettext("{n} run goes on.", "{n} runs go on.", going).format(n=going)
            + " "
            + _("rnnlab-tui brings you back.")
        )
