"""Where the program keeps its files: ``--home``, ``RNNLAB_HOME`` or the XDG data directory."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from engine.errors import UsageError
from engine.host import locks, settings
from engine.host.files import expand_path
from engine.host.folders import check_unexposed, user_name
from engine.language import _


@dataclass(frozen=True)
class Home:
    """The root folder of everything that is kept. Nothing is created until something is written."""

    root: Path

    @property
    def other_owner(self) -> str | None:
        """The user who owns the home, if that is somebody else; None if this user may work in it.

        Two users at one home would mean two supervisors, neither able to take the other's locks.
        """
        try:
            owner = self.root.stat().st_uid
        except OSError:
            # It does not exist yet, or the next step reports why it can't be reached.
            return None
        return None if owner == os.geteuid() else user_name(owner)

    def check_ours(self) -> None:
        """Raise :class:`UsageError` if the home is somebody else's, or could be replaced."""
        if owner := self.other_owner:
            raise UsageError(
                _("{path} belongs to {owner}: only its owner can work there.").format(
                    path=self.root, owner=owner
                ),
                _(
                    "Work as that user (sudo -u {owner} …), or choose a home of your own with "
                    "--home DIR."
                ).format(
                    # A user without a name is #NUMBER, which a shell would read as a comment.
                    owner=shlex.quote(owner)
                ),
            )
        for folder in self.folders:
            # Nothing in a closed folder can be examined; whoever needs it reports the folder.
            if folder.name != locks.FOLDER or os.access(folder.parent, os.X_OK):
                check_unexposed(folder)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The home's folder and those in it, any of which may be a link to another disk."""
        lock_folders = self.root / locks.FOLDER, self.runs / locks.FOLDER
        return self.root, self.runs, self.queue, self.data, *lock_folders

    @property
    def runs(self) -> Path:
        """The folder of runs, one folder each."""
        return self.root / "runs"

    @property
    def queue(self) -> Path:
        """Accepted runs that have not ended: see :mod:`engine.runs.queue`."""
        return self.root / "queue"

    @property
    def data(self) -> Path:
        """Texts and series that were added or fetched: see :mod:`engine.data.store`."""
        return self.root / "data"


def find_home(given: str | os.PathLike[str] | None = None) -> Home:
    """Return the home that the person chose, or the default. An empty choice counts as none.

    Raises :class:`UsageError` if none is chosen and the user has no home folder, as in some
    containers.
    """
    try:
        chosen = given or settings.HOME.read() or user_data_path("rnnlab", appauthor=False)
    except RuntimeError as error:
        raise UsageError(
            _("The user's folder is not known: HOME is not set."),
            _("Choose a home with --home DIR or RNNLAB_HOME."),
        ) from error
    return Home(expand_path(chosen))
