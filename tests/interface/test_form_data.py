"""The form's field for a series or a text: what it says, what the plan makes of it, and fetching
before starting.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.app import (
    NARROW,
    WIDE,
    Lab,
    at_work,
    comes_to,
    filled,
    flowing,
    go_to_field,
    held,
    laboratory,
    no_processes,
    open_run,
    pasted,
    seen,
    shows,
    the_app,
    under_the_plot,
    until,
)
from helpers.data_server import DataServer, serving
from helpers.factory import CORPUS, preset, write_run

from engine.data.library import SeriesLibrary
from engine.host.home import Home
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.runs.run import all_runs
from tui.screens.form import FormScreen
from tui.screens.new import NewScreen
from tui.screens.run import RunScreen

YEARS = "Year,Rain\n" + "".join(f"{1901 + n},{7 * n % 11}.5\n" for n in range(100))
COUNTED = "".join(f"{7 * n % 11}.5\n" for n in range(100))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rain.csv"
    path.write_text(YEARS)
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DataServer]:
    with serving() as started:
        monkeypatch.setenv("RNNLAB_MIRROR", started.base)
        yield started


async def form(lab: Lab, preset_id: str = "sunspots/5") -> None:
    await lab.app.push_screen(FormScreen(preset(preset_id), the_app(lab).home))
    await comes_to(lab, FormScreen)


async def test_the_plan_follows_the_series(home: Home, table: Path) -> None:
    async with laboratory(home, WIDE) as lab:
        await form(lab)
        await shows(lab, "windows of 10 months", "225 training windows, 56 test windows")
        await filled(lab, "series", str(table))
        await shows(
            lab,
            "windows of 10 years",
            "7 training windows",
            "1 test window: a figure from so few says little",
        )
        await filled(lab, "series", "sunspots@1950-06")
        await shows(lab, "windows of 10 months", "193 training windows, 48 test windows")
        table.write_text(COUNTED)
        await filled(lab, "series", f"{table}:1")
        await shows(lab, "windows of 10 values")
        await filled(lab, "series", "sunspots")
        await shows(lab, "225 training windows, 56 test windows")
    # Looking is not keeping.
    assert not home.data.exists()


WRONG = {
    "nothing": "series: not here: give a CSV file or a URL; names: sunspots, sunspots-silso",
    "": "series: not here",
    "sunspots@1999": "series: sunspots can't be cut at 1999: it goes from 1749-01 to 1983-12.",
    "sunspots@July": "series: sunspots@July: a series is cut at a month",
    "TABLE:3": "series: rain.csv has no column '3'.",
    "https://": "series: https:// is not a URL that can be fetched.",
}


async def test_what_can_t_be_read_is_said_and_not_started(
    home: Home, monkeypatch: pytest.MonkeyPatch, table: Path
) -> None:
    with no_processes(monkeypatch) as launched:
        async with laboratory(home, WIDE) as lab:
            await form(lab)
            for value, words in WRONG.items():
                await filled(lab, "series", value.replace("TABLE", str(table)))
                await shows(lab, words)
                await lab.press("f5")
                await lab.app.workers.wait_for_complete()
                assert isinstance(lab.app.screen, FormScreen), value
                assert "✗" in seen(lab), value
            assert launched.runs == []


async def test_names_are_completed(home: Home, table: Path) -> None:
    SeriesLibrary(home).add("rain", table)
    async with laboratory(home) as lab:
        await form(lab)
        await filled(lab, "series", "ra")
        await lab.press("right")
        await until(lab, lambda: held(lab, "series") == "rain")


async def test_windows_longer_than_its_test_part_start_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, table: Path
) -> None:
    with no_processes(monkeypatch) as launched:
        async with laboratory(home, WIDE) as lab:
            await form(lab)
            await filled(lab, "time_steps", "20")
            await filled(lab, "series", str(table))
            await lab.press("f5")
            await shows(lab, "time_steps = 20: must be 1 to 19 for a series of 100 values.")
            assert launched.runs == []


async def test_a_file_is_started_on(
    home: Home, monkeypatch: pytest.MonkeyPatch, table: Path
) -> None:
    with no_processes(monkeypatch) as launched:
        async with laboratory(home) as lab:
            await form(lab)
            await filled(lab, "series", f"{table}:Rain")
            await lab.press("f5")
            await comes_to(lab, RunScreen)
    assert launched.trial == prepare_trial(
        home, TrialRequest(preset("sunspots/5"), source=f"{table}:2")
    )


# Fetching.


async def test_what_is_not_here_is_fetched_when_it_is_started(
    home: Home, monkeypatch: pytest.MonkeyPatch, server: DataServer
) -> None:
    server.serve("/alice.txt", CORPUS.encode())
    with no_processes(monkeypatch) as launched:
        async with laboratory(home) as lab:
            await form(lab, "alice/1")
            await go_to_field(lab, "corpus")
            await shows(lab, "corpus: not here yet: enter fetches it, or give a file")
            assert server.asked == []
            await lab.press("f5")
            await comes_to(lab, RunScreen)
            assert launched.trial.data.name == "alice"
    assert server.asked == ["/alice.txt"]


async def test_how_far_it_is_is_told_and_who_leaves_starts_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, server: DataServer
) -> None:
    server.silent("/alice.txt", CORPUS.encode())
    with no_processes(monkeypatch) as launched:
        async with laboratory(home) as lab:
            await lab.press("n")
            await comes_to(lab, NewScreen)
            await form(lab, "alice/1")
            await lab.press("f5")
            await shows(lab, "Fetching from 127.0.0.1: 0 of 977 KiB")
            # Once more is not twice.
            await lab.press("f5")
            await lab.press("escape")
            await comes_to(lab, NewScreen)
        assert launched.runs == []
    assert server.asked == ["/alice.txt"]
    assert all_runs(home) == []


async def test_a_fetch_that_fails_is_said_in_full_and_can_be_tried_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, server: DataServer
) -> None:
    with no_processes(monkeypatch) as launched:
        async with laboratory(home, NARROW) as lab:
            await form(lab, "alice/1")
            await lab.press("f5")
            await shows(
                lab,
                "there is nothing at this address (404).",
                "or python-docs; `rnnlab-tui data add alice FILE`",
            )
            server.serve("/alice.txt", CORPUS.encode())
            await lab.press("f5")
            await comes_to(lab, RunScreen)
            assert len(launched.runs) == 1


# Watching a run on other data.


@pytest.mark.parametrize(
    ("content", "below", "unit", "split"),
    [
        (YEARS, "1921", "Rain", "test from 1986"),
        (COUNTED, "20", "", "test from 85"),
        (
            "Day;Sun\n" + "".join(f"2020-01-{n + 1:02};{7 * n % 11},5\n" for n in range(31)),
            "2020-01-",
            "Sun",
            "test from",
        ),
    ],
    ids=["years", "steps", "days"],
)
async def test_the_prediction_s_dates_are_those_of_the_run_s_own_series(
    home: Home, table: Path, content: str, below: str, unit: str, split: str
) -> None:
    table.write_text(content)
    trial = prepare_trial(
        home, TrialRequest(preset("sunspots/5"), source=str(table), settings={"time_steps": 5})
    )
    table.unlink()
    write_run(home, trial)
    async with laboratory(home) as lab:
        await open_run(lab)
        await lab.press("2")
        await shows(lab, "test from")
        assert any(word.startswith(below) for word in under_the_plot(lab)), seen(lab)
        assert unit in flowing(lab)
        assert split in flowing(lab)
        assert "sunspots" not in "\n".join(seen(lab).splitlines()[2:])
        for key in ("plus", "right", "left", "minus"):
            await lab.press(key)
            await lab.pause()
        assert lab.app.is_running


async def test_the_series_is_drawn_within_a_plan_that_has_to_be_scrolled(home: Home) -> None:
    async with laboratory(home, (80, 23)) as lab:
        await form(lab)
        await shows(lab, "1983-12")
        await filled(lab, "time_steps", "100")
        await shows(lab, "5 test windows")
        plan = lab.app.screen.query_one("#plan")
        await until(lab, lambda: plan.max_scroll_y > 0)
        await lab.press("pagedown")
        await until(lab, lambda: plan.scroll_offset.y == plan.max_scroll_y)
        assert re.search("1749-01 +1983-12", seen(lab)), seen(lab)


async def test_a_run_whose_series_is_gone_is_drawn_on_counted_steps(
    home: Home, table: Path
) -> None:
    trial = prepare_trial(
        home, TrialRequest(preset("sunspots/5"), source=str(table), settings={"time_steps": 5})
    )
    write_run(home, trial)
    for kept in (home.data / "texts").iterdir():
        kept.unlink()
    async with laboratory(home) as lab:
        await open_run(lab)
        await lab.press("2")
        await shows(lab, "test from", "predicted")
        assert all(word.isdigit() for word in under_the_plot(lab))


async def test_a_run_that_goes_on_is_watched_on_its_own_series(home: Home, table: Path) -> None:
    trial = prepare_trial(
        home,
        TrialRequest(
            preset("sunspots/5"), source=str(table), settings={"time_steps": 5, "epochs": 3}
        ),
    )
    with at_work(home, trial) as worker:
        async with laboratory(home) as lab:
            await open_run(lab)
            worker.start()
            worker.train(0.5, 0.25, 0.125)
            worker.finish()
            await lab.press("2")
            await shows(lab, "test from")


_STEADY = "".join(f"{100 + n % 7}.5\n" for n in range(60))
_MARKED = "".join(f"{1 + n % 7}.5\n" for n in range(60))
ADVICE = {
    "columns": (
        "rain,sun\n" + "".join(f"{100 + n % 7}.5,{n % 5}.5\n" for n in range(60)),
        "Say which, by number or heading: :2 at the end of the field series.",
        ("series", ":2"),
    ),
    "missing": (
        _MARKED + _MARKED + "-9999\n" * 3,
        "-9999 occurs 3 times, far outside the others: missing? missing = -9999",
        ("missing", "-9999"),
    ),
    "gaps": ("value\n" + _STEADY + "NA\n" + _STEADY, "gaps = linear: a straight line across it.",
    ("gaps", "linear")),
    "decimal": (
        "".join(f'"1,{500 + n}"\n' for n in range(60)), "Say which: decimal = , or thousands = ,",
        ("decimal", ","),
    ),
    "steps": (
        "date,value\n" + "".join(f"{1900 + n + (n > 30) + 5 * (n > 40)},{n % 7}.5\n" for n in range(60)),  # noqa: E501
        "have steps counted: steps = count",
        ("steps", "count"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ADVICE)
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x45"])
async def test_advice_names_fields_and_works_when_followed(
    home: Home, tmp_path: Path, case: str, size: tuple[int, int]
) -> None:
    content, advice, (field, value) = ADVICE[case]
    (tmp_path / "t.csv").write_text(content)
    async with laboratory(home, size) as lab:
        await form(lab)
        await filled(lab, "series", str(tmp_path / "t.csv"))
        await shows(lab, advice)
        assert "--" not in seen(lab)
        if field == "series":
            await pasted(lab, value)
        else:
            await filled(lab, field, value)
        await until(lab, lambda: advice not in flowing(lab) and "training windows" in seen(lab))
        await lab.app.workers.wait_for_complete()
        assert "✗" not in seen(lab)


async def test_a_space_between_thousands_is_typed_as_the_form_says(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(
        "value\n" + "".join(f"1 {500 + 7 * n % 400}\n" for n in range(60))
    )
    async with laboratory(home, WIDE) as lab:
        await form(lab)
        await filled(lab, "series", str(tmp_path / "t.csv"))
        await filled(lab, "thousands", "' '")
        await lab.app.workers.wait_for_complete()
        await shows(lab, "greatest 1899")
        assert "✗" not in seen(lab)
