"""What the environment says of a terminal."""

import pytest
from support import python

from tui.abilities import is_dumb, names_plain_locale


@pytest.mark.parametrize(
    ("named", "plain"),
    [
        ({}, False),
        ({"LANG": ""}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "POSIX"}, True),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "en_US.utf8"}, False),
        # What it takes is for the locale to say, where it is installed.
        ({"LANG": "de_DE"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "C", "LC_CTYPE": "en_GB.UTF-8"}, False),
        ({"LANG": "en_GB.UTF-8", "LC_CTYPE": "C"}, True),
        ({"LANG": "en_GB.UTF-8", "LC_CTYPE": "en_GB.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "C", "LC_ALL": ""}, True),
    ],
    ids=str,
)
def test_a_locale_without_unicode(named: dict[str, str], plain: bool) -> None:
    assert names_plain_locale(named) == plain


_ASKED = """
import os
from tui.abilities import has_plain_locale
print(has_plain_locale(), os.environ.get("LC_CTYPE"))
"""


@pytest.mark.parametrize("named", ["LANG", "LC_ALL"])
def test_what_python_puts_in_place_of_it_does_not_count(named: str) -> None:
    said, errors = python(_ASKED, **({"LC_ALL": "", "LC_CTYPE": "", "LANG": ""} | {named: "C"})).communicate()
    assert said.split()[0] == "True", errors
    if named == "LANG":
        # Or the test would prove nothing.
        assert said.split()[1] == "C.UTF-8"


@pytest.mark.parametrize(("kind", "dumb"), [("dumb", True), ("unknown", True), ("vt100", False), ("", False)])
def test_a_terminal_that_can_t_move_its_cursor(kind: str, dumb: bool) -> None:
    assert is_dumb({"TERM": kind} if kind else {}) == dumb
