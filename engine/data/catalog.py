"""The data known by name: what comes with the program, and what is fetched from its publishers.

``RNNLAB_MIRROR`` is the URL of a folder (``https://lab.example.org/data``) from which the known
files are fetched instead, as ``alice.txt`` and ``sunspots-silso.csv``: for laboratories without
access to the internet, and for tests.
"""

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.data.kinds import data_of
from engine.errors import UsageError
from engine.language import _
from engine.trials.data_options import (
    REPORT_PREPARATION,
    USUAL_PREPARATION,
    TextPreparation,
    format_option,
)
from engine.trials.trial import DataReference, Trial
from engine.urls import show_url

Kind = Literal["corpus", "series"]


class Fetched(NamedTuple):
    """The bytes fetched, and the URL that they came from, which differs after redirects."""

    content: bytes
    url: str

    def redirect_target(self, url: str) -> str | None:
        """Return the URL that the bytes came from, as shown to people; None if it is ``url``."""
        return None if self.url == url else show_url(self.url)


Fetch = Callable[[str], Fetched]
"""Fetches a URL: :func:`engine.data.download.download` with its progress reported to someone.

Raises :class:`FetchError`.
"""

ALICE = "alice"
PYTHON_DOCS = "python-docs"
SUNSPOTS = "sunspots"
SILSO = "sunspots-silso"

BUILT_IN: dict[str, Kind] = {SUNSPOTS: "series", PYTHON_DOCS: "corpus"}
"""What comes with the program or with Python: never fetched, never replaced."""


def is_built_in(data: DataReference) -> bool:
    """Tell whether a trial's data came with the program, so that the name alone identifies it."""
    return data.name in BUILT_IN and data.file is None and data.url is None


def default_preparation(data: DataReference) -> TextPreparation:
    """Return how a text is prepared by default, which depends on how it was given.

    The report's own text gets the preparation of the report's program. (So does a copy of it in a
    file of any name; recognizing that takes a look into the file.)
    """
    is_alice = data.name == ALICE and data.file is None and data.url is None
    return REPORT_PREPARATION if is_alice else USUAL_PREPARATION


def changed_preparation(data: DataReference) -> dict[str, str]:
    """Return the options of a text's preparation that differ from its default, by name."""
    default = default_preparation(data).model_dump()
    return {name: value for name, value in data.preparation if value != default[name]}


def changed_options(trial: Trial) -> dict[str, str]:
    """Return the reading options that differ from the default for the trial's data, by name."""
    return data_of(trial.kind).changed_options(trial.data)


def reading_options(data: DataReference) -> list[str]:
    """Return the command-line options for a series' reading, if it differs from the default."""
    options = []
    for name, value in data.reading.changed().items():
        for item in value if isinstance(value, tuple) else (value,):
            options.append(f"--{name}={format_option(item)}")
    return options


def remedy_for_lost(data: DataReference, kind: Kind) -> str:
    """Return the command that restores a trial's lost file: fetch if it was fetched, else add."""
    fetched = data.url or (data.name if data.name in CATALOG and data.file is None else None)
    if fetched:
        return _("Fetch it again: `{command}`").format(
            command=shlex.join(["rnnlab-tui", "data", "fetch", fetched])
        )
    # A name that the person chose stays; a file's name has letters that such a name can't have.
    # The file is recognized by its content.
    command = [
        "rnnlab-tui",
        "data",
        "add",
        data.name if data.file is None else "NAME",
        data.file or "FILE",
    ]
    command += [
        "--kind",
        kind,
        *(["--column", str(data.column)] if data.column else []),
        *reading_options(data),
    ]
    return _("Add the same file again: `{command}`").format(command=shlex.join(command))


class FetchError(UsageError):
    """A URL could not be fetched.

    ``url`` is the requested one, ``reason`` a few words without a full stop.
    """

    def __init__(self, url: str, reason: str, remedy: str = "") -> None:
        self.url, self.reason = url, reason
        super().__init__(
            _("Can't fetch {url}: {reason}.").format(url=show_url(url), reason=reason), remedy
        )


def _mirror() -> str:
    return os.environ.get("RNNLAB_MIRROR", "").rstrip("/")


@dataclass(frozen=True)
class CatalogEntry:
    """Data that is fetched at its first use.

    ``absent`` says that it is not here, ``ways_out`` what else helps.
    """

    name: str
    kind: Kind
    file: str
    """Its name on a laboratory's own mirror."""
    publishers: tuple[str, ...]
    """URLs, tried in this order."""
    absent: str
    remedy: str
    column: int | None = None
    """For a series, the column of its table, from 1."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The URLs to fetch it from: the publishers', or instead the laboratory's own mirror."""
        mirror = _mirror()
        return (f"{mirror}/{self.file}",) if mirror else self.publishers

    @property
    def missing_error(self) -> UsageError:
        """The error if it is not here and nothing may be fetched."""
        return UsageError(self.absent, self.remedy)

    def fetch(self, fetch: Fetch, *, again: bool = False) -> tuple[str, Fetched]:
        """Fetch it from the first source that answers; return that URL and what was fetched.

        ``again``: there is an earlier copy, which stays. Raises :class:`UsageError`, with every
        source's reason, if none answers.
        """
        problems = [] if again else [self.absent]
        for url in self.sources:
            try:
                return url, fetch(url)
            except UsageError as error:
                # A mirror's address may not be a URL at all.
                problems.append(error.what)
        if _mirror():
            problems.append(_("RNNLAB_MIRROR names this address."))
        raise UsageError(
            " ".join(problems), _("What is here stays as it is.") if again else self.remedy
        )


CATALOG: dict[str, CatalogEntry] = {
    ALICE: CatalogEntry(
        ALICE,
        "corpus",
        "alice.txt",
        # Project Gutenberg's number 11, and the mirror that its own pages name for automatic
        # downloads.
        (
            "https://www.gutenberg.org/cache/epub/11/pg11.txt",
            "https://gutenberg.pglaf.org/cache/epub/11/pg11.txt",
        ),
        _("The text of Alice in Wonderland is not here yet."),
        _(
            "Add a file once with `rnnlab-tui data add alice FILE`, give one with --corpus FILE, "
            "or try --corpus python-docs."
        ),
    ),
    SILSO: CatalogEntry(
        SILSO,
        "series",
        "sunspots-silso.csv",
        ("https://www.sidc.be/SILSO/INFO/snmtotcsv.php",),
        _("The sunspot numbers of SILSO are not here yet."),
        _(
            "Add a file once with `rnnlab-tui data add sunspots-silso FILE`, give one with "
            "--series FILE, "
            "or use --series sunspots."
        ),
        column=4,
    ),
}
