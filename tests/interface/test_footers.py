"""The footer: the keys that do something now, and no others."""

import pytest
from helpers.app import (
    NARROW,
    Lab,
    comes_to,
    filled,
    form,
    laboratory,
    lines,
    no_processes,
    open_run,
    shows,
    typed,
    until,
)
from helpers.factory import sunspots_trial, write_run

from engine.host.home import Home
from engine.operations.submission import accept
from engine.runs.events import Failed
from tui.screens.new import NewScreen


async def footer_has(lab: Lab, *keys: str, lacks: tuple[str, ...] = ()) -> None:
    """Wait until the footer has these keys, and lacks those."""
    await until(
        lab,
        lambda: (
            all(key in lines(lab)[-1] for key in keys)
            and not any(key in lines(lab)[-1] for key in lacks)
        ),
    )


async def test_a_field_is_reset_where_one_was_changed(home: Home) -> None:
    async with laboratory(home) as lab:
        await form(lab)
        await footer_has(lab, "ctrl+l help", lacks=("reset",))
        await filled(lab, "epochs", "20")
        await filled(lab, "time_steps", "12")
        await footer_has(lab, "ctrl+r reset field")
        await lab.press("ctrl+r")
        await footer_has(lab, "ctrl+r reset all")
        await lab.press("ctrl+r")
        await footer_has(lab, "ctrl+l help", lacks=("reset",))


async def test_a_plan_is_read_on_as_far_as_it_goes(home: Home) -> None:
    async with laboratory(home, (80, 15)) as lab:
        await lab.press("n")
        await comes_to(lab, NewScreen)
        await footer_has(lab, "enter adjust", lacks=("more",))
        await lab.press("end")
        await footer_has(lab, "→ more")
        await lab.press(*["right"] * 5)
        await footer_has(lab, "enter adjust", lacks=("more",))
        await lab.press("left")
        await footer_has(lab, "→ more")


async def test_without_a_preset_there_is_none_to_start(home: Home) -> None:
    async with laboratory(home) as lab:
        await lab.press("n")
        await comes_to(lab, NewScreen)
        await footer_has(lab, "enter adjust", "ctrl+o run", "ctrl+s queue")
        await typed(lab, "/nowhere")
        await lab.press("enter")
        await footer_has(lab, "esc back", lacks=("adjust", "run", "queue"))


async def test_of_a_run_that_waits_there_is_nothing_to_draw_or_to_export(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_processes(monkeypatch):
        monkeypatch.setattr("engine.supervision.launch.start_supervisor", lambda _home: None)
        accept(home, [sunspots_trial(5)])
        async with laboratory(home, NARROW) as lab:
            await open_run(lab)
            await shows(lab, "queued")
            await footer_has(lab, "x cancel", lacks=("export", "log y", "smooth", "resume"))


async def test_of_a_failed_run_it_is_taken_up_and_not_cancelled(home: Home) -> None:
    write_run(home, sunspots_trial(5), epochs=3, end=Failed(what="It broke."))
    async with laboratory(home, NARROW) as lab:
        await footer_has(lab, "r resume", lacks=("cancel",))
        await open_run(lab)
        await footer_has(lab, "r resume", "e export", "l log y", lacks=("cancel",))
