"""Commands on existing runs: watch, cancel, delete, note."""

import sys
import time
from collections.abc import Sequence

import click

from engine.errors import LabError, UsageError
from engine.host.files import write_atomic
from engine.host.home import Home
from engine.language import _, ngettext
from engine.operations import control
from engine.operations.deletion import delete as delete_run
from engine.runs.run import Run, find_run, find_runs
from engine.runs.watch import RunWatcher, Snapshot
from tui.commands.following import Narrator, follow, replay
from tui.commands.options import (
    complete_run,
    home_option,
    own_home_option,
    run_argument,
    runs_argument,
)
from tui.commands.waking import wake_or_warn

_CANCEL_PATIENCE_S = 10.0
_LONGEST_NOTE = 2_000


@click.command(
    help=_("Follow a run's events as text until it ends. Ctrl-C stops watching; the run continues.")
)
@run_argument
@click.option(
    "--replay",
    "speed",
    metavar="X",
    help=_("Replay a run's events at X times the pace at which they came."),
)
@home_option
@click.pass_context
def watch(ctx: click.Context, name: str, speed: str | None, home: Home) -> None:
    from engine.data.notes import notes_of

    run = find_run(home, name)
    wake_or_warn(home)
    for note in notes_of(run.submission.trial, home).all:
        _to_stderr(note)
    narrator = Narrator(run.submission.trial, click.echo)
    for logged in replay(run, _speed(speed)) if speed is not None else follow(run, _to_stderr):
        narrator.narrate(logged)
    snapshot = Snapshot.of(run)
    if snapshot.log_damage:
        click.echo(snapshot.log_damage, err=True)
    click.echo(snapshot.state)
    if speed is None and snapshot.state != "done":
        # As `run` does if somebody else cancels what it waits for.
        ctx.exit(1)


def _to_stderr(message: str) -> None:
    click.echo(message, err=True)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.001 <= speed <= 1_000_000:
        raise UsageError(
            _("--replay {text}: must be a number from 0.001 to 1000000.").format(text=text)
        )
    return speed


@click.command(help=_("Ask runs to stop, and wait until they have."))
@runs_argument
@own_home_option
def cancel(names: tuple[str, ...], home: Home) -> None:
    watchers = [RunWatcher(run) for run in find_runs(home, names)]
    for watcher in watchers:
        watcher.poll()
        if not watcher.latest.has_ended:
            control.cancel(watcher.latest.run)
    deadline = time.monotonic() + _CANCEL_PATIENCE_S
    while any(not watcher.latest.has_ended for watcher in watchers) and time.monotonic() < deadline:
        time.sleep(0.1)
        for watcher in watchers:
            watcher.poll()
    for watcher in watchers:
        click.echo(f"{watcher.latest.run.id} {watcher.latest.state}")
    waiting = [watcher.latest.run.id for watcher in watchers if not watcher.latest.has_ended]
    if waiting:
        raise LabError(
            _("Not stopped within {n} s: {ids}.").format(
                n=round(_CANCEL_PATIENCE_S), ids=", ".join(waiting)
            ),
            _("The request stands; `rnnlab-tui runs` shows when it has been met."),
        )


@click.command(
    help=_(
        "Delete runs with all that they hold.\n\n"
        "An unfinished run is refused: cancel it first, or if its host is gone, adopt it first."
    )
)
@runs_argument
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@own_home_option
def delete(names: tuple[str, ...], yes: bool, home: Home) -> None:
    runs = find_runs(home, names)
    for run in runs:
        control.check_deletable(run)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(
                _("Nobody here to ask."), _("Give --yes to delete without being asked.")
            )
        ids = ", ".join(run.id for run in runs)
        if not click.confirm(_("Delete {ids} for good?").format(ids=ids), err=True):
            click.echo(_("Nothing was deleted."), err=True)
            return
    for run in runs:
        delete_run(run)
        click.echo(run.id)


@click.command(
    help=_(
        "Keep a note with runs.\n\n"
        "TEXT is the last argument, in quotes if it is more than a word. It is shown wherever the "
        "runs are; an empty "
        "one takes the note away."
    )
)
@click.argument(
    "words", nargs=-1, required=True, metavar="RUN... TEXT", shell_complete=complete_run
)
@own_home_option
def note(words: tuple[str, ...], home: Home) -> None:
    *names, text = words
    if not names:
        raise UsageError(
            _("A note needs a run and a text: there is only {word!r}.").format(word=text),
            _("Write `rnnlab-tui note RUN... TEXT`."),
        )
    runs = _runs_to_note(names, home)
    for run in runs:
        run.check_modifiable(run.progress())
    if len(text) > _LONGEST_NOTE:
        message = ngettext(
            "The note has {n} character: {most} at most.",
            "The note has {n} characters: {most} at most.",
            len(text),
        )
        raise UsageError(message.format(n=len(text), most=_LONGEST_NOTE))
    for run in runs:
        try:
            if text:
                write_atomic(run.note_file, text.encode("utf-8", "backslashreplace"))
            else:
                run.note_file.unlink(missing_ok=True)
        except OSError as error:
            raise LabError(
                _("Can't write {path}: {reason}.").format(path=run.note_file, reason=error.strerror)
            ) from error


def _runs_to_note(names: Sequence[str], home: Home) -> list[Run]:
    """Return the runs of these names. Raises :class:`UsageError` if one is unknown.

    A later name may be a word of an unquoted text.
    """
    first = find_run(home, names[0])
    try:
        return find_runs(home, [first.id, *names[1:]])
    except UsageError as error:
        raise UsageError(
            error.what, _("If it is part of the text, put the text in quotes.")
        ) from error
