"""What a finished run measured, as ``result.json`` holds it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.data.text_preparation import LeftOut
from engine.trials.variant import Variant
from engine.urls import show_command

SCHEMA: Literal[1] = 1


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants")


class Errors(_Record):
    """RMSE over the training part and over the test part, in scaled units."""

    train_rmse: float
    test_rmse: float


class ReplicateMetrics(_Record):
    """One random seed's errors, in scaled units; none where it diverged."""

    seed: int
    train_rmse: float | None
    test_rmse: float | None
    state: Literal["done", "diverged"]
    constant_prediction: float | None = None
    """As of :class:`ForecastMetrics`."""


class ForecastMetrics(_Record):
    """Figures of a sunspot run. RMSE in scaled units (0 to 1) and in sunspots; points are forecast
    targets.
    """

    losses: tuple[float, ...]
    train_rmse: float
    test_rmse: float
    train_rmse_sunspots: float
    test_rmse_sunspots: float
    train_points: int
    test_points: int
    persistence: Errors
    linear_autoregression: Errors
    constant_prediction: float | None = None
    """The one value, in scaled units, that the network predicts whatever it reads; None if its
    predictions differ.

    Older versions did not look, and left it out.
    """
    representative_seed: int | None = None
    """With several seeds: the one whose losses, errors and predictions stand above, the lower
    median by test RMSE.
    """
    replicates: tuple[ReplicateMetrics, ...] | None = None
    train_rmse_mean: float | None = None
    train_rmse_sd: float | None = None
    """Sample standard deviation over the seeds that did not diverge; none of a single one."""
    test_rmse_mean: float | None = None
    test_rmse_sd: float | None = None

    @property
    def typical(self) -> tuple[float, float]:
        """Train and test RMSE to show in a word: the means over the seeds, or the only seed's."""
        return _typical(self)


SPREAD = frozenset(
    {
        "representative_seed",
        "replicates",
        "train_rmse_mean",
        "train_rmse_sd",
        "test_rmse_mean",
        "test_rmse_sd",
    }
)
"""The fields of :class:`ForecastMetrics` that only several seeds have."""


class IterationMetrics(_Record):
    """One iteration of a character run: ``loss`` is the last epoch's, ``generated`` does not
    contain the seed.
    """

    iteration: int
    loss: float
    losses: tuple[float, ...]
    seed_text: str
    generated: str


class TextMetrics(_Record):
    """Figures of a character run."""

    iterations: tuple[IterationMetrics, ...]


class DataDigest(_Record):
    """What a list needs to know of :class:`DataUsed`: whether two runs read the same."""

    prepared_sha256: str


class DataUsed(DataDigest):
    """The data as it was trained on.

    ``sha256`` is that of the file's bytes, as in :class:`engine.trials.trial.DataReference`: the
    one that people are shown. ``prepared_sha256`` is that of the prepared text or of the values,
    whatever file they came in. It only tells whether two runs read the same, and stands in JSON and
    CSV alone.
    """

    name: str
    sha256: str
    length: int
    """Months of a series, characters of a prepared text."""
    distinct: int | None = None
    """Distinct characters of a text."""
    heading: str | None = None
    """Of a series, what its table calls the column; None where it has no headings."""
    left_out: LeftOut | None = Field(default=None, exclude_if=lambda value: value is None)
    """What the preparation of a text left out; None of a series, and where an older version did not
    say.
    """


class BriefProvenance(_Record):
    """What a list needs to know of :class:`Provenance`."""

    data: DataDigest


class Provenance(BriefProvenance):
    """Where a result came from; with the trial it is what somebody needs to make it again."""

    command: str
    host: str
    versions: dict[str, str]
    cpu: str
    cpu_features: tuple[str, ...]
    threads: int
    """How many computed."""
    variant: Variant = Variant.TWO_THREADS
    device: str
    data: DataUsed
    durations: dict[str, float]
    """Seconds spent in each phase, by the phase's name."""

    @field_validator("command")
    @classmethod
    def _without_secrets(cls, value: str) -> str:
        return show_command(value)


class Result(_Record):
    """``result.json``, written last: when it is there, every other file is whole."""

    schema_version: Literal[1] = SCHEMA
    finished: float
    """Unix time."""
    parameter_count: int
    # What is tried first can't be taken for the other; trying both for the better one costs as much
    # again.
    metrics: ForecastMetrics | TextMetrics = Field(union_mode="left_to_right")
    predictions: str | None = None
    weights: str = "weights.npz"
    provenance: Provenance


class ReplicateFigures(_Record):
    """What a list needs to know of :class:`ReplicateMetrics`."""

    constant_prediction: float | None = None


class ForecastFigures(_Record):
    """What a list shows of :class:`ForecastMetrics`."""

    train_rmse: float
    test_rmse: float
    train_rmse_mean: float | None = None
    test_rmse_mean: float | None = None
    test_points: int | None = None
    constant_prediction: float | None = None
    replicates: tuple[ReplicateFigures, ...] | None = None

    @property
    def typical(self) -> tuple[float, float]:
        """As of :class:`ForecastMetrics`."""
        return _typical(self)


def _typical(figures: ForecastMetrics | ForecastFigures) -> tuple[float, float]:
    if figures.train_rmse_mean is None or figures.test_rmse_mean is None:
        return figures.train_rmse, figures.test_rmse
    return figures.train_rmse_mean, figures.test_rmse_mean


class IterationFigures(_Record):
    """What a list shows of :class:`IterationMetrics`."""

    iteration: int
    loss: float


class TextFigures(_Record):
    """What a list shows of :class:`TextMetrics`."""

    iterations: tuple[IterationFigures, ...]


Figures = ForecastMetrics | TextMetrics | ForecastFigures | TextFigures
"""All of a result's metrics, or what a list shows of them."""


class BriefResult(_Record):
    """What a list shows of ``result.json``; the rest, thousands of numbers, is not even checked."""

    schema_version: Literal[1] = SCHEMA
    metrics: ForecastFigures | TextFigures = Field(union_mode="left_to_right")
    provenance: BriefProvenance
