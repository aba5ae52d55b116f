"""Compiled programs that are kept: which runs share one, and what happens to a cache that is damaged or not ours."""

import os
from pathlib import Path

import pytest
from support import sunspots_trial

from engine.compiled import MOST_PROGRAMS, CompiledPrograms, compiled_folder, program_key
from engine.data.corpus import PYTHON_DOCS, Library
from engine.home import Home
from engine.variant import Variant

TRIAL = sunspots_trial(5)
ENTRY = "xla_compile_cache__1__2__XLA_CPU_JIT.pb"
FLAG = "--tf_xla_persistent_cache_directory="


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("TF_XLA_FLAGS", raising=False)


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    return tmp_path / "compiled"


def compiled(stage: Path, content: bytes) -> None:
    """Do as a run does, with an XLA that compiles ``content``."""
    programs = CompiledPrograms(stage, TRIAL, Variant.ONE_THREAD)
    programs.enter()
    (stage / ENTRY).write_bytes(content)
    (stage / "half.pb.tmp").write_bytes(b"not complete")
    programs.keep()


def laid_out(stage: Path) -> dict[str, bytes]:
    """Return what the next run of the program finds."""
    CompiledPrograms(stage, TRIAL, Variant.ONE_THREAD).enter()
    return {path.name: path.read_bytes() for path in stage.iterdir()}


def kept() -> Path:
    (path,) = compiled_folder().glob("*/*")
    return path


def test_the_next_run_finds_what_was_compiled(stage: Path) -> None:
    compiled(stage, b"code")
    assert not stage.exists()
    assert laid_out(stage) == {ENTRY: b"code"}
    assert os.environ["TF_XLA_FLAGS"].endswith(f"{FLAG}{stage}")
    assert kept().stat().st_mode & 0o077 == 0
    assert compiled_folder().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"code", b"0" * 64 + b"\ncode"])
def test_a_damaged_entry_is_removed(stage: Path, damage: bytes) -> None:
    compiled(stage, b"code")
    path = kept()
    path.write_bytes(damage)
    assert laid_out(stage) == {}
    assert not path.exists()


def test_a_folder_that_others_can_write_to_is_not_used(stage: Path) -> None:
    compiled(stage, b"code")
    compiled_folder().chmod(0o777)
    CompiledPrograms(stage, TRIAL, Variant.ONE_THREAD).enter()
    assert not stage.exists()


def test_a_path_that_xla_s_flags_can_t_hold_is_not_used(tmp_path: Path) -> None:
    programs = CompiledPrograms(tmp_path / "a folder", TRIAL, Variant.ONE_THREAD)
    programs.enter()
    programs.keep()
    assert "TF_XLA_FLAGS" not in os.environ


def test_without_room_for_a_cache_a_run_compiles(stage: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    programs = CompiledPrograms(stage, TRIAL, Variant.ONE_THREAD)
    programs.enter()
    programs.keep()
    assert not stage.exists()
    assert "TF_XLA_FLAGS" not in os.environ


def test_those_used_last_stay(stage: Path) -> None:
    for number in range(MOST_PROGRAMS + 5):
        folder = compiled_folder() / f"{number:032}"
        folder.mkdir(parents=True)
        os.utime(folder, (number, number))
    compiled_folder().chmod(0o700)
    compiled(stage, b"code")
    names = {path.name for path in compiled_folder().iterdir()}
    assert names == {f"{number:032}" for number in range(6, MOST_PROGRAMS + 5)} | {
        program_key(TRIAL, Variant.ONE_THREAD)
    }


def test_only_what_is_compiled_names_a_program(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    key = program_key(TRIAL, Variant.ONE_THREAD)
    assert program_key(sunspots_trial(5, seed=9, epochs=99), Variant.ONE_THREAD) == key
    others = [
        program_key(TRIAL, Variant.TWO_THREADS),
        program_key(sunspots_trial(5, batch_size=2), Variant.ONE_THREAD),
        program_key(sunspots_trial(5, time_steps=9), Variant.ONE_THREAD),
        program_key(TRIAL.model_copy(update={"data": Library(home).find(PYTHON_DOCS).reference}), Variant.ONE_THREAD),
    ]
    monkeypatch.setattr("engine.compiled._processor", lambda: "another")
    others.append(program_key(TRIAL, Variant.ONE_THREAD))
    monkeypatch.undo()
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    others.append(program_key(TRIAL, Variant.ONE_THREAD))
    assert len({key, *others}) == len(others) + 1
