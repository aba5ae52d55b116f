"""The keys, as the one table of them says."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Footer, Static

from engine.language import _
from tui.keys import HEADINGS, KEYS
from tui.screens.base import LabScreen


class HelpScreen(LabScreen):
    """Lists every key. Any of escape, ? and q closes it."""

    BINDINGS = [("escape,question_mark,q,f1", "back", _("back"))]  # noqa: RUF012 (Textual declares it so)

    def compose(self) -> ComposeResult:
        yield Static(" " + _("Keys"), classes="title", markup=False)
        with VerticalScroll(id="help"):
            for scope, heading in HEADINGS.items():
                rows = [f"  {key.spelling:<8} {key.meaning}" for key in KEYS if key.scope == scope]
                yield Static("\n".join([heading, *rows, ""]), markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#help").focus()
