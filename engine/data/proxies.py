"""Which proxy a request goes through, by whose word, and what is wrong with how it is named.

``requests`` takes proxies from the environment. What it says of one that can't be used blames the
server, if it says anything: people who are behind a proxy that they did not set themselves are to
read its variable.
"""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import NamedTuple
from urllib.parse import urlsplit

from engine.language import _
from engine.urls import show_url


class Proxy(NamedTuple):
    """A proxy that a request goes through: the variable that names it, and its value without user
    and password.
    """

    variable: str
    value: str
    address: str
    """The value as it is, with ``http://`` before it if it has no scheme."""

    def __str__(self) -> str:
        return _("the proxy {value} that {variable} names").format(
            value=self.value, variable=self.variable
        )

    @property
    def remedy(self) -> str:
        """What helps if it can't be used."""
        return _(
            "Set {variable} to http://HOST:PORT of your network's proxy, or unset it; no_proxy "
            "names hosts that are "
            "reached without one. Or give a file."
        ).format(variable=self.variable)

    @property
    def problem(self) -> str:
        """Say why it can't be the address of a proxy; empty if it can."""
        try:
            parts = urlsplit(self.address)
            named = (
                bool(parts.hostname)
                and parts.port != 0
                and self.address.isprintable()
                and " " not in self.address
            )
        except ValueError:
            parts, named = urlsplit(""), False
        if not named:
            return _("{proxy} is no address of a proxy").format(proxy=self)
        scheme = parts.scheme.lower()
        if scheme.startswith("socks") and find_spec("socks") is None:
            return _("{proxy} speaks SOCKS, for which the package PySocks is missing here").format(
                proxy=self
            )
        if scheme not in ("http", "https", "socks4", "socks4a", "socks5", "socks5h"):
            return _("{proxy} is neither an HTTP nor a SOCKS proxy").format(proxy=self)
        return ""


def proxy_of(
    url: str, chosen: str | None, environment: Mapping[str, str] | None = None
) -> Proxy | None:
    """Return the proxy that ``requests`` has ``chosen`` for a URL; None if it has chosen none.

    As the standard library, it lets ``https_proxy`` (or ``http_proxy``) come before ``all_proxy``,
    and small letters before capitals.
    """
    if not chosen:
        return None
    variables = os.environ if environment is None else environment
    named = [f"{urlsplit(url).scheme.lower()}_proxy", "all_proxy"]
    spellings = [spelling for name in named for spelling in (name, name.upper())]
    spellings += [name for name in variables if name.lower() in named]
    variable = next(
        (name for name in spellings if variables.get(name, "").strip() == chosen.strip()), named[0]
    )
    address = chosen if "://" in chosen else f"http://{chosen}"
    shown = show_url(address)
    host = shown.rpartition("@")[2] if "@" in shown else shown.partition("://")[2]
    return Proxy(
        variable,
        host if "://" not in chosen else f"{address.partition('://')[0]}://{host}",
        address,
    )
