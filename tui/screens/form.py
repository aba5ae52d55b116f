"""The form of a trial: parameters, validated while typing; beside them what the trial will do."""

import asyncio
from dataclasses import dataclass

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.suggester import Suggester, SuggestFromList
from textual.widgets import Input, Static

from engine.data.catalog import CATALOG, PYTHON_DOCS, SUNSPOTS
from engine.errors import LabError, UsageError
from engine.host.home import Home
from engine.language import _
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.reports.published import reads_the_reports_data
from engine.trials.data_options import describe_option, option_choices
from engine.trials.kinds import load
from engine.trials.trial import (
    LARGEST_REPLICATES,
    LARGEST_SEED,
    TRIALS,
    Trial,
    choices,
    describe_expected,
    describe_range,
    diff_from_preset,
    format_value,
    parameters_for,
    parameters_model,
)
from presets import Preset
from tui.fetching import CancellableFetch, run_in_daemon_thread
from tui.keys import bindings
from tui.kinds import KINDS
from tui.plotting.series_summary import SeriesSummary
from tui.screens.base import LabScreen
from tui.screens.data_field import (
    DataField,
    DataSummary,
    NameOrPath,
    SeriesField,
    advice_in_form,
    why_unusable,
)
from tui.screens.form_advice import unquoted
from tui.widgets.key_footer import KeyFooter
from tui.widgets.line_input import LineInput
from tui.widgets.message_line import MessageLine
from tui.words import plan

_PLOT_HEIGHT = 3
_STATUS_S = 0.5
_PAUSE_S = 0.25
"""Between a key and reading the data, whose name may then be complete."""


@dataclass(frozen=True)
class Field:
    """One line of the form: its name, its initial value, what is valid, and suggestions."""

    name: str
    initial: str
    hint: str
    suggestions: tuple[str, ...] = ()


def fields_of(preset: Preset, data: DataField) -> list[Field]:
    """Return the fields of a preset's form, those that people change first at the top."""
    model = parameters_model(preset.kind)
    initial = model.model_validate(preset.parameters)
    fields = [
        Field(
            name,
            format_value(getattr(initial, name)),
            describe_range(preset.kind, name),
            choices(preset.kind, name),
        )
        for name in model.model_fields
    ]
    fields.append(Field("seed", "1", _("0 to {largest}").format(largest=LARGEST_SEED)))
    if TRIALS[preset.kind].trains_seeds_together:
        fields.append(Field("seeds", "1", _("1 to {most}").format(most=LARGEST_REPLICATES)))
    fields.append(Field(data.name, data.initial, data.hint("", {}), data.names))
    fields += [
        Field(
            name,
            data.option_initial(name),
            describe_option(data.options, name),
            (data.option_initial(name), *option_choices(data.options, name)),
        )
        for name in data.options.model_fields
    ]
    fields.append(Field("device", "cpu", _("cpu or gpu"), ("cpu", "gpu")))
    return fields


class FormScreen(LabScreen):
    """Changes a preset's parameters and starts the trial."""

    BINDINGS = bindings("form", "everywhere")

    ANSWER = "#complaint"

    def __init__(self, preset: Preset, home: Home, complaint: LabError | None = None) -> None:
        """``complaint``: why the preset could not be started as it is."""
        super().__init__()
        self._preset = preset
        self._home = home
        self._data: DataField = load(KINDS[preset.kind].data_field)(home)
        self._complaint: LabError | str = self._advice_here(complaint) if complaint else ""
        """Stays above the footer until the focus moves."""
        self._fields = {field.name: field for field in fields_of(preset, self._data)}
        self._starting = False
        self._built_in = DataSummary()
        self._last_reset: tuple[str, dict[str, str]] | None = None
        """The field that was reset last, and all fields' values after that."""

    def compose(self) -> ComposeResult:
        draft = self.lab.drafts.form(self._preset.id)
        yield Static(f" {self._preset.id}  {self._preset.title}", classes="title", markup=False)
        with Horizontal():
            with VerticalScroll(id="fields", can_focus=False):
                for field in self._fields.values():
                    with Horizontal(classes="field"):
                        yield Static(field.name, classes="label", markup=False)
                        yield LineInput(
                            draft.get(field.name, field.initial),
                            id=f"field-{field.name}",
                            compact=True,
                            select_on_focus=True,
                            suggester=self._suggester(field),
                        )
                        yield Static(
                            field.hint, id=f"note-{field.name}", classes="note", markup=False
                        )
            with VerticalScroll(id="plan", can_focus=False):
                yield Static(id="plan-text", markup=False)
        yield MessageLine(id="complaint")
        yield KeyFooter()

    def on_mount(self) -> None:
        first = self._data.name if self._complaint else next(iter(self._fields))
        self.query_one(f"#field-{first}", Input).focus()
        if not self._complaint and (changes := self._changes()):
            self._complaint = _(
                "As you left it: {fields} changed. ctrl+r resets a field, ctrl+r twice all."
            ).format(fields=", ".join(changes))
        self.answer(self._complaint)
        self._draw()
        self._read_data(0.0)

    @staticmethod
    def _suggester(field: Field) -> Suggester | None:
        if field.name in ("corpus", "series"):
            return NameOrPath(field.suggestions)
        return SuggestFromList(field.suggestions) if field.suggestions else None

    def value_of(self, name: str) -> str:
        """Return a field's value, as typed."""
        return self.query_one(f"#field-{name}", Input).value.strip()

    def problem_with(self, name: str) -> str:
        """Say in a sentence what is wrong with a field; empty if nothing is."""
        value = self.value_of(name)
        if name == "seed":
            is_valid = (
                value.isascii()
                and value.isdigit()
                and len(value) <= 10
                and int(value) <= LARGEST_SEED
            )
            return (
                ""
                if is_valid
                else _("a whole number, {range}").format(range=self._fields[name].hint)
            )
        if name == "seeds":
            is_valid = (
                value.isascii()
                and value.isdigit()
                and len(value) <= 6
                and 1 <= int(value) <= LARGEST_REPLICATES
            )
            return (
                ""
                if is_valid
                else _("a whole number, {range}").format(range=self._fields[name].hint)
            )
        if name == "device":
            return "" if value in ("cpu", "gpu") else self._fields[name].hint
        if name == self._data.name:
            return self._data.problem(value, self._data_options())
        if name in self._data.options.model_fields:
            return self._data.option_problem(name, unquoted(value))
        try:
            parameters = parameters_for(self._preset, {name: value})
        except UsageError:
            return _("must be {allowed}").format(allowed=describe_expected(self._preset.kind, name))
        return (
            advice_in_form(self._data, why_unusable(parameters, self._summary()))
            if name == self._data.window
            else ""
        )

    def hint_of(self, name: str) -> str:
        """Say what a field may hold."""
        if name == self._data.name:
            return self._data.hint(self.value_of(name), self._data_options())
        return self._fields[name].hint

    @property
    def _replicates(self) -> int:
        is_valid = "seeds" in self._fields and not self.problem_with("seeds")
        return int(self.value_of("seeds")) if is_valid else 1

    def _settings(self) -> dict[str, object]:
        return {
            name: self.value_of(name) for name in self._preset.parameters if self._is_changed(name)
        }

    def _data_options(self) -> dict[str, object]:
        """Return how to read the data: the options that were changed and are valid."""
        data = self._data
        changed = {
            name: unquoted(self.value_of(name))
            for name in data.options.model_fields
            if self._is_changed(name)
        }
        return {
            name: value for name, value in changed.items() if not data.option_problem(name, value)
        }

    def _is_changed(self, name: str) -> bool:
        """Tell whether a field differs from its initial value: 035 is 35; invalid values differ."""
        value, initial = self.value_of(name), self._fields[name].initial
        try:
            if name in self._preset.parameters:
                return bool(
                    diff_from_preset(self._preset, parameters_for(self._preset, {name: value}))
                )
            return int(value) != int(initial) if name in ("seed", "seeds") else value != initial
        except (UsageError, ValueError):
            return True

    def _values(self) -> dict[str, str]:
        return {name: self.value_of(name) for name in self._fields}

    def _changes(self) -> dict[str, str]:
        """Return the values of the fields that were changed."""
        return {name: value for name, value in self._values().items() if self._is_changed(name)}

    def _keep_draft(self) -> None:
        """Keep the changes until the person returns to this preset."""
        self.lab.drafts.keep_form(self._preset.id, self._changes())

    def clear_answer(self) -> None:
        """Keep the line above the footer: it continues to say what the field may hold."""

    def on_input_changed(self, event: Input.Changed) -> None:
        self._keep_draft()
        self._draw()
        if not self._offers_to_reset_all:
            self._explain_field()
        if (event.input.id or "").removeprefix("field-") in (
            self._data.name,
            *self._data.options.model_fields,
        ):
            self._read_data(_PAUSE_S)

    @work(exclusive=True, group="look")
    async def _read_data(self, pause: float) -> None:
        """Read the data named in the form, to show in the plan what that means."""
        data = self._data
        value, options = self.value_of(data.name), self._data_options()
        if value == SUNSPOTS and isinstance(data, SeriesField) and not options:
            self._built_in = DataSummary.of_series(await self.lab.read_series())
        elif data.summary(value, options) is None and not data.problem(value, options):
            await asyncio.sleep(pause)
            await run_in_daemon_thread(lambda: data.summarize(value, options))
        if self.is_closed:
            return
        self._draw()
        if not (self._complaint or self._starting or self._offers_to_reset_all):
            self._explain_field()

    def _summary(self) -> DataSummary:
        """Return what is known about the data named in the form."""
        value, options = self.value_of(self._data.name), self._data_options()
        if value == SUNSPOTS and isinstance(self._data, SeriesField) and not options:
            return self._built_in
        return self._data.summary(value, options) or DataSummary()

    @property
    def _offers_to_reset_all(self) -> bool:
        """Whether ctrl+r has just reset a field, and would now reset all of them."""
        return self._last_reset is not None and self._last_reset[1] == self._values()

    def on_descendant_focus(self) -> None:
        # The line with the offer disappears.
        self._last_reset = None
        if not self._complaint:
            self._explain_field()
        self._complaint = ""

    def _explain_field(self) -> None:
        """Explain in full, at the bottom, the focused field, whose own line may be short."""
        if isinstance(self.focused, Input) and self.focused.id:
            self._explain(self.focused.id.removeprefix("field-"))

    def _explain(self, name: str) -> None:
        problem = self.problem_with(name)
        if not problem and name in self._data.options.model_fields:
            # The option's effect is a problem of the data, whose own line is too short for it.
            name = self._data.name if self.problem_with(self._data.name) else name
            problem = self.problem_with(name)
        # A problem of the data is a whole sentence, which names the field itself.
        names_field = problem.startswith(f"{name} = ")
        message = problem if names_field else f"{name}: {problem or self.hint_of(name)}"
        remedy = (
            self._data.summary(self.value_of(name), self._data_options()) or DataSummary()
        ).remedy
        self.answer(LabError(message, remedy) if name == self._data.name else message)

    def _draw(self) -> None:
        problems = {name: self.problem_with(name) for name in self._fields}
        for name, field in self._fields.items():
            note = self.query_one(f"#note-{name}", Static)
            is_changed = self._is_changed(name)
            note.set_class(bool(problems[name]), "-wrong")
            note.set_class(is_changed and not problems[name], "-changed")
            note_text = f"✗ {problems[name]}" if problems[name] else self.hint_of(name)
            if is_changed and not problems[name]:
                note_text = _("• was {value}").format(value=field.initial or _("empty"))
            self.set_text(f"#note-{name}", note_text)
        if not any(problems[name] for name in self._preset.parameters):
            self._draw_plan()
        self.refresh_footer()

    def _draw_plan(self) -> None:
        parameters = parameters_for(self._preset, self._settings())
        took = plan.last_duration(parameters, self._replicates, self.lab.snapshots())
        text = Text()
        summary = self._summary()
        for line in summary.notes:
            text.append(line + "\n")
        for note in summary.series.notes if summary.series else ():
            text.append(f"! {note}\n", style="bold")
        for line in plan.plan_lines(
            self._preset, parameters, summary.length, took, summary.step, summary.distinct
        ):
            text.append(line + "\n")
        if reads_the_reports_data(
            self._preset.kind, self._unchanged_name(), summary.prepared_sha256
        ):
            text.append("\n".join(plan.published_lines(self._preset)))
        if summary.series:
            self._append_series(text, summary.series)
        self.query_one("#plan-text", Static).update(text)

    def _unchanged_name(self) -> str | None:
        """Return the name of the data; None if they are read with changed options."""
        return None if self._data_options() else self.value_of(self._data.name)

    def _append_series(self, text: Text, series: SeriesSummary) -> None:
        """Show the series that would be learnt from, so that it can be checked."""
        plan_widget = self.query_one("#plan")
        # Without the column of a scrollbar, which may come once the drawing is there.
        room = plan_widget.outer_size.width - plan_widget.gutter.width
        width = max(10, room - plan_widget.styles.scrollbar_size_vertical)
        facts = [series.span, series.extremes, *([series.reading] if series.reading else [])]
        text.append("\n\n" + "\n".join([*facts, *series.plot(width, _PLOT_HEIGHT)]))

    def is_useful(self, action: str) -> bool:
        return bool(self._changes()) if action == "reset" else super().is_useful(action)

    def label_of(self, binding: Binding) -> str:
        return (
            _("reset all")
            if binding.action == "reset" and self._offers_to_reset_all
            else super().label_of(binding)
        )

    def action_next_field(self) -> None:
        self.focus_next(Input)

    def action_previous_field(self) -> None:
        self.focus_previous(Input)

    def action_reset(self) -> None:
        if not (isinstance(self.focused, Input) and self.focused.id):
            return
        name = self.focused.id.removeprefix("field-")
        is_second = self._last_reset == (name, self._values())
        for field in self._fields if is_second else (name,):
            self.query_one(f"#field-{field}", Input).value = self._fields[field].initial
        self._last_reset = name, self._values()
        if is_second:
            self.answer(_("All fields are as in the preset again."))
        elif other_changes := self._changes():
            self.answer(
                _("{name} is {value} again. ctrl+r once more resets all fields: {fields}.").format(
                    name=name, value=self._fields[name].initial, fields=", ".join(other_changes)
                )
            )

    def action_start(self) -> None:
        self._begin(watch=True)

    def action_queue(self) -> None:
        self._begin(watch=False)

    def _begin(self, *, watch: bool) -> None:
        invalid = [name for name in self._fields if self.problem_with(name)]
        if invalid:
            self.set_focus(self.query_one(f"#field-{invalid[0]}", Input))
            self._explain(invalid[0])
        elif not self._starting:
            self._starting = True
            self.answer(_("Starting {preset}…").format(preset=self._preset.id))
            self._start(watch=watch)

    @work(exclusive=True, group="start")
    async def _start(self, *, watch: bool) -> None:
        request = TrialRequest(
            self._preset,
            source=self.value_of(self._data.name),
            settings=self._settings(),
            seed=int(self.value_of("seed")),
            replicates=self._replicates,
            data_options=self._data_options(),
            device="gpu" if self.value_of("device") == "gpu" else "cpu",
        )
        fetch = CancellableFetch()
        warnings: list[str] = []

        def prepare() -> Trial:
            return prepare_trial(self._home, request, fetch=fetch, warn=warnings.append)

        status_timer = self.set_interval(_STATUS_S, lambda: self._show_status(fetch.describe()))
        try:
            # In two steps: leaving while something is being fetched starts nothing.
            trial = await run_in_daemon_thread(prepare)
            if self.is_closed:
                return
            run, complaint = await self.lab.submit(trial, warnings)
        except LabError as error:
            self.answer(self._advice_here(error))
        else:
            self.lab.drafts.keep_form(self._preset.id, {})
            if watch:
                self.lab.open_run(run, complaint)
            else:
                self.answer(complaint or _("Queued: {id}.").format(id=run.id))
        finally:
            status_timer.stop()
            fetch.stop()
            self._starting = False

    def _show_status(self, status: str) -> None:
        if status:
            self.answer(status)

    def _advice_here(self, error: LabError) -> LabError:
        """Return an error with advice for a form instead of for the command line."""
        for dataset in CATALOG.values():
            if error.remedy == dataset.remedy:
                advice = _(
                    "Give a file in the field {field}, or {other}; `rnnlab-tui data add {name} "
                    "FILE` adds one for good."
                )
                other = PYTHON_DOCS if dataset.kind == "corpus" else SUNSPOTS
                return LabError(
                    error.what, advice.format(field=self._data.name, other=other, name=dataset.name)
                )
        return LabError(
            advice_in_form(self._data, error.what), advice_in_form(self._data, error.remedy)
        )
