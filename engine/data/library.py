"""The data of a home: found by a name, a file or a URL, fetched once, and stored for the runs.

One :class:`Library` for both kinds. A subclass reads a file's content, and says what an entry
records of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from engine.data.catalog import ALICE, BUILT_IN, CATALOG, Fetch, Fetched, Kind, MissingData
from engine.data.reading import display_name, read_file
from engine.data.source import Address, check_scheme, series_address, text_address
from engine.data.store import Entry, Store, digest, now
from engine.data.texts import Corpus, open_text, python_docs, read_text
from engine.errors import UsageError
from engine.host.files import expand_path, path_to_text
from engine.host.home import Home
from engine.language import _
from engine.trials.data_options import parse_series_reading, parse_text_preparation
from engine.trials.trial import DataReference
from engine.urls import check_url, file_name_of, is_url, show_url

if TYPE_CHECKING:
    # It imports pandas: imported in functions, once there is a series to read.
    from engine.data.series import Series

Data = TypeVar("Data")
Options = Mapping[str, object]
"""How data is read, by option name: see :mod:`engine.trials.data_options`."""


class Library(ABC, Generic[Data]):
    """All data of one kind in a home."""

    kind: ClassVar[Kind]
    _url_keeps_options: ClassVar[bool]
    """Whether the entry of a URL records the options with which it was read first.

    They apply to one run: but without them, it might be impossible to read it again.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._store = Store(home)

    def entries(self) -> list[Entry]:
        """Return the named entries, by name, then those with only a URL; no damaged ones."""
        return self._store.entries(self.kind)

    def entry(self, name: str) -> Entry | None:
        """Return the entry with this name or URL, as :meth:`engine.data.store.Store.find` does."""
        return self._store.find(self.kind, name)

    def names(self) -> list[str]:
        """Return the names that a person can use: built in, stored here, or available to fetch."""
        built_in = [name for name, kind in BUILT_IN.items() if kind == self.kind]
        here = [entry.name for entry in self.entries() if not is_url(entry.name)]
        known = [name for name, dataset in CATALOG.items() if dataset.kind == self.kind]
        return list(dict.fromkeys([*built_in, *here, *known]))

    @abstractmethod
    def address(self, text: str) -> Address:
        """Return which data a person means. Nothing is read.

        Raises :class:`engine.data.source.NoSuchData` if it is neither a name nor a file nor a URL,
        and :class:`UsageError` if it can't be meant.
        """

    def is_here(self, text: str) -> bool:
        """Tell whether :meth:`peek` can read it without fetching: stored, in a file or built in.

        Raises as :meth:`address` does.
        """
        address = self.address(text)
        return (
            address.kind == "file" or address.place in BUILT_IN or self._entry(address) is not None
        )

    def peek(self, text: str, options: Options | None = None, fetch: Fetch | None = None) -> Data:
        """Return the data that a person means, as :meth:`resolve` does, without storing it."""
        return self._find(self.address(text), fetch, options or {}, keep=False)

    def resolve(
        self, text: str, fetch: Fetch | None = None, options: Options | None = None
    ) -> Data:
        """Return the data that a person means by a name, a file's path or a URL.

        A file is stored in the home by its content, so that a run finds it whatever happens to the
        original. ``fetch`` gets what is not here yet from the web; without it nothing is fetched.
        ``options`` are added to those with which a name was added. Raises
        :class:`engine.data.catalog.MissingData` if known data would have to be fetched, and
        otherwise :class:`UsageError` if there is no such data or it can't be read.
        """
        return self._find(self.address(text), fetch, options or {}, keep=True)

    def add(
        self,
        name: str,
        source: str | Path,
        column: str | None = None,
        fetch: Fetch | None = None,
        options: Options | None = None,
    ) -> Data:
        """Store the data of a file, or of a URL (with ``fetch``), under ``name``.

        It replaces what had that name. A run that reads it by its name reads it with ``options``.
        Raises :class:`UsageError` if the name, source, column or options can't be used.
        """
        self._store.check_name(self.kind, name)
        options = options or {}
        self._check_addition(name, column, options)
        if fetch is not None and is_url(str(source)):
            url = check_url(str(source))
            return self._record_fetched(name, fetch(url), url, column, options)
        check_scheme(str(source))
        path = Path(source)
        content, place = read_file(path), path_to_text(expand_path(path))
        return self._record(name, content, place, display_name(path.name), column, options)

    def fetch(self, name: str, fetch: Fetch) -> Data:
        """Fetch known data, or data that came from a URL, again, even if it is here.

        Raises :class:`UsageError` if that fails, and then keeps what was here.
        """
        entry = self.entry(name)
        if known := CATALOG.get(name):
            url, fetched = known.fetch(fetch, again=entry is not None)
            return self._record_fetched(name, fetched, url, None, entry.options if entry else {})
        if entry is None or entry.url is None:
            raise UsageError(_("{name} did not come from the web.").format(name=show_url(name)))
        column = None if entry.column is None else str(entry.column)
        fetched = fetch(entry.url)
        return self._record_fetched(entry.name, fetched, entry.url, column, entry.options)

    @abstractmethod
    def open(self, reference: DataReference) -> Data:
        """Return the data that a trial refers to.

        Raises :class:`UsageError` if it is gone or altered.
        """

    # What a kind of data does in its own way.

    @abstractmethod
    def _check_addition(self, name: str, column: str | None, options: Options) -> None:
        """Raise :class:`UsageError` if data can't be added like that, before anything is read."""

    @abstractmethod
    def _built_in(self, address: Address, options: Options, *, keep: bool) -> Data:
        """Return the data of a name in :data:`engine.data.catalog.BUILT_IN`."""

    @abstractmethod
    def _read(
        self,
        content: bytes,
        reference: DataReference,
        origin: str,
        options: Options,
        column: str | None,
    ) -> Data:
        """Read a file's content; ``reference`` lacks what ``options`` and ``column`` decide.

        ``origin`` names the file in messages. Raises :class:`UsageError`.
        """

    @abstractmethod
    def _facts(self, data: Data, options: Options) -> dict[str, Any]:
        """Return the fields of an entry that describe the data."""

    # Finding and storing.

    def _entry(self, address: Address) -> Entry | None:
        return None if address.kind == "file" else self.entry(address.place)

    def _find(self, address: Address, fetch: Fetch | None, options: Options, *, keep: bool) -> Data:
        kind, place, column, until = address
        if kind == "name" and place in BUILT_IN:
            return self._built_in(address, options, keep=keep)
        if kind == "file":
            path = expand_path(place)
            content, name = read_file(path), display_name(path.name)
            reference = DataReference(
                name=name, sha256=digest(content), file=path_to_text(path), until=until
            )
            data = self._read(content, reference, name, options, column)
            if keep:
                self._store.keep(content)
            return data
        entry = self._entry(address)
        if entry is None:
            return self._find_on_web(address, fetch, options, keep=keep)
        reference = DataReference(
            name=place if kind == "name" else display_name(file_name_of(place)),
            sha256=entry.sha256,
            url=place if kind == "url" else None,
            column=entry.column,
            until=until,
            reading=entry.reading,
        )
        content = self._store.content_of(reference, self.kind)
        # Options given for a name are stored with it; those for a URL apply to one run.
        options = {**entry.options, **options} if kind == "name" else options
        return self._read(content, reference, reference.name, options, column)

    def _find_on_web(
        self, address: Address, fetch: Fetch | None, options: Options, *, keep: bool
    ) -> Data:
        kind, place, column, until = address
        if fetch is None:
            raise MissingData(CATALOG[place]) if kind == "name" else _not_fetched(place)
        url, fetched = CATALOG[place].fetch(fetch) if kind == "name" else (place, fetch(place))
        origin = place if kind == "name" else display_name(file_name_of(place))
        reference = DataReference(
            name=origin,
            sha256=digest(fetched.content),
            url=place if kind == "url" else None,
            until=until,
        )
        data = self._read(fetched.content, reference, origin, options, column)
        if keep:
            stays = kind == "url" and self._url_keeps_options
            self._record_fetched(place, fetched, url, column, options if stays else {})
        return data

    def _record_fetched(
        self, name: str, fetched: Fetched, url: str, column: str | None, options: Options
    ) -> Data:
        origin = name if name in CATALOG else display_name(file_name_of(url))
        redirected_to = fetched.redirect_target(url)
        return self._record(name, fetched.content, url, origin, column, options, redirected_to)

    def _record(
        self,
        name: str,
        content: bytes,
        source: str,
        origin: str,
        column: str | None,
        options: Options,
        redirected_to: str | None = None,
    ) -> Data:
        """Read data, store its file and write its entry; nothing if it can't be read."""
        reference = DataReference(
            name=origin if is_url(name) else name,
            sha256=digest(content),
            url=name if is_url(name) else None,
        )
        data = self._read(content, reference, origin, options, column)
        self._store.keep(content)
        self._store.record(
            Entry(
                name=name,
                kind=self.kind,
                source=source,
                redirected_to=redirected_to,
                added=now(),
                sha256=reference.sha256,
                **self._facts(data, options),
            )
        )
        return data


class TextLibrary(Library[Corpus]):
    """The texts of a home.

    Alice is never silently replaced by another text, not even by a file of that name (``./alice``
    is a file's path).
    """

    kind = "corpus"
    _url_keeps_options = False

    def address(self, text: str) -> Address:
        return text_address(text, self.names())

    def open(self, reference: DataReference) -> Corpus:
        return open_text(reference, self._store.content_of(reference, self.kind))

    def _check_addition(self, name: str, column: str | None, options: Options) -> None:
        if column is not None:
            raise UsageError(_("{name}: a corpus has no columns.").format(name=name))
        if options and name == ALICE:
            raise UsageError(
                _("{name} is the report's text, prepared as in the report's program.").format(
                    name=ALICE
                ),
                _("Give it another name, or give {options} to `rnnlab-tui run`.").format(
                    options=", ".join(f"--{option}" for option in options)
                ),
            )
        parse_text_preparation(options)

    def _built_in(self, address: Address, options: Options, *, keep: bool) -> Corpus:
        content = python_docs()
        reference = DataReference(name=address.place, sha256=digest(content))
        corpus = read_text(content, reference, address.place, options)
        if keep:
            self._store.keep(content)
        return corpus

    def _read(
        self,
        content: bytes,
        reference: DataReference,
        origin: str,
        options: Options,
        column: str | None,
    ) -> Corpus:
        return read_text(content, reference, origin, options)

    def _facts(self, data: Corpus, options: Options) -> dict[str, Any]:
        return {
            "length": len(data.text),
            "distinct": data.distinct,
            "preparation": data.preparation if options else None,
        }


class SeriesLibrary(Library["Series"]):
    """The series of a home.

    A series may have a last step and a column: ``NAME[@MONTH][:COLUMN]``, ``FILE[:COLUMN]`` or
    ``URL[:COLUMN]``.
    """

    kind = "series"
    _url_keeps_options = True

    def address(self, text: str) -> Address:
        return series_address(text, self.names())

    def open(self, reference: DataReference) -> "Series":
        from engine.data.series import open_series

        return open_series(reference, self._home)

    def _check_addition(self, name: str, column: str | None, options: Options) -> None:
        parse_series_reading(options)

    def _built_in(self, address: Address, options: Options, *, keep: bool) -> "Series":
        from engine.data.series import built_in

        name = address.place
        if address.column is not None:
            raise UsageError(
                _("{name} has only one column: leave the column out.").format(name=name)
            )
        if parse_series_reading(options).changed():
            raise UsageError(
                _("{name} comes with the program: there are no options for reading it.").format(
                    name=name
                ),
                _("Leave out {options}.").format(options=", ".join(options)),
            )
        return built_in().cut(address.until) if address.until else built_in()

    def _read(
        self,
        content: bytes,
        reference: DataReference,
        origin: str,
        options: Options,
        column: str | None,
    ) -> "Series":
        from engine.data.series import series_of

        reading = parse_series_reading(options)
        reference = reference.model_copy(update={"reading": reading})
        return series_of(content, reference, column, origin)

    def _facts(self, data: "Series", options: Options) -> dict[str, Any]:
        is_dated = data.periods is not None
        return {
            "length": len(data.values),
            "column": data.column,
            "heading": data.heading,
            "first": data.label(0) if is_dated else None,
            "last": data.label(-1) if is_dated else None,
            "step": data.step,
            "reading": data.reading,
        }


def library_of(kind: Kind, home: Home) -> Library[Any]:
    """Return the library of a kind of data."""
    libraries: dict[Kind, type[Library[Any]]] = {"corpus": TextLibrary, "series": SeriesLibrary}
    return libraries[kind](home)


def _not_fetched(url: str) -> UsageError:
    return UsageError(
        _("{url} has not been fetched yet.").format(url=show_url(url)),
        _("Start a run to fetch it."),
    )
