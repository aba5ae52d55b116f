"""The lab report's 21 trials: their parameters and the numbers that the report published.

The facts are in the TOML files beside this module; `Preset.assumed` names what the report does not
state.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

__all__ = [
    "Kind",
    "Preset",
    "Published",
    "PublishedForecast",
    "PublishedIteration",
    "PublishedText",
    "get",
    "load",
]

Kind = Literal["forecast", "text"]
"""What a trial is about, and so which parameters, data and results it has."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PublishedForecast(_Frozen):
    """A row of the report's Table II. RMSE is in scaled units, as printed."""

    kind: ClassVar[Kind] = "forecast"
    train_rmse: float
    test_rmse: float
    remarks: tuple[str, ...]

    @property
    def losses(self) -> dict[int, float]:
        """The losses printed, by iteration: a forecast has none."""
        return {}


class PublishedIteration(_Frozen):
    """A row of the report's Tables III to XIII.

    `seed_text` has exactly SEQLEN characters of the prepared corpus, or, if the print does not show
    which they were, what is printed (`seed_as_printed`). `generated` is as long as printed, without
    the seed.
    """

    iteration: int
    loss: float
    seed_text: str
    generated: str
    seed_as_printed: bool = False


class PublishedText(_Frozen):
    """What the report printed of one text trial: some of its iterations, comments as remarks."""

    kind: ClassVar[Kind] = "text"
    iterations: tuple[PublishedIteration, ...]
    remarks: tuple[str, ...]

    @property
    def losses(self) -> dict[int, float]:
        """The losses printed, by iteration."""
        return {row.iteration: row.loss for row in self.iterations}


Published = PublishedForecast | PublishedText


class Preset(_Frozen):
    """One trial of the report.

    `parameters` of a forecast: epochs, batch_size, time_steps, activation ([SimpleRNN,
    Dense]), hidden_units, dense_units. Of a text trial: iterations, epochs_per_iteration,
    predictions, seqlen, hidden_units, batch_size. `assumed` names what the report does not state.
    """

    id: str
    kind: Kind
    title: str
    parameters: Mapping[str, object]
    assumed: tuple[str, ...]
    published: Published


@cache
def load() -> tuple[Preset, ...]:
    """Return all trials in the report's order: sunspots/1 to /11, then alice/1 to /10."""
    files = resources.files(__name__)
    texts = (files.joinpath(f"{name}.toml").read_text("utf-8") for name in ("sunspots", "alice"))
    return tuple(
        Preset.model_validate(trial) for text in texts for trial in tomllib.loads(text)["trial"]
    )


def get(preset_id: str) -> Preset | None:
    """Return the trial with this id ("sunspots/5", "alice/1"); None if the report has none."""
    return _by_id().get(preset_id)


@cache
def _by_id() -> dict[str, Preset]:
    return {preset.id: preset for preset in load()}
