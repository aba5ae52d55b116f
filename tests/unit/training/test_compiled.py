"""The cache of compiled programs, with files of our own in the place of what XLA writes."""

import os
from importlib import metadata
from pathlib import Path

import pytest
from helpers.factory import alice_trial, sunspots_trial
from helpers.strange_files import KINDS

from engine.training import compiled
from engine.training.compiled import MOST_PROGRAMS, CompiledPrograms, compiled_folder, program_key
from engine.trials.data_options import REPORT_PREPARATION, USUAL_PREPARATION, TextPreparation
from engine.trials.trial import Trial
from engine.trials.variant import Variant

FLAG = "--tf_xla_persistent_cache_directory="
ENTRY = "xla_compile_cache__1__2__XLA_CPU_JIT.pb"
DAMAGES = [b"", b"machine code", b"0" * 64 + b"\nmachine code", b"\xff" * 300]


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TF_XLA_FLAGS", "")


def programs(stage: Path, trial: Trial | None = None) -> CompiledPrograms:
    return CompiledPrograms(stage, trial or sunspots_trial(1), Variant.TWO_THREADS)


def compile_once(stage: Path, content: bytes = b"machine code", trial: Trial | None = None) -> Path:
    """Be a run that has compiled; return where it is kept."""
    made = programs(stage, trial)
    made.load()
    assert list(stage.iterdir()) == []
    (stage / ENTRY).write_bytes(content)
    made.save()
    return compiled_folder() / program_key(trial or sunspots_trial(1), Variant.TWO_THREADS) / ENTRY


def test_the_next_run_finds_what_one_compiled(tmp_path: Path) -> None:
    kept = compile_once(tmp_path / "first")
    assert not (tmp_path / "first").exists()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in kept.parents[:3]} == {0o700}
    stage = tmp_path / "second"
    programs(stage).load()
    assert os.environ["TF_XLA_FLAGS"].endswith(f"{FLAG}{stage}")
    assert (stage / ENTRY).read_bytes() == b"machine code"


def test_flags_of_the_person_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_clustering_debug")
    programs(tmp_path / "stage").load()
    assert os.environ["TF_XLA_FLAGS"] == f"--tf_xla_clustering_debug {FLAG}{tmp_path / 'stage'}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_a_cache_below_somebody_else_s_folder_is_not_filled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12_345, -1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(theirs / "cache"))
    programs(tmp_path / "stage").load()
    assert (list(theirs.iterdir()), (tmp_path / "stage").exists()) == ([], False)
    assert "Set XDG_CACHE_HOME to a folder of your own." in caplog.text
    # Nor is machine code taken from one that was there before.
    os.chown(theirs, 0, -1)
    compile_once(tmp_path / "first")
    os.chown(theirs, 12_345, -1)
    programs(tmp_path / "second").load()
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_removed_and_never_laid_out(tmp_path: Path, kind: str) -> None:
    kept = compile_once(tmp_path / "first")
    KINDS[kind](kept)
    programs(tmp_path / "second").load()
    assert not (tmp_path / "second" / ENTRY).exists()


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_removed_and_never_laid_out(tmp_path: Path, damage: bytes) -> None:
    kept = compile_once(tmp_path / "first")
    kept.write_bytes(damage)
    compile_once(tmp_path / "second", b"compiled anew")
    assert kept.read_bytes().endswith(b"\ncompiled anew")


def test_one_byte_short_or_other_is_damaged(tmp_path: Path) -> None:
    kept = compile_once(tmp_path / "first")
    whole = kept.read_bytes()
    for damage in (whole[:-1], whole[:-1] + b"E"):
        kept.write_bytes(damage)
        programs(tmp_path / "stage").load()
        assert list((tmp_path / "stage").iterdir()) == []
        assert not kept.exists()


def test_what_xla_left_unfinished_is_not_kept(tmp_path: Path) -> None:
    made = programs(tmp_path / "stage")
    made.load()
    (tmp_path / "stage" / f"{ENTRY}.tmp123").write_bytes(b"half of it")
    made.save()
    assert list(compiled_folder().iterdir()) == []


def test_what_is_not_compiled_is_not_in_the_key() -> None:
    keys = [
        program_key(sunspots_trial(1, seed=seed, epochs=epochs), Variant.TWO_THREADS)
        for seed, epochs in ((1, 5), (2, 9))
    ]
    assert keys[0] == keys[1]


def test_whatever_may_change_machine_code_is_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def key(trial: Trial | None = None, variant: Variant = Variant.TWO_THREADS) -> str:
        return program_key(trial or sunspots_trial(1), variant)

    keys = [
        key(),
        key(sunspots_trial(1, time_steps=11)),
        key(alice_trial(1)),
        key(variant=Variant.ONE_THREAD),
    ]
    with monkeypatch.context() as patch:
        patch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
        keys.append(key())
    with monkeypatch.context() as patch:
        patch.setattr(metadata, "version", lambda _name: "99.0")
        keys.append(key())
    with monkeypatch.context() as patch:
        patch.setattr(compiled, "_processor", lambda: "another")
        keys.append(key())
    assert len(set(keys)) == len(keys)
    assert key() == keys[0]


@pytest.mark.parametrize("name", ["a b", "it's", 'say "so"'])
def test_a_folder_that_flags_can_t_name_is_not_used(tmp_path: Path, name: str) -> None:
    programs(tmp_path / name).load()
    assert os.environ["TF_XLA_FLAGS"] == ""


def test_a_cache_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    compile_once(tmp_path / "first")
    compiled_folder().chmod(0o770)
    programs(tmp_path / "second").load()
    assert os.environ["TF_XLA_FLAGS"].endswith(f"{FLAG}{tmp_path / 'first'}")
    assert not (tmp_path / "second").exists()


def test_without_a_cache_nothing_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    made = programs(tmp_path / "stage")
    made.load()
    made.save()
    assert os.environ["TF_XLA_FLAGS"] == ""


def test_the_disk_that_refuses_costs_the_cache_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled, "write_atomic", full)
    assert not compile_once(tmp_path / "stage").exists()
    assert not (tmp_path / "stage").exists()


def test_the_programs_used_last_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compiled, "MOST_PROGRAMS", 2)
    trials = [sunspots_trial(1, time_steps=steps) for steps in (5, 6, 7)]
    kept = [compile_once(tmp_path / "stage", trial=trial).parent for trial in trials[:2]]
    for place, folder in enumerate(kept):
        os.utime(folder, (place, place))
    kept.append(compile_once(tmp_path / "stage", trial=trials[2]).parent)
    assert [folder.exists() for folder in kept] == [False, True, True]
    assert MOST_PROGRAMS == 64


def test_a_text_that_is_prepared_in_another_way_is_another_program() -> None:
    trial = alice_trial(1)
    keys = {
        program_key(
            trial.model_copy(
                update={"data": trial.data.model_copy(update={"preparation": preparation})}
            ),
            Variant.TWO_THREADS,
        )
        for preparation in (REPORT_PREPARATION, USUAL_PREPARATION, TextPreparation(lines="keep"))
    }
    assert len(keys) == 3
    assert program_key(trial, Variant.TWO_THREADS) in keys
