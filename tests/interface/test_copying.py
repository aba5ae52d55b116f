"""What the mouse selects is what is seen, and that is what is copied; the clipboard is never
emptied.
"""

import importlib
import pkgutil

import pytest
from helpers.app import (
    KEPT,
    WIDE,
    Lab,
    dragged,
    form,
    laboratory,
    lines,
    open_run,
    seen,
    shows,
    styles_at,
    until,
)
from helpers.factory import alice_trial, sunspots_trial, write_run
from textual.geometry import Offset
from textual.widget import Widget
from textual.widgets import Input, Static

import tui
from engine.host.home import Home
from tui.widgets.drawn_lines import DrawnLines
from tui.widgets.epochlog import EpochLog
from tui.widgets.runlist import RunList
from tui.widgets.sparkline import LossSparkline


async def over(lab: Lab, selector: str) -> tuple[str, str]:
    """Drag the mouse over all of a widget that is cut off nowhere; return what is seen there and
    what was copied.
    """
    widget = lab.app.screen.query_one(selector)
    region = widget.scrollable_content_region
    rows = [
        lines(lab)[y].ljust(lab.app.size.width)[region.x : region.right].rstrip()
        for y in region.line_range
    ]
    copied = await dragged(lab, region.offset, region.bottom_right_inclusive)
    return "\n".join(rows).strip("\n"), copied


async def plotted(lab: Lab) -> None:
    """Open the run, with its panes side by side, and wait for its prediction."""
    await open_run(lab)
    await shows(lab, "observed", "test from")


def drawing_widgets() -> list[type[Widget]]:
    """Return every class of ours that draws its own lines."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, todo = [], [Widget]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__.startswith("tui.") and "render_line" in kind.__dict__:
            found.append(kind)
    return found


def test_every_widget_that_draws_lines_can_be_copied_from() -> None:
    kinds = drawing_widgets()
    assert {"LinesView", "PlotView", "LossSparkline", "Typewriter"} <= {
        kind.__name__ for kind in kinds
    }
    assert [kind.__name__ for kind in kinds if not issubclass(kind, DrawnLines)] == []
    assert [kind.__name__ for kind in kinds if kind.plain_line is DrawnLines.plain_line] == []  # type: ignore[attr-defined]


class TestWhatIsSeen:
    @pytest.mark.parametrize("selector", ["#sparkline", "#epochs", "#loss-plot", "#log-lines"])
    async def test_of_a_forecast(self, home: Home, selector: str) -> None:
        write_run(home, sunspots_trial(5), epochs=35)
        async with laboratory(home, WIDE) as lab:
            await plotted(lab)
            rows, copied = await over(lab, selector)
            assert copied == rows != ""

    @pytest.mark.parametrize("selector", ["#prediction-plot", "#loss-plot"])
    @pytest.mark.parametrize(
        "terminal",
        [{}, {"RNNLAB_PLOTS": "blocks"}, {"TERM": "linux"}, {"RNNLAB_PLOTS": "ascii"}],
        ids=str,
    )
    async def test_of_a_plot_in_colours_is_what_it_would_be_without(
        self, home: Home, monkeypatch: pytest.MonkeyPatch, terminal: dict[str, str], selector: str
    ) -> None:
        for variable, value in terminal.items():
            monkeypatch.setenv(variable, value)
        write_run(home, sunspots_trial(5), epochs=35)
        async with laboratory(home, WIDE) as lab:
            await plotted(lab)
            in_colours, copied = await over(lab, selector)
        monkeypatch.setenv("NO_COLOR", "1")
        async with laboratory(home, WIDE) as lab:
            await plotted(lab)
            without_colours, copied_without = await over(lab, selector)
        assert copied == copied_without == without_colours
        if selector == "#prediction-plot" and terminal != {"RNNLAB_PLOTS": "ascii"}:
            # The area was colours, which nobody can paste.
            assert copied != in_colours

    async def test_of_a_plot_that_is_drawn_again_is_the_new_one(self, home: Home) -> None:
        write_run(home, sunspots_trial(5), epochs=35)
        async with laboratory(home, WIDE) as lab:
            await plotted(lab)
            _rows, before = await over(lab, "#prediction-plot")
            whole = seen(lab)
            await lab.press("plus")
            await until(lab, lambda: seen(lab) != whole)
            _rows, after = await over(lab, "#prediction-plot")
            assert after != before

    async def test_of_a_text(self, home: Home) -> None:
        write_run(home, alice_trial(5))
        async with laboratory(home, WIDE) as lab:
            await open_run(lab)
            await shows(lab, "ITERATION")
            rows, copied = await over(lab, "#typewriter")
            assert copied == rows != ""

    async def test_of_the_list_of_runs(self, home: Home) -> None:
        for number in (5, 8):
            write_run(home, sunspots_trial(number), run_id=f"run-of-{number}")
        async with laboratory(home) as lab:
            await shows(lab, "sunspots/8")
            rows, copied = await over(lab, "#runs")
            assert copied == rows
            assert "sunspots/5" in copied

    async def test_from_one_word_to_another(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await shows(lab, "sunspots/5")
            y = next(y for y, line in enumerate(lines(lab)) if "sunspots/5" in line)
            x = lines(lab)[y].index("sunspots/5")
            assert await dragged(lab, (x, y), (x + len("sunspots") - 1, y)) == "sunspots"
            marked = {style.bgcolor for style in styles_at(lab, "sunspots")}
            assert marked != {style.bgcolor for style in styles_at(lab, "/5")}

    @pytest.mark.parametrize("selector", ["#prediction-plot", "#epochs"])
    async def test_can_be_read_while_it_is_selected(self, home: Home, selector: str) -> None:
        write_run(home, sunspots_trial(5), epochs=35)
        async with laboratory(home, WIDE) as lab:
            await plotted(lab)
            region = lab.app.screen.query_one(selector).scrollable_content_region
            _rows, copied = await over(lab, selector)
            strips = lab.app.screen._compositor.render_strips()
            selected = [strips[y].crop(region.x, region.right) for y in region.line_range]
            assert "\n".join(strip.text.rstrip() for strip in selected).strip("\n") == copied
            styles = {
                segment.style for strip in selected for segment in strip if segment.text.strip()
            }
            assert [
                style for style in styles if style is None or style.color == style.bgcolor
            ] == []

    async def test_upwards_and_over_several_widgets(self, home: Home) -> None:
        write_run(home, sunspots_trial(5), epochs=35)
        async with laboratory(home) as lab:
            await open_run(lab)
            spark, log = (
                lab.app.screen.query_one(kind).content_region for kind in (LossSparkline, EpochLog)
            )
            text = await dragged(lab, log.offset + Offset(20, 2), spark.offset)
            rows = [line[1:].rstrip() for line in lines(lab)[spark.y : log.y + 3]]
            assert text.split("\n")[:3] == rows[:3]
            assert "EPOCH" in text
            assert text.split("\n")[-1].rstrip() == rows[-1][:21].rstrip()


class TestTheClipboard:
    async def test_stays_where_nothing_is_seen(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await shows(lab, "sunspots/5")
            region = lab.app.screen.query_one(RunList).content_region
            assert await dragged(lab, (10, region.bottom - 3), (40, region.bottom - 1)) == KEPT

    @pytest.mark.parametrize("key", ["ctrl+c", "ctrl+x"])
    async def test_stays_where_nothing_is_selected_in_a_field(self, home: Home, key: str) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            lab.app.copy_to_clipboard(KEPT)
            await lab.press("end", key)
            assert lab.app.clipboard == KEPT
            assert lab.app.screen.query_one("#field-epochs", Input).value == "35"

    async def test_gets_the_plain_twins_that_are_seen_on_a_plain_terminal(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tui.words.format.speaks_unicode", lambda: False)
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await shows(lab, "sunspots/5")
            rows, copied = await over(lab, "#runs")
            assert copied == rows
            assert copied.isascii()


async def test_what_was_scrolled_away_is_copied_too(home: Home) -> None:
    for number in range(30):
        write_run(home, sunspots_trial(5), run_id=f"run-{number:02}")
    async with laboratory(home) as lab:
        await shows(lab, "sunspots/5")
        runs = lab.app.screen.query_one(RunList)
        await lab.press("end")
        await until(lab, lambda: runs.scroll_offset.y == runs.max_scroll_y > 0)
        assert [
            line for line in map(runs.plain_line, range(runs.count)) if "sunspots/5" not in line
        ] == []


async def test_what_was_scrolled_away_is_copied_as_it_was_seen(home: Home) -> None:
    for number in range(30):
        trial = sunspots_trial(
            5, epochs=3, batch_size=2, time_steps=6, hidden_units=4, seed=number + 10
        )
        write_run(home, trial, run_id=f"run-{number:02}")
    async with laboratory(home) as lab:
        await shows(lab, "sunspots/5")
        runs = lab.app.screen.query_one(RunList)
        in_view = [runs.plain_line(index).rstrip() for index in range(runs.size.height)]
        assert "e3 b2 t6 h4 s10" in in_view[0]
        await lab.press("end")
        await until(lab, lambda: runs.scroll_offset.y == runs.max_scroll_y > 0)
        assert [runs.plain_line(index).rstrip() for index in range(runs.scroll_offset.y)] == (
            in_view[: runs.scroll_offset.y]
        )


async def test_below_the_last_line_there_is_nothing_to_copy(home: Home) -> None:
    async with laboratory(home) as lab:
        await lab.press("n")
        await shows(lab, "56 test windows", "1983-12")
        text = lab.app.screen.query_one("#plan-text", Static)
        text.update("A line, and its end.\n\n")
        await until(lab, lambda: text.region.height == 3)
        for y in (1, 2):
            corner = text.region.offset + Offset(0, y)
            assert await dragged(lab, corner, corner + Offset(1, 0)) == KEPT
        assert (
            await dragged(lab, text.region.offset, text.region.offset + Offset(5, 2))
            == "A line, and its end."
        )
