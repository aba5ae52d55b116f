"""Where data is fetched from: what is no address, and the sources of what is known by name."""

import pytest
from helpers.data_server import DataServer
from helpers.download import TEXT

from engine.data.catalog import CATALOG, Fetched, FetchError
from engine.data.download import download
from engine.errors import UsageError
from engine.urls import check_url

# What is not even asked for.


@pytest.mark.parametrize(
    "url",
    ["http://", "http:///x", "https://:80/x", "http://h:99999/", "http://h:x/", "http://a b/",
    "http://h/a b",
     "http://h/\x1b[2J", "http://[::1", "http://h/" + "x" * 2_000, "ftp://h/x",
     "file:///etc/passwd", "//h/x", "h/x"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    for use in (check_url, download):
        with pytest.raises(UsageError, match="not a URL that can be fetched") as caught:
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


def test_the_mirror_is_asked_where_the_first_source_fails(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RNNLAB_MIRROR")
    asked: list[str] = []

    def fetch(url: str) -> Fetched:
        asked.append(url)
        if len(asked) == 1:
            raise FetchError(url, "the server has a problem (503)")
        return Fetched(b"text", url)

    alice = CATALOG["alice"]
    assert alice.fetch(fetch) == (alice.publishers[1], Fetched(b"text", alice.publishers[1]))
    assert asked == list(alice.publishers)
    assert asked[0] == "https://www.gutenberg.org/cache/epub/11/pg11.txt"


def test_all_sources_that_failed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RNNLAB_MIRROR")

    def fetch(url: str) -> Fetched:
        raise FetchError(url, "no network")

    with pytest.raises(UsageError) as caught:
        CATALOG["alice"].fetch(fetch)
    said = str(caught.value)
    assert said.startswith(
        "The text of Alice in Wonderland is not here yet. Can't fetch https://www.gutenberg.org/"
    )
    assert said.count("no network") == 2
    assert "--corpus FILE" in said


def test_a_mirror_of_the_laboratory_s_own_is_asked_instead(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_MIRROR", f"{server.base}/lab/")
    server.serve("/lab/alice.txt", TEXT)
    url = f"{server.base}/lab/alice.txt"
    assert CATALOG["alice"].fetch(download) == (url, Fetched(TEXT, url))
    with pytest.raises(
        UsageError,
        match=r"there is nothing at this address \(404\)\. RNNLAB_MIRROR names this address\.",
    ):
        CATALOG["sunspots-silso"].fetch(download)
    assert server.asked == ["/lab/alice.txt", "/lab/sunspots-silso.csv"]


def test_a_mirror_that_is_no_address_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RNNLAB_MIRROR", "lab/data")
    with pytest.raises(UsageError) as caught:
        CATALOG["alice"].fetch(download)
    assert str(caught.value) == (
        "RNNLAB_MIRROR = lab/data: must be the URL of a folder (http or https, without a password)."
    )


def test_what_is_here_is_not_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_MIRROR", "http://lab.example.org")

    def fetch(url: str) -> Fetched:
        raise FetchError(url, "no network")

    with pytest.raises(UsageError) as caught:
        CATALOG["alice"].fetch(fetch, again=True)
    assert str(caught.value) == (
        "Can't fetch http://lab.example.org/alice.txt: no network. RNNLAB_MIRROR names this "
        "address. "
        "What is here stays as it is."
    )
