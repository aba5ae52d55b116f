"""Home: the runs of this laboratory and their states."""

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
from engine.runs.watch import HomeSnapshot, HomeWatcher, Snapshot
from presets import get
from tui.keys import bindings
from tui.screens.base import RESUMABLE, LabScreen
from tui.widgets.key_footer import KeyFooter
from tui.widgets.line_input import FilterLine
from tui.widgets.message_line import MessageLine
from tui.widgets.runlist import RunList
from tui.words import format as fmt

_POLL_S = 0.5
_NEWS_S = 3.0
"""How long news is shown again after an answer: it may arrive between two keys, unread."""


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
        self._home_snapshot = HomeSnapshot()
        """All the runs, as of the last poll."""
        self._constant_texts: dict[str, str] = {}
        """The constant part of the text that the filter searches, by run id."""
        self._news = ""
        """What ended while the person was on another screen, as last announced."""
        self._news_since = 0.0
        self._known_ends: dict[str, float | None] | None = None
        """The end times of the runs that had ended at the last poll; None before the first."""

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
        """Poll the runs off the event loop (the home may be slow) and draw what changed."""
        if self._polling or not self.is_on_top:
            return
        self._polling = True
        try:
            snapshot = await asyncio.to_thread(self._watcher.poll)
        except LabError as error:
            self.show_error(error)
            return
        except OSError as error:
            message = _("Can't read {path}: {reason}.").format(
                path=self._home.runs, reason=error.strerror
            )
            self.show_error(LabError(message))
            return
        finally:
            self._polling = False
        self._draw(snapshot)

    def _draw(self, home_snapshot: HomeSnapshot) -> None:
        self.set_text("#title", self._headline([run.state for run in home_snapshot.runs]))
        self._home_snapshot = home_snapshot
        self.show_error(self._unreadable_message())
        self._draw_list()
        self._announce_ends(home_snapshot.runs)
        self.lab.drop_stale_answer()

    def snapshot_of(self, run: Run) -> Snapshot | None:
        return next(
            (snapshot for snapshot in self._home_snapshot.runs if snapshot.run.id == run.id), None
        )

    def _headline(self, states: Sequence[State]) -> str:
        """Return the host's name and how many runs are running, waiting and failed.

        The host's name is cut to make room for the numbers.
        """
        waiting = sum(state in ("queued", "held") for state in states)
        running = sum(state in UNFINISHED for state in states) - waiting
        failed = sum(state in FAILED for state in states)
        counts = [_("{n} running").format(n=running)]
        if waiting:
            counts.append(_("{n} queued").format(n=waiting))
        if failed:
            counts.append(_("{n} failed").format(n=failed))
        right_part = "  ".join(counts) + "  "
        cores = cores_by_affinity()
        left_part = f" rnnlab  {host_name()}  " + ngettext("{n} core", "{n} cores", cores).format(
            n=cores
        )
        room = self.size.width - len(right_part)
        if len(left_part) + 2 > room:
            left_part = left_part[: max(0, room - 3)] + "…  "
        return left_part + right_part.rjust(self.size.width - len(left_part))

    def _draw_list(self) -> None:
        """Draw the runs that match the filter."""
        filter_line, shown = self._filter, self._home_snapshot.runs
        if filter_line.value.strip():
            shown = [
                snapshot for snapshot in shown if filter_line.matches(self._searched_text(snapshot))
            ]
        self.set_class(not shown, "-empty")
        self.set_text("#empty", self._empty_message())
        runs = self.query_one("#runs", RunList)
        runs.show_runs(shown)
        self.set_text("#columns", " " + runs.columns_of(self.size.width - 2).header())
        self.refresh_footer()

    @property
    def _filter(self) -> FilterLine:
        return self.query_one(FilterLine)

    def _searched_text(self, snapshot: Snapshot) -> str:
        """Return the text that the filter searches: a run's id, row and lines below, without cuts.

        The age is left out: "70" would match 270 days.
        """
        trial = snapshot.trial
        parts = (
            fmt.state_text(snapshot.state),
            str(snapshot.place or ""),
            self._constant_text(snapshot),
            fmt.measured_numbers(trial, snapshot.progress, snapshot.metrics),
            fmt.published_numbers(published_for(snapshot)),
            str(snapshot.error or ""),
            _("note: {text}").format(text=snapshot.note) if snapshot.note else "",
        )
        # Line ends, so that no word matches across two columns.
        return "\n".join(parts)

    def _constant_text(self, snapshot: Snapshot) -> str:
        """Return the part of a run's text that never changes, as it takes the longest to write."""
        text = self._constant_texts.get(snapshot.run.id)
        if text is None:
            trial, changes = snapshot.trial, " ".join(snapshot.short_changes)
            request = describe_request(trial, get(trial.preset))
            text = self._constant_texts[snapshot.run.id] = "\n".join(
                (trial.preset, request, changes, snapshot.run.id)
            )
        return text

    def on_input_changed(self) -> None:
        self._draw_list()

    def action_filter(self) -> None:
        self._filter.open()

    def action_clear_filter(self) -> None:
        self._filter.action_clear()

    def _announce_ends(self, runs: Sequence[Snapshot]) -> None:
        """Announce the runs that ended while the person was elsewhere, resumed ones included."""
        ends = {
            snapshot.run.id: snapshot.progress.ended_at for snapshot in runs if snapshot.has_ended
        }
        known_ends, self._known_ends = self._known_ends, ends
        if known_ends is None or known_ends == ends:
            return
        news = [
            _describe_end(snapshot)
            for snapshot in runs
            if snapshot.has_ended
            and (
                snapshot.run.id not in known_ends
                or known_ends[snapshot.run.id] != ends[snapshot.run.id]
            )
        ]
        if news:
            self._news, self._news_since = "; ".join(news) + ".", time.monotonic()
            self.answer(self._news)

    def clear_answer(self) -> None:
        if self._postponed or time.monotonic() - self._news_since > _NEWS_S:
            super().clear_answer()
        else:
            self.answer(self._news)

    def _empty_message(self) -> str:
        if self._home_snapshot.unreadable:
            return _("There is no run that can be read.")
        if self._home_snapshot.runs:
            return _("No run matches. Esc shows all runs.")
        return _("No runs yet. Press n, then enter twice: sunspots/5, a few seconds.")

    def _unreadable_message(self) -> LabError | str:
        """Say how many runs are not listed, why the first is not, and what to do about it."""
        refused = list(self._home_snapshot.unreadable.values())
        if not refused and (owner := self._home.other_owner):
            return _("{path} belongs to {owner}: it is only read.").format(
                path=self._home.root, owner=owner
            )
        if len(refused) < 2:
            return refused[0] if refused else ""
        first = refused[0]
        template = ngettext(
            "{n} run can't be read. The first: {why}",
            "{n} runs can't be read. The first: {why}",
            len(refused),
        )
        return LabError(template.format(n=len(refused), why=first.what), first.remedy)

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
                return len(self._home_snapshot.runs) > 1 and not self._filter.has_focus
            case "clear_filter":
                return bool(self._filter.value)
        return True

    def label_of(self, binding: Binding) -> str:
        current = self.query_one("#runs", RunList).current
        if binding.action == "hold" and current is not None and current.state == "held":
            return _("release")
        return super().label_of(binding)

    @property
    def _marked(self) -> list[Snapshot]:
        marked = self.query_one("#runs", RunList).marked
        return [snapshot for snapshot in self._home_snapshot.runs if snapshot.run.id in marked]

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
        # Marked runs stay marked if the filter hides them.
        chosen = self._marked or self.query_one("#runs", RunList).chosen
        if not chosen:
            self.answer(_("There is nothing to export yet."))
            return
        self.lab.open_export([snapshot.run for snapshot in chosen])


def _describe_end(snapshot: Snapshot) -> str:
    """Say how a run ended, and its numbers if it has any, or why it has none."""
    ending = f"{snapshot.trial.preset} {fmt.state_names()[snapshot.state]}"
    error = snapshot.error
    outcome = (
        error.what.rstrip(".")
        if error
        else fmt.measured_numbers(snapshot.trial, snapshot.progress, snapshot.metrics)
    )
    return ending if outcome == fmt.NO_NUMBERS else f"{ending}: {outcome}"
