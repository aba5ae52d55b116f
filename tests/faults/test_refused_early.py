"""Trials and data that can't be: refused in a sentence, before TensorFlow is imported or a process
started.

A package in TensorFlow's place leaves a mark when it is imported.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.factory import python
from helpers.faults import COMMAND, Laboratory, laboratory, processes, wait_until

from engine.host.home import Home

PROSE = "she sells sea shells by the sea shore; the shells she sells are sea shells, i am sure. "
MIB = 2**20


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "imported"


@pytest.fixture
def lab(home: Home, tmp_path: Path, mark: Path) -> Iterator[Laboratory]:
    package = tmp_path / "packages" / "tensorflow"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        f"open({str(mark)!r}, 'w').close()\nraise ImportError('not today')\n"
    )
    with laboratory(home) as lab:
        lab.variables = {"PYTHONPATH": str(package.parent)}
        yield lab


@pytest.fixture
def refused(lab: Laboratory, mark: Path) -> Callable[..., str]:
    """Run the command with arguments that it must refuse, and return the sentence."""

    def ask(*arguments: str) -> str:
        said = lab.call(*arguments, status=2)
        assert said.startswith("rnnlab-tui: ")
        assert said.count("\n") == 1
        assert not mark.exists()
        assert not lab.home.runs.exists()
        assert processes(str(lab.home.root)) == []
        return said

    return ask


def test_what_is_possible_imports_it(lab: Laboratory, mark: Path) -> None:
    # Or the other tests here would prove nothing.
    lab.call("run", "sunspots/5", "--detach")
    wait_until(mark.exists)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["sunspots/5", "--set=time_steps=564"],
            "time_steps = 564: must be 1 to 563 for a series of 2820 values.",
        ),
        (
            ["sunspots/5", "--set=time_steps=0"],
            "time_steps = 0: must be a whole number, 1 to 1000.",
        ),
        (
            ["sunspots/5", "--set=epochs=100001"],
            "epochs = 100001: must be a whole number, 1 to 100000.",
        ),
        (["sunspots/5", "--set=epochs=1.5"], "epochs = 1.5: must be a whole number"),
        (["sunspots/5", "--set=batch_size=-1"], "batch_size = -1: must be"),
        (["sunspots/5", "--set=hidden_units=1e9"], "hidden_units = 1e9: must be"),
        (["sunspots/5", "--set=dense_units=2"], "dense_units = 2: must be 1."),
        (
            ["sunspots/5", "--set=activation=softmax"],
            "activation = softmax: must be one or two of tanh, linear",
        ),
        (
            ["sunspots/5", "--seed=4294967296"],
            "seed = 4294967296: must be a whole number, 0 to 4294967295.",
        ),
        (["sunspots/5", "--seeds=0"], "--seeds 0: must be a whole number"),
        (["sunspots/5", "--set=learning_rate=1"], "sunspots/5 has no parameter 'learning_rate'."),
        (["sunspots/12"], "There is no preset 'sunspots/12'."),
        (
            ["alice/1", "--corpus=text.txt", "--set=seqlen=86"],
            "seqlen = 86: must be 1 to 85 for a text of 86",
        ),
        (
            ["alice/1", "--corpus=text.txt", "--set=predictions=100001"],
            "predictions = 100001: must be",
        ),
        (["sunspots/5", "sunspots/1", "--set=time_steps=564"], "time_steps = 564"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_trials(
    refused: Callable[..., str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text(PROSE)
    assert words in refused("run", *arguments)


def series(
    *figures: str, heading: str = "Month,Value", separator: str = ",", end: str = "\n"
) -> str:
    rows = [
        f"{1900 + i // 12}-{i % 12 + 1:02}{separator}{figure}" for i, figure in enumerate(figures)
    ]
    return end.join([heading, *rows, ""])


NUMBERS = [f"{number % 17}.5" for number in range(300)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"Month,Value\n", "column of numbers"),
        (series(*NUMBERS[:9], "nan", *NUMBERS[:9]).encode(), "line 11: the value is missing"),
        (series(*["5.0"] * 300).encode(), "The series is constant (5 throughout)."),
        (series(*NUMBERS[:3]).encode(), "too few for a training and a test part"),
        (bytes(range(256)) * 100, "series.csv"),
        (b"Month,Value\n" + b"1900-01,1.0\n" * 2_000_001, "more than 2,000,000 cells"),
        (b"1.5\n" * (9 * MIB), "larger than 32 MiB"),
    ],
    ids=[
        "empty",
        "header only",
        "NaN",
        "constant",
        "too short",
        "binary",
        "too many cells",
        "too large",
    ],
)
def test_series(refused: Callable[..., str], tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "series.csv"
    path.write_bytes(content)
    said = refused("run", "sunspots/5", f"--series={path}")
    assert words in said, said


@pytest.mark.parametrize(
    "content",
    [
        series(*NUMBERS).encode(),
        b"\xef\xbb\xbf" + series(*NUMBERS).encode(),
        series(*NUMBERS, heading="Month;Value", separator=";", end="\r\n").encode(),
        series(
            *(n.replace(".", ",") for n in NUMBERS), heading="Month;Value", separator=";"
        ).encode(),
    ],
    ids=["plain", "BOM", "semicolons and CRLF", "decimal commas"],
)
def test_series_that_are_taken(lab: Laboratory, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "series.csv"
    path.write_bytes(content)
    (run,) = lab.queue("sunspots/5", f"--series={path}")
    assert run.submission.trial.data.name == "series.csv"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has no text that a network could learn"),
        (b"short", "seqlen = 10: must be 1 to 4 for a text of 5 characters."),
        (b"a" * 5000, "at least two different characters"),
        ("ж" * 5000, "at least two different characters"),
        (PROSE.replace("s", "s\0").encode() * 10, "is a binary file, not a text"),
        (b"text \xff\xfe text", "UTF-8"),
        (b"x" * (100 * MIB), "larger than 32 MiB"),
    ],
    ids=[
        "empty",
        "shorter than a window",
        "one character",
        "one letter",
        "NUL",
        "no UTF-8",
        "100 MB",
    ],
)
def test_texts(
    refused: Callable[..., str], tmp_path: Path, content: bytes | str, words: str
) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    said = refused("run", "alice/1", f"--corpus={path}")
    assert words in said, said


def test_a_text_with_the_line_ends_of_another_system_is_taken(
    lab: Laboratory, tmp_path: Path
) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(PROSE.replace(" ", "\r\n").encode() * 10)
    (run,) = lab.queue("alice/1", f"--corpus={path}")
    assert run.submission.trial.data.name == "text.txt"


_PEAK = """
import resource, subprocess, sys
print(subprocess.run(sys.argv[1:], capture_output=True).returncode)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_a_text_of_any_size_takes_bounded_memory(lab: Laboratory, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    peaks = {}
    for size, status in ((100, 2), (31, 0)):
        path.write_bytes(PROSE.encode() * (size * MIB // len(PROSE)))
        command = [
            str(COMMAND),
            "--home",
            str(lab.home.root),
            "run",
            "alice/1",
            "--detach",
            f"--corpus={path}",
        ]
        # Asked in a small process: what is forked from this one begins with the memory that this
        # one has.
        said, _errors = python(_PEAK, *command, **lab.variables).communicate()
        ended, peak = map(int, said.split())
        assert ended == status
        # Linux counts in KiB.
        peaks[size] = peak * 1024
    assert peaks[100] < 120 * MIB, peaks
    assert peaks[31] < 600 * MIB, peaks
