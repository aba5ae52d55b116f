"""What the processes that train find in their environment."""

import os

from hypothesis import given
from hypothesis import strategies as st

from engine.host.worker_environment import ignored_variables, worker_environment

NAME = st.from_regex(r"(TF|XLA|KERAS|ONEDNN|DNNL|OPENBLAS|MKL|OMP)_[A-Z_]{1,20}", fullmatch=True)


def test_what_a_process_needs_is_passed_on() -> None:
    given_variables = {
        "HOME": "/home/ana",
        "LC_ALL": "es_ES.UTF-8",
        "XDG_CACHE_HOME": "/c",
        "RNNLAB_HOME": "/h",
    }
    assert given_variables.items() <= worker_environment(given_variables).items()


@given(st.dictionaries(NAME, st.text(max_size=10), max_size=5))
def test_what_decides_figures_is_not(variables: dict[str, str]) -> None:
    assert worker_environment(variables) == worker_environment({})
    assert set(ignored_variables(variables)) == variables.keys() - {"TF_CLI_CONFIG_FILE"}


def test_keras_reads_and_writes_no_configuration() -> None:
    assert worker_environment({"KERAS_HOME": "/tmp/.keras"})["KERAS_HOME"] == os.devnull
