"""Checkpoints: what training needs to continue, in two generations, each complete or absent.

``checkpoint/<after>.npz`` starts with a line containing the SHA-256 of the rest, an ``.npz`` that
is read without pickle. ``after`` is the number of the log's last event that the checkpoint
contains: losses and texts up to there are in the log alone.
"""

import hashlib
import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.host.files import (
    LARGE,
    private_subdirectory,
    read_content,
    remove_temporaries,
    write_atomic,
)
from engine.language import _

Arrays = Mapping[str, NDArray[Any]]

GENERATIONS = 2
_DEPTH = 4
"""Levels from a checkpoint up to its home."""
# What NumPy and zipfile raise for damaged or forged archives: an excessive size, an unknown code or
# compression method.
_DAMAGE_ERRORS = (
    OSError, KeyError, EOFError, MemoryError, OverflowError, RuntimeError, TypeError, SyntaxError,
    AttributeError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_NAME = re.compile(r"([0-9]{1,15})\.npz")


@dataclass(frozen=True)
class Checkpoint:
    """The ``arrays`` of training at the time when event ``after`` was the log's last."""

    after: int
    arrays: Arrays


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint into ``folder``, keep the newest two, and remove unfinished files.

    Raises :class:`OSError` for a full disk, or if the run's directory is gone.
    """
    private_subdirectory(folder)
    remove_temporaries(folder)
    content = pack_arrays(checkpoint.arrays)
    digest = hashlib.sha256(content).hexdigest().encode()
    write_atomic(folder / f"{checkpoint.after}.npz", digest + b"\n" + content)
    for path in _newest_first(folder)[GENERATIONS:]:
        path.unlink(missing_ok=True)


def read_checkpoints(folder: Path, last_event: int) -> Iterator[Checkpoint]:
    """Yield the intact checkpoints of a log whose last event is ``last_event``, newest first.

    A checkpoint that is cut, altered, or ahead of its log (whose end was lost) is skipped.
    """
    for path in _newest_first(folder):
        after = int(path.stem)
        if after > last_event:
            continue
        try:
            digest, _newline, content = read_content(str(path), LARGE, _DEPTH).partition(b"\n")
            if hashlib.sha256(content).hexdigest().encode() != digest:
                continue
            arrays = unpack_arrays(content)
        except (OSError, ValueError):
            # Lost by the disk, or forged: the digest is not a signature.
            continue
        yield Checkpoint(after, arrays)


def pack_arrays(arrays: Arrays) -> bytes:
    """Return named arrays as the bytes of an ``.npz`` that can be read without pickle."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of an ``.npz``. Raises :class:`ValueError` if it is none or has objects."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except _DAMAGE_ERRORS as error:
        raise ValueError(str(error)) from error
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        # NumPy returns a member that is not an array as bytes.
        raise ValueError(_("It contains something that is not an array."))
    return arrays


def _newest_first(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            # Anything else with such a name, such as a folder, is not ours to remove.
            names = [
                entry.name
                for entry in entries
                if _NAME.fullmatch(entry.name) and not _is_folder(entry)
            ]
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(names, key=lambda name: int(name[:-4]), reverse=True)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)
