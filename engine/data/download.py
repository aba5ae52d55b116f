"""Fetching a file from the web: whole, of bounded size and in bounded time, or one sentence that
says why not.

With ``requests``: it is well kept, comes with TensorFlow already, and knows proxies and
certificates as people on laboratory networks set them (``https_proxy``, ``no_proxy``,
``REQUESTS_CA_BUNDLE``). What it would do by itself and must not: follow redirects (it reads their
bodies without a limit) and send passwords out of ``~/.netrc``. What it does not do: end a download
at a time. Its time-outs begin anew with every byte, those of an endless header too.
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
    """How far a download is: bytes so far, and how many there will be where the server says so."""

    url: str
    received: int
    total: int | None


Report = Callable[[Received], None]
"""Told how far a download is, first (with 0) before anything is asked. What it raises ends the
download.
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
    """Return what stands at an http or https URL: a text or a table, whole, and the URL that it
    came from in the end.

    Raises :class:`FetchError` where it can't be had whole, is too large or too slow, or is a web
    page, and where https redirects to http; and :class:`UsageError` for what is no URL that can be
    fetched.
    """
    import requests
    from urllib3.exceptions import HTTPError

    tell = report or (lambda _received: None)
    here = check_url(url)
    if is_incomplete(here):
        raise FetchError(
            url,
            _("a part of this address is not shown, and missing"),
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
                with _asked(session, here, limits, settings) as response:
                    if proxy and response.status_code == 407:
                        raise FetchError(url, _refusal_of_proxy(proxy, 407), proxy.remedy)
                    # It has let this through: what goes wrong from here on is the server's.
                    proxy = None
                    target = session.get_redirect_target(response)
                    if target is None:
                        return Fetched(_body(response, url, tell, limits), here)
                    here = _redirected(url, here, target)
    except (requests.RequestException, HTTPError) as error:
        reason, remedy = _reason(error, here, limits, proxy)
        raise FetchError(url, reason, remedy) from error
    raise FetchError(
        url,
        _("it redirects more than {limit} times").format(limit=limits.redirects),
        _default_remedy(),
    )


@contextmanager
def _deadline(session: "requests.Session", url: str, limits: Limits) -> Iterator[None]:
    """Hang up on the servers of a session once the time is over, whatever they are sending.

    Raises :class:`FetchError` then, whatever came of it: without a length, what was cut off looks
    whole.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import HTTPError

    late = Event()
    connections: list[Any] = []
    sockets: list[socket.socket] = []

    class Watched(HTTPAdapter):
        def get_connection_with_tls_context(self, *arguments: Any, **more: Any) -> Any:
            pool = super().get_connection_with_tls_context(*arguments, **more)

            class Connection(pool.ConnectionCls):  # type: ignore[misc, name-defined]
                def connect(self) -> None:
                    connections.append(self)
                    super().connect()
                    # The connection lets go of it once it has an answer.
                    sockets.append(self.sock)
                    if late.is_set():
                        hang_up()

            pool.ConnectionCls = Connection
            return pool

    def hang_up() -> None:
        late.set()
        for connected in [*sockets, *(connection.sock for connection in connections)]:
            if connected is not None:
                with suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)

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
        reason = _("it had not come whole after {seconds:g} s").format(seconds=limits.total_s)
        raise FetchError(url, reason, _default_remedy()) from problem
    if problem:
        raise problem


def _no_auth(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    return request


def _asked(
    session: "requests.Session", url: str, limits: Limits, settings: Mapping[str, Any]
) -> "requests.Response":
    """Ask once, and read no more than the headers: ``Session.get`` reads the body of a redirect all
    the same.
    """
    import requests

    request = session.prepare_request(requests.Request("GET", url))
    timeout = (limits.connect_s, limits.silence_s)
    try:
        return session.get_adapter(url).send(request, timeout=timeout, **settings)
    except requests.RequestException:
        raise
    except OSError as error:
        reason = _("the certificates that REQUESTS_CA_BUNDLE names can't be read")
        raise FetchError(url, reason, _("Set it to a file that is there.")) from error


def _default_remedy() -> str:
    return _("Give a file, or another address.")


def _redirected(url: str, here: str, target: str) -> str:
    there = urljoin(here, target)
    if not is_url(there):
        raise FetchError(
            url,
            _("it redirects to {there}, which is no web address").format(
                there=show_url(there)[:100]
            ),
            _default_remedy(),
        )
    try:
        there = check_url(there)
    except UsageError as error:
        raise FetchError(
            url, _("it redirects: {what}").format(what=error.what.rstrip(".")), _default_remedy()
        ) from error
    if urlsplit(here).scheme == "https" and urlsplit(there).scheme == "http":
        raise FetchError(
            url,
            _(
                "it redirects to {there}, without TLS: anybody on the way could have altered what "
                "comes"
            ).format(there=show_url(there)),
            _(
                "Give that address yourself if you trust the way, or download it by hand and give "
                "the file."
            ),
        )
    return there


def _body(response: "requests.Response", url: str, tell: Report, limits: Limits) -> bytes:
    if response.status_code != 200:
        raise FetchError(url, _status(response.status_code), _default_remedy())
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not (kind.startswith("text/") or kind in (*_OTHER_TEXT, *_NO_TEXT)):
        raise FetchError(
            url, _("it is {kind}, not a text or a table").format(kind=kind[:60]), _default_remedy()
        )
    total = _length(response.headers.get("Content-Length"))
    too_large = FetchError(
        url,
        _("it is larger than {limit:g} MiB").format(limit=limits.bytes / 2**20),
        _("Fetch it yourself, cut a part out of it (head -c 30M FILE > PART), and give that file."),
    )
    if total is not None and total > limits.bytes:
        raise too_large
    tell(Received(url, 0, total))
    content = bytearray()
    # Piece by piece as they come: who waits sees each of them.
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


def _length(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None


def _is_web_page(kind: str, beginning: bytes) -> bool:
    """Tell markup from text. A server's word is not enough: scripts that send tables often say
    nothing better.
    """
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        kind in _NO_TEXT and start.startswith(b"<")
    )


def _status(status: int) -> str:
    match status:
        case 404 | 410:
            return _("there is nothing at this address ({status})").format(status=status)
        case 401 | 403:
            return _("the server does not give it to everybody ({status})").format(status=status)
        case 429:
            return _("the server has been asked too often ({status})").format(status=status)
        case _ if status >= 500:
            return _("the server has a problem ({status})").format(status=status)
    return _("the server answers with status {status}").format(status=status)


def _reason(error: Exception, here: str, limits: Limits, proxy: Proxy | None) -> tuple[str, str]:
    """Say in a few words what went wrong on the way to the server of the URL ``here``, and what
    helps.
    """
    causes = _causes(error)
    if proxy is None or _is_the_servers(causes):
        return _reason_at(
            causes, urlsplit(here).hostname or show_url(here), limits
        ), _default_remedy()
    for cause in causes:
        # What a proxy answers to CONNECT; the standard library has no exception of its own for it.
        if match := re.search(r"Tunnel connection failed: ([0-9]{3})", str(cause)):
            return _refusal_of_proxy(proxy, int(match[1])), proxy.remedy
    return _reason_at(causes, str(proxy), limits), proxy.remedy


def _is_the_servers(causes: Sequence[BaseException]) -> bool:
    """Tell whether something went wrong beyond the proxy, which had let it through."""
    import requests
    from urllib3 import exceptions as low

    is_proxys = any(
        isinstance(cause, requests.exceptions.ProxyError | low.ProxyError) for cause in causes
    )
    beyond = (requests.exceptions.SSLError, low.SSLError, low.DecodeError)
    return not is_proxys and any(isinstance(cause, beyond) for cause in causes)


def _refusal_of_proxy(proxy: Proxy, status: int) -> str:
    if status == 407:
        return _("{proxy} wants a user and a password (407)").format(proxy=proxy)
    return _("{proxy} does not let it through ({status})").format(proxy=proxy, status=status)


def _reason_at(causes: Sequence[BaseException], host: str, limits: Limits) -> str:
    """Say what went wrong at ``host``: a server, or a proxy."""
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
        return _("what came was damaged on its way")
    if is_any(low.ProtocolError, low.IncompleteRead):
        return _("the connection broke off before everything had come")
    return _("{host} gives no usable answer").format(host=host)


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and all that it wraps, in the three ways in which libraries do that."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and cause not in found:
            found.append(cause)
            with suppress(AttributeError):
                waiting.append(cause.reason)  # type: ignore[attr-defined]
            waiting += [cause.__cause__, cause.__context__, *cause.args]
    return found
