"""The form field for a trial's data: a text for a text trial, a series for a forecast."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.suggester import Suggester

from engine.data.catalog import SUNSPOTS
from engine.data.kinds import data_of
from engine.data.series_library import SeriesLibrary
from engine.data.source import series_address
from engine.data.text_notes import count_characters, describe_preparation, text_notes
from engine.data.texts import ALICE, PYTHON_DOCS, Corpus, Library
from engine.errors import UsageError
from engine.host.home import Home
from engine.language import _
from engine.numerics.protocol import longest_window
from engine.sanitise import printable
from engine.trials.data_options import (
    AS_WRITTEN,
    DataOptions,
    SeriesReading,
    TextPreparation,
    format_option,
    parse_series_reading,
    parse_text_preparation,
)
from engine.trials.trial import Parameters
from engine.urls import check_url, is_url
from tui.plotting.series_summary import SeriesSummary
from tui.screens.form_advice import in_form

if TYPE_CHECKING:
    from engine.data.series import Series


@dataclass(frozen=True)
class DataSummary:
    """What reading the data returned: a series' or a text's length and notes, or a problem."""

    length: int | None = None
    """Values or characters; None if the data must be fetched first."""
    step: str | None = "M"
    """The time step of a series."""
    distinct: int | None = None
    """Distinct characters of a text."""
    problem: str = ""
    remedy: str = ""
    """What to do about the problem."""
    notes: tuple[str, ...] = ()
    """What to know about a text before trusting it, in sentences."""
    series: SeriesSummary | None = None
    prepared_sha256: str | None = None
    """The digest of the values, or of the prepared text."""

    @classmethod
    def of_text(cls, text: Corpus) -> "DataSummary":
        """Summarize a text."""
        summary = _("{characters}, {distinct:,} distinct; {left_out:,} left out").format(
            characters=count_characters(len(text.text)),
            distinct=text.distinct,
            left_out=text.left_out.characters,
        )
        notes = (summary, describe_preparation(text.preparation), *text_notes(text, in_form=True))
        return cls(
            len(text.text),
            distinct=text.distinct,
            notes=tuple(map(printable, notes)),
            prepared_sha256=text.prepared_sha256,
        )

    @classmethod
    def of_series(cls, series: "Series") -> "DataSummary":
        """Summarize a series, which may be too short for any window."""
        try:
            longest_window(len(series.values))
        except UsageError as error:
            return cls(problem=error.what, remedy=error.remedy)
        return cls(
            len(series.values),
            series.step,
            series=SeriesSummary.of(series),
            prepared_sha256=series.prepared_sha256,
        )


_AUTO = "auto"

Options = Mapping[str, object]
"""How the data are read, by option name: only options that differ from the defaults."""
_Key = tuple[str, tuple[tuple[str, object], ...]]


def _key(value: str, options: Options) -> _Key:
    return value, tuple(sorted(options.items()))


class CorpusField:
    """The text: a name, a file or a URL."""

    name = "corpus"
    initial = ALICE
    window = "seqlen"
    """The parameter that is limited by the data's length."""
    options: type[DataOptions] = TextPreparation

    def __init__(self, home: Home) -> None:
        self._library = Library(home)
        local_names = [entry.name for entry in self._library.entries() if not is_url(entry.name)]
        self.names = tuple(dict.fromkeys((*local_names, PYTHON_DOCS, ALICE)))
        self._summaries: dict[_Key, DataSummary] = {}

    def problem(self, value: str, options: Options) -> str:
        """Say what is wrong with the field's value; empty if nothing is, as far as is known."""
        if summary := self.summary(value, options):
            return summary.problem
        if is_url(value):
            return _problem_of_url(value)
        if value == ALICE or self._library.exists(value):
            return ""
        return _("not here: give a text file; names: {known}").format(known=", ".join(self.names))

    def hint(self, value: str, options: Options) -> str:
        """Say what the field may hold, or that the text will be fetched."""
        if value == ALICE and not self._library.exists(value):
            return _("not here yet: enter fetches it, or give a file")
        return _("a name or a file or a URL")

    def summary(self, value: str, options: Options) -> DataSummary | None:
        """Return the summary that :meth:`summarize` made; None if it has not yet."""
        return self._summaries.get(_key(value, options))

    def summarize(self, value: str, options: Options) -> DataSummary:
        """Read the text, in a thread, as it may be large. Nothing is fetched or stored."""
        try:
            text = self._library.peek(value, options)
        except UsageError as error:
            summary = DataSummary(problem=error.what, remedy=error.remedy)
        else:
            summary = DataSummary.of_text(text) if text else DataSummary()
        summary = self._summaries[_key(value, options)] = _summary_in_form(self, summary)
        return summary

    @staticmethod
    def option_initial(name: str) -> str:
        """Return an option's initial value: it depends on the text, and on how it was added."""
        return _AUTO

    @staticmethod
    def option_problem(name: str, value: str) -> str:
        """Say what is wrong with an option's value; empty if nothing is."""
        if value == _AUTO:
            return ""
        try:
            parse_text_preparation({name: value})
        except UsageError as error:
            return error.what
        return ""


class SeriesField:
    """The series: a name, a file or a URL, with a column and a last month if wanted."""

    name = "series"
    initial = SUNSPOTS
    window = "time_steps"
    """The parameter that is limited by the data's length."""
    options: type[DataOptions] = SeriesReading

    def __init__(self, home: Home) -> None:
        self._library = SeriesLibrary(home)
        self.names = tuple(self._library.names())
        self._summaries: dict[_Key, DataSummary] = {}

    def problem(self, value: str, options: Options) -> str:
        """Say what is wrong with the field's value; empty if nothing is, as far as is known."""
        if summary := self.summary(value, options):
            return summary.problem
        try:
            series_address(value, self.names)
        except UsageError as error:
            if is_url(value) or value.partition("@")[0] in self.names:
                return error.what
            return _("not here: give a CSV file or a URL; names: {known}").format(
                known=", ".join(self.names)
            )
        return ""

    def hint(self, value: str, options: Options) -> str:
        """Say what the field may hold, or that the series will be fetched."""
        summary = self.summary(value, options)
        if summary == DataSummary():
            return _("not here yet: enter fetches it, or give a file")
        if summary and summary.series and summary.series.notes:
            return summary.series.notes[0]
        return _("a name or a file or a URL, :COLUMN")

    def summary(self, value: str, options: Options) -> DataSummary | None:
        """Return the summary that :meth:`summarize` made; None if it has not yet."""
        return self._summaries.get(_key(value, options))

    def summarize(self, value: str, options: Options) -> DataSummary:
        """Read the series, in a thread: it imports pandas, and tables may be large.

        Nothing is fetched.
        """
        try:
            is_here = self._library.is_here(value)
            summary = (
                DataSummary.of_series(self._library.peek(value, options))
                if is_here
                else DataSummary()
            )
        except UsageError as error:
            summary = DataSummary(problem=error.what, remedy=error.remedy)
        summary = self._summaries[_key(value, options)] = _summary_in_form(self, summary)
        return summary

    @staticmethod
    def option_initial(name: str) -> str:
        """Return an option's initial value."""
        return format_option(getattr(AS_WRITTEN, name))

    @staticmethod
    def option_problem(name: str, value: str) -> str:
        """Say what is wrong with an option's value; empty if nothing is."""
        try:
            parse_series_reading({name: value})
        except UsageError as error:
            return error.what
        return ""


DataField = CorpusField | SeriesField


def advice_in_form(field: DataField, sentence: str) -> str:
    """Return a sentence that names options as the fields of the form ``field`` belongs to."""
    fields: dict[str, Callable[[str], bool]] = dict.fromkeys(
        (field.name, "seed", "seeds", "device"), bool
    )
    for name in field.options.model_fields:
        fields[name] = partial(_accepts, field, name)
    return in_form(sentence, fields)


def _accepts(field: DataField, option: str, value: str) -> bool:
    return not field.option_problem(option, value)


def _summary_in_form(field: DataField, summary: DataSummary) -> DataSummary:
    series = summary.series
    if series is not None:
        series = replace(series, notes=tuple(advice_in_form(field, note) for note in series.notes))
    return replace(
        summary,
        problem=advice_in_form(field, summary.problem),
        remedy=advice_in_form(field, summary.remedy),
        notes=tuple(advice_in_form(field, note) for note in summary.notes),
        series=series,
    )


def why_unusable(parameters: Parameters, summary: DataSummary) -> str:
    """Say why the data can't serve these parameters; empty if they can, or must be fetched."""
    try:
        if summary.length is None:
            return ""
        data_of(parameters.kind).check(parameters, summary.length, summary.distinct or 0)
    except UsageError as error:
        return str(error)
    return ""


def _problem_of_url(url: str) -> str:
    try:
        check_url(url)
    except UsageError as error:
        return error.what
    return ""


class NameOrPath(Suggester):
    """Completes the name of a text or a series, or else a path.

    The right arrow accepts the suggestion, which is shown in grey.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        for name in self._names:
            if name.startswith(value):
                return name
        folder, _slash, start = value.rpartition("/")
        try:
            place = Path(f"{folder}/" if _slash else ".").expanduser()
            matches = sorted(path for path in place.iterdir() if path.name.startswith(start))
        except (OSError, RuntimeError, ValueError):
            return None
        # A name with control characters, or that is not UTF-8, has to be typed.
        matches = [path for path in matches if printable(path.name) == path.name]
        if not matches:
            return None
        return value + matches[0].name[len(start) :] + ("/" if matches[0].is_dir() else "")
