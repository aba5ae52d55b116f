"""From a file's text to the characters that a network reads: which letters, case and lines.

The defaults of :class:`TextPreparation` are the preparation of the report's program. No preparation
keeps control characters except ``\\n``, the line end of a text whose lines are kept.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict

from engine.data import gutenberg
from engine.sanitise import printable
from engine.trials.data_options import REPORT_PREPARATION, TextPreparation

_MOST_NAMED = 8
# The report's program knows only these; the others are dropped like any non-ASCII character.
_REPORT_LINE_END = re.compile(r"\r\n|\r")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ASCII = re.compile("[ -~\n]+")
_NOT_ASCII = re.compile("[^ -~\n]+")
_EMPTY_LINES = re.compile("\n{3,}")
_JOINERS = "\u200c\u200d"
"""Format characters needed to write Persian, the languages of India, and emoji."""


class LeftOut(BaseModel):
    """What a preparation left out of a text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    characters: int = 0
    kinds: int = 0
    """How many different characters they are."""
    commonest: tuple[tuple[str, int], ...] = ()
    """The commonest of them, and how often each was left out."""
    licence: int = 0
    """Characters of a library's licence and header, counted as in the prepared text."""


@dataclass(frozen=True)
class PreparedText:
    """A prepared text, with what was counted on the way."""

    text: str
    left_out: LeftOut
    lines: int
    """Lines of the file that are not empty once prepared."""
    licence: int = 0
    """How many of the text's characters are a library's licence and header."""


def prepare(text: str, preparation: TextPreparation = REPORT_PREPARATION) -> str:
    """Return the characters of a text that a network reads."""
    return prepare_text(text, preparation).text


def prepare_text(text: str, preparation: TextPreparation = REPORT_PREPARATION) -> PreparedText:
    """Prepare a text.

    ``letters``: ``ascii`` drops every other character, ``all`` keeps every printable one in normal
    form NFC. A tab becomes a space. ``lines``: ``join`` strips each line, drops empty ones and
    joins the others with single spaces; ``keep`` joins them with ``\\n``, without trailing spaces
    and with at most one empty line between two others.
    """
    books = gutenberg.find_books(text)
    if not books:
        return _prepare(text, preparation)
    with_licence = _prepare(text, preparation)
    without_licence = _prepare("\n\n".join(text[book] for book in books), preparation)
    licence = len(with_licence.text) - len(without_licence.text)
    if preparation.licence == "keep":
        return replace(with_licence, licence=licence)
    return replace(
        without_licence, left_out=without_licence.left_out.model_copy(update={"licence": licence})
    )


def _prepare(text: str, preparation: TextPreparation) -> PreparedText:
    prepare_lines = _prepare_ascii if preparation.letters == "ascii" else _prepare_all
    lines, dropped = prepare_lines(text, preparation)
    if preparation.lines == "join":
        prepared = " ".join(line for line in lines if line)
    else:
        prepared = _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")
    counts = Counter(dropped)
    left_out = LeftOut(
        characters=len(dropped), kinds=len(counts), commonest=tuple(counts.most_common(_MOST_NAMED))
    )
    return PreparedText(prepared, left_out, sum(map(bool, lines)))


def _prepare_ascii(text: str, preparation: TextPreparation) -> tuple[list[str], str]:
    """Return the lines of a text in ASCII, and what was dropped.

    In the order of the report's program: lines are stripped before characters are dropped, so that
    a space beside a dropped character at a line's end stays if lines are joined.
    """
    if preparation.case == "lower":
        text = text.lower()
    strip = str.strip if preparation.lines == "join" else str.rstrip
    stripped = "\n".join(map(strip, _REPORT_LINE_END.sub("\n", text).split("\n"))).replace(
        "\t", " "
    )
    return _NOT_ASCII.sub("", stripped).split("\n"), _ASCII.sub("", stripped)


def _prepare_all(text: str, preparation: TextPreparation) -> tuple[list[str], str]:
    """Return the lines of a text in all its printable characters, and what was dropped."""
    text = _LINE_END.sub("\n", text).replace("\t", " ")
    unprintable = [
        char for char in set(text) if char not in _JOINERS and char != "\n" and not printable(char)
    ]
    dropped = ""
    if unprintable:
        pattern = "[" + "".join(map(re.escape, unprintable)) + "]+"
        dropped = "".join(re.findall(pattern, text))
        text = re.sub(pattern, "", text)
    text = unicodedata.normalize("NFC", text)
    if preparation.case == "lower":
        text = unicodedata.normalize("NFC", text.lower())
    strip = str.strip if preparation.lines == "join" else str.rstrip
    return list(map(strip, text.split("\n"))), dropped
