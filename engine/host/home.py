"""Where a laboratory keeps its files: ``--home``, else ``RNNLAB_HOME``, else the XDG data
directory.
"""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from engine.errors import UsageError
from engine.host import locks
from engine.host.files import expand_path
from engine.host.folders import check_unexposed, user_name
from engine.language import _


@dataclass(frozen=True)
class Home:
    """The folder of one laboratory. Nothing is created until something is written into it."""

    root: Path

    @property
    def other_owner(self) -> str | None:
        """The user that it belongs to if that is another one; None if this user, whoever that is,
        may work on it.

        Two users at one home would be two supervisors, each with locks that the other can't have.
        """
        try:
            owner = self.root.stat().st_uid
        except OSError:
            # There is none yet, or what is done next says why it can't be reached.
            return None
        return None if owner == os.geteuid() else user_name(owner)

    def check_ours(self) -> None:
        """Raise :class:`UsageError` if the home is another user's, or others could put theirs in
        its place.
        """
        if owner := self.other_owner:
            raise UsageError(
                _("{path} belongs to {owner}: only its owner works there.").format(
                    path=self.root, owner=owner
                ),
                _(
                    "Work as that user (sudo -u {owner} …), or choose a home of your own with "
                    "--home DIR."
                ).format(
                    # A user without a name is #NUMBER, which a shell takes for a comment.
                    owner=shlex.quote(owner)
                ),
            )
        for folder in self.folders:
            # What is in a closed folder can't be looked at: who needs it says that of the folder.
            if folder.name != locks.FOLDER or os.access(folder.parent, os.X_OK):
                check_unexposed(folder)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The home's folder and those in it, any of which may be a link to another disk."""
        lock_folders = self.root / locks.FOLDER, self.runs / locks.FOLDER
        return self.root, self.runs, self.queue, self.data, *lock_folders

    @property
    def runs(self) -> Path:
        """One folder a run."""
        return self.root / "runs"

    @property
    def queue(self) -> Path:
        """The accepted runs that are not over: see :mod:`engine.runs.queue`."""
        return self.root / "queue"

    @property
    def data(self) -> Path:
        """Corpora and series that were added or fetched: see :mod:`engine.data.store`."""
        return self.root / "data"


def find_home(given: str | os.PathLike[str] | None = None) -> Home:
    """Return the home that the person chose, or the usual one. An empty choice counts as none.

    Raises :class:`UsageError` for a person without a home folder, as some containers have them, who
    has chosen none.
    """
    try:
        chosen = given or os.environ.get("RNNLAB_HOME") or user_data_path("rnnlab", appauthor=False)
    except RuntimeError as error:
        raise UsageError(
            _("The user's folder is not known: HOME is not set."),
            _("Choose a home with --home DIR or RNNLAB_HOME."),
        ) from error
    return Home(expand_path(chosen))
