"""The data files of a home, each stored once by its content, and the entries that name them.

    data/texts/<sha256>.txt      the bytes of a corpus or of a table, as received
    data/corpora/<name>.json     an entry: name, source, day, digest, length
    data/series/<name>.json      the same for a series, with its column and its first and last month

Data fetched from a URL without a name of its own has the URL as its name, and an entry at
``@<digest of URL>``. A run refers to the content, so that it finds it whatever happens to the name.
"""

import hashlib
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from engine.data.catalog import BUILT_IN, CATALOG, Kind, remedy_for_lost
from engine.data.reading import LARGEST_BYTES
from engine.errors import LabError, UsageError
from engine.host.files import SMALL, UnreadableFile, private_directory, read_content, write_atomic
from engine.host.home import Home
from engine.language import _
from engine.sanitise import printable
from engine.trials.data_options import AS_WRITTEN, SeriesReading, TextPreparation
from engine.trials.trial import DataReference
from engine.urls import is_incomplete, is_url, show_url

_FOLDERS: dict[Kind, str] = {"corpus": "corpora", "series": "series"}
_LONGEST_NAME = 40
_DEPTH = 3
"""How many folders the home is above the stored files."""
_NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{_LONGEST_NAME - 1}}}")


class Entry(BaseModel):
    """Data that has a name in a home, or was fetched from a URL."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1, max_length=2_000)
    kind: Kind = "corpus"
    source: str
    """The file's path or the complete URL that it is fetched from: the entry is private."""
    redirected_to: str | None = None
    """The URL that ``source`` redirected to, as it may be shown; None without a redirect."""
    added: datetime
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    length: int = Field(ge=0, validation_alias=AliasChoices("length", "characters"))
    """Characters of a prepared text, values of a series.

    Homes of the first version say ``characters``.
    """
    distinct: int | None = None
    """Distinct characters of a text."""
    column: int | None = None
    """The column of a table that holds the series, from 1."""
    heading: str | None = None
    first: str | None = None
    """The first and the last month of a series (day, year, …); None if it has no dates."""
    last: str | None = None
    step: str | None = None
    """The step between two values of a series as pandas abbreviates it: M for a month."""
    reading: SeriesReading = AS_WRITTEN
    """How a series is read from its table."""
    preparation: TextPreparation | None = None
    """How a text is prepared, if the person chose that."""

    @field_validator("name", "heading", "first", "last")
    @classmethod
    def _can_be_shown(cls, value: Any) -> Any:
        if isinstance(value, str) and printable(value) != value:
            raise ValueError("has control characters")
        return value

    @property
    def options(self) -> dict[str, object]:
        """How it is read, by option name; empty if the default depends on the data."""
        chosen = self.reading if self.kind == "series" else self.preparation
        return chosen.model_dump() if chosen else {}

    @property
    def day(self) -> date:
        """The day, in UTC, on which it was added or fetched."""
        return self.added.astimezone(UTC).date()

    @property
    def display_name(self) -> str:
        """The name, or the URL of data without one, as it may be shown."""
        return show_url(self.name)

    @property
    def origin(self) -> str:
        """Where it came from, as it may be shown: both URLs if one redirected to the other."""
        source = show_url(self.source)
        if self.redirected_to is None:
            return source
        return _("{source}, redirected to {url}").format(source=source, url=self.redirected_to)

    @property
    def url(self) -> str | None:
        """The URL that it was fetched from; None if it came from a file."""
        return self.source if is_url(self.source) else None


class Store:
    """The data files of one home. Nothing is created until something is stored."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._texts = home.data / "texts"
        self._folders = {kind: home.data / folder for kind, folder in _FOLDERS.items()}

    def keep(self, content: bytes) -> str:
        """Store a file by its content and return its SHA-256.

        Raises :class:`LabError` if it can't be written.
        """
        sha256 = digest(content)
        if self.read(sha256) is None:
            self._write(self.path_of(sha256), content)
        return sha256

    def path_of(self, sha256: str) -> Path:
        """Return where the file with this digest is, or would be."""
        return self._texts / f"{sha256}.txt"

    def read(self, sha256: str) -> bytes | None:
        """Return the file with this digest; None if it is gone or altered."""
        try:
            content = read_content(str(self.path_of(sha256)), LARGEST_BYTES, _DEPTH)
        except OSError:
            return None
        return content if digest(content) == sha256 else None

    def content_of(self, reference: DataReference, kind: Kind) -> bytes:
        """Return the file that a trial refers to. Raises :class:`UsageError` if it is gone."""
        content = self.read(reference.sha256)
        if content is None:
            message = {
                "corpus": _("The text {name} of this trial is gone from {path}, or altered."),
                "series": _("The series {name} of this trial is gone from {path}, or altered."),
            }[kind]
            raise UsageError(
                message.format(name=reference.name, path=self.path_of(reference.sha256)),
                remedy_for_lost(reference, kind),
            )
        return content

    def entries(self, kind: Kind) -> list[Entry]:
        """Return the undamaged entries of a kind, by name, those with only a URL last."""
        return self._scan(kind)[0]

    def damage_errors(self) -> list[LabError]:
        """Return why entries are left out, an error each."""
        return [damage for kind in _FOLDERS for damage in self._scan(kind)[1]]

    def _scan(self, kind: Kind) -> tuple[list[Entry], list[LabError]]:
        """Return the entries of a kind, and why others are left out."""
        folder = self._folders[kind]
        entries, damages = list[Entry](), list[LabError]()
        try:
            names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))  # noqa: PTH208
        except FileNotFoundError:
            return [], []
        except OSError as error:
            return [], [UnreadableFile(folder, error)]
        for path in (folder / name for name in names):
            try:
                entry = Entry.model_validate_json(read_content(str(path), SMALL, _DEPTH))
            except OSError as error:
                damages.append(UnreadableFile(path, error))
                continue
            except ValidationError:
                damages.append(
                    LabError(
                        _("{path} is damaged.").format(path=path), _("Add or fetch its data again.")
                    )
                )
                continue
            if entry.kind == kind:
                entries.append(entry)
        return sorted(entries, key=lambda entry: (is_url(entry.name), entry.name)), damages

    def find(self, kind: Kind, name: str) -> Entry | None:
        """Return the entry with this name, or fetched from this URL without another name.

        The URL may be given as it is shown. Raises :class:`UsageError` if that means several with
        different contents.
        """
        entries = self.entries(kind)
        matches = [entry for entry in entries if entry.name == name]
        if not matches and is_incomplete(name):
            matches = [entry for entry in entries if entry.display_name == name]
        if len({entry.sha256 for entry in matches}) > 1:
            raise UsageError(
                _("Several addresses are shown as {url}.").format(url=name),
                _("Give the one that you mean in full."),
            )
        return max(matches, key=lambda entry: entry.added, default=None)

    def record(self, entry: Entry) -> None:
        """Write an entry, replacing the one with its name.

        Raises :class:`LabError` if it can't be written.
        """
        stem = (
            f"@{hashlib.sha256(entry.name.encode()).hexdigest()[:32]}"
            if is_url(entry.name)
            else entry.name
        )
        self._write(
            self._folders[entry.kind] / f"{stem}.json", entry.model_dump_json(indent=2).encode()
        )

    def _write(self, path: Path, content: bytes) -> None:
        self._home.check_ours()
        try:
            write_atomic(private_directory(path.parent) / path.name, content)
        except OSError as error:
            raise LabError(
                _("Can't write into {path}: {reason}.").format(
                    path=path.parent, reason=error.strerror
                ),
                _("Make room or choose another home with --home DIR."),
            ) from error

    def check_name(self, kind: Kind, name: str) -> None:
        """Raise :class:`UsageError` if data of this kind can't have this name in this home."""
        known = CATALOG.get(name)
        if not _NAME.fullmatch(name) or name in BUILT_IN or (known and known.kind != kind):
            taken = ", ".join(
                [
                    *BUILT_IN,
                    *(other for other, other_entry in CATALOG.items() if other_entry.kind != kind),
                ]
            )
            problem = (
                _("{name!r} can't be the name of a corpus.")
                if kind == "corpus"
                else _("{name!r} can't be the name of a series.")
            )
            raise UsageError(
                problem.format(name=name),
                _(
                    "Use lower-case letters, digits and hyphens, {most} at most; {taken} are taken."
                ).format(most=_LONGEST_NAME, taken=taken),
            )
        other: Kind = "series" if kind == "corpus" else "corpus"
        if self.find(other, name):
            problem = (
                _("{name} is a series here.") if kind == "corpus" else _("{name} is a corpus here.")
            )
            raise UsageError(problem.format(name=name), _("Choose another name."))


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def now() -> datetime:
    """Return the current time in UTC, which an entry records."""
    return datetime.now(UTC)
