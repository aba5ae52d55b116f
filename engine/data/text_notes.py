"""What a person should know about a prepared text before trusting what is learned from it."""

import unicodedata

from engine.data.catalog import ALICE
from engine.data.text_preparation import LeftOut
from engine.data.texts import Corpus
from engine.language import _, ngettext
from engine.sanitise import LINE_END_MARK, printable
from engine.trials.data_options import TextPreparation

_VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def text_notes(corpus: Corpus, *, in_form: bool = False) -> list[str]:
    """Return notes on what was left out, on a library's licence, and on markup in a text.

    There are none on the report's text as the report's program prepares it. ``in_form``: options
    are written as the form's fields, not as the command's options.
    """
    if corpus.is_report_text:
        return []
    option = "{} = {}" if in_form else "--{} {}"
    notes = []
    if corpus.left_out.characters:
        message = describe_left_out(corpus.left_out) + "."
        if corpus.preparation.letters == "ascii" and any(
            map(_is_shown, dict(corpus.left_out.commonest))
        ):
            message += " " + _("{option} keeps them.").format(
                option=option.format("letters", "all")
            )
        notes.append(message)
    if corpus.licence and corpus.name != ALICE:
        notes.append(
            ngettext(
                "{n:,} character ({percent:.0f} %) is the library's licence: {option} leaves it "
                "out.",
                "{n:,} characters ({percent:.0f} %) are the library's licence: {option} leaves it "
                "out.",
                corpus.licence,
            ).format(
                n=corpus.licence,
                percent=100 * corpus.licence / max(1, len(corpus.text)),
                option=option.format("licence", "drop"),
            )
        )
    if corpus.preparation.licence == "drop":
        notes.append(_describe_dropped_licence(corpus.left_out))
    if corpus.markup:
        kind, remedy = corpus.markup
        notes.append(
            _("It is {kind}, whose markup is read as text. {remedy}").format(
                kind=kind, remedy=remedy
            )
        )
    return notes


def describe_left_out(left_out: LeftOut) -> str:
    """Return how many characters were left out, and the commonest, without a full stop."""
    if not left_out.characters:
        return _("0 left out")
    listed = ", ".join(f"{name_character(char)} ({count:,})" for char, count in left_out.commonest)
    if left_out.kinds > len(left_out.commonest):
        listed += ", " + _("and others")
    kinds = ngettext("{n:,} kind", "{n:,} kinds", left_out.kinds).format(n=left_out.kinds)
    return ngettext(
        "{n:,} character of {kinds} left out: {named}",
        "{n:,} characters of {kinds} left out: {named}",
        left_out.characters,
    ).format(n=left_out.characters, kinds=kinds, named=listed)  # fmt: skip


def describe_preparation(preparation: TextPreparation) -> str:
    """Return how a text was prepared: every option and its value."""
    return ", ".join(f"{name} {value}" for name, value in preparation)


def count_characters(count: int) -> str:
    """Return the length of a text as text: ``"8,412 characters"``."""
    return ngettext("{n:,} character", "{n:,} characters", count).format(n=count)


def _describe_dropped_licence(left_out: LeftOut) -> str:
    if not left_out.licence:
        return _("It has no licence of Project Gutenberg to leave out.")
    return _("The library's licence is left out, {characters}.").format(
        characters=count_characters(left_out.licence)
    )


def name_character(char: str) -> str:
    """Return a visible form of a character: a space by its name, invisible ones by number."""
    if char == " ":
        return _("space")
    if char == "\n":
        return LINE_END_MARK
    if not _is_shown(char) or char in _VARIATION_SELECTORS:
        return f"U+{ord(char):04X}"
    # A combining mark needs a character before it.
    return f"◌{char}" if unicodedata.category(char).startswith("M") else char


def _is_shown(char: str) -> bool:
    return bool(printable(char).strip())
