"""Fetching from the web with its progress told: on stderr for the command, in a line of a screen
otherwise.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from urllib.parse import urlsplit

import click

from engine.data.catalog import Fetch, Fetched
from engine.data.download import Received, download
from engine.language import _
from engine.urls import show_url

_PACE_S = 1.0
_KIB = 2**10
_T = TypeVar("_T")


def progress_words(received: Received) -> str:
    """Say how far a download is, in a line."""
    url = show_url(received.url)
    host = urlsplit(url).hostname or url
    if not received.received:
        return _("Asking {host} for {url}…").format(host=host, url=url)
    if received.total:
        return _("Fetching from {host}: {n:,.0f} of {total:,.0f} KiB").format(
            host=host, n=received.received / _KIB, total=received.total / _KIB
        )
    return _("Fetching from {host}: {n:,.0f} KiB").format(host=host, n=received.received / _KIB)


def fetch_with_progress(url: str) -> Fetched:
    """Fetch a URL for a command, saying on stderr what is going on: a line a second at most, and
    one at the end.

    Into a file nothing is said before something has come: a refusal stays the one line that it is.
    """
    told = 0.0

    def tell(received: Received) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= _PACE_S and (received.received or sys.stderr.isatty()):
            told = now
            click.echo(progress_words(received), err=True)

    fetched = download(url, tell)
    words = _("Fetched {n:,.0f} KiB from {url}").format(
        n=len(fetched.content) / _KIB, url=show_url(fetched.url)
    )
    click.echo(words, err=True)
    return fetched


def fetch_once() -> Fetch:
    """Return what fetches a URL for a command at its first call, and has it at the next: it is
    looked at, then read.
    """
    known: dict[str, Fetched] = {}

    def fetch(url: str) -> Fetched:
        if url not in known:
            known[url] = fetch_with_progress(url)
        return known[url]

    return fetch


class Abandoned(Exception):
    """Nobody waits for the download any more."""


class CancellableFetch:
    """Fetches for a screen, which asks now and then how far it is, and may stop it."""

    def __init__(self) -> None:
        self._latest: Received | None = None
        self._stopped = False

    def __call__(self, url: str) -> Fetched:
        return download(url, self._take)

    def _take(self, received: Received) -> None:
        if self._stopped:
            raise Abandoned
        self._latest = received

    def stop(self) -> None:
        """Have the download end at its next piece."""
        self._stopped = True

    def words(self) -> str:
        """Say how far it is; empty where nothing is fetched."""
        return progress_words(self._latest) if self._latest else ""


async def run_in_daemon_thread(work: Callable[[], _T]) -> _T:
    """Do ``work`` in a thread that nobody waits for at the end of the program, unlike those of
    :mod:`asyncio`.

    A server that says nothing must not keep a person who leaves.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        if not done.done():
            set_it()

    def run() -> None:
        # The loop is closed where the application has gone.
        with suppress(RuntimeError):
            try:
                result = work()
            except BaseException as error:
                problem = error
                loop.call_soon_threadsafe(settle, lambda: done.set_exception(problem))
            else:
                loop.call_soon_threadsafe(settle, lambda: done.set_result(result))

    threading.Thread(target=run, daemon=True).start()
    return await done
