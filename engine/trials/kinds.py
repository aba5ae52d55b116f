"""The kinds of trial: for each, where the code is that only trials of this kind need.

A kind is its models (:mod:`engine.trials.trial`, :mod:`engine.runs.results`, :mod:`presets`), an
entry here, and an entry in :data:`tui.kinds.KINDS`. Everything else asks these.

Entries name objects instead of importing them: what they name stands in higher packages, one of
which imports TensorFlow, and every package needs the table.
"""

from dataclasses import dataclass
from functools import cache
from pkgutil import resolve_name
from typing import Any

from presets import Kind


@dataclass(frozen=True)
class KindEntry:
    """Where the parts of a kind are, each as ``package.module:object``."""

    data: str
    """An :class:`engine.data.kinds.KindData`."""
    reports: str
    """An :class:`engine.reports.kinds.KindReports`."""
    training: str
    """An :data:`engine.training.outcome.Trainer`."""


KINDS: dict[Kind, KindEntry] = {
    "forecast": KindEntry(
        data="engine.data.forecast_data:FORECAST_DATA",
        reports="engine.reports.forecasts:FORECASTS",
        training="engine.training.run_forecast:run_forecast",
    ),
    "text": KindEntry(
        data="engine.data.text_data:TEXT_DATA",
        reports="engine.reports.texts:TEXTS",
        training="engine.training.run_text:run_text",
    ),
}
"""In the order of the report's tables."""

load: Any = cache(resolve_name)
"""Import what an entry names."""
