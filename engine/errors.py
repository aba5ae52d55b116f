"""What goes wrong in ways a person can mend: one sentence that says what and where, one that says
what to do.
"""

from engine.sanitise import printable


class LabError(Exception):
    """Something failed that the person can act on.

    ``what`` says what happened and where; ``remedy`` says what to do about it. Both are safe to
    print.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = printable(what)
        self.remedy = printable(remedy)
        super().__init__(f"{self.what} {self.remedy}".strip())


class UsageError(LabError):
    """The request itself can't be met: an unknown name, a value out of range, a file that can't be
    read.
    """
