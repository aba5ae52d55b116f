"""Recognizes in an error that a disk refused to be written to, and which folder it was.

TensorFlow calls a full disk and an exceeded quota "resource exhausted", as it does for memory:
check for the disk first.
"""

import errno
import os
import re
from pathlib import Path

_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
# The C library's English messages, whatever the language of this process: TensorFlow and XLA pass
# them on.
_MESSAGES = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "Read-only file system",
)


def refusal(text: str) -> str:
    """Return the disk's reason for refusing a write, as found in a message; empty if none is."""
    reasons = (*_MESSAGES, *map(os.strerror, _REFUSALS))
    return next((reason for reason in reasons if reason.lower() in text.lower()), "")


def is_full(reason: str) -> bool:
    """Tell whether a refusal means that the disk is full or a user's quota exceeded."""
    return reason in (*_MESSAGES[:2], os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))


def refused_folder(error: Exception) -> Path | None:
    """Return the existing folder that an error names, or the folder of a file that it names."""
    file_names = [
        name
        for name in (getattr(error, "filename", None), getattr(error, "filename2", None))
        if name
    ]
    for name in [
        *map(os.fsdecode, filter(_is_path, file_names)),
        *re.findall(r"/[^\s:;,'\"]+", str(error)),
    ]:
        path = Path(name)
        for folder in (path, path.parent):
            if path.is_absolute() and folder.is_dir():
                return folder
    return None


def _is_path(name: object) -> bool:
    """Tell whether an error's file name is a path: Python also puts a descriptor's number there."""
    return isinstance(name, str | bytes)
