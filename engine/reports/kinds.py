"""What a kind of trial answers for reports; see :data:`engine.trials.kinds.KINDS`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from engine.reports.iterations import Iterations
from engine.reports.tables import Table
from engine.runs.progress import Progress
from engine.runs.results import AnyMetrics
from engine.runs.watch import Snapshot
from engine.trials.kinds import KINDS, load
from engine.trials.trial import Parameters
from presets import Kind

P = TypeVar("P", bound=Parameters)
M = TypeVar("M", bound=AnyMetrics)
Record = dict[str, Any]


class KindReports(ABC, Generic[P, M]):
    """The reports on one kind of trial, whose parameters are ``P`` and whose metrics ``M``."""

    metric_columns: ClassVar[Sequence[str]]
    """The columns of CSV that hold its numbers, measured and published."""

    @abstractmethod
    def headline(self, metrics: M) -> str:
        """Format the main numbers of a result."""

    @abstractmethod
    def metrics_so_far(self, progress: Progress, parameters: P) -> Record | None:
        """Return as JSON what an unfinished run has measured; None if nothing."""

    @abstractmethod
    def tables(
        self, runs: Sequence[Snapshot], *, verdicts: bool, iterations: Iterations
    ) -> list[Table]:
        """Return the tables of runs of this kind, which come in the report's order."""

    @abstractmethod
    def records(
        self, run: Snapshot, record: Record, metrics: Mapping[str, Any], iterations: Iterations
    ) -> list[Record]:
        """Return a run's rows of CSV: ``record``, which all share, with what differs."""

    def lacks_row(self, run: Snapshot, iterations: Iterations) -> bool:
        """Tell whether a finished run has none of the chosen iterations, and so no row."""
        return False


def reports_of(kind: Kind) -> KindReports[Any, Any]:
    """Return what reports on a kind."""
    reports: KindReports[Any, Any] = load(KINDS[kind].reports)
    return reports
