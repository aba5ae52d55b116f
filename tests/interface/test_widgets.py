"""The drawing widgets in a small application: what they show, and how little of it they send."""

import asyncio
import math
from collections.abc import Callable

import pytest
from helpers.factory import SUBMITTED, sunspots_trial, write_run
from rich.text import Text
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from engine.host.home import Home
from engine.runs.watch import HomeWatcher, Snapshot
from tui.plotting.plot_colours import colours_on
from tui.plotting.plot_style import PlotStyle
from tui.plotting.plots import draw_losses
from tui.widgets.logview import LogView
from tui.widgets.plot import PlotView
from tui.widgets.runlist import Columns, RunList
from tui.widgets.sparkline import LossSparkline
from tui.widgets.typewriter import Typewriter


class Host(App[None]):
    """Holds one widget, and records what that widget asks to have painted again."""

    CSS = ".away { display: none; }"

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def shown(widget: Widget) -> list[str]:
    """The widget's lines as they are on the screen."""
    return [strip.text.rstrip() for strip in widget.render_lines(Region(0, 0, *widget.size))]


def painted(widget: Widget, monkeypatch: pytest.MonkeyPatch) -> list[Region]:
    """A list that fills with the regions refreshed from now on; an empty region stands for the
    whole widget.
    """
    regions: list[Region] = []
    refresh = widget.refresh

    def recording(*asked: Region, **more: bool) -> Widget:
        regions.extend(asked or [Region()])
        return refresh(*asked, **more)

    monkeypatch.setattr(widget, "refresh", recording)
    return regions


def typing(widget: Typewriter) -> bool:
    """Whether the widget has a timer that wakes it."""
    return widget._typing is not None


def style_of(widget: Widget, y: int, x: int) -> str:
    """The style of a cell, as Rich writes it."""
    for segment in widget.render_line(y):
        if x < len(segment.text):
            return str(segment.style)
        x -= len(segment.text)
    return ""


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Let the application work until the condition holds; fails after five seconds."""
    async with asyncio.timeout(5):
        while not condition():
            await pilot.pause()


class TestPlotView:
    async def test_says_what_is_missing_in_the_middle(self) -> None:
        view = PlotView("Nothing yet: [b]press[/b] f5.\x1b[2J")
        async with Host(view).run_test(size=(60, 11)):
            assert (
                shown(view)
                == [""] * 5 + ["              Nothing yet: [b]press[/b] f5.[2J"] + [""] * 5
            )

    async def test_draws_at_its_size_and_again_at_a_new_one(self) -> None:
        sizes: list[tuple[int, int]] = []

        def draw(width: int, height: int, _style: PlotStyle) -> Text:
            sizes.append((width, height))
            return Text(f"{width} by {height}")

        view = PlotView()
        async with Host(view).run_test(size=(60, 10)) as pilot:
            view.show(draw)
            await pilot.pause()
            assert shown(view)[0] == "60 by 10"
            assert sizes == [(60, 10)]
            await pilot.resize_terminal(70, 12)
            await until(pilot, lambda: shown(view)[0] == "70 by 12")
            assert sizes[-1] == (70, 12)

    async def test_draws_nothing_while_it_is_out_of_sight(self) -> None:
        drawn: list[int] = []

        def draw(width: int, height: int, _style: PlotStyle) -> Text:
            drawn.append(height)
            return Text("seen" * (width > 0))

        view = PlotView()
        view.add_class("away")
        async with Host(view).run_test(size=(60, 10)) as pilot:
            for _time in range(3):
                view.show(draw)
                await pilot.pause()
            assert drawn == []
            view.remove_class("away")
            await until(pilot, lambda: drawn)
            assert shown(view)[0] == "seen"
            assert len(drawn) == 1

    async def test_sends_only_the_lines_that_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        view = PlotView()
        async with Host(view).run_test(size=(60, 10)) as pilot:
            view.show(lambda _w, _h, _style: Text("same\nold line\nsame"))
            await pilot.pause()
            regions = painted(view, monkeypatch)
            view.show(lambda _w, _h, _style: Text("same\nnew\nsame"))
            assert regions == [Region(0, 1, 8, 1)]
            await pilot.pause()
            assert shown(view)[:3] == ["same", "new", "same"]

    async def test_keeps_the_plots_colours(self) -> None:
        view = PlotView()
        async with Host(view).run_test(size=(60, 10)) as pilot:
            view.show(
                lambda width, height, style: draw_losses(
                    [3, 2, 1], width=width, height=height, style=style
                )
            )
            await pilot.pause()
            assert colours_on(view).loss in style_of(view, 0, 2)

    async def test_goes_back_to_a_sentence(self) -> None:
        view = PlotView()
        async with Host(view).run_test(size=(40, 3)) as pilot:
            view.show(lambda _w, _h, _style: Text("a plot\nof two lines"))
            view.show_empty("Gone")
            await pilot.pause()
            assert shown(view) == ["", "                  Gone", ""]

    async def test_can_be_told_before_it_is_there(self) -> None:
        view = PlotView()
        view.show(lambda _w, _h, _style: Text("early"))
        async with Host(view).run_test(size=(40, 3)):
            assert shown(view)[0] == "early"
            assert not view.focusable


class TestLossSparkline:
    async def test_draws_its_rows_in_one_style(self) -> None:
        line = LossSparkline(2)
        async with Host(line).run_test(size=(10, 5)) as pilot:
            line.show([0, 15])
            await pilot.pause()
            assert shown(line) == [" █", "▁█"]
            assert all(len(list(line.render_line(y))) == 1 for y in range(2))

    async def test_sends_only_what_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        line = LossSparkline(2)
        async with Host(line).run_test(size=(40, 5)) as pilot:
            line.show([15, 0, 0])
            await pilot.pause()
            regions = painted(line, monkeypatch)
            line.show([15, 0, 0, 0])
            assert regions == [Region(0, 1, 4, 1)]
            line.show([15, 0, 0, 0.0001])
            assert len(regions) == 1

    async def test_fits_a_new_width(self) -> None:
        line = LossSparkline()
        line.show([1000, 100, 10, 1])
        async with Host(line).run_test(size=(4, 5)) as pilot:
            assert shown(line) == ["█▂▁▁"]
            await pilot.resize_terminal(2, 5)
            await until(pilot, lambda: shown(line) == ["█▁"])

    async def test_shows_a_divergence(self) -> None:
        line = LossSparkline(1)
        async with Host(line).run_test(size=(10, 5)) as pilot:
            line.show([1, 2, math.nan])
            await pilot.pause()
            assert shown(line) == ["▁█×"]


SEED = "rried on, "


class TestTypewriter:
    def typewriter(self) -> tuple[Typewriter, Clock]:
        clock = Clock()
        return Typewriter("Nothing yet.", clock=clock), clock

    def passes(self, widget: Typewriter, clock: Clock, seconds: float) -> None:
        clock.now += seconds
        widget.tick()

    async def test_is_empty_before_the_first_text(self) -> None:
        widget, _clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 6)):
            assert shown(widget)[0] == " Nothing yet."
            assert not typing(widget)

    async def test_types_at_a_readable_pace_and_then_rests(self) -> None:
        widget, clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 6)) as pilot:
            widget.begin("iteration 3", SEED)
            assert not typing(widget)
            widget.type("and the mock turtle")
            assert shown(widget)[:3] == [" iteration 3", "┌ seed ────┐", " rried on, ▌"]
            assert typing(widget)
            self.passes(widget, clock, 0.11)
            await pilot.pause()
            assert shown(widget)[2] == " rried on, and th▌"
            widget.complete()
            self.passes(widget, clock, 1)
            assert shown(widget)[2] == " rried on, and the mock turtle"
            assert not typing(widget)

    async def test_its_own_timer_types(self) -> None:
        widget = Typewriter()
        async with Host(widget).run_test(size=(40, 6)) as pilot:
            widget.begin("", SEED)
            widget.type("and")
            widget.complete()
            await until(pilot, lambda: shown(widget)[1] == " rried on, and")
            assert not typing(widget)

    async def test_the_seed_is_set_apart_without_colour(self) -> None:
        widget, _clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 6)):
            widget.show_text("", SEED, "and the")
            assert "underline" in style_of(widget, 1, len(SEED))
            assert "underline" not in style_of(widget, 1, len(SEED) + 1)
            assert shown(widget)[0].index("┐") == len(SEED) + 1

    async def test_a_long_seed_is_closed_below(self) -> None:
        widget, _clock = self.typewriter()
        async with Host(widget).run_test(size=(24, 8)):
            widget.show_text("", "she was she was she was she  ", "gone")
            assert shown(widget)[:4] == [
                "┌ seed ──────────────┐",
                " she was she was she",
                " was she  gone",
                "└─────────┘",
            ]

    async def test_an_unfinished_text_gives_way_to_the_next(self) -> None:
        widget, clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 6)):
            widget.begin("iteration 3", SEED)
            widget.type("and the mock turtle")
            widget.begin("iteration 4", "alice was ")
            assert shown(widget)[:3] == [" iteration 4", "┌ seed ────┐", " alice was ▌"]
            widget.type("tired")
            self.passes(widget, clock, 1)
            assert shown(widget)[2] == " alice was tired▌"

    async def test_shows_all_at_once_when_asked(self) -> None:
        widget, _clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 6)) as pilot:
            widget.begin("", SEED)
            widget.type("and the mock turtle")
            widget.focus()
            await pilot.press("end")
            assert shown(widget)[1] == " rried on, and the mock turtle▌"
            assert not typing(widget)

    async def test_pauses(self) -> None:
        widget, clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 60)):
            widget.begin("", SEED)
            widget.type("and the mock turtle")
            widget.pause()
            assert widget.paused
            widget.type(" she was" * 200)
            self.passes(widget, clock, 5)
            assert shown(widget)[1] == " rried on, ▌"
            widget.pause()
            self.passes(widget, clock, 5)
            assert shown(widget)[1] == " rried on, and the mock turtle she was"

    async def test_puts_the_published_text_under_it(self) -> None:
        widget, _clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 9)):
            widget.show_text("", SEED, "and the mock", "and the mock turtle was a king")
            assert shown(widget)[1:4] == [
                " rried on, and the mock",
                " published: and the mock turtle was a",
                " king",
            ]

    async def test_data_is_neither_markup_nor_control(self) -> None:
        widget, clock = self.typewriter()
        async with Host(widget).run_test(size=(60, 6)):
            widget.begin("[b]3[/b]\x1b[2J", "[red]\x07seed")
            for piece in ["\x1b", "[31mre", "d[/red]\r", "\nend"]:
                widget.type(piece)
            widget.complete()
            self.passes(widget, clock, 9)
            assert shown(widget)[0] == " [b]3[/b][2J"
            assert shown(widget)[2:4] == [" [red]seed[31mred[/red]⏎", " end"]

    async def test_only_changed_lines_are_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        widget, clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 10)) as pilot:
            widget.begin("iteration 3", SEED, "and so on")
            widget.type("and the mock turtle she was a little " * 3)
            self.passes(widget, clock, 0.1)
            await pilot.pause()
            regions = painted(widget, monkeypatch)
            self.passes(widget, clock, 0.1)
            assert [(region.y, region.height) for region in regions] == [(2, 1)]

    async def test_wraps_anew_when_the_width_changes(self) -> None:
        widget, _clock = self.typewriter()
        async with Host(widget).run_test(size=(40, 10)) as pilot:
            widget.show_text("", SEED, "and the mock turtle she")
            assert shown(widget)[1:3] == [" rried on, and the mock turtle she", ""]
            await pilot.resize_terminal(24, 10)
            await until(
                pilot, lambda: shown(widget)[1:3] == [" rried on, and the", " mock turtle she"]
            )

    async def test_follows_the_cursor_by_half_pages(self) -> None:
        widget, clock = self.typewriter()
        async with Host(widget).run_test(size=(24, 6)) as pilot:
            widget.begin("", "")
            tops = []
            for line in range(12):
                widget.type(f"line {line:02} of the text ")
                self.passes(widget, clock, 4)
                await pilot.pause()
                tops.append(widget.scroll_offset.y)
                assert any(f"line {line:02}" in text for text in shown(widget))
            assert sorted(set(tops)) == [0, 3, 6]

    async def test_lets_one_read_above_while_it_types(self) -> None:
        widget, clock = self.typewriter()
        async with Host(widget).run_test(size=(24, 6)) as pilot:
            widget.begin("", "")
            widget.type("she was she was she was " * 12)
            self.passes(widget, clock, 4)
            await pilot.pause()
            widget.focus()
            await pilot.press("home")
            await until(pilot, lambda: widget.scroll_offset.y == 0)
            widget.type("and more and more and more " * 9)
            self.passes(widget, clock, 4)
            await pilot.pause()
            assert widget.scroll_offset.y == 0

    async def test_can_be_told_before_it_is_there(self) -> None:
        widget, _clock = self.typewriter()
        widget.begin("iteration 1", SEED)
        widget.type("and")
        widget.show_all()
        async with Host(widget).run_test(size=(40, 6)):
            assert shown(widget)[2] == " rried on, and▌"


class TestRunList:
    async def test_draws_of_many_runs_that_are_over_those_in_view(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(40):
            write_run(home, sunspots_trial(5, epochs=1), run_id=f"bcdf-{number:02}")
        snapshots = HomeWatcher(home).poll().runs
        clock = Clock()
        clock.now = SUBMITTED.timestamp() + 300
        widget = RunList(clock=clock)
        drawn: list[str] = []
        run_lines = RunList._run_lines

        def counted(self: RunList, snapshot: Snapshot, columns: Columns, now: float) -> list[Text]:
            drawn.append(snapshot.run.id)
            return run_lines(self, snapshot, columns, now)

        async with Host(widget).run_test(size=(80, 10)) as pilot:
            widget.show_runs(snapshots)
            await pilot.pause()
            assert all("   5 min" in line for line in shown(widget))
            monkeypatch.setattr(RunList, "_run_lines", counted)
            clock.now += 300
            widget.show_runs(snapshots)
            assert drawn == [snapshot.run.id for snapshot in snapshots[:10]]
            assert all("  10 min" in line for line in shown(widget))
            # What comes into view is as old as it is now.
            widget.scroll_to(y=25, animate=False, immediate=True)
            await until(pilot, lambda: widget.scroll_offset.y == 25)
            assert all("  10 min" in line for line in shown(widget))
            widget.marked.add(snapshots[0].run.id)
            widget.redraw()
            widget.scroll_to(y=0, animate=False, immediate=True)
            await until(pilot, lambda: widget.scroll_offset.y == 0)
            assert "▪" in shown(widget)[0]


class TestLogView:
    async def test_a_key_that_leads_up_is_not_lost_to_lines_that_come_with_it(self) -> None:
        widget = LogView()
        lines = [f"line {number}" for number in range(50)]
        async with Host(widget).run_test(size=(40, 10)) as pilot:
            widget.show_text(lines)
            await until(
                pilot, lambda: widget.scroll_offset.y == 40 and widget.allow_vertical_scroll
            )
            widget.scroll_home()
            widget.show_text([*lines, "one more"])
            await until(pilot, lambda: widget.scroll_offset.y == 0)
            widget.scroll_end()
            await until(pilot, lambda: widget.scroll_y == 41)
            widget.show_text([*lines, "one more", "another"])
            await until(pilot, lambda: widget.scroll_offset.y == 42)
