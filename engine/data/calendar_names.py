"""Names of months and weekdays, abbreviated or not.

In English, Spanish, German, French, Italian and Portuguese; months also in Dutch, the Scandinavian
languages, Polish and Russian.
"""

import unicodedata
from collections.abc import Sequence

_MONTHS = (
    "january enero januar jänner janvier gennaio janeiro januari styczeń stycznia январь января",
    "february febrero februar feber février febbraio fevereiro februari luty lutego февраль "
    "февраля",
    "march marzo märz mrz mars março maart mrt marts marzec marca март марта",
    "april abril avril aprile kwiecień kwietnia апрель апреля",
    "may mayo mai maggio maio mei maj maja май мая",
    "june junio juni juin giugno junho czerwiec czerwca июнь июня",
    "july julio juli juillet luglio julho lipiec lipca июль июля",
    "august agosto août augustus augusti sierpień sierpnia август августа",
    "september septiembre setiembre septembre settembre setembro wrzesień września сентябрь "
    "сентября",
    "october octubre oktober octobre ottobre outubro październik października октябрь октября",
    "november noviembre novembre novembro listopad listopada ноябрь ноября",
    "december diciembre dezember décembre dicembre dezembro desember grudzień grudnia декабрь "
    "декабря",
)
_MONTH_INITIALS = ("JFMAMJJASOND", "EFMAMJJASOND", "GFMAMGLASOND")
_WEEKDAYS = (
    "mo tu we th fr sa su", "lu ma mi ju vi sa do", "mo di mi do fr sa so",
    "lu ma me je ve sa di", "lu ma me gi ve sa do", "se te qu qu se sa do",
)  # fmt: skip
_FEWEST_WEEKDAYS = 5


def fold(name: str) -> str:
    """Return a name in lower case, without accents and without the point of an abbreviation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).rstrip(".")


def _spellings() -> dict[str, int]:
    """Return the month numbers by name and by each beginning of three letters or more."""
    numbers: dict[str, set[int]] = {}
    for number, names in enumerate(_MONTHS, 1):
        for name in names.split():
            for length in range(3, len(name) + 1):
                for form in (
                    name[:length],
                    fold(name[:length]),
                    unicodedata.normalize("NFD", name[:length]),
                ):
                    numbers.setdefault(form, set()).add(number)
    # "jui" is June as well as July.
    return {name: months.pop() for name, months in numbers.items() if len(months) == 1}


MONTH_NAMES = _spellings()
_FOLDED = {fold(name): number for name, number in MONTH_NAMES.items()}


def month_named(name: str) -> int:
    """Return the month that a name or an abbreviation means, 1 to 12; 0 if it is not a month."""
    return _FOLDED.get(fold(name), 0)


def months_by_initials(cells: Sequence[str]) -> int | None:
    """Return the index at which twelve cells hold the months' initials; None if there is none."""
    initials = "".join(cell.upper() if len(cell) == 1 else "." for cell in cells)
    return next((index for year in _MONTH_INITIALS if (index := initials.find(year)) >= 0), None)


def weekdays_in(cells: Sequence[str]) -> range:
    """Return the range of at least five cells that name consecutive weekdays; empty if none do."""
    folded = [fold(cell) if cell.rstrip(".").isalpha() else "" for cell in cells]
    best = range(0)
    for week in map(str.split, _WEEKDAYS):
        for first in (index for index, name in enumerate(folded) if name):
            for day in range(7):
                n = 0
                while (
                    n < 7
                    and first + n < len(cells)
                    and folded[first + n].startswith(week[(day + n) % 7])
                ):
                    n += 1
                if n > len(best):
                    best = range(first, first + n)
    return best if len(best) >= _FEWEST_WEEKDAYS else range(0)
