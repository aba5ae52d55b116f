"""A disk that takes no more: how to know it in what an error says, and which folder it is.

TensorFlow calls a full disk and a used-up quota "resource exhausted", as it calls want of memory:
this is to be asked first.
"""

import errno
import os
import re
from pathlib import Path

_REFUSALS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
# As the C library says them in English, whatever the language of this process; TensorFlow and XLA
# pass that on.
_WORDS = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "Read-only file system",
)


def refusal(words: str) -> str:
    """Return why a disk refused a write, as it stands in what was said of it; empty if that is
    about something else.
    """
    known = (*_WORDS, *map(os.strerror, _REFUSALS))
    return next((reason for reason in known if reason.lower() in words.lower()), "")


def is_full(reason: str) -> bool:
    """Tell whether a refusal is for want of room, on the disk or within somebody's quota."""
    return reason in (*_WORDS[:2], os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))


def refused_folder(error: Exception) -> Path | None:
    """Return the folder that an error names, or whose file it names; None if it names none that is
    there.
    """
    named = [
        name
        for name in (getattr(error, "filename", None), getattr(error, "filename2", None))
        if name
    ]
    for name in [
        *map(os.fsdecode, filter(_is_path, named)),
        *re.findall(r"/[^\s:;,'\"]+", str(error)),
    ]:
        path = Path(name)
        for folder in (path, path.parent):
            if path.is_absolute() and folder.is_dir():
                return folder
    return None


def _is_path(name: object) -> bool:
    """Tell whether an error's file name is one: Python gives a descriptor's number too."""
    return isinstance(name, str | bytes)
