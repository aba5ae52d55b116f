"""What each part brings with it, told by ``sys.modules`` of a fresh process."""

import json

import pytest
from helpers.factory import alice_trial, python, sunspots_trial, write_run

from engine.host.home import Home

HEAVY = ["tensorflow", "keras", "textual", "pandas", "plotext"]

_AFTER = """
import json, sys
{code}
sys.stdout.flush()
print()
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def packages_after(code: str, **variables: str) -> set[str]:
    """Return the top-level packages that a fresh process has imported after ``code``."""
    said, errors = python(_AFTER.format(code=code), **variables).communicate()
    assert said, errors
    names: list[str] = json.loads(said.splitlines()[-1])
    return set(names)


def test_the_command_line_brings_nothing_heavy() -> None:
    packages = packages_after("import tui.commands.cli, tui.__main__")
    assert "click" in packages
    assert not packages & {*HEAVY, "numpy"}


_COMMAND = """
from tui.commands.cli import command
try:
    command({arguments!r})
except SystemExit as end:
    assert not end.code
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["run", "--help"],
        ["presets"],
        ["presets", "--json"],
        ["runs"],
        ["runs", "--json"],
        ["show", "bcdf"],
        ["show", "bcdf", "--json"],
        ["show", "bghj"],
    ],
    ids=" ".join,
)
def test_looking_brings_nothing_heavy(home: Home, arguments: list[str]) -> None:
    write_run(home, sunspots_trial(5, epochs=2), run_id="bcdf-sunspots-5")
    write_run(home, alice_trial(1, iterations=1), run_id="bghj-alice-1")
    assert not packages_after(_COMMAND.format(arguments=arguments), RNNLAB_HOME=str(home.root)) & {
        *HEAVY,
        "numpy",
    }


def test_the_application_brings_neither_tensorflow_nor_what_plots() -> None:
    packages = packages_after("import tui.app")
    assert "textual" in packages
    assert not packages & {"tensorflow", "keras", "pandas", "plotext"}


def test_the_worker_says_that_it_has_started_before_it_brings_tensorflow() -> None:
    packages = packages_after("import engine.training.worker")
    assert "numpy" in packages
    assert not packages & {*HEAVY, "rich", "click"}


_ALL_OF_THE_ENGINE = """
import importlib, pkgutil, engine
for module in pkgutil.walk_packages(engine.__path__, "engine."):
    if not module.name.startswith("engine.training."):
        importlib.import_module(module.name)
"""


def test_the_engine_knows_no_screen_and_no_tensorflow() -> None:
    packages = packages_after(_ALL_OF_THE_ENGINE)
    # The series comes with pandas.
    assert {"engine", "presets", "pandas"} <= packages
    assert not packages & {"tensorflow", "keras", "textual", "rich", "plotext", "click", "tui"}


def test_training_knows_no_screen() -> None:
    # Keras has a use of its own for rich.
    packages = packages_after(
        "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = '-1'\nimport engine.training.run_trial"
    )
    assert "tensorflow" in packages
    assert not packages & {"textual", "plotext", "tui"}


def test_presets_bring_nothing_of_the_others() -> None:
    assert not packages_after("import presets\npresets.load()") & {
        *HEAVY,
        "engine",
        "tui",
        "numpy",
        "click",
        "rich",
    }
