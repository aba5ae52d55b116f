"""What happens to a person's processes at logout, if systemd-logind decides it.

A session's processes are in the session's scope, which logind leaves alone or kills
(``KillUserProcesses=``). Processes started through the user's manager (``systemd-run --user``, a
desktop's terminals) are in no session's scope; the manager ends with the last session, unless the
user lingers. See logind.conf(5) and loginctl(1).
"""

import re
import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PROPERTIES = ("KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers")
"""The settings that matter, which are also properties of ``org.freedesktop.login1.Manager``."""

Fate = Literal["continues", "killed with the session", "ends with the user's manager"]

_FOLDERS = ("etc", "run", "usr/local/lib", "usr/lib", "lib")
"""Where systemd looks for a program's configuration, in order; see systemd.syntax(7)."""


@dataclass(frozen=True)
class KillRules:
    """Which users' processes logind kills at the end of a session."""

    everybody: bool = False
    only: tuple[str, ...] = ()
    """Users whose processes are killed; if there are any, no other user's are."""
    excluded: tuple[str, ...] | None = None
    """Users whose processes are always spared; None if not configured, which spares root's."""

    def kill(self, user: str) -> bool:
        """Tell whether the processes of ``user`` are killed; logind's ``manager_shall_kill``."""
        if user in (("root",) if self.excluded is None else self.excluded):
            return False
        return user in self.only if self.only else self.everybody


def has_systemd(root: Path = Path("/")) -> bool:
    """Tell whether systemd runs this host; sd_booted(3)."""
    return (root / "run/systemd/system").is_dir()


def rules_from_bus(answer: str) -> KillRules | None:
    """Parse what ``busctl get-property`` printed of :data:`PROPERTIES`, one line each.

    None if it is not such an answer.
    """
    try:
        (kind, everybody), (_list, _n, *only), (_array, _m, *excluded) = map(
            shlex.split, answer.splitlines()
        )
    except ValueError:
        return None
    if kind != "b":
        return None
    # A list that was emptied on purpose, which does not even spare root, looks the same as one that
    # was never configured.
    return KillRules(everybody == "true", tuple(only), tuple(excluded) or None)


def rules_from_files(root: Path = Path("/")) -> KillRules:
    """Read logind's configuration: the main file, then the drop-ins in the order of their names.

    If nobody has set ``KillUserProcesses``, a comment in the main file gives the default that
    systemd was built with.
    """
    everybody, only, excluded = False, list[str](), None
    for path in _files(root):
        section = ""
        for line in _lines(path):
            section = line if line.startswith("[") else section
            # Read the main file's commented default as a setting; not that of a drop-in.
            if path.name == "logind.conf" and line.startswith("#KillUserProcesses="):
                line = line[1:]
            name, _equals, value = (part.strip() for part in line.partition("="))
            if section != "[Login]" or name not in PROPERTIES:
                continue
            if name == "KillUserProcesses":
                everybody = value.lower() in ("1", "yes", "y", "true", "t", "on")
            elif name == "KillOnlyUsers":
                # Each line extends the list; an empty one resets it.
                only = [*only, *value.split()] if value else []
            else:
                excluded = [*(excluded or []), *value.split()] if value else []
    return KillRules(everybody, tuple(only), None if excluded is None else tuple(excluded))


def _files(root: Path) -> list[Path]:
    folders = [root / folder / "systemd" for folder in _FOLDERS]
    drop_ins: dict[str, Path] = {}
    for folder in reversed(folders):
        # A file of the same name in an earlier folder replaces it, or masks it as a link to
        # /dev/null.
        drop_ins |= {path.name: path for path in folder.glob("logind.conf.d/*.conf")}
    main = next((path for folder in folders if (path := folder / "logind.conf").exists()), None)
    return [*([main] if main else []), *(drop_ins[name] for name in sorted(drop_ins))]


def _lines(path: Path) -> list[str]:
    with suppress(OSError):
        return [line.strip() for line in path.read_text("utf-8", errors="replace").splitlines()]
    return []


def fate_at_logout(
    user: str, rules: KillRules, *, root: Path = Path("/"), own: Path = Path("/proc/self/cgroup")
) -> Fate:
    """Tell what happens, once ``user`` has logged out, to what this process starts.

    ``own`` is the process' control group as the kernel shows it, such as
    "0::/user.slice/user-1000.slice/session-3.scope".
    """
    group = "".join(f"{line}/" for line in _lines(own))
    if "/user@" in group:
        lingers = (root / "var/lib/systemd/linger" / user).exists()
        return "continues" if lingers else "ends with the user's manager"
    if re.search(r"/session-[^/]+\.scope/", group) and rules.kill(user):
        return "killed with the session"
    return "continues"
