"""``rnnlab-tui reproduce``: the whole report again, published beside measured, with verdicts."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from engine.errors import UsageError
from engine.files import check_writable, write_document
from engine.home import Home
from engine.language import _
from engine.trial import LARGEST_REPLICATES
from presets import load
from tui.options import home_option, whole_number


@click.command(
    help=_(
        "Carry out the whole report: its 21 trials, published beside measured, with verdicts.\n\n"
        "The sunspot trials take a minute; the character trials, from one random seed each, half an hour. They are "
        "runs like any other. Ctrl-C cancels what is left of them, and the tables show what there is."
    )
)
@click.option(
    "--seeds", default="64", metavar="N", show_default=True, help=_("Train each sunspot trial from N random seeds.")
)
@click.option("-o", "--output", "path", type=click.Path(path_type=Path, dir_okay=False), help=_("Write into a file."))
@home_option
def reproduce(seeds: str, path: Path | None, home: Home) -> NoReturn:
    # pydantic's models and the data's readers: not before something is to run.
    from engine.prepare import prepare_trial
    from engine.report import document
    from tui.fetching import fetch_telling
    from tui.foreground import follow_all

    replicates = whole_number("--seeds", seeds, LARGEST_REPLICATES)
    if path is not None:
        check_writable(path)
    trials = [
        prepare_trial(home, preset, replicates=replicates if preset.kind == "sunspots" else 1, fetch=fetch_telling)
        for preset in load()
    ]
    done, status = follow_all(home, trials)
    text = document(done, verdicts=True)
    if path is None:
        click.echo(text, nl=False)
        sys.exit(status)
    try:
        write_document(path, text)
    except OSError as error:
        # Half an hour's tables are not to be lost.
        click.echo(text, nl=False)
        raise UsageError(_("Can't write {path}: {reason}.").format(path=path, reason=error.strerror)) from error
    click.echo(_("Wrote {path}.").format(path=path), err=True)
    sys.exit(status)
