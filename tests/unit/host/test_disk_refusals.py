"""What an error says of a disk that takes no more: why, and which folder it is."""

import errno
import os
from pathlib import Path

import pytest
from helpers.factory import sunspots_trial, write_run

from engine.host import disk, out_of_memory
from engine.host.home import Home
from engine.training.worker import Worker
from engine.trials.variant import Variant


class ResourceExhaustedError(Exception):
    """TensorFlow's, by its name."""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_refusal_is_known_by_its_words(number: int) -> None:
    words = (
        f"RESOURCE_EXHAUSTED: /home/anna/x.pb.tmp; {os.strerror(number)} "
        f"[Op:__inference__train_855]"
    )
    # So says TensorFlow of both.
    assert out_of_memory.mentions_oom(words)
    assert disk.refusal(words) == os.strerror(number)
    assert disk.is_full(disk.refusal(words)) == (number != errno.EFBIG)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "MemoryError",
        "OOM when allocating tensor with shape[100000,2048]",
        "std::bad_alloc",
        "It broke.",
    ],
)
def test_other_words_are_about_no_disk(words: str) -> None:
    assert disk.refusal(words) == ""


def test_the_folder_is_that_of_the_file_which_was_refused(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    assert disk.refused_folder(OSError(errno.ENOSPC, "full", str(folder / "new.npz"))) == folder
    assert disk.refused_folder(OSError(errno.ENOSPC, "full", os.fsencode(folder))) == folder
    (tmp_path / "run").mkdir()
    named = ResourceExhaustedError(
        f"{tmp_path}/run/x.pbvm-1.tmp; No space left on device [Op:__inference_1]"
    )
    assert disk.refused_folder(named) == tmp_path / "run"
    # A write through a descriptor names none; nor does one of a folder that is gone.
    for unnamed in (
        OSError(errno.ENOSPC, "full"),
        OSError(errno.ENOSPC, "full", 3),
        ValueError("/not/there/x; full"),
    ):
        assert disk.refused_folder(unnamed) is None


@pytest.mark.parametrize("reason", ["No space left on device", "Disk quota exceeded"])
def test_the_advice_is_about_the_disk_that_is_full(home: Home, tmp_path: Path, reason: str) -> None:
    run = write_run(home, sunspots_trial(5), end=None, epochs=1)
    worker = Worker(run, Variant.ONE_THREAD)
    other = tmp_path / "scratch"
    other.mkdir()
    for folder, named in ((other, other), (run.directory / "checkpoint", run.directory)):
        folder.mkdir(exist_ok=True)
        failed = worker._explain(
            ResourceExhaustedError(f"{folder}/x.tmp; {reason} [Op:__inference_1]")
        )
        assert failed.what == f"{reason}: files in {named} can't be written."
        assert failed.remedy == (
            f"Make room there: then `rnnlab-tui resume {run.id}` continues it."
        )
    failed = worker._explain(
        ResourceExhaustedError("OOM when allocating tensor with shape[100000,2048]")
    )
    assert failed.what == "Out of memory."
    assert "batch_size" in failed.remedy
