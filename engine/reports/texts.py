"""Reports on text trials: a table for each run, a row of CSV for each iteration."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.data.catalog import ALICE, changed_preparation
from engine.data.text_notes import count_characters, describe_left_out, describe_preparation
from engine.data.texts import REPORT_DIGEST
from engine.language import _, ngettext
from engine.reports.csv_records import keys_without_lists, scalars
from engine.reports.document import (
    format_verdict,
    name_with_seed,
    remarks,
    uses_the_reports_data,
)
from engine.reports.iterations import Iterations
from engine.reports.json_records import data_label
from engine.reports.kinds import KindReports, Record
from engine.reports.published import published_for
from engine.reports.tables import Cell, Table, Verbatim
from engine.reports.verdict import CLOSE, loss_reproduced
from engine.runs.progress import Progress
from engine.runs.results import BriefTextMetrics, IterationMetrics, TextMetrics
from engine.runs.watch import Snapshot
from engine.sanitise import LINE_END_MARK, printable
from engine.trials.trial import TextParameters, format_value


class TextReports(KindReports[TextParameters, TextMetrics | BriefTextMetrics]):
    metric_columns = (*keys_without_lists(IterationMetrics), "published_loss")

    def headline(self, metrics: TextMetrics | BriefTextMetrics) -> str:
        return f"{metrics.iterations[-1].loss:.4f}" if metrics.iterations else ""

    def metrics_so_far(self, progress: Progress, parameters: TextParameters) -> Record | None:
        completed = completed_iterations(progress, parameters)
        return completed.to_json() if completed.iterations else None

    def tables(
        self, runs: Sequence[Snapshot], *, verdicts: bool, iterations: Iterations
    ) -> list[Table]:
        return [_text_table(run, verdicts, iterations) for run in runs]

    def records(
        self, run: Snapshot, record: Record, metrics: Mapping[str, Any], iterations: Iterations
    ) -> list[Record]:
        chosen = {iteration.iteration: iteration.loss for iteration in _chosen(run, iterations)}
        published = published_for(run)
        losses = published.losses if published else {}
        rows = [
            record
            | scalars(iteration)
            | _extras(losses.get(iteration["iteration"]), chosen[iteration["iteration"]])
            for iteration in metrics.get("iterations", ())
            if iteration["iteration"] in chosen
        ]
        return rows if rows or self.lacks_row(run, iterations) else [record]

    def lacks_row(self, run: Snapshot, iterations: Iterations) -> bool:
        return run.state == "done" and not _chosen(run, iterations)


def completed_iterations(progress: Progress, parameters: TextParameters) -> TextMetrics:
    """Return the complete iterations of a text run, which may not have ended."""
    epochs_per_iteration = parameters.epochs_per_iteration
    return TextMetrics(
        iterations=tuple(
            IterationMetrics(
                iteration=iteration.number,
                loss=iteration.loss,
                losses=tuple(
                    progress.losses[
                        (iteration.number - 1) * epochs_per_iteration : iteration.number
                        * epochs_per_iteration
                    ]
                ),
                seed_text=iteration.seed_text,
                generated=iteration.text,
            )
            for iteration in progress.iterations
            if iteration.loss is not None
        )
    )


def _parameters(run: Snapshot) -> TextParameters:
    assert isinstance(run.trial.parameters, TextParameters)
    return run.trial.parameters


def _chosen(run: Snapshot, iterations: Iterations) -> list[IterationMetrics]:
    complete = completed_iterations(run.progress, _parameters(run)).iterations
    return iterations.select(complete, run.preset)


def _extras(published: float | None, loss: float) -> Record:
    if published is None:
        return {}
    return {"published_loss": published, "reproduced": loss_reproduced(published, loss)}


def _text_table(run: Snapshot, verdicts: bool, iterations: Iterations) -> Table:
    is_the_reports = uses_the_reports_data(run)
    published = published_for(run)
    losses = published.losses if published else {}
    parameters = _parameters(run)
    complete = completed_iterations(run.progress, parameters).iterations
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
            cells += [format_verdict(verdict)] if verdicts else []
        rows.append(tuple(cells))
    columns = [_("Iteration"), _("Loss"), _("Seed"), _("Generated text")]
    notes = [_parameters_note(parameters), *_text_note(run)]
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


TEXTS = TextReports()
