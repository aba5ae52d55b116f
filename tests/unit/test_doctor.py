"""What the doctor says of logging out; all else it says is asked of the command."""

import pytest

from engine.logout import Fate, KillRules
from tui import doctor


@pytest.fixture
def _systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that systemd runs, of which logind says nothing."""
    monkeypatch.setattr(doctor, "is_in_charge", lambda: True)
    monkeypatch.setattr(doctor, "_output_of", lambda _command: "")


@pytest.mark.usefixtures("_systemd")
@pytest.mark.parametrize(
    ("fate", "said"),
    [
        ("goes on", "the runs go on"),
        ("killed with the session", "loginctl enable-linger. Then start with: systemd-run --user --scope rnnlab-tui"),
        ("ends with the user's manager", "Once: loginctl enable-linger"),
    ],
)
def test_what_becomes_of_the_runs(monkeypatch: pytest.MonkeyPatch, fate: Fate, said: str) -> None:
    monkeypatch.setattr(doctor, "fate_at_logout", lambda _user, _rules: fate)
    (finding,) = doctor.logout()
    assert said in f"{finding.seen} {finding.wrong} {finding.remedy}"
    assert bool(finding.wrong) == (fate != "goes on")
    # The laboratory works all the same.
    assert not finding.fatal


@pytest.mark.usefixtures("_systemd")
@pytest.mark.parametrize(("answer", "everybody"), [('b true\nas 0\nas 1 "root"', True), ("", False)])
def test_logind_is_asked_before_its_files(monkeypatch: pytest.MonkeyPatch, answer: str, everybody: bool) -> None:
    asked: list[KillRules] = []

    def fate(_user: str, rules: KillRules) -> Fate:
        asked.append(rules)
        return "goes on"

    monkeypatch.setattr(doctor, "_output_of", lambda _command: answer)
    monkeypatch.setattr(doctor, "rules_from_files", KillRules)
    monkeypatch.setattr(doctor, "fate_at_logout", fate)
    assert len(list(doctor.logout())) == 1
    assert [rules.everybody for rules in asked] == [everybody]


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "is_in_charge", lambda: False)
    assert list(doctor.logout()) == []
