"""Commands on the queue: resume, extend, hold, release, adopt, first."""

import click

from engine.host.home import Home
from engine.language import _
from engine.operations import control
from engine.operations.submission import extend as accept_longer
from engine.operations.submission import resume as queue_again
from engine.runs.run import find_run, find_runs
from tui.commands.options import (
    own_home_option,
    parse_settings,
    run_argument,
    runs_argument,
    settings_option,
)
from tui.commands.waking import wake_or_warn


@click.command(
    help=_("Queue ended runs again: from the last checkpoint, or from the start if there is none.")
)
@runs_argument
@own_home_option
def resume(names: tuple[str, ...], home: Home) -> None:
    runs = find_runs(home, names)
    try:
        for run in runs:
            queue_again(run)
            click.echo(run.id)
    finally:
        # Runs before one that can't be resumed are queued.
        wake_or_warn(home)


@click.command(
    help=_(
        "Queue a longer run that continues where RUN ended.\n\n"
        "--set epochs=N (sunspots) or iterations=N (alice). Prints the new run's id."
    )
)
@run_argument
@settings_option
@own_home_option
def extend(name: str, settings: tuple[str, ...], home: Home) -> None:
    click.echo(accept_longer(find_run(home, name), parse_settings(settings)).id)
    wake_or_warn(home)


@click.command(help=_("Keep queued runs from being started."))
@runs_argument
@own_home_option
def hold(names: tuple[str, ...], home: Home) -> None:
    for run in find_runs(home, names):
        control.hold(run)
        click.echo(_("{id} held").format(id=run.id))


@click.command(help=_("Let held runs be started in their turn."))
@runs_argument
@own_home_option
def release(names: tuple[str, ...], home: Home) -> None:
    runs = find_runs(home, names)
    try:
        for run in runs:
            control.release(run)
            click.echo(_("{id} queued").format(id=run.id))
    finally:
        # Runs before one that is not held may be started.
        wake_or_warn(home)


@click.command(
    help=_(
        "Take over runs of a host that is gone.\n\n"
        "For a host that was reinstalled or renamed, or a container that was made again. "
        "Unfinished runs are queued "
        "here and continue from their last checkpoint."
    )
)
@runs_argument
@own_home_option
def adopt(names: tuple[str, ...], home: Home) -> None:
    runs = find_runs(home, names)
    try:
        for run in runs:
            control.adopt(run)
            click.echo(run.id)
    finally:
        # Runs before one that can't be adopted are queued.
        wake_or_warn(home)


@click.command(help=_("Start a queued run before all others."))
@run_argument
@own_home_option
def first(name: str, home: Home) -> None:
    run = find_run(home, name)
    control.move_to_front(run)
    click.echo(run.id)
