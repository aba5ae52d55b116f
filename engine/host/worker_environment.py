"""The environment of training processes: a person's own settings must not change the results.

TensorFlow, XLA, oneDNN, OpenBLAS, Keras and the C library read dozens of variables that change the
last bits of a result, or all of it (``XLA_FLAGS``, ``ONEDNN_MAX_CPU_ISA``, ``KERAS_BACKEND``,
``GLIBC_TUNABLES``), and the supervisor outlives the shell that started it. So this module lists
what is passed on, rather than what is dropped. Settings that a trial is meant to be trained with
are options, recorded in its ``trial.json``.
"""

import os
from collections.abc import Mapping

_PASSED_ON = frozenset(
    {
        "HOME", "LOGNAME", "USER", "PATH", "TMPDIR", "TZ", "LANG", "LANGUAGE", "PYTHONUTF8",
        # Where modules and libraries are: a cluster's environment modules set these.
        "PYTHONPATH", "LD_LIBRARY_PATH",
        # Which GPU, for runs that train on one.
        "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES",
    }
)  # fmt: skip
_PASSED_ON_PREFIXES = ("LC_", "XDG_", "RNNLAB_")
_DECISIVE_PREFIXES = (
    "TF_", "XLA_", "KERAS_", "ONEDNN_", "DNNL_", "OPENBLAS_", "MKL_", "OMP_", "GLIBC_TUNABLES",
    "NPY_", "LD_PRELOAD",
)  # fmt: skip
_UNRELATED = frozenset({"TF_CLI_CONFIG_FILE"})
"""Belongs to Terraform."""


def worker_environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a training process, from ``given`` (by default this process' own).

    The worker adds threads, device and XLA's flags, which belong to the variant and the trial.
    """
    variables = os.environ if given is None else given
    passed_on = {
        name: value
        for name, value in variables.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    # With a device as its home, Keras neither reads nor writes a keras.json. Otherwise it would
    # read one that changes every result (float16), from the person's home or, if that can't be
    # written, from /tmp, where anybody may have put it.
    return passed_on | {
        "KERAS_HOME": os.devnull,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "1",
    }


def ignored_variables(given: Mapping[str, str] | None = None) -> list[str]:
    """Return the names of set variables that would change TensorFlow's results, and are dropped."""
    variables = os.environ if given is None else given
    return sorted({name for name in variables if name.startswith(_DECISIVE_PREFIXES)} - _UNRELATED)
