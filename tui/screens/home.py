"""Home: the runs of this laboratory as they stand."""

import asyncio

from textual.app import ComposeResult
from textual.widgets import Footer, Static

from engine.errors import LabError
from engine.home import Home
from engine.identity import host_name
from engine.language import _, ngettext
from engine.machine import cores_by_affinity
from engine.runs import UNFINISHED
from engine.watch import HomeWatcher, RunWatcher
from tui import format as spell
from tui.keys import bindings
from tui.screens.base import LabScreen
from tui.widgets.runlist import Columns, RunList

_POLL_S = 0.5


class HomeScreen(LabScreen):
    """Lists the runs; every other screen starts here."""

    BINDINGS = bindings("home", "lists", "everywhere")

    def __init__(self, home: Home, watcher: HomeWatcher) -> None:
        super().__init__()
        self._watcher = watcher
        self._home = home
        self._polling = False
        self._unfinished_seen: set[str] | None = None
        """The runs that went on when somebody last looked; None before the first look."""

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="trouble", markup=False)
        yield Static(id="columns", markup=False)
        yield RunList(id="runs")
        yield Static(id="empty", markup=False)
        yield Static(id="news", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#runs").focus()
        self.set_interval(_POLL_S, self.poll)
        self.call_after_refresh(self.poll)

    def on_screen_resume(self) -> None:
        self.query_one("#runs").focus()

    async def poll(self) -> None:
        """Read the run directories off the event loop (the home may be slow) and draw what changed."""
        if self._polling or not self.in_front:
            return
        self._polling = True
        try:
            watchers = await asyncio.to_thread(self._watcher.poll)
        except LabError as error:
            self.say_trouble(str(error))
            return
        except OSError as error:
            self.say_trouble(_("Can't read {path}: {reason}.").format(path=self._home.runs, reason=error.strerror))
            return
        finally:
            self._polling = False
        self._draw(watchers)

    def _draw(self, watchers: list[RunWatcher]) -> None:
        waiting = sum(watcher.state in ("queued", "held") for watcher in watchers)
        running = sum(watcher.state in UNFINISHED for watcher in watchers) - waiting
        width = self.size.width
        left = f" rnnlab  {host_name()}  " + ngettext("{n} core", "{n} cores", cores_by_affinity()).format(
            n=cores_by_affinity()
        )
        right = _("{n} running").format(n=running) + "  "
        if waiting:
            right += _("{n} queued").format(n=waiting) + "  "
        self.put("#title", left + right.rjust(width - len(left)))
        self.put("#columns", " " + Columns.of(width - 2).header())
        self.set_class(not watchers, "-empty")
        self.put("#empty", self._empty_words())
        self.say_trouble(self._unreadable_words())
        self.query_one("#runs", RunList).show_runs(watchers)
        self._tell_news(watchers)

    def _tell_news(self, watchers: list[RunWatcher]) -> None:
        """Say what ended while the person was not on this page."""
        unfinished = {watcher.run.id for watcher in watchers if watcher.state in UNFINISHED}
        ended = (self._unfinished_seen or set()) - unfinished
        self._unfinished_seen = unfinished
        said = [
            f"{watcher.trial.preset} {spell.state_words()[watcher.state]}: "
            + spell.figures(watcher.trial, watcher.progress, watcher.figures)
            for watcher in watchers
            if watcher.run.id in ended
        ]
        if said:
            self.put("#news", " " + "; ".join(said) + ".")

    def _empty_words(self) -> str:
        if self._watcher.unreadable:
            return _("There is no run that can be read.")
        return _("No runs yet. Press n, then F5: sunspots/5, a few seconds.")

    def _unreadable_words(self) -> str:
        """Say how many runs are not in the list, and of one why, and what to do about it."""
        refused = list(self._watcher.unreadable.values())
        if len(refused) < 2:
            return "".join(refused)
        return _("{n} runs can't be read. The first: {why}").format(n=len(refused), why=refused[0])

    def action_new(self) -> None:
        from tui.screens.new import NewScreen

        self.app.push_screen(NewScreen(self._home))

    def action_move(self, by: int) -> None:
        self.query_one("#runs", RunList).move(by)

    def action_open(self) -> None:
        if chosen := self.query_one("#runs", RunList).current:
            self.lab.open_run(chosen.run)

    def action_mark(self) -> None:
        self.query_one("#runs", RunList).mark()

    def action_cancel(self) -> None:
        self.lab.cancel(self.query_one("#runs", RunList).current)

    def action_resume(self) -> None:
        self.lab.resume(self.query_one("#runs", RunList).current)

    def action_hold(self) -> None:
        self.lab.hold_or_release(self.query_one("#runs", RunList).current)

    def action_first(self) -> None:
        self.lab.put_first(self.query_one("#runs", RunList).current)

    def action_export(self) -> None:
        chosen = self.query_one("#runs", RunList).chosen
        if not chosen:
            self.notify(_("There is nothing to export yet."))
            return
        self.lab.open_export([watcher.run for watcher in chosen])
