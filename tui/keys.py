"""Every key of the application in one table.

From it bindings, the footer, the help page and `rnnlab-tui keys` are made. Screens with input
fields use control and function keys, because letters belong to the focused field. Not every key
arrives everywhere: the terminal in VS Code keeps F1 and F5, so every action has another key too;
screen and tmux keep ctrl+a and ctrl+b, VS Code ctrl+e, ctrl+f, ctrl+g, ctrl+k and ctrl+p, browsers
ctrl+n, ctrl+t and ctrl+w.
"""

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType
from textual.widget import Widget

from engine.language import _

Scope = Literal["home", "new", "form", "run", "export", "filter", "lists", "everywhere"]

_PRIORITY_KEYS = {
    ("run", "left"),
    ("run", "right"),
    ("form", "down,tab"),
    ("form", "up,shift+tab"),
}
"""Keys that trigger the screen's action even if the focused widget has an action for them."""


@dataclass(frozen=True)
class Key:
    """One key: where it works, its footer label and what it does (``meaning``)."""

    scope: Scope
    key: str
    action: str
    label: str
    meaning: str
    shown: str = ""
    """How the key is written, if Textual's own name would not do."""
    footer: bool = True
    name: str = ""
    """Distinguishes it from other keys of the same action, in its id."""

    @property
    def id(self) -> str:
        """Its unique name, by which a keymap refers to it."""
        return ".".join(
            part for part in (self.scope, self.action.partition("(")[0], self.name) if part
        )

    @property
    def key_text(self) -> str:
        return self.shown or self.key

    @property
    def bindings(self) -> list[Binding]:
        """A binding per key; the first has the id itself, the others ``home.move.down.j``, say."""
        return [
            Binding(
                key,
                self.action,
                self.label,
                show=self.footer and not number,
                # The footer has room for one: the key that arrives from every terminal comes first.
                key_display=self.key_text.partition(" ")[0],
                priority=(self.scope, self.key) in _PRIORITY_KEYS,
                id=f"{self.id}.{key}" if number else self.id,
            )
            for number, key in enumerate(self.key.split(","))
        ]


HEADINGS: dict[Scope, str] = {
    "everywhere": _("Everywhere"),
    "lists": _("Everywhere except in input fields"),
    "home": _("Home: the list of runs"),
    "new": _("New trial: the presets"),
    "form": _("The trial's form"),
    "run": _("A run"),
    "export": _("Export"),
    "filter": _("The filter of the runs or of the presets"),
}

KEYS: tuple[Key, ...] = (
    Key("home", "n", "new", _("new"), _("Choose a preset and start a trial.")),
    Key("home", "up,k", "move(-1)", _("up"), _("Go to the run above."), shown="↑ k", footer=False, name="up"),
    Key("home", "down,j", "move(1)", _("down"), _("Go to the run below."), shown="↓ j", footer=False, name="down"),
    Key("home", "pageup", "move(-10)", _("page up"), _("Go ten runs up."), shown="pgup", footer=False, name="page_up"),
    Key("home", "pagedown", "move(10)", _("page down"), _("Go ten runs down."), shown="pgdn", footer=False, name="page_down"),
    Key("home", "home", "move(-1000000)", _("first"), _("Go to the newest run."), footer=False, name="first"),
    Key("home", "end", "move(1000000)", _("last"), _("Go to the oldest run."), footer=False, name="last"),
    Key("home", "enter", "open", _("open"), _("Open the run under the cursor."), shown="enter"),
    Key("home", "space", "mark", _("mark"), _("Mark the run for export."), shown="space"),
    Key("home", "e", "export", _("export"), _("Export the marked runs, or the one under the cursor.")),
    Key("home", "x", "cancel", _("cancel"), _("Ask the run to stop; r resumes it.")),
    Key("home", "r", "resume", _("resume"), _("Resume a run that ended early: from its last checkpoint, or from the start if it has none.")),
    Key("home", "h", "hold", _("hold"), _("Keep a queued run from being started; press again to release it.")),
    Key("home", "f", "first", _("first"), _("Start a queued run before the others.")),
    Key("home", "slash", "filter", _("filter"), _("Show only the runs whose lines (except the age) or id contain the words you type."), shown="/"),
    Key("home", "escape", "clear_filter", _("all runs"), _("Show all runs again."), shown="esc"),
    Key("home", "q", "leave", _("leave"), _("Leave; the runs continue without you.")),
    Key("new", "enter", "adjust", _("adjust"), _("Open the form of the preset under the cursor."), shown="enter"),
    Key("new", "ctrl+o,f5", "start", _("run"), _("Start the preset as it is, and watch it."), shown="ctrl+o f5"),
    Key("new", "ctrl+s", "queue", _("queue"), _("Queue the preset as it is, and stay here."), shown="ctrl+s"),
    Key("new", "right", "scroll_plan(1)", _("more"), _("Read more of what the preset will do."), shown="→", name="on"),
    Key("new", "left", "scroll_plan(-1)", _("back up"), _("Scroll back up."), shown="←", footer=False, name="back"),
    Key("new", "slash", "filter", _("filter"), _("Show only the presets that contain the words you type."), shown="/"),
    Key("new", "escape", "back", _("back"), _("Show all presets again; go back."), shown="esc"),
    Key("form", "enter,ctrl+o,f5", "start", _("run"), _("Start the trial, and watch it."), shown="enter ctrl+o f5"),
    Key("form", "ctrl+s", "queue", _("queue"), _("Queue the trial, and stay here."), shown="ctrl+s"),
    Key("form", "ctrl+r", "reset", _("reset field"), _("Put the preset's value back into the field; pressed again, into all fields."), shown="ctrl+r"),
    Key("form", "down,tab", "next_field", _("next"), _("Go to the next field."), shown="↓ tab", footer=False),
    Key("form", "up,shift+tab", "previous_field", _("previous"), _("Go to the previous field."), shown="↑", footer=False),
    Key("form", "pagedown", "scroll_plan(1)", _("more"), _("Read more of what the trial will do."), shown="pgdn", name="on"),
    Key("form", "pageup", "scroll_plan(-1)", _("back up"), _("Scroll back up."), shown="pgup", footer=False, name="back"),
    Key("form", "escape", "back", _("back"), _("Go back; your changes are kept until you return."), shown="esc"),
    Key("run", "tab", "next_tab", _("next tab"), _("Show the next tab."), shown="tab"),
    Key("run", "shift+tab", "previous_tab", _("prev tab"), _("Show the previous tab."), footer=False),
    Key("run", "1,2,3,4,5", "noop", "1–5", _("Show a tab by its number."), shown="1–5", footer=False),
    Key("run", "l", "toggle_log", _("log y"), _("Draw the loss on a logarithmic scale, or not.")),
    Key("run", "s", "smooth", _("smooth"), _("Smooth the loss curve: off, 3, 9 epochs.")),
    Key("run", "left", "sideways(-1)", _("earlier"), _("Earlier months of the prediction; the text of the previous iteration."), shown="←", footer=False, name="earlier"),
    Key("run", "right", "sideways(1)", _("later"), _("Later months; the text of the next iteration, the last one follows."), shown="→", footer=False, name="later"),
    Key("run", "plus", "zoom(1)", _("zoom"), _("Zoom the prediction in."), shown="+", footer=False, name="in"),
    Key("run", "minus", "zoom(-1)", _("zoom out"), _("Zoom the prediction out."), shown="-", footer=False, name="out"),
    Key("run", "pageup", "page_up", _("page up"), _("A page up in the epochs, the text, the parameters or the log."), shown="pgup", footer=False),
    Key("run", "pagedown", "page_down", _("page down"), _("A page down in them."), shown="pgdn", footer=False),
    Key("run", "home", "scroll_home", _("top"), _("Their beginning."), footer=False),
    Key("run", "end", "scroll_end", _("end"), _("Their end; of a text that is being typed, all of it at once."), footer=False),
    Key("run", "space", "pause", _("pause"), _("Pause or continue typing the text."), shown="space", footer=False),
    Key("run", "x", "cancel", _("cancel"), _("Ask the run to stop; r resumes it.")),
    Key("run", "r", "resume", _("resume"), _("Resume a run that ended early: from its last checkpoint, or from the start if it has none.")),
    Key("run", "e", "export", _("export"), _("Export the run.")),
    Key("run", "escape", "back", _("home"), _("Back to the list of runs; the run continues."), shown="esc"),
    Key("run", "q", "leave", _("leave"), _("Leave; the run continues without you.")),
    Key("export", "enter", "write", _("write"), _("Write the file."), shown="enter"),
    Key("export", "escape", "back", _("back"), _("Go back; what you typed is kept until you return."), shown="esc"),
    Key("filter", "enter,down", "keep", _("keep"), _("Go to the list of what matches."), shown="enter ↓"),
    Key("filter", "escape", "clear", _("all"), _("Show all again."), shown="esc"),
    Key("lists", "question_mark", "app.help", _("help"), _("Show the keys."), shown="?"),
    Key("lists", "ctrl+d", "app.quit", _("quit"), _("Leave, as in a shell."), shown="ctrl+d", footer=False),
    Key("everywhere", "ctrl+l,f1", "app.help", _("help"), _("Show the keys, in a form too."), shown="ctrl+l f1"),
    Key("everywhere", "ctrl+q", "app.quit", _("quit"), _("Leave from anywhere; the runs continue."), shown="ctrl+q", footer=False),
    Key("everywhere", "ctrl+z", "app.suspend_process", _("suspend"), _("Back to the shell for a while; its `fg` returns here."), shown="ctrl+z", footer=False),
)  # fmt: skip


def bindings_without(key: str, widget: type[Widget]) -> list[BindingType]:
    """Return the bindings of a Textual widget except the one for a key that its screen uses."""
    return [
        binding
        for binding in widget.BINDINGS
        if not (isinstance(binding, Binding) and binding.key == key)
    ]


def bindings(*scopes: Scope) -> list[BindingType]:
    """Return the bindings of the scopes, in the table's order."""
    return [
        binding
        for key in KEYS
        if key.scope in scopes and key.action != "noop"
        for binding in key.bindings
    ]


def as_text() -> str:
    """Return the whole table as aligned lines: for each scope a heading and its keys."""
    width = max(len(key.key_text) for key in KEYS)
    parts = []
    for scope, heading in HEADINGS.items():
        rows = [f"  {key.key_text:<{width}}  {key.meaning}" for key in KEYS if key.scope == scope]
        parts.append("\n".join([heading, *rows]))
    return "\n\n".join(parts)
