"""Who leaves a page, or the application, while something is still being read for it, sees no
error.
"""

import asyncio
import importlib
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest
from helpers.app import PATIENCE_S, Lab, comes_to, laboratory, the_app, until
from helpers.factory import preset, sunspots_trial, write_run
from textual.screen import Screen

from engine.host.home import Home
from tui.screens.export import ExportScreen
from tui.screens.form import FormScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen

Page = type[Screen[None]]


def by_key(key: str) -> Callable[[Lab], Awaitable[None]]:
    async def press(lab: Lab) -> None:
        await lab.press(key)

    return press


async def push_form(lab: Lab) -> None:
    await lab.app.push_screen(FormScreen(preset("sunspots/5"), the_app(lab).home))


PAGES: dict[Page, tuple[Callable[[Lab], Awaitable[None]], str]] = {
    NewScreen: (by_key("n"), "engine.data.series.built_in"),
    FormScreen: (push_form, "engine.data.series.built_in"),
    RunScreen: (by_key("enter"), "tui.screens.run.notes_of"),
    ExportScreen: (by_key("e"), "tui.screens.export.render_document"),
}
"""How each page is opened, and what is called for it in a thread."""


class Delay:
    """Has a function wait in its thread until its page is taken down.

    By then the page's widgets are gone, and what it still does has not been cancelled.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, page: Page, function: str) -> None:
        self.called, self.released = threading.Event(), threading.Event()
        module, _dot, name = function.rpartition(".")
        undelayed = getattr(importlib.import_module(module), name)

        def delayed(*given: object, **named: object) -> object:
            if threading.current_thread() is not threading.main_thread():
                self.called.set()
                self.released.wait(PATIENCE_S)
            return undelayed(*given, **named)

        async def on_unmount(screen: Screen[None]) -> None:
            self.released.set()
            work = [worker.wait() for worker in screen.workers if worker.node is screen]
            await asyncio.gather(*work, return_exceptions=True)

        monkeypatch.setattr(function, delayed)
        # Textual calls this handler before its own, which cancels what the page has not done yet.
        monkeypatch.setattr(page, "on_unmount", on_unmount, raising=False)


@pytest.fixture(params=PAGES, ids=lambda page: page.__name__)
def page(request: pytest.FixtureRequest) -> Page:
    found: Page = request.param
    return found


@pytest.fixture
def delay(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Delay]:
    made = Delay(monkeypatch, page, PAGES[page][1])
    yield made
    made.released.set()


@pytest.mark.parametrize(
    "keys", [["escape"], ["ctrl+q"], [], ["x"]], ids=["back", "quit", "taken down", "typed"]
)
async def test_what_comes_too_late_is_dropped(
    home: Home, page: Page, delay: Delay, keys: list[str]
) -> None:
    write_run(home, sunspots_trial(5))
    # An exception anywhere in the application would come out here.
    async with laboratory(home) as lab:
        await PAGES[page][0](lab)
        await comes_to(lab, page)
        await until(lab, delay.called.is_set)
        await lab.press(*keys)
        if keys == ["escape"]:
            await until(lab, delay.released.is_set)
    # When the block ends, the application takes down what there still is.
    assert delay.released.is_set()


async def test_what_is_answered_after_the_application_has_been_left_is_dropped(home: Home) -> None:
    async with laboratory(home) as lab:
        app = the_app(lab)
        await lab.press("ctrl+q")
        await until(lab, lambda: not app.is_running)
    app.answer("Too late.")
