"""Starting the supervisor, for commands that change the queue or only look at it."""

import click

from engine.errors import LabError
from engine.host.home import Home
from engine.language import _
from engine.supervision.launch import ensure_supervisor


def wake_or_warn(home: Home) -> None:
    """Start the home's supervisor if one is needed; on failure, say why on stderr.

    The command itself has succeeded by then: a script that took this for a failure would repeat it,
    and one that only looks must not be kept from it. Another user's home is only read, and that is
    said.
    """
    if owner := home.other_owner:
        message = _("{path} belongs to {owner}: it is only read.").format(
            path=home.root, owner=owner
        )
        click.echo(f"rnnlab-tui: {message}", err=True)
        return
    try:
        ensure_supervisor(home)
    except LabError as error:
        click.echo(f"rnnlab-tui: {error}", err=True)
