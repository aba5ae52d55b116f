"""The formats that runs are exported in, and which of them a file's name asks for."""

import os
import re
from pathlib import Path
from typing import Literal

from engine.errors import UsageError
from engine.language import _

Format = Literal["md", "csv", "json", "latex"]

_NAMES: dict[Format, str] = {"md": "Markdown", "csv": "CSV", "json": "JSON", "latex": "LaTeX"}
_SUFFIXES: dict[str, Format] = {
    ".md": "md",
    ".markdown": "md",
    ".txt": "md",
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".tex": "latex",
    ".latex": "latex",
}
# Not the end of "results-0.5" or of "2026.03.01".
_SUFFIX = re.compile(r"\.[0-9]*[a-z][a-z0-9]*")


def format_of(path: str | os.PathLike[str]) -> Format:
    """Return the format that a file's name asks for by its suffix, in capitals or not; Markdown if
    it has none.

    JSON has an object a line, whatever it is called. Raises :class:`UsageError` for a suffix of any
    other format: a file of that name would not be what it says.
    """
    suffix = Path(path).suffix.lower()
    if output := _SUFFIXES.get(suffix):
        return output
    if _SUFFIX.fullmatch(suffix):
        raise UsageError(
            _("{name}: runs can't be written as {suffix}.").format(
                name=Path(path).name, suffix=suffix
            ),
            _("Let the name end in .md, .csv, .json or .tex."),
        )
    return "md"


def format_name(output: Format) -> str:
    """Return what people call a format: ``"LaTeX"``."""
    return _NAMES[output]
