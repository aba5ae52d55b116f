"""Advice that names the command's options, in the words of a form: its fields have the options'
names.

Where advice is made nobody knows where it will be read: ``--gaps linear`` on the command line is
``gaps = linear`` in a form. Options are the same in every language, so they can be found in any
sentence.
"""

import re
from collections.abc import Callable, Mapping

from engine.language import _

Fields = Mapping[str, Callable[[str], bool]]
"""The fields of a form by name, and what tells whether one takes a value."""

_OPTION = re.compile(r"--(?:set )?([a-z_]+)(?:([= ])('(?:(?!--)[^'])*'|(?!--)\S+))?")
_COMMAND = re.compile(r"(`rnnlab-tui [^`]*`)")
"""What is to be typed at a shell keeps its options."""
_OTHER_COMMAND = re.compile(r" \(`[a-z ]+`: [^()]*\)")
"""How another command takes the same, in parentheses after it."""
_PUNCTUATION = ".,;:!?)"


def in_form(sentence: str, fields: Fields) -> str:
    """Return a sentence with the options that are fields of a form named as those."""

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
    """Return what was typed for a value: a space alone can only be seen, and kept, between
    quotation marks.
    """
    return value[1:-1] if len(value) > 2 and value[0] == value[-1] == "'" else value
