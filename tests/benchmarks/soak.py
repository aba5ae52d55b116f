"""Soak: small trials through the queue while all sorts of things happen to them at random.

Workers, supervisor, nursery and an application are killed or stopped for a while, the folders of
locks are removed, another user looks (only if root runs this), and every command comes with an
environment that would change figures.

    python tests/benchmarks/soak.py [N] [--seed S]

N trials (200 unless given) in a home of their own. Prints a line of figures, and what is wrong, if
anything. Exit status 1 unless every run is done, every result is byte for byte that of the same
trial undisturbed, and no process and no lock is left. Takes about three seconds a trial on two
cores.
"""

import argparse
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.terminal import COMMAND, Terminal

from engine.host import locks
from engine.host.home import Home
from engine.runs import queue
from engine.runs.events import EventReader
from engine.runs.run import UNFINISHED, Run, all_runs
from engine.supervision.launch import supervisor_lock

_FORECASTS = ("sunspots/1", "sunspots/5", "sunspots/8")
_FORECAST_SETTINGS = ("--set=epochs=500",)
_TEXT_SETTINGS = (
    "--set=iterations=2", "--set=epochs_per_iteration=40", "--set=predictions=2000",
    "--set=hidden_units=16",
)  # fmt: skip
_MEAN_PAUSE_S = 1.2
_KINDS = {
    "worker": 5, "supervisor": 2, "nursery": 2, "app": 2, "app hung up": 1,
    "stop": 3, "locks": 2, "other user": 2,
}  # fmt: skip
_HOSTILE = (
    {"XLA_FLAGS": "--xla_cpu_enable_fast_math=true"}, {"TF_DETERMINISTIC_OPS": "1"},
    {"TF_ENABLE_ONEDNN_OPTS": "0"},
    {"ONEDNN_MAX_CPU_ISA": "SSE41"}, {"KERAS_BACKEND": "numpy"}, {"OMP_NUM_THREADS": "7"},
    {"PYTHONHASHSEED": "3"},
)  # fmt: skip
_LONGEST_STOP_S = 4.0
_ANOTHER_USER = 12_345
_KEYS = ("enter", "escape", "tab", "up", "down", "left", "right", "1", "2", "3", "4", "5", "l", "s")
_WARM_S = 3.0
_STUCK_S = 300.0


class Soak:
    """A home, its locks, an application on a terminal, and the count of what was done to them."""

    def __init__(self, root: Path, seed: int) -> None:
        self.home = Home(root / "home")
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._root = root
        self._random = random.Random(seed)
        self._corpus = root / "small.txt"
        self._corpus.write_text(topics["types"].encode("ascii", "ignore").decode()[:6_000])
        self.environment = os.environ | {
            "RNNLAB_HOME": str(self.home.root),
            "RNNLAB_LOCKS": str(root / "locks"),
            "RNNLAB_WARM_SECONDS": str(_WARM_S),
            "TERM": "xterm-256color",
        }
        self._app: Terminal | None = None
        self._stopped: dict[int, float] = {}
        """Processes that are stopped, and until when."""

    def command(self, *arguments: str) -> str:
        """Run the command to its end and return what it printed on stdout."""
        done = subprocess.run(
            [COMMAND, *arguments],
            env=self.environment | self._random.choice(_HOSTILE),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            self.wrong.append(
                f"{' '.join(arguments)}: status {done.returncode}: {done.stderr.strip()}"
            )
        return done.stdout

    def submit(self, count: int) -> int:
        """Queue some of the ``count`` runs that are still to come; return how many."""
        if self._random.random() < 0.5:
            chosen = self._random.sample(
                _FORECASTS, k=min(count, self._random.randint(1, len(_FORECASTS)))
            )
            said = self.command("run", *chosen, *_FORECAST_SETTINGS, "--detach")
        else:
            seeds = min(count, self._random.randint(1, 2))
            of_text = (*_TEXT_SETTINGS, f"--corpus={self._corpus}", f"--seeds={seeds}")
            said = self.command("run", "alice/1", *of_text, "--detach")
        return len(said.split())

    def runs(self) -> list[Run]:
        return all_runs(self.home)

    def unfinished(self) -> list[str]:
        return [run.id for run in self.runs() if run.state(run.progress()) in UNFINISHED]

    # The application, which only looks on.

    def look_on(self) -> None:
        """Keep an application open, and have it shown this and that."""
        if self._app is None:
            self._app = Terminal([], env=self.environment, cwd=self._root)
        elif self._app.has_left():
            self.wrong.append(f"the application left by itself, showing:\n{self._app.text}")
            self._close_app()
            return
        self._app.read(0.05)
        if self._random.random() < 0.3:
            self._app.press(self._random.choice(_KEYS))

    def _close_app(self) -> None:
        if self._app:
            self._app.__exit__(None, None, None)
            self._app = None

    # What is done to it.

    def disturb(self) -> None:
        """Kill, stop or remove something, if there is such a thing just now."""
        (kind,) = self._random.choices(list(_KINDS), list(_KINDS.values()))
        match kind:
            case "stop":
                self._stop()
            case "locks":
                self._remove_locks()
            case "other user":
                self._look_as_another_user()
            case _:
                self._kill(kind)

    def _stop(self) -> None:
        found = [
            pid for pid, what in self.processes() if what != "other" and pid not in self._stopped
        ]
        if found:
            pid = self._random.choice(found)
            send(pid, signal.SIGSTOP)
            self._stopped[pid] = time.monotonic() + self._random.uniform(0.1, _LONGEST_STOP_S)
            self.done["stop"] += 1

    def go_on(self, now: float) -> None:
        """Let stopped processes continue once their time is over."""
        for pid in [pid for pid, until in self._stopped.items() if now >= until]:
            send(pid, signal.SIGCONT)
            del self._stopped[pid]

    def _remove_locks(self) -> None:
        folder = self._random.choice([self.home.root, self.home.runs]) / locks.FOLDER
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            self.done["locks"] += 1

    def _look_as_another_user(self) -> None:
        if os.geteuid() != 0:
            return
        folders = [
            self.home.root,
            self.home.runs,
            self.home.queue,
            *(run.directory for run in self.runs()),
        ]
        for owner in (_ANOTHER_USER, 0):
            for folder in folders:
                os.chown(folder, owner, -1)
            if owner:
                self.command("runs")
        self.done["other user"] += 1

    def _kill(self, kind: str) -> None:
        if kind.startswith("app"):
            if self._app:
                os.kill(self._app.pid, signal.SIGHUP if kind == "app hung up" else signal.SIGKILL)
                self._app.wait_for_end()
                self._close_app()
                self.done[kind] += 1
            return
        found = [pid for pid, what in self.processes() if what == kind]
        if found and send(self._random.choice(found), signal.SIGKILL):
            self.done[kind] += 1

    def processes(self) -> Iterator[tuple[int, str]]:
        """Yield this soak's live processes and what each is."""
        mark = f"RNNLAB_LOCKS={self.environment['RNNLAB_LOCKS']}".encode()
        for path in Path("/proc").iterdir():
            if not path.name.isdigit():
                continue
            try:
                if mark not in (path / "environ").read_bytes().split(b"\0"):
                    continue
                words = (path / "cmdline").read_bytes().split(b"\0")
                at = (path / "cwd").readlink()
            except OSError:
                continue
            if at.parent == self.home.runs:
                # A forked worker still has the nursery's words, but its own folder.
                yield int(path.name), "worker"
            elif b"engine.supervision.supervisor" in words:
                yield int(path.name), "supervisor"
            elif b"engine.training.forkserver" in words:
                yield int(path.name), "nursery"
            elif words != [b""]:
                yield int(path.name), "other"

    # The course of it.

    def go_through(self, count: int) -> None:
        """Have ``count`` runs done under fire."""
        to_come, shots = count, count
        next_kill = next_command = 0.0
        moved_at, left = time.monotonic(), count
        while True:
            unfinished = self.unfinished() if to_come == 0 else []
            if to_come == 0 and not unfinished:
                break
            if to_come + len(unfinished) < left:
                left, moved_at = to_come + len(unfinished), time.monotonic()
            elif time.monotonic() - moved_at > _STUCK_S:
                self.wrong.append(f"nothing was done for {_STUCK_S:.0f} s: {unfinished}")
                break
            now = time.monotonic()
            if to_come and len(queue.entries(self.home)) < 12:
                to_come -= self.submit(to_come)
                moved_at = now
            elif now >= next_command:
                # The next command finds a supervisor that was killed, if the application has not.
                self.command("runs")
                next_command = now + 3.0
            if shots and now >= next_kill:
                self.disturb()
                shots -= 1
                next_kill = now + self._random.expovariate(1 / _MEAN_PAUSE_S)
            self.go_on(now)
            self.look_on()
        self.go_on(math.inf)
        self._close_app()

    def leave(self) -> None:
        """Wait until the home's processes have left by themselves, note who has not, and end
        those.
        """
        try:
            wait(lambda: not list(self.processes()), _WARM_S + 20.0)
        except TimeoutError:
            return
        finally:
            self.processes_left = list(self.processes())
            self.locks_left = [
                str(path)
                for path in [
                    supervisor_lock(self.home),
                    self.home.queue,
                    *(run.directory for run in self.runs()),
                ]
                if locks.is_held(path)
            ]
            for pid, _what in self.processes_left:
                os.kill(pid, signal.SIGKILL)

    # What has come of it.

    def compare(self) -> int:
        """Return how many runs' results are those of the same trial undisturbed, and note which are
        not.
        """
        undisturbed: dict[str, dict[str, Any]] = {}
        equal = 0
        for run in self.runs():
            try:
                made = outcome(run)
            except (OSError, KeyError, AttributeError) as error:
                self.wrong.append(f"{run.id}: no result: {error!r}")
                continue
            key = run.submission.trial.model_dump_json() + str(made["threads"])
            if key not in undisturbed:
                undisturbed[key] = outcome(
                    self._undisturbed(run, made["threads"], len(undisturbed))
                )
            if different := [
                name for name, value in undisturbed[key].items() if made.get(name) != value
            ]:
                self.wrong.append(
                    f"{run.id}: {', '.join(different)} are not those of an undisturbed run"
                )
            else:
                equal += 1
        return equal

    def _undisturbed(self, run: Run, threads: int, number: int) -> Run:
        """Train a run's trial in a worker of its own that nobody touches."""
        reference = Run(self._root / "undisturbed" / "runs" / f"reference-{number}")
        reference.directory.mkdir(0o700, parents=True)
        shutil.copy(run.directory / "trial.json", reference.directory)
        if not reference.home.data.exists() and self.home.data.exists():
            reference.home.data.symlink_to(self.home.data)
        with reference.worker_log.open("ab") as log:
            subprocess.run(
                [
                    *(sys.executable, "-P", "-m", "engine.training.worker", reference.directory),
                    *("--threads", str(threads)),
                ],
                env=self.environment, stdout=log, stderr=log, check=True,
            )  # fmt: skip
        return reference


def outcome(run: Run) -> dict[str, Any]:
    """Return all of a run that is said to be the same after any number of kills, and its number of
    threads.
    """
    reader = EventReader(run.log)
    numbers = [logged.n for logged in reader.read()]
    result = json.loads((run.directory / "result.json").read_bytes())
    progress = run.progress()
    assert progress.worker is not None
    return {
        "threads": progress.worker.threads,
        "metrics": result["metrics"],
        "parameter count": result["parameter_count"],
        "losses": progress.losses,
        "texts": [(text.seed_text, text.text, text.loss) for text in progress.iterations],
        "log whole": reader.skipped == 0 and numbers == list(range(1, len(numbers) + 1)),
        **{path.name: path.read_bytes() for path in run.directory.glob("*.npz")},
    }


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; return whether the process was still there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def wait(what: Callable[[], bool], seconds: float) -> None:
    """Wait until ``what`` is so. Raises :class:`TimeoutError` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Disturb at random; everything must be done, and right."
    )
    parser.add_argument("count", nargs="?", type=int, default=200, metavar="N")
    parser.add_argument(
        "--seed", type=int, default=1, help="of the disturbances and the order of trials"
    )
    arguments = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="rnnlab-soak-"))
    os.environ["RNNLAB_LOCKS"] = str(root / "locks")
    soak = Soak(root, arguments.seed)
    began = time.monotonic()
    soak.go_through(arguments.count)
    took = time.monotonic() - began
    soak.leave()
    states = Counter(run.state(run.progress()) for run in soak.runs())
    equal = soak.compare()
    print(
        f"soak: seed {arguments.seed}; "
        f"{', '.join(f'{n} {kind}' for kind, n in sorted(soak.done.items()))}; "
        f"{', '.join(f'{n} {state}' for state, n in sorted(states.items()))} of {arguments.count} "
        f"runs; "
        f"{equal} results equal to undisturbed ones; {len(soak.processes_left)} processes, "
        f"{len(soak.locks_left)} locks, {len(queue.entries(soak.home))} queue entries left; "
        f"{took:.0f} s"
    )
    good = (
        states == {"done": arguments.count}
        and equal == arguments.count
        and not (soak.wrong or soak.processes_left or soak.locks_left or queue.entries(soak.home))
    )
    if good:
        shutil.rmtree(root)
        return 0
    print(*soak.wrong, *soak.processes_left, *soak.locks_left, f"It all lies in {root}.", sep="\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
