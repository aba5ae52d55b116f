"""Terminals that know no colour, no Unicode, or have little room."""

from collections.abc import Iterator

import pytest
from helpers.app import (
    NARROW,
    SMALLEST,
    WIDE,
    Lab,
    comes_to,
    laboratory,
    lines,
    open_run,
    seen,
    shows,
    styles_at,
    the_app,
    until,
)
from helpers.factory import alice_trial, preset, sunspots_trial, write_run
from rich.style import Style

from engine.data.series import built_in
from engine.host.home import Home
from engine.runs.events import Failed
from engine.trials.trial import ForecastTrial, trial_for
from tui.screens.form import FormScreen
from tui.screens.new import NewScreen


def changed_trial(settings: dict[str, object]) -> ForecastTrial:
    """Preset sunspots/5 with settings over it."""
    trial = trial_for(preset("sunspots/5"), built_in().reference, settings=settings)
    assert isinstance(trial, ForecastTrial)
    return trial


def beyond_ascii(lab: Lab) -> dict[str, str]:
    """Characters on the terminal that are no ASCII, each with the first line in which it stands."""
    found: dict[str, str] = {}
    for line in lines(lab):
        for char in line:
            if ord(char) > 126:
                found.setdefault(char, line.strip())
    return found


@pytest.fixture
def ascii_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal that takes nothing but ASCII."""
    with monkeypatch.context() as patch:
        patch.setattr("tui.words.format.speaks_unicode", lambda: False)
        yield


@pytest.mark.usefixtures("ascii_terminal")
class TestAscii:
    async def test_home(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        write_run(home, sunspots_trial(8), end=None, epochs=20, host="elsewhere")
        write_run(home, sunspots_trial(9), end=Failed(what="It broke."), epochs=20)
        async with laboratory(home) as lab:
            await lab.press("space")
            await lab.pause()
            assert "+ done" in seen(lab)
            assert "* running" in seen(lab)
            assert "##" in seen(lab)
            assert beyond_ascii(lab) == {}

    @pytest.mark.parametrize(
        ("settings", "epochs"),
        [({"epochs": 20}, 3), ({"epochs": 20, "activation": "tanh"}, 3), ({}, 0)],
        ids=["a change", "a change too long", "no figures yet"],
    )
    async def test_home_with_all_that_may_stand_there(
        self, home: Home, settings: dict[str, object], epochs: int
    ) -> None:
        write_run(home, changed_trial(settings), end=None, epochs=epochs, host="elsewhere")
        async with laboratory(home) as lab:
            assert beyond_ascii(lab) == {}

    async def test_a_sunspot_run(self, home: Home) -> None:
        write_run(home, sunspots_trial(5, epochs=35))
        async with laboratory(home, (80, 50)) as lab:
            await open_run(lab)
            for tab in "12345":
                await lab.press(tab)
                await lab.pause()
                assert beyond_ascii(lab) == {}, tab

    async def test_a_character_run(self, home: Home) -> None:
        write_run(home, alice_trial(1), end=None, iterations=2, characters=7, host="elsewhere")
        async with laboratory(home, (80, 50)) as lab:
            await open_run(lab)
            for tab in "12345":
                await lab.press(tab)
                await lab.pause()
                assert beyond_ascii(lab) == {}, tab

    @pytest.mark.parametrize(
        ("tab", "epochs", "settings"),
        [("1", 0, {}), ("4", 3, {"epochs": 50})],
        ids=["no loss yet", "a changed parameter"],
    )
    async def test_a_run_with_all_that_may_stand_there(
        self, home: Home, tab: str, epochs: int, settings: dict[str, object]
    ) -> None:
        write_run(home, changed_trial(settings), end=None, epochs=epochs, host="elsewhere")
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press(tab)
            await lab.pause()
            assert beyond_ascii(lab) == {}

    async def test_a_scrollbar(self, home: Home) -> None:
        for number in range(60):
            write_run(
                home,
                sunspots_trial(5),
                end=Failed(what="It broke."),
                epochs=1,
                run_id=f"run-{number:02}",
            )
        async with laboratory(home) as lab:
            await shows(lab, "failed")
            await lab.press("pagedown", "pagedown")
            await lab.pause()
            assert beyond_ascii(lab) == {}

    async def test_the_frames_of_a_wide_terminal(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            await open_run(lab)
            assert beyond_ascii(lab) == {}

    @pytest.mark.parametrize("screen", ["new", "form"])
    async def test_new_and_form(self, home: Home, screen: str) -> None:
        async with laboratory(home, (80, 50)) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await until(lab, lambda: the_app(lab).series_length)
            if screen == "form":
                await lab.press("enter")
                await comes_to(lab, FormScreen)
            await lab.pause()
            assert beyond_ascii(lab) == {}


@pytest.fixture
def no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of a person who wants no colours."""
    monkeypatch.setenv("NO_COLOR", "1")


def colours(lab: Lab) -> set[str]:
    """Colours on the terminal that are no shade of grey."""
    found = set()
    for strip in lab.app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style or Style()
            for colour in (style.color, style.bgcolor):
                if colour is None or colour.is_default:
                    continue
                red, green, blue = colour.get_truecolor()
                if not red == green == blue:
                    found.add(f"{colour.name} of {segment.text!r}")
    return found


@pytest.mark.usefixtures("no_colour")
class TestNoColour:
    async def test_home_has_none_and_its_cursor_is_seen(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        write_run(home, sunspots_trial(8), end=Failed(what="It broke."), epochs=20)
        async with laboratory(home) as lab:
            assert colours(lab) == set()
            assert all(style.reverse for style in styles_at(lab, "sunspots/5"))
            assert not any(style.reverse for style in styles_at(lab, "sunspots/8"))

    @pytest.mark.parametrize("size", [NARROW, WIDE])
    async def test_a_run_has_none(self, home: Home, size: tuple[int, int]) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, size) as lab:
            await open_run(lab)
            for tab in "12345":
                await lab.press(tab)
                await lab.pause()
                assert colours(lab) == set()

    async def test_the_prediction_can_still_be_told_from_the_series(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("2")
            await shows(lab, "test from")
            plot = "".join(lines(lab)[3:-3])
            assert any(char in plot for char in "█▙▛▜▟▌▐")
            assert any("⠀" < char <= "⣿" for char in plot)
            assert "┊" in plot

    async def test_the_tab_in_front_is_marked_by_brackets(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("3")
            await lab.pause()
            assert "[3 Loss]" in lines(lab)[1]

    async def test_a_preset_under_the_cursor_and_a_wrong_field_can_be_told(
        self, home: Home
    ) -> None:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await lab.pause()
            assert colours(lab) == set()
            here, there = (styles_at(lab, f" {ep} ep  b1   t10  linear")[3] for ep in (35, 25))
            assert here != there
            await lab.press("enter")
            await comes_to(lab, FormScreen)
            await lab.press("x")
            await lab.pause()
            assert colours(lab) == set()
            assert "✗ must be" in seen(lab)


class TestLittleRoom:
    async def test_the_smallest_size_shows_a_run(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, SMALLEST) as lab:
            await open_run(lab)
            marks = {
                "1": "EPOCH",
                "2": "test from",
                "3": "loss",
                "4": "hidden_units",
                "5": "finished",
            }
            for tab, mark in marks.items():
                await lab.press(tab)
                await lab.pause()
                assert "sunspots/5" in lines(lab)[0]
                assert "5 Log" in lines(lab)[1]
                assert mark in seen(lab)

    async def test_a_running_run_shows_its_state_and_time_at_the_smallest_size(
        self, home: Home
    ) -> None:
        write_run(home, alice_trial(5), end=None, iterations=3, host="elsewhere")
        async with laboratory(home, SMALLEST) as lab:
            await open_run(lab)
            assert "● running" in lines(lab)[0]
            assert " left" in lines(lab)[0]

    @pytest.mark.parametrize("size", [(59, 15), (60, 14), (40, 10)])
    async def test_home_asks_for_room(self, home: Home, size: tuple[int, int]) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, size) as lab:
            assert (
                " ".join(seen(lab).split())
                == "This window is too small: rnnlab needs at least 60x15."
            )
            await lab.resize_terminal(*SMALLEST)
            await shows(lab, "✓ done")

    @pytest.mark.parametrize("empty", [True, False], ids=["an empty home", "a failed run"])
    async def test_nothing_else_is_shown_then(self, home: Home, empty: bool) -> None:
        if not empty:
            write_run(home, sunspots_trial(5), end=Failed(what="It broke."), epochs=3)
        async with laboratory(home) as lab:
            if not empty:
                await open_run(lab)
            await lab.resize_terminal(50, 10)
            await lab.pause()
            await lab.pause()
            assert (
                " ".join(seen(lab).split())
                == "This window is too small: rnnlab needs at least 60x15."
            )


class TestEnds:
    """What a run that did not end well says, and what to do about it."""

    @pytest.mark.parametrize("size", [NARROW, WIDE])
    async def test_a_failed_run(self, home: Home, size: tuple[int, int]) -> None:
        end = Failed(
            what="TensorFlow finds no GPU on this host.", remedy="Run the trial with --device cpu."
        )
        write_run(home, sunspots_trial(5), end=end, epochs=0)
        async with laboratory(home, size) as lab:
            await open_run(lab)
            assert "✗ failed" in lines(lab)[0]
            assert "TensorFlow finds no GPU on this host. Run the trial with --device cpu." in seen(
                lab
            )

    async def test_a_long_failure_is_read_whole_at_80_columns(self, home: Home) -> None:
        what = "Training diverged: the loss of epoch 3 is nan."
        remedy = (
            "Try tanh instead of linear or relu, shorter windows, fewer hidden units or "
            "another seed."
        )
        write_run(
            home,
            sunspots_trial(5),
            end=Failed(what=what, remedy=remedy, diverged=True, epoch=3),
            epochs=2,
        )
        async with laboratory(home) as lab:
            await open_run(lab)
            assert "✗ diverged" in lines(lab)[0]
            assert f"{what} {remedy}" in " ".join(seen(lab).split())
            await lab.press("2")
            await shows(lab, "This run ended before it could predict.")

    async def test_an_interrupted_run_says_where_to_look(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3)
        run.worker_log.write_text("first\n" * 50 + "Killed\n")
        async with laboratory(home, WIDE) as lab:
            await open_run(lab)
            assert "! interrupted" in lines(lab)[0]
            assert f"The worker of run {run.id} disappeared without a word." in " ".join(
                seen(lab).split()
            )

    async def test_an_interrupted_run_shows_what_its_worker_printed_last(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3)
        run.worker_log.write_text("first\n" * 50 + "Killed\n")
        async with laboratory(home, WIDE) as lab:
            await open_run(lab)
            assert "Killed" in seen(lab)

    async def test_a_run_that_fails_while_one_looks_at_another_tab(self, home: Home) -> None:
        write_run(home, sunspots_trial(5), end=Failed(what="It broke.", remedy="Fix it."), epochs=3)
        async with laboratory(home) as lab:
            await open_run(lab)
            for tab in "12345":
                await lab.press(tab)
                await lab.pause()
                assert "It broke. Fix it." in seen(lab)
