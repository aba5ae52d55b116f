"""``rnnlab-tui`` and ``python -m tui``."""

import signal
import sys

# Until the command is there to answer it, Ctrl-C ends the process as it ends any other: no traceback of an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Run the command line and leave with its exit status."""
    from tui.cli import main as run_command

    # A closed pipe (`rnnlab-tui runs | head`) ends the command quietly, as it does any other of the shell's.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that is not UTF-8 gets question marks, not a traceback.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(run_command())


if __name__ == "__main__":
    main()
