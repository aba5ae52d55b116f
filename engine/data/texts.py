"""Text corpora: stored in the home by their content, and prepared when a trial reads them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.data.catalog import ALICE as ALICE
from engine.data.catalog import CATALOG, Fetch, Fetched, default_preparation, remedy_for_lost
from engine.data.catalog import PYTHON_DOCS as PYTHON_DOCS
from engine.data.reading import LARGEST_BYTES as LARGEST_BYTES
from engine.data.reading import decode, display_name, markup_of
from engine.data.reading import read_file as read_file
from engine.data.source import check_scheme
from engine.data.store import Entry, Store, now
from engine.data.text_preparation import LeftOut, prepare, prepare_text
from engine.errors import UsageError
from engine.host.files import expand_path, is_file, path_to_text
from engine.host.home import Home
from engine.language import _
from engine.trials.data_options import (
    REPORT_PREPARATION,
    USUAL_PREPARATION,
    TextPreparation,
    parse_text_preparation,
)
from engine.trials.trial import DataReference
from engine.urls import check_url, file_name_of, is_url, show_url

REPORT_DIGEST = "ae11b86f29fc1b646ff71addf535e98314d82e1701038e746f573dfaa2bc0b6f"
"""SHA-256 of the prepared text of the report's samples: 158,270 characters, 55 distinct."""


_COPY_LENGTHS = range(158_270, 1_000_000)
"""The possible lengths of a file that has that text, with dropped characters and spaces."""


@dataclass(frozen=True)
class Corpus:
    """A prepared text. ``sha256`` is the file's, ``prepared_sha256`` the prepared text's."""

    name: str
    sha256: str
    text: str
    file: str | None = None
    url: str | None = None
    preparation: TextPreparation = REPORT_PREPARATION
    left_out: LeftOut = LeftOut()  # noqa: RUF009 (frozen)
    lines: int = 1
    """Lines of the file that are not empty."""
    licence: int = 0
    """How many characters of the text are Project Gutenberg's header and licence."""
    markup: tuple[str, str] | None = None
    """The kind of markup that the file is, such as a page, and how to extract its words."""

    @property
    def reference(self) -> DataReference:
        return DataReference(
            name=self.name,
            sha256=self.sha256,
            file=self.file,
            url=self.url,
            preparation=self.preparation,
        )

    @property
    def prepared_sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def distinct(self) -> int:
        return len(set(self.text))

    @property
    def is_report_text(self) -> bool:
        return self.prepared_sha256 == REPORT_DIGEST


class Library:
    """The corpora of a home."""

    def __init__(self, home: Home) -> None:
        self._store = Store(home)

    def entries(self) -> list[Entry]:
        """Return the named corpora, by name, then those with only a URL; no damaged entries."""
        return self._store.entries("corpus")

    def entry(self, name: str) -> Entry | None:
        """Return the entry with this name or URL, as :meth:`engine.data.store.Store.find` does."""
        return self._store.find("corpus", name)

    def add(
        self,
        name: str,
        source: str | Path,
        fetch: Fetch | None = None,
        options: Mapping[str, object] | None = None,
    ) -> Entry:
        """Store the text of a file, or of a URL (with ``fetch``), under ``name``.

        It replaces what had that name. A run that reads it by its name prepares it with
        ``options``, those of :class:`TextPreparation`. Raises :class:`UsageError` if the name or
        source can't be used.
        """
        self._store.check_name("corpus", name)
        if options and name == ALICE:
            raise UsageError(
                _("{name} is the report's text, prepared as in the report's program.").format(
                    name=ALICE
                ),
                _("Give it another name, or give {options} to `rnnlab-tui run`.").format(
                    options=", ".join(f"--{option}" for option in options)
                ),
            )
        if fetch is not None and is_url(str(source)):
            url = check_url(str(source))
            return self._record_fetched(name, fetch(url), url, options)
        check_scheme(str(source))
        path = Path(source)
        return self._record(
            name, read_file(path), path_to_text(expand_path(path)), path.name, options
        )

    def fetch(self, name: str, fetch: Fetch) -> Entry:
        """Fetch a known text, or one that came from a URL, again, even if it is here.

        Raises :class:`UsageError` if that fails, and then keeps what was here.
        """
        if known := CATALOG.get(name):
            url, fetched = known.fetch(fetch, again=self._store.find("corpus", name) is not None)
            return self._record_fetched(name, fetched, url)
        entry = self._store.find("corpus", name)
        if entry is None or entry.url is None:
            raise UsageError(
                _("The text {name} did not come from the web.").format(name=show_url(name))
            )
        options = entry.preparation.model_dump() if entry.preparation else None
        return self._record_fetched(entry.name, fetch(entry.url), entry.url, options)

    def exists(self, name: str) -> bool:
        """Tell whether :meth:`resolve` has a text here: a name, ``python-docs`` or a file."""
        is_name = name == PYTHON_DOCS or any(entry.name == name for entry in self.entries())
        return is_name or (name not in ("", ALICE) and is_file(name))

    def resolve(
        self, name: str, fetch: Fetch | None = None, options: Mapping[str, object] | None = None
    ) -> Corpus:
        """Return the corpus meant by ``name``: a name, ``python-docs``, a file's path or a URL.

        A file is stored in the home by its content, so that a run finds it whatever happens to the
        original. ``fetch`` gets what is not here yet from the web; without it nothing is fetched.
        ``options`` are those of :class:`TextPreparation`, on top of those with which the text was
        added. Raises :class:`UsageError` if there is no such text; Alice is never silently replaced
        by another text, not even by a file of that name (``./alice`` is a file's path).
        """
        if is_url(name):
            return self._from_web(check_url(name), fetch, options)
        entry = self._store.find("corpus", name)
        if entry is None and name == ALICE:
            if fetch is None:
                raise CATALOG[ALICE].missing_error
            entry = self.fetch(ALICE, fetch)
        if entry is not None:
            return self._open_entry(entry, DataReference(name=name, sha256=entry.sha256), options)
        if name == PYTHON_DOCS:
            return self._keep(name, _python_docs(), name, options)
        if is_file(name):
            path = expand_path(name)
            content = read_file(path)
            corpus = _read(
                display_name(path.name),
                content,
                display_name(path.name),
                options,
                path_to_text(path),
            )
            self._store.keep(content)
            return corpus
        check_scheme(name)
        raise UsageError(
            _("There is no corpus and no file {name!r}.").format(name=name),
            _(
                "`rnnlab-tui data list` shows what is here; any text file can be given by its "
                "path, or its URL."
            ),
        )

    def peek(
        self, name: str, options: Mapping[str, object] | None = None, fetch: Fetch | None = None
    ) -> Corpus | None:
        """Return the corpus that :meth:`resolve` would, without storing anything.

        None if it would have to be fetched and there is no ``fetch``. Raises :class:`UsageError` as
        :meth:`resolve` does.
        """
        url = check_url(name) if is_url(name) else None
        entry = self._store.find("corpus", url or name)
        if entry is not None:
            reference = DataReference(
                name=display_name(file_name_of(name)), sha256=entry.sha256, url=url
            )
            return self._open_entry(entry, reference, options)
        if name == PYTHON_DOCS:
            return _read(name, _python_docs(), name, options)
        if url or name == ALICE:
            if fetch is None:
                return None
            content = (fetch(url) if url else CATALOG[ALICE].fetch(fetch)[1]).content
            display = display_name(file_name_of(name))
            return replace(
                _read(display, content, display, options), url=show_url(url) if url else None
            )
        check_scheme(name)
        path = expand_path(name)
        return _read(
            display_name(path.name),
            read_file(path),
            display_name(path.name),
            options,
            path_to_text(path),
        )

    def open(self, reference: DataReference) -> Corpus:
        """Return the prepared corpus that a trial refers to.

        Raises :class:`UsageError` if it is gone or altered.
        """
        return _prepare_corpus(reference, decode(self._content(reference), reference.name))

    def _open_entry(
        self, entry: Entry, reference: DataReference, options: Mapping[str, object] | None
    ) -> Corpus:
        """Return a stored text, prepared as it was added, overridden by ``options``."""
        text = decode(self._content(reference), reference.name)
        default = entry.preparation or _default_preparation(reference, text)
        preparation = parse_text_preparation(options or {}, default)
        return _prepare_corpus(reference.model_copy(update={"preparation": preparation}), text)

    def _content(self, reference: DataReference) -> bytes:
        content = self._store.read(reference.sha256)
        if content is None:
            raise UsageError(
                _("The text {name} of this trial is gone from {path}, or altered.").format(
                    name=reference.name, path=self._store.path_of(reference.sha256)
                ),
                remedy_for_lost(reference, "corpus"),
            )
        return content

    def _from_web(
        self, url: str, fetch: Fetch | None, options: Mapping[str, object] | None
    ) -> Corpus:
        entry = self._store.find("corpus", url)
        if entry is None:
            if fetch is None:
                raise UsageError(
                    _("{url} has not been fetched yet.").format(url=show_url(url)),
                    _("Start a run to fetch it."),
                )
            entry = self._record_fetched(url, fetch(url), url)
        reference = DataReference(
            name=display_name(file_name_of(url)), sha256=entry.sha256, url=url
        )
        return self._open_entry(entry, reference, options)

    def _record_fetched(
        self, name: str, fetched: Fetched, url: str, options: Mapping[str, object] | None = None
    ) -> Entry:
        redirected_to = fetched.redirect_target(url)
        return self._record(name, fetched.content, url, file_name_of(url), options, redirected_to)

    def _record(
        self,
        name: str,
        content: bytes,
        source: str,
        origin: str,
        options: Mapping[str, object] | None = None,
        redirected_to: str | None = None,
    ) -> Entry:
        corpus = self._keep(name, content, origin, options)
        entry = Entry(
            name=name,
            source=source,
            redirected_to=redirected_to,
            added=now(),
            sha256=corpus.sha256,
            length=len(corpus.text),
            distinct=corpus.distinct,
            preparation=corpus.preparation if options else None,
        )
        self._store.record(entry)
        return entry

    def _keep(
        self, name: str, content: bytes, origin: str, options: Mapping[str, object] | None = None
    ) -> Corpus:
        """Store a text by its content; ``origin`` names it in error messages."""
        corpus = _read(name, content, origin, options)
        self._store.keep(content)
        return corpus


def _read(
    name: str,
    content: bytes,
    origin: str,
    options: Mapping[str, object] | None,
    file: str | None = None,
) -> Corpus:
    """Return the corpus of a file's content.

    Raises :class:`UsageError` if a network could not learn it.
    """
    text = decode(content, origin)
    # Not validated: the name of data stored under its URL is that URL.
    reference = DataReference.model_construct(
        name=name, sha256=hashlib.sha256(content).hexdigest(), file=file
    )
    preparation = parse_text_preparation(options or {}, _default_preparation(reference, text))
    corpus = _prepare_corpus(reference.model_copy(update={"preparation": preparation}), text)
    if corpus.distinct < 2:
        is_ascii_the_cause = preparation.letters == "ascii" and corpus.left_out.characters > 0
        raise UsageError(
            _("{name} has no text that a network could learn.").format(name=origin),
            _("It needs two different ASCII characters, or all its letters: --letters all")
            if is_ascii_the_cause
            else _("It needs at least two different characters."),
        )
    return corpus


def _default_preparation(data: DataReference, text: str) -> TextPreparation:
    """Return a text's default preparation; a copy of the report's text gets the report's."""
    default = default_preparation(data)
    if default != REPORT_PREPARATION and len(text) in _COPY_LENGTHS:
        digest = hashlib.sha256(prepare(text).encode()).hexdigest()
        return REPORT_PREPARATION if digest == REPORT_DIGEST else default
    return default


def _prepare_corpus(reference: DataReference, text: str) -> Corpus:
    prepared = prepare_text(text, reference.preparation)
    return Corpus(
        name=reference.name,
        sha256=reference.sha256,
        text=prepared.text,
        file=reference.file,
        url=reference.url,
        preparation=reference.preparation,
        left_out=prepared.left_out,
        lines=prepared.lines,
        licence=prepared.licence,
        markup=markup_of(text),
    )


def python_docs_length() -> int:
    """Return the prepared length of ``python-docs``; it varies between versions of Python."""
    return len(prepare(_python_docs().decode(), USUAL_PREPARATION))


def python_docs_sha256() -> str:
    """Return the SHA-256 of ``python-docs``; it varies between versions of Python."""
    return hashlib.sha256(_python_docs()).hexdigest()


def _python_docs() -> bytes:
    """Return the language reference topics that come with CPython (``help("topics")``)."""
    from pydoc_data import topics

    return "\n".join(text for _topic, text in sorted(topics.topics.items())).encode()
