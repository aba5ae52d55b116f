"""Runs as the tables of a lab report: measured beside published, and how each was made."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import metadata

from engine.data.catalog import ALICE, SUNSPOTS, changed_options, changed_preparation, is_built_in
from engine.data.text_notes import count_characters, describe_left_out, describe_preparation
from engine.data.texts import REPORT_DIGEST
from engine.language import _, ngettext
from engine.operations.command_line import command_for
from engine.reports import caveats
from engine.reports.iterations import ALL_ITERATIONS, Iterations
from engine.reports.json_records import completed_iterations, data_label
from engine.reports.published import default_name, published_for, reads_the_reports_data
from engine.reports.tables import Cell, Table, Verbatim, to_markdown
from engine.reports.verdict import CLOSE, LEAST_SEEDS, forecast_reproduced, loss_reproduced
from engine.runs.changes import data_change, seed_change
from engine.runs.results import ForecastMetrics
from engine.runs.run import UNFINISHED
from engine.runs.watch import Snapshot
from engine.sanitise import LINE_END_MARK, printable
from engine.trials.trial import (
    DataReference,
    ForecastParameters,
    ForecastTrial,
    TextParameters,
    TextTrial,
    Trial,
    diff_from_preset,
    format_value,
)
from presets import Preset, PublishedForecast, PublishedText


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
        option, default = (
            ("series", SUNSPOTS) if isinstance(trial, ForecastTrial) else ("corpus", ALICE)
        )
        changes.append(f"{option} {default} → {data}")
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
        kind, _slash, number = run.trial.preset.partition("/")
        trial = run.trial
        return (
            kind != "sunspots",
            int(number),
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
    series: dict[str, list[Snapshot]] = {"": []}
    for run in ordered:
        if isinstance(run.trial, ForecastTrial):
            series.setdefault(
                "" if _reads_the_reports_data(run) else _series_key(run.trial.data), []
            ).append(run)
    tables = [_forecast_table(group, verdicts) for group in series.values() if group]
    return tables + [
        _text_table(run, verdicts, iterations)
        for run in ordered
        if isinstance(run.trial, TextTrial)
    ]


def _reads_the_reports_data(run: Snapshot) -> bool:
    return reads_the_reports_data(run.trial.kind, default_name(run.trial.data), run.prepared_sha256)


def _series_key(data: DataReference) -> str:
    """Return what trials on the same values share, whatever name, file or URL they came from."""
    return data.model_dump_json(exclude={"name", "file", "url"})


def _series_title(runs: Sequence[Snapshot]) -> str:
    """Return a title naming the series of some runs: ``"Rain (rain.csv:2), forecasts"``.

    A queued run has no heading yet.
    """
    label = data_label(runs[0].trial)
    headings = (run.provenance.data.heading for run in runs if run.provenance)
    heading = next((heading for heading in headings if heading), None)
    return _("{series}, forecasts").format(
        series=f"{printable(heading)} ({label})" if heading else label
    )


def _forecast_table(runs: Sequence[Snapshot], verdicts: bool) -> Table:
    """Return the table of the forecasts of one series."""
    is_the_reports = _reads_the_reports_data(runs[0])
    notes = [_("RMSE in scaled units: the whole series, least to greatest, is 0 to 1.")]
    if is_the_reports and verdicts:
        notes.append(
            _(
                "Reproduced: both published figures lie within the middle 90 % of the seeds, of "
                "which there must be at least {n}."
            ).format(n=LEAST_SEEDS)
        )
    # The same trial with two seeds would be two rows that look the same.
    with_seeds = len({run.trial.seeds for run in runs}) > 1
    rows = []
    for run in runs:
        rows.append(
            (
                name_with_seed(run) if with_seeds else _name(run),
                *_forecast_cells(run, is_the_reports, verdicts),
            )
        )
        if run.result and isinstance(run.result.metrics, ForecastMetrics):
            notes.append(_forecast_note(run, run.result.metrics))
            notes += caveats.table_notes(run, name_with_seed(run))
            notes += _data_notes(run)
    notes += remarks(runs)
    columns = [
        _("Trial"), _("Epochs"), _("Batch size"), _("Time steps"), _("Activation"), _("Train RMSE"),
        _("Test RMSE"),
    ]  # fmt: skip
    if is_the_reports:
        columns += [
            _("Published train"),
            _("Published test"),
            *([_("Verdict")] if verdicts else []),
        ]
    title = _("Sunspots") if is_the_reports else _series_title(runs)
    numeric = frozenset({1, 2, 3, 5, 6, 7, 8} & set(range(len(columns))))
    return Table(title, tuple(columns), tuple(rows), numeric, tuple(dict.fromkeys(notes)))


def _forecast_cells(run: Snapshot, is_the_reports: bool, verdicts: bool) -> list[str]:
    """Return the cells of a forecast's row after its name."""
    parameters, published = run.trial.parameters, published_for(run)
    assert isinstance(parameters, ForecastParameters)
    train = test = run.state.upper() if run.state != "done" else ""
    verdict = None
    if run.result and isinstance(run.result.metrics, ForecastMetrics):
        metrics = run.result.metrics
        train = _with_spread(metrics.typical[0], metrics.train_rmse_sd)
        test = _with_spread(metrics.typical[1], metrics.test_rmse_sd)
        if isinstance(published, PublishedForecast):
            verdict = forecast_reproduced(published, metrics)
    cells = [
        str(parameters.epochs),
        str(parameters.batch_size),
        str(parameters.time_steps),
        format_value(parameters.activation),
        train,
        test,
    ]
    if is_the_reports:
        cells.append(
            f"{published.train_rmse:.3f}" if isinstance(published, PublishedForecast) else ""
        )
        cells.append(
            f"{published.test_rmse:.3f}" if isinstance(published, PublishedForecast) else ""
        )
        cells += [_format_verdict(verdict)] if verdicts else []
    return cells


def _format_verdict(reproduced: bool | None) -> str:
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


def _with_spread(mean: float, sd: float | None) -> str:
    return f"{mean:.3f}" if sd is None else f"{mean:.3f} ± {sd:.3f}"


def _forecast_note(run: Snapshot, metrics: ForecastMetrics) -> str:
    """Return a note on how few points a forecast is judged by, and how baselines score on them."""
    assert isinstance(run.trial, ForecastTrial)
    points, order = metrics.test_points, run.trial.parameters.time_steps
    return _(
        "{name}: {points}; baselines on the same points: repeat last value {last:.3f}, {linear}."
    ).format(
        name=name_with_seed(run),
        points=ngettext("{n} test point", "{n} test points", points).format(n=points),
        last=metrics.persistence.test_rmse,
        linear=ngettext(
            "linear on {n} value {score:.3f}", "linear on {n} values {score:.3f}", order
        ).format(n=order, score=metrics.linear_autoregression.test_rmse),
    )


def _data_notes(run: Snapshot) -> tuple[str, ...]:
    """Return notes on data values that were left out, were filled, or look like missing ones."""
    if is_built_in(run.trial.data):
        return ()
    # Imports NumPy.
    from engine.data.notes import notes_of

    assert run.result
    return notes_of(run.trial, run.run.home, run.result.provenance.data.length).all


def _text_table(run: Snapshot, verdicts: bool, iterations: Iterations) -> Table:
    assert isinstance(run.trial, TextTrial)
    is_the_reports = _reads_the_reports_data(run)
    published = published_for(run)
    losses = (
        {row.iteration: row.loss for row in published.iterations}
        if isinstance(published, PublishedText)
        else {}
    )
    complete = completed_iterations(run.progress, run.trial.parameters).iterations
    rows = []
    for iteration in (shown := iterations.select(complete, run.preset)):
        loss = losses.get(iteration.iteration)
        verdict = None if loss is None else loss_reproduced(loss, iteration.loss)
        cells: list[Cell] = [
            str(iteration.iteration),
            f"{iteration.loss:.4f}",
            Verbatim(iteration.seed_text),
            Verbatim(iteration.generated),
        ]
        if is_the_reports:
            cells.append("" if loss is None else f"{loss:.4f}")
            cells += [_format_verdict(verdict)] if verdicts else []
        rows.append(tuple(cells))
    columns = [_("Iteration"), _("Loss"), _("Seed"), _("Generated text")]
    notes = [_parameters_note(run.trial.parameters), *_text_note(run)]
    if is_the_reports:
        columns += [_("Published loss"), *([_("Verdict")] if verdicts else [])]
        if verdicts:
            notes.append(
                _("Reproduced: within {share:.0%} of the published loss.").format(share=CLOSE)
            )
    if len(shown) < len(complete):
        part = ngettext(
            "{n} of the {total} iterations is shown.",
            "{n} of the {total} iterations are shown.",
            len(shown),
        )
        notes.append(part.format(n=len(shown), total=len(complete)))
    if missing := iterations.missing(complete):
        numbers = ", ".join(map(str, missing))
        notes.append(
            ngettext(
                "Iteration {numbers} is missing.",
                "Iterations {numbers} are missing.",
                len(missing),
            ).format(numbers=numbers)
        )
    notes += remarks([run])
    numeric = frozenset({0, 1, 4} & set(range(len(columns))))
    return Table(
        _text_title(run, is_the_reports), tuple(columns), tuple(rows), numeric, tuple(notes)
    )


def _text_title(run: Snapshot, is_the_reports: bool) -> str:
    title = name_with_seed(run)
    if not is_the_reports:
        label = data_label(run.trial)
        if run.trial.data.name == ALICE:
            # The name alone would claim that it is the report's.
            label = _("{name} (not the report's text)").format(name=label)
        title = f"{label}: {title}"
    return title if run.state == "done" else f"{title} ({run.state})"


def _text_note(run: Snapshot) -> list[str]:
    """Describe the preparation of a text and what that left out, unless it is just the report's."""
    data, used = run.trial.data, run.provenance.data if run.provenance else None
    is_default = data.name == ALICE and not (data.file or data.url or changed_preparation(data))
    if used.prepared_sha256 == REPORT_DIGEST if used else is_default:
        return []
    text = _("Text {name}: {preparation}").format(
        name=printable(data.name), preparation=describe_preparation(data.preparation)
    )
    if used:
        text += "; " + _("{characters}, {distinct:,} distinct").format(
            characters=count_characters(used.length), distinct=used.distinct or 0
        )
    if used and used.left_out:
        text += "; " + describe_left_out(used.left_out)
        if used.left_out.licence:
            text += "; " + _("licence left out, {characters}").format(
                characters=count_characters(used.left_out.licence)
            )
    if data.preparation.lines == "keep":
        text += "; " + _("{mark} stands for a line end").format(mark=LINE_END_MARK)
    return [text + "."]


def _parameters_note(parameters: TextParameters) -> str:
    return (
        ", ".join(
            f"{name} {format_value(value)}" for name, value in parameters.model_dump().items()
        )
        + "."
    )


def _name(run: Snapshot) -> str:
    """Name a run by its preset and changed parameters; the table's title names its data."""
    changes = describe_settings(run.trial, run.preset)
    return f"{run.trial.preset} ({changes})" if changes else run.trial.preset


def name_with_seed(run: Snapshot) -> str:
    """Name a run by its preset, its changes and its seed: ``"sunspots/5, seed 1"``."""
    return f"{_name(run)}, {format_seeds(run.trial)}"


def format_seeds(trial: Trial) -> str:
    """Format a trial's random seed, or its first and last, as "seed 1" or "seeds 1–64"."""
    return ngettext("seed {numbers}", "seeds {numbers}", trial.replicates).format(
        numbers=seed_numbers(trial)
    )


def seed_numbers(trial: Trial) -> str:
    """Format a trial's random seed, or its first and last, as "1" or "1–64"."""
    first, last = trial.seeds[0], trial.seeds[-1]
    return str(first) if first == last else f"{first}–{last}"


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
                seed_numbers(run.trial),
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
    texts = [run for run in runs if isinstance(run.trial, TextTrial)]
    iterations.check(
        [sum(iteration.loss is not None for iteration in run.progress.iterations) for run in texts]
    )


def document_tables(
    runs: Sequence[Snapshot], *, verdicts: bool, iterations: Iterations
) -> list[Table]:
    """Return the tables of the runs, and the one that says how each was made."""
    return [*tables_of(runs, verdicts=verdicts, iterations=iterations), provenance_table(runs)]


def markdown_document(runs: Sequence[Snapshot], *, verdicts: bool, iterations: Iterations) -> str:
    """Return a heading, the tables of the runs and their provenance."""
    count = ngettext("{n} run", "{n} runs", len(runs)).format(n=len(runs))
    heading = _("# Recurrent-network lab: {count}").format(count=count)
    footer = _("Written by rnnlab-tui {version} on {day}.").format(
        version=metadata.version("rnnlab-tui"), day=datetime.now(UTC).date().isoformat()
    )
    tables = document_tables(runs, verdicts=verdicts, iterations=iterations)
    return "\n".join([heading, "", footer, "", *(to_markdown(table) for table in tables)])
