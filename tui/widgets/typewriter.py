"""The text of one iteration, typed out as it is sampled."""

import time
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from engine.language import _
from engine.sanitise import LINE_END_MARK, printable, printable_line, printable_lines
from tui.widgets.drawn_lines import DrawnLines
from tui.widgets.wrapping import Pace, shares, wrap

_TICK = 1 / 15


class _Line(NamedTuple):
    """Pieces of text with the component class of their style ("" is the widget's own)."""

    pieces: tuple[tuple[str, str], ...]

    @property
    def plain(self) -> str:
        return "".join(text for text, _class in self.pieces)

    @property
    def cells(self) -> int:
        return cell_len(self.plain)


def _prose_line(seed: str, text: str, cursor: str) -> _Line:
    """Return a line of a text: the ``seed`` part, the rest, and a mark if a line ends here."""
    mark = LINE_END_MARK if (seed + text).endswith("\n") else ""
    seed_mark, text_mark = ("", mark) if text else (mark, "")
    pieces = (
        (" ", ""),
        (seed.removesuffix("\n") + seed_mark, "seed"),
        (text.removesuffix("\n"), ""),
        (text_mark, "line-end"),
        (cursor, ""),
    )
    return _Line(tuple(piece for piece in pieces if piece[0]))


class Typewriter(DrawnLines, ScrollView, can_focus=True):
    """Shows one iteration: title, framed seed, and the text after it at a readable pace.

    :meth:`begin` starts the next iteration; a text that is not yet typed out is dropped from view:
    the caller keeps whole texts and can show one with :meth:`show_text`. All text is data: no
    markup, and no control characters.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"typewriter--{name}" for name in ("title", "seed", "frame", "published", "line-end")
    }
    DEFAULT_CSS = """
    Typewriter {
        height: 1fr; overflow: hidden auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    .typewriter--title { text-style: bold; }
    .typewriter--seed { color: $accent; text-style: bold underline; }
    .typewriter--frame { color: $accent; }
    .typewriter--published { color: $text-muted; }
    .typewriter--line-end { color: $text-muted; }
    """

    def __init__(
        self,
        empty: str = "",
        *,
        clock: Callable[[], float] = time.monotonic,
        id: str | None = None,
    ) -> None:
        """``empty`` is shown before the first text; ``clock`` returns seconds, for the pace."""
        super().__init__(id=id)
        self._empty, self._clock = empty, clock
        self._title = self._seed = self._raw = self._text = self._published = ""
        self._begun = self._live = False
        self._complete = True
        self._pace = Pace()
        self._last_tick = 0.0
        self._wrapped: tuple[int, list[str]] = (0, [])
        self._lines: list[_Line] = []
        self._cursor = 0
        self._typing: Timer | None = None
        self._paused = False

    def begin(self, title: str, seed_text: str, published: str | None = None) -> None:
        """Start a new text after ``seed_text``; ``published``, if given, is shown below it."""
        self._set_text(title, seed_text, "", published, live=True)

    def type(self, text: str) -> None:
        """Append characters that have arrived."""
        if not self._pace.waiting:
            self._last_tick = self._clock()
        self._complete = False  # An interrupted run may be resumed.
        self._raw += text
        self._text = printable_lines(
            self._raw
        )  # Joined first: an escape sequence may arrive in pieces.
        if not self._paused:
            self._pace.arrive(len(self._text))
        self._update()

    def complete(self) -> None:
        """Note that no more characters will come: the cursor disappears after the last one."""
        self._complete = True
        self._update()

    def show_all(self) -> None:
        """Show at once all that has arrived."""
        self._paused = False
        self._pace.arrive(len(self._text))
        self._pace.finish()
        self._update()

    def show_text(
        self, title: str, seed_text: str, text: str, published: str | None = None
    ) -> None:
        """Show a text that was written before, at once."""
        self._set_text(title, seed_text, text, published, live=False)

    @property
    def paused(self) -> bool:
        return self._paused

    def pause(self) -> None:
        """Pause or continue typing."""
        self._paused, self._last_tick = not self._paused, self._clock()
        if not self._paused:
            self._pace.arrive(len(self._text))
        self._update()

    def tick(self) -> None:
        """Show what is due by now. The widget's timer calls this while text is waiting."""
        now = self._clock()
        if not self._paused:
            self._pace.advance(now - self._last_tick)
        self._last_tick = now
        self._update()

    def action_scroll_end(self) -> None:
        """Show the whole text, and scroll to its end."""
        self.show_all()
        self.scroll_end(animate=False)

    @property
    def _finished(self) -> bool:
        return self._complete and self._pace.shown == len(self._text)

    def _set_text(
        self, title: str, seed_text: str, text: str, published: str | None, *, live: bool
    ) -> None:
        self._title, self._seed = printable(title), printable_lines(seed_text)
        self._published = printable_line(published or "")
        self._raw, self._text = text, printable_lines(text)
        self._begun, self._live, self._complete, self._paused = True, live, not live, False
        self._pace, self._wrapped = Pace(), (0, [])
        self._pace.arrive(len(self._text))
        self._pace.finish()
        if self.is_attached:
            self.scroll_to(y=0, animate=False, force=True)
        self._update()

    def _update(self) -> None:
        """Rebuild the lines and refresh those that differ; follow the cursor.

        The timer runs only while it is needed.
        """
        width, height = self.size
        if not width:
            return  # Not laid out yet: the first resize brings it here again.
        top, previous, cursor = self.scroll_offset.y, self._lines, self._cursor
        self._lines = self._layout_lines()
        # By half pages: each step is a layout and repaints all lines, 7 KB, too much for every
        # line.
        half = max(1, height // 2)
        pages = -(-max(0, len(self._lines) - height) // half)
        self.virtual_size = Size(
            width, height + pages * half if self._live else max(height, len(self._lines))
        )
        for y in range(top, top + height):
            old, new = previous[y : y + 1], self._lines[y : y + 1]
            if old != new:
                self.refresh(Region(0, y - top, max(line.cells for line in old + new), 1))
        if self._live and top <= cursor < top + height <= self._cursor:
            # Forced, because the scrollbar that would allow it only comes with the next layout.
            self.scroll_to(
                y=-(-(self._cursor + 1 - height) // half) * half, animate=False, force=True
            )
        needs_timer = self._pace.waiting > 0 and not self._paused
        if needs_timer and self._typing is None:
            self._typing = self.set_interval(_TICK, self.tick)
        elif not needs_timer and self._typing is not None:
            self._typing.stop()
            self._typing = None

    def _layout_lines(self) -> list[_Line]:
        width = max(
            1, self.size.width - 2
        )  # A column on both sides, for the frame's corners and the cursor.
        if not self._begun:
            return [_Line(((f" {line}", "published"),)) for line in wrap(self._empty, width)]
        title = wrap(self._title, width)[:1]
        lines = [_Line(((f" {line}", "title"),)) for line in title]
        prose = self._prose(width)
        seeds = shares(prose, len(self._seed))
        if not self._finished and (not prose or prose[-1].endswith("\n")):
            prose = [*prose, ""]  # The cursor's.
        for number, line in enumerate(prose or [""]):
            seed = line[: seeds[number]] if number < len(seeds) else ""
            seed_cells = cell_len(seed) + seed.endswith("\n")
            if seed and number == 0:
                lines.append(self._edge("┌┐", _("seed"), seed_cells))
            cursor = "" if self._finished or number < len(prose) - 1 else "▌"
            self._cursor = len(lines)
            lines.append(_prose_line(seed, line[len(seed) :], cursor))
            if seed and number == len(seeds) - 1 > 0:
                lines.append(self._edge("└┘", "", seed_cells))
        if self._published:
            published = wrap(f"{_('published:')} {self._published}", width)
            lines += [_Line(((f" {line}", "published"),)) for line in published]
        return lines

    def _prose(self, width: int) -> list[str]:
        """Return seed and text, as far as shown, wrapped; added text rewraps only the last line."""
        wrapped_to, lines = self._wrapped
        if wrapped_to != width:
            lines = []
        unchanged = sum(map(len, lines[:-1]))
        lines = lines[:-1] + wrap((self._seed + self._text[: self._pace.shown])[unchanged:], width)
        self._wrapped = width, lines
        return lines

    def _edge(self, corners: str, label: str, width: int) -> _Line:
        """Return an edge of the seed's frame, as wide as the seed, to show spaces at its ends."""
        inner = f" {label} " if label and width >= len(label) + 2 else ""
        edge = corners[0] + inner.ljust(width, "─") + corners[1]
        return _Line(((edge, "frame"),))

    def on_resize(self, _event: Resize) -> None:
        self._update()
        self.refresh()

    def plain_line(self, index: int) -> str:
        return self._lines[index].plain if 0 <= index < len(self._lines) else ""

    def render_line(self, y: int) -> Strip:
        width, style = self.size.width, self.visual_style.rich_style
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return Strip.blank(width, style)
        pieces = [
            Segment(text, self.get_component_rich_style(f"typewriter--{name}") if name else style)
            for text, name in self._lines[number].pieces
            if text
        ]
        return self.with_selection(Strip(pieces).adjust_cell_length(width, style), number)
