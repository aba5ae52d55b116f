"""Advice that names the command's options, reworded for a form, whose fields have their names.

The code that gives advice does not know where it will be read: ``--gaps linear`` on the command
line is ``gaps = linear`` in a form. Options are the same in every language, so they can be found in
any sentence.
"""

import re
from collections.abc import Callable, Mapping

from engine.language import _

Fields = Mapping[str, Callable[[str], bool]]
"""The fields of a form by name, with functions that tell whether a value is valid."""

_OPTION = re.compile(r"--(?:set )?([a-z_]+)(?:([= ])('(?:(?!--)[^'])*'|(?!--)\S+))?")
_COMMAND = re.compile(r"(`rnnlab-tui [^`]*`)")
"""A shell command keeps its options."""
_OTHER_COMMAND = re.compile(r" \(`[a-z ]+`: [^()]*\)")
"""The equivalent for another command, in parentheses."""
_PUNCTUATION = ".,;:!?)"


def in_form(sentence: str, fields: Fields) -> str:
    """Return a sentence in which options that are fields of a form are named as fields."""

    def field(match: re.Match[str]) -> str:
        name, between, token = match[1], match[2] or "", match[3] or ""
        if name not in fields:
            return match[0]
        for value in (token.rstrip(_PUNCTUATION), token):
            if value and (between == "=" or fields[name](unquoted(value))):
                return _assignment(name, value) + token[len(value) :]
        return f"{name}{between}{token}"

    parts = _COMMAND.split(_OTHER_COMMAND.sub("", sentence))
    return "".join(
        part if number % 2 else _OPTION.sub(field, part) for number, part in enumerate(parts)
    )


def _assignment(name: str, value: str) -> str:
    if value.startswith("…"):
        return _("{ending} at the end of the field {field}").format(ending=value[1:], field=name)
    return f"{name} = {value}"


def unquoted(value: str) -> str:
    """Return a value without its quotation marks, which make a space visible, and keep it."""
    return value[1:-1] if len(value) > 2 and value[0] == value[-1] == "'" else value
