"""A series read out of a table that a test writes, and the sentence that refuses it."""

from collections.abc import Sequence
from typing import Any

import pytest

from engine.data.series_table import Reading, read_series
from engine.errors import UsageError
from engine.trials.data_options import SeriesReading

MONTHS = [f"1749-{month:02}" for month in range(1, 7)]
ENGLISH = [
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
]  # fmt: skip
SPANISH = [
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio",
    "agosto", "septiembre", "octubre", "noviembre", "diciembre",
]  # fmt: skip
GERMAN = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",
    "August", "September", "Oktober", "November", "Dezember",
]  # fmt: skip
FRENCH = [
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
]  # fmt: skip
ITALIAN = [
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio",
    "agosto", "settembre", "ottobre", "novembre", "dicembre",
]  # fmt: skip
PORTUGUESE = [
    "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho",
    "agosto", "setembro", "outubro", "novembro", "dezembro",
]  # fmt: skip


def read(text: str | bytes, column: str | int | None = None, **options: Any) -> Reading:
    """Read a series out of a file called f.csv, with ``options`` of :class:`SeriesReading`."""
    content = text if isinstance(text, bytes) else text.encode()
    return read_series(content, "f.csv", column, SeriesReading(**options))


def refusal(text: str | bytes, column: str | int | None = None, **options: Any) -> str:
    """Return the sentences with which a table is refused."""
    with pytest.raises(UsageError) as caught:
        read(text, column, **options)
    said = str(caught.value)
    assert said.isprintable()
    assert said.startswith(("f.csv, line ", "f.csv has ", "f.csv is ", "f.csv: ", "The series "))
    return said


def read_or_remedy(
    text: str | bytes, column: str | int | None = None, **options: Any
) -> tuple[Reading | None, str]:
    """Return the series of a table; None, and what to do, if it is refused."""
    try:
        return read(text, column, **options), ""
    except UsageError as error:
        return None, error.remedy


def columns(heading: str, *cells: list[str]) -> str:
    """Write columns under a line of headings, if there is one."""
    body = "\n".join(",".join(row) for row in zip(*cells, strict=True))
    return f"{heading}\n{body}\n" if heading else body + "\n"


def values(n: int) -> list[str]:
    """Return numbers that are neither dates nor go up evenly."""
    return [str(20 + 7 * k % 23) for k in range(n)]


def rows(dates: Sequence[str], separator: str = ",", heading: str = "Month,Sunspots\n") -> str:
    """Write a table of dates and the values 58, 59, …"""
    return heading + "".join(f"{date}{separator}{58 + n}\n" for n, date in enumerate(dates))


def steps(text: str | bytes, column: str | None = None) -> tuple[str, str] | None:
    """Return where the series of a table begins and how far its values lie apart."""
    return read(text, column).steps
