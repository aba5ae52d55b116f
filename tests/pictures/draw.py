"""Draws the README's picture: trains sunspots/5 for real, opens it in the application, and saves
the screen as SVG.

python tests/pictures/draw.py [FOLDER]
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from engine.host.home import Home
from engine.operations.prepare import TrialRequest, prepare_trial
from presets import get
from tui.app import LabApp
from tui.commands.foreground import run_all
from tui.screens.run import RunScreen

SIZE = (120, 36)


async def picture(home: Home, path: Path) -> None:
    """Open the newest run of ``home`` and save what the terminal shows."""
    app = LabApp(home)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        path.write_text(app.export_screenshot(title="rnnlab-tui"), encoding="utf-8")


async def opened(pilot: Pilot[str]) -> None:
    """Wait until the newest run is drawn whole."""
    app = pilot.app
    assert isinstance(app, LabApp)
    while not app.watcher.latest.runs:
        await pilot.pause()
    await pilot.press("enter")
    while not (isinstance(app.screen, RunScreen) and app.screen.snapshot.result and app.series):
        await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()


def main() -> None:
    # All colours, whatever it is drawn on.
    os.environ |= {"COLORTERM": "truecolor", "TERM": "xterm-256color"}
    os.environ.pop("NO_COLOR", None)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    preset = get("sunspots/5")
    assert preset is not None
    with tempfile.TemporaryDirectory() as temporary:
        home = Home(Path(temporary))
        run_all(home, [prepare_trial(home, TrialRequest(preset))], as_json=True)
        asyncio.run(picture(home, folder / "sunspots-5.svg"))


if __name__ == "__main__":
    main()
