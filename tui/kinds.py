"""The kinds of trial in the interface: for each, where the code is that only this kind needs.

As :mod:`engine.trials.kinds`, and for the same reason: entries name objects of higher packages.
"""

from dataclasses import dataclass

from presets import Kind


@dataclass(frozen=True)
class KindEntry:
    """Where the parts of a kind are, each as ``package.module:object``."""

    words: str
    """A :class:`tui.words.kinds.KindWords`."""
    main_pane: str
    """The pane of its run that no other kind has."""
    data_field: str
    """The field of its form for the data."""


KINDS: dict[Kind, KindEntry] = {
    "forecast": KindEntry(
        words="tui.words.forecasts:FORECAST_WORDS",
        main_pane="tui.panes.prediction:PredictionPane",
        data_field="tui.screens.data_field:SeriesField",
    ),
    "text": KindEntry(
        words="tui.words.texts:TEXT_WORDS",
        main_pane="tui.panes.text:TextPane",
        data_field="tui.screens.data_field:CorpusField",
    ),
}
"""In the order of the list of presets."""
