"""Numbers as tables write them: decimal marks, thousands, units, flags, and missing values.

A column is read in every style in which all of its cells are numbers. If that leaves two different
readings, what the column or the file shows decides; if nothing does, the person is asked.
"""

import math
import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from engine.data.missing import is_missing as is_missing
from engine.errors import UsageError
from engine.language import _
from engine.sanitise import shorten
from engine.trials.data_options import AS_WRITTEN, SeriesReading

_SAMPLE = 1_000
_FEWEST_EVEN = 10
_FAR_GREATER = 10
_LONGEST_SHOWN = 40
_CODES = (
    "USD EUR GBP CHF JPY CNY CAD AUD NZD MXN ARS CLP COP PEN BRL UYU PYG BOB CRC DOP GTQ HNL SEK "
    "NOK DKK ISK PLN CZK "
    "HUF RON BGN TRY RUB UAH INR PKR BDT LKR IDR MYR THB VND PHP SGD HKD TWD KRW ZAR NGN KES EGP "
    "ILS SAR AED"
)
_SIGNS = r"kr\.?|Kr\.?|Rs\.?|S/\.?|Bs\.?|zł|Kč|Ft|RM|Rp\.?"
_CURRENCY = rf"(?:[A-Z]{{0,3}}[$¢£¥\u20a0-\u20cf]|{_CODES.replace(' ', '|')}|{_SIGNS})"
_QUANTITY = re.compile(
    rf"(?P<sign>[+-]?)(?P<before>{_CURRENCY}?)\s?"
    r"(?P<number>[+-]?[.,]?[0-9][0-9.,'_ ]*(?:[eE][+-]?[0-9]{1,3}|[dD][+-][0-9]{2,3})?)"
    r"(?P<after>(?:[^\W\d_]|[%‰°*†\[($¢£¥\u20a0-\u20cf]).{0,15})?"
)
_FLAG = re.compile(
    r"\s[bcdefinprsuvz]{1,2}|\s?[*†]{1,3}|\s?\([A-Za-z0-9]{1,3}\)|\s?\[[A-Za-z0-9]{1,3}\]"
)
"""What statistics offices write after a number: ``5.2 p`` for a provisional one."""
_BOUND = re.compile(r"([<>≤≥~]=?) ?[0-9.,]+")
"""A value that is only stated to be less, or more."""
_WITHOUT_DIGITS = re.compile("[^0-9]+")
_SMALL_UNIT = re.compile(rf"\s?(?:[%‰]|{_CURRENCY})")
_IN_PARENTHESES = re.compile(r"\(([^()+-]+)\)")
"""A negative number in accountants' notation."""
_THREE_DECIMALS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_ENDS_IN_ZERO = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{2}0")
_BELOW_THOUSAND = re.compile(r"[+-]?[0-9]{1,3}")
_SPACES = str.maketrans({
    "−": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u3000": " ", "’": "'",
    "．": ".", "，": ",", "－": "-", "＋": "+", "٫": ".", "٬": ",",
})  # fmt: skip
"""The typographer's minus, spaces and apostrophe; wide and Arabic marks."""


class Style(NamedTuple):
    """A way of writing numbers: the decimal mark, and the mark between thousands, if any."""

    decimal: str
    group: str
    pattern: "re.Pattern[str]"

    def value(self, number: str) -> float:
        """Return the value of a number written in this style."""
        return float(
            number.replace(self.group, "").replace(self.decimal, ".").upper().replace("D", "E")
        )


@cache
def styles(reading: SeriesReading = AS_WRITTEN) -> tuple[Style, ...]:
    """Return the styles in which a table's numbers may be written, the likelier first."""
    decimals = [
        mark
        for mark in (".", ",")
        if reading.decimal in ("auto", mark) and reading.thousands != mark
    ]
    groups = {"auto": ("", ",", ".", "'", " "), "none": ("",)}.get(
        reading.thousands, (reading.thousands,)
    )
    return tuple(
        _style(decimal, group) for decimal in decimals for group in groups if group != decimal
    )


def _style(decimal: str, group: str) -> Style:
    # No digit may match two parts of the pattern: a long run of them would be tried in every way.
    between, mark = re.escape(group), re.escape(decimal)
    whole = "[0-9]+" + (rf"|[1-9][0-9]{{0,2}}(?:{between}[0-9]{{3}})+" if group else "")
    if group == ",":
        # Indian grouping: 1,00,000.
        whole += r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
    return Style(
        decimal,
        group,
        re.compile(
            rf"[+-]?(?:(?:{whole})(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]{{1,3}}|[dD][+-][0-9]{{2,3}})?"
        ),
    )


_PLAIN = styles()[0].pattern
"""Matches most cells of most tables."""
_UNDERSCORE: Mapping[str, object] = {"thousands": "_"}
_MARKS = ("decimal", "thousands")
_READINGS = (AS_WRITTEN, SeriesReading(thousands="_"))


def is_number(cell: str, reading: SeriesReading = AS_WRITTEN) -> bool:
    """Return whether a cell is a number in some style, with or without a currency, % or a flag."""
    if is_integer(cell):
        return True
    quantity = _quantity(cell)
    if quantity is None or not _in_some_style(quantity.number, reading):
        return False
    return not quantity.after or any(
        pattern.fullmatch(quantity.after) for pattern in (_FLAG, _SMALL_UNIT)
    )


def is_quantity(cell: str) -> bool:
    """Return whether a cell is a number in any style, with or without a unit."""
    if _PLAIN.fullmatch(cell):
        return True
    quantity = _quantity(cell)
    return quantity is not None and any(
        _in_some_style(quantity.number, reading) for reading in _READINGS
    )


def count_with_unit(cells: Sequence[str], reading: SeriesReading = AS_WRITTEN) -> int:
    """Return how many cells are missing, or numbers with one common unit; 0 without such a unit."""
    present = [cell for cell in cells if not is_missing(cell)]
    unit, _flags, numbers = _strip_units(present)
    return (
        len(cells) - len(present) + sum(_in_some_style(number, reading) for number in numbers)
        if unit
        else 0
    )


def is_integer(cell: str) -> bool:
    """Return whether a cell is a whole number without a sign."""
    return cell.isascii() and cell.isdigit() and len(cell) <= 9


def counts_up(cells: Sequence[str]) -> bool:
    """Return whether cells are whole numbers that go up by one: an index, or years."""
    return all(map(is_integer, cells[:1])) and all(
        is_integer(following) and int(following) - int(previous) == 1
        for previous, following in pairwise(cells)
    )


def rises_evenly(cells: Sequence[str]) -> bool:
    """Return whether cells count, or rise in equal steps as a clock does: nothing to forecast.

    Equal steps of other numbers count only if there are many.
    """
    if counts_up(cells):
        return True
    if len(cells) < _FEWEST_EVEN or not all(map(_PLAIN.fullmatch, cells)):
        return False
    values = [styles()[0].value(cell) for cell in cells]
    step = (values[-1] - values[0]) / (len(values) - 1)
    return step > 0 and all(
        abs(following - previous - step) <= step / 1_000 for previous, following in pairwise(values)
    )


def mostly(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    """Return whether more than half of the cells that are not missing pass a test.

    Long columns are sampled.
    """
    present = [cell for cell in cells[:: max(1, len(cells) // _SAMPLE)] if not is_missing(cell)]
    return sum(map(test, present)) > len(present) / 2


def _in_some_style(number: str, reading: SeriesReading) -> bool:
    return any(style.pattern.fullmatch(number) for style in styles(reading))


class _Quantity(NamedTuple):
    before: str
    number: str
    after: str
    """With the space before it."""


def _quantity(cell: str) -> _Quantity | None:
    """Split a cell into a number and the text around it; None if there is no number."""
    text = cell if cell.isascii() else _with_plain_characters(cell)
    parentheses = _IN_PARENTHESES.fullmatch(text)
    match = _QUANTITY.fullmatch(f"-{parentheses[1].strip()}" if parentheses else text)
    if match is None:
        return None
    sign, before, number, after = (
        match["sign"],
        match["before"],
        match["number"],
        match["after"] or "",
    )
    bare = number.rstrip()
    if sign and bare[0] in "+-":
        return None
    return _Quantity(before, sign + bare, after and " " * (len(number) > len(bare)) + after)


def _with_plain_characters(cell: str) -> str:
    """Return a cell with digits of other scripts, spaces and signs replaced by ASCII."""
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in cell.translate(_SPACES)
    )


@dataclass(frozen=True)
class Numbers:
    """A column's numbers, NaN if one is missing, and what stood beside them."""

    values: list[float]
    unit: str = ""
    """What stands beside every number: a currency, a percent sign, a unit."""
    flags: Mapping[int, str] = field(default_factory=dict)
    """What stands beside some, by row from 0."""
    inferred_thousands: str = ""
    """The thousands mark, if a number alone does not show that it is not a decimal mark."""
    in_parentheses: int = 0
    """How many are negative because they are in parentheses."""


def read_number_column(
    cells: Sequence[str], lines: Sequence[int | str], origin: str
) -> list[float]:
    """Return the numbers of a column by itself, as :func:`read_numbers` does."""
    return read_numbers(cells, lines, origin).values


def read_numbers(
    cells: Sequence[str],
    lines: Sequence[int | str],
    origin: str,
    reading: SeriesReading = AS_WRITTEN,
    others: Iterable[Sequence[str]] = (),
) -> Numbers:
    """Return the numbers of a column. ``lines`` are the cells' lines in the file ``origin``.

    ``others`` are columns of the same file: their decimal mark decides if the column's own cells,
    such as ``1,580``, are ambiguous. Raises :class:`UsageError`, which names the line, if a cell is
    not a number or is too large, and if styles are mixed or can't be told apart.
    """
    present = [row for row, cell in enumerate(cells) if not is_missing(cell)]
    unit, flags, numbers = _strip_units([cells[row] for row in present])
    column = _Column(
        [cells[row] for row in present], numbers, [lines[row] for row in present], origin, reading
    )
    possible = _fitting_styles(numbers, reading)
    if not possible:
        raise column.error()
    inferred = None
    if not _are_alike(numbers, possible):
        inferred = _infer_style(numbers, possible, reading, others)
        mark = "," if any("," in number for number in numbers) else "."
        # A point is taken for a decimal point unless that would be odd. A comma could be either.
        if inferred is None and (mark == "," or _look_grouped(numbers) or _may_be_grouped(numbers)):
            raise column.ambiguity_error(mark)
    style = inferred or possible[0]
    values = [math.nan] * len(cells)
    for row, number in zip(present, numbers, strict=True):
        values[row] = style.value(number)
        if math.isinf(values[row]):
            raise column.refusal(
                _("{origin}, line {line}: {cell!r} is too large."), present.index(row)
            )
    return Numbers(
        values,
        unit,
        {present[row]: flag for row, flag in flags.items()},
        inferred.group if inferred else "",
        sum(cells[row].startswith("(") for row in present),
    )


def _strip_units(cells: Sequence[str]) -> tuple[str, dict[int, str], list[str]]:
    """Return a column's unit, the flags of some cells, and the numbers; "" if a cell has none."""
    if all(map(_PLAIN.fullmatch, cells)):
        return "", {}, list(cells)
    quantities = [_quantity(cell) for cell in cells]
    present = [quantity for quantity in quantities if quantity is not None]
    befores, afters = Counter(q.before for q in present), {q.after.strip() for q in present}
    before = befores.most_common(1)[0][0] if befores else ""
    unit = next(iter(afters)) if len(afters) == 1 else ""
    flags = {
        row: q.after.strip()
        for row, q in enumerate(quantities)
        if q and q.after.strip() != unit and _FLAG.fullmatch(q.after)
    }
    numbers = [
        q.number if q and q.before == before and (q.after.strip() == unit or row in flags) else ""
        for row, q in enumerate(quantities)
    ]
    return " … ".join(filter(None, (before, unit))), flags, numbers


def _are_alike(numbers: Sequence[str], possible: Sequence[Style]) -> bool:
    """Return whether numbers have the same values in each style."""
    doubtful = [number for number in numbers if "," in number or "." in number]
    return len(possible) == 1 or len({tuple(map(style.value, doubtful)) for style in possible}) == 1


def _infer_style(
    numbers: Sequence[str],
    possible: Sequence[Style],
    reading: SeriesReading,
    others: Iterable[Sequence[str]],
) -> Style | None:
    """Return the style that other columns, or the whole column, suggest; None if nothing does."""
    decimals = {_decimal_mark(column, reading) for column in others} - {""}
    agreeing = [style for style in possible if {style.decimal} == decimals]
    if agreeing:
        return agreeing[0]
    grouped = next((style for style in possible if style.group == ","), None)
    return grouped if grouped is not None and _look_grouped(numbers) else None


def _look_grouped(numbers: Sequence[str]) -> bool:
    """Return whether the numbers would be odd as decimals: 1,580 beside 980.

    With three decimals 980 would be 980,000, and without trailing zeros 1,580 would be 1,58.
    """
    whole = [number for number in numbers if number.lstrip("+-").isdigit()]
    return (
        bool(whole)
        and all(map(_BELOW_THOUSAND.fullmatch, whole))
        and any(map(_ENDS_IN_ZERO.fullmatch, numbers))
    )


def _may_be_grouped(numbers: Sequence[str]) -> bool:
    """Return whether points could be thousands marks: 1.023 beside 998.

    All numbers with a point have three decimals, and others are whole and far greater than those
    would be as decimals.
    """
    pointed = [number for number in numbers if "." in number]
    whole = [number for number in numbers if "." not in number]
    if not pointed or not all(map(_THREE_DECIMALS.fullmatch, pointed)):
        return False
    if not all(map(_BELOW_THOUSAND.fullmatch, whole)):
        return False
    largest = max(abs(float(number)) for number in pointed)
    return any(abs(int(number)) > _FAR_GREATER * largest for number in whole)


def _fitting_styles(numbers: Sequence[str], reading: SeriesReading) -> list[Style]:
    """Return the styles in which all are numbers, the likelier first.

    Styles with marks that do not occur are left out.
    """
    marks = {mark for mark in ".,' _" if any(mark in number for number in numbers)}
    possible = [
        style for style in styles(reading) if style.group in ("", reading.thousands, *marks)
    ]
    if marks <= {"."} and possible[0].decimal == ".":
        possible = [style for style in possible if style.decimal == "." or "." in style.group]
    return [style for style in possible if all(map(style.pattern.fullmatch, numbers))]


def _decimal_mark(cells: Sequence[str], reading: SeriesReading) -> str:
    """Return a column's decimal mark if only one is possible; "" otherwise."""
    sample = [cell for cell in cells[:: max(1, len(cells) // _SAMPLE)] if not is_missing(cell)]
    numbers = [number for number in _strip_units(sample)[2] if "." in number or "," in number]
    possible = {style.decimal for style in _fitting_styles(numbers, reading)} if numbers else set()
    return possible.pop() if len(possible) == 1 else ""


class _Column(NamedTuple):
    """A column's cells that are not missing, as error messages need them."""

    cells: Sequence[str]
    numbers: Sequence[str]
    """Without units and flags; "" if there is no number."""
    lines: Sequence[int | str]
    origin: str
    reading: SeriesReading

    def refusal(self, message: str, index: int, remedy: str = "") -> UsageError:
        cell = self.cells[index]
        excerpt = shorten(cell, _LONGEST_SHOWN)
        return UsageError(
            message.format(origin=self.origin, line=self.lines[index], cell=excerpt),
            remedy or _("Correct that line."),
        )

    def error(self) -> UsageError:
        """Return the error of a column that fits no style: which cell is to blame."""
        wrong = [
            index
            for index, number in enumerate(self.numbers)
            if not _in_some_style(number, self.reading)
        ]
        if wrong:
            return self._not_number_error(wrong)
        remaining, index = list(styles(self.reading)), -1
        while remaining:
            index += 1
            remaining = [
                style for style in remaining if style.pattern.fullmatch(self.numbers[index])
            ]
        message = _(
            "{origin}, line {line}: {cell!r} has a different decimal mark from the numbers before "
            "it."
        )
        return self.refusal(message, index)

    def _not_number_error(self, wrong: Sequence[int]) -> UsageError:
        """Return the error about the cells at ``wrong``, which are not numbers.

        It suggests an option if that would make them numbers.
        """
        message = _("{origin}, line {line}: {cell!r} is not a number.")
        if option := self._option():
            return self.refusal(
                message, wrong[0], _("It is one with {option}.").format(option=option)
            )
        quantities = [_quantity(cell) for cell in self.cells]
        units = [quantity.before + quantity.after.strip() for quantity in quantities if quantity]
        if (
            len(units) == len(self.cells)
            and all(map(is_quantity, self.cells))
            and all(map(_WITHOUT_DIGITS.fullmatch, units))
        ):
            index = next(index for index, unit in enumerate(units) if unit != units[0])
            message = _(
                "{origin}, line {line}: {cell!r} has a different unit from the numbers before it."
            )
            return self.refusal(message, index, _("Write all in one unit, or take another column."))
        if bound := _BOUND.fullmatch(self.cells[wrong[0]]):
            remedy = _(
                "Write a number for it; to leave out the sign: sed 's/{mark}//g' FILE > NEW"
            ).format(mark=bound[1])
            return self.refusal(message, wrong[0], remedy)
        if 1 < len(wrong) > len(self.cells) / 2:
            remedy = _(
                "Most cells of the column are not numbers: take another column, or write plain "
                "numbers."
            )
            return self.refusal(message, wrong[0], remedy)
        cell = self.cells[wrong[0]]
        may_be_word = cell.isprintable() and not any(map(str.isdigit, cell)) and '"' not in cell
        if len(cell) > _LONGEST_SHOWN or not may_be_word:
            all_lines = _("Correct that line, and {n:,} more.").format(n=len(wrong) - 1)
            return self.refusal(message, wrong[0], all_lines if len(wrong) > 1 else "")
        remedy = _(
            "Correct it, or say that it stands for a missing value: --missing={cell}"
        ).format(cell=shlex.quote(cell))
        return self.refusal(message, wrong[0], remedy)

    def _option(self) -> str:
        """Return an option with which the column can be read; "" if there is none."""
        if self.reading.thousands == "auto" and _fitting_styles(
            self.numbers, self.reading.model_copy(update=_UNDERSCORE)
        ):
            return "--thousands _"
        set_options = [
            f"--{name} {value}" for name, value in self.reading.changed().items() if name in _MARKS
        ]
        if set_options and _fitting_styles(
            self.numbers, self.reading.model_copy(update=dict.fromkeys(_MARKS, "auto"))
        ):
            return _("other marks: leave out {options}").format(options=", ".join(set_options))
        return ""

    def ambiguity_error(self, mark: str) -> UsageError:
        """Return the error of numbers whose mark may be a decimal or a thousands mark."""
        index = next(index for index, number in enumerate(self.numbers) if mark in number)
        message = (
            _("{origin}, line {line}: {cell!r} may have a decimal comma or thousands.")
            if mark == ","
            else _("{origin}, line {line}: {cell!r} may have a decimal point or thousands.")
        )
        remedy = _("Say which: --decimal {mark} or --thousands {mark}").format(mark=mark)
        return self.refusal(message, index, remedy)
