"""``rnnlab-tui reproduce``: the whole report again, published beside measured, with verdicts."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from engine.host.files import check_writable
from engine.host.home import Home
from engine.language import _, ngettext
from engine.trials.trial import LARGEST_REPLICATES, TRIALS
from presets import load
from tui.commands.options import (
    chosen_presets,
    complete_preset,
    output_option,
    own_home_option,
    parse_count,
)


@click.command(
    help=_(
        "Carry out the whole report, or a part: published beside measured, with verdicts.\n\n"
        "An ID is that of a preset, as sunspots/5, or the word sunspots or alice for a whole "
        "table; without one it is "
        "all 21 trials. The sunspot trials take a minute; the character trials, from one random "
        "seed each, half an "
        "hour. They are runs like any other. Ctrl-C cancels what is left of them, and the tables "
        "show what there is. "
        "The file's name tells the format, as in `export`."
    )
)
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=complete_preset)
@click.option(
    "--seeds",
    default="64",
    metavar="N",
    show_default=True,
    help=_("Train each sunspot trial from N random seeds."),
)
@output_option
@own_home_option
def reproduce(ids: tuple[str, ...], seeds: str, path: Path | None, home: Home) -> NoReturn:
    # pydantic's models and the data readers: imported only if something is to run.
    from engine.operations.prepare import TrialRequest, prepare_trial
    from engine.reports.document import render_document
    from engine.reports.formats import format_of
    from engine.reports.verdict import LEAST_SEEDS
    from tui.commands.answers import print_or_write
    from tui.commands.foreground import follow_all
    from tui.fetching import fetch_with_progress

    replicates = parse_count("--seeds", seeds, LARGEST_REPLICATES)
    presets = (
        list({preset.id: preset for preset in chosen_presets(ids)}.values()) if ids else load()
    )
    output = "md" if path is None else format_of(path)
    if path is not None:
        check_writable(path)
    warnings: list[str] = []
    trials = [
        prepare_trial(
            home,
            TrialRequest(
                preset, replicates=replicates if TRIALS[preset.kind].trains_seeds_together else 1
            ),
            fetch=fetch_with_progress,
            warn=warnings.append,
        )
        for preset in presets
    ]
    for warning in dict.fromkeys(warnings):
        click.echo(warning, err=True)
    if replicates < LEAST_SEEDS and any(
        TRIALS[preset.kind].trains_seeds_together for preset in presets
    ):
        click.echo(_few_seeds(replicates, LEAST_SEEDS), err=True)
    done, status = follow_all(home, trials)
    # Tables that took half an hour must not be lost.
    print_or_write(
        render_document(done, output, verdicts=True), path, output, must_not_be_lost=True
    )
    sys.exit(status)


def _few_seeds(replicates: int, least: int) -> str:
    """Warn before training that there will be no verdicts on the sunspot trials."""
    few = ngettext(
        "There will be no verdicts on the sunspot trials: {n} seed is too few.",
        "There will be no verdicts on the sunspot trials: {n} seeds are too few.",
        replicates,
    ).format(n=replicates)
    return few + " " + _("They take {n} or more: --seeds {n}.").format(n=least)
