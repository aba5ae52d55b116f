"""The whole application as a person meets it: keys go in, the lines of the terminal come out;
workers are made up.
"""

import asyncio
import os
import threading
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.style import Style
from textual.events import Paste
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from engine.host import locks
from engine.host.home import Home
from engine.runs import queue
from engine.runs.events import (
    AnyEvent,
    Characters,
    EpochEnded,
    EventWriter,
    Failed,
    Finished,
    IterationEnded,
    PhaseEntered,
    SamplingStarted,
    Started,
)
from engine.runs.run import Run
from engine.trials.trial import Trial
from helpers.factory import SUBMITTED, sunspots_trial, write_run
from presets import get
from tui.app import LabApp
from tui.screens.form import FormScreen
from tui.screens.home import HomeScreen
from tui.screens.run import RunScreen

Lab = Pilot[str]
NARROW, WIDE, SMALLEST = (80, 24), (160, 45), (60, 15)
PATIENCE_S = 20.0
LONG = 12
KEPT = "what was copied before"
DIVERGED = Failed(
    what="Training diverged: the loss of epoch 3 is nan.",
    remedy="Try tanh instead.",
    diverged=True,
    epoch=3,
)


@asynccontextmanager
async def laboratory(home: Home, size: tuple[int, int] = NARROW) -> AsyncIterator[Lab]:
    """Open the application on ``home`` and wait until it has looked at the runs once."""
    app = LabApp(home)
    async with app.run_test(size=size, notifications=True) as pilot:
        first_looks = (
            lambda: home_screen(pilot).has_class("-empty"),
            lambda: app.watcher.latest.runs,
            lambda: "Can't" in seen(pilot),
        )
        await until(pilot, lambda: any(look() for look in first_looks))
        await pilot.pause()
        yield pilot


def the_app(lab: Lab) -> LabApp:
    """Return the application."""
    assert isinstance(lab.app, LabApp)
    return lab.app


def home_screen(lab: Lab) -> HomeScreen:
    """Return the page of runs, whatever lies over it."""
    return next(screen for screen in lab.app.screen_stack if isinstance(screen, HomeScreen))


def run_screen(lab: Lab) -> RunScreen:
    """Return the run's screen, which must be in front."""
    assert isinstance(lab.app.screen, RunScreen)
    return lab.app.screen


def lines(lab: Lab) -> list[str]:
    """Return the terminal's lines as they are now, without trailing spaces."""
    return [strip.text.rstrip() for strip in lab.app.screen._compositor.render_strips()]


def seen(lab: Lab) -> str:
    """Return all that stands on the terminal."""
    return "\n".join(lines(lab))


def under_the_plot(lab: Lab) -> list[str]:
    """Return the words under the axis of the plot on the screen."""
    shown = lines(lab)
    axis = next(number for number, line in enumerate(shown) if line.strip().startswith("└"))
    return shown[axis + 1].split()


def line_with(lab: Lab, words: str) -> str:
    """Return the first line of the terminal that has ``words``; empty where none has."""
    return next((line for line in lines(lab) if words in line), "")


def flowing(lab: Lab) -> str:
    """Return all that stands on the terminal with every run of spaces as one: a sentence may be
    wrapped.
    """
    return " ".join(seen(lab).split())


def styles_at(lab: Lab, words: str) -> list[Style]:
    """Return the styles of the cells in which ``words`` stand, which must be on the terminal."""
    for strip in lab.app.screen._compositor.render_strips():
        start = strip.text.find(words)
        if start >= 0:
            cells = [segment.style or Style() for segment in strip for _char in segment.text]
            return cells[start : start + len(words)]
    raise AssertionError(f"{words!r} is not on the terminal:\n{seen(lab)}")


async def until(lab: Lab, condition: Callable[[], object]) -> None:
    """Let the application work until the condition holds; fails, with what is on the terminal, if
    it never does.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                if lab.app._exception:
                    raise AssertionError("The application has crashed.") from lab.app._exception
                await lab.pause()
    except TimeoutError:
        raise AssertionError(f"It never came to it. On the terminal:\n{seen(lab)}") from None


async def shows(lab: Lab, *words: str) -> None:
    """Wait until all the words stand on the terminal (wrapped or not)."""
    await until(lab, lambda: all(word in seen(lab) or word in flowing(lab) for word in words))


async def looked_again(lab: Lab) -> None:
    """Wait until the screen in front has read the run directories once more, and has drawn."""
    screen = lab.app.screen
    assert isinstance(screen, HomeScreen | RunScreen)
    await until(lab, lambda: not screen._polling)
    await screen.poll()
    await until(lab, lambda: not screen._polling)
    await lab.pause()


async def comes_to(lab: Lab, kind: type[Screen[None]]) -> None:
    """Wait until a screen of this kind is in front and drawn."""
    await until(lab, lambda: type(lab.app.screen) is kind)
    await lab.pause()


async def open_run(lab: Lab) -> None:
    """From the page of runs, open the one under the cursor, and wait until it is drawn whole."""
    await lab.press("enter")
    await comes_to(lab, RunScreen)
    await looked_again(lab)
    await lab.app.workers.wait_for_complete()
    await lab.pause()


async def typed(lab: Lab, text: str) -> None:
    """Press the keys of ``text`` one by one."""
    names = {
        "/": "slash",
        ".": "full_stop",
        " ": "space",
        "~": "tilde",
        "-": "minus",
        "_": "underscore",
    }
    names |= {"&": "ampersand", "?": "question_mark", "+": "plus", ",": "comma"}
    await lab.press(*(names.get(char, char) for char in text))


async def filled(lab: Lab, field: str, value: str) -> None:
    """Put the cursor into a field of the form and replace what is there by typing, or pasting what
    is long.
    """
    await go_to_field(lab, field)
    await lab.press("home", "ctrl+k")
    if len(value) > LONG:
        await pasted(lab, value)
    else:
        await typed(lab, value)


async def pasted(lab: Lab, text: str) -> None:
    """Paste a line into the field that has the cursor."""
    assert isinstance(lab.app.focused, Input)
    lab.app.focused.post_message(Paste(text))
    await lab.pause()


async def dragged(lab: Lab, start: tuple[int, int], end: tuple[int, int]) -> str:
    """Drag the mouse from one cell of the terminal to another, and return what is in the clipboard
    after ctrl+c.
    """
    lab.app.copy_to_clipboard(KEPT)
    await lab.mouse_down(offset=start)
    await lab.hover(offset=end)
    await lab.mouse_up(offset=end)
    await lab.press("ctrl+c")
    await until(lab, lambda: the_app(lab).all_keys_handled)
    return lab.app.clipboard


async def go_to_field(lab: Lab, field: str) -> None:
    """Go to a field by the arrow keys, the shorter way round."""
    names = [(widget.id or "").removeprefix("field-") for widget in lab.app.screen.query(Input)]
    down = (names.index(field) - names.index(the_field(lab))) % len(names)
    up = len(names) - down
    await lab.press(*["down"] * down if down <= up else ["up"] * up)
    assert the_field(lab) == field, seen(lab)


async def form(lab: Lab, preset_id: str = "sunspots/5") -> None:
    """Open the form of a preset."""
    preset = get(preset_id)
    assert preset is not None
    await the_app(lab).read_series()
    await lab.app.push_screen(FormScreen(preset, the_app(lab).home))
    await comes_to(lab, FormScreen)


def the_field(lab: Lab) -> str:
    """Return the name of the form's field that has the cursor."""
    focused = lab.app.focused
    return (focused.id or "").removeprefix("field-") if isinstance(focused, Input) else ""


def held(lab: Lab, field: str) -> str:
    """Return what a field of the form holds."""
    return lab.app.screen.query_one(f"#field-{field}", Input).value


def note(lab: Lab, field: str) -> str:
    """What stands beside a field, as far as it can be seen."""
    row = next(line for line in lines(lab) if line.startswith(f" {field} "))
    return row.partition("│")[0].rstrip()


def epoch_rows(lab: Lab) -> list[list[str]]:
    """The rows of the epoch log that can be seen, in words."""
    rows = lines(lab)
    head = next(y for y, line in enumerate(rows) if "EPOCH" in line)
    return [words for line in rows[head + 1 : -1] if (words := line.split()) and words[0].isdigit()]


def dangerous(lab: Lab) -> set[str]:
    """Return the control and format characters that would reach the terminal, as numbers one can
    read.
    """
    return {
        f"U+{ord(char):04X}"
        for line in lines(lab)
        for char in line
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file below a folder with its time of change and its bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Worker:
    """A made-up worker: holds a run's lock and writes its log, and trains nothing."""

    def __init__(self, run: Run, lock: int | None = None) -> None:
        """``lock`` is the run's lock where it has been taken already."""
        self.run = run
        self._lock = locks.acquire(run.directory) if lock is None else os.dup(lock)
        assert self._lock is not None
        self._events = EventWriter(run.log)
        self.results: dict[str, bytes] = {}
        """What :meth:`finish` puts into the run's directory."""

    def say(self, *events: AnyEvent) -> None:
        """Append events to the log."""
        for event in events:
            self._events.append(event)

    def start(self) -> None:
        """Say what every worker says before it trains."""
        self.say(Started(pid=os.getpid(), host="here", started=0.0))
        self.say(
            *(
                PhaseEntered(phase=phase)
                for phase in ("importing", "preparing", "compiling", "training")
            )
        )

    def train(self, *losses: float) -> None:
        """End an epoch for each loss."""
        epoch = len(self.run.progress().losses)
        self.say(*(EpochEnded(epoch=epoch + n, loss=loss) for n, loss in enumerate(losses, 1)))

    def write(self, iteration: int, seed_text: str, *pieces: str) -> None:
        """Begin a text, and write these pieces of it."""
        self.say(
            PhaseEntered(phase="sampling"),
            SamplingStarted(iteration=iteration, seed_text=seed_text),
        )
        self.say(*(Characters(iteration=iteration, text=piece) for piece in pieces))

    def end_iteration(self, iteration: int, loss: float) -> None:
        """Complete an iteration; training continues."""
        self.say(IterationEnded(iteration=iteration, loss=loss), PhaseEntered(phase="training"))

    def finish(self) -> None:
        """Put the result where a worker puts it, and say so."""
        self.say(PhaseEntered(phase="writing"))
        for name, content in self.results.items():
            (self.run.directory / name).write_bytes(content)
        self.leave(Finished())

    def leave(self, last_word: AnyEvent | None = None) -> None:
        """End as a worker ends, with a last word or (killed) without."""
        if self._lock is None:
            return
        if last_word is not None:
            self._events.append(last_word)
        self._events.close()
        os.close(self._lock)
        self._lock = None


def running_elsewhere(home: Home, run_id: str, submitted: datetime = SUBMITTED) -> Run:
    """A run of another host that is running: its log is all that is known of it."""
    return write_run(
        home,
        sunspots_trial(5),
        end=None,
        epochs=20,
        host="elsewhere",
        run_id=run_id,
        submitted=submitted,
    )


@contextmanager
def at_work(home: Home, trial: Trial) -> Iterator[Worker]:
    """Have a made-up worker at a new run that has said nothing yet; it can finish."""
    run = write_run(home, trial, submitted=datetime.now(UTC))
    results = {
        path.name: path.read_bytes()
        for path in (run.directory / "result.json", run.directory / "predictions.npz")
        if path.exists()
    }
    for name in results:
        (run.directory / name).unlink()
    run.log.unlink()
    with working(run) as worker:
        worker.results = results
        yield worker


@contextmanager
def working(run: Run) -> Iterator[Worker]:
    """Have a made-up worker at a run for as long as the block lasts."""
    worker = Worker(run)
    try:
        yield worker
    finally:
        worker.leave()


class Launched:
    """What was to be launched, in place of starting processes."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.workers: list[Worker] = []
        self._turn = threading.Lock()

    def __call__(self, home: Home) -> None:
        # Whoever looks at a home wakes its supervisor: threads of the application may do so at
        # once.
        with self._turn:
            for entry in queue.entries(home):
                run = Run(home.runs / entry.run_id)
                self.runs.append(run)
                self.workers.append(Worker(run))
                queue.remove(home, run.id)

    @property
    def trial(self) -> Trial:
        """The one trial that was launched."""
        assert len(self.runs) == 1, self.runs
        return self.runs[0].submission.trial


@contextmanager
def no_processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Launched]:
    """Put made-up workers in the place of processes."""
    launched = Launched()
    monkeypatch.setattr("engine.supervision.launch.start_supervisor", launched)
    try:
        yield launched
    finally:
        for worker in launched.workers:
            worker.leave()
