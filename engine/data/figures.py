"""Figures as tables write them: with a decimal point or a decimal comma, grouped in thousands, or missing."""

import math
import re
from collections.abc import Sequence

from engine.errors import UsageError
from engine.language import _

_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nd", "-", "--", "–", "—", ".", "..", "?"})
_SIGN = r"[+-]?"
_EXPONENT = r"([eE][+-]?[0-9]{1,3})?"
# No digit can be taken by either of two parts: a long row of them would be tried in every way.
_WITH_POINT = re.compile(rf"{_SIGN}([0-9]+(\.[0-9]*)?|\.[0-9]+){_EXPONENT}")
_WITH_COMMA = re.compile(rf"{_SIGN}([0-9]+(,[0-9]*)?|,[0-9]+){_EXPONENT}")
_COMMA_GROUPS = re.compile(rf"{_SIGN}[1-9][0-9]{{0,2}}(,[0-9]{{3}})+(\.[0-9]*)?")
_POINT_GROUPS = re.compile(rf"{_SIGN}[1-9][0-9]{{0,2}}(\.[0-9]{{3}})+(,[0-9]*)?")


def is_missing(cell: str) -> bool:
    """Tell whether a cell says that there is no figure."""
    return cell.lower() in _MISSING


def is_figure(cell: str) -> bool:
    """Tell whether a cell is a figure in one way of writing them or another."""
    cell = _plain(cell)
    return _point(cell) is not None or _comma(cell) is not None


def is_whole(cell: str) -> bool:
    """Tell whether a cell is a whole number without a sign."""
    return cell.isascii() and cell.isdigit() and len(cell) <= 9


def _plain(cell: str) -> str:
    return cell.replace("−", "-")  # A typographer's minus.


def _point(cell: str) -> float | None:
    """Read a figure whose decimals follow a point; None where it is none."""
    if _WITH_POINT.fullmatch(cell):
        return float(cell)
    return float(cell.replace(",", "")) if _COMMA_GROUPS.fullmatch(cell) else None


def _comma(cell: str) -> float | None:
    """Read a figure whose decimals follow a comma; None where it is none."""
    if _WITH_COMMA.fullmatch(cell):
        return float(cell.replace(",", "."))
    return float(cell.replace(".", "").replace(",", ".")) if _POINT_GROUPS.fullmatch(cell) else None


def read_figures(cells: Sequence[str], lines: Sequence[int], origin: str) -> list[float]:
    """Return the figures of a column, NaN where one is missing.

    A point is a decimal point. Commas are decimal commas where a figure of the column can be read in no other way
    (``58,0``), and group thousands where one can be read in no other way than that (``1,234.5``). ``lines`` are the
    cells' lines in the file ``origin``. Raises :class:`UsageError`, which names the line, for what is no figure, for
    one that is too large, and where two ways of writing are mixed or can't be told apart.
    """
    point_only = comma_only = doubtful = None
    read: list[tuple[float | None, float | None]] = []
    for index, given in enumerate(cells):
        if is_missing(given):
            read.append((math.nan, math.nan))
            continue
        cell = _plain(given)
        with_point, with_comma = _point(cell), _comma(cell)
        if with_point is None and with_comma is None:
            raise _refused(_("{origin}, line {line}: {cell!r} is no number."), origin, lines[index], given)
        read.append((with_point, with_comma))
        if with_comma is None:
            point_only = index if point_only is None else point_only
        elif with_point is None:
            comma_only = index if comma_only is None else comma_only
        elif with_point != with_comma and "," in cell:
            doubtful = index if doubtful is None else doubtful
    if point_only is not None and comma_only is not None:
        later = max(point_only, comma_only)
        raise _refused(
            _("{origin}, line {line}: {cell!r} has another decimal mark than the figures before it."),
            origin, lines[later], cells[later],
        )  # fmt: skip
    if doubtful is not None and point_only is None and comma_only is None:
        raise _refused(
            _("{origin}, line {line}: {cell!r} may have a decimal comma or thousands."),
            origin, lines[doubtful], cells[doubtful],
        )  # fmt: skip
    figures = [with_point if comma_only is None else with_comma for with_point, with_comma in read]
    result: list[float] = []
    for index, figure in enumerate(figures):
        if figure is None or math.isinf(figure):
            raise _refused(_("{origin}, line {line}: {cell!r} is too large."), origin, lines[index], cells[index])
        result.append(figure)
    return result


def _refused(words: str, origin: str, line: int, cell: str) -> UsageError:
    shown = cell if len(cell) <= 40 else cell[:39] + "…"
    return UsageError(words.format(origin=origin, line=line, cell=shown), _("Mend that line, or take it out."))
