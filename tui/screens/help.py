"""The help page: all keys, from the table of keys."""

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from engine.language import _
from engine.trials.trial import SHORT_NAMES
from tui.keys import HEADINGS, KEYS
from tui.screens.base import LabScreen
from tui.widgets.key_footer import KeyFooter
from tui.widgets.message_line import MessageLine


def short_names() -> dict[str, str]:
    """Return what abbreviations in the list stand for: ``{"t…": "time_steps", …}``."""
    names_by_abbreviation: dict[str, list[str]] = {}
    for name, short in SHORT_NAMES.items():
        names_by_abbreviation.setdefault(short, []).append(name)
    meanings = {
        f"{short}…": " / ".join(names) for short, names in names_by_abbreviation.items() if short
    }
    unabbreviated = ", ".join(names_by_abbreviation.get("", []))
    return {
        **meanings,
        "s2": _("seed 2; s1–9 is seeds 1 to 9"),
        "tanh&relu": _("{names}: a word stands for itself").format(names=unabbreviated),
    }


class HelpScreen(LabScreen):
    """Lists every key. Escape, ? or q closes it."""

    BINDINGS = [("escape,question_mark,q,ctrl+l,f1", "back", _("back"))]  # noqa: RUF012 (Textual declares it so)

    def compose(self) -> ComposeResult:
        yield Static(" " + _("Keys"), classes="title", markup=False)
        with VerticalScroll(id="help"):
            width = max(len(key.key_text) for key in KEYS)
            for scope, heading in HEADINGS.items():
                yield Static(heading, classes="heading", markup=False)
                for key in KEYS:
                    if key.scope == scope:
                        with Horizontal(classes="key"):
                            yield Static(
                                key.key_text.ljust(width), classes="spelling", markup=False
                            )
                            yield Static(key.meaning, classes="meaning", markup=False)
            yield Static(_("Short names in the list of runs"), classes="heading", markup=False)
            for short, names in short_names().items():
                with Horizontal(classes="key"):
                    yield Static(short.ljust(width), classes="spelling", markup=False)
                    yield Static(names, classes="meaning", markup=False)
        yield MessageLine(id="answer")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#help").focus()
