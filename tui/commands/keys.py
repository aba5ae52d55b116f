"""The command that prints the table of keys."""

import click

from engine.language import _
from tui.keys import as_text


@click.command(help=_("Print every key of the application."))
def keys() -> None:
    click.echo(as_text())
