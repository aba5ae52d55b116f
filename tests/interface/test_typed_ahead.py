"""Keys that come faster than a widget answers, as on a slow link: each acts on what those before it
chose or typed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from helpers.app import Lab, comes_to, laboratory, lines, shows, until
from helpers.factory import sunspots_trial, write_run
from textual.events import Key
from textual.widgets import Input

from engine.host.home import Home
from tui.screens.export import ExportScreen
from tui.screens.form import FormScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen


@asynccontextmanager
async def busy(lab: Lab, selector: str) -> AsyncIterator[None]:
    """Keep a widget from answering within the block."""
    free = asyncio.Event()
    lab.app.screen.query_one(selector).call_later(free.wait)
    try:
        yield
    finally:
        free.set()


async def type_ahead(lab: Lab, selector: str, keys: Sequence[Key]) -> None:
    """Have keys arrive while the widget with the focus is busy."""
    async with busy(lab, selector):
        for key in keys:
            lab.app.post_message(key)
        # The application itself is through with them.
        done = asyncio.Event()
        lab.app.call_later(done.set)
        await done.wait()


async def test_the_run_under_the_cursor_is_opened(home: Home) -> None:
    write_run(home, sunspots_trial(5), run_id="bbbb-sunspots-5")
    write_run(home, sunspots_trial(8), run_id="cccc-sunspots-8")
    async with laboratory(home) as lab:
        await shows(lab, "sunspots/8")
        await type_ahead(lab, "#runs", [Key("down", None), Key("enter", "\r")])
        await comes_to(lab, RunScreen)
        await until(lab, lambda: "sunspots/8" in lines(lab)[0])


async def test_the_preset_under_the_cursor_is_opened(home: Home) -> None:
    async with laboratory(home) as lab:
        await lab.press("n")
        await comes_to(lab, NewScreen)
        await shows(lab, "225 training windows", "enter adjust")
        await type_ahead(lab, "#presets", [Key("down", None), Key("enter", "\r")])
        await comes_to(lab, FormScreen)
        await until(lab, lambda: "sunspots/6" in lines(lab)[0])


async def test_the_file_gets_the_whole_name(home: Home, tmp_path: Path) -> None:
    write_run(home, sunspots_trial(5))
    async with laboratory(home) as lab:
        await lab.press("e")
        await comes_to(lab, ExportScreen)
        await shows(lab, "| Trial | Epochs |", "enter write")
        field = lab.app.screen.query_one("#path", Input)
        field.value = str(tmp_path / "table.m")
        field.cursor_position = len(field.value)
        await type_ahead(lab, "#path", [Key("d", "d"), Key("enter", "\r")])
        await shows(lab, "Wrote")
        assert [path.name for path in tmp_path.glob("table*")] == ["table.md"]
