"""What has to be said beside the figures of a forecast: that they rest on few points, or on a
network that died.
"""

from engine.language import _, ngettext
from engine.runs.results import ForecastFigures, ForecastMetrics
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.trials.trial import ForecastParameters

FEW_POINTS = 20
"""With fewer test points an RMSE says little.

Of 20 independent normal errors, the 95 % interval of their RMSE reaches from 0.77 to 1.44 times of
what was measured (from the chi-squared distribution of their squares); errors of neighbouring
months are not even independent.
"""


def are_few(points: int | None) -> bool:
    """Tell whether a figure from so many test points says little; not so if their number is not
    known.
    """
    return points is not None and points < FEW_POINTS


def says_little(points: str) -> str:
    """Say of ``points``, too few test points as they are written, what that means."""
    return _("{points}: a figure from so few says little").format(points=points)


def written_points(points: int) -> str:
    """Write how many test points there are, and what it means if they are few."""
    words = ngettext("{n} test point", "{n} test points", points).format(n=points)
    return says_little(words) if are_few(points) else words


def mark(metrics: ForecastMetrics | ForecastFigures, *, briefly: bool = False) -> str:
    """Return what stands behind an RMSE in a list that few points, or one value predicted
    everywhere, make doubtful.

    ``(1 pt)``, ``(flat)``, ``(flat, 1 pt)``, of which ``briefly`` leaves out the points; empty if
    nothing does. Of several seeds, over which the RMSE is a mean, it is said how many are flat:
    ``(3 flat)``.
    """
    points, seeds = metrics.test_points, metrics.replicates or (metrics,)
    flat = sum(seed.constant_prediction is not None for seed in seeds)
    said = [_("flat") if flat == len(seeds) else _("{n} flat").format(n=flat)] if flat else []
    if points is not None and are_few(points) and not (said and briefly):
        said.append(ngettext("{n} pt", "{n} pts", points).format(n=points))
    return f"({', '.join(said)})" if said else ""


def constant_prediction(metrics: ForecastMetrics, parameters: ForecastParameters) -> str:
    """Say that every prediction is one value, why, and what to try; empty if they differ.

    Of several seeds it is the one that stands for them; how many others there are is said by
    :func:`constant_seeds`.
    """
    if metrics.constant_prediction is None:
        return ""
    return _("every prediction is the same value ({value:.3f}): {why}").format(
        value=metrics.constant_prediction, why=_why(parameters)
    )


def constant_seeds(metrics: ForecastMetrics, parameters: ForecastParameters) -> str:
    """Say how many of several seeds predict one value, each its own; empty if none does, or if
    there is one seed.
    """
    seeds = metrics.replicates or ()
    count = sum(seed.constant_prediction is not None for seed in seeds)
    if not count:
        return ""
    words = ngettext(
        "{n} of {total} seeds predicts the same value everywhere: {why}",
        "{n} of {total} seeds predict the same value everywhere: {why}",
        count,
    )
    return words.format(n=count, total=len(seeds), why=_why(parameters))


def _why(parameters: ForecastParameters) -> str:
    if "relu" in parameters.activation:
        return _("the network's relu units died; another seed or tanh may help")
    return _("the network does not heed what it reads; another seed or more epochs may help")


def of_forecast(metrics: ForecastMetrics, parameters: ForecastParameters) -> list[str]:
    """Return all that has to be said beside a forecast's figures, but for the number of points."""
    said = (constant_prediction(metrics, parameters), constant_seeds(metrics, parameters))
    return [words for words in said if words]


def notes_on(run: Snapshot, name: str) -> list[str]:
    """Return what a table says beneath the figures of a run, which it calls ``name``, a sentence
    each.
    """
    parameters = run.trial.parameters
    if run.result is None or not isinstance(run.result.metrics, ForecastMetrics):
        return []
    if not isinstance(parameters, ForecastParameters):
        return []
    metrics = with_constant(run.result.metrics, run.run, run.result.predictions)
    few = [written_points(metrics.test_points)] if are_few(metrics.test_points) else []
    return [f"{name}: {words}." for words in (*few, *of_forecast(metrics, parameters))]


def with_constant(metrics: ForecastMetrics, run: Run, predictions: str | None) -> ForecastMetrics:
    """Return figures with what older versions did not look for: whether the predictions are all one
    value.

    It is read off the run's predictions. Where those can't be read, nothing is said.
    """
    if predictions is None or "constant_prediction" in metrics.model_fields_set:
        return metrics
    # It brings NumPy, which lists of runs do without.
    from engine.numerics.metrics import constant_forecast
    from engine.runs.predictions import read_predictions

    try:
        arrays = read_predictions(run, predictions)
        found = constant_forecast(arrays["predicted"], arrays["real"])
    except (OSError, KeyError, ValueError, TypeError):
        return metrics
    return metrics.model_copy(update={"constant_prediction": found})
