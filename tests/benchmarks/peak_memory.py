"""The peak memory of whole runs, each in a worker of its own: what
:mod:`engine.operations.memory_needs` must stay below.

    python tests/benchmarks/peak_memory.py [--threads 1|2] [SEQLEN,UNITS,BATCH,DISTINCT ...]
    python tests/benchmarks/peak_memory.py --forecasts [TIME_STEPS,UNITS,BATCH ...]

Without trials a dozen is measured: some gigabytes and some minutes. The peak is that of the
worker's resident memory (``ru_maxrss``) over one epoch of two batches; a line a trial, nothing is
asserted.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.factory import preset

from engine.host.home import Home
from engine.host.worker_environment import worker_environment
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.operations.submission import accept
from engine.runs.run import Run
from engine.trials.trial import ForecastTrial, TextTrial

_TEXTS = ("1,1,1,2", "10,128,128,55", "30,128,128,55", "64,128,128,55", "65,128,128,55",
"200,128,128,55",
          "64,512,128,55", "200,512,128,55", "500,256,256,55", "64,2048,128,55",
          "10,1024,1024,2000",
          "300,1024,128,55")  # fmt: skip
_FORECASTS = ("1,1,1", "10,3,16", "100,512,64", "500,1024,4", "250,1024,8")


def text_trial(
    home: Home, folder: Path, seqlen: int, units: int, batch: int, distinct: int
) -> TextTrial:
    """Return a trial of two batches on a text with a number of distinct characters."""
    letters = [chr(0x4E00 + number) for number in range(distinct)]
    length = seqlen + 2 * batch
    text = letters + random.Random(1).choices(letters, k=max(0, length - distinct))
    path = folder / "text.txt"
    path.write_text("".join(text[:length]))
    settings = {
        "iterations": 1,
        "epochs_per_iteration": 1,
        "predictions": 1,
        "seqlen": seqlen,
        "hidden_units": units,
    }
    trial = prepare_trial(
        home,
        TrialRequest(
            preset("alice/1"), source=str(path), settings={**settings, "batch_size": batch}
        ),
    )
    assert isinstance(trial, TextTrial)
    return trial


def forecast_trial(
    home: Home, folder: Path, time_steps: int, units: int, batch: int
) -> ForecastTrial:
    """Return a trial of one epoch on a series that is long enough for two batches."""
    path = folder / "series.csv"
    months = max(10 * time_steps, int(time_steps * (2 * batch + 1) / 0.8) + 2)
    path.write_text("Value\n" + "".join(f"{number % 17}.5\n" for number in range(months)))
    settings = {"epochs": 1, "time_steps": time_steps, "hidden_units": units, "batch_size": batch}
    trial = prepare_trial(
        home, TrialRequest(preset("sunspots/5"), source=str(path), settings=settings)
    )
    assert isinstance(trial, ForecastTrial)
    return trial


def peak(run: Run, threads: int) -> tuple[int, int]:
    """Work on a run that nobody else will work on; return the worker's peak in bytes, and its exit
    status.
    """
    words = [
        sys.executable,
        "-P",
        "-m",
        "engine.training.worker",
        str(run.directory),
        "--threads",
        str(threads),
    ]
    with run.worker_log.open("ab") as log:
        worker = subprocess.Popen(words, stdout=log, stderr=log, env=worker_environment())
    _pid, status, used = os.wait4(worker.pid, 0)
    # Linux counts in KiB.
    return used.ru_maxrss * 1024, os.waitstatus_to_exitcode(status)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("trials", nargs="*")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--forecasts", action="store_true")
    arguments = parser.parse_args()
    for words in arguments.trials or (_FORECASTS if arguments.forecasts else _TEXTS):
        sizes = list(map(int, words.split(",")))
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = folder
            home = Home(Path(folder) / "home")
            make = forecast_trial if arguments.forecasts else text_trial
            trial = make(home, Path(folder), *sizes)
            (run,) = accept(home, [trial])
            measured, status = peak(run, arguments.threads)
            print(
                f"{words:>20}  threads {arguments.threads}  {measured / 2**20:8,.0f} MiB  status "
                f"{status}",
                flush=True,
            )


if __name__ == "__main__":
    main()
