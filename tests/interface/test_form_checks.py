"""The form's checks: a wrong value is said as one types, gone to, and starts nothing."""

import os
from pathlib import Path

import pytest
from helpers.app import (
    NARROW,
    WIDE,
    Lab,
    comes_to,
    filled,
    form,
    go_to_field,
    laboratory,
    lines,
    no_processes,
    note,
    pasted,
    shows,
    the_field,
)

from engine.errors import LabError
from engine.host.home import Home
from engine.runs.run import all_runs
from tui.screens.form import FormScreen
from tui.screens.run import RunScreen


def complaint(lab: Lab) -> str:
    """What stands between the fields and the keys."""
    return " ".join(" ".join(line for line in lines(lab)[-5:-1] if "│" not in line).split())


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
        self,
        home: Home,
        monkeypatch: pytest.MonkeyPatch,
        preset: str,
        field: str,
        value: str,
        end: str,
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
                    patch.setattr("tui.app.accept", refuse)
                    await lab.press("f5")
                    await shows(lab, "The disk is full. Make room.")
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                assert len(launched.runs) == 1

    async def test_f5_pressed_twice_starts_one_run(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
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
