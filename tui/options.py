"""Options that many commands share."""

import click

from engine.home import Home, find_home
from engine.language import _


def _with_home(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> Home:
    # Taken by the command and by its subcommands alike; the one nearest to the end counts.
    if value is not None or not isinstance(ctx.find_root().obj, Home):
        ctx.find_root().obj = find_home(value)
    home: Home = ctx.find_root().obj
    return home


home_option = click.option(
    "--home",
    metavar="DIR",
    callback=_with_home,
    help=_("Where runs and data are kept (else RNNLAB_HOME, else the XDG data directory)."),
)
json_option = click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))


def complete_run(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete a run's id in the shell."""
    from engine.runs import all_runs

    given = ctx.params.get("home")
    home = given if isinstance(given, Home) else find_home(given)
    return sorted(run.id for run in all_runs(home) if run.id.startswith(incomplete))


def complete_preset(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete a preset's id, or the word for a whole table."""
    from presets import load

    names = ["sunspots", "alice", *(preset.id for preset in load())]
    return [name for name in names if name.startswith(incomplete)]


run_argument = click.argument("name", metavar="RUN", shell_complete=complete_run)
runs_argument = click.argument("names", nargs=-1, required=True, metavar="RUN...", shell_complete=complete_run)
