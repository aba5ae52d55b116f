"""Makes a trial that can run from a person's request, or refuses it before heavy work starts."""

from collections.abc import Callable, Mapping

from engine.data.catalog import SUNSPOTS, Fetch
from engine.data.series_library import SeriesLibrary
from engine.data.texts import ALICE, Library
from engine.host.home import Home
from engine.numerics.protocol import check_series, check_text
from engine.operations.memory_needs import check_memory
from engine.trials.trial import (
    Device,
    TextParameters,
    Trial,
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
) -> Trial:
    """Return the trial: the preset, overridden by ``settings``, on its data.

    ``corpus`` is a name, a file or a URL; so is ``series``, which may include a column and a last
    step. ``data_options`` say how to read the data (:mod:`engine.trials.data_options`). Data that
    is not here yet is fetched with ``fetch``, and missing without it. ``warn`` is called with
    sentences on what may keep the trial from finishing. Raises :class:`engine.errors.UsageError`
    for values out of range, missing data, parameters that the data does not suffice for (windows
    longer than the test part or the text), and what does not fit into this host's memory.
    """
    parameters = parameters_for(preset, settings or {})
    check_seed(seed)
    check_seed(seed + replicates - 1)
    if isinstance(parameters, TextParameters):
        text = Library(home).resolve(ALICE if corpus is None else corpus, fetch, data_options or {})
        length, distinct, reference = len(text.text), text.distinct, text.reference
        check_text(parameters, length, distinct)
    else:
        resolved = SeriesLibrary(home).resolve(
            SUNSPOTS if series is None else series, fetch, data_options or {}
        )
        length, distinct, reference = len(resolved.values), 1, resolved.reference
        check_series(parameters, length)
    if device == "cpu":
        check_memory(parameters, length, distinct, warn)
    return trial_for(
        preset, reference, settings=settings, seed=seed, replicates=replicates, device=device
    )
