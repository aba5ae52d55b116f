"""Export: the Markdown as it will be, where it goes, and afterwards the command that would make it again."""

import asyncio
import shlex
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer, Input, Static, TextArea

from engine.errors import LabError, UsageError
from engine.files import expanded, is_file, write_document
from engine.home import find_home
from engine.language import _, ngettext
from engine.report import document
from engine.runs import Run
from engine.sanitise import printable
from engine.watch import Snapshot
from tui.keys import bindings
from tui.screens.base import LabScreen
from tui.widgets.line_input import LineInput
from tui.widgets.message_line import MessageLine


def free_path(folder: Path, runs: Sequence[Run]) -> Path:
    """Return a file name in ``folder`` that nothing has yet: by the run, or by the day for several."""
    stem = f"rnnlab-{runs[0].id}" if len(runs) == 1 else f"rnnlab-{date.today().isoformat()}"
    for suffix in ("", *(f"-{n}" for n in range(2, 1000))):
        path = folder / f"{stem}{suffix}.md"
        if not path.exists():
            return path
    return folder / f"{stem}.md"


def current_folder() -> Path:
    """Return the folder that the application was started in; the person's own where that is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path.home()


class ExportScreen(LabScreen):
    """Previews one Markdown document for some runs, and writes it."""

    BINDINGS = bindings("export", "everywhere")
    ANSWER = "#complaint"

    def __init__(self, runs: Sequence[Run]) -> None:
        super().__init__()
        self._runs = list(runs)
        self._text = ""
        self._overwrite: Path | None = None
        """The existing file that the next Enter may replace: the first one only asks."""

    def compose(self) -> ComposeResult:
        count = ngettext("{n} run", "{n} runs", len(self._runs)).format(n=len(self._runs))
        yield Static(f" {_('Export')}  {count}", classes="title", markup=False)
        yield TextArea("", id="preview", read_only=True, show_cursor=False, soft_wrap=False, compact=True)
        with Horizontal(classes="field"):
            yield Static(_("file"), classes="label", markup=False)
            yield LineInput(
                str(free_path(current_folder(), self._runs)), id="path", compact=True, select_on_focus=False
            )
        yield MessageLine(id="complaint")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#path", Input).focus()
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        try:
            self._text = await asyncio.to_thread(lambda: document([Snapshot.of(run) for run in self._runs]))
        except (LabError, OSError) as error:
            self.answer(error if isinstance(error, LabError) else str(error))
            return
        self.query_one("#preview", TextArea).text = "\n".join(printable(line) for line in self._text.split("\n"))

    def on_input_changed(self) -> None:
        self._overwrite = None

    def action_write(self) -> None:
        if not self._text:
            return
        try:
            path = expanded(self.query_one("#path", Input).value)
        except UsageError as error:
            self.answer(LabError(_("Can't write: {reason}").format(reason=error.what), error.remedy))
            return
        if is_file(path) and path != self._overwrite:
            self._overwrite = path
            self.answer(LabError(_("{path} exists.").format(path=path), _("Enter again replaces it.")))
            return
        try:
            write_document(path, self._text)
        except OSError as error:
            reason = error.strerror or str(error)
            self.answer(_("Can't write {path}: {reason}.").format(path=path, reason=reason))
            return
        self._overwrite = path
        home = self.lab.home.root
        given = [] if home == find_home().root else ["--home", str(home)]
        command = shlex.join(["rnnlab-tui", "export", *given, *(run.id for run in self._runs), "-o", str(path)])
        self.answer(_("Wrote {path}\nAgain: {command}").format(path=path, command=command))
