"""Ways of writing dates: weeks, halves, other languages, seconds since 1970, and their parts in
columns.
"""

import pytest
from helpers.series_tables import columns, read, steps, values

# Other ways of writing dates.


@pytest.mark.parametrize(
    ("heading", "dates", "expected"),
    [
        ("timestamp", [str(1704067200 + 86_400 * k) for k in range(5)],
        ("2024-01-01 00:00:00", "D")),
        ("ts", [str(1704067200000 + 3_600_000 * k) for k in range(5)],
        ("2024-01-01 00:00:00", "h")),
        ("yearweek", [f"2019-{k:02}" for k in range(1, 53)], ("2018-12-31", "W-SUN")),
        ("week", [f"2019{k:02}" for k in range(1, 12)], ("2018-12-31", "W-SUN")),
        ("x", [f"2019-{k:02}" for k in range(8, 30)], ("2019-02-18", "W-SUN")),
        ("x", [f"2019-{k:02}" for k in range(1, 12)], ("2019-01", "M")),
        ("x", [f"Week {k} 2019" for k in range(1, 9)], ("2018-12-31", "W-SUN")),
        ("x", [f"2019 KW {k}" for k in range(1, 9)], ("2018-12-31", "W-SUN")),
        ("quarter", ["2019-1", "2019-2", "2019-3", "2019-4", "2020-1"], ("2019-01", "Q")),
        ("x", ["2001S1", "2001S2", "2002S1"], ("2001-01", "6M")),
        ("x", ["1 de enero de 2001", "2 de enero de 2001", "3 de enero de 2001"],
        ("2001-01-01", "D")),
        ("x", ["1er janvier 2001", "2 janvier 2001", "3 janvier 2001"], ("2001-01-01", "D")),
        ("x", ["30th Jan 2001", "31st Jan 2001", "1st Feb 2001"], ("2001-01-30", "D")),
        ("x", ["Mrz 2001", "Apr 2001", "Mai 2001"], ("2001-03", "M")),
        ("x", ["2001年11月", "2001年12月", "2002年1月"], ("2001-11", "M")),
        ("x", ["2001年1月30日", "2001年1月31日", "2001年2月1日"], ("2001-01-30", "D")),
        (
            "MTU (CET)",
            [f"31.03.2024 0{k}:00 - 31.03.2024 0{k + 1}:00" for k in range(8)],
            ("2024-03-31 00:00:00", "h"),
        ),
    ],
)  # fmt: skip
def test_dates_are_written_in_other_ways(
    heading: str, dates: list[str], expected: tuple[str, str]
) -> None:
    reading = read(columns(f"{heading},v", dates, values(len(dates))))
    assert (reading.steps, reading.column, reading.notes) == (expected, 2, ())


@pytest.mark.parametrize(
    ("heading", "lines", "expected"),
    [
        ("Year,Period", ["2001,S01", "2001,S02", "2002,S01"], ("2001-01", "6M")),
        ("date,half", ["2024-01-01,AM", "2024-01-01,PM", "2024-01-02,AM"],
        ("2024-01-01 00:00:00", "12h")),
        ("date,hour", [f"2024-01-01,{k:02}:00 - {k + 1:02}:00" for k in range(9)],
        ("2024-01-01 00:00:00", "h")),
        ("date,HE", [f"2024-01-01,HE{k:02}" for k in range(1, 9)], ("2024-01-01 01:00:00", "h")),
        ("date,hhmm", [f"2024-01-01,{k:02}00" for k in range(9)], ("2024-01-01 00:00:00", "h")),
        ("date,time", [f"2024-01-01,{100 * k}" for k in range(9)], ("2024-01-01 00:00:00", "h")),
        ("date,hour,minute", [f"2024-01-01,1,{15 * k}" for k in range(4)],
        ("2024-01-01 01:00:00", "15min")),
        ("", [f"2024,01,01,{k // 6:02},{10 * (k % 6):02}" for k in range(30)],
        ("2024-01-01 00:00:00", "10min")),
        ("year,quarter", ["2001,1st", "2001,2nd", "2001,3rd", "2001,4th"], ("2001-01", "Q")),
    ],
)  # fmt: skip
def test_parts_of_dates_in_columns(
    heading: str, lines: list[str], expected: tuple[str, str]
) -> None:
    text = columns(
        f"{heading},v" if heading else "", lines, [f"{7 * k % 5}.5" for k in range(len(lines))]
    )
    assert steps(text) == expected


@pytest.mark.parametrize(("mean", "part"), [("Q05", "Q0{}"), ("S03", "S0{}")])
def test_yearly_means_among_quarters_and_halves(mean: str, part: str) -> None:
    n = int(mean[-1])
    lines = [f"{2001 + k // n},{part.format(k % n + 1)}" for k in range(4 * n)]
    reading = read(columns("Year,Period,v", lines, values(len(lines))))
    assert (len(reading.values), reading.steps) == (4 * n - 4, ("2001-01", "Q" if n == 5 else "6M"))
    assert reading.notes == (f"f.csv: the values of whole years ({mean}) in 4 lines are left out.",)
