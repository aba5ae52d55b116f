"""Tables as people have them, added by the installed command: what it says of each, in order and in
words.
"""

from pathlib import Path

import pytest
from helpers.command import Ask, Laboratory

MONTHS = "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec"
SENTINELS = "date,temp\n" + "".join(
    f"{1949 + n // 12}-{n % 12 + 1:02},{5.5 + 7 * n % 11 if n < 235 else -9999.0}\n"
    for n in range(240)
)
STARS = "".join(
    f"{1949 + n // 12} {n % 12 + 1:02} {1949 + (n + 0.5) / 12:.3f} {58.5 + 7 * n % 11:6.1f} -1.0 "
    f"-1 {'*' * (n > 42)}\n"
    for n in range(48)
)
YEARS = f"Year,{MONTHS}\n" + "".join(
    f"{1900 + y}," + ",".join(str(5.5 + 7 * (12 * y + n) % 11) for n in range(12)) + "\n"
    for y in range(30)
)
HOURS = f"date,{','.join(f'{hour:02}:00' for hour in range(24))}\n" + "".join(
    f"2024-01-0{day}," + ",".join(str(7 * day * hour % 11) for hour in range(24)) + "\n"
    for day in (1, 2)
)
TRADING = "time,v\n" + "".join(
    f"2024-01-{day:02} {hour:02}:30,{7 * day * hour % 11}\n"
    for day in range(1, 6)
    for hour in range(9, 13)
)
YFINANCE = "Price,Close,High\nTicker,ABC,ABC\nDate,,\n" + "".join(
    f"2024-01-{day:02},{105 + 7 * day % 11}.5,{106 + 7 * day % 11}.5\n"
    for day in (4, 5, 8, 9, 10, 11, 12)
)


@pytest.mark.parametrize(
    ("table", "options", "said", "notes"),
    [
        (
            '"Month","Passengers"\n"1949-01",112\n"1949-02",118\n"1949-03",132\n', [],
            "3 months, 1949-01 to 1949-03, column 2 (Passengers)", [],
        ),
        ('"","x"\n' + "".join(f'"{n + 1}",{7 * n % 11}\n' for n in range(144)), [],
        "144 values, column 2 (x)", []),
        (
            "time,load\n2021-03-26 00:00:00+01:00,58\n2021-03-26 01:00:00+01:00,60\n2021-03-26 02:00:00+01:00,61\n", [],  # noqa: E501
            "3 hours, 2021-03-26 00:00 to 2021-03-26 02:00, column 2 (load)", [],
        ),
        (
            "year,month,passengers\n1949,January,112\n1949,February,118\n1949,March,132\n1949,April,129\n", [],  # noqa: E501
            "4 months, 1949-01 to 1949-04, column 3 (passengers)", [],
        ),
        (
            "Year,Period,Value\n1949,M01,112\n1949,M02,118\n1949,M03,132\n1949,M04,129\n", [],
            "4 months, 1949-01 to 1949-04, column 3 (Value)", [],
        ),
        (
            "Year,Quarter,Beer\n1956,1,284\n1956,2,213\n1956,3,227\n1956,4,308\n1957,1,262\n", [],
            "5 quarters, 1956Q1 to 1957Q1, column 3 (Beer)", [],
        ),
        (
            "Year,Week,v\n2020,52,5\n2020,53,7\n2021,1,6\n", [],
            "3 weeks, 2020-W52 to 2021-W01, column 3 (v)", [],
        ),
        (
            "Date,Time,load\n2010-01-01,00:00:00,5\n2010-01-01,01:00:00,6\n2010-01-01,02:00:00,8\n",
            [],
            "3 hours, 2010-01-01 00:00 to 2010-01-01 02:00, column 3 (load)", [],
        ),
        (
            "year,month,day,flow\n2001,1,30,5\n2001,1,31,6\n2001,2,2,8\n2001,2,3,9\n",
            ["--steps", "count"],
            "4 values, column 4 (flow), steps count",
            ["steps are counted, whatever the dates say."],
        ),
        (
            "Date,Close\n02/29/24,9\n02/28/24,7\n02/27/24,5\n02/26/24,5\n02/23/24,6\n", [],
            "5 business days, 2024-02-23 to 2024-02-29, column 2 (Close)",
            [
                "the year of '02/23/24' is 2024: two-digit years are 1930 to 2029.",
                "the latest values come first; they are reversed.",
            ],
        ),
        (
            "Source,the office\n\n;;v\n2001-01;a;5\n2001-02;a;7\n2001-03;a;6\n2001-04;a;9\nStand: 01.02.2024\n", [],  # noqa: E501
            "4 months, 2001-01 to 2001-04, column 3 (v)",
            [
                "line 1, above the table, is left out (Source,the office).",
                "line 8, below the table, is left out (Stand: 01.02.2024).",
            ],
        ),
        (
            TRADING, [], "20 values, column 2 (v)",
            [
                "it pauses, first from 2024-01-01 12:30:00 to 2024-01-02 09:30:00; "
                "steps are counted, one per line."
            ],
        ),
        (
            SENTINELS, ["--missing", "-9999"],
            "235 months, 1949-01 to 1968-07, column 2 (temp), missing -9999",
            ["the last 5 values are missing and left out."],
        ),
        (
            "Date,Close\n2024-01-04,9\n2024-01-05,7\n2024-01-08,5\n2024-01-09,5\n", [],
            "4 business days, 2024-01-04 to 2024-01-09, column 2 (Close)", [],
        ),
        (
            "Date,Price\n2024-03-01,9\n2024-02-01,7\n2024-01-01,5\n", [],
            "3 months, 2024-01 to 2024-03, column 2 (Price)",
            ["the latest values come first; they are reversed."],
        ),
        (
            YFINANCE, ["--column", "Close"],
            "7 business days, 2024-01-04 to 2024-01-12, column 2 (Close)",
            ["lines 2, 3 are left out as further headings or units (Ticker ABC Date)."],
        ),
        (
            'Month,Price\n2024-01,"$1,580.00"\n2024-02,"$1,626.50"\n2024-03,"$1,700.00"\n', [],
            "3 months, 2024-01 to 2024-03, column 2 (Price)", ["$ beside the numbers is left out."],
        ),
        (
            'Month,Passengers\n2024-01,"1,580"\n2024-02,"1,626"\n2024-03,"980"\n', [],
            "3 months, 2024-01 to 2024-03, column 2 (Passengers)",
            ["the ',' in its numbers is taken for a thousands mark; if not, say --decimal ,"],
        ),
        (
            'Month,Passengers\n2024-01,"1,580"\n2024-02,"1,626"\n', ["--thousands", ","],
            "2 months, 2024-01 to 2024-02, column 2 (Passengers), thousands ,", [],
        ),
        (
            YEARS, [], "360 months, 1900-01 to 1929-12",
            ["each line is a year, its columns in order: 30 years."],
        ),
        (
            "TIME\tvalue\n2024-01\t:\n2024-02\t5.1\n2024-03\t5.2 p\n", [],
            "2 months, 2024-02 to 2024-03, column 2 (value)",
            ["the flag beside 1 value is left out (p: 1).",
            "the first value is missing and left out."],
        ),
        (
            "Date,Rain\n,mm\n2024-01,5\n2024-02,7\n2024-03,9\n", [],
            "3 months, 2024-01 to 2024-03, column 2 (Rain)",
            ["line 2 is left out as further headings or units (mm)."],
        ),
        (
            "Jahr;Monat;Wert\n2001;Februar;5,5\n2001;März;7,5\n2001;April;6,5\n", [],
            "3 months, 2001-02 to 2001-04, column 3 (Wert)", [],
        ),
        (
            "date,hour,minute,load\n2010-01-01,0,0,5\n2010-01-01,0,30,6\n2010-01-01,1,0,8\n", [],
            "3 values, 2010-01-01 00:00 to 2010-01-01 01:00, column 4 (load)", [],
        ),
        (
            HOURS, [], "48 hours, 2024-01-01 00:00 to 2024-01-02 23:00",
            ["each line is a day, its times in order: 2 days."],
        ),
        (
            STARS, [], "48 months, 1949-01 to 1952-12, column 4 (sunspots)",
            ["the last 5 values are provisional."],
        ),
    ],
)  # fmt: skip
def test_a_table_is_added(
    lab: Laboratory,
    ask: Ask,
    tmp_path: Path,
    table: str,
    options: list[str],
    said: str,
    notes: list[str],
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(table)
    done = ask("data", "add", "series", str(file), *options)
    assert (done.returncode, done.stdout) == (0, f"series: {said}.\n")
    assert done.stderr.splitlines() == [f"table.csv: {note}" for note in notes]
    # What is kept is read again as it was.
    assert ask("data", "show", "series").returncode == 0


@pytest.mark.parametrize(
    ("table", "said", "options"),
    [
        (
            "year,month,day,flow\n2001,1,30,5\n2001,1,31,6\n2001,2,2,8\n2001,2,3,9\n2001,2,4,9\n",
            "line 4: 2001-02-02 comes after 2001-01-31: 2001-02-01 is missing. "
            "Fill the gap; if nothing is measured then, have steps counted: --steps count",
            ["--steps", "count"],
        ),
        (
            "Year,value\n1990,5\n1995,6\n2000,8\n2003,9\n",
            "line 5: the dates are not one step apart: 5 years between 1990 and 1995, 3 years between 2000 and 2003. "  # noqa: E501
            "If each line is a step anyway, have steps counted: --steps count",
            ["--steps", "count"],
        ),
        (
            "date,shift,v\n2024-01-01,early,5\n2024-01-01,late,6\n2024-01-02,early,8\n2024-01-02,late,9\n",
            "line 3: 2024-01-01 comes a second time, with another shift (early, late). Keep the lines of one: "  # noqa: E501
            "(head -n 1 FILE; grep -wF -e early FILE) > NEW; or say --steps count if they follow each other in time",  # noqa: E501
            ["--steps", "count"],
        ),
        (
            'Month,Passengers\n2024-01,"1,580"\n2024-02,"1,626"\n',
            "line 2: '1,580' may have a decimal comma or thousands. Say which: --decimal , or --thousands ,",  # noqa: E501
            ["--thousands", ","],
        ),
        (
            'Month,Passengers\n2024-01,"1,580"\n2024-02,"1,626"\n',
            "line 2: '1,580' may have a decimal comma or thousands. Say which: --decimal , or --thousands ,",  # noqa: E501
            ["--decimal", ","],
        ),
    ],
)  # fmt: skip
def test_what_is_refused_is_read_as_the_advice_says(
    ask: Ask, tmp_path: Path, table: str, said: str, options: list[str]
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(table)
    done = ask("data", "add", "series", str(file))
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"rnnlab-tui: table.csv, {said}")
    assert ask("data", "add", "series", str(file), *options).returncode == 0
