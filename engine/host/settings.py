"""The environment variables that a person sets for this program; nothing else reads them."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args

from engine.errors import InvalidValue, UsageError
from engine.language import _
from engine.urls import check_url, show_url

PlotKind = Literal["braille", "blocks", "ascii"]
PLOT_KINDS: tuple[PlotKind, ...] = get_args(PlotKind)
WARM_SECONDS = 180.0
"""How long TensorFlow is kept imported for the next run, unless the person says otherwise."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class Setting(Generic[_T]):
    """One variable: what it is for, and what its value must be."""

    name: str
    meaning: str
    """For a list of settings, in parentheses after the name."""
    expected: str
    """Completes "must be …" about an invalid value."""
    parse: Callable[[str], _T]
    """Raises :class:`ValueError` or :class:`UsageError` for an invalid value."""

    def read(self, environment: Mapping[str, str] | None = None) -> _T | None:
        """Return its value in an environment, by default this process'; None if it has none.

        Raises :class:`InvalidValue`.
        """
        text = (os.environ if environment is None else environment).get(self.name, "")
        try:
            return self.parse(text) if text.strip() else None
        except (ValueError, UsageError):
            # A URL may have a password in it.
            raise InvalidValue(self.name, show_url(text), self.expected) from None


def _absolute(text: str) -> Path:
    # A relative one would be another folder wherever a command is started.
    if not (path := Path(text)).is_absolute():
        raise ValueError(text)
    return path


def _seconds(text: str) -> float:
    if not 0 <= (seconds := float(text)) < math.inf:
        raise ValueError(text)
    return seconds


def _plot_kind(text: str) -> PlotKind:
    return PLOT_KINDS[[str(kind) for kind in PLOT_KINDS].index(text.strip().lower())]


HOME = Setting("RNNLAB_HOME", _("where runs and data are kept"), _("a folder"), str)
PLOTS = Setting(
    "RNNLAB_PLOTS",
    _("what plots are drawn with"),
    _("braille, blocks or ascii"),
    _plot_kind,
)
MIRROR = Setting(
    "RNNLAB_MIRROR",
    _("a folder on the web from which known texts and series are fetched"),
    _("the URL of a folder (http or https, without a password)"),
    lambda text: check_url(text.strip()).rstrip("/"),
)
WARM = Setting(
    "RNNLAB_WARM_SECONDS",
    _("how long TensorFlow stays imported"),
    _("a number of seconds, 0 or more"),
    _seconds,
)
LOCKS = Setting(
    "RNNLAB_LOCKS",
    _("where locks are kept if the home is on a network's file system"),
    _("an absolute path"),
    _absolute,
)
SETTINGS: tuple[Setting[Any], ...] = (HOME, PLOTS, MIRROR, WARM, LOCKS)


def describe_settings() -> str:
    """Return all settings with their meanings, for the help."""
    return ", ".join(f"{setting.name} ({setting.meaning})" for setting in SETTINGS)
