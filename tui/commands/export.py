"""``rnnlab-tui export``: runs as tables."""

from pathlib import Path

import click

from engine.errors import UsageError
from engine.host.files import check_writable
from engine.host.home import Home
from engine.language import _
from engine.reports.document import check_iterations
from engine.reports.formats import FORMATS, MARKDOWN, format_of, render_document, runs_left_out
from engine.reports.iterations import ALL_ITERATIONS, Iterations
from engine.runs.run import find_run
from engine.runs.watch import Snapshot
from engine.sanitise import printable
from tui.commands.answers import print_or_write
from tui.commands.options import home_option, output_option, runs_argument


@click.command(
    help=_(
        "Export runs as tables.\n\n"
        "Measured beside published, and how each run was made. The file's name tells the format: "
        ".md, .csv, .json or "
        ".tex; Markdown if it has no suffix. JSON has a run a line. CSV is one table of all runs, "
        "with the names that "
        "JSON has (data_sha256 is sha256 within data); a text in it that a spreadsheet would take "
        "for a formula begins "
        "with an apostrophe."
    )
)
@runs_argument
@click.option(
    "--format",
    "output",
    type=click.Choice(list(FORMATS)),
    help=_("The format, whatever the file's name (md if there is no file)."),
)
@output_option
@click.option(
    "--iterations",
    metavar="all|published|last|N,N,…",
    help=_(
        "Which iterations of text runs the tables show (all unless given; published: those that "
        "the report has)."
    ),
)
@home_option
def export(
    names: tuple[str, ...],
    output: str | None,
    path: Path | None,
    iterations: str | None,
    home: Home,
) -> None:
    try:
        if output is not None:
            chosen = FORMATS[output]
        else:
            chosen = MARKDOWN if path is None else format_of(path)
    except UsageError as error:
        raise UsageError(
            error.what, f"{error.remedy} {_('Or give the format with --format.')}"
        ) from error
    wanted_iterations = ALL_ITERATIONS if iterations is None else Iterations.parse(iterations)
    if iterations is not None and chosen.all_iterations:
        raise UsageError(
            _("--iterations chooses rows of tables; {format} has every iteration.").format(
                format=chosen.name
            ),
            _("Leave it out, or take another format."),
        )
    if path is not None:
        check_writable(path)
    snapshots = [Snapshot.of(run) for run in dict.fromkeys(find_run(home, name) for name in names)]
    if iterations is not None and all(snapshot.trial.kind != "text" for snapshot in snapshots):
        raise UsageError(
            _("--iterations is for text runs, and none of these is one."), _("Leave it out.")
        )
    check_iterations(snapshots, wanted_iterations)
    for snapshot in snapshots:
        if snapshot.log_damage:
            click.echo(f"{snapshot.run.id}: {snapshot.log_damage}", err=True)
    for sentence in runs_left_out(snapshots, chosen, wanted_iterations):
        click.echo(printable(sentence), err=True)
    print_or_write(render_document(snapshots, chosen, iterations=wanted_iterations), path, chosen)
