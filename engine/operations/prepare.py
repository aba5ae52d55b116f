"""From what a person asks to a trial that can run, refusing what can't before anything heavy
starts.
"""

from collections.abc import Callable, Mapping

from engine.data.catalog import SUNSPOTS, Fetch
from engine.data.series_library import SeriesLibrary
from engine.data.texts import ALICE, Library
from engine.host.home import Home
from engine.numerics.protocol import check_series, check_text
from engine.operations.memory_needs import check_memory
from engine.trials.trial import (
    Device,
    ForecastTrial,
    TextParameters,
    TextTrial,
    check_seed,
    parameters_for,
    trial_for,
)
from presets import Preset


def prepare_trial(
    home: Home,
    preset: Preset,
    *,
    settings: Mapping[str, object] | None = None,
    seed: int = 1,
    replicates: int = 1,
    corpus: str | None = None,
    series: str | None = None,
    data_options: Mapping[str, object] | None = None,
    fetch: Fetch | None = None,
    device: Device = "cpu",
    warn: Callable[[str], None] | None = None,
) -> ForecastTrial | TextTrial:
    """Return the trial: the preset with ``settings`` over it, on its data.

    ``corpus`` is a name, a file or a URL; so is ``series``, which may say a column and a last month
    too. ``data_options`` say how the data are read (:mod:`engine.trials.data_options`). What is not
    here yet is got from the web with ``fetch``, and missing without it. ``warn`` is told in
    sentences what may keep the trial from being finished. Raises :class:`engine.errors.UsageError`
    for values out of range, data that is not there, parameters that the data can't serve (windows
    longer than the test part or the text), and what this host's memory can't hold.
    """
    parameters = parameters_for(preset, settings or {})
    check_seed(seed)
    check_seed(seed + replicates - 1)
    if isinstance(parameters, TextParameters):
        text = Library(home).resolve(ALICE if corpus is None else corpus, fetch, data_options or {})
        length, distinct, reference = len(text.text), text.distinct, text.reference
        check_text(parameters, length, distinct)
    else:
        found = SeriesLibrary(home).resolve(
            SUNSPOTS if series is None else series, fetch, data_options or {}
        )
        length, distinct, reference = len(found.values), 1, found.reference
        check_series(parameters, length)
    if device == "cpu":
        check_memory(parameters, length, distinct, warn)
    return trial_for(
        preset, reference, settings=settings, seed=seed, replicates=replicates, device=device
    )
