"""Options that many commands share."""

import functools
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from engine.data.catalog import BUILT_IN, CATALOG, Kind
from engine.errors import UsageError, describe_value
from engine.host.home import Home, find_home
from engine.language import _


class OnceGroup(click.Group):
    """A group whose commands refuse a repeated option with one value: which is meant is unclear."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not ctx.resilient_parsing:
            _refuse_repeated(click.Context(command, info_name=name, parent=ctx), rest)
        return name, command, rest


def _refuse_repeated(ctx: click.Context, args: Sequence[str]) -> None:
    """Raise :class:`UsageError` if an option with a single value is given more than once."""
    _values, _rest, used = ctx.command.make_parser(ctx).parse_args(list(args))
    for option in used:
        if not isinstance(option, click.Option) or option.multiple or option.is_flag:
            continue
        if sum(other is option for other in used) > 1:
            raise UsageError(
                _("{option} is given twice.").format(option=option.opts[-1]), _("Keep one of them.")
            )


if TYPE_CHECKING:
    from presets import Preset


def _with_home(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> Home:
    # Accepted by the command and by its subcommands; the last one on the line counts.
    if value is not None or not isinstance(ctx.find_root().obj, Home):
        ctx.find_root().obj = find_home(value)
    home: Home = ctx.find_root().obj
    return home


def _with_own_home(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Home:
    home = _with_home(ctx, parameter, value)
    # Not during shell completion.
    if not ctx.resilient_parsing:
        home.check_ours()
    return home


def _file_or_stdout(
    _ctx: click.Context, _parameter: click.Parameter, value: str | None
) -> Path | None:
    # "./-" is a file.
    return None if value in (None, "-") else Path(value)


output_option = click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(allow_dash=True),
    callback=_file_or_stdout,
    help=_("Write into a file; - is stdout, as without it."),
)

_home_option = partial(
    click.option,
    "--home",
    metavar="DIR",
    help=_("Where runs and data are kept (else RNNLAB_HOME, else the XDG data directory)."),
)
home_option = _home_option(callback=_with_home)
own_home_option = _home_option(callback=_with_own_home)
"""For commands that write: they refuse another user's home."""
json_option = click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))


def complete_run(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete a run's id in the shell."""
    from engine.runs.run import all_runs

    return sorted(run.id for run in all_runs(_home_of(ctx)) if run.id.startswith(incomplete))


def _home_of(ctx: click.Context) -> Home:
    home = ctx.params.get("home")
    return home if isinstance(home, Home) else find_home(home)


Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def complete_data(*kinds: Kind) -> Complete:
    """Return a shell completion of data names of these kinds, and of files if no name matches."""

    def complete(
        ctx: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from engine.data.store import Store

        store = Store(_home_of(ctx))
        built_in_names = [name for name, kind in BUILT_IN.items() if kind in kinds]
        built_in_names += [name for name, data in CATALOG.items() if data.kind in kinds]
        names = {*built_in_names, *(entry.name for kind in kinds for entry in store.entries(kind))}
        matches = [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]
        return matches or complete_file(ctx, _parameter, incomplete)

    return complete


def complete_file(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Leave the completion of a file's name to the shell."""
    return [CompletionItem(incomplete, type="file")]


def complete_setting(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Complete a parameter's name, of any kind: click does not know the presets on the line."""
    from presets import load

    names = dict.fromkeys(name for preset in load() for name in preset.parameters)
    return [f"{name}=" for name in names if name.startswith(incomplete)]


def complete_preset(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete a preset's id, or the word for a whole table."""
    from presets import load

    names = ["sunspots", "alice", *(preset.id for preset in load())]
    return [name for name in names if name.startswith(incomplete)]


def chosen_presets(ids: Sequence[str]) -> "list[Preset]":
    """Return the presets that ids and the words ``sunspots`` and ``alice`` name, in that order.

    Raises :class:`UsageError` if a name is neither.
    """
    from presets import get, load

    chosen: list[Preset] = []
    for name in ids:
        table = [preset for preset in load() if preset.id.startswith(f"{name}/")]
        single = get(name)
        if not table and single is None:
            raise UsageError(
                _("There is no preset {name!r}.").format(name=name),
                _(
                    "`rnnlab-tui presets` lists them: sunspots/1 to sunspots/11, alice/1 to "
                    "alice/10."
                ),
            )
        chosen += table or ([single] if single else [])
    return chosen


settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_setting,
    help=_("Change a parameter (repeatable)."),
)
run_argument = click.argument("name", metavar="RUN", shell_complete=complete_run)
runs_argument = click.argument(
    "names", nargs=-1, required=True, metavar="RUN...", shell_complete=complete_run
)


_SERIES_OPTIONS = (
    click.option(
        "--missing",
        multiple=True,
        metavar="VALUE",
        help=_(
            "A number or a word that stands for a missing value, as -9999 or n.a. (repeatable)."
        ),
    ),
    click.option(
        "--gaps",
        type=click.Choice(["refuse", "linear"]),
        help=_("linear: values missing between others are filled in by a straight line."),
    ),
    click.option(
        "--steps",
        type=click.Choice(["dates", "count"]),
        help=_("count: one step from row to row, whatever the dates say."),
    ),
    click.option(
        "--decimal", metavar=".|,", help=_("The decimal mark, if the column does not tell.")
    ),
    click.option(
        "--thousands",
        metavar="CHAR",
        help=_("The mark between thousands, if the column does not tell."),
    ),
)
_TEXT_OPTIONS = (
    click.option(
        "--letters",
        type=click.Choice(["ascii", "all"]),
        help=_("Which characters are kept (all, but ascii for the report's text)."),
    ),
    click.option(
        "--case", type=click.Choice(["lower", "keep"]), help=_("Whether letters become lower case.")
    ),
    click.option(
        "--lines",
        type=click.Choice(["join", "keep"]),
        help=_("Whether lines are joined by spaces."),
    ),
    click.option(
        "--licence",
        type=click.Choice(["keep", "drop"]),
        help=_("Whether the licence of a Project Gutenberg text is kept."),
    ),
)
_SERIES_NAMES = ("missing", "gaps", "steps", "decimal", "thousands")
_TEXT_NAMES = ("letters", "case", "lines", "licence")


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the data options, as one argument ``data_options``: those given, by name."""

    @functools.wraps(command)
    def with_options(*args: Any, **kwargs: Any) -> Any:
        values = {name: kwargs.pop(name) for name in (*_SERIES_NAMES, *_TEXT_NAMES)}
        return command(
            *args, data_options={name: value for name, value in values.items() if value}, **kwargs
        )

    for option in reversed((*_SERIES_OPTIONS, *_TEXT_OPTIONS)):
        with_options = option(with_options)
    return with_options


def refuse_options_of_texts(given: Sequence[str], subject: str) -> None:
    """Raise :class:`UsageError` if a text option is given for ``subject``, which is a series."""
    _refuse_options(
        given, _TEXT_NAMES, _("{subject}: --{option} is for texts, not for a series."), subject
    )


def refuse_options_of_series(given: Sequence[str], subject: str) -> None:
    """Raise :class:`UsageError` if a series option is given for ``subject``, which is a text."""
    _refuse_options(
        given, _SERIES_NAMES, _("{subject}: --{option} is for series, not for a text."), subject
    )


def _refuse_options(
    given: Sequence[str], refused: Sequence[str], message: str, subject: str
) -> None:
    for name in refused:
        if name in given:
            raise UsageError(message.format(subject=subject, option=name))


def parse_settings(pairs: Sequence[str]) -> dict[str, str]:
    """Return ``--set``'s KEY=VALUE pairs by key.

    Raises :class:`UsageError` if a value is missing or a key is repeated.
    """
    settings: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(
                _("--set {pair}: no value.").format(pair=pair), _("Write --set KEY=VALUE.")
            )
        key, value = key.strip(), value.strip()
        if key in settings:
            raise UsageError(
                _("--set {key} is given twice, as {first} and as {second}.").format(
                    key=describe_value(key),
                    first=describe_value(settings[key]),
                    second=describe_value(value),
                ),
                _("Keep one of them."),
            )
        settings[key] = value
    return settings


def parse_count(option: str, text: str, most: int) -> int:
    """Return an option's value as a whole number, 1 to ``most``.

    Raises :class:`UsageError` if it is anything else.
    """
    if text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most:
        return int(text)
    raise UsageError(
        _("{option} {text}: must be a whole number, 1 to {most}.").format(
            option=option, text=text, most=most
        )
    )
