"""The form of a trial: checked as one types, changed fields marked, and F5 starts exactly what stands there."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from interface.support_interface import (
    NARROW,
    WIDE,
    Lab,
    comes_to,
    dangerous,
    filled,
    flowing,
    go_to_field,
    held,
    laboratory,
    line_with,
    lines,
    no_processes,
    pasted,
    run_screen,
    seen,
    shows,
    the_app,
    the_field,
    typed,
    until,
)
from support import CORPUS
from textual.widgets import Input

from engine.data.corpus import Library
from engine.errors import LabError
from engine.home import Home
from engine.runs import all_runs
from engine.trial import AliceParameters, AliceTrial, SunspotsParameters, SunspotsTrial, spell
from presets import get
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen

SUNSPOTS_FIELDS = [
    "epochs",
    "batch_size",
    "time_steps",
    "activation",
    "hidden_units",
    "dense_units",
    "seed",
    "seeds",
    "device",
]
ALICE_FIELDS = [
    "iterations",
    "epochs_per_iteration",
    "predictions",
    "seqlen",
    "hidden_units",
    "batch_size",
    "seed",
    "corpus",
    "device",
]


async def form(lab: Lab, preset_id: str = "sunspots/5") -> None:
    """Open the form of a preset."""
    preset = get(preset_id)
    assert preset is not None
    await the_app(lab).read_series()
    await lab.app.push_screen(FormScreen(preset, the_app(lab).home))
    await comes_to(lab, FormScreen)


def fields(lab: Lab) -> list[str]:
    """The names of all the form's fields, from above."""
    return [(widget.id or "").removeprefix("field-") for widget in lab.app.screen.query(Input)]


def note(lab: Lab, field: str) -> str:
    """What stands beside a field, as far as it can be seen."""
    row = next(line for line in lines(lab) if line.startswith(f" {field} "))
    return row.partition("│")[0].rstrip()


def complaint(lab: Lab) -> str:
    """What stands between the fields and the keys."""
    return " ".join(" ".join(line for line in lines(lab)[-5:-1] if "│" not in line).split())


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A text that a network can learn."""
    path = tmp_path / "sea shells.txt"
    path.write_text(CORPUS * 20)
    return path


class TestFields:
    @pytest.mark.parametrize(("preset", "names"), [("sunspots/8", SUNSPOTS_FIELDS), ("alice/5", ALICE_FIELDS)])
    async def test_every_parameter_is_there_and_prefilled(self, home: Home, preset: str, names: list[str]) -> None:
        found = get(preset)
        assert found is not None
        wanted = {name: spell(value) for name, value in found.parameters.items()}
        wanted |= {"seed": "1", "device": "cpu"}
        wanted |= {"corpus": "alice"} if preset.startswith("alice") else {"seeds": "1"}
        assert set(wanted) == set(names)
        async with laboratory(home) as lab:
            await form(lab, preset)
            assert {name: held(lab, name) for name in names} == wanted
            assert [name for name in names if f" {name} " not in seen(lab)] == []

    @pytest.mark.parametrize("key", ["down", "tab", "enter"])
    async def test_keys_go_through_all_fields_and_round(self, home: Home, key: str) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            names = fields(lab)
            assert set(SUNSPOTS_FIELDS) <= set(names)
            visited = []
            for _field in names:
                visited.append(the_field(lab))
                await lab.press(key)
            assert visited == names
            assert the_field(lab) == names[0]

    @pytest.mark.parametrize("key", ["up", "shift+tab"])
    async def test_and_back(self, home: Home, key: str) -> None:
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            names = fields(lab)
            assert set(ALICE_FIELDS) <= set(names)
            visited = []
            for _field in names:
                await lab.press(key)
                visited.append(the_field(lab))
            assert visited == names[::-1]

    async def test_fast_typing_goes_where_the_cursor_went(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await lab.press(*"12", "down", *"4", "down", *"24", "enter", *"tanh")
            await lab.pause()
            assert [held(lab, name) for name in SUNSPOTS_FIELDS[:4]] == ["12", "4", "24", "tanh"]

    async def test_letters_are_typed_and_trigger_nothing(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            await go_to_field(lab, "corpus")
            for letter in "qxenlsk?12 +-":
                await lab.press("home", "ctrl+k")
                await typed(lab, letter)
                await lab.pause()
                assert held(lab, "corpus") == letter
                assert isinstance(lab.app.screen, FormScreen)
                assert the_app(lab).is_running

    async def test_typing_replaces_what_is_there(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await lab.press("down", "up", "6", "4")
            await lab.pause()
            assert held(lab, "epochs") == "64"

    async def test_f1_helps_and_comes_back_to_the_field(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "time_steps", "24")
            await lab.press("f1")
            await comes_to(lab, HelpScreen)
            await lab.press("escape")
            await comes_to(lab, FormScreen)
            assert (the_field(lab), held(lab, "time_steps")) == ("time_steps", "24")

    async def test_the_footer_says_a_key_that_helps_here(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            assert "f1" in lines(lab)[-1]

    async def test_escape_goes_back_and_starts_nothing(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await lab.press("enter")
            await comes_to(lab, FormScreen)
            await lab.press("7", "escape")
            await comes_to(lab, NewScreen)
        assert all_runs(home) == []


WRONG = [
    ("sunspots/5", "epochs", "0", "1 to 100000"),
    ("sunspots/5", "epochs", "-3", "1 to 100000"),
    ("sunspots/5", "epochs", "many", "1 to 100000"),
    ("sunspots/5", "epochs", "", "1 to 100000"),
    ("sunspots/5", "epochs", "1e3", "1 to 100000"),
    ("sunspots/5", "epochs", "9" * 30, "1 to 100000"),
    ("sunspots/5", "batch_size", "0", "1 to 100000"),
    ("sunspots/5", "time_steps", "1001", "1 to 1000"),
    ("sunspots/5", "activation", "swish", "tanh, linear, relu, sigmoid"),
    ("sunspots/5", "activation", "tanh & relu & tanh", "one or two of"),
    ("sunspots/5", "activation", "", "one or two of"),
    ("sunspots/5", "hidden_units", "1025", "1 to 1024"),
    ("sunspots/5", "dense_units", "2", "must be 1"),
    ("sunspots/5", "seed", "-1", "a whole number, 0 to 4294967295"),
    ("sunspots/5", "seed", "4294967296", "a whole number, 0 to 4294967295"),
    ("sunspots/5", "seed", "1.0", "a whole number, 0 to 4294967295"),
    ("sunspots/5", "seeds", "0", "a whole number, 1 to "),
    ("sunspots/5", "seeds", "many", "a whole number, 1 to "),
    ("sunspots/5", "device", "tpu", "cpu or gpu"),
    ("alice/1", "seqlen", "0", "1 to 1000"),
    ("alice/1", "predictions", "100001", "1 to 100000"),
    ("alice/1", "iterations", "10001", "1 to 10000"),
    ("alice/1", "corpus", "nowhere.txt", "not here"),
    ("alice/1", "corpus", "", "not here"),
]


class TestChecks:
    @pytest.mark.parametrize("preset", ["sunspots/5", "alice/1"])
    async def test_a_wrong_value_is_said_as_it_is_typed_and_starts_nothing(
        self, home: Home, monkeypatch: pytest.MonkeyPatch, preset: str
    ) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await form(lab, preset)
                for _preset, field, value, words in [case for case in WRONG if case[0] == preset]:
                    case = f"{field} = {value!r}"
                    await go_to_field(lab, field)
                    await lab.press("home", "ctrl+k")
                    await pasted(lab, value)
                    assert "✗" in note(lab, field), case
                    assert complaint(lab).startswith(f"{field}: "), case
                    assert words in complaint(lab), case
                    await lab.press("f5")
                    assert isinstance(lab.app.screen, FormScreen), case
                    assert the_field(lab) == field, case
                    assert words in complaint(lab), case
                    await lab.press("ctrl+r")
                    assert field == "corpus" or "✗" not in note(lab, field), case
        assert launched.runs == []
        assert all_runs(home) == []

    async def test_of_several_wrong_fields_the_first_is_gone_to(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "seed", "x")
            await filled(lab, "batch_size", "0")
            await lab.press("f5")
            await lab.pause()
            assert the_field(lab) == "batch_size"

    async def test_a_wrong_value_put_right_is_no_longer_complained_of(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "0")
            await filled(lab, "epochs", "20")
            assert note(lab, "epochs").endswith("• was 35")
            assert complaint(lab) == "epochs: 1 to 100000"

    @pytest.mark.parametrize("value", ["12.5", "two"])
    async def test_that_only_whole_numbers_do_is_said(self, home: Home, value: str) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", value)
            assert "whole number" in complaint(lab)

    async def test_windows_longer_than_the_test_part_are_refused_in_their_field(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await form(lab)
                await filled(lab, "time_steps", "1000")
                wrong = "✗" in note(lab, "time_steps")
                await lab.press("down", "f5")
                await lab.app.workers.wait_for_complete()
                await lab.pause()
                assert launched.runs == []
                assert (wrong, the_field(lab)) == (True, "time_steps")

    async def test_windows_longer_than_the_test_part_start_nothing(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with no_processes(monkeypatch):
            async with laboratory(home, WIDE) as lab:
                await form(lab)
                await filled(lab, "time_steps", "1000")
                await lab.press("f5")
                await shows(lab, "time_steps = 1000: must be 1 to 563 for a series of 2820 values.")
        assert all_runs(home) == []

    @pytest.mark.parametrize(
        ("preset", "field", "value", "end"),
        [
            ("alice/1", "corpus", "nowhere.txt", "names: python-docs"),
            ("sunspots/5", "time_steps", "1000", "without a single target."),
        ],
    )
    async def test_the_whole_sentence_can_be_read(
        self, home: Home, monkeypatch: pytest.MonkeyPatch, preset: str, field: str, value: str, end: str
    ) -> None:
        with no_processes(monkeypatch):
            async with laboratory(home, NARROW) as lab:
                await form(lab, preset)
                await filled(lab, field, value)
                await lab.press("f5")
                await lab.app.workers.wait_for_complete()
                await lab.pause()
                assert end in complaint(lab)

    async def test_a_refused_start_is_said_and_can_be_tried_again(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with no_processes(monkeypatch) as launched:

            def refuse(*_asked: object) -> None:
                raise LabError("The disk is full.", "Make room.")

            async with laboratory(home) as lab:
                await form(lab)
                with monkeypatch.context() as patch:
                    patch.setattr("engine.launch.accept", refuse)
                    await lab.press("f5")
                    await shows(lab, "The disk is full. Make room.")
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                assert len(launched.runs) == 1

    async def test_f5_pressed_twice_starts_one_run(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await form(lab)
                await lab.press("f5", "f5")
                await comes_to(lab, RunScreen)
        assert len(launched.runs) == 1
        assert len(all_runs(home)) == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            pytest.param("seed", "1" * 5000, id="a seed of 5000 digits"),
            pytest.param("corpus", "~m", id="a home that is nobody's"),
            pytest.param("corpus", "~nosuchuser/text.txt", id="a file of nobody's"),
            pytest.param("corpus", "x" * 300, id="a name too long for a file"),
        ],
    )
    async def test_no_value_ends_the_application(self, home: Home, field: str, value: str) -> None:
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            await filled(lab, field, value)
            await lab.app.workers.wait_for_complete()
            await lab.pause()
            assert "✗" in note(lab, field)

    async def test_a_folder_of_somebody_elses_does_not_end_the_application(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stat = Path.stat

        def closed(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
            if str(path).startswith("/root/other/"):
                raise PermissionError(13, "Permission denied", str(path))
            return stat(path, follow_symlinks=follow_symlinks)

        monkeypatch.setattr(Path, "stat", closed)
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            await filled(lab, "corpus", "/root/other/a")
            await lab.app.workers.wait_for_complete()
            await lab.pause()
            assert "✗" in note(lab, "corpus")


class TestChanges:
    async def test_a_changed_field_says_what_it_was(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "64")
            assert note(lab, "epochs").endswith("64             • was 35")
            await filled(lab, "epochs", "35")
            assert "was" not in note(lab, "epochs")

    async def test_ctrl_r_puts_the_old_value_back(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "epochs", "64")
            await filled(lab, "activation", "tanh")
            await lab.press("ctrl+r")
            await lab.pause()
            assert (held(lab, "activation"), held(lab, "epochs")) == ("linear", "64")
            assert "was" not in note(lab, "activation")
            assert "was 35" in note(lab, "epochs")

    @pytest.mark.parametrize(("field", "value"), [("epochs", "035"), ("activation", "linear & linear")])
    async def test_the_same_value_in_other_letters_is_no_change(self, home: Home, field: str, value: str) -> None:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, field, value)
            assert "was" not in note(lab, field)

    async def test_the_right_side_follows(self, home: Home) -> None:
        async with laboratory(home, WIDE) as lab:
            await form(lab)
            assert "225 training windows, 56 test windows" in seen(lab)
            await filled(lab, "time_steps", "12")
            await filled(lab, "hidden_units", "4")
            await filled(lab, "activation", "tanh & relu")
            assert "187 training windows, 46 test windows" in seen(lab)
            assert "SimpleRNN 4, tanh → Dense 1, relu" in seen(lab)
            assert "29 weights" in seen(lab)
            assert "published RMSE train .060 test .079" in flowing(lab)

    @pytest.mark.parametrize(
        ("preset", "size", "words"),
        [
            ("sunspots/5", NARROW, "published RMSE train .060 test .079"),
            ("alice/1", NARROW, "published loss 1.3837 at iteration 25"),
            ("alice/5", NARROW, "published loss 1.2051 at iteration 40"),
            ("sunspots/5", (60, 24), "19 weights"),
        ],
    )
    async def test_the_right_side_can_be_read_whole(
        self, home: Home, preset: str, size: tuple[int, int], words: str
    ) -> None:
        async with laboratory(home, size) as lab:
            await form(lab, preset)
            right = " ".join(" ".join(line.partition("│")[2] for line in lines(lab)).split())
            assert words in right


def written(home: Home) -> dict[str, Any]:
    """The one trial.json there is."""
    runs = all_runs(home)
    assert len(runs) == 1
    trial: dict[str, Any] = json.loads((runs[0].directory / "trial.json").read_bytes())["trial"]
    return trial


class TestStart:
    async def test_sunspots_are_written_as_they_were_typed(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
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
                assert run_screen(lab).watcher.run == launched.runs[0]
                trial = launched.trial
        assert isinstance(trial, SunspotsTrial)
        assert trial.parameters == SunspotsParameters(
            epochs=12, batch_size=4, time_steps=24, activation=("tanh", "relu"), hidden_units=7, dense_units=1
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
                for field, value in {"iterations": "3", "seqlen": "8", "corpus": str(text), "seed": "7"}.items():
                    await filled(lab, field, value)
                assert "✗" not in seen(lab)
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                trial = launched.trial
        assert isinstance(trial, AliceTrial)
        assert trial.parameters == AliceParameters(
            iterations=3, epochs_per_iteration=5, predictions=200, seqlen=8, hidden_units=128, batch_size=128
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
        assert trial.parameters == SunspotsParameters.model_validate(preset.parameters)


class TestHostileFiles:
    @pytest.mark.parametrize(
        "name",
        [
            pytest.param(b"zz\x1b]52;c;aGk=\x07.txt", id="escape sequence"),
            pytest.param("zz\u202etxt.\u2066".encode(), id="turned round"),
            pytest.param(b"zz-a\xf1o.txt", id="latin-1"),
        ],
    )
    async def test_a_files_name_is_suggested_without_control_characters(
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
