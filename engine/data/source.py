"""What people write for data: a name, a file or a URL; for a series with a column and a last month besides."""

import re
import shlex
from collections.abc import Container
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from engine.errors import UsageError
from engine.host.files import is_file
from engine.language import _

_URL = re.compile(r"https?://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_PARTS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<host>[^/?#;]*)(?P<path>[^?#;]*)(?P<rest>.*)", re.I | re.DOTALL
)
_HIDDEN = "…"
_COLUMN_NUMBER = re.compile(r":[0-9]{1,4}$")
_NAMED = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]{0,39})(@(?P<until>[^:]*))?(:(?P<column>.*))?", re.DOTALL)
UNTIL = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
"""How the end of a series is written: a year, a month or a day."""


class Address(NamedTuple):
    """Which series is meant. ``kind`` says what ``place`` is; column and last month are None where not written."""

    kind: str
    """``name``, ``file`` or ``url``."""
    place: str
    column: str | None = None
    until: str | None = None


def is_url(text: str) -> bool:
    """Tell whether a text is meant as an address on the web (http or https)."""
    return _URL.match(text) is not None


def show_url(text: str) -> str:
    """Return an address as it is shown and as results keep it: ``https://example.org/x.csv?…``.

    What follows ``?``, ``;`` or ``#`` may be a key, a token or a signature, whatever it is called; what stands before
    ``@`` is a user and a password. An address that can't be parsed may have these anywhere. A text that is not an
    address is returned as it is.
    """
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return text
    scheme, host, path, rest = parts.groups()
    try:
        _port = urlsplit(text).port
    except ValueError:
        if "@" in text or not text.isascii():
            return scheme + _HIDDEN
    if "@" in host:
        host = f"{_HIDDEN}@{host.rpartition('@')[2]}"
    return scheme + host + path + (rest[0] + _HIDDEN if len(rest) > 1 else rest)


def is_incomplete(url: str) -> bool:
    """Tell whether a URL is one that :func:`show_url` has returned, from which something is left out."""
    parts = _PARTS.fullmatch(url)
    return parts is not None and parts["rest"][1:] == _HIDDEN


def show_command(command: str) -> str:
    """Return a command line as it is shown: with its addresses as :func:`show_url` returns them.

    Older versions kept whole addresses in results. A series' column stands behind its address.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    if not any(is_url(word) and show_url(word) != word for word in words):
        return command
    shown = []
    for word in words:
        column = _COLUMN_NUMBER.search(word)
        shown.append(
            show_url(word) + (column[0] if column and show_url(word) != word else "") if is_url(word) else word
        )
    return shlex.join(shown)


def check_url(url: str) -> str:
    """Return a URL that can be fetched, without its fragment.

    Raises :class:`UsageError` for one that has no host, a port that is none, or a password: it would be shown in every
    table that is exported.
    """
    try:
        parts = urlsplit(url)
        _port = parts.port
        good = is_url(url) and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or len(url) > 2_000:
        raise UsageError(
            _("{url} is no address that can be fetched.").format(url=_cut(show_url(url))),
            _("It begins with http:// or https:// and has no blanks."),
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            _("{host}: an address with a password would be shown in every table.").format(host=parts.hostname),
            _("Fetch the file yourself, and give its path."),
        )
    return parts._replace(fragment="").geturl()


def check_scheme(text: str) -> None:
    """Raise :class:`UsageError` for an address of a kind that is not fetched, ``ftp://…``, unless a file is so called.

    It must not be taken for a file that is missing: sentences about files have their whole paths.
    """
    if _OTHER_SCHEME.match(text) and not is_url(text) and not is_file(text):
        raise UsageError(
            _("{text}: only http and https are fetched.").format(text=_cut(show_url(text))), _("Give a file or a URL.")
        )


def file_name_of(url: str) -> str:
    """Return what a URL's file is called: the last part of its path, or its host."""
    parts = urlsplit(url)
    path = parts.path.partition(";")[0]
    return unquote(path.rstrip("/").rpartition("/")[2]) or parts.hostname or show_url(url)


def series_address(text: str, names: Container[str]) -> Address:
    """Understand ``NAME[@MONTH][:COLUMN]``, ``FILE[:COLUMN]`` or ``URL[:COLUMN]``; ``names`` are those that exist.

    A name comes before a file that is called like it (``./name`` is the file). A file's path may have colons of its
    own: the longest path that is a file's is taken. In a URL a colon before the last slash is the URL's own (write
    ``%3A`` for one after it). Raises :class:`UsageError` where nothing of the kind exists.
    """
    if is_url(text):
        return _url_address(text)
    named = _NAMED.fullmatch(text)
    if named and named["name"] in names:
        until = named["until"]
        if until is not None and not re.fullmatch(UNTIL, until):
            raise UsageError(
                _("{text}: a series is cut at a month, as in {name}@2018-07.").format(text=text, name=named["name"])
            )
        return Address("name", named["name"], named["column"], until)
    if text and is_file(text):
        return Address("file", text)
    place = text
    while ":" in place:
        place = place.rpartition(":")[0]
        if place and is_file(place):
            return Address("file", place, text[len(place) + 1 :])
    check_scheme(text)
    raise UsageError(
        _("There is no series and no file {text!r}.").format(text=text),
        _("`rnnlab-tui data list` shows what is here; any CSV file can be given by its path, or by its URL."),
    )


def _cut(url: str) -> str:
    return url if len(url) <= 100 else url[:99] + "…"


def _url_address(text: str) -> Address:
    start = text.find("/", text.index("//") + 2)
    colon = text.rfind(":")
    if start != -1 and colon > start and "/" not in text[colon:]:
        return Address("url", check_url(text[:colon]), text[colon + 1 :])
    return Address("url", check_url(text))
