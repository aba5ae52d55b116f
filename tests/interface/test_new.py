"""New trial: the presets, what the one under the cursor will do, and the two keys that continue
from there.
"""

import threading
from collections.abc import Sequence

import pytest
from helpers.app import (
    Lab,
    comes_to,
    flowing,
    held,
    laboratory,
    line_with,
    lines,
    no_processes,
    run_screen,
    seen,
    shows,
    styles_at,
    the_app,
    the_field,
    typed,
    until,
)
from textual.screen import Screen

from engine.data.series import Series, built_in
from engine.errors import LabError
from engine.host.home import Home
from engine.host.locks import lock_file
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.runs.events import Cancelled
from engine.runs.run import Run, all_runs
from engine.trials.trial import TextTrial, Trial, parameters_for
from presets import Preset, PublishedForecast, PublishedText, load
from tui.app import LabApp
from tui.screens.form import FormScreen
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.new import NewScreen, preset_line
from tui.screens.run import RunScreen
from tui.words import plan
from tui.words.format import published, rmse

IDS = [preset.id for preset in load()]


async def choosing(lab: Lab, preset_id: str = "") -> None:
    """Open the presets, wait for the series, and go to a preset by the arrow keys."""
    await lab.press("n")
    await comes_to(lab, NewScreen)
    await until(lab, lambda: the_app(lab).series_length)
    await lab.pause()
    await go_to(lab, preset_id or under_cursor(lab))


async def go_to(lab: Lab, preset_id: str) -> None:
    """Go to a preset by the arrow keys."""
    for _press in IDS:
        here = IDS.index(under_cursor(lab))
        if here == IDS.index(preset_id):
            return
        await lab.press("down" if here < IDS.index(preset_id) else "up")
    raise AssertionError(f"The cursor never comes to {preset_id}:\n{seen(lab)}")


def new_screen(lab: Lab) -> NewScreen:
    """The screen in front."""
    assert isinstance(lab.app.screen, NewScreen)
    return lab.app.screen


def right_side(lab: Lab) -> str:
    """What stands beside the list of presets."""
    return " ".join(
        " ".join(line.partition("│")[2].rstrip("▁▂▃▄▅▆▇█ ") for line in lines(lab)).split()
    )


def under_cursor(lab: Lab) -> str:
    """The preset of which the right side speaks."""
    return next(word for word in seen(lab).split() if word in IDS)


class TestList:
    async def test_the_cursor_starts_on_the_quick_and_good_one(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await choosing(lab)
            assert under_cursor(lab) == "sunspots/5"
            preset = new_screen(lab).preset
            assert preset is not None
            assert preset.id == "sunspots/5"

    async def test_every_preset_can_be_reached_both_ways(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await choosing(lab, IDS[0])
            visited = [under_cursor(lab)]
            for _press in IDS[1:]:
                await lab.press("down")
                visited.append(under_cursor(lab))
            assert visited == IDS
            for _press in IDS[1:]:
                await lab.press("up")
                visited.append(under_cursor(lab))
            assert visited == [*IDS, *IDS[-2::-1]]

    async def test_the_line_under_the_cursor_is_in_sight_and_told_apart(self, home: Home) -> None:
        async with laboratory(home, (60, 15)) as lab:
            await choosing(lab)
            for preset in (load()[-1], load()[0]):
                await go_to(lab, preset.id)
                words = preset_line(preset).strip()
                assert styles_at(lab, words)[0] not in styles_at(
                    lab, preset_line(_neighbour(preset)).strip()
                )

    async def test_says_the_parameters_of_every_preset(self, home: Home) -> None:
        async with laboratory(home, (80, 30)) as lab:
            await choosing(lab)
            assert [preset.id for preset in load() if preset_line(preset) not in seen(lab)] == []

    async def test_escape_goes_back(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await choosing(lab)
            await lab.press("escape")
            await comes_to(lab, HomeScreen)

    async def test_help_comes_and_goes(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await choosing(lab, "alice/3")
            await lab.press("question_mark")
            await comes_to(lab, HelpScreen)
            await lab.press("escape")
            await comes_to(lab, NewScreen)
            assert under_cursor(lab) == "alice/3"


class TestPlan:
    @pytest.mark.parametrize(
        ("preset", "words"),
        [
            ("sunspots/1", ["187 training windows", "20 epochs, batch 1, windows of 12 months"]),
            (
                "sunspots/5",
                ["225 training windows, 56 test windows", "SimpleRNN 3, linear → Dense 1, linear"],
            ),
            (
                "sunspots/8",
                ["112 training windows, 28 test windows", "SimpleRNN 3, tanh → Dense 1, relu"],
            ),
            (
                "alice/5",
                [
                    "40 iterations of 5: 200 epochs",
                    "reads 30 characters, writes 200",
                    "SimpleRNN 128, tanh",
                ],
            ),
        ],
    )
    async def test_says_what_the_preset_will_do(
        self, home: Home, preset: str, words: list[str]
    ) -> None:
        async with laboratory(home) as lab:
            await choosing(lab, preset)
            right = right_side(lab)
            assert [word for word in words if word not in right] == []
            assert ("19 weights" in right) == preset.startswith("sunspots")
            assert "assumed: " in right

    async def test_says_what_was_published_of_each(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await choosing(lab, IDS[0])
            for preset in load():
                await go_to(lab, preset.id)
                assert f"{preset.id}  published {published(preset)}" in seen(lab)
                figures = preset.published
                if isinstance(figures, PublishedForecast):
                    assert f"{rmse(figures.train_rmse)} / {rmse(figures.test_rmse)}" in seen(lab)
                if isinstance(figures, PublishedText):
                    assert (
                        f"published loss {figures.iterations[0].loss:.4f} at iteration 1"
                        in seen(lab)
                    )

    async def test_draws_the_series(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await choosing(lab)
            assert "1749-01" in line_with(lab, "1983-12")

    @pytest.mark.parametrize("preset", ["sunspots/11", "alice/7"])
    async def test_the_remarks_can_be_read_to_their_end(self, home: Home, preset: str) -> None:
        remark = next(p for p in load() if p.id == preset).published.remarks[-1]
        last_words = " ".join(remark.split()[-2:])
        async with laboratory(home) as lab:
            await choosing(lab, preset)
            read = right_side(lab)
            for _page in range(3):
                await lab.press("right")
                await lab.pause()
                read += right_side(lab)
            assert under_cursor(lab) == preset
            assert last_words in read
            await lab.press("left", "left", "left")
            await lab.pause()
            assert "SimpleRNN" in right_side(lab)

    async def test_the_series_that_comes_late_is_taken_in_by_the_form(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        may_read = threading.Event()

        def slowly() -> Series:
            assert may_read.wait(20)
            return built_in()

        monkeypatch.setattr("engine.data.series.built_in", slowly)
        async with laboratory(home) as lab:
            await lab.press("n", "enter")
            await comes_to(lab, FormScreen)
            may_read.set()
            await until(lab, lambda: the_app(lab).series_length)
            await lab.app.workers.wait_for_complete()
            await lab.pause()
            assert "225 training windows" in flowing(lab)

    async def test_a_page_that_is_left_before_the_series_has_come(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        may_read = threading.Event()
        read = LabApp.read_series

        async def slowly(app: LabApp) -> Series:
            await until(lab, may_read.is_set)
            return await read(app)

        monkeypatch.setattr(LabApp, "read_series", slowly)
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await lab.press("escape")
            await comes_to(lab, HomeScreen)
            may_read.set()
            await lab.press("n")
            await shows(lab, "225 training windows")

    async def test_says_how_long_the_same_took_here(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(plan, "last_duration", lambda *_asked: 192.0)
        async with laboratory(home) as lab:
            await choosing(lab)
            await shows(lab, "took 3 min here the last time")


class TestKeys:
    async def test_enter_opens_the_form_of_the_preset(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await choosing(lab, "sunspots/8")
            await lab.press("enter")
            await comes_to(lab, FormScreen)
            assert "sunspots/8" in lines(lab)[0]
            assert held(lab, "activation") == "tanh & relu"
            await lab.press("escape")
            await comes_to(lab, NewScreen)
            assert under_cursor(lab) == "sunspots/8"

    async def test_f5_starts_the_preset_as_it_is(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await choosing(lab, "sunspots/8")
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                assert launched.trial == prepare_trial(home, TrialRequest(_preset("sunspots/8")))
                assert run_screen(lab).snapshot.run == launched.runs[0]
                await lab.press("escape")
                await comes_to(lab, HomeScreen)
                assert len(lab.app.screen_stack) == 1

    async def test_f5_pressed_twice_starts_one_run(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        may_start = threading.Event()
        with no_processes(monkeypatch) as launched:

            def slowly(home: Home) -> None:
                assert may_start.wait(20)
                launched(home)

            monkeypatch.setattr("engine.supervision.launch.start_supervisor", slowly)
            async with laboratory(home) as lab:
                await choosing(lab)
                await lab.press("f5")
                await until(lab, lambda: all_runs(home))
                await lab.press("f5")
                await lab.pause()
                may_start.set()
                await comes_to(lab, RunScreen)
                await until(lab, lambda: launched.runs)
        assert len(all_runs(home)) == 1

    async def test_where_nothing_can_be_started_f5_queues_one_run_and_says_why_it_waits(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(_home: Home) -> None:
            raise LabError("No process can be started.")

        monkeypatch.setattr("engine.supervision.launch.start_supervisor", refused)
        async with laboratory(home) as lab:
            await choosing(lab)
            await lab.press("f5")
            await comes_to(lab, RunScreen)
            await shows(lab, "No process can be started.")
        assert len(all_runs(home)) == 1

    async def test_f5_says_at_once_that_it_starts(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        may_start = threading.Event()
        with no_processes(monkeypatch) as launched:

            def slowly(home: Home) -> None:
                assert may_start.wait(20)
                launched(home)

            monkeypatch.setattr("engine.supervision.launch.start_supervisor", slowly)
            async with laboratory(home) as lab:
                await choosing(lab)
                before = seen(lab)
                await lab.press("f5")
                await until(lab, lambda: all_runs(home))
                await lab.pause()
                waiting = seen(lab)
                may_start.set()
                await comes_to(lab, RunScreen)
        assert waiting != before


def _neighbour(preset: Preset) -> Preset:
    """A preset whose line stands beside that of another."""
    index = IDS.index(preset.id)
    return load()[index - 1 if index else 1]


def _preset(preset_id: str) -> Preset:
    return next(preset for preset in load() if preset.id == preset_id)


class TestWithoutTheText:
    async def test_f5_on_alice_leads_to_the_form_and_says_why(self, home: Home) -> None:
        async with laboratory(home) as lab:
            await choosing(lab, "alice/1")
            await lab.press("f5")
            await comes_to(lab, FormScreen)
            assert (
                "The text of Alice in Wonderland is not here yet. Enter fetches it; or give a "
                "text file" in flowing(lab)
            )
            assert the_field(lab) == "corpus"
            assert all_runs(home) == []

    async def test_and_there_it_can_be_put_right(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with no_processes(monkeypatch) as launched:
            async with laboratory(home) as lab:
                await choosing(lab, "alice/1")
                await lab.press("f5")
                await comes_to(lab, FormScreen)
                await typed(lab, "python-docs")
                await lab.pause()
                assert held(lab, "corpus") == "python-docs"
                await lab.press("f5")
                await comes_to(lab, RunScreen)
                trial = launched.trial
                assert isinstance(trial, TextTrial)
                assert trial.data.name == "python-docs"
                assert trial.parameters == parameters_for(_preset("alice/1"), {})

    async def test_a_home_that_takes_nothing_is_said_in_full(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_home: Home, _trials: Sequence[Trial]) -> list[Run]:
            raise LabError(
                "Can't write the run into /home/student/.local/share/rnnlab/runs: No space left "
                "on device.",
                "Make room or choose another home with --home DIR.",
            )

        monkeypatch.setattr("tui.app.accept", refuse)
        async with laboratory(home) as lab:
            await choosing(lab)
            await lab.press("f5")
            await shows(
                lab, "No space left on device. Make room or choose another home with --home DIR."
            )

    async def test_a_lock_that_cannot_be_made_does_not_end_the_application(
        self, home: Home
    ) -> None:
        async with laboratory(home) as lab:
            await choosing(lab)
            in_the_way = lock_file(home.queue)
            in_the_way.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            in_the_way.unlink(missing_ok=True)
            in_the_way.mkdir()
            await lab.press("f5")
            await shows(lab, "Can't make the lock", "Is a directory")


async def test_the_runs_screen_lies_right_over_home(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_processes(monkeypatch) as launched:
        async with laboratory(home) as lab:
            await choosing(lab)
            await lab.press("enter")
            await comes_to(lab, FormScreen)
            await lab.press("f5")
            await comes_to(lab, RunScreen)
            stack: list[type[Screen[None]]] = [type(screen) for screen in lab.app.screen_stack]
            assert stack == [HomeScreen, RunScreen]
            launched.workers[0].leave(Cancelled())
