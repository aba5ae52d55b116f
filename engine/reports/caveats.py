"""Warnings to show beside a forecast's numbers: few test points, or a network that died."""

from engine.language import _, ngettext
from engine.runs.results import BriefForecastMetrics, ForecastMetrics
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.trials.trial import ForecastParameters

FEW_POINTS = 20
"""With fewer test points an RMSE says little.

For 20 independent normal errors, the 95 % interval of their RMSE is 0.77 to 1.44 times the measured
value (from the chi-squared distribution of their squares), and errors of neighboring months are not
even independent.
"""


def are_few(points: int | None) -> bool:
    """Tell whether a result from this many test points says little; False if unknown."""
    return points is not None and points < FEW_POINTS


def few_points_warning(points: str) -> str:
    """Return a warning for ``points``, a formatted number of test points that is too low."""
    return _("{points}: a figure from so few says little").format(points=points)


def format_points(points: int) -> str:
    """Format the number of test points, with a warning if they are few."""
    text = ngettext("{n} test point", "{n} test points", points).format(n=points)
    return few_points_warning(text) if are_few(points) else text


def mark(metrics: ForecastMetrics | BriefForecastMetrics, *, briefly: bool = False) -> str:
    """Return a mark for an RMSE in a list, if few points or a constant prediction make it doubtful.

    ``(1 pt)``, ``(flat)``, ``(flat, 1 pt)``, the last without the points if ``briefly``; empty if
    neither is so. With several seeds, over which the RMSE is a mean, it gives the number of flat
    ones: ``(3 flat)``.
    """
    points, seeds = metrics.test_points, metrics.replicates or (metrics,)
    flat = sum(seed.constant_prediction is not None for seed in seeds)
    marks = [_("flat") if flat == len(seeds) else _("{n} flat").format(n=flat)] if flat else []
    if points is not None and are_few(points) and not (marks and briefly):
        marks.append(ngettext("{n} pt", "{n} pts", points).format(n=points))
    return f"({', '.join(marks)})" if marks else ""


def constant_prediction(metrics: ForecastMetrics, parameters: ForecastParameters) -> str:
    """Say that every prediction is one value, why, and what to try; empty if they differ.

    With several seeds this is about the representative; :func:`constant_seeds` counts the others.
    """
    if metrics.constant_prediction is None:
        return ""
    return _("every prediction is the same value ({value:.3f}): {why}").format(
        value=metrics.constant_prediction, why=_why(parameters)
    )


def constant_seeds(metrics: ForecastMetrics, parameters: ForecastParameters) -> str:
    """Say how many of several seeds each predict a single value; empty if none does or just one."""
    seeds = metrics.replicates or ()
    count = sum(seed.constant_prediction is not None for seed in seeds)
    if not count:
        return ""
    text = ngettext(
        "{n} of {total} seeds predicts the same value everywhere: {why}",
        "{n} of {total} seeds predict the same value everywhere: {why}",
        count,
    )
    return text.format(n=count, total=len(seeds), why=_why(parameters))


def _why(parameters: ForecastParameters) -> str:
    if "relu" in parameters.activation:
        return _("the network's relu units died; another seed or tanh may help")
    return _("the network ignores its input; another seed or more epochs may help")


def forecast_caveats(metrics: ForecastMetrics, parameters: ForecastParameters) -> list[str]:
    """Return all warnings to show beside a forecast's numbers, except the number of points."""
    warnings = (constant_prediction(metrics, parameters), constant_seeds(metrics, parameters))
    return [text for text in warnings if text]


def table_notes(run: Snapshot, name: str) -> list[str]:
    """Return the warnings under a table for a forecast that it calls ``name``, a sentence each."""
    if run.result is None:
        return []
    parameters, metrics = run.trial.parameters, run.result.metrics
    assert isinstance(parameters, ForecastParameters)
    assert isinstance(metrics, ForecastMetrics)
    metrics = with_constant(metrics, run.run, run.result.predictions)
    few = [format_points(metrics.test_points)] if are_few(metrics.test_points) else []
    return [f"{name}: {text}." for text in (*few, *forecast_caveats(metrics, parameters))]


def with_constant(metrics: ForecastMetrics, run: Run, predictions: str | None) -> ForecastMetrics:
    """Return metrics with ``constant_prediction``, which older versions did not record.

    It is computed from the run's predictions, and left out if those can't be read.
    """
    if predictions is None or "constant_prediction" in metrics.model_fields_set:
        return metrics
    # Imports NumPy, which lists of runs do without.
    from engine.numerics.metrics import constant_forecast
    from engine.runs.predictions import read_predictions

    try:
        arrays = read_predictions(run, predictions)
        constant = constant_forecast(arrays["predicted"], arrays["real"])
    except (OSError, KeyError, ValueError, TypeError):
        return metrics
    return metrics.model_copy(update={"constant_prediction": constant})
