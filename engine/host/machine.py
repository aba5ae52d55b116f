"""What this host provides: processors (by affinity and quota), memory and file systems."""

import math
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def cores_by_affinity() -> int:
    """Return how many processors the scheduler may use for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cores_by_quota(root: Path = _CGROUP, own: Path = Path("/proc/self/cgroup")) -> float | None:
    """Return the processor time that the control group grants, in processors; None if unlimited.

    Reads ``cpu.max`` (cgroup v2: quota and period in microseconds) of this process' group and of
    those above it: the smallest applies. See the kernel's admin guide, "Control Group v2", CPU
    interface files.
    """
    try:
        relative = own.read_text(encoding="utf-8").strip().rpartition("::")[2].lstrip("/")
    except OSError:
        return None
    group = root / relative
    limits = []
    for ancestor in [group, *group.parents]:
        if not ancestor.is_relative_to(root):
            break
        try:
            quota, period = (ancestor / "cpu.max").read_text(encoding="ascii").split()
        except (OSError, ValueError):
            continue
        if quota != "max":
            limits.append(int(quota) / int(period))
    return min(limits, default=None)


def cores() -> int:
    """Return how many processors this process may keep busy, by affinity and quota; at least 1."""
    quota = cores_by_quota()
    return max(1, min(cores_by_affinity(), math.floor(quota) if quota else cores_by_affinity()))


def group_limits(
    controller: str, name: str, root: Path = _CGROUP, own: Path = Path("/proc/self/cgroup")
) -> list[int]:
    """Return the limits of one kind (``pids.max``) of this process' control group and its parents.

    From the unified hierarchy (cgroup v2) and, if the host has it, the ``controller``'s own (v1).
    Groups without such a limit are left out.
    """
    return [
        int(limit)
        for _group, limit in _group_values(controller, name, root, own)
        if limit.isdigit()
    ]


def _group_values(controller: str, name: str, root: Path, own: Path) -> Iterator[tuple[Path, str]]:
    """Yield each group and what its file ``name`` holds, the innermost group first."""
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in [*lines, "0::/"]:
        _number, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        hierarchy = root / controllers if controllers else root
        group = hierarchy / path.lstrip("/")
        for ancestor in [group, *group.parents]:
            if not ancestor.is_relative_to(hierarchy):
                break
            with suppress(OSError):
                yield ancestor, (ancestor / name).read_text(encoding="ascii").strip()


def available_memory(
    meminfo: Path = Path("/proc/meminfo"),
    root: Path = _CGROUP,
    own: Path = Path("/proc/self/cgroup"),
) -> int:
    """Return how many bytes a new process could take without swapping.

    The smallest of ``MemAvailable`` in proc(5) and what the limits of this process' control groups
    leave; cached files that were not used lately don't count as used. A very large number if
    neither is known.
    """
    remaining = [limit - used for limit, used in _memory_groups(root, own)]
    return max(0, min([*_meminfo(meminfo, "MemAvailable:"), *remaining], default=sys.maxsize))


def total_memory(
    meminfo: Path = Path("/proc/meminfo"),
    root: Path = _CGROUP,
    own: Path = Path("/proc/self/cgroup"),
) -> int:
    """Return the bytes of memory of the host, or what a control group allows if that is less.

    A very large number if neither is known.
    """
    limits = [limit for limit, _used in _memory_groups(root, own)]
    return min([*_meminfo(meminfo, "MemTotal:"), *limits], default=sys.maxsize)


def _meminfo(meminfo: Path, name: str) -> list[int]:
    with suppress(OSError, ValueError, IndexError):
        lines = meminfo.read_text("ascii").splitlines()
        return [int(line.split()[1]) * 1024 for line in lines if line.startswith(name)]
    return []


def _memory_groups(root: Path, own: Path) -> list[tuple[int, int]]:
    """Return limit and use, in bytes, of each control group of this process that limits memory."""
    files = {
        "memory.max": ("memory.current", "inactive_file "),
        "memory.limit_in_bytes": ("memory.usage_in_bytes", "total_inactive_file "),
    }
    groups = []
    for name, (usage, cached) in files.items():
        for group, limit in _group_values("memory", name, root, own):
            # Without a limit, version 2 says "max" and version 1 gives a very large number.
            if limit.isdigit() and int(limit) < 2**60:
                used = 0
                with suppress(OSError, ValueError):
                    used = int((group / usage).read_text("ascii"))
                    lines = (group / "memory.stat").read_text("ascii").splitlines()
                    used -= sum(int(line.split()[1]) for line in lines if line.startswith(cached))
                groups.append((int(limit), used))
    return groups


def oom_kills(vmstat: Path = Path("/proc/vmstat")) -> int:
    """Return how many processes this host's kernel has killed for lack of memory; 0 if unknown."""
    try:
        lines = vmstat.read_text("ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


@dataclass(frozen=True)
class Filesystem:
    """The file system of a path: its type as the kernel names it, and the bytes free to a user."""

    kind: str
    free: int

    @property
    def is_local(self) -> bool:
        """Whether it is known to be a disk or memory of this host, so that file locks work.

        An unknown type (a network's, one in user space, a virtual machine's share) counts as not
        local.
        """
        return self.kind in _LOCAL

    @property
    def is_shared(self) -> bool:
        """Whether it is on a network, where file locks can't be trusted."""
        return self.kind.startswith(
            ("nfs", "cifs", "smb", "fuse.sshfs", "9p", "lustre", "gpfs", "beegfs", "ceph")
        )


_LOCAL = frozenset(
    {
        "ext2",
        "ext3",
        "ext4",
        "xfs",
        "btrfs",
        "zfs",
        "f2fs",
        "bcachefs",
        "jfs",
        "reiserfs",
        "overlay",
        "tmpfs",
        "ramfs",
    }
)


def filesystem_of(path: Path, mounts: Path = Path("/proc/self/mounts")) -> Filesystem:
    """Return the file system of ``path`` or of the nearest existing folder above it.

    Raises :class:`OSError`.
    """
    location = next(folder for folder in [path, *path.parents] if folder.exists()).resolve()
    statistics = os.statvfs(location)
    return Filesystem(_filesystem_type(location, mounts), statistics.f_bavail * statistics.f_frsize)


def _filesystem_type(location: Path, mounts: Path) -> str:
    kind, longest = "unknown", -1
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return kind
    for line in lines:
        fields = line.split()
        # A space in a mount point is written \040; see fstab(5).
        point = fields[1].replace("\\040", " ")
        if len(point) >= longest and location.is_relative_to(point):
            kind, longest = fields[2], len(point)
    return kind
