"""Where a command's document goes: to stdout or to the given file, which is named on stderr."""

from pathlib import Path

import click

from engine.host.files import write_error, write_user_file
from engine.language import _
from engine.reports.formats import Format
from engine.sanitise import printable


def print_or_write(
    text: str, path: Path | None, output: Format, *, must_not_be_lost: bool = False
) -> None:
    """Print ``text``, or write it to ``path`` and report the path and format.

    Raises :class:`engine.errors.UsageError` if it can't be written; if ``must_not_be_lost``, it is
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
        printable(_("Wrote {path} as {format}.").format(path=path, format=output.name)),
        err=True,
    )
