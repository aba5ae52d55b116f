"""What ``rnnlab-tui data show`` prints about a text: length, characters, omissions, first lines."""

import json
from collections import Counter
from itertools import islice

import click

from engine.data.text_notes import (
    count_characters,
    describe_left_out,
    describe_preparation,
    name_character,
    text_notes,
)
from engine.data.texts import Corpus
from engine.language import _, ngettext
from engine.sanitise import printable, printable_line, shorten

_MAX_NAMED = 12
_FIRST_LINES = 3
_LINE_WIDTH = 72


def show_text(corpus: Corpus, *, as_json: bool) -> None:
    """Print a prepared text at a glance, before it is used."""
    if as_json:
        click.echo(json.dumps(_describe_text(corpus), indent=1))
        return
    for line in text_lines(corpus):
        click.echo(printable(line))


def text_lines(corpus: Corpus) -> list[str]:
    """Return the description of a text, line by line."""
    counts = Counter(corpus.text).most_common()
    lines = ngettext("{n:,} line", "{n:,} lines", corpus.lines).format(n=corpus.lines)
    facts = [
        corpus.name,
        count_characters(len(corpus.text)),
        _("{n:,} distinct").format(n=corpus.distinct),
        lines,
    ]
    # The notes say nothing about the report's text.
    left_out = (
        [describe_left_out(corpus.left_out)]
        if corpus.is_report_text or not corpus.left_out.characters
        else []
    )
    result = [
        "   ".join(facts),
        describe_preparation(corpus.preparation),
        *left_out,
        *text_notes(corpus),
        _("most frequent: {characters}").format(characters=_counts_text(counts[:_MAX_NAMED])),
    ]
    if len(counts) > _MAX_NAMED:
        rarest = counts[_MAX_NAMED:][::-1]
        result.append(
            _("rarest: {characters}").format(characters=_counts_text(rarest[:_MAX_NAMED]))
        )
    return [*result, *(f"  {line}" for line in _first_lines(corpus.text))]


def _counts_text(counts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name_character(char)} {count:,}" for char, count in counts)


def _first_lines(text: str) -> list[str]:
    """Return the first lines that are not empty, shortened if they are long."""
    lines = islice(filter(None, text[: _FIRST_LINES * 1_000].split("\n")), _FIRST_LINES)
    return [shorten(line, _LINE_WIDTH) for line in map(printable_line, lines)]


def _describe_text(corpus: Corpus) -> dict[str, object]:
    return {
        "name": corpus.name,
        "kind": "corpus",
        "sha256": corpus.sha256,
        "prepared_sha256": corpus.prepared_sha256,
        "file": corpus.file,
        "url": corpus.url,
        "preparation": corpus.preparation.model_dump(mode="json"),
        "length": len(corpus.text),
        "distinct": corpus.distinct,
        "lines": corpus.lines,
        "left_out": corpus.left_out.model_dump(mode="json"),
        "licence": corpus.licence,
        "characters": dict(Counter(corpus.text).most_common()),
        "notes": text_notes(corpus),
    }
