"""What the doctor says of logging out, of network file systems and of data; all else is asked of
the command.
"""

from pathlib import Path

import pytest
from helpers.factory import CORPUS

from engine.data.library import SeriesLibrary, TextLibrary
from engine.host import locks
from engine.host.home import Home
from engine.host.logout import Fate, KillRules
from engine.host.machine import Filesystem
from engine.host.worker_environment import ignored_variables
from tui.commands import doctor


@pytest.fixture
def _systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that systemd runs, of which logind says nothing."""
    monkeypatch.setattr(doctor, "has_systemd", lambda: True)
    monkeypatch.setattr(doctor, "_output_of", lambda _command: "")


@pytest.mark.usefixtures("_systemd")
@pytest.mark.parametrize(
    ("fate", "said"),
    [
        ("continues", "the runs continue"),
        (
            "killed with the session",
            "loginctl enable-linger. Then start with: systemd-run --user --scope rnnlab-tui",
        ),
        ("ends with the user's manager", "Once: loginctl enable-linger"),
    ],
)
def test_what_becomes_of_the_runs(monkeypatch: pytest.MonkeyPatch, fate: Fate, said: str) -> None:
    monkeypatch.setattr(doctor, "fate_at_logout", lambda _user, _rules: fate)
    (finding,) = doctor.logout()
    assert said in f"{finding.state} {finding.problem} {finding.remedy}"
    assert bool(finding.problem) == (fate != "continues")
    # The laboratory works all the same.
    assert not finding.fatal


@pytest.mark.usefixtures("_systemd")
@pytest.mark.parametrize(
    ("answer", "everybody"), [('b true\nas 0\nas 1 "root"', True), ("", False)]
)
def test_logind_is_asked_before_its_files(
    monkeypatch: pytest.MonkeyPatch, answer: str, everybody: bool
) -> None:
    asked: list[KillRules] = []

    def fate(_user: str, rules: KillRules) -> Fate:
        asked.append(rules)
        return "continues"

    monkeypatch.setattr(doctor, "_output_of", lambda _command: answer)
    monkeypatch.setattr(doctor, "rules_from_files", KillRules)
    monkeypatch.setattr(doctor, "fate_at_logout", fate)
    assert len(list(doctor.logout())) == 1
    assert [rules.everybody for rules in asked] == [everybody]


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "has_systemd", lambda: False)
    assert list(doctor.logout()) == []


@pytest.mark.parametrize(("kind", "shared"), [("nfs4", True), ("ext4", False)])
def test_a_network_s_file_system_is_no_place_for_locks_but_one_for_the_home(
    home: Home, monkeypatch: pytest.MonkeyPatch, kind: str, shared: bool
) -> None:
    monkeypatch.setattr(doctor, "filesystem_of", lambda _path: Filesystem(kind, 10 * 2**30))
    monkeypatch.setattr(locks, "_is_on_local_disk", lambda _folder: not shared)
    (found,) = doctor.lock_files(home)
    assert ("can't be trusted" in found.problem, "RNNLAB_LOCKS" in found.remedy) == (shared, shared)
    assert ("in the home" in found.state, found.fatal) == (not shared, False)
    (kept,) = doctor.files(home)
    assert (kept.problem, "shared with other hosts" in kept.state) == ("", shared)


def test_a_lock_folder_of_somebody_else_s_is_fatal(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setenv("RNNLAB_LOCKS", str(tmp_path / "open"))
    monkeypatch.setattr(locks, "_is_on_local_disk", lambda _folder: False)
    (found,) = doctor.lock_files(home)
    assert found.fatal
    assert "is not a private folder of yours" in found.problem


def test_series_and_texts_that_were_added_are_listed(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(CORPUS)
    (tmp_path / "a.csv").write_text(
        "Month,Rain\n" + "".join(f"1949-{month:02},{month}\n" for month in range(1, 13))
    )
    TextLibrary(home).add("shells", tmp_path / "a.txt")
    SeriesLibrary(home).add("rain", tmp_path / "a.csv")
    (finding,) = doctor.data(home)
    assert finding.state == "sunspots, rain, shells"
    assert "Alice in Wonderland is not here" in finding.problem


def test_variables_that_training_does_not_get_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ignored_variables():
        monkeypatch.delenv(name)
    assert list(doctor.environment()) == []
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    (finding,) = doctor.environment()
    assert finding.state == "set, and not passed on to training: ONEDNN_MAX_CPU_ISA, XLA_FLAGS"
    assert not finding.problem
