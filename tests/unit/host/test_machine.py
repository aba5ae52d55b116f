"""Processors and filesystems, read from files that the tests write as the kernel does."""

from pathlib import Path

import pytest

from engine.host.machine import (
    Filesystem,
    available_memory,
    cores_by_affinity,
    cores_by_quota,
    filesystem_of,
    group_limits,
    total_memory,
)


def group(root: Path, path: str, limit: str) -> None:
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.max").write_text(limit)


def own(tmp_path: Path, path: str) -> Path:
    file = tmp_path / "cgroup"
    file.write_text(f"0::/{path}\n")
    return file


def test_this_process_has_at_least_one_processor() -> None:
    assert cores_by_affinity() >= 1


@pytest.mark.parametrize(
    ("inner", "outer", "granted"),
    [
        ("max 100000", "max 100000", None),
        ("150000 100000", "max 100000", 1.5),
        ("max 100000", "200000 100000", 2.0),
        ("400000 100000", "50000 100000", 0.5),
    ],
)
def test_the_smallest_limit_above_a_process_holds(
    tmp_path: Path, inner: str, outer: str, granted: float | None
) -> None:
    root = tmp_path / "fs"
    group(root, "user.slice", outer)
    group(root, "user.slice/session", inner)
    assert cores_by_quota(root, own(tmp_path, "user.slice/session")) == granted


def test_no_control_group_is_no_limit(tmp_path: Path) -> None:
    assert cores_by_quota(tmp_path / "none", own(tmp_path, "a")) is None
    assert cores_by_quota(tmp_path, tmp_path / "none") is None


def test_a_path_lies_on_the_longest_mount_above_it(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    place = tmp_path / "with blank" / "home"
    place.mkdir(parents=True)
    point = str(tmp_path / "with blank").replace(" ", "\\040")
    mounts.write_text(f"root / ext4 rw 0 0\nserver:/x {point} nfs4 rw 0 0\n")
    found = filesystem_of(place / "not" / "there", mounts)
    assert found.kind == "nfs4"
    assert found.is_shared
    assert found.free > 0
    assert filesystem_of(tmp_path, mounts).kind == "ext4"


def test_local_filesystems_are_not_shared() -> None:
    assert not any(
        Filesystem(kind, 0).is_shared
        for kind in ("ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs")
    )


def test_the_memory_is_the_host_s_or_what_the_control_group_allows(tmp_path: Path) -> None:
    meminfo, root = tmp_path / "meminfo", tmp_path / "fs"
    root.mkdir()
    assert total_memory(meminfo, root) > 2**60
    meminfo.write_text("MemTotal:       16384 kB\nMemAvailable:       4 kB\n")
    assert total_memory(meminfo, root) == 16 * 2**20
    (root / "memory.max").write_text("max\n")
    assert total_memory(meminfo, root) == 16 * 2**20
    (root / "memory.max").write_text(f"{2**20}\n")
    assert total_memory(meminfo, root) == 2**20


def test_the_memory_that_is_left_is_the_host_s_or_a_control_group_s(tmp_path: Path) -> None:
    meminfo, root, file = tmp_path / "meminfo", tmp_path / "fs", own(tmp_path, "user.slice/session")
    meminfo.write_text("MemTotal:       16384 kB\nMemAvailable:   8192 kB\n")
    inner = root / "user.slice" / "session"
    inner.mkdir(parents=True)
    assert available_memory(meminfo, root, file) == 8 * 2**20
    # The limit of a group above holds too; files in the cache are given up.
    (inner / "memory.max").write_text("max\n")
    (root / "user.slice" / "memory.max").write_text(f"{6 * 2**20}\n")
    (root / "user.slice" / "memory.current").write_text(f"{5 * 2**20}\n")
    assert available_memory(meminfo, root, file) == 2**20
    (root / "user.slice" / "memory.stat").write_text(f"anon 1\ninactive_file {2**20}\n")
    assert available_memory(meminfo, root, file) == 2 * 2**20
    assert total_memory(meminfo, root, file) == 6 * 2**20


def test_the_limits_of_version_1_are_in_a_hierarchy_of_their_own(tmp_path: Path) -> None:
    root, file = tmp_path / "fs", tmp_path / "cgroup"
    file.write_text("8:pids:/job\n4:memory:/job\n0::/\n")
    for controller in ("memory", "pids"):
        (root / controller / "job").mkdir(parents=True)
    (root / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    (root / "memory" / "job" / "memory.limit_in_bytes").write_text(f"{2**20}\n")
    (root / "memory" / "job" / "memory.usage_in_bytes").write_text(f"{2**19}\n")
    (root / "pids" / "job" / "pids.max").write_text("64\n")
    none = tmp_path / "none"
    assert (total_memory(none, root, file), available_memory(none, root, file)) == (2**20, 2**19)
    assert group_limits("pids", "pids.max", root, file) == [64]
    assert group_limits("pids", "pids.max", tmp_path, tmp_path / "none") == []
