"""How long a home of many runs takes: the command's list, the application's first look and its
looks after that.

    python tests/benchmarks/many_runs.py [N] [--seeds K]

N runs (5000 unless given), most of them done, in a home of their own; with ``--seeds`` all of them
are forecasts of K seeds, with logs as long as a worker's. Prints seconds, of the clock and of the
processor (what other processes take of a busy machine is in the first alone), and the machine's
load; nothing is asserted.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.factory import (
    SUBMITTED,
    alice_trial,
    made_up_loss,
    sunspots_trial,
    write_log,
    write_run,
)
from helpers.terminal import COMMAND, Terminal

from engine.host.home import Home
from engine.runs.events import (
    Cancelled,
    EpochEnded,
    EventReader,
    Finished,
    ReplicateEnded,
    ReplicateStarted,
)
from engine.runs.results import ForecastMetrics, ReplicateMetrics
from engine.runs.run import Run
from engine.runs.watch import HomeWatcher


def make(home: Home, count: int, seeds: int) -> None:
    """Write runs as a year of work leaves them: four forecasts for one text, one in ten
    cancelled.
    """
    if seeds > 1:
        models = [
            write_seeds(home, Finished(), seeds, "model-0"),
            write_seeds(home, Cancelled(), seeds, "model-1"),
        ]
        models = [models[0]] * 9 + [models[1]]
    else:
        models = [
            write_run(home, sunspots_trial(5), run_id="model-0"),
            write_run(home, sunspots_trial(7, epochs=100), run_id="model-1"),
            write_run(home, alice_trial(1, iterations=25), run_id="model-2"),
            write_run(home, sunspots_trial(5), end=Cancelled(), epochs=10, run_id="model-3"),
            write_run(home, sunspots_trial(9, epochs=100), run_id="model-4"),
        ]
    for number in range(count - len(set(models))):
        model = models[number % len(models)]
        folder = home.runs / f"run-{number:05}"
        shutil.copytree(model.directory, folder, copy_function=os.link)
        submitted = SUBMITTED + timedelta(minutes=number)
        submission = model.submission.model_copy(update={"id": folder.name, "submitted": submitted})
        (folder / "trial.json").unlink()
        (folder / "trial.json").write_text(submission.model_dump_json(indent=2))


def write_seeds(home: Home, end: Finished | Cancelled, seeds: int, name: str) -> Run:
    """Write a forecast of ``seeds`` seeds, the last of which is half trained where it was
    cancelled.
    """
    trial = sunspots_trial(5).model_copy(update={"replicates": seeds})
    run = write_run(home, trial, epochs=0, end=None, result=end == Finished(), run_id=name)
    events = [logged.event for logged in EventReader(run.log).read()]
    for seed in trial.seeds:
        whole = end == Finished() or seed != trial.seeds[-1]
        epochs = range(1, trial.parameters.epochs + 1 if whole else trial.parameters.epochs // 2)
        events += [
            ReplicateStarted(seed=seed),
            *(EpochEnded(epoch=n, loss=made_up_loss(n) / 7) for n in epochs),
        ]
        if whole:
            events.append(ReplicateEnded(seed=seed, train_rmse=0.1 / 7, test_rmse=0.1 / 7))
    write_log(run, [*events, end])
    if result := run.result():
        assert isinstance(result.metrics, ForecastMetrics)
        figures = result.metrics.model_copy(
            update={
                "representative_seed": trial.seed,
                "replicates": tuple(
                    ReplicateMetrics(seed=seed, train_rmse=0.1 / 7, test_rmse=0.1 / 7, state="done")
                    for seed in trial.seeds
                ),
                **dict.fromkeys(
                    ("train_rmse_mean", "train_rmse_sd", "test_rmse_mean", "test_rmse_sd"), 0.1 / 7
                ),
            }
        )
        made = result.model_copy(update={"metrics": figures})
        (run.directory / "result.json").write_text(made.model_dump_json(indent=1))
    return run


def open_application(home: Path, shown: str) -> None:
    """Start the application and wait until it shows something; end it."""
    variables = {name: os.environ[name] for name in ("PATH", "HOME", "RNNLAB_LOCKS")}
    with Terminal([], env=variables | {"RNNLAB_HOME": str(home)}, cwd=home.parent) as terminal:
        terminal.wait_for(shown)


def spent() -> tuple[float, float]:
    """Return the clock, and the processor time of this process and of those that it has waited for,
    in seconds.
    """
    times = os.times()
    return (
        time.perf_counter(),
        times.user + times.system + times.children_user + times.children_system,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="The time that a home of many runs takes.")
    parser.add_argument("count", nargs="?", type=int, default=5000, metavar="N")
    parser.add_argument("--seeds", type=int, default=1, metavar="K")
    asked = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="rnnlab-many-"))
    os.environ["RNNLAB_LOCKS"] = str(root / "locks")
    home = Home(root / "home")
    figures = list[str]()

    @contextmanager
    def measured(name: str) -> Iterator[None]:
        clock, processor = spent()
        yield
        after = spent()
        figures.append(f"{name} {after[0] - clock:.2f} s ({after[1] - processor:.2f} s)")

    try:
        make(home, asked.count, asked.seeds)
        for words in (["--version"], ["runs"], ["runs"], ["runs", "--json"]):
            with measured(" ".join(words)):
                subprocess.run(
                    [COMMAND, "--home", home.root, *words], stdout=subprocess.DEVNULL, check=True
                )
        for name, root_folder, shown in (
            ("app, no runs", root / "none", "No runs yet"),
            ("app", home.root, "✓ done"),
        ):
            with measured(name):
                open_application(root_folder, shown)
        watcher = HomeWatcher(home)
        for look in ("first look", "second look", "third look"):
            with measured(look):
                found = watcher.poll().runs
            assert len(found) == asked.count
        print(
            f"{asked.count} runs of {asked.seeds}, load {os.getloadavg()[0]:.1f}: "
            + ", ".join(figures)
        )
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
