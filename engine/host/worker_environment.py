"""The environment of the processes that train: what people set for themselves must not decide the
figures.

TensorFlow, XLA, oneDNN, OpenBLAS, Keras and the C library read dozens of variables that change the
last bits of a result, or all of them (``XLA_FLAGS``, ``ONEDNN_MAX_CPU_ISA``, ``KERAS_BACKEND``,
``GLIBC_TUNABLES``), and the supervisor outlives the shell that started it. So this lists what is
passed on, not what is not. What a trial is to be trained with is an option that its ``trial.json``
records.
"""

import os
from collections.abc import Mapping

_PASSED_ON = frozenset(
    {
        "HOME", "LOGNAME", "USER", "PATH", "TMPDIR", "TZ", "LANG", "LANGUAGE", "PYTHONUTF8",
        # Where modules and libraries are: the environment modules of a cluster set these.
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
"""Terraform's."""


def worker_environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a process that trains, started from one whose environment is
    ``given`` (else this one).

    Threads, device and XLA's flags are the variant's and the trial's: the worker adds them.
    """
    variables = os.environ if given is None else given
    passed_on = {
        name: value
        for name, value in variables.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    # Keras finds no keras.json below a file, and writes none. Else it reads one that changes every
    # figure (float16), from the person's home or, if that can't be written, from /tmp, where
    # anybody may have put it.
    return passed_on | {
        "KERAS_HOME": os.devnull,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "1",
    }


def ignored_variables(given: Mapping[str, str] | None = None) -> list[str]:
    """Return the names of the variables that would change how TensorFlow computes, and that
    training does not get.
    """
    variables = os.environ if given is None else given
    return sorted({name for name in variables if name.startswith(_DECISIVE_PREFIXES)} - _UNRELATED)
