"""Having the queue seen to by commands that change it, or only look."""

import click

from engine.errors import LabError
from engine.home import Home
from engine.launch import wake


def wake_or_complain(home: Home) -> None:
    """Start the home's supervisor where one is needed; say on stderr where it can't be.

    What was asked has been done by then, and a script that took it for a failure would ask for it twice; and whoever
    only looks is not to be kept from it.
    """
    try:
        wake(home)
    except LabError as error:
        click.echo(f"rnnlab-tui: {error}", err=True)
