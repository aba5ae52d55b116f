"""Text corpora: kept in the home by their content, prepared the way the report's program prepares them."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import LabError, UsageError
from engine.files import expanded, is_file, private_directory, storable, write_whole
from engine.home import Home
from engine.language import _
from engine.sanitise import printable
from engine.trial import DataReference

ALICE = "alice"
PYTHON_DOCS = "python-docs"
REPORT_DIGEST = "ae11b86f29fc1b646ff71addf535e98314d82e1701038e746f573dfaa2bc0b6f"
"""SHA-256 of the prepared text that the report's samples come from: 158,270 characters, 55 of them distinct."""

LARGEST_BYTES = 32 * 2**20


def prepare(text: str) -> str:
    """Prepare a text as the report's program does.

    Each line is stripped and lowered, what is not ASCII is dropped, empty lines are dropped, the rest is joined with
    single spaces. Control characters never survive: a tab inside a line becomes a space, others are dropped.
    """
    lines = (line.strip().lower().replace("\t", " ") for line in re.split(r"\r\n|\r|\n", text))
    kept = ("".join(char for char in line if " " <= char <= "~") for line in lines)
    return " ".join(line for line in kept if line)


@dataclass(frozen=True)
class Corpus:
    """A prepared text. ``sha256`` is the file's, ``prepared_sha256`` the prepared text's."""

    name: str
    sha256: str
    text: str
    file: str | None = None

    @property
    def reference(self) -> DataReference:
        return DataReference(name=self.name, sha256=self.sha256, file=self.file)

    @property
    def prepared_sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def distinct(self) -> int:
        return len(set(self.text))

    @property
    def is_the_reports(self) -> bool:
        return self.prepared_sha256 == REPORT_DIGEST


class Entry(BaseModel):
    """A named corpus of a home: where it came from, the day (UTC), and what it holds once prepared."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    source: str
    added: datetime
    sha256: str
    characters: int
    distinct: int


class Library:
    """The corpora of a home: ``data/texts/<sha256>.txt`` by content, ``data/corpora/<name>.json`` by name."""

    def __init__(self, home: Home) -> None:
        self._texts = home.data / "texts"
        self._names = home.data / "corpora"

    def entries(self) -> list[Entry]:
        """Return the named corpora, by name. Damaged entries are left out."""
        found = []
        for path in sorted(self._names.glob("*.json")):
            try:
                found.append(Entry.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError):
                continue
        return found

    def add(self, name: str, path: Path) -> Entry:
        """Keep the text of ``path`` under ``name``, in place of what had that name.

        Raises :class:`UsageError` for a name or a file that can't be used.
        """
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name) or name == PYTHON_DOCS:
            raise UsageError(
                _("{name!r} can't be the name of a corpus.").format(name=name),
                _("Use small letters, digits and hyphens; {taken} is taken.").format(taken=PYTHON_DOCS),
            )
        corpus = self._keep(name, read_file(path), path.name)
        entry = Entry(
            name=name,
            source=storable(expanded(path)),
            added=datetime.now(UTC),
            sha256=corpus.sha256,
            characters=len(corpus.text),
            distinct=corpus.distinct,
        )
        try:
            write_whole(private_directory(self._names) / f"{name}.json", entry.model_dump_json(indent=2).encode())
        except OSError as error:
            raise _not_written(self._names, error) from error
        return entry

    def has(self, name: str) -> bool:
        """Tell whether :meth:`find` has a text to look at: a name of this home, ``python-docs`` or a file."""
        named = name == PYTHON_DOCS or any(entry.name == name for entry in self.entries())
        return named or (name not in ("", ALICE) and is_file(name))

    def find(self, name: str) -> Corpus:
        """Return the corpus that a person means by ``name``: one of this home, ``python-docs``, or a file's path.

        A file is kept in the home by its content, so that a run finds it whatever becomes of the file. Raises
        :class:`UsageError` where there is none; Alice is never replaced by another text in silence, nor by a file of
        that name (``./alice`` is a file's path).
        """
        for entry in self.entries():
            if entry.name == name:
                return self.open(DataReference(name=name, sha256=entry.sha256))
        if name == PYTHON_DOCS:
            return self._keep(name, _python_docs(), name)
        if name != ALICE and is_file(name):
            path = expanded(name)
            shown = printable(storable(Path(path.name)))
            return replace(self._keep(shown, read_file(path), shown), file=storable(path))
        if name == ALICE:
            raise UsageError(
                _("The text of Alice in Wonderland is not here yet."),
                _(
                    "Add a file once with `rnnlab-tui data add alice FILE`, give one with --corpus FILE, "
                    "or try --corpus python-docs."
                ),
            )
        raise UsageError(
            _("There is no corpus and no file {name!r}.").format(name=name),
            _("`rnnlab-tui data list` shows what is here; any UTF-8 text file can be given by its path."),
        )

    def open(self, reference: DataReference) -> Corpus:
        """Return the prepared corpus a trial refers to. Raises :class:`UsageError` where it is gone or altered."""
        path = self._texts / f"{reference.sha256}.txt"
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != reference.sha256:
            raise UsageError(
                _("The text {name} of this trial is gone from {path}, or altered.").format(
                    name=reference.name, path=path
                ),
                _("Add the same file again."),
            )
        return Corpus(reference.name, reference.sha256, prepare(_decode(content, path.name)))

    def _keep(self, name: str, content: bytes, origin: str) -> Corpus:
        """Keep a text by its content; ``origin`` is what complaints about it call it."""
        corpus = Corpus(name, hashlib.sha256(content).hexdigest(), prepare(_decode(content, origin)))
        if corpus.distinct < 2:
            raise UsageError(
                _("{name} has no text that a network could learn.").format(name=origin),
                _("It needs at least two different ASCII characters."),
            )
        path = self._texts / f"{corpus.sha256}.txt"
        if not (path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == corpus.sha256):
            try:
                write_whole(private_directory(self._texts) / path.name, content)
            except OSError as error:
                raise _not_written(self._texts, error) from error
        return corpus


def read_file(path: Path) -> bytes:
    """Return a text file's bytes. Raises :class:`UsageError` where it can't be read or is over 32 MiB."""
    try:
        with expanded(path).open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UsageError(_("Can't read {path}: {reason}.").format(path=path, reason=error.strerror)) from error
    if len(content) > LARGEST_BYTES:
        raise UsageError(
            _("{path} is larger than {limit} MiB.").format(path=path, limit=LARGEST_BYTES // 2**20),
            _("Cut a part out of it: head -c 30M FILE > PART."),
        )
    return content


def _decode(content: bytes, origin: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.split(rb"\r\n|\r|\n", content[: error.start]))
        raise UsageError(
            _("{path} is not UTF-8 text: line {line}.").format(path=origin, line=line),
            _("Convert it: iconv -f latin1 -t utf-8 FILE > NEW."),
        ) from None


def _not_written(path: Path, error: OSError) -> LabError:
    return LabError(
        _("Can't write into {path}: {reason}.").format(path=path, reason=error.strerror),
        _("Make room or choose another home with --home DIR."),
    )


def _python_docs() -> bytes:
    """Return the language reference topics that every CPython brings along (the text of ``help("topics")``)."""
    from pydoc_data import topics

    return "\n".join(text for _topic, text in sorted(topics.topics.items())).encode()
