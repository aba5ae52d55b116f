"""Input in forms that were left without starting; kept until the trial is started or reset.

It is kept in a file of the home, so that it survives however the application ends: the file is
written a moment after a key, and when the application leaves. It is validated when read, as it may
have come with somebody else's folder.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import LabError
from engine.host.files import UntrustedFile, private_directory, read_content, write_atomic
from engine.host.home import Home
from engine.runs.run import is_newer
from engine.sanitise import printable
from presets import get

NAME = "drafts.json"
LARGEST_FILE = 2**18
_LONGEST_VALUE = 4096
_MAX_EXPORTS = 16
_PAUSE_S = 0.3
"""Between a key and writing what it changed, so that quick changes are written together."""
Values = dict[str, str]
"""The fields' values, by name."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class _Export(_Strict):
    """What was typed for exporting some ``runs``, by their ids."""

    runs: list[str]
    values: Values


class _Contents(_Strict):
    """The file; ``forms`` by preset."""

    schema_version: Literal[1] = 1
    forms: dict[str, Values] = Field(default_factory=dict)
    exports: list[_Export] = Field(default_factory=list)

    def checked(self) -> "_Contents":
        """Return the usable part: of existing presets, and without control characters."""
        forms = {
            preset: typeable
            for preset, values in self.forms.items()
            if get(preset) and (typeable := _typeable(values))
        }
        exports = [
            _Export(runs=draft.runs, values=typeable)
            for draft in self.exports
            if (typeable := _typeable(draft.values))
        ]
        return _Contents(forms=forms, exports=exports[:_MAX_EXPORTS])


def _typeable(values: Mapping[str, str]) -> Values:
    return {
        name: value
        for name, value in values.items()
        if len(value) <= _LONGEST_VALUE and printable(value) == value
    }


class Drafts:
    """The drafts of one home, for use in the event loop; any thread may call :meth:`write`."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = home.root / NAME
        self._contents: _Contents | None = None
        """The current drafts; None until one is needed."""
        self._changes: dict[str, Callable[[_Contents], None]] = {}
        """Pending changes to the file, by subject.

        The file is read again first: another application may have written it since.
        """
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self.problem = ""
        """Why the last attempt to write the drafts failed; empty if it did not."""

    def form(self, preset: str) -> Values:
        """Return what was changed in a preset's form; empty if nothing was."""
        return dict(self._current().forms.get(preset, {}))

    def keep_form(self, preset: str, values: Mapping[str, str]) -> None:
        """Keep what was changed in a preset's form; no values remove its draft."""
        if self.form(preset) != values:
            draft = _typeable(values)
            self._change(
                f"form {preset}", lambda contents: _set_form(contents.forms, preset, draft)
            )

    def export(self, runs: Sequence[str]) -> Values:
        """Return the last input for an export of any of these runs.

        Any, because a person who forgot a run comes back with more.
        """
        return next(
            (
                dict(draft.values)
                for draft in self._current().exports
                if set(draft.runs) & set(runs)
            ),
            {},
        )

    def keep_export(self, runs: Sequence[str], values: Mapping[str, str]) -> None:
        """Keep the input for an export of these runs, in place of that for any of them."""
        if self.export(runs) != values:
            draft = _Export(runs=list(runs), values=_typeable(values))
            self._change(
                f"export {' '.join(runs)}", lambda contents: _set_export(contents.exports, draft)
            )

    def _current(self) -> _Contents:
        if self._contents is None:
            try:
                self._contents = self._read() or _Contents()
            except OSError:
                # An unreadable home is reported elsewhere.
                self._contents = _Contents()
        return self._contents

    def _change(self, subject: str, change: Callable[[_Contents], None]) -> None:
        change(self._current())
        with self._lock:
            # Moved to the end: changes are applied in the order of their latest input.
            self._changes.pop(subject, None)
            self._changes[subject] = change
            if self._timer is None:
                self._timer = threading.Timer(_PAUSE_S, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what has changed, but not to another user's home or a file of a newer version."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
                self._timer = None
            if not self._changes or self._home.other_owner:
                return
            try:
                contents = self._read()
                if contents is not None:
                    for change in self._changes.values():
                        change(contents)
                    self._write_file(contents)
            except (OSError, LabError) as error:
                # They are kept while the application is running, and writing is tried again.
                self.problem = str(error)
            else:
                self.problem = ""
                self._changes.clear()

    def _write_file(self, contents: _Contents) -> None:
        if not contents.forms and not contents.exports:
            self._path.unlink(missing_ok=True)
            return
        private_directory(self._home.root)
        write_atomic(self._path, json.dumps(contents.model_dump()).encode())

    def _read(self) -> _Contents | None:
        """Return the file's content; None if it is of a newer version.

        It is empty if the file is absent, damaged or not ours. Raises :class:`OSError` if it can't
        be read.
        """
        try:
            content = read_content(str(self._path), LARGEST_FILE)
        except (FileNotFoundError, NotADirectoryError, UntrustedFile):
            return _Contents()
        if is_newer(content, _Contents().schema_version):
            return None
        try:
            return _Contents.model_validate_json(content).checked()
        except (ValidationError, RecursionError):
            return _Contents()


def _set_form(forms: dict[str, Values], preset: str, values: Values) -> None:
    forms.pop(preset, None)
    if values:
        forms[preset] = values


def _set_export(exports: list[_Export], draft: _Export) -> None:
    exports[:] = [other for other in exports if not set(other.runs) & set(draft.runs)]
    if draft.values:
        exports.insert(0, draft)
    del exports[_MAX_EXPORTS:]
