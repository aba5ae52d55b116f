"""The form of a trial: every parameter, checked as it is typed; on the right what the trial will do."""

import asyncio
from dataclasses import dataclass

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.suggester import Suggester, SuggestFromList
from textual.widgets import Footer, Input, Static

from engine.data.known import SUNSPOTS
from engine.errors import LabError, UsageError
from engine.home import Home
from engine.language import _
from engine.prepare import prepare_trial
from engine.published import reads_the_reports_data
from engine.trial import (
    ACTIVATIONS,
    LARGEST_REPLICATES,
    LARGEST_SEED,
    AliceTrial,
    SunspotsTrial,
    allowed,
    changed,
    parameters_for,
    parameters_model,
    spell,
    wanted,
)
from presets import Preset
from tui import plan
from tui.data_field import CorpusField, DataField, Looked, NameOrPath, SeriesField, refused
from tui.fetching import ShownFetch, in_thread
from tui.keys import bindings
from tui.screens.base import LabScreen

_TELL_S = 0.5
_PAUSE_S = 0.25
"""Between a key and reading the series whose name it may have ended."""


@dataclass(frozen=True)
class Field:
    """One line of the form: its name, what it holds at first, what it may hold, and what it could hold."""

    name: str
    initial: str
    hint: str
    suggestions: tuple[str, ...] = ()


def fields_of(preset: Preset, data: DataField) -> list[Field]:
    """Return the fields of a preset's form, those that people change first on top."""
    model = parameters_model(preset.kind)
    initial = model.model_validate(preset.parameters)
    pairs = (*ACTIVATIONS, *(f"{rnn} & {dense}" for rnn in ACTIVATIONS for dense in ACTIVATIONS if rnn != dense))
    fields = [
        Field(
            name,
            spell(getattr(initial, name)),
            allowed(preset.kind, name),
            pairs if name == "activation" else (),
        )
        for name in model.model_fields
    ]
    fields.append(Field("seed", "1", _("0 to {largest}").format(largest=LARGEST_SEED)))
    if preset.kind == "sunspots":
        fields.append(Field("seeds", "1", _("1 to {most}").format(most=LARGEST_REPLICATES)))
    fields.append(Field(data.name, data.initial, data.hint(""), data.names))
    fields.append(Field("device", "cpu", _("cpu or gpu"), ("cpu", "gpu")))
    return fields


class FormScreen(LabScreen):
    """Changes a preset's parameters and starts the trial."""

    BINDINGS = bindings("form", "everywhere")

    def __init__(self, preset: Preset, home: Home, complaint: str = "") -> None:
        super().__init__()
        self._preset = preset
        self._home = home
        self._complaint = complaint
        self._data: DataField = SeriesField(home) if preset.kind == "sunspots" else CorpusField(home)
        self._fields = {field.name: field for field in fields_of(preset, self._data)}
        self._starting = False

    def compose(self) -> ComposeResult:
        yield Static(f" {self._preset.id}  {self._preset.title}", classes="title", markup=False)
        with Horizontal():
            with VerticalScroll(id="fields", can_focus=False):
                for field in self._fields.values():
                    with Horizontal(classes="field"):
                        yield Static(field.name, classes="label", markup=False)
                        yield Input(
                            field.initial,
                            id=f"field-{field.name}",
                            compact=True,
                            select_on_focus=True,
                            suggester=self._suggester(field),
                        )
                        yield Static(field.hint, id=f"note-{field.name}", classes="note", markup=False)
            with VerticalScroll(id="plan", can_focus=False):
                yield Static(id="plan-text", markup=False)
        yield Static(self._complaint, id="complaint", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        first = "corpus" if self._complaint and "corpus" in self._fields else next(iter(self._fields))
        self.query_one(f"#field-{first}", Input).focus()
        self._draw()
        self._look_at_data(0.0)

    @staticmethod
    def _suggester(field: Field) -> Suggester | None:
        if field.name in ("corpus", "series"):
            return NameOrPath(field.suggestions)
        return SuggestFromList(field.suggestions) if field.suggestions else None

    def value_of(self, name: str) -> str:
        """Return what a field holds, as typed."""
        return self.query_one(f"#field-{name}", Input).value.strip()

    def problem_with(self, name: str) -> str:
        """Say what is wrong with a field in a sentence; empty where nothing is."""
        value = self.value_of(name)
        if name == "seed":
            good = value.isascii() and value.isdigit() and len(value) <= 10 and int(value) <= LARGEST_SEED
            return "" if good else _("a whole number, {range}").format(range=self._fields[name].hint)
        if name == "seeds":
            good = value.isascii() and value.isdigit() and len(value) <= 6 and 1 <= int(value) <= LARGEST_REPLICATES
            return "" if good else _("a whole number, {range}").format(range=self._fields[name].hint)
        if name == "device":
            return "" if value in ("cpu", "gpu") else self._fields[name].hint
        if name == self._data.name:
            return self._data.problem(value)
        try:
            parameters = parameters_for(self._preset, {name: value})
        except UsageError:
            return _("must be {allowed}").format(allowed=wanted(self._preset.kind, name))
        return refused(parameters, self._looked()) if name == self._data.window else ""

    def hint_of(self, name: str) -> str:
        """Say what a field may hold."""
        return self._data.hint(self.value_of(name)) if name == self._data.name else self._fields[name].hint

    @property
    def _replicates(self) -> int:
        valid = "seeds" in self._fields and not self.problem_with("seeds")
        return int(self.value_of("seeds")) if valid else 1

    def _settings(self) -> dict[str, object]:
        return {name: self.value_of(name) for name in self._preset.parameters if self._is_changed(name)}

    def _is_changed(self, name: str) -> bool:
        """Tell whether a field holds another value than at first; 035 is 35. What is wrong is another."""
        value, initial = self.value_of(name), self._fields[name].initial
        try:
            if name in self._preset.parameters:
                return bool(changed(self._preset, parameters_for(self._preset, {name: value})))
            return int(value) != int(initial) if name in ("seed", "seeds") else value != initial
        except (UsageError, ValueError):
            return True

    def on_input_changed(self, event: Input.Changed) -> None:
        self._draw()
        self._explain_field()
        if event.input.id == f"field-{self._data.name}":
            self._look_at_data(_PAUSE_S)

    @work(exclusive=True, group="look")
    async def _look_at_data(self, pause: float) -> None:
        """Find out how much data stands in the form: the plan says what that means."""
        data = self._data
        value = self.value_of(data.name)
        if value == SUNSPOTS and isinstance(data, SeriesField):
            await self.lab.read_series()
        elif data.looked(value) is None and not data.problem(value):
            await asyncio.sleep(pause)
            await in_thread(lambda: data.look(value))
        if self.left:
            return
        self._draw()
        if not self._complaint and not self._starting:
            self._explain_field()

    def _looked(self) -> Looked:
        """Return what is known of the data that stand in the form."""
        value = self.value_of(self._data.name)
        if value == SUNSPOTS and isinstance(self._data, SeriesField):
            return Looked(self.lab.months)
        return self._data.looked(value) or Looked()

    def on_descendant_focus(self) -> None:
        if not self._complaint:
            self._explain_field()
        self._complaint = ""

    def _explain_field(self) -> None:
        """Say in full, at the bottom, what the field with the focus may hold: its own line may be short."""
        if isinstance(self.focused, Input) and self.focused.id:
            self._explain(self.focused.id.removeprefix("field-"))

    def _explain(self, name: str) -> None:
        problem = self.problem_with(name)
        # What the data refuse is a whole sentence, which names the field itself.
        whole = problem.startswith(f"{name} = ")
        self.put("#complaint", problem if whole else f"{name}: {problem or self.hint_of(name)}")

    def _draw(self) -> None:
        wrong = {name: self.problem_with(name) for name in self._fields}
        for name, field in self._fields.items():
            note = self.query_one(f"#note-{name}", Static)
            is_changed = self._is_changed(name)
            note.set_class(bool(wrong[name]), "-wrong")
            note.set_class(is_changed and not wrong[name], "-changed")
            words = f"✗ {wrong[name]}" if wrong[name] else self.hint_of(name)
            if is_changed and not wrong[name]:
                words = _("• was {value}").format(value=field.initial)
            self.put(f"#note-{name}", words)
        if not any(wrong[name] for name in self._preset.parameters):
            self._draw_plan()

    def _draw_plan(self) -> None:
        parameters = parameters_for(self._preset, self._settings())
        took = plan.last_duration(parameters, self._replicates, self.lab.snapshots())
        text = Text()
        data = self._looked()
        for line in plan.what_it_does(self._preset, parameters, data.length, took, data.step, data.distinct):
            text.append(line + "\n")
        if reads_the_reports_data(self._preset.kind, self.value_of(self._data.name), data.prepared_sha256):
            text.append("\n".join(plan.published_lines(self._preset)))
        self.query_one("#plan-text", Static).update(text)

    def action_next_field(self) -> None:
        self.focus_next(Input)

    def action_previous_field(self) -> None:
        self.focus_previous(Input)

    def on_input_submitted(self) -> None:
        self.action_next_field()

    def action_reset(self) -> None:
        if isinstance(self.focused, Input) and self.focused.id:
            self.focused.value = self._fields[self.focused.id.removeprefix("field-")].initial

    def action_start(self) -> None:
        self._begin(watch=True)

    def action_queue(self) -> None:
        self._begin(watch=False)

    def _begin(self, *, watch: bool) -> None:
        wrong = [name for name in self._fields if self.problem_with(name)]
        if wrong:
            self.query_one(f"#field-{wrong[0]}", Input).focus()
            self._explain(wrong[0])
        elif not self._starting:
            self._starting = True
            self.put("#complaint", _("Starting {preset}…").format(preset=self._preset.id))
            self._start(watch=watch)

    @work(exclusive=True, group="start")
    async def _start(self, *, watch: bool) -> None:
        settings, seed, device = self._settings(), int(self.value_of("seed")), self.value_of("device")
        replicates = self._replicates
        corpus, series = (self.value_of(name) if name in self._fields else None for name in ("corpus", "series"))
        fetch = ShownFetch()

        def prepare() -> SunspotsTrial | AliceTrial:
            return prepare_trial(
                self._home,
                self._preset,
                settings=settings,
                seed=seed,
                replicates=replicates,
                corpus=corpus,
                series=series,
                fetch=fetch,
                device="gpu" if device == "gpu" else "cpu",
            )

        telling = self.set_interval(_TELL_S, lambda: self._tell(fetch.words()))
        try:
            # In two steps: who leaves while something is fetched has started nothing.
            trial = await in_thread(prepare)
            run = await self.lab.submit(trial)
        except LabError as error:
            self.put("#complaint", str(error))
        else:
            if watch:
                self.lab.open_run(run)
            else:
                self.put("#complaint", _("Queued: {id}.").format(id=run.id))
        finally:
            telling.stop()
            fetch.stop()
            self._starting = False

    def _tell(self, words: str) -> None:
        if words:
            self.put("#complaint", words)
