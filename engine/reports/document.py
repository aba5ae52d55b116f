"""Runs as the tables of a lab report: measured beside published, and how each was made."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import metadata

from engine.data.catalog import changed_options
from engine.language import _, ngettext
from engine.operations.command_line import command_for
from engine.reports.csv_records import records_table, runs_without_row
from engine.reports.formats import Format
from engine.reports.iterations import ALL_ITERATIONS, Iterations
from engine.reports.json_records import data_label, run_as_line
from engine.reports.kinds import reports_of
from engine.reports.published import default_name, reads_the_reports_data
from engine.reports.tables import Table, Verbatim, to_csv, to_latex, to_markdown
from engine.runs.changes import data_change, seed_change
from engine.runs.run import UNFINISHED
from engine.runs.watch import Snapshot
from engine.trials.kinds import KINDS
from engine.trials.trial import (
    Trial,
    diff_from_preset,
    format_value,
)
from presets import Preset


def describe_settings(trial: Trial, preset: Preset | None) -> str:
    """Return the parameters that differ from the preset's, ``"epochs 35 → 20"``; or empty."""
    altered = diff_from_preset(preset, trial.parameters) if preset else {}
    return ", ".join(
        f"{name} {format_value(previous)} → {format_value(value)}"
        for name, (previous, value) in altered.items()
    )


def describe_changes(trial: Trial, preset: Preset | None) -> str:
    """Return how a trial's parameters and data, not seeds, differ from its preset's; or empty."""
    if preset is None:
        return ""
    settings = describe_settings(trial, preset)
    changes = [settings] if settings else []
    if data := data_change(trial):
        changes.append(f"{trial.data_option} {trial.report_data} → {data}")
    changes += [f"{name} {value}" for name, value in changed_options(trial).items()]
    return ", ".join(changes)


def describe_request(trial: Trial, preset: Preset | None) -> str:
    """Return how a trial differs from its preset, seeds included; "–" if it does not."""
    return (
        ", ".join(part for part in (describe_changes(trial, preset), seed_change(trial)) if part)
        or "–"
    )


def in_report_order(runs: Iterable[Snapshot]) -> list[Snapshot]:
    """Return runs in the report's order: forecasts, then texts; by preset number, then by seed.

    Otherwise they are in the order of submission.
    """

    def sort_key(run: Snapshot) -> tuple[object, ...]:
        trial = run.trial
        return (
            list(KINDS).index(trial.kind),
            int(trial.preset.partition("/")[2]),
            trial.seed,
            trial.replicates,
            run.run.submission.submitted,
            run.run.id,
        )

    return sorted(runs, key=sort_key)


def tables_of(
    runs: Sequence[Snapshot], *, verdicts: bool = False, iterations: Iterations = ALL_ITERATIONS
) -> list[Table]:
    """Return one table for all forecasts of a series, and one per text run, in the report's order.

    The forecasts of the report's series come first (Tables I and II of the report in one). Only
    runs on the report's data are shown beside published numbers; the tables of other data are
    titled with the name of the data.

    ``verdicts``: add a column that says whether the published numbers were reproduced.
    """
    ordered = in_report_order(runs)
    return [
        table
        for kind in KINDS
        for table in reports_of(kind).tables(
            [run for run in ordered if run.trial.kind == kind],
            verdicts=verdicts,
            iterations=iterations,
        )
    ]


def uses_the_reports_data(run: Snapshot) -> bool:
    """Tell whether a run's data are the report's, by content if that is known."""
    return reads_the_reports_data(run.trial.kind, default_name(run.trial.data), run.prepared_sha256)


def format_verdict(reproduced: bool | None) -> str:
    """Format a verdict; empty if there is none."""
    if reproduced is None:
        return ""
    return _("reproduced") if reproduced else _("not reproduced")


def remarks(runs: Sequence[Snapshot]) -> list[str]:
    """Return why runs failed, and the notes on runs, a sentence or two each."""
    lines = []
    for run in runs:
        if run.state not in UNFINISHED and run.error:
            lines.append(f"{name_with_seed(run)}: {run.error}")
        if note := run.note:
            lines.append(_("{name}, note: {text}").format(name=name_with_seed(run), text=note))
    return lines


def short_name(run: Snapshot) -> str:
    """Name a run by its preset and changed parameters; the table's title names its data."""
    changes = describe_settings(run.trial, run.preset)
    return f"{run.trial.preset} ({changes})" if changes else run.trial.preset


def name_with_seed(run: Snapshot) -> str:
    """Name a run as :func:`short_name`, with its seeds."""
    return f"{short_name(run)}, {format_seeds(run.trial)}"


def format_seeds(trial: Trial) -> str:
    """Format a trial's random seed, or its first and last."""
    if trial.replicates == 1:
        return _("seed {seed}").format(seed=trial.seed)
    return _("seeds {first}–{last}").format(first=trial.seeds[0], last=trial.seeds[-1])


def format_threads(count: int) -> str:
    """Format the number of threads used."""
    return ngettext("{n} thread", "{n} threads", count).format(n=count)


def provenance_table(runs: Sequence[Snapshot]) -> Table:
    """Return how each run was made: command, versions, processor, data, duration, log damage."""
    rows = []
    for run in runs:
        provenance = run.result.provenance if run.result else None
        rows.append(
            (
                run.run.id,
                Verbatim(command_for(run.trial, run.preset)),
                f"{run.trial.seeds[0]}–{run.trial.seeds[-1]}"
                if run.trial.replicates > 1
                else str(run.trial.seed),
                Verbatim(f"{data_label(run.trial)} {run.trial.data.short_sha256}"),
                Verbatim(
                    ", ".join(f"{name} {version}" for name, version in provenance.versions.items())
                    if provenance
                    else ""
                ),
                Verbatim(
                    f"{provenance.cpu}, {format_threads(provenance.threads)}, {provenance.device}"
                    if provenance
                    else ""
                ),
                format_duration(run),
            )
        )
    columns = (
        _("Run"),
        _("Command"),
        _("Seed"),
        _("Data, SHA-256"),
        _("Versions"),
        _("Processor"),
        _("Took"),
    )
    damaged = tuple(f"{run.run.id}: {run.log_damage}" for run in runs if run.log_damage)
    return Table(_("How it was made"), columns, tuple(rows), frozenset({2, 6}), damaged)


def format_duration(run: Snapshot) -> str:
    """Return how long a run was worked on, and waited if a second or more.

    A run without a result has its state first.
    """
    parts: list[str] = [] if run.result else [run.state]
    if run.seconds_working is not None and run.seconds_waiting is not None:
        parts.append(f"{run.seconds_working:.1f} s")
        if run.seconds_waiting >= 1:
            parts.append(_("waited {seconds:.1f} s").format(seconds=run.seconds_waiting))
    return ", ".join(parts)


def check_iterations(runs: Iterable[Snapshot], iterations: Iterations) -> None:
    """Raise :class:`UsageError` if the text runs among ``runs`` don't have these iterations.

    See :meth:`Iterations.check`.
    """
    texts = [run for run in runs if run.trial.parameters.has_iterations]
    iterations.check(
        [sum(iteration.loss is not None for iteration in run.progress.iterations) for run in texts]
    )


def runs_left_out(runs: Sequence[Snapshot], output: Format, iterations: Iterations) -> list[str]:
    """Return a sentence for each run without a row, as it has none of the chosen iterations.

    Formats with a table per text say so under that table instead.
    """
    missing = runs_without_row(in_report_order(runs), iterations) if output == "csv" else []
    return [
        _("{name} ({id}) has no row: it has none of the iterations {choice}.").format(
            name=name_with_seed(run), id=run.run.id, choice=iterations
        )
        for run in missing
    ]


def render_document(
    runs: Sequence[Snapshot],
    output: Format = "md",
    *,
    verdicts: bool = False,
    iterations: Iterations = ALL_ITERATIONS,
) -> str:
    """Return one document for several runs, in the report's order: heading, tables, provenance.

    CSV is one table of all runs (:mod:`engine.reports.csv_records`); JSON is one object a line
    (:func:`run_as_line`). ``verdicts``: tables say whether the published numbers were reproduced.
    ``iterations``: which of text runs tables show; JSON has all.
    """
    runs = in_report_order(runs)
    if output == "json":
        return "".join(f"{run_as_line(run)}\n" for run in runs)
    if output == "csv":
        return to_csv(records_table(runs, verdicts=verdicts, iterations=iterations))
    tables = [*tables_of(runs, verdicts=verdicts, iterations=iterations), provenance_table(runs)]
    if output == "latex":
        return "\n".join(to_latex(table) for table in tables)
    count = ngettext("{n} run", "{n} runs", len(runs)).format(n=len(runs))
    heading = _("# Recurrent-network lab: {count}").format(count=count)
    footer = _("Written by rnnlab-tui {version} on {day}.").format(
        version=metadata.version("rnnlab-tui"), day=datetime.now(UTC).date().isoformat()
    )
    return "\n".join([heading, "", footer, "", *(to_markdown(table) for table in tables)])
