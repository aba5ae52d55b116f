"""Home: the runs of this laboratory as they stand."""

import asyncio
import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from engine.errors import LabError
from engine.host.home import Home
from engine.host.identity import host_name
from engine.host.machine import cores_by_affinity
from engine.language import _, ngettext
from engine.reports.document import describe_request
from engine.reports.published import published_for
from engine.runs.run import FAILED, UNFINISHED, Run, State
from engine.runs.watch import HomeWatcher, RunWatcher
from presets import get
from tui.keys import bindings
from tui.screens.base import RESUMABLE, LabScreen
from tui.widgets.key_footer import KeyFooter
from tui.widgets.line_input import FilterLine
from tui.widgets.message_line import MessageLine
from tui.widgets.runlist import RunList
from tui.words import format as spell

_POLL_S = 0.5
_NEWS_S = 3.0
"""For how long news come back after an answer: they may come between two keys, and are to be
read.
"""


class HomeScreen(LabScreen):
    """Lists the runs; every other screen starts here."""

    BINDINGS = bindings("home", "lists", "everywhere")
    ANSWER = "#news"
    HAS_FILTER = True

    def __init__(self, home: Home, watcher: HomeWatcher) -> None:
        super().__init__()
        self._watcher = watcher
        self._home = home
        self._polling = False
        self._watchers: list[RunWatcher] = []
        """All the runs, as they stood at the last look."""
        self._requests: dict[str, str] = {}
        """What the filter looks at of each run that does not change, by the runs' ids."""
        self._news = ""
        """What ended while the person was not on this page, as it was said last."""
        self._news_since = 0.0
        self._ends_seen: dict[str, float | None] | None = None
        """The runs that were over at the last look, and when each ended; None before the first
        look.
        """

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield MessageLine(id="trouble")
        yield Static(id="columns", markup=False)
        yield RunList(id="runs")
        yield Static(id="empty", markup=False)
        yield FilterLine(_("words that the runs must have"), target="#runs")
        yield MessageLine(id="news")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#runs").focus()
        self.set_interval(_POLL_S, self.poll)
        self.call_after_refresh(self.poll)

    def on_screen_resume(self) -> None:
        self.query_one("#runs").focus()

    async def poll(self) -> None:
        """Read the run directories off the event loop (the home may be slow) and draw what
        changed.
        """
        if self._polling or not self.is_on_top:
            return
        self._polling = True
        try:
            watchers = await asyncio.to_thread(self._watcher.poll)
        except LabError as error:
            self.show_error(error)
            return
        except OSError as error:
            words = _("Can't read {path}: {reason}.").format(
                path=self._home.runs, reason=error.strerror
            )
            self.show_error(LabError(words))
            return
        finally:
            self._polling = False
        self._draw(watchers)

    def _draw(self, watchers: list[RunWatcher]) -> None:
        self.set_text("#title", self._headline([watcher.state for watcher in watchers]))
        self.show_error(self._unreadable_words())
        self._watchers = watchers
        self._draw_list()
        self._tell_news(watchers)
        self.lab.drop_stale_answer()

    def watcher_of(self, run: Run) -> RunWatcher | None:
        return next((watcher for watcher in self._watchers if watcher.run.id == run.id), None)

    def _headline(self, states: Sequence[State]) -> str:
        """Say where this is, and how many runs go on, wait and have failed; the host's name gives
        way to those.
        """
        waiting = sum(state in ("queued", "held") for state in states)
        running = sum(state in UNFINISHED for state in states) - waiting
        failed = sum(state in FAILED for state in states)
        counts = [_("{n} running").format(n=running)]
        if waiting:
            counts.append(_("{n} queued").format(n=waiting))
        if failed:
            counts.append(_("{n} failed").format(n=failed))
        right = "  ".join(counts) + "  "
        cores = cores_by_affinity()
        left = f" rnnlab  {host_name()}  " + ngettext("{n} core", "{n} cores", cores).format(
            n=cores
        )
        room = self.size.width - len(right)
        if len(left) + 2 > room:
            left = left[: max(0, room - 3)] + "…  "
        return left + right.rjust(self.size.width - len(left))

    def _draw_list(self) -> None:
        """Draw the runs that have the words of the filter."""
        filter_line, shown = self._filter, self._watchers
        if filter_line.value.strip():
            shown = [watcher for watcher in shown if filter_line.matches(self._words_of(watcher))]
        self.set_class(not shown, "-empty")
        self.set_text("#empty", self._empty_words())
        runs = self.query_one("#runs", RunList)
        runs.show_runs(shown)
        self.set_text("#columns", " " + runs.columns_of(self.size.width - 2).header())
        self.refresh_footer()

    @property
    def _filter(self) -> FilterLine:
        return self.query_one(FilterLine)

    def _words_of(self, watcher: RunWatcher) -> str:
        """Return what the filter looks at: what stands in the row and under it, however it is cut,
        and the run's id.

        The age is left out: "70" would find what is 270 days old.
        """
        trial, snapshot = watcher.trial, watcher.snapshot()
        words = (
            spell.state_text(watcher.state),
            str(watcher.place or ""),
            self._request_words(watcher),
            spell.figures(trial, watcher.progress, watcher.metrics),
            spell.published_figures(published_for(snapshot)),
            str(snapshot.error or ""),
            _("note: {text}").format(text=watcher.note) if watcher.note else "",
        )
        # A word of one column does not go on into the next one.
        return "\n".join(words)

    def _request_words(self, watcher: RunWatcher) -> str:
        """Return what of a run's words never changes: writing it takes longest."""
        words = self._requests.get(watcher.run.id)
        if words is None:
            trial, changes = watcher.trial, " ".join(watcher.short_changes)
            request = describe_request(trial, get(trial.preset))
            words = self._requests[watcher.run.id] = "\n".join(
                (trial.preset, request, changes, watcher.run.id)
            )
        return words

    def on_input_changed(self) -> None:
        self._draw_list()

    def action_filter(self) -> None:
        self._filter.open()

    def action_clear_filter(self) -> None:
        self._filter.action_clear()

    def _tell_news(self, watchers: list[RunWatcher]) -> None:
        """Say what ended while the person was not on this page, a run too that had ended before and
        went on.
        """
        ends = {
            watcher.run.id: watcher.progress.ended_at for watcher in watchers if watcher.has_ended
        }
        seen, self._ends_seen = self._ends_seen, ends
        if seen is None or seen == ends:
            return
        said = [
            _news_of(watcher)
            for watcher in watchers
            if watcher.has_ended
            and (watcher.run.id not in seen or seen[watcher.run.id] != ends[watcher.run.id])
        ]
        if said:
            self._news, self._news_since = "; ".join(said) + ".", time.monotonic()
            self.answer(self._news)

    def clear_answer(self) -> None:
        if self._waiting or time.monotonic() - self._news_since > _NEWS_S:
            super().clear_answer()
        else:
            self.answer(self._news)

    def _empty_words(self) -> str:
        if self._watcher.unreadable:
            return _("There is no run that can be read.")
        if self._watchers:
            return _("No run has these words. Esc shows all of them.")
        return _("No runs yet. Press n, then enter twice: sunspots/5, a few seconds.")

    def _unreadable_words(self) -> LabError | str:
        """Say how many runs are not in the list, and of one why, and what to do about it."""
        refused = list(self._watcher.unreadable.values())
        if not refused and (owner := self._home.other_owner):
            return _("{path} belongs to {owner}: it is only read.").format(
                path=self._home.root, owner=owner
            )
        if len(refused) < 2:
            return refused[0] if refused else ""
        first = refused[0]
        words = ngettext(
            "{n} run can't be read. The first: {why}",
            "{n} runs can't be read. The first: {why}",
            len(refused),
        )
        return LabError(words.format(n=len(refused), why=first.what), first.remedy)

    def is_useful(self, action: str) -> bool:
        current = self.query_one("#runs", RunList).current
        state = current.state if current else None
        match action:
            case "open":
                return state is not None
            case "mark":
                return state not in (None, "queued", "held")
            case "export":
                return bool(self._marked) or state not in (None, "queued", "held")
            case "cancel":
                return state in UNFINISHED and state != "cancelling"
            case "resume":
                return state in RESUMABLE
            case "hold" | "first":
                return state in ("queued", "held")
            case "filter":
                return len(self._watchers) > 1 and not self._filter.has_focus
            case "clear_filter":
                return bool(self._filter.value)
        return True

    def label_of(self, binding: Binding) -> str:
        current = self.query_one("#runs", RunList).current
        if binding.action == "hold" and current is not None and current.state == "held":
            return _("release")
        return super().label_of(binding)

    @property
    def _marked(self) -> list[RunWatcher]:
        marked = self.query_one("#runs", RunList).marked
        return [watcher for watcher in self._watchers if watcher.run.id in marked]

    def action_new(self) -> None:
        from tui.screens.new import NewScreen

        self.app.push_screen(NewScreen(self._home))

    def action_move(self, by: int) -> None:
        self.query_one("#runs", RunList).move(by)
        self.refresh_footer()

    def action_open(self) -> None:
        if chosen := self.query_one("#runs", RunList).current:
            self.lab.open_run(chosen.run)

    def action_mark(self) -> None:
        self.query_one("#runs", RunList).mark()
        self.refresh_footer()

    def action_cancel(self) -> None:
        self.lab.cancel(self.query_one("#runs", RunList).current)

    def action_resume(self) -> None:
        self.lab.resume(self.query_one("#runs", RunList).current)

    def action_hold(self) -> None:
        self.lab.hold_or_release(self.query_one("#runs", RunList).current)

    def action_first(self) -> None:
        self.lab.put_first(self.query_one("#runs", RunList).current)

    def action_export(self) -> None:
        # What the filter hides stays marked.
        chosen = self._marked or self.query_one("#runs", RunList).chosen
        if not chosen:
            self.answer(_("There is nothing to export yet."))
            return
        self.lab.open_export([watcher.run for watcher in chosen])


def _news_of(watcher: RunWatcher) -> str:
    """Say how a run ended, and what came of it: its figures if it has any, or why it has none."""
    said = f"{watcher.trial.preset} {spell.state_words()[watcher.state]}"
    error = watcher.snapshot().error
    outcome = (
        error.what.rstrip(".")
        if error
        else spell.figures(watcher.trial, watcher.progress, watcher.metrics)
    )
    return said if outcome == spell.NO_FIGURES else f"{said}: {outcome}"
