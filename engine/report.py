"""Runs as the tables of a lab report: measured beside published, and how each was made."""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata

from engine import caveats
from engine.data.known import ALICE, SUNSPOTS
from engine.describe import written_so_far
from engine.language import _, ngettext
from engine.provenance import command_for
from engine.results import ForecastMetrics
from engine.sanitise import printable
from engine.tables import Format, Table, Verbatim, to_csv, to_latex, to_markdown
from engine.trial import AliceParameters, AliceTrial, SunspotsParameters, SunspotsTrial, changed, spell
from engine.verdict import CLOSE, LEAST_SEEDS, forecast_reproduced, loss_reproduced
from engine.watch import Snapshot
from presets import Preset, PublishedForecast, PublishedText


def describe_changes(trial: SunspotsTrial | AliceTrial, preset: Preset | None) -> str:
    """Say how a trial differs from its preset: ``"epochs 35 → 20"``; empty where it does not. Seeds are no change."""
    if preset is None:
        return ""
    changes = [
        f"{name} {spell(before)} → {spell(value)}"
        for name, (before, value) in changed(preset, trial.parameters).items()
    ]
    usual = SUNSPOTS if isinstance(trial, SunspotsTrial) else ALICE
    read = trial.data.name + (f"@{trial.data.until}" if trial.data.until else "")
    if read != usual:
        changes.append(f"{'series' if isinstance(trial, SunspotsTrial) else 'corpus'} {usual} → {printable(read)}")
    return ", ".join(changes)


def describe_request(trial: SunspotsTrial | AliceTrial, preset: Preset | None) -> str:
    """Say what a trial asks for beyond its preset: several seeds, changed parameters; "–" where nothing."""
    count = trial.replicates
    seeds = ngettext("{n} seed", "{n} seeds", count).format(n=count) if count > 1 else ""
    return ", ".join(part for part in (seeds, describe_changes(trial, preset)) if part) or "–"


def tables_of(runs: Sequence[Snapshot], *, verdicts: bool = False) -> list[Table]:
    """Return one table for all sunspot runs (Tables I and II of the report in one), and one for each character run.

    ``verdicts``: with a column that says whether what was published was reproduced.
    """
    forecasts = [run for run in runs if isinstance(run.trial, SunspotsTrial)]
    tables = [_forecast_table(forecasts, verdicts)] if forecasts else []
    return tables + [_text_table(run, verdicts) for run in runs if isinstance(run.trial, AliceTrial)]


def _forecast_table(runs: Sequence[Snapshot], verdicts: bool) -> Table:
    rows = []
    notes = [_("RMSE in scaled units: the whole series, least to greatest, is 0 to 1.")]
    # The same trial of two seeds would be two rows that nothing tells apart.
    tell_seeds = len({run.trial.seeds for run in runs}) > 1
    if verdicts:
        notes.append(
            _(
                "Reproduced: both published figures lie within the middle 90 % of the seeds, of which it takes {n} "
                "or more."
            ).format(n=LEAST_SEEDS)
        )
    for run in runs:
        parameters, published = run.trial.parameters, run.preset and run.preset.published
        assert isinstance(parameters, SunspotsParameters)
        train = test = run.state.upper() if run.state != "done" else ""
        verdict = None
        if run.result and isinstance(run.result.metrics, ForecastMetrics):
            metrics = run.result.metrics
            train = _with_spread(metrics.typical[0], metrics.train_rmse_sd)
            test = _with_spread(metrics.typical[1], metrics.test_rmse_sd)
            notes.append(_forecast_note(run, metrics))
            notes += caveats.notes_on(run, _named_seed(run))
            if isinstance(published, PublishedForecast):
                verdict = forecast_reproduced(published, metrics)
        rows.append(
            (
                _named_seed(run) if tell_seeds else _name(run),
                str(parameters.epochs),
                str(parameters.batch_size),
                str(parameters.time_steps),
                spell(parameters.activation),
                train,
                test,
                f"{published.train_rmse:.3f}" if isinstance(published, PublishedForecast) else "",
                f"{published.test_rmse:.3f}" if isinstance(published, PublishedForecast) else "",
                *([_verdict_words(verdict)] if verdicts else []),
            )
        )
    columns = (
        _("Trial"), _("Epochs"), _("Batch size"), _("Time steps"), _("Activation"),
        _("Train RMSE"), _("Test RMSE"), _("Published train"), _("Published test"),
        *([_("Verdict")] if verdicts else []),
    )  # fmt: skip
    return Table(_("Sunspots"), columns, tuple(rows), frozenset({1, 2, 3, 5, 6, 7, 8}), tuple(dict.fromkeys(notes)))


def _verdict_words(reproduced: bool | None) -> str:
    if reproduced is None:
        return ""
    return _("reproduced") if reproduced else _("not reproduced")


def _with_spread(mean: float, sd: float | None) -> str:
    return f"{mean:.3f}" if sd is None else f"{mean:.3f} ± {sd:.3f}"


def _forecast_note(run: Snapshot, metrics: ForecastMetrics) -> str:
    """Say what the protocol hides: how few points it is judged on, and what no network at all scores on them."""
    assert isinstance(run.trial, SunspotsTrial)
    points, order = metrics.test_points, run.trial.parameters.time_steps
    return _("{name}: {points}; baselines on the same points: repeat last value {last:.3f}, {linear}.").format(
        name=_named_seed(run),
        points=ngettext("{n} test point", "{n} test points", points).format(n=points),
        last=metrics.persistence.test_rmse,
        linear=ngettext("linear on {n} value {score:.3f}", "linear on {n} values {score:.3f}", order).format(
            n=order, score=metrics.linear_autoregression.test_rmse
        ),
    )


def _text_table(run: Snapshot, verdicts: bool) -> Table:
    assert isinstance(run.trial, AliceTrial)
    published = run.preset.published if run.preset else None
    losses = {row.iteration: row.loss for row in published.iterations} if isinstance(published, PublishedText) else {}
    rows = []
    for done in written_so_far(run.progress, run.trial.parameters).iterations:
        loss = losses.get(done.iteration)
        verdict = None if loss is None else loss_reproduced(loss, done.loss)
        rows.append(
            (
                str(done.iteration),
                f"{done.loss:.4f}",
                Verbatim(done.seed_text),
                Verbatim(done.generated),
                "" if loss is None else f"{loss:.4f}",
                *([_verdict_words(verdict)] if verdicts else []),
            )
        )
    title = _named_seed(run)
    if run.state != "done":
        title += f" ({run.state})"
    columns = (
        _("Iteration"), _("Loss"), _("Seed"), _("Generated text"), _("Published loss"),
        *([_("Verdict")] if verdicts else []),
    )  # fmt: skip
    notes = [_parameters_note(run.trial.parameters)]
    if verdicts:
        notes.append(_("Reproduced: within {share:.0%} of the published loss.").format(share=CLOSE))
    return Table(title, columns, tuple(rows), frozenset({0, 1, 4}), tuple(notes))


def _parameters_note(parameters: AliceParameters) -> str:
    return ", ".join(f"{name} {spell(value)}" for name, value in parameters.model_dump().items()) + "."


def _name(run: Snapshot) -> str:
    changes = describe_changes(run.trial, run.preset)
    return f"{run.trial.preset} ({changes})" if changes else run.trial.preset


def _named_seed(run: Snapshot) -> str:
    return f"{_name(run)}, {seed_words(run.trial)}"


def seed_words(trial: SunspotsTrial | AliceTrial) -> str:
    """Write a trial's random seed, or its seeds from first to last."""
    if trial.replicates == 1:
        return _("seed {seed}").format(seed=trial.seed)
    return _("seeds {first}–{last}").format(first=trial.seeds[0], last=trial.seeds[-1])


def threads(count: int) -> str:
    """Write how many threads computed."""
    return ngettext("{n} thread", "{n} threads", count).format(n=count)


def provenance_table(runs: Sequence[Snapshot]) -> Table:
    """Return how each run was made: command, versions, processor, data and how long it took; what its log has lost."""
    rows = []
    for run in runs:
        made = run.result.provenance if run.result else None
        rows.append(
            (
                run.run.id,
                Verbatim(command_for(run.trial, run.preset)),
                f"{run.trial.seeds[0]}–{run.trial.seeds[-1]}" if run.trial.replicates > 1 else str(run.trial.seed),
                Verbatim(f"{run.trial.data.name} {made.data.prepared_sha256[:12]}" if made else run.trial.data.name),
                Verbatim(", ".join(f"{name} {version}" for name, version in made.versions.items()) if made else ""),
                Verbatim(f"{made.cpu}, {threads(made.threads)}, {made.device}" if made else ""),
                f"{run.seconds:.1f} s" if made and run.seconds is not None else run.state,
            )
        )
    columns = (_("Run"), _("Command"), _("Seed"), _("Data, SHA-256"), _("Versions"), _("Processor"), _("Took"))
    damaged = tuple(f"{run.run.id}: {run.damage}" for run in runs if run.damage)
    return Table(_("How it was made"), columns, tuple(rows), frozenset({2, 6}), damaged)


def document(runs: Sequence[Snapshot], output: Format = "md", *, verdicts: bool = False) -> str:
    """Return one document for several runs: heading, tables, and how everything was made.

    ``verdicts``: the tables say whether what was published was reproduced.
    """
    tables = tables_of(runs, verdicts=verdicts)
    if output == "csv":
        return "\n".join(to_csv(table) for table in tables)
    tables.append(provenance_table(runs))
    if output == "latex":
        return "\n".join(to_latex(table) for table in tables)
    count = ngettext("{n} run", "{n} runs", len(runs)).format(n=len(runs))
    heading = _("# Recurrent-network lab: {count}").format(count=count)
    made = _("Written by rnnlab-tui {version} on {day}.").format(
        version=metadata.version("rnnlab-tui"), day=datetime.now(UTC).date().isoformat()
    )
    return "\n".join([heading, "", made, "", *(to_markdown(table) for table in tables)])
