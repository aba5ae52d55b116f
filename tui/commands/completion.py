"""``rnnlab-tui completion``: the script that completes commands in a shell."""

import click

from engine.language import _


@click.command(
    help=_(
        "Print the script that completes commands in a shell.\n\n"
        'For the start-up file of bash or zsh: eval "$(rnnlab-tui completion bash)"; of fish: '
        "rnnlab-tui completion "
        "fish | source."
    )
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    from click.shell_completion import get_completion_class

    completion_class = get_completion_class(shell)
    root = click.get_current_context().find_root()
    assert completion_class is not None
    click.echo(
        completion_class(root.command, {}, root.info_name or "", "_RNNLAB_TUI_COMPLETE").source()
    )
