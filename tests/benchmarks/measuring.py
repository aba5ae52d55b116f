"""Measuring in fresh processes: one at a time, several side by side, or the product's own command
in a new home.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from statistics import fmean

import gemm

from engine.host.home import Home
from engine.training.provenance import processor

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
HERE = Path(__file__).parent
Figures = dict[str, float]
"""Name → seconds, or bytes for ``peak``.

Of every process: ``wall``, ``cpu``, ``peak`` (its own resident memory), and ``others``, the share
of the cores' time that went to anybody else meanwhile, where that can be known.
"""


def fresh(script: str, function: str, *arguments: object) -> Figures:
    """Call a function of a script of this folder in a process of its own; return what it
    measured.
    """
    with _shared() as shared:
        began = time.perf_counter()
        words = [sys.executable, "-P", str(HERE / script), function, json.dumps(arguments)]
        done = subprocess.run(words, capture_output=True, text=True, env=_environment())
        wall = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(
            f"{script} {function} ended with status {done.returncode}:\n{done.stderr[-3000:]}"
        )
    measured: Figures = json.loads(done.stdout.splitlines()[-1])
    return {"wall": wall, **measured, **shared}


def side_by_side(script: str, arguments: Sequence[str], count: int) -> list[Figures]:
    """Run a script ``count`` times at once, between "ready" and "measured" together; return what
    each measured.
    """
    words = [sys.executable, "-P", str(HERE / script), *arguments]
    with _shared() as shared:
        running = [
            subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=_environment(),
            )
            for _ in range(count)
        ]
        for expected in ("ready", "measured"):
            for process in running:
                assert process.stdout is not None
                assert process.stdin is not None
                while (line := process.stdout.readline().strip()) != expected:
                    if not line and process.poll() is not None:
                        raise SystemExit(
                            f"{script} {' '.join(arguments)} ended with status {process.returncode}"
                        )
            for process in running:
                assert process.stdin is not None
                process.stdin.write("\n")
                process.stdin.flush()
        outputs = [process.communicate()[0] for process in running]
    return [{**json.loads(output.splitlines()[-1]), **shared} for output in outputs]


def epochs_side_by_side(seqlen: int, corpus: str, epochs: int) -> Figures:
    """Train two characters' runs at once, one thread each; ``epoch``: seconds in which one epoch
    more is done.
    """
    several = side_by_side("ours.py", ["beside", json.dumps([seqlen, corpus, epochs])], 2)
    return {
        "epoch": fmean(figures["epoch"] for figures in several) / len(several),
        "peak": max(figures["peak"] for figures in several),
        "others": several[0].get("others", 0.0),
    }


def gemm_limit(samples: int, seqlen: int, n_characters: int) -> float:
    """Return the seconds that the matrix products of an epoch take on all of the cores."""
    several = side_by_side("gemm.py", [str(n_characters)], len(os.sched_getaffinity(0)))
    recurrent, dense = gemm.flops(samples, seqlen, n_characters)
    return recurrent / sum(rates["recurrent"] for rates in several) + dense / sum(
        rates["dense"] for rates in several
    )


def command(*words: str) -> Figures:
    """Run the product's command in a home where nothing has happened, and wait until its supervisor
    has left.
    """
    with tempfile.TemporaryDirectory(prefix="rnnlab-benchmark-") as folder:
        home = Home(Path(folder) / "home")
        # Its supervisor keeps TensorFlow at hand as usual, but no longer than it takes to see that
        # it is not wanted.
        environment = _environment() | {
            "RNNLAB_HOME": str(home.root),
            "RNNLAB_LOCKS": str(Path(folder) / "locks"),
            "RNNLAB_WARM_SECONDS": "2",
            # Nothing has been compiled before either.
            "XDG_CACHE_HOME": str(Path(folder) / "cache"),
        }
        with _shared() as shared:
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-P", "-m", "tui", *words],
                capture_output=True,
                text=True,
                env=environment,
            )
            wall = time.perf_counter() - began
            _outlived()
    if done.returncode:
        raise SystemExit(
            f"rnnlab-tui {' '.join(words)} ended with status "
            f"{done.returncode}:\n{done.stderr[-3000:]}"
        )
    return {"wall": wall, **shared}


def worker(corpus: str, preset_id: str, *settings: str) -> Figures:
    """Have a worker carry out a trial, as ``rnnlab-tui run`` has it; ``peak``: its resident memory
    at the most.
    """
    return fresh("ours.py", "worker", preset_id, corpus, list(settings))


def machine() -> list[str]:
    """Describe what is measured on: processor, cores, load, versions."""
    name, features = processor()
    notable = [
        feature
        for feature in features
        if feature in ("avx2", "avx512f", "amx_tile", "asimd", "sve")
    ]
    versions = [
        f"{package} {metadata.version(package)}" for package in ("tensorflow", "keras", "numpy")
    ]
    return [
        f"{name} ({', '.join(notable)}), {len(os.sched_getaffinity(0))} of {os.cpu_count()} cores",
        f"Python {sys.version.split()[0]}, {', '.join(versions)}",
    ]


def load() -> str:
    """Return the host's load averages over 1, 5 and 15 minutes, in words."""
    return "load " + " ".join(f"{average:.2f}" for average in os.getloadavg())


def _environment() -> dict[str, str]:
    return os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


@contextmanager
def _shared() -> Iterator[Figures]:
    """Find out, into the dictionary given, which share of the cores' time went to others than our
    children.
    """
    figures: Figures = {}
    total, own = _busy(), _children()
    began = time.perf_counter()
    yield figures
    if total is not None:
        cores = len(os.sched_getaffinity(0))
        elsewhere = (_busy() or 0.0) - total - (_children() - own)
        figures["others"] = max(0.0, elsewhere / (cores * (time.perf_counter() - began)))


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind: what the command has started is told
    from others' work.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _outlived() -> None:
    """Wait until the processes that the command left behind are gone too: its supervisor, and that
    one's children.
    """
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _busy() -> float | None:
    """Return the seconds that the cores of this process have worked for anybody, those stolen by
    other guests too.
    """
    try:
        lines = Path("/proc/stat").read_text().splitlines()
    except OSError:
        return None
    ticks = 0
    for line in lines:
        name, *fields = line.split()
        if (
            name.startswith("cpu")
            and name[3:].isdigit()
            and int(name[3:]) in os.sched_getaffinity(0)
        ):
            # user, nice, system, (idle, iowait,) irq, softirq, steal
            ticks += sum(int(fields[i]) for i in (0, 1, 2, 5, 6, 7))
    return ticks / os.sysconf("SC_CLK_TCK")
