"""``rnnlab-tui data show``: a series or a text at a glance, before use. Nothing is stored."""

import json
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from engine.data.catalog import Fetch, Kind
from engine.host.files import expand_path
from engine.host.home import Home
from engine.language import _
from engine.sanitise import printable
from engine.urls import is_url
from tui.commands.options import (
    complete_data,
    data_options,
    home_option,
    json_option,
    refuse_options_of_series,
    refuse_options_of_texts,
)

if TYPE_CHECKING:
    from engine.data.series import Series

_PLOT_HEIGHT = 4
_WIDEST_PLOT = 120


@click.command(
    "show",
    help=_(
        "Show a series or a text before it is trusted.\n\n"
        "Of a series: how long it is, from when to when, its least and greatest value, a small "
        "plot, and what is "
        "left out, filled in or looks like a missing value.\n\n"
        "Of a text: how long it is, its characters, the most frequent and the rarest, what is "
        "left out, and how it "
        "begins."
    ),
)
@click.argument(
    "source", metavar="NAME|FILE|URL[:COLUMN]", shell_complete=complete_data("series", "corpus")
)
@click.option(
    "--kind",
    type=click.Choice(["corpus", "series"]),
    help=_("What it is (judged by its content unless given)."),
)
@data_options
@json_option
@home_option
def data_show(
    source: str, kind: Kind | None, data_options: Mapping[str, object], as_json: bool, home: Home
) -> None:
    from tui.fetching import fetch_once

    fetch = fetch_once()
    if (kind or _kind_of(source, home, fetch)) == "series":
        refuse_options_of_texts(list(data_options), source)
        show_series(source, data_options, home, fetch, as_json=as_json)
    else:
        refuse_options_of_series(list(data_options), source)
        show_text(source, data_options, home, fetch, as_json=as_json)


def _kind_of(source: str, home: Home, fetch: Fetch) -> Kind:
    """Return the kind of what to show, by its name or judged by its content.

    Raises :class:`UsageError` if it is not known.
    """
    from engine.data.library import SeriesLibrary, TextLibrary
    from engine.data.reading import read_file
    from engine.data.table import looks_like_table

    texts, series = TextLibrary(home), SeriesLibrary(home)
    if source in texts.names() or texts.entry(source):
        return "corpus"
    address = series.address(source)
    if (
        address.kind == "name"
        or address.column is not None
        or (is_url(source) and series.is_here(source))
    ):
        return "series"
    content = (
        read_file(expand_path(address.place))
        if address.kind == "file"
        else fetch(address.place).content
    )
    return "series" if looks_like_table(content) else "corpus"


def show_series(
    source: str, options: Mapping[str, object], home: Home, fetch: Fetch | None, *, as_json: bool
) -> None:
    """Print a series at a glance, read with ``options``; fetched with ``fetch`` if not here."""
    from engine.data.library import SeriesLibrary
    from tui.plotting.series_summary import SeriesSummary, column_text

    series = SeriesLibrary(home).peek(source, options, fetch)
    if as_json:
        click.echo(json.dumps(_describe_series(series), indent=1))
        return
    summary = SeriesSummary.of(series)
    column = [column_text(series.column, series.heading)] if series.column else []
    facts = [printable(series.name), *column, summary.span, summary.extremes]
    click.echo("   ".join(facts))
    if summary.reading:
        click.echo(summary.reading)
    for line in summary.plot(min(shutil.get_terminal_size().columns, _WIDEST_PLOT), _PLOT_HEIGHT):
        click.echo(line)
    for note in summary.notes:
        click.echo(note)


def _describe_series(series: "Series") -> dict[str, Any]:
    from engine.data.suspects import find_suspects

    dated = series.periods is not None
    return {
        "name": series.name,
        "kind": "series",
        "sha256": series.sha256,
        "file": series.file,
        "url": series.url,
        "column": series.column,
        "heading": series.heading or None,
        "reading": series.reading.model_dump(mode="json"),
        "length": len(series.values),
        "step": series.step,
        "first": series.label(0) if dated else None,
        "last": series.label(-1) if dated else None,
        "least": float(series.values.min()),
        "greatest": float(series.values.max()),
        "filled": len(series.filled),
        "suspects": [
            {"value": suspect.value, "count": suspect.count}
            for suspect in find_suspects(series.values)
        ],
        "notes": list(series.notes),
    }


def show_text(
    source: str, options: Mapping[str, object], home: Home, fetch: Fetch, *, as_json: bool
) -> None:
    """Print a text at a glance, prepared with ``options``; fetched with ``fetch`` if not here."""
    from engine.data.library import TextLibrary
    from tui.commands.data_show_text import show_text as print_text

    print_text(TextLibrary(home).peek(source, options, fetch), as_json=as_json)
