"""What can't be had from the web, by commands in processes: a sentence, status 2, and all as it was
before.

A server that falls silent is waited for 20 s, which only a unit test can shorten: see
``test_download.py``.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command_line import call, refused
from helpers.data_server import DataServer, serving
from helpers.factory import CORPUS

from engine.host.home import Home

RAIN = "Month,Rain\n" + "".join(f"{1901 + n // 12}-{n % 12 + 1:02},{n % 7}\n" for n in range(48))


@pytest.fixture(scope="module")
def server() -> Iterator[DataServer]:
    with serving() as started:
        yield started


@pytest.fixture
def nobody(server: DataServer) -> Iterator[str]:
    """An address at which nobody listens, as where there is no network."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_a_series_that_breaks_off_is_not_trained_on(home: Home, server: DataServer) -> None:
    # Half of it would do as a series.
    for url in (
        server.cut_off("/rain.csv", RAIN.encode()),
        server.cut_off("/2.csv", RAIN.encode(), chunked=True),
    ):
        said = call(home, "run", "sunspots/5", "--series", url)
        assert (said.returncode, said.stdout) == (2, "")
        assert (
            f"Can't fetch {url}: the connection closed before everything had arrived."
            in said.stderr.splitlines()[-1]
        )
    assert not home.root.exists()


def test_without_a_network_there_is_one_sentence(home: Home, nobody: str) -> None:
    for arguments in (
        ["run", "sunspots/5", "--series", f"{nobody}/x.csv:2"],
        ["data", "add", "rain", f"{nobody}/x.csv"],
    ):
        assert f"Can't fetch {nobody}/x.csv: 127.0.0.1 refuses the connection." in refused(
            call(home, *arguments)
        )
    for name in ("alice", "sunspots-silso"):
        assert "127.0.0.1 refuses the connection." in refused(
            call(home, "data", "fetch", name, RNNLAB_MIRROR=nobody)
        )
    assert not home.root.exists()


def test_a_proxy_that_can_t_be_used_is_named_and_not_the_host(
    home: Home, server: DataServer, nobody: str
) -> None:
    server.status("http://example.org/x.csv", 407)
    proxies = {
        "http://me:secret@:bad": "the proxy http://… that http_proxy names is not an address of a "
        "proxy",
        nobody.replace(
            "//", "//me:secret@"
        ): f"the proxy {nobody} that http_proxy names refuses the connection",
        server.base: f"the proxy {server.base} that http_proxy names wants a user and a password "
        f"(407)",
    }
    for proxy, words in proxies.items():
        for arguments in (["data", "add", "rain"], ["run", "sunspots/5", "--series"]):
            said = refused(call(home, *arguments, "http://example.org/x.csv", http_proxy=proxy))
            assert f"Can't fetch http://example.org/x.csv: {words}. Set http_proxy to" in said
            assert "secret" not in said
    assert not home.root.exists()


def test_what_can_t_be_fetched_again_stays_as_it_was(home: Home, server: DataServer) -> None:
    url = server.serve("/again.csv", RAIN.encode(), "text/csv")
    assert call(home, "data", "add", "rain", url).returncode == 0
    before = contents(home.root)
    server.cut_off("/again.csv", RAIN.encode() * 2)
    broken = call(home, "data", "fetch", "rain")
    assert (broken.returncode, broken.stdout, "Traceback" in broken.stderr) == (2, "", False)
    server.serve("/again.csv", CORPUS.encode())
    changed = call(home, "data", "fetch", "rain")
    assert (changed.returncode, changed.stdout, "Traceback" in changed.stderr) == (2, "", False)
    assert contents(home.root) == before


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
