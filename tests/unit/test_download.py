"""Downloads come whole and of bounded size, or one sentence says why not; against a server on this machine."""

import gzip
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from data_server import Answer, DataServer, Handler, serving

from engine.data.address import check_url
from engine.data.download import Limits, Received, download
from engine.data.known import KNOWN, FetchError
from engine.data.reading import LARGEST_BYTES
from engine.errors import UsageError

TEXT = "“Curiouser and curiouser!” cried Alice.\n".encode() * 10_000
SOON = Limits(connect_s=5, silence_s=0.1, total_s=60, bytes=2**20, redirects=3)


@pytest.fixture
def server() -> Iterator[DataServer]:
    with serving() as started:
        yield started


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """Check that a download is refused for this reason, in a sentence that can be printed and says the ways out."""
    with pytest.raises(FetchError) as caught:
        yield
    assert reason in caught.value.reason, caught.value.reason
    assert caught.value.what.startswith("Can't fetch http")
    assert caught.value.what.endswith(".")
    assert caught.value.remedy.endswith(".")
    assert str(caught.value).isprintable()


# What comes.


def test_a_text_comes_as_it_is(server: DataServer) -> None:
    assert download(server.serve("/alice.txt", TEXT)) == TEXT
    assert server.asked == ["/alice.txt"]


@pytest.mark.parametrize(
    "kind",
    [None, "", "text/plain", "text/csv; header=absent", "TEXT/CSV", "application/octet-stream", "application/csv",
     "application/vnd.ms-excel", "text/markdown"],
)  # fmt: skip
def test_whatever_a_text_or_a_table_is_called(server: DataServer, kind: str | None) -> None:
    assert download(server.serve("/x", b"1749-01,58.0\n", kind)) == b"1749-01,58.0\n"


def test_a_table_from_a_script_that_does_not_say_what_it_sends(server: DataServer) -> None:
    assert download(server.serve("/snmtotcsv.php", b"1749;01;58\n", "text/html; charset=UTF-8")) == b"1749;01;58\n"


def test_progress_is_told_from_the_asking_to_the_last_byte(server: DataServer) -> None:
    told: list[Received] = []
    url = server.serve("/alice.txt", TEXT)
    download(url, told.append)
    assert told[0] == Received(url, 0, None)
    assert told[1] == Received(url, 0, len(TEXT))
    assert told[-1] == Received(url, len(TEXT), len(TEXT))
    assert [received.received for received in told] == sorted(received.received for received in told)
    assert len(told) > 3


def test_what_the_listener_raises_ends_it(server: DataServer) -> None:
    class EnoughError(Exception):
        pass

    def enough(received: Received) -> None:
        if received.received > 100_000:
            raise EnoughError

    with pytest.raises(EnoughError):
        download(server.endless("/x"), enough)


def test_in_pieces_without_a_length(server: DataServer) -> None:
    def answer(handler: Handler) -> None:
        handler.begin(200, {"Transfer-Encoding": "chunked"})
        for piece in (b"one ", b"two ", b"three"):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    told: list[Received] = []
    assert download(server.answer("/x", answer), told.append) == b"one two three"
    assert {received.total for received in told} == {None}


def test_it_says_who_asks_and_wants_nothing_packed(server: DataServer) -> None:
    download(server.serve("/x", b"x y"))
    assert server.headers[0]["User-Agent"].startswith("rnnlab-tui/")
    assert server.headers[0]["Accept-Encoding"] == "identity"


def test_what_is_packed_all_the_same_is_unpacked_to_the_limit_and_no_further(server: DataServer) -> None:
    def packed(content: bytes) -> str:
        body = gzip.compress(content)

        def answer(handler: Handler) -> None:
            handler.begin(200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"})
            handler.wfile.write(body)

        return server.answer("/packed", answer)

    assert download(packed(TEXT)) == TEXT
    told: list[Received] = []
    with refused("it is larger than 1 MiB"):
        download(packed(b"x" * 2**26), told.append, SOON)
    assert told[-1].received <= 2**20


def test_passwords_that_lie_about_are_not_sent(
    server: DataServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    download(server.serve("/x", b"x y"))
    assert "Authorization" not in server.headers[0]


# Redirects.


def test_a_redirect_is_followed(server: DataServer) -> None:
    server.serve("/new/alice.txt", TEXT)
    server.redirect("/old", "new/alice.txt")
    assert download(server.redirect("/older", f"{server.base}/old")) == TEXT
    assert server.asked == ["/older", "/old", "/new/alice.txt"]


def test_circles_end(server: DataServer) -> None:
    server.redirect("/b", "/a")
    with refused("it redirects more than 3 times"):
        download(server.redirect("/a", "/b"), limits=SOON)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("ftp://127.0.0.1/x", "which is no web address"),
        ("file:///etc/passwd", "which is no web address"),
        ("https://me:secret@127.0.0.1/", "an address with a password"),
        ("http://127.0.0.1:99999/", "no address that can be fetched"),
    ],
)
def test_a_redirect_leads_nowhere_but_into_the_web(server: DataServer, target: str, reason: str) -> None:
    with refused(reason):
        download(server.redirect("/x", target))


# What does not come.


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "there is nothing at this address (404)"),
        (410, "there is nothing at this address (410)"),
        (403, "does not give it to everybody (403)"),
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
def test_a_web_page_is_refused_whatever_it_is_called(server: DataServer, content: bytes, kind: str) -> None:
    with refused("it is a web page"):
        download(server.serve("/x", content, kind))


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/zip", "video/mp4", "application/json"])
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
    with refused("the connection broke off before everything had come"):
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
    with refused("it had not come whole after 0.3 s"):
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


@pytest.mark.parametrize("error", [OSError(101, "Network is unreachable"), OSError(113, "No route to host")])
def test_no_route_is_said(server: DataServer, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    def nothing(*_arguments: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(socket.socket, "connect", nothing)
    with refused("127.0.0.1 can't be reached"):
        download(server.serve("/x", b"x y"))


def test_a_connection_that_nobody_answers_is_said(server: DataServer, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_proxy_that_is_not_there_is_said(server: DataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with refused("the proxy that https_proxy or http_proxy names"):
            download("http://example.org/x")


def test_a_proxy_is_asked(server: DataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.base)
    server.serve("http://example.org/x", b"x y")
    assert download("http://example.org/x") == b"x y"


def test_what_is_no_http_is_said(server: DataServer) -> None:
    def answer(handler: Handler) -> None:
        handler.wfile.write(b"220 ftp.example.org ready\r\n")

    with refused("the connection broke off"):
        download(server.answer("/x", answer))


def test_no_answer_takes_long(server: DataServer) -> None:
    # All the limits above are the server's doing; none was waited for.
    began = time.monotonic()
    for url in (server.status("/a", 404), server.endless("/b"), server.cut_off("/c", b"x")):
        with pytest.raises(FetchError):
            download(url, limits=SOON)
    assert time.monotonic() - began < 5


# What is not even asked for.


@pytest.mark.parametrize(
    "url",
    ["http://", "http:///x", "https://:80/x", "http://h:99999/", "http://h:x/", "http://a b/", "http://h/a b",
     "http://h/\x1b[2J", "http://[::1", "http://h/" + "x" * 2_000, "ftp://h/x", "file:///etc/passwd", "//h/x", "h/x"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    for use in (check_url, download):
        with pytest.raises(UsageError, match="no address that can be fetched") as caught:
            use(url)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 250


def test_a_password_would_be_shown_everywhere() -> None:
    with pytest.raises(UsageError, match="an address with a password would be shown") as caught:
        check_url("https://me:secret@example.org/x.csv")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://example.org/x.csv#row=4", "https://example.org/x.csv"),
        ("HTTP://EXAMPLE.org/x", "http://EXAMPLE.org/x"),
        ("http://example.org:8080/a?b=1&c=%20", "http://example.org:8080/a?b=1&c=%20"),
    ],
)
def test_an_address_is_kept_as_it_is_given(given: str, kept: str) -> None:
    assert check_url(given) == kept


# What is known by name.


def test_the_mirror_is_asked_where_the_first_source_fails(server: DataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RNNLAB_MIRROR")
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        if len(asked) == 1:
            raise FetchError(url, "the server has a problem (503)")
        return b"text"

    alice = KNOWN["alice"]
    assert alice.fetch(fetch) == (alice.publishers[1], b"text")
    assert asked == list(alice.publishers)
    assert asked[0] == "https://www.gutenberg.org/cache/epub/11/pg11.txt"


def test_all_sources_that_failed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RNNLAB_MIRROR")

    def fetch(url: str) -> bytes:
        raise FetchError(url, "no network")

    with pytest.raises(UsageError) as caught:
        KNOWN["alice"].fetch(fetch)
    said = str(caught.value)
    assert said.startswith("The text of Alice in Wonderland is not here yet. Can't fetch https://www.gutenberg.org/")
    assert said.count("no network") == 2
    assert "--corpus FILE" in said


def test_a_mirror_of_the_laboratory_s_own_is_asked_instead(server: DataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_MIRROR", f"{server.base}/lab/")
    server.serve("/lab/alice.txt", TEXT)
    assert KNOWN["alice"].fetch(download) == (f"{server.base}/lab/alice.txt", TEXT)
    with pytest.raises(
        UsageError, match=r"there is nothing at this address \(404\)\. RNNLAB_MIRROR names this address\."
    ):
        KNOWN["sunspots-silso"].fetch(download)
    assert server.asked == ["/lab/alice.txt", "/lab/sunspots-silso.csv"]


def test_a_mirror_that_is_no_address_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_MIRROR", "lab/data")
    with pytest.raises(UsageError) as caught:
        KNOWN["alice"].fetch(download)
    words = "is not here yet. lab/data/alice.txt is no address that can be fetched. RNNLAB_MIRROR names this address."
    assert words in str(caught.value)


def test_what_is_here_is_not_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_MIRROR", "http://lab.example.org")

    def fetch(url: str) -> bytes:
        raise FetchError(url, "no network")

    with pytest.raises(UsageError) as caught:
        KNOWN["alice"].fetch(fetch, again=True)
    assert str(caught.value) == (
        "Can't fetch http://lab.example.org/alice.txt: no network. RNNLAB_MIRROR names this address. "
        "What is here stays as it is."
    )
