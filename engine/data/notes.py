"""What a person should know of the data of a trial, in sentences: what was left out, filled, or
looks like no value.

They are made when they are shown, out of the file that the home keeps: no file holds sentences.
Without pandas, which a look at a run must not wait for.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.data.catalog import is_built_in
from engine.data.store import Store
from engine.data.suspects import Suspect, find_suspects
from engine.errors import UsageError
from engine.host.home import Home
from engine.language import _, ngettext
from engine.trials.data_options import format_option
from engine.trials.trial import DataReference, ForecastTrial, TextTrial


class DataNotes(NamedTuple):
    """Sentences about data: ``doubts`` put the figures in question, ``remarks`` say what was done
    to the data.
    """

    doubts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return self.doubts + self.remarks


def notes_of(trial: ForecastTrial | TextTrial, home: Home, length: int | None = None) -> DataNotes:
    """Return the notes of a trial's data.

    ``length`` is that of the series, once a result says it. Empty where the home no longer has the
    data, or can't read them: there is nothing to be said of them then.
    """
    try:
        if isinstance(trial, TextTrial):
            return _notes_of_text(trial.data, home)
        return (
            DataNotes() if is_built_in(trial.data) else _notes_of_series(trial.data, home, length)
        )
    except UsageError:
        return DataNotes()


@lru_cache(maxsize=64)
def _notes_of_series(reference: DataReference, home: Home, length: int | None) -> DataNotes:
    from engine.data.series_table import read_series

    content = Store(home).read(reference.sha256)
    if content is None or (reference.until and length is None):
        from engine.data.series import open_series

        return open_series(reference, home).data_notes
    reading = read_series(content, reference.name, reference.column, reference.reading)
    values = reading.values[:length] if reference.until else reading.values
    notes_of_end = () if reference.until else reading.notes_of_end
    return series_notes(reference.name, values, reading.filled, reading.notes, notes_of_end)


@lru_cache(maxsize=64)
def _notes_of_text(reference: DataReference, home: Home) -> DataNotes:
    from engine.data.text_notes import text_notes
    from engine.data.texts import Library

    notes = text_notes(Library(home).open(reference))
    return DataNotes(remarks=tuple(f"{reference.name}: {note}" for note in notes))


def series_notes(
    origin: str,
    values: ArrayLike,
    filled: Sequence[int],
    notes_of_start: Sequence[str],
    notes_of_end: Sequence[str],
) -> DataNotes:
    """Return the notes of a series of ``values`` (n,) called ``origin``.

    ``filled`` are the positions, in the whole series, of values that are made up; the notes are the
    reader's.
    """
    series = np.asarray(values)
    doubts = tuple(f"{origin}: {suspect_text(suspect)}" for suspect in find_suspects(series))
    filled = [position for position in filled if position < len(series)]
    return DataNotes(doubts, (*notes_of_start, *_filled_note(origin, filled), *notes_of_end))


def suspect_text(suspect: Suspect) -> str:
    """Ask whether a value stands for a missing one, and say how to say so, on the command line and
    in the form.
    """
    times = ngettext("comes once", "comes {n:,} times", suspect.count).format(n=suspect.count)
    why = _("far outside the others") if suspect.is_far else _("and nothing else is negative")
    return _("{value} {times}, {why}: missing? --missing {value}").format(
        value=format_option(suspect.value), times=times, why=why
    )


def _filled_note(origin: str, filled: Sequence[int]) -> tuple[str, ...]:
    n = len(filled)
    message = ngettext(
        "{origin}: {n:,} missing value between others is filled in by a straight line.",
        "{origin}: {n:,} missing values between others are filled in by straight lines.",
        n,
    )
    return (message.format(origin=origin, n=n),) if n else ()
