"""``rnnlab-tui doctor``: what could keep the laboratory from working here, and the remedies."""

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
from engine.data.store import Store
from engine.errors import InvalidValue, LabError
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
from engine.host.settings import PLOT_KINDS, PLOTS, SETTINGS
from engine.host.worker_environment import ignored_variables, worker_environment
from engine.language import _, ngettext
from engine.runs.results import BriefResult
from engine.runs.run import all_runs
from engine.runs.watch import Snapshot, gc_paused
from engine.sanitise import printable
from tui.commands.options import home_option
from tui.plotting.plot_style import PlotStyle, choose
from tui.terminal.capabilities import is_dumb
from tui.terminal.size import SMALLEST
from tui.words.format import speaks_unicode

_GIB = 2**30
_SAMPLE_PLOT = (48, 9)
"""Columns and rows of the sample plot."""
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
    """One thing that was checked: its state, what is wrong (if anything), and what to do."""

    subject: str
    state: str
    problem: str = ""
    remedy: str = ""
    fatal: bool = False
    """Whether the laboratory can't work, rather than only less well."""
    more_lines: tuple[str, ...] = ()
    """Further lines to show."""


@click.command(
    help=_(
        "Check what could keep rnnlab-tui from working here.\n\n"
        "Looks at terminal, settings, plots, home, locks, processors, data and TensorFlow; says "
        "what is wrong and what to do. "
        "Exits with 1 if the laboratory can't work like this."
    )
)
@home_option
@click.pass_context
def doctor(ctx: click.Context, home: Home) -> None:
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        terminal,
        settings,
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
                printable(
                    f"{bad if finding.problem else good} {finding.subject:<12} {finding.state}"
                )
            )
            if finding.problem:
                click.echo(printable(f"   {'':<12} {finding.problem} {finding.remedy}".rstrip()))
            for line in finding.more_lines:
                click.echo(f"   {'':<12} {line}")
            fatal |= finding.fatal
    ctx.exit(1 if fatal else 0)


def terminal() -> Iterator[Finding]:
    """Check size, colours and encoding, and whether a multiplexer handles the clipboard."""
    subject = _("terminal")
    if not sys.stdout.isatty():
        yield Finding(subject, _("none: the output goes into a file or a pipe"))
        return
    columns, lines = shutil.get_terminal_size()
    kind = os.environ.get("TERM", "")
    problem, remedy = "", ""
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        problem = _("The application asks for {columns}x{lines}.").format(
            columns=SMALLEST[0], lines=SMALLEST[1]
        )
        remedy = _("Make the window larger.")
    elif is_dumb() or not kind:
        problem = (
            _("TERM says that it can't move its cursor.")
            if kind
            else _("TERM does not say what it can do.")
        )
        remedy = _("Set TERM, to xterm-256color say.")
    yield Finding(subject, f"{kind or '–'}, {columns}x{lines}, {_colours()}", problem, remedy)
    if speaks_unicode():
        yield Finding(_("encoding"), sys.stdout.encoding)
    else:
        problem, remedy = (
            _("Plots and glyphs are drawn in ASCII."),
            _("Set LC_ALL to a UTF-8 locale, C.UTF-8 say."),
        )
        yield Finding(_("encoding"), _("not UTF-8"), problem, remedy)
    yield from _multiplexer()


def settings() -> Iterator[Finding]:
    """Name the settings that are set, and say what is wrong with one; nothing if none is.

    What is wrong with that of the plots is said with them.
    """
    subject, names = _("settings"), []
    for setting in SETTINGS:
        try:
            if setting.read() is not None:
                names.append(setting.name)
        except InvalidValue as error:
            if setting is not PLOTS:
                yield Finding(subject, "–", error.what)
    if names:
        yield Finding(subject, ", ".join(names))


def plots() -> Iterator[Finding]:
    """Draw a plot as the application would here, and name its characters and why."""
    subject = _("plots")
    if is_dumb():
        # The terminal's own check has said what is wrong.
        yield Finding(subject, _("none: the application does not start on this terminal"))
        return
    try:
        glyphs, why = choose()
    except InvalidValue as error:
        yield Finding(subject, "–", error.what, error.remedy, fatal=True)
        return
    # plotext takes a fifth of a second to import.
    from tui.plotting.plots import Curves, draw_prediction

    columns, rows = _SAMPLE_PLOT
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
    others = [kind for kind in PLOT_KINDS if kind != glyphs.kind]
    hint = _("If you see no line over hills, set {variable} to {one} or {other}.").format(
        variable=PLOTS.name, one=others[0], other=others[1]
    )
    yield Finding(
        subject,
        _("{kind}: {why}").format(kind=glyphs.kind, why=why),
        more_lines=(*picture.plain.split("\n"), hint),
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
        problem = "" if setting in ("on", "external") else _("tmux keeps what is copied to itself.")
        state = _("tmux, set-clipboard {setting}").format(setting=setting or "?")
        yield Finding(subject, state, problem, _("tmux set -g set-clipboard on") if problem else "")
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
    """Check where runs are kept: file system, free space, and whether a file can be written."""
    subject = _("home")
    try:
        filesystem = filesystem_of(home.root)
    except OSError as error:
        yield Finding(
            subject, str(home.root), str(error), _("Choose another with --home DIR."), fatal=True
        )
        return
    state = _("{path}  {kind}, {free:.1f} GiB free").format(
        path=home.root, kind=filesystem.kind, free=filesystem.free / _GIB
    )
    if filesystem.is_shared:
        # That is no problem: the locks are elsewhere.
        state += _(", shared with other hosts: each host runs what was submitted on it")
    place = next(folder for folder in [home.root, *home.root.parents] if folder.exists())
    if refused := _why_unusable(home):
        yield Finding(subject, state, refused.what, refused.remedy, fatal=True)
    elif not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            subject,
            state,
            _("You can't write there."),
            _("Choose another with --home DIR."),
            fatal=True,
        )
    elif shared := [exposure for folder in home.folders for exposure in find_exposures(folder)]:
        yield Finding(subject, state, shared[0].what, shared[0].remedy)
    elif filesystem.free < _GIB:
        yield Finding(
            subject,
            state,
            _("Little room is left."),
            _("Delete runs, or choose another with --home DIR."),
        )
    else:
        yield Finding(subject, state)


def _why_unusable(home: Home) -> LabError | None:
    """Return the error of a command that can't use the home; None if it can."""
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
    """Count the runs that can't be read; yields nothing if there are none."""
    damaged: list[LabError] = []
    try:
        runs = all_runs(home)
    except LabError:
        # Reported for the home.
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
    """Try the locks that tell a live run from a dead one, where those of the home are."""
    subject = _("locks")
    if _why_unusable(home):
        # Reported for the home.
        return
    place = next(folder for folder in (home.root, *home.root.parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".rnnlab-") as folder:
            path = Path(folder) / "tried"
            folder_of_locks = locks.lock_folder(path)
            lock = locks.acquire(path)
            is_held = locks.is_held(path)
            if lock is not None:
                os.close(lock)
            released = not locks.is_held(path)
            filesystem = filesystem_of(folder_of_locks)
    except (LabError, OSError) as error:
        yield Finding(subject, "–", str(error), fatal=True)
        return
    works = lock is not None and is_held and released
    problem = ""
    if not works:
        problem = _("Locks do not hold there: live runs would look interrupted.")
    elif filesystem.is_shared:
        problem = _(
            "On a network file system locks can't be trusted: live runs may look interrupted."
        )
    remedy = _("Set RNNLAB_LOCKS to a folder on a local disk.") if problem else ""
    where = _("in the home") if folder_of_locks.name == locks.FOLDER else str(folder_of_locks)
    yield Finding(subject, f"{where}  {filesystem.kind}", problem, remedy, fatal=not works)


def logout() -> Iterator[Finding]:
    """Tell whether runs outlive the person's logout; yields nothing without systemd."""
    if not has_systemd():
        return
    subject = _("logout")
    match fate_at_logout(_user(), rules_from_bus(_output_of(_ASK_LOGIND)) or rules_from_files()):
        case "continues":
            yield Finding(subject, _("the runs continue"))
        case "killed with the session":
            # Lingering keeps the user's manager, which must then have started the program; see
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
    state = _("{n} by affinity").format(n=by_affinity)
    state += (
        _(", {n:g} by control group").format(n=by_quota)
        if by_quota is not None
        else _(", no quota")
    )
    load, by_all = os.getloadavg()[0], cores()
    message = _(
        "Other processes use the cores (load {load:.1f} on {n}): training takes longer than usual."
    )
    yield Finding(
        _("processors"), state, message.format(load=load, n=by_all) if load > 2 * by_all else ""
    )


def data(home: Home) -> Iterator[Finding]:
    """Name the series and texts that are here; the sunspots always are."""
    store = Store(home)
    series, texts = store.entries("series"), store.entries("corpus")
    names = ", ".join([SUNSPOTS, *(entry.name for entry in [*series, *texts])])
    is_missing = all(entry.name != ALICE for entry in texts)
    problem = _("The text of Alice in Wonderland is not here.") if is_missing else ""
    remedy = (
        _("It is fetched at its first use, or added: rnnlab-tui data add alice FILE.")
        if is_missing
        else ""
    )
    yield Finding(_("data"), names, problem, remedy)
    for damage in store.damage_errors():
        yield Finding(_("data"), "–", damage.what, damage.remedy)


def environment() -> Iterator[Finding]:
    """Name the variables that would change how TensorFlow computes; they are kept from training."""
    if names := ignored_variables():
        yield Finding(
            _("environment"),
            _("set, and not passed on to training: {names}").format(names=", ".join(names)),
        )


def tensorflow() -> Iterator[Finding]:
    """Import TensorFlow in a separate process: it takes seconds and 0.5 GB, and may crash."""
    subject = "TensorFlow"
    try:
        process = subprocess.run(
            [sys.executable, "-P", "-c", _ASK_TENSORFLOW],
            env=worker_environment(),
            capture_output=True,
            text=True,
            timeout=_TENSORFLOW_PATIENCE_S,
            check=False,
        )
        answer = json.loads(process.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError) as error:
        problem, remedy = str(error), _("Install the program again.")
        if isinstance(error, OSError) and process_limits.is_limit(error):
            problem, remedy = process_limits.SENTENCE, process_limits.remedy()
        yield Finding(subject, "–", problem, remedy, fatal=True)
        return
    except (IndexError, ValueError):
        if any(map(process_limits.mentions_limit, process.stderr.splitlines())):
            yield Finding(
                subject, "–", process_limits.SENTENCE, process_limits.remedy(), fatal=True
            )
            return
        # A process that a signal ended has printed nothing: mostly due to an instruction that this
        # processor lacks.
        last_line = (
            process.stderr.strip().splitlines()
            or [_("it ended with status {n}").format(n=process.returncode)]
        )[-1]
        yield Finding(
            subject, "–", _("It can't be imported: {reason}").format(reason=last_line), fatal=True
        )
        return
    devices = ", ".join(answer["devices"])
    yield Finding(
        subject,
        f"{answer['version']}  {devices}, "
        + _("imported in {n:.1f} s").format(n=answer["seconds"]),
    )
