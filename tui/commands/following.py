"""A run's events told as plain lines, as they come or as they came."""

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
from engine.runs.progress import Progress, total_epochs
from engine.runs.run import Run
from engine.runs.watch import RunWatcher
from engine.sanitise import printable, printable_line
from engine.supervision.launch import ensure_supervisor
from engine.trials.trial import ForecastTrial, TextTrial
from tui.words.events import event_words

_POLL_S = 0.1
_WAKE_S = 2.0
_PACE_S = 1.0


class Narrator:
    """Says events through ``say``, a line each; epochs at most one a second of the run's own time,
    and the last.
    """

    def __init__(self, trial: ForecastTrial | TextTrial, say: Callable[[str], None]) -> None:
        self._total = total_epochs(trial.parameters)
        self._last_counts = trial.replicates == 1
        self._say = say
        self._progress = Progress()
        self._last_epoch_at = -math.inf

    def narrate(self, logged: Logged) -> None:
        """Say the next event, in the log's order."""
        self._progress.apply(logged)
        if words := self._words(logged.event, logged.t):
            self._say(printable(words))

    def _words(self, event: AnyEvent, at: float) -> str:
        match event:
            case EpochEnded(epoch=epoch, loss=loss):
                last = epoch == self._total and self._last_counts
                if not last and at - self._last_epoch_at < _PACE_S:
                    return ""
                self._last_epoch_at = at
                return _("epoch {n}/{total}  loss {loss:.6f}").format(
                    n=epoch, total=self._total, loss=loss
                )
            case IterationEnded():
                written = self._progress.iterations[-1:]
                return event_words(event) + "".join(
                    f"  {printable_line(f'[{text.seed_text}]{text.text}')}" for text in written
                )
            case Started(schema_version=newest) if newest > SCHEMA:
                return _(
                    "A newer version of rnnlab-tui was at this run: what this one does not know "
                    "is left out."
                )
            case Started() | SamplingStarted() | Finished() | Cancelled():
                return ""
        return event_words(event)


def follow(run: Run, say: Callable[[str], None]) -> Iterator[Logged]:
    """Yield a run's events, those that were and those that come, until it has ended or its worker
    is gone.

    Meanwhile a supervisor that was killed is replaced. Says once through ``say`` that the run is
    queued, or held, where it stays so for more than a moment, and why no supervisor can be started.
    Raises :class:`LabError` where the run was deleted.
    """
    watcher = RunWatcher(run)
    looked = time.monotonic()
    said: set[str] = set()
    while True:
        yield from watcher.poll()
        if watcher.has_ended:
            return
        if time.monotonic() - looked >= _WAKE_S:
            looked = time.monotonic()
            words = [watcher.state] if watcher.state in ("queued", "held") else []
            for line in [*words, *_wake(run.home)]:
                if line not in said:
                    said.add(line)
                    say(line)
        time.sleep(_POLL_S)


def _wake(home: Home) -> list[str]:
    """Have a supervisor where one is needed; return why there can be none."""
    try:
        ensure_supervisor(home)
    except LabError as error:
        return [str(error)]
    return []


def replay(run: Run, speed: float) -> Iterator[Logged]:
    """Yield the events of a run at ``speed`` times the pace at which they came."""
    before: float | None = None
    for logged in EventReader(run.log).read():
        if before is not None:
            # A clock that was set back in between is no reason to wait.
            time.sleep(max(0.0, logged.t - before) / speed)
        before = logged.t
        yield logged
