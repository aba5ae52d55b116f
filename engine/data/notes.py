"""Notes on a trial's data: what was left out or filled, and what may stand for a missing value.

The sentences are composed from the home's file when they are shown; no file holds them. Without
pandas, so that a look at a run need not wait for its import.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.data.kinds import data_of
from engine.data.store import Store
from engine.data.suspects import Suspect, find_suspects
from engine.errors import UsageError
from engine.host.home import Home
from engine.language import _, ngettext
from engine.trials.data_options import format_option
from engine.trials.trial import DataReference, Trial


class DataNotes(NamedTuple):
    """Sentences about data: ``doubts`` question values, ``remarks`` say what was done to them."""

    doubts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return self.doubts + self.remarks


def notes_of(trial: Trial, home: Home, length: int | None = None) -> DataNotes:
    """Return the notes on a trial's data.

    ``length`` is the series' length, once a result states it. Empty if the home no longer has the
    data, or can't read them.
    """
    try:
        return data_of(trial.kind).notes(trial.data, home, length)
    except UsageError:
        return DataNotes()


@lru_cache(maxsize=64)
def notes_of_series(reference: DataReference, home: Home, length: int | None) -> DataNotes:
    """Return the notes on a series, as :func:`notes_of` does."""
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
def notes_of_text(reference: DataReference, home: Home) -> DataNotes:
    """Return the notes on a text, as :func:`notes_of` does."""
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
    """Return the notes on a series of ``values`` (n,) called ``origin``.

    ``filled`` are the positions, in the whole series, of interpolated values; the notes are the
    reader's.
    """
    series = np.asarray(values)
    doubts = tuple(f"{origin}: {suspect_text(suspect)}" for suspect in find_suspects(series))
    filled = [position for position in filled if position < len(series)]
    return DataNotes(doubts, (*notes_of_start, *_filled_note(origin, filled), *notes_of_end))


def suspect_text(suspect: Suspect) -> str:
    """Return the question whether a value is a missing one, and the option to say so.

    The option has the name of the form's field.
    """
    times = ngettext("occurs once", "occurs {n:,} times", suspect.count).format(n=suspect.count)
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
