"""Programs that XLA compiled for a run, kept in the user's cache for the next run of the same one.

``<cache>/rnnlab/compiled/<key>/<name>``: a line with the SHA-256 of the rest, and one entry of
XLA's persistent cache. XLA itself never sees this folder: if an entry is damaged, cut short or for
another processor, it ends the process or the training, and it runs entries unchecked. So complete
entries of exactly the same program and processor are copied into a folder of the run, and what XLA
adds there is kept. Workers never share a folder that XLA writes to, and all that a problem with the
cache costs is a compilation.

An entry is machine code that will be run: only a folder that nobody else can write to is used.
"""

import hashlib
import json
import logging
import os
import platform
import shutil
import stat
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from platformdirs import user_cache_path

from engine.errors import LabError, UsageError
from engine.host.files import UntrustedFile, private_directory, read_content, write_atomic
from engine.host.folders import find_exposures
from engine.language import _
from engine.trials.trial import Trial
from engine.trials.variant import Variant

_log = logging.getLogger("rnnlab.worker")

MOST_PROGRAMS = 64
"""The most programs to keep, of half a megabyte to two each; the least recently used go first."""
_LARGEST_BYTES = 64_000_000
# Passed to the program with each call, or not at all: not part of what is compiled.
_NOT_COMPILED = {"epochs", "iterations", "epochs_per_iteration", "predictions"}
_PACKAGES = ("tensorflow", "keras", "numpy")


def program_key(trial: Trial, variant: Variant) -> str:
    """Return a key that is the same only if a trial compiles to the same machine code.

    XLA compares the program before it uses an entry, but neither its own flags nor the processor.
    """
    facts = {
        "kind": trial.kind,
        "parameters": trial.parameters.model_dump(exclude=_NOT_COMPILED),
        "data": trial.data.model_dump(
            include={"sha256", "column", "until", "reading", "preparation"}
        ),
        "variant": variant,
        "flags": os.environ.get("XLA_FLAGS", ""),
        "versions": [platform.python_version(), *map(metadata.version, _PACKAGES)],
        "processor": _processor(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def compiled_folder() -> Path:
    """Return the folder of compiled programs, in the user's cache folder (platformdirs).

    Raises :class:`UsageError` for a user without a home folder, as in some containers.
    """
    try:
        return user_cache_path("rnnlab", appauthor=False) / "compiled"
    except RuntimeError as error:
        raise UsageError(
            _("The user's folder is not known."), _("Set XDG_CACHE_HOME to a folder of your own.")
        ) from error


class CompiledPrograms:
    """A run's compiled program, loaded from the cache before training and saved once compiled.

    ``stage`` is a folder of the run's own, which is emptied. Nothing here raises: without a cache,
    runs compile.
    """

    def __init__(self, stage: Path, trial: Trial, variant: Variant) -> None:
        self.stage = stage
        """The folder that XLA writes to."""
        self._key = program_key(trial, variant)

    @property
    def _folder(self) -> Path:
        return compiled_folder() / self._key

    def load(self) -> None:
        """Copy what is kept to the stage and point XLA to it.

        Call it in the variant, before TensorFlow computes anything.
        """
        self.clear()
        # XLA's flags end at a space, and it interprets quotes.
        if any(character.isspace() or character in "'\"\\" for character in str(self.stage)):
            return
        try:
            private_directory(self._folder.parent, _another_cache())
            if not _is_private(self._folder.parent) or find_exposures(self._folder.parent):
                _log.warning(
                    "%s can be written by others: compiled programs are not kept",
                    self._folder.parent,
                )
                return
            self.stage.mkdir(mode=0o700)
            for path in self._folder.iterdir() if self._folder.is_dir() else ():
                self._load_entry(path)
        except (OSError, LabError) as error:
            _log.warning("no compiled programs are kept: %s", error)
            self.clear()
            return
        flags = os.environ.get("TF_XLA_FLAGS", "")
        os.environ["TF_XLA_FLAGS"] = (
            f"{flags} --tf_xla_persistent_cache_directory={self.stage}".strip()
        )

    def save(self) -> None:
        """Keep what XLA has compiled since, and drop the least recently used programs."""
        if not self.stage.is_dir():
            return
        try:
            for path in self.stage.iterdir():
                target = self._folder / path.name
                # A file with any other suffix is incomplete.
                if path.suffix == ".pb" and not target.exists():
                    private_directory(self._folder, _another_cache())
                    content = read_content(str(path), _LARGEST_BYTES)
                    write_atomic(
                        target, hashlib.sha256(content).hexdigest().encode() + b"\n" + content
                    )
            if self._folder.is_dir():
                os.utime(self._folder)
            for old in _last_used_first(self._folder.parent)[MOST_PROGRAMS:]:
                shutil.rmtree(old, ignore_errors=True)
        except (OSError, LabError) as error:
            _log.warning("what was compiled is not kept: %s", error)
        self.clear()

    def clear(self) -> None:
        """Remove the run's stage folder."""
        shutil.rmtree(self.stage, ignore_errors=True)

    def _load_entry(self, path: Path) -> None:
        """Copy a kept entry to the stage; remove it if it is incomplete."""
        try:
            digest, _line, content = read_content(str(path), _LARGEST_BYTES).partition(b"\n")
            if hashlib.sha256(content).hexdigest().encode() == digest:
                write_atomic(self.stage / path.name, content)
                return
        except UntrustedFile as error:
            _log.warning("%s %s", path, error.strerror)
        _log.warning("%s is damaged, and removed", path)
        path.unlink()


def _another_cache() -> str:
    return _("set XDG_CACHE_HOME to a folder of your own")


def _is_private(folder: Path) -> bool:
    status = folder.lstat()
    others = stat.S_IWGRP | stat.S_IWOTH
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.getuid()
        and not status.st_mode & others
    )


def _last_used_first(folder: Path) -> list[Path]:
    folders = []
    for path in folder.iterdir():
        # Another worker may be removing it.
        with suppress(OSError):
            folders.append((path.stat().st_mtime, path))
    return [path for _used, path in sorted(folders, reverse=True)]


def _processor() -> str:
    """Return what machine code depends on: the architecture; on Linux, the processor's features."""
    facts = {platform.machine()}
    if sys.platform == "linux":
        # These are the same for every core.
        fields = ("model name", "model\t", "flags", "Features", "CPU part")
        with suppress(OSError):
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
            facts.update(line for line in lines if line.startswith(fields))
    return "\n".join(sorted(facts))
