"""The form field for a trial's data: a text for a text trial, a series for a forecast."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.suggester import Suggester

from engine.data.catalog import ALICE, SUNSPOTS, Kind
from engine.data.library import library_of
from engine.data.source import NoSuchData
from engine.data.text_notes import count_characters, describe_preparation, text_notes
from engine.data.texts import Corpus
from engine.errors import InvalidValue, UsageError
from engine.host.home import Home
from engine.language import _
from engine.numerics.protocol import check_series, check_text, longest_window
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
from engine.trials.trial import ForecastParameters, Parameters
from tui.plotting.series_summary import SeriesSummary
from tui.screens.form_advice import in_form

if TYPE_CHECKING:
    from engine.data.series import Series


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field of the form."""

    text: str
    """A sentence, or how one ends that begins with the field's name."""
    names: str = ""
    """The field that the sentence begins with, and its value: ``gaps = x: must be …``."""

    @classmethod
    def of(cls, error: UsageError) -> "Problem":
        """Return what an error says, without its advice."""
        return cls(error.what, error.name if isinstance(error, InvalidValue) else "")


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


@dataclass(frozen=True)
class _Wording:
    """What distinguishes the fields of the two kinds of data."""

    initial: str
    window: str
    options: type[DataOptions]
    parse: Callable[[Options], DataOptions]
    summarize: Callable[[Any], DataSummary]
    hint: str
    not_here: str
    option_initial: Callable[[str], str]


_WORDINGS: dict[Kind, _Wording] = {
    "corpus": _Wording(
        ALICE,
        "seqlen",
        TextPreparation,
        parse_text_preparation,
        DataSummary.of_text,
        _("a name or a file or a URL"),
        _("not here: give a text file; names: {known}"),
        # It depends on the text, and on how it was added.
        lambda name: _AUTO,
    ),
    "series": _Wording(
        SUNSPOTS,
        "time_steps",
        SeriesReading,
        parse_series_reading,
        DataSummary.of_series,
        _("a name or a file or a URL, :COLUMN"),
        _("not here: give a CSV file or a URL; names: {known}"),
        lambda name: format_option(getattr(AS_WRITTEN, name)),
    ),
}


class DataField:
    """The data of a trial: a name, a file or a URL; of a series also a column and a last month."""

    def __init__(self, kind: Kind, home: Home) -> None:
        self.name = kind
        self._wording = _WORDINGS[kind]
        self.initial = self._wording.initial
        self.window = self._wording.window
        """The parameter that is limited by the data's length."""
        self.options = self._wording.options
        self._library = library_of(kind, home)
        self.names = tuple(self._library.names())
        self._summaries: dict[_Key, DataSummary] = {}

    def problem(self, value: str, options: Options) -> Problem | None:
        """Say what is wrong with the field's value; None if nothing is, as far as is known."""
        if summary := self.summary(value, options):
            return Problem(summary.problem) if summary.problem else None
        try:
            self._library.address(value)
        except NoSuchData:
            return Problem(self._wording.not_here.format(known=", ".join(self.names)))
        except UsageError as error:
            return Problem.of(error)
        return None

    def hint(self, value: str, options: Options) -> str:
        """Say what the field may hold, or that the data will be fetched."""
        summary = self.summary(value, options)
        if summary == DataSummary():
            return _("not here yet: enter fetches it, or give a file")
        if summary and summary.series and summary.series.notes:
            return summary.series.notes[0]
        return self._wording.hint

    def summary(self, value: str, options: Options) -> DataSummary | None:
        """Return the summary that :meth:`summarize` made; None if it has not yet."""
        return self._summaries.get(_key(value, options))

    def summarize(self, value: str, options: Options) -> DataSummary:
        """Read the data, in a thread: a series imports pandas, and files may be large.

        Nothing is fetched or stored.
        """
        summary = DataSummary()
        try:
            if self._library.is_here(value):
                summary = self._wording.summarize(self._library.peek(value, options))
        except UsageError as error:
            summary = DataSummary(problem=error.what, remedy=error.remedy)
        summary = self._summaries[_key(value, options)] = _summary_in_form(self, summary)
        return summary

    def option_initial(self, name: str) -> str:
        """Return an option's initial value."""
        return self._wording.option_initial(name)

    def option_problem(self, name: str, value: str) -> Problem | None:
        """Say what is wrong with an option's value; None if nothing is."""
        if value == self.option_initial(name):
            return None
        try:
            self._wording.parse({name: value})
        except UsageError as error:
            return Problem.of(error)
        return None


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


def why_unusable(field: DataField, parameters: Parameters, summary: DataSummary) -> Problem | None:
    """Say why the data can't serve these parameters; None if they can, or must be fetched."""
    try:
        if summary.length is None:
            return None
        if isinstance(parameters, ForecastParameters):
            check_series(parameters, summary.length)
        else:
            check_text(parameters, summary.length, summary.distinct or 0)
    except UsageError as error:
        return replace(Problem.of(error), text=advice_in_form(field, str(error)))
    return None


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
