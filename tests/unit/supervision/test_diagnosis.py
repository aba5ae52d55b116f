"""What a worker died of is a field of the log; what to do about it follows from that alone."""

import signal

import pytest
from helpers.factory import sunspots_trial, write_run

from engine.host import out_of_memory, process_limits
from engine.host.home import Home
from engine.host.machine import oom_kills
from engine.runs.events import Cause, Died
from engine.supervision import supervisor

SPANISH = "El proceso se ha acabado."


@pytest.mark.parametrize(
    ("status", "printed", "cause"),
    [
        (1, "RESOURCE_EXHAUSTED: cannot write x: No space left on device", "disk"),
        (1, "tensorflow: RESOURCE_EXHAUSTED: OOM when allocating a tensor", "memory"),
        (1, "CUDA_ERROR_OUT_OF_MEMORY: out of memory", "memory"),
        (1, "/bin/sh: fork: retry: Resource temporarily unavailable", "processes"),
        (1, "something else", "exit"),
        (1, "", "exit"),
        (-signal.SIGSEGV, "something else", "crash"),
        (-signal.SIGABRT, "terminate called after throwing std::bad_alloc", "memory"),
        (-signal.SIGINT, "/bin/sh: Cannot fork", "processes"),
        (-signal.SIGTERM, "No space left on device", "killed"),
        (supervisor._NOT_STARTED, "", "processes"),
    ],
)
def test_what_a_worker_died_of(home: Home, status: int, printed: str, cause: Cause) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=1)
    run.worker_log.write_text(printed)
    job = supervisor._Job(run, threads=1, child=None, oom_kills=oom_kills())
    died = supervisor._diagnose(job, status)
    assert (died.cause, died.by_itself) == (cause, cause != "killed")


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        ("memory", out_of_memory.remedy()),
        ("processes", process_limits.remedy()),
        ("disk", "Make room on that disk."),
    ],
)
def test_advice_follows_the_cause_in_any_language(home: Home, cause: Cause, advice: str) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=1)
    for why in (SPANISH, "No space left on device", "out of memory", process_limits.SENTENCE):
        remedy = supervisor._remedy(run, Died(why=why, by_itself=True, cause=cause))
        assert remedy.startswith(advice)
        others = supervisor._remedy(run, Died(why=why, by_itself=True, cause="crash"))
        assert others.startswith("What its worker printed is in ")
