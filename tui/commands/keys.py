"""The command that prints the table of keys."""

import click

from engine.language import _


@click.command(help=_("Print every key of the application."))
def keys() -> None:
    # It brings Textual, which no other command needs.
    from tui.keys import as_text

    click.echo(as_text())
