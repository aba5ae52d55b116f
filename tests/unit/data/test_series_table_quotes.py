"""Quotation marks that open a cell and are not closed on their line: no row is swallowed without a
word.
"""

import pytest
from helpers.series_tables import read, refusal
from hypothesis import given
from hypothesis import strategies as st

from engine.data.table import looks_like_table
from engine.errors import UsageError

ROWS = 24


def table(notes: list[str], separator: str = ",") -> str:
    lines = [separator.join(("month", "value", "note"))]
    for number, note in enumerate(notes):
        lines.append(
            separator.join((f"{2001 + number // 12}-{number % 12 + 1:02}", f"{number}.5", note))
        )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "after", [[], ['y"'], ['"y']], ids=["to the end", "closed", "opened again"]
)
def test_rows_that_a_quotation_mark_takes_in_are_named(after: list[str]) -> None:
    notes = ["", '"6 pipe', "", "", *after, "", ""]
    assert refusal(table(notes)).startswith(
        "f.csv, line 3: a quotation mark opens a cell that continues over line 4, a row of its own."
    )
    assert looks_like_table(table(notes).encode())


def test_a_cell_of_several_lines_is_read() -> None:
    notes = [
        "",
        '"6 pipes\nthat leak, and more, as was said\nat the time"',
        "",
        '"a\nb"',
        *[""] * 8,
    ]
    assert read(table(notes)).values == tuple(number + 0.5 for number in range(12))


stray = st.sampled_from(['"', '"approx', 'a"', '6"', '"a"', '""', '"a"b', '"a""', 'x "y" z'])


@given(
    separator=st.sampled_from([",", ";", "\t"]),
    strays=st.dictionaries(st.integers(0, ROWS - 1), stray, max_size=3),
)
def test_stray_marks_lose_no_row(separator: str, strays: dict[int, str]) -> None:
    text = table([strays.get(number, "n") for number in range(ROWS)], separator)
    said = ""
    try:
        assert read(text, "value").values == tuple(number + 0.5 for number in range(ROWS))
    except UsageError as error:
        said = str(error)
    opening = [number for number, note in strays.items() if note.startswith('"')]
    assert not said or any(f"line {number + 2}:" in said for number in opening)
