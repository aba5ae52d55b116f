"""Where a command's document goes: to stdout, or into the file that was asked for, which is then
named on stderr.
"""

from pathlib import Path

import click

from engine.host.files import write_error, write_user_file
from engine.language import _
from engine.reports.formats import Format, format_name
from engine.sanitise import printable


def print_or_write(
    text: str, path: Path | None, output: Format, *, must_not_be_lost: bool = False
) -> None:
    """Print ``text``, or write it to ``path`` and say where it is and in which format it was
    written.

    Raises :class:`engine.errors.UsageError` where it can't be written; what ``must_not_be_lost`` is
    printed then.
    """
    if path is None:
        click.echo(text, nl=False)
        return
    try:
        write_user_file(path, text)
    except OSError as error:
        if must_not_be_lost:
            click.echo(text, nl=False)
        raise write_error(path, error) from error
    click.echo(
        printable(_("Wrote {path} as {format}.").format(path=path, format=format_name(output))),
        err=True,
    )
