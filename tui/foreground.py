"""``rnnlab-tui run``: trials one after the other in the foreground, in the same worker that the application uses."""

import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from engine.describe import describe_run
from engine.events import (
    Advanced,
    Characters,
    EpochEnded,
    EventReader,
    IterationEnded,
    Logged,
    PhaseEntered,
    SamplingBegan,
    Warned,
)
from engine.home import Home
from engine.language import _
from engine.launch import launch
from engine.progress import Progress, total_epochs
from engine.report import Snapshot, document
from engine.runs import UNFINISHED, Run, create
from engine.trial import AliceTrial, SunspotsTrial

_POLL_S = 0.1
_PACE_S = 1.0


def run_all(home: Home, trials: Sequence[SunspotsTrial | AliceTrial], *, as_json: bool) -> int:
    """Run the trials in order and print their results. Return 0, 1 if one failed, 130 or 143 if a signal cancelled."""
    done: list[Snapshot] = []
    for trial in trials:
        run = create(home, trial)
        click.echo(
            _("{preset}, seed {seed}: run {id}").format(preset=trial.preset, seed=trial.seed, id=run.id), err=True
        )
        with _signals_cancel(run) as received:
            launch(run)
            _follow(run)
        snapshot = Snapshot.of(run)
        done.append(snapshot)
        if as_json:
            described = describe_run(run, snapshot.progress, snapshot.result)
            # One object for one run, one object a line for several.
            click.echo(json.dumps(described, ensure_ascii=False, indent=1 if len(trials) == 1 else None))
        if snapshot.failure:
            click.echo(snapshot.failure, err=True)
        if received:
            return 128 + received[0]
    if not as_json:
        click.echo(document(done), nl=False)
    return 0 if all(snapshot.state == "done" for snapshot in done) else 1


@contextmanager
def _signals_cancel(run: Run) -> Iterator[list[int]]:
    """Turn Ctrl-C and SIGTERM into a request to the worker; gives the list of signals that came."""
    received: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if not received:
            run.request_cancel()
            print(_("Cancelling…"), file=sys.stderr, flush=True)  # noqa: T201 (click is not reentrant)
        received.append(number)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _follow(run: Run) -> None:
    """Print what happens to stderr, as plain lines, until the run ends or its worker is gone."""
    reader, progress, narrator = EventReader(run.log), Progress(), _Narrator(run)
    while True:
        # Asked before reading: what a worker wrote before it left must not be missed.
        alive = run.state(progress) in UNFINISHED
        for logged in reader.read():
            progress.apply(logged)
            narrator.tell(logged, progress)
        if not alive or progress.end:
            return
        time.sleep(_POLL_S)


class _Narrator:
    """Says what events mean in lines, epochs at most one a second."""

    def __init__(self, run: Run) -> None:
        self._parameters = run.submission.trial.parameters
        self._last_epoch_line = 0.0

    def tell(self, logged: Logged, progress: Progress) -> None:
        total = total_epochs(self._parameters)
        match logged.event:
            case PhaseEntered(phase=phase):
                click.echo(f"{phase}…", err=True)
            case Warned(text=text):
                click.echo(text, err=True)
            case EpochEnded(epoch=epoch, loss=loss):
                if epoch == total or logged.t - self._last_epoch_line >= _PACE_S:
                    self._last_epoch_line = logged.t
                    click.echo(
                        _("epoch {n}/{total}  loss {loss:.6f}").format(n=epoch, total=total, loss=loss), err=True
                    )
            case IterationEnded(iteration=iteration, loss=loss):
                written = progress.iterations[-1]
                click.echo(_("iteration {n}  loss {loss:.4f}").format(n=iteration, loss=loss), err=True)
                click.echo(f"  [{written.seed_text}]{written.text}", err=True)
            case Advanced() | Characters() | SamplingBegan():
                pass
