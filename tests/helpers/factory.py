"""Run directories as a worker leaves them, without training anything; and processes that do what a
test needs.

    run = write_run(home, sunspots_trial(5, epochs=3))  # done, with its result
    run = write_run(home, alice_trial(1, iterations=4), end=None, iterations=2, characters=7)  # mid-text
    run = write_run(home, sunspots_trial(5), end=Failed(what="It broke."))

Times are fixed: a run is submitted at :data:`SUBMITTED`, its first event comes a second later, each
next one a second after the one before. The worker's lock is not held (see :func:`lock_held`), so
that a log without an end reads as ``interrupted`` on this host, and is running if ``host`` is
another one.
"""  # noqa: E501

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from engine.data.catalog import ALICE
from engine.data.series import Series, built_in, open_series
from engine.data.texts import REPORT_DIGEST
from engine.host.files import write_atomic
from engine.host.home import Home
from engine.numerics.metrics import linear_autoregression, persistence, rmse
from engine.numerics.protocol import scale, split_windows, target_positions
from engine.operations.command_line import command_for
from engine.runs.events import (
    AnyEvent,
    Cancelled,
    Characters,
    EpochEnded,
    Failed,
    Finished,
    IterationEnded,
    PhaseEntered,
    SamplingStarted,
    Started,
)
from engine.runs.results import (
    DataUsed,
    Errors,
    ForecastMetrics,
    IterationMetrics,
    Provenance,
    Result,
    TextMetrics,
)
from engine.runs.run import Run, Submission
from engine.trials.trial import DataReference, ForecastTrial, TextTrial, Trial, trial_for
from presets import Preset, get

ROOT = Path(__file__).resolve().parents[2]
SUBMITTED = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
CORPUS = "she sells sea shells by the sea shore; the shells she sells are sea shells, i am sure. "
"""A text of one line that is prepared already."""

End = Finished | Cancelled | Failed


def preset(preset_id: str) -> Preset:
    """Return a preset that exists."""
    found = get(preset_id)
    assert found is not None
    return found


def sunspots_trial(number: int = 5, *, seed: int = 1, **settings: object) -> ForecastTrial:
    """Return preset ``sunspots/<number>`` with ``settings`` over it."""
    trial = trial_for(
        preset(f"sunspots/{number}"), built_in().reference, settings=settings, seed=seed
    )
    assert isinstance(trial, ForecastTrial)
    return trial


def alice_trial(
    number: int = 1, *, seed: int = 1, data: DataReference | None = None, **settings: object
) -> TextTrial:
    """Return preset ``alice/<number>`` with ``settings`` over it; its text is named but not there
    unless given.
    """
    data = data or DataReference(name="alice", sha256=hashlib.sha256(CORPUS.encode()).hexdigest())
    trial = trial_for(preset(f"alice/{number}"), data, settings=settings, seed=seed)
    assert isinstance(trial, TextTrial)
    return trial


@dataclass(frozen=True)
class Written:
    """What a made-up network wrote in one iteration."""

    seed_text: str
    generated: str


def made_up_loss(epoch: int) -> float:
    """Return the loss that every made-up run has after ``epoch``."""
    return round(0.1 + 1.0 / epoch, 6)


def made_up_text(trial: TextTrial, iteration: int) -> Written:
    """Return the seed and the text that every made-up run has in ``iteration``."""
    length, count = trial.parameters.seqlen, trial.parameters.predictions
    text = CORPUS * (2 + (length + count) // len(CORPUS))
    begin = 3 * iteration % len(CORPUS)
    return Written(text[begin : begin + length], text[begin + length : begin + length + count])


def write_run(
    home: Home,
    trial: Trial,
    *,
    end: End | None = Finished(),  # noqa: B008 (frozen)
    epochs: int | None = None,
    iterations: int | None = None,
    characters: int = 0,
    texts: Sequence[Written] = (),
    result: bool | None = None,
    run_id: str | None = None,
    submitted: datetime = SUBMITTED,
    host: str | None = None,
) -> Run:
    """Write a run directory with ``trial.json``, ``events.jsonl`` and, where it is done,
    ``result.json``.

    ``epochs`` (sunspots) or ``iterations`` (alice) that are complete: all of them unless given,
    when the log stops there. ``characters``: how many more of the next iteration's text are
    written. ``texts`` replace the made-up texts of the first iterations. ``end`` is the log's last
    event, None leaves it without one. ``result`` writes or leaves out ``result.json`` (and
    ``predictions.npz``) whatever the end. Weights are left out.
    """
    run = Run(home.runs / (run_id or _free_id(home, trial)))
    make_private(run.directory)
    host = host or socket.gethostname()
    submission = Submission(id=run.id, submitted=submitted, host=host, trial=trial)
    write_atomic(run.directory / "trial.json", submission.model_dump_json(indent=2).encode())
    began = submitted.timestamp() + 1.0
    events: list[AnyEvent] = [
        Started(pid=4711, host=host, started=began),
        *(PhaseEntered(phase=phase) for phase in ("importing", "preparing", "compiling")),
    ]
    if isinstance(trial, ForecastTrial):
        events += _forecast_events(trial, epochs)
    else:
        events += _text_events(trial, iterations, characters, texts)
    if end == Finished():
        events.append(PhaseEntered(phase="writing"))
    if end is not None:
        events.append(end)
    write_log(run, events, began=began)
    if result if result is not None else end == Finished():
        _write_result(run, trial, texts, finished=began + len(events))
    return run


def write_log(run: Run, events: Sequence[AnyEvent], *, began: float = 0.0) -> None:
    """Write ``events`` as the whole log of a run, a second between any two."""
    lines = [
        json.dumps(
            {"n": n, "t": began + n - 1, **event.model_dump()},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for n, event in enumerate(events, 1)
    ]
    run.log.write_bytes("".join(f"{line}\n" for line in lines).encode())
    run.log.chmod(0o600)


def make_private(directory: Path) -> None:
    """Make a folder and its parents, 0700."""
    for folder in reversed([directory, *directory.parents]):
        folder.mkdir(mode=0o700, exist_ok=True)


def _free_id(home: Home, trial: Trial) -> str:
    number = sum(1 for _path in home.runs.iterdir()) if home.runs.is_dir() else 0
    letters = "".join("bcdfghjkmn"[int(digit)] for digit in f"{number:04}")
    return f"{letters}-{trial.preset.replace('/', '-')}"


def _forecast_events(trial: ForecastTrial, epochs: int | None) -> list[AnyEvent]:
    complete = trial.parameters.epochs if epochs is None else epochs
    events: list[AnyEvent] = [PhaseEntered(phase="training")]
    events += [
        EpochEnded(epoch=epoch, loss=made_up_loss(epoch)) for epoch in range(1, complete + 1)
    ]
    if complete == trial.parameters.epochs:
        events.append(PhaseEntered(phase="predicting"))
    return events


def _text_events(
    trial: TextTrial, iterations: int | None, characters: int, texts: Sequence[Written]
) -> list[AnyEvent]:
    complete = trial.parameters.iterations if iterations is None else iterations
    each = trial.parameters.epochs_per_iteration
    events: list[AnyEvent] = []
    for iteration in range(1, complete + 1 + bool(characters)):
        written = (
            texts[iteration - 1] if iteration <= len(texts) else made_up_text(trial, iteration)
        )
        text = written.generated if iteration <= complete else written.generated[:characters]
        first = (iteration - 1) * each + 1
        events.append(PhaseEntered(phase="training"))
        events += [
            EpochEnded(epoch=epoch, loss=made_up_loss(epoch))
            for epoch in range(first, first + each)
        ]
        events.append(PhaseEntered(phase="sampling"))
        events.append(SamplingStarted(iteration=iteration, seed_text=written.seed_text))
        events += [
            Characters(iteration=iteration, text=text[i : i + 10]) for i in range(0, len(text), 10)
        ]
        if iteration <= complete:
            events.append(IterationEnded(iteration=iteration, loss=made_up_loss(first + each - 1)))
    return events


def _write_result(run: Run, trial: Trial, texts: Sequence[Written], *, finished: float) -> None:
    metrics: ForecastMetrics | TextMetrics
    if isinstance(trial, ForecastTrial):
        metrics = _write_predictions(run, trial)
        data = DataUsed(
            name=trial.data.name,
            sha256=trial.data.sha256,
            prepared_sha256=hashlib.sha256(series_of(run, trial).values.tobytes()).hexdigest(),
            length=len(series_of(run, trial).values),
            heading=series_of(run, trial).heading or None,
        )
        count = 19
    else:
        metrics = _text_metrics(trial, texts)
        data = DataUsed(
            name=trial.data.name,
            sha256=trial.data.sha256,
            # The name says that it is the report's text, which no test needs to have.
            prepared_sha256=REPORT_DIGEST if trial.data.name == ALICE else _digest(CORPUS.strip()),
            length=len(CORPUS.strip()),
            distinct=len(set(CORPUS)),
        )
        count = 30_000
    made = Result(
        finished=finished,
        parameter_count=count,
        metrics=metrics,
        predictions="predictions.npz" if isinstance(trial, ForecastTrial) else None,
        provenance=Provenance(
            command=command_for(trial),
            host=socket.gethostname(),
            versions={
                "python": "3.11.7",
                "rnnlab-tui": "0.1.0",
                "tensorflow": "2.21.0",
                "numpy": "2.4.6",
            },
            cpu="Made-up Processor",
            cpu_features=("avx2", "fma"),
            threads=2,
            device=trial.device,
            data=data,
            durations={"importing": 2.0, "training": 3.0},
        ),
    )
    write_atomic(run.directory / "result.json", made.model_dump_json(indent=1).encode())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def series_of(run: Run, trial: ForecastTrial) -> Series:
    """Return the series that a run was made on, out of the home in which it is."""
    return open_series(trial.data, Home(run.directory.parents[1]))


def _write_predictions(run: Run, trial: ForecastTrial) -> ForecastMetrics:
    """Write ``predictions.npz`` as of a network that says "next month is like this month", and its
    figures.
    """
    scaled = scale(series_of(run, trial).values)
    training, test = split_windows(scaled.values, trial.parameters.time_steps)
    fitted, forecast = training.x[:, -1, 0], test.x[:, -1, 0]
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        real=np.concatenate([training.y, test.y]),
        predicted=np.concatenate([fitted, forecast]),
        positions=np.concatenate(target_positions(len(scaled.values), trial.parameters.time_steps)),
        n_train=np.asarray(len(training.y)),
        minimum=np.asarray(scaled.minimum),
        maximum=np.asarray(scaled.maximum),
    )
    write_atomic(run.directory / "predictions.npz", buffer.getvalue())
    train_rmse, test_rmse = rmse(training.y, fitted), rmse(test.y, forecast)
    last, line = persistence(training, test), linear_autoregression(training, test)
    return ForecastMetrics(
        losses=tuple(made_up_loss(epoch) for epoch in range(1, trial.parameters.epochs + 1)),
        train_rmse=train_rmse,
        test_rmse=test_rmse,
        train_rmse_sunspots=train_rmse * scaled.unit,
        test_rmse_sunspots=test_rmse * scaled.unit,
        train_points=len(training.y),
        test_points=len(test.y),
        persistence=Errors(train_rmse=last.train, test_rmse=last.test),
        linear_autoregression=Errors(train_rmse=line.train, test_rmse=line.test),
    )


def _text_metrics(trial: TextTrial, texts: Sequence[Written]) -> TextMetrics:
    each = trial.parameters.epochs_per_iteration
    rows = []
    for iteration in range(1, trial.parameters.iterations + 1):
        written = (
            texts[iteration - 1] if iteration <= len(texts) else made_up_text(trial, iteration)
        )
        losses = tuple(made_up_loss((iteration - 1) * each + epoch) for epoch in range(1, each + 1))
        rows.append(
            IterationMetrics(
                iteration=iteration,
                loss=losses[-1],
                losses=losses,
                seed_text=written.seed_text,
                generated=written.generated,
            )
        )
    return TextMetrics(iterations=tuple(rows))


def python(code: str, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Start a Python process on ``code`` with pipes for its standard streams and ``variables`` in
    its environment.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
    )


_HOLD = """
import sys
from pathlib import Path
from engine.host import locks
assert locks.acquire(Path(sys.argv[1])) is not None
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def lock_held(directory: Path) -> Iterator["subprocess.Popen[str]"]:
    """Have another process hold the lock of a run directory, as a live worker does; gives the
    process.
    """
    process = python(_HOLD, str(directory))
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
