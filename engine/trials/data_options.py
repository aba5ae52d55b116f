"""How a trial's data are read: a table's numbers and dates, a text's letters and lines.

The options matter if the file leaves something open. The field names are those of the command's
options (``--missing``, ``--letters``) and of the form.
"""

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from engine.errors import InvalidValue, UsageError
from engine.language import _

Decimal = Literal["auto", ".", ","]
Thousands = Literal["auto", "none", ",", ".", "'", " ", "_"]
_MOST_MISSING = 20
_LONGEST_WORD = 40
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_ITEM = re.compile(r'"([^"]*)"|([^\s;"]+)')


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def changed(self) -> dict[str, Any]:
        """Return the options that differ from the defaults, by name."""
        defaults = _defaults(type(self))
        # Called for each of thousands of runs, few of which have changed an option.
        return (
            {}
            if self.__dict__ == defaults
            else {name: value for name, value in self if value != defaults[name]}
        )


@cache
def _defaults(options: type[_Options]) -> dict[str, Any]:
    return {name: field.default for name, field in options.model_fields.items()}


class SeriesReading(_Options):
    """How a series is read from its table. By default the table decides."""

    missing: tuple[float | str, ...] = ()
    """Numbers and words that stand for a missing value, as -9999 or n.a.; case does not matter."""
    gaps: Literal["refuse", "linear"] = "refuse"
    """What to do about missing values between others.

    ``linear``: a straight line across the gap.
    """
    steps: Literal["dates", "count"] = "dates"
    """``count``: one step from row to row, whatever the dates say."""
    decimal: Decimal = "auto"
    """The decimal mark; ``auto``: as the column shows."""
    thousands: Thousands = "auto"
    """The mark between groups of three digits; ``auto``: as the column shows."""

    @property
    def missing_numbers(self) -> tuple[float, ...]:
        return tuple(value for value in self.missing if not isinstance(value, str))

    @property
    def missing_words(self) -> tuple[str, ...]:
        return tuple(value for value in self.missing if isinstance(value, str))

    @field_validator("missing", mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Take what a person types into one field: ``-9999 n.a. "no data"``.

        Spaces or semicolons separate.
        """
        if isinstance(value, str):
            value = [quoted or bare for quoted, bare in _ITEM.findall(value)]
        return tuple(map(_number_or_word, value)) if isinstance(value, list | tuple) else value

    @field_validator("missing")
    @classmethod
    def _few_and_short(cls, value: tuple[float | str, ...]) -> tuple[float | str, ...]:
        if len(value) > _MOST_MISSING or not all(map(_can_stand_for_missing, value)):
            raise ValueError("finite numbers and short words, few of them")
        return tuple(dict.fromkeys(value))


def _number_or_word(value: object) -> object:
    """Return the number that a text is, or else the stripped text."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text


def _can_stand_for_missing(value: float | str) -> bool:
    if isinstance(value, str):
        # No quotation mark: it must be possible to put the word between two of them.
        return 0 < len(value) <= _LONGEST_WORD and value.isprintable() and '"' not in value
    return math.isfinite(value)


class TextPreparation(_Options):
    """How a text is prepared. The defaults are the preparation of the report's program."""

    letters: Literal["ascii", "all"] = "ascii"
    """``ascii``: every other character is dropped; ``all``: all printable ones are kept, NFC."""
    case: Literal["lower", "keep"] = "lower"
    lines: Literal["join", "keep"] = "join"
    """``join``: lines are stripped and joined by single spaces; ``keep``: line ends stay."""
    licence: Literal["keep", "drop"] = "keep"
    """``drop``: the licence and header of a Project Gutenberg text are left out."""


AS_WRITTEN = SeriesReading()
REPORT_PREPARATION = TextPreparation()
USUAL_PREPARATION = TextPreparation(letters="all")
"""The default for texts other than the report's."""
DataOptions = SeriesReading | TextPreparation
_Model = TypeVar("_Model", SeriesReading, TextPreparation)


def option_choices(model: type[DataOptions], name: str) -> tuple[str, ...]:
    """Return the values that an option may have; empty if it takes numbers and words."""
    return get_args(model.model_fields[name].annotation) if name != "missing" else ()


def describe_option(model: type[DataOptions], name: str) -> str:
    """Return the values that an option may have, as text."""
    choices = [
        repr(choice) if choice.isspace() else choice for choice in option_choices(model, name)
    ]
    return (
        ", ".join(choices)
        if choices
        else _("numbers or words that stand for a missing value, as n.a. or -9999")
    )


def format_option(value: object) -> str:
    """Format an option's value as a person types it."""
    if isinstance(value, tuple):
        items = map(format_option, value)
        return " ".join(f'"{item}"' if re.search(r"[\s;]", item) else item for item in items)
    # The shortest digits that are this very number: -99.99, and -9999 without its ".0".
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def describe_options(options: DataOptions) -> str:
    """Return the options that differ from the defaults: ``missing -9999, gaps linear``; or ""."""
    changed = ((name, format_option(value)) for name, value in options.changed().items())
    return ", ".join(
        f"{name} {repr(value) if value.isspace() else value}" for name, value in changed
    )


def parse_series_reading(given: Mapping[str, object]) -> SeriesReading:
    """Return the options with those ``given`` (name → value, or its text).

    Raises :class:`UsageError` for an invalid one.
    """
    return _parse(SeriesReading, given)


def parse_text_preparation(
    given: Mapping[str, object], default: TextPreparation | None = None
) -> TextPreparation:
    """Return ``default`` overridden by the options ``given``.

    Raises :class:`UsageError` for an invalid one.
    """
    return _parse(TextPreparation, {**(default.model_dump() if default else {}), **given})


def _parse(model: type[_Model], given: Mapping[str, object]) -> _Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        if name not in model.model_fields:
            raise UsageError(
                _("There is no option {name!r} here.").format(name=name),
                _("The options are {names}.").format(names=", ".join(model.model_fields)),
            ) from None
        value, expected = format_option(given[name]), describe_option(model, name)
        raise InvalidValue(name, value, expected) from None
