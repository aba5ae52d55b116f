"""Messages that must fit: what happened gives way, what to do about it never."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.message_line import fit_message
from tui.widgets.wrapping import wrap

WORDS = st.lists(st.text("abcdefgh./:", min_size=1, max_size=30), min_size=1, max_size=40).map(
    " ".join
)
URL = "https://www.gutenberg.org/cache/epub/11/pg11.txt"


def fits(width: int, lines: int) -> Callable[[str], bool]:
    """Return what tells whether a text fits into ``lines`` lines."""
    return lambda text: len(wrap(text, width)) <= lines


@given(WORDS, WORDS, st.integers(10, 80), st.integers(1, 6))
def test_what_to_do_is_whole(what: str, remedy: str, width: int, lines: int) -> None:
    assert fit_message(what, remedy, fits(width, lines)).endswith(remedy)


@given(WORDS, WORDS, st.integers(10, 80), st.integers(1, 6))
def test_it_fits_where_what_to_do_does(what: str, remedy: str, width: int, lines: int) -> None:
    room = fits(width, lines)
    if room(remedy):
        assert room(fit_message(what, remedy, room))


@given(WORDS, WORDS, st.integers(10, 80), st.integers(1, 6))
def test_as_much_as_fits_of_what_happened(what: str, remedy: str, width: int, lines: int) -> None:
    room = fits(width, lines)
    shown = fit_message(what, remedy, room)
    kept = shown.removesuffix(remedy).rstrip().removesuffix("…")
    if kept and what.startswith(kept) and shown != f"{what} {remedy}":
        assert not room(f"{what[: len(kept) + 2]}… {remedy}")


def test_nothing_is_cut_without_need() -> None:
    assert (
        fit_message(f"Can't fetch {URL}.", "Give a file.", fits(80, 1))
        == f"Can't fetch {URL}. Give a file."
    )


def test_addresses_lose_their_middle_first() -> None:
    shown = fit_message(f"Can't fetch {URL}: no route.", "Give a file.", fits(75, 1))
    assert shown == "Can't fetch https://www.gutenberg.org/…/pg11.txt: no route. Give a file."


def test_then_what_happened_loses_its_end() -> None:
    shown = fit_message(f"Can't fetch {URL}: no route to the host.", "Give a file.", fits(40, 1))
    assert shown.startswith("Can't fetch")
    assert shown.endswith("… Give a file.")
