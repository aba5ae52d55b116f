"""What people read goes through the one function that translates it."""

import ast
import json
import re
from collections.abc import Iterator

import pytest
from helpers.factory import ROOT, python

_HELP = """
import json
from engine import language
language._ = lambda sentence: f"«{sentence}»"
import click
from tui.commands.cli import command

def read(of, path):
    yield path, of.help
    for parameter in of.params:
        if isinstance(parameter, click.Option):
            yield f"{path} {parameter.opts[-1]}", parameter.help
    for name, subcommand in getattr(of, "commands", {}).items():
        yield from read(subcommand, f"{path} {name}")

print(json.dumps(dict(read(command, "rnnlab-tui"))))
"""


def test_the_help_of_every_command_and_option_is_translated() -> None:
    said, _errors = python(_HELP).communicate()
    found = json.loads(said)
    assert {
        "rnnlab-tui",
        "rnnlab-tui data add",
        "rnnlab-tui watch",
        "rnnlab-tui export --output",
    } <= set(found)
    clicks_own = {"rnnlab-tui --version"}
    untold = {
        place
        for place, text in found.items()
        if not (text or "").startswith("«") and place not in clicks_own
    }
    # Their values say all.
    assert untold == {"rnnlab-tui run --device"}


_COUNTED = re.compile(r"\{(?!limit\b)\w+(?::[^}]*)?\} (?:\w+ )?(\w+s)\b")
"""A placeholder (but for a fixed limit, which is never 1), perhaps an adjective, and a word in
s.
"""
_VERBS = frozenset(
    {
        "has", "is", "was", "says", "gives", "goes", "continues", "belongs", "waits", "comes",
        "does", "exists",
        "learns",
        "forecasts", "refuses", "predicts", "lies", "serves", "needs", "takes", "reads", "writes",
        "stands", "ends",
        "begins", "this", "its", "keeps", "stops", "as", "names", "speaks", "wants",
    }
)  # fmt: skip


def counts_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences that count something and go through ``_``, with their lines: "1 test
    points".
    """
    for node in ast.walk(ast.parse(source)):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "_"
            and node.args
        ):
            continue
        sentence = node.args[0]
        text = sentence.value if isinstance(sentence, ast.Constant) else None
        if isinstance(text, str) and any(
            match[1] not in _VERBS for match in _COUNTED.finditer(text)
        ):
            yield node.lineno, text


@pytest.mark.parametrize(
    ("sentence", "counts"),
    [
        ("{n} test points", True),
        ("{n:,} characters", True),
        ("{epochs} epochs, batch {batch}", True),
        ("{n} of {total} seeds", True),
        ("more than {limit:,} cells", False),
        ("Run {id} has a worker already.", False),
        ("{loss:.4f} at iteration {n}", False),
    ],
)
def test_a_sentence_that_counts_is_known(sentence: str, counts: bool) -> None:
    assert bool(list(counts_in(f"_({sentence!r})"))) == counts


def test_what_counts_has_a_singular() -> None:
    files = [path for folder in ("engine", "tui") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 100
    found = {
        f"{path.relative_to(ROOT)}:{line}": sentence
        for path in files
        for line, sentence in counts_in(path.read_text("utf-8"))
    }
    assert found == {}, "ngettext writes these"
