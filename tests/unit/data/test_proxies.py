"""A proxy that can't be used is named with its variable, not the server behind it; against a server
on this machine.
"""

import socket

import pytest
from helpers.data_server import DataServer, Handler
from helpers.download import SOON, TEXT
from hypothesis import given
from hypothesis import strategies as st

from engine.data.catalog import FetchError
from engine.data.download import download
from engine.data.proxies import proxy_of

NOT_THERE = "http://example.org/x.csv"
NOT_THERE_TLS = "https://example.org/x.csv"


def problem(url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        download(url, limits=SOON)
    assert str(caught.value).isprintable()
    return caught.value


@pytest.mark.parametrize(
    "value", ["http://:bad", "http://", "http://host:99999", "http://[::1", "a b", "http://host:x/"]
)
@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_what_is_no_address_is_told_by_its_variable(
    server: DataServer, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    error = problem(NOT_THERE)
    assert error.reason == f"the proxy {value} that {variable} names is not an address of a proxy"
    assert error.remedy.startswith(f"Set {variable} to http://HOST:PORT")


def test_a_host_that_is_not_known_is_the_proxy_s(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    monkeypatch.setenv("http_proxy", "foo")
    error = problem(NOT_THERE)
    assert error.reason == "no network, or no such host as the proxy foo that http_proxy names"
    assert "no_proxy" in error.remedy


@pytest.mark.parametrize("url", [NOT_THERE, NOT_THERE_TLS])
def test_a_proxy_that_speaks_socks_needs_a_package(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr("engine.data.proxies.find_spec", lambda _name: None)
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1080")
    words = "the proxy socks5://127.0.0.1:1080 that all_proxy names speaks SOCKS"
    assert problem(url).reason.startswith(words)


def test_a_proxy_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "ftp://127.0.0.1:21")
    assert problem(NOT_THERE_TLS).reason.endswith(
        "that https_proxy names is neither an HTTP nor a SOCKS proxy"
    )


@pytest.mark.parametrize("url", [NOT_THERE, NOT_THERE_TLS])
def test_a_proxy_at_which_nobody_listens_is_told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    variable = f"{url.partition(':')[0]}_proxy"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        proxy = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv(variable, f"http://me:secret@{proxy}")
        error = problem(url)
    assert error.reason == f"the proxy http://{proxy} that {variable} names refuses the connection"
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("status", "words"),
    [(407, "wants a user and a password (407)"), (403, "does not let it through (403)")],
)
def test_a_tunnel_that_is_refused_is_the_proxy_s_doing(
    server: DataServer, monkeypatch: pytest.MonkeyPatch, status: int, words: str
) -> None:
    server.status("example.org:443", status)
    monkeypatch.setenv("https_proxy", server.base)
    assert (
        problem(NOT_THERE_TLS).reason == f"the proxy {server.base} that https_proxy names {words}"
    )


def test_a_proxy_that_wants_a_password_is_told(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status(NOT_THERE, 407)
    monkeypatch.setenv("http_proxy", server.base)
    assert (
        problem(NOT_THERE).reason
        == f"the proxy {server.base} that http_proxy names wants a user and a password (407)"
    )


def test_a_proxy_that_says_nothing_is_told(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.silent(NOT_THERE)
    monkeypatch.setenv("http_proxy", server.base)
    assert (
        problem(NOT_THERE).reason
        == f"the proxy {server.base} that http_proxy names sent nothing for 0.1 s"
    )


def test_what_goes_wrong_behind_the_proxy_is_not_its_doing(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.status(NOT_THERE, 404)
    monkeypatch.setenv("http_proxy", server.base)
    assert problem(NOT_THERE).reason == "there is nothing at this address (404)"
    server.cut_off(NOT_THERE, TEXT)
    error = problem(NOT_THERE)
    assert error.reason == "the connection closed before everything had arrived"
    assert "proxy" not in error.remedy


def test_a_server_behind_a_tunnel_that_speaks_no_tls_is_told(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tunnel(handler: Handler) -> None:
        handler.begin(200, {})
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    server.answer("example.org:443", tunnel)
    monkeypatch.setenv("https_proxy", server.base)
    error = problem(NOT_THERE_TLS)
    assert error.reason.startswith("example.org can't prove who it is (TLS; ")
    assert "proxy" not in error.remedy


def test_what_no_proxy_names_goes_without_one(
    server: DataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://:bad")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert download(server.serve("/x", TEXT)).content == TEXT


@given(
    scheme=st.sampled_from(["", "http://", "https://", "socks5://"]),
    user=st.text("abc%!$+-", max_size=5),
    password=st.text("xyz0123456789%!$+-", min_size=1, max_size=9),
    end=st.sampled_from(
        ["host:3128", "host", ":bad", "host:99999", "[::1", "[::1]:3128", "host:x"]
    ),
)
def test_a_password_is_never_shown(scheme: str, user: str, password: str, end: str) -> None:
    proxy = proxy_of(NOT_THERE, f"{scheme}{user}:pw{password}@{end}", {})
    assert proxy is not None
    assert f"pw{password}" not in f"{proxy} {proxy.problem} {proxy.remedy} {proxy.value}"


def test_small_letters_come_before_capitals_and_the_scheme_s_before_all() -> None:
    named = {"ALL_PROXY": "a", "all_proxy": "a", "HTTP_PROXY": "b"}
    for chosen, variable in (("a", "all_proxy"), ("b", "HTTP_PROXY")):
        proxy = proxy_of(NOT_THERE, chosen, named)
        assert proxy is not None
        assert proxy.variable == variable
    assert proxy_of(NOT_THERE, None, named) is None
