"""A trial that takes more memory than there is: the form refuses it, or starts it with a
warning.
"""

import pytest
from helpers.app import comes_to, filled, form, laboratory, no_processes, shows

from engine.host.home import Home
from engine.runs.run import all_runs
from tui.screens.form import FormScreen
from tui.screens.run import RunScreen

GIB = 2**30


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr("engine.operations.memory_needs.total_memory", lambda: 4 * GIB)
    monkeypatch.setattr("engine.operations.memory_needs.available_memory", lambda: GIB)
    return monkeypatch


async def test_what_can_not_fit_is_refused_and_what_was_typed_stays(
    home: Home, host: pytest.MonkeyPatch
) -> None:
    with no_processes(host):
        async with laboratory(home) as lab:
            await form(lab, "sunspots/5")
            for field, value in {
                "hidden_units": "1024",
                "time_steps": "563",
                "batch_size": "9",
            }.items():
                await filled(lab, field, value)
            host.setattr("engine.operations.memory_needs.total_memory", lambda: 2 * GIB)
            await lab.press("f5")
            await shows(
                lab,
                "This trial takes over 2.7 GiB of memory, and this host has 2.0. Try a smaller "
                "hidden_units or time_steps.",
            )
            assert isinstance(lab.app.screen, FormScreen)
            assert all_runs(home) == []


async def test_what_may_not_fit_starts_and_the_run_says_so(
    home: Home, host: pytest.MonkeyPatch
) -> None:
    words = "This trial may take over 2.7 GiB of memory, and 1.0 are free now: it could fail."
    with no_processes(host):
        async with laboratory(home) as lab:
            await form(lab, "sunspots/5")
            for field, value in {"hidden_units": "1024", "time_steps": "563"}.items():
                await filled(lab, field, value)
            await lab.press("ctrl+s")
            await shows(lab, words)
            await lab.press("f5")
            await comes_to(lab, RunScreen)
            await shows(lab, words)
            assert len(all_runs(home)) == 2


async def test_a_preset_that_may_not_fit_is_warned_of(home: Home, host: pytest.MonkeyPatch) -> None:
    host.setattr("engine.operations.memory_needs.available_memory", lambda: GIB // 4)
    with no_processes(host):
        async with laboratory(home) as lab:
            await lab.press("n")
            await shows(lab, "sunspots/5")
            await lab.press("ctrl+s")
            await shows(lab, "and 0.2 are free now: it could fail.")
