"""``rnnlab-tui run``: turns arguments into trials, and refuses invalid ones before any starts."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import click

from engine.errors import UsageError
from engine.host.home import Home
from engine.language import _
from engine.trials.trial import (
    LARGEST_REPLICATES,
    TRIALS,
    Device,
    Trial,
    check_seed,
)
from tui.commands.options import (
    chosen_presets,
    complete_data,
    complete_preset,
    data_options,
    json_option,
    own_home_option,
    parse_count,
    parse_settings,
    refuse_options_of_series,
    refuse_options_of_texts,
    settings_option,
)
from tui.words.kinds import words_of

if TYPE_CHECKING:
    from engine.operations.prepare import TrialRequest

_MAX_JOBS = 1_000


@click.command(
    help=_(
        "Train presets and print the result.\n\n"
        "An ID is that of a preset, as sunspots/5, or the word sunspots or alice for a whole "
        "table.\n\n"
        "Ctrl-C cancels the run; closing the terminal leaves it running."
    )
)
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=complete_preset)
@click.option("--seed", default="1", metavar="N", show_default=True, help=_("Random seed."))
@click.option(
    "--seeds", default="1", metavar="N", help=_("Train from N random seeds: --seed, --seed + 1, …")
)
@settings_option
@click.option(
    "--series",
    metavar="NAME|FILE|URL[:COLUMN]",
    shell_complete=complete_data("series"),
    help=_("Series for forecasts (sunspots unless given)."),
)
@click.option(
    "--corpus",
    metavar="NAME|FILE|URL",
    shell_complete=complete_data("corpus"),
    help=_("Text for character trials (alice unless given)."),
)
@data_options
@click.option("--device", type=click.Choice(["cpu", "gpu"]), default="cpu", show_default=True)
@click.option(
    "--jobs", metavar="N", help=_("How many runs to train at once (one per core unless given).")
)
@click.option("--detach", is_flag=True, help=_("Queue the runs, print their ids and return."))
@json_option
@own_home_option
def run(
    ids: tuple[str, ...],
    seed: str,
    seeds: str,
    settings: tuple[str, ...],
    series: str | None,
    corpus: str | None,
    data_options: Mapping[str, object],
    device: Device,
    jobs: str | None,
    detach: bool,
    as_json: bool,
    home: Home,
) -> NoReturn:
    # pydantic's models and the data readers: imported only if something is to run.
    from engine.operations.prepare import TrialRequest, prepare_trial
    from tui.commands.foreground import queue_all, run_all
    from tui.fetching import fetch_with_progress

    changes, first = parse_settings(settings), check_seed(seed)
    count = parse_count("--seeds", seeds, LARGEST_REPLICATES)
    concurrency = None if jobs is None else parse_count("--jobs", jobs, _MAX_JOBS)
    trials: list[Trial] = []
    warnings: list[str] = []
    for preset in chosen_presets(ids):
        request = TrialRequest(
            preset,
            settings=changes,
            seed=first,
            replicates=count,
            data_options=data_options,
            device=device,
        )
        for each in _requests(request, series, corpus):
            trials.append(
                prepare_trial(home, each, fetch=fetch_with_progress, warn=warnings.append)
            )
    _print_notes(trials, home, warnings)
    if detach:
        sys.exit(queue_all(home, trials, jobs=concurrency))
    sys.exit(run_all(home, trials, jobs=concurrency, as_json=as_json))


def _print_notes(trials: Sequence[Trial], home: Home, warnings: Sequence[str]) -> None:
    """Print, before anything starts, ``warnings`` and notes on the data.

    Those are about what was left out of them or looks like a missing value.
    """
    from engine.data.notes import notes_of

    notes = (note for trial in trials for note in notes_of(trial, home).all)
    for note in dict.fromkeys([*warnings, *notes]):
        click.echo(note, err=True)


def _requests(
    request: "TrialRequest", series: str | None, corpus: str | None
) -> "list[TrialRequest]":
    """Return what is asked for of one preset: one run for a forecast, else one per seed.

    A forecast takes only moments per seed. Raises :class:`UsageError` for data, or options of data,
    of the other kind.
    """
    preset, options = request.preset, list(request.data_options)
    trial, sources = TRIALS[preset.kind], {"series": series, "corpus": corpus}
    for option, source in sources.items():
        if option != trial.data_option and source is not None:
            message = words_of(preset.kind).takes_no_other
            raise UsageError(message.format(preset=preset.id, option=option))
    if trial.data_option == "series":
        refuse_options_of_texts(options, preset.id)
    else:
        refuse_options_of_series(options, preset.id)
    request = replace(request, source=sources[trial.data_option])
    if trial.trains_seeds_together:
        return [request]
    return [
        replace(request, seed=request.seed + number, replicates=1)
        for number in range(request.replicates)
    ]
