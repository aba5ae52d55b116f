"""A run's events in words, one line each."""

from engine.language import _
from engine.runs.events import (
    AnyEvent,
    Cancelled,
    Characters,
    Checkpointed,
    Died,
    EpochEnded,
    EpochProgress,
    Failed,
    Finished,
    IterationEnded,
    PhaseEntered,
    ReplicateEnded,
    ReplicateStarted,
    Resumed,
    SamplingStarted,
    Started,
    Warned,
)
from engine.sanitise import printable_line


def describe_event(event: AnyEvent) -> str:
    """Describe an event in one line; empty for those that come by the hundred."""
    match event:
        case Started(pid=pid, host=host):
            return _("worker {pid} on {host}").format(pid=pid, host=host)
        case PhaseEntered(phase=phase):
            return phase
        case SamplingStarted(iteration=iteration, seed_text=seed):
            return _("iteration {n}  writes from [{seed}]").format(
                n=iteration, seed=printable_line(seed)
            )
        case IterationEnded(iteration=iteration, loss=loss):
            return _("iteration {n}  loss {loss:.4f}").format(n=iteration, loss=loss)
        case Died(why=why):
            return why
        case Resumed(after=after):
            return _("resumed") if after else _("started again")
        case Warned(text=text):
            return _("warning: {text}").format(text=text)
        case Failed(what=what, remedy=remedy):
            return f"{what} {remedy}".strip()
        case Finished():
            return _("finished")
        case Cancelled():
            return _("cancelled")
        case ReplicateEnded(seed=seed, train_rmse=train, test_rmse=test):
            if train is None or test is None:
                return _("seed {seed}  diverged").format(seed=seed)
            return _("seed {seed}  train {train:.4f}  test {test:.4f}").format(
                seed=seed, train=train, test=test
            )
        case EpochEnded() | ReplicateStarted() | EpochProgress() | Characters() | Checkpointed():
            return ""
