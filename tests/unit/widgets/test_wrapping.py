"""Typed text: where lines break, and how soon characters appear."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.wrapping import BEHIND, FASTEST, READABLE, Pace, shares, wrap

PIECES = st.sampled_from(["a", "b", " ", "\n", "é", "e\u0301", "世", "❤️", "👍🏽", "🇪🇸", "कि"])
PROSE = (
    st.text(alphabet="ab ,é世\n", max_size=200)
    | st.text(max_size=60)
    | st.lists(PIECES, max_size=80).map("".join)
)


class TestWrap:
    @given(PROSE, st.integers(2, 40))
    def test_loses_nothing_and_fits(self, text: str, width: int) -> None:
        lines = wrap(text, width)
        assert "".join(lines) == text
        assert all(lines)
        assert all(cell_len(line) <= width for line in lines)

    @given(PROSE, st.integers(2, 40), st.integers(0, 200))
    def test_settled_lines_stay_when_text_is_added(self, text: str, width: int, cut: int) -> None:
        before = wrap(text[:cut], width)
        assert wrap(text, width)[: max(0, len(before) - 1)] == before[:-1]

    @given(PROSE, st.integers(2, 40), st.integers(0, 200))
    def test_the_last_line_is_enough_to_go_on_from(self, text: str, width: int, cut: int) -> None:
        settled = wrap(text[:cut], width)[:-1]
        assert settled + wrap(text[len("".join(settled)) :], width) == wrap(text, width)

    @given(st.text(alphabet="abc ", max_size=200), st.integers(6, 40))
    def test_breaks_words_only_where_there_is_no_blank(self, text: str, width: int) -> None:
        lines = wrap(text, width)
        assert all(line.endswith(" ") or " " not in line for line in lines[:-1])

    @given(PROSE, st.integers(2, 40))
    def test_every_line_end_ends_a_line_and_no_mark_is_parted_from_its_letter(
        self, text: str, width: int
    ) -> None:
        lines = wrap(text, width)
        assert all("\n" not in line[:-1] for line in lines)
        # A mark that follows a line end has no letter to be parted from.
        broken = [line for before, line in pairwise(lines) if not before.endswith("\n")]
        assert all(line[0].isascii() or cell_len(line[0]) for line in broken)

    def test_breaks_at_line_ends(self) -> None:
        assert wrap("she\nwas\n\nmad\n", 8) == ["she\n", "was\n", "\n", "mad\n"]
        assert wrap("abcd\nefgh", 4) == ["abcd\n", "efgh"]
        assert wrap("a ❤️❤️❤️", 5) == ["a ", "❤️❤️", "❤️"]

    def test_breaks_after_a_blank(self) -> None:
        assert wrap("she was she was", 8) == ["she was ", "she was"]
        assert wrap("she was she was", 10) == ["she was ", "she was"]

    def test_keeps_every_blank(self) -> None:
        assert wrap("  a   b  ", 4) == ["  a ", "  b ", " "]
        assert wrap("     ", 2) == ["  ", "  ", " "]

    def test_cuts_what_has_no_blank(self) -> None:
        assert wrap("abcdefgh", 3) == ["abc", "def", "gh"]

    def test_a_wide_character_that_fits_nowhere_has_its_line(self) -> None:
        assert wrap("世a界", 1) == ["世", "a", "界"]

    def test_nothing_has_no_lines(self) -> None:
        assert wrap("", 10) == []


class TestShares:
    @given(PROSE, st.integers(2, 40), st.integers(0, 200))
    def test_adds_up_to_the_seed(self, text: str, width: int, count: int) -> None:
        lines = wrap(text, width)
        count = min(count, len(text))
        held = shares(lines, count)
        assert sum(held) == count
        assert all(share == len(line) for share, line in zip(held[:-1], lines, strict=False))


class TestPace:
    def test_is_readable(self) -> None:
        pace = Pace()
        pace.arrive(100)
        pace.advance(1.0)
        assert pace.shown == READABLE
        assert pace.waiting == 100 - READABLE

    def test_hurries_when_much_waits(self) -> None:
        pace = Pace()
        pace.arrive(600)
        pace.advance(BEHIND)
        assert pace.shown == 600

    def test_what_the_wire_does_not_bear_appears_at_once(self) -> None:
        pace = Pace()
        pace.arrive(100_000)
        assert pace.waiting == FASTEST * BEHIND
        pace.advance(1.0)
        assert pace.waiting == FASTEST * (BEHIND - 1)

    def test_is_readable_again_after_a_hurry(self) -> None:
        pace = Pace()
        pace.arrive(900)
        pace.advance(BEHIND)
        pace.arrive(1000)
        pace.advance(1.0)
        assert pace.shown == 900 + READABLE

    @given(st.lists(st.tuples(st.floats(0.01, 2), st.integers(0, 2000)), min_size=1, max_size=20))
    def test_no_character_waits_longer_than_it_may(self, steps: list[tuple[float, int]]) -> None:
        pace, now, total = Pace(), 0.0, 0
        due: list[tuple[float, int]] = []
        for seconds, more in steps:
            pace.advance(seconds)
            now += seconds
            total += more
            pace.arrive(total)
            due.append((now + BEHIND, total))
            assert all(pace.shown >= there - 1e-6 - 1 for by, there in due if by <= now)
            assert pace.shown <= total

    def test_finish_shows_all(self) -> None:
        pace = Pace()
        pace.arrive(100)
        pace.finish()
        assert pace.shown == 100
        assert pace.waiting == 0

    @pytest.mark.parametrize("seconds", [0.0, 1e9])
    def test_never_shows_what_has_not_arrived(self, seconds: float) -> None:
        pace = Pace()
        pace.advance(seconds)
        assert pace.shown == 0
