"""The ``rnnlab-tui`` command. Results go to stdout, progress and messages to stderr."""

import os
import sys
import tempfile
import traceback
from importlib import metadata
from typing import TextIO

import click

from engine.errors import LabError, UsageError
from engine.host import process_limits
from engine.host.home import Home
from engine.host.settings import PLOT_KINDS, PLOTS, describe_settings
from engine.language import _
from engine.sanitise import printable
from tui.commands.completion import completion
from tui.commands.data import data
from tui.commands.doctor import doctor
from tui.commands.export import export
from tui.commands.keys import keys
from tui.commands.options import OnceGroup, home_option
from tui.commands.presets import presets
from tui.commands.queue import adopt, extend, first, hold, release, resume
from tui.commands.reproduce import reproduce
from tui.commands.run import run
from tui.commands.runs import cancel, delete, note, runs, show, watch
from tui.terminal.capabilities import is_dumb, set_escape_delay

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


_COMMANDS = (
    adopt, cancel, completion, data, delete, doctor, export, extend, first, hold, keys, note,
    presets, release, reproduce, resume, run, runs, show, watch,
)  # fmt: skip


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
        "Environment: {settings}."
    ).format(settings=describe_settings()),
)
@click.version_option(metadata.version("rnnlab-tui"), prog_name=_PROGRAM)
@click.option(
    "--plots",
    type=click.Choice(PLOT_KINDS, case_sensitive=False),
    help=_(
        "What the application draws plots with (else RNNLAB_PLOTS, else by what the terminal can "
        "show)."
    ),
)
@home_option
@click.pass_context
def command(ctx: click.Context, plots: str | None, home: Home) -> None:
    if plots is not None:
        os.environ[PLOTS.name] = plots
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


for _subcommand in _COMMANDS:
    command.add_command(_subcommand)
