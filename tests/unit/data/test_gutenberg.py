"""The header and the licence of Project Gutenberg's texts, in the many forms that they have had."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.gutenberg import find_books
from engine.data.text_preparation import prepare_text
from engine.trials.data_options import TextPreparation

BOOK = "CHAPTER I\n\nIt was a dark night; the *river* was dark.\n\nTHE END"
HEADER = (
    "The Project Gutenberg eBook of A Tale\n\nThis ebook is for the use of anyone anywhere.\n\n"
)
LICENCE = (
    "\nUpdated editions will replace the previous one.\n\n*** START: FULL LICENSE "
    "***\n\nSection 1.\n"
)
STARTS = [
    "*** START OF THE PROJECT GUTENBERG EBOOK A TALE ***",
    "*** START OF THIS PROJECT GUTENBERG EBOOK A TALE ***",
    "***START OF THE PROJECT GUTENBERG EBOOK A TALE***",
    "*** START OF THE PROJECT GUTENBERG EBOOK 4321 ***",
    "*** START OF THE PROJECT GUTENBERG EBOOK A TALE, BEING THE TRUE\nHISTORY OF A RIVER ***",
    "*** START OF THE PROJECT GUTENBERG EBOOK, A TALE ***",
    "***START OF THE PROJECT GUTENBERG ETEXT A TALE***",
    "*** START OF PROJECT GUTENBERG EBOOK A TALE ***",
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
    "*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*",
    "**END**THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS**END**",
]
ENDS = [
    "*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***",
    "*** END OF THIS PROJECT GUTENBERG EBOOK A TALE ***",
    "***END OF THE PROJECT GUTENBERG EBOOK A TALE***",
    "End of the Project Gutenberg EBook of A Tale, by Anonymous\n\n*** END OF THIS PROJECT "
    "GUTENBERG EBOOK A TALE ***",
    "End of Project Gutenberg's A Tale, by Anonymous",
    "End of Project Gutenberg’s Etext of A Tale",
    "End of The Project Gutenberg Etext of A Tale",
]


def body_of(text: str) -> str:
    (book,) = find_books(text)
    return text[book].strip()


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("end", ENDS)
def test_the_book_is_found_between_its_marks(start: str, end: str) -> None:
    assert body_of(f"{HEADER}{start}\n\n{BOOK}\n\n{end}\n{LICENCE}") == BOOK


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
@pytest.mark.parametrize("start", STARTS)
def test_the_kind_of_line_end_makes_no_difference(start: str, line_end: str) -> None:
    text = f"{HEADER}{start}\n\n{BOOK}\n\n{ENDS[0]}\n{LICENCE}".replace("\n", line_end)
    assert body_of(text) == BOOK.replace("\n", line_end)


@pytest.mark.parametrize("start", STARTS)
def test_a_header_alone_is_left_out(start: str) -> None:
    assert body_of(f"{HEADER}{start}\n{BOOK}") == BOOK


@pytest.mark.parametrize("end", ENDS)
def test_a_licence_alone_is_left_out(end: str) -> None:
    assert body_of(f"{BOOK}\n{end}\n{LICENCE}") == BOOK


def test_small_print_below_the_book_is_no_header() -> None:
    text = (
        f"{BOOK}\n\n{ENDS[4]}\n\n***START**THE SMALL PRINT!FOR PUBLIC DOMAIN "
        f"ETEXTS**START***\nTerms.\n{STARTS[8]}\n"
    )
    assert body_of(text) == BOOK


def test_small_print_above_the_book_has_its_own_start() -> None:
    text = (
        f"{HEADER}***START**THE SMALL PRINT!FOR PUBLIC DOMAIN "
        f"ETEXTS**START***\nTerms.\n{STARTS[8]}\n{BOOK}\n{ENDS[4]}"
    )
    assert body_of(text) == BOOK


def books_of(text: str) -> list[str]:
    return [text[book].strip() for book in find_books(text)]


@given(st.lists(st.tuples(st.sampled_from(STARTS), st.sampled_from(ENDS)), min_size=2, max_size=4))
def test_several_books_in_one_file_are_all_found(marks: list[tuple[str, str]]) -> None:
    books = [f"{BOOK} {n}" for n in range(len(marks))]
    text = "".join(
        f"{HEADER}{start}\n\n{book}\n\n{end}\n{LICENCE}"
        for book, (start, end) in zip(books, marks, strict=True)
    )
    assert books_of(text) == books
    dropped = prepare_text(text, TextPreparation(letters="all", case="keep", licence="drop"))
    assert dropped.text == " ".join(books).replace("\n\n", " ")


def test_a_second_header_ends_a_book_that_has_no_mark_at_its_end() -> None:
    first, second = books_of(
        f"{STARTS[0]}\n{BOOK}\n{HEADER}{STARTS[1]}\n{BOOK}\n{ENDS[0]}\n{LICENCE}"
    )
    assert first.startswith(BOOK)
    assert second == BOOK


@pytest.mark.parametrize(
    "text",
    [
        "",
        BOOK,
        "I read it at Project Gutenberg. The end of Project Gutenberg?",
        "*** START OF THE BOOK ***\nx\n*** END ***",
    ],
)
def test_other_texts_have_none(text: str) -> None:
    assert find_books(text) == ()


@given(
    st.sampled_from(["", *STARTS]), st.sampled_from(["", *ENDS]),
    st.text("abc .\n*", max_size=60).map(str.strip),
    st.sampled_from(["keep", "join"]),
)  # fmt: skip
def test_what_is_said_to_be_licence_is_what_leaving_it_out_takes_off(
    start: str, end: str, book: str, lines: str
) -> None:
    text = f"{HEADER}{start}\n\n{book}\n\n{end}\n"
    kept, dropped = (
        prepare_text(
            text,
            TextPreparation.model_validate({"letters": "all", "lines": lines, "licence": licence}),
        )
        for licence in ("keep", "drop")
    )
    assert len(kept.text) - len(dropped.text) == kept.licence == dropped.left_out.licence
    assert dropped.licence == kept.left_out.licence == 0
    assert dropped.text in kept.text
    assert (kept.licence > 0) == bool(start or end)


def test_long_files_that_only_nearly_have_marks_are_read_to_their_end() -> None:
    # A pattern that tried every way of splitting them would never come back.
    assert (
        find_books("gutenberg" + " *" * 50_000 + "\n*END" * 20_000 + "\n*** START OF" * 20_000)
        == ()
    )
