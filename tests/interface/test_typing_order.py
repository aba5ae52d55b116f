"""Keys that come in one packet, as after a stall of the link, have the effect that they have one by
one.
"""

from collections.abc import Sequence

import pytest
from helpers.app import (
    Lab,
    comes_to,
    filled,
    form,
    held,
    laboratory,
    the_app,
    the_field,
)
from helpers.line_model import (
    BACKSPACE,
    DELETE,
    END,
    HOME,
    KEYS,
    KILL_LEFT,
    KILL_RIGHT,
    LEFT,
    TO_END,
    TO_START,
    Line,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.message import Message
from textual.widgets import Input

from engine.host.home import Home
from tui.screens.form import FormScreen


async def packet(lab: Lab, sent: str) -> None:
    """Have the bytes of a terminal arrive together, and wait until all of them have been
    answered.
    """
    arrived: list[Message] = list(XTermParser().feed(sent))
    for message in arrived:
        message.set_sender(lab.app)
        lab.app.post_message(message)
    await the_app(lab).handle_all_keys()


PACKETS = st.lists(st.lists(KEYS, min_size=2, max_size=14), min_size=15, max_size=15)


class TestOneField:
    @pytest.mark.parametrize(
        ("sent", "value"),
        [
            (["1", "0", "0", BACKSPACE, "5"], "105"),
            (["2", "4", LEFT, "5"], "254"),
            (["1", "2", BACKSPACE, BACKSPACE, BACKSPACE, BACKSPACE, *"12345"], "12345"),
            ([*"345", HOME, *"12", END, "6"], "123456"),
            ([*"12", LEFT, DELETE, "0"], "10"),
            ([*"999", TO_START, KILL_RIGHT, *"64"], "64"),
            ([*"99", KILL_LEFT, *"7", TO_START, "1", TO_END, "0"], "170"),
            ([*"12", LEFT, "\x1b[200~00\x1b[201~", "3"], "10032"),
        ],
        ids=["backspace", "left", "backspaces", "home-end", "delete", "ctrl+k", "ctrl+u", "paste"],
    )
    async def test_editing_keys_keep_their_place_among_letters(
        self, home: Home, sent: list[str], value: str
    ) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "")
            await packet(lab, "".join(sent))
            assert held(lab, "epochs") == value

    @given(packets=PACKETS)
    @settings(
        max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    async def test_any_packet_is_answered_in_its_order(
        self, home: Home, packets: Sequence[Sequence[str]]
    ) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "")
            line = Line()
            for sent in packets:
                await packet(lab, "".join(sent))
                for key in sent:
                    line.take(key)
                field = lab.app.screen.query_one("#field-epochs", Input)
                assert (field.value, field.cursor_position) == (line.text, line.at), sent


class TestManyFields:
    async def test_what_follows_a_move_lands_in_the_next_field(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await packet(lab, "12\x1b[B4\t24\x1b[A\x7f5")
            assert [held(lab, name) for name in ("epochs", "batch_size", "time_steps")] == [
                "12",
                "5",
                "24",
            ]

    async def test_what_follows_a_reset_is_added_to_the_value_that_came_back(
        self, home: Home
    ) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await packet(lab, "64\x120")
            assert held(lab, "epochs") == "350"


class TestPages:
    async def test_letters_wait_for_the_field_of_a_page_that_opens(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await packet(lab, "n\r64")
            await comes_to(lab, FormScreen)
            assert (the_field(lab), held(lab, "epochs")) == ("epochs", "64")

    async def test_going_back_and_forth_loses_nothing(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await packet(lab, "n\r\x1b[27u\x1b[B\r\x1b[B7")
            await comes_to(lab, FormScreen)
            assert (the_field(lab), held(lab, "batch_size")) == ("batch_size", "7")
            title = lab.app.screen.query_one(".title")
            assert "sunspots/6" in str(title.render())
