"""Makes a trial that can run from a person's request, or refuses it before heavy work starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.data.catalog import Fetch
from engine.data.kinds import data_of
from engine.host.home import Home
from engine.operations.memory_needs import check_memory
from engine.trials.trial import (
    TRIALS,
    Device,
    Trial,
    check_seed,
    parameters_for,
    trial_for,
)
from presets import Preset


@dataclass(frozen=True)
class TrialRequest:
    """What a person asks for, before it is known whether it can be had."""

    preset: Preset
    source: str | None = None
    """A series or a text: a name, a file or a URL; of a series also a column and a last step. None
    for the report's own."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Parameters that differ from the preset's, by name."""
    seed: int = 1
    replicates: int = 1
    data_options: Mapping[str, object] = field(default_factory=dict)
    """How to read the data: see :mod:`engine.trials.data_options`."""
    device: Device = "cpu"


def prepare_trial(
    home: Home,
    request: TrialRequest,
    *,
    fetch: Fetch | None = None,
    warn: Callable[[str], None] | None = None,
) -> Trial:
    """Return the trial that is requested, on its data.

    Data that is not here yet is fetched with ``fetch``, and missing without it. ``warn`` is called
    with sentences on what may keep the trial from finishing. Raises
    :class:`engine.errors.UsageError` for values out of range, missing data, parameters that the
    data does not suffice for (windows longer than the test part or the text), and what does not
    fit into this host's memory.
    """
    parameters = parameters_for(request.preset, request.settings)
    check_seed(request.seed)
    check_seed(request.seed + request.replicates - 1)
    kind = request.preset.kind
    source = TRIALS[kind].report_data if request.source is None else request.source
    data = data_of(kind).resolve(home, source, fetch, request.data_options)
    data_of(kind).check(parameters, data.length, data.distinct)
    if request.device == "cpu":
        check_memory(parameters, data.length, data.distinct, warn)
    return trial_for(
        request.preset,
        data.reference,
        settings=request.settings,
        seed=request.seed,
        replicates=request.replicates,
        device=request.device,
    )
