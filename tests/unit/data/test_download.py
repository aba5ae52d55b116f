"""Downloads come whole, by redirects too, and tell how far they are; against a server on this
machine.
"""

import gzip
from pathlib import Path

import pytest
from helpers.data_server import DataServer, Handler
from helpers.download import SOON, TEXT, refused

from engine.data.download import Received, download

# What comes.


def test_a_text_comes_as_it_is(server: DataServer) -> None:
    assert download(server.serve("/alice.txt", TEXT)).content == TEXT
    assert server.asked == ["/alice.txt"]


@pytest.mark.parametrize(
    "kind",
    [None, "", "text/plain", "text/csv; header=absent", "TEXT/CSV", "application/octet-stream",
    "application/csv",
     "application/vnd.ms-excel", "text/markdown"],
)  # fmt: skip
def test_whatever_a_text_or_a_table_is_called(server: DataServer, kind: str | None) -> None:
    assert download(server.serve("/x", b"1749-01,58.0\n", kind)).content == b"1749-01,58.0\n"


def test_a_table_from_a_script_that_does_not_say_what_it_sends(server: DataServer) -> None:
    assert (
        download(
            server.serve("/snmtotcsv.php", b"1749;01;58\n", "text/html; charset=UTF-8")
        ).content
        == b"1749;01;58\n"
    )


def test_progress_is_told_from_the_asking_to_the_last_byte(server: DataServer) -> None:
    told: list[Received] = []
    url = server.serve("/alice.txt", TEXT)
    download(url, told.append)
    assert told[0] == Received(url, 0, None)
    assert told[1] == Received(url, 0, len(TEXT))
    assert told[-1] == Received(url, len(TEXT), len(TEXT))
    assert [received.received for received in told] == sorted(
        received.received for received in told
    )
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
    assert download(server.answer("/x", answer), told.append).content == b"one two three"
    assert {received.total for received in told} == {None}


def test_it_says_who_asks_and_wants_nothing_packed(server: DataServer) -> None:
    download(server.serve("/x", b"x y"))
    assert server.headers[0]["User-Agent"].startswith("rnnlab-tui/")
    assert server.headers[0]["Accept-Encoding"] == "identity"


def test_what_is_packed_all_the_same_is_unpacked_to_the_limit_and_no_further(
    server: DataServer,
) -> None:
    def packed(content: bytes) -> str:
        body = gzip.compress(content)

        def answer(handler: Handler) -> None:
            handler.begin(200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"})
            handler.wfile.write(body)

        return server.answer("/packed", answer)

    assert download(packed(TEXT)).content == TEXT
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


def test_a_proxy_is_asked(server: DataServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.base)
    server.serve("http://example.org/x", b"x y")
    assert download("http://example.org/x").content == b"x y"


# Redirects.


def test_a_redirect_is_followed(server: DataServer) -> None:
    server.serve("/new/alice.txt", TEXT)
    server.redirect("/old", "new/alice.txt")
    assert download(server.redirect("/older", f"{server.base}/old")).content == TEXT
    assert server.asked == ["/older", "/old", "/new/alice.txt"]


def test_circles_end(server: DataServer) -> None:
    server.redirect("/b", "/a")
    with refused("it redirects more than 3 times"):
        download(server.redirect("/a", "/b"), limits=SOON)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("ftp://127.0.0.1/x", "which is not a web address"),
        ("file:///etc/passwd", "which is not a web address"),
        ("https://me:secret@127.0.0.1/", "an address with a password"),
        ("http://127.0.0.1:99999/", "not a URL that can be fetched"),
    ],
)
def test_a_redirect_leads_nowhere_but_into_the_web(
    server: DataServer, target: str, reason: str
) -> None:
    with refused(reason):
        download(server.redirect("/x", target))
