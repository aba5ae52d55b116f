"""A run's events as plain lines, live or replayed."""

import math
import time
from collections.abc import Callable, Iterator

from engine.errors import LabError
from engine.host.home import Home
from engine.language import _
from engine.runs.events import (
    SCHEMA,
    AnyEvent,
    Cancelled,
    EpochEnded,
    EventReader,
    Finished,
    IterationEnded,
    Logged,
    SamplingStarted,
    Started,
)
from engine.runs.progress import Progress
from engine.runs.run import Run
from engine.runs.watch import RunWatcher
from engine.sanitise import printable, printable_line
from engine.supervision.launch import ensure_supervisor
from engine.trials.trial import Trial
from tui.words.events import describe_event

_POLL_S = 0.1
_WAKE_S = 2.0
_PACE_S = 1.0


class Narrator:
    """Describes events through ``say``, one line each.

    Of epochs, at most one per second of the run's own time is described, and the last.
    """

    def __init__(self, trial: Trial, say: Callable[[str], None]) -> None:
        self._total = trial.parameters.total_epochs
        self._shows_last_epoch = trial.replicates == 1
        self._say = say
        self._progress = Progress()
        self._last_epoch_at = -math.inf

    def narrate(self, logged: Logged) -> None:
        """Describe the next event, in the log's order."""
        self._progress.apply(logged)
        if message := self._describe(logged.event, logged.t):
            self._say(printable(message))

    def _describe(self, event: AnyEvent, time: float) -> str:
        match event:
            case EpochEnded(epoch=epoch, loss=loss):
                is_last = epoch == self._total and self._shows_last_epoch
                if not is_last and time - self._last_epoch_at < _PACE_S:
                    return ""
                self._last_epoch_at = time
                return _("epoch {n}/{total}  loss {loss:.6f}").format(
                    n=epoch, total=self._total, loss=loss
                )
            case IterationEnded():
                iterations = self._progress.iterations[-1:]
                return describe_event(event) + "".join(
                    f"  {printable_line(f'[{iteration.seed_text}]{iteration.text}')}"
                    for iteration in iterations
                )
            case Started(schema_version=newest) if newest > SCHEMA:
                return _(
                    "A newer version of rnnlab-tui wrote to this run: what this one does not know "
                    "is left out."
                )
            case Started() | SamplingStarted() | Finished() | Cancelled():
                return ""
        return describe_event(event)


def follow(run: Run, say: Callable[[str], None]) -> Iterator[Logged]:
    """Yield a run's events, past and future, until it has ended or its worker is gone.

    Meanwhile a killed supervisor is replaced. ``say`` gets one message if the run is queued or held
    for more than a moment, and one if no supervisor can be started. Raises :class:`LabError` if the
    run was deleted.
    """
    watcher = RunWatcher(run)
    last_check = time.monotonic()
    shown: set[str] = set()
    while True:
        yield from watcher.poll()
        if watcher.latest.has_ended:
            return
        if time.monotonic() - last_check >= _WAKE_S:
            last_check = time.monotonic()
            state = watcher.latest.state
            states = [state] if state in ("queued", "held") else []
            for line in [*states, *_wake(run.home)]:
                if line not in shown:
                    shown.add(line)
                    say(line)
        time.sleep(_POLL_S)


def _wake(home: Home) -> list[str]:
    """Start a supervisor if one is needed; return why if that fails."""
    try:
        ensure_supervisor(home)
    except LabError as error:
        return [str(error)]
    return []


def replay(run: Run, speed: float) -> Iterator[Logged]:
    """Yield the events of a run at ``speed`` times its original pace."""
    previous: float | None = None
    for logged in EventReader(run.log).read():
        if previous is not None:
            # Do not wait if the clock was set back in between.
            time.sleep(max(0.0, logged.t - previous) / speed)
        previous = logged.t
        yield logged
