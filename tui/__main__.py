"""``rnnlab-tui`` and ``python -m tui``."""

import os
import signal
import sys
from pathlib import Path

# Until the command can handle it, Ctrl-C ends the process as it ends any other, without the
# traceback of an import. A signal that the shell has the process ignore (`rnnlab-tui run … &` in a
# script) stays ignored.
if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


# NumPy's OpenBLAS would start a thread per core, and interrupt the process if it may not. Nothing
# here needs more than one; workers that train have an environment of their own. (GOTO_NUM_THREADS
# is another name of OPENBLAS_NUM_THREADS, which a person may have set.)
os.environ.setdefault("GOTO_NUM_THREADS", "1")


def main() -> None:
    """Run the command line and leave with its exit status."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Closed by whoever started it (`>&-`). No file that is opened later may get its number.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    from tui.commands.cli import main as run_command
    from tui.plotting.plot_style import twin_here

    # A closed pipe (`rnnlab-tui runs | head`) ends the command quietly, as it does any shell
    # command.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # What can't be encoded becomes a question mark, not a traceback; on a terminal, its twin.
        stream.reconfigure(errors="replace")
        if stream.isatty() and (twin := twin_here()):
            from tui.terminal.ascii import TwinStream

            setattr(sys, name, TwinStream(stream, twin))
    sys.exit(run_command())


if __name__ == "__main__":
    main()
