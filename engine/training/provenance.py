"""Where a result comes from: versions, processor, threads, data and the command to repeat it."""

import platform
import sys
from importlib import metadata
from pathlib import Path

from engine.host.identity import host_name
from engine.operations.command_line import command_for
from engine.runs.results import DataUsed, Provenance
from engine.trials.trial import Trial
from engine.trials.variant import Variant

# The features by which TensorFlow and its libraries choose kernels, which affects the last bits.
_FEATURES = (
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512_bf16",
    "avx512_vnni",
    "amx_tile",
    "asimd",
    "sve",
)
_PACKAGES = ("rnnlab-tui", "tensorflow", "keras", "numpy")


def provenance(
    trial: Trial, data: DataUsed, durations: dict[str, float], variant: Variant
) -> Provenance:
    """Collect the provenance of a result made by this process in ``variant``."""
    name, features = processor()
    versions = {"python": platform.python_version()} | {
        name: metadata.version(name) for name in _PACKAGES
    }
    return Provenance(
        command=command_for(trial),
        host=host_name(),
        versions=versions,
        cpu=name,
        cpu_features=features,
        threads=variant.threads,
        variant=variant,
        device=trial.device,
        data=data,
        durations=durations,
    )


def processor() -> tuple[str, tuple[str, ...]]:
    """Return the processor's name and those of its features that can affect the last bits."""
    fields: dict[str, str] = {}
    if sys.platform == "linux":
        for line in (
            Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        ):
            key, _colon, value = line.partition(":")
            fields.setdefault(key.strip(), value.strip())
    present = set((fields.get("flags") or fields.get("Features") or "").split())
    return fields.get("model name") or platform.processor() or platform.machine(), tuple(
        feature for feature in _FEATURES if feature in present
    )
