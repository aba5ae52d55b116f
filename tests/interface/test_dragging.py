"""A mouse that is dragged selects, wherever it is, and does nothing else; a click acts."""

import random

import pytest
from helpers.app import (
    Lab,
    comes_to,
    dragged,
    filled,
    form,
    held,
    laboratory,
    line_with,
    lines,
    seen,
    shows,
    the_app,
    until,
)
from helpers.factory import sunspots_trial, write_run
from textual.screen import Screen
from textual.widgets import OptionList

from engine.host.home import Home
from tui.screens.export import ExportScreen
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen

PAGES: dict[type[Screen[None]], list[str]] = {
    HomeScreen: [],
    NewScreen: ["n"],
    FormScreen: ["n", "enter"],
    RunScreen: ["enter"],
    ExportScreen: ["e"],
    HelpScreen: ["question_mark"],
}


def place_of(lab: Lab, words: str) -> tuple[int, int]:
    """Return the cell in which ``words`` begin, which must be on the terminal; the lowest."""
    y, line = next((y, line) for y, line in reversed(list(enumerate(lines(lab)))) if words in line)
    return line.index(words), y


def shown_rows(lab: Lab, top: int, bottom: int, left: int, right: int) -> str:
    """Return what a rectangle of the terminal shows, the ends included."""
    return "\n".join(line[left : right + 1].rstrip() for line in lines(lab)[top : bottom + 1])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
async def test_no_drag_acts(home: Home, page: type[Screen[None]]) -> None:
    for number in (5, 8):
        write_run(home, sunspots_trial(number), run_id=f"run-of-{number}")
    chance = random.Random(page.__name__)
    async with laboratory(home) as lab:
        await lab.press(*PAGES[page])
        await comes_to(lab, page)
        before, cursor = seen(lab), lab.app.focused
        # Over every line, the footer's too, a short way and a long one.
        for y in range(24):
            x = chance.randrange(40)
            for end in ((x + 2, y), (chance.randrange(x + 1, 80), chance.randrange(24))):
                await lab.mouse_down(offset=(x, y))
                await lab.hover(offset=end)
                await lab.mouse_up(offset=end)
                assert type(lab.app.screen) is page, (x, y, end)
        await until(lab, lambda: the_app(lab).all_keys_handled)
        assert type(lab.app.screen) is page
        if page in (HomeScreen, NewScreen, RunScreen, HelpScreen):
            assert (seen(lab), lab.app.focused) == (before, cursor)


class TestPresets:
    async def test_a_drag_copies_what_is_seen(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await shows(lab, "225 training windows")
            right = lab.app.screen.query_one(OptionList).content_region.right - 1
            # The last column is the scrollbar's.
            rows = shown_rows(lab, 5, 9, 1, right - 1)
            assert await dragged(lab, (1, 5), (right, 9)) == rows
            assert type(lab.app.screen) is NewScreen

    async def test_a_drag_after_scrolling_copies_what_is_seen(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await lab.press("end")
            await until(lab, lambda: "10  " in lines(lab)[-2])
            right = lab.app.screen.query_one(OptionList).content_region.right - 1
            rows = shown_rows(lab, 5, 9, 1, right - 1)
            assert await dragged(lab, (1, 5), (right, 9)) == rows

    async def test_a_click_opens_the_form(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await lab.click(offset=place_of(lab, "tanh&relu"))
            await comes_to(lab, FormScreen)
            assert "sunspots/8" in lines(lab)[0]


class TestFooter:
    async def test_a_click_does_what_the_key_does(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.click(offset=place_of(lab, "n new"))
            await comes_to(lab, NewScreen)

    async def test_a_drag_copies_what_is_seen(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await shows(lab, "e export")
            end = len(lines(lab)[-1])
            assert await dragged(lab, (1, 23), (end, 23)) == lines(lab)[-1].strip()
            assert type(lab.app.screen) is HomeScreen


class TestForm:
    async def test_a_drag_copies_fields_with_their_labels_and_notes_as_they_are_seen(
        self, home: Home
    ) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "77")
            await filled(lab, "time_steps", "5000")
            await shows(lab, "• was 35", "✗ must be a…")
            top = place_of(lab, "epochs  ")[1]
            right = line_with(lab, "epochs  ").index("│")
            rows = shown_rows(lab, top, top + 4, 1, right - 1)
            assert await dragged(lab, (1, top), (right - 2, top + 4)) == rows

    async def test_from_the_middle_of_a_label_to_the_middle_of_a_field(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "time_steps", "120")
            x, y = place_of(lab, "time_steps  ")
            field = lines(lab)[y].index("120")
            copied = await dragged(lab, (x + 5, y), (field + 2, y))
            assert copied == lines(lab)[y][x + 5 : field + 2]
            assert held(lab, "time_steps") == "120"

    async def test_of_a_value_that_is_longer_than_its_field_what_is_seen(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "series", "x" * 30 + "y" * 9)
            y = place_of(lab, "series  ")[1]
            end = lines(lab)[y].index("│") - 2
            assert await dragged(lab, (1, y), (end + 1, y)) == lines(lab)[y][1 : end + 1].rstrip()

    async def test_inside_a_field_the_field_s_own_text_is_selected(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "activation", "tanh & relu")
            y = place_of(lab, "activation  ")[1]
            x = lines(lab)[y].index("tanh & relu")
            assert await dragged(lab, (x, y), (x + 4, y)) == "tanh"
