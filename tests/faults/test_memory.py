"""Out of memory: the run's end says so, whoever noticed it (TensorFlow, the loader, the
supervisor, the kernel).
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.test_supervisor import Workers, queued, supervised
from helpers.faults import Laboratory, deaths_of, end_of, events_of, laboratory, state_of

from engine.host.home import Home
from engine.runs.events import Started
from engine.runs.run import Run
from engine.supervision.supervisor import MAX_DEATHS

GIB = 2**30
ADVICE = "Try a smaller batch_size, fewer hidden_units or a shorter window (seqlen, time_steps)."


@pytest.fixture
def lab(home: Home) -> Iterator[Laboratory]:
    with laboratory(home) as lab:
        yield lab


def test_no_room_for_tensorflow_itself(lab: Laboratory) -> None:
    lab.limits = (f"--as={GIB}",)
    (run,) = lab.queue("sunspots/5")
    assert lab.ends(run) == "failed"
    assert end_of(run).startswith(f"Out of memory. {ADVICE} ")
    # Who has set a limit wants to be told that it is that.
    assert "A process may have 1.0 GiB here: `ulimit -v`." in end_of(run)
    assert sum(isinstance(event, Started) for event in events_of(run)) == 1
    assert "Out of memory." in lab.call("show", run.id)
    assert "Out of memory." in lab.call("watch", run.id, status=1)


@pytest.mark.slow
def test_no_room_for_the_trial(lab: Laboratory, tmp_path: Path) -> None:
    corpus = tmp_path / "text.txt"
    corpus.write_text("the quick brown fox jumps over the lazy dog. " * 4000)
    # Some 5 GiB, of which 2 can be told before; TensorFlow itself maps 3.
    lab.limits = (f"--as={5 * GIB}",)
    trial = (
        "--set=iterations=1",
        "--set=predictions=1",
        "--set=seqlen=100",
        "--set=hidden_units=2048",
    )
    (run,) = lab.queue("alice/1", *trial, f"--corpus={corpus}")
    assert lab.ends(run) == "failed"
    assert end_of(run).startswith(f"Out of memory. {ADVICE} ")
    assert sum(isinstance(event, Started) for event in events_of(run)) == 1


# What the supervisor makes of a worker's death: workers that train nothing.

_BAD_ALLOC = r"""
import os, sys
print("terminate called after throwing an instance of 'std::bad_alloc'", file=sys.stderr)
for number in range(40):
    print(f"    @     0x7fe7b3b9faa{number:x}  tensorflow::DoEagerExecute()", file=sys.stderr)
sys.stderr.flush()
os.abort()
"""


class Dying(Workers):
    """Workers that do ``code``, of which they die."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    def __call__(self, run: Run, lock: int, threads: int) -> "subprocess.Popen[bytes]":
        self.started.append((run.id, threads))
        with run.worker_log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", self.code], stdout=log, stderr=log, pass_fds=[lock]
            )


def test_a_crash_for_want_of_memory_is_named_so(home: Home) -> None:
    (run,) = queued(home, 1)
    # An earlier worker's last words are not this one's.
    run.worker_log.write_text("MemoryError\n")
    workers = Dying("import os; os.abort()")
    with supervised(home, workers) as thread:
        thread.join(60)
        assert "memory" not in " ".join(death.why for death in deaths_of(run))
    (run,) = queued(home, 1)
    workers = Dying(_BAD_ALLOC)
    with supervised(home, workers) as thread:
        thread.join(60)
        assert len(workers.started) == MAX_DEATHS
        assert all("It ran out of memory." in death.why for death in deaths_of(run))
        assert state_of(run) == "failed"
        assert "Try a smaller batch_size" in end_of(run)


def test_what_the_kernel_killed_for_want_of_memory_is_named_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = Dying("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    # Three before; one more with every worker, from the moment at which it is there.
    monkeypatch.setattr("engine.supervision.supervisor.oom_kills", lambda: 3 + len(workers.started))
    (run,) = queued(home, 1)
    with supervised(home, workers) as thread:
        thread.join(60)
        assert {death.why for death in deaths_of(run)} == {
            "The host ran out of memory and killed the worker."
        }
        # It would happen again and again.
        assert (state_of(run), len(deaths_of(run))) == ("failed", MAX_DEATHS)
        assert "Try a smaller batch_size" in end_of(run)


_FULL_DISK = r"""
import os, sys
print("what was compiled is not kept: out of memory? no: bad_alloc was a worker's before", file=sys.stderr)
print("RESOURCE_EXHAUSTED: /home/anna/run/compiled/x.pb.tmp; %s", file=sys.stderr)
print("    @     0x7fe7b3b9faa1  tensorflow::DoEagerExecute()", file=sys.stderr)
sys.stderr.flush()
os.abort()
"""  # noqa: E501


@pytest.mark.parametrize("reason", ["No space left on device", "Disk quota exceeded"])
def test_a_crash_for_want_of_room_on_a_disk_is_not_want_of_memory(home: Home, reason: str) -> None:
    (run,) = queued(home, 1)
    with supervised(home, Dying(_FULL_DISK % reason)) as thread:
        thread.join(60)
        assert all(
            reason in death.why and "out of memory" not in death.why for death in deaths_of(run)
        )
        assert "Make room on that disk." in end_of(run)
        assert "batch_size" not in end_of(run)


def test_what_was_said_last_counts(home: Home) -> None:
    (run,) = queued(home, 1)
    # That the cache could not be written was no reason to die.
    code = (
        "import sys; print('what was compiled is not kept: No space left on device', "
        "file=sys.stderr)\n" + _BAD_ALLOC
    )
    with supervised(home, Dying(code)) as thread:
        thread.join(60)
        assert "Try a smaller batch_size" in end_of(run)
        assert "Make room" not in end_of(run)
