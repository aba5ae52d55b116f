"""What a kind of trial answers about its data; see :data:`engine.trials.kinds.KINDS`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from engine.host.home import Home
from engine.trials.kinds import KINDS, load
from engine.trials.trial import DataReference, Parameters
from engine.trials.variant import Variant
from presets import Kind

if TYPE_CHECKING:
    from engine.data.catalog import Fetch
    from engine.data.notes import DataNotes

P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True)
class ResolvedData:
    """Data that a person asked for: ``length`` values or characters, ``distinct`` of them."""

    reference: DataReference
    length: int
    distinct: int = 1
    """Distinct characters of a text."""


@dataclass(frozen=True)
class TrainingShape:
    """What the memory of training depends on, beside the network."""

    samples: int
    parts: int = 1
    """Parts of a batch that are computed at a time."""
    one_hot: bool = False
    """Whether windows are kept as one-hot vectors."""


class KindData(ABC, Generic[P]):
    """The data of one kind of trial, whose parameters are ``P``."""

    report_digest: ClassVar[str]
    """SHA-256 of the report's data, as prepared."""

    @abstractmethod
    def resolve(
        self, home: Home, source: str, fetch: "Fetch | None", options: Mapping[str, object]
    ) -> ResolvedData:
        """Find the data that a person means. Raises UsageError if they are missing."""

    @abstractmethod
    def check(self, parameters: P, length: int, distinct: int) -> None:
        """Raise :class:`UsageError` if the data don't suffice for the parameters."""

    @abstractmethod
    def training_shape(self, parameters: P, length: int, variant: Variant) -> TrainingShape:
        """Return how training on data of this length is cut."""

    @abstractmethod
    def changed_options(self, data: DataReference) -> dict[str, str]:
        """Return the reading options that differ from the default, by name."""

    @abstractmethod
    def command_options(self, data: DataReference) -> list[str]:
        """Return the options of ``rnnlab-tui run`` that give these data."""

    @abstractmethod
    def notes(self, data: DataReference, home: Home, length: int | None) -> "DataNotes":
        """Return the notes on the data; ``length`` as in :func:`engine.data.notes.notes_of`."""


def data_of(kind: Kind) -> KindData[Any]:
    """Return what answers for the data of a kind."""
    data: KindData[Any] = load(KINDS[kind].data)
    return data
