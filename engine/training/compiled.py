"""What XLA compiled for a run, kept in the user's cache folder for the next run of the same
program.

``<cache>/rnnlab/compiled/<key>/<name>``: a line with the SHA-256 of what follows, and one entry of
XLA's persistent cache. XLA itself never sees this folder. It ends the process, or the training,
over an entry that is damaged, cut short or of another processor, and looks at none before it runs
it. So whole entries of the very same program and processor are copied into a folder of the run, and
what XLA adds there is kept: workers never meet in a folder that XLA writes to, and whatever is
wrong with the cache costs a compilation.

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
from engine.trials.trial import ForecastTrial, TextTrial
from engine.trials.variant import Variant

_log = logging.getLogger("rnnlab.worker")

MOST_PROGRAMS = 64
"""The most programs that are kept, of half a megabyte to two each; those used last stay."""
_LARGEST_BYTES = 64_000_000
# What the program is told with each call, or not at all: no part of what is compiled.
_NOT_COMPILED = {"epochs", "iterations", "epochs_per_iteration", "predictions"}
_PACKAGES = ("tensorflow", "keras", "numpy")


def program_key(trial: ForecastTrial | TextTrial, variant: Variant) -> str:
    """Return what names the program of a trial in a variant on this host: the same key, the same
    machine code.

    XLA compares the program before it takes an entry, but neither its own flags nor the processor.
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
    """Return where compiled programs are kept: in the user's cache folder, by platformdirs.

    Raises :class:`UsageError` for a user without a home folder, as some containers have them.
    """
    try:
        return user_cache_path("rnnlab", appauthor=False) / "compiled"
    except RuntimeError as error:
        raise UsageError(
            _("The user's folder is not known."), _("Set XDG_CACHE_HOME to a folder of your own.")
        ) from error


class CompiledPrograms:
    """The compiled program of a run: taken from the cache before TensorFlow computes, kept after it
    has compiled.

    ``stage`` is a folder of the run's own, which is emptied. Nothing here raises: without a cache,
    runs compile.
    """

    def __init__(self, stage: Path, trial: ForecastTrial | TextTrial, variant: Variant) -> None:
        self.stage = stage
        """Where XLA writes."""
        self._key = program_key(trial, variant)

    @property
    def _kept(self) -> Path:
        return compiled_folder() / self._key

    def load(self) -> None:
        """Lay out what is kept and tell XLA where. To be called in the variant, before TensorFlow
        computes anything.
        """
        self.clear()
        # XLA's flags end at a blank, and quotes are its own.
        if any(character.isspace() or character in "'\"\\" for character in str(self.stage)):
            return
        try:
            private_directory(self._kept.parent, _("set XDG_CACHE_HOME to a folder of your own"))
            if not _is_private(self._kept.parent) or find_exposures(self._kept.parent):
                _log.warning(
                    "%s can be written by others: compiled programs are not kept", self._kept.parent
                )
                return
            self.stage.mkdir(mode=0o700)
            for path in self._kept.iterdir() if self._kept.is_dir() else ():
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
        """Keep what XLA has compiled since, and drop the programs that were not used for
        longest.
        """
        if not self.stage.is_dir():
            return
        try:
            for path in self.stage.iterdir():
                kept = self._kept / path.name
                # What has another ending is not complete.
                if path.suffix == ".pb" and not kept.exists():
                    private_directory(self._kept)
                    content = read_content(str(path), _LARGEST_BYTES)
                    write_atomic(
                        kept, hashlib.sha256(content).hexdigest().encode() + b"\n" + content
                    )
            if self._kept.is_dir():
                os.utime(self._kept)
            for old in _last_used_first(self._kept.parent)[MOST_PROGRAMS:]:
                shutil.rmtree(old, ignore_errors=True)
        except (OSError, LabError) as error:
            _log.warning("what was compiled is not kept: %s", error)
        self.clear()

    def clear(self) -> None:
        """Remove the run's own folder."""
        shutil.rmtree(self.stage, ignore_errors=True)

    def _load_entry(self, path: Path) -> None:
        """Copy a kept entry into the run's folder; remove one that is not whole."""
        try:
            digest, _line, content = read_content(str(path), _LARGEST_BYTES).partition(b"\n")
            if hashlib.sha256(content).hexdigest().encode() == digest:
                write_atomic(self.stage / path.name, content)
                return
        except UntrustedFile as error:
            _log.warning("%s %s", path, error.strerror)
        _log.warning("%s is damaged, and removed", path)
        path.unlink()


def _is_private(folder: Path) -> bool:
    found = folder.lstat()
    others = stat.S_IWGRP | stat.S_IWOTH
    return (
        stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & others
    )


def _last_used_first(folder: Path) -> list[Path]:
    found = []
    for path in folder.iterdir():
        # Another worker may be dropping it.
        with suppress(OSError):
            found.append((path.stat().st_mtime, path))
    return [path for _used, path in sorted(found, reverse=True)]


def _processor() -> str:
    """Return what machine code must fit to: the architecture, and on Linux the processor's model
    and every feature.
    """
    facts = {platform.machine()}
    if sys.platform == "linux":
        # The same fields for every core.
        wanted = ("model name", "model\t", "flags", "Features", "CPU part")
        with suppress(OSError):
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
            facts.update(line for line in lines if line.startswith(wanted))
    return "\n".join(sorted(facts))
