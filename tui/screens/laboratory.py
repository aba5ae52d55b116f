"""The part of the application that screens may use, as a protocol, which avoids an import cycle."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from engine.errors import LabError
from engine.host.home import Home
from engine.runs.run import Run
from engine.runs.watch import Snapshot
from engine.trials.trial import DataReference, Trial
from tui.screens.drafts import Drafts

if TYPE_CHECKING:
    from engine.data.series import Series


class Laboratory(Protocol):
    """The application as its screens see it: :class:`tui.app.LabApp`, which documents these."""

    home: Home
    drafts: Drafts
    series: "Series | None"

    @property
    def series_length(self) -> int | None: ...

    async def read_series(self) -> "Series": ...

    async def open_series(self, reference: DataReference) -> "Series": ...

    def snapshots(self) -> Sequence[Snapshot]: ...

    def open_run(self, run: Run, complaint: LabError | None = None) -> None: ...

    async def submit(
        self, trial: Trial, warnings: Sequence[str] = ()
    ) -> tuple[Run, LabError | None]: ...

    def open_export(self, runs: Sequence[Run]) -> None: ...

    def cancel(self, snapshot: Snapshot | None) -> None: ...

    def resume(self, snapshot: Snapshot | None) -> None: ...

    def hold_or_release(self, snapshot: Snapshot | None) -> None: ...

    def put_first(self, snapshot: Snapshot | None) -> None: ...

    def drop_stale_answer(self) -> None: ...

    def warm_up(self) -> object: ...
