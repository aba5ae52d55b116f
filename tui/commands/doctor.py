"""``rnnlab-tui doctor``: what could keep the laboratory from working here, and what to do about
it.
"""

import json
import math
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from engine.data.catalog import ALICE, SUNSPOTS
from engine.data.series_library import SeriesLibrary
from engine.data.store import Store
from engine.data.texts import Library
from engine.errors import LabError, UsageError
from engine.host import locks, process_limits
from engine.host.folders import find_exposures
from engine.host.home import Home
from engine.host.logout import (
    PROPERTIES,
    fate_at_logout,
    has_systemd,
    rules_from_bus,
    rules_from_files,
)
from engine.host.machine import cores, cores_by_affinity, cores_by_quota, filesystem_of
from engine.host.worker_environment import ignored_variables, worker_environment
from engine.language import _, ngettext
from engine.runs.results import BriefResult
from engine.runs.run import all_runs
from engine.runs.watch import Snapshot, gc_paused
from engine.sanitise import printable
from tui.commands.options import home_option
from tui.plotting.plot_style import KINDS, SETTING, PlotStyle, choose
from tui.terminal.capabilities import is_dumb
from tui.terminal.size import SMALLEST
from tui.words.format import speaks_unicode

_GIB = 2**30
_PICTURE = (48, 9)
"""Columns and rows of the plot that is drawn to be looked at."""
_TENSORFLOW_PATIENCE_S = 120
_ASK_TENSORFLOW = """
import json, os, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
began = time.monotonic()
import tensorflow as tf
seconds = time.monotonic() - began
devices = [device.device_type for device in tf.config.list_physical_devices()]
print(json.dumps({"version": tf.__version__, "devices": devices, "seconds": seconds}))
"""


_ASK_LOGIND = [
    "busctl", "get-property", "org.freedesktop.login1", "/org/freedesktop/login1",
    "org.freedesktop.login1.Manager",
    *PROPERTIES,
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what was seen, what is wrong with it (if anything), and what to
    do.
    """

    subject: str
    seen: str
    wrong: str = ""
    remedy: str = ""
    fatal: bool = False
    """Whether the laboratory can't work like this, or only less well."""
    below: tuple[str, ...] = ()
    """Lines to look at."""


@click.command(
    help=_(
        "Say what could keep it from working here.\n\n"
        "Looks at terminal, plots, home, locks, processors, data and TensorFlow; says what is "
        "wrong and what to do. "
        "Ends with 1 where the laboratory can't work like this."
    )
)
@home_option
@click.pass_context
def doctor(ctx: click.Context, home: Home) -> None:
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        terminal,
        plots,
        lambda: files(home),
        lambda: damaged_runs(home),
        lambda: lock_files(home),
        logout,
        processors,
        lambda: data(home),
        environment,
        tensorflow,
    )
    good, bad = ("ok", "!!") if not speaks_unicode() else ("✓ ", "✗ ")
    fatal = False
    for check in checks:
        for finding in check():
            click.echo(
                printable(f"{bad if finding.wrong else good} {finding.subject:<12} {finding.seen}")
            )
            if finding.wrong:
                click.echo(printable(f"   {'':<12} {finding.wrong} {finding.remedy}".rstrip()))
            for line in finding.below:
                click.echo(f"   {'':<12} {line}")
            fatal |= finding.fatal
    ctx.exit(1 if fatal else 0)


def terminal() -> Iterator[Finding]:
    """Look at size, colours, encoding, and what lies between us and the person's terminal."""
    subject = _("terminal")
    if not sys.stdout.isatty():
        yield Finding(subject, _("none: the output goes into a file or a pipe"))
        return
    columns, lines = shutil.get_terminal_size()
    kind = os.environ.get("TERM", "")
    wrong, remedy = "", ""
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        wrong = _("The application asks for {columns}x{lines}.").format(
            columns=SMALLEST[0], lines=SMALLEST[1]
        )
        remedy = _("Make the window larger.")
    elif is_dumb() or not kind:
        wrong = (
            _("TERM says that it can't move its cursor.")
            if kind
            else _("TERM does not say what it can do.")
        )
        remedy = _("Set TERM, to xterm-256color say.")
    yield Finding(subject, f"{kind or '–'}, {columns}x{lines}, {_colours()}", wrong, remedy)
    if speaks_unicode():
        yield Finding(_("encoding"), sys.stdout.encoding)
    else:
        wrong, remedy = (
            _("Plots and glyphs are drawn in ASCII."),
            _("Set LC_ALL to a UTF-8 locale, C.UTF-8 say."),
        )
        yield Finding(_("encoding"), _("not UTF-8"), wrong, remedy)
    yield from _multiplexer()


def plots() -> Iterator[Finding]:
    """Draw a plot as the application would here, and say with what and why."""
    subject = _("plots")
    if is_dumb():
        # What is wrong with it has been said of the terminal.
        yield Finding(subject, _("none: the application does not start on this terminal"))
        return
    try:
        glyphs, why = choose()
    except UsageError as error:
        yield Finding(subject, "–", error.what, error.remedy, fatal=True)
        return
    # plotext takes a fifth of a second to import.
    from tui.plotting.plots import Curves, draw_prediction

    columns, rows = _PICTURE
    observed = [10 + 10 * math.cos(step / 6) for step in range(columns)]
    picture = draw_prediction(
        Curves(
            observed,
            [value + 2 for value in observed[3:]],
            range(3, columns),
            columns * 4 // 5,
            observed_positions=range(columns),
        ),
        width=columns,
        height=rows,
        style=PlotStyle(glyphs),
    )
    others = [kind for kind in KINDS if kind != glyphs.kind]
    hint = _("If you see no line over hills, set {variable} to {one} or {other}.").format(
        variable=SETTING, one=others[0], other=others[1]
    )
    yield Finding(
        subject,
        _("{kind}: {why}").format(kind=glyphs.kind, why=why),
        below=(*picture.plain.split("\n"), hint),
    )


def _colours() -> str:
    if os.environ.get("NO_COLOR"):
        return _("no colours (NO_COLOR)")
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return _("16 million colours")
    return _("256 colours") if "256" in os.environ.get("TERM", "") else _("16 colours")


def _multiplexer() -> Iterator[Finding]:
    """Tell whether text copied in the application reaches the person's clipboard (OSC 52)."""
    subject = _("clipboard")
    if os.environ.get("TMUX"):
        setting = _output_of(["tmux", "show-options", "-gv", "set-clipboard"])
        wrong = "" if setting in ("on", "external") else _("tmux keeps what is copied to itself.")
        seen = _("tmux, set-clipboard {setting}").format(setting=setting or "?")
        yield Finding(subject, seen, wrong, _("tmux set -g set-clipboard on") if wrong else "")
    elif os.environ.get("STY"):
        yield Finding(
            subject,
            "GNU screen",
            _("screen does not pass on what is copied."),
            _("Export to a file instead."),
        )
    else:
        yield Finding(subject, _("OSC 52, if the terminal takes it"))


def _output_of(command: list[str]) -> str:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=5, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def files(home: Home) -> Iterator[Finding]:
    """Look at where runs are kept: filesystem, room, and whether a file can be written."""
    subject = _("home")
    try:
        lies_on = filesystem_of(home.root)
    except OSError as error:
        yield Finding(
            subject, str(home.root), str(error), _("Choose another with --home DIR."), fatal=True
        )
        return
    seen = _("{path}  {kind}, {free:.1f} GiB free").format(
        path=home.root, kind=lies_on.kind, free=lies_on.free / _GIB
    )
    if lies_on.is_shared:
        # Nothing wrong with that: the locks are elsewhere.
        seen += _(", shared with other hosts: each sees to the runs that were submitted on it")
    place = next(folder for folder in [home.root, *home.root.parents] if folder.exists())
    if refused := _refused(home):
        yield Finding(subject, seen, refused.what, refused.remedy, fatal=True)
    elif not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            subject,
            seen,
            _("You can't write there."),
            _("Choose another with --home DIR."),
            fatal=True,
        )
    elif shared := [exposure for folder in home.folders for exposure in find_exposures(folder)]:
        yield Finding(subject, seen, shared[0].what, shared[0].remedy)
    elif lies_on.free < _GIB:
        yield Finding(
            subject,
            seen,
            _("Little room is left."),
            _("Delete runs, or choose another with --home DIR."),
        )
    else:
        yield Finding(subject, seen)


def _refused(home: Home) -> LabError | None:
    """Return what a command would say that can't work on the home; None if it can."""
    try:
        home.check_ours()
        for folder in home.folders:
            if folder.exists():
                os.scandir(folder).close()
                if not os.access(folder, os.W_OK | os.X_OK):
                    return LabError(
                        _("You can't write to {path}.").format(path=folder),
                        _("Choose another home with --home DIR."),
                    )
    except LabError as error:
        return error
    except OSError as error:
        return LabError(
            _("Can't read {path}: {reason}.").format(path=error.filename, reason=error.strerror),
            _("Choose another home with --home DIR."),
        )
    return None


def damaged_runs(home: Home) -> Iterator[Finding]:
    """Count the runs that can't be read. Says nothing if there is none."""
    damaged: list[LabError] = []
    try:
        runs = all_runs(home)
    except LabError:
        # Said of the home.
        return
    with gc_paused():
        for run in runs:
            try:
                Snapshot.of(run, brief=BriefResult)
            except (LabError, OSError) as error:
                damaged.append(
                    error if isinstance(error, LabError) else LabError(f"{run.id}: {error}")
                )
    if damaged:
        message = ngettext("{n} can't be read", "{n} can't be read", len(damaged)).format(
            n=len(damaged)
        )
        yield Finding(_("runs"), message, damaged[0].what, damaged[0].remedy)


def lock_files(home: Home) -> Iterator[Finding]:
    """Try the locks by which a live run is told from a dead one, where those of the home lie."""
    subject = _("locks")
    if _refused(home):
        # Said of the home.
        return
    place = next(folder for folder in (home.root, *home.root.parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".rnnlab-") as folder:
            tried = Path(folder) / "tried"
            lies_in = locks.lock_folder(tried)
            lock = locks.acquire(tried)
            held = locks.is_held(tried)
            if lock is not None:
                os.close(lock)
            released = not locks.is_held(tried)
            lies_on = filesystem_of(lies_in)
    except (LabError, OSError) as error:
        yield Finding(subject, "–", str(error), fatal=True)
        return
    works = lock is not None and held and released
    wrong = ""
    if not works:
        wrong = _("Locks do not hold there: live runs would look interrupted.")
    elif lies_on.is_shared:
        wrong = _(
            "On a network's file system locks can't be trusted: live runs may look interrupted."
        )
    remedy = _("Set RNNLAB_LOCKS to a folder on a local disk.") if wrong else ""
    where = _("in the home") if lies_in.name == locks.FOLDER else str(lies_in)
    yield Finding(subject, f"{where}  {lies_on.kind}", wrong, remedy, fatal=not works)


def logout() -> Iterator[Finding]:
    """Tell whether runs outlive the person's logout. Says nothing where there is no systemd to
    decide it.
    """
    if not has_systemd():
        return
    subject = _("logout")
    match fate_at_logout(_user(), rules_from_bus(_output_of(_ASK_LOGIND)) or rules_from_files()):
        case "goes on":
            yield Finding(subject, _("the runs go on"))
        case "killed with the session":
            # A user who lingers keeps the manager, which has to be what started the program; see
            # engine.host.logout.
            yield Finding(
                subject,
                _("the runs end with your session"),
                _("systemd kills what a session leaves behind (logind.conf: KillUserProcesses)."),
                _(
                    "Once: loginctl enable-linger. Then start with: systemd-run --user --scope "
                    "rnnlab-tui"
                ),
            )
        case "ends with the user's manager":
            yield Finding(
                subject,
                _("the runs end with your last session"),
                _(
                    "systemd ends what you started from a desktop, or by systemd-run --user, when "
                    "you have left."
                ),
                _("Once: loginctl enable-linger"),
            )


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def processors() -> Iterator[Finding]:
    """Count the processors that training may use."""
    by_affinity, by_quota = cores_by_affinity(), cores_by_quota()
    seen = _("{n} by affinity").format(n=by_affinity)
    seen += (
        _(", {n:g} by control group").format(n=by_quota)
        if by_quota is not None
        else _(", no quota")
    )
    load, by_all = os.getloadavg()[0], cores()
    busy = _(
        "Other processes use the cores (load {load:.1f} on {n}): training takes longer than usual."
    )
    yield Finding(
        _("processors"), seen, busy.format(load=load, n=by_all) if load > 2 * by_all else ""
    )


def data(home: Home) -> Iterator[Finding]:
    """Say which series and texts are here; the sunspots always are."""
    series, texts = SeriesLibrary(home).entries(), Library(home).entries()
    names = ", ".join([SUNSPOTS, *(entry.name for entry in [*series, *texts])])
    missing = all(entry.name != ALICE for entry in texts)
    wrong = _("The text of Alice in Wonderland is not here.") if missing else ""
    remedy = (
        _("It is fetched at its first use, or added: rnnlab-tui data add alice FILE.")
        if missing
        else ""
    )
    yield Finding(_("data"), names, wrong, remedy)
    for damage in Store(home).damage_errors():
        yield Finding(_("data"), "–", damage.what, damage.remedy)


def environment() -> Iterator[Finding]:
    """Name the variables that would change how TensorFlow computes: training does not get them."""
    if names := ignored_variables():
        yield Finding(
            _("environment"),
            _("set, and not passed on to training: {names}").format(names=", ".join(names)),
        )


def tensorflow() -> Iterator[Finding]:
    """Import TensorFlow, in a process of its own: it takes seconds, half a gigabyte, and may end
    badly.
    """
    subject = "TensorFlow"
    try:
        asked = subprocess.run(
            [sys.executable, "-P", "-c", _ASK_TENSORFLOW],
            env=worker_environment(),
            capture_output=True,
            text=True,
            timeout=_TENSORFLOW_PATIENCE_S,
            check=False,
        )
        answer = json.loads(asked.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError) as error:
        words, remedy = str(error), _("Install the program anew.")
        if isinstance(error, OSError) and process_limits.is_limit(error):
            words, remedy = process_limits.SENTENCE, process_limits.remedy()
        yield Finding(subject, "–", words, remedy, fatal=True)
        return
    except (IndexError, ValueError):
        if any(map(process_limits.mentions_limit, asked.stderr.splitlines())):
            yield Finding(
                subject, "–", process_limits.SENTENCE, process_limits.remedy(), fatal=True
            )
            return
        # A process that a signal ended has left nothing to read: an instruction that this processor
        # lacks, mostly.
        last = (
            asked.stderr.strip().splitlines()
            or [_("it ended with status {n}").format(n=asked.returncode)]
        )[-1]
        yield Finding(
            subject, "–", _("It can't be imported: {reason}").format(reason=last), fatal=True
        )
        return
    devices = ", ".join(answer["devices"])
    yield Finding(
        subject,
        f"{answer['version']}  {devices}, "
        + _("imported in {n:.1f} s").format(n=answer["seconds"]),
    )
