"""The environment variables of the program: read in one place, and refused in one way."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import engine
import tui
from engine.errors import InvalidValue
from engine.host.settings import LOCKS, MIRROR, PLOTS, SETTINGS, WARM, Setting
from tui.commands.cli import command
from tui.commands.doctor import plots, settings


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
@pytest.mark.parametrize("environment", ["unset", "", "  "])
def test_a_setting_without_a_value_has_none(setting: Setting[object], environment: str) -> None:
    assert setting.read({} if environment == "unset" else {setting.name: environment}) is None


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (PLOTS, " Blocks ", "blocks"),
        (MIRROR, "https://lab.example.org/data/", "https://lab.example.org/data"),
        (WARM, "2.5", 2.5),
        (LOCKS, "/var/lock/me", Path("/var/lock/me")),
    ],
)
def test_a_value_is_read(setting: Setting[object], text: str, value: object) -> None:
    assert setting.read({setting.name: text}) == value


@pytest.mark.parametrize(
    ("setting", "text", "sentence"),
    [
        (PLOTS, "dots", "RNNLAB_PLOTS = dots: must be braille, blocks or ascii."),
        (WARM, "-1", "RNNLAB_WARM_SECONDS = -1: must be a number of seconds, 0 or more."),
        (LOCKS, "locks", "RNNLAB_LOCKS = locks: must be an absolute path."),
        (
            MIRROR,
            "https://me:secret@lab.example.org/x",
            "RNNLAB_MIRROR = https://…@lab.example.org/x: must be the URL of a folder (http or "
            "https, without a password).",
        ),
    ],
)
def test_a_bad_value_is_refused_in_one_sentence_that_the_doctor_repeats(
    monkeypatch: pytest.MonkeyPatch, setting: Setting[object], text: str, sentence: str
) -> None:
    for other in SETTINGS:
        monkeypatch.delenv(other.name, raising=False)
    monkeypatch.setenv(setting.name, text)
    with pytest.raises(InvalidValue) as refused:
        setting.read()
    assert str(refused.value) == sentence
    (finding,) = [*settings(), *plots()] if setting is PLOTS else settings()
    assert (finding.problem, finding.fatal) == (sentence, setting is PLOTS)


def test_the_doctor_names_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    assert list(settings()) == []
    monkeypatch.setenv("RNNLAB_LOCKS", "/var/lock/me")
    monkeypatch.setenv("RNNLAB_HOME", "/home/me/lab")
    (finding,) = settings()
    assert (finding.state, finding.problem) == ("RNNLAB_HOME, RNNLAB_LOCKS", "")


def test_the_help_names_every_setting() -> None:
    shown = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    assert all(f"{setting.name} ({setting.meaning})" in shown for setting in SETTINGS)


def test_no_other_module_reads_one() -> None:
    for package in (engine, tui):
        for path in Path(package.__path__[0]).rglob("*.py"):
            reads = re.search(r"environ[^\n]*RNNLAB_|getenv[^\n]*RNNLAB_", path.read_text("utf-8"))
            assert reads is None, path
