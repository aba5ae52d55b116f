"""Which proxy a request uses, which variable names it, and what is wrong with its address.

``requests`` takes proxies from the environment. Its errors about an unusable one blame the server,
if they say anything. People behind a proxy that someone else set should be shown its variable.
"""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import NamedTuple
from urllib.parse import urlsplit

from engine.language import _
from engine.urls import show_url


class Proxy(NamedTuple):
    """A proxy: the variable that names it, and its value without user and password."""

    variable: str
    value: str
    address: str
    """The full value, with ``http://`` in front if it has no scheme."""

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
        """Why the value can't be the address of a proxy; empty if it can."""
        try:
            parts = urlsplit(self.address)
            is_address = (
                bool(parts.hostname)
                and parts.port != 0
                and self.address.isprintable()
                and " " not in self.address
            )
        except ValueError:
            parts, is_address = urlsplit(""), False
        if not is_address:
            return _("{proxy} is not an address of a proxy").format(proxy=self)
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
    """Return the proxy that ``requests`` has ``chosen`` for a URL; None if it chose none.

    As in the standard library, ``https_proxy`` (or ``http_proxy``) comes before ``all_proxy``, and
    lower case before upper case.
    """
    if not chosen:
        return None
    variables = os.environ if environment is None else environment
    names = [f"{urlsplit(url).scheme.lower()}_proxy", "all_proxy"]
    candidates = [candidate for name in names for candidate in (name, name.upper())]
    candidates += [name for name in variables if name.lower() in names]
    variable = next(
        (name for name in candidates if variables.get(name, "").strip() == chosen.strip()), names[0]
    )
    address = chosen if "://" in chosen else f"http://{chosen}"
    public_address = show_url(address)
    host = (
        public_address.rpartition("@")[2]
        if "@" in public_address
        else public_address.partition("://")[2]
    )
    return Proxy(
        variable,
        host if "://" not in chosen else f"{address.partition('://')[0]}://{host}",
        address,
    )
