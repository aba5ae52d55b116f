"""``rnnlab-tui data``: what trials can read, adding to it, and fetching it from the web."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.data.catalog import (
    ALICE,
    BUILT_IN,
    CATALOG,
    PYTHON_DOCS,
    Fetch,
    Kind,
    changed_preparation,
)
from engine.data.source import check_scheme
from engine.errors import UsageError
from engine.host.home import Home
from engine.language import _
from engine.sanitise import printable
from engine.trials.data_options import describe_options
from engine.trials.trial import SHORT_DIGEST, DataReference
from engine.urls import is_url, show_url
from tui.commands.data_show import data_show
from tui.commands.options import (
    OnceGroup,
    complete_data,
    complete_file,
    data_options,
    home_option,
    own_home_option,
    refuse_options_of_series,
    refuse_options_of_texts,
)

if TYPE_CHECKING:
    from engine.data.series import Series
    from engine.data.store import Entry
    from engine.data.texts import Corpus


@click.group(
    cls=OnceGroup,
    invoke_without_command=True,
    help=_("Show, add and fetch the data that trials read."),
    epilog=_(
        "Tables are read as people have them: dates in one column or in parts over several, months "
        "by their names, a column a month or an hour, business days, trading hours, the latest "
        "line first, titles and sources, units, currencies, flags and missing values of statistics "
        "offices. What was left out, reversed or filled is said. What a table leaves open is asked "
        "for, and options decide: --decimal, --thousands, --missing, --gaps and --steps."
    ),
)
@home_option
@click.pass_context
def data(ctx: click.Context, home: Home) -> None:
    if ctx.invoked_subcommand is None:
        list_data(home)


@data.command(
    "list",
    help=_(
        "List series and corpora.\n\n"
        "What is here, how long it is, where it is from, since when, and the beginning of its "
        "file's SHA-256."
    ),
)
@home_option
def data_list(home: Home) -> None:
    list_data(home)


@data.command(
    "add",
    help=_(
        "Keep a text or a table under a name.\n\n"
        "The corpus alice is that of the report's text trials. What came before under this name "
        "is replaced."
    ),
)
@click.argument("name")
@click.argument("source", metavar="FILE|URL", shell_complete=complete_file)
@click.option(
    "--kind",
    type=click.Choice(["corpus", "series"]),
    help=_("What it is (judged by its content unless given)."),
)
@click.option(
    "--column", metavar="COLUMN", help=_("Which column of a table, by number from 1 or by heading.")
)
@data_options
@own_home_option
def data_add(
    name: str,
    source: str,
    kind: Kind | None,
    column: str | None,
    data_options: Mapping[str, object],
    home: Home,
) -> None:
    from engine.data.library import library_of
    from tui.fetching import fetch_once

    fetch = fetch_once() if is_url(source) else None
    kind = _kind_of(name, source, kind, column, fetch)
    refuse = refuse_options_of_texts if kind == "series" else refuse_options_of_series
    refuse(list(data_options), name)
    _print_data(name, library_of(kind, home).add(name, source, column, fetch, data_options))


data.add_command(data_show)


@data.command(
    "fetch",
    help=_(
        "Fetch data from the web, again if need be.\n\n"
        "The NAME is alice, sunspots-silso, or that of data that was added from a URL."
    ),
)
@click.argument("name", metavar="NAME|URL", shell_complete=complete_data("corpus", "series"))
@own_home_option
def data_fetch(name: str, home: Home) -> None:
    from engine.data.library import library_of
    from engine.data.store import Store
    from tui.fetching import fetch_with_progress

    if name in BUILT_IN:
        raise UsageError(
            _("{name} comes with the program: there is nothing to fetch.").format(name=name)
        )
    store = Store(home)
    previous = store.find("corpus", name) or store.find("series", name)
    if name not in CATALOG and previous is None:
        raise UsageError(
            _("There is nothing called {name!r} that could be fetched.").format(
                name=show_url(name)
            ),
            _("Known are {names}; `rnnlab-tui data add NAME URL` adds something else.").format(
                names=", ".join(CATALOG)
            ),
        )
    if name not in CATALOG and previous and previous.url is None:
        raise UsageError(
            _("{name} came from a file, {source}.").format(name=name, source=previous.source),
            _("Add it again: rnnlab-tui data add {name} FILE.").format(name=name),
        )
    kind = CATALOG[name].kind if name in CATALOG else previous.kind if previous else "corpus"
    fetched = library_of(kind, home).fetch(name, fetch_with_progress)
    _print_data(name, fetched)
    if previous and previous.sha256 == fetched.sha256:
        click.echo(
            _("It is the same, byte for byte, as on {day}.").format(day=previous.day), err=True
        )


def _kind_of(
    name: str, source: str, kind: Kind | None, column: str | None, fetch: Fetch | None
) -> Kind:
    """Return the kind of what is added: as given, or by its name, or judged by its content."""
    from engine.data.reading import read_file
    from engine.data.table import looks_like_table

    if kind is not None or name in CATALOG:
        return kind or CATALOG[name].kind
    check_scheme(source)
    if column is not None:
        return "series"
    content = fetch(source).content if fetch else read_file(Path(source))
    return "series" if looks_like_table(content) else "corpus"


def _print_data(name: str, data: "Corpus | Series") -> None:
    from engine.data.texts import Corpus

    if isinstance(data, Corpus):
        _print_corpus(name, data)
    else:
        _print_series(name, data)


def _print_corpus(name: str, corpus: "Corpus") -> None:
    from engine.data.text_notes import count_characters, text_notes

    template = _("{name}: {characters}, {distinct} distinct.")
    click.echo(
        template.format(
            name=show_url(name),
            characters=count_characters(len(corpus.text)),
            distinct=corpus.distinct,
        )
    )
    if name == ALICE and not corpus.is_report_text:
        click.echo(
            _("It is not the report's text: the published numbers are for another one."), err=True
        )
    for note in text_notes(corpus):
        click.echo(note, err=True)


def _print_series(name: str, series: "Series") -> None:
    from engine.data.dates import format_length

    facts = [format_length(len(series.values), series.step)]
    if series.periods is not None:
        facts.append(_("{first} to {last}").format(first=series.label(0), last=series.label(-1)))
    if series.column is not None:
        facts.append(_column_text(series.column, series.heading))
    if options := describe_options(series.reading):
        facts.append(options)
    click.echo(f"{show_url(name)}: {', '.join(facts)}.")
    for note in series.notes:
        click.echo(note, err=True)


def _column_text(column: int | None, heading: str | None) -> str:
    suffix = f" ({printable(heading)})" if heading else ""
    return _("column {n}").format(n=column) + suffix


def list_data(home: Home) -> None:
    """Print what trials can read here, one per line."""
    from engine.data.dates import format_length
    from engine.data.series import built_in
    from engine.data.store import Store
    from engine.data.text_notes import count_characters
    from engine.data.texts import python_docs_length, python_docs_sha256

    built_in_series = built_in()
    origin = _("built in, {first} to {last}").format(
        first=built_in_series.label(0), last=built_in_series.label(-1)
    )
    _print_line(
        built_in_series.name,
        format_length(len(built_in_series.values), built_in_series.step),
        f"{origin}, {built_in_series.reference.short_sha256}",
    )
    store = Store(home)
    entries = [*store.entries("series"), *store.entries("corpus")]
    for damage in store.damage_errors():
        click.echo(damage, err=True)
    for entry in entries:
        length = format_length(entry.length, entry.step)
        if entry.kind == "corpus":
            length = count_characters(entry.length)
        _print_line("–" if is_url(entry.name) else entry.name, length, _origin_text(entry))
    origin = ", ".join([_("comes with Python"), python_docs_sha256()[:SHORT_DIGEST]])
    _print_line(PYTHON_DOCS, count_characters(python_docs_length()), origin)
    names = {entry.name for entry in entries}
    advice = {
        "corpus": _(
            "not here: `rnnlab-tui data add {name} FILE`, or `rnnlab-tui data fetch {name}`"
        ),
        "series": _("not fetched yet: `rnnlab-tui data fetch {name}`"),
    }
    for name, dataset in CATALOG.items():
        if name not in names:
            _print_line(name, "–", advice[dataset.kind].format(name=name))


def _origin_text(entry: "Entry") -> str:
    facts = [entry.origin]
    if entry.first and entry.last:
        facts.append(_("{first} to {last}").format(first=entry.first, last=entry.last))
    if entry.column:
        facts.append(_column_text(entry.column, entry.heading))
    if options := describe_options(entry.reading):
        facts.append(options)
    if entry.preparation:
        reference = DataReference.model_construct(
            name=entry.name, sha256=entry.sha256, preparation=entry.preparation
        )
        facts += [f"{name} {value}" for name, value in changed_preparation(reference).items()]
    facts.append((_("fetched {day}") if entry.url else _("added {day}")).format(day=entry.day))
    return ", ".join([*facts, entry.sha256[:SHORT_DIGEST]])


def _print_line(name: str, length: str, origin: str) -> None:
    number, _space, unit = length.partition(" ")
    click.echo(printable(f"{name:<14} {number:>8} {unit:<10}  {origin}"))
