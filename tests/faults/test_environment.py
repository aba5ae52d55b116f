"""What people set for themselves, or others for them, does not decide the figures."""

import hashlib
import json
from pathlib import Path

import pytest
from helpers.faults import Laboratory, laboratory, outcome

from engine.host.home import Home

HOSTILE = {
    "XLA_FLAGS": "--xla_cpu_enable_fast_math=true --xla_cpu_fast_math_honor_nans=false",
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CUDNN_DETERMINISTIC": "1",
    "TF_DETERMINISTIC_OPS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_DISABLE_MKL": "1",
    "TF_ENABLE_MLIR_OPTIMIZATIONS": "1",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "ONEDNN_DEFAULT_FPMATH_MODE": "BF16",
    "DNNL_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Prescott",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_CBWR": "COMPATIBLE",
    "OMP_NUM_THREADS": "1",
    "KERAS_BACKEND": "jax",
    "KERAS_MAX_EPOCHS": "1",
    "KERAS_MAX_STEPS_PER_EPOCH": "1",
    "KERAS_NNX_ENABLED": "true",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F",
    "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3",
    "PYTHONHASHSEED": "1",
    "PYTHONOPTIMIZE": "2",
}
# Five runs, not one for each: no two variables of a run are about the same library, so that none
# can hide what another does (oneDNN switched off would hide which of its paths is taken).
APART = [list(HOSTILE)[first::5] for first in range(5)]
CONFIGURATIONS = {
    "half": {
        "floatx": "float16",
        "epsilon": 0.1,
        "backend": "tensorflow",
        "image_data_format": "channels_first",
    },
    "list": [],
    "other backend": {"floatx": "float64", "backend": "torch"},
}


def trials(folder: Path) -> tuple[tuple[str, ...], ...]:
    """Return a forecast and a text, which together use every path of the numbers."""
    corpus = folder / "text.txt"
    corpus.write_text("the quick brown fox jumps over the lazy dog. " * 300)
    small = ("iterations=1", "hidden_units=24", "seqlen=8", "predictions=20")
    text = (
        "alice/1",
        "--corpus",
        str(corpus),
        *(word for setting in small for word in ("--set", setting)),
    )
    return ("sunspots/5", "--set", "epochs=3"), text


def figures(lab: Laboratory, **variables: str) -> list[str]:
    """Train, called with these variables; return the digests of all that was measured."""
    # TensorFlow is imported once for both trials.
    lab.variables = {"HOME": str(lab.folder), "RNNLAB_WARM_SECONDS": "10", **variables}
    digests = []
    for trial in trials(lab.folder):
        (run,) = lab.queue(*trial)
        assert lab.ends(run) == "done"
        measured = [path.read_bytes() for path in sorted(run.directory.glob("*.npz"))]
        metrics = json.dumps(outcome(run)["metrics"]).encode()
        digests.append(hashlib.sha256(b"".join([*measured, metrics])).hexdigest())
    return digests


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The figures in an environment in which nobody has set anything."""
    with laboratory(Home(tmp_path_factory.mktemp("undisturbed") / "home")) as lab:
        return figures(lab)


def test_all_variables_at_once_decide_nothing_for_whoever_sets_them_nor_for_the_next(
    home: Home, undisturbed: list[str]
) -> None:
    with laboratory(home) as lab:
        # The one that the first caller wakes serves the second too.
        assert figures(lab, RNNLAB_WARM_SECONDS="60", **HOSTILE) == undisturbed
        assert figures(lab) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("names", APART, ids=", ".join)
def test_a_variable_decides_nothing(home: Home, undisturbed: list[str], names: list[str]) -> None:
    with laboratory(home) as lab:
        assert figures(lab, **{name: HOSTILE[name] for name in names}) == undisturbed


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_of_keras_decides_nothing(
    home: Home, undisturbed: list[str], name: str
) -> None:
    person = home.root.parent / "person"
    (person / ".keras").mkdir(parents=True)
    (person / ".keras" / "keras.json").write_text(json.dumps(CONFIGURATIONS[name]))
    with laboratory(home) as lab:
        assert figures(lab, HOME=str(person)) == undisturbed
