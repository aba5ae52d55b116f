"""Export: what is previewed is what is written, and the command that is shown makes it again."""

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from helpers.app import (
    NARROW,
    WIDE,
    Lab,
    comes_to,
    dangerous,
    flowing,
    laboratory,
    line_with,
    lines,
    open_run,
    pasted,
    seen,
    shows,
    until,
)
from helpers.factory import Written, alice_trial, sunspots_trial, write_run
from textual.widgets import Input, Static, TextArea

from engine.host.home import Home
from engine.reports.formats import FORMATS, MARKDOWN, Format, render_document
from engine.reports.iterations import ALL_ITERATIONS, Iterations
from engine.runs.events import Cancelled
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.sanitise import printable
from tui.commands.cli import command
from tui.screens.export import ExportScreen
from tui.screens.home import HomeScreen
from tui.screens.run import RunScreen


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which the person started the application."""
    place = tmp_path / "report"
    place.mkdir()
    monkeypatch.chdir(place)
    yield place
    os.chdir("/")


async def exporting(lab: Lab) -> None:
    """From the page of runs, open the export and wait for the preview."""
    await lab.press("e")
    await comes_to(lab, ExportScreen)
    await until(lab, lambda: preview(lab))
    await lab.pause()


def preview(lab: Lab) -> str:
    """The whole text of the preview, what lies below the screen's edge too."""
    return lab.app.screen.query_one("#preview", TextArea).text


async def previews(lab: Lab, text: str) -> None:
    """Wait until the preview is this text."""
    await until(lab, lambda: preview(lab) == text)


async def to_path(lab: Lab, path: str) -> None:
    """Replace the path."""
    await lab.press("end", "ctrl+u")
    await pasted(lab, path)


def path_field(lab: Lab) -> str:
    """The path as it stands in its field."""
    return lab.app.screen.query_one("#path", Input).value


async def to_iterations(lab: Lab, text: str) -> None:
    """Replace what stands in the field of iterations, where the focus is then."""
    lab.app.screen.query_one("#iterations").focus()
    await lab.press("end", "ctrl+u")
    await pasted(lab, text)


def shown_format(lab: Lab) -> str:
    """The format as it stands beside the path."""
    return str(lab.app.screen.query_one("#format", Static).content)


def document_of(
    *runs: Run, output: Format = MARKDOWN, iterations: Iterations = ALL_ITERATIONS
) -> str:
    """What the engine makes of some runs."""
    return render_document([Snapshot.of(run) for run in runs], output, iterations=iterations)


NAMES = (("a.tex", "latex"), ("a.csv", "csv"), ("a.JSON", "json"), ("a.txt", "md"))


class TestPreview:
    async def test_is_what_is_written(self, home: Home, folder: Path) -> None:
        run = write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await exporting(lab)
            shown, path = preview(lab), Path(path_field(lab))
            assert shown == document_of(run)
            assert "# Recurrent-network lab: 1 run" in seen(lab)
            await lab.press("enter")
            await until(lab, path.exists)
            await lab.pause()
            assert path.parent == folder
            assert path.read_text() == shown
            assert path.name in flowing(lab).replace(" ", "")

    async def test_of_several_runs_is_one_document(self, home: Home, folder: Path) -> None:
        runs = [
            write_run(home, sunspots_trial(5)),
            write_run(home, sunspots_trial(8), end=Cancelled(), epochs=3),
            write_run(home, alice_trial(1, iterations=2)),
        ]
        async with laboratory(home) as lab:
            await lab.press("space", "down", "space", "down", "space")
            await exporting(lab)
            assert "Export  3 runs" in lines(lab)[0]
            assert preview(lab) == document_of(*runs)
            await lab.press("enter")
            await until(lab, lambda: list(folder.iterdir()))
            written = next(iter(folder.iterdir())).read_text()
            assert written == preview(lab)
            assert "CANCELLED" in written

    async def test_of_a_hostile_text_is_harmless_and_nothing_is_lost(
        self, home: Home, folder: Path
    ) -> None:
        hostile = "a\x1b]52;c;aGk=\x07|`b`\x1b[2J[bold]c\u202e\u2028d"
        run = write_run(
            home,
            alice_trial(1, iterations=2),
            texts=[Written(hostile[:10], hostile), Written("second one", "x")],
        )
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            assert dangerous(lab) == set()
            assert "[bold]c" in seen(lab)
            await lab.press("enter")
            await until(lab, lambda: list(folder.iterdir()))
            written = next(iter(folder.iterdir())).read_text()
            assert written == document_of(run)
            assert preview(lab) == "\n".join(printable(line) for line in written.split("\n"))

    async def test_can_be_read_to_its_end_and_edge_by_keyboard(self, home: Home) -> None:
        write_run(home, alice_trial(1))
        async with laboratory(home) as lab:
            await exporting(lab)
            await lab.press("shift+tab")
            await lab.press(*["pagedown"] * 9)
            await shows(lab, "## How it was made")
            before = line_with(lab, "| bbbb-alice-1 |")
            await lab.press(*["right"] * 9)
            await until(lab, lambda: before[:40] not in seen(lab))

    async def test_of_a_run_that_is_gone_says_so(self, home: Home) -> None:
        run = write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            # The list would leave it out at its next look; its own page can still export it.
            await open_run(lab)
            shutil.rmtree(run.directory)
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            await shows(lab, f"Run {run.id} was deleted.")
            await lab.press("enter", "escape")
            await comes_to(lab, RunScreen)
        assert not run.directory.exists()

    async def test_from_a_run_comes_back_to_it(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await open_run(lab)
            await lab.press("e")
            await comes_to(lab, ExportScreen)
            await lab.press("escape")
            await comes_to(lab, RunScreen)


class TestWriting:
    async def test_the_path_is_shown_in_full(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await exporting(lab)
            path = path_field(lab)
            assert Path(path).is_absolute()
            await lab.press("enter")
            await shows(lab, "Wrote")
            told = seen(lab).partition("Wrote")[2].partition(" Again:")[0]
            assert "".join(told.split()) == f"{path}asMarkdown"

    async def test_a_second_export_proposes_another_name(self, home: Home, folder: Path) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            for _time in range(2):
                await exporting(lab)
                await lab.press("enter")
                await shows(lab, "Wrote")
                await lab.press("escape")
                await comes_to(lab, HomeScreen)
        assert len(list(folder.iterdir())) == 2

    async def test_an_existing_file_is_asked_about(self, home: Home, folder: Path) -> None:
        run = write_run(home, sunspots_trial(5))
        old = folder / "old.md"
        old.write_text("mine")
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            await to_path(lab, "old.md")
            await lab.press("enter")
            await shows(lab, "old.md exists. Enter again replaces it.")
            assert old.read_text() == "mine"
            await lab.press("enter")
            await shows(lab, "Wrote")
            assert old.read_text() == document_of(run)

    async def test_after_another_path_it_asks_again(self, home: Home, folder: Path) -> None:
        write_run(home, sunspots_trial(5))
        for name in ("one.md", "two.md"):
            (folder / name).write_text("mine")
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            await to_path(lab, "one.md")
            await lab.press("enter")
            await shows(lab, "one.md exists.")
            await to_path(lab, "two.md")
            await lab.press("enter")
            await shows(lab, "two.md exists.")
        assert [path.read_text() for path in folder.iterdir()] == ["mine", "mine"]

    @pytest.mark.parametrize(
        "path", ["/nowhere/at/all/table.md", "/etc/passwd/table.md", "/proc/table.md"]
    )
    async def test_a_path_that_takes_no_file_is_one_sentence(self, home: Home, path: str) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            await to_path(lab, path)
            await lab.press("enter")
            await shows(lab, f"Can't write {path}: ", "ive another place.")
            assert flowing(lab).count("Can't write") == 1

    @pytest.mark.parametrize(
        "name",
        ["a-folder", ""],
        ids=["a folder", "nothing"],
    )
    async def test_a_folder_is_not_offered_to_be_replaced(
        self, home: Home, folder: Path, name: str
    ) -> None:
        write_run(home, sunspots_trial(5))
        (folder / "a-folder").mkdir()
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            await to_path(lab, name)
            await lab.press("enter")
            await lab.pause()
            assert "replaces it" not in seen(lab)

    @pytest.mark.parametrize(
        "path",
        ["x" * 300 + ".md", "~nosuchuser/table.md"],
        ids=["a name too long", "a home that is nobody's"],
    )
    async def test_no_path_ends_the_application(self, home: Home, path: str) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            await to_path(lab, path)
            await lab.press("enter")
            await shows(lab, "Can't write")

    async def test_a_working_folder_that_was_deleted_does_not_end_the_application(
        self, home: Home, folder: Path
    ) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            folder.rmdir()
            await lab.press("e")
            await comes_to(lab, ExportScreen)

    @pytest.mark.parametrize("exists", [True, False])
    async def test_a_sentence_with_a_long_path_can_be_read_whole(
        self, home: Home, tmp_path: Path, exists: bool
    ) -> None:
        write_run(home, sunspots_trial(5))
        deep = tmp_path / "a-semester-of-recurrent-networks" / "practical-four" / "table.md"
        if exists:
            deep.parent.mkdir(parents=True)
            deep.write_text("mine")
        async with laboratory(home, NARROW) as lab:
            await exporting(lab)
            await to_path(lab, str(deep))
            await lab.press("enter")
            await lab.pause()
            assert ("Enter again replaces it." if exists else "or give another place.") in flowing(
                lab
            )


def shown_command(lab: Lab) -> list[str]:
    """The command under the preview, in words; the terminal must be wide enough for it to stand on
    one line.
    """
    return shlex.split(line_with(lab, "Again: ").partition("Again: ")[2])


class TestFormat:
    async def test_is_said_by_the_name_and_previewed_as_it_is_typed(
        self, home: Home, folder: Path
    ) -> None:
        run = write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            assert shown_format(lab) == "Markdown"
            for name, key in NAMES:
                output = FORMATS[key]
                words = output.name
                await to_path(lab, str(folder / name))
                await previews(lab, document_of(run, output=output))
                assert shown_format(lab) == words
                await lab.press("enter")
                await shows(lab, f"{name} as {words}")
                assert (folder / name).read_text() == document_of(run, output=output)

    async def test_is_that_of_the_name_when_enter_comes_before_the_preview(
        self, home: Home, folder: Path
    ) -> None:
        run = write_run(home, sunspots_trial(5))
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            await lab.press("end", *["backspace"] * 2, "t", "e", "x", "enter")
            await shows(lab, "as LaTeX")
            (written,) = folder.iterdir()
            assert (written.suffix, written.read_text()) == (
                ".tex",
                document_of(run, output=FORMATS["latex"]),
            )
            await previews(lab, written.read_text())

    async def test_a_name_that_is_typed_on_does_not_scroll_the_preview_back(
        self, home: Home
    ) -> None:
        write_run(home, alice_trial(1))
        async with laboratory(home) as lab:
            await exporting(lab)
            await lab.press("shift+tab", *["pagedown"] * 9)
            await shows(lab, "## How it was made")
            await lab.press("tab", "end", "left", "left", "left", "x", "y")
            await until(lab, lambda: path_field(lab).endswith("xy.md"))
            await lab.app.workers.wait_for_complete()
            assert "## How it was made" in seen(lab)

    async def test_that_there_is_not_is_said_and_nothing_is_written(
        self, home: Home, folder: Path
    ) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await exporting(lab)
            before = preview(lab)
            await to_path(lab, str(folder / "a.html"))
            words = (
                "a.html: runs can't be written as .html. Let the name end in .md, .csv, .json "
                "or .tex."
            )
            await shows(lab, words)
            assert (preview(lab), shown_format(lab)) == (before, "")
            await lab.press("enter")
            await shows(lab, f"Can't write: {words}")
            assert list(folder.iterdir()) == []
            await to_path(lab, str(folder / "a.csv"))
            await lab.press("enter")
            await shows(lab, "as CSV")


class TestIterations:
    async def test_are_chosen_previewed_and_written(self, home: Home, folder: Path) -> None:
        run = write_run(home, alice_trial(1))
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            assert preview(lab) == document_of(run)
            for text, numbers in (
                ("published", [1, 13, 25]),
                ("last", [25]),
                ("1, 13,25", [1, 13, 25]),
            ):
                await to_iterations(lab, text)
                chosen = Iterations.parse(text)
                await previews(lab, document_of(run, iterations=chosen))
                shown = re.findall(r"^ \| (\d+) \|", "\n".join(lines(lab)), flags=re.MULTILINE)
                assert [int(number) for number in shown] == numbers
            assert "3 of the 25 iterations are shown." in preview(lab)
            await lab.press("enter")
            await shows(lab, "--iterations 1,13,25", "Wrote")
            (written,) = folder.iterdir()
            assert written.read_text() == preview(lab)

    async def test_are_drawn_where_the_document_keeps_its_width(
        self, home: Home, folder: Path
    ) -> None:
        run = write_run(home, alice_trial(1, iterations=3))
        async with laboratory(home) as lab:
            await exporting(lab)
            await to_path(lab, str(folder / "a.tex"))
            await previews(lab, document_of(run, output=FORMATS["latex"]))
            await shows(lab, " 1 & 1.1000", " 3 & 0.4333")
            await to_iterations(lab, "last")
            await until(lab, lambda: " 1 & 1.1000" not in seen(lab))
            assert " 3 & 0.4333" in seen(lab)

    async def test_that_are_none_are_said_and_nothing_is_written(
        self, home: Home, folder: Path
    ) -> None:
        write_run(home, alice_trial(1))
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            await to_iterations(lab, "first")
            await shows(
                lab, "iterations = first: must be all, published, last, or numbers from 1 to 10000."
            )
            await lab.press("enter")
            await shows(lab, "Can't write: iterations = first")
            assert list(folder.iterdir()) == []
            await to_iterations(lab, "last")
            await until(lab, lambda: "first" not in seen(lab))

    async def test_that_are_not_there_are_said_with_how_many_are(
        self, home: Home, folder: Path
    ) -> None:
        write_run(home, alice_trial(1, iterations=2))
        async with laboratory(home) as lab:
            await exporting(lab)
            await to_iterations(lab, "99")
            await lab.press("enter")
            await shows(
                lab,
                "iterations = 99: 2 iterations are complete. Choose numbers from 1 to 2, last or "
                "all.",
            )
            assert list(folder.iterdir()) == []

    async def test_are_all_in_json(self, home: Home, folder: Path) -> None:
        run = write_run(home, alice_trial(1))
        async with laboratory(home, WIDE) as lab:
            await exporting(lab)
            await to_path(lab, str(folder / "a.json"))
            await to_iterations(lab, "last")
            await previews(lab, document_of(run, output=FORMATS["json"]))
            assert shown_format(lab) == "JSON, all iterations"
            await lab.press("enter")
            await shows(lab, "as JSON")
            assert "--iterations" not in seen(lab)

    async def test_of_a_text_that_has_none_of_them_it_is_said(
        self, home: Home, folder: Path
    ) -> None:
        runs = [write_run(home, alice_trial(1)), write_run(home, alice_trial(2, iterations=2))]
        async with laboratory(home, WIDE) as lab:
            await lab.press("space", "down", "space")
            await exporting(lab)
            await to_path(lab, "texts.csv")
            await to_iterations(lab, "13")
            await lab.press("enter")
            await shows(
                lab,
                f"({runs[1].id}) has no row: it has none of the iterations 13.",
                "Wrote",
                "Again:",
            )
        assert runs[1].id not in (folder / "texts.csv").read_text()

    async def test_of_forecasts_are_not_asked(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home) as lab:
            await exporting(lab)
            assert not lab.app.screen.query("#iterations")


class TestAgain:
    async def test_the_command_makes_the_same_document(
        self, home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RNNLAB_HOME", str(home.root))
        runs = [write_run(home, sunspots_trial(5)), write_run(home, alice_trial(1, iterations=2))]
        async with laboratory(home, (400, 45)) as lab:
            await lab.press("space", "down", "space")
            await exporting(lab)
            await lab.press("enter")
            await shows(lab, "Again: ")
            words = shown_command(lab)
        assert words[:2] == ["rnnlab-tui", "export"]
        path = Path(words[words.index("-o") + 1])
        before = path.read_text()
        assert before == document_of(*runs)
        path.unlink()
        outcome = CliRunner().invoke(command, words[1:])
        assert outcome.exit_code == 0, outcome.output
        assert path.read_text() == before

    async def test_the_command_finds_the_home_that_was_given(self, home: Home) -> None:
        write_run(home, sunspots_trial(5))
        async with laboratory(home, (400, 45)) as lab:
            await exporting(lab)
            await lab.press("enter")
            await shows(lab, "Again: ")
            words = shown_command(lab)
        outcome = CliRunner().invoke(command, words[1:])
        assert outcome.exit_code == 0, outcome.output

    async def test_a_path_with_blanks_is_quoted(
        self, home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RNNLAB_HOME", str(home.root))
        write_run(home, sunspots_trial(5))
        async with laboratory(home, (400, 45)) as lab:
            await exporting(lab)
            await to_path(lab, str(folder / "my [bold] table's copy.md"))
            await lab.press("enter")
            await shows(lab, "Again: ", "my [bold] table")
            words = shown_command(lab)
        assert words[-1] == str(folder / "my [bold] table's copy.md")
        assert CliRunner().invoke(command, words[1:]).exit_code == 0
