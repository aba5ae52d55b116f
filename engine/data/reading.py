"""Files that people give, as bytes and as text, or one sentence that says why not."""

import re
from pathlib import Path

from engine.errors import UsageError
from engine.files import expanded, storable
from engine.language import _
from engine.sanitise import printable

LARGEST_BYTES = 32 * 2**20
"""The largest file or download that is taken in: everything is held in memory."""

_LONGEST_NAME = 255
_LINE_END = re.compile(rb"\r\n|\r|\n")


def read_file(path: Path) -> bytes:
    """Return a file's bytes. Raises :class:`UsageError` where it can't be read or is over 32 MiB."""
    try:
        with expanded(path).open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UsageError(_("Can't read {path}: {reason}.").format(path=path, reason=error.strerror)) from error
    if len(content) > LARGEST_BYTES:
        raise UsageError(
            _("{path} is larger than {limit} MiB.").format(path=path, limit=LARGEST_BYTES // 2**20),
            _("Cut a part out of it: head -c 30M FILE > PART."),
        )
    return content


def decode(content: bytes, origin: str) -> str:
    """Return a file's text without its byte order mark; ``origin`` is what complaints call the file.

    Raises :class:`UsageError`, which names the line, where it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            _("{path} is not UTF-8 text: line {line}.").format(path=origin, line=line_at(content, error.start)),
            _("Convert it: iconv -f latin1 -t utf-8 FILE > NEW."),
        ) from None


def line_at(content: bytes, position: int) -> int:
    """Return the number, from 1, of the line in which a byte stands."""
    return len(_LINE_END.split(content[:position]))


def shown_name(name: str) -> str:
    """Return what a file is called on the screen and in records: its name without what commands a terminal.

    ``name`` may hold the surrogates of a name that is no UTF-8. Never empty, 255 characters at most.
    """
    shown = printable(storable(Path(name))).strip() or _("unnamed")
    return shown if len(shown) <= _LONGEST_NAME else shown[: _LONGEST_NAME - 1] + "…"
