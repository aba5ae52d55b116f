"""How long a home of many runs takes: the command's list, the application's first look and its looks after that.

    python tests/benchmarks/many_runs.py [N]

N runs (5000 unless given), most of them done, in a home of their own. Prints seconds; nothing is asserted.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import SUBMITTED, alice_trial, sunspots_trial, write_run
from terminal_driver import COMMAND

from engine.events import Cancelled
from engine.home import Home
from engine.watch import HomeWatcher


def make(home: Home, count: int) -> None:
    """Write runs as a year of work leaves them: four forecasts for one text, one in ten cancelled."""
    models = [
        write_run(home, sunspots_trial(5), run_id="model-0"),
        write_run(home, sunspots_trial(7, epochs=100), run_id="model-1"),
        write_run(home, alice_trial(1, iterations=25), run_id="model-2"),
        write_run(home, sunspots_trial(5), end=Cancelled(), epochs=10, run_id="model-3"),
        write_run(home, sunspots_trial(9, epochs=100), run_id="model-4"),
    ]
    for number in range(count - len(models)):
        model = models[number % len(models)]
        folder = home.runs / f"run-{number:05}"
        shutil.copytree(model.directory, folder)
        submitted = SUBMITTED + timedelta(minutes=number)
        submission = model.submission.model_copy(update={"id": folder.name, "submitted": submitted})
        (folder / "trial.json").write_text(submission.model_dump_json(indent=2))


def main() -> None:
    parser = argparse.ArgumentParser(description="The time that a home of many runs takes.")
    parser.add_argument("count", nargs="?", type=int, default=5000, metavar="N")
    count = parser.parse_args().count
    root = Path(tempfile.mkdtemp(prefix="rnnlab-many-"))
    os.environ["RNNLAB_LOCKS"] = str(root / "locks")
    home = Home(root / "home")
    try:
        make(home, count)
        figures = {}
        for words in (["runs"], ["runs", "--json"], ["presets"]):
            began = time.perf_counter()
            subprocess.run([COMMAND, "--home", home.root, *words], stdout=subprocess.DEVNULL, check=True)
            figures[" ".join(words)] = time.perf_counter() - began
        watcher = HomeWatcher(home)
        for look in ("first look", "second look", "third look"):
            began = time.perf_counter()
            found = watcher.poll()
            figures[look] = time.perf_counter() - began
            assert len(found) == count
        print(f"{count} runs: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in figures.items()))
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
