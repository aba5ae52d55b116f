"""Downloads that report their progress: on stderr for a command, in a line for a screen."""

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


def describe_download(received: Received) -> str:
    """Describe the progress of a download in one line."""
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
    """Fetch a URL for a command, reporting progress to stderr, at most once a second, and the end.

    If stderr is not a terminal, nothing is printed before data has arrived, so that a refusal stays
    one line.
    """
    last_report = 0.0

    def report(received: Received) -> None:
        nonlocal last_report
        now = time.monotonic()
        if now - last_report >= _PACE_S and (received.received or sys.stderr.isatty()):
            last_report = now
            click.echo(describe_download(received), err=True)

    fetched = download(url, report)
    message = _("Fetched {n:,.0f} KiB from {url}").format(
        n=len(fetched.content) / _KIB, url=show_url(fetched.url)
    )
    click.echo(message, err=True)
    return fetched


def fetch_once() -> Fetch:
    """Return a function that downloads each URL once: a command peeks at a file, then reads it."""
    downloads: dict[str, Fetched] = {}

    def fetch(url: str) -> Fetched:
        if url not in downloads:
            downloads[url] = fetch_with_progress(url)
        return downloads[url]

    return fetch


class DownloadCancelled(Exception):
    """Nobody waits for the download any more."""


class CancellableFetch:
    """Fetches for a screen, which polls the progress and may cancel."""

    def __init__(self) -> None:
        self._latest: Received | None = None
        self._stopped = False

    def __call__(self, url: str) -> Fetched:
        return download(url, self._on_progress)

    def _on_progress(self, received: Received) -> None:
        if self._stopped:
            raise DownloadCancelled
        self._latest = received

    def stop(self) -> None:
        """Make the download end at its next chunk."""
        self._stopped = True

    def describe(self) -> str:
        """Describe the progress; empty if nothing is being fetched."""
        return describe_download(self._latest) if self._latest else ""


async def run_in_daemon_thread(work: Callable[[], _T]) -> _T:
    """Run ``work`` in a thread that the program does not wait for at its end, as asyncio's would.

    A silent server must not keep a person from leaving.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def settle_if_waiting(settle: Callable[[], None]) -> None:
        if not done.done():
            settle()

    def run() -> None:
        # The loop is closed if the application has ended.
        with suppress(RuntimeError):
            try:
                result = work()
            except BaseException as error:
                problem = error
                loop.call_soon_threadsafe(settle_if_waiting, lambda: done.set_exception(problem))
            else:
                loop.call_soon_threadsafe(settle_if_waiting, lambda: done.set_result(result))

    threading.Thread(target=run, daemon=True).start()
    return await done
