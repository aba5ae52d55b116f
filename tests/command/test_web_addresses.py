"""Addresses on the web as the command shows them: where data really came from, and nothing that may
be a secret.
"""

import json
import os
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.command import Ask, Laboratory
from helpers.command_line import nothing_starts, refused
from helpers.data_server import DataServer, serving
from helpers.factory import CORPUS
from helpers.tls_identity import server_context, write_certificate
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.runs.results import Result
from engine.runs.run import all_runs, find_run
from engine.urls import show_command

RAIN = (
    "Month,Rain,Sun\n"
    + "".join(f"{1901 + n // 12}-{n % 12 + 1:02},{n % 7},{n % 5}\n" for n in range(96))
).encode()
SUN = RAIN.replace(b"1901-01,0,0", b"1901-01,0,3")
SECRET = "sEcReT-0a1b2c%2Fd=="


@pytest.fixture(scope="module")
def server() -> Iterator[DataServer]:
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataServer]:
    with serving(server_context(tmp_path_factory.mktemp("server"))) as started:
        yield started


@pytest.fixture
def trusting(lab: Laboratory, tmp_path: Path) -> Ask:
    """The command, for which the server's certificate is that of an authority."""
    bundle = str(write_certificate(tmp_path))
    return lambda *arguments, **more: lab.call(*arguments, REQUESTS_CA_BUNDLE=bundle, **more)


# Redirects.


def test_https_that_redirects_to_http_is_refused(
    lab: Laboratory, server: DataServer, tls_server: DataServer, trusting: Ask
) -> None:
    plain = server.serve("/plain.csv", RAIN, "text/csv")
    server.asked.clear()
    once = tls_server.redirect("/once.csv", plain)
    twice = tls_server.redirect("/twice.csv", "/once.csv")
    # What was asked for without TLS may go back and forth until TLS is left again.
    back = server.redirect("/back.csv", once)
    for url in (once, twice, back):
        for arguments in (
            ["data", "add", "rain", url],
            ["run", "sunspots/5", "--series", f"{url}:2"],
        ):
            said = refused(trusting(*arguments))
            assert f"Can't fetch {url}: it redirects to {plain}, without TLS" in said
            assert "download it by hand and give the file" in said
    assert "/plain.csv" not in server.asked
    assert not lab.home.root.exists()
    # The way out that is named.
    assert trusting("data", "add", "rain", plain, "--column", "2").returncode == 0


def test_the_list_says_where_it_really_came_from(
    lab: Laboratory, tls_server: DataServer, trusting: Ask
) -> None:
    there = tls_server.serve(f"/there.csv?sig={SECRET}", RAIN, "text/csv")
    here = tls_server.redirect("/here.csv", there)
    added = trusting("data", "add", "rain", here, "--column", "2")
    assert (added.returncode, added.stderr.count(f"KiB from {tls_server.base}/there.csv?…")) == (
        0,
        1,
    )
    words = f"{here}, redirected to {tls_server.base}/there.csv?…, 1901-01 to 1908-12"
    assert words in trusting("data", "list").stdout
    entry = (lab.home.data / "series" / "rain.json").read_text()
    assert json.loads(entry)["redirected_to"] == f"{tls_server.base}/there.csv?…"
    # Fetched again without a redirect, it comes from where it is said to be.
    tls_server.serve("/here.csv", RAIN, "text/csv")
    assert trusting("data", "fetch", "rain").returncode == 0
    assert "redirected" not in trusting("data", "list").stdout


# Secrets.


def test_a_token_is_in_no_file_of_a_run_and_in_no_table(
    lab: Laboratory, server: DataServer, tmp_path: Path
) -> None:
    url = server.serve(f"/rain.csv?token={SECRET}", RAIN, "text/csv")
    shown = f"{server.base}/rain.csv?…"
    done = lab.call("run", "sunspots/5", "--set=epochs=1", "--series", f"{url}:2", "--json")
    assert done.returncode == 0, done.stderr
    run_id = json.loads(done.stdout)["id"]
    assert lab.read("show", run_id, "--json")["data"]["url"] == shown
    printed = [done.stdout, done.stderr]
    outputs = [tmp_path / f"table.{ending}" for ending in ("md", "csv", "json", "tex")]
    for arguments in (
        ["data", "list"], ["data", "show", f"{url}:2"], ["data", "show", f"{url}:2", "--json"],
        ["data", "fetch", url],
        ["show", run_id], ["show", run_id, "--json"], ["runs"], ["runs", "--json"],
        ["watch", run_id],
        *(["export", run_id, "-o", str(output)] for output in outputs),
    ):  # fmt: skip
        called = lab.call(*arguments)
        assert called.returncode == 0, called.stderr
        printed += [called.stdout, called.stderr]
    files = [*outputs, *(path for path in lab.home.runs.rglob("*") if path.is_file())]
    assert {path.name for path in files} >= {
        "trial.json",
        "result.json",
        "events.jsonl",
        "worker.log",
    }
    for text in (*printed, *(path.read_bytes().decode("utf-8", "replace") for path in files)):
        assert "sEcReT" not in text
    # What is needed to fetch it again is in the private entry alone.
    (entry,) = (lab.home.data / "series").iterdir()
    assert json.loads(entry.read_text())["source"] == url
    assert entry.stat().st_mode & 0o077 == 0


def test_what_is_shown_of_an_address_finds_the_data(lab: Laboratory, server: DataServer) -> None:
    url = server.serve(f"/id.csv?id={SECRET}", RAIN, "text/csv")
    shown = f"{server.base}/id.csv?…"
    with nothing_starts(lab.home):
        first = lab.call("run", "sunspots/5", "--detach", "--series", f"{url}:2").stdout.strip()
        trial = find_run(lab.home, first).submission.trial
        # As the result's command has it.
        again = lab.call("run", "sunspots/5", "--detach", "--series", f"{shown}:2")
        assert again.returncode == 0, again.stderr
        assert find_run(lab.home, again.stdout.strip()).submission.trial == trial
        fetched = lab.call("data", "fetch", shown)
        assert (fetched.returncode, server.asked[-1]) == (0, f"/id.csv?id={SECRET}")
        assert lab.call("data", "show", f"{shown}:2").returncode == 0
        # Another address that is shown alike, of the same data: either will do. Of other data,
        # none.
        lab.call("data", "show", server.serve("/id.csv?id=2", SUN, "text/csv"))
        other = server.serve("/id.csv?id=3", RAIN, "text/csv")
        assert lab.call("run", "sunspots/5", "--detach", "--series", f"{other}:2").returncode == 0
        assert lab.call("run", "sunspots/5", "--detach", "--series", f"{shown}:2").returncode == 0
        assert (
            lab.call(
                "run", "sunspots/5", "--detach", "--series", f"{server.base}/id.csv?id=2:2"
            ).returncode
            == 0
        )
        said = refused(lab.call("run", "sunspots/5", "--detach", "--series", f"{shown}:2"))
        assert (
            said
            == f"rnnlab-tui: Several addresses are shown as {shown}. Give the one that you mean "
            f"in full."
        )
        for run in all_runs(lab.home):
            run.request_cancel()


def test_what_is_left_out_of_an_address_is_missed_elsewhere(
    lab: Laboratory, server: DataServer
) -> None:
    said = refused(lab.call("run", "sunspots/5", "--series", f"{server.base}/none.csv?…:2"))
    assert "a part of this address is hidden. Give the address in full." in said


def test_results_of_older_versions_are_shown_without_secrets(
    lab: Laboratory, server: DataServer
) -> None:
    url = server.serve(f"/old.csv?token={SECRET}", RAIN, "text/csv")
    run_id = json.loads(
        lab.call("run", "sunspots/5", "--set=epochs=1", "--series", f"{url}:2", "--json").stdout
    )["id"]
    folder = find_run(lab.home, run_id).directory
    for name, before in (("trial.json", "/old.csv?…"), ("result.json", "/old.csv?…:2")):
        text = (folder / name).read_text()
        assert before in text
        (folder / name).write_text(text.replace("/old.csv?…", f"/old.csv?token={SECRET}"))
    for arguments in (
        ["show", run_id],
        ["show", run_id, "--json"],
        ["runs", "--json"],
        ["export", run_id],
    ):
        done = lab.call(*arguments)
        assert (done.returncode, "sEcReT" in done.stdout + done.stderr) == (0, False), arguments
    command = lab.read("show", run_id, "--json")["provenance"]["command"]
    assert shlex.split(command)[-1] == f"{server.base}/old.csv?…:2"
    assert (
        Result.model_validate_json((folder / "result.json").read_bytes()).provenance.command
        == command
    )


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("rnnlab-tui run alice/1 --corpus alice", "rnnlab-tui run alice/1 --corpus alice"),
        (
            "rnnlab-tui run a/1 --corpus https://h/a.txt --x=y",
            "rnnlab-tui run a/1 --corpus https://h/a.txt --x=y",
        ),
        (
            "rnnlab-tui run a/1 --corpus 'https://h/a?k=v' --x",
            "rnnlab-tui run a/1 --corpus 'https://h/a?…' --x",
        ),
        (
            "rnnlab-tui run a/1 --series 'https://h/a?k=v:12'",
            "rnnlab-tui run a/1 --series 'https://h/a?…:12'",
        ),
        ("it isn't one", "it isn't one"),
    ],
)
def test_commands_are_shown_without_secrets(command: str, shown: str) -> None:
    assert show_command(command) == shown


_TOKENS = st.text("abcXYZ019-_.~=&%+@!$,()*é", min_size=1, max_size=20).map(
    lambda text: f"sEcReT{text}"
)
"""What keys, tokens and signatures are made of. A colon stands before a series' column, and has to
be written %3A.
"""
_USERS = st.text("abcXYZ019-_.~=&%+@!$,()*é", max_size=20).map(lambda text: f"sEcReT{text}")
_PLACES = st.sampled_from(
    ["{base}/{file}?token={secret}", "{base}/{file}?{secret}", "{base}/{file}?{secret}=1",
    "{base}/{file}?a=1&{secret}",
     "{base}?key={secret}", "{base}/?sig={secret}", "{base}/{file}#{secret}",
     "{base}/{file}?a=b#{secret}",
     "{base}/{file};jsessionid={secret}", "{base}/{file};jsessionid={secret}?a=b",
     "http://{host}:99999/{file}?token={secret}", "http://[::1/{file}?token={secret}",
     "ftp://{host}/{file}?k={secret}",
     "http://{host}:x/{file}?password={secret}", "{base}/a b/{file}?X-Amz-Signature={secret}"]
)  # fmt: skip
_WITH_USER = st.sampled_from(
    ["http://{secret}@{host}/{file}", "http://me:{secret}@{host}/{file}",
    "http://{secret}:pw@{host}/{file}",
     "http://me:{secret}@{host}:99999/{file}", "http://me:{secret}@[::1/{file}",
     "ftp://me:{secret}@{host}/{file}"]
)  # fmt: skip
_ANSWERS = st.sampled_from(
    ["table", "text", "page", "404", "redirect", "redirect to nowhere", "nobody"]
)


def prepare(server: DataServer, path: str, answer: str) -> None:
    """Have the server answer a path in one of the ways of servers."""
    if answer in ("table", "text"):
        server.serve(path, RAIN if answer == "table" else CORPUS.encode() * 3)
    elif answer == "page":
        server.serve(path, b"<!doctype html>", "text/html")
    elif answer == "404":
        server.status(path, 404)
    elif answer == "redirect":
        server.serve("/file/moved.csv?sig=sEcReT", RAIN)
        server.redirect(path, "/file/moved.csv?sig=sEcReT")
    elif answer == "redirect to nowhere":
        server.redirect(path, "ftp://me:sEcReT@example.org/x?sEcReT")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    written=st.one_of(st.tuples(_PLACES, _TOKENS), st.tuples(_WITH_USER, _USERS)),
    answer=_ANSWERS,
    number=st.integers(0, 9),
)
@example(("{base}/{file}?X-Amz-Signature={secret}", "sEcReT"), "table", 0)
@example(("{base}/{file}?X-Amz-Signature={secret}", "sEcReT"), "nobody", 0)
@example(("http://me:{secret}@{host}:99999/{file}", "sEcReT@"), "table", 0)
def test_nothing_that_is_printed_or_shared_has_the_secret_of_an_address(
    lab: Laboratory,
    ask: Ask,
    server: DataServer,
    written: tuple[str, str],
    answer: str,
    number: int,
) -> None:
    form, secret = written
    base = server.base
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        if answer == "nobody":
            base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        url = form.format(base=base, host=base.partition("//")[2], file="data.csv", secret=secret)
        prepare(
            server, url.removeprefix(base).partition("#")[0].replace("é", "%C3%A9") or "/", answer
        )
        said = []
        with nothing_starts(lab.home):
            for arguments in (
                ["data", "show", url], ["data", "add", f"rain-{number}", url],
                ["data", "fetch", url],
                ["run", "sunspots/5", "--detach", "--series", url],
                ["run", "sunspots/5", "--detach", "--series", f"{url}:2"],
                ["run", "alice/1", "--detach", "--corpus", url], ["data", "list"],
                ["runs", "--json"],
            ):  # fmt: skip
                done = ask(*arguments)
                said.append(done.stdout + done.stderr)
    files = [path for path in lab.home.runs.rglob("*") if path.is_file()]
    assert not any("sEcReT" in text for text in said), (url, said)
    assert not any(b"sEcReT" in path.read_bytes() for path in files), url
    assert os.fsencode(secret) not in b"".join(
        os.fsencode(path) for path in lab.home.root.rglob("*")
    )
