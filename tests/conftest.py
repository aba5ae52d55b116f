"""What all tests share: a home of their own, lock files of their own, and the folder of shared
data.
"""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from helpers.factory import ROOT

from engine.data.catalog import ALICE
from engine.data.library import TextLibrary
from engine.data.store import Store
from engine.host.home import Home, find_home

SHARED_DATA = Path(os.environ.get("RNNLAB_TEST_DATA") or ROOT.parent / "shared" / "data")
PERSONS_HOME = find_home()
"""Asked for before the tests get one of their own."""
_MISSING = "the report's data is missing"

# Several hundred of the tests start our programs: compiled once, not each time, whatever the
# environment says.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Under nohup, or with & in a script, the tests ignore these signals, and a program that they start
# would too. What has a handler is ignored as well, but the programs get what a terminal gives them.
for _signal in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(_signal, lambda _number, _frame: None)

hypothesis.settings.register_profile("rnnlab", deadline=None)
hypothesis.settings.load_profile("rnnlab")


@pytest.fixture(scope="session", autouse=True)
def _own_locks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep lock files, runs and caches, those of child processes too, out of the folders that the
    person uses.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNLAB_LOCKS", str(tmp_path_factory.mktemp("locks")))
        patch.delenv("RNNLAB_HOME", raising=False)
        # A supervisor does not outlive the test by minutes.
        patch.setenv("RNNLAB_WARM_SECONDS", "0.5")
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        # Nothing that a test does reaches the web: nobody listens at this address as long as it is
        # taken.
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            patch.setenv("RNNLAB_MIRROR", f"http://127.0.0.1:{taken.getsockname()[1]}")
            yield


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A laboratory in which nothing has happened."""
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the report's series (RNNLAB_TEST_DATA, else ``shared/data`` beside the
    checkout).
    """
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{_MISSING}: no folder {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def alice_text() -> Path:
    """Alice's Adventures in Wonderland as a file: of the shared data, else of the person's home."""
    path = SHARED_DATA / "alice_in_wonderland.txt"
    if path.is_file():
        return path
    entry = TextLibrary(PERSONS_HOME).entry(ALICE)
    if entry is None or not TextLibrary(PERSONS_HOME).resolve(ALICE).is_report_text:
        pytest.skip(f"{_MISSING}: no text {path}")
    return Store(PERSONS_HOME).path_of(entry.sha256)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(_MISSING in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(
            f"{count} tests need the report's text or series: `rnnlab-tui data fetch alice`, and "
            "RNNLAB_TEST_DATA=FOLDER for the series."
        )
