"""The formats in which runs are exported: a row of :data:`FORMATS` each."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UsageError
from engine.language import _
from engine.reports.csv_records import records_table, runs_without_row
from engine.reports.document import (
    document_tables,
    in_report_order,
    markdown_document,
    name_with_seed,
)
from engine.reports.iterations import ALL_ITERATIONS, Iterations
from engine.reports.json_records import run_as_line
from engine.reports.tables import to_csv, to_latex
from engine.runs.watch import Snapshot

# Not the end of "results-0.5" or of "2026.03.01".
_SUFFIX = re.compile(r"\.[0-9]*[a-z][a-z0-9]*")


@dataclass(frozen=True)
class Contents:
    """What a document shows."""

    runs: Sequence[Snapshot]
    """In the report's order."""
    verdicts: bool = False
    """Whether tables say if the published numbers were reproduced."""
    iterations: Iterations = ALL_ITERATIONS
    """Which iterations of text runs the tables show."""


@dataclass(frozen=True)
class Format:
    """A format of export. The first suffix is the usual one."""

    name: str
    """What people call it: ``"LaTeX"``."""
    suffixes: Sequence[str]
    write: Callable[[Contents], str]
    all_iterations: bool = False
    """Whether it has every iteration, whichever are chosen."""
    says_missing_rows: bool = True
    """Whether it has a place to say that a run has none of the chosen iterations."""


def _write_markdown(contents: Contents) -> str:
    return markdown_document(
        contents.runs, verdicts=contents.verdicts, iterations=contents.iterations
    )


def _write_csv(contents: Contents) -> str:
    """Write one table of all runs (:mod:`engine.reports.csv_records`)."""
    return to_csv(
        records_table(contents.runs, verdicts=contents.verdicts, iterations=contents.iterations)
    )


def _write_json(contents: Contents) -> str:
    """Write one object a line (:func:`run_as_line`)."""
    return "".join(f"{run_as_line(run)}\n" for run in contents.runs)


def _write_latex(contents: Contents) -> str:
    tables = document_tables(
        contents.runs, verdicts=contents.verdicts, iterations=contents.iterations
    )
    return "\n".join(to_latex(table) for table in tables)


FORMATS = {
    "md": Format("Markdown", (".md", ".markdown", ".txt"), _write_markdown),
    "csv": Format("CSV", (".csv",), _write_csv, says_missing_rows=False),
    "json": Format("JSON", (".json", ".jsonl", ".ndjson"), _write_json, all_iterations=True),
    "latex": Format("LaTeX", (".tex", ".latex"), _write_latex),
}
"""By the name that ``--format`` takes."""
MARKDOWN = FORMATS["md"]


def format_of(path: str | os.PathLike[str]) -> Format:
    """Return the format for a file name's suffix, in upper or lower case; Markdown if it has none.

    Raises :class:`UsageError` for the suffix of any other format, whose content would not be what
    the name says.
    """
    suffix = Path(path).suffix.lower()
    for known in FORMATS.values():
        if suffix in known.suffixes:
            return known
    if _SUFFIX.fullmatch(suffix):
        *others, last = (known.suffixes[0] for known in FORMATS.values())
        raise UsageError(
            _("{name}: runs can't be written as {suffix}.").format(
                name=Path(path).name, suffix=suffix
            ),
            _("Let the name end in {suffixes} or {last}.").format(
                suffixes=", ".join(others), last=last
            ),
        )
    return MARKDOWN


def render_document(
    runs: Sequence[Snapshot],
    output: Format = MARKDOWN,
    *,
    verdicts: bool = False,
    iterations: Iterations = ALL_ITERATIONS,
) -> str:
    """Return one document for several runs; the options are those of :class:`Contents`."""
    return output.write(Contents(in_report_order(runs), verdicts, iterations))


def runs_left_out(runs: Sequence[Snapshot], output: Format, iterations: Iterations) -> list[str]:
    """Return a sentence for each run without a row, as it has none of the chosen iterations.

    None for formats that say so themselves, under the run's table.
    """
    if output.says_missing_rows:
        return []
    return [
        _("{name} ({id}) has no row: it has none of the iterations {choice}.").format(
            name=name_with_seed(run), id=run.run.id, choice=iterations
        )
        for run in runs_without_row(in_report_order(runs), iterations)
    ]
