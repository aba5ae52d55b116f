"""Every key of the application in one table: it makes the bindings, the footer, the help page and the README's section.

Screens with input fields use control and function keys: letters belong to the field that has the focus.
"""

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType
from textual.widget import Widget

from engine.language import _

Scope = Literal["home", "new", "form", "run", "export", "lists", "everywhere"]


_FIRST_OF_ALL = {
    *((scope, key) for scope in ("new", "run") for key in ("left", "right")),
    *(("form", key) for key in ("down,tab", "up,shift+tab", "enter")),
}
"""Keys that mean the screen's action even where the widget with the focus has one of its own.

Moving between fields is among them because other keys wait in the queue of the widget that has the focus when they
come: what is typed quickly after a move, on a slow link say, would land in the field before. For the same reason no
key that acts on what was chosen or typed may be among them: it would overtake the keys that chose.
"""


@dataclass(frozen=True)
class Key:
    """One key: where it works, what it is called in the footer (``label``) and what it does (``meaning``)."""

    scope: Scope
    key: str
    action: str
    label: str
    meaning: str
    shown: str = ""
    """How the key is written where Textual's own spelling would not do."""
    footer: bool = True

    @property
    def spelling(self) -> str:
        return self.shown or self.key

    @property
    def binding(self) -> Binding:
        return Binding(
            self.key,
            self.action,
            self.label,
            show=self.footer,
            key_display=self.spelling,
            priority=(self.scope, self.key) in _FIRST_OF_ALL,
            id=f"{self.scope}.{self.action.split('(')[0]}",
        )


HEADINGS: dict[Scope, str] = {
    "everywhere": _("Everywhere"),
    "lists": _("Everywhere but where one types"),
    "home": _("Home: the list of runs"),
    "new": _("New trial: the presets"),
    "form": _("The trial's form"),
    "run": _("A run"),
    "export": _("Export"),
}

KEYS: tuple[Key, ...] = (
    Key("home", "n", "new", _("new"), _("Choose a preset and start a trial.")),
    Key("home", "up,k", "move(-1)", _("up"), _("Go to the run above."), shown="↑ k", footer=False),
    Key("home", "down,j", "move(1)", _("down"), _("Go to the run below."), shown="↓ j", footer=False),
    Key("home", "pageup", "move(-10)", _("page up"), _("Go ten runs up."), shown="pgup", footer=False),
    Key("home", "pagedown", "move(10)", _("page down"), _("Go ten runs down."), shown="pgdn", footer=False),
    Key("home", "home", "move(-1000000)", _("first"), _("Go to the newest run."), footer=False),
    Key("home", "end", "move(1000000)", _("last"), _("Go to the oldest run."), footer=False),
    Key("home", "enter", "open", _("open"), _("Open the run under the cursor."), shown="enter"),
    Key("home", "space", "mark", _("mark"), _("Mark the run for export."), shown="space"),
    Key("home", "e", "export", _("export"), _("Export the marked runs, or the one under the cursor.")),
    Key("home", "x", "cancel", _("cancel"), _("Ask the run under the cursor to stop.")),
    Key("home", "r", "resume", _("resume"), _("Have a run that ended before its time go on from its last checkpoint."), footer=False),
    Key("home", "h", "hold", _("hold"), _("Keep a queued run from being started; again: let it be."), footer=False),
    Key("home", "f", "first", _("first"), _("Have a queued run started before the others."), footer=False),
    Key("home", "q", "leave", _("leave"), _("Leave; the runs go on without you.")),
    Key("new", "enter", "adjust", _("adjust"), _("Open the form of the preset under the cursor."), shown="enter"),
    Key("new", "f5", "start", _("run"), _("Start the preset as it is, and watch it."), shown="f5"),
    Key("new", "ctrl+s", "queue", _("queue"), _("Queue the preset as it is, and stay here."), shown="ctrl+s"),
    Key("new", "right", "scroll_plan(1)", _("more"), _("Read on what the preset will do."), shown="→"),
    Key("new", "left", "scroll_plan(-1)", _("back up"), _("Read what stood above."), shown="←", footer=False),
    Key("new", "escape", "back", _("back"), _("Go back."), shown="esc"),
    Key("form", "f5", "start", _("run"), _("Start the trial, and watch it."), shown="f5"),
    Key("form", "ctrl+s", "queue", _("queue"), _("Queue the trial, and stay here."), shown="ctrl+s"),
    Key("form", "ctrl+r", "reset", _("reset field"), _("Put the preset's value back into the field."), shown="ctrl+r"),
    Key("form", "down,tab", "next_field", _("next"), _("Go to the next field."), shown="↓ tab", footer=False),
    Key("form", "up,shift+tab", "previous_field", _("previous"), _("Go to the field before."), shown="↑", footer=False),
    Key("form", "enter", "next_field", _("next"), _("Go to the next field."), shown="enter", footer=False),
    Key("form", "pagedown", "scroll_plan(1)", _("more"), _("Read on what the trial will do."), shown="pgdn", footer=False),
    Key("form", "pageup", "scroll_plan(-1)", _("back up"), _("Read what stood above."), shown="pgup", footer=False),
    Key("form", "escape", "back", _("back"), _("Go back."), shown="esc"),
    Key("run", "tab", "next_tab", _("next tab"), _("Show the next tab."), shown="tab"),
    Key("run", "shift+tab", "previous_tab", _("tab before"), _("Show the tab before."), footer=False),
    Key("run", "1,2,3,4,5", "noop", "1–5", _("Show a tab by its number."), shown="1–5", footer=False),
    Key("run", "l", "toggle_log", _("log y"), _("Draw the loss on a logarithmic scale, or not.")),
    Key("run", "s", "smooth", _("smooth"), _("Smooth the loss curve: off, 3, 9 epochs.")),
    Key("run", "left", "sideways(-1)", _("earlier"), _("Earlier months of the prediction; the text of the iteration before."), shown="←", footer=False),
    Key("run", "right", "sideways(1)", _("later"), _("Later months; the text of the next iteration, the last one follows."), shown="→", footer=False),
    Key("run", "plus", "zoom(1)", _("zoom"), _("Zoom the prediction in."), shown="+", footer=False),
    Key("run", "minus", "zoom(-1)", _("zoom out"), _("Zoom the prediction out."), shown="-", footer=False),
    Key("run", "pageup", "page_up", _("page up"), _("A page up in the epochs, the text, the parameters or the log."), shown="pgup", footer=False),
    Key("run", "pagedown", "page_down", _("page down"), _("A page down in them."), shown="pgdn", footer=False),
    Key("run", "home", "scroll_home", _("top"), _("Their beginning."), footer=False),
    Key("run", "end", "scroll_end", _("end"), _("Their end; of a text that is being typed, all of it at once."), footer=False),
    Key("run", "space", "pause", _("pause"), _("Stop typing the text, or go on."), shown="space", footer=False),
    Key("run", "x", "cancel", _("cancel"), _("Ask the run to stop.")),
    Key("run", "r", "resume", _("resume"), _("Have a run that ended before its time go on from its last checkpoint."), footer=False),
    Key("run", "e", "export", _("export"), _("Export the run.")),
    Key("run", "escape", "back", _("home"), _("Back to the list of runs; the run goes on."), shown="esc"),
    Key("run", "q", "leave", _("leave"), _("Leave; the run goes on without you.")),
    Key("export", "enter", "write", _("write"), _("Write the file."), shown="enter"),
    Key("export", "escape", "back", _("back"), _("Go back."), shown="esc"),
    Key("lists", "question_mark", "app.help", _("help"), _("Show the keys."), shown="?"),
    Key("lists", "ctrl+d", "app.quit", _("quit"), _("Leave, as one leaves a shell."), shown="ctrl+d", footer=False),
    Key("everywhere", "f1", "app.help", _("help"), _("Show the keys, in a form too."), shown="f1"),
    Key("everywhere", "ctrl+q", "app.quit", _("quit"), _("Leave from anywhere; the runs go on."), shown="ctrl+q", footer=False),
    Key("everywhere", "ctrl+z", "app.suspend_process", _("suspend"), _("Back to the shell for a while; its `fg` comes back here."), shown="ctrl+z", footer=False),
)  # fmt: skip


def all_but(key: str, widget: type[Widget]) -> list[BindingType]:
    """Return the bindings of one of Textual's widgets but for a key that is its screen's."""
    return [binding for binding in widget.BINDINGS if not (isinstance(binding, Binding) and binding.key == key)]


def bindings(*scopes: Scope) -> list[BindingType]:
    """Return the bindings of the scopes, in the table's order."""
    return [key.binding for key in KEYS if key.scope in scopes and key.action != "noop"]


def as_markdown() -> str:
    """Return the whole table as Markdown, for the help page and the README."""
    parts = []
    for scope, heading in HEADINGS.items():
        rows = [f"| `{key.spelling}` | {key.meaning} |" for key in KEYS if key.scope == scope]
        parts.append("\n".join([f"**{heading}**", "", f"| {_('Key')} | {_('What it does')} |", "| --- | --- |", *rows]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(as_markdown(), end="")  # noqa: T201 (what this module is run for)
