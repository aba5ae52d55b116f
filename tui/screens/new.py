"""New trial: the report's presets, and beside them what the selected one will do."""

import asyncio
from collections.abc import Sequence

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Resize
from textual.strip import Strip
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.data.catalog import ALICE, CATALOG
from engine.errors import LabError
from engine.host.home import Home
from engine.language import _
from engine.operations.prepare import TrialRequest, prepare_trial
from engine.trials.trial import parameters_for
from presets import Preset, get, load
from tui.keys import bindings, bindings_without
from tui.kinds import KINDS
from tui.plotting.sparkline import sparkline_rows
from tui.screens.base import LabScreen
from tui.screens.form import FormScreen
from tui.widgets.drawn_lines import DrawnLines
from tui.widgets.key_footer import KeyFooter
from tui.widgets.line_input import FilterLine
from tui.widgets.message_line import MessageLine
from tui.words import plan
from tui.words.format import published
from tui.words.kinds import words_of

FIRST_CHOICE = "sunspots/5"
"""Where the cursor starts: it takes a few seconds, and is the report's best simple network."""


def preset_line(preset: Preset) -> str:
    """Write a preset's parameters in the width of a list: ``5   35 ep  b1   t10  linear``."""
    number = preset.id.partition("/")[2]
    return f"{number:>3}  {words_of(preset.kind).preset_line(preset.parameters)}"


def options_of(presets: Sequence[Preset]) -> list[Option]:
    """Return the lines of a list of presets, under headings that can't be selected."""
    options: list[Option] = []
    for kind in KINDS:
        heading = words_of(kind).heading
        lines = [
            Option(Text(preset_line(preset)), preset.id)
            for preset in presets
            if preset.kind == kind
        ]
        options += [Option(Text(heading, style="bold"), disabled=True), *lines] if lines else []
    return options


class PresetList(OptionList, DrawnLines, inherit_bindings=False):
    """The presets, one per line. Enter belongs to the screen."""

    ALLOW_SELECT = True
    BINDINGS = bindings_without("enter", OptionList)

    def plain_line(self, index: int) -> str:
        return (
            super().render_line(index - self.scroll_offset.y).text.rstrip()
            if 0 <= index < self.option_count
            else ""
        )

    def render_line(self, y: int) -> Strip:
        return self.with_selection(super().render_line(y), y + self.scroll_offset.y)


class NewScreen(LabScreen):
    """Choosing a preset. Enter opens its form, F5 starts it as it is."""

    BINDINGS = bindings("new", "lists", "everywhere")
    HAS_FILTER = True

    def __init__(self, home: Home) -> None:
        super().__init__()
        self._home = home
        self._starting = False
        self._shown: Preset | None = None

    def compose(self) -> ComposeResult:
        yield Static(f" {_('New trial')}", id="title", markup=False)
        with Horizontal():
            yield PresetList(*options_of(load()), id="presets", compact=True)
            with Vertical(id="right"):
                yield Static(id="plan-title", markup=False)
                with VerticalScroll(id="plan", can_focus=False):
                    yield Static(id="plan-text", markup=False)
        yield FilterLine(_("words that the presets must have"), target="#presets")
        yield MessageLine(id="answer")
        yield KeyFooter()

    def on_mount(self) -> None:
        presets = self.query_one("#presets", OptionList)
        presets.highlighted = presets.get_option_index(FIRST_CHOICE)
        presets.focus()
        self.lab.warm_up()
        self._read_series()

    @work(exclusive=True)
    async def _read_series(self) -> None:
        await self.lab.read_series()
        if not self.is_closed:
            self._draw()

    @property
    def preset(self) -> Preset | None:
        """The preset under the cursor."""
        option = self.query_one("#presets", OptionList).highlighted_option
        return get(option.id) if option and option.id else None

    def on_option_list_option_highlighted(self) -> None:
        self._draw()

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        self.refresh_footer()
        preset = self.preset
        if preset is None:
            self.query_one("#plan-title", Static).update(_("No preset matches."))
            self.query_one("#plan-text", Static).update()
            return
        parameters = parameters_for(preset, {})
        title = Text.assemble((preset.id, "bold"), f"  {_('published')} {published(preset)}")
        self.query_one("#plan-title", Static).update(title)
        text = Text()
        for line in plan.plan_lines(
            preset,
            parameters,
            self.lab.series_length,
            plan.last_duration(parameters, 1, self.lab.snapshots()),
        ):
            text.append(line + "\n")
        words = words_of(preset.kind)
        if words.draws_series and (series := self.lab.series):
            width = max(10, self.query_one("#plan-title").content_size.width - 1)
            values = [float(value) for value in series.values]
            text.append("\n" + "\n".join(sparkline_rows(values, width, 3)) + "\n")
            first, last = str(series.required_periods[0]), str(series.required_periods[-1])
            text.append(first + last.rjust(width - len(first)) + "\n", style="dim")
        if lines := words.preview(preset.published):
            text.append("\n" + "\n".join(lines) + "\n")
        for remark in preset.published.remarks:
            text.append(f"\n{remark}\n", style="dim")
        self.query_one("#plan-text", Static).update(text)
        if preset != self._shown:
            self._shown = preset
            self.query_one("#plan").scroll_home(animate=False)

    def on_input_changed(self) -> None:
        """Show the presets that match the filter; the cursor stays on its preset if possible."""
        chosen, filter_line = self.preset, self.query_one(FilterLine)
        presets = [
            preset
            for preset in load()
            if filter_line.matches(f"{preset.id} {preset_line(preset)} {preset.title}")
        ]
        preset_list = self.query_one("#presets", OptionList)
        preset_list.set_options(options_of(presets))
        if presets:
            preset_list.highlighted = preset_list.get_option_index(
                (chosen if chosen in presets else presets[0]).id
            )
        self._draw()

    def is_useful(self, action: str) -> bool:
        match action:
            case "filter":
                return not self.query_one(FilterLine).has_focus
            case "adjust" | "start" | "queue":
                return self.preset is not None
        return super().is_useful(action)

    def action_filter(self) -> None:
        self.query_one(FilterLine).open()

    def action_back(self) -> None:
        if self.query_one(FilterLine).value:
            self.query_one(FilterLine).action_clear()
        else:
            super().action_back()

    def on_option_list_option_selected(self) -> None:
        self.action_adjust()

    def action_adjust(self) -> None:
        if self.preset:
            self.app.push_screen(FormScreen(self.preset, self._home))

    def action_start(self) -> None:
        self._begin(watch=True)

    def action_queue(self) -> None:
        self._begin(watch=False)

    def _begin(self, *, watch: bool) -> None:
        if self.preset and not self._starting:
            self._starting = True
            self._show_status(_("Starting {preset}…").format(preset=self.preset.id))
            self._start(self.preset, watch=watch)

    def _show_status(self, status: str = "") -> None:
        self.set_text("#title", f" {_('New trial')}   {status}".rstrip())

    @work(exclusive=True, group="start")
    async def _start(self, preset: Preset, *, watch: bool) -> None:
        try:
            warnings: list[str] = []
            trial = await asyncio.to_thread(
                prepare_trial, self._home, TrialRequest(preset), warn=warnings.append
            )
            run, complaint = await self.lab.submit(trial, warnings)
        except LabError as error:
            # What is missing (the text of Alice, say) can be provided in the form.
            self._show_status()
            if error.what == CATALOG[ALICE].absent:
                advice = _("Enter fetches it; or give a text file, or python-docs, as the corpus.")
                error = LabError(error.what, advice)
            self.app.push_screen(FormScreen(preset, self._home, complaint=error))
        else:
            self._show_status()
            if watch:
                self.lab.open_run(run, complaint)
            else:
                self.answer(complaint or _("Queued: {id}.").format(id=run.id))
        finally:
            self._starting = False
