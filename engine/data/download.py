"""Fetching a file from the web: complete, bounded in size and time, or an error that says why not.

It uses ``requests``, which is well maintained, comes with TensorFlow anyway, and handles proxies
and certificates as people on laboratory networks set them (``https_proxy``, ``no_proxy``,
``REQUESTS_CA_BUNDLE``). Two of its habits are turned off: following redirects (it reads their
bodies without a limit) and sending passwords from ``~/.netrc``. What it lacks is a deadline for the
whole download: its time-outs start again with every byte, even within an endless header.
"""

import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from threading import Event, Timer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from engine.data.catalog import Fetched, FetchError
from engine.data.proxies import Proxy, proxy_of
from engine.data.reading import LARGEST_BYTES
from engine.errors import UsageError
from engine.language import _
from engine.urls import check_url, is_incomplete, is_url, show_url

if TYPE_CHECKING:
    import requests

_PIECE = 2**16
_SNIFFED = 1_024
_NO_TEXT = ("text/html", "application/xhtml+xml")
_OTHER_TEXT = (
    "",
    "application/csv",
    "application/octet-stream",
    "application/vnd.ms-excel",  # What Windows calls CSV.
    "application/x-csv",
    "binary/octet-stream",
)


class Received(NamedTuple):
    """The progress of a download: bytes received, and the total if the server states it."""

    url: str
    received: int
    total: int | None


Report = Callable[[Received], None]
"""Called with a download's progress, first (with 0) before the request is sent.

An exception that it raises ends the download.
"""


@dataclass(frozen=True)
class Limits:
    """What a download may take: seconds to connect, of silence, and in all; bytes; redirects."""

    connect_s: float = 10.0
    silence_s: float = 20.0
    total_s: float = 300.0
    bytes: int = LARGEST_BYTES
    redirects: int = 5


DEFAULT_LIMITS = Limits()


def download(url: str, report: Report | None = None, limits: Limits = DEFAULT_LIMITS) -> Fetched:
    """Return the content of an http or https URL, complete, and the URL that it finally came from.

    The content is a text or a table. Raises :class:`FetchError` if it can't be fetched completely,
    is too large, too slow or a web page, or if https redirects to http; and :class:`UsageError` if
    the URL is not one that can be fetched.
    """
    import requests
    from urllib3.exceptions import HTTPError

    tell = report or (lambda _received: None)
    here = check_url(url)
    if is_incomplete(here):
        raise FetchError(
            url,
            _("a part of this address is hidden"),
            _("Give the address in full."),
        )
    proxy: Proxy | None = None
    tell(Received(url, 0, None))
    try:
        with requests.Session() as session, _deadline(session, url, limits):
            session.auth = _no_auth
            session.headers["User-Agent"] = f"rnnlab-tui/{metadata.version('rnnlab-tui')}"
            # Nothing is unpacked: a few bytes could become gigabytes.
            session.headers["Accept-Encoding"] = "identity"
            for _hop in range(limits.redirects + 1):
                settings = session.merge_environment_settings(here, {}, True, None, None)
                proxy = proxy_of(here, requests.utils.select_proxy(here, settings["proxies"]))
                if proxy and proxy.problem:
                    raise FetchError(url, proxy.problem, proxy.remedy)
                with _send(session, here, limits, settings) as response:
                    if proxy and response.status_code == 407:
                        raise FetchError(url, _refusal_of_proxy(proxy, 407), proxy.remedy)
                    # The proxy let this through: what fails from here on is the server's fault.
                    proxy = None
                    target = session.get_redirect_target(response)
                    if target is None:
                        return Fetched(_read_body(response, url, tell, limits), here)
                    here = _redirect_target(url, here, target)
    except (requests.RequestException, HTTPError) as error:
        reason, remedy = _describe_failure(error, here, limits, proxy)
        raise FetchError(url, reason, remedy) from error
    raise FetchError(
        url,
        _("it redirects more than {limit} times").format(limit=limits.redirects),
        _default_remedy(),
    )


@contextmanager
def _deadline(session: "requests.Session", url: str, limits: Limits) -> Iterator[None]:
    """Close the session's connections at the deadline, whatever the servers are sending.

    Raises :class:`FetchError` then, whatever the result: without a stated length, a download that
    was cut off looks complete.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import HTTPError

    late = Event()
    connections: list[Any] = []
    sockets: list[socket.socket] = []

    class Watched(HTTPAdapter):
        def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
            pool = super().get_connection_with_tls_context(*arguments, **options)

            class Connection(pool.ConnectionCls):  # type: ignore[misc, name-defined]
                def connect(self) -> None:
                    connections.append(self)
                    super().connect()
                    # The connection drops its reference once it has an answer.
                    sockets.append(self.sock)
                    if late.is_set():
                        hang_up()

            pool.ConnectionCls = Connection
            return pool

    def hang_up() -> None:
        late.set()
        for open_socket in [*sockets, *(connection.sock for connection in connections)]:
            if open_socket is not None:
                with suppress(OSError):
                    open_socket.shutdown(socket.SHUT_RDWR)

    for scheme in ("http://", "https://"):
        session.mount(scheme, Watched())
    timer = Timer(limits.total_s, hang_up)
    timer.daemon = True
    timer.start()
    problem: Exception | None = None
    try:
        yield
    except (requests.RequestException, HTTPError, FetchError) as error:
        problem = error
    finally:
        timer.cancel()
    if late.is_set():
        reason = _("it was not complete after {seconds:g} s").format(seconds=limits.total_s)
        raise FetchError(url, reason, _default_remedy()) from problem
    if problem:
        raise problem


def _no_auth(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    return request


def _send(
    session: "requests.Session", url: str, limits: Limits, settings: Mapping[str, Any]
) -> "requests.Response":
    """Send one request and read only the headers: ``Session.get`` also reads a redirect's body."""
    import requests

    request = session.prepare_request(requests.Request("GET", url))
    timeout = (limits.connect_s, limits.silence_s)
    try:
        return session.get_adapter(url).send(request, timeout=timeout, **settings)
    except requests.RequestException:
        raise
    except OSError as error:
        reason = _("the certificates that REQUESTS_CA_BUNDLE names can't be read")
        raise FetchError(url, reason, _("Set it to a file that exists.")) from error


def _default_remedy() -> str:
    return _("Give a file, or another address.")


def _redirect_target(url: str, here: str, target: str) -> str:
    destination = urljoin(here, target)
    if not is_url(destination):
        raise FetchError(
            url,
            _("it redirects to {there}, which is not a web address").format(
                there=show_url(destination)[:100]
            ),
            _default_remedy(),
        )
    try:
        destination = check_url(destination)
    except UsageError as error:
        raise FetchError(
            url, _("it redirects: {what}").format(what=error.what.rstrip(".")), _default_remedy()
        ) from error
    if urlsplit(here).scheme == "https" and urlsplit(destination).scheme == "http":
        raise FetchError(
            url,
            _(
                "it redirects to {there}, without TLS: anyone on the way could have altered it"
            ).format(there=show_url(destination)),
            _(
                "Give that address yourself if you trust the connection, or download it by hand "
                "and give the file."
            ),
        )
    return destination


def _read_body(response: "requests.Response", url: str, tell: Report, limits: Limits) -> bytes:
    if response.status_code != 200:
        raise FetchError(url, _describe_status(response.status_code), _default_remedy())
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not (kind.startswith("text/") or kind in (*_OTHER_TEXT, *_NO_TEXT)):
        raise FetchError(
            url, _("it is {kind}, not a text or a table").format(kind=kind[:60]), _default_remedy()
        )
    total = _parse_length(response.headers.get("Content-Length"))
    too_large = FetchError(
        url,
        _("it is larger than {limit:g} MiB").format(limit=limits.bytes / 2**20),
        _("Fetch it yourself, cut a part out of it (head -c 30M FILE > PART), and give that file."),
    )
    if total is not None and total > limits.bytes:
        raise too_large
    tell(Received(url, 0, total))
    content = bytearray()
    # Piece by piece as they arrive, so that a person who waits sees the progress.
    while piece := response.raw.read1(_PIECE, decode_content=True):
        content += piece
        if len(content) > limits.bytes:
            raise too_large
        tell(Received(url, len(content), total))
    if not content:
        raise FetchError(url, _("it is empty"), _default_remedy())
    if _is_web_page(kind, bytes(content[:_SNIFFED])):
        raise FetchError(
            url,
            _("it is a web page, not a text or a table"),
            _("Look for the address of the file itself."),
        )
    return bytes(content)


def _parse_length(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None


def _is_web_page(kind: str, beginning: bytes) -> bool:
    """Tell markup from text.

    The server's content type is not enough: scripts that send tables often state nothing better.
    """
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        kind in _NO_TEXT and start.startswith(b"<")
    )


def _describe_status(status: int) -> str:
    match status:
        case 404 | 410:
            return _("there is nothing at this address ({status})").format(status=status)
        case 401 | 403:
            return _("the server refuses access ({status})").format(status=status)
        case 429:
            return _("the server has been asked too often ({status})").format(status=status)
        case _ if status >= 500:
            return _("the server has a problem ({status})").format(status=status)
    return _("the server answers with status {status}").format(status=status)


def _describe_failure(
    error: Exception, here: str, limits: Limits, proxy: Proxy | None
) -> tuple[str, str]:
    """Return what went wrong on the way to the server of the URL ``here``, and a remedy."""
    causes = _causes(error)
    if proxy is None or _is_server_error(causes):
        return _describe_failure_at(
            causes, urlsplit(here).hostname or show_url(here), limits
        ), _default_remedy()
    for cause in causes:
        # A proxy's answer to CONNECT, for which the standard library has no exception class.
        if match := re.search(r"Tunnel connection failed: ([0-9]{3})", str(cause)):
            return _refusal_of_proxy(proxy, int(match[1])), proxy.remedy
    return _describe_failure_at(causes, str(proxy), limits), proxy.remedy


def _is_server_error(causes: Sequence[BaseException]) -> bool:
    """Tell whether the failure was beyond the proxy, which had let the request through."""
    import requests
    from urllib3 import exceptions as low

    is_proxy_error = any(
        isinstance(cause, requests.exceptions.ProxyError | low.ProxyError) for cause in causes
    )
    beyond = (requests.exceptions.SSLError, low.SSLError, low.DecodeError)
    return not is_proxy_error and any(isinstance(cause, beyond) for cause in causes)


def _refusal_of_proxy(proxy: Proxy, status: int) -> str:
    if status == 407:
        return _("{proxy} wants a user and a password (407)").format(proxy=proxy)
    return _("{proxy} does not let it through ({status})").format(proxy=proxy, status=status)


def _describe_failure_at(causes: Sequence[BaseException], host: str, limits: Limits) -> str:
    """Return what went wrong at ``host``: a server, or a proxy."""
    import requests
    from urllib3 import exceptions as low

    def is_any(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if is_any(low.NameResolutionError):
        return _("no network, or no such host as {host}").format(host=host)
    if is_any(requests.exceptions.SSLError, low.SSLError):
        return _(
            "{host} can't prove who it is (TLS; REQUESTS_CA_BUNDLE names other authorities)"
        ).format(host=host)
    if is_any(ConnectionRefusedError):
        return _("{host} refuses the connection").format(host=host)
    if is_any(low.NewConnectionError, low.ProxySchemeUnknown):
        return _("{host} can't be reached").format(host=host)
    if is_any(low.ConnectTimeoutError):
        return _("{host} does not answer within {seconds:g} s").format(
            host=host, seconds=limits.connect_s
        )
    if is_any(low.ReadTimeoutError):
        return _("{host} sent nothing for {seconds:g} s").format(
            host=host, seconds=limits.silence_s
        )
    if is_any(low.DecodeError):
        return _("the data was damaged on its way")
    if is_any(low.ProtocolError, low.IncompleteRead):
        return _("the connection closed before everything had arrived")
    return _("{host} gives no usable answer").format(host=host)


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and all that it wraps, in the three ways that libraries use."""
    causes: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and cause not in causes:
            causes.append(cause)
            with suppress(AttributeError):
                waiting.append(cause.reason)  # type: ignore[attr-defined]
            waiting += [cause.__cause__, cause.__context__, *cause.args]
    return causes
