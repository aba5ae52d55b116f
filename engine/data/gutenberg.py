"""The books within a text of Project Gutenberg, between the library's header and its licence.

Since about 2004 lines such as ``*** START OF THE PROJECT GUTENBERG EBOOK TITLE ***`` mark a book.
Older files have their terms on top, "the small print", whose last line is ``*END*THE SMALL PRINT!
…*END*``, and end with ``End of Project Gutenberg's Etext of TITLE``.
"""

import re

_FLAGS = re.IGNORECASE | re.MULTILINE
# A long title continues on the next line or two. Some files lack the closing stars.
_TITLE = r"(?:[^*\n]*(?:\n[^*\n]+){0,3}\*{2,}|[^\n]*)[^\n]*$"
_START = re.compile(
    r"^[ \t]*\*{2,}[ \t]*START OF (?:THE |THIS )?PROJECT GUTENBERG" + _TITLE
    + r"|^[ \t]*\*+[ \t]*END[ \t*]*(?:OF )?THE SMALL PRINT![^\n]*$",
    _FLAGS,
)  # fmt: skip
_END = re.compile(
    r"^[ \t]*\*{2,}[ \t]*END OF (?:THE |THIS )?PROJECT GUTENBERG"
    r"|^[ \t]*END OF (?:THE |THIS )?PROJECT GUTENBERG"
    r"|^[ \t]*\*{2,}[ \t]*START: FULL LICEN[CS]E",
    _FLAGS,
)


def find_books(text: str) -> tuple[slice, ...]:
    """Return the slices of ``text`` that are books; () if there is no header or licence.

    A file put together from several books has a header and a licence around each of them.
    """
    if not re.search("gutenberg|small print!", text, re.IGNORECASE):
        return ()
    # "$" matches only "\n", and replacing the other line ends must not shift positions.
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    marks = sorted([*_START.finditer(lines), *_END.finditer(lines)], key=lambda mark: mark.start())
    if not marks:
        return ()
    books: list[slice] = []
    # Without a header the book begins at the start of the file.
    begin: int | None = 0 if marks[0].re is _END else None
    began_with_header = False
    for mark in marks:
        is_header = mark.re is _START and "small print!" not in mark[0].lower()
        # Small print may stand between a header and its book. A second header can't: the first book
        # has no end mark.
        if begin is not None and (mark.re is _END or (is_header and began_with_header)):
            books.append(slice(begin, mark.start()))
        begin = mark.end() if mark.re is _START else None
        began_with_header = is_header
    if begin is not None:
        books.append(slice(begin, len(lines)))
    # Small print below the book, as in some of the oldest files, does not begin another book.
    return tuple(book for book in books if lines[book].strip()) or tuple(books[:1])
