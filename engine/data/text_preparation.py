"""From a file's text to the characters that a network reads: which letters, which case, which lines.

The defaults of :class:`TextPreparation` are the preparation of the report's program. No preparation lets a control
character through but ``\\n``, the line end of a text whose lines are kept.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from engine.data import gutenberg
from engine.data_options import REPORT_PREPARATION, TextPreparation
from engine.sanitise import printable

_MOST_NAMED = 8
# The report's program knows these alone; the others are dropped as any character that is no ASCII.
_REPORT_LINE_END = re.compile(r"\r\n|\r")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ASCII = re.compile("[ -~\n]+")
_NOT_ASCII = re.compile("[^ -~\n]+")
_EMPTY_LINES = re.compile("\n{3,}")
_JOINERS = "\u200c\u200d"
"""Format characters that belong to the spelling of Persian, of the languages of India, and of emoji."""


class LeftOut(BaseModel):
    """What a preparation left out of a text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    characters: int = 0
    kinds: int = 0
    """How many different characters they are."""
    commonest: tuple[tuple[str, int], ...] = ()
    """The commonest of them, and how often each was left out."""
    licence: int = 0
    """Characters of a library's licence and header, as they would be in the prepared text."""


@dataclass(frozen=True)
class PreparedText:
    """A prepared text. ``licence`` is how many of its characters are a library's licence and header."""

    text: str
    left_out: LeftOut = field(default_factory=LeftOut)
    licence: int = 0


def prepare(text: str, preparation: TextPreparation = REPORT_PREPARATION) -> str:
    """Return the characters that a network reads of a text."""
    return prepare_text(text, preparation).text


def prepare_text(text: str, preparation: TextPreparation = REPORT_PREPARATION) -> PreparedText:
    """Prepare a text.

    ``letters``: ``ascii`` drops every other character, ``all`` keeps every printable one in the normal form NFC. A tab
    becomes a space. ``lines``: ``join`` strips each line, drops empty ones and joins the others by single spaces;
    ``keep`` joins them by ``\\n``, without the spaces at their ends and with one empty line at most between two others.
    """
    book = gutenberg.find_book(text)
    if book is None:
        return PreparedText(*_prepare(text, preparation))
    whole, left_out_of_whole = _prepare(text, preparation)
    body, left_out_of_body = _prepare(text[book], preparation)
    licence = len(whole) - len(body)
    if preparation.licence == "drop":
        return PreparedText(body, left_out_of_body.model_copy(update={"licence": licence}))
    return PreparedText(whole, left_out_of_whole, licence)


def _prepare(text: str, preparation: TextPreparation) -> tuple[str, LeftOut]:
    text, dropped = (
        _prepare_ascii(text, preparation) if preparation.letters == "ascii" else _prepare_all(text, preparation)
    )
    counts = Counter(dropped)
    return text, LeftOut(characters=len(dropped), kinds=len(counts), commonest=tuple(counts.most_common(_MOST_NAMED)))


def _prepare_ascii(text: str, preparation: TextPreparation) -> tuple[str, str]:
    """Return a text in ASCII, and what was dropped.

    In the order of the report's program: lines are stripped before characters are dropped, so that a space beside a
    dropped character at a line's end stays where lines are joined.
    """
    if preparation.case == "lower":
        text = text.lower()
    lines = _REPORT_LINE_END.sub("\n", text).split("\n")
    if preparation.lines == "join":
        stripped = "\n".join(line.strip() for line in lines).replace("\t", " ")
        joined = " ".join(line for line in _NOT_ASCII.sub("", stripped).split("\n") if line)
    else:
        stripped = "\n".join(line.rstrip() for line in lines).replace("\t", " ")
        joined = _tidy_lines(_NOT_ASCII.sub("", stripped))
    return joined, _ASCII.sub("", stripped)


def _prepare_all(text: str, preparation: TextPreparation) -> tuple[str, str]:
    """Return a text in all its printable characters, and what was dropped."""
    text = _LINE_END.sub("\n", text).replace("\t", " ")
    unprintable = [char for char in set(text) if char not in _JOINERS and char != "\n" and not printable(char)]
    dropped = ""
    if unprintable:
        pattern = "[" + "".join(map(re.escape, unprintable)) + "]+"
        dropped = "".join(re.findall(pattern, text))
        text = re.sub(pattern, "", text)
    text = unicodedata.normalize("NFC", text)
    if preparation.case == "lower":
        text = unicodedata.normalize("NFC", text.lower())
    if preparation.lines == "keep":
        return _tidy_lines(text), dropped
    lines = (line.strip() for line in text.split("\n"))
    return " ".join(line for line in lines if line), dropped


def _tidy_lines(text: str) -> str:
    """Take off spaces at the ends of lines and empty lines at both ends; leave one empty line between two others."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", lines).strip("\n")
