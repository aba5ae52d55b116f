"""What a finished run measured, as stored in ``result.json``."""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.data.text_preparation import LeftOut
from engine.trials.variant import Variant
from engine.urls import show_command
from presets import Kind

SCHEMA: Literal[1] = 1


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants")


class Errors(_Record):
    """RMSE of the training part and of the test part, in scaled units."""

    train_rmse: float
    test_rmse: float


class ReplicateMetrics(_Record):
    """One random seed's errors, in scaled units; None if it diverged."""

    seed: int
    train_rmse: float | None
    test_rmse: float | None
    state: Literal["done", "diverged"]
    constant_prediction: float | None = None
    """As in :class:`ForecastMetrics`."""


class ForecastMetrics(_Record):
    """Metrics of a forecast. RMSE in scaled units (0 to 1) and in the series' own unit.

    Points are forecast targets.
    """

    kind: ClassVar[Kind] = "forecast"
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
    """The one value, in scaled units, that the network always predicts; None if they differ.

    Older versions did not check, and left it out.
    """
    representative_seed: int | None = None
    """With several seeds, the one whose losses, errors and predictions are given above.

    The lower median by test RMSE.
    """
    replicates: tuple[ReplicateMetrics, ...] | None = None
    train_rmse_mean: float | None = None
    train_rmse_sd: float | None = None
    """Sample standard deviation over the seeds that did not diverge; None for a single one."""
    test_rmse_mean: float | None = None
    test_rmse_sd: float | None = None

    @property
    def typical(self) -> tuple[float, float]:
        """Train and test RMSE to show in brief: the means over the seeds, or the only seed's."""
        return _typical(self)

    @property
    def curve(self) -> tuple[float, ...] | None:
        """The losses to plot instead of those in the log, which may be another seed's."""
        return self.losses

    def to_json(self) -> dict[str, Any]:
        """Return what scripts get: fields that only several seeds have are absent for one."""
        return self.model_dump(mode="json", exclude=SPREAD if self.replicates is None else set())


SPREAD = {
    "representative_seed",
    "replicates",
    "train_rmse_mean",
    "train_rmse_sd",
    "test_rmse_mean",
    "test_rmse_sd",
}
"""The fields of :class:`ForecastMetrics` that only several seeds have."""


class IterationMetrics(_Record):
    """One iteration of a text run.

    ``loss`` is the last epoch's; ``generated`` does not contain the seed.
    """

    iteration: int
    loss: float
    losses: tuple[float, ...]
    seed_text: str
    generated: str


class TextMetrics(_Record):
    """Metrics of a text run."""

    kind: ClassVar[Kind] = "text"
    iterations: tuple[IterationMetrics, ...]

    @property
    def curve(self) -> None:
        """As in :class:`ForecastMetrics`: the log's are the run's."""
        return None

    def to_json(self) -> dict[str, Any]:
        """Return what scripts get."""
        return self.model_dump(mode="json")


Metrics = ForecastMetrics | TextMetrics


class DataDigest(_Record):
    """The part of :class:`DataUsed` that lists need: whether two runs used the same data."""

    prepared_sha256: str


class DataUsed(DataDigest):
    """The data as it was trained on.

    ``sha256`` is the digest of the file's bytes, as in :class:`engine.trials.trial.DataReference`,
    and is shown to people. ``prepared_sha256`` is that of the prepared text or the values, in
    whatever file they came. It only tells whether two runs used the same, and is in JSON and CSV
    only.
    """

    name: str
    sha256: str
    length: int
    """Steps of a series, characters of a prepared text."""
    distinct: int | None = None
    """Distinct characters of a text."""
    heading: str | None = None
    """The series' column heading in its table; None if it has none."""
    left_out: LeftOut | None = Field(default=None, exclude_if=lambda value: value is None)
    """What the preparation of a text left out; None for a series or from an older version."""


class BriefProvenance(_Record):
    """The part of :class:`Provenance` that lists need."""

    data: DataDigest


class Provenance(BriefProvenance):
    """Where a result came from: with the trial, all that is needed to reproduce it."""

    command: str
    host: str
    versions: dict[str, str]
    cpu: str
    cpu_features: tuple[str, ...]
    threads: int
    """How many were used."""
    variant: Variant = Variant.TWO_THREADS
    device: str
    data: DataUsed
    durations: dict[str, float]
    """Seconds spent in each phase, by name."""

    @field_validator("command")
    @classmethod
    def _without_secrets(cls, value: str) -> str:
        return show_command(value)


class Result(_Record):
    """``result.json``, written last: if it exists, every other file is complete."""

    schema_version: Literal[1] = SCHEMA
    finished: float
    """Unix time."""
    parameter_count: int
    # The two can't be confused, and trying both to find the better match would double the time.
    metrics: Metrics = Field(union_mode="left_to_right")
    predictions: str | None = None
    weights: str = "weights.npz"
    provenance: Provenance


class BriefReplicateMetrics(_Record):
    """The part of :class:`ReplicateMetrics` that lists need."""

    constant_prediction: float | None = None


class BriefForecastMetrics(_Record):
    """The part of :class:`ForecastMetrics` that lists show."""

    kind: ClassVar[Kind] = "forecast"
    train_rmse: float
    test_rmse: float
    train_rmse_mean: float | None = None
    test_rmse_mean: float | None = None
    test_points: int | None = None
    constant_prediction: float | None = None
    replicates: tuple[BriefReplicateMetrics, ...] | None = None

    @property
    def typical(self) -> tuple[float, float]:
        """As in :class:`ForecastMetrics`."""
        return _typical(self)


def _typical(metrics: ForecastMetrics | BriefForecastMetrics) -> tuple[float, float]:
    if metrics.train_rmse_mean is None or metrics.test_rmse_mean is None:
        return metrics.train_rmse, metrics.test_rmse
    return metrics.train_rmse_mean, metrics.test_rmse_mean


class BriefIterationMetrics(_Record):
    """The part of :class:`IterationMetrics` that lists show."""

    iteration: int
    loss: float


class BriefTextMetrics(_Record):
    """The part of :class:`TextMetrics` that lists show."""

    kind: ClassVar[Kind] = "text"
    iterations: tuple[BriefIterationMetrics, ...]


AnyMetrics = ForecastMetrics | TextMetrics | BriefForecastMetrics | BriefTextMetrics
"""All of a result's metrics, or the part of them that lists show."""


class BriefResult(_Record):
    """The part of ``result.json`` that lists show; thousands of other numbers are not validated."""

    schema_version: Literal[1] = SCHEMA
    metrics: BriefForecastMetrics | BriefTextMetrics = Field(union_mode="left_to_right")
    provenance: BriefProvenance
