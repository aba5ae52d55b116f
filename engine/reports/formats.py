"""The formats in which runs are exported, and which one a file's name implies."""

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
    """Return the format for a file name's suffix, in upper or lower case; Markdown if it has none.

    JSON has one object a line, whatever the suffix. Raises :class:`UsageError` for the suffix of
    any other format, whose content would not be what the name says.
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
    """Return the usual name of a format: ``"LaTeX"``."""
    return _NAMES[output]
