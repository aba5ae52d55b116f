"""What people read goes through the one function that translates it."""

import json

from support import python

_HELP = """
import json
from engine import language
language._ = lambda sentence: f"«{sentence}»"
import click
from tui.cli import command

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
    assert {"rnnlab-tui", "rnnlab-tui data add", "rnnlab-tui watch", "rnnlab-tui export --output"} <= set(found)
    clicks_own = {"rnnlab-tui --version"}
    untold = {place for place, text in found.items() if not (text or "").startswith("«") and place not in clicks_own}
    # Their values say all.
    assert untold == {"rnnlab-tui run --device"}
