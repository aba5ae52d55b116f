"""Text corpora: kept in the home by their content, prepared the way the report's program prepares them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.data.address import check_url, file_name_of, is_url
from engine.data.known import ALICE as ALICE
from engine.data.known import KNOWN, Fetch, remedy_for_lost
from engine.data.known import PYTHON_DOCS as PYTHON_DOCS
from engine.data.reading import LARGEST_BYTES as LARGEST_BYTES
from engine.data.reading import decode, shown_name
from engine.data.reading import read_file as read_file
from engine.data.store import Entry, Store, now
from engine.errors import UsageError
from engine.files import expanded, is_file, storable
from engine.home import Home
from engine.language import _
from engine.trial import DataReference

REPORT_DIGEST = "ae11b86f29fc1b646ff71addf535e98314d82e1701038e746f573dfaa2bc0b6f"
"""SHA-256 of the prepared text that the report's samples come from: 158,270 characters, 55 of them distinct."""


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
    url: str | None = None

    @property
    def reference(self) -> DataReference:
        return DataReference(name=self.name, sha256=self.sha256, file=self.file, url=self.url)

    @property
    def prepared_sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def distinct(self) -> int:
        return len(set(self.text))

    @property
    def is_the_reports(self) -> bool:
        return self.prepared_sha256 == REPORT_DIGEST


class Library:
    """The corpora of a home."""

    def __init__(self, home: Home) -> None:
        self._store = Store(home)

    def entries(self) -> list[Entry]:
        """Return the named corpora, by name, and those fetched from a URL. Damaged entries are left out."""
        return self._store.entries("corpus")

    def add(self, name: str, source: str | Path, fetch: Fetch | None = None) -> Entry:
        """Keep the text of a file, or of a URL (with ``fetch``), under ``name``, in place of what had that name.

        Raises :class:`UsageError` for a name or a source that can't be used.
        """
        self._store.check_name("corpus", name)
        if fetch is not None and is_url(str(source)):
            url = check_url(str(source))
            return self._record(name, fetch(url), url, file_name_of(url))
        path = Path(source)
        return self._record(name, read_file(path), storable(expanded(path)), path.name)

    def fetch(self, name: str, fetch: Fetch) -> Entry:
        """Fetch a known text, or one that came from a URL, again, whatever is here.

        Raises :class:`UsageError` where that can't be, and then keeps what was here.
        """
        if known := KNOWN.get(name):
            url, content = known.fetch(fetch, again=self._store.find("corpus", name) is not None)
            return self._record(name, content, url, file_name_of(url))
        entry = self._store.find("corpus", name)
        if entry is None or entry.url is None:
            raise UsageError(_("The text {name} did not come from the web.").format(name=name))
        return self._record(name, fetch(entry.url), entry.url, file_name_of(entry.url))

    def has(self, name: str) -> bool:
        """Tell whether :meth:`find` has a text to look at: a name of this home, ``python-docs`` or a file."""
        named = name == PYTHON_DOCS or any(entry.name == name for entry in self.entries())
        return named or (name not in ("", ALICE) and is_file(name))

    def find(self, name: str, fetch: Fetch | None = None, options: Mapping[str, object] | None = None) -> Corpus:
        """Return the corpus that a person means by ``name``: one of this home, ``python-docs``, a file's path, a URL.

        A file is kept in the home by its content, so that a run finds it whatever becomes of the file. ``fetch`` gets
        from the web what is not here yet; without it nothing is fetched. ``options`` are those of
        :class:`TextPreparation`. Raises :class:`UsageError` if there is no such text; Alice is never replaced by
        another text in silence, nor by a file of that name (``./alice`` is a file's path).
        """
        if is_url(name):
            return self._from_web(check_url(name), fetch)
        entry = self._store.find("corpus", name)
        if entry is None and name == ALICE:
            if fetch is None:
                raise KNOWN[ALICE].missing
            entry = self.fetch(ALICE, fetch)
        if entry is not None:
            return self.open(DataReference(name=name, sha256=entry.sha256))
        if name == PYTHON_DOCS:
            return self._keep(name, _python_docs(), name)
        if is_file(name):
            path = expanded(name)
            shown = shown_name(path.name)
            return replace(self._keep(shown, read_file(path), shown), file=storable(path))
        raise UsageError(
            _("There is no corpus and no file {name!r}.").format(name=name),
            _("`rnnlab-tui data list` shows what is here; any UTF-8 text file can be given by its path, or its URL."),
        )

    def look(self, name: str, options: Mapping[str, object] | None = None) -> Corpus | None:
        """Return the corpus that :meth:`find` would, without keeping anything; None where it would be fetched first.

        Raises :class:`UsageError` as :meth:`find` does.
        """
        entry = self._store.find("corpus", check_url(name) if is_url(name) else name)
        if entry is not None:
            return self.open(DataReference(name=shown_name(file_name_of(name)), sha256=entry.sha256))
        if name == PYTHON_DOCS:
            return self._read(name, _python_docs(), name)
        if is_url(name) or name == ALICE:
            return None
        path = expanded(name)
        return self._read(shown_name(path.name), read_file(path), shown_name(path.name))

    def open(self, reference: DataReference) -> Corpus:
        """Return the prepared corpus a trial refers to. Raises :class:`UsageError` where it is gone or altered."""
        content = self._store.read(reference.sha256)
        if content is None:
            raise UsageError(
                _("The text {name} of this trial is gone from {path}, or altered.").format(
                    name=reference.name, path=self._store.path_of(reference.sha256)
                ),
                remedy_for_lost(reference, _("Add the same file again.")),
            )
        text = prepare(decode(content, reference.name))
        return Corpus(reference.name, reference.sha256, text, reference.file, reference.url)

    def _from_web(self, url: str, fetch: Fetch | None) -> Corpus:
        entry = self._store.find("corpus", url)
        if entry is None:
            if fetch is None:
                raise UsageError(_("{url} has not been fetched yet.").format(url=url), _("Start a run to fetch it."))
            entry = self._record(url, fetch(url), url, file_name_of(url))
        return self.open(DataReference(name=shown_name(file_name_of(url)), sha256=entry.sha256, url=url))

    def _record(self, name: str, content: bytes, source: str, origin: str) -> Entry:
        corpus = self._keep(name, content, origin)
        entry = Entry(
            name=name,
            source=source,
            added=now(),
            sha256=corpus.sha256,
            length=len(corpus.text),
            distinct=corpus.distinct,
        )
        self._store.record(entry)
        return entry

    def _keep(self, name: str, content: bytes, origin: str) -> Corpus:
        """Keep a text by its content; ``origin`` is what complaints about it call it."""
        corpus = self._read(name, content, origin)
        self._store.keep(content)
        return corpus

    @staticmethod
    def _read(name: str, content: bytes, origin: str) -> Corpus:
        corpus = Corpus(name, hashlib.sha256(content).hexdigest(), prepare(decode(content, origin)))
        if corpus.distinct < 2:
            raise UsageError(
                _("{name} has no text that a network could learn.").format(name=origin),
                _("It needs at least two different ASCII characters."),
            )
        return corpus


def python_docs_length() -> int:
    """Return how many characters ``python-docs`` has, prepared; other versions of Python have others."""
    return len(prepare(_python_docs().decode()))


def python_docs_sha256() -> str:
    """Return the SHA-256 of ``python-docs``; other versions of Python have others."""
    return hashlib.sha256(_python_docs()).hexdigest()


def _python_docs() -> bytes:
    """Return the language reference topics that every CPython brings along (the text of ``help("topics")``)."""
    from pydoc_data import topics

    return "\n".join(text for _topic, text in sorted(topics.topics.items())).encode()
