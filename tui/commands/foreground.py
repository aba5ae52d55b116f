"""``rnnlab-tui run``: trials one after another in the foreground.

The worker is the one that the application uses.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from engine.errors import LabError
from engine.host.home import Home
from engine.language import _
from engine.operations.control import cancel
from engine.operations.submission import accept
from engine.reports.document import format_seeds
from engine.reports.formats import render_document
from engine.reports.json_records import describe_run, run_as_line
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.supervision.launch import ensure_supervisor
from engine.trials.trial import Trial
from tui.commands.following import Narrator, follow
from tui.commands.waking import wake_or_warn


def queue_all(home: Home, trials: Sequence[Trial], *, jobs: int | None) -> int:
    """Queue the trials, print their runs' ids, one per line, and return 0."""
    for run in accept(home, trials, jobs):
        click.echo(run.id)
    wake_or_warn(home)
    return 0


def run_all(
    home: Home,
    trials: Sequence[Trial],
    *,
    jobs: int | None = None,
    as_json: bool,
) -> int:
    """Run the trials and print their results in order; return the exit status.

    It is 0, or 1 if a trial failed, or 130 or 143 if a signal cancelled.
    """

    def print_object(snapshot: Snapshot) -> None:
        # A single run is one indented object; several are one object per line.
        click.echo(
            json.dumps(describe_run(snapshot), indent=1)
            if len(trials) == 1
            else run_as_line(snapshot)
        )

    done, status = follow_all(home, trials, jobs=jobs, each=print_object if as_json else None)
    if not as_json:
        click.echo(render_document(done), nl=False)
    return status


def follow_all(
    home: Home,
    trials: Sequence[Trial],
    *,
    jobs: int | None = None,
    each: Callable[[Snapshot], None] | None = None,
) -> tuple[list[Snapshot], int]:
    """Run the trials with their progress on stderr; return their results and the exit status.

    The status is that of :func:`run_all`. ``each`` receives every run when it has ended, in order.
    """
    done: list[Snapshot] = []
    has_lost_runs = False
    with _signals_cancel() as signals:
        runs = accept(home, trials, jobs)
        signals.register_runs(runs)
        try:
            ensure_supervisor(home)
        except LabError:
            # They are queued: whoever submitted them needs to know their names.
            for run, trial in zip(runs, trials, strict=True):
                _print_id(run, trial)
            raise
        for run, trial in zip(runs, trials, strict=True):
            _print_id(run, trial)
            narrator = Narrator(trial, _to_stderr)
            try:
                for logged in follow(run, _to_stderr):
                    narrator.narrate(logged)
                snapshot = Snapshot.of(run)
            except LabError as error:
                # It was deleted, say: the others continue.
                click.echo(error, err=True)
                has_lost_runs = True
                continue
            done.append(snapshot)
            if each:
                each(snapshot)
            if snapshot.error and not snapshot.progress.end:
                # The end that a run logged itself has been shown already.
                click.echo(snapshot.error, err=True)
    if signals.received:
        return done, 128 + signals.received
    return done, 0 if not has_lost_runs and all(
        snapshot.state == "done" for snapshot in done
    ) else 1


def _print_id(run: Run, trial: Trial) -> None:
    _to_stderr(
        _("{preset}, {seed}: run {id}").format(
            preset=trial.preset, seed=format_seeds(trial), id=run.id
        )
    )


_CANCEL_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Signals:
    """Turns Ctrl-C and SIGTERM into a cancel request; a second one leaves at once.

    The request stands even then.
    """

    def __init__(self) -> None:
        self.received = 0
        """The number of the first signal; 0 if there was none."""
        self._runs: Sequence[Run] | None = None
        self._busy = True
        """Whether runs are being accepted or cancelled, which must not be interrupted."""
        self._leaving = False

    def register_runs(self, runs: Sequence[Run]) -> None:
        """Cancel ``runs`` when a signal comes, or now if one has come already."""
        self._runs = runs
        if self.received:
            self._cancel(runs)
        else:
            self._busy = False

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.received:
            # Blocking a second signal meanwhile would not help: a library's thread takes it, and
            # this is called.
            self._leaving = True
            if not self._busy:
                self._leave()
            return
        self._busy = True
        self.received = number
        os.write(2, (_("Cancelling…") + "\n").encode("utf-8"))
        if self._runs is not None:
            self._cancel(self._runs)

    def _cancel(self, runs: Sequence[Run]) -> None:
        try:
            # The last first, so that none is started in place of one that was cancelled before it.
            for run in reversed(runs):
                cancel(run)
        finally:
            self._busy = False
        if self._leaving:
            self._leave()

    def _leave(self) -> None:
        raise SystemExit(128 + self.received)


@contextmanager
def _signals_cancel() -> Iterator[_Signals]:
    signals = _Signals()
    # A shell script lets background jobs ignore Ctrl-C, which is then meant for others.
    handled = [number for number in _CANCEL_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    previous = {number: signal.signal(number, signals.on_signal) for number in handled}
    try:
        yield signals
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _to_stderr(message: str) -> None:
    click.echo(message, err=True)
