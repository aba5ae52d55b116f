"""A web server on this machine that behaves as badly as the real ones: slow, cut off, endless,
going in circles.

    with serving() as server:
        url = server.serve("/alice.txt", TEXT)
        ...
        assert server.asked == ["/alice.txt"]

What has to last lasts until the block ends; nothing waits for a time but what :meth:`Handler.drip`
sends.
"""

import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

Answer = Callable[["Handler"], None]


class DataServer:
    """What is served where, and what has been asked for."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.over = threading.Event()
        self._answers: dict[str, Answer] = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._scheme = "http"
        if tls is not None:
            self._scheme = "https"
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._http.data_server = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def base(self) -> str:
        """The address of the server, without a slash at its end."""
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}"

    def serve(
        self, path: str, content: bytes, kind: str | None = "text/plain; charset=utf-8"
    ) -> str:
        """Serve a file as it should be; return its URL."""

        def answer(handler: Handler) -> None:
            handler.begin(200, {"Content-Length": str(len(content)), "Content-Type": kind})
            handler.wfile.write(content)

        return self.answer(path, answer)

    def status(self, path: str, status: int) -> str:
        """Answer with nothing but a status."""
        return self.answer(path, lambda handler: handler.begin(status, {"Content-Length": "0"}))

    def redirect(self, path: str, target: str) -> str:
        """Send elsewhere, with a body without end, as nobody should read it."""

        def answer(handler: Handler) -> None:
            handler.begin(302, {"Location": target, "Content-Type": "text/html"})
            handler.pour(b"<html>elsewhere</html>")

        return self.answer(path, answer)

    def cut_off(self, path: str, content: bytes, *, chunked: bool = False) -> str:
        """Promise more than comes, and hang up."""

        def answer(handler: Handler) -> None:
            if chunked:
                handler.begin(200, {"Transfer-Encoding": "chunked", "Content-Type": "text/plain"})
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
            else:
                handler.begin(
                    200, {"Content-Length": str(2 * len(content)), "Content-Type": "text/plain"}
                )
                handler.wfile.write(content)

        return self.answer(path, answer)

    def endless(self, path: str, piece: bytes = b"x" * 65_536, *, length: int | None = None) -> str:
        """Send a piece again and again; ``length`` is what the server says of it, nothing unless
        given.
        """

        def answer(handler: Handler) -> None:
            handler.begin(
                200,
                {
                    "Content-Type": "text/plain",
                    "Content-Length": None if length is None else str(length),
                },
            )
            handler.pour(piece)

        return self.answer(path, answer)

    def silent(self, path: str, content: bytes = b"") -> str:
        """Begin to answer (or, without content, not even that) and say no more until all is
        over.
        """

        def answer(handler: Handler) -> None:
            if content:
                handler.begin(200, {"Content-Length": "1000000", "Content-Type": "text/plain"})
                handler.wfile.write(content)
                handler.wfile.flush()
            self.over.wait()

        return self.answer(path, answer)

    def answer(self, path: str, answer: Answer) -> str:
        """Answer a path with a function of the request's handler; return its URL."""
        self._answers[path] = answer
        return self.base + path

    def find(self, path: str) -> Answer | None:
        return self._answers.get(path)

    def close(self) -> None:
        """End every answer and stop listening."""
        self.over.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _data_server(self) -> DataServer:
        found: DataServer = self.server.data_server  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        server = self._data_server
        server.asked.append(self.path)
        server.headers.append(dict(self.headers.items()))
        self.close_connection = True
        answer = server.find(self.path)
        # The other side hangs up on what it does not want.
        with suppress(OSError):
            if answer is None:
                self.begin(404, {"Content-Length": "0"})
            else:
                answer(self)

    def do_CONNECT(self) -> None:
        """Answer as a proxy that is asked for a tunnel to ``HOST:PORT``."""
        self.do_GET()

    def begin(self, status: int, headers: dict[str, str | None]) -> None:
        """Send status and headers, but none that is None."""
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()

    def pour(self, piece: bytes) -> None:
        """Send a piece until somebody has had enough."""
        while not self._data_server.over.is_set():
            self.wfile.write(piece)

    def drip(self, piece: bytes) -> None:
        """Send a piece now and then, well before anybody would call it silence."""
        with suppress(OSError):
            while not self._data_server.over.wait(0.05):
                self.wfile.write(piece)
                self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: stderr is looked at."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[DataServer]:
    """Serve for as long as the block lasts, by https with ``tls``; no proxy stands between."""
    server = DataServer(tls)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patch.delenv(name)
        try:
            yield server
        finally:
            server.close()
