"""F5 starts exactly what stands in the form, on texts by name and by file, whatever the file is
called.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from helpers.app import (
    WIDE,
    comes_to,
    dangerous,
    filled,
    form,
    held,
    laboratory,
    line_with,
    no_processes,
    run_screen,
    seen,
    shows,
    typed,
    until,
)
from helpers.factory import CORPUS

from engine.data.texts import Library
from engine.host.home import Home
from engine.runs.run import all_runs
from engine.trials.trial import ForecastParameters, ForecastTrial, TextParameters, TextTrial
from presets import get
from tui.screens.run import RunScreen


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A text that a network can learn."""
    path = tmp_path / "sea shells.txt"
    path.write_text(CORPUS * 20)
    return path


def written(home: Home) -> dict[str, Any]:
    """The one trial.json there is."""
    runs = all_runs(home)
    assert len(runs) == 1
    trial: dict[str, Any] = json.loads((runs[0].directory / "trial.json").read_bytes())["trial"]
    return trial


class TestStart:
    async def test_sunspots_are_written_as_they_were_typed(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await form(lab)
                typed_in = {
                    "epochs": "12",
                    "batch_size": "4",
                    "time_steps": "24",
                    "activation": "tanh & relu",
                    "hidden_units": "7",
                    "seed": "4294967295",
                }
                for field, value in typed_in.items():
                    await filled(lab, field, value)
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                assert run_screen(lab).snapshot.run == launched.runs[0]
                trial = launched.trial
        assert isinstance(trial, ForecastTrial)
        assert trial.parameters == ForecastParameters(
            epochs=12,
            batch_size=4,
            time_steps=24,
            activation=("tanh", "relu"),
            hidden_units=7,
            dense_units=1,
        )
        assert (trial.preset, trial.seed, trial.device) == ("sunspots/5", 4294967295, "cpu")
        assert written(home)["parameters"] == {
            "epochs": 12,
            "batch_size": 4,
            "time_steps": 24,
            "activation": ["tanh", "relu"],
            "hidden_units": 7,
            "dense_units": 1,
        }

    async def test_alice_is_written_with_the_file_that_was_given(
        self, home: Home, monkeypatch: pytest.MonkeyPatch, text: Path
    ) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await form(lab, "alice/5")
                for field, value in {
                    "iterations": "3",
                    "seqlen": "8",
                    "corpus": str(text),
                    "seed": "7",
                }.items():
                    await filled(lab, field, value)
                assert "✗" not in seen(lab)
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                trial = launched.trial
        assert isinstance(trial, TextTrial)
        assert trial.parameters == TextParameters(
            iterations=3,
            epochs_per_iteration=5,
            predictions=200,
            seqlen=8,
            hidden_units=128,
            batch_size=128,
        )
        assert trial.seed == 7
        assert trial.data.file == str(text)
        assert trial.data.sha256 == hashlib.sha256(text.read_bytes()).hexdigest()
        assert Library(home).open(trial.data).text == (CORPUS * 20).strip()

    async def test_a_named_corpus_is_taken_by_its_name(
        self, home: Home, monkeypatch: pytest.MonkeyPatch, text: Path
    ) -> None:
        Library(home).add("shells", text)
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await form(lab, "alice/1")
                await filled(lab, "corpus", "shells")
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                assert (launched.trial.data.name, launched.trial.data.file) == ("shells", None)

    async def test_a_name_is_completed_by_the_right_arrow(self, home: Home, text: Path) -> None:
        Library(home).add("shells", text)
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            await filled(lab, "corpus", "sh")
            await lab.press("right")
            await until(lab, lambda: held(lab, "corpus") == "shells")

    async def test_a_path_is_completed_step_by_step(
        self, home: Home, text: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(text.parent)
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            await filled(lab, "corpus", f"{text.parent.parent}/{text.parent.name[:-1]}")
            await lab.app.workers.wait_for_complete()
            await lab.press("right")
            await until(lab, lambda: held(lab, "corpus") == f"{text.parent}/")
            await typed(lab, "sea")
            await lab.pause()
            await lab.press("right")
            await until(lab, lambda: held(lab, "corpus") == str(text))
            assert "✗" not in line_with(lab, " corpus ")

    async def test_a_field_left_as_it_is_takes_the_presets_value(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await form(lab, "sunspots/8")
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                trial = launched.trial
        preset = get("sunspots/8")
        assert preset is not None
        assert trial.parameters == ForecastParameters.model_validate(preset.parameters)


class TestHostileFiles:
    @pytest.mark.parametrize(
        "name",
        [
            pytest.param(b"zz\x1b]52;c;aGk=\x07.txt", id="escape sequence"),
            pytest.param("zz\u202etxt.\u2066".encode(), id="turned round"),
            pytest.param(b"zz-a\xf1o.txt", id="latin-1"),
        ],
    )
    async def test_a_name_that_would_command_the_terminal_is_not_suggested(
        self, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes
    ) -> None:
        (tmp_path / os.fsdecode(name)).write_text(CORPUS)
        monkeypatch.chdir(tmp_path)
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            await filled(lab, "corpus", "z")
            await lab.app.workers.wait_for_complete()
            await lab.pause()
            assert dangerous(lab) == set()
            await lab.press("right")
            await lab.pause()
            assert held(lab, "corpus") == "z"
            assert dangerous(lab) == set()

    async def test_a_file_whose_name_is_not_utf8_does_not_end_the_application(
        self, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / os.fsdecode(b"zz-a\xf1o.txt")).write_text(CORPUS)
        monkeypatch.chdir(tmp_path)
        with no_processes(monkeypatch):
            async with laboratory(home) as lab:
                await form(lab, "alice/1")
                await filled(lab, "corpus", "z")
                await lab.app.workers.wait_for_complete()
                await lab.press("right")
                await lab.pause()
                await lab.press("f5")
                await lab.app.workers.wait_for_complete()
                await lab.pause()
                assert lab.app.is_running
                assert all_runs(home) == []

    async def test_a_file_with_markup_in_its_name_is_shown_letter_by_letter(
        self, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "[bold]a[nope].txt"
        path.write_text(CORPUS)
        monkeypatch.chdir(tmp_path)
        with no_processes(monkeypatch):
            async with laboratory(home, WIDE) as lab:
                await form(lab, "alice/1")
                await filled(lab, "corpus", path.name)
                assert "[bold]a[nope].txt" in seen(lab)
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                await shows(lab, "[bold]a[nope].txt")
