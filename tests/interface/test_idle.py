"""What goes to the terminal while nothing happens: nothing."""

import pytest
from helpers.app import (
    WIDE,
    comes_to,
    home_screen,
    laboratory,
    looked_again,
    open_run,
    the_app,
)
from helpers.factory import alice_trial, sunspots_trial, write_run
from textual.screen import Screen

from engine.host.home import Home
from engine.runs.events import Failed
from tui.app import LabApp
from tui.screens.help import HelpScreen


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A list that fills with every update that would be sent to the terminal."""
    sent: list[object] = []
    display = LabApp._display

    def recording(app: LabApp, screen: Screen[None], renderable: object) -> None:
        if renderable is not None:
            sent.append(renderable)
        display(app, screen, renderable)  # type: ignore[arg-type]

    monkeypatch.setattr(LabApp, "_display", recording)
    return sent


async def test_home_with_a_finished_run_sends_nothing(home: Home, painted: list[object]) -> None:
    write_run(home, sunspots_trial(5))
    write_run(home, sunspots_trial(1), end=Failed(what="It broke."), epochs=3)
    async with laboratory(home) as lab:
        await looked_again(lab)
        assert painted
        painted.clear()
        for _look in range(3):
            await looked_again(lab)
        assert painted == []


async def test_an_empty_home_sends_nothing(home: Home, painted: list[object]) -> None:
    async with laboratory(home) as lab:
        await looked_again(lab)
        painted.clear()
        for _look in range(3):
            await looked_again(lab)
        assert painted == []


@pytest.mark.parametrize("end", [Failed(what="It broke."), None], ids=["failed", "interrupted"])
async def test_an_ended_run_sends_nothing(
    home: Home, painted: list[object], end: Failed | None
) -> None:
    write_run(home, sunspots_trial(5), end=end, epochs=3)
    async with laboratory(home, WIDE) as lab:
        await open_run(lab)
        await looked_again(lab)
        painted.clear()
        for _look in range(3):
            await looked_again(lab)
        assert painted == []


@pytest.mark.parametrize("tab", ["1", "2", "3", "4", "5"])
async def test_a_run_that_waits_for_its_worker_sends_nothing(
    home: Home, painted: list[object], tab: str
) -> None:
    write_run(home, alice_trial(1), end=None, iterations=2, characters=7, host="elsewhere")
    async with laboratory(home) as lab:
        await open_run(lab)
        await lab.press(tab)
        await looked_again(lab)
        painted.clear()
        for _look in range(3):
            await looked_again(lab)
        assert painted == []


async def test_a_screen_behind_another_is_not_polled(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
    async with laboratory(home) as lab:
        await lab.press("question_mark")
        await comes_to(lab, HelpScreen)

        def never() -> None:
            raise AssertionError("polled")

        monkeypatch.setattr(the_app(lab).watcher, "poll", never)
        await home_screen(lab).poll()
