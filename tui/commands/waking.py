"""Having the queue seen to by commands that change it, or only look."""

import click

from engine.errors import LabError
from engine.host.home import Home
from engine.language import _
from engine.supervision.launch import ensure_supervisor


def wake_or_warn(home: Home) -> None:
    """Start the home's supervisor where one is needed; say on stderr where it can't be.

    What was asked has been done by then, and a script that took it for a failure would ask for it
    twice; and whoever only looks is not to be kept from it. Another user's home is only read, and
    that is said.
    """
    if owner := home.other_owner:
        words = _("{path} belongs to {owner}: it is only read.").format(path=home.root, owner=owner)
        click.echo(f"rnnlab-tui: {words}", err=True)
        return
    try:
        ensure_supervisor(home)
    except LabError as error:
        click.echo(f"rnnlab-tui: {error}", err=True)
