"""Errors that a person can fix: one sentence says what failed and where, another what to do."""

from engine.sanitise import printable


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
