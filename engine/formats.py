"""The formats that runs are exported in, and which of them a file's name asks for."""

import os
from pathlib import Path
from typing import Literal

Format = Literal["md", "csv", "json", "latex"]

_NAMES: dict[Format, str] = {"md": "Markdown", "csv": "CSV", "json": "JSON", "latex": "LaTeX"}
_SUFFIXES: dict[str, Format] = {
    ".md": "md",
    ".markdown": "md",
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".tex": "latex",
    ".latex": "latex",
}


def format_of(path: str | os.PathLike[str]) -> Format:
    """Return the format that a file's name asks for by its suffix, in capitals or not; Markdown for any other."""
    return _SUFFIXES.get(Path(path).suffix.lower(), "md")


def format_name(output: Format) -> str:
    """Return what people call a format: ``"LaTeX"``."""
    return _NAMES[output]
