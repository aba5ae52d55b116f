"""Finding the series that a person means, and storing it in the home for the runs that read it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.catalog import BUILT_IN, CATALOG, SUNSPOTS, Fetch, Fetched
from engine.data.reading import display_name, read_file
from engine.data.source import Address, check_scheme, series_address
from engine.data.store import Entry, Store, digest, now
from engine.errors import UsageError
from engine.host.files import expand_path, path_to_text
from engine.host.home import Home
from engine.language import _
from engine.trials.data_options import AS_WRITTEN, SeriesReading, parse_series_reading
from engine.trials.trial import DataReference
from engine.urls import check_url, file_name_of, is_url, show_url

if TYPE_CHECKING:
    # It imports pandas: imported in functions, once there is a series to read.
    from engine.data.series import Series

_NOT_KEPT = "0" * 64


class SeriesLibrary:
    """The series of a home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._store = Store(home)

    def entries(self) -> list[Entry]:
        """Return the named series, by name, then those with only a URL; no damaged entries."""
        return self._store.entries("series")

    def entry(self, name: str) -> Entry | None:
        """Return the entry with this name or URL, as :meth:`engine.data.store.Store.find` does."""
        return self._store.find("series", name)

    def names(self) -> list[str]:
        """Return the names that a person can use: built in, stored here, or available to fetch."""
        here = [entry.name for entry in self.entries() if not is_url(entry.name)]
        known = [name for name, known_entry in CATALOG.items() if known_entry.kind == "series"]
        return list(dict.fromkeys([SUNSPOTS, *here, *known]))

    def exists(self, text: str) -> bool:
        """Tell whether :meth:`resolve` has a name, a file or a URL to look at. Nothing is read."""
        try:
            series_address(text, self.names())
        except UsageError:
            return False
        return True

    def is_here(self, text: str) -> bool:
        """Tell whether :meth:`peek` can read it without fetching: stored, in a file or built in."""
        address = series_address(text, self.names())
        return (
            address.kind == "file" or address.place in BUILT_IN or self._entry(address) is not None
        )

    def peek(
        self, text: str, options: Mapping[str, object] | None = None, fetch: Fetch | None = None
    ) -> "Series":
        """Return the series that a person means, as :meth:`resolve` does, without storing it."""
        return self._read(series_address(text, self.names()), fetch, options or {}, keep=False)

    def resolve(
        self, text: str, fetch: Fetch | None = None, options: Mapping[str, object] | None = None
    ) -> "Series":
        """Return the series ``NAME[@MONTH][:COLUMN]``, ``FILE[:COLUMN]`` or ``URL[:COLUMN]``.

        A file is stored in the home by its content, so that a run finds it whatever happens to the
        original. ``fetch`` gets what is not here yet from the web; without it nothing is fetched.
        ``options`` are those of :class:`SeriesReading`, on top of those with which a name was
        added. Raises :class:`UsageError` if there is no such series, or it can't be read.
        """
        return self._read(series_address(text, self.names()), fetch, options or {}, keep=True)

    def add(
        self,
        name: str,
        source: str | Path,
        column: str | None = None,
        fetch: Fetch | None = None,
        options: Mapping[str, object] | None = None,
    ) -> "Series":
        """Store the series of a file, or of a URL (with ``fetch``), under ``name``.

        It replaces what had that name. A run that reads it by its name reads it with ``options``,
        those of :class:`SeriesReading`. Raises :class:`UsageError` if the name, source or column
        can't be used.
        """
        self._store.check_name("series", name)
        reading = parse_series_reading(options or {})
        if fetch is not None and is_url(str(source)):
            url = check_url(str(source))
            return self._record_fetched(
                name, fetch(url), url, display_name(file_name_of(url)), column, reading
            )
        check_scheme(str(source))
        path = Path(source)
        return self._record(
            name,
            read_file(path),
            path_to_text(expand_path(path)),
            display_name(path.name),
            column,
            reading,
        )

    def fetch(self, name: str, fetch: Fetch) -> "Series":
        """Fetch a known series, or one that came from a URL, again, even if it is here.

        Raises :class:`UsageError` if that fails, and then keeps what was here.
        """
        entry = self._store.find("series", name)
        if known := CATALOG.get(name):
            url, fetched = known.fetch(fetch, again=entry is not None)
            return self._record_fetched(
                name, fetched, url, name, None, entry.reading if entry else AS_WRITTEN
            )
        if entry is None or entry.url is None:
            raise UsageError(
                _("The series {name} did not come from the web.").format(name=show_url(name))
            )
        column = None if entry.column is None else str(entry.column)
        origin = display_name(file_name_of(entry.url))
        return self._record_fetched(
            entry.name, fetch(entry.url), entry.url, origin, column, entry.reading
        )

    def _entry(self, address: Address) -> Entry | None:
        return None if address.kind == "file" else self._store.find("series", address.place)

    def _read(
        self, address: Address, fetch: Fetch | None, options: Mapping[str, object], *, keep: bool
    ) -> "Series":
        from engine.data.series import built_in, open_series, series_of

        kind, place, column, until = address
        if kind == "name" and place == SUNSPOTS:
            if column is not None:
                raise UsageError(
                    _("{name} has only one column: leave the column out.").format(name=place)
                )
            if parse_series_reading(options).changed():
                raise UsageError(
                    _("{name} comes with the program: there are no options for reading it.").format(
                        name=place
                    ),
                    _("Leave out {options}.").format(options=", ".join(options)),
                )
            return built_in().cut(until) if until else built_in()
        if kind == "file":
            path = expand_path(place)
            content = read_file(path)
            reference = DataReference(
                name=display_name(path.name),
                sha256=_NOT_KEPT,
                file=path_to_text(path),
                reading=parse_series_reading(options),
            )
            series = series_of(content, reference, column)
            return replace(series, sha256=self._store.keep(content) if keep else digest(content))
        entry = self._entry(address)
        if entry is None:
            series = self._read_fetched(address, fetch, parse_series_reading(options), keep=keep)
            return series.cut(until) if until else series
        # Options given for a name are stored with it; those for a URL apply to one run.
        default = entry.reading if kind == "name" else AS_WRITTEN
        reference = DataReference(
            name=place if kind == "name" else display_name(file_name_of(place)),
            sha256=entry.sha256,
            url=place if kind == "url" else None,
            column=entry.column,
            until=until,
            reading=parse_series_reading({**default.model_dump(), **options}),
        )
        if column is not None and (stored_content := self._store.read(entry.sha256)) is not None:
            return series_of(stored_content, reference, column)
        return open_series(reference, self._home)

    def _read_fetched(
        self, address: Address, fetch: Fetch | None, reading: SeriesReading, *, keep: bool
    ) -> "Series":
        from engine.data.series import series_of

        kind, place, column, _until = address
        if fetch is None:
            if kind == "name":
                raise CATALOG[place].missing_error
            raise UsageError(
                _("{url} has not been fetched yet.").format(url=show_url(place)),
                _("Start a run to fetch it."),
            )
        source, fetched = CATALOG[place].fetch(fetch) if kind == "name" else (place, fetch(place))
        origin = place if kind == "name" else display_name(file_name_of(place))
        url = None if kind == "name" else place
        reference = DataReference(
            name=origin, sha256=digest(fetched.content), url=url, reading=reading
        )
        series = series_of(fetched.content, reference, column)
        if keep:
            stored_reading = AS_WRITTEN if kind == "name" else reading
            self._record_fetched(place, fetched, source, origin, column, stored_reading)
        return series

    def _record_fetched(
        self,
        name: str,
        fetched: Fetched,
        url: str,
        origin: str,
        column: str | None,
        reading: SeriesReading,
    ) -> "Series":
        redirected_to = fetched.redirect_target(url)
        return self._record(name, fetched.content, url, origin, column, reading, redirected_to)

    def _record(
        self,
        name: str,
        content: bytes,
        source: str,
        origin: str,
        column: str | None,
        reading: SeriesReading,
        redirected_to: str | None = None,
    ) -> "Series":
        """Read a series, store its file and write its entry; nothing if it can't be read."""
        from engine.data.series import series_of

        series = series_of(
            content, DataReference(name=origin, sha256=_NOT_KEPT, reading=reading), column
        )
        display = name if not is_url(name) else origin
        series = replace(series, name=display, sha256=self._store.keep(content))
        self._store.record(
            Entry(
                name=name,
                kind="series",
                source=source,
                redirected_to=redirected_to,
                added=now(),
                sha256=series.sha256,
                length=len(series.values),
                column=series.column,
                heading=series.heading,
                first=None if series.periods is None else series.label(0),
                last=None if series.periods is None else series.label(-1),
                step=series.step,
                reading=reading,
            )
        )
        return series
