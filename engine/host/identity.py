"""Identity of hosts and processes, written to files so that a reader can tell if the writer lives.

A host can be renamed, and a container gets a new name at every start. What stays is the machine id
(machine-id(5)), but nodes started from one image may share it. So two names are the same host only
if the machine id is the same and the host has not been restarted since (the kernel's boot id).
"""

import os
import socket
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = "/proc/self/ns/pid"
_START_TIME = 19
"""Index of the start time, among the fields after the command in parentheses.

Field 22 of proc_pid_stat(5), in clock ticks since boot.
"""


class HostIdentity(BaseModel):
    """A host as it is written to files. An id is "" if the host does not provide it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    machine_id: str = ""
    boot_id: str = ""

    def is_same_as(self, other: "HostIdentity") -> bool:
        """Tell whether both are one host."""
        if self.machine_id and other.machine_id:
            same_name_or_start = self.name == other.name or bool(
                self.boot_id and self.boot_id == other.boot_id
            )
            return self.machine_id == other.machine_id and same_name_or_start
        return self.name == other.name


class ProcessIdentity(BaseModel):
    """A process as it is written to files, distinct from a later one with the same process id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pid: int
    start_ticks: int
    boot_id: str
    pid_namespace: str

    def is_alive(self) -> bool:
        """Tell whether the process is running.

        False if it can't be seen from here (on another host or in a container), or if it has ended
        and its parent has not waited for it yet.
        """
        if not self.boot_id or (self.boot_id, self.pid_namespace) != (boot_id(), _pid_namespace()):
            return False
        return _start_ticks(self.pid) == self.start_ticks


def host_name() -> str:
    """Return the host's name, with escapes for bytes that are not UTF-8."""
    return os.fsencode(socket.gethostname()).decode("utf-8", "backslashreplace")


def this_host() -> HostIdentity:
    """Return the host that this process runs on."""
    return HostIdentity(name=host_name(), machine_id=_machine_id(), boot_id=boot_id())


def this_process() -> ProcessIdentity | None:
    """Return this process; None on a system whose /proc does not give its start time."""
    ticks = _start_ticks(os.getpid())
    if ticks is None or not boot_id():
        return None
    return ProcessIdentity(
        pid=os.getpid(), start_ticks=ticks, boot_id=boot_id(), pid_namespace=_pid_namespace()
    )


def boot_id() -> str:
    """Return the id of the time since the kernel started; "" if there is none."""
    return _first_line(_BOOT_ID)


@cache
def _first_line(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _machine_id() -> str:
    machine_id = next(filter(None, map(_first_line, _MACHINE_IDS)), "")
    # An image that has not been booted yet contains "uninitialized".
    return machine_id if len(machine_id) == 32 else ""


def _pid_namespace() -> str:
    try:
        return os.readlink(_PID_NAMESPACE)  # noqa: PTH115 (it is not a path)
    except OSError:
        return ""


def _start_ticks(pid: int) -> int | None:
    """Return a process' start time in clock ticks since boot; None if it is gone or has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[_START_TIME])
