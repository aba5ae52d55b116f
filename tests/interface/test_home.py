"""Home: the list of runs, its keys, and what becomes of it when the folders under it are damaged or go away."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from interface.support_interface import (
    WIDE,
    Lab,
    at_work,
    comes_to,
    contents,
    dangerous,
    home_screen,
    laboratory,
    line_with,
    lines,
    looked_again,
    no_processes,
    open_run,
    run_screen,
    seen,
    shows,
    styles_at,
    the_app,
    until,
    working,
)
from support import SUBMITTED, alice_trial, sunspots_trial, write_run

from engine.errors import LabError
from engine.events import Cancelled, EpochEnded, Failed, Finished
from engine.home import Home
from engine.results import ForecastMetrics
from engine.runs import Run
from engine.watch import HomeWatcher
from tui import format as fmt
from tui.screens.export import ExportScreen
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen
from tui.widgets.runlist import RunList

DIVERGED = Failed(
    what="Training diverged: the loss of epoch 3 is nan.", remedy="Try tanh instead.", diverged=True, epoch=3
)


def ago(**time: float) -> datetime:
    """A time of submission so long before now."""
    return datetime.now(UTC) - timedelta(**time)


def under_cursor(lab: Lab) -> dict[int, str]:
    """The lines, by their number from the top, that are drawn as the ones under the cursor."""
    drawn = {}
    for y, strip in enumerate(lab.app.screen._compositor.render_strips()):
        # The scrollbar is in reverse too, one cell of a line.
        if sum(len(segment.text) for segment in strip if segment.style and segment.style.reverse) > 1:
            drawn[y] = strip.text.rstrip()
    return drawn


def chosen_id(lab: Lab) -> str:
    """The run that enter, x and e mean."""
    current = home_screen(lab).query_one(RunList).current
    return current.run.id if current else ""


def running_elsewhere(home: Home, run_id: str, submitted: datetime = SUBMITTED) -> Run:
    """A run of another host that goes on: its log is all that is known of it."""
    return write_run(home, sunspots_trial(5), end=None, epochs=20, host="elsewhere", run_id=run_id, submitted=submitted)


class TestEmpty:
    async def test_says_what_to_press(self, home: Home) -> None:
        async with laboratory(home) as lab:
            assert "No runs yet. Press n, then F5: sunspots/5" in seen(lab)
            assert "0 running" in lines(lab)[0]

    async def test_pressing_that_does_it(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await lab.press("n", "f5")
                await comes_to(lab, RunScreen)
                assert launched.trial.preset == "sunspots/5"

    async def test_looking_writes_nothing(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await looked_again(lab)
        assert not home.root.exists()

    async def test_keys_that_need_a_run_say_so(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await lab.press("enter", "space")
            await lab.press("e")
            await shows(lab, "There is nothing to export yet.")
            await lab.press("x")
            await shows(lab, "There is nothing to cancel.")
            assert isinstance(lab.app.screen, HomeScreen)

    async def test_the_first_run_takes_its_place(self, home: Home) -> None:
        async with laboratory(home) as lab:
            write_run(home, sunspots_trial(5))
            await shows(lab, "✓ done")
            assert "No runs yet" not in seen(lab)


class TestRows:
    async def test_every_state_has_its_glyph_and_its_word(self, home: Home) -> None:
        write_run(home, sunspots_trial(2), end=None, epochs=3, host="elsewhere")
        write_run(home, sunspots_trial(3), end=None, epochs=3, host="elsewhere").request_cancel()
        write_run(home, sunspots_trial(4))
        write_run(home, sunspots_trial(5), end=DIVERGED, epochs=2)
        write_run(home, sunspots_trial(6), end=Failed(what="It broke."), epochs=2)
        write_run(home, sunspots_trial(7), end=Cancelled(), epochs=2)
        with at_work(home, sunspots_trial(8)):
            async with laboratory(home) as lab:
                for words in ("◌ starting", "● running", "◍ cancelling", "✓ done", "✗ diverged", "✗ failed"):
                    assert words in seen(lab)
                assert "⊘ cancelled" in seen(lab)

    async def test_interrupted_is_not_cut(self, home: Home) -> None:
        write_run(home, sunspots_trial(1), end=None, epochs=3)
        async with laboratory(home) as lab:
            assert "! interrupted" in seen(lab)

    async def test_a_done_run_shows_measured_beside_published(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5, epochs=20), submitted=ago(hours=2, minutes=5))
        result = run.result()
        assert result is not None
        metrics = result.metrics
        assert isinstance(metrics, ForecastMetrics)
        async with laboratory(home) as lab:
            row = line_with(lab, "✓ done")
            assert "sunspots/5" in row
            assert f"{fmt.rmse(metrics.train_rmse)} / {fmt.rmse(metrics.test_rmse)}" in row
            assert ".060 / .079" in row
            assert row.endswith("2 h 05")

    async def test_what_was_changed_is_said(self, home: Home) -> None:
        write_run(home, sunspots_trial(5, epochs=20, activation="tanh & relu"))
        async with laboratory(home, WIDE) as lab:
            assert "epochs 35 → 20, activation linear → tanh & relu" in line_with(lab, "✓ done")

    async def test_columns_stand_under_their_headings(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            head, row = line_with(lab, "PUBLISHED"), line_with(lab, "✓ done")
            assert head.index("STATE") == row.index("✓")
            assert head.index("TRIAL") == row.index("sunspots/5")
            assert head.index("PUBLISHED") == row.index(".060 / .079")
            assert len(head) == len(row)

    async def test_a_running_run_has_its_bar_and_its_time(self, home: Home) -> None:
        running_elsewhere(home, "bbbb-run", submitted=ago(seconds=26))
        async with laboratory(home) as lab:
            rows = lines(lab)
            bar = rows[rows.index(line_with(lab, "● running")) + 1]
            full, empty = bar.count("▓"), bar.count("░")
            assert round(full / (full + empty), 1) == round(20 / 35, 1)
            assert "epoch 20/35" in bar
            assert bar.endswith(" s left")
            assert "1 running" in rows[0]

    async def test_the_loss_of_a_running_run_is_that_of_its_epoch(self, home: Home) -> None:
        running_elsewhere(home, "bbbb-run")
        async with laboratory(home) as lab:
            assert ".15000 @20" in line_with(lab, "● running")

    async def test_the_loss_of_an_iteration_is_its_own(self, home: Home) -> None:
        trial = alice_trial(1)
        run = write_run(home, trial, end=None, iterations=2, characters=7, host="elsewhere")
        losses = run.progress().losses
        async with laboratory(home) as lab:
            row = line_with(lab, "● running")
            said, _blank, number = row[row.index("@") - 8 :].partition("@")
            assert float(said) == pytest.approx(losses[int(number.split()[0]) - 1], abs=1e-4)

    async def test_news_of_a_run_that_ends(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            worker.train(0.5)
            async with laboratory(home) as lab:
                await lab.press("n")
                await comes_to(lab, NewScreen)
                worker.finish()
                await lab.press("escape")
                await shows(lab, "sunspots/5 done: .063 / .080.")

    async def test_a_run_that_starts_comes_to_the_top(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            with at_work(home, sunspots_trial(8)) as worker:
                worker.start()
                await shows(lab, "sunspots/8")
                shown = seen(lab)
                assert shown.index("sunspots/8") < shown.index("sunspots/5")


class TestCursor:
    async def test_stays_on_its_run_before_it_was_ever_moved(self, home: Home) -> None:
        running_elsewhere(home, "bbbb-mine", submitted=SUBMITTED)
        async with laboratory(home) as lab:
            assert chosen_id(lab) == "bbbb-mine"
            running_elsewhere(home, "cccc-theirs", submitted=SUBMITTED + timedelta(minutes=1))
            await until(lab, lambda: len(the_app(lab).watcher.snapshots()) == 2)
            await looked_again(lab)
            assert chosen_id(lab) == "bbbb-mine"

    async def test_stays_on_its_run_as_others_appear_above(self, home: Home) -> None:
        write_run(home, sunspots_trial(1), run_id="bbbb-a")
        write_run(home, sunspots_trial(2), run_id="cccc-b")
        async with laboratory(home) as lab:
            await lab.press("down", "up", "down")
            assert chosen_id(lab) == "cccc-b"
            write_run(home, sunspots_trial(3), run_id="dddd-c", submitted=SUBMITTED + timedelta(hours=1))
            await shows(lab, "sunspots/3")
            assert chosen_id(lab) == "cccc-b"
            assert ["sunspots/2" in line for line in under_cursor(lab).values()] == [True]

    async def test_is_drawn_where_it_is_when_rows_read_the_same(self, home: Home) -> None:
        for name in ("bbbb-a", "cccc-b", "dddd-c"):
            write_run(home, sunspots_trial(5), run_id=name, end=Cancelled(), epochs=1)
        async with laboratory(home) as lab:
            await lab.press("down")
            write_run(
                home,
                sunspots_trial(8),
                run_id="ffff-d",
                end=Cancelled(),
                epochs=1,
                submitted=SUBMITTED + timedelta(hours=1),
            )
            await shows(lab, "sunspots/8")
            await looked_again(lab)
            assert chosen_id(lab) == "cccc-b"
            first = next(y for y, line in enumerate(lines(lab)) if "⊘" in line)
            assert list(under_cursor(lab)) == [first + 2]

    async def test_goes_by_the_keys_that_lists_have(self, home: Home) -> None:
        for number in range(1, 12):
            write_run(home, sunspots_trial(number), run_id=f"run-{number:02}", end=Cancelled(), epochs=1)
        async with laboratory(home) as lab:
            for key, place in [
                ("down", "02"),
                ("j", "03"),
                ("k", "02"),
                ("up", "01"),
                ("up", "01"),
                ("pagedown", "11"),
                ("down", "11"),
                ("pageup", "01"),
                ("end", "11"),
                ("home", "01"),
            ]:
                await lab.press(key)
                assert chosen_id(lab) == f"run-{place}", key

    async def test_the_deleted_run_under_it_leaves_it_on_a_neighbour(self, home: Home) -> None:
        runs = [write_run(home, sunspots_trial(5), run_id=f"run-{letter}") for letter in "abc"]
        async with laboratory(home) as lab:
            await lab.press("down")
            shutil.rmtree(runs[1].directory)
            await until(lab, lambda: len(the_app(lab).watcher.snapshots()) == 2)
            await looked_again(lab)
            assert chosen_id(lab) in ("run-a", "run-c")
            await lab.press("down")
            assert chosen_id(lab) == "run-c"

    async def test_can_be_told_without_colour(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            assert all(style.reverse for style in styles_at(lab, "sunspots/5"))


class TestKeys:
    async def test_enter_opens_the_run_under_the_cursor(self, home: Home) -> None:
        write_run(home, sunspots_trial(1), run_id="bbbb-a")
        write_run(home, sunspots_trial(2), run_id="cccc-b")
        async with laboratory(home) as lab:
            await lab.press("down")
            await open_run(lab)
            assert run_screen(lab).watcher.run.id == "cccc-b"

    async def test_marks_choose_what_is_exported(self, home: Home) -> None:
        for name in ("bbbb-a", "cccc-b", "dddd-c"):
            write_run(home, sunspots_trial(5), run_id=name)
        async with laboratory(home) as lab:
            await lab.press("space", "down", "down", "space")
            await lab.pause()
            assert [line[:3] for line in lines(lab) if "✓ done" in line] == [" ▪ ", "   ", " ▪ "]
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            await shows(lab, "Export  2 runs")
            screen = lab.app.screen
            assert isinstance(screen, ExportScreen)
            assert [run.id for run in screen._runs] == ["bbbb-a", "dddd-c"]
            await lab.press("escape", "space")
            await lab.pause()
            assert seen(lab).count("▪") == 1

    async def test_export_without_marks_takes_the_run_under_the_cursor(self, home: Home) -> None:
        for name in ("bbbb-a", "cccc-b"):
            write_run(home, sunspots_trial(5), run_id=name)
        async with laboratory(home) as lab:
            await lab.press("down", "e")
            await comes_to(lab, ExportScreen)
            screen = lab.app.screen
            assert isinstance(screen, ExportScreen)
            assert [run.id for run in screen._runs] == ["cccc-b"]

    async def test_x_asks_a_live_run_to_stop(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3)
        with working(run) as worker:
            async with laboratory(home) as lab:
                await lab.press("x")
                await shows(lab, "sunspots/5 will stop.", "◍ cancelling", "waiting for the worker to stop")
                assert run.cancel_request.exists()
                worker.leave(Cancelled())
                await shows(lab, "⊘ cancelled")

    @pytest.mark.parametrize("end", [Finished(), Cancelled(), DIVERGED, None], ids=["done", "cancelled", "bad", "gone"])
    async def test_x_leaves_an_ended_run_alone(self, home: Home, end: Finished | Cancelled | Failed | None) -> None:
        run = write_run(home, sunspots_trial(5), end=end)
        before = contents(run.directory)
        async with laboratory(home) as lab:
            await lab.press("x")
            await shows(lab, "There is nothing to cancel.")
        assert contents(run.directory) == before

    async def test_x_on_a_folder_that_has_just_gone_brings_nothing_back(self, home: Home) -> None:
        run = running_elsewhere(home, "bbbb-run")
        async with laboratory(home) as lab:
            await until(lab, lambda: not home_screen(lab)._polling)
            home_screen(lab)._polling = True  # Between two looks.
            shutil.rmtree(run.directory)
            await lab.press("x")
            await lab.pause()
            assert not run.directory.exists()

    async def test_q_leaves_and_says_what_goes_on(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5), end=None, epochs=3)
        with working(run):
            before = contents(home.root)
            async with laboratory(home) as lab:
                app = the_app(lab)
                await lab.press("q")
                await until(lab, lambda: not app.is_running)
            assert app.farewell() == "1 run goes on. rnnlab-tui brings you back."
            assert contents(home.root) == before

    async def test_q_with_nothing_going_on_says_nothing(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            app = the_app(lab)
            await lab.press("q")
            await until(lab, lambda: not app.is_running)
        assert app.farewell() == ""


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
    pytest.param(_file("trial.json", b'{"schema_version": 9, "id": 3}'), id="trial of a newer program"),
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
    async def test_damage_that_comes_while_one_looks(self, home: Home, damage: Callable[[Run], None]) -> None:
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
            assert len(the_app(lab).watcher.snapshots()) == 1

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

        monkeypatch.setattr("engine.locks.is_held", planted)
        async with laboratory(home) as lab:
            await shows(lab, "/tmp/rnnlab-1000 is not a private folder of yours.")

    async def test_a_home_that_cannot_be_read_is_said(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            with monkeypatch.context() as patch:
                patch.setattr(HomeWatcher, "poll", _refused)
                await shows(lab, "Can't read", "Permission denied.")

    async def test_a_home_that_can_be_read_again(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
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


class TestMany:
    async def test_three_hundred_runs(self, home: Home) -> None:
        for number in range(300):
            write_run(
                home,
                sunspots_trial(number % 11 + 1, seed=number),
                run_id=f"run-{number:03}",
                end=Cancelled(),
                epochs=1,
                submitted=SUBMITTED - timedelta(minutes=number),
            )
        async with laboratory(home) as lab:
            await lab.press("end")
            await lab.pause()
            assert chosen_id(lab) == "run-299"
            await looked_again(lab)
            assert [f"sunspots/{299 % 11 + 1}" in line for line in under_cursor(lab).values()] == [True]
            await lab.press("pageup")
            await open_run(lab)
            assert run_screen(lab).watcher.run.id == "run-289"
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
            await lab.press("home")
            await lab.pause()
            assert ["sunspots/1 " in line for line in under_cursor(lab).values()] == [True]

    async def test_the_bar_of_the_run_under_the_cursor_is_seen_with_it(self, home: Home) -> None:
        for number in range(30):
            running_elsewhere(home, f"run-{number:02}")
        async with laboratory(home) as lab:
            for _press in range(29):
                await lab.press("down")
            await lab.pause()
            drawn = under_cursor(lab)
            assert ["● running" in line for line in drawn.values()] == [True, False]
            assert ["epoch 20/35" in line for line in drawn.values()] == [False, True]
            assert max(drawn) == 21


class TestLive:
    async def test_an_epoch_moves_the_bar(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            async with laboratory(home) as lab:
                await shows(lab, "◌ starting")
                worker.start()
                await shows(lab, "● running", "epoch 0/35")
                worker.train(0.5, 0.25)
                await shows(lab, "epoch 2/35", ".25000 @2")
                worker.say(EpochEnded(epoch=3, loss=0.125))
                await shows(lab, "epoch 3/35", ".12500 @3")
                worker.finish()
                await shows(lab, "✓ done", ".063 / .080")
                assert "░" not in seen(lab)

    async def test_a_worker_that_dies_leaves_an_interrupted_run(self, home: Home) -> None:
        with at_work(home, sunspots_trial(5)) as worker:
            worker.start()
            async with laboratory(home) as lab:
                await shows(lab, "● running")
                worker.leave()
                await shows(lab, "! interrupt")
