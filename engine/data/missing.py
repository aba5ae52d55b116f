"""What tables contain in place of a number: nothing, dashes, words of programs and of offices."""

import re
from collections.abc import Collection, Sequence

_UNREPORTED = frozenset({
    "", "na", "n/a", "#n/a", "nan", "null", "none", "nd", "-", "--", "---", "–", "—", ".", "..",
    "...", "…", "?",
    "**", "***", "****", "*****",
})  # fmt: skip
_WORDS = frozenset({
    # pandas, SQL, C and Fortran.
    "<na>", "nat", "<null>", "(null)", r"\n", "-nan", "+nan", "nan(ind)", "-nan(ind)",
    # What a spreadsheet could not calculate.
    "#value!", "#div/0!", "#ref!", "#num!", "#name?", "#null!", "#na", "#wert!", "#zahl!",
    "#bezug!", "#nv",
    "#¡valor!", "#¡div/0!", "#¡num!",
    # People, in a few languages.
    "n.a.", "n. a.", "n.a", "n.d.", "n. d.", "n/d", "s/d", "s.d.", "k.a.", "k. a.", "n.v.",
    "missing", "not available", "no data", "nodata", "no value", "sin dato", "sin datos",
})  # fmt: skip
"""Reported, with their count, when read as missing: they are rarer, and might be a mistake."""
_ALL = _UNREPORTED | _WORDS
_WITH_FLAG = re.compile(r":\s?[a-z]{0,3}")
"""Eurostat's colon with a flag, as ``: u``."""


class MissingWord(str):
    """A cell that stands for a missing value because the person said so."""

    __slots__ = ()


def is_missing(cell: str) -> bool:
    """Return whether a cell means that there is no number."""
    if isinstance(cell, MissingWord):
        return True
    first = cell[:1]
    # Most cells are numbers, and no word begins with a digit.
    return not "0" <= first <= "9" and (
        cell.lower() in _ALL or (first == ":" and bool(_WITH_FLAG.fullmatch(cell)))
    )


def is_missing_word(cell: str) -> bool:
    """Return whether a cell is one of the words that are reported when read as missing."""
    return not isinstance(cell, MissingWord) and cell.lower() in _WORDS


def mark_missing_words(cells: Sequence[str], folded_words: Collection[str]) -> list[str]:
    """Return a row's cells with those among the case-folded words as :class:`MissingWord`."""
    return [MissingWord(cell) if cell.casefold() in folded_words else cell for cell in cells]
