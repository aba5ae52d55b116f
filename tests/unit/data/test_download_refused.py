"""What does not come, or does not end, is left in time and in one sentence; against a server on
this machine.
"""

import socket
import ssl
import time
from pathlib import Path

import pytest
from helpers.data_server import Answer, DataServer, Handler
from helpers.download import SOON, TEXT, refused

from engine.data.catalog import FetchError
from engine.data.download import Limits, Received, download
from engine.data.reading import LARGEST_BYTES


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "there is nothing at this address (404)"),
        (410, "there is nothing at this address (410)"),
        (403, "refuses access (403)"),
        (429, "asked too often (429)"),
        (500, "the server has a problem (500)"),
        (503, "the server has a problem (503)"),
        (418, "answers with status 418"),
        (206, "answers with status 206"),
        (204, "answers with status 204"),
        (304, "answers with status 304"),
    ],
)
def test_statuses_are_named(server: DataServer, status: int, reason: str) -> None:
    with refused(reason):
        download(server.status("/x", status))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!DOCTYPE html>\n<html>Please log in</html>", "text/html"),
        (b"\xef\xbb\xbf\n <HTML><body>", "text/plain"),
        (b"<p>not found</p>", "text/html; charset=utf-8"),
        (b"<?xml version='1.0'?><html>", "application/xhtml+xml"),
    ],
)
def test_a_web_page_is_refused_whatever_it_is_called(
    server: DataServer, content: bytes, kind: str
) -> None:
    with refused("it is a web page"):
        download(server.serve("/x", content, kind))


@pytest.mark.parametrize(
    "kind", ["application/pdf", "image/png", "application/zip", "video/mp4", "application/json"]
)
def test_what_is_no_text_is_refused_without_being_read(server: DataServer, kind: str) -> None:
    def answer(handler: Handler) -> None:
        handler.begin(200, {"Content-Type": kind})
        handler.pour(b"\0" * 1000)

    with refused(f"it is {kind}, not a text or a table"):
        download(server.answer("/x", answer))


def test_nothing_is_refused(server: DataServer) -> None:
    with refused("it is empty"):
        download(server.serve("/x", b""))


def test_a_stream_without_end_is_left_at_the_limit(server: DataServer) -> None:
    told: list[Received] = []
    with refused("it is larger than 1 MiB"):
        download(server.endless("/x"), told.append, SOON)
    assert told[-1].received <= 2**20


def test_gigabytes_that_are_announced_are_not_begun(server: DataServer) -> None:
    told: list[Received] = []
    with refused("it is larger than 32 MiB"):
        download(server.endless("/x", length=5 * 2**30), told.append)
    assert [received.received for received in told] == [0]
    assert Limits().bytes == LARGEST_BYTES


def test_a_length_that_is_no_number_does_not_help(server: DataServer) -> None:
    def answer(handler: Handler) -> None:
        handler.begin(200, {"Content-Type": "text/plain", "Content-Length": "-1"})
        handler.pour(b"x" * 65_536)

    with refused("it is larger than 1 MiB"):
        download(server.answer("/x", answer), limits=SOON)


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_cut_off_is_not_taken(server: DataServer, chunked: bool) -> None:
    with refused("the connection closed before everything had arrived"):
        download(server.cut_off("/x", TEXT, chunked=chunked))


@pytest.mark.parametrize("content", [b"", b"The beginning"])
def test_a_server_that_falls_silent_is_left(server: DataServer, content: bytes) -> None:
    with refused("127.0.0.1 sent nothing for 0.1 s"):
        download(server.silent("/x", content), limits=SOON)


def pour_promises(handler: Handler) -> None:
    handler.pour(b"HTTP/1.1 100 Continue\r\n\r\n")


def drip_header(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    handler.drip(b"x")


def drip_body(handler: Handler) -> None:
    handler.begin(200, {"Content-Type": "text/plain"})
    handler.drip(b"x")


@pytest.mark.parametrize("answer", [pour_promises, drip_header, drip_body])
def test_a_server_that_never_comes_to_an_end_is_left(server: DataServer, answer: Answer) -> None:
    limits = Limits(silence_s=5, total_s=0.3)
    began = time.monotonic()
    with refused("it was not complete after 0.3 s"):
        download(server.answer("/x", answer), limits=limits)
    assert time.monotonic() - began < limits.silence_s


def test_a_closed_port_is_said(server: DataServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with refused("127.0.0.1 refuses the connection"):
            download(f"http://127.0.0.1:{taken.getsockname()[1]}/x")


def test_no_network_is_said(server: DataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with refused("no network, or no such host as www.gutenberg.org"):
        download("https://www.gutenberg.org/cache/epub/11/pg11.txt")


@pytest.mark.parametrize(
    "error", [OSError(101, "Network is unreachable"), OSError(113, "No route to host")]
)
def test_no_route_is_said(
    server: DataServer, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def nothing(*_arguments: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(socket.socket, "connect", nothing)
    with refused("127.0.0.1 can't be reached"):
        download(server.serve("/x", b"x y"))


def test_a_connection_that_nobody_answers_is_said(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_arguments: object, **_more: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket.socket, "connect", nothing)
    with refused("127.0.0.1 does not answer within 10 s"):
        download(server.serve("/x", b"x y"))


def test_a_server_that_can_t_prove_who_it_is_is_not_believed(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unproved(*_arguments: object, **_more: object) -> None:
        raise ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", unproved)
    with refused("127.0.0.1 can't prove who it is"):
        download(server.serve("/x", b"x y").replace("http:", "https:"))


def test_a_server_that_speaks_no_tls_is_said(server: DataServer) -> None:
    with refused("127.0.0.1 can't prove who it is"):
        download(server.serve("/x", b"x y").replace("http:", "https:"))


def test_certificates_that_are_not_there_are_said(
    server: DataServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with refused("the certificates that REQUESTS_CA_BUNDLE names can't be read"):
        download(server.serve("/x", b"x y").replace("http:", "https:"))


def test_a_proxy_that_is_not_there_is_said(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("http_proxy", proxy)
        with refused(f"the proxy {proxy} that http_proxy names refuses the connection"):
            download("http://example.org/x")


def test_what_is_no_http_is_said(server: DataServer) -> None:
    def answer(handler: Handler) -> None:
        handler.wfile.write(b"220 ftp.example.org ready\r\n")

    with refused("the connection closed"):
        download(server.answer("/x", answer))


def test_no_answer_takes_long(server: DataServer) -> None:
    # All the limits above are the server's doing; none was waited for.
    began = time.monotonic()
    for url in (server.status("/a", 404), server.endless("/b"), server.cut_off("/c", b"x")):
        with pytest.raises(FetchError):
            download(url, limits=SOON)
    assert time.monotonic() - began < 5
