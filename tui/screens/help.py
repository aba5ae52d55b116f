"""The keys, as the one table of them says."""

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Static

from engine.language import _
from tui.keys import HEADINGS, KEYS
from tui.screens.base import LabScreen
from tui.widgets.message_line import MessageLine


class HelpScreen(LabScreen):
    """Lists every key. Any of escape, ? and q closes it."""

    BINDINGS = [("escape,question_mark,q,ctrl+l,f1", "back", _("back"))]  # noqa: RUF012 (Textual declares it so)

    def compose(self) -> ComposeResult:
        yield Static(" " + _("Keys"), classes="title", markup=False)
        with VerticalScroll(id="help"):
            width = max(len(key.spelling) for key in KEYS)
            for scope, heading in HEADINGS.items():
                yield Static(heading, classes="heading", markup=False)
                for key in KEYS:
                    if key.scope == scope:
                        with Horizontal(classes="key"):
                            yield Static(key.spelling.ljust(width), classes="spelling", markup=False)
                            yield Static(key.meaning, classes="meaning", markup=False)
        yield MessageLine(id="answer")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#help").focus()
