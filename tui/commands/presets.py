"""``rnnlab-tui presets``: the report's trials."""

import json

import click

from engine.host.home import Home
from engine.language import _
from engine.reports.json_records import describe_preset
from presets import Preset, load
from tui.commands.options import home_option, json_option


@click.command(
    help=_(
        "List the report's 21 trials.\n\n"
        "Their parameters, and the numbers that were published: train and test RMSE, or the loss "
        "after an iteration."
    )
)
@json_option
@home_option
def presets(as_json: bool, home: Home) -> None:
    if as_json:
        click.echo(json.dumps([describe_preset(preset) for preset in load()], indent=1))
        return
    for preset in load():
        click.echo(f"{preset.id:<12} {preset.title:<48} {_published_text(preset)}")


def _published_text(preset: Preset) -> str:
    figures = preset.published.model_dump()
    if preset.kind == "forecast":
        return _("published RMSE {train:.3f} train, {test:.3f} test").format(
            train=figures["train_rmse"], test=figures["test_rmse"]
        )
    last = figures["iterations"][-1]
    return _("published loss {loss:.4f} at iteration {iteration}").format(
        loss=last["loss"], iteration=last["iteration"]
    )
