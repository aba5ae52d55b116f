"""A limit of processes: the run's end says so, whoever noticed it (Python, TensorFlow, OpenBLAS,
the supervisor).

Root is not bound by ``ulimit -u``. What the system really says is asked, in the marked tests, as
another user, who is given the one capability that it takes to read an installation of root's.
"""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.test_memory import Dying
from faults.test_supervisor import Workers, queued, supervised
from helpers.faults import COMMAND, PATIENCE_S, deaths_of, end_of, state_of, wait_until

from engine.errors import LabError
from engine.host import process_limits
from engine.host.home import Home
from engine.runs.run import Run
from engine.supervision.launch import start_supervisor
from engine.supervision.supervisor import MAX_DEATHS, Supervisor

_TENSORFLOW = r"""
import os, sys
print("F0000 00:00:1795693720.477969   12379 env.cc:84] Check failed: ret == 0 (11 vs. 0) "
      "Thread tf_host-executor creation via pthread_create() failed.", file=sys.stderr)
for number in range(40):
    print(f"    @     0x7fe7b3b9faa{number:x}  tensorflow::DoEagerExecute()", file=sys.stderr)
sys.stderr.flush()
os.abort()
"""
_OPENBLAS = r"""
import os, signal, sys
print("OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 2: Resource temporarily unavailable\n"
      "OpenBLAS blas_thread_init: ensure that your address space and process count limits are big enough\n"
      "OpenBLAS blas_thread_init: RLIMIT_NPROC 8 current, 8 max", file=sys.stderr)
print("Traceback (most recent call last):\nKeyboardInterrupt", file=sys.stderr, flush=True)
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.kill(os.getpid(), signal.SIGINT)
"""  # noqa: E501
_PYTHON = 'print("RuntimeError: can\'t start new thread", flush=True); raise SystemExit(1)'


@pytest.mark.parametrize(
    "code", [_TENSORFLOW, _OPENBLAS, _PYTHON], ids=["TensorFlow", "OpenBLAS", "Python"]
)
def test_a_worker_that_was_refused_a_thread_says_so(home: Home, code: str) -> None:
    (run,) = queued(home, 1)
    workers = Dying(code)
    with supervised(home, workers) as thread:
        thread.join(PATIENCE_S)
        assert len(workers.started) == MAX_DEATHS
        assert all(
            death.why.endswith(process_limits.SENTENCE) and death.by_itself
            for death in deaths_of(run)
        )
        assert state_of(run) == "failed"
        assert process_limits.SENTENCE in end_of(run)
        assert "End other processes, or have the limit raised." in end_of(run)
        assert "batch_size" not in end_of(run)


def test_an_interrupt_by_somebody_else_is_no_limit(home: Home) -> None:
    (run,) = queued(home, 1)
    workers = Dying("import os, signal; signal.signal(2, signal.SIG_DFL); os.kill(os.getpid(), 2)")
    with supervised(home, workers):
        wait_until(lambda: deaths_of(run))
        assert deaths_of(run)[0].why == "The worker was killed (SIGINT)."
        assert not deaths_of(run)[0].by_itself


class Refused(Workers):
    """Workers that the system does not start."""

    def __call__(self, run: Run, lock: int, threads: int) -> "subprocess.Popen[bytes]":
        self.started.append((run.id, threads))
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def test_a_worker_that_can_t_be_started_is_given_up_in_a_sentence(home: Home) -> None:
    (run,) = queued(home, 1)
    workers = Refused()
    with supervised(home, workers) as thread:
        thread.join(PATIENCE_S)
        assert len(workers.started) == MAX_DEATHS
        assert (state_of(run), len(deaths_of(run))) == ("failed", MAX_DEATHS)
        assert f"No worker could be started. {process_limits.SENTENCE}" in end_of(run)
        assert "have the limit raised" in end_of(run)


def test_a_supervisor_without_a_process_that_forks_goes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def refuse(_home: Home) -> None:
        tried.append(1)
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr("engine.supervision.supervisor.ForkServer", refuse)
    (run,) = queued(home, 1)
    Supervisor(home, warm_seconds=60.0, launch=Refused()).work()
    assert state_of(run) == "failed"
    assert tried == [1]


def test_a_supervisor_that_can_t_be_started_is_said(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_more: object) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    queued(home, 1)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(LabError) as caught:
        start_supervisor(home)
    assert f"{home.root}: no more processes or threads are allowed here." in caught.value.what
    assert caught.value.remedy.startswith("End other processes, or have the limit raised.")
    assert "stay queued" in caught.value.remedy


# As another user.

_USER = 47_110


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of another user's, who may have few processes."""
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("takes root and setpriv(1)")
    place = tmp_path / "theirs"
    place.mkdir()
    os.chown(place, _USER, _USER)
    yield place
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == _USER:
                os.kill(int(process.name), 9)
        except (OSError, ValueError):
            continue


def ask(folder: Path, limit: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as the other user, who may have a limited number of processes and threads."""
    capabilities = "-all,+dac_override,+dac_read_search"
    return subprocess.run(
        ["prlimit", f"--nproc={limit}", "setpriv", f"--reuid={_USER}", f"--regid={_USER}",
        "--clear-groups",
         f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}",
         f"--bounding-set={capabilities}",
         COMMAND, "--home", str(folder / "home"), *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "RNNLAB_WARM_SECONDS": "0.5"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE_S,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("limit", [3, 8, 24])
def test_a_user_who_may_have_few_processes_is_told_so(folder: Path, limit: int) -> None:
    done = ask(folder, limit, "run", "sunspots/5", "--set=epochs=2", "--json")
    assert done.returncode == 1, done.stderr
    assert process_limits.SENTENCE in done.stdout
    assert f"A user may have {limit} processes and threads here: `ulimit -u`." in done.stdout
    assert "OpenBLAS" not in done.stdout + done.stderr
    assert "Check failed" not in done.stdout + done.stderr


@pytest.mark.slow
def test_commands_that_train_nothing_need_no_threads(folder: Path) -> None:
    done = ask(folder, 2, "data", "show", "sunspots")
    assert (done.returncode, done.stderr) == (0, "")
