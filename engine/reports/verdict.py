"""Whether the published numbers are what this program gives.

A published number is one random draw. An RMSE measured with many seeds is judged by their spread:
the published one must have at least a twentieth of them on either side. A character model's loss
hardly depends on the seed, and is judged by its distance from the published one.
"""

import math
from collections.abc import Sequence

from engine.runs.results import ForecastMetrics
from presets import PublishedForecast

LEAST_SEEDS = 20
"""With fewer, a twentieth is less than one seed, and there is no verdict."""
SIDE = 0.05
CLOSE = 0.05
"""A loss is reproduced if it differs by no more than this fraction from the published one."""


def within_spread(figure: float, draws: Sequence[float]) -> bool:
    """Tell whether a twentieth or more of ``draws`` are <= ``figure``, and as many >= it."""
    at_least = SIDE * len(draws)
    return (
        sum(draw <= figure for draw in draws) >= at_least <= sum(draw >= figure for draw in draws)
    )


def forecast_reproduced(published: PublishedForecast, metrics: ForecastMetrics) -> bool | None:
    """Tell whether both published RMSEs are within the spread of the seeds; None for too few seeds.

    Seeds that diverged count as larger than any number.
    """
    replicates = metrics.replicates or ()
    if len(replicates) < LEAST_SEEDS:
        return None
    train = [math.inf if seed.train_rmse is None else seed.train_rmse for seed in replicates]
    test = [math.inf if seed.test_rmse is None else seed.test_rmse for seed in replicates]
    return within_spread(published.train_rmse, train) and within_spread(published.test_rmse, test)


def loss_reproduced(published: float, measured: float) -> bool:
    """Tell whether a loss is within 5 % of the published one."""
    return abs(measured - published) <= CLOSE * published
