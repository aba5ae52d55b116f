"""The ``rnnlab-tui`` command. Results go to stdout, progress and messages to stderr."""

import json
import os
import sys
import tempfile
import traceback
from importlib import metadata
from pathlib import Path
from typing import Literal, TextIO

import click

from engine.errors import LabError, UsageError
from engine.host import process_limits
from engine.host.files import check_writable
from engine.host.home import Home
from engine.language import _
from engine.reports.json_records import describe_preset, describe_run, format_metrics, run_as_line
from engine.runs.watch import gc_paused
from engine.sanitise import printable
from engine.trials.trial import format_value
from presets import load
from tui.commands.data import data
from tui.commands.doctor import doctor
from tui.commands.keys import keys
from tui.commands.options import (
    OnceGroup,
    home_option,
    json_option,
    output_option,
    run_argument,
    runs_argument,
)
from tui.commands.queue import adopt, extend, first, hold, release, resume
from tui.commands.reproduce import reproduce
from tui.commands.run import run
from tui.commands.runs import cancel, delete, note, watch
from tui.plotting.plot_style import KINDS
from tui.plotting.plot_style import SETTING as PLOTS_SETTING
from tui.terminal.capabilities import is_dumb, set_escape_delay
from tui.words.kinds import words_of

_PROGRAM = "rnnlab-tui"


def main() -> int:
    """Run the command line and return its exit status; errors become a sentence or two."""
    try:
        status = command.main(prog_name=_PROGRAM, standalone_mode=False) or 0
        # What could not be written yet must fail here.
        sys.stdout.flush()
    except UsageError as error:
        return _print_error(str(error), 2)
    except LabError as error:
        return _print_error(str(error), 1)
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        hint = (
            _("`{command} --help` says more.").format(command=context.command_path)
            if context
            else ""
        )
        return _print_error(f"{error.format_message()} {hint}".rstrip(), 2)
    except (click.Abort, KeyboardInterrupt):
        return 130
    except OSError as error:
        _discard_output(sys.stdout)
        return _print_error(_describe_refusal(error), 1)
    except RuntimeError as error:
        if not process_limits.mentions_limit(str(error)):
            return _print_error(_report_bug(traceback.format_exc()), 1)
        return _print_error(f"{process_limits.SENTENCE} {process_limits.remedy()}", 1)
    except Exception:
        return _print_error(_report_bug(traceback.format_exc()), 1)
    return int(status)


def _describe_refusal(error: OSError) -> str:
    """Say in one sentence what the system refused, and for which file."""
    reason = error.strerror or str(error)
    if error.filename is None:
        return _("Can't write: {reason}.").format(reason=reason)
    return _("{path} can't be used: {reason}.").format(path=error.filename, reason=reason)


def _report_bug(trace: str) -> str:
    """Report a bug in the program, and save the trace for whoever fixes it."""
    message = _("This is a bug in the program: {last}.").format(
        last=trace.strip().rpartition("\n")[2].rstrip(".")
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="rnnlab-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            file.write(trace)
    except OSError:
        return message
    return message + " " + _("Please report it with {path}.").format(path=file.name)


def _print_error(message: str, status: int) -> int:
    try:
        click.echo(f"{_PROGRAM}: {printable(message)}", err=True)
    except OSError:
        _discard_output(sys.stderr)
    return status


def _discard_output(stream: TextIO) -> None:
    """Discard a stream's remaining output, which would fail again at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@click.group(
    cls=OnceGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_("A terminal laboratory for recurrent networks. Without a command: the application."),
    epilog=_(
        "Results go to stdout, progress to stderr. Exit status: 0 done; 1 a run failed, diverged "
        "or was cancelled by somebody else; 2 the request can't be met; 130 and 143 cancelled by "
        "Ctrl-C or SIGTERM. A run's id may be cut short."
        "\n\n"
        "Environment: RNNLAB_HOME, RNNLAB_PLOTS, RNNLAB_MIRROR (a folder on the web from which "
        "known texts and series are fetched), RNNLAB_WARM_SECONDS (how long TensorFlow stays "
        "imported), RNNLAB_LOCKS (where locks are kept if the home is on a network's file system)."
    ),
)
@click.version_option(metadata.version("rnnlab-tui"), prog_name=_PROGRAM)
@click.option(
    "--plots",
    type=click.Choice(KINDS, case_sensitive=False),
    help=_(
        "What the application draws plots with (else RNNLAB_PLOTS, else by what the terminal can "
        "show)."
    ),
)
@home_option
@click.pass_context
def command(ctx: click.Context, plots: str | None, home: Home) -> None:
    if plots is not None:
        os.environ[PLOTS_SETTING] = plots
    if ctx.invoked_subcommand is None:
        # It reads from stdin and draws on stderr.
        if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
            raise UsageError(
                _("The application needs a terminal."),
                _("`rnnlab-tui run sunspots/5` works without one."),
            )
        if is_dumb():
            message = _("TERM={kind} says that this terminal can't move its cursor.").format(
                kind=os.environ["TERM"]
            )
            raise UsageError(
                message,
                _("Set TERM, to xterm-256color say; `rnnlab-tui run --help` works with any."),
            )
        set_escape_delay(os.environ)
        from tui.app import LabApp
        from tui.terminal.terminal import exit_on_hangup

        app = LabApp(home)
        with exit_on_hangup(app, app.drafts.write):
            app.run()
            app.drafts.write()
            if farewell := app.farewell():
                click.echo(farewell)
        ctx.exit(app.return_code or 0)


@command.command(
    help=_(
        "List the report's 21 trials.\n\n"
        "Their parameters, and the numbers that were published: train and test RMSE, or the loss "
        "after an iteration."
    )
)
@json_option
@home_option
def presets(as_json: bool, home: Home) -> None:
    if as_json:
        click.echo(json.dumps([describe_preset(preset) for preset in load()], indent=1))
        return
    for preset in load():
        published = words_of(preset.kind).published_sentence(preset.published)
        click.echo(f"{preset.id:<12} {preset.title:<48} {published}")


@command.command(
    help=_(
        "List the runs, newest first.\n\nBelow a run stand why it failed, if it did, and its "
        "note, if it has one."
    )
)
@json_option
@home_option
@gc_paused()
def runs(as_json: bool, home: Home) -> None:
    from engine.reports.document import describe_request
    from engine.runs.results import BriefResult, Result
    from engine.runs.run import FAILED, Run, list_runs
    from engine.runs.watch import Snapshot
    from tui.commands.waking import wake_or_warn

    def unreadable(entry: Run, why: object) -> None:
        click.echo(printable(f"{entry.id}: {why}"), err=True)

    entries = list_runs(home, unreadable)
    wake_or_warn(home)
    for entry in entries:
        try:
            snapshot = Snapshot.of(entry, brief=Result if as_json else BriefResult)
        except (LabError, OSError) as error:
            unreadable(entry, error)
            continue
        if snapshot.progress.is_newer or snapshot.problem:
            unreadable(entry, snapshot.error or snapshot.problem)
        if snapshot.log_damage:
            unreadable(entry, snapshot.log_damage)
        if as_json:
            click.echo(run_as_line(snapshot))
        else:
            request = describe_request(snapshot.trial, snapshot.preset)
            figures = format_metrics(snapshot.metrics)
            submitted = entry.submission.submitted.astimezone().strftime("%Y-%m-%d %H:%M")
            click.echo(
                f"{entry.id:<18} {snapshot.state:<11} {submitted}  {figures:<14} {request}".rstrip()
            )
            if snapshot.state in FAILED and snapshot.error:
                click.echo(f"    {snapshot.error}")
            if note := snapshot.note:
                click.echo("    " + _("note: {text}").format(text=note))


@command.command(help=_("Show a run: parameters, state, numbers."))
@run_argument
@json_option
@home_option
def show(name: str, as_json: bool, home: Home) -> None:
    from engine.reports.document import describe_changes, format_seeds, render_document
    from engine.runs.run import find_run
    from engine.runs.watch import Snapshot
    from tui.commands.waking import wake_or_warn
    from tui.words.format import time_taken

    run = find_run(home, name)
    wake_or_warn(home)
    snapshot = Snapshot.of(run)
    if snapshot.log_damage:
        click.echo(snapshot.log_damage, err=True)
    if as_json:
        click.echo(json.dumps(describe_run(snapshot), indent=1))
        return
    parameters = ", ".join(
        f"{key} {format_value(value)}" for key, value in snapshot.trial.parameters
    )
    click.echo(printable(f"{snapshot.run.id}  {snapshot.state}  {snapshot.run.directory}"))
    click.echo(f"{snapshot.trial.preset}, {format_seeds(snapshot.trial)}: {parameters}")
    if changes := describe_changes(snapshot.trial, snapshot.preset):
        click.echo(_("changed: {changes}").format(changes=changes))
    if snapshot.note:
        click.echo(_("note: {text}").format(text=snapshot.note))
    if took := time_taken(snapshot):
        click.echo(took)
    if snapshot.error:
        click.echo(snapshot.error)
    click.echo()
    click.echo(render_document([snapshot]), nl=False)


@command.command(
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
    type=click.Choice(["md", "csv", "json", "latex"]),
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
    output: Literal["md", "csv", "json", "latex"] | None,
    path: Path | None,
    iterations: str | None,
    home: Home,
) -> None:
    from engine.reports.document import check_iterations, render_document, runs_left_out
    from engine.reports.formats import format_of
    from engine.reports.iterations import ALL_ITERATIONS, Iterations
    from engine.runs.run import find_run
    from engine.runs.watch import Snapshot
    from tui.commands.answers import print_or_write

    try:
        output = output or ("md" if path is None else format_of(path))
    except UsageError as error:
        raise UsageError(
            error.what, f"{error.remedy} {_('Or give the format with --format.')}"
        ) from error
    wanted_iterations = ALL_ITERATIONS if iterations is None else Iterations.parse(iterations)
    if iterations is not None and output == "json":
        raise UsageError(
            _("--iterations chooses rows of tables; JSON has every iteration."),
            _("Leave it out, or take another format."),
        )
    if path is not None:
        check_writable(path)
    snapshots = [Snapshot.of(run) for run in dict.fromkeys(find_run(home, name) for name in names)]
    if iterations is not None and not any(
        snapshot.trial.parameters.has_iterations for snapshot in snapshots
    ):
        raise UsageError(
            _("--iterations is for text runs, and none of these is one."), _("Leave it out.")
        )
    check_iterations(snapshots, wanted_iterations)
    for snapshot in snapshots:
        if snapshot.log_damage:
            click.echo(f"{snapshot.run.id}: {snapshot.log_damage}", err=True)
    for sentence in runs_left_out(snapshots, output, wanted_iterations):
        click.echo(printable(sentence), err=True)
    print_or_write(render_document(snapshots, output, iterations=wanted_iterations), path, output)


@command.command(
    help=_(
        "Print the script that completes commands in a shell.\n\n"
        'For the start-up file of bash or zsh: eval "$(rnnlab-tui completion bash)"; of fish: '
        "rnnlab-tui completion "
        "fish | source."
    )
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    assert completion_class is not None
    click.echo(completion_class(command, {}, _PROGRAM, "_RNNLAB_TUI_COMPLETE").source())


for subcommand in (
    run,
    data,
    doctor,
    watch,
    cancel,
    resume,
    extend,
    hold,
    release,
    first,
    adopt,
    delete,
    note,
    reproduce,
    keys,
):
    command.add_command(subcommand)
