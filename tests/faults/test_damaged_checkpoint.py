"""Checkpoints that are cut, altered, forged or gone: the one before serves, or the start, and the
bits are the same.
"""

import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.faults import (
    Laboratory,
    copy_of,
    events_of,
    laboratory,
    outcome,
    wait_until,
    with_two_checkpoints,
)

from engine.host.home import Home
from engine.runs.checkpoints import read_checkpoints, unpack_arrays
from engine.runs.events import Resumed, Warned
from engine.runs.run import Run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Run, Run]:
    """A trial that is done, and the same trial interrupted with two checkpoints."""
    home = Home(tmp_path_factory.mktemp("trained") / "home")
    with laboratory(home) as lab:
        undisturbed, run = with_two_checkpoints(lab, "sunspots/5", "--set=epochs=1000")
        wait_until(lambda: not lab.is_supervised())
    return home, undisturbed, run


@pytest.fixture
def lab(trained: tuple[Home, Run, Run]) -> Iterator[Laboratory]:
    with laboratory(trained[0]) as lab:
        yield lab


def checkpoints_of(run: Run) -> list[Path]:
    """Return the files of a run's checkpoints, oldest first."""
    return sorted(run.checkpoints.iterdir(), key=lambda path: int(path.stem))


def whole_ones(run: Run) -> list[int]:
    return [checkpoint.after for checkpoint in read_checkpoints(run.checkpoints, 10**9)]


def signed(content: bytes) -> bytes:
    """Return a checkpoint file whose digest is right."""
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


class Payload:
    """What does harm when it is unpickled: it leaves a file."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], object], tuple[Path]]:
        return Path.touch, (self._mark,)


def archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(name, content)
    return buffer.getvalue()


def forgeries(mark: Path) -> dict[str, bytes]:
    """Return archives that were not written by this program, by what is wrong with them."""
    objects = io.BytesIO()
    np.savez(objects, position=np.array([Payload(mark)], dtype=object))
    header = (
        b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (%s,), }"
    )
    return {
        "objects": objects.getvalue(),
        "a pickle by itself": pickle.dumps(Payload(mark)),
        "a pickle in an archive": archive("position", pickle.dumps(Payload(mark))),
        "a pickle as an array": archive("position.npy", pickle.dumps(Payload(mark))),
        "an array beyond memory": archive(
            "position.npy", (header % b"9999999999999").ljust(127) + b"\n"
        ),
        "a header that is code": archive(
            "position.npy", (header % b"__import__('os').abort()").ljust(127) + b"\n"
        ),
        "no archive": b"PK\x03\x04" + bytes(200),
        "nothing": b"",
    }


def test_cut_at_any_byte_it_is_passed_over(trained: tuple[Home, Run, Run], tmp_path: Path) -> None:
    _home, _undisturbed, run = trained
    older, newest = checkpoints_of(run)
    both = whole_ones(run)
    assert both == [int(newest.stem), int(older.stem)]
    content = newest.read_bytes()
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / older.name).write_bytes(older.read_bytes())
    for end in [*range(0, len(content), 7), *range(70), *range(len(content) - 30, len(content))]:
        (folder / newest.name).write_bytes(content[:end])
        assert [checkpoint.after for checkpoint in read_checkpoints(folder, 10**9)] == both[1:], end
    for place in range(0, len(content), 101):
        altered = bytearray(content)
        altered[place] ^= 1
        (folder / newest.name).write_bytes(altered)
        assert [checkpoint.after for checkpoint in read_checkpoints(folder, 10**9)] == both[1:], (
            place
        )


def test_one_that_the_disk_does_not_give_back_is_passed_over(
    trained: tuple[Home, Run, Run], tmp_path: Path
) -> None:
    run = copy_of(trained[2], "unreadable")
    older, newest = checkpoints_of(run)
    newest.unlink()
    # As good as EIO, without a broken disk.
    newest.mkdir()
    assert whole_ones(run) == [int(older.stem)]


def test_a_forgery_is_passed_over_and_nothing_of_it_is_done(
    trained: tuple[Home, Run, Run], tmp_path: Path
) -> None:
    run = copy_of(trained[2], "forged")
    older, newest = checkpoints_of(run)
    mark = tmp_path / "harm"
    for name, content in forgeries(mark).items():
        newest.write_bytes(signed(content))
        assert whole_ones(run) == [int(older.stem)], name
        with pytest.raises(ValueError, match=r"."):
            unpack_arrays(content)
    assert not mark.exists()
    # It would, if it were unpickled.
    pickle.loads(forgeries(mark)["a pickle by itself"])
    assert mark.exists()


def test_a_run_goes_on_from_the_one_before_or_from_the_start(
    lab: Laboratory, trained: tuple[Home, Run, Run], tmp_path: Path
) -> None:
    _home, undisturbed, run = trained
    mark = tmp_path / "harm"
    cut, forged, unfit, both_bad = (
        copy_of(run, name) for name in ("cut", "pickled", "unfit", "both-bad")
    )
    older, newest = checkpoints_of(run)
    content = newest.read_bytes()
    (cut.checkpoints / newest.name).write_bytes(content[: len(content) // 2])
    (forged.checkpoints / newest.name).write_bytes(signed(forgeries(mark)["objects"]))
    other = io.BytesIO()
    arrays: dict[str, Any] = {"position": np.zeros(3), "variable/0": np.zeros((1, 9), np.float32)}
    np.savez(other, **arrays)
    (unfit.checkpoints / newest.name).write_bytes(signed(other.getvalue()))
    (both_bad.checkpoints / newest.name).write_bytes(content[:-1])
    (both_bad.checkpoints / older.name).write_bytes(b"0" * 64 + older.read_bytes()[64:])
    lab.call("resume", cut.id, forged.id, unfit.id, both_bad.id)
    said = "No checkpoint could be read: training starts from scratch."
    for copy, after in (
        (cut, int(older.stem)),
        (forged, int(older.stem)),
        (unfit, int(older.stem)),
        (both_bad, 0),
    ):
        assert lab.ends(copy) == "done"
        assert outcome(copy) == outcome(undisturbed), copy.id
        resumed = [event.after for event in events_of(copy) if isinstance(event, Resumed)]
        assert resumed[-1] == after, copy.id
        assert (Warned(text=said) in events_of(copy)) == (after == 0)
    assert f"warning: {said}" in lab.call("watch", both_bad.id)
    assert (
        json.loads(lab.call("show", both_bad.id, "--json"))["metrics"]["losses"]
        == undisturbed.progress().losses
    )
    assert not mark.exists()


def test_a_run_whose_checkpoints_are_bad_is_not_made_longer(
    lab: Laboratory, trained: tuple[Home, Run, Run], tmp_path: Path
) -> None:
    run = copy_of(trained[1], "not-longer")
    mark = tmp_path / "harm"
    for path in checkpoints_of(run):
        path.write_bytes(signed(forgeries(mark)["objects"]))
    said = lab.call("extend", run.id, "--set", "epochs=1001", status=2)
    assert f"Run {run.id} has no checkpoint to continue from." in said
    assert not mark.exists()
