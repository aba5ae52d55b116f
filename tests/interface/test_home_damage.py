"""Home's list when the folders under it are damaged, hostile, or can't be read."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.app import (
    WIDE,
    dangerous,
    laboratory,
    line_with,
    looked_again,
    seen,
    shows,
    the_app,
)
from helpers.factory import sunspots_trial, write_run

from engine.errors import LabError
from engine.host.home import Home
from engine.runs.run import Run
from engine.runs.watch import HomeWatcher


def _log_is_a_folder(run: Run) -> None:
    run.log.unlink()
    run.log.mkdir()


def _first_line(line: bytes) -> Callable[[Run], None]:
    def put(run: Run) -> None:
        run.log.write_bytes(line + b"\n" + run.log.read_bytes())

    return put


def _file(name: str, content: bytes | None) -> Callable[[Run], None]:
    def put(run: Run) -> None:
        path = run.directory / name
        path.unlink()
        if content is not None:
            path.write_bytes(content)

    return put


DAMAGES = [
    pytest.param(_file("trial.json", None), id="no trial"),
    pytest.param(_file("trial.json", b""), id="empty trial"),
    pytest.param(
        _file("trial.json", b'{"schema_version": 9, "id": 3}'), id="trial of a newer program"
    ),
    pytest.param(_file("trial.json", b"\xff\xfe{"), id="trial that is no text"),
    pytest.param(_file("events.jsonl", None), id="no log"),
    pytest.param(_file("events.jsonl", b"\x00\xff garbage \n{}\n[]\n"), id="log of garbage"),
    pytest.param(_file("result.json", b'{"finished": '), id="torn result"),
    pytest.param(lambda run: shutil.rmtree(run.directory), id="deleted"),
    pytest.param(_log_is_a_folder, id="log that can't be read"),
    pytest.param(
        _first_line(b'{"n": Infinity, "t": 1, "kind": "finished"}'),
        id="number without end",
    ),
    pytest.param(
        _first_line(b"[" * 100_000),
        id="line nested too deep",
    ),
]


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGES)
    async def test_one_damaged_run_leaves_the_others_in_the_list(
        self, home: Home, damage: Callable[[Run], None]
    ) -> None:
        damage(write_run(home, sunspots_trial(5)))
        write_run(home, sunspots_trial(1))
        async with laboratory(home) as lab:
            await looked_again(lab)
            assert "✓ done" in line_with(lab, "sunspots/1")

    @pytest.mark.parametrize("damage", DAMAGES[:8])
    async def test_damage_that_comes_while_one_looks(
        self, home: Home, damage: Callable[[Run], None]
    ) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3, result=True)
        write_run(home, sunspots_trial(1))
        async with laboratory(home) as lab:
            damage(run)
            await looked_again(lab)
            await looked_again(lab)
            assert "✓ done" in line_with(lab, "sunspots/1")

    async def test_other_files_in_the_folder_of_runs_are_no_runs(self, home: Home) -> None:
        write_run(home, sunspots_trial(1))
        (home.runs / "notes.txt").write_text("mine")
        (home.runs / ".snapshot").mkdir()
        (home.runs / "broken").symlink_to(home.runs / "nowhere")
        async with laboratory(home) as lab:
            await looked_again(lab)
            assert len(the_app(lab).watcher.latest.runs) == 1

    async def test_a_run_that_cannot_be_read_is_spoken_of(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5))
        write_run(home, sunspots_trial(1))
        (run.directory / "trial.json").write_text("{")
        async with laboratory(home, WIDE) as lab:
            await looked_again(lab)
            assert run.id in seen(lab)

    async def test_a_lock_folder_of_somebody_elses_is_said_and_lived_with(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_run(home, sunspots_trial(5), end=None, epochs=3)

        def planted(_directory: Path) -> bool:
            raise LabError("/tmp/rnnlab-1000 is not a private folder of yours.", "Have it removed.")

        monkeypatch.setattr("engine.host.locks.is_held", planted)
        async with laboratory(home) as lab:
            await shows(lab, "/tmp/rnnlab-1000 is not a private folder of yours.")

    async def test_a_home_that_cannot_be_read_is_said(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            with monkeypatch.context() as patch:
                patch.setattr(HomeWatcher, "poll", _refused)
                await shows(lab, "Can't read", "Permission denied.")

    async def test_a_home_that_can_be_read_again(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            with monkeypatch.context() as patch:
                patch.setattr(HomeWatcher, "poll", _refused)
                await shows(lab, "Can't read")
            await looked_again(lab)
            await looked_again(lab)
            assert "Can't read" not in seen(lab)

    async def test_a_trial_of_a_hostile_name_is_harmless(self, home: Home) -> None:
        write_run(home, sunspots_trial(1))
        write_run(home, sunspots_trial(5), run_id="bbbb-\x1b[2Jx")
        run = write_run(home, sunspots_trial(5), end=None, epochs=3, host="elsewhere")
        hostile = '"sunspots/5\\u001b]52;c;aGk=\\u0007\\u202e[/bold]"'
        path = run.directory / "trial.json"
        path.write_text(path.read_text().replace('"sunspots/5"', hostile))
        async with laboratory(home, WIDE) as lab:
            await looked_again(lab)
            assert "✓ done" in line_with(lab, "sunspots/1")
            assert dangerous(lab) == set()

    async def test_a_folder_of_runs_that_cannot_be_opened_is_said(self, home: Home) -> None:
        home.root.mkdir()
        home.runs.symlink_to(home.runs)
        async with laboratory(home, WIDE) as lab:
            await shows(lab, "Can't read")


def _refused(_watcher: HomeWatcher) -> None:
    raise PermissionError(13, "Permission denied")
