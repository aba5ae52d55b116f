"""What people type for data: a name, a file or a URL; a series may have a column and an end."""

import re
from collections.abc import Container
from typing import Literal, NamedTuple

from engine.errors import UsageError
from engine.host.files import is_file
from engine.language import _
from engine.sanitise import shorten
from engine.urls import _OTHER_SCHEME, check_url, is_url, show_url

_NAMED = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9-]{0,39})(@(?P<until>[^:]*))?(:(?P<column>.*))?", re.DOTALL
)
UNTIL = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
"""The format of a series' end: a year, a month or a day."""


class NoSuchData(UsageError):
    """What a person typed is neither a name nor a file nor a URL."""


class Address(NamedTuple):
    """Which data is meant.

    ``kind`` is the kind of ``place``; column and last month are None if not given.
    """

    kind: Literal["name", "file", "url"]
    place: str
    column: str | None = None
    until: str | None = None


def check_scheme(text: str) -> None:
    """Raise :class:`UsageError` for a scheme that is not fetched, ``ftp://…``, unless it is a file.

    It must not be taken for a missing file: errors about files show their whole paths.
    """
    if _OTHER_SCHEME.match(text) and not is_url(text) and not is_file(text):
        raise UsageError(
            _("{text}: only http and https are fetched.").format(text=shorten(show_url(text), 100)),
            _("Give a file or a URL."),
        )


def series_address(text: str, names: Container[str]) -> Address:
    """Parse ``NAME[@MONTH][:COLUMN]``, ``FILE[:COLUMN]`` or ``URL[:COLUMN]``.

    ``names`` are the existing names. A name comes before a file of the same name (``./name`` is the
    file). A file's path may have colons of its own: the longest path that is a file is used. In a
    URL a colon before the last slash belongs to the URL (write ``%3A`` for one after it). Raises
    :class:`UsageError` if nothing of the kind exists.
    """
    if is_url(text):
        return _url_address(text)
    match = _NAMED.fullmatch(text)
    if match and match["name"] in names:
        until = match["until"]
        if until is not None and not re.fullmatch(UNTIL, until):
            raise UsageError(
                _("{text}: a series is cut at a month, as in {name}@2018-07.").format(
                    text=text, name=match["name"]
                )
            )
        return Address("name", match["name"], match["column"], until)
    if text and is_file(text):
        return Address("file", text)
    place = text
    while ":" in place:
        place = place.rpartition(":")[0]
        if place and is_file(place):
            return Address("file", place, text[len(place) + 1 :])
    check_scheme(text)
    raise NoSuchData(
        _("There is no series and no file {text!r}.").format(text=text),
        _(
            "`rnnlab-tui data list` shows what is here; any CSV file can be given by its path, or "
            "by its URL."
        ),
    )


def text_address(text: str, names: Container[str]) -> Address:
    """Parse the name, the file or the URL of a text; ``names`` are the existing names.

    A name comes before a file of the same name. Raises :class:`UsageError` if nothing of the kind
    exists.
    """
    if is_url(text):
        return Address("url", check_url(text))
    if text in names:
        return Address("name", text)
    if is_file(text):
        return Address("file", text)
    check_scheme(text)
    raise NoSuchData(
        _("There is no corpus and no file {name!r}.").format(name=text),
        _(
            "`rnnlab-tui data list` shows what is here; any text file can be given by its path, or "
            "its URL."
        ),
    )


def _url_address(text: str) -> Address:
    start = text.find("/", text.index("//") + 2)
    colon = text.rfind(":")
    if start != -1 and colon > start and "/" not in text[colon:]:
        return Address("url", check_url(text[:colon]), text[colon + 1 :])
    return Address("url", check_url(text))
