"""Checkpoints: what training needs to go on, kept in two generations, each whole or absent.

``checkpoint/<after>.npz`` begins with a line that holds the SHA-256 of what follows, an ``.npz``
that is read without pickle. ``after`` is the number of the log's last event that the checkpoint
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
"""How many folders the home is above a checkpoint."""
# What NumPy and its unpacker make of archives that are damaged or forged: a size beyond memory, a
# code, a method.
_DAMAGES = (
    OSError, KeyError, EOFError, MemoryError, OverflowError, RuntimeError, TypeError, SyntaxError,
    AttributeError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_NAME = re.compile(r"([0-9]{1,15})\.npz")


@dataclass(frozen=True)
class Checkpoint:
    """Training's ``arrays`` as they were when event ``after`` was the log's last."""

    after: int
    arrays: Arrays


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint into ``folder`` and drop all but the two newest, and what a killed worker
    left half written.

    Raises :class:`OSError` for a full disk, and where the run's directory is gone.
    """
    private_subdirectory(folder)
    remove_temporaries(folder)
    content = packed(checkpoint.arrays)
    digest = hashlib.sha256(content).hexdigest().encode()
    write_atomic(folder / f"{checkpoint.after}.npz", digest + b"\n" + content)
    for path in _newest_first(folder)[GENERATIONS:]:
        path.unlink(missing_ok=True)


def read_checkpoints(folder: Path, last_event: int) -> Iterator[Checkpoint]:
    """Yield the whole checkpoints of a log whose last event is ``last_event``, newest first.

    One that is cut, altered, or ahead of its log (whose own end was lost) is passed over.
    """
    for path in _newest_first(folder):
        after = int(path.stem)
        if after > last_event:
            continue
        try:
            digest, _newline, content = read_content(str(path), LARGE, _DEPTH).partition(b"\n")
            if hashlib.sha256(content).hexdigest().encode() != digest:
                continue
            arrays = unpacked(content)
        except (OSError, ValueError):
            # A disk that has lost it; or somebody's forgery, for the digest is no signature.
            continue
        yield Checkpoint(after, arrays)


def packed(arrays: Arrays) -> bytes:
    """Return named arrays as the bytes of an ``.npz`` that is read without pickle."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpacked(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of an ``.npz``. Raises :class:`ValueError` for what is none, or holds
    objects.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except _DAMAGES as error:
        raise ValueError(str(error)) from error
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        # What does not begin as an array is given as the bytes that it is.
        raise ValueError(_("It holds something that is no array."))
    return arrays


def _newest_first(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            # Whatever else has such a name, a folder say, is not ours to remove.
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
