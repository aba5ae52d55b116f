"""Export: a preview of the document, its file, and afterwards the command that repeats it."""

import asyncio
import shlex
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static, TextArea

from engine.errors import LabError, UsageError
from engine.host.files import expand_path, is_file, write_error, write_user_file
from engine.host.home import find_home
from engine.language import _, ngettext
from engine.reports.document import check_iterations, render_document, runs_left_out
from engine.reports.formats import Format, format_name, format_of
from engine.reports.iterations import ALL_ITERATIONS, Iterations
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.sanitise import printable
from tui.keys import bindings
from tui.screens.base import LabScreen
from tui.widgets.key_footer import KeyFooter
from tui.widgets.line_input import LineInput
from tui.widgets.message_line import MessageLine

_PAUSE_S = 0.25
"""Between a key and updating the preview."""


def unused_path(folder: Path, runs: Sequence[Run]) -> Path:
    """Return an unused file name in ``folder``, from the run's id, or from the date for several."""
    stem = f"rnnlab-{runs[0].id}" if len(runs) == 1 else f"rnnlab-{date.today().isoformat()}"
    for suffix in ("", *(f"-{n}" for n in range(2, 1000))):
        path = folder / f"{stem}{suffix}.md"
        if not path.exists():
            return path
    return folder / f"{stem}.md"


def current_folder() -> Path:
    """Return the folder that the application was started in; the home directory if that is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path.home()


class ExportScreen(LabScreen):
    """Previews a document for some runs, in the format of the file name's ending, and writes it."""

    BINDINGS = bindings("export", "everywhere")
    ANSWER = "#complaint"

    def __init__(self, runs: Sequence[Run]) -> None:
        super().__init__()
        self._runs = list(runs)
        self._has_texts = any(run.submission.trial.parameters.has_iterations for run in runs)
        self._snapshots: list[Snapshot] | None = None
        self._text = ""
        self._previewed: tuple[Format, Iterations] | None = None
        """The format and iterations of ``_text``, which is previewed."""
        self._overwrite: Path | None = None
        """The existing file that the next Enter may replace: the first one only asks."""
        self._initial: dict[str, str] = {}
        """The fields' initial values, by name."""
        self._values: dict[str, str] = {}
        """Their present values."""

    def compose(self) -> ComposeResult:
        count = ngettext("{n} run", "{n} runs", len(self._runs)).format(n=len(self._runs))
        self._initial = {"path": str(unused_path(current_folder(), self._runs))}
        if self._has_texts:
            self._initial["iterations"] = str(ALL_ITERATIONS)
        values = self._values = self._initial | self._draft()
        formats = _("as .md, .csv, .json or .tex: by the name")
        yield Static(f" {_('Export')}  {count}   {formats}", classes="title", markup=False)
        yield TextArea(
            "", id="preview", read_only=True, show_cursor=False, soft_wrap=False, compact=True
        )
        with Horizontal(classes="field"):
            yield Static(_("file"), classes="label", markup=False)
            yield LineInput(values["path"], id="path", compact=True, select_on_focus=False)
            yield Static(id="format", classes="note", markup=False)
        if self._has_texts:
            with Horizontal(classes="field"):
                yield Static(_("iterations"), classes="label", markup=False)
                yield LineInput(values["iterations"], id="iterations", compact=True)
                hint = _("all, published, last, or numbers: 1,13,25")
                yield Static(hint, id="iterations-hint", classes="note", markup=False)
        yield MessageLine(id="complaint")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#path", Input).focus()
        self._show_format()
        if self._draft():
            self.answer(_("As you left it."))
        self._read()

    @property
    def _ids(self) -> list[str]:
        return [run.id for run in self._runs]

    def _draft(self) -> dict[str, str]:
        """Return the input, by field, that was left here without writing a file."""
        draft = self.lab.drafts.export(self._ids)
        return {name: value for name, value in draft.items() if name in self._initial}

    def _keep_draft(self) -> None:
        changed = {
            name: value for name, value in self._values.items() if value != self._initial[name]
        }
        self.lab.drafts.keep_export(self._ids, changed)

    @work(exclusive=True)
    async def _read(self) -> None:
        try:
            self._snapshots = await asyncio.to_thread(
                lambda: [Snapshot.of(run) for run in self._runs]
            )
        except (LabError, OSError) as error:
            self.answer(error if isinstance(error, LabError) else str(error))
            return
        if not self.is_closed:
            await self._preview()

    @work(exclusive=True)
    async def _preview_soon(self) -> None:
        """Update the preview after a change, once the person pauses."""
        await asyncio.sleep(_PAUSE_S)
        if not self.is_closed:
            await self._preview()

    async def _preview(self) -> None:
        try:
            requested = self._requested()
        except UsageError as error:
            # The previous document stays.
            self.answer(error)
            return
        if requested == self._previewed:
            return
        text = await self._document(requested)
        if self.is_closed:
            return
        self._text, self._previewed = text, requested
        preview = self.query_one("#preview", TextArea)
        preview.text = "\n".join(printable(line) for line in self._text.split("\n"))
        # Textual redraws a new text only if it needs other scrollbars.
        preview.refresh()

    def _requested(self) -> tuple[Format, Iterations]:
        """Return the requested format and iterations. Raises :class:`UsageError` if invalid."""
        output = self._format()
        if not self._has_texts or output == "json":
            return output, ALL_ITERATIONS
        iterations = Iterations.parse(self.query_one("#iterations", Input).value)
        check_iterations(self._snapshots or [], iterations)
        return output, iterations

    def _format(self) -> Format:
        """Return the format of the file name. Raises :class:`UsageError` if it is unknown."""
        return format_of(self.query_one("#path", Input).value)

    async def _document(self, requested: tuple[Format, Iterations]) -> str:
        output, iterations = requested
        runs = self._snapshots or []
        return await asyncio.to_thread(lambda: render_document(runs, output, iterations=iterations))

    def _show_format(self) -> None:
        try:
            output = self._format()
        except UsageError:
            # The name may be incomplete: a problem is reported once the person pauses.
            self.set_text("#format", "")
            return
        description = format_name(output)
        if output == "json" and self._has_texts:
            description = _("{format}, all iterations").format(format=description)
        self.set_text("#format", description)

    def on_input_changed(self, event: Input.Changed) -> None:
        # Textual also sends this event for a field's initial value.
        if self._values.get(event.input.id or "") == event.value:
            return
        self._values[event.input.id or ""] = event.value
        self._overwrite = None
        self._keep_draft()
        self._show_format()
        if self._snapshots is not None:
            self.answer("")
            self._preview_soon()

    async def action_write(self) -> None:
        if self._snapshots is None:
            return
        try:
            path = expand_path(self.query_one("#path", Input).value)
            output, iterations = requested = self._requested()
        except UsageError as error:
            self.answer(
                LabError(_("Can't write: {reason}").format(reason=error.what), error.remedy)
            )
            return
        if is_file(path) and path != self._overwrite:
            self._overwrite = path
            self.answer(
                LabError(_("{path} exists.").format(path=path), _("Enter again replaces it."))
            )
            return
        # What the fields request now; the preview may be older.
        text = self._text if requested == self._previewed else await self._document(requested)
        try:
            write_user_file(path, text)
        except OSError as error:
            self.answer(write_error(path, error))
            return
        self._overwrite = path
        self.lab.drafts.keep_export(self._ids, {})
        message = _("Wrote {path} as {format}\nAgain: {command}").format(
            path=path, format=format_name(output), command=self._command(path, iterations)
        )
        self.answer("\n".join([*runs_left_out(self._snapshots, output, iterations), message]))

    def _command(self, path: Path, iterations: Iterations) -> str:
        """Return the command line that writes the same document again."""
        home = self.lab.home.root
        home_option = [] if home == find_home().root else ["--home", str(home)]
        iterations_option = (
            [] if iterations == ALL_ITERATIONS else ["--iterations", str(iterations)]
        )
        return shlex.join(
            ["rnnlab-tui", "export", *home_option, *self._ids, *iterations_option, "-o", str(path)]
        )
