"""Whether systemd-logind kills what a person leaves behind, read from files that the tests write as
systemd does.
"""

from pathlib import Path

import pytest

from engine.host.logout import (
    Fate,
    KillRules,
    fate_at_logout,
    has_systemd,
    rules_from_bus,
    rules_from_files,
)

KILL = "[Login]\nKillUserProcesses=yes\n"
SPARE = "[Login]\nKillUserProcesses=no\n"
SESSION = "0::/user.slice/user-1000.slice/session-3.scope\n"
MANAGER = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope\n"


def write(root: Path, **files: str) -> None:
    """Write configuration files; ``etc`` and ``lib`` are main files, ``etc_10`` a drop-in
    10.conf.
    """
    for name, content in files.items():
        folder, _under, number = name.partition("_")
        systemd = root / {"lib": "usr/lib"}.get(folder, folder) / "systemd"
        path = systemd / f"logind.conf.d/{number}.conf" if number else systemd / "logind.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


@pytest.mark.parametrize(
    ("files", "kill"),
    [
        ({}, False),
        ({"etc": KILL}, True),
        ({"etc": "[Login]\nKillUserProcesses = On\n"}, True),
        ({"etc": "[Other]\nKillUserProcesses=yes\n"}, False),
        (
            {"etc": "[Login]\n#KillUserProcesses=yes\n#KillOnlyUsers=\n#KillExcludeUsers=root\n"},
            True,
        ),
        ({"etc": "[Login]\n#KillUserProcesses=yes\nKillUserProcesses=no\n"}, False),
        ({"lib": KILL}, True),
        ({"lib": KILL, "etc": SPARE}, False),
        # Drop-ins come after the main file, wherever that is, and in the order of their names
        # wherever they are.
        ({"etc": SPARE, "lib_10": KILL}, True),
        ({"etc_10": KILL, "lib_20": SPARE}, False),
        ({"etc_20": KILL, "lib_10": SPARE}, True),
        ({"lib_10": KILL, "run_10": SPARE}, False),
        ({"run_10": KILL, "etc_10": SPARE}, False),
        ({"etc_10": "[Login]\n#KillUserProcesses=yes\n"}, False),
    ],
    ids=str,
)
def test_the_configuration_s_precedence(tmp_path: Path, files: dict[str, str], kill: bool) -> None:
    write(tmp_path, **files)
    assert rules_from_files(tmp_path).kill("ada") == kill


def test_a_link_to_nothing_takes_a_drop_in_away(tmp_path: Path) -> None:
    write(tmp_path, lib_10=KILL, etc=SPARE)
    (tmp_path / "etc/systemd/logind.conf.d").mkdir()
    (tmp_path / "etc/systemd/logind.conf.d/10.conf").symlink_to("/dev/null")
    assert not rules_from_files(tmp_path).kill("ada")


@pytest.mark.parametrize(
    ("lines", "killed"),
    [
        ("KillUserProcesses=yes", {"ada", "bob"}),
        ("KillUserProcesses=yes\nKillExcludeUsers=", {"ada", "bob", "root"}),
        ("KillUserProcesses=yes\nKillExcludeUsers=ada", {"bob", "root"}),
        ("KillUserProcesses=yes\nKillExcludeUsers=root ada", {"bob"}),
        ("KillOnlyUsers=ada", {"ada"}),
        ("KillUserProcesses=yes\nKillOnlyUsers=ada\nKillOnlyUsers=bob", {"ada", "bob"}),
        ("KillUserProcesses=yes\nKillOnlyUsers=ada\nKillOnlyUsers=\nKillOnlyUsers=bob", {"bob"}),
        ("KillOnlyUsers=ada\nKillExcludeUsers=ada", set()),
    ],
)
def test_whose_processes_are_killed(tmp_path: Path, lines: str, killed: set[str]) -> None:
    write(tmp_path, etc=f"[Login]\n{lines}\n")
    rules = rules_from_files(tmp_path)
    assert {user for user in ("ada", "bob", "root") if rules.kill(user)} == killed


@pytest.mark.parametrize(
    ("answer", "rules"),
    [
        ('b true\nas 0\nas 1 "root"\n', KillRules(True, (), ("root",))),
        ('b false\nas 2 "ada" "bob"\nas 0\n', KillRules(False, ("ada", "bob"))),
        ("", None),
        ("b true\n", None),
        ("s x\nas 0\nas 0\n", None),
    ],
)
def test_what_logind_itself_says(answer: str, rules: KillRules | None) -> None:
    assert rules_from_bus(answer) == rules


@pytest.mark.parametrize(
    ("group", "kill", "lingers", "fate"),
    [
        (SESSION, True, False, "killed with the session"),
        # Lingering keeps the manager, not the session.
        (SESSION, True, True, "killed with the session"),
        (SESSION, False, False, "continues"),
        (
            f"12:pids:/\n1:name=systemd:{SESSION.removeprefix('0::')}",
            True,
            False,
            "killed with the session",
        ),
        (MANAGER, True, True, "continues"),
        (MANAGER, False, False, "ends with the user's manager"),
        ("0::/system.slice/cron.service\n", True, False, "continues"),
        ("0::/\n", True, False, "continues"),
    ],
)
def test_what_becomes_of_a_process(
    tmp_path: Path, group: str, kill: bool, lingers: bool, fate: Fate
) -> None:
    (tmp_path / "cgroup").write_text(group)
    if lingers:
        (tmp_path / "var/lib/systemd/linger").mkdir(parents=True)
        (tmp_path / "var/lib/systemd/linger/ada").touch()
    assert fate_at_logout("ada", KillRules(kill), root=tmp_path, own=tmp_path / "cgroup") == fate


def test_systemd_is_there_or_not(tmp_path: Path) -> None:
    assert not has_systemd(tmp_path)
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert has_systemd(tmp_path)
    assert (
        fate_at_logout("ada", KillRules(True), root=tmp_path, own=tmp_path / "none") == "continues"
    )
