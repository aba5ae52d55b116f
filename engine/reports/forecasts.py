"""Reports on forecasts: a table for each series, a row of CSV for each run."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.data.catalog import is_built_in
from engine.language import _, ngettext
from engine.reports import caveats
from engine.reports.csv_records import keys_without_lists
from engine.reports.document import (
    format_verdict,
    name_with_seed,
    remarks,
    short_name,
    uses_the_reports_data,
)
from engine.reports.iterations import Iterations
from engine.reports.json_records import data_label
from engine.reports.kinds import KindReports, Record
from engine.reports.published import published_for
from engine.reports.tables import Table
from engine.reports.verdict import LEAST_SEEDS, forecast_reproduced
from engine.runs.progress import Progress
from engine.runs.results import BriefForecastMetrics, ForecastMetrics
from engine.runs.watch import Snapshot
from engine.sanitise import printable
from engine.trials.trial import DataReference, ForecastParameters, ForecastTrial, format_value
from presets import PublishedForecast


class ForecastReports(KindReports[ForecastParameters, ForecastMetrics | BriefForecastMetrics]):
    metric_columns = (
        *keys_without_lists(ForecastMetrics),
        "published_train_rmse",
        "published_test_rmse",
    )

    def headline(self, metrics: ForecastMetrics | BriefForecastMetrics) -> str:
        train, test = metrics.typical
        return f"{train:.3f} / {test:.3f} {caveats.mark(metrics)}".rstrip()

    def metrics_so_far(self, progress: Progress, parameters: ForecastParameters) -> Record | None:
        return (
            {"losses": progress.losses, "train_rmse": None, "test_rmse": None}
            if progress.losses
            else None
        )

    def tables(
        self, runs: Sequence[Snapshot], *, verdicts: bool, iterations: Iterations
    ) -> list[Table]:
        series: dict[str, list[Snapshot]] = {"": []}
        for run in runs:
            key = "" if uses_the_reports_data(run) else _series_key(run.trial.data)
            series.setdefault(key, []).append(run)
        return [_forecast_table(group, verdicts) for group in series.values() if group]

    def records(
        self, run: Snapshot, record: Record, metrics: Mapping[str, Any], iterations: Iterations
    ) -> list[Record]:
        return [record | _extras(run)]


def _narrow(
    run: Snapshot,
) -> tuple[ForecastTrial, ForecastMetrics | None, PublishedForecast | None]:
    """Return what is known of a forecast: trial, metrics, published numbers."""
    metrics, published = run.result.metrics if run.result else None, published_for(run)
    assert isinstance(run.trial, ForecastTrial)
    assert isinstance(metrics, ForecastMetrics | None)
    assert isinstance(published, PublishedForecast | None)
    return run.trial, metrics, published


def _extras(run: Snapshot) -> Record:
    _trial, metrics, published = _narrow(run)
    extras: Record = {}
    if published:
        extras |= {
            "published_train_rmse": published.train_rmse,
            "published_test_rmse": published.test_rmse,
        }
    if metrics and metrics.replicates is None:
        extras["train_rmse_mean"], extras["test_rmse_mean"] = metrics.typical
    if metrics and published:
        extras["reproduced"] = forecast_reproduced(published, metrics)
    return extras


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
    is_the_reports = uses_the_reports_data(runs[0])
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
                name_with_seed(run) if with_seeds else short_name(run),
                *_forecast_cells(run, is_the_reports, verdicts),
            )
        )
        if run.result:
            notes.append(_forecast_note(run))
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
    trial, metrics, published = _narrow(run)
    parameters = trial.parameters
    train = test = run.state.upper() if run.state != "done" else ""
    verdict = None
    if metrics:
        train = _with_spread(metrics.typical[0], metrics.train_rmse_sd)
        test = _with_spread(metrics.typical[1], metrics.test_rmse_sd)
        if published:
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
        cells.append(f"{published.train_rmse:.3f}" if published else "")
        cells.append(f"{published.test_rmse:.3f}" if published else "")
        cells += [format_verdict(verdict)] if verdicts else []
    return cells


def _with_spread(mean: float, sd: float | None) -> str:
    return f"{mean:.3f}" if sd is None else f"{mean:.3f} ± {sd:.3f}"


def _forecast_note(run: Snapshot) -> str:
    """Return a note on how few points a forecast is judged by, and how baselines score on them."""
    trial, metrics, _published = _narrow(run)
    assert metrics
    points, order = metrics.test_points, trial.parameters.time_steps
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


FORECASTS = ForecastReports()
