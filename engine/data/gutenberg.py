"""Where the book is in a text of Project Gutenberg: between the library's header and its licence.

Since about 2004 lines as ``*** START OF THE PROJECT GUTENBERG EBOOK TITLE ***`` mark it. Older files have their terms
on top, "the small print", whose last line is ``*END*THE SMALL PRINT! …*END*``, and end with ``End of Project
Gutenberg's Etext of TITLE``.
"""

import re

_FLAGS = re.IGNORECASE | re.MULTILINE
# A long title goes on in the next line or two. Some files lack the closing stars.
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


def find_book(text: str) -> slice | None:
    """Return where in ``text`` the book is; None if there is no header and no licence of Project Gutenberg's."""
    if not re.search("gutenberg|small print!", text, re.IGNORECASE):
        return None
    # "$" knows one line end alone, and the others must not move what is found.
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    first, last = _START.search(lines), _END.search(lines)
    if first is None and last is None:
        return None
    # Small print that stands below the book, as in some of the oldest files, begins no book.
    has_header = first is not None and (last is None or first.start() < last.start())
    begin = first.end() if first and has_header else 0
    last = _END.search(lines, begin)
    end = last.start() if last else len(lines)
    for start in _START.finditer(lines, begin, end):
        begin = start.end()
    return slice(begin, end)
