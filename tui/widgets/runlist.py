"""The list of runs: a line per run, and more lines below it.

Those show an unfinished run's progress bar, why one has failed, its note, and its changes if its
own line has no room for them.
"""

import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from engine.language import _
from engine.reports.document import describe_request
from engine.reports.published import published_for
from engine.runs.changes import fit_changes
from engine.runs.run import UNFINISHED, State
from engine.runs.watch import Snapshot
from tui.widgets.lines import LinesView
from tui.widgets.message_line import fit_message
from tui.words import format as fmt
from tui.words.progress_text import describe_progress

# State, trial, numbers, published and age have fixed widths, including a space at the end of each;
# what was changed gets the rest. There may be no room for what was published, as on a terminal of
# less than 70 columns.
_STATE, _TRIAL, _NUMBERS, _PUBLISHED, _AGE = 14, 12, 15, 13, 7

_INDENT = "    "
"""Before each line below a run's own."""
_MAX_LINES = 4
"""The most lines about why a run has failed, unless the remedy needs more."""
_UNSEEN = Text()
"""Stands for each line that is out of view."""
STATE_STYLES: dict[State, str] = {
    "running": "bold cyan",
    "starting": "cyan",
    "held": "yellow",
    "done": "green",
    "diverged": "bold red",
    "failed": "bold red",
    "interrupted": "bold red",
    "cancelled": "yellow",
    "cancelling": "yellow",
}


@dataclass(frozen=True)
class Columns:
    """How a run is laid out in a width.

    What was published is dropped to make room for what was changed, of ``needed`` characters.
    """

    width: int
    needed: int = 0

    @classmethod
    def of(cls, list_width: int, needed: int = 0) -> "Columns":
        """Return the columns of a list of this width; its last one is kept for the scrollbar."""
        return cls(list_width - 1, needed)

    @property
    def published(self) -> int:
        return (
            _PUBLISHED if self._room >= _PUBLISHED and self._room - _PUBLISHED > self.needed else 0
        )

    @property
    def changed(self) -> int:
        return max(0, self._room - self.published)

    @property
    def _room(self) -> int:
        return self.width - 2 - _STATE - _TRIAL - _NUMBERS - _AGE

    def line(
        self, state: str, trial: str, changed: str, figures: str, published: str, age: str
    ) -> str:
        """Lay out cells in columns, cutting what is too long."""
        cells = [
            (state, _STATE), (trial, _TRIAL), (changed, self.changed),
            (figures, _NUMBERS), (published, self.published),
        ]  # fmt: skip
        return "".join(_fit(text, width) for text, width in cells) + age.rjust(_AGE)

    def header(self) -> str:
        """Return the line of headings."""
        return "  " + self.line(
            _("STATE"), _("TRIAL"), _("CHANGED"), _("LOSS / RMSE"), _("PUBLISHED"), _("AGE")
        )


def _fit(text: str, width: int) -> str:
    if width <= 1:
        return ""
    # In cells: a letter in the name of a text or a series may take two.
    return set_cell_size(
        text if cell_len(text) < width else set_cell_size(text, width - 2).rstrip() + "…", width
    )


class RunList(LinesView, can_focus=True, inherit_bindings=False):
    """The runs, newest first, with a cursor. Its keys are those of the screen that holds it."""

    DEFAULT_CSS = """
    RunList { padding: 0 1; }
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._runs: list[Snapshot] = []
        self._owners: list[int] = []
        """The index of the run to which each line belongs."""
        self._cursor_id: str | None = None
        self.marked: set[str] = set()

    @property
    def current(self) -> Snapshot | None:
        """The run under the cursor."""
        index = self._cursor_index
        return self._runs[index] if index is not None else None

    @property
    def chosen(self) -> list[Snapshot]:
        """The marked runs, or the one under the cursor if none is marked."""
        marked = [snapshot for snapshot in self._runs if snapshot.run.id in self.marked]
        return marked or ([self.current] if self.current else [])

    @property
    def _cursor_index(self) -> int | None:
        # The cursor stays on its run while others come and go above it.
        for index, snapshot in enumerate(self._runs):
            if snapshot.run.id == self._cursor_id:
                return index
        return 0 if self._runs else None

    @property
    def _cursor_line(self) -> int | None:
        index = self._cursor_index
        return self._owners.index(index) if index in self._owners else None

    def show_runs(self, runs: Sequence[Snapshot]) -> None:
        """Draw the runs in their present state."""
        previous_line = self._cursor_line
        self._runs = list(runs)
        if self._cursor_id is None and self._runs:
            # From now on the cursor stays on this run, whatever is added above it.
            self._cursor_id = self._runs[0].run.id
        self.redraw()
        if previous_line != self._cursor_line:
            self.refresh()

    def columns_of(self, width: int) -> Columns:
        """Return the columns of these runs in a list of this width."""
        return Columns.of(
            width,
            max((len(" ".join(snapshot.short_changes)) for snapshot in self._runs), default=0),
        )

    def redraw(self) -> None:
        """Draw the same runs again: ages and times left change by themselves.

        Of thousands, only the visible ones are drawn; the others when they come into view.
        """
        now, columns = self._clock(), self.columns_of(self.size.width)
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        lines: list[Text] = []
        self._owners = []
        for index, snapshot in enumerate(self._runs):
            height = 1 + _lines_below(snapshot, columns)
            is_visible = top < len(lines) + height and len(lines) < bottom
            run_lines = (
                self._run_lines(snapshot, columns, now) if is_visible else [_UNSEEN] * height
            )
            lines += run_lines
            self._owners += [index] * len(run_lines)
        self.show(lines)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.redraw()

    def on_resize(self) -> None:
        # The lines are as wide as the list; Textual itself calls the base class's handler.
        self.redraw()

    def plain_line(self, index: int) -> str:
        if not 0 <= index < self.count:
            return ""
        owner = self._owners[index]
        # A selection may reach out of view, where nothing has been drawn.
        drawn = super().plain_line(index).rstrip()
        lines = (
            []
            if drawn
            else self._run_lines(self._runs[owner], self.columns_of(self.size.width), self._clock())
        )
        return drawn or lines[index - self._owners.index(owner)].plain

    def line_at(self, index: int) -> Text:
        text = super().line_at(index)
        if self._owners[index] != self._cursor_index:
            return text
        text = text.copy()
        text.pad_right(max(0, self.size.width - text.cell_len))
        # Reverse video is readable without colours too.
        text.stylize("reverse" if self.has_focus else "underline")
        return text

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def move(self, by: int) -> None:
        """Move the cursor by a number of runs, up to the end of the list."""
        index = self._cursor_index
        if index is None:
            return
        self._go_to(min(max(index + by, 0), len(self._runs) - 1))

    def mark(self) -> None:
        """Mark the run under the cursor, or unmark it."""
        if self.current:
            self.marked ^= {self.current.run.id}
            self.redraw()

    def on_click(self, event: "object") -> None:
        y = getattr(event, "y", 0) + self.scroll_offset.y
        if y < len(self._owners):
            self._go_to(self._owners[y])

    def _go_to(self, index: int) -> None:
        previous = self._cursor_index
        self._cursor_id = self._runs[index].run.id
        for line, owner in enumerate(self._owners):
            if owner in (previous, index):
                self.refresh_line(line)
        first = self._owners.index(index)
        if first < self.scroll_offset.y:
            self.scroll_to(y=first, animate=False)
        elif first + self._owners.count(index) > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=first + self._owners.count(index) - self.size.height, animate=False)

    def _run_lines(self, snapshot: Snapshot, columns: Columns, now: float) -> list[Text]:
        trial, state = snapshot.trial, snapshot.state
        marked = "▪" if snapshot.run.id in self.marked else " "
        line = f"{marked} " + columns.line(
            fmt.state_text(state) + (f" {snapshot.place}" if snapshot.place else ""),
            trial.preset,
            fit_changes(
                describe_request(trial, snapshot.preset),
                snapshot.short_changes,
                columns.changed - 1,
            ),
            fmt.measured_numbers(trial, snapshot.progress, snapshot.metrics),
            fmt.published_numbers(published_for(snapshot)),
            fmt.duration(now - snapshot.run.submission.submitted.timestamp()),
        )
        text = Text(line, no_wrap=True)
        if style := STATE_STYLES.get(state):
            text.stylize(style, 2, 2 + _STATE)
        below = []
        if not _has_room_for_changes(snapshot, columns):
            below.append(" ".join(snapshot.short_changes))
        if state in UNFINISHED:
            fraction_done = snapshot.progress.fraction_done(trial)
            bar = fmt.bar(fraction_done, min(24, max(8, columns.width // 4)))
            below.append(f"{bar}  {describe_progress(snapshot, now)}")
        below += _reason(snapshot, columns)
        if snapshot.note:
            below.append(_("note: {text}").format(text=snapshot.note))
        return [text, *(_line_below(text_below, columns.width) for text_below in below)]


def _lines_below(snapshot: Snapshot, columns: Columns) -> int:
    """Return how many lines stand under a run's own.

    It is called for thousands of runs, of which few are drawn.
    """
    present = (
        not _has_room_for_changes(snapshot, columns),
        snapshot.state in UNFINISHED,
        snapshot.note,
    )
    return sum(map(bool, present)) + len(_reason(snapshot, columns))


def _has_room_for_changes(snapshot: Snapshot, columns: Columns) -> bool:
    return len(" ".join(snapshot.short_changes)) <= max(0, columns.changed - 1)


def _reason(snapshot: Snapshot, columns: Columns) -> tuple[str, ...]:
    """Return lines that say why an ended run failed and what to do; none if there is no reason."""
    error = snapshot.error if snapshot.has_failed and snapshot.state not in UNFINISHED else None
    return _wrapped(error.what, error.remedy, columns.width - len(_INDENT)) if error else ()


@lru_cache(16_384)
def _wrapped(what: str, remedy: str, width: int) -> tuple[str, ...]:
    """Wrap a reason into lines of ``width`` cells; the remedy is never cut."""

    def wrap(text: str) -> Sequence[str]:
        if cell_len(text) == len(text):
            # A tenth of the time, which matters in a list of thousands.
            return textwrap.wrap(text, max(1, width), break_on_hyphens=False)
        return [line.plain.rstrip() for line in Text(text).wrap(Console(), max(2, width))]

    max_lines = max(_MAX_LINES, len(wrap(remedy)) + 1)
    return tuple(wrap(fit_message(what, remedy, lambda text: len(wrap(text)) <= max_lines)))


def _line_below(text: str, width: int) -> Text:
    line = Text(_INDENT + text, no_wrap=True)
    line.truncate(width, overflow="ellipsis")
    return line
