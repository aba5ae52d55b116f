"""What is written about a kind of trial; :data:`tui.kinds.KINDS` names who writes it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from engine.runs.progress import Progress
from engine.runs.results import AnyMetrics
from engine.runs.watch import Snapshot
from engine.trials.kinds import load
from engine.trials.trial import DataReference, Parameters
from presets import Kind, Published
from tui.kinds import KINDS

P = TypeVar("P", bound=Parameters)
M = TypeVar("M", bound=AnyMetrics)
R = TypeVar("R", bound=Published)


class KindWords(ABC, Generic[P, M, R]):
    """The words for one kind: parameters ``P``, metrics ``M``, published results ``R``."""

    heading: ClassVar[str]
    """Over its presets in a list."""
    takes_no_other: ClassVar[str]
    """Refuses data of another kind, ``{option}``, for ``{preset}``."""
    draws_series: ClassVar[bool] = False
    """Whether a preset is shown with the report's series."""

    @abstractmethod
    def preset_line(self, parameters: Mapping[str, object]) -> str:
        """Write a preset's parameters in the width of a list."""

    @abstractmethod
    def published_numbers(self, published: R) -> str:
        """Write the report's numbers in a narrow column."""

    @abstractmethod
    def published_sentence(self, published: R) -> str:
        """Write the report's numbers for a list of presets."""

    @abstractmethod
    def published_lines(self, published: R) -> list[str]:
        """Write all that the report published, one line per number."""

    @abstractmethod
    def preview(self, published: R) -> list[str]:
        """Write what the report published beyond :meth:`published_numbers`."""

    @abstractmethod
    def plan_lines(self, parameters: P, length: int | None, step: str | None) -> list[str]:
        """Describe the network and its training; for ``length`` and ``step`` see tui.words.plan."""

    @abstractmethod
    def measured_numbers(self, progress: Progress, metrics: M | None) -> str:
        """Write a run's own numbers in a narrow column."""

    @abstractmethod
    def progress(self, snapshot: Snapshot, parameters: P) -> str:
        """Say how far a run in training is."""

    @abstractmethod
    def data_lines(self, data: DataReference) -> list[str]:
        """Say how the data are read, if that can differ."""

    def result_facts(
        self, metrics: M, parameters: P, published: list[str]
    ) -> list[list[str]] | None:
        """Return lines of facts on a result, with those ``published``; None if there are none."""
        return None

    def loss_marks(self, parameters: P, published: R) -> dict[int, float]:
        """Return the published losses by epoch."""
        return {}

    def epoch_header(self) -> str:
        """Return the headings of :meth:`epoch_columns`."""
        return ""

    def epoch_columns(self, number: int, parameters: P, published: R | None) -> str:
        """Write what a log of epochs says beside loss and time; ``number`` counts from 0."""
        return ""


def words_of(kind: Kind) -> KindWords[Any, Any, Any]:
    """Return the words for a kind."""
    words: KindWords[Any, Any, Any] = load(KINDS[kind].words)
    return words
