"""Errors that a person can fix: one sentence says what failed and where, another what to do."""

from engine.language import _
from engine.sanitise import printable, shorten


class LabError(Exception):
    """A failure that the person can do something about.

    ``what`` says what happened and where; ``remedy`` what to do about it. Both are made safe to
    print.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = printable(what)
        self.remedy = printable(remedy)
        super().__init__(f"{self.what} {self.remedy}".strip())


class UsageError(LabError):
    """The request itself is invalid: an unknown name, a value out of range, an unreadable file."""


class InvalidValue(UsageError):
    """A parameter, an option or a setting, ``name``, can't have the value that it was given."""

    def __init__(self, name: str, value: object, expected: str, remedy: str = "") -> None:
        """``expected`` completes a sentence: ``"a whole number, 1 to 9"``."""
        self.name = name
        super().__init__(
            _("{name} = {value}: must be {expected}.").format(
                name=name, value=describe_value(value), expected=expected
            ),
            remedy,
        )


def describe_value(value: object) -> str:
    """Return a refused value as it was given, cut short if it is long."""
    return shorten(str(value)) or _("nothing")
