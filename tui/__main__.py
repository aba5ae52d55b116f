"""``rnnlab-tui`` and ``python -m tui``."""

import signal

from tui.cli import command


def main() -> None:
    """Run the command line."""
    # A closed pipe (`rnnlab-tui runs | head`) ends the command quietly, as it does any other of the shell's.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    command(prog_name="rnnlab-tui")


if __name__ == "__main__":
    main()
