"""URLs: recognizing them, checking that they can be fetched, and showing them without secrets."""

import re
import shlex
from urllib.parse import unquote, urlsplit

from engine.errors import UsageError
from engine.language import _
from engine.sanitise import shorten

_URL = re.compile(r"https?://", re.IGNORECASE)


_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


_PARTS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<host>[^/?#;]*)(?P<path>[^?#;]*)(?P<rest>.*)",
    re.I | re.DOTALL,
)


_HIDDEN = "…"


_COLUMN_NUMBER = re.compile(r":[0-9]{1,4}$")


def is_url(text: str) -> bool:
    """Tell whether a text is meant as a URL (http or https)."""
    return _URL.match(text) is not None


def show_url(text: str) -> str:
    """Return a URL as it is shown and recorded in results: ``https://example.org/x.csv?…``.

    What follows ``?``, ``;`` or ``#`` may be a key, a token or a signature, whatever it is called;
    what precedes ``@`` is a user and a password. A URL that can't be parsed may have these
    anywhere. A text that is not a URL is returned unchanged.
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
    """Tell whether a URL is the shortened result of :func:`show_url`."""
    parts = _PARTS.fullmatch(url)
    return parts is not None and parts["rest"][1:] == _HIDDEN


def show_command(command: str) -> str:
    """Return a command line as it is shown, with its URLs as :func:`show_url` returns them.

    Results of older versions contain whole URLs. A series' column follows its URL.
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
            show_url(word) + (column[0] if column and show_url(word) != word else "")
            if is_url(word)
            else word
        )
    return shlex.join(shown)


def check_url(url: str) -> str:
    """Return a URL that can be fetched, without its fragment.

    Raises :class:`UsageError` if it has no host or an invalid port, or contains a password, which
    would be shown in every exported table.
    """
    try:
        parts = urlsplit(url)
        _port = parts.port
        good = is_url(url) and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or len(url) > 2_000:
        raise UsageError(
            _("{url} is not a URL that can be fetched.").format(url=shorten(show_url(url), 100)),
            _("A URL starts with http:// or https:// and has no spaces."),
        )
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            _("{host}: an address with a password would be shown in every table.").format(
                host=parts.hostname
            ),
            _("Fetch the file yourself, and give its path."),
        )
    return parts._replace(fragment="").geturl()


def file_name_of(url: str) -> str:
    """Return the name of a URL's file: the last part of its path, or its host."""
    parts = urlsplit(url)
    path = parts.path.partition(";")[0]
    return unquote(path.rstrip("/").rpartition("/")[2]) or parts.hostname or show_url(url)
