"""Where a laboratory keeps its files: ``--home``, else ``RNNLAB_HOME``, else the XDG data directory."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from engine.files import expanded


@dataclass(frozen=True)
class Home:
    """The folder of one laboratory. Nothing is created until something is written into it."""

    root: Path

    @property
    def runs(self) -> Path:
        """One folder a run."""
        return self.root / "runs"

    @property
    def queue(self) -> Path:
        """The accepted runs that are not over: see :mod:`engine.queue`."""
        return self.root / "queue"

    @property
    def data(self) -> Path:
        """Corpora and series that were added or fetched: see :mod:`engine.data.store`."""
        return self.root / "data"


def find_home(given: str | os.PathLike[str] | None = None) -> Home:
    """Return the home that the person chose, or the usual one. An empty choice counts as none."""
    chosen = given or os.environ.get("RNNLAB_HOME") or user_data_path("rnnlab", appauthor=False)
    return Home(expanded(chosen))
